import { isLucernaError, type Log } from '@lucerna/base';
import { FILE_HEADER_BYTES, type LogEnd, NO_LOG } from './file-header.ts';
import type { LogFiles } from './log-files.ts';
import type { Generations } from './log-names.ts';
import { corruptLog, isTornFromTheBeginning, readLogHead, walkLog } from './log-walk.ts';
import { openSnapshot, type SnapshotPiece, snapshotPieces } from './snapshot.ts';

/** Who takes in what a store holds. */
export type StoreHandlers = {
  /**
   * What comes now begins with nothing. Called before everything else, and again when a reader has to
   * start over; what came before counts no more then.
   */
  readonly onStart: () => void | Promise<void>;
  /**
   * The chunks of the newest snapshot, once at most, before all entries. A chunk begins at a multiple of
   * 16 bytes of its buffer and may be kept. The iteration throws where the snapshot is damaged.
   */
  readonly onSnapshot: (chunks: AsyncIterable<Uint8Array>) => Promise<void>;
  /** An entry, of which the same is said. The next one comes when the promise has resolved. */
  readonly onEntry: (entry: Uint8Array) => Promise<void> | void;
  /**
   * Salvage, in place of `onSnapshot`: what can be read of the newest snapshot, which is damaged. Entries
   * follow all the same, and may change what was lost.
   */
  readonly onDamagedSnapshot?:
    | ((pieces: AsyncIterable<SnapshotPiece>) => Promise<void>)
    | undefined;
  /** Salvage: entries from a place on, or all of a store, are left out. */
  readonly onLoss?: ((reason: string) => void) | undefined;
};

/** Where the next entry of a store goes. */
export type StorePlace = {
  readonly generation: number;
  /** What the log of this generation comes behind. */
  readonly begin: LogEnd;
  /** Its own end; 0 bytes where it is not there yet. */
  readonly end: LogEnd;
  /** Where its last frame begins, if that was read; for readers. */
  readonly lastFrame?: number | undefined;
};

/** The place of a store that has nothing. */
export const FIRST_PLACE: StorePlace = { generation: 1, begin: NO_LOG, end: NO_LOG };

/** What was read, and what a writer has to set right. */
export type Replayed = {
  readonly place: StorePlace;
  /** Generation of the snapshot; 0 without. */
  readonly base: number;
  readonly snapshotBytes: number;
  /** Bytes of the logs from the snapshot on, without the last one. */
  readonly olderLogBytes: number;
  /** Bytes behind the end of the log of this place, which an interrupted write has left. */
  readonly tornBytes: number;
  /** The next generation, whose log was about to be begun. */
  readonly interrupted: number | undefined;
};

/** What was read of a store that has nothing. */
const NOTHING: Replayed = {
  place: FIRST_PLACE,
  base: 0,
  snapshotBytes: 0,
  olderLogBytes: 0,
  tornBytes: 0,
  interrupted: undefined,
};

const DAMAGE: readonly string[] = ['VECTOR_LOG_CORRUPT', 'VECTOR_SNAPSHOT_CORRUPT'];

/** What a replay works with. */
export type ReplayOptions = StoreHandlers & {
  readonly files: LogFiles;
  readonly name: string;
  readonly log: Log;
  /**
   * Where a log is damaged, what lies before it counts, and of a damaged snapshot what can be read, with
   * an error in the log. For readers.
   */
  readonly salvage?: boolean | undefined;
};

/**
 * Reads a store from the beginning: its newest snapshot, the log that begins there, and the later ones.
 * Changes nothing.
 *
 * @throws `VECTOR_LOG_CORRUPT`, `VECTOR_SNAPSHOT_CORRUPT`, `VECTOR_FORMAT_UNKNOWN`
 */
export async function replayStore(options: ReplayOptions): Promise<Replayed> {
  const { files, name } = options;
  const generations = await files.generations(name);
  const base = generations.snapshots.at(-1) ?? 0;
  await options.onStart();
  if (options.salvage === true) return salvageStore(options, generations, base);
  return readStore(options, base, logsFrom(name, generations.logs, base));
}

