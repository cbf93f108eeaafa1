export { type AppendFile, checkReadRange } from './append-file.ts';
export { type BlobDir, checkBlobName } from './blob-dir.ts';
export { crc32c } from './checksum.ts';
export { checksummedStore } from './checksummed-store.ts';
export { type CopyStoreOptions, copyStore } from './copy-store.ts';
export { DiffLayer } from './diff-layer.ts';
export { storageErrors } from './errors.ts';
export { KEYSPACES, type Keyspace } from './keyspaces.ts';
export {
  type KvEntry,
  type KvRange,
  type KvReader,
  type KvSnapshot,
  type KvStore,
  type KvWrite,
  type SnapshotReader,
  WriteBatch,
} from './kv-store.ts';
export { MAX_KEY_BYTES, storageLimits } from './limits.ts';
export { createMemoryBlobDir } from './memory-blob-dir.ts';
export { createMemoryFile } from './memory-file.ts';
export { createMemoryStore } from './memory-store.ts';
export { OverlayStore } from './overlay-store.ts';
export { type KeyspaceStats, storeStats } from './store-stats.ts';
