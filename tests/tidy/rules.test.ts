import { describe, expect, test } from 'vitest';
import { findingsAfter, findingsWithLine } from './synthetic-tree.ts';

const noExceptions = { platformFree: { upTo: 11, also: [] }, outside: [], testSupport: [] };

/** The file of `add` with more lines. */
function addWith(lines: string): string {
  return `${lines}\nexport const add = (a: number, b: number): number => a + b;\n`;
}

test('a clean tree has no findings', () => {
  expect(findingsAfter({})).toEqual([]);
});

describe('layer-imports', () => {
  test.each([
    ['import', `import { main } from '@lucerna/high';`],
    ['type-only import', `import type { main } from '@lucerna/high';`],
    ['type inside an import', `import { type main } from '@lucerna/high';`],
    ['dynamic import', `export const load = () => import('@lucerna/high');`],
    ['import in a type', `export type M = typeof import('@lucerna/high').main;`],
    ['side effect', `import '@lucerna/high';`],
    ['subpath', `import { readFileSync } from '@lucerna/high/files';`],
  ])('an upward %s is refused', (_name, line) => {
    expect(findingsWithLine(line)).toContainEqual(
      'packages/middle/src/twice.ts:4 @lucerna/middle (layer 1) may not import @lucerna/high ' +
        '(layer 12): only lower layers [layer-imports]',
    );
  });

  test('an import from the same layer is refused', () => {
    const layers = { 'packages/low': 1, 'packages/middle': 1, 'packages/high': 12 };
    const findings = findingsAfter({
      'layers.json': JSON.stringify({ layers, ...noExceptions }),
    });
    expect(findings).toContainEqual(
      expect.stringMatching(/twice\.ts:1 .*\(layer 1\).*layer-imports/),
    );
    expect(findings).toContainEqual(
      expect.stringMatching(/middle\/package\.json depends on @lucerna\/low.*dependencies/),
    );
  });

  test('a test of a package is held to its layer as well', () => {
    const path = 'packages/low/test/add.test.ts';
    expect(findingsAfter({ [path]: `import { twice } from '@lucerna/middle';\n` })).toEqual([
      `${path}:1 @lucerna/low (layer 0) may not import @lucerna/middle (layer 1): only lower layers [layer-imports]`,
    ]);
  });

  test('a relative import that leaves the package is refused', () => {
    expect(findingsWithLine(`import { add as plus } from '../../low/src/add.ts';`)).toEqual([
      'packages/middle/src/twice.ts:4 ../../low/src/add.ts leaves @lucerna/middle: ' +
        'import another package by its name [layer-imports]',
    ]);
  });

  test('tests, and only they, may use the support that layers.json names', () => {
    const line = `import { load } from '../../../tools/vectors.ts';\n`;
    expect(findingsAfter({ 'packages/low/test/add.vectors.test.ts': line })).toEqual([]);
    expect(findingsWithLine(line)).toContainEqual(
      expect.stringContaining('leaves @lucerna/middle'),
    );
  });

  test('a path that the other package does not export is refused', () => {
    expect(findingsWithLine(`import { add as plus } from '@lucerna/low/src/add.ts';`)).toEqual([
      'packages/middle/src/twice.ts:4 @lucerna/low/src/add.ts is not among the exports of ' +
        '@lucerna/low [layer-imports]',
    ]);
  });

  test('imports in comments, strings and templates are text', () => {
    const lines = [
      `// import { main } from '@lucerna/high';`,
      `/* import '@lucerna/high'; */`,
      `export const a = "import '@lucerna/high'";`,
      'export const b = `import("@lucerna/high") ${a} from "@lucerna/high"`;',
      `export const c = /from '@lucerna\\/high'/;`,
    ];
    expect(findingsWithLine(lines.join('\n'))).toEqual([]);
  });
});

