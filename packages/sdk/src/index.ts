export type { DevApi } from '@lucerna/api';
export { type CompileOptions, type ContractArtifact, compileContract } from './compile.ts';
export { createDevNode, type DevAccount, type DevNode, type DevNodeOptions } from './dev-node.ts';
export type { Eip1193Provider } from './provider.ts';
