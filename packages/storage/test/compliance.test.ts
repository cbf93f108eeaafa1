import {
  checksummedStore,
  createMemoryBlobDir,
  createMemoryFile,
  createMemoryStore,
  DiffLayer,
  type KvStore,
  OverlayStore,
} from '@lucerna/storage';
import {
  appendFileCompliance,
  blobDirCompliance,
  kvStoreCompliance,
} from '@lucerna/storage/compliance';
import { createFaultyFile, createFaultyStore, FaultyDisk } from '@lucerna/storage/faulty';

kvStoreCompliance('the memory store', createMemoryStore);
appendFileCompliance('the memory file', createMemoryFile);
blobDirCompliance('the memory directory of blobs', createMemoryBlobDir);

kvStoreCompliance('a memory store with checksums', () => checksummedStore(createMemoryStore()));
kvStoreCompliance('a faulty store with checksums', () => checksummedStore(createFaultyStore()));
kvStoreCompliance('a layer of changes', () => layers(false));
kvStoreCompliance('a stack of layers, one for every commit', () => layers(true));

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
blobDirCompliance(
  'a folder of a faulty disk',
  () => {
    made += 1;
    name = `folder ${made}`;
    return disk.openBlobDir(name);
  },
  {
    reopen: async (dir) => {
      await dir.close();
      return disk.openBlobDir(name);
    },
    whileSyncsFail: (change) => {
      // The removal is the next operation, its sync the one after it.
      disk.failAt(disk.operations + 2);
      return change();
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

/** Layers of changes over a memory store, in the shape of the port. */
function layers(isStacked: boolean): KvStore {
  const base = createMemoryStore();
  let top = new DiffLayer(base);
  // Closed is closed, whatever the layers still hold.
  const checkOpen = (): void => base.snapshot().release();
  return {
    get: (keyspace, key) => top.get(keyspace, key),
    range: (keyspace, range) => top.range(keyspace, range),
    snapshot: () => top.snapshot(),
    commit: async (batch) => {
      checkOpen();
      if (isStacked) top = new DiffLayer(top);
      top.publish(batch);
    },
    close: () => base.close(),
  };
}