describe('dependencies', () => {
  test('an undeclared package is refused in product code', () => {
    expect(findingsWithLine(`import { pad } from '@scope/pad/left';`)).toEqual([
      'packages/middle/src/twice.ts:4 @scope/pad is not declared in packages/middle/package.json [dependencies]',
    ]);
  });

  test('what the program around it has to bring is declared as well', () => {
    const text = JSON.stringify({
      name: '@lucerna/middle',
      exports: { '.': './src/index.ts' },
      dependencies: { '@lucerna/low': '0.1.0', library: '1.0.0' },
      peerDependencies: { '@scope/pad': '>=1' },
    });
    const source = `import { pad } from '@scope/pad/left';\nexport const left: unknown = pad;\n`;
    const changes = {
      'packages/middle/package.json': text,
      'packages/middle/src/left.ts': source,
      'packages/middle/test/left.test.ts': `import { left } from '../src/left.ts';\nleft;\n`,
    };
    expect(findingsAfter(changes).filter((finding) => finding.includes('pad'))).toEqual([]);
  });

  test('test libraries serve tests and compliance suites, not the rest of the product', () => {
    const suite = `import { test } from 'vitest';\ntest('a', () => {});\n`;
    const manifest = JSON.stringify({
      name: '@lucerna/low',
      exports: { '.': './src/index.ts', './compliance': './src/compliance/index.ts' },
    });
    const path = 'packages/low/src/compliance/index.ts';
    expect(findingsAfter({ [path]: suite, 'packages/low/package.json': manifest })).toEqual([]);
    expect(findingsWithLine(`import { test } from 'vitest';`)).toContainEqual(
      expect.stringContaining('vitest is not declared'),
    );
  });

  test('layers.json lists exactly the packages there are', () => {
    const layers = { 'packages/low': 0, 'packages/high': 12, 'packages/gone': 3 };
    const findings = findingsAfter({
      'layers.json': JSON.stringify({ layers, ...noExceptions }),
    });
    expect(findings).toEqual([
      'layers.json packages/middle has no layer [dependencies]',
      'layers.json packages/gone has a layer but no package.json [dependencies]',
    ]);
  });
});

describe('import-cycles', () => {
  test('two files that import each other are named, type-only imports count', () => {
    const findings = findingsAfter({
      'packages/low/src/add.ts': `import type { S } from './sub.ts';\nexport const add: S = 1;\n`,
      'packages/low/src/sub.ts': `import { add } from './add.ts';\nexport type S = typeof add;\n`,
    });
    expect(findings).toEqual([
      'packages/low/src/add.ts imports itself: packages/low/src/add.ts → packages/low/src/sub.ts → packages/low/src/add.ts [import-cycles]',
    ]);
  });

  test('two ways to the same file are no cycle', () => {
    const findings = findingsAfter({
      'packages/low/src/add.ts': `import './one.ts';\nimport './two.ts';\nexport const add = 1;\n`,
      'packages/low/src/one.ts': `import './two.ts';\n`,
      'packages/low/src/two.ts': 'const two = 2;\n',
    });
    expect(findings).toEqual([]);
  });
});

describe('banned-globals', () => {
  test.each([
    ['Date.now', 'export const a = Date.now();'],
    ['Date.now', 'export const a = globalThis.Date.now;'],
    ['Date.now', 'export const a = `at ${Date.now()}`;'],
    ['new Date', 'export const a = new Date();'],
    ['performance.now', 'export const a = performance.now();'],
    ['setTimeout', 'setTimeout(() => {}, 1);'],
    ['setInterval', 'setInterval(() => {}, 1);'],
    ['setImmediate', 'setImmediate(() => {});'],
    ['queueMicrotask', 'queueMicrotask(() => {});'],
    ['Math.random', 'export const a = Math.random();'],
    ['crypto.getRandomValues', 'crypto.getRandomValues(new Uint8Array(1));'],
    ['process', 'export const a = process.env;'],
    ['Buffer', 'export const a = Buffer.from("00", "hex");'],
    ['console', 'console.log(1);'],
    ['fetch', 'export const a = await fetch("/");'],
    ['localeCompare', 'export const a = "b".localeCompare("c");'],
    ['toLocale…', 'export const a = (1).toLocaleString();'],
    ['Intl', 'export const a = new Intl.NumberFormat();'],
  ])('%s is refused in platform-free code', (what, line) => {
    const findings = findingsWithLine(line);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(/^packages\/middle\/src\/twice\.ts:4 .+: .+ \[banned-globals\]$/);
    expect(findings[0]).toContain(` ${what} is a platform API`);
  });

  test('a built-in module of Node is refused', () => {
    expect(findingsWithLine(`import { readFileSync } from 'node:fs';`)).toEqual([
      'packages/middle/src/twice.ts:4 node:fs exists in Node only: declare a port, implement it in platform-node [banned-globals]',
    ]);
  });

  test.each([
    '// Date.now() and setTimeout(f, 1)',
    `export const text = 'Math.random() console.log(process)';`,
    'export const template = `new Date() ${1 + 1} fetch(url)`;',
    'export const pattern = /Buffer.from(process)/;',
    'export const quotient = 4 / 2; // console / 2',
    'export type Clock = { setTimeout(task: () => void): void; process: number };',
    'export type Http = { fetch(url: string): string };',
    'export const read = (clock: Clock): void => clock.setTimeout(() => {});',
    'export const step = { process: 1, console: 2 };',
    'export const processAll = (bufferSize: number): number => bufferSize;',
  ])('harmless: %s', (line) => {
    expect(findingsWithLine(line)).toEqual([]);
  });
});

