// Sends so many bytes through a stream and prints what became of the memory. A process of its own: what
// others have left behind would hide its growth.
//
//   node stream-process.ts <web|reuse> <bytes>
import { createQ64EncoderStream, encodeIterable } from '@lucerna/q64';
import { seededBytes } from './bytes.ts';

export type StreamFigures = {
  readonly characters: number;
  /** Of resident memory, at its highest, above that before the stream. */
  readonly growthBytes: number;
};

const PART_BYTES = 2 ** 16;
/** Looking at the memory takes longer than encoding a part. */
const PIECES_A_LOOK = 64;

function* partsOf(bytes: number): Generator<Uint8Array> {
  const part = seededBytes(PART_BYTES);
  for (let sent = 0; sent < bytes; sent += part.length) yield part;
}

function encoded(kind: string | undefined, bytes: number): AsyncIterable<Uint8Array> {
  if (kind === 'reuse') return encodeIterable(partsOf(bytes), { reuseBuffers: true });
  return ReadableStream.from(partsOf(bytes)).pipeThrough(createQ64EncoderStream());
}

async function measure(pieces: AsyncIterable<Uint8Array>): Promise<StreamFigures> {
  const before = process.memoryUsage.rss();
  let [count, characters, most] = [0, 0, before];
  for await (const piece of pieces) {
    characters += piece.length;
    count += 1;
    if (count % PIECES_A_LOOK === 0) most = Math.max(most, process.memoryUsage.rss());
  }
  return { characters, growthBytes: Math.max(most, process.memoryUsage.rss()) - before };
}

const [kind, bytes] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await measure(encoded(kind, Number(bytes)))));
