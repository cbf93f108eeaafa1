import { type Log, type Random, SILENT_LOG, seededRandom } from '@lucerna/base';
import { storageErrors } from '@lucerna/storage';
import { FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DATABASE, type VectorDatabase } from '../src/collection-api.ts';
import { openVectorDatabase, type VectorDatabaseOptions } from '../src/database.ts';
import { vectorLimits } from '../src/limits.ts';
import { createMemoryVectorFolder, MemoryVectorDisk } from '../src/memory-folder.ts';
import type { VectorFolder } from '../src/ports.ts';
import { ManualClock } from './catalog/manual-clock.ts';
import { FaultyPlace } from './log/faulty-place.ts';

const NAME = DEFAULT_DATABASE;

function seeded(seed: number): Random {
  const random = seededRandom(seed);
  return { bytes: (length) => Uint8Array.from({ length }, () => random.below(256)) };
}

let seeds = 0;

async function open(
  folder: VectorFolder,
  options: VectorDatabaseOptions & { readonly log?: Log; readonly clock?: ManualClock } = {},
): Promise<VectorDatabase> {
  const { log = SILENT_LOG, clock = new ManualClock(), ...rest } = options;
  seeds += 1;
  return openVectorDatabase({ folder, clock, random: seeded(seeds), log }, rest);
}

/** Everything that a catalog says. */
function describeAll(database: VectorDatabase): unknown {
  return database.tenants().map((tenant) => ({
    tenant,
    attribute: database.tenantAttribute(tenant),
    databases: database.databases(tenant).map((entry) => ({
      entry,
      collections: database
        .collections(entry)
        .map(({ id, name, metadata, attributes, index, identity, count, ids }) => ({
          id,
          name,
          metadata,
          attributes,
          index,
          identity,
          count: count.call(database.collectionById(id)),
          ids: [...ids.call(database.collectionById(id))],
        })),
    })),
  }));
}

async function addTo(database: VectorDatabase, name: string, ...ids: string[]): Promise<void> {
  const collection = database.findCollection(NAME, name);
  const embeddings = new Float32Array(2 * ids.length).fill(Math.SQRT1_2);
  await collection?.add({ ids, embeddings, dimension: 2 });
}