describe('barrels', () => {
  test('a file that is no entry may not re-export', () => {
    expect(findingsWithLine(`export * from '@lucerna/low';`)).toEqual([
      'packages/middle/src/twice.ts:4 re-exports @lucerna/low: only an entry of the package may [barrels]',
    ]);
  });

  test('nothing goes through its own index or its own name', () => {
    const findings = findingsAfter({
      'packages/middle/src/index.ts': `export { twice } from './twice.ts';\nexport { four } from './four.ts';\n`,
      'packages/middle/src/four.ts': `import { twice } from '@lucerna/middle';\nimport './index.ts';\nexport const four = twice(2);\n`,
    });
    expect(findings).toContain(
      'packages/middle/src/four.ts:1 imports its own package by name: import the defining file [barrels]',
    );
    expect(findings).toContain(
      'packages/middle/src/four.ts:2 imports its own ./index.ts: import the defining file [barrels]',
    );
  });
});

test.each(['export default 1;', 'const a = 1;\nexport { a as default };'])(
  'default-exports: %s',
  (line) => {
    expect(findingsWithLine(line)).toContainEqual(
      expect.stringMatching(/exports a default: give it a name \[default-exports\]$/),
    );
  },
);

test('task-markers: in code, comments and documents', () => {
  const marker = ['TO', 'DO'].join('');
  expect(findingsWithLine(`// ${marker}: later`)).toEqual([
    `packages/middle/src/twice.ts:4 leaves a ${marker} behind [task-markers]`,
  ]);
  expect(findingsAfter({ 'packages/low/README.md': `# low\n\n${marker}\n` })).toEqual([
    `packages/low/README.md:3 leaves a ${marker} behind [task-markers]`,
  ]);
});

test.each([null, '  \n'])('readmes: %o', (text) => {
  expect(findingsAfter({ 'packages/low/README.md': text })).toEqual([
    'packages/low/README.md is missing or empty [readmes]',
  ]);
});

describe('dead-files', () => {
  test('a file that nothing leads to is named', () => {
    expect(findingsAfter({ 'packages/low/src/old.ts': 'const old = 1;\n' })).toEqual([
      'packages/low/src/old.ts no export of @lucerna/low leads here: remove it [dead-files]',
    ]);
  });

  test('a worker that is named by its URL and a declaration file are in use', () => {
    const findings = findingsAfter({
      'packages/high/src/main.ts': `import '@lucerna/middle';\nexport const main = new URL('./worker.ts', import.meta.url);\n`,
      'packages/high/src/worker.ts': 'export const work = 1;\n',
      'packages/high/src/globals.d.ts': 'declare const version: string;\n',
    });
    expect(findings).toEqual([]);
  });
});

describe('unused-dependencies', () => {
  const manifest = (fields: object): string =>
    JSON.stringify({
      name: '@lucerna/low',
      exports: { '.': './src/index.ts' },
      ...fields,
    });

  test.each(['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'])(
    'one of the %s that nothing imports is named',
    (field) => {
      const text = manifest({ [field]: { library: '1.0.0' } });
      expect(findingsAfter({ 'packages/low/package.json': text })).toEqual([
        'packages/low/package.json declares library, which nothing in the package imports [unused-dependencies]',
      ]);
    },
  );

  test.each([
    ['a test', { 'packages/low/test/add.test.ts': `import { help } from 'library';\n` }],
    ['a type', { 'packages/low/src/add.ts': addWith(`type Library = typeof import('library');`) }],
    ['a dynamic import', { 'packages/low/src/add.ts': addWith(`await import('library/sub.js');`) }],
  ])('%s uses it', (_how, change) => {
    const text = manifest({ optionalDependencies: { library: '1.0.0' } });
    expect(findingsAfter({ 'packages/low/package.json': text, ...change })).toEqual([]);
  });

  test('what another package imports is not used here', () => {
    const text = manifest({ dependencies: { library: '1.0.0' } });
    const path = 'tests/all.test.ts';
    const line = `import { main } from '@lucerna/high';\nimport 'library';\nmain();\n`;
    expect(findingsAfter({ 'packages/low/package.json': text, [path]: line })).toHaveLength(1);
  });
});

