export type { DevApi } from '@lucerna/api';
export {
  type ChromaAdmin,
  type ChromaClient,
  type ChromaClientOptions,
  type ChromaCollectionRequest,
  type ChromaDatabase,
  createChromaAdmin,
  createChromaClient,
} from './chroma-client/client.ts';
export type { ChromaCollection, ChromaIndexingStatus } from './chroma-client/collection.ts';
export {
  ChromaClientError,
  ChromaForbiddenError,
  ChromaNotFoundError,
  ChromaRateLimitError,
  ChromaServerError,
  ChromaUniqueError,
  ChromaValueError,
} from './chroma-client/errors.ts';
export type {
  ChromaGetResult,
  ChromaQueryResult,
  ChromaSearchResult,
  ChromaSearchRow,
} from './chroma-client/results.ts';
export type { ChromaSearchInput } from './chroma-client/search-payload.ts';
export type {
  ChromaConfiguration,
  ChromaEmbeddingFunction,
  ChromaEmbeddingFunctionClass,
  ChromaInclude,
  ChromaMetadata,
  ChromaMetadataValue,
  ChromaRecords,
  ChromaSelection,
  ChromaSparseVector,
  ChromaWhere,
  ChromaWhereDocument,
} from './chroma-client/types.ts';
export {
  type CompileOptions,
  type ContractArtifact,
  compileContract,
  compileStandardContract,
} from './compile.ts';
export type { ContractArguments, ContractSource } from './contract-call.ts';
export type { ContractLog, ContractReceipt, ContractStateChange } from './contract-receipt.ts';
export type { ContractVmStatistics } from './contract-statistics.ts';
export {
  type ContractCallOptions,
  type ContractVm,
  type ContractVmOptions,
  createContractVm,
  type DeploymentReceipt,
  type DeployOptions,
} from './contract-vm.ts';
export { createDevNode, type DevAccount, type DevNode, type DevNodeOptions } from './dev-node.ts';
export { sdkErrors } from './errors.ts';
export { sdkLimits } from './limits.ts';
export type { Eip1193Provider } from './provider.ts';
export {
  openVectorDatabase,
  openVectorPorts,
  type VectorDatabaseOptions,
  type VectorLocation,
  type VectorPortOptions,
} from './vector-store/open-database.ts';
export type { VectorStoreOptions } from './vector-store/options.ts';
export { VectorStore } from './vector-store/vector-store.ts';
