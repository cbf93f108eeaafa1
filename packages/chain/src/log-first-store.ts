import type { KvStore } from '@lucerna/storage';
import type { BlockLog } from './block-log.ts';

/**
 * `store` behind a barrier: whatever it commits, the log has on the disk before. So the durable
 * store is never ahead of the durable log, and recovery can always make up what the store lacks.
 *
 * The barrier belongs here and not before a flush: a batch is complete when `commit` is called, so a
 * sync that begins now covers every record that the batch rests on, even while more are appended.
 */
export function logFirstStore(log: Pick<BlockLog, 'sync'>, store: KvStore): KvStore {
  return {
    get: (keyspace, key) => store.get(keyspace, key),
    range: (keyspace, range) => store.range(keyspace, range),
    snapshot: () => store.snapshot(),
    commit: async (batch, level): Promise<void> => {
      await log.sync();
      await store.commit(batch, level);
    },
    close: () => store.close(),
  };
}
