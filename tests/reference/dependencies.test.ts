import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readTree } from '../../tools/src/tidy/read-tree.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [, product = '', development = ''] = readFileSync(`${root}/docs/dependencies.md`, 'utf8')
  .split(/^## /m)
  .map(namesInFirstColumn);
const { rootManifest, workspaces } = readTree(root);

function namesInFirstColumn(section: string): string {
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|')[1])
    .join('');
}

function external(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => !name.startsWith('@lucerna/')).sort();
}

function undocumented(names: readonly string[], documented: string): readonly string[] {
  return names.filter((name) => !documented.includes(`\`${name}\``));
}

test('every dependency of the product says why it is there', () => {
  const manifests = [
    { ...rootManifest.optionalDependencies },
    ...workspaces.map(({ manifest }) => ({
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
    })),
  ];
  const names = external(manifests.flatMap((dependencies) => Object.keys(dependencies)));
  expect(names).toContain('lmdb');
  expect(undocumented(names, product)).toEqual([]);
});

test('every tool and test library says what it is for', () => {
  const names = external(Object.keys(rootManifest.devDependencies ?? {}));
  expect(names).toContain('vitest');
  expect(undocumented(names, development)).toEqual([]);
});
