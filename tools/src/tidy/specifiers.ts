import { dirname, join } from 'node:path/posix';

export function isRelative(specifier: string): boolean {
  return /^\.{1,2}(?:\/|$)/.test(specifier);
}

/** The path that a relative specifier names. */
export function resolveRelative(from: string, specifier: string): string {
  return join(dirname(from), specifier);
}

/** `@scope/name/sub/path.js` is the package `@scope/name` and its subpath `./sub/path.js`. */
export function splitSpecifier(specifier: string): {
  readonly name: string;
  readonly subpath: string;
} {
  const parts = specifier.split('/');
  const length = specifier.startsWith('@') ? 2 : 1;
  const rest = parts.slice(length);
  return {
    name: parts.slice(0, length).join('/'),
    subpath: rest.length === 0 ? '.' : `./${rest.join('/')}`,
  };
}
