import { assert, type Durability, type Log, type LucernaError, SerialQueue } from '@lucerna/base';
import type { AppendFile } from '@lucerna/storage';
import { findLaterRecords, hasLostSector, isZero } from './damage.ts';
import { chainErrors } from './errors.ts';
import { encodeFrame, FRAME_HEADER_BYTES, FRAME_MAGIC } from './frame.ts';
import { chainLimits } from './limits.ts';
import {
  describeDamage,
  LOG_START,
  type LogDamage,
  type LogPosition,
  type LogRecord,
  readRecord,
  readRecordAfter,
} from './log-record.ts';
import { RECORD_KINDS } from './record-kinds.ts';

/**
 * The block log: checksummed records in an append file, each tied to the one before it, so that
 * bytes of an older history never pass. Create one per file, {@link BlockLog.recover} once, then
 * append. Calls may overlap; the file sees them one at a time.
 */
export class BlockLog {
  readonly #file: AppendFile;
  readonly #sink: Log;
  readonly #calls = new SerialQueue(chainLimits.values.waitingFileCalls);
  #end: LogPosition = LOG_START;
  #syncedBytes = 0;
  #recovered = false;
  #failure: LucernaError | undefined;

  constructor(file: AppendFile, sink: Log) {
    this.#file = file;
    this.#sink = sink;
  }

  /** Bytes in the file, whether or not they are intact. */
  get fileBytes(): number {
    return this.#file.size();
  }

  /** Where the next record goes. */
  get end(): LogPosition {
    assert(this.#recovered, 'a log has an end once it is recovered');
    return this.#end;
  }

  /** Bytes at the end that may not outlive a power loss. */
  get unsyncedBytes(): number {
    return Math.max(0, this.#end.offset - this.#syncedBytes);
  }

  /** Set when nothing can be written any more: `CHAIN_READ_ONLY`. */
  get failure(): LucernaError | undefined {
    return this.#failure;
  }

  /**
   * The record that begins at `offset`, checked against its own checksum.
   *
   * @throws `LOG_CORRUPT`, `LOG_VERSION_UNSUPPORTED`
   */
  async readAt(offset: number): Promise<LogRecord> {
    const read = await this.#calls.run(() => readRecord(this.#file, offset));
    if ('reason' in read) throw corrupt(read);
    return read;
  }

  /**
   * The first record; undefined when there is none, or when its writing was interrupted.
   *
   * @throws `LOG_CORRUPT`, `LOG_VERSION_UNSUPPORTED`, `SNAPSHOT_INCOMPLETE`
   */
  async first(): Promise<LogRecord | undefined> {
    if (this.#file.size() === 0) return undefined;
    const read = await this.#readNext(LOG_START);
    if (!('reason' in read)) return read;
    await this.#checkInterrupted(read);
    return undefined;
  }

  /**
   * Walks over all records from `from` on and finds the end. A torn tail is cut off with a warning;
   * so are unsynced records behind a hole that a power loss left.
   *
   * @param from a position that is known to be on the disk
   * @param visit called with one record after the other
   * @param checkEnd called before anything is cut off, and at the end: throws when the log may not
   *   end behind what was visited
   * @throws `LOG_CORRUPT` with the offset when there is damage that no crash explains;
   *   `SNAPSHOT_INCOMPLETE` when a base is the first record and not whole
   */
  async recover(
    from: LogPosition,
    visit: (record: LogRecord) => Promise<void>,
    checkEnd: () => void = () => undefined,
  ): Promise<void> {
    assert(!this.#recovered, 'a log is recovered once');
    let position = from;
    this.#syncedBytes = from.offset;
    this.#end = from;
    while (position.offset < this.#file.size()) {
      const read = await this.#readNext(position);
      if ('reason' in read) {
        await this.#cut(read, checkEnd);
        break;
      }
      await visit(read);
      position = read.end;
      this.#end = position;
    }
    checkEnd();
    assert(position.offset === this.#file.size(), 'the end of the log is the end of the file');
    this.#recovered = true;
  }

  /**
   * Calls `visit` with every record up to `to`, reading again what is in the file.
   *
   * @throws `LOG_CORRUPT` with the offset, also when no record ends at `to`
   */
  async walk(to: LogPosition, visit: (record: LogRecord) => Promise<void>): Promise<void> {
    let position = LOG_START;
    while (position.offset < to.offset) {
      const read = await this.#readNext(position);
      if ('reason' in read) throw corrupt(read);
      await visit(read);
      position = read.end;
    }
    if (position.offset === to.offset && position.checksum === to.checksum) return;
    throw corrupt({ offset: to.offset, reason: 'history' });
  }

  /**
   * Checks that intact records, each tied to the one before, reach `offset` or the end of the file.
   *
   * @throws `LOG_CORRUPT` with the offset of the first damage
   */
  async checkUpTo(offset: number): Promise<void> {
    let position = LOG_START;
    while (position.offset < Math.min(offset, this.#file.size())) {
      const read = await this.#readNext(position);
      if ('reason' in read) throw corrupt(read);
      position = read.end;
    }
  }

  /**
   * Adds a record; resolves when it is as durable as `level` says. After a failure either the file is
   * as before, which outlives what `level` says, or nothing can be written any more, and the next
   * start finds the record or does not.
   *
   * @throws `FILE_*` as the file did; `CHAIN_READ_ONLY` when the log cannot be written any more;
   *   `LOG_RECORD_TOO_LARGE`
   */
  async append(kind: number, payload: Uint8Array, level: Durability): Promise<LogRecord> {
    assert(this.#recovered, 'a log is recovered before it is written');
    const limit = chainLimits.values.recordBytes;
    if (payload.length > limit) {
      throw chainErrors.create('LOG_RECORD_TOO_LARGE', undefined, { bytes: payload.length, limit });
    }
    return this.#calls.run(async () => {
      this.#checkWritable();
      const start = this.#end;
      assert(this.#file.size() === start.offset, 'nobody else writes to the log');
      const frame = encodeFrame(kind, payload, start.checksum, this.#syncedBytes);
      try {
        await this.#file.append(frame.bytes);
        if (level === 'power') await this.#syncNow(start.offset + frame.bytes.length);
      } catch (error) {
        await this.#rollBack(start, level, error);
        this.#checkWritable();
        throw error;
      }
      this.#end = { offset: start.offset + frame.bytes.length, checksum: frame.checksum };
      assert(this.#file.size() === this.#end.offset, 'an append adds all of its bytes');
      return { kind, payload, start: start.offset, end: this.#end };
    });
  }

  /**
   * Resolves when every record that was appended before this call outlives a power loss.
   *
   * @throws `CHAIN_READ_ONLY` after a failure: what the system has dropped then is not known, and a
   *   later success of the same call would prove nothing
   */
  async sync(): Promise<void> {
    await this.#calls.run(async () => {
      this.#checkWritable();
      const size = this.#file.size();
      if (size === this.#syncedBytes) return;
      try {
        await this.#syncNow(size);
      } catch (error) {
        this.#checkWritable();
        throw error;
      }
    });
  }

  /** Waits for the calls that are under way. The file stays open: it is the caller's. */
  async idle(): Promise<void> {
    await this.#calls.idle();
  }

  async #syncNow(size: number): Promise<void> {
    try {
      await this.#file.sync();
    } catch (error) {
      this.#fail('the disk did not confirm a sync', error);
      throw error;
    }
    this.#syncedBytes = size;
  }

  /** Takes back what a failed append has left in the file, for as long as `level` says. */
  async #rollBack(to: LogPosition, level: Durability, cause: unknown): Promise<void> {
    try {
      if (this.#file.size() > to.offset) await this.#file.truncate(to.offset);
      if (level === 'power' && this.#failure === undefined) await this.#syncNow(to.offset);
    } catch (error) {
      this.#fail('a failed append could not be taken back', error);
      return;
    }
    this.#sink.warn('An append to the block log failed and was taken back', {
      offset: to.offset,
      error: cause instanceof Error ? cause.message : String(cause),
    });
  }

  #fail(detail: string, cause: unknown): void {
    if (this.#failure !== undefined) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = chainErrors.create('CHAIN_READ_ONLY', `${detail} (${reason})`, {}, cause);
    this.#sink.error(this.#failure.message, { code: this.#failure.code });
  }

  #checkWritable(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #readNext(position: LogPosition): Promise<LogRecord | LogDamage> {
    return this.#calls.run(() => readRecordAfter(this.#file, position));
  }

  /** Cuts the log off at the damage, if a crash explains it. */
  async #cut(damage: LogDamage, checkEnd: () => void): Promise<void> {
    const { offset, reason } = damage;
    const laterRecords = await this.#checkInterrupted(damage);
    checkEnd();
    this.#sink.warn('The block log ends in an unfinished write, which is cut off', {
      offset,
      bytes: this.#file.size() - offset,
      reason,
      laterRecords,
    });
    await this.#calls.run(async () => {
      await this.#file.truncate(offset);
      // Else a power loss could bring back records that later look as if they had been synced.
      await this.#syncNow(offset);
    });
  }

