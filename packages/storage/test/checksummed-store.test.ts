import { concatBytes, fixedBytes, toHex } from '@lucerna/base';
import {
  checksummedStore,
  crc32c,
  createMemoryStore,
  KEYSPACES,
  type KvStore,
  WriteBatch,
} from '@lucerna/storage';
import { FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';

const space = KEYSPACES.accountTrie;
const KEY = Uint8Array.of(1, 2, 3);
const VALUE = Uint8Array.of(4, 5, 6, 7, 8);

function batchOf(...rows: readonly (readonly [key: Uint8Array, value: Uint8Array])[]): WriteBatch {
  const batch = new WriteBatch();
  for (const [key, value] of rows) batch.put(space, key, value);
  return batch;
}

function corruptAt(key: Uint8Array): object {
  const fields = { keyspace: 'account-trie', key: toHex(key) };
  return expect.objectContaining({ code: 'STORE_CORRUPT', fields });
}

/** A store below checksums whose rows are then put there raw. */
async function damaged(key: Uint8Array, stored: Uint8Array): Promise<KvStore> {
  const raw = createMemoryStore();
  await raw.commit(batchOf([key, stored]), 'process');
  return checksummedStore(raw);
}

describe('a store with checksums', () => {
  it('has the format that is written down', async () => {
    const raw = createMemoryStore();
    await checksummedStore(raw).commit(batchOf([KEY, VALUE], [KEY.slice(1), VALUE]), 'process');
    const checksum = crc32c(concatBytes(Uint8Array.of(space.id), KEY, VALUE));
    expect(raw.get(space, KEY)).toEqual(concatBytes(VALUE, fixedBytes(BigInt(checksum), 4)));
    const other = raw.get(space, KEY.slice(1));
    expect(other?.slice(5)).not.toEqual(raw.get(space, KEY)?.slice(5));
  });

  it('does not serve a row that is shorter than a checksum', async () => {
    for (let length = 0; length < 4; length += 1) {
      const store = await damaged(KEY, new Uint8Array(length));
      expect(() => store.get(space, KEY)).toThrow(corruptAt(KEY));
      expect(() => [...store.range(space)]).toThrow(corruptAt(KEY));
    }
  });

  it('does not serve a row of another keyspace or another key', async () => {
    const raw = createMemoryStore();
    await checksummedStore(raw).commit(batchOf([KEY, VALUE]), 'process');
    const stored = raw.get(space, KEY) as Uint8Array;
    const moved = new WriteBatch();
    moved.put(KEYSPACES.storageTrie, KEY, stored);
    moved.put(space, Uint8Array.of(1, 2), stored);
    await raw.commit(moved, 'process');
    const store = checksummedStore(raw);
    expect(store.get(space, KEY)).toEqual(VALUE);
    expect(() => store.get(space, Uint8Array.of(1, 2))).toThrow(corruptAt(Uint8Array.of(1, 2)));
    expect(() => store.get(KEYSPACES.storageTrie, KEY)).toThrow(
      expect.objectContaining({ code: 'STORE_CORRUPT' }),
    );
  });

  it('serves the intact rows before the damaged one', async () => {
    const disk = new FaultyDisk();
    const store = checksummedStore(disk.openStore('store'));
    const keys = [0, 1, 2, 3].map((number) => Uint8Array.of(number));
    await store.commit(batchOf(...keys.map((key) => [key, VALUE] as const)), 'process');
    const key = Uint8Array.of(2);
    await disk.flipRowBit('store', 'value', { keyspace: space, key });
    const seen: number[] = [];
    expect(() => {
      for (const [at] of store.range(space)) seen.push(at[0] as number);
    }).toThrow(corruptAt(key));
    expect(seen).toEqual([0, 1]);
    expect([...store.range(space, { to: key })].length).toBe(2);
    // Written again, it is whole again.
    await store.commit(batchOf([key, VALUE]), 'process');
    expect([...store.range(space)].length).toBe(4);
  });
});

describe('a flipped bit below checksums', () => {
  /** Rows in three keyspaces, also with an empty key and an empty value. */
  async function filled(seed: number): Promise<[FaultyDisk, KvStore]> {
    const disk = new FaultyDisk({ seed });
    const store = checksummedStore(disk.openStore('store'));
    for (const level of ['process', 'power'] as const) {
      const batch = new WriteBatch();
      for (const keyspace of [KEYSPACES.accounts, KEYSPACES.code, KEYSPACES.blocks]) {
        for (let length = 0; length < 6; length += 1) {
          const key = new Uint8Array(length).fill(keyspace.id);
          batch.put(keyspace, key, new Uint8Array(7 * length).fill(length));
        }
      }
      await store.commit(batch, level);
    }
    return [disk, store];
  }

  it('in a value is reported with keyspace and key, by every read of the row', async () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const [disk, store] = await filled(seed);
      const { keyspace, key } = await disk.flipRowBit('store', 'value');
      const fields = { keyspace: keyspace.name, key: toHex(key) };
      const corrupt = expect.objectContaining({ code: 'STORE_CORRUPT', fields });
      const snapshot = store.snapshot();
      for (const reader of [store, snapshot]) {
        expect(() => reader.get(keyspace, key)).toThrow(corrupt);
        expect(() => [...reader.range(keyspace)]).toThrow(corrupt);
        expect(() => [...reader.range(keyspace, { reverse: true })]).toThrow(corrupt);
      }
      snapshot.release();
      await disk.crash('power');
      const again = checksummedStore(disk.openStore('store'));
      expect(() => again.get(keyspace, key)).toThrow(corrupt);
    }
  });

  it('in a key is reported with keyspace and damaged key by a range', async () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const [disk, store] = await filled(seed);
      const { keyspace, key, bit } = await disk.flipRowBit('store', 'key');
      const found = key.slice();
      found[bit >>> 3] = (found[bit >>> 3] as number) ^ (1 << (bit & 7));
      const fields = { keyspace: keyspace.name, key: toHex(found) };
      const corrupt = expect.objectContaining({ code: 'STORE_CORRUPT', fields });
      expect(store.get(keyspace, key)).toBeUndefined();
      expect(() => store.get(keyspace, found)).toThrow(corrupt);
      expect(() => [...store.range(keyspace)]).toThrow(corrupt);
      expect(() => [...store.range(keyspace, { reverse: true })]).toThrow(corrupt);
    }
  });
});