describe('unused-exports', () => {
  const index = `export { add } from './add.ts';\n`;

  test.each([
    ['constant', 'export const more = 1;'],
    ['function', 'export async function more(): Promise<void> {}'],
    ['generator', 'export function* more(): Generator<number> {}'],
    ['class', 'export abstract class more {}'],
    ['type', 'export type more = number;'],
    ['interface', 'export interface more {}'],
    ['listed name', 'const one = 1;\nexport { one as more };'],
  ])('a %s that only its own file knows is named', (_kind, text) => {
    expect(findingsAfter({ 'packages/low/src/add.ts': addWith(text) })).toEqual([
      expect.stringMatching(
        /low\/src\/add\.ts:\d exports more, which nothing outside the file uses \[unused-exports\]$/,
      ),
    ]);
  });

  test.each([
    ['import', `import { more } from './add.ts';`],
    ['renamed import', `import { type add, more as other } from './add.ts';`],
    ['namespace', `import * as all from './add.ts';`],
    ['dynamic import', `await import('./add.ts');`],
    ['import in a type', `type More = typeof import('./add.ts').more;`],
  ])('a use by a file of the package: %s', (_kind, line) => {
    const findings = findingsAfter({
      'packages/low/src/add.ts': addWith(`import './other.ts';\nexport const more = 1;`),
      'packages/low/src/other.ts': '',
      'packages/low/test/other.test.ts': `${line.replace('./add.ts', '../src/add.ts')}\n`,
    });
    expect(findings).toEqual([]);
  });

  test('an import of the same name from elsewhere is no use', () => {
    const findings = findingsAfter({
      'packages/low/src/add.ts': addWith('export const more = 1;'),
      'packages/low/test/add.test.ts': `import { more } from './more.ts';\n`,
      'packages/low/test/more.ts': 'export const more = 2;\n',
    });
    expect(findings).toHaveLength(1);
  });

  test('a type stands beside what mentions it', () => {
    const text =
      'export type More = number;\nexport const add = (a: More, b: More): More => a + b;';
    expect(findingsAfter({ 'packages/low/src/add.ts': `${text}\n` })).toEqual([]);
  });

  describe('of a package', () => {
    const more = {
      'packages/low/src/add.ts': addWith('export const more = 1;\nadd(more, more);'),
      'packages/low/src/index.ts': `${index.replace('add', 'add, more')}`,
    };

    test('are named when nobody else knows them, though the package does', () => {
      expect(findingsAfter(more)).toEqual([
        'packages/low/src/index.ts:1 exports more, which no other package, test or text uses [unused-exports]',
      ]);
      const type = {
        'packages/low/src/add.ts': addWith('export type more = number;'),
        'packages/low/src/index.ts': `${index.replace('add', 'add, type more')}`,
      };
      expect(findingsAfter(type)).toHaveLength(1);
    });

    test.each([
      [
        'another package',
        'packages/middle/test/more.test.ts',
        `import { more } from '@lucerna/low';`,
      ],
      ['its own test', 'packages/low/test/more.test.ts', `import { more } from '../src/index.ts';`],
      ['a test of all', 'tests/more.test.ts', `import { more } from '@lucerna/low';`],
      ['its README', 'packages/low/README.md', '# low\n\n`more` is one.'],
    ])('are used by %s', (_who, path, text) => {
      expect(findingsAfter({ ...more, [path]: `${text}\n` })).toEqual([]);
    });

    test('a type is needed to name what a function takes', () => {
      const findings = findingsAfter({
        'packages/low/src/add.ts':
          'export type More = number;\nexport const add = (a: More, b: More): More => a + b;\n',
        'packages/low/src/index.ts': `${index.replace('add', 'add, type More')}`,
      });
      expect(findings).toEqual([]);
    });

    test('registries of errors and limits are documented', () => {
      const findings = findingsAfter({
        'packages/low/src/add.ts': addWith(`import { lowErrors } from './errors.ts';\nlowErrors;`),
        'packages/low/src/errors.ts': 'export const lowErrors = 1;\n',
        'packages/low/src/index.ts': `${index}export { lowErrors } from './errors.ts';\n`,
      });
      expect(findings).toEqual([]);
    });
  });
});

describe('sizes', () => {
  const body = (lines: number): string => '  add(1, 1);\n'.repeat(lines);

  test('a long file is pointed out', () => {
    expect(
      findingsAfter({ 'packages/low/src/add.ts': 'export const add = 1;\n'.repeat(601) }),
    ).toEqual(['packages/low/src/add.ts has 601 lines [sizes]']);
  });

  test.each([
    ['function', `export function long({\n  a,\n}: A): void {\n${body(67)}}`],
    ['arrow', `export const long = (a: A): void => {\n${body(69)}};`],
    ['method', `export class Long {\n  async run(a: A): Promise<void> {\n${body(69)}  }\n}`],
  ])('a long %s is pointed out, one line less is not', (_kind, text) => {
    expect(findingsWithLine(text)).toEqual([
      expect.stringMatching(/twice\.ts:\d+ has a function of 71 lines \[sizes\]$/),
    ]);
    expect(findingsWithLine(text.replace(body(1), ''))).toEqual([]);
  });
});
