// Run with a limit on the size of files, which stands for a disk that fills up (setrlimit(2)).
import { KEYSPACES, WriteBatch } from '@lucerna/storage';
import { openStore } from './open-store.ts';

const rows = KEYSPACES.code;
const store = await openStore(process.argv[2] as string, process.argv[3] as string);

function batchOf(from: number, count: number, bytes: number): WriteBatch {
  const batch = new WriteBatch();
  for (let row = from; row < from + count; row += 1) {
    batch.put(rows, Uint8Array.of(row), new Uint8Array(bytes).fill(row));
  }
  return batch;
}

async function outcome(batch: WriteBatch): Promise<string> {
  try {
    await store.commit(batch, 'process');
    return 'ok';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

const count = (): number => [...store.range(rows)].length;

const results = [];
results.push(await outcome(batchOf(0, 10, 10)), count());
results.push(await outcome(batchOf(100, 100, 100_000)), count());
results.push(await outcome(batchOf(100, 100, 100_000)), count());
results.push(await outcome(batchOf(10, 10, 10)), count());
results.push(await outcome(batchOf(20, 10, 10)), count());
await store.close();
process.stdout.write(`${JSON.stringify(results)}\n`);
