import { readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { formatFinding } from '../../tools/src/tidy/finding.ts';
import { readTree } from '../../tools/src/tidy/read-tree.ts';
import { tidy } from '../../tools/src/tidy/tidy.ts';
import vitestConfig from '../../vitest.config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tree = readTree(root);

test('the reader finds the tree', () => {
  expect(tree.workspaces.map(({ folder }) => folder)).toEqual(
    expect.arrayContaining(['apps/cli', 'packages/base', 'packages/platform-node']),
  );
  expect(tree.sources.some(({ path }) => path === 'tests/tidy/layers.test.ts')).toBe(true);
  expect([...tree.files.keys()].some((path) => path.includes('node_modules'))).toBe(false);
});

test('the working tree keeps its own rules', () => {
  const errors = tidy(tree).filter(({ severity }) => severity === 'error');
  expect(errors.map(formatFinding)).toEqual([]);
});

test('tsconfig.core.json checks exactly the platform-free packages', () => {
  const text = readFileSync(join(root, 'tsconfig.core.json'), 'utf8');
  const checked = [...text.matchAll(/"(packages\/[^*"]+)\/src"/g)].map((match) => match[1]);
  const platformFree = tree.workspaces.filter((workspace) => workspace.platformFree);
  expect(checked.sort()).toEqual(platformFree.map(({ folder }) => folder).sort());
});

test('every test file belongs to exactly one project of the test runner', () => {
  const projects = (vitestConfig.test?.projects ?? []).map((project) => {
    const isInline = typeof project === 'object' && 'test' in project;
    return isInline ? (project.test?.include ?? []) : [];
  });
  const testFiles = [...tree.files.keys()].filter((path) => /\.(?:test|fuzz|sim)\.ts$/.test(path));
  const homeless = testFiles.filter(
    (path) =>
      projects.filter((globs) => globs.some((glob) => matchesGlob(path, glob))).length !== 1,
  );
  expect(testFiles).toContain('tests/tidy/layers.test.ts');
  expect(homeless).toEqual([]);
});
