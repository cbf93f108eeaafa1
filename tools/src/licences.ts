/** A locked package and the licence its package.json names. */
export type LicensedPackage = {
  readonly path: string;
  readonly licence: string | undefined;
  /** Never part of the product: tools, test libraries and oracles. */
  readonly dev: boolean;
};

const permissive: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
]);

/** Copyleft of files and of libraries is fine in what nobody receives from us. */
const alsoForDevelopment: ReadonlySet<string> = new Set(['LGPL-3.0', 'MPL-2.0']);

/** Names every package whose licence is not on the list. */
export function licenceProblems(packages: readonly LicensedPackage[]): readonly string[] {
  return packages
    .filter(({ licence, dev }) => !isAllowed(licence ?? '', dev))
    .map(({ path, licence }) => `${path}: the licence ${licence ?? '(none)'} is not on the list`);
}

/** Reads SPDX expressions without brackets: one alternative of OR must hold, every part of AND. */
function isAllowed(expression: string, dev: boolean): boolean {
  return expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((alternative) =>
      alternative
        .split(' AND ')
        .every((name) => permissive.has(name) || (dev && alsoForDevelopment.has(name))),
    );
}
