import { createMemoryFile, createMemoryStore, type KvStore, OverlayStore } from '@lucerna/storage';
import { appendFileCompliance, kvStoreCompliance } from '@lucerna/storage/compliance';
import { createFaultyFile, createFaultyStore, FaultyDisk } from '@lucerna/storage/faulty';

kvStoreCompliance('the memory store', createMemoryStore);
appendFileCompliance('the memory file', createMemoryFile);

kvStoreCompliance('an overlay that is flushed at every commit', () => flushedOverlay(() => true));
kvStoreCompliance('an overlay that is flushed at every third commit', () =>
  flushedOverlay((commit) => commit % 3 === 0),
);

kvStoreCompliance('a faulty store without faults', createFaultyStore);
appendFileCompliance('a faulty file without faults', createFaultyFile);

const disk = new FaultyDisk();
let name = '';
let made = 0;

kvStoreCompliance(
  'a store of a faulty disk',
  () => {
    made += 1;
    name = `store ${made}`;
    return disk.openStore(name);
  },
  {
    reopen: async (store) => {
      await store.close();
      return disk.openStore(name);
    },
  },
);
appendFileCompliance(
  'a file of a faulty disk',
  () => {
    made += 1;
    name = `file ${made}`;
    return disk.openFile(name);
  },
  {
    reopen: async (file) => {
      await file.close();
      return disk.openFile(name);
    },
  },
);

/** An overlay store in the shape of the port, over a memory store. */
function flushedOverlay(flushesAt: (commit: number) => boolean): KvStore {
  const base = createMemoryStore();
  const overlay = OverlayStore.open(base);
  let commits = 0;
  let closed = false;
  return {
    get: (keyspace, key) => overlay.get(keyspace, key),
    range: (keyspace, range) => overlay.range(keyspace, range),
    snapshot: () => overlay.snapshot(),
    commit: async (batch, level) => {
      // Closed is closed, whatever the overlay still holds.
      base.snapshot().release();
      commits += 1;
      overlay.publish(batch);
      if (flushesAt(commits)) await overlay.flush(level);
    },
    close: async () => {
      if (!closed) await overlay.flush('power');
      closed = true;
      await base.close();
    },
  };
}
