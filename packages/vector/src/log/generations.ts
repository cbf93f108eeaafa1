import { assert, type Durability, type Log, type LucernaError, SerialQueue } from '@lucerna/base';
import type { AppendFile } from '@lucerna/storage';
import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import type { VectorFolder } from '../ports.ts';
import { encodeFileHeader, FILE_HEADER_BYTES, fileSeed, type LogEnd } from './file-header.ts';
import { followStore } from './follow.ts';
import { type EncodedFrames, encodeFrames } from './frame.ts';
import { LogFiles } from './log-files.ts';
import { assertStoreName, logFileName, snapshotName } from './log-names.ts';
import {
  FIRST_PLACE,
  type Replayed,
  replayStore,
  type StoreHandlers,
  type StorePlace,
} from './replay.ts';
import { snapshotParts } from './snapshot.ts';

/** What a store is opened with, besides where it is. */
export type GenerationalLogOptions = StoreHandlers & {
  readonly log: Log;
  /** Shared by the stores of a folder, so that few of many logs are open. Default: one of its own. */
  readonly files?: LogFiles | undefined;
  /** See `ReplayOptions`. */
  readonly salvage?: boolean | undefined;
};

/**
 * One named thing of a folder, such as a collection: its newest snapshot and the log of what came after,
 * entry by entry. Files are named by generations: the snapshot of generation g holds what all logs below
 * g held, and logs from g on follow.
 *
 * A compaction begins the log of the next generation, to which entries go from then on; writes the
 * snapshot of what was there at this moment; and removes what came before. It may be interrupted
 * anywhere: either the old snapshot with all logs is there, or the new one with the last log.
 *
 * Calls may overlap; entries are in the log in the order of the calls.
 *
 * ```ts
 * const log = await openGenerationalLog(folder, 'notes', { log: SILENT_LOG, onStart, onSnapshot, onEntry });
 * await log.append([header, values], 'process');
 * await log.compact(() => chunksOfNow());
 * ```
 */
export class GenerationalLog {
  readonly #name: string;
  readonly #files: LogFiles;
  readonly #options: GenerationalLogOptions;
  readonly #ownsFiles: boolean;
  readonly #calls = new SerialQueue(vectorLimits.values.waitingLogCalls);
  #place: StorePlace = FIRST_PLACE;
  /** So many bytes of the log of the place are known to be on the disk. */
  #syncedBytes = 0;
  /** Whether entries may be written: the header of a later log is on the disk before its first entry. */
  #isBegun = true;
  #olderLogBytes = 0;
  #snapshotBytes = 0;
  #base = 0;
  #tornBytes = 0;
  #waitingSync: Promise<void> | undefined;
  /** Calls that have not ended. */
  readonly #open = new Set<Promise<unknown>>();
  #isWritingSnapshot = false;
  /** Readers: the next refresh starts over. */
  #isLost = false;
  #failure: LucernaError | undefined;
  #isClosed = false;

  /** Use {@link openGenerationalLog}. */
  constructor(folder: VectorFolder, name: string, options: GenerationalLogOptions) {
    assertStoreName(name);
    this.#name = name;
    this.#ownsFiles = options.files === undefined;
    this.#files = options.files ?? new LogFiles(folder);
    this.#options = options;
  }

  /** Bytes of all logs since the snapshot. */
  get logBytes(): number {
    return this.#olderLogBytes + this.#place.end.bytes;
  }

  /** Bytes of the newest snapshot; 0 without. */
  get snapshotBytes(): number {
    return this.#snapshotBytes;
  }

  /** That of the log to which entries go. */
  get generation(): number {
    return this.#place.generation;
  }

  /** Bytes that were cut off when it was opened: an interrupted write had left them. */
  get tornBytes(): number {
    return this.#tornBytes;
  }

  /** Set when nothing can be written any more: `VECTOR_WRITES_STOPPED`. */
  get failure(): LucernaError | undefined {
    return this.#failure;
  }