describe('a database', () => {
  it('has the default names at first', async () => {
    const database = await open(createMemoryVectorFolder());
    expect(database.access).toBe('write');
    expect(database.tenants()).toEqual(['default_tenant']);
    expect(database.databases('default_tenant')).toEqual([
      { ...NAME, id: '00000000-0000-0000-0000-000000000000' },
    ]);
    expect(database.collections(NAME)).toEqual([]);
    await database.close();
  });

  it('keeps tenants, databases and collections', async () => {
    const disk = new MemoryVectorDisk();
    const database = await open(disk.open('write'));
    await database.createTenant('acme');
    await database.setTenantAttribute('acme', 'crn');
    const other = await database.createDatabase({ tenant: 'acme', database: 'z' });
    await database.createDatabase({ tenant: 'acme', database: 'a' });
    // As Chroma allows it.
    await database.createDatabase({ tenant: 'nobody', database: 'b' });
    const metadata = new Map<string, bigint | string>([['big', 2n ** 60n]]);
    const index = { metric: 'ip', efSearch: 7 } as const;
    const identity = { model: 'm', isNormalised: true };
    const options = { name: 'things', metadata, attributes: '{"a":1}', index, identity };
    await database.createCollection(NAME, options);
    await database.createCollection(other, { name: 'things' });
    const deleted = await database.createCollection(NAME, { name: 'deleted' });
    await database.deleteCollection(deleted.id);
    await addTo(database, 'things', 'a', 'b');
    expect(database.databases('acme').map((entry) => entry.database)).toEqual(['a', 'z']);
    expect(database.findDatabase({ tenant: 'acme', database: 'z' })).toEqual(other);
    expect(database.hasTenant('acme')).toBe(true);
    expect(database.hasTenant('nobody')).toBe(false);
    const before = describeAll(database);
    await database.close();
    const again = await open(disk.open('write'));
    expect(describeAll(again)).toEqual(before);
    await again.close();
  });

  it('refuses what is there, or not there', async () => {
    const database = await open(createMemoryVectorFolder());
    const { id } = await database.createCollection(NAME, { name: 'a' });
    const other = await database.createCollection(NAME, { name: 'b' });
    const nowhere = { tenant: 'default_tenant', database: 'nowhere' };
    const calls: [() => Promise<unknown>, string][] = [
      [() => database.createTenant('default_tenant'), 'TENANT_EXISTS'],
      [() => database.createTenant(''), 'VECTOR_ARGUMENT_INVALID'],
      [() => database.setTenantAttribute('nobody', 'x'), 'TENANT_UNKNOWN'],
      ...[null, undefined, 7].map((attribute): [() => Promise<void>, string] => [
        () => database.setTenantAttribute(NAME.tenant, attribute as unknown as string),
        'VECTOR_ARGUMENT_INVALID',
      ]),
      [() => database.createDatabase(NAME), 'DATABASE_EXISTS'],
      [() => database.createDatabase({ ...NAME, database: '' }), 'VECTOR_ARGUMENT_INVALID'],
      [() => database.deleteDatabase(nowhere), 'DATABASE_UNKNOWN'],
      [() => database.createCollection(nowhere, { name: 'a' }), 'DATABASE_UNKNOWN'],
      [() => database.createCollection(NAME, { name: 'a' }), 'COLLECTION_EXISTS'],
      [() => database.createCollection(NAME, { name: '' }), 'VECTOR_ARGUMENT_INVALID'],
      [() => database.modifyCollection(id, { name: 'b' }), 'COLLECTION_EXISTS'],
      [() => database.modifyCollection('x', { name: 'c' }), 'COLLECTION_UNKNOWN'],
      [() => database.deleteCollection('x'), 'COLLECTION_UNKNOWN'],
    ];
    const before = describeAll(database);
    for (const [call, code] of calls) await expect(call()).rejects.toMatchObject({ code });
    expect(describeAll(database)).toEqual(before);
    await database.modifyCollection(other.id, { name: 'b' });
    await database.close();
  });

  it('gives every call its turn', async () => {
    const database = await open(createMemoryVectorFolder());
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => database.createCollection(NAME, { name: 'one' })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await database.close();
  });

  it('shows a change of a collection in the object that one has', async () => {
    const database = await open(createMemoryVectorFolder());
    const collection = await database.createCollection(NAME, { name: 'a' });
    const metadata = new Map([['x', 1n]]);
    await database.modifyCollection(collection.id, { name: 'b', metadata, efSearch: 9 });
    expect(collection).toMatchObject({ name: 'b', metadata, index: { efSearch: 9 } });
    expect(database.findCollection(NAME, 'a')).toBeUndefined();
    expect(database.findCollection(NAME, 'b')).toBe(collection);
    await database.close();
  });

  it('has a limit of collections', async () => {
    const database = await open(createMemoryVectorFolder());
    const { databases } = vectorLimits.values;
    // Cheaper than collections, and the same check.
    for (let count = 1; count < databases; count += 1) {
      await database.createDatabase({ tenant: 't', database: `${count}` });
    }
    await expect(database.createDatabase({ tenant: 't', database: 'x' })).rejects.toMatchObject({
      code: 'VECTOR_ARGUMENT_INVALID',
    });
    await database.close();
  });

  it('ends, with its collections', async () => {
    const folder = new MemoryVectorDisk().open('write');
    const database = await open(folder);
    const collection = await database.createCollection(NAME, { name: 'a' });
    await database.close();
    await database.close();
    const closed = expect.objectContaining({ code: 'DATABASE_CLOSED' });
    expect(() => database.tenants()).toThrow(closed);
    expect(() => database.collectionById(collection.id)).toThrow(closed);
    expect(() => collection.count()).toThrow(closed);
    await expect(database.createTenant('x')).rejects.toEqual(closed);
    await expect(database.persist()).rejects.toEqual(closed);
    await expect(database.refresh()).rejects.toEqual(closed);
    await expect(folder.logNames()).rejects.toMatchObject({ code: 'FILE_CLOSED' });
  });
});

