import type { AppendFile } from '@lucerna/storage';
import { chainErrors } from './errors.ts';
import {
  decodeFrameHeader,
  FRAME_HEADER_BYTES,
  FRAME_VERSION,
  type FrameHeader,
  recordChecksum,
} from './frame.ts';
import { chainLimits } from './limits.ts';

/** A place between two records: the offset in the file, and the checksum of the record before it. */
export type LogPosition = {
  readonly offset: number;
  readonly checksum: number;
};

/** Where the first record stands. */
export const LOG_START: LogPosition = { offset: 0, checksum: 0 };

/** One record of a log or an archive. */
export type LogRecord = {
  readonly kind: number;
  readonly payload: Uint8Array;
  /** Offset of its first byte. */
  readonly start: number;
  /** Where the next record begins. */
  readonly end: LogPosition;
};

/** Why no record can be read at an offset. */
export type LogDamage = {
  readonly offset: number;
  readonly reason: 'torn' | 'header' | 'payload' | 'history';
  /** Of the record that should be there, when its header is intact. */
  readonly kind: number | undefined;
  /** Intact records may stand from here on. */
  readonly searchFrom: number;
};

/** What records are read from. */
export type RecordFile = Pick<AppendFile, 'size' | 'read'>;

/**
 * The record at `offset`, checked against its own checksum, and the checksum of the one before it.
 *
 * @throws `LOG_VERSION_UNSUPPORTED`, `FILE_*`
 */
export async function readRecord(
  file: RecordFile,
  offset: number,
): Promise<(LogRecord & Pick<FrameHeader, 'previous'>) | LogDamage> {
  const size = file.size();
  const damage = (reason: LogDamage['reason'], kind: number | undefined, searchFrom: number) =>
    ({ offset, reason, kind, searchFrom }) as const;
  if (offset + FRAME_HEADER_BYTES > size) return damage('torn', undefined, size);
  const headerBytes = await file.read(offset, FRAME_HEADER_BYTES);
  const header = decodeFrameHeader(headerBytes);
  if (header === undefined) return damage('header', undefined, offset + 1);
  const { version, kind, payloadBytes, previous, checksum } = header;
  if (version !== FRAME_VERSION) {
    throw chainErrors.create('LOG_VERSION_UNSUPPORTED', undefined, {
      version,
      supported: FRAME_VERSION,
    });
  }
  // Nobody writes such a record, and a file from elsewhere must not make us read one.
  if (payloadBytes > chainLimits.values.recordBytes) return damage('header', kind, offset + 1);
  const from = offset + FRAME_HEADER_BYTES;
  const end = from + payloadBytes;
  if (end > size) return damage('torn', kind, size);
  const payload = await file.read(from, payloadBytes);
  if (recordChecksum(headerBytes, payload, previous) !== checksum) {
    return damage('payload', kind, end);
  }
  return { kind, payload, start: offset, end: { offset: end, checksum }, previous };
}

/** As {@link readRecord}; a record that does not follow the one before `position` is damage too. */
export async function readRecordAfter(
  file: RecordFile,
  position: LogPosition,
): Promise<LogRecord | LogDamage> {
  const read = await readRecord(file, position.offset);
  if ('reason' in read || read.previous === position.checksum) return read;
  const { kind, end } = read;
  return { offset: position.offset, reason: 'history', kind, searchFrom: end.offset };
}

/** What is wrong, for people. */
export function describeDamage({ offset, reason }: Pick<LogDamage, 'offset' | 'reason'>): string {
  const what = {
    torn: 'the record is not complete',
    header: 'there is no record header',
    payload: 'the record does not match its checksum',
    history: 'the record belongs to another history',
  }[reason];
  return `at byte ${offset}: ${what}`;
}
