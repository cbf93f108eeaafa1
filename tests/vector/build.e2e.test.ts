import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { artefacts } from '../../tools/src/build/artefacts.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { hasOldNode, PackedArtefact, RESOLUTION_WAYS } from '../support/packed-artefact.ts';

const chromium = findChromium();
if (chromium === undefined) {
  console.log('no Chrome or Chromium is installed: the build is not tried in a browser');
}

let packed: PackedArtefact;

beforeAll(async () => {
  packed = await PackedArtefact.make('vector');
}, 120_000);

afterAll(() => packed?.remove());

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
  // The database is left open: the process ends all the same.
  const { stdout, stderr } = await packed.run(node, PROGRAM, join(packed.folder, name));
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('the packed build of the vector database', () => {
  it('is smaller than 300 kB and has no dependencies', async () => {
    expect(await packed.packedBytes()).toBeLessThan(300_000);
    expect(await packed.installed()).toEqual(['vector']);
    const manifest = JSON.parse(await packed.file('vector', 'package.json'));
    expect(manifest).toMatchObject({ name: '@lucerna/vector', license: 'Apache-2.0' });
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('scripts');
  });

  it('names the libraries that are in it', async () => {
    const text = await packed.file('vector', 'THIRD-PARTY-LICENSES.md');
    const libraries = artefacts.find(({ name }) => name === 'vector')?.bundledLibraries ?? [];
    expect(libraries).not.toEqual([]);
    for (const name of libraries) expect(text).toContain(`## ${name} `);
  });

  it('runs under the pinned Node.js', async () => {
    expect(await runProgram(process.execPath, 'pinned')).toEqual(EXPECTED);
  });

  it.skipIf(!hasOldNode)(
    'runs under Node.js 22',
    async () => {
      expect(await runProgram(await packed.oldNode(), 'old')).toEqual(EXPECTED);
    },
    300_000,
  );

  it.each(RESOLUTION_WAYS)('has types for module resolution $moduleResolution', async (way) => {
    expect(await packed.typeErrors(TYPED_PROGRAM, way)).toBe('');
  });

  it.skipIf(chromium === undefined)('runs in Chromium, with threads', async () => {
    expect(await packed.runInBrowser(chromium as string, BROWSER_PROGRAM)).toEqual({
      itself: 100,
      again: 100,
      reopened: 3_000,
      workers: true,
      lines: [],
    });
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
