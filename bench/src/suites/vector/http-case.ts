import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChromaClient, type Collection } from 'chromadb';
import type { Case, Measure } from '../../harness.ts';
import { median } from '../../harness.ts';
import { peerName, peerPackage } from '../../peers.ts';
import { freePort, pinnedNode, startProgram, userEnvironment } from '../programs.ts';
import { diskFolder } from './collections.ts';
import { type Embeddings, wordEmbeddings } from './embeddings.ts';
import { arraysOf, EF_CONSTRUCTION, loadHnswlib, M, recallOf, trueNeighbors } from './hnswlib.ts';

const K = 10;
/** What Chroma's server takes of one call. */
const BATCH = 5000;
/** What the peer searches with: its default. */
const PEER_WIDTH = 100;
const WIDTHS = [10, 16, 24, 32, 48, 64, 80, 100, 128, 192, 256, 400];

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** A server that speaks Chroma's protocol, with all rows in a collection. */
type Server = {
  readonly setWidth: (width: number) => Promise<void>;
  readonly query: (query: readonly number[]) => Promise<readonly number[]>;
  readonly close: () => Promise<void>;
};

async function startOurs(data: Embeddings): Promise<Server> {
  const { path, remove } = await diskFolder();
  const args = ['vector', 'serve', '--port', '0', '--path', path, '--json'];
  const program = {
    command: pinnedNode(root),
    args: [join(root, 'apps/cli/src/main.ts'), ...args],
    cwd: root,
    env: userEnvironment(root),
  };
  const started = await startProgram(program, /"endpoint":"https?:\/\/([^"/]+)/);
  return serve(started, data, remove);
}

/** Undefined where it is not installed. */
async function startPeer(data: Embeddings, quick: boolean): Promise<Server | undefined> {
  const folder = await peerPackage('chromadb', { install: !quick });
  if (folder === undefined || quick) return undefined;
  const { path, remove } = await diskFolder();
  const port = String(await freePort());
  const program = {
    command: pinnedNode(root),
    args: [join(folder, 'dist/cli.mjs'), 'run', '--path', path, '--port', port],
    cwd: path,
    env: userEnvironment(root),
  };
  const started = await startProgram(program, /Listening on (\S+)/);
  return serve(started, data, remove);
}

async function serve(
  { found, close }: { readonly found: string; readonly close: () => Promise<void> },
  data: Embeddings,
  remove: () => Promise<void>,
): Promise<Server> {
  const [host = '', port] = found.split(':');
  const client = new ChromaClient({ host, port: Number(port), ssl: false });
  const collection = await client.createCollection({
    name: 'bench',
    embeddingFunction: null,
    configuration: {
      hnsw: {
        space: 'cosine',
        max_neighbors: M,
        ef_construction: EF_CONSTRUCTION,
        ef_search: PEER_WIDTH,
      },
    },
  });
  await fill(collection, data);
  return {
    setWidth: async (width) => {
      await collection.modify({ configuration: { hnsw: { ef_search: width } } });
    },
    query: async (query) => {
      const { ids } = await collection.query({
        queryEmbeddings: [[...query]],
        nResults: K,
        include: ['distances'],
      });
      return (ids[0] ?? []).map(Number);
    },
    close: async () => {
      await close();
      await remove();
    },
  };
}

async function fill(
  collection: Collection,
  { values, dimension, rows }: Embeddings,
): Promise<void> {
  for (let start = 0; start < rows; start += BATCH) {
    const end = Math.min(start + BATCH, rows);
    await collection.add({
      ids: Array.from({ length: end - start }, (_, index) => String(start + index)),
      embeddings: arraysOf(values.subarray(start * dimension, end * dimension), dimension),
    });
  }
}

/** Milliseconds of the median query, one after the other. */
function latencyOf(server: Server, queries: readonly (readonly number[])[]): Measure {
  return async () => {
    const times: number[] = [];
    for (const query of queries) {
      const started = performance.now();
      await server.query(query);
      times.push(performance.now() - started);
    }
    return { value: median(times) };
  };
}

async function serverRecall(
  server: Server,
  queries: readonly (readonly number[])[],
  truth: Uint32Array,
): Promise<number> {
  const found: (readonly number[])[] = [];
  for (const query of queries) found.push(await server.query(query));
  return recallOf(found, truth, K);
}

/** A query over HTTP by Chroma's own client, ours and Chroma's server with the same recall. */
export const httpCase: Case = {
  id: 'http-query',
  unit: 'ms',
  better: 'lower',
  target: 1.5,
  rounds: 5,
  note: 'bound by the client: most of the time is its own',
  prepare: async (quick) => {
    const data = await wordEmbeddings(100_000, quick);
    const truth = await trueNeighbors(data, K, await loadHnswlib('installed', quick));
    const queries = arraysOf(data.queries, data.dimension);
    const ours = await startOurs(data);
    const peer = await startPeer(data, quick);
    const name = `${peerName('chromadb').split(' ')[0]} 3.0.0, its server`;
    const wanted = peer === undefined ? 0.9 : await serverRecall(peer, queries, truth);
    let recall = 0;
    let width = 0;
    for (width of WIDTHS) {
      await ours.setWidth(width);
      recall = await serverRecall(ours, queries, truth);
      if (recall >= wanted) break;
    }
    return {
      detail: `${data.name}; recall@${K} ${recall.toFixed(3)} at ef ${width}${peer === undefined ? '' : `, the peer ${wanted.toFixed(3)} at ef ${PEER_WIDTH}`}`,
      ours: latencyOf(ours, queries),
      peer:
        peer === undefined
          ? { kind: 'absent', name }
          : { kind: 'measured', name, measure: latencyOf(peer, queries) },
      close: async () => {
        await ours.close();
        await peer?.close();
      },
    };
  },
};
