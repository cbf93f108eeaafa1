import type { ViteUserConfig } from 'vitest/config';

// What a file's name says: `.test.ts` examples, `.fuzz.ts` properties, `.vectors.test.ts` other
// people's vectors, `.sim.ts` simulations, `.e2e.test.ts` real processes.
const suffixes = '**/*.{test,fuzz,sim}.ts';

const corePackages =
  'packages/{base,wasm,crypto,q64,protocol,storage,zexus,state,vector,execution,mempool,chain,api,node}/test';

const systemFolders = [
  'packages/{platform-node,platform-web,sdk}/test',
  'apps/*/test',
  'tests',
  'bench/test',
  'tools/test',
];

const config: ViteUserConfig = {
  test: {
    maxWorkers: Number(process.env['LUCERNA_TEST_WORKERS'] ?? 2),
    reporters: ['default'],
    // A test that passes at the second attempt has found something.
    retry: 0,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**', 'apps/*/src/**'],
    },
    projects: [
      {
        test: {
          // Platform-free code has no global state to isolate: sharing a thread is four times as fast.
          name: 'core',
          include: [`${corePackages}/${suffixes}`],
          pool: 'threads',
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          // Databases, sockets and child processes: a crash must take down its own file only.
          name: 'system',
          include: systemFolders.map((folder) => `${folder}/${suffixes}`),
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
};

export default config;
