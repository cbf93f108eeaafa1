/** Some of the bytes of a file, each until the next one is asked for. */
export type Parts = AsyncGenerator<Uint8Array, void, undefined>;

/** The same parts; `onLength` is told of each how long it is. */
export async function* counted(
  parts: AsyncIterable<Uint8Array>,
  onLength: (length: number) => void,
): Parts {
  for await (const part of parts) {
    onLength(part.length);
    yield part;
  }
}

/**
 * Parts between two texts. The one before them comes with the first part, so that there is nothing where
 * that fails; the one behind them is made when they are through.
 */
export async function* framed(
  before: string,
  parts: AsyncIterable<Uint8Array>,
  behind: () => string,
): Parts {
  let start = before;
  for await (const part of parts) {
    if (start !== '') yield Buffer.from(start);
    start = '';
    yield part;
  }
  const end = start + behind();
  if (end !== '') yield Buffer.from(end);
}

/** Two hex digits for each byte, in ASCII. */
export async function* inHex(parts: AsyncIterable<Uint8Array>): Parts {
  for await (const part of parts) {
    const { buffer, byteOffset, length } = part;
    yield Buffer.from(Buffer.from(buffer, byteOffset, length).toString('hex'), 'latin1');
  }
}

/** Some bytes of a file, until the next ones are asked for. */
export type Piece = { readonly bytes: Uint8Array; readonly isLast: boolean };

/** The same bytes in pieces of one length; only the last one may be shorter, and is empty if all are. */
export async function* regrouped(
  parts: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Piece, void, undefined> {
  const room = new Uint8Array(length);
  let filled = 0;
  for await (const part of parts) {
    let from = 0;
    while (from < part.length) {
      if (filled === length) {
        yield { bytes: room, isLast: false };
        filled = 0;
      }
      const taken = Math.min(part.length - from, length - filled);
      room.set(part.subarray(from, from + taken), filled);
      filled += taken;
      from += taken;
    }
  }
  yield { bytes: room.subarray(0, filled), isLast: true };
}
