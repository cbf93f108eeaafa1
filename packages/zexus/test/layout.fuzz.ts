import { assert, bytesToBigInt, concatBytes, equalBytes, toHex, toHexKey } from '@lucerna/base';
import fc from 'fast-check';
import { encodeAbiParameters, getAddress, type Hex, keccak256 as viemKeccak } from 'viem';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import {
  type ListHead,
  listHeadWord,
  type MapHead,
  mapHeadWord,
  parseListHead,
  parseMapHead,
} from '../src/layout/heads.ts';
import {
  canonicalKey,
  continuationSlots,
  delegatedSlot,
  elementSlot,
  entrySlot,
  LEDGER_SLOT,
  layoutSlot,
  presenceSlot,
  STATE_SLOT,
  sequenceSlot,
  variableSlot,
} from '../src/layout/slots.ts';
import { decodeTypedCell, encodeTypedCell, type TypedCell } from '../src/layout/typed-cell.ts';
import {
  type CellStore,
  continuationWords,
  decodeUntypedCell,
  encodeUntypedCell,
  parseUntypedHead,
  readUntypedCell,
  untypedCellWrites,
  writeUntypedCell,
} from '../src/layout/untyped-cell.ts';
import { Address, equalScalars, integer, type Scalar } from '../src/vm/value.ts';
import { identifier, languageInteger, text } from './support/containers.ts';
import { naiveElement, naivePresence, naiveSequence } from './vm/state-naive.ts';

const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes): Scalar => new Address(bytes));

/** Values whose bytes are alike though their kinds are not: 97, "97", "a", `61`, 0x61…, true, 1. */
const alike: fc.Arbitrary<Scalar> = fc.constantFrom<Scalar>(
  ...[
    null,
    false,
    true,
    0,
    1,
    -1,
    97,
    -97,
    256,
    'a',
    '97',
    '1',
    '-1',
    'true',
    '',
    '\u0000',
    '\u0001',
  ],
  ...[2n ** 160n, -(2n ** 160n)],
  ...[[], [0], [1], [97], [0, 97], [1, 0]].map((bytes) => Uint8Array.from(bytes)),
  ...[new Uint8Array(20), new Address(new Uint8Array(20)), '\u0000'.repeat(20)],
);

/** Every value of the language; texts and bytes around the lengths at which their form changes. */
const value: fc.Arbitrary<Scalar> = fc.oneof(
  alike,
  languageInteger.map(integer),
  text,
  address,
  fc.uint8Array({ maxLength: 40 }),
  fc
    .integer({ min: 25, max: 130 })
    .map((length) => 'é'.repeat(length >> 1) + 'x'.repeat(length & 1)),
  fc.integer({ min: 25, max: 130 }).map((length) => new Uint8Array(length).fill(0xa5)),
);

const slot = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** keccak-256 by viem of hex digits. */
function hash(digits: string): string {
  return viemKeccak(`0x${digits}`).slice(2);
}

function word(number: bigint): string {
  return number.toString(16).padStart(64, '0');
}

/** Tag and bytes of a value in hex digits: written from docs/spec/storage.md, not from the code. */
function naivePayload(item: Scalar): [tag: string, digits: string] {
  if (item === null) return ['00', ''];
  if (item === false) return ['01', ''];
  if (item === true) return ['01', '01'];
  if (typeof item === 'string') return ['05', Buffer.from(item, 'utf8').toString('hex')];
  if (item instanceof Address) return ['13', Buffer.from(item.bytes).toString('hex')];
  if (item instanceof Uint8Array) return ['12', Buffer.from(item).toString('hex')];
  const number = BigInt(item);
  const magnitude = number < 0n ? -number : number;
  const digits = magnitude === 0n ? '' : magnitude.toString(16);
  return [number < 0n ? '11' : '10', digits.padStart(2 * Math.ceil(digits.length / 2), '0')];
}

/** The words of an untyped cell by slot, in hex digits; zero words are left out. */
function naiveCell(headSlot: Uint8Array, item: Scalar): Map<string, string> {
  const cells = new Map<string, string>();
  const [tag, digits] = naivePayload(item);
  const length = digits.length / 2;
  const set = (at: string, content: string): void => {
    const padded = content.padEnd(64, '0');
    if (!/^0*$/.test(padded)) cells.set(at, padded);
  };
  const headDigits = toHexKey(headSlot);
  if (length <= 30) {
    set(headDigits, tag + length.toString(16).padStart(2, '0') + digits);
    return cells;
  }
  set(headDigits, `${tag}ff${length.toString(16).padStart(8, '0')}${digits.slice(0, 52)}`);
  const first = BigInt(`0x${hash(headDigits)}`);
  const rest = digits.slice(52);
  for (let n = 0; 64 * n < rest.length; n += 1) {
    set(word((first + BigInt(n)) % 2n ** 256n), rest.slice(64 * n, 64 * n + 64));
  }
  return cells;
}