describe('deletions', () => {
  it('end a collection and remove its files', async () => {
    const disk = new MemoryVectorDisk();
    const folder = disk.open('write');
    const database = await open(folder);
    const kept = await database.createCollection(NAME, { name: 'kept' });
    const collection = await database.createCollection(NAME, { name: 'gone' });
    await addTo(database, 'kept', 'a');
    await addTo(database, 'gone', 'a');
    await collection.compact();
    await database.deleteCollection(collection.id);
    const unknown = { code: 'COLLECTION_UNKNOWN' };
    expect(() => collection.count()).toThrow(expect.objectContaining(unknown));
    await expect(collection.add({ ids: ['b'] })).rejects.toMatchObject(unknown);
    expect(await folder.logNames()).toEqual([`${kept.id}.1.log`, 'catalog.1.log']);
    expect(await folder.blobs.names()).toEqual([]);
    // The name is free again.
    await database.createCollection(NAME, { name: 'gone' });
    await database.close();
  });

  it('of a database take its collections with it', async () => {
    const folder = new MemoryVectorDisk().open('write');
    const database = await open(folder);
    const name = await database.createDatabase({ tenant: 't', database: 'd' });
    const collection = await database.createCollection(name, { name: 'a' });
    await collection.add({ ids: ['x'], embeddings: Float32Array.of(1), dimension: 1 });
    await database.deleteDatabase(name);
    expect(database.findDatabase(name)).toBeUndefined();
    expect(database.collectionById(collection.id)).toBeUndefined();
    expect(await folder.logNames()).toEqual(['catalog.1.log']);
    await database.close();
  });

  it('of everything leave what was there at first', async () => {
    const disk = new MemoryVectorDisk();
    const folder = disk.open('write');
    const database = await open(folder);
    const first = describeAll(database);
    await database.createTenant('t');
    await database.deleteDatabase(NAME);
    const name = await database.createDatabase({ tenant: 't', database: 'd' });
    const collection = await database.createCollection(name, { name: 'a' });
    await collection.add({ ids: ['x'], embeddings: Float32Array.of(1), dimension: 1 });
    await database.reset();
    expect(describeAll(database)).toEqual(first);
    expect(() => collection.count()).toThrow(
      expect.objectContaining({ code: 'COLLECTION_UNKNOWN' }),
    );
    expect(await folder.logNames()).toEqual(['catalog.1.log']);
    await database.createCollection(NAME, { name: 'a' });
    const before = describeAll(database);
    await database.close();
    const again = await open(disk.open('write'));
    expect(describeAll(again)).toEqual(before);
    await again.close();
  });

  it('that a crash has cut short are finished by the next opening', async () => {
    const disk = new MemoryVectorDisk();
    const folder = disk.open('write');
    // Files of collections that are not there, others of ours, and some of somebody else.
    const orphan = '6b1f0a52-7a55-4c3f-8f5d-0d7a3c1f9e11';
    const database = await open(folder);
    await database.createCollection(NAME, { name: 'a' });
    await addTo(database, 'a', 'x');
    for (const name of [`${orphan}.3.log`, 'notes.log', 'notes.1.log']) {
      await (await folder.openLog(name)).append(Uint8Array.of(1));
    }
    await folder.blobs.write(`${orphan}.3.snap`, [Uint8Array.of(1)], 'process');
    await folder.blobs.write('notes', [Uint8Array.of(1)], 'process');
    const id = database.findCollection(NAME, 'a')?.id;
    await database.close();
    // A reader leaves everything.
    await (await open(disk.open('read'))).close();
    const again = disk.open('write');
    expect(await again.logNames()).toContain(`${orphan}.3.log`);
    const opened = await open(again);
    expect(await again.logNames()).toEqual(
      [`${id}.1.log`, 'catalog.1.log', 'notes.1.log', 'notes.log'].sort(),
    );
    expect(await again.blobs.names()).toEqual(['notes']);
    await opened.close();
  });
});

describe('the catalog', () => {
  it('is compacted when its log is long', async () => {
    const disk = new MemoryVectorDisk();
    const folder = disk.open('write');
    const database = await open(folder);
    const { id } = await database.createCollection(NAME, { name: 'a' });
    const attributes = 'x'.repeat(vectorLimits.values.definitionBytes - 1_000);
    for (let round = 0; round < 20; round += 1) {
      await database.modifyCollection(id, { attributes, efSearch: 10 + round });
    }
    let bytes = 0;
    for (const name of await folder.logNames()) bytes += (await folder.openLog(name)).size();
    for (const name of await folder.blobs.names()) bytes += (await folder.blobs.size(name)) ?? 0;
    expect(bytes).toBeLessThan(5 * attributes.length);
    const before = describeAll(database);
    await database.close();
    const again = await open(disk.open('write'));
    expect(describeAll(again)).toEqual(before);
    await again.close();
  });

  it('that is missing while collections are there is damage', async () => {
    const disk = new MemoryVectorDisk();
    const database = await open(disk.open('write'));
    await database.createCollection(NAME, { name: 'a' });
    await addTo(database, 'a', 'x');
    await database.close();
    const folder = disk.open('write');
    await folder.removeLog('catalog.1.log');
    const names = await folder.logNames();
    await expect(open(folder)).rejects.toMatchObject({ code: 'VECTOR_LOG_CORRUPT' });
    const reader = disk.open('read');
    expect(await reader.logNames()).toEqual(names);
    await reader.close();
  });

  it('gives the folder back when it cannot be opened', async () => {
    const disk = new MemoryVectorDisk();
    const folder = disk.open('write');
    const log = await folder.openLog('catalog.2.log');
    await log.append(Uint8Array.of(1));
    await expect(open(folder)).rejects.toMatchObject({ code: 'VECTOR_LOG_CORRUPT' });
    const again = disk.open('write');
    await again.removeLog('catalog.2.log');
    await (await open(again)).close();
  });
});

