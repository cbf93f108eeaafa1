/** What `npm run build -- NAME` makes: one package with those below it, as JavaScript. */
export type Artefact = {
  readonly name: string;
  /** Workspace whose version, description and licence the artefact has. */
  readonly workspace: string;
  /** Name of the npm package. */
  readonly packageName: string;
  readonly description: string;
  readonly keywords: readonly string[];
  /** Source files by the names of the modules that are made of them. */
  readonly entries: Readonly<Record<string, string>>;
  /** Modules that programs import, by subpath and condition; the others are loaded by these. */
  readonly exports: Readonly<Record<string, Readonly<Record<'browser' | 'node', string>>>>;
  /** The README, from the root. */
  readonly readme: string;
  /** Libraries that are part of the bundle; their licences are put into the package. */
  readonly bundledLibraries: readonly string[];
  /** The package may not be larger, compressed as it is downloaded. */
  readonly maxPackedBytes: number;
};

export const artefacts: readonly Artefact[] = [
  {
    name: 'vector',
    workspace: 'packages/vector',
    packageName: '@lucerna/vector',
    description: 'An embedded vector database for Node.js and browsers: one folder, no server.',
    keywords: ['vector', 'database', 'embeddings', 'hnsw', 'search', 'wasm', 'opfs', 'embedded'],
    entries: {
      node: 'tools/src/build/entries/vector-node.ts',
      'node-thread': 'packages/platform-node/src/workers/thread.ts',
      browser: 'tools/src/build/entries/vector-browser.ts',
      'browser-thread': 'packages/platform-web/src/workers/thread.ts',
    },
    exports: { '.': { browser: 'browser', node: 'node' } },
    readme: 'tools/src/build/entries/vector.md',
    bundledLibraries: ['re2js'],
    maxPackedBytes: 300_000,
  },
  {
    name: 'q64',
    workspace: 'packages/q64',
    packageName: '@lucerna/q64',
    description: 'Position-safe text encodings of embeddings, for Node.js and browsers.',
    keywords: [
      'q64',
      'embeddings',
      'encoding',
      'simhash',
      'matryoshka',
      'search',
      'stream',
      'wasm',
    ],
    entries: {
      node: 'tools/src/build/entries/q64-node.ts',
      browser: 'tools/src/build/entries/q64-browser.ts',
    },
    exports: { '.': { browser: 'browser', node: 'node' } },
    readme: 'tools/src/build/entries/q64.md',
    bundledLibraries: [],
    maxPackedBytes: 60_000,
  },
];
