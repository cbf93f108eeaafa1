// What a browser gets of this package.
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
export { sdkErrors } from './errors.ts';
export type { LedgerAccount, MnemonicOptions, Who } from './ledger/account.ts';
export type { ArchiveBytes } from './ledger/archive.ts';
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
  type BrowserLedger,
  type BrowserLedgerOptions,
  openLedger,
} from './ledger/open-browser-ledger.ts';
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
export type { Eip1193Provider } from './provider.ts';
