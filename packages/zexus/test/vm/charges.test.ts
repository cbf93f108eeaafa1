import { describe, expect, it, vi } from 'vitest';
import { decodeValue, encodeValue } from '../../src/layout/value-encoding.ts';
import { add, equals, multiply } from '../../src/vm/arithmetic.ts';
import { cellHas, cellIndex } from '../../src/vm/cell-containers.ts';
import { buildSet, indexValue, sliceValue, storeIndex } from '../../src/vm/containers.ts';
import { Revert, revertWith } from '../../src/vm/halt.ts';
import { advance, iterate } from '../../src/vm/iteration.ts';
import type { Machine } from '../../src/vm/machine.ts';
import { throwValue } from '../../src/vm/revert.ts';
import { writePlace } from '../../src/vm/state-containers.ts';
import { utf8Bytes } from '../../src/vm/text.ts';
import { CellHandle, Closure, Dictionary, keyText, List, type Value } from '../../src/vm/value.ts';
import { meteredText } from '../../src/vm/value-text.ts';
import { builtin, cellHandle, endOf, list, machine, map, PLENTY } from './builtin-machine.ts';

// Failures can be caught and tried again: what they looked at is paid for, and what cannot be paid for is
// not looked at.

const MEBIBYTE = 1_048_576;
const LONG = 'x'.repeat(MEBIBYTE);
/** Of nearly as many bytes, but a third of the code units. */
const WIDE = '€'.repeat(MEBIBYTE / 3);
const words = (bytes: number): number => 3 * Math.ceil(bytes / 32);

/** How it ends, and what it has charged. */
function run(body: (on: Machine) => Value): { readonly end: unknown; readonly gas: number } {
  const on = machine();
  const end = endOf(() => body(on));
  return { end, gas: PLENTY - on.meter.gas };
}

/**
 * Code units and items that `work` has looked at or copied, counted where texts and lists are read; also when
 * it fails.
 */
function touched(work: () => void): number {
  let count = 0;
  const { charCodeAt } = String.prototype;
  const { encode } = TextEncoder.prototype;
  const { slice } = Array.prototype;
  const { from } = Array;
  String.prototype.charCodeAt = function (index) {
    count += 1;
    return charCodeAt.call(this, index);
  };
  TextEncoder.prototype.encode = function (text) {
    count += text?.length ?? 0;
    return encode.call(this, text);
  };
  Array.prototype.slice = function (...ends) {
    const part = slice.apply(this, ends);
    count += part.length;
    return part;
  };
  Array.from = ((...given: Parameters<typeof from>) => {
    const made = from.apply(Array, given);
    count += made.length;
    return made;
  }) as typeof from;
  try {
    work();
  } finally {
    Object.assign(String.prototype, { charCodeAt });
    Object.assign(TextEncoder.prototype, { encode });
    Object.assign(Array.prototype, { slice });
    Object.assign(Array, { from });
  }
  return count;
}

const unwanted = (): never => {
  throw new Error('an iterator of the engine walks over the map');
};

const TOO_LONG = 'panic 0x41';
const FUNCTION = new Closure(0, []);

