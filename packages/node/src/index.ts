export { devSealer } from './dev/dev-sealer.ts';
export type { Mining } from './dev/mining.ts';
export {
  DEV_DERIVATION_PATH,
  DEV_MNEMONIC,
  DEV_PRIVATE_KEYS,
  type DevAccountOptions,
  devPrivateKeys,
} from './dev-accounts.ts';
export { type DevGenesisOptions, devGenesis } from './dev-genesis.ts';
export { nodeErrors } from './errors.ts';
export { nodeLimits } from './limits.ts';
export { createNode, type Node, type NodeOptions, type NodePorts } from './node.ts';
export type { FilterState, Sealer, SealerFactory, SealerParts } from './sealer.ts';
export type { VectorNode, VectorNodeOptions } from './vector-node.ts';
export type { OpenVectorPorts, VectorOptions, VectorService } from './vector-service.ts';
export { VERSION } from './version.ts';
