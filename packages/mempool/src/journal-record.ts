import { assert, concatBytes, isLucernaError } from '@lucerna/base';
import {
  decodeTransaction,
  protocolLimits,
  type RecoveredTransaction,
  transactionHash,
} from '@lucerna/protocol';
import { type AppendFile, crc32c } from '@lucerna/storage';
import { mempoolErrors } from './errors.ts';

/**
 * A record of the journal. Numbers are big-endian.
 *
 * | bytes | what |
 * |---|---|
 * | 0–3 | payload length |
 * | 4 | kind |
 * | 5–8 | CRC-32C of bytes 0–4 and the payload |
 * | 9– | payload |
 */
const HEADER_BYTES = 9;
const CHECKSUM_AT = 5;

/** What the payload of a record is. */
const KINDS = {
  /** First of a file: magic `LUCP`, version (1 byte), generation of the file (4 bytes). */
  begin: 1,
  /** Flags (1 byte), sender (20 bytes), raw transaction. */
  accepted: 2,
  /** Hash of the transaction. */
  dropped: 3,
  /** Nothing: all that was alive when the file was begun is before it. */
  complete: 4,
} as const;

const MAGIC = Uint8Array.of(0x4c, 0x55, 0x43, 0x50);
const VERSION = 1;
const BEGIN_BYTES = 9;

const UNSIGNED_FLAG = 1;
const SENDER_BYTES = 20;
const RAW_AT = 1 + SENDER_BYTES;
const HASH_BYTES = 32;

/** Longer payloads than this are damage. */
const MOST_PAYLOAD_BYTES = RAW_AT + protocolLimits.values.transactionBytes;

/** What a record says. */
export type JournalRecord =
  | { readonly kind: 'begin'; readonly generation: number }
  | { readonly kind: 'accepted'; readonly transaction: RecoveredTransaction }
  | { readonly kind: 'dropped'; readonly hash: Uint8Array }
  | { readonly kind: 'complete' };

/** How many bytes the record of an accepted transaction has. */
export function acceptedRecordBytes(transaction: RecoveredTransaction): number {
  return HEADER_BYTES + RAW_AT + transaction.raw.length;
}

export function encodeRecord(record: JournalRecord): Uint8Array {
  switch (record.kind) {
    case 'begin': {
      const payload = new Uint8Array(BEGIN_BYTES);
      payload.set(MAGIC);
      payload[MAGIC.length] = VERSION;
      new DataView(payload.buffer).setUint32(MAGIC.length + 1, record.generation);
      return frame(KINDS.begin, payload);
    }
    case 'accepted': {
      const { raw, sender, unsigned } = record.transaction;
      const flags = Uint8Array.of(unsigned === true ? UNSIGNED_FLAG : 0);
      return frame(KINDS.accepted, concatBytes(flags, sender, raw));
    }
    case 'dropped':
      return frame(KINDS.dropped, record.hash);
    case 'complete':
      return frame(KINDS.complete, new Uint8Array(0));
  }
}

function frame(kind: number, payload: Uint8Array): Uint8Array {
  assert(payload.length <= MOST_PAYLOAD_BYTES, 'a record that can be read again');
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length);
  view.setUint8(4, kind);
  view.setUint32(CHECKSUM_AT, checksum(bytes, payload));
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

function checksum(header: Uint8Array, payload: Uint8Array): number {
  return crc32c(payload, crc32c(header, 0, CHECKSUM_AT));
}

/**
 * The records of a file from its beginning, up to the first that is damaged or cut off; each with the
 * offset behind it. Reads about `chunkBytes` at a time.
 *
 * @throws `POOL_JOURNAL_VERSION` for a file of a newer program; `FILE_*`
 */
export async function* readRecords(
  file: AppendFile,
  chunkBytes: number,
): AsyncGenerator<{ readonly record: JournalRecord; readonly end: number }> {
  const size = file.size();
  let window = new Uint8Array(0);
  let windowStart = 0;
  /** Bytes of the file, read ahead in large pieces. */
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    if (offset + length > windowStart + window.length) {
      const ahead = Math.max(length, chunkBytes);
      window = Uint8Array.from(await file.read(offset, Math.min(ahead, size - offset)));
      windowStart = offset;
    }
    return window.subarray(offset - windowStart, offset - windowStart + length);
  };
  for (let offset = 0; offset + HEADER_BYTES <= size; ) {
    const header = (await read(offset, HEADER_BYTES)).slice();
    const view = new DataView(header.buffer);
    const length = view.getUint32(0);
    const end = offset + HEADER_BYTES + length;
    if (length > MOST_PAYLOAD_BYTES || end > size) return;
    const payload = (await read(offset + HEADER_BYTES, length)).slice();
    if (checksum(header, payload) !== view.getUint32(CHECKSUM_AT)) return;
    const record = decodeRecord(view.getUint8(4), payload);
    if (record === undefined) return;
    yield { record, end };
    offset = end;
  }
}

/** Undefined for what this program cannot have written. @throws `POOL_JOURNAL_VERSION` */
function decodeRecord(kind: number, payload: Uint8Array): JournalRecord | undefined {
  switch (kind) {
    case KINDS.begin:
      return decodeBegin(payload);
    case KINDS.accepted:
      return decodeAccepted(payload);
    case KINDS.dropped:
      return payload.length === HASH_BYTES ? { kind: 'dropped', hash: payload } : undefined;
    case KINDS.complete:
      return { kind: 'complete' };
    default:
      return undefined;
  }
}

function decodeBegin(payload: Uint8Array): JournalRecord | undefined {
  if (!MAGIC.every((byte, index) => payload[index] === byte)) return undefined;
  const version = payload[MAGIC.length];
  if (version !== VERSION) {
    throw mempoolErrors.create('POOL_JOURNAL_VERSION', `${version}`, { version, known: VERSION });
  }
  if (payload.length !== BEGIN_BYTES) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset);
  return { kind: 'begin', generation: view.getUint32(MAGIC.length + 1) };
}

/** The sender is not recovered again, which would take most of the time: the checksum covers it. */
function decodeAccepted(payload: Uint8Array): JournalRecord | undefined {
  if (payload.length <= RAW_AT) return undefined;
  const raw = payload.slice(RAW_AT);
  const sender = payload.slice(1, RAW_AT);
  try {
    const recovered = {
      transaction: decodeTransaction(raw),
      raw,
      hash: transactionHash(raw),
      sender,
    };
    const unsigned = payload[0] === UNSIGNED_FLAG;
    return { kind: 'accepted', transaction: unsigned ? { ...recovered, unsigned } : recovered };
  } catch (error) {
    if (!isLucernaError(error)) throw error;
    return undefined;
  }
}
