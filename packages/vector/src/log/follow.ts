import { vectorLimits } from '../limits.ts';
import { FILE_HEADER_BYTES } from './file-header.ts';
import type { Generations } from './log-names.ts';
import { corruptLog, isStillThere, readLogHead, walkLog } from './log-walk.ts';
import {
  isSameEnd,
  type Replayed,
  type ReplayOptions,
  replayStore,
  type StorePlace,
} from './replay.ts';

/**
 * Takes in what the writer of a store has written since; with nothing read before, all of it. The writer
 * goes on meanwhile: it may append, take back what it appended, begin another log, and remove files that
 * are just being read. What does not fit together is looked at again, from the beginning, before it
 * counts as damage.
 *
 * @throws as `replayStore`
 */
export async function followStore(
  options: ReplayOptions,
  last: Replayed | undefined,
): Promise<Replayed> {
  let known = last;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (known && (await goOn(options, known))) ?? (await replayStore(options));
    } catch (error) {
      if (attempt >= vectorLimits.values.readerAttempts) throw error;
      known = undefined;
      // What it said may be the reason.
      options.files.forget();
    }
  }
}

/** Reads on from where the last reading ended; undefined when that place is not there any more. */
async function goOn(options: ReplayOptions, last: Replayed): Promise<Replayed | undefined> {
  const generations = await options.files.generations(options.name);
  const { logs, snapshots } = generations;
  if (last.place.end.bytes === 0) {
    return logs.length + snapshots.length === 0 ? last : undefined;
  }
  if (!logs.includes(last.place.generation) && !logs.includes(last.place.generation + 1)) {
    return undefined;
  }
  let { place, olderLogBytes } = last;
  for (;;) {
    const read = await readOn(options, place, generations);
    if (read === undefined) return undefined;
    const next = await nextPlace(options, read, generations);
    if (next === undefined) return undefined;
    place = next;
    if (next === read) break;
    olderLogBytes += read.end.bytes;
  }
  const base = snapshots.at(-1) ?? 0;
  return base === last.base
    ? { ...last, place, olderLogBytes }
    : { ...last, base, place, olderLogBytes: 0 };
}

/** The rest of the log of a place; undefined when the log is not the one that was read before. */
async function readOn(
  options: ReplayOptions,
  place: StorePlace,
  { logs }: Generations,
): Promise<StorePlace | undefined> {
  const { generation, begin, end, lastFrame } = place;
  // Removed: it may have been read to its end, which the next log says.
  if (!logs.includes(generation)) return place;
  const { size, header } = await readLogHead(options, generation);
  if (header.kind !== 'whole' || !isSameEnd(header.previous, begin)) return undefined;
  if (size < end.bytes) return undefined;
  // What was read last may have been taken back since.
  if (lastFrame !== undefined && !(await isStillThere(options, generation, lastFrame, end))) {
    return undefined;
  }
  const walk = await walkLog(options, generation, end);
  if (walk.gap?.reason === 'history') return undefined;
  if (walk.gap !== undefined && !walk.isTorn) {
    throw corruptLog(options.name, generation, walk.gap.offset, walk.gap.reason);
  }
  return { generation, begin, end: walk.end, lastFrame: walk.lastFrame ?? lastFrame };
}

/** The beginning of the next log, or the same place where there is none; undefined: start over. */
async function nextPlace(
  options: ReplayOptions,
  place: StorePlace,
  { logs }: Generations,
): Promise<StorePlace | undefined> {
  const { generation, end } = place;
  if (!logs.includes(generation + 1)) return logs.includes(generation) ? place : undefined;
  const { size, header } = await readLogHead(options, generation + 1);
  // About to be begun.
  if (header.kind !== 'whole') return size <= FILE_HEADER_BYTES ? place : undefined;
  if (!isSameEnd(header.previous, end)) return undefined;
  return {
    generation: generation + 1,
    begin: end,
    end: { bytes: FILE_HEADER_BYTES, checksum: end.checksum },
  };
}
