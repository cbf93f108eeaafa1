import { compareBytes, fixedBytes, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { describe, expect, it } from 'vitest';
import { hashOrder } from '../../src/snapshot/hash-order.ts';
import { addressOf } from '../support/arbitrary.ts';

function naiveOrder(keys: readonly Uint8Array[]): string[] {
  const byHash = (left: Uint8Array, right: Uint8Array): number =>
    compareBytes(keccak256(left), keccak256(right));
  return [...keys].sort(byHash).map(toHexKey);
}

type Run = { readonly order: string[]; readonly passes: number; readonly steps: number };

async function run(keys: readonly Uint8Array[], maxKeys: number): Promise<Run> {
  let passes = 0;
  let steps = 0;
  const order: string[] = [];
  const given = (): Iterable<Uint8Array> => {
    passes += 1;
    return keys;
  };
  const step = (): Promise<void> | undefined => {
    steps += 1;
    return steps % 3 === 0 ? Promise.resolve() : undefined;
  };
  for await (const key of hashOrder(given, { keyBytes: 20, maxKeys, step })) {
    order.push(toHexKey(key));
  }
  return { order, passes, steps };
}

function addresses(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, index) => addressOf(index));
}

/** Two addresses whose hashes begin with the same 4 bytes. */
function nearlyAlike(): readonly [Uint8Array, Uint8Array] {
  const seen = new Map<string, Uint8Array>();
  for (let index = 0; ; index += 1) {
    const address = addressOf(index);
    const prefix = toHexKey(keccak256(address).subarray(0, 4));
    const other = seen.get(prefix);
    if (other !== undefined) return [other, address];
    seen.set(prefix, address);
  }
}

/** Three addresses whose hashes begin with the same 4 bytes. */
const ALIKE: readonly Uint8Array[] = [360_825n, 5_084_942n, 5_233_425n].map((number) =>
  fixedBytes(number, 20),
);

describe('hashOrder', () => {
  it('gives every key once, in the order of the hashes, in one pass when all have room', async () => {
    for (const count of [0, 1, 2, 63, 64, 65, 1000]) {
      const keys = addresses(count);
      const { order, passes, steps } = await run(keys, 1000);
      expect(order).toEqual(naiveOrder(keys));
      expect(passes).toBe(1);
      expect(steps).toBe(2 * count);
    }
  });

  it('takes more passes when they do not', async () => {
    const keys = addresses(1000);
    for (const maxKeys of [4, 7, 64, 100, 999]) {
      const { order, passes } = await run(keys, maxKeys);
      expect(order).toEqual(naiveOrder(keys));
      expect(passes).toBeGreaterThanOrEqual(Math.ceil(1000 / maxKeys));
      expect(passes).toBeLessThanOrEqual(Math.ceil((3 * 1000) / maxKeys));
    }
  });

  it('orders hashes that begin alike by the rest', async () => {
    const pair = nearlyAlike();
    const others = addresses(10);
    for (const maxKeys of [4, 100]) {
      for (const keys of [
        [...pair, ...others],
        [...others, ...pair.toReversed()],
      ]) {
        expect((await run(keys, maxKeys)).order).toEqual(naiveOrder(keys));
      }
    }
  });

  it('goes on when more hashes begin alike than have room', async () => {
    expect(new Set(ALIKE.map((key) => toHexKey(keccak256(key).subarray(0, 4)))).size).toBe(1);
    for (const count of [0, 1, 10]) {
      const others = addresses(count);
      for (const keys of [
        [...ALIKE, ...others],
        [...others, ...ALIKE.toReversed()],
      ]) {
        for (const maxKeys of [2, 3, 4, 5]) {
          const { order, passes } = await run(keys, maxKeys);
          expect(order).toEqual(naiveOrder(keys));
          expect(passes).toBeLessThanOrEqual(keys.length);
        }
      }
    }
  });
});