  /** Called once, by {@link openGenerationalLog}. */
  async open(): Promise<void> {
    const options = this.#replayOptions();
    const replayed = this.#isWriter
      ? await replayStore(options)
      : await followStore(options, undefined);
    this.#take(replayed);
    if (this.#isWriter) await this.#repair(replayed);
  }

  /**
   * Adds an entry: all parts, one after the other, or nothing. Resolves when it is as durable as `level`
   * says. The parts may not change until then: large ones are not copied.
   *
   * After a failed write the log is as before, and that outlives what the level says. After a failed
   * sync, or when a failed write cannot be taken back, nothing can be written any more, and the next
   * opening finds the entry or does not.
   *
   * @throws `BATCH_TOO_LARGE`, `VECTOR_WRITES_STOPPED`, `QUEUE_FULL`, and `FILE_*` as the file did
   */
  async append(parts: readonly Uint8Array[], level: Durability): Promise<void> {
    this.#checkWritable();
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    const limit = vectorLimits.values.batchBytes;
    if (bytes > limit) throw vectorErrors.create('BATCH_TOO_LARGE', undefined, { bytes, limit });
    if (this.#isVolatile) return;
    await this.#running(this.#append(parts, level));
  }

  /**
   * Resolves when every entry that was appended before this call outlives a power loss. Calls that wait
   * share one sync.
   *
   * @throws `VECTOR_WRITES_STOPPED`, `FILE_SYNC_FAILED`
   */
  async sync(): Promise<void> {
    this.#checkWritable();
    await this.#running(this.#sharedSync());
  }

  /** Both steps of a compaction. `chunks` is called at the moment that the snapshot shows. */
  async compact(chunks: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    await this.writeSnapshot(await this.rotate(chunks));
  }

  /**
   * The first step of a compaction: entries go to the log of the next generation from now on. Calls
   * `atMoment` when it is so; what it returns has to hold every entry that was appended before, and none
   * that is appended later, and goes to {@link GenerationalLog.writeSnapshot}. Another rotation may
   * follow without that, and then the next snapshot is of the later moment.
   *
   * @throws as `append`; then entries go on to the same log
   */
  async rotate<T>(atMoment: () => T): Promise<T> {
    this.#checkWritable();
    assert(!this.#isWritingSnapshot, 'a store is compacted once at a time');
    return this.#running(
      this.#calls.run(async () => {
        if (!this.#isVolatile) await this.#rotateNow();
        return atMoment();
      }),
    );
  }

  /**
   * The second step: writes the snapshot, then removes what it takes the place of. Entries may be
   * appended meanwhile. When it fails, everything is still in the logs.
   *
   * @throws `FILE_*` as the folder did, and what `chunks` throws
   */
  async writeSnapshot(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    this.#checkWritable();
    assert(!this.#isWritingSnapshot, 'a store is compacted once at a time');
    if (this.#isVolatile) return;
    await this.#running(this.#writeSnapshotNow(chunks));
  }

  async #writeSnapshotNow(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const { generation, begin } = this.#place;
    assert(generation > this.#base, 'a log is begun before its snapshot is written');
    this.#isWritingSnapshot = true;
    try {
      const { blobs } = this.#files.folder;
      const name = snapshotName(this.#name, generation);
      const place = { name: this.#name, generation, previous: begin };
      await blobs.write(name, snapshotParts(place, chunks), 'power');
      this.#snapshotBytes = (await blobs.size(name)) ?? 0;
      this.#base = generation;
      this.#olderLogBytes = 0;
      await this.#removeOlder();
    } finally {
      this.#isWritingSnapshot = false;
    }
  }

  /**
   * Readers: hands out what was appended since the last call. Writers: nothing. After a failure the next
   * call starts over.
   *
   * @throws as {@link openGenerationalLog}
   */
  async refresh(): Promise<void> {
    if (this.#isWriter) return;
    if (this.#isClosed) throw vectorErrors.create('DATABASE_CLOSED');
    const following = this.#calls.run(async () => {
      const last = this.#isLost ? undefined : this.#replayed();
      // Where it fails, something may have been handed out already.
      this.#isLost = true;
      this.#take(await followStore(this.#replayOptions(), last));
      this.#isLost = false;
    });
    await this.#running(following);
  }

  /** Waits for what was called before. Does not sync. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled(this.#open);
    if (this.#ownsFiles) await this.#files.closeAll();
    else await this.#files.close(this.#logFile);
  }

  get #isWriter(): boolean {
    return this.#files.folder.access === 'write';
  }

  get #isVolatile(): boolean {
    return this.#files.folder.isVolatile === true;
  }

  get #logFile(): string {
    return logFileName(this.#name, this.#place.generation);
  }

  #replayOptions(): Parameters<typeof replayStore>[0] {
    return { ...this.#options, files: this.#files, name: this.#name };
  }

  #replayed(): Replayed {
    return {
      place: this.#place,
      base: this.#base,
      snapshotBytes: this.#snapshotBytes,
      olderLogBytes: this.#olderLogBytes,
      tornBytes: this.#tornBytes,
      interrupted: undefined,
    };
  }

  #take({ place, base, snapshotBytes, olderLogBytes, tornBytes }: Replayed): void {
    this.#place = place;
    this.#base = base;
    this.#snapshotBytes = snapshotBytes;
    this.#olderLogBytes = olderLogBytes;
    this.#tornBytes = this.#isWriter ? tornBytes : 0;
    // What was found may be in the system's memory only.
    this.#syncedBytes = 0;
    const { generation, end } = place;
    const isJustBegun = generation > 1 && generation !== base && end.bytes === FILE_HEADER_BYTES;
    this.#isBegun = !isJustBegun;
  }

  /** Sets right what an interrupted write or compaction has left. */
  async #repair({ place, tornBytes, interrupted }: Replayed): Promise<void> {
    if (tornBytes > 0) {
      const { bytes: offset } = place.end;
      const file = this.#logFile;
      this.#options.log.warn('the end of a log was torn and is cut off', {
        file,
        offset,
        tornBytes,
      });
      if (offset === 0) await this.#removeLog(file);
      else await this.#files.use(file, (log) => log.truncate(offset));
    }
    if (interrupted !== undefined) await this.#rotateNow();
    if (await this.#hasOlder()) {
      await this.#hardenSnapshot();
      await this.#removeOlder();
    }
  }

  /** Remembers a call for `close`, which waits for it. */
  async #running<T>(call: Promise<T>): Promise<T> {
    this.#open.add(call);
    try {
      return await call;
    } finally {
      this.#open.delete(call);
    }
  }

  async #append(parts: readonly Uint8Array[], level: Durability): Promise<void> {
    await this.#calls.run(() => this.#write(parts));
    if (level === 'power') await this.#sharedSync();
  }

