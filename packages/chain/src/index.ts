export {
  Chain,
  type ChainOptions,
  type ChainPorts,
  type HeadEvent,
  type HeadListener,
  openChain,
} from './chain.ts';
export { chainErrors } from './errors.ts';
export { readStoredGenesis } from './genesis.ts';
export { chainLimits } from './limits.ts';
export type { ChainFigures } from './verify.ts';
export type { WriteBehindPolicy } from './write-behind.ts';