/** Reads what can be read; see `ReplayOptions`. */
async function salvageStore(
  options: ReplayOptions,
  { logs: allLogs, snapshots }: Generations,
  newest: number,
): Promise<Replayed> {
  const { name, log } = options;
  try {
    const damage = await damageOf(options, newest);
    if (damage === undefined) {
      return await readStore(options, newest, savedLogs(options, allLogs, newest));
    }
    log.error('a snapshot is damaged', { name, reason: damage });
    // A compaction that was interrupted at its end has left all that the snapshot was made from.
    for (const base of [...snapshots.slice(0, -1).reverse(), 0]) {
      const logs = followingLogs(allLogs, base);
      if (!logs.includes(newest) || (await damageOf(options, base)) !== undefined) continue;
      return await readStore(options, base, logs);
    }
    return await readStore(options, newest, savedLogs(options, allLogs, newest), true);
  } catch (error) {
    if (!isLucernaError(error, ...DAMAGE)) throw error;
    log.error('a store is damaged and left out', { name, reason: String(error) });
    await options.onStart();
    options.onLoss?.(String(error));
    return { ...NOTHING, base: newest };
  }
}

/** What is damaged of the snapshot of that generation; undefined: nothing, or there is none. */
async function damageOf(
  { files, name }: ReplayOptions,
  generation: number,
): Promise<string | undefined> {
  if (generation === 0) return undefined;
  try {
    const snapshot = await openSnapshot(files.folder, name, generation);
    for await (const _chunk of snapshot.chunks());
    return undefined;
  } catch (error) {
    if (!isLucernaError(error, ...DAMAGE)) throw error;
    return String(error);
  }
}

/** @param isDamaged whether the snapshot is, so that it comes in pieces */
async function readStore(
  options: ReplayOptions,
  base: number,
  logs: readonly number[],
  isDamaged = false,
): Promise<Replayed> {
  const { files, name } = options;
  const replay = new LogsReplay(options, base);
  let snapshotBytes = 0;
  if (isDamaged) {
    await options.onDamagedSnapshot?.(snapshotPieces(files.folder, name, base));
    // What the snapshot would say of it may be damaged as well.
    const head = logs.length === 0 ? undefined : await readLogHead(options, base);
    if (head?.header.kind === 'whole') replay.beginBehind(head.header.previous);
  } else if (base > 0) {
    const snapshot = await openSnapshot(files.folder, name, base);
    await options.onSnapshot(snapshot.chunks());
    replay.beginBehind(snapshot.previous);
    snapshotBytes = snapshot.bytes;
  }
  for (const [index, generation] of logs.entries()) {
    if (!(await replay.take(generation, logs[index + 1]))) break;
  }
  return { ...replay.result(), base, snapshotBytes };
}

/** Logs from the snapshot on. @throws `VECTOR_LOG_CORRUPT` when one is missing */
function logsFrom(name: string, logs: readonly number[], base: number): readonly number[] {
  const first = Math.max(base, 1);
  const wanted = logs.filter((generation) => generation >= first);
  for (const [index, generation] of wanted.entries()) {
    if (generation !== first + index) throw corruptLog(name, first + index, 0, 'it is missing');
  }
  // A log is on the disk before a snapshot is taken where it begins.
  if (base > 0 && wanted.length === 0) throw corruptLog(name, base, 0, 'it is missing');
  return wanted;
}

/** Those that can be read one after the other, from the snapshot on; what is missing is said. */
function savedLogs(
  { name, log, onLoss }: ReplayOptions,
  logs: readonly number[],
  base: number,
): readonly number[] {
  try {
    return logsFrom(name, logs, base);
  } catch (error) {
    log.error('a log is missing: what comes behind is left out', { name, reason: String(error) });
    onLoss?.(String(error));
    return followingLogs(logs, base);
  }
}

/** Logs from the snapshot on, up to the first that is missing. */
function followingLogs(logs: readonly number[], base: number): readonly number[] {
  const first = Math.max(base, 1);
  const wanted = logs.filter((generation) => generation >= first);
  return wanted.filter((generation, index) => generation === first + index);
}

