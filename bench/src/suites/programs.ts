import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How to start a program. */
export type Program = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};

/** The Node that the lock file pins, or the one that runs this where there is none. */
export function pinnedNode(root: string): string {
  const linked = join(root, 'node_modules/.bin/node');
  return existsSync(linked) ? linked : process.execPath;
}

/**
 * The environment of a fresh shell: without what npm and the launcher add for the programs below
 * them, so that a start from here is the start that a person sees.
 */
export function userEnvironment(root: string): Readonly<Record<string, string>> {
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || isAddedByTools(name) ? [] : [[name, value] as const],
  );
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(root) && !folder.includes('node-gyp-bin'));
  return { ...Object.fromEntries(entries), PATH: path.join(delimiter) };
}

function isAddedByTools(name: string): boolean {
  return /^npm_(?!config_(?:cache|registry|userconfig)$)|^(?:NODE_COMPILE_CACHE|NODE_ENV|NODE_OPTIONS|VITEST\w*)$/i.test(
    name,
  );
}
