export type { DevApi } from '@lucerna/api';
export {
  addressTextOf,
  DEV_NAMES,
  type NamedAccount,
  namedAccount,
} from './accounts/named-account.ts';
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
export type { LedgerAccount, MnemonicOptions, Who } from './ledger/account.ts';
export type {
  EventFilter,
  EventRange,
  LedgerCallOptions,
  LedgerContract,
} from './ledger/contract.ts';
export type { HistoryOptions } from './ledger/history.ts';
export type {
  ArchiveRange,
  ExportedBlocks,
  Ledger,
  LedgerDeployOptions,
  TransferFilter,
} from './ledger/ledger.ts';
export {
  type NodeArchiveSource,
  type NodeArchiveTarget,
  type NodeLedger,
  type NodeLedgerOptions,
  openLedger,
} from './ledger/open-ledger.ts';
export type { LedgerLocation, LedgerOptions } from './ledger/open-on.ts';
export {
  type LedgerProof,
  type ProvedAccount,
  type TrustedRoot,
  verifyProof,
} from './ledger/proof.ts';
export type { LedgerRequest, SendOptions } from './ledger/sending.ts';
export type { LedgerTransfer } from './ledger/transfers.ts';
export type {
  LedgerBlock,
  LedgerEvent,
  LedgerReceipt,
  LedgerTransaction,
} from './ledger/views.ts';
export type { LedgerWatch, Watched, WatchOptions } from './ledger/watch.ts';
export { sdkLimits } from './limits.ts';
export { Mempool, MempoolConfig, type PoolTransaction, type PoolVerdict } from './pool/mempool.ts';
export type { RawTransactionObject, TransactionObject } from './pool/transaction-json.ts';
export type { Eip1193Provider } from './provider.ts';
export * as q64 from './q64/q64.ts';
export type { WholeNumber } from './state-db/amounts.ts';
export { Block, type BlockOptions, type StoredBlock } from './state-db/block.ts';
export type { NodeType } from './state-db/node-registry.ts';
export { type Account, StateDB, type StateDBOptions } from './state-db/state-db.ts';
export { type Allocation, DEV_ALLOCATION, STATE_DB_CHAIN_ID } from './state-db/state-db-genesis.ts';
export { Transaction, type TransactionType } from './state-db/transaction.ts';
export {
  openVectorDatabase,
  openVectorPorts,
  type VectorDatabaseOptions,
  type VectorLocation,
  type VectorPortOptions,
} from './vector-store/open-database.ts';
export type { VectorStoreOptions } from './vector-store/options.ts';
export { VectorStore } from './vector-store/vector-store.ts';
