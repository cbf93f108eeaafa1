import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** One text per rule that the style rests on; each breaks its own rule. */
const offenders: Readonly<Record<string, string>> = {
  noExplicitAny: 'export const a: any = 1;\n',
  noNonNullAssertion: 'export const a = (b?: string): string => b!;\n',
  noDefaultExport: 'export default 1;\n',
  noEnum: 'export enum A { B }\n',
  useImportType: `import { B } from './other.ts';\nexport const a = (b: B): B => b;\n`,
  useNodejsImportProtocol: `import { join } from 'path';\nexport const a = join('b');\n`,
  useImportExtensions: `export { a } from './other';\n`,
  noUndeclaredDependencies: `export { a } from 'left-pad';\n`,
  noUnusedImports: `import { a } from './other.ts';\nexport const b = 1;\n`,
  noUnusedVariables: 'const a = 1;\nexport const b = 1;\n',
  useConst: 'let a = 1;\nexport const b = a;\n',
  noImportCycles: `import { b } from './other.ts';\nexport const a = b;\n`,
};

const harmless: Readonly<Record<string, string>> = {
  'packages/one/src/other.ts': `import { a } from './noImportCycles.ts';\nexport const b = () => a;\n`,
  'packages/one/src/clean.ts': 'export const add = (a: number, b: number): number => a + b;\n',
  'packages/one/test/clean.test.ts': 'export const a = (b?: string): string => b!;\n',
};

const tree = mkdtempSync(join(tmpdir(), 'lucerna-lint-'));
let report: string;

beforeAll(() => {
  for (const name of ['biome.json', '.gitignore']) copyFileSync(join(root, name), join(tree, name));
  const sources = Object.entries(offenders).map(([rule, text]): [string, string] => [
    `packages/one/src/${rule}.ts`,
    text,
  ]);
  const manifests = { 'package.json': '{}', 'packages/one/package.json': '{"name":"one"}' };
  const files = [...sources, ...Object.entries(harmless), ...Object.entries(manifests)];
  for (const [path, text] of files) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--colors=off', '--reporter=github', '--max-diagnostics=none', '.'];
  report = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' }).stdout;
});

afterAll(() => {
  rmSync(tree, { recursive: true });
});

const linesAbout = (file: string): readonly string[] =>
  report.split('\n').filter((line) => line.includes(file));

// A rule that nobody has seen fire is not a rule.
describe('the lint rules that the style rests on fire', () => {
  test.each(Object.keys(offenders))('%s', (rule) => {
    expect(linesAbout(`src/${rule}.ts`).join('\n')).toMatch(new RegExp(`^::error.*/${rule},`, 'm'));
  });

  test('and what breaks none of them passes', () => {
    expect(linesAbout('clean')).toEqual([]);
  });
});
