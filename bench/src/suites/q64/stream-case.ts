import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { assert } from '@lucerna/base';
import type { Case } from '../../harness.ts';
import type { StreamFigures } from './stream-process.ts';

const GIBIBYTE = 2 ** 30;
const QUICK_BYTES = 2 ** 24;
const MEGABYTE = 1_000_000;
const GROWTH_LIMIT_MB = 32;

const processFile = fileURLToPath(new URL('stream-process.ts', import.meta.url));

/** By how much a process grows while a gibibyte goes through an encoder. */
function streamCase(kind: 'reuse' | 'web', detail: string, note?: string): Case {
  return {
    id: 'stream-1g',
    unit: 'MB',
    better: 'lower',
    target: 1,
    rounds: 5,
    ...(note === undefined ? {} : { note }),
    prepare: async (quick) => {
      const bytes = quick ? QUICK_BYTES : GIBIBYTE;
      const args = [processFile, kind, String(bytes)];
      return {
        ours: async () => {
          const { stdout } = await promisify(execFile)(process.execPath, args);
          const { growthBytes, characters }: StreamFigures = JSON.parse(stdout);
          assert(characters === 2 * bytes, 'everything was encoded');
          // What has shrunk has not grown.
          return { value: Math.max(1, growthBytes / MEGABYTE) };
        },
        peer: { kind: 'figure', name: `limit:${GROWTH_LIMIT_MB}MB`, value: GROWTH_LIMIT_MB },
        close: async () => {},
        detail: `${detail}, resident memory of a process of its own`,
      };
    },
  };
}

export const streamCases: readonly Case[] = [
  streamCase('reuse', 'encodeIterable with reuseBuffers'),
  streamCase(
    'web',
    'createQ64EncoderStream',
    'bound by when V8 collects: each result is new memory, which a web stream gives away for good; the live part is a few results',
  ),
];
