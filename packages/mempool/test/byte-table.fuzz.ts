import { equalBytes, toHexKey } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteTable } from '../src/byte-table.ts';
import { ADDRESS_BYTES } from '../src/keys.ts';

type Value = { readonly key: Uint8Array };

/** Few first bytes, and of the last four, which say where a key is, few or many. */
function keyOf(first: number, last: number): Uint8Array {
  const key = new Uint8Array(ADDRESS_BYTES);
  key[0] = first;
  new DataView(key.buffer).setUint32(ADDRESS_BYTES - 4, last, true);
  return key;
}

const last = fc.oneof(
  // All in one bucket, however large the table is; all with one word; anywhere.
  fc.nat({ max: 40 }).map((index) => index * 2 ** 24),
  fc.constant(7),
  fc.nat({ max: 2 ** 32 - 1 }),
  fc.nat({ max: 300 }),
);
const key = fc.tuple(fc.nat({ max: 3 }), last).map(([first, end]) => keyOf(first, end));
const operation = fc.record({ add: fc.nat({ max: 2 }).map((chance) => chance > 0), key });

describe('a byte table', () => {
  it('holds what a map of strings holds, also where all keys are of one bucket', () => {
    fc.assert(
      fc.property(fc.array(operation, { size: 'max', maxLength: 600 }), (operations) => {
        const table = new ByteTable<Value>(ADDRESS_BYTES, (value, other) =>
          equalBytes(value.key, other),
        );
        const model = new Map<string, Value>();
        for (const { add, key } of operations) {
          const name = toHexKey(key);
          expect(table.get(key)).toBe(model.get(name));
          if (!add) {
            expect(table.delete(key)).toBe(model.delete(name));
          } else if (!model.has(name)) {
            const value = { key };
            table.add(key, value);
            model.set(name, value);
          }
          expect(table.size).toBe(model.size);
        }
        for (const value of model.values()) expect(table.get(value.key)).toBe(value);
      }),
    );
  });

  it('grows to many, and empties again', () => {
    const count = 20_000;
    const values = Array.from({ length: count }, (_, index) => ({
      key: keyOf(index & 1, Math.imul(index >> 1, 0x9e37_79b1) >>> 0),
    }));
    const table = new ByteTable<Value>(ADDRESS_BYTES, (value, other) =>
      equalBytes(value.key, other),
    );
    for (const value of values) table.add(value.key, value);
    expect(values.every((value) => table.get(value.key) === value)).toBe(true);
    for (const value of values) expect(table.delete(value.key)).toBe(true);
    expect(table.size).toBe(0);
    expect(values.some((value) => table.get(value.key) !== undefined)).toBe(false);
  });
});
