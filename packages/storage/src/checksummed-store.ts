import { assert, BytePool, type Durability, toHex } from '@lucerna/base';
import { crc32c } from './checksum.ts';
import { storageErrors } from './errors.ts';
import type { Keyspace } from './keyspaces.ts';
import {
  type KvEntry,
  type KvRange,
  type KvReader,
  type KvSnapshot,
  type KvStore,
  WriteBatch,
} from './kv-store.ts';

const CHECKSUM_BYTES = 4;

/** Checksum of the number of a keyspace, with which that of each of its rows begins. */
const SEEDS: Uint32Array = Uint32Array.from({ length: 256 }, (_, id) => crc32c(Uint8Array.of(id)));

/**
 * `store` with every value behind a checksum, so that what a medium has damaged is never taken for
 * what was written. A stored value ends in 4 bytes: the CRC-32C, big-endian, of the number of the
 * keyspace (one byte), the key and the value. A row whose key was damaged does not fit its checksum
 * either, and is met by a range; asked for by its right key it is not there.
 *
 * Reads throw `STORE_CORRUPT` with the fields `keyspace` (its name) and `key` (hex) of such a row. The
 * result owns `store`: all of its rows are written through it.
 */
export function checksummedStore(store: KvStore): KvStore {
  return {
    ...checkedReader(store),
    snapshot: (): KvSnapshot => {
      const snapshot = store.snapshot();
      return { ...checkedReader(snapshot), release: () => snapshot.release() };
    },
    commit: (batch: WriteBatch, level: Durability): Promise<void> =>
      store.commit(withChecksums(batch), level),
    close: () => store.close(),
  };
}

function checkedReader(reader: KvReader): KvReader {
  return {
    get: (keyspace, key): Uint8Array | undefined => {
      const stored = reader.get(keyspace, key);
      return stored === undefined ? undefined : checkedValue(keyspace, key, stored);
    },
    *range(keyspace: Keyspace, range?: KvRange): Generator<KvEntry, void, undefined> {
      for (const [key, stored] of reader.range(keyspace, range)) {
        yield [key, checkedValue(keyspace, key, stored)];
      }
    },
  };
}

/** @throws `STORE_CORRUPT` */
function checkedValue(keyspace: Keyspace, key: Uint8Array, stored: Uint8Array): Uint8Array {
  const end = stored.length - CHECKSUM_BYTES;
  if (end >= 0 && checksumAt(stored, end) === rowChecksum(keyspace, key, stored, end)) {
    return stored.subarray(0, end);
  }
  throw storageErrors.create('STORE_CORRUPT', 'a row does not fit its checksum', {
    keyspace: keyspace.name,
    key: toHex(key),
  });
}

function checksumAt(stored: Uint8Array, offset: number): number {
  const high = ((stored[offset] as number) << 8) | (stored[offset + 1] as number);
  const low = ((stored[offset + 2] as number) << 8) | (stored[offset + 3] as number);
  return ((high << 16) | low) >>> 0;
}

/** @param end length of the value that `bytes` begin with */
function rowChecksum(keyspace: Keyspace, key: Uint8Array, bytes: Uint8Array, end: number): number {
  return crc32c(bytes, crc32c(key, SEEDS[keyspace.id] as number), end);
}

/** For values on their way to the store, which live until they are written. */
const storedBytes = new BytePool();

function withChecksums(batch: WriteBatch): WriteBatch {
  const checked = new WriteBatch();
  for (const { keyspace, key, value } of batch.writes()) {
    assert(keyspace.id < SEEDS.length, 'the number of a keyspace is one byte');
    if (value === undefined) {
      checked.delete(keyspace, key);
      continue;
    }
    const stored = storedBytes.take(value.length + CHECKSUM_BYTES);
    stored.set(value);
    const checksum = rowChecksum(keyspace, key, value, value.length);
    stored[value.length] = checksum >>> 24;
    stored[value.length + 1] = checksum >>> 16;
    stored[value.length + 2] = checksum >>> 8;
    stored[value.length + 3] = checksum;
    checked.put(keyspace, key, stored);
  }
  return checked;
}