  /**
   * Tells a write that was interrupted from damage. Records behind it prove damage, except when a
   * sector before them is missing and none of them knows this part of the log to have been synced:
   * then the power failed between writes that the system had put into another order.
   *
   * @returns how many intact records stand behind
   * @throws `LOG_CORRUPT`, `SNAPSHOT_INCOMPLETE`
   */
  async #checkInterrupted(damage: LogDamage): Promise<number> {
    const { offset, searchFrom } = damage;
    const size = this.#file.size();
    if (size - searchFrom > chainLimits.values.damageSearchBytes) throw corrupt(damage);
    if (offset === 0) await this.#checkOwnFile(damage);
    const later = await this.#calls.run(() => findLaterRecords(this.#file, searchFrom, size));
    const until = later.first;
    if (until !== undefined) {
      if (later.syncedBytes > offset) throw corrupt(damage, until);
      const isHole = await this.#calls.run(() => hasLostSector(this.#file, offset, until));
      if (!isHole) throw corrupt(damage, until);
    }
    // A base did not begin here, it was brought here: there is nothing to begin anew.
    const isBase = damage.kind === RECORD_KINDS.base || later.kinds.has(RECORD_KINDS.state);
    if (offset === LOG_START.offset && isBase) {
      throw chainErrors.create('SNAPSHOT_INCOMPLETE', describeDamage(damage), { offset });
    }
    return later.count;
  }

  /** A file that never was a log is not cut to nothing: whoever named it has made a mistake. */
  async #checkOwnFile(damage: LogDamage): Promise<void> {
    const length = Math.min(this.#file.size(), FRAME_HEADER_BYTES);
    const bytes = await this.#calls.run(() => this.#file.read(0, length));
    const isOurs = FRAME_MAGIC.every((byte, index) => index >= length || bytes[index] === byte);
    const isIntact = damage.reason !== 'header' && isOurs;
    if (!isIntact && !isZero(bytes)) throw corrupt(damage);
  }
}

function corrupt(damage: Pick<LogDamage, 'offset' | 'reason'>, next?: number): LucernaError {
  const { offset, reason } = damage;
  return chainErrors.create('LOG_CORRUPT', describeDamage(damage), {
    offset,
    reason,
    nextIntactRecord: next,
  });
}
