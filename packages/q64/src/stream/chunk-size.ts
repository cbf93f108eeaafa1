import { wholeNumber } from '../batch/whole-number.ts';
import { q64Limits } from '../limits.ts';

/** Bytes that a stream works on at a time, unless it was told otherwise. */
const DEFAULT_CHUNK_BYTES = 65_536;

/** The bytes of one piece of a stream. @throws `Q64_ARGUMENT_INVALID` */
export function chunkSizeOf(options: { readonly chunkSize?: number | undefined }): number {
  const { chunkSize = DEFAULT_CHUNK_BYTES } = options;
  return wholeNumber('chunkSize', chunkSize, 1, q64Limits.values.streamChunkBytes);
}