describe('readers', () => {
  it('see what the writer has changed when they look again', async () => {
    const disk = new MemoryVectorDisk();
    const reader = await open(disk.open('read'));
    const writer = await open(disk.open('write'));
    const refreshed = async (): Promise<unknown> => {
      await reader.refresh();
      return describeAll(reader);
    };
    expect(await refreshed()).toEqual(describeAll(writer));
    await writer.createTenant('t');
    const a = await writer.createCollection(NAME, { name: 'a' });
    await addTo(writer, 'a', '1', '2');
    expect(await refreshed()).toEqual(describeAll(writer));
    const seen = reader.findCollection(NAME, 'a');
    expect(seen?.count()).toBe(2);
    await addTo(writer, 'a', '3');
    await writer.modifyCollection(a.id, { name: 'b' });
    await a.compact();
    await addTo(writer, 'b', '4');
    expect(await refreshed()).toEqual(describeAll(writer));
    expect(reader.findCollection(NAME, 'b')).toBe(seen);
    expect(seen?.count()).toBe(4);
    await writer.deleteCollection(a.id);
    await writer.createCollection(NAME, { name: 'b' });
    expect(await refreshed()).toEqual(describeAll(writer));
    expect(() => seen?.count()).toThrow(expect.objectContaining({ code: 'COLLECTION_UNKNOWN' }));
    await writer.reset();
    expect(await refreshed()).toEqual(describeAll(writer));
    await writer.refresh();
    await writer.close();
    await reader.close();
  });

  it('change nothing', async () => {
    const disk = new MemoryVectorDisk();
    const writer = await open(disk.open('write'));
    const { id } = await writer.createCollection(NAME, { name: 'a' });
    const reader = await open(disk.open('read'));
    expect(reader.access).toBe('read');
    const readOnly = { code: 'DATABASE_READ_ONLY' };
    const calls = [
      () => reader.createTenant('t'),
      () => reader.setTenantAttribute('default_tenant', 'x'),
      () => reader.createDatabase({ tenant: 't', database: 'd' }),
      () => reader.deleteDatabase(NAME),
      () => reader.createCollection(NAME, { name: 'x' }),
      () => reader.modifyCollection(id, { name: 'x' }),
      () => reader.deleteCollection(id),
      () => reader.reset(),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject(readOnly);
    await reader.persist();
    await reader.close();
    await writer.close();
  });

  it('can save what lies before damage', async () => {
    const disk = new MemoryVectorDisk();
    const writer = await open(disk.open('write'));
    const { id } = await writer.createCollection(NAME, { name: 'a' });
    await writer.createCollection(NAME, { name: 'b' });
    await addTo(writer, 'a', '1');
    await addTo(writer, 'a', '2');
    await addTo(writer, 'a', '3');
    await addTo(writer, 'b', '1');
    await writer.close();
    const folder = disk.open('write');
    const log = await folder.openLog(`${id}.1.log`);
    const bytes = await log.read(0, log.size());
    // In the second of three entries.
    const middle = 128 + Math.floor((bytes.length - 128) / 2);
    bytes[middle] = (bytes[middle] as number) ^ 4;
    await log.truncate(0);
    await log.append(bytes);
    await folder.close();
    const corrupt = { code: 'VECTOR_LOG_CORRUPT', fields: { file: `${id}.1.log` } };
    await expect(open(disk.open('write'))).rejects.toMatchObject(corrupt);
    await expect(open(disk.open('read'))).rejects.toMatchObject(corrupt);
    await expect(open(disk.open('write'), { salvage: true })).rejects.toMatchObject({
      code: 'VECTOR_ARGUMENT_INVALID',
    });
    const errors: string[] = [];
    const sink = { ...SILENT_LOG, error: (message: string) => errors.push(message) };
    const saved = await open(disk.open('read'), { salvage: true, log: sink });
    expect(errors).toHaveLength(1);
    expect([...(saved.findCollection(NAME, 'a')?.ids() ?? [])]).toEqual(['1']);
    expect(saved.findCollection(NAME, 'b')?.count()).toBe(1);
    const damages = [expect.stringContaining(`${id}.1.log`)];
    expect(saved.losses()).toEqual([{ collection: id, damages, records: 0, incomplete: 0 }]);
    await saved.close();
  });

  it('can save collections of which the catalog has lost something', async () => {
    const disk = new MemoryVectorDisk();
    const writer = await open(disk.open('write'));
    await writer.createCollection(NAME, { name: 'a' });
    await addTo(writer, 'a', '1');
    // Each about half a chunk, until the catalog is compacted.
    const attributes = 'x'.repeat(30_000);
    for (let index = 0; index < 40; index += 1) {
      await writer.createCollection(NAME, { name: `b${index}`, attributes });
    }
    await writer.deleteDatabase(await writer.createDatabase({ ...NAME, database: 'gone' }));
    const names = writer.collections(NAME).map(({ name }) => name);
    await writer.close();
    const folder = disk.open('write');
    const [blob = ''] = await folder.blobs.names();
    expect(blob).toMatch(/^catalog\./);
    const bytes = await folder.blobs.read(blob, 0, (await folder.blobs.size(blob)) ?? 0);
    // In the first chunk, which has the tenant and the database as well.
    bytes[1_000] = (bytes[1_000] as number) ^ 4;
    await folder.blobs.write(blob, [bytes], 'process');
    await folder.close();
    await expect(open(disk.open('read'))).rejects.toMatchObject({
      code: 'VECTOR_SNAPSHOT_CORRUPT',
    });
    const saved = await open(disk.open('read'), { salvage: true });
    const found = saved.collections(NAME).map(({ name }) => name);
    expect(found.length).toBeGreaterThan(30);
    expect(found.length).toBeLessThan(names.length);
    expect(names).toEqual(expect.arrayContaining(found));
    expect(saved.losses()).toMatchObject([{ collection: undefined, damages: [expect.anything()] }]);
    await saved.close();
  });

  it('reads what a damaged snapshot was made from, where that is still there', async () => {
    const disk = new MemoryVectorDisk();
    const writer = await open(disk.open('write'));
    const { id, compact } = await writer.createCollection(NAME, { name: 'a' });
    await addTo(writer, 'a', '1', '2');
    const folder = disk.open('read');
    const first = await folder.openLog(`${id}.1.log`);
    const before = await first.read(0, first.size());
    await compact.call(writer.collectionById(id));
    await addTo(writer, 'a', '3');
    await writer.close();
    await folder.close();
    // As a compaction that ends before it removes the files before.
    const changed = disk.open('write');
    await (await changed.openLog(`${id}.1.log`)).append(before);
    await changed.blobs.write(`${id}.2.snap`, [new Uint8Array(200)], 'process');
    await changed.close();
    const saved = await open(disk.open('read'), { salvage: true });
    expect([...(saved.collectionById(id)?.ids() ?? [])]).toEqual(['1', '2', '3']);
    expect(saved.losses()).toEqual([]);
    await saved.close();
  });
});

describe('persist', () => {
  it('makes everything outlive the power', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const place = new FaultyPlace(new FaultyDisk({ seed, powerLoss: 'sectors' }));
      const database = await open(await place.open('write'));
      for (const name of ['a', 'b', 'c']) {
        await database.createCollection(NAME, { name });
        await addTo(database, name, '1', '2');
      }
      await database.persist();
      const before = describeAll(database);
      await place.crash('power');
      const again = await open(await place.open('write'));
      expect(describeAll(again)).toEqual(before);
    }
  });
});

