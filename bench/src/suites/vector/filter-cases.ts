import { present } from '@lucerna/base';
import { parseWhere } from '@lucerna/vector';
import { timeCpu } from '../../clock.ts';
import type { Case, Measure } from '../../harness.ts';
import { graphCollection, type Opened, queriesOf } from './collections.ts';
import { type Embeddings, wordEmbeddings } from './embeddings.ts';
import {
  arraysOf,
  type Hnswlib,
  hnswlibGraph,
  hnswlibName,
  hnswlibScan,
  loadHnswlib,
  recallOf,
} from './hnswlib.ts';
import { type Found, K, recallDetail, timeTuned, tune } from './tuning.ts';

const WANTED_RECALL = 0.95;

/** Each record has one of 100 values, spread over all of them. */
const partOf = (row: number): number => (row * 7919) % 100;
const parts = {
  name: 'parts',
  metadata: (row: number): ReadonlyMap<string, bigint> => new Map([['part', BigInt(partOf(row))]]),
};

/** What a peer is made of. */
type Task = {
  readonly module: Hnswlib;
  readonly data: Embeddings;
  readonly queries: readonly (readonly number[])[];
  readonly passes: (row: number) => boolean;
  readonly truth: Uint32Array;
  readonly quick: boolean;
};

/** Milliseconds for all queries, and what its recall is. */
type Timed = { readonly timeMs: () => Promise<number>; readonly detail: string };

/** A way in which hnswlib answers a query with a filter. */
type Way = { readonly name: string; readonly make: (task: Task) => Promise<Timed> };

/**
 * Computes all distances, and asks a function about the rows that are near enough. Where the first rows
 * that pass are among the nearest it returns fewer than it was asked for, so its recall is not quite 1.
 */
const scanWithFilter: Way = {
  name: 'BruteforceSearch with the same filter',
  make: async ({ module, data, queries, passes, truth }) => {
    const scan = hnswlibScan(module, data);
    return untuned(() => queries.map((query) => scan.searchKnn(query, K, passes).neighbors), truth);
  },
};

/** Walks its graph, and asks a function about each row that it meets. */
const graphWithFilter: Way = {
  name: 'its graph with the same filter',
  make: async ({ module, data, queries, passes, truth, quick }) => {
    const graph = await hnswlibGraph(module, data);
    const search = (width: number): Found => {
      graph.setEf(width);
      return queries.map((query) => graph.searchKnn(query, K, passes).neighbors);
    };
    const tuned = await tune(search, truth, WANTED_RECALL, quick);
    return { timeMs: () => timeTuned(search, tuned), detail: tuned.detail };
  },
};

/** Has nothing but the rows that pass, so that it need not filter: what the distances alone cost. */
const scanOfPassing: Way = {
  name: 'BruteforceSearch of what passes, no filter',
  make: async ({ module, data, queries, passes, truth }) => {
    const scan = hnswlibScan(module, data, passes);
    return untuned(() => queries.map((query) => scan.searchKnn(query, K).neighbors), truth);
  },
};

/** What is exact has its recall measured as well: it is not taken at its word. */
function untuned(search: () => Found, truth: Uint32Array): Timed {
  const timeMs = (): Promise<number> =>
    timeCpu(() => {
      search();
    });
  return { timeMs, detail: recallDetail(recallOf(search(), truth, K)) };
}

/** A query with a filter that every hundredth, or tenth, record passes. */
function filterCase(percent: number, way: Way, target: number | undefined): Case {
  return {
    id: `filter-${percent}pct`,
    unit: 'µs',
    better: 'lower',
    target,
    rounds: 5,
    cpuTime: true,
    note: 'bound by sets of rows, which have a bit for every record; where more pass, by the distances',
    prepare: async (quick) => {
      const data = await wordEmbeddings(100_000, quick);
      const passes = (row: number): boolean => partOf(row) < percent;
      const opened = await graphCollection(data, quick, parts);
      const module = await loadHnswlib('installed', quick);
      const queries = arraysOf(data.queries, data.dimension);
      const find = ourSearch(opened, data, percent);
      const truth = await trueNeighbors(find, module, { data, queries, passes });
      const recall = recallDetail(recallOf(await find('auto'), truth, K));
      const name = `${hnswlibName('installed')}, ${way.name}`;
      const task = { data, queries, passes, truth, quick };
      const peer = module === undefined ? undefined : await way.make({ ...task, module });
      const perQuery = (timeMs: () => Promise<number>): Measure => {
        return async () => ({ value: (1000 * (await timeMs())) / queries.length });
      };
      return {
        detail: `${data.name}; ${percent} % pass; ${recall}${peer === undefined ? '' : `, the peer ${peer.detail}`}`,
        ours: perQuery(() =>
          timeCpu(async () => {
            await find('auto');
          }),
        ),
        peer:
          peer === undefined
            ? { kind: 'absent', name }
            : { kind: 'measured', name, measure: perQuery(peer.timeMs) },
        close: () => opened.database.close(),
      };
    },
  };
}

/** The filter is worked out for each query anew. */
function ourSearch({ collection }: Opened, data: Embeddings, percent: number) {
  const where = present(parseWhere({ part: { $lt: percent } }), 'a filter was given');
  const queries = queriesOf(data);
  return async (mode: 'exact' | 'auto'): Promise<Found> => {
    const found: (readonly number[])[] = [];
    for (const embeddings of queries) {
      const [hits = []] = await collection.query({ embeddings, limit: K, where, mode });
      found.push(hits.map(({ record }) => Number(record.id)));
    }
    return found;
  };
}

/** By the peer, where it is there. */
async function trueNeighbors(
  find: ReturnType<typeof ourSearch>,
  module: Hnswlib | undefined,
  { data, queries, passes }: Pick<Task, 'data' | 'queries' | 'passes'>,
): Promise<Uint32Array> {
  if (module === undefined) return Uint32Array.from((await find('exact')).flat());
  const scan = hnswlibScan(module, data, passes);
  return Uint32Array.from(queries.flatMap((query) => [...scan.searchKnn(query, K).neighbors]));
}

/** The scan with the filter has the target; the other rows say how far it is to what else there is. */
export const filterCases: readonly Case[] = [1, 10].flatMap((percent) => [
  filterCase(percent, scanWithFilter, 1),
  filterCase(percent, graphWithFilter, undefined),
  filterCase(percent, scanOfPassing, undefined),
]);
