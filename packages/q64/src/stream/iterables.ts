import { type ByteSource, bytesOf } from '../byte-source.ts';
import { areAsync, type Parts } from './parts.ts';
import { Q64StreamDecoder, type Q64StreamDecoderOptions } from './stream-decoder.ts';
import { Q64StreamEncoder, type Q64StreamEncoderOptions } from './stream-encoder.ts';

/**
 * Encodes parts as they come: pieces of `2 * chunkSize` characters in ASCII, the last one shorter. Takes
 * the next part when somebody asks for more than it has, so memory does not grow with the whole.
 *
 * @throws as `Q64StreamEncoder`, and what `source` throws
 */
export async function* encodeIterable(
  source: Parts<ByteSource>,
  options: Q64StreamEncoderOptions = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const encoder = new Q64StreamEncoder(options);
  if (areAsync(source)) for await (const part of source) yield* encodedPieces(encoder, part);
  else for (const part of source) yield* encodedPieces(encoder, part);
  const last = encoder.finish();
  if (last.length > 0) yield last;
}

/**
 * Decodes parts of a text as they come: pieces of `chunkSize` bytes, the last one shorter. Takes the next
 * part when somebody asks for more than it has, so memory does not grow with the whole.
 *
 * @throws as `Q64StreamDecoder`, and what `source` throws
 */
export async function* decodeIterable(
  source: Parts<string | ByteSource>,
  options: Q64StreamDecoderOptions = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const decoder = new Q64StreamDecoder(options);
  if (areAsync(source)) for await (const part of source) yield* decodedPieces(decoder, part);
  else for (const part of source) yield* decodedPieces(decoder, part);
  const last = decoder.finish();
  if (last.length > 0) yield last;
}

/** The results of a part, however long it is, a piece at a time. */
export function* encodedPieces(
  encoder: Q64StreamEncoder,
  part: ByteSource,
): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  const bytes = bytesOf(part);
  for (let start = 0; start < bytes.length; start += encoder.chunkSize) {
    const piece = encoder.encodeChunk(bytes.subarray(start, start + encoder.chunkSize));
    if (piece.length > 0) yield piece;
  }
}

/** The results of a part, however long it is, a piece at a time. */
export function* decodedPieces(
  decoder: Q64StreamDecoder,
  part: string | ByteSource,
): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  const text = typeof part === 'string' ? part : bytesOf(part);
  const step = 2 * decoder.chunkSize;
  for (let start = 0; start < text.length; start += step) {
    const piece = decoder.decodeChunk(
      typeof text === 'string'
        ? text.slice(start, start + step)
        : text.subarray(start, start + step),
    );
    if (piece.length > 0) yield piece;
  }
}