/** A store over a map, as hex digits; a zero word is no entry. */
function mapStore(): CellStore & { readonly cells: Map<string, string>; touched: number } {
  const cells = new Map<string, string>();
  const store = {
    cells,
    touched: 0,
    load: (at: Uint8Array): Uint8Array => {
      store.touched += 1;
      return new Uint8Array(Buffer.from(cells.get(toHexKey(at)) ?? '00'.repeat(32), 'hex'));
    },
    store: (at: Uint8Array, content: Uint8Array): void => {
      assert(content.length === 32, 'a word');
      if (content.every((byte) => byte === 0)) cells.delete(toHexKey(at));
      else cells.set(toHexKey(at), toHexKey(content));
    },
  };
  return store;
}

describe('slots', () => {
  it('are those of a naive computation with viem', () => {
    const generation = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }));
    fc.assert(
      fc.property(identifier, value, generation, slot, (name, key, cleared, mapSlot) => {
        const prefix = Buffer.from('zx.storage.', 'ascii').toString('hex');
        const nameDigits = Buffer.from(name, 'utf8').toString('hex');
        expect(toHexKey(variableSlot(name))).toBe(hash(prefix + nameDigits));
        const keyDigits = naivePayload(key).join('');
        expect(toHexKey(canonicalKey(key))).toBe(keyDigits);
        expect(toHexKey(entrySlot(mapSlot, canonicalKey(key), cleared))).toBe(
          hash(keyDigits + word(cleared) + toHexKey(mapSlot)),
        );
        expect(toHexKey(entrySlot(mapSlot, canonicalKey(key)))).toBe(
          hash(keyDigits + word(0n) + toHexKey(mapSlot)),
        );
      }),
      runs(300),
    );
  });

  it('of a continuation count on from the hash of the head slot, around the end as well', () => {
    fc.assert(
      fc.property(slot, fc.integer({ min: 0, max: 5 }), (headSlot, count) => {
        const slots = continuationSlots(headSlot, count);
        expect(slots).toHaveLength(count);
        slots.forEach((at, n) => {
          const expected = (BigInt(`0x${hash(toHexKey(headSlot))}`) + BigInt(n)) % 2n ** 256n;
          expect(bytesToBigInt(at)).toBe(expected);
        });
      }),
      runs(100),
    );
  });

  it('of what maps and lists keep account in are those of a naive computation with viem', () => {
    const generation = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    const index = fc.oneof(fc.nat(300), fc.maxSafeNat());
    fc.assert(
      fc.property(value, generation, index, slot, (key, cleared, number, at) => {
        const digits = toHexKey(at);
        expect(toHexKey(presenceSlot(at, canonicalKey(key), cleared))).toBe(
          naivePresence(digits, key, cleared),
        );
        expect(toHexKey(sequenceSlot(at, number, cleared))).toBe(
          naiveSequence(digits, number, cleared),
        );
        expect(toHexKey(elementSlot(at, number, cleared))).toBe(
          naiveElement(digits, number, cleared),
        );
      }),
      runs(200),
    );
  });

  it('that contracts have without declaring anything begin with names of their own', () => {
    const named = (name: string): string => hash(Buffer.from(name, 'ascii').toString('hex'));
    expect(toHexKey(STATE_SLOT)).toBe(named('zx.state'));
    expect(toHexKey(LEDGER_SLOT)).toBe(named('zx.ledger'));
    expect(toHexKey(layoutSlot('total'))).toBe(named('zx.layout.total'));
    const code = new Uint8Array(32).fill(0xc0);
    const prefix = Buffer.from('zx.delegated.', 'ascii').toString('hex');
    expect(toHexKey(delegatedSlot(code))).toBe(hash(prefix + toHexKey(code)));
  });

  it('have one key for a value and different keys for different values, of whatever kinds', () => {
    const pair = fc.oneof(fc.tuple(alike, alike), fc.tuple(value, value));
    fc.assert(
      fc.property(pair, ([left, right]) => {
        const areSame = equalBytes(canonicalKey(left), canonicalKey(right));
        expect(areSame).toBe(equalScalars(left, right));
      }),
      runs(2_000),
    );
  });

  it('of different paths through variables and maps are different', () => {
    const path = fc.tuple(identifier, fc.array(alike, { maxLength: 3 }));
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(path, ([name, keys]) => {
        let at = variableSlot(name);
        for (const key of keys) at = entrySlot(at, canonicalKey(key));
        const described = JSON.stringify([name, keys.map((key) => naivePayload(key).join(''))]);
        const digits = toHexKey(at);
        expect(seen.get(digits) ?? described).toBe(described);
        seen.set(digits, described);
      }),
      runs(1_000),
    );
  });
});

