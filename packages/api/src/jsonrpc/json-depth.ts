/** True when `value` nests arrays and objects more than `limit` levels deep. Walks no deeper itself. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  const children: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return children.some((child) => isDeeperThan(child, limit - 1));
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The same for JSON that is not parsed yet: half a million brackets are half a million objects. What
 * it says of text that is no JSON means nothing.
 */
export function isTextDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charCodeAt(index);
    if (inString) {
      if (char === BACKSLASH) index += 1;
      else if (char === QUOTE) inString = false;
    } else if (char === QUOTE) inString = true;
    // Brackets and braces differ by one bit only.
    else if ((char & ~0x20) === 0x5b) {
      depth += 1;
      if (depth > limit) return true;
    } else if ((char & ~0x20) === 0x5d) depth -= 1;
  }
  return false;
}