/** Takes one log after the other. */
class LogsReplay {
  readonly #options: ReplayOptions;
  readonly #base: number;
  #previous: LogEnd = NO_LOG;
  #place: StorePlace;
  #olderLogBytes = 0;
  #tornBytes = 0;
  #interrupted: number | undefined;

  constructor(options: ReplayOptions, base: number) {
    this.#options = options;
    this.#base = base;
    this.#place = { ...FIRST_PLACE, generation: Math.max(base, 1) };
  }

  /** @param previous what the log of the snapshot comes behind */
  beginBehind(previous: LogEnd): void {
    this.#previous = previous;
    this.#place = { ...this.#place, begin: previous };
  }

  result(): Omit<Replayed, 'base' | 'snapshotBytes'> {
    return {
      place: this.#place,
      olderLogBytes: this.#olderLogBytes,
      tornBytes: this.#tornBytes,
      interrupted: this.#interrupted,
    };
  }

  /** @returns whether a later log comes into question */
  async take(generation: number, next: number | undefined): Promise<boolean> {
    try {
      return await this.#take(generation, next);
    } catch (error) {
      if (this.#options.salvage !== true || !isLucernaError(error, ...DAMAGE)) throw error;
      this.#options.log.error('a log is damaged: what comes behind is left out', {
        name: this.#options.name,
        generation,
        reason: String(error),
      });
      this.#options.onLoss?.(String(error));
      return false;
    }
  }

  async #take(generation: number, next: number | undefined): Promise<boolean> {
    const { name } = this.#options;
    const { size, header } = await readLogHead(this.#options, generation);
    if (header.kind !== 'whole') {
      return this.#takeHeadless(generation, { size, isLast: next === undefined });
    }
    const isEmpty = size === FILE_HEADER_BYTES;
    if (!isSameEnd(header.previous, this.#previous)) {
      // A rotation that was given up: its log was removed, and has come back after a power loss.
      const isGivenUp = isEmpty && next === undefined && generation > Math.max(this.#base, 1);
      if (isGivenUp && header.previous.bytes < this.#previous.bytes) {
        this.#interrupted = generation;
        return false;
      }
      if (generation === this.#base) throw corruptLog(name, generation, 0, 'it begins elsewhere');
      throw corruptLog(name, generation - 1, this.#previous.bytes, 'the next log begins elsewhere');
    }
    this.#olderLogBytes += this.#place.end.bytes;
    const begin = { bytes: FILE_HEADER_BYTES, checksum: header.previous.checksum };
    const walk = await walkLog(this.#options, generation, begin);
    const { end, lastFrame } = walk;
    this.#place = { generation, begin: header.previous, end, lastFrame };
    this.#previous = end;
    if (walk.gap === undefined) return true;
    if (!walk.isTorn || !(await this.#isLastInUse(next))) {
      throw corruptLog(name, generation, walk.gap.offset, walk.gap.reason);
    }
    this.#tornBytes = walk.size - end.bytes;
    return true;
  }

  /** Whether nothing was ever written to the next log: then this one was in use at the end. */
  async #isLastInUse(next: number | undefined): Promise<boolean> {
    if (next === undefined) return true;
    const { size } = await readLogHead(this.#options, next);
    return size <= FILE_HEADER_BYTES;
  }

  async #takeHeadless(
    generation: number,
    { size, isLast }: { readonly size: number; readonly isLast: boolean },
  ): Promise<boolean> {
    const isFirst = generation === 1 && this.#base === 0;
    if (isFirst && isLast && (await isTornFromTheBeginning(this.#options))) {
      this.#tornBytes = size;
      return false;
    }
    // Its header is synced before anything is written behind it, and before its snapshot.
    const isBegun = generation > Math.max(this.#base, 1) && size <= FILE_HEADER_BYTES;
    if (!isBegun || !isLast) throw corruptLog(this.#options.name, generation, 0, 'header');
    this.#interrupted = generation;
    return false;
  }
}

/** Whether two ends are the same. */
export function isSameEnd(left: LogEnd, right: LogEnd): boolean {
  return left.bytes === right.bytes && left.checksum === right.checksum;
}
