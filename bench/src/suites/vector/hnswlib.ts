import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { timeCpu } from '../../clock.ts';
import { peerName, peerPackage, peersFolder } from '../../peers.ts';
import { type Embeddings, madeFolder } from './embeddings.ts';

/** As npm builds it, or for the processor of this machine. */
export type Build = 'installed' | 'native';

type SearchResult = { readonly neighbors: readonly number[] };

/** What is used of `HierarchicalNSW`. */
export type Graph = {
  readonly initIndex: (
    maxElements: number,
    m: number,
    efConstruction: number,
    seed: number,
  ) => void;
  readonly addPoint: (point: readonly number[], label: number) => void;
  readonly setEf: (ef: number) => void;
  readonly searchKnn: (
    query: readonly number[],
    k: number,
    filter?: (label: number) => boolean,
  ) => SearchResult;
  readonly writeIndexSync: (path: string) => void;
  readonly readIndexSync: (path: string) => void;
};

/** What is used of `BruteforceSearch`. */
export type Scan = Pick<Graph, 'addPoint' | 'searchKnn'> & {
  readonly initIndex: (maxElements: number) => void;
};

type Space = 'ip' | 'l2';

/** What is used of the package. */
export type Hnswlib = {
  readonly HierarchicalNSW: new (space: Space, dimension: number) => Graph;
  readonly BruteforceSearch: new (space: Space, dimension: number) => Scan;
};

/** What both sides build their graphs with. */
export const M = 16;
export const EF_CONSTRUCTION = 200;

export function hnswlibName(build: Build): string {
  return `${peerName('hnswlib-node')}${build === 'native' ? ', -march=native' : ''}`;
}

const loaded = new Map<Build, Promise<Hnswlib | undefined>>();

/** Undefined where it is not installed, or there is no compiler for it. */
export function loadHnswlib(build: Build, quick: boolean): Promise<Hnswlib | undefined> {
  const found = loaded.get(build);
  if (found !== undefined) return found;
  const made = load(build, quick);
  loaded.set(build, made);
  return made;
}

async function load(build: Build, quick: boolean): Promise<Hnswlib | undefined> {
  const installed = await peerPackage('hnswlib-node', { install: !quick });
  if (installed === undefined) return undefined;
  const folder = build === 'installed' ? installed : await nativeCopy(installed);
  if (!existsSync(join(folder, 'build/Release/addon.node')) && !compile(folder, build, quick)) {
    return undefined;
  }
  return createRequire(join(folder, 'package.json'))(folder);
}

/** Its sources beside the installed ones: both builds are loaded in one run. */
async function nativeCopy(installed: string): Promise<string> {
  const parent = join(peersFolder, 'made/native');
  const folder = join(parent, 'node_modules/hnswlib-node');
  if (existsSync(folder)) return folder;
  const filter = (path: string): boolean => !path.startsWith(join(installed, 'build'));
  await cp(installed, folder, { recursive: true, filter });
  const manifest = { name: 'native', private: true, dependencies: { 'hnswlib-node': '*' } };
  await writeFile(join(parent, 'package.json'), JSON.stringify(manifest));
  return folder;
}

/** False, with a note, where it cannot be compiled here; a quick run does not try. */
function compile(folder: string, build: Build, quick: boolean): boolean {
  if (quick) return false;
  console.error(`lucerna: compiling hnswlib-node (${build}) …`);
  const npm = process.env['npm_execpath'];
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const args = [...first, 'rebuild', 'hnswlib-node', '--ignore-scripts=false'];
  const prefix = dirname(dirname(folder));
  const { status } = spawnSync(command, [...args, `--prefix=${prefix}`], {
    cwd: prefix,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      // The headers of the Node that runs this.
      npm_config_nodedir: dirname(dirname(process.execPath)),
      ...(build === 'native' ? { CXXFLAGS: '-O3 -march=native' } : {}),
    },
  });
  if (status === 0) return true;
  console.error(
    'lucerna: hnswlib-node needs a compiler for C++, make and Python: going on without.',
  );
  return false;
}

/** Rows of `values` as the arrays that it takes. */
export function arraysOf(values: Float32Array, dimension: number): number[][] {
  return Array.from({ length: values.length / dimension }, (_, row) =>
    Array.from(values.subarray(row * dimension, (row + 1) * dimension)),
  );
}

