// LZ4 frames, in which Arrow packs its buffers. Frame format 1.6.4, block format of 2022.
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md

const MAGIC = 0x184d2204;
/** The highest bit of a block's length: the block is not packed. */
const STORED = 0x8000_0000;
const MIN_MATCH = 4;
/** Of a length that goes on in the next byte. */
const LONG = 15;

/**
 * Unpacks a frame that gives `length` bytes. Checksums of the frame are left alone: the archive around
 * it has none either.
 *
 * @throws RangeError when it is malformed
 */
export function unpackLz4Frame(frame: Uint8Array, length: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new RangeError('no LZ4 frame');
  const flags = view.getUint8(4);
  if (flags >>> 6 !== 1) throw new RangeError(`version ${flags >>> 6} of LZ4 frames`);
  const hasBlockChecksum = (flags & 0x10) !== 0;
  const hasContentSize = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  if (hasDictionary) throw new RangeError('an LZ4 frame with a dictionary');
  let at = 7 + (hasContentSize ? 8 : 0);
  const target = new Uint8Array(length);
  let filled = 0;
  for (;;) {
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) break;
    const size = word & ~STORED;
    if (at + size > frame.length) throw new RangeError('an LZ4 block is cut short');
    const block = frame.subarray(at, at + size);
    filled =
      (word & STORED) === 0 ? unpackBlock(block, target, filled) : copy(block, target, filled);
    at += size + (hasBlockChecksum ? 4 : 0);
  }
  if (filled !== length) throw new RangeError(`an LZ4 frame of ${filled} bytes, not ${length}`);
  return target;
}

function copy(block: Uint8Array, target: Uint8Array, filled: number): number {
  if (filled + block.length > target.length) throw new RangeError('an LZ4 frame is too long');
  target.set(block, filled);
  return filled + block.length;
}

/** A block is sequences of literals and a match, which may reach back into the blocks before. */
function unpackBlock(block: Uint8Array, target: Uint8Array, start: number): number {
  let at = 0;
  let filled = start;
  const next = (): number => {
    const byte = block[at];
    if (byte === undefined) throw new RangeError('an LZ4 block is cut short');
    at += 1;
    return byte;
  };
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    if (nibble < LONG) return length;
    for (let byte = next(); ; byte = next()) {
      length += byte;
      if (byte !== 255) return length;
    }
  };
  while (at < block.length) {
    const token = next();
    const literals = lengthFrom(token >>> 4);
    if (at + literals > block.length) throw new RangeError('an LZ4 block is cut short');
    filled = copy(block.subarray(at, at + literals), target, filled);
    at += literals;
    // The last sequence has no match.
    if (at === block.length) break;
    const distance = next() | (next() << 8);
    const matched = lengthFrom(token & LONG) + MIN_MATCH;
    if (distance === 0 || distance > filled) throw new RangeError('an LZ4 match before the start');
    if (filled + matched > target.length) throw new RangeError('an LZ4 frame is too long');
    // A match may overlap what it writes: that repeats it.
    if (distance >= matched)
      target.copyWithin(filled, filled - distance, filled - distance + matched);
    else
      for (let i = 0; i < matched; i += 1) target[filled + i] = target[filled + i - distance] ?? 0;
    filled += matched;
  }
  return filled;
}
