import { assert, fromHex, toHex, toHexKey } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import {
  decodeContainerPayload,
  decodeValue,
  encodeValue,
  UNMETERED,
} from '../src/layout/value-encoding.ts';
import { zexusLimits } from '../src/limits.ts';
import { INITIAL_GAS } from '../src/vm/gas.ts';
import { Meter } from '../src/vm/meter.ts';
import {
  Address,
  CellHandle,
  Closure,
  Dictionary,
  integer,
  keyText,
  List,
  type Scalar,
  StateHandle,
  type Value,
  ValueIterator,
} from '../src/vm/value.ts';
import { languageInteger, text } from './support/containers.ts';
import { naiveEncoding } from './vm/state-naive.ts';
import { describeValue, list, map, panicOf } from './vm/state-support.ts';

const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom<Scalar>(null, true, false, '', new Uint8Array(0)),
  languageInteger.map(integer),
  text,
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => new Address(bytes)),
);

const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 5 }).map((items): Value => new List(items)),
    fc
      .array(
        fc.tuple(
          scalar.filter((key) => key !== null),
          tie('value'),
        ),
        { maxLength: 5 },
      )
      .map((entries): Value => map(...entries)),
  ),
}));

/** How much a run pays for: every item, and the bytes of texts and byte strings. */
function weight(item: Value): { items: number; bytes: number } {
  const inner =
    item instanceof List
      ? item.items
      : item instanceof Dictionary
        ? [...item.entries.values()].flatMap((entry) => [entry.key, entry.value])
        : undefined;
  if (inner === undefined) {
    const isText = typeof item === 'string';
    const length = isText ? Buffer.from(item, 'utf8').length : (item as Uint8Array)?.length;
    const hasBytes = isText || item instanceof Uint8Array;
    return { items: 0, bytes: hasBytes ? 3 * Math.ceil((length ?? 0) / 32) : 0 };
  }
  const parts = inner.map(weight);
  const sum = (what: 'items' | 'bytes'): number => parts.reduce((all, part) => all + part[what], 0);
  const own = item instanceof Dictionary ? item.entries.size : inner.length;
  return { items: own + sum('items'), bytes: sum('bytes') };
}

