import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import counts from '../../../tools/src/vector-counts.json' with { type: 'json' };
import { findVectorFolder } from '../../../tools/src/vectors.ts';
import { bundleForBrowser } from './bundle.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The tests of a package for a browser. */
export type PackageSuites = {
  /** What the pages load, by path. */
  readonly modules: ReadonlyMap<string, string>;
  /** Files whose tests run, and those that need Node.js, from the package's folder of tests. */
  readonly files: readonly string[];
  readonly leftOut: readonly string[];
  /** Whether the vectors are there. */
  readonly hasVectors: boolean;
};

/**
 * The tests of a package as they are, for pages with `runInPage` and `runInWorker` in `testPage`: all but
 * those that import a module of Node.js.
 *
 * @param folder of the tests, from the root
 * @param vectors folder below that of the vectors; its JSON files are given to the tests
 */
export async function bundlePackageSuites(folder: string, vectors: string): Promise<PackageSuites> {
  const found = globSync('**/*.{test,fuzz}.ts', { cwd: join(root, folder) })
    .map((path) => path.split(sep).join('/'))
    .sort();
  const needsNode = (path: string): boolean =>
    /from 'node:/.test(readFileSync(join(root, folder, path), 'utf8'));
  const files = found.filter((path) => !needsNode(path));
  const documents = readVectors(vectors);
  const modules = await bundleForBrowser(
    { page: here('./suites-page.ts'), worker: here('./suites-worker.ts') },
    [standIns(), suitesModule(folder, files, documents)],
  );
  const leftOut = found.filter(needsNode);
  return { modules, files, leftOut, hasVectors: documents.length > 0 };
}

/** What page and worker call the module that registers the suites. */
const SUITES = '/suites.js';

type VectorFile = readonly [file: string, document: unknown, count: number];

function readVectors(vectors: string): readonly VectorFile[] {
  const folder = findVectorFolder(process.env);
  if (folder === undefined) return [];
  return readdirSync(join(folder, vectors))
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const file = `${vectors}/${name}`;
      const committed = (counts as Readonly<Record<string, number>>)[file] ?? 0;
      return [file, JSON.parse(readFileSync(join(folder, file), 'utf8')), committed];
    });
}

/** Modules of the tests that read files or the environment, for a browser. */
function standIns(): {
  readonly name: string;
  readonly resolveId: (source: string) => string | null;
} {
  const modules = {
    'tools/src/vectors.ts': './vectors.ts',
    'tools/src/fuzz-runs.ts': './fuzz-runs.ts',
  };
  return {
    name: 'stand-ins',
    resolveId: (source) => {
      const found = Object.entries(modules).find(([path]) => source.endsWith(path));
      return found === undefined ? null : here(found[1]);
    },
  };
}

function suitesModule(
  folder: string,
  files: readonly string[],
  documents: readonly VectorFile[],
): {
  readonly name: string;
  readonly resolveId: (source: string) => string | null;
  readonly load: (id: string) => string | null;
} {
  const lines = files.map((path) => {
    const source = JSON.stringify(join(root, folder, path));
    return `await inFile(${JSON.stringify(path)}, () => import(${source}));`;
  });
  const code = [
    `import { inFile } from ${JSON.stringify(here('./harness.ts'))};`,
    `import { provideVectors } from ${JSON.stringify(here('./vectors.ts'))};`,
    `provideVectors(${JSON.stringify(documents)});`,
    ...lines,
  ].join('\n');
  return {
    name: 'suites',
    resolveId: (source) => (source === SUITES ? SUITES : null),
    load: (id) => (id === SUITES ? code : null),
  };
}
