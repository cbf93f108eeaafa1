export type { DevApi } from '@lucerna/api';
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
