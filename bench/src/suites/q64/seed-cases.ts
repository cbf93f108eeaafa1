import { encodeQ64, encodeShq64, encodeT8q64, encodeZoq64 } from '@lucerna/q64';
import { timeSettledCall } from '../../clock.ts';
import type { Case } from '../../harness.ts';
import { seededBytes } from './bytes.ts';

const LEAST_MS = 200;
const QUICK_MS = 5;

/** What the predecessor's figures are for. */
const SEED_BYTES = 1_024;

/** Its table of the largest eight values, "after", in µs by the number of bytes. */
const TOP_K_US: readonly (readonly [bytes: number, us: number])[] = [
  [256, 13],
  [1_024, 6],
  [4_096, 20],
  [16_384, 73],
  [65_536, 200],
];

const SHARED = { target: undefined, rounds: 5, cpuTime: true } as const;

function rateCase(
  id: string,
  seedRate: number,
  encode: (bytes: Uint8Array) => string,
  detail = `${SEED_BYTES.toLocaleString('en')} bytes at a time`,
): Case {
  return {
    ...SHARED,
    id,
    unit: 'MB/s',
    better: 'higher',
    prepare: async (quick) => {
      const bytes = seededBytes(SEED_BYTES);
      return {
        ours: async () => {
          const ms = timeSettledCall(quick ? QUICK_MS : LEAST_MS, () => encode(bytes));
          return { value: SEED_BYTES / ms / 1_000 };
        },
        peer: { kind: 'figure', name: 'seed:uubed', value: seedRate },
        close: async () => {},
        detail,
      };
    },
  };
}

function topCase(size: number, seedUs: number): Case {
  return {
    ...SHARED,
    id: 'seed-top-k',
    unit: 'µs',
    better: 'lower',
    prepare: async (quick) => {
      const bytes = seededBytes(size);
      const work = (): string => encodeT8q64(bytes, { indexBits: 16 });
      return {
        ours: async () => ({
          value: 1_000 * timeSettledCall(quick ? QUICK_MS : LEAST_MS, work),
        }),
        peer: { kind: 'figure', name: 'seed:uubed', value: seedUs },
        close: async () => {},
        detail: `${size.toLocaleString('en')} bytes`,
      };
    },
  };
}

/** What the predecessor published, on machines of its own. */
export const seedCases: readonly Case[] = [
  rateCase('seed-eq64', 234.42, (bytes) => encodeQ64(bytes)),
  rateCase('seed-shq64', 7.33, (bytes) => encodeShq64(bytes)),
  rateCase('seed-t8q64', 24.31, (bytes) => encodeT8q64(bytes, { indexBits: 16 })),
  rateCase(
    'seed-zoq64',
    1_631.92,
    (bytes) => encodeZoq64(bytes),
    `${SEED_BYTES.toLocaleString('en')} bytes at a time, of which it reads 16`,
  ),
  ...TOP_K_US.map(([bytes, us]) => topCase(bytes, us)),
];
