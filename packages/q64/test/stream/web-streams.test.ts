import { describe, expect, it } from 'vitest';
import { Q64Stats } from '../../src/q64-stats.ts';
import { createQ64DecoderStream, createQ64EncoderStream } from '../../src/stream/web-streams.ts';
import { asciiOf, countingBytes, joined, naiveText, partsOf } from './parts.ts';

function streamOf<T>(parts: Iterable<T>): ReadableStream<T> {
  // Not all browsers have `ReadableStream.from`.
  const iterator = parts[Symbol.iterator]();
  return new ReadableStream({
    pull: (controller): void => {
      const { done, value } = iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

async function all(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}

describe('web streams', () => {
  it('encode and decode in pieces, there and back', async () => {
    const bytes = countingBytes(100);
    const text = naiveText(bytes);
    const stats = new Q64Stats();
    const encoder = createQ64EncoderStream({ chunkSize: 30, stats });
    const pieces = await all(streamOf(partsOf(bytes, [1, 1, 40, 41])).pipeThrough(encoder));
    expect(pieces.map(({ length }) => length)).toEqual([60, 60, 60, 20]);
    expect(asciiOf(joined(pieces))).toBe(text);
    // Each piece has memory of its own: it may wait in a queue.
    expect(new Set(pieces.map(({ buffer }) => buffer)).size).toBe(4);
    expect(stats.snapshot()).toMatchObject({ operations: 4, bytesEncoded: 100, allocations: 4 });
    for (const parts of [partsOf(text, [1, 2, 101]), pieces]) {
      const decoder = createQ64DecoderStream({ chunkSize: 30, stats });
      const decoded = await all(streamOf<string | Uint8Array>(parts).pipeThrough(decoder));
      expect(decoded.map(({ length }) => length)).toEqual([30, 30, 30, 10]);
      expect(joined(decoded)).toEqual(bytes);
    }
    expect(stats.snapshot()).toMatchObject({ operations: 12, bytesDecoded: 200 });
  });

  it('fit what platforms have', async () => {
    const bytes = countingBytes(200_000);
    const text = await new Response(
      new Blob([bytes]).stream().pipeThrough(createQ64EncoderStream()),
    ).text();
    expect(text).toBe(naiveText(bytes));
    const body = new Response(text).body?.pipeThrough(createQ64DecoderStream());
    expect(await new Response(body as ReadableStream).bytes()).toEqual(bytes);
  });

  it('take no more than somebody reads', async () => {
    let asked = 0;
    const source = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          asked += 1;
          controller.enqueue(countingBytes(1_000));
        },
      },
      { highWaterMark: 0 },
    );
    const reader = source
      .pipeThrough(createQ64EncoderStream({ chunkSize: 1_000 }))
      .pipeThrough(createQ64DecoderStream({ chunkSize: 1_000 }))
      .getReader();
    for (let read = 1; read <= 20; read += 1) {
      const { value } = await reader.read();
      expect(value).toEqual(countingBytes(1_000));
      // Nobody reads: every turn that the streams want is theirs.
      await new Promise((resolve) => setTimeout(resolve, 0));
      // One piece on its way in each queue.
      expect(asked).toBeLessThanOrEqual(read + 4);
    }
    await reader.cancel();
  });

  it('fail on both sides, with the position in the whole stream', async () => {
    const decoder = createQ64DecoderStream();
    const writer = decoder.writable.getWriter();
    const read = all(decoder.readable);
    const isWritten = Promise.all([writer.write('AQgw'), writer.write('AQg'), writer.write('!')]);
    const expected = { code: 'Q64_CHARACTER_INVALID', fields: { position: 7, expected: 3 } };
    await expect(read).rejects.toMatchObject(expected);
    await expect(isWritten).rejects.toMatchObject(expected);
    await expect(writer.closed).rejects.toMatchObject(expected);

    const cut = streamOf(['AQg']).pipeThrough(createQ64DecoderStream());
    await expect(all(cut)).rejects.toMatchObject({ code: 'Q64_LENGTH_ODD' });
    const foreign = streamOf([1 as never]).pipeThrough(createQ64EncoderStream());
    await expect(all(foreign)).rejects.toMatchObject({ code: 'Q64_ARGUMENT_INVALID' });
    const spaced = streamOf(['A Q', '\n']).pipeThrough(
      createQ64DecoderStream({ ignoreWhitespace: true }),
    );
    expect(await all(spaced)).toEqual([new Uint8Array(1)]);
  });
});
