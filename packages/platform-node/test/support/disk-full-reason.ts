// Run with a limit on the size of files, which stands for a disk that is full (setrlimit(2)).
import { KEYSPACES, WriteBatch } from '@lucerna/storage';
import { openLmdbStore } from '../../src/lmdb.ts';

const store = await openLmdbStore(process.argv[2] as string);
const batch = new WriteBatch();
batch.put(KEYSPACES.code, Uint8Array.of(1), new Uint8Array(4_000_000).fill(1));
const startMs = performance.now();
const message = await store.commit(batch, 'process').then(
  () => 'ok',
  (error: Error) => error.message,
);
const ms = performance.now() - startMs;
await store.close();
process.stdout.write(`${JSON.stringify({ message, ms })}\n`);
