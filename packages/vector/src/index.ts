export type {
  Collection,
  CollectionStatistics,
  CreateCollection,
  DatabaseEntry,
  DatabaseName,
  GetRequest,
  ModifyCollection,
  QueryHit,
  QueryRequest,
  SalvageLoss,
  Selection,
  VectorDatabase,
} from './collection-api.ts';
export { DEFAULT_DATABASE } from './collection-api.ts';
export { DEFAULT_INDEX, type EmbeddingIdentity, type IndexConfiguration } from './configuration.ts';
export { openVectorDatabase, type VectorDatabaseOptions } from './database.ts';
export { vectorErrors } from './errors.ts';
export { parseWhere, parseWhereDocument } from './filter/parse-where.ts';
export type { Where, WhereDocument } from './filter/where.ts';
export {
  checkFolderMarker,
  FOLDER_MARKER,
  FOLDER_MARKER_NAME,
  FOLDER_NAMES,
  readOnlyBlobs,
  readOnlyFile,
} from './folder-layout.ts';
export {
  type ExactJson,
  type FormattableJson,
  formatExactJson,
  type ParseExactJsonOptions,
  parseExactJson,
} from './json.ts';
export { vectorLimits } from './limits.ts';
export { createMemoryVectorFolder, MemoryVectorDisk } from './memory-folder.ts';
export type {
  Metadata,
  MetadataPatch,
  MetadataScalar,
  MetadataValue,
  SparseVector,
} from './metadata.ts';
export {
  collectionMetadataFrom,
  isSparseVector,
  metadataFrom,
  metadataPatchFrom,
  metadataToJson,
} from './metadata-values.ts';
export type { Metric, SearchMode, Traversal } from './metric.ts';
export type { VectorFolder, VectorPorts } from './ports.ts';
export type { Provenance, RecordBatch, StoredRecord } from './record.ts';
export type { Embeddings, EmbeddingValues } from './store/embedding-column.ts';
export {
  type JsonValue,
  type MetadataInput,
  type MetadataObject,
  metadataObject,
  metadataText,
  type StoredMetadata,
  storedMetadata,
} from './store/metadata-text.ts';
export { scoreOf } from './store/score.ts';
export {
  DEFAULT_STORE_COLLECTION,
  openStoreParts,
  type StoreOptions,
  type StoreParts,
} from './store/store-options.ts';
export {
  type AddOptions,
  type SearchOptions,
  type SearchResult,
  type StoreInfo,
  VectorStore,
} from './store/vector-store.ts';