describe('a failure that can be caught', () => {
  it.each<[string, (on: Machine) => Value]>([
    ['joining two texts', (on) => add(on, WIDE, WIDE)],
    ['repeating a text', (on) => multiply(on.meter, WIDE, 2)],
    ['the text of a list', (on) => meteredText(on, list(WIDE, WIDE))],
    ['replacing', (on) => builtin(on, 'replace', 'aa', 'a', WIDE)],
    ['joining', (on) => builtin(on, 'join', list(1, 2, 3), WIDE)],
  ])('%s pays for the texts that were too long', (_name, body) => {
    const { end, gas } = run(body);
    expect(end).toBe(TOO_LONG);
    expect(gas).toBeGreaterThanOrEqual(words(WIDE.length));
  });

  it('knows from its length alone that a text is too long', () => {
    expect(run((on) => add(on, LONG, 'x'))).toEqual({ end: TOO_LONG, gas: words(MEBIBYTE) });
    expect(run((on) => multiply(on.meter, LONG, 2))).toEqual({ end: TOO_LONG, gas: 0 });
  });

  it('pays for the parts of a text that is never made', () => {
    const bytes = new Uint8Array(MEBIBYTE / 4);
    const { end, gas } = run((on) => meteredText(on, list(bytes, FUNCTION)));
    expect(end).toBe('panic 0x1');
    expect(gas).toBeGreaterThanOrEqual(words(2 * bytes.length));
  });

  it('pays for measuring an encoding that is too long', () => {
    const texts = new List(Array.from({ length: 30 }, () => WIDE));
    const { end, gas } = run((on) => builtin(on, 'abi_encode', 'string[]', new List([texts])));
    expect(end).toBe(TOO_LONG);
    expect(gas).toBeGreaterThanOrEqual(words(16 * MEBIBYTE));
  });

  it('pays for each comparison with what is thrown again', () => {
    const on = machine();
    const texts = ['a', 'b', 'c'].map((end) => `${LONG.slice(1)}${end}`);
    for (const text of texts) on.caught.push({ revert: revertWith(text), value: text });
    const before = on.meter.gas;
    expect(throwValue(on, `${LONG.slice(1)}a`)).toBe(on.caught[0]!.revert);
    expect(before - on.meter.gas).toBe(3 * words(MEBIBYTE));
  });
});

describe('what cannot be paid for', () => {
  /** A tenth of a percent of what reading the long text costs. */
  const LITTLE = 100;
  const ends = (body: (on: Machine) => Value): unknown => endOf(() => body(machine(LITTLE)));

  // The second item is of the wrong kind: who comes to it has looked through the first.
  it.each<[string, (on: Machine) => Value]>([
    ['sorting', (on) => builtin(on, 'sort', list(LONG, FUNCTION))],
    ['encoding', (on) => encodeValue(on.meter, list(LONG, FUNCTION))],
    ['the text of a list', (on) => meteredText(on, list(WIDE, FUNCTION))],
    ['the text of bytes', (on) => meteredText(on, list(new Uint8Array(MEBIBYTE / 4), FUNCTION))],
    ['a set', (on) => buildSet(on, [LONG, new List([])])],
  ])('%s ends before it is looked at', (_name, body) => {
    expect(ends(body)).toBe('OUT_OF_GAS');
  });

  it.each<[string, (on: Machine) => Value]>([
    ['the length of a text', (on) => builtin(on, 'len', LONG)],
    ['hashing a text', (on) => builtin(on, 'keccak256', LONG)],
    ['a key', (on) => indexValue(on, map(), LONG)],
    ['a key of the state', (on) => builtin(on, 'state_read', LONG)],
    ['a value of the state', (on) => builtin(on, 'state_write', 1, LONG)],
    ['comparing texts', (on) => equals(on, LONG, `${LONG.slice(1)}y`)],
    ['encoding a text', (on) => builtin(on, 'abi_encode', 'string', list(LONG))],
    ['a part of a list', (on) => sliceValue(on, MANY, 0, null)],
    ['zeros of an array', (on) => builtin(on, 'abi_encode', 'string[65536]', list(null))],
  ])('%s ends before any of it is touched', (_name, body) => {
    expect(touched(() => expect(ends(body)).toBe('OUT_OF_GAS'))).toBeLessThan(1_000);
    expect(touched(() => utf8Bytes(`${LONG}y`))).toBeGreaterThan(MEBIBYTE);
  });

  const MANY: List = new List(Array.from({ length: 2_000_000 }, () => 0));
});

