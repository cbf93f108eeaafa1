import { type Durability, isLucernaError, LucernaError } from '@lucerna/base';
import type { CrashKind } from '@lucerna/storage/faulty';
import { expect } from 'vitest';
import type { FaultyPlace } from './faulty-place.ts';
import { ModelStore } from './model-store.ts';

/** What a run could rely on when it ended. */
export type Acknowledged = {
  /** Numbers whose addition resolved, in their order. */
  readonly added: number[];
  /** So many of them were there when a sync or compaction resolved. */
  hardened: number;
  /** The number whose addition failed last, when nothing was added behind it: it may be there. */
  refused: number | undefined;
};

/** What is known before the first run. */
export function nothingKnown(): Acknowledged {
  return { added: [], hardened: 0, refused: undefined };
}

/** How many numbers an untroubled run adds. */
export const NUMBERS = 9;

/** Added to a number that is tried again. */
const AGAIN = 50;

/** Adds numbers, compacts after some of them, opens again after others; goes on after every failure. */
export async function work(
  place: FaultyPlace,
  level: Durability,
  known: Acknowledged = nothingKnown(),
): Promise<Acknowledged> {
  for (const numbers of [
    [1, 2, 3, 4, 5],
    [6, 7],
    [8, 9],
  ]) {
    try {
      const folder = await place.open('write');
      try {
        await session(await ModelStore.open(folder), numbers, level, known);
      } finally {
        await folder.close();
      }
    } catch (error) {
      expect(error).toBeInstanceOf(LucernaError);
    }
  }
  return known;
}

async function session(
  store: ModelStore,
  numbers: readonly number[],
  level: Durability,
  known: Acknowledged,
): Promise<void> {
  checkContents(store.numbers, known, known.added.length);
  // What was in doubt and is found is to stay at this level: a database sees to it.
  const isMore = store.numbers.length > known.added.length;
  if (isMore && level === 'power') await store.log.sync();
  // What was in doubt is there or not, and stays so.
  if (store.numbers.length > known.added.length) known.added.push(known.refused as number);
  known.refused = undefined;
  for (const number of numbers) {
    // A second attempt after a failure is what a caller makes; of another number, so that what was taken
    // back cannot be taken for it.
    if (!(await isAdded(store, number, level, known))) {
      await isAdded(store, number + AGAIN, level, known);
    }
    if (number % 3 === 0) await harden(store, known, () => store.compact());
    if (number % 4 === 0) await harden(store, known, () => store.log.sync());
  }
  await store.log.close();
}

async function isAdded(
  store: ModelStore,
  number: number,
  level: Durability,
  known: Acknowledged,
): Promise<boolean> {
  try {
    await store.add(number, level);
    known.added.push(number);
    known.refused = undefined;
    if (level === 'power') known.hardened = known.added.length;
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(LucernaError);
    // One that was taken back is not there; behind one that was not, nothing is written.
    const isInDoubt = store.log.failure !== undefined;
    if (isInDoubt && !isLucernaError(error, 'VECTOR_WRITES_STOPPED')) known.refused = number;
    return false;
  }
}

async function harden(
  store: ModelStore,
  known: Acknowledged,
  task: () => Promise<void>,
): Promise<void> {
  try {
    await task();
    known.hardened = known.added.length;
  } catch (error) {
    expect(error).toBeInstanceOf(LucernaError);
    expect(store.numbers).toEqual(known.added);
  }
}

/** Some first ones of what was added, at least `least`; behind all of them perhaps the one in doubt. */
export function checkContents(
  numbers: readonly number[],
  known: Acknowledged,
  least: number,
): void {
  const { added, refused } = known;
  const all = refused === undefined ? added : [...added, refused];
  expect(numbers).toEqual(all.slice(0, numbers.length));
  expect(numbers.length).toBeGreaterThanOrEqual(least);
}

/** What a restart has to find, and that it can go on. */
export async function checkRestart(
  place: FaultyPlace,
  level: Durability,
  crash: CrashKind,
  known: Acknowledged,
): Promise<void> {
  const folder = await place.open('write');
  const store = await ModelStore.open(folder);
  const survives = level === 'power' || crash === 'process';
  checkContents(store.numbers, known, survives ? known.added.length : known.hardened);
  const before = [...store.numbers];
  await store.add(100, level);
  await store.compact();
  await store.add(101, level);
  expect(store.log.failure).toBeUndefined();
  await store.log.close();
  await folder.close();
  const again = await place.open('write');
  expect((await ModelStore.open(again)).numbers).toEqual([...before, 100, 101]);
  // One log and one snapshot are left.
  expect(await again.logNames()).toHaveLength(1);
  expect(await again.blobs.names()).toHaveLength(1);
  await again.close();
}
