import { present } from '@lucerna/base';
import { parseWhere } from '@lucerna/vector';
import { timeCpu } from '../../clock.ts';
import type { Case } from '../../harness.ts';
import { fillCollection, GRAPH, openBenchDatabase, queriesOf } from './collections.ts';
import { benchEmbeddings } from './embeddings.ts';
import { recallOf } from './hnswlib.ts';

const K = 10;

/** A query with a filter that every hundredth, or tenth, record passes, against looking at all that do. */
function filterCase(id: string, percent: number): Case {
  return {
    id,
    unit: 'µs',
    better: 'lower',
    target: 1,
    rounds: 5,
    cpuTime: true,
    note: 'bound by the distances: few rows pass, and each of them is looked at',
    prepare: async (quick) => {
      const data = await benchEmbeddings(100_000, quick);
      const database = await openBenchDatabase();
      const collection = await fillCollection(
        database,
        data,
        GRAPH,
        (row) => new Map([['part', BigInt((row * 7919) % 100)]]),
      );
      const where = present(parseWhere({ part: { $lt: percent } }), 'a filter was given');
      const queries = queriesOf(data);
      const find = async (mode: 'exact' | 'auto'): Promise<number[][]> => {
        const found: number[][] = [];
        for (const embeddings of queries) {
          const [hits = []] = await collection.query({ embeddings, limit: K, where, mode });
          found.push(hits.map(({ record }) => Number(record.id)));
        }
        return found;
      };
      const truth = Uint32Array.from((await find('exact')).flat());
      const recall = recallOf(await find('auto'), truth, K);
      const measure = (mode: 'exact' | 'auto') => async () => {
        const cpuMs = await timeCpu(async () => {
          await find(mode);
        });
        return { value: (1000 * cpuMs) / queries.length };
      };
      return {
        detail: `${data.name}; ${percent} % pass; recall@${K} ${recall.toFixed(3)}`,
        ours: measure('auto'),
        peer: {
          kind: 'measured',
          name: 'ours, exact with the same filter',
          measure: measure('exact'),
        },
        close: () => database.close(),
      };
    },
  };
}

export const filterCases: readonly Case[] = [
  filterCase('filter-1pct', 1),
  filterCase('filter-10pct', 10),
];
