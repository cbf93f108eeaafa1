import { toHexKey } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { canonicalKey, entrySlot, variableSlot } from '../../src/layout/slots.ts';
import { encodeUntypedCell } from '../../src/layout/untyped-cell.ts';
import { INITIAL_GAS, storeCost } from '../../src/vm/gas.ts';
import type { Value } from '../../src/vm/value.ts';
import { type Evaluation, evaluateLines, MemoryHost } from './support.ts';

const word = (value: number): Uint8Array => {
  const bytes = new Uint8Array(32);
  bytes[31] = value;
  return bytes;
};

/** A host whose slot of `count` held `original` before the transaction. */
function hostWith(original: number, isWarm: boolean): MemoryHost {
  const host = new MemoryHost();
  const slot = variableSlot('count');
  host.words.set(toHexKey(slot), word(original));
  host.beginTransaction();
  if (isWarm) host.accessSlot(slot);
  return host;
}

const LOAD_AND_RETURN_GAS = 1 + 2;

function write(host: MemoryHost, name: string, value: Value): Evaluation {
  const lines = [
    ['LOAD_CONST', value],
    ['STATE_WRITE', name],
    ['LOAD_CONST', 1],
    ['RETURN'],
  ] as const;
  const evaluation = evaluateLines(lines, host);
  return { ...evaluation, gas: evaluation.gas - 1 - LOAD_AND_RETURN_GAS };
}

/** The writes of a transaction one after the other: what they cost in all. */
function writes(host: MemoryHost, values: readonly number[]): { gas: number; refund: number } {
  let [gas, refund] = [0, 0];
  for (const value of values) {
    const evaluation = write(host, 'count', value);
    gas += evaluation.gas;
    refund += evaluation.refund;
  }
  return { gas, refund };
}

describe('writing a word (EIP-2200, EIP-2929, EIP-3529)', () => {
  // The rows of EIP-3529's test cases, whose code also pushes two numbers of 3 gas for each write.
  it.each([
    { original: 0, values: [0, 0], used: 212, refund: 0 },
    { original: 0, values: [0, 1], used: 20_112, refund: 0 },
    { original: 0, values: [1, 0], used: 20_112, refund: 19_900 },
    { original: 0, values: [1, 2], used: 20_112, refund: 0 },
    { original: 0, values: [1, 1], used: 20_112, refund: 0 },
    { original: 1, values: [0, 0], used: 3_012, refund: 4_800 },
    { original: 1, values: [0, 1], used: 3_012, refund: 2_800 },
    { original: 1, values: [0, 2], used: 3_012, refund: 0 },
    { original: 1, values: [2, 0], used: 3_012, refund: 4_800 },
    { original: 1, values: [2, 3], used: 3_012, refund: 0 },
    { original: 1, values: [2, 1], used: 3_012, refund: 2_800 },
    { original: 1, values: [2, 2], used: 3_012, refund: 0 },
    { original: 1, values: [1, 0], used: 3_012, refund: 4_800 },
    { original: 1, values: [1, 2], used: 3_012, refund: 0 },
    { original: 1, values: [1, 1], used: 212, refund: 0 },
    { original: 0, values: [1, 0, 1], used: 40_118, refund: 19_900 },
    { original: 1, values: [0, 1, 0], used: 5_918, refund: 7_600 },
  ])('$original → $values', ({ original, values, used, refund }) => {
    const warm = writes(hostWith(original, true), values);
    expect(warm).toEqual({ gas: used - 6 * values.length, refund });
    const cold = writes(hostWith(original, false), values);
    expect(cold).toEqual({ gas: warm.gas + 2_100, refund });
  });

  // Each case of the rules once, as (original, current, new).
  it.each([
    [0, 0, 0, 100, 0],
    [1, 1, 1, 100, 0],
    [1, 2, 2, 100, 0],
    [0, 1, 1, 100, 0],
    [0, 0, 1, 20_000, 0],
    [1, 1, 0, 2_900, 4_800],
    [1, 1, 2, 2_900, 0],
    [0, 1, 2, 100, 0],
    [0, 1, 0, 100, 19_900],
    [1, 0, 2, 100, -4_800],
    [1, 0, 1, 100, 2_800 - 4_800],
    [1, 2, 0, 100, 4_800],
    [1, 2, 1, 100, 2_800],
    [1, 2, 3, 100, 0],
  ])('%i, %i, %i costs %i and refunds %i', (original, current, next, gas, refund) => {
    const words = [original, current, next].map(word) as [Uint8Array, Uint8Array, Uint8Array];
    expect(storeCost(INITIAL_GAS, ...words)).toEqual({ gas, refund });
    const host = hostWith(original, true);
    host.store(variableSlot('count'), word(current));
    expect(write(host, 'count', next)).toMatchObject({ gas, refund });
  });

  it('has no stipend rule: a write succeeds with less than 2,300 gas', () => {
    const host = hostWith(1, true);
    expect(evaluateWith(host, 104)).toBeUndefined();
    expect(evaluateWith(host, 103)).toMatchObject({ code: 'OUT_OF_GAS' });
  });
});

