export { AssertionError, assert, present, unreachable } from './assert.ts';
export { BytePool } from './byte-pool.ts';
export {
  bytesToBigInt,
  compareBytes,
  concatBytes,
  EMPTY_BYTES,
  equalBytes,
  fixedBytes,
  joinBytes,
  minimalBytes,
  rangeToBigInt,
} from './bytes.ts';
export {
  defineErrors,
  type ErrorDefinition,
  type ErrorRegistry,
  isErrorOf,
  isLucernaError,
  LucernaError,
} from './coded-error.ts';
export { baseErrors } from './errors.ts';
export type { Fields } from './fields.ts';
export { fromHex, fromHexKey, type Hex, isHex, toHex, toHexKey, toQuantity } from './hex.ts';
export { defineLimits, type LimitDefinition, type LimitRegistry } from './limit-registry.ts';
export { LruCache } from './lru.ts';
export {
  type Cancel,
  type Channel,
  type Clock,
  type Durability,
  type Log,
  type Random,
  SILENT_LOG,
  type Threads,
} from './ports.ts';
export type { Progress } from './progress.ts';
export { type SeededRandom, seededRandom } from './random.ts';
export { SerialQueue } from './serial-queue.ts';
export { turnTaker } from './turn-taker.ts';
