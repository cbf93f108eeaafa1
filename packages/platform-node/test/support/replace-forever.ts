// Replaces the store of a data directory again and again, with rows that count, and says which count
// is in place before each time, and when the next one is filled.
import {
  openDataDirectory,
  openDirectoryStore,
  replaceStore,
} from '@lucerna/platform-node/directory';
import { KEYSPACES, WriteBatch } from '@lucerna/storage';

let directory = await openDataDirectory(process.argv[2] as string);
const store = await openDirectoryStore(directory);
let count = store.get(KEYSPACES.blocks, Uint8Array.of(0))?.[0] ?? 0;
await store.close();
for (;;) {
  process.stdout.write(`have ${count}\n`);
  // A byte holds as many as there is time for.
  count = Math.min(count + 1, 255);
  const batch = new WriteBatch();
  for (let row = 0; row < 60; row += 1) {
    batch.put(KEYSPACES.blocks, Uint8Array.of(row), Uint8Array.of(count));
  }
  directory = await replaceStore(directory, async (fresh) => {
    await fresh.commit(batch, 'process');
    process.stdout.write(`filled ${count}\n`);
  });
}
