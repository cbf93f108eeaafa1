import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildTree, type Tree } from './tree.ts';

const folders = ['apps', 'bench', 'docs', 'examples', 'packages', 'tests', 'tools'];
const skipped: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  'coverage',
  'assembly',
  'peers',
]);
const suffixes = /\.(?:ts|mjs|md)$|\/package\.json$/;
// Configuration files at the root follow the tool that reads them.
const rootFiles = /^(?:package|layers)\.json$|\.md$/;

/** Reads what the rules judge from the working tree. */
export function readTree(root: string): Tree {
  const files = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      const descends = folder === '.' ? folders.includes(entry.name) : !skipped.has(entry.name);
      if (entry.isDirectory() && descends) visit(path);
      const wanted = folder === '.' ? rootFiles : suffixes;
      if (entry.isFile() && wanted.test(path))
        files.set(path, readFileSync(join(root, path), 'utf8'));
    }
  };
  visit('.');
  return buildTree(files);
}