describe('when the disk fails', () => {
  /** The folder, with files that cannot be synced or closed as long as the plan says so. */
  const failing = (
    folder: VectorFolder,
    plan: { sync: boolean; close: boolean },
  ): VectorFolder => ({
    ...folder,
    openLog: async (name) => {
      const file = await folder.openLog(name);
      return {
        ...file,
        sync: async () => {
          if (plan.sync) throw storageErrors.create('FILE_SYNC_FAILED');
          await file.sync();
        },
        close: async () => {
          if (plan.close) throw storageErrors.create('FILE_CLOSED');
          await file.close();
        },
      };
    },
  });

  it('nothing is acknowledged any more that a deletion may take away', async () => {
    const disk = new MemoryVectorDisk();
    const plan = { sync: false, close: false };
    const database = await open(failing(disk.open('write'), plan));
    const kept = await database.createCollection(NAME, { name: 'kept' });
    const { id } = await database.createCollection(NAME, { name: 'doubtful' });
    await addTo(database, 'doubtful', '1');
    plan.sync = true;
    await expect(database.deleteCollection(id)).rejects.toMatchObject({ code: 'FILE_SYNC_FAILED' });
    plan.sync = false;
    const stopped = { code: 'VECTOR_WRITES_STOPPED' };
    await expect(addTo(database, 'doubtful', '2')).rejects.toMatchObject(stopped);
    await addTo(database, 'kept', '1');
    expect(kept.count()).toBe(1);
    await database.close();
    const again = await open(disk.open('write'));
    expect(again.findCollection(NAME, 'doubtful')?.count() ?? 0).toBeLessThan(2);
    expect(again.findCollection(NAME, 'kept')?.count()).toBe(1);
    await again.close();
  });

  it('all collections are deleted although one cannot be closed', async () => {
    const disk = new MemoryVectorDisk();
    const plan = { sync: false, close: false };
    const folder = failing(disk.open('write'), plan);
    const database = await open(folder);
    const collections = [];
    for (const name of ['a', 'b', 'c']) {
      collections.push(await database.createCollection(NAME, { name }));
      await addTo(database, name, '1');
    }
    plan.close = true;
    await database.reset();
    plan.close = false;
    for (const { id, count } of collections) {
      expect(database.collectionById(id)).toBeUndefined();
      expect(count).toThrow();
    }
    await database.close();
  });

  it('the folder is given back although a file cannot be closed', async () => {
    const disk = new MemoryVectorDisk();
    const plan = { sync: false, close: false };
    const database = await open(failing(disk.open('write'), plan));
    await database.createCollection(NAME, { name: 'a' });
    await addTo(database, 'a', '1');
    plan.close = true;
    await expect(database.close()).rejects.toMatchObject({ code: 'FILE_CLOSED' });
    await (await open(disk.open('write'))).close();
  });
});