describe('typed cells', () => {
  const typed: fc.Arbitrary<[TypedCell, Scalar]> = fc.oneof(
    languageInteger
      .filter((number) => number >= 0n)
      .map((number): [TypedCell, Scalar] => ['integer', integer(number)]),
    languageInteger
      .map((number) => BigInt.asIntN(256, number))
      .map((number): [TypedCell, Scalar] => ['signed', integer(number)]),
    fc.boolean().map((flag): [TypedCell, Scalar] => ['bool', flag]),
    address.map((item): [TypedCell, Scalar] => ['address', item]),
    fc
      .uint8Array({ minLength: 1, maxLength: 32 })
      .map((bytes): [TypedCell, Scalar] => [`bytes${bytes.length}`, bytes]),
  );

  it('hold one word as Solidity does, and give the value back', () => {
    const abiTypes: Readonly<Record<string, string>> = { integer: 'uint256', signed: 'int256' };
    fc.assert(
      fc.property(typed, ([type, item]) => {
        const encoded = encodeTypedCell(type, item);
        assert(encoded instanceof Uint8Array, 'the value fits');
        expect(equalScalars(decodeTypedCell(type, encoded), item)).toBe(true);
        const forViem =
          item instanceof Address
            ? getAddress(toHex(item.bytes))
            : item instanceof Uint8Array
              ? toHex(item)
              : typeof item === 'number'
                ? BigInt(item)
                : item;
        const expected: Hex = encodeAbiParameters([{ type: abiTypes[type] ?? type }], [forViem]);
        expect(toHex(encoded)).toBe(expected);
      }),
      runs(500),
    );
  });

  it('hold either a value of their own kind or none', () => {
    fc.assert(
      fc.property(typed, value, ([type], item) => {
        const encoded = encodeTypedCell(type, item);
        if (!(encoded instanceof Uint8Array)) return;
        const zeroOr = item === null ? decodeTypedCell(type, new Uint8Array(32)) : item;
        expect(equalScalars(decodeTypedCell(type, encoded), zeroOr)).toBe(true);
      }),
      runs(500),
    );
  });

  it('read any word as some value that they can write', () => {
    fc.assert(
      fc.property(typed, slot, ([type], anyWord) => {
        const read = decodeTypedCell(type, anyWord);
        const again = encodeTypedCell(type, read);
        assert(again instanceof Uint8Array, 'the value fits');
        expect(equalScalars(decodeTypedCell(type, again), read)).toBe(true);
      }),
      runs(300),
    );
  });
});

describe('heads', () => {
  const generation = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const padded = (number: bigint | number): string => number.toString(16).padStart(16, '0');

  it('are their numbers, and nothing else is a head', () => {
    fc.assert(
      fc.property(generation, fc.maxSafeNat(), fc.maxSafeNat(), (first, left, right) => {
        const [count, sequence] = left < right ? [left, right] : [right, left];
        const mapHead: MapHead = { generation: first, sequence, count };
        const ofMap = mapHeadWord(mapHead);
        expect(toHexKey(ofMap)).toBe(
          padded(first) + padded(sequence) + padded(count) + '0'.repeat(16),
        );
        expect(parseMapHead(ofMap)).toEqual(mapHead);
        const listHead: ListHead = { generation: first, length: left };
        const ofList = listHeadWord(listHead);
        expect(toHexKey(ofList)).toBe(padded(first) + padded(left) + '0'.repeat(32));
        expect(parseListHead(ofList)).toEqual(listHead);
      }),
      runs(300),
    );
  });

  it('of any words are read as what has these words, or not at all', () => {
    const sparse = fc.array(fc.tuple(fc.nat(31), fc.nat(255)), { maxLength: 6 }).map((bytes) => {
      const word = new Uint8Array(32);
      for (const [at, byte] of bytes) word[at] = byte;
      return word;
    });
    fc.assert(
      fc.property(fc.oneof(sparse, slot), (word) => {
        const ofMap = parseMapHead(word);
        if (ofMap !== undefined) expect(mapHeadWord(ofMap)).toEqual(word);
        const ofList = parseListHead(word);
        if (ofList !== undefined) expect(listHeadWord(ofList)).toEqual(word);
      }),
      runs(1_000),
    );
  });
});