/** A graph of all rows, made anew, and the milliseconds of CPU time that its insertions took. */
export async function buildHnswlib(
  module: Hnswlib,
  data: Embeddings,
): Promise<{ readonly graph: Graph; readonly cpuMs: number }> {
  const graph = new module.HierarchicalNSW(spaceOf(data), data.dimension);
  graph.initIndex(data.rows, M, EF_CONSTRUCTION, 100);
  let cpuMs = 0;
  const piece = 1000;
  for (let start = 0; start < data.rows; start += piece) {
    const { dimension } = data;
    const end = Math.min(start + piece, data.rows);
    const rows = arraysOf(data.values.subarray(start * dimension, end * dimension), dimension);
    cpuMs += await timeCpu(() => {
      for (const [index, row] of rows.entries()) graph.addPoint(row, start + index);
    });
  }
  return { graph, cpuMs };
}

/** The same graph as {@link buildHnswlib} makes, from the file of an earlier run where there is one. */
export async function hnswlibGraph(module: Hnswlib, data: Embeddings): Promise<Graph> {
  const path = join(madeFolder, `${data.hash.slice(0, 16)}-${M}-${EF_CONSTRUCTION}.hnswlib`);
  if (existsSync(path)) {
    const graph = new module.HierarchicalNSW(spaceOf(data), data.dimension);
    graph.readIndexSync(path);
    return graph;
  }
  const { graph } = await buildHnswlib(module, data);
  await keepHnswlib(graph, data);
  return graph;
}

/** Writes the graph where {@link hnswlibGraph} finds it. */
export async function keepHnswlib(graph: Graph, data: Embeddings): Promise<void> {
  const path = join(madeFolder, `${data.hash.slice(0, 16)}-${M}-${EF_CONSTRUCTION}.hnswlib`);
  await mkdir(madeFolder, { recursive: true });
  graph.writeIndexSync(`${path}.new`);
  await rename(`${path}.new`, path);
}

/** The rows nearest to each query, `k` of each, by looking at all of them; kept for the next run. */
export async function trueNeighbors(
  data: Embeddings,
  k: number,
  module: Hnswlib | undefined,
): Promise<Uint32Array> {
  const path = join(madeFolder, `${data.hash.slice(0, 16)}-${k}.neighbors`);
  if (existsSync(path)) {
    const bytes = await readFile(path);
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  }
  const found = module === undefined ? scanAll(data, k) : scanByPeer(module, data, k);
  if (module !== undefined) {
    await mkdir(madeFolder, { recursive: true });
    await writeFile(path, found);
  }
  return found;
}

function scanByPeer(module: Hnswlib, data: Embeddings, k: number): Uint32Array {
  const scan = hnswlibScan(module, data);
  const queries = arraysOf(data.queries, data.dimension);
  return Uint32Array.from(queries.flatMap((query) => [...scan.searchKnn(query, k).neighbors]));
}

/** What finds the nearest rows by looking at all of them, or at all of those that `isIn` names. */
export function hnswlibScan(
  module: Hnswlib,
  data: Embeddings,
  isIn: (row: number) => boolean = () => true,
): Scan {
  const { dimension, values } = data;
  const rows = Array.from({ length: data.rows }, (_, row) => row).filter(isIn);
  const scan = new module.BruteforceSearch(spaceOf(data), dimension);
  scan.initIndex(rows.length);
  for (const row of rows) {
    scan.addPoint(Array.from(values.subarray(row * dimension, (row + 1) * dimension)), row);
  }
  return scan;
}

/** Of embeddings of length 1 the cosine is the inner product. */
function spaceOf({ metric }: Embeddings): Space {
  return metric === 'cosine' ? 'ip' : 'l2';
}

/** Without the peer: for the little data of a quick run. */
function scanAll(data: Embeddings, k: number): Uint32Array {
  const { values, queries, dimension, rows } = data;
  const found = new Uint32Array((queries.length / dimension) * k);
  for (let query = 0; query * dimension < queries.length; query += 1) {
    const scores = Array.from({ length: rows }, (_, row) => {
      // The nearer a row is, the less; for rows of length 1 it is by inner product as well.
      let squares = 0;
      for (let place = 0; place < dimension; place += 1) {
        const left = values[row * dimension + place] as number;
        squares += (left - (queries[query * dimension + place] as number)) ** 2;
      }
      return { row, squares };
    });
    scores.sort((a, b) => a.squares - b.squares || a.row - b.row);
    found.set(
      scores.slice(0, k).map(({ row }) => row),
      query * k,
    );
  }
  return found;
}

/** Which part of the true neighbors was found, over all queries; `found` has at most `k` of each. */
export function recallOf(
  found: readonly (readonly number[])[],
  truth: Uint32Array,
  k: number,
): number {
  let hits = 0;
  for (const [query, rows] of found.entries()) {
    const wanted = new Set(truth.subarray(query * k, (query + 1) * k));
    for (const row of rows) if (wanted.has(row)) hits += 1;
  }
  return hits / (found.length * k);
}
