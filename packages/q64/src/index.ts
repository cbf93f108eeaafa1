export { ALPHABETS, type Alphabet } from './alphabet.ts';
export {
  BatchProcessor,
  type BatchProcessorOptions,
  type ProcessOptions,
} from './batch/batch-processor.ts';
export { BufferPool, type BufferPoolCounts, type BufferPoolOptions } from './batch/buffer-pool.ts';
export { type EncodeBatchOptions, encodeBatch } from './batch/encode-batch.ts';
export type { EncodedBatch } from './batch/encoded-batch.ts';
export type { ByteSource } from './byte-source.ts';
export { decodeEq64, type Eq64Group, type Eq64Options, encodeEq64, validateEq64 } from './eq64.ts';
export { q64Errors } from './errors.ts';
export { q64Limits } from './limits.ts';
export {
  decodeMq64,
  decodeMq64Levels,
  encodeMq64,
  type Mq64Options,
  prefixMq64,
  validateMq64,
} from './mq64.ts';
export {
  decodeInto,
  decodeQ64,
  encodeBuffer,
  encodeInto,
  encodeQ64,
  type Q64Options,
  type Q64Problem,
  type Transfer,
  validateQ64,
} from './q64.ts';
export { type Q64Counts, Q64Stats } from './q64-stats.ts';
export {
  dequantise,
  type EmbeddingOptions,
  encodeEmbedding,
  type Quantisation,
  type QuantisationParameters,
  type Quantised,
  type QuantisedBytes,
  quantiseBinary,
  quantiseInt8,
  quantiseMinMax,
  type Values,
} from './quantise.ts';
export { fragmentAlignment, fragmentsOf } from './search/fragment.ts';
export {
  type OpenSearchBody,
  type OpenSearchFields,
  openSearchFragment,
  openSearchIndex,
  openSearchPrefix,
  openSearchTokens,
} from './search/open-search.ts';
export {
  type CosineEstimate,
  estimateCosine,
  hammingDistance,
} from './search/sim-hash-distance.ts';
export {
  globPattern,
  type LikeOptions,
  likePattern,
  type PatternOptions,
} from './search/sql-patterns.ts';
export { groupTokens, positionTokens } from './search/tokens.ts';
export { overlap, type TopIndexOptions, topIndexTokens } from './search/top-index-overlap.ts';
export { commonPrefix, prefixDimensions } from './search/z-order-prefix.ts';
export type { SimHashGenerator } from './sim-hash/planes.ts';
export { decodeShq64, encodeShq64, validateShq64 } from './sim-hash/shq64.ts';
export type { Shq64Options } from './sim-hash/sim-hash-options.ts';
export { createSimHasher, type SimHasher } from './sim-hash/sim-hasher.ts';
export {
  decodedPieces,
  decodeIterable,
  encodedPieces,
  encodeIterable,
} from './stream/iterables.ts';
export type { Parts } from './stream/parts.ts';
export { Q64StreamDecoder, type Q64StreamDecoderOptions } from './stream/stream-decoder.ts';
export { Q64StreamEncoder, type Q64StreamEncoderOptions } from './stream/stream-encoder.ts';
export {
  createQ64DecoderStream,
  createQ64EncoderStream,
  type Q64DecoderStreamOptions,
  type Q64EncoderStreamOptions,
} from './stream/web-streams.ts';
export {
  decodeT8q64,
  encodeT8q64,
  type IndexBits,
  type T8q64DecodeOptions,
  type T8q64Options,
  validateT8q64,
} from './t8q64.ts';
export {
  decodeZoq64,
  encodeZoq64,
  validateZoq64,
  type Zoq64Form,
  type Zoq64Options,
} from './zoq64.ts';
