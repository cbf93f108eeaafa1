import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openVectorDatabase, VectorStore } from '@lucerna/sdk';
import { DEFAULT_DATABASE } from '@lucerna/vector';
import { afterAll, describe, expect, it } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'lucerna-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const folder = (): string => {
  folders += 1;
  return join(root, String(folders), 'new');
};

describe('a store in a folder', () => {
  it('is made, written, and found again', async () => {
    const path = folder();
    const first = await VectorStore.open(path);
    await first.add(
      ['a', 'b'],
      [
        [1, 0],
        [0, 1],
      ],
      ['{ "a": 1 }', { b: 2n ** 60n }],
    );
    await first.persist();
    await first.close();
    await using second = await VectorStore.open(path, { durability: 'power', threads: false });
    expect(second.getJson('a')).toBe('{ "a": 1 }');
    expect(second.get('b')).toEqual({ b: 2n ** 60n });
    expect(await second.search([1, 0], 1)).toEqual([['a', 1]]);
    expect(second.info()).toMatchObject({ count: 2, dimension: 2 });
    expect(second.info().diskBytes).toBeGreaterThan(0);
  });

  it('has one writer and many readers', async () => {
    const path = folder();
    await expect(VectorStore.open(path, { access: 'read' })).rejects.toMatchObject({
      code: 'VECTOR_FOLDER_MISSING',
    });
    await using writer = await VectorStore.open(path);
    await expect(VectorStore.open(path)).rejects.toMatchObject({ code: 'VECTOR_FOLDER_IN_USE' });
    await writer.add(['a'], [[1]]);
    await using one = await VectorStore.open(path, { access: 'read' });
    await using other = await VectorStore.open(path, { access: 'read' });
    await writer.add(['b'], [[1]]);
    for (const reader of [one, other]) {
      await reader.refresh();
      expect(reader.getAllIds()).toEqual(['a', 'b']);
      await expect(reader.delete(['a'])).rejects.toMatchObject({ code: 'DATABASE_READ_ONLY' });
    }
  });

  it('is given free when it cannot be opened', async () => {
    const path = folder();
    await (await VectorStore.open(path, { metric: 'l2' })).close();
    for (const _ of ['first', 'second']) {
      const refused = VectorStore.open(path, { metric: 'ip' });
      await expect(refused).rejects.toMatchObject({ code: 'STORE_OPTION_DIFFERS' });
    }
  });

  it('takes no folder of somebody else', async () => {
    writeFileSync(join(root, 'notes.txt'), 'mine');
    await expect(VectorStore.open(root)).rejects.toMatchObject({ code: 'VECTOR_FOLDER_FOREIGN' });
    for (const location of ['', undefined, { memory: false }, 7]) {
      const refused = VectorStore.open(location as never);
      await expect(refused).rejects.toMatchObject({ code: 'VECTOR_ARGUMENT_INVALID' });
    }
  });

  it('takes no misspelt word for the weaker choice', async () => {
    for (const option of [{ durability: 'Power' }, { access: 'wirte' }]) {
      const refused = VectorStore.open({ memory: true }, option as never);
      await expect(refused).rejects.toMatchObject({ code: 'VECTOR_ARGUMENT_INVALID' });
    }
  });

  it('is a collection among others of its database', async () => {
    const path = folder();
    for (const collection of ['one', 'two']) {
      await using store = await VectorStore.open(path, { collection });
      await store.add([collection], [[1]]);
    }
    const database = await openVectorDatabase(path, { access: 'read' });
    const names = database.collections(DEFAULT_DATABASE).map(({ name }) => name);
    expect(names.sort()).toEqual(['one', 'two']);
    await database.close();
  });
});

describe('a store in memory', () => {
  it('ends with itself', async () => {
    for (const _ of ['first', 'second']) {
      await using store = await VectorStore.open({ memory: true });
      expect(await store.add(['a'], [[1]])).toBe(1);
      expect(store.count()).toBe(1);
    }
  });

  it('gives as many searches at once as one by one', async () => {
    await using store = await VectorStore.open({ memory: true }, { mode: 'exact' });
    const rows = Array.from({ length: 500 }, (_, row) =>
      Float32Array.from({ length: 16 }, (_, column) => Math.sin(row * 17 + column * column)),
    );
    await store.add(
      rows.map((_, row) => `r${row}`),
      rows,
    );
    const queries = rows.slice(0, 40);
    const batch = await store.searchBatch(queries, 7);
    const single = await Promise.all(queries.map((query) => store.search(query, 7)));
    expect(single).toEqual(batch);
    expect(batch.map(([best]) => best?.[0])).toEqual(queries.map((_, row) => `r${row}`));
  });
});
