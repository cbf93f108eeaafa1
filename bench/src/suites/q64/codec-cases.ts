import { assert } from '@lucerna/base';
import { decodeQ64, encodeInto, encodeQ64 } from '@lucerna/q64';
import { timeSettledCall } from '../../clock.ts';
import type { Case, Measure } from '../../harness.ts';
import { digestOf } from '../state/fixtures.ts';
import { gigabytesPerSecond, seededBytes } from './bytes.ts';

const KIBIBYTE = 1_024;
const LEAST_MS = 200;
const QUICK_MS = 5;
const LIMIT = { kind: 'figure', name: 'limit:6GB/s', value: 6 } as const;

const SHARED = { unit: 'GB/s', better: 'higher', rounds: 5, cpuTime: true } as const;

/** Rates count bytes of embeddings, on whichever side of the encoding they are. */
function rateMeasure(bytes: number, quick: boolean, hash: string, work: () => unknown): Measure {
  const leastMs = quick ? QUICK_MS : LEAST_MS;
  return async () => ({
    value: gigabytesPerSecond(bytes, timeSettledCall(leastMs, work)),
    hash,
  });
}

function encodeBytesCases(id: string, wholeBytes: number, note: string): readonly Case[] {
  const sizeOf = (quick: boolean): number => (quick ? Math.min(wholeBytes, 2 ** 20) : wholeBytes);
  const prepareOurs = (quick: boolean): Measure => {
    const source = seededBytes(sizeOf(quick));
    const target = new Uint8Array(2 * source.length);
    encodeInto(source, target);
    assert(digestOf([decodeQ64(target)]) === digestOf([source]), 'what was encoded decodes');
    return rateMeasure(source.length, quick, digestOf([source]), () => encodeInto(source, target));
  };
  const limited: Case = {
    ...SHARED,
    id,
    target: 1,
    note,
    prepare: async (quick) => ({ ours: prepareOurs(quick), peer: LIMIT, close: async () => {} }),
  };
  const beside: Case = {
    ...SHARED,
    id,
    target: undefined,
    prepare: async (quick) => {
      const bytes = sizeOf(quick);
      const source = seededBytes(1.5 * bytes);
      const target = new Uint8Array(source.length);
      const work = (): void => target.set(source);
      const copied = digestOf([seededBytes(bytes)]);
      return {
        ours: prepareOurs(quick),
        peer: {
          kind: 'measured',
          name: 'a copy of as many bytes',
          measure: rateMeasure(bytes, quick, copied, work),
        },
        close: async () => {},
        detail: 'the copy reads and writes 1.5 bytes for each, which are three as well',
      };
    },
  };
  return [limited, beside];
}

const encodeString: Case = {
  ...SHARED,
  id: 'encode-string-64k',
  target: 2,
  note: 'bound by making the string: 128 KiB of new memory for each, on both sides',
  prepare: async (quick) => {
    const source = seededBytes(64 * KIBIBYTE);
    const buffer = Buffer.from(source.buffer);
    return {
      ours: rateMeasure(source.length, quick, digestOf([decodeQ64(encodeQ64(source))]), () =>
        encodeQ64(source),
      ),
      peer: {
        kind: 'measured',
        name: "Buffer.toString('hex')",
        measure: rateMeasure(
          source.length,
          quick,
          digestOf([Buffer.from(buffer.toString('hex'), 'hex')]),
          () => buffer.toString('hex'),
        ),
      },
      close: async () => {},
    };
  },
};

const decode: Case = {
  ...SHARED,
  id: 'decode-64k',
  target: 2,
  note: 'bound by getting the characters out of the string, which both sides have to',
  prepare: async (quick) => {
    const source = seededBytes(64 * KIBIBYTE);
    const text = encodeQ64(source);
    const hex = Buffer.from(source.buffer).toString('hex');
    return {
      ours: rateMeasure(source.length, quick, digestOf([decodeQ64(text)]), () => decodeQ64(text)),
      peer: {
        kind: 'measured',
        name: "Buffer.from(s, 'hex')",
        measure: rateMeasure(source.length, quick, digestOf([Buffer.from(hex, 'hex')]), () =>
          Buffer.from(hex, 'hex'),
        ),
      },
      close: async () => {},
    };
  },
};

/** Bytes to bytes, bytes to a string, a string to bytes. */
export const codecCases: readonly Case[] = [
  ...encodeBytesCases(
    'encode-bytes-64k',
    64 * KIBIBYTE,
    'bound by moving three bytes for each one: see the copy in the row below',
  ),
  ...encodeBytesCases(
    'encode-bytes-64m',
    64 * KIBIBYTE ** 2,
    'bound by memory: see the copy in the row below',
  ),
  encodeString,
  decode,
];
