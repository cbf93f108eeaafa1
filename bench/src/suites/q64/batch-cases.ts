import {
  BufferPool,
  type ByteSource,
  encodeBatch,
  encodeBuffer,
  encodeInto,
  Q64Stats,
} from '@lucerna/q64';
import { timeSettledCall } from '../../clock.ts';
import type { Case, Measure, Peer } from '../../harness.ts';
import { digestOf } from '../state/fixtures.ts';
import { seededBytes } from './bytes.ts';

const ITEMS = 1_000;
const QUICK_ITEMS = 50;
const ITEM_BYTES = 1_536;
/** Batches for which memory is counted. */
const BATCHES = 100;
const LEAST_MS = 200;
const QUICK_MS = 5;

type Items = readonly ByteSource[];

function makeItems(quick: boolean): readonly Uint8Array[] {
  const count = quick ? QUICK_ITEMS : ITEMS;
  const all = seededBytes(count * ITEM_BYTES);
  return Array.from({ length: count }, (_, index) =>
    all.slice(index * ITEM_BYTES, (index + 1) * ITEM_BYTES),
  );
}

/** Each item by itself, as somebody does it who has no batches. */
function encodeEach(items: Items, stats?: Q64Stats): readonly Uint8Array[] {
  return items.map((item) => encodeBuffer(item, { stats }));
}

/** One batch in memory that is used again for the next one. */
function encodeReusing(items: Items, pool: BufferPool, stats?: Q64Stats): void {
  encodeBatch(items, { pool, stats }).release();
}

function timeMeasure(quick: boolean, hash: string, work: () => unknown): Measure {
  return async () => ({
    value: 1_000 * timeSettledCall(quick ? QUICK_MS : LEAST_MS, work),
    hash,
  });
}

const TIMED = { unit: 'µs', better: 'lower', rounds: 9, cpuTime: true } as const;

function timedCase(
  id: string,
  target: number | undefined,
  detail: string | undefined,
  peerOf: (items: Items, quick: boolean, hash: string) => Peer,
): Case {
  return {
    ...TIMED,
    id,
    target,
    note: 'bound by the encoding itself, which separate calls have to do as well',
    prepare: async (quick) => {
      const items = makeItems(quick);
      const pool = new BufferPool();
      const batch = encodeBatch(items, { pool });
      const hash = digestOf(batch);
      batch.release();
      return {
        ours: timeMeasure(quick, hash, () => encodeReusing(items, pool)),
        peer: peerOf(items, quick, hash),
        close: async () => {},
        ...(detail === undefined ? {} : { detail }),
      };
    },
  };
}

const reuseOfCall: Case = {
  ...TIMED,
  id: 'reuse-speed',
  target: undefined,
  prepare: async (quick) => {
    const source = seededBytes(ITEM_BYTES);
    const target = new Uint8Array(2 * ITEM_BYTES);
    encodeInto(source, target);
    return {
      ours: timeMeasure(quick, digestOf([target]), () => encodeInto(source, target)),
      peer: {
        kind: 'measured',
        name: 'new memory each time',
        measure: timeMeasure(quick, digestOf([encodeBuffer(source)]), () => encodeBuffer(source)),
      },
      close: async () => {},
      detail: 'one embedding; seed:uubed says 50–80 % faster',
    };
  },
};

const allocations: Case = {
  id: 'reuse-allocations',
  unit: 'allocations',
  better: 'lower',
  target: undefined,
  rounds: 1,
  prepare: async (quick) => {
    const items = makeItems(quick);
    const count = (encode: (stats: Q64Stats, pool: BufferPool) => void): Measure => {
      return async () => {
        const [stats, pool] = [new Q64Stats(), new BufferPool()];
        for (let batch = 0; batch < BATCHES; batch += 1) encode(stats, pool);
        return { value: stats.snapshot().allocations };
      };
    };
    return {
      ours: count((stats, pool) => encodeReusing(items, pool, stats)),
      peer: {
        kind: 'measured',
        name: 'separate calls of ours',
        measure: count((stats) => encodeEach(items, stats)),
      },
      close: async () => {},
      detail: `${BATCHES} batches; seed:uubed says 80–90 % fewer`,
    };
  },
};

/** Many embeddings at a time, and memory that is used again. */
export const batchCases: readonly Case[] = [
  timedCase('batch-1000x1536', 3, undefined, (items, quick) => ({
    kind: 'measured',
    name: 'separate calls of ours',
    measure: timeMeasure(quick, digestOf(encodeEach(items)), () => encodeEach(items)),
  })),
  timedCase(
    'reuse-speed',
    undefined,
    'a batch; seed:uubed says 50–80 % faster',
    (items, quick, hash) => ({
      kind: 'measured',
      name: 'new memory each time',
      measure: timeMeasure(quick, hash, () => encodeBatch(items)),
    }),
  ),
  reuseOfCall,
  allocations,
];
