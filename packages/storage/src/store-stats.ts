import type { Progress } from '@lucerna/base';
import { KEYSPACES, type Keyspace } from './keyspaces.ts';
import type { KvReader } from './kv-store.ts';
import { TURN_ROWS } from './limits.ts';

/** What one keyspace holds, without what the database needs to hold it. */
export type KeyspaceStats = {
  readonly keyspace: Keyspace;
  readonly rows: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
};

/**
 * Counts the rows of every keyspace, in the order of their numbers, by reading all of them.
 *
 * @param reader a snapshot, if anybody writes to the store meanwhile
 * @param takeTurn awaited every few rows; see `turnTaker` of `@lucerna/base`
 * @param onProgress told at the same times how many rows were counted
 * @throws `STORE_CORRUPT`, `STORE_CLOSED`
 */
export async function storeStats(
  reader: KvReader,
  takeTurn: () => Promise<void>,
  onProgress?: Progress,
): Promise<readonly KeyspaceStats[]> {
  const all: KeyspaceStats[] = [];
  let done = 0;
  for (const keyspace of Object.values(KEYSPACES)) {
    let rows = 0;
    let keyBytes = 0;
    let valueBytes = 0;
    for (const [key, value] of reader.range(keyspace)) {
      rows += 1;
      keyBytes += key.length;
      valueBytes += value.length;
      done += 1;
      if (done % TURN_ROWS !== 0) continue;
      onProgress?.(done, undefined);
      await takeTurn();
    }
    all.push({ keyspace, rows, keyBytes, valueBytes });
  }
  onProgress?.(done, done);
  return all;
}
