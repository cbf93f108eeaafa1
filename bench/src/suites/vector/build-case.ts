import { timeCpu } from '../../clock.ts';
import type { Case } from '../../harness.ts';
import { fillGraph, openBenchDatabase } from './collections.ts';
import { wordEmbeddings } from './embeddings.ts';
import { buildHnswlib, hnswlibName, keepHnswlib, loadHnswlib } from './hnswlib.ts';

/** CPU time from rows to a graph: ours with the log in memory, and one round only, for it takes long. */
export const buildCase: Case = {
  id: 'build-100k',
  unit: 's',
  better: 'lower',
  target: 1.5,
  rounds: 1,
  cpuTime: true,
  note: 'bound by the memory that codes and links are read from, at random places',
  prepare: async (quick) => {
    const data = await wordEmbeddings(100_000, quick);
    const module = await loadHnswlib('installed', quick);
    const name = hnswlibName('installed');
    return {
      detail: data.name,
      ours: async () => {
        const database = await openBenchDatabase();
        const cpuMs = await timeCpu(async () => {
          await fillGraph(database, data);
        });
        await database.close();
        return { value: cpuMs / 1000 };
      },
      peer:
        module === undefined
          ? { kind: 'absent', name }
          : {
              kind: 'measured',
              name,
              measure: async () => {
                const { graph, cpuMs } = await buildHnswlib(module, data);
                if (!quick) await keepHnswlib(graph, data);
                return { value: cpuMs / 1000 };
              },
            },
      close: async () => {},
    };
  },
};