describe('untyped cells', () => {
  it('give back what was written, and hold the words of a naive computation', () => {
    fc.assert(
      fc.property(slot, value, (at, item) => {
        const store = mapStore();
        writeUntypedCell(store, at, item);
        expect(store.cells).toEqual(naiveCell(at, item));
        const read = readUntypedCell(store, at);
        assert(read !== undefined, 'the cell is well-formed');
        expect(equalScalars(read, item)).toBe(true);
      }),
      runs(500),
    );
  });

  it('keep nothing of a longer value that was there before', () => {
    const writes = fc.array(fc.tuple(fc.nat(2), value), { minLength: 2, maxLength: 12 });
    const slots = ['a', 'b', 'c'].map(variableSlot) as [Uint8Array, Uint8Array, Uint8Array];
    fc.assert(
      fc.property(writes, (sequence) => {
        const store = mapStore();
        const latest = new Map<number, Scalar>();
        for (const [which, item] of sequence) {
          writeUntypedCell(store, slots[which] as Uint8Array, item);
          latest.set(which, item);
          const expected = [...latest].flatMap(([index, current]) => [
            ...naiveCell(slots[index] as Uint8Array, current),
          ]);
          expect(store.cells).toEqual(new Map(expected));
        }
      }),
      runs(200),
    );
  });

  it('say before they are touched how many words that takes', () => {
    fc.assert(
      fc.property(slot, value, value, (at, old, next) => {
        const store = mapStore();
        writeUntypedCell(store, at, old);
        const oldHead = store.load(at);
        const words = parseUntypedHead(oldHead)?.continuationWords;
        assert(words !== undefined, 'the cell is well-formed');
        expect(encodeUntypedCell(old)).toHaveLength(1 + words);
        store.touched = 0;
        readUntypedCell(store, at);
        expect(store.touched).toBe(1 + words);
        const writes = untypedCellWrites(at, oldHead, next);
        const most = Math.max(words, encodeUntypedCell(next).length - 1);
        expect(writes).toHaveLength(1 + most);
        expect(new Set(writes.map((write) => toHexKey(write.slot))).size).toBe(1 + most);
        for (const write of writes) store.store(write.slot, write.word);
        expect(store.cells).toEqual(naiveCell(at, next));
      }),
      runs(200),
    );
  });

  it('read any words as a value that has these words, or as none', () => {
    const tag = fc.constantFrom(0x00, 0x01, 0x05, 0x07, 0x08, 0x10, 0x11, 0x12, 0x13, 0x14);
    const length = fc.oneof(fc.nat(32), fc.constantFrom(0xff));
    const head = fc
      .tuple(tag, length, fc.integer({ min: 20, max: 80 }), fc.uint8Array({ maxLength: 30 }))
      .map(([first, mark, long, rest]) => {
        const bytes =
          mark === 0xff ? [first, mark, 0, 0, 0, long, ...rest] : [first, mark, ...rest];
        return Uint8Array.from([...bytes, ...new Uint8Array(32)].slice(0, 32));
      });
    const tail = fc.array(fc.oneof(slot, fc.constant(new Uint8Array(32))), {
      minLength: 3,
      maxLength: 3,
    });
    let readable = 0;
    fc.assert(
      fc.property(fc.oneof(head, slot), tail, (first, rest) => {
        const parsed = parseUntypedHead(first);
        if (parsed === undefined || parsed.continuationWords > rest.length) return;
        const used = rest.slice(0, parsed.continuationWords);
        const read = decodeUntypedCell(parsed, used);
        if (read === undefined) return;
        readable += 1;
        expect(toHex(concatBytes(...encodeUntypedCell(read)))).toBe(
          toHex(concatBytes(first, ...used)),
        );
      }),
      runs(2_000),
    );
    expect(readable).toBeGreaterThan(0);
  });

  it('have no continuation up to 30 bytes, then a word for each 32 behind the first 26', () => {
    expect([0, 30, 31, 58, 59, 90, 91].map(continuationWords)).toEqual([0, 0, 1, 1, 2, 2, 3]);
    expect(continuationWords(1_048_576)).toBe(32_768);
  });
});
