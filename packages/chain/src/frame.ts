import { assert, concatBytes } from '@lucerna/base';
import { crc32c } from '@lucerna/storage';

/** Bytes of a frame before its payload. */
export const FRAME_HEADER_BYTES = 32;

/** The format that this program writes; the only one that it reads. */
export const FRAME_VERSION = 1;

/** The bytes `LUCB`, which begin every frame. */
export const FRAME_MAGIC: Uint8Array = Uint8Array.of(0x4c, 0x55, 0x43, 0x42);

/** Where the checksum of the record begins to count: behind the magic. */
const COVERED_FROM = 4;
const COVERED_TO = 20;

/**
 * What stands before the payload of every record. Numbers are big-endian.
 *
 * | bytes | what |
 * |---|---|
 * | 0–3 | magic `LUCB` |
 * | 4 | version |
 * | 5 | kind |
 * | 6–7 | zero |
 * | 8–11 | payload length |
 * | 12–19 | `syncedBytes` |
 * | 20–23 | `previous` |
 * | 24–27 | `checksum`: CRC-32C of bytes 4–19 and the payload, seeded with `previous` |
 * | 28–31 | CRC-32C of bytes 0–27 |
 */
export type FrameHeader = {
  readonly version: number;
  readonly kind: number;
  readonly payloadBytes: number;
  /**
   * So much of the log was proven to be on the disk when this record was written. Damage before
   * this offset cannot be a write that power loss interrupted.
   */
  readonly syncedBytes: number;
  /** Checksum of the record before, 0 for the first: ties the record to its history. */
  readonly previous: number;
  readonly checksum: number;
};

/** A record as it stands in the file. */
export function encodeFrame(
  kind: number,
  payload: Uint8Array,
  previous: number,
  syncedBytes: number,
): { readonly bytes: Uint8Array; readonly checksum: number } {
  assert(kind > 0 && kind < 256, 'a kind is one byte');
  assert(Number.isSafeInteger(syncedBytes) && syncedBytes >= 0, 'an offset is a natural number');
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  const view = new DataView(header.buffer);
  header.set(FRAME_MAGIC);
  view.setUint8(4, FRAME_VERSION);
  view.setUint8(5, kind);
  view.setUint32(8, payload.length);
  view.setBigUint64(12, BigInt(syncedBytes));
  view.setUint32(20, previous);
  const checksum = recordChecksum(header, payload, previous);
  view.setUint32(24, checksum);
  view.setUint32(28, crc32c(header.subarray(0, 28)));
  return { bytes: concatBytes(header, payload), checksum };
}

/** The header that `bytes` begin with, or undefined when they begin with anything else. */
export function decodeFrameHeader(bytes: Uint8Array): FrameHeader | undefined {
  if (bytes.length < FRAME_HEADER_BYTES) return undefined;
  for (let index = 0; index < FRAME_MAGIC.length; index += 1) {
    if (bytes[index] !== FRAME_MAGIC[index]) return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES);
  if (crc32c(bytes.subarray(0, 28)) !== view.getUint32(28)) return undefined;
  return {
    version: view.getUint8(4),
    kind: view.getUint8(5),
    payloadBytes: view.getUint32(8),
    syncedBytes: Number(view.getBigUint64(12)),
    previous: view.getUint32(20),
    checksum: view.getUint32(24),
  };
}

/** The checksum that the record must state, given the bytes of its header. */
export function recordChecksum(
  headerBytes: Uint8Array,
  payload: Uint8Array,
  previous: number,
): number {
  return crc32c(payload, crc32c(headerBytes.subarray(COVERED_FROM, COVERED_TO), previous));
}
