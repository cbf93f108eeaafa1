import type { AppendFile } from '@lucerna/storage';
import { decodeFrameHeader, FRAME_HEADER_BYTES, FRAME_MAGIC } from './frame.ts';
import { chainLimits } from './limits.ts';

/** The smallest piece of a file that a disk writes or does not write. */
const SECTOR_BYTES = 512;

/** What was found behind a damaged record. */
export type LaterRecords = {
  readonly count: number;
  /** The offset of the first one; undefined when there is none. */
  readonly first: number | undefined;
  /** The most of the log that any of them knows to have been on the disk before it was written. */
  readonly syncedBytes: number;
  readonly kinds: ReadonlySet<number>;
};

type Reading = Pick<AppendFile, 'read'>;

/**
 * Looks for intact record headers from `from` on. Their own checksum is enough: the question is only
 * whether the log went on behind the damage. Linear in the number of bytes, whatever they are.
 */
export async function findLaterRecords(
  file: Reading,
  from: number,
  to: number,
): Promise<LaterRecords> {
  const chunkBytes = chainLimits.values.damageSearchChunkBytes;
  let count = 0;
  let first: number | undefined;
  let syncedBytes = 0;
  const kinds = new Set<number>();
  for (let offset = from; offset + FRAME_HEADER_BYTES <= to; offset += chunkBytes) {
    // Chunks overlap, so that a header across a border is seen whole.
    const chunk = await file.read(
      offset,
      Math.min(to - offset, chunkBytes + FRAME_HEADER_BYTES - 1),
    );
    for (const position of headersIn(chunk)) {
      const header = decodeFrameHeader(chunk.subarray(position));
      if (header === undefined) continue;
      count += 1;
      first ??= offset + position;
      syncedBytes = Math.max(syncedBytes, header.syncedBytes);
      kinds.add(header.kind);
    }
  }
  return { count, first, syncedBytes, kinds };
}

/** Where a header may begin: at every first byte of the magic that leaves room for a header. */
function* headersIn(chunk: Uint8Array): Generator<number, void, undefined> {
  const last = chunk.length - FRAME_HEADER_BYTES;
  let position = chunk.indexOf(FRAME_MAGIC[0] as number);
  while (position >= 0 && position <= last) {
    yield position;
    position = chunk.indexOf(FRAME_MAGIC[0] as number, position + 1);
  }
}

/**
 * Whether a sector in `from … to` is zero, the first one from `from` on: the trace of a write that
 * never reached the disk although a later one did. A flipped bit does not look like this.
 */
export async function hasLostSector(file: Reading, from: number, to: number): Promise<boolean> {
  const chunkBytes = chainLimits.values.damageSearchChunkBytes;
  const start = Math.ceil(from / SECTOR_BYTES) * SECTOR_BYTES;
  // The sector in which the damage begins has kept what was synced before.
  if (from < start && start <= to && isZero(await file.read(from, start - from))) return true;
  for (let offset = start; offset + SECTOR_BYTES <= to; offset += chunkBytes) {
    const chunk = await file.read(offset, Math.min(to - offset, chunkBytes));
    for (let sector = 0; sector + SECTOR_BYTES <= chunk.length; sector += SECTOR_BYTES) {
      if (isZero(chunk.subarray(sector, sector + SECTOR_BYTES))) return true;
    }
  }
  return false;
}

/** True when no bit of `bytes` is set. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
