export { DEV_DERIVATION_PATH, DEV_MNEMONIC, DEV_PRIVATE_KEYS } from './dev-accounts.ts';
export { DEV_BALANCE, type DevGenesisOptions } from './dev-genesis.ts';
export { devSealer, type Mining } from './dev-sealer.ts';
export { nodeErrors } from './errors.ts';
export { nodeLimits } from './limits.ts';
export { createNode, type Node, type NodeOptions, type NodePorts } from './node.ts';
export type { Sealer, SealerFactory, SealerParts, SealRequest } from './sealer.ts';
export { VERSION } from './version.ts';
