/**
 * The name of an action in the ABI: snake_case becomes camelCase, `balance_of` → `balanceOf`, so that
 * selectors are those of the ERC standards. Names without lower-case letters stay, because standards
 * have such ones (`DOMAIN_SEPARATOR`, EIP-2612); so do underscores at the beginning and the end.
 */
export function exportedName(name: string): string {
  if (!/[a-z]/.test(name)) return name;
  return name.replace(/(?<=[A-Za-z0-9$])_+([A-Za-z0-9])/g, (_, letter: string) =>
    letter.toUpperCase(),
  );
}
