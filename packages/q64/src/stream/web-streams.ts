import type { ByteSource } from '../byte-source.ts';
import { decodedPieces, encodedPieces } from './iterables.ts';
import { Q64StreamDecoder, type Q64StreamDecoderOptions } from './stream-decoder.ts';
import { Q64StreamEncoder, type Q64StreamEncoderOptions } from './stream-encoder.ts';

/** How a web stream is encoded. Its results wait in queues, so their memory is never used again. */
export type Q64EncoderStreamOptions = Omit<Q64StreamEncoderOptions, 'reuseBuffers'>;

/** How a web stream is decoded. Its results wait in queues, so their memory is never used again. */
export type Q64DecoderStreamOptions = Omit<Q64StreamDecoderOptions, 'reuseBuffers'>;

/**
 * A stream that takes bytes and gives their characters in ASCII, in pieces of `2 * chunkSize`. It takes no
 * more while nobody reads. What `Q64StreamEncoder` throws is the error of both of its sides.
 *
 * ```ts
 * await response.body.pipeThrough(createQ64EncoderStream()).pipeTo(file);
 * ```
 *
 * @throws `Q64_ARGUMENT_INVALID` for the options
 */
export function createQ64EncoderStream(
  options: Q64EncoderStreamOptions = {},
): TransformStream<ByteSource, Uint8Array<ArrayBuffer>> {
  const encoder = new Q64StreamEncoder({ ...options, reuseBuffers: false });
  return new TransformStream<ByteSource, Uint8Array<ArrayBuffer>>({
    transform: (part, controller) => {
      for (const piece of encodedPieces(encoder, part)) controller.enqueue(piece);
    },
    flush: (controller) => {
      const last = encoder.finish();
      if (last.length > 0) controller.enqueue(last);
    },
  });
}

/**
 * A stream that takes text, as strings or in ASCII, and gives its bytes in pieces of `chunkSize`. It takes
 * no more while nobody reads. What `Q64StreamDecoder` throws is the error of both of its sides.
 *
 * @throws `Q64_ARGUMENT_INVALID` for the options
 */
export function createQ64DecoderStream(
  options: Q64DecoderStreamOptions = {},
): TransformStream<string | ByteSource, Uint8Array<ArrayBuffer>> {
  const decoder = new Q64StreamDecoder({ ...options, reuseBuffers: false });
  return new TransformStream<string | ByteSource, Uint8Array<ArrayBuffer>>({
    transform: (part, controller) => {
      for (const piece of decodedPieces(decoder, part)) controller.enqueue(piece);
    },
    flush: (controller) => {
      const last = decoder.finish();
      if (last.length > 0) controller.enqueue(last);
    },
  });
}
