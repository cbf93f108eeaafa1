import type { Progress } from '@lucerna/base';
import { KEYSPACES } from './keyspaces.ts';
import { type KvReader, type KvStore, WriteBatch } from './kv-store.ts';
import { COPY_BATCH_BYTES, TURN_ROWS } from './limits.ts';

/** How a store is copied. */
export type CopyStoreOptions = {
  /** A commit is made after so many bytes of keys and values. Default: the limit `copyBatchBytes`. */
  readonly batchBytes?: number;
  /** Awaited every few rows; see `turnTaker` of `@lucerna/base`. */
  readonly takeTurn: () => Promise<void>;
  /** Told after every commit how many rows are in the copy. */
  readonly onProgress?: Progress;
};

/**
 * Puts every row of `from` into `to`, keyspace by keyspace in the order of their numbers, each in the
 * order of its keys. What is in `to` stays, so give an empty one. The last commit is at level power:
 * when this resolves, all rows outlive everything. After a failure, `to` has some of the rows.
 *
 * @param from a snapshot, if anybody writes to the store meanwhile
 * @returns rows, and bytes of their keys and values
 * @throws `STORE_CORRUPT`, `STORE_WRITE_FAILED`, `STORE_CLOSED`
 */
export async function copyStore(
  from: KvReader,
  to: KvStore,
  options: CopyStoreOptions,
): Promise<{ readonly rows: number; readonly bytes: number }> {
  const { batchBytes = COPY_BATCH_BYTES, takeTurn, onProgress } = options;
  let rows = 0;
  let bytes = 0;
  let committedBytes = 0;
  let batch = new WriteBatch();
  for (const keyspace of Object.values(KEYSPACES)) {
    for (const [key, value] of from.range(keyspace)) {
      batch.put(keyspace, key, value);
      rows += 1;
      bytes += key.length + value.length;
      if (bytes - committedBytes >= batchBytes) {
        await to.commit(batch, 'process');
        batch = new WriteBatch();
        committedBytes = bytes;
        onProgress?.(rows, undefined);
      }
      if (rows % TURN_ROWS === 0) await takeTurn();
    }
  }
  // Also when it is empty: it hardens the ones before it.
  await to.commit(batch, 'power');
  onProgress?.(rows, rows);
  return { rows, bytes };
}
