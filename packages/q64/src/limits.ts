import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** Limits of the Q64 encodings. */
export const q64Limits: LimitRegistry<
  | 'batchItems'
  | 'bufferBytes'
  | 'kernelBytes'
  | 'levels'
  | 'poolBuffers'
  | 'poolBytes'
  | 'queryTokens'
  | 'simHashDimensions'
  | 'simHashKernelBytes'
  | 'simHashMatrixBytes'
  | 'simHashPlanes'
  | 'streamChunkBytes'
  | 'textCharacters'
  | 'topIndices'
> = defineLimits('q64', {
  batchItems: {
    value: 2 ** 20,
    unit: 'items of one batch',
    why: 'their results exist at the same time; a batch processor takes any number in chunks',
  },
  bufferBytes: {
    value: 2 ** 32,
    unit: 'bytes of one result',
    why: 'a thread that asks for more than there is may be ended without an error',
  },
  kernelBytes: {
    value: 2_048,
    unit: 'bytes',
    why: 'it is compiled when it is first used, on whatever thread that is',
  },
  levels: {
    value: 64,
    unit: 'levels of one Matryoshka code',
    why: 'each repeats the beginning of the embedding',
  },
  poolBuffers: {
    value: 2 ** 16,
    unit: 'buffers that a pool keeps for later',
    why: 'what a pool keeps, nobody else can use',
  },
  poolBytes: {
    value: 2 ** 28,
    unit: 'bytes that a pool keeps for later',
    why: 'what a pool keeps, nobody else can use',
  },
  queryTokens: {
    value: 1_024,
    unit: 'tokens of one query',
    why: 'OpenSearch and Elasticsearch take no more clauses by default',
  },
  simHashDimensions: {
    value: 2 ** 16,
    unit: 'bytes of one embedding',
    why: 'the planes have a number for each of them',
  },
  simHashKernelBytes: {
    value: 4_096,
    unit: 'bytes',
    why: 'it is compiled when it is first used, on whatever thread that is',
  },
  simHashMatrixBytes: {
    value: 2 ** 26,
    unit: 'bytes of the planes of one length, and of all that are kept for later',
    why: 'drawing them takes longer than hashing with them, and the kernel has a copy of the last ones',
  },
  simHashPlanes: {
    value: 1_024,
    unit: 'bits of one hash',
    why: 'more of them cost as much as the embedding itself',
  },
  streamChunkBytes: {
    value: 2 ** 24,
    unit: 'bytes of one piece of a stream',
    why: 'a stream is there to keep little in memory',
  },
  textCharacters: {
    value: 2 ** 29 - 24,
    unit: 'characters of one string',
    why: 'V8 has no longer ones',
  },
  topIndices: {
    value: 2 ** 16,
    unit: 'indices of one code',
    why: 'an index has at most 16 bits',
  },
});
