export { type AppendFile, checkReadRange } from './append-file.ts';
export { crc32c } from './checksum.ts';
export { storageErrors } from './errors.ts';
export { KEYSPACES, type Keyspace } from './keyspaces.ts';
export {
  type KvEntry,
  type KvRange,
  type KvReader,
  type KvSnapshot,
  type KvStore,
  type KvWrite,
  WriteBatch,
} from './kv-store.ts';
export { MAX_KEY_BYTES, storageLimits } from './limits.ts';
export { createMemoryFile } from './memory-file.ts';
export { createMemoryStore } from './memory-store.ts';
export { OverlayStore } from './overlay-store.ts';
