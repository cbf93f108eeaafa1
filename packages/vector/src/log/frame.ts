import { assert } from '@lucerna/base';
import { vectorLimits } from '../limits.ts';
import { Xxh32, xxh32 } from './xxh32.ts';

/** Bytes of a frame before its payload. */
export const FRAME_HEADER_BYTES = 32;

/** Frames begin at multiples of this; so do their payloads, which hold floats. */
export const FRAME_ALIGNMENT = 16;

const LAST_FLAG = 0x8000_0000;
const CHECK_AT = 28;
const POSITION_FACTOR = 0x9e3779b1;

/** Parts up to this length are copied together: an append costs more than the copy. */
const COPIED_PART_BYTES = 65_536;

const ZEROS: Uint8Array = new Uint8Array(FRAME_ALIGNMENT);

/** Where a frame goes or was found: what it has to fit. */
export type FramePlace = {
  /** That of the file. */
  readonly seed: number;
  /** Of the first byte of the frame in the file. */
  readonly offset: number;
  /** Checksum of the frame before. */
  readonly previous: number;
};

/** What stands before a payload. See {@link encodeFrames}. */
export type FrameHeader = {
  readonly payloadBytes: number;
  /** Nothing of the entry follows it. */
  readonly isLast: boolean;
  readonly checksum: number;
  /** So many bytes of the file were known to be on the disk when the frame was written. */
  readonly syncedBytes: number;
  readonly previous: number;
};

/** Bytes for a file, one array after the other. */
export type EncodedFrames = {
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
  /** Checksum of the last frame. */
  readonly checksum: number;
};

/**
 * An entry as one or more frames, which all of its bytes fill in their order. Numbers are
 * little-endian.
 *
 * | bytes | what |
 * |---|---|
 * | 0–3 | length of the payload; the highest bit is set in the last frame of an entry |
 * | 4–7 | `checksum`: XXH32 of the payload, seeded with place + `previous` |
 * | 8–15 | `syncedBytes` |
 * | 16–19 | `previous`: `checksum` of the frame before |
 * | 20–27 | zero |
 * | 28–31 | XXH32 of bytes 0–27, seeded with the place |
 * | 32– | payload, then zeros up to a multiple of 16 |
 *
 * The place is the file's seed, exclusive-or (offset / 16 × 0x9e3779b1): a frame passes in its own file
 * at its own offset behind its own predecessor only. Sums and products are those of 32 bits.
 *
 * Large parts are not copied: the caller's arrays are among the pieces.
 *
 * @param isLast whether the entry ends behind these parts. Default true
 */
export function encodeFrames(
  parts: readonly Uint8Array[],
  place: FramePlace,
  { syncedBytes, isLast = true }: { readonly syncedBytes: number; readonly isLast?: boolean },
): EncodedFrames {
  const output = new Pieces();
  let total = 0;
  for (const part of parts) total += part.length;
  let { offset, previous } = place;
  const source = new PartSource(parts);
  let left = total;
  do {
    const payloadBytes = Math.min(left, vectorLimits.values.frameBytes);
    left -= payloadBytes;
    const payload = source.take(payloadBytes);
    const seed = positionSeed(place.seed, offset);
    const hash = new Xxh32((seed + previous) >>> 0);
    for (const slice of payload) hash.update(slice);
    const checksum = hash.digest();
    const header = { payloadBytes, isLast: isLast && left === 0, checksum, syncedBytes, previous };
    output.add(encodeFrameHeader(header, seed));
    for (const slice of payload) output.add(slice);
    output.add(ZEROS.subarray(0, paddingOf(payloadBytes)));
    offset += frameBytes(payloadBytes);
    previous = checksum;
  } while (left > 0);
  return { pieces: output.finish(), bytes: offset - place.offset, checksum: previous };
}

/** Bytes that a frame with such a payload takes in the file. */
export function frameBytes(payloadBytes: number): number {
  return FRAME_HEADER_BYTES + payloadBytes + paddingOf(payloadBytes);
}

