import { formatFinding } from '../../tools/src/tidy/finding.ts';
import { tidy } from '../../tools/src/tidy/tidy.ts';
import { buildTree } from '../../tools/src/tidy/tree.ts';

const manifest = (name: string, dependencies: readonly string[], exports = {}): string =>
  JSON.stringify({
    name: `@lucerna/${name}`,
    exports: { '.': './src/index.ts', ...exports },
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '0.1.0'])),
  });

/** Three packages that break no rule: two free of the platform, one above them. */
const clean: Readonly<Record<string, string>> = {
  'layers.json': JSON.stringify({
    layers: { 'packages/low': 0, 'packages/middle': 1, 'packages/high': 12 },
    platformFree: { upTo: 11, also: [] },
    outside: ['tests', 'tools'],
    testSupport: ['tools/vectors.ts'],
  }),
  'package.json': JSON.stringify({ devDependencies: { vitest: '1.0.0' } }),
  'packages/low/package.json': manifest('low', []),
  'packages/low/README.md': '# low',
  'packages/low/src/index.ts': `export { add } from './add.ts';\n`,
  'packages/low/src/add.ts': 'export const add = (a: number, b: number): number => a + b;\n',
  'packages/middle/package.json': manifest('middle', ['@lucerna/low', 'library']),
  'packages/middle/README.md': '# middle',
  'packages/middle/src/index.ts': `export { twice } from './twice.ts';\n`,
  'packages/middle/src/twice.ts': [
    `import { add } from '@lucerna/low';`,
    `import { help } from 'library/sub.js';`,
    'export const twice = (a: number): number => help(add(a, a));',
    '',
  ].join('\n'),
  'packages/middle/test/twice.test.ts': [
    `import { add } from '@lucerna/low';`,
    `import { test } from 'vitest';`,
    `import { twice } from '../src/index.ts';`,
    `test('twice', () => add(twice(1), 0));`,
    '',
  ].join('\n'),
  // So that a test may append an export without having to use it.
  'packages/middle/test/whole.test.ts': `import * as whole from '../src/twice.ts';\nwhole.twice(1);\n`,
  'packages/high/package.json': manifest('high', ['@lucerna/middle'], {
    './files': './src/files.ts',
  }),
  'packages/high/README.md': '# high',
  'packages/high/src/index.ts': `export { main } from './main.ts';\n`,
  'packages/high/src/main.ts': [
    `import { twice } from '@lucerna/middle';`,
    'export const main = (): number => twice(Date.now());',
    '',
  ].join('\n'),
  'packages/high/src/files.ts': `export { readFileSync } from 'node:fs';\n`,
  'tests/all.test.ts': `import { main } from '@lucerna/high';\nmain();\n`,
};

/** The findings in the clean tree after `changes`; null removes a file. */
export function findingsAfter(changes: Readonly<Record<string, string | null>>): readonly string[] {
  const files = new Map(Object.entries(clean));
  for (const [path, text] of Object.entries(changes)) {
    if (text === null) files.delete(path);
    else files.set(path, text);
  }
  return tidy(buildTree(files)).map(formatFinding);
}

/** The findings when `line` is appended to a file of the platform-free package `middle`. */
export function findingsWithLine(line: string): readonly string[] {
  const path = 'packages/middle/src/twice.ts';
  return findingsAfter({ [path]: `${clean[path]}${line}\n` });
}
