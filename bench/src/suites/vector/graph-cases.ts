import { timeCpu } from '../../clock.ts';
import type { Case, Measure } from '../../harness.ts';
import { graphCollection, queriesOf } from './collections.ts';
import { benchEmbeddings, type Embeddings } from './embeddings.ts';
import {
  arraysOf,
  type Build,
  hnswlibGraph,
  hnswlibName,
  loadHnswlib,
  recallOf,
  trueNeighbors,
} from './hnswlib.ts';

/** Neighbors asked for. */
const K = 10;

/** Numbers of candidates that are tried; a recall between two of them is interpolated. */
const WIDTHS = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 400, 600, 800, 1200];

/** One side: finds the neighbors of every query by `width` candidates. */
type Searcher = (
  width: number,
) => readonly (readonly number[])[] | Promise<readonly (readonly number[])[]>;

/** A searcher between two widths, where its recall is the one that is asked for. */
type Tuned = {
  readonly below: number;
  readonly above: number;
  /** How far from `below` to `above`, 0 to 1. */
  readonly share: number;
  readonly detail: string;
};

/** Queries a second at one recall, against a build of hnswlib at the same. */
function graphCase(
  id: string,
  options: {
    readonly rows: number | 'all';
    readonly recall: number;
    readonly build: Build;
    readonly target: number;
  },
): Case {
  const { rows, recall, build, target } = options;
  return {
    id,
    unit: 'queries/s',
    better: 'higher',
    target,
    rounds: 5,
    cpuTime: true,
    note: 'bound by the memory that codes and links are read from, at random places',
    prepare: async (quick) => {
      const data = await benchEmbeddings(rows, quick);
      const module = await loadHnswlib(build, quick);
      const truth = await trueNeighbors(data, K, module);
      const { database, collection } = await graphCollection(data, quick);
      const queries = queriesOf(data);
      const ours: Searcher = async (efSearch) => {
        const found: (readonly number[])[] = [];
        for (const embeddings of queries) {
          const [hits = []] = await collection.query({ embeddings, limit: K, efSearch });
          found.push(hits.map(({ record }) => Number(record.id)));
        }
        return found;
      };
      const tuned = await tune(ours, truth, recall, quick);
      const peer = module === undefined ? undefined : await peerOf(module, data);
      const peerTuned = peer === undefined ? undefined : await tune(peer, truth, recall, quick);
      return {
        detail: `${data.name}; ${tuned.detail}${peerTuned === undefined ? '' : `, the peer ${peerTuned.detail}`}`,
        ours: rateOf(ours, tuned, queries.length),
        peer:
          peer === undefined || peerTuned === undefined
            ? { kind: 'absent', name: hnswlibName(build) }
            : {
                kind: 'measured',
                name: hnswlibName(build),
                measure: rateOf(peer, peerTuned, queries.length),
              },
        close: () => database.close(),
      };
    },
  };
}

async function peerOf(
  module: NonNullable<Awaited<ReturnType<typeof loadHnswlib>>>,
  data: Embeddings,
): Promise<Searcher> {
  const graph = await hnswlibGraph(module, data);
  const queries = arraysOf(data.queries, data.dimension);
  return (width) => {
    graph.setEf(width);
    return queries.map((query) => graph.searchKnn(query, K).neighbors);
  };
}

/** The two widths around a recall; the smallest width where even that has it. */
async function tune(
  search: Searcher,
  truth: Uint32Array,
  recall: number,
  quick: boolean,
): Promise<Tuned> {
  let below = { width: 0, recall: 0 };
  for (const width of quick ? [10, 64, 400] : WIDTHS) {
    const found = recallOf(await search(width), truth, K);
    if (found >= recall) {
      const first = below.width === 0;
      const share = first ? 1 : (recall - below.recall) / (found - below.recall);
      const from = first ? width : below.width;
      return {
        below: from,
        above: width,
        share,
        detail: detailOf(from, width, first ? found : recall),
      };
    }
    below = { width, recall: found };
  }
  return {
    below: below.width,
    above: below.width,
    share: 1,
    detail: detailOf(below.width, below.width, below.recall),
  };
}

function detailOf(below: number, above: number, recall: number): string {
  const width = below === above ? `${above}` : `${below}–${above}`;
  return `recall@${K} ${recall.toFixed(3)} at ef ${width}`;
}

function rateOf(search: Searcher, { below, above, share }: Tuned, queries: number): Measure {
  const time = (width: number): Promise<number> =>
    timeCpu(async () => {
      await search(width);
    });
  return async () => {
    const lower = await time(below);
    const upper = below === above ? lower : await time(above);
    return { value: (1000 * queries) / (lower + share * (upper - lower)) };
  };
}

export const graphCases: readonly Case[] = [
  graphCase('hnsw-100k-r90', { rows: 100_000, recall: 0.9, build: 'installed', target: 1.8 }),
  graphCase('hnsw-100k-r95', { rows: 100_000, recall: 0.95, build: 'installed', target: 1.8 }),
  graphCase('hnsw-100k-r99', { rows: 100_000, recall: 0.99, build: 'installed', target: 1.2 }),
  graphCase('hnsw-100k-r90-native', { rows: 100_000, recall: 0.9, build: 'native', target: 1.3 }),
  graphCase('hnsw-100k-r95-native', { rows: 100_000, recall: 0.95, build: 'native', target: 1.3 }),
  graphCase('hnsw-340k-r95', { rows: 'all', recall: 0.95, build: 'installed', target: 1.5 }),
];