  /** A sync that has not begun, so that everything written by now comes before it. */
  #sharedSync(): Promise<void> {
    if (this.#waitingSync !== undefined) return this.#waitingSync;
    const sync = this.#calls.run(() => {
      this.#waitingSync = undefined;
      return this.#syncNow();
    });
    this.#waitingSync = sync;
    // Where there is no room for it, it does not begin: the next one tries again.
    sync.catch(() => {
      if (this.#waitingSync === sync) this.#waitingSync = undefined;
    });
    return sync;
  }

  async #removeLog(fileName: string): Promise<void> {
    await this.#files.close(fileName);
    await this.#files.folder.removeLog(fileName);
  }

  async #write(parts: readonly Uint8Array[]): Promise<void> {
    this.#checkWorks();
    if (this.#place.end.bytes === 0) {
      const begin = this.#header(this.#place);
      await this.#makeLog(this.#logFile, (file) => this.#writeTo(file, parts, begin));
    } else {
      if (!this.#isBegun) await this.#syncNow();
      await this.#files.use(this.#logFile, (file) => this.#writeTo(file, parts));
    }
  }

  /** @param begin header of a log that has none yet */
  async #writeTo(
    file: AppendFile,
    parts: readonly Uint8Array[],
    begin?: Uint8Array,
  ): Promise<void> {
    const start = this.#place.end;
    assert(file.size() === start.bytes, 'nobody else writes to the log');
    const from = begin?.length ?? start.bytes;
    const frames = this.#frames(parts, { bytes: from, checksum: start.checksum });
    await this.#appendAll(file, begin === undefined ? frames.pieces : [begin, ...frames.pieces]);
    const end = { bytes: from + frames.bytes, checksum: frames.checksum };
    assert(file.size() === end.bytes, 'an append adds all of its bytes');
    this.#place = { ...this.#place, end };
  }

  /**
   * Makes a log and fills it. What an earlier attempt has left of it is removed before: that its name is
   * on the disk is known only of a log that has been made. What this attempt leaves is removed as well:
   * readers that see the next log believe that the one before has ended.
   */
  async #makeLog(fileName: string, fill: (file: AppendFile) => Promise<void>): Promise<void> {
    try {
      await this.#removeLog(fileName);
      await this.#files.use(fileName, fill);
    } catch (error) {
      try {
        await this.#removeLog(fileName);
      } catch (cause) {
        this.#stop(cause);
      }
      throw error;
    }
  }

  #frames(parts: readonly Uint8Array[], { bytes, checksum }: LogEnd): EncodedFrames {
    const { generation } = this.#place;
    const seed = fileSeed({ kind: 'log', name: this.#name, generation });
    const place = { seed, offset: bytes, previous: checksum };
    return encodeFrames(parts, place, { syncedBytes: this.#syncedBytes });
  }

  #header({ generation, begin }: StorePlace): Uint8Array {
    return encodeFileHeader({ kind: 'log', name: this.#name, generation }, begin);
  }

  /** Adds everything, or takes back what was added. */
  async #appendAll(file: AppendFile, pieces: readonly Uint8Array[]): Promise<void> {
    const size = file.size();
    try {
      for (const piece of pieces) await file.append(piece);
    } catch (error) {
      try {
        if (file.size() > size) await file.truncate(size);
        // At any level: what a power loss could bring back would stand where the next entry goes.
        await file.sync();
        this.#syncedBytes = size;
      } catch (cause) {
        this.#stop(cause);
      }
      throw error;
    }
  }

  async #syncNow(): Promise<void> {
    this.#checkWorks();
    const { bytes } = this.#place.end;
    if (bytes === this.#syncedBytes) return;
    try {
      await this.#files.use(this.#logFile, (file) => file.sync());
    } catch (error) {
      this.#stop(error);
      throw error;
    }
    this.#syncedBytes = bytes;
    this.#isBegun = true;
  }

  async #rotateNow(): Promise<void> {
    this.#checkWorks();
    if (this.#place.end.bytes === 0) await this.#beginFirst();
    // Entries of the next log may not outlive those of this one.
    await this.#syncNow();
    const { generation, end } = this.#place;
    const next: StorePlace = {
      generation: generation + 1,
      begin: end,
      end: { bytes: FILE_HEADER_BYTES, checksum: end.checksum },
    };
    await this.#makeLog(logFileName(this.#name, next.generation), async (file) => {
      await file.append(this.#header(next));
      await file.sync();
    });
    await this.#files.close(this.#logFile);
    this.#olderLogBytes += end.bytes;
    this.#place = next;
    this.#syncedBytes = FILE_HEADER_BYTES;
    this.#isBegun = true;
  }

  async #beginFirst(): Promise<void> {
    const header = this.#header(this.#place);
    await this.#makeLog(this.#logFile, (file) => file.append(header));
    const { checksum } = this.#place.begin;
    this.#place = { ...this.#place, end: { bytes: header.length, checksum } };
  }

  /** Whether files are there that the snapshot takes the place of: a compaction was interrupted. */
  async #hasOlder(): Promise<boolean> {
    const { logs, snapshots } = await this.#files.generations(this.#name);
    return [...logs, ...snapshots].some((generation) => generation < this.#base);
  }

  /**
   * A process that was killed while it wrote the snapshot may have left it in the system's memory only. Of
   * one that is there, nobody can know; so it is written once more before the older files are removed.
   */
  async #hardenSnapshot(): Promise<void> {
    const { blobs } = this.#files.folder;
    const name = snapshotName(this.#name, this.#base);
    const { snapshotCopyBytes } = vectorLimits.values;
    const size = this.#snapshotBytes;
    const copy = async function* (): AsyncGenerator<Uint8Array> {
      for (let offset = 0; offset < size; offset += snapshotCopyBytes) {
        yield await blobs.read(name, offset, Math.min(snapshotCopyBytes, size - offset));
      }
    };
    await blobs.write(name, copy(), 'power');
  }

  /** What cannot be removed is removed by the next compaction or opening. */
  async #removeOlder(): Promise<void> {
    const { folder } = this.#files;
    const first = Math.max(this.#base, 1);
    try {
      const { logs, snapshots } = await this.#files.generations(this.#name);
      for (const generation of logs) {
        if (generation >= first) continue;
        await this.#removeLog(logFileName(this.#name, generation));
      }
      for (const generation of snapshots) {
        if (generation >= first) continue;
        await folder.blobs.remove(snapshotName(this.#name, generation), 'process');
      }
    } catch (error) {
      this.#options.log.warn('files that are not needed any more cannot be removed', {
        name: this.#name,
        reason: String(error),
      });
    }
  }

  #stop(cause: unknown): void {
    const fields = { name: this.#name };
    this.#failure ??= vectorErrors.create('VECTOR_WRITES_STOPPED', String(cause), fields, cause);
  }

  #checkWritable(): void {
    if (this.#isClosed) throw vectorErrors.create('DATABASE_CLOSED');
    if (!this.#isWriter) throw vectorErrors.create('DATABASE_READ_ONLY');
    this.#checkWorks();
  }

  #checkWorks(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/**
 * Opens the store of that name, hands out what it holds, and, for a writer, sets right what a crash has
 * left: a torn end of the last log is cut off, with a warning. Where it fails, nothing was changed, unless
 * the folder failed itself.
 *
 * @param name 1 to 40 characters of `a-z 0-9 -`
 * @throws `VECTOR_LOG_CORRUPT` or `VECTOR_SNAPSHOT_CORRUPT` with the fields `file`, `offset` and `reason`
 *   where damage is found that no crash explains; `VECTOR_FORMAT_UNKNOWN`; `FILE_*` as the folder did;
 *   and what the handlers throw
 */
export async function openGenerationalLog(
  folder: VectorFolder,
  name: string,
  options: GenerationalLogOptions,
): Promise<GenerationalLog> {
  const store = new GenerationalLog(folder, name, options);
  await store.open();
  return store;
}

/** Removes all files of a store, which is closed. */
export async function removeStore(files: LogFiles, name: string): Promise<void> {
  const { logs, snapshots } = await files.generations(name);
  for (const generation of logs) {
    const fileName = logFileName(name, generation);
    await files.close(fileName);
    await files.folder.removeLog(fileName);
  }
  for (const generation of snapshots) {
    await files.folder.blobs.remove(snapshotName(name, generation), 'process');
  }
}