describe('work is charged by what it takes', () => {
  it.each<[string, readonly Value[]]>([
    ['abi_encode', ['q', list()]],
    ['abi_decode', ['bool', Uint8Array.of(1)]],
    ['selector', ['q']],
  ])('a refusal of %s is a read of 100', (name, values) => {
    const { end, gas } = run((on) => builtin(on, name, ...values));
    expect(end).toMatch(/^Error\(/);
    expect(gas).toBeGreaterThanOrEqual(100);
  });

  it('a set compares functions with each other', () => {
    const functions = Array.from({ length: 100 }, () => new Closure(0, []));
    const { gas } = run((on) => buildSet(on, functions));
    expect(gas).toBe(3 * 100 + 3 * ((100 * 99) / 2));
  });

  it('zeros of an array within an array are charged as items', () => {
    const { end, gas } = run((on) => builtin(on, 'abi_encode', 'string[65536][65536]', list(null)));
    expect(end).toBe(TOO_LONG);
    expect(gas).toBeGreaterThan(3 * 65_536);
  });

  it('maps are compared entry by entry, all of which are paid first', () => {
    const [left, right] = [map(1, 1, 2, 2, 3, 3), map(1, 0, 2, 2, 3, 3)];
    expect(run((on) => equals(on, left, right))).toEqual({ end: false, gas: 9 });
  });

  it('a long key is charged, whatever map it is looked up in', () => {
    const on = machine();
    writePlace(on, cellHandle().slot, { kind: 'cell', type: 'untyped' }, map('a', 1));
    const key = new Uint8Array(MEBIBYTE / 2);
    for (const look of [cellIndex, cellHas]) {
      const before = on.meter.gas;
      look(on, cellHandle(), key);
      expect(before - on.meter.gas).toBeGreaterThanOrEqual(words(key.length));
    }
    const before = on.meter.gas;
    expect(() => cellIndex(on, new CellHandle(cellHandle().slot, [key]), 1)).toThrow(Revert);
    expect(before - on.meter.gas).toBeGreaterThanOrEqual(words(key.length));
  });
});

describe('a walk over a map in memory', () => {
  const keysOf = (source: Dictionary, step: (key: Value) => void): Value[] => {
    const keys: Value[] = [];
    const iterator = iterate(source);
    const registers: Value[] = [];
    while (advance(machine(), iterator, registers, 0, false)) {
      keys.push(registers[0] as Value);
      step(registers[0] as Value);
    }
    return keys;
  };
  const remove = (from: Dictionary, key: number): boolean => from.entries.delete(keyText(key));

  it('does not step over what was removed, as the iterators of engines do', () => {
    const large = new Dictionary();
    for (let key = 0; key < 1_000; key += 1) large.entries.set(keyText(key), { key, value: 0 });
    for (let key = 0; key < 900; key += 1) remove(large, key);
    const walk = vi.spyOn(Map.prototype, Symbol.iterator).mockImplementation(unwanted);
    const others = (['entries', 'forEach', 'keys', 'values'] as const).map((name) =>
      vi.spyOn(Map.prototype, name).mockImplementation(unwanted),
    );
    try {
      const registers: Value[] = [];
      advance(machine(), iterate(large), registers, 0, false);
      expect(registers[0]).toBe(900);
    } finally {
      for (const spy of [walk, ...others]) spy.mockRestore();
    }
  });

  it('goes on behind an entry that is removed, with those before it', () => {
    const source = map(1, 1, 2, 2, 3, 3, 4, 4);
    const visited = keysOf(source, (key) => {
      if (key !== 3) return;
      for (const gone of [3, 2, 1]) remove(source, gone);
      source.entries.set(keyText(2), { key: 2, value: 0 });
    });
    expect(visited).toEqual([1, 2, 3, 4, 2]);
  });

  it('begins again in a map that was cleared and filled', () => {
    const source = map(1, 1, 2, 2);
    const visited = keysOf(source, (key) => {
      if (key !== 1) return;
      source.entries.clear();
      for (const fresh of [1, 5, 6]) source.entries.set(keyText(fresh), { key: fresh, value: 0 });
      remove(source, 1);
    });
    expect(visited).toEqual([1, 5, 6]);
  });
});

describe('the memory of a run', () => {
  it('is bounded for things that are small but many', () => {
    const on = machine();
    const empty = Uint8Array.of(8, 0);
    const many = new Uint8Array(4 + 2 * 200_000);
    many.set([7, 0xc0, 0x9a, 0x0c]);
    for (let at = 4; at < many.length; at += 2) many.set(empty, at);
    // 200,000 maps in 400,000 bytes, each of which takes some 300.
    expect(decodeValue(on.meter, many)).toBeInstanceOf(List);
    expect(endOf(() => decodeValue(on.meter, many) as Value)).toBe(TOO_LONG);
  });

  it('counts the text that a map keeps for a key', () => {
    const on = machine();
    const fill = (): Value => {
      for (let count = 0; count < 64; count += 1) storeIndex(on, new Dictionary(), LONG, 1);
      return null;
    };
    expect(endOf(fill)).toBe(TOO_LONG);
  });
});