describe('a database that is closed twice', () => {
  it('has ended when either call resolves', async () => {
    const disk = new MemoryVectorDisk();
    const database = await open(disk.open('write'));
    const first = database.close();
    await database.close();
    await (await open(disk.open('write'))).close();
    await first;
  });
});

describe('a reset', () => {
  it('looks which files there are once, however many collections there are', async () => {
    const folder = new MemoryVectorDisk().open('write');
    let lookups = 0;
    const logNames = (): Promise<readonly string[]> => {
      lookups += 1;
      return folder.logNames();
    };
    const database = await open({ ...folder, logNames });
    for (const name of ['a', 'b', 'c', 'd']) {
      await database.createCollection(NAME, { name });
      await addTo(database, name, '1');
    }
    lookups = 0;
    await database.reset();
    expect(lookups).toBe(1);
    expect(await folder.logNames()).toEqual(['catalog.1.log']);
    await database.close();
  });
});

describe('background work', () => {
  it('builds graphs while the clock goes, and nothing is scheduled when it is done', async () => {
    const clock = new ManualClock();
    const database = await open(createMemoryVectorFolder(), { clock });
    const index = { mode: 'hnsw' } as const;
    const collection = await database.createCollection(NAME, { name: 'a', index });
    const random = seededRandom(1);
    const ids = Array.from({ length: 500 }, (_, place) => `${place}`);
    const embeddings = Float32Array.from({ length: 4_000 }, () => random.below(1_000) - 500);
    await collection.add({ ids, embeddings, dimension: 8 });
    expect(collection.statistics()).toMatchObject({ indexed: 0, waiting: 500 });
    await clock.advance(60_000);
    expect(collection.statistics()).toMatchObject({ indexed: 500, waiting: 0 });
    expect(clock.waiting).toBe(0);
    await database.close();
  });
});
