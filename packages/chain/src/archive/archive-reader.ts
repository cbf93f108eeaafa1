import { type Fields, isLucernaError, type LucernaError } from '@lucerna/base';
import { chainErrors } from '../errors.ts';
import {
  describeDamage,
  LOG_START,
  type LogRecord,
  type RecordFile,
  readRecordAfter,
} from '../log-record.ts';
import type { ArchiveWork } from './archive.ts';

/**
 * The records of an archive, one after the other, up to the end of the file. Progress is in bytes.
 *
 * @throws `ARCHIVE_INVALID` with the `offset` where anything else stands; `LOG_VERSION_UNSUPPORTED`,
 *   `FILE_*`
 */
export async function* archiveRecords(
  file: RecordFile,
  { takeTurn, onProgress }: ArchiveWork,
): AsyncGenerator<LogRecord, void, undefined> {
  const bytes = file.size();
  if (bytes === 0) throw invalidArchive(0, 'the file is empty');
  let position = LOG_START;
  while (position.offset < bytes) {
    await takeTurn();
    const read = await readRecordAfter(file, position);
    if ('reason' in read) {
      const { offset, reason } = read;
      throw chainErrors.create('ARCHIVE_INVALID', describeDamage(read), { offset, reason });
    }
    yield read;
    position = read.end;
    onProgress?.(position.offset, bytes);
  }
}

/** The error for what stands at `offset`. */
export function invalidArchive(
  offset: number,
  problem: string,
  fields: Fields = {},
  cause?: unknown,
): LucernaError {
  const detail = `at byte ${offset}: ${problem}`;
  return chainErrors.create('ARCHIVE_INVALID', detail, { ...fields, offset }, cause);
}

/** What a log would be refused for. */
const LOG_PROBLEMS: ReadonlySet<string> = new Set([
  'LOG_RECORD_INVALID',
  'SNAPSHOT_INVALID',
  'CHAIN_REPLAY_MISMATCH',
  'CHAIN_SUPPLY_MISMATCH',
]);

/** What `read` gives; what it says about the record is said about the archive. */
export async function inArchive<T>(
  { start }: Pick<LogRecord, 'start'>,
  read: () => T | Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isLucernaError(error) || !LOG_PROBLEMS.has(error.code)) throw error;
    throw invalidArchive(start, error.message, error.fields, error);
  }
}
