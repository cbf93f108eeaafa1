import { Transform } from 'node:stream';
import {
  decodedPieces,
  encodedPieces,
  type Q64DecoderStreamOptions,
  type Q64EncoderStreamOptions,
  Q64StreamDecoder,
  Q64StreamEncoder,
} from '@lucerna/q64';

/** How a stream of Node.js is encoded. */
export type Q64EncodeStreamOptions = Q64EncoderStreamOptions;

/** How a stream of Node.js is decoded. */
export type Q64DecodeStreamOptions = Q64DecoderStreamOptions;

/**
 * A stream of Node.js that takes bytes and gives their characters in ASCII, in pieces of `2 * chunkSize`.
 * What `Q64StreamEncoder` throws is its `error`.
 *
 * ```ts
 * await pipeline(createReadStream('a.bin'), q64EncodeStream(), createWriteStream('a.q64'));
 * ```
 *
 * @throws `Q64_ARGUMENT_INVALID` for the options
 */
export function q64EncodeStream(options: Q64EncodeStreamOptions = {}): Transform {
  const encoder = new Q64StreamEncoder({ ...options, reuseBuffers: false });
  return transformOf(
    (part) => encodedPieces(encoder, part),
    () => encoder.finish(),
  );
}

/**
 * A stream of Node.js that takes text and gives its bytes, in pieces of `chunkSize`. What
 * `Q64StreamDecoder` throws is its `error`.
 *
 * @throws `Q64_ARGUMENT_INVALID` for the options
 */
export function q64DecodeStream(options: Q64DecodeStreamOptions = {}): Transform {
  const decoder = new Q64StreamDecoder({ ...options, reuseBuffers: false });
  return transformOf(
    (part) => decodedPieces(decoder, part),
    () => decoder.finish(),
  );
}

function transformOf(
  piecesOf: (part: Buffer) => Iterable<Uint8Array>,
  finish: () => Uint8Array,
): Transform {
  return new Transform({
    transform(part: Buffer, _encoding, done) {
      settle(done, () => {
        for (const piece of piecesOf(part)) this.push(piece);
      });
    },
    flush(done) {
      settle(done, () => {
        const last = finish();
        if (last.length > 0) this.push(last);
      });
    },
  });
}

function settle(done: (error?: Error | null) => void, run: () => void): void {
  try {
    run();
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}