/**
 * The header at the beginning of `bytes`; undefined when there is none that belongs to this place.
 * Whether `previous` is right is for the caller to say.
 */
export function readFrameHeader(
  bytes: Uint8Array,
  seed: number,
  offset: number,
): FrameHeader | undefined {
  if (bytes.length < FRAME_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES);
  // Cheap, and enough for nearly all that is no header: a search for frames asks at every place.
  if (view.getUint32(20, true) !== 0 || view.getUint32(24, true) !== 0) return undefined;
  const lengthWord = view.getUint32(0, true);
  const payloadBytes = lengthWord % LAST_FLAG;
  if (payloadBytes > vectorLimits.values.frameBytes) return undefined;
  const check = xxh32(bytes.subarray(0, CHECK_AT), positionSeed(seed, offset));
  if (view.getUint32(CHECK_AT, true) !== check) return undefined;
  return {
    payloadBytes,
    isLast: lengthWord >= LAST_FLAG,
    checksum: view.getUint32(4, true),
    syncedBytes: Number(view.getBigUint64(8, true)),
    previous: view.getUint32(16, true),
  };
}

/** Whether a payload is the one that its header was written for, at that place. */
export function isPayloadOf(
  header: FrameHeader,
  payload: Uint8Array,
  seed: number,
  offset: number,
): boolean {
  return header.checksum === xxh32(payload, (positionSeed(seed, offset) + header.previous) >>> 0);
}

function encodeFrameHeader(header: FrameHeader, seed: number): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, header.payloadBytes + (header.isLast ? LAST_FLAG : 0), true);
  view.setUint32(4, header.checksum, true);
  view.setBigUint64(8, BigInt(header.syncedBytes), true);
  view.setUint32(16, header.previous, true);
  view.setUint32(CHECK_AT, xxh32(bytes.subarray(0, CHECK_AT), seed), true);
  return bytes;
}

function positionSeed(seed: number, offset: number): number {
  assert(offset % FRAME_ALIGNMENT === 0, 'frames are aligned');
  return (seed ^ Math.imul(offset / FRAME_ALIGNMENT, POSITION_FACTOR)) >>> 0;
}

function paddingOf(payloadBytes: number): number {
  return -payloadBytes & (FRAME_ALIGNMENT - 1);
}

/** Takes parts apart where frames end, without copying them. */
class PartSource {
  readonly #parts: readonly Uint8Array[];
  #index = 0;
  #used = 0;

  constructor(parts: readonly Uint8Array[]) {
    this.#parts = parts;
  }

  take(length: number): Uint8Array[] {
    const slices: Uint8Array[] = [];
    let left = length;
    while (left > 0) {
      const part = this.#parts[this.#index] as Uint8Array;
      const slice = part.subarray(this.#used, this.#used + left);
      this.#used += slice.length;
      left -= slice.length;
      if (slice.length > 0) slices.push(slice);
      if (this.#used < part.length) continue;
      this.#index += 1;
      this.#used = 0;
    }
    return slices;
  }
}

/** Joins what is short and leaves alone what is long. */
class Pieces {
  readonly #pieces: Uint8Array[] = [];
  #short: Uint8Array[] = [];
  #shortBytes = 0;

  add(part: Uint8Array): void {
    if (part.length > COPIED_PART_BYTES) {
      this.#join();
      this.#pieces.push(part);
      return;
    }
    this.#short.push(part);
    this.#shortBytes += part.length;
    if (this.#shortBytes > COPIED_PART_BYTES) this.#join();
  }

  finish(): readonly Uint8Array[] {
    this.#join();
    return this.#pieces;
  }

  #join(): void {
    if (this.#shortBytes === 0) return;
    const joined = new Uint8Array(this.#shortBytes);
    let offset = 0;
    for (const part of this.#short) {
      joined.set(part, offset);
      offset += part.length;
    }
    this.#pieces.push(joined);
    this.#short = [];
    this.#shortBytes = 0;
  }
}
