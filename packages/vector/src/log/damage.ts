import { vectorLimits } from '../limits.ts';
import {
  FRAME_ALIGNMENT,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  frameBytes,
  isPayloadOf,
  readFrameHeader,
} from './frame.ts';
import type { ByteSource } from './frame-reader.ts';

/** What a disk writes at once. */
const SECTOR_BYTES = 512;

/** Frames that stand behind damage. */
export type LaterFrames = {
  /** Where the first of them begins. */
  readonly offset: number;
  /** The largest `syncedBytes` among them. */
  readonly syncedBytes: number;
};

/**
 * Looks for whole frames from `from` on, at every place where one may begin. Undefined when there is
 * none: what stands there is the rest of one write.
 *
 * @param seed that of the file
 */
export async function findLaterFrames(
  source: ByteSource,
  seed: number,
  from: number,
): Promise<LaterFrames | undefined> {
  let first: number | undefined;
  let syncedBytes = 0;
  for await (const frame of wholeFrames(source, seed, from)) {
    first ??= frame.offset;
    syncedBytes = Math.max(syncedBytes, frame.header.syncedBytes);
  }
  return first === undefined ? undefined : { offset: first, syncedBytes };
}

/** Where the first whole frame from `from` on begins; undefined when there is none. */
export async function findFrame(
  source: ByteSource,
  seed: number,
  from: number,
): Promise<number | undefined> {
  for await (const { offset } of wholeFrames(source, seed, from)) return offset;
  return undefined;
}

/** Every whole frame from `from` on, wherever one may begin, also inside of another. */
async function* wholeFrames(
  source: ByteSource,
  seed: number,
  from: number,
): AsyncGenerator<{ readonly offset: number; readonly header: FrameHeader }, void, undefined> {
  const size = source.size();
  let offset = Math.ceil(from / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
  while (offset + FRAME_HEADER_BYTES <= size) {
    const window = await source.read(
      offset,
      Math.min(size - offset, vectorLimits.values.logWindowBytes),
    );
    const last = window.length - FRAME_HEADER_BYTES;
    let start = 0;
    for (; start <= last; start += FRAME_ALIGNMENT) {
      const header = readFrameHeader(window.subarray(start), seed, offset + start);
      if (header === undefined) continue;
      const payloadAt = offset + start + FRAME_HEADER_BYTES;
      if (offset + start + frameBytes(header.payloadBytes) > size) continue;
      const payload = await source.read(payloadAt, header.payloadBytes);
      if (!isPayloadOf(header, payload, seed, offset + start)) continue;
      yield { offset: offset + start, header };
    }
    offset += start;
  }
}

/**
 * Whether a sector between damage and the first whole frame behind it reads as zeros, or the rest of
 * the one in which the damage begins: it was never written, because power failed while the sectors of
 * unsynced appends were on their way, in any order.
 */
export async function hasLostSector(
  source: ByteSource,
  damage: number,
  before: number,
): Promise<boolean> {
  let start = damage;
  while (start < before) {
    const end = Math.min((Math.floor(start / SECTOR_BYTES) + 1) * SECTOR_BYTES, before);
    const isWhole = end - start === SECTOR_BYTES || start === damage;
    const bytes = await source.read(start, end - start);
    if (isWhole && bytes.every((byte) => byte === 0)) return true;
    start = end;
  }
  return false;
}
