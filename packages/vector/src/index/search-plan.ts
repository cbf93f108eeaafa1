import type { Traversal } from '../metric.ts';
import type { RowSet } from '../row-set.ts';
import { binaryNs, pickNs, scanNs, stepNs } from './cost-model.ts';
import type { RowStore } from './row-store.ts';

/**
 * How one segment is searched: not at all; exactly; by its graph, with the rows that are not in it yet
 * searched exactly; or by signs.
 */
export type SegmentStep = {
  readonly way: 'none' | 'scan' | 'walk' | 'binary';
  /** How many rows of the segment may be returned. */
  readonly matches: number;
  /** How many of them are not in the graph. */
  readonly waiting: number;
  /** How many steps a walk may take before an exact search is cheaper; 0: any number. */
  readonly steps: number;
};

/** How a query is searched. Plain data: it goes to other threads as it is. */
export type SearchPlan = {
  /** Results of a query, at most; not more than there can be. */
  readonly limit: number;
  /** Candidates of a walk, and rows that a binary search reranks. */
  readonly ef: number;
  readonly traversal: Traversal;
  readonly segmentRows: number;
  /** By number of the segment. */
  readonly steps: readonly SegmentStep[];
  /** What one query is estimated to cost, in nanoseconds of one thread. */
  readonly queryNs: number;
};

/** Which rows are meant, by bit as in a `RowSet`; as long as there are rows. */
export type SearchMasks = {
  /** What may be returned; undefined: every live row. */
  readonly allowed: Uint32Array | undefined;
  /** Which of these are not in the graph; undefined: none, or nobody walks. */
  readonly waiting: Uint32Array | undefined;
};

/** What is looked for, all of it known. */
export type SearchWish = {
  readonly limit: number;
  readonly ef: number;
  readonly traversal: Traversal;
  /** `walk`: by the graph unless a filter makes the exact search cheaper; `choose`: whatever is cheaper. */
  readonly way: 'scan' | 'walk' | 'binary' | 'choose';
  readonly allowed: RowSet | undefined;
  /** An exact search is chosen where it takes at most so many times as long as a walk. */
  readonly exactWorth: number;
};

/** A plan and the rows that it is for. */
export type PlannedSearch = { readonly plan: SearchPlan; readonly masks: SearchMasks };

/** How the rows of this moment are searched. It holds until they change. */
export function planSearch(store: RowStore, wish: SearchWish): PlannedSearch {
  const words = (store.rows + 31) >>> 5;
  const filter = wish.allowed ?? (store.hasHidden ? store.live : undefined);
  const allowed = filter === undefined ? undefined : both(filter, store.live, words);
  const mayWalk = wish.way === 'walk' || wish.way === 'choose';
  const waiting =
    mayWalk && store.waiting.size > 0 ? waitingMask(store, allowed, words) : undefined;
  const masks = { allowed, waiting };
  const counts = store.segments.map((_, number) => countRows(store, masks, number));
  const matches = counts.reduce((sum, count) => sum + count.matches, 0);
  const limit = Math.min(wish.limit, matches);
  const costs = counts.map((count, number) =>
    chooseWay(store, { ...wish, limit, allowed: filter }, count, number),
  );
  const plan: SearchPlan = {
    limit,
    ef: Math.max(limit, wish.ef),
    traversal: wish.traversal,
    segmentRows: store.segmentRows,
    steps: counts.map((count, number) => ({ ...count, ...(costs[number] as Priced) })),
    queryNs: costs.reduce((sum, { ns }) => sum + ns, 0),
  };
  const isWalk = plan.steps.some(({ way }) => way === 'walk');
  return { plan, masks: isWalk ? masks : { allowed, waiting: undefined } };
}

type Counts = { readonly matches: number; readonly waiting: number };
type Priced = Pick<SegmentStep, 'way' | 'steps'> & { readonly ns: number };

function countRows(store: RowStore, { allowed, waiting }: SearchMasks, number: number): Counts {
  const from = (number * store.segmentRows) / 32;
  const to = from + store.segmentRows / 32;
  return {
    matches: allowed === undefined ? store.liveIn(number) : ones(allowed, from, to),
    waiting: waiting === undefined ? 0 : ones(waiting, from, to),
  };
}

function chooseWay(store: RowStore, wish: SearchWish, counts: Counts, number: number): Priced {
  const { dimension } = store.options;
  const { matches, waiting } = counts;
  if (matches === 0) return { way: 'none', steps: 0, ns: 0 };
  const rows = store.segments[number]?.rows ?? 0;
  const scan: Priced = {
    way: 'scan',
    steps: 0,
    ns: wish.allowed === undefined ? scanNs(rows, dimension) : pickNs(matches, rows, dimension),
  };
  if (wish.way === 'scan') return scan;
  const ef = Math.max(wish.limit, wish.ef);
  if (wish.way === 'binary') {
    const ns = binaryNs(rows, ef, dimension);
    return ns < scan.ns ? { way: 'binary', steps: 0, ns } : scan;
  }
  const indexed = store.liveIn(number) - store.waitingIn(number);
  // Where all that match are wanted, a walk could only miss some.
  if (indexed === 0 || matches === waiting || wish.limit >= matches) return scan;
  const walk = priceWalk(store, ef, indexed, counts, rows);
  if (wish.way === 'walk' && wish.allowed === undefined) return walk;
  if (walk.ns * wish.exactWorth >= scan.ns) return scan;
  if (wish.allowed === undefined) return walk;
  // What may be returned can be far away, all of it; then the exact search follows on what was in vain.
  const step = stepNs(store.options.maxNeighbors * 2, dimension);
  return { ...walk, steps: ef + Math.ceil(scan.ns / step) };
}

/** What a walk among `indexed` rows costs, together with the scan of those that wait. */
function priceWalk(
  { options }: RowStore,
  ef: number,
  indexed: number,
  { matches, waiting }: Counts,
  rows: number,
): Priced {
  const { dimension, maxNeighbors } = options;
  // Where one in n rows may be returned, a walk has to look at n times as many.
  const candidates = Math.min(indexed, (ef * indexed) / (matches - waiting));
  const steps = candidates * stepNs(maxNeighbors * 2, dimension);
  return { way: 'walk', steps: 0, ns: steps + pickNs(waiting, rows, dimension) };
}

function waitingMask(
  store: RowStore,
  allowed: Uint32Array | undefined,
  words: number,
): Uint32Array | undefined {
  const mask = new Uint32Array(words);
  mask.set(store.waiting.words.subarray(0, words));
  if (allowed === undefined) return mask;
  let some = 0;
  for (let index = 0; index < words; index += 1) {
    const word = (mask[index] as number) & (allowed[index] as number);
    mask[index] = word;
    some |= word;
  }
  return some === 0 ? undefined : mask;
}

/** What is in both sets, in the first `words` words. */
function both(one: RowSet, other: RowSet, words: number): Uint32Array {
  const result = new Uint32Array(words);
  const [first, second] = [one.words, other.words];
  const length = Math.min(words, first.length, second.length);
  for (let index = 0; index < length; index += 1) {
    result[index] = (first[index] as number) & (second[index] as number);
  }
  return result;
}

/** How many bits are set in the words `from` … `to` − 1 (Warren, Hacker's Delight, 5-1). */
function ones(words: Uint32Array, from: number, to: number): number {
  let count = 0;
  const end = Math.min(to, words.length);
  for (let index = from; index < end; index += 1) {
    let bits = words[index] as number;
    if (bits === 0) continue;
    bits -= (bits >>> 1) & 0x55555555;
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
    count += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}
