import { describe, expect, it } from 'vitest';
import { methodSignature } from '../../src/compiler/method-signatures.ts';
import { BUILTINS, builtinPosition } from '../../src/vm/builtin-table.ts';
import { METHOD_ALIASES, METHODS, methodCounts, RECEIVERS } from '../../src/vm/method-table.ts';
import { writePlace } from '../../src/vm/state-containers.ts';
import { Closure, type Value } from '../../src/vm/value.ts';
import {
  builtin,
  cellHandle,
  endOf,
  handle,
  list,
  machine,
  map,
  method,
  plain,
} from './builtin-machine.ts';

const SAMPLES = {
  string: () => '0xab',
  bytes: () => Uint8Array.of(1, 2, 3),
  list: () => list(3, 1, 2),
  map: () => map('a', 1),
} as const;

/** Arguments that the methods of samples take. */
const ARGUMENTS: Readonly<Record<string, readonly Value[]>> = {
  char_at: [1],
  concat: ['x'],
  contains: ['a'],
  ends_with: ['b'],
  get: [0],
  has: ['a'],
  index_of: ['a'],
  insert: [0, 9],
  push: [5],
  remove: ['a'],
  remove_at: [0],
  repeat: [2],
  replace: ['a', 'b'],
  set: [0, 1],
  slice: [1],
  starts_with: ['0'],
  substring: [1],
};

describe.each(RECEIVERS)('methods of %s', (receiver) => {
  it.each(METHODS[receiver])('%s is the builtin', (name) => {
    let values = ARGUMENTS[name] ?? [];
    if (name === 'concat' && receiver !== 'string') values = [SAMPLES[receiver]()];
    const [first, second] = [machine(), machine()];
    const sample = SAMPLES[receiver]();
    const own = endOf(() => method(first, sample, name, ...values));
    expect(own).toEqual(endOf(() => builtin(second, name, SAMPLES[receiver](), ...values)));
    expect(first.meter.gas).toBe(second.meter.gas);
    expect(String(own)).not.toMatch(/panic 0x51/);
    for (const [alias, meant] of METHOD_ALIASES) {
      if (meant !== name) continue;
      expect(endOf(() => method(machine(), SAMPLES[receiver](), alias, ...values))).toEqual(own);
    }
  });

  it.each(METHODS[receiver])('%s takes no other number of arguments', (name) => {
    const { fewest, most } = methodCounts(BUILTINS[builtinPosition(name)!]!);
    expect(methodSignature(receiver, name)).toMatchObject({ optional: most - fewest });
    const call = (size: number): unknown =>
      endOf(() => method(machine(), SAMPLES[receiver](), name, ...new Array(size).fill(null)));
    expect(call(most + 1)).toBe('panic 0x51');
    if (fewest > 0) expect(call(fewest - 1)).toBe('panic 0x51');
    if (name === 'min' || name === 'max') expect(most).toBe(0);
  });

  it('has no others', () => {
    const all = new Set(RECEIVERS.flatMap((kind) => METHODS[kind]));
    for (const name of [...all, 'mint', 'constructor', '__proto__', 'toFixed', '']) {
      if (METHODS[receiver].includes(name)) continue;
      expect(endOf(() => method(machine(), SAMPLES[receiver](), name))).toBe('panic 0x51');
    }
  });
});

describe('methods', () => {
  it('of other kinds there are none', () => {
    for (const value of [null, 5, 2n ** 99n, true, new Closure(0, [])]) {
      expect(endOf(() => method(machine(), value, 'len'))).toBe('panic 0x51');
      expect(endOf(() => method(machine(), value, 'string'))).toBe('panic 0x51');
    }
  });

  it('work on what is in the state', () => {
    const on = machine();
    const [items, entries] = [handle('list'), handle('map')];
    method(on, items, 'push', 5);
    method(on, items, 'append', 6);
    method(on, entries, 'set', 'k', 7);
    expect(method(on, items, 'length')).toBe(2);
    expect(method(on, items, 'pop')).toBe(6);
    expect(method(on, entries, 'has', 'k')).toBe(true);
    expect(plain(method(on, entries, 'keys'))).toEqual(['k']);
    expect(method(on, entries, 'delete', 'k')).toBe(true);
    expect(endOf(() => method(on, entries, 'push', 1))).toBe('panic 0x51');
    expect(endOf(() => method(on, items, 'keys'))).toBe('panic 0x51');
  });

  it('work on what an untyped cell holds', () => {
    const on = machine();
    const cell = cellHandle();
    writePlace(on, cell.slot, { kind: 'cell', type: 'untyped' }, map('a', [1]));
    expect(method(on, cell, 'has', 'a')).toBe(true);
    expect(method(on, cell, 'len')).toBe(1);
    method(on, method(on, cell, 'get', 'a'), 'push', 2);
    expect(plain(builtin(on, 'copy', cell))).toEqual([['a', [1, 2]]]);
    expect(method(on, method(on, cell, 'get', 'a'), 'sum')).toBe(3);
    expect(endOf(() => method(on, cell, 'push', 1))).toBe('panic 0x51');
    expect(endOf(() => method(on, cell, 'upper'))).toBe('panic 0x51');
    expect(endOf(() => method(on, cell, 'mint'))).toBe('panic 0x51');
  });
});