describe('the canonical encoding of values', () => {
  it('is that of a naive encoder, and gives the value back', () => {
    fc.assert(
      fc.property(value, (item) => {
        const encoded = encodeValue(UNMETERED, item);
        expect(toHexKey(encoded)).toBe(naiveEncoding(item));
        const decoded = decodeValue(UNMETERED, encoded);
        assert(decoded !== undefined, 'the encoding is canonical');
        expect(describeValue(decoded)).toBe(describeValue(item));
      }),
      runs(1_000),
    );
  });

  it('is charged by its items and by the bytes of its texts', () => {
    fc.assert(
      fc.property(value, (item) => {
        const meter = new Meter(INITIAL_GAS, 1e9);
        const encoded = encodeValue(meter, item);
        const { items, bytes } = weight(item);
        expect(1e9 - meter.gas).toBe(3 * items + bytes);
        meter.gas = 1e9;
        decodeValue(meter, encoded);
        expect(1e9 - meter.gas).toBe(3 * items + 3 * Math.ceil(encoded.length / 32));
      }),
      runs(300),
    );
  });

  it('is the one encoding of a value: whatever is decoded encodes to the same bytes', () => {
    const change = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('set', 'insert', 'delete', 'swap'),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 5, 7, 8, 0x10, 0x11, 0x12, 0x13, 0x80)),
    });
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(value, fc.array(change, { minLength: 1, maxLength: 3 }), (item, changes) => {
        const bytes = [...encodeValue(UNMETERED, item)];
        for (const { at, kind, byte } of changes) {
          const index = at % (bytes.length + 1);
          if (kind === 'set') bytes[index] = byte;
          else bytes.splice(index, kind === 'insert' ? 0 : 1, ...(kind === 'delete' ? [] : [byte]));
        }
        const changed = Uint8Array.from(bytes);
        const decoded = decodeValue(UNMETERED, changed);
        if (decoded === undefined) {
          refused += 1;
          return;
        }
        accepted += 1;
        expect(toHex(encodeValue(UNMETERED, decoded))).toBe(toHex(changed));
      }),
      runs(3_000),
    );
    expect(accepted).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  });

  it('refuses any bytes that it does not make', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        const decoded = decodeValue(UNMETERED, bytes);
        if (decoded !== undefined) expect(encodeValue(UNMETERED, decoded)).toEqual(bytes);
      }),
      runs(2_000),
    );
  });

  it.each([
    ['nothing', ''],
    ['no length', '05'],
    ['a length that is not the shortest', '058000'],
    ['a length of more than four bytes', '058080808001'],
    ['a text that is too short', '050261'],
    ['bytes behind the value', '050161ff'],
    ['text that is not UTF-8', '0501ff'],
    ['null with a byte', '000100'],
    ['true as 2', '010102'],
    ['false as 0', '010100'],
    ['zero with a byte', '100100'],
    ['one with two bytes', '10020001'],
    ['minus zero', '1100'],
    ['an integer of 33 bytes', `1021${'11'.repeat(33)}`],
    ['an address of 19 bytes', `1313${'11'.repeat(19)}`],
    ['a tag that is none', '0900'],
    ['a list that is too short', '07021001'],
    ['a list of more items than bytes', '07ffffff7f'],
    ['a map without a value', '0801050161'],
    ['a map with a key twice', '080205016110000501611000'],
    ['null as a key', '080100000000'],
    ['a list as a key', '080107000000'],
  ])('refuses %s', (_, digits) => {
    expect(decodeValue(UNMETERED, fromHex(`0x${digits}`))).toBeUndefined();
  });

  it('holds 32 levels and a mebibyte, and no more', () => {
    const nested = (levels: number): Value =>
      levels === 0
        ? 1
        : levels % 2 === 0
          ? list(nested(levels - 1))
          : map(['k', nested(levels - 1)]);
    const deepest = nested(32);
    const encoded = encodeValue(UNMETERED, deepest);
    expect(describeValue(decodeValue(UNMETERED, encoded) as Value)).toBe(describeValue(deepest));
    expect(panicOf(() => encodeValue(UNMETERED, nested(33)))).toBe('panic 65');
    const deeper = fromHex(`0x0701${toHexKey(encoded)}`);
    expect(decodeValue(UNMETERED, deeper)).toBeUndefined();

    const max = zexusLimits.values.stringBytes;
    // A tag, three bytes of length; a tag, a byte of count.
    const largest = encodeValue(UNMETERED, list(new Uint8Array(max - 6)));
    expect(largest.length).toBe(max);
    expect(decodeValue(UNMETERED, largest)).toBeDefined();
    expect(panicOf(() => encodeValue(UNMETERED, list(new Uint8Array(max - 5))))).toBe('panic 65');
    const half = 'x'.repeat(max / 2);
    expect(panicOf(() => encodeValue(UNMETERED, list(half, half)))).toBe('panic 65');
    expect(panicOf(() => encodeValue(UNMETERED, map([half, half])))).toBe('panic 65');
    const longer = new Uint8Array(max + 1);
    longer.set(largest);
    expect(decodeValue(UNMETERED, longer)).toBeUndefined();
  });

  it('pays for a value that holds itself, or the same one a billion times, until it is refused', () => {
    const own = list();
    own.items.push(own);
    expect(panicOf(() => encodeValue(UNMETERED, own))).toBe('panic 65');
    let doubled: Value = list('x');
    for (let level = 0; level < 30; level += 1) doubled = list(doubled, doubled);
    expect(panicOf(() => encodeValue(UNMETERED, doubled))).toBe('panic 65');
  });

  it('is that of no function, and of nothing that is in the state', () => {
    const slot = new Uint8Array(32);
    const refused: Value[] = [
      new Closure(0, []),
      new StateHandle(slot, { kind: 'list', element: { kind: 'cell', type: 'bool' } }),
      new CellHandle(slot, []),
      new ValueIterator(list()),
    ];
    for (const item of refused) {
      expect(panicOf(() => encodeValue(UNMETERED, item))).toBe('panic 1');
      expect(panicOf(() => encodeValue(UNMETERED, map(['f', list(item)])))).toBe('panic 1');
    }
  });

  it('has no tag of its own in a cell, where the head has it', () => {
    const payload = fromHex('0x02100105000501610501620000');
    const decoded = decodeContainerPayload(UNMETERED, 0x08, payload);
    expect(decoded).toBeUndefined();
    const entries = decodeContainerPayload(UNMETERED, 0x08, fromHex('0x02100105050000050161'));
    expect(entries).toBeUndefined();
    const items = decodeContainerPayload(UNMETERED, 0x07, fromHex('0x0205016110012a'));
    expect(describeValue(items as Value)).toBe(describeValue(list('a', 42)));
    const pairs = decodeContainerPayload(UNMETERED, 0x08, fromHex('0x0105016110012a'));
    expect(describeValue(pairs as Value)).toBe(describeValue(map(['a', 42])));
    expect((pairs as Dictionary).entries.has(keyText('a'))).toBe(true);
  });
});
