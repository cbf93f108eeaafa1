import type { Case, Measure } from '../../harness.ts';
import { graphCollection, queriesOf } from './collections.ts';
import { digitEmbeddings } from './digits.ts';
import { type Embeddings, wordEmbeddings } from './embeddings.ts';
import {
  arraysOf,
  type Build,
  hnswlibGraph,
  hnswlibName,
  loadHnswlib,
  trueNeighbors,
} from './hnswlib.ts';
import { K, type Searcher, type Tuned, timeTuned, tune } from './tuning.ts';

/** Queries a second at one recall, against a build of hnswlib at the same. */
function graphCase(
  id: string,
  options: {
    readonly data: (quick: boolean) => Promise<Embeddings>;
    readonly recall: number;
    readonly build: Build;
    /** Without one the figure is only shown. */
    readonly target?: number;
  },
): Case {
  const { recall, build, target } = options;
  return {
    id,
    unit: 'queries/s',
    better: 'higher',
    target,
    rounds: 5,
    cpuTime: true,
    note: 'bound by the memory that codes and links are read from, at random places',
    prepare: async (quick) => {
      const data = await options.data(quick);
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

function rateOf(search: Searcher, tuned: Tuned, queries: number): Measure {
  return async () => ({ value: (1000 * queries) / (await timeTuned(search, tuned)) });
}

const words100k = (quick: boolean): Promise<Embeddings> => wordEmbeddings(100_000, quick);
const allWords = (quick: boolean): Promise<Embeddings> => wordEmbeddings('all', quick);

/**
 * What the graph's parameters and the search were measured on while they were chosen is the first data set
 * alone, its queries as well: the second one says what that is worth elsewhere.
 */
export const graphCases: readonly Case[] = [
  graphCase('hnsw-100k-r90', { data: words100k, recall: 0.9, build: 'installed', target: 1.8 }),
  graphCase('hnsw-100k-r95', { data: words100k, recall: 0.95, build: 'installed', target: 1.8 }),
  graphCase('hnsw-100k-r99', { data: words100k, recall: 0.99, build: 'installed', target: 1.2 }),
  graphCase('hnsw-100k-r90-native', { data: words100k, recall: 0.9, build: 'native', target: 1.3 }),
  graphCase('hnsw-100k-r95-native', {
    data: words100k,
    recall: 0.95,
    build: 'native',
    target: 1.3,
  }),
  graphCase('hnsw-340k-r95', { data: allWords, recall: 0.95, build: 'installed', target: 1.5 }),
  graphCase('mnist-60k-r95', { data: digitEmbeddings, recall: 0.95, build: 'installed' }),
  graphCase('mnist-60k-r99', { data: digitEmbeddings, recall: 0.99, build: 'installed' }),
  graphCase('mnist-60k-r99-native', { data: digitEmbeddings, recall: 0.99, build: 'native' }),
];
