import { assert, equalBytes } from '@lucerna/base';
import { xxh32 } from './xxh32.ts';

/** Bytes before the first frame of a file. */
export const FILE_HEADER_BYTES = 128;

/** The format that this program writes; the only one that it reads. */
const FORMAT_VERSION = 1;

/** `LUCVECTR`, with which every file begins. */
const MAGIC: Uint8Array = Uint8Array.of(0x4c, 0x55, 0x43, 0x56, 0x45, 0x43, 0x54, 0x52);
const encoder: TextEncoder = new TextEncoder();
const KINDS = { log: 1, snapshot: 2 } as const;
const NAME_AT = 40;
const NAME_BYTES = 64;
const CHECK_AT = 124;

/** Which file it is. */
export type FileIdentity = {
  readonly kind: 'log' | 'snapshot';
  /** Name of the store. */
  readonly name: string;
  readonly generation: number;
};

/** Where a log ends: its length, and the checksum of its last frame. */
export type LogEnd = { readonly bytes: number; readonly checksum: number };

/** What the first log of a store comes behind. */
export const NO_LOG: LogEnd = { bytes: 0, checksum: 0 };

/**
 * The beginning of a file. Numbers are little-endian.
 *
 * | bytes | what |
 * |---|---|
 * | 0–7 | magic `LUCVECTR` |
 * | 8–9 | format version, 1 |
 * | 10 | kind: 1 log, 2 snapshot |
 * | 11 | length of the name |
 * | 12–15 | zero |
 * | 16–23 | generation |
 * | 24–31 | `previous.bytes`: length of the log of the generation before when it was ended; 0 without |
 * | 32–35 | `previous.checksum`: that of its last frame |
 * | 36–39 | zero |
 * | 40–103 | name of the store in ASCII, then zeros |
 * | 104–123 | zero |
 * | 124–127 | XXH32 of bytes 0–123 |
 */
export function encodeFileHeader(file: FileIdentity, previous: LogEnd): Uint8Array {
  const header = new Uint8Array(FILE_HEADER_BYTES);
  const view = new DataView(header.buffer);
  header.set(MAGIC);
  view.setUint16(8, FORMAT_VERSION, true);
  view.setUint8(10, KINDS[file.kind]);
  view.setUint8(11, file.name.length);
  view.setBigUint64(16, BigInt(file.generation), true);
  view.setBigUint64(24, BigInt(previous.bytes), true);
  view.setUint32(32, previous.checksum, true);
  assert(file.name.length <= NAME_BYTES, 'the name of a store fits its place');
  header.set(encoder.encode(file.name), NAME_AT);
  view.setUint32(CHECK_AT, xxh32(header.subarray(0, CHECK_AT)), true);
  return header;
}

/** What a header says, or what is wrong with it. */
export type HeaderReading =
  | { readonly kind: 'whole'; readonly previous: LogEnd }
  /** These are not the bytes of a header. */
  | { readonly kind: 'torn' }
  /** It is whole, and of a format of another version of the program. */
  | { readonly kind: 'unknown'; readonly version: number }
  /** It is whole, and belongs to another file. */
  | { readonly kind: 'foreign' };

/** @param bytes the first ones of a file, perhaps fewer than a header has */
export function readFileHeader(bytes: Uint8Array, expected: FileIdentity): HeaderReading {
  if (bytes.length < FILE_HEADER_BYTES) return { kind: 'torn' };
  const header = bytes.subarray(0, FILE_HEADER_BYTES);
  const view = new DataView(header.buffer, header.byteOffset, FILE_HEADER_BYTES);
  const isChecked = view.getUint32(CHECK_AT, true) === xxh32(header.subarray(0, CHECK_AT));
  if (!isChecked || !equalBytes(header.subarray(0, MAGIC.length), MAGIC)) return { kind: 'torn' };
  const version = view.getUint16(8, true);
  if (version !== FORMAT_VERSION) return { kind: 'unknown', version };
  const previous = {
    bytes: Number(view.getBigUint64(24, true)),
    checksum: view.getUint32(32, true),
  };
  if (!equalBytes(header, encodeFileHeader(expected, previous))) return { kind: 'foreign' };
  return { kind: 'whole', previous };
}

/** What all checksums of a file begin with, so that no frame passes in another one. */
export function fileSeed({ kind, name, generation }: FileIdentity): number {
  return xxh32(encoder.encode(`${kind}/${name}/${generation}`));
}
