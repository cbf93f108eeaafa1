import { describe, expect, it } from 'vitest';
import {
  decodedPieces,
  decodeIterable,
  encodedPieces,
  encodeIterable,
} from '../../src/stream/iterables.ts';
import { Q64StreamDecoder } from '../../src/stream/stream-decoder.ts';
import { Q64StreamEncoder } from '../../src/stream/stream-encoder.ts';
import { asciiOf, countingBytes, joined, naiveText, partsOf } from './parts.ts';

async function* later<T>(parts: Iterable<T>): AsyncGenerator<T> {
  for (const part of parts) {
    await Promise.resolve();
    yield part;
  }
}

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const copies: Uint8Array[] = [];
  for await (const piece of pieces) copies.push(piece.slice());
  return copies;
}

describe('iterables', () => {
  it('are encoded and decoded in pieces, one shorter at the end', async () => {
    const bytes = countingBytes(100);
    const text = naiveText(bytes);
    const byteParts = partsOf(bytes, [1, 1, 4, 50, 99]);
    const textParts = partsOf(text, [1, 1, 4, 50, 199]);
    for (const given of [byteParts, later(byteParts)]) {
      const pieces = await all(encodeIterable(given, { chunkSize: 30, reuseBuffers: true }));
      expect(pieces.map(({ length }) => length)).toEqual([60, 60, 60, 20]);
      expect(asciiOf(joined(pieces))).toBe(text);
    }
    for (const given of [textParts, later(textParts)]) {
      const pieces = await all(decodeIterable(given, { chunkSize: 30 }));
      expect(pieces.map(({ length }) => length)).toEqual([30, 30, 30, 10]);
      expect(joined(pieces)).toEqual(bytes);
    }
    expect(await all(encodeIterable([]))).toEqual([]);
    expect(await all(decodeIterable(['', new Uint8Array(0)]))).toEqual([]);
  });

  it('are asked for no more than somebody reads', async () => {
    let asked = 0;
    const endless = function* (): Generator<Uint8Array> {
      for (;;) {
        asked += 1;
        yield countingBytes(10);
      }
    };
    const pieces = encodeIterable(endless(), { chunkSize: 20 });
    expect(asked).toBe(0);
    await pieces.next();
    expect(asked).toBe(2);
    await pieces.next();
    expect(asked).toBe(4);
    await pieces.return();
    await pieces.next();
    expect(asked).toBe(4);
  });

  it('may have a part that is larger than all memory should be', () => {
    const part = new Uint8Array(100_000);
    let most = 0;
    const encoder = new Q64StreamEncoder({ chunkSize: 1_000, reuseBuffers: true });
    const decoder = new Q64StreamDecoder({ chunkSize: 1_000 });
    let decoded = 0;
    for (const piece of encodedPieces(encoder, part)) {
      most = Math.max(most, piece.length);
      for (const bytes of decodedPieces(decoder, piece)) decoded += bytes.length;
    }
    expect(most).toBe(2_000);
    expect(decoded).toBe(100_000);
  });

  it('pass on what is wrong with them', async () => {
    await expect(all(encodeIterable([Uint8Array.of(1), 7 as never]))).rejects.toMatchObject({
      code: 'Q64_ARGUMENT_INVALID',
    });
    // Bytes are not a list of bytes.
    await expect(all(encodeIterable(countingBytes(3) as never))).rejects.toMatchObject({
      code: 'Q64_ARGUMENT_INVALID',
    });
    for (const nothing of [undefined as never, 7 as never]) {
      for (const pieces of [encodeIterable(nothing), decodeIterable(nothing)]) {
        await expect(all(pieces)).rejects.toMatchObject({ code: 'Q64_ARGUMENT_INVALID' });
      }
    }
    await expect(all(decodeIterable(['AQ', 'gw!']))).rejects.toMatchObject({
      code: 'Q64_CHARACTER_INVALID',
      fields: { position: 4 },
    });
    await expect(all(decodeIterable(['AQ', 'g']))).rejects.toMatchObject({
      code: 'Q64_LENGTH_ODD',
    });
    await expect(all(encodeIterable([], { chunkSize: 0 }))).rejects.toMatchObject({
      code: 'Q64_ARGUMENT_INVALID',
    });
    const failing = async function* (): AsyncGenerator<string> {
      yield 'AQ';
      throw new Error('the network');
    };
    await expect(all(decodeIterable(failing()))).rejects.toThrow('the network');
  });
});
