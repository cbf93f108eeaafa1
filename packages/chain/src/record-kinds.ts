import { isLucernaError, type LucernaError } from '@lucerna/base';
import { chainErrors } from './errors.ts';
import type { LogRecord } from './log-record.ts';

/** Kinds of records, in logs and in archives. Numbers are part of the data format: never reused. */
export const RECORD_KINDS = {
  /** The first record of a log that begins with block 0, and of an archive of blocks; only there. */
  genesis: 1,
  block: 2,
  /** Goes back to an earlier block, and maybe on from there with others: all or nothing. */
  reorg: 3,
  /** The first record of a log that begins with the state of a later block, in place of the genesis. */
  base: 4,
  /** Behind the base: a chunk of the state after its block. */
  state: 5,
  /** In archives only: a block to be executed. */
  exportedBlock: 6,
  /** Behind the last chunk of the state: it is complete. */
  stateEnd: 7,
  /** In archives only, behind the last block: they are complete. */
  blocksEnd: 8,
  /** Changes the state of the head without a block; of a dev chain only. */
  patch: 9,
  /** Notes, and nothing else. */
  notes: 10,
  /** In archives only: a patch behind its block. */
  exportedPatch: 11,
  /** In archives only: a block that no rules would let through, with what they are to overlook. */
  exportedDevBlock: 12,
} as const;

/** Which record an error is about. */
export type RecordPlace = Pick<LogRecord, 'start' | 'kind'>;

/** What `decode` gives; names the record in whatever it throws. */
export function decoded<T>(source: RecordPlace, kind: number, decode: () => T): T {
  if (source.kind !== kind) {
    throw invalidRecord(source, `it is of kind ${source.kind}, not ${kind}`);
  }
  try {
    return decode();
  } catch (error) {
    // Programmer errors stay what they are; everything that bad bytes can cause has a code.
    if (!isLucernaError(error) || error.code.startsWith('LOG_')) throw error;
    throw invalidRecord(source, error.message, error);
  }
}

/** The error for what a record says. */
export function invalidRecord(source: RecordPlace, detail: string, cause?: unknown): LucernaError {
  return chainErrors.create(
    'LOG_RECORD_INVALID',
    `at byte ${source.start}: ${detail}`,
    { offset: source.start, kind: source.kind },
    cause,
  );
}