function evaluateWith(host: MemoryHost, gas: number): Evaluation['halt'] {
  const lines = [
    ['LOAD_CONST', 1],
    ['STATE_WRITE', 'count'],
    ['LOAD_CONST', 1],
    ['RETURN'],
  ] as const;
  return evaluateLines(lines, host, { gas }).halt;
}

describe('reading a word (EIP-2929)', () => {
  it('costs 2,100 at first and 100 then, also after a write', () => {
    const read = [['STATE_READ', 'count'], ['RETURN']] as const;
    const host = new MemoryHost();
    expect(evaluateLines(read, host).gas).toBe(2_100 + 2);
    expect(evaluateLines(read, host).gas).toBe(100 + 2);
    host.beginTransaction();
    write(host, 'count', 5);
    expect(evaluateLines(read, host).gas).toBe(100 + 2);
  });

  it('is the same for an entry of a map, whose slot is charged as a hash', () => {
    const read = [['LOAD_CONST', 5], ['MAP_READ', 'balances', 1], ['RETURN']] as const;
    const host = new MemoryHost();
    const hash = 30 + 6 * 3;
    expect(evaluateLines(read, host).gas).toBe(1 + hash + 2_100 + 2);
    expect(evaluateLines(read, host).gas).toBe(1 + hash + 100 + 2);
    host.beginTransaction();
    host.accessSlot(entrySlot(variableSlot('balances'), canonicalKey(5)));
    expect(evaluateLines(read, host).gas).toBe(1 + hash + 100 + 2);
  });
});

describe('untyped cells', () => {
  const words = (value: Value): number => encodeUntypedCell(value).length;
  const hash = 36;

  it('are charged for each word, written and read', () => {
    for (const value of [
      '',
      'x'.repeat(30),
      'x'.repeat(31),
      'x'.repeat(58),
      'x'.repeat(59),
      'ä'.repeat(500),
    ]) {
      const host = new MemoryHost();
      const count = words(value);
      const tail = count > 1 ? hash : 0;
      expect(write(host, 'text', value).gas).toBe(tail + 22_100 * count);
      host.beginTransaction();
      const read = evaluateLines([['STATE_READ', 'text'], ['RETURN']], host);
      expect(read).toMatchObject({ value, gas: tail + 2_100 * count + 2 });
    }
  });

  it('delete the tail of a longer value, with its refunds', () => {
    const host = new MemoryHost();
    const long = 'x'.repeat(26 + 32 * 3);
    write(host, 'text', long);
    host.beginTransaction();
    const shortened = write(host, 'text', 'short');
    expect(shortened.gas).toBe(hash + (2_100 + 2_900) * 4);
    expect(shortened.refund).toBe(3 * 4_800);
    expect((host.snapshot() as { words: unknown[] }).words.length).toBe(1);
    host.beginTransaction();
    const emptied = write(host, 'text', null);
    expect(emptied).toMatchObject({ gas: 2_100 + 2_900, refund: 4_800 });
    expect((host.snapshot() as { words: unknown[] }).words.length).toBe(0);
  });

  it('are refused when a tool has damaged them', () => {
    const host = new MemoryHost();
    host.words.set(toHexKey(variableSlot('text')), new Uint8Array(32).fill(0xee));
    const { halt } = evaluateLines([['STATE_READ', 'text'], ['RETURN']], host);
    expect(halt).toMatchObject({ reason: 'damaged value in the state' });
    expect(write(host, 'text', 'new').halt).toBeUndefined();
  });
});
