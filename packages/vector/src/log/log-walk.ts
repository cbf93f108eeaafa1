import type { LucernaError } from '@lucerna/base';
import { vectorErrors } from '../errors.ts';
import { findLaterFrames, hasLostSector } from './damage.ts';
import { EntryReader } from './entry-reader.ts';
import {
  FILE_HEADER_BYTES,
  type FileIdentity,
  fileSeed,
  type HeaderReading,
  type LogEnd,
  readFileHeader,
} from './file-header.ts';
import { FRAME_ALIGNMENT, FRAME_HEADER_BYTES, frameBytes, readFrameHeader } from './frame.ts';
import type { ByteSource, Gap } from './frame-reader.ts';
import type { LogFiles } from './log-files.ts';
import { logFileName } from './log-names.ts';

/** What a walk over a log works with. */
export type WalkOptions = {
  readonly files: LogFiles;
  /** Of the store. */
  readonly name: string;
  readonly onEntry: (entry: Uint8Array) => Promise<void> | void;
};

/** The beginning of a log. */
export type LogHead = { readonly size: number; readonly header: HeaderReading };

/** Where a walk ended, and what stood in its way. */
export type WalkEnd = {
  readonly end: LogEnd;
  /** Where the last frame begins that was walked over; undefined where there was none. */
  readonly lastFrame: number | undefined;
  /** Bytes of the file, with those behind the end. */
  readonly size: number;
  /** Undefined where the file ends there. */
  readonly gap: Gap | undefined;
  /** Whether a write that was interrupted, by a crash or by power loss, explains the gap. */
  readonly isTorn: boolean;
};

/** @throws `VECTOR_FORMAT_UNKNOWN`, and what the folder throws */
export async function readLogHead(
  { files, name }: WalkOptions,
  generation: number,
): Promise<LogHead> {
  const fileName = logFileName(name, generation);
  return files.use(fileName, async (file) => {
    const size = file.size();
    const bytes = await file.read(0, Math.min(size, FILE_HEADER_BYTES));
    const header = readFileHeader(bytes, { kind: 'log', name, generation });
    if (header.kind === 'unknown') {
      const { version } = header;
      throw vectorErrors.create('VECTOR_FORMAT_UNKNOWN', fileName, { file: fileName, version });
    }
    return { size, header };
  });
}

/** Hands out the entries of a log from `from` on, which is behind its header. */
export async function walkLog(
  { files, name, onEntry }: WalkOptions,
  generation: number,
  from: LogEnd,
): Promise<WalkEnd> {
  const identity: FileIdentity = { kind: 'log', name, generation };
  return files.use(logFileName(name, generation), async (file) => {
    const reader = new EntryReader(file, fileSeed(identity));
    let end = from;
    let lastFrame: number | undefined;
    for (;;) {
      const read = await reader.readEntry({ offset: end.bytes, checksum: end.checksum });
      const size = file.size();
      if (read === undefined) return { end, lastFrame, size, gap: undefined, isTorn: false };
      if (read.kind === 'gap') {
        const isTorn = await isInterruptedWrite(file, identity, read);
        return { end, lastFrame, size, gap: read, isTorn };
      }
      await onEntry(read.bytes);
      end = { bytes: read.end.offset, checksum: read.end.checksum };
      lastFrame = read.lastFrame;
    }
  });
}

/** Whether the log still has the frame at this offset, and ends there or has gone on behind it. */
export async function isStillThere(
  { files, name }: WalkOptions,
  generation: number,
  lastFrame: number,
  end: LogEnd,
): Promise<boolean> {
  const seed = fileSeed({ kind: 'log', name, generation });
  return files.use(logFileName(name, generation), async (file) => {
    if (file.size() < end.bytes) return false;
    const bytes = await file.read(lastFrame, FRAME_HEADER_BYTES);
    const header = readFrameHeader(bytes, seed, lastFrame);
    if (header?.checksum !== end.checksum) return false;
    return lastFrame + frameBytes(header.payloadBytes) === end.bytes;
  });
}

/**
 * Whether the first log of a store, whose header is not whole, was torn when it was begun: nothing in it
 * was ever known to be on the disk.
 */
export async function isTornFromTheBeginning({ files, name }: WalkOptions): Promise<boolean> {
  const identity: FileIdentity = { kind: 'log', name, generation: 1 };
  return files.use(logFileName(name, 1), (file) =>
    isInterruptedWrite(file, identity, { kind: 'gap', offset: 0, reason: 'header' }),
  );
}

/** `VECTOR_LOG_CORRUPT` with file, offset and reason. */
export function corruptLog(
  name: string,
  generation: number,
  offset: number,
  reason: string,
): LucernaError {
  const file = logFileName(name, generation);
  const detail = `${file} at byte ${offset}: ${reason}`;
  return vectorErrors.create('VECTOR_LOG_CORRUPT', detail, { file, offset, reason });
}

/**
 * A crash leaves the beginning of the last write, with nothing behind it. A power loss leaves of the
 * writes that were not synced any sectors; then some of them read as zeros, and no frame behind them
 * says that the log was on the disk up to there. Everything else is damage.
 */
async function isInterruptedWrite(
  source: ByteSource,
  identity: FileIdentity,
  gap: Gap,
): Promise<boolean> {
  if (gap.reason === 'history' || gap.reason === 'size') return false;
  const later = await findLaterFrames(source, fileSeed(identity), gap.offset + FRAME_ALIGNMENT);
  if (later === undefined) return true;
  if (later.syncedBytes > gap.offset) return false;
  return hasLostSector(source, gap.offset, later.offset);
}
