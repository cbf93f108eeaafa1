import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@lucerna/base';
import {
  type Database,
  openDataDirectory,
  openDirectoryStore,
} from '@lucerna/platform-node/directory';
import { KEYSPACES, type KvStore, WriteBatch } from '@lucerna/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRocksDb } from './support/rocksdb-platform.ts';

// Damage on the medium under a directory's store: bytes of rows that are changed in its files.

let folder = '';
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucerna-damage-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const KEYSPACE = KEYSPACES.accounts;
const ROWS = 30;
const DAMAGED_ROW = 17;
const CHECKSUM_BYTES = 4;

/** No other bytes of the files look like a key or a value. */
const keyOf = (row: number): Uint8Array => Uint8Array.of(0xa5, 0x17, 0xe3, row, 0x9c, 0x42);
const contentOf = (row: number): Uint8Array =>
  Uint8Array.from({ length: 20 }, (_, index) => (row * 31 + index * 7 + 1) & 0xff);

describe('LMDB', () => {
  it('reports a value or a checksum with any byte changed, by keyspace and key', async () => {
    const source = await filledDirectory('lmdb');
    const place = await placeOf(join(source, 'store', 'data.mdb'), contentOf(DAMAGED_ROW));
    const length = contentOf(DAMAGED_ROW).length + CHECKSUM_BYTES;
    for (let index = 0; index < length; index += 1) {
      const path = await damagedCopy(source, 'data.mdb', place + index, 1 << (index % 8));
      await withStore(path, (store) => {
        const reported = {
          code: 'STORE_CORRUPT',
          fields: { keyspace: KEYSPACE.name, key: toHex(keyOf(DAMAGED_ROW)) },
        };
        expect(errorOf(() => store.get(KEYSPACE, keyOf(DAMAGED_ROW)))).toMatchObject(reported);
        expect(errorOf(() => [...store.range(KEYSPACE)])).toMatchObject(reported);
        const snapshot = store.snapshot();
        const fromSnapshot = errorOf(() => snapshot.get(KEYSPACE, keyOf(DAMAGED_ROW)));
        expect(fromSnapshot).toMatchObject(reported);
        snapshot.release();
        // All other rows are served.
        for (let row = 0; row < ROWS; row += 1) {
          if (row === DAMAGED_ROW) continue;
          expect(store.get(KEYSPACE, keyOf(row))).toEqual(contentOf(row));
        }
      });
    }
  });

  it('reports a row with any byte of its key changed, and serves it under no key', async () => {
    const source = await filledDirectory('lmdb');
    const key = keyOf(DAMAGED_ROW);
    const place = await placeOf(join(source, 'store', 'data.mdb'), key);
    for (let index = 0; index < key.length; index += 1) {
      const bit = 1 << (index % 8);
      const path = await damagedCopy(source, 'data.mdb', place + index, bit);
      const found = key.map((byte, at) => (at === index ? byte ^ bit : byte));
      await withStore(path, (store) => {
        const reported = {
          code: 'STORE_CORRUPT',
          fields: { keyspace: KEYSPACE.name, key: toHex(found) },
        };
        expect(errorOf(() => [...store.range(KEYSPACE)])).toMatchObject(reported);
        expect(store.get(KEYSPACE, key)).toBeUndefined();
      });
    }
  });
});

describe.runIf(hasRocksDb())('RocksDB', () => {
  it.each([
    ['a value', contentOf(DAMAGED_ROW), contentOf(DAMAGED_ROW).length + CHECKSUM_BYTES],
    ['a key', keyOf(DAMAGED_ROW).subarray(3), 3],
  ])('reports %s with any byte changed in a file of rows', async (_what, bytes, length) => {
    const source = await filledDirectory('rocksdb');
    // Opening it anew moves the rows from the log to a file.
    await withStore(source, () => undefined);
    const { name, place } = await findInRows(join(source, 'store'), bytes);
    for (let index = 0; index < length; index += 1) {
      const path = await damagedCopy(source, name, place + index, 1 << (index % 8));
      const directory = await openDataDirectory(path);
      try {
        const store = await openDirectoryStore(directory);
        const reported = { code: 'STORE_CORRUPT', fields: { keyspace: KEYSPACE.name } };
        expect(errorOf(() => store.get(KEYSPACE, keyOf(DAMAGED_ROW)))).toMatchObject(reported);
        expect(errorOf(() => [...store.range(KEYSPACE)])).toMatchObject(reported);
        await store.close();
      } finally {
        await directory.close();
      }
    }
  });
});

async function filledDirectory(database: Database): Promise<string> {
  made += 1;
  const path = join(folder, `${made}`);
  const directory = await openDataDirectory(path, { database });
  const store = await openDirectoryStore(directory);
  const batch = new WriteBatch();
  for (let row = 0; row < ROWS; row += 1) batch.put(KEYSPACE, keyOf(row), contentOf(row));
  await store.commit(batch, 'power');
  await store.close();
  await directory.close();
  return path;
}

/** Where the file has these bytes, which is one place only. */
async function placeOf(file: string, bytes: Uint8Array): Promise<number> {
  const content = await readFile(file);
  const place = content.indexOf(bytes);
  expect(place).toBeGreaterThan(0);
  expect(content.indexOf(bytes, place + 1)).toBe(-1);
  return place;
}

async function findInRows(
  store: string,
  bytes: Uint8Array,
): Promise<{ readonly name: string; readonly place: number }> {
  for (const name of await readdir(store)) {
    if (!name.endsWith('.sst')) continue;
    const place = (await readFile(join(store, name))).indexOf(bytes);
    if (place >= 0) return { name, place };
  }
  throw new Error('no file has the row');
}

async function damagedCopy(
  source: string,
  name: string,
  place: number,
  bit: number,
): Promise<string> {
  made += 1;
  const path = join(folder, `${made}`);
  await cp(source, path, { recursive: true });
  const file = join(path, 'store', name);
  const bytes = await readFile(file);
  bytes[place] = (bytes[place] as number) ^ bit;
  await writeFile(file, bytes);
  return path;
}

async function withStore(path: string, use: (store: KvStore) => void): Promise<void> {
  const directory = await openDataDirectory(path);
  const store = await openDirectoryStore(directory);
  try {
    use(store);
  } finally {
    await store.close();
    await directory.close();
  }
}

function errorOf(read: () => unknown): unknown {
  try {
    return { served: read() };
  } catch (error) {
    return error;
  }
}
