import type { KvStore } from '@lucerna/storage';

/** Opens the database that the first argument of a child process names. */
export async function openStore(database: string, path: string): Promise<KvStore> {
  if (database === 'lmdb') {
    const { openLmdbStore } = await import('@lucerna/platform-node/lmdb');
    return openLmdbStore(path);
  }
  const { openRocksStore } = await import('@lucerna/platform-node/rocksdb');
  return openRocksStore(path);
}
