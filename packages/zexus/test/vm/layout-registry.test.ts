import { toHexKey } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import type { StateSchema, StateShape } from '../../src/layout/schema.ts';
import { delegatedSlot, layoutSlot } from '../../src/layout/slots.ts';
import { INITIAL_GAS } from '../../src/vm/gas.ts';
import { requireCompatibleLayout, shapeFingerprint } from '../../src/vm/layout-registry.ts';
import type { Machine } from '../../src/vm/machine.ts';
import type { Program } from '../../src/vm/program.ts';
import { hash } from './state-naive.ts';
import {
  cell,
  enumerable,
  listOf,
  panicOf,
  plain,
  StateHost,
  stateMachine,
} from './state-support.ts';
import { account, NO_CALLS } from './support.ts';

const code = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const own: StateSchema = [{ name: 'total', shape: cell('integer') }];

/** Of each code that is delegated to. */
const CODE_BYTES = 65;

/** What delegating comes to: `undefined`, or the reason why it does not. */
function delegate(
  host: StateHost,
  codeHash: Uint8Array,
  schema: StateSchema | undefined,
  parts: { readonly isStatic?: boolean; readonly own?: StateSchema } = {},
): { readonly outcome: unknown; readonly gas: number } {
  const program = { variables: parts.own ?? own } as unknown as Program;
  const calls = {
    ...NO_CALLS,
    codeHash: () => codeHash,
    codeBytes: () => CODE_BYTES,
    schemaOf: () => schema,
  };
  const isStatic = parts.isStatic ?? false;
  const machine: Machine = { ...stateMachine(host, { program, isStatic }), calls };
  const outcome = panicOf(() => requireCompatibleLayout(machine, account(0xdd)));
  return { outcome, gas: 1e12 - machine.meter.gas };
}

const incompatible = (name: string): unknown => ({
  kind: 'error',
  message: `incompatible state layout: ${name}`,
});

describe('delegating', () => {
  const first: StateSchema = [...own, { name: 'names', shape: listOf(cell('untyped')) }];

  it('records the variables of the contract and of the code, and the code', () => {
    const host = new StateHost();
    expect(delegate(host, code(1), first).outcome).toBeUndefined();
    expect(new Map([...host.words].map(([slot, word]) => [slot, toHexKey(word)]))).toEqual(
      new Map([
        [toHexKey(layoutSlot('total')), hash('0060')],
        [toHexKey(layoutSlot('names')), hash('030000')],
        [toHexKey(delegatedSlot(code(1))), '1'.padStart(64, '0')],
      ]),
    );
  });

  it('costs a hash and a read of the word that says so when the code is known', () => {
    const host = new StateHost();
    delegate(host, code(1), first);
    host.beginTransaction();
    expect(delegate(host, code(1), first).gas).toBe(30 + 6 * 2 + 2_100);
    expect(delegate(host, code(1), first).gas).toBe(30 + 6 * 2 + 100);
  });

  it.each<[string, StateShape]>([
    ['another type', cell('signed')],
    ['a map instead of a cell', plain(cell('integer'))],
    ['a list instead of a cell', listOf(cell('integer'))],
  ])("refuses code with a variable of the contract's as %s", (_, shape) => {
    const host = new StateHost();
    const outcome = delegate(host, code(1), [{ name: 'total', shape }]).outcome;
    expect(outcome).toEqual(incompatible('total'));
  });

  it.each<[string, StateShape]>([
    ['another type', listOf(cell('bool'))],
    ['an enumerable map', enumerable(cell('untyped'))],
    ['a plain map', plain(cell('untyped'))],
  ])('refuses code with a variable of earlier code as %s', (_, shape) => {
    const host = new StateHost();
    delegate(host, code(1), first);
    const second: StateSchema = [{ name: 'names', shape }];
    expect(delegate(host, code(2), second).outcome).toEqual(incompatible('names'));
    const isStatic = true;
    expect(delegate(host, code(2), second, { isStatic }).outcome).toEqual(incompatible('names'));
    // Neither the variables of the code that was replaced nor those that are new are in the way.
    const third: StateSchema = [{ name: 'more', shape: cell('bool') }];
    expect(delegate(host, code(3), third).outcome).toBeUndefined();
    expect(delegate(host, code(4), first).outcome).toBeUndefined();
  });

  it('compares and records nothing in a static call', () => {
    const host = new StateHost();
    const isStatic = true;
    expect(delegate(host, code(1), first, { isStatic }).outcome).toBeUndefined();
    expect(host.words.size).toBe(0);
    const other: StateSchema = [{ name: 'total', shape: cell('bool') }];
    expect(delegate(host, code(1), other, { isStatic }).outcome).toEqual(incompatible('total'));
  });

  it('asks nothing of code in another language, once it has paid for looking at it', () => {
    const host = new StateHost();
    const gas = 30 + 6 * 2 + 2_100 + INITIAL_GAS.codeWord * 3;
    expect(delegate(host, code(1), undefined)).toEqual({ outcome: undefined, gas });
    expect(host.words.size).toBe(0);
  });

  it('pays for every word of code that is new', () => {
    const empty = delegate(new StateHost(), code(1), [], { own: [] });
    const known = 30 + 6 * 2 + 2_100;
    expect(empty.gas).toBe(known + INITIAL_GAS.codeWord * 3 + 20_000);
  });

  it('tells every shape from every other', () => {
    const inner = [cell('integer'), cell('untyped'), cell('bytes1'), cell('bytes32')];
    const shapes = inner.flatMap((shape) => [
      shape,
      ...[plain, enumerable, listOf].flatMap((outer) => [outer(shape), outer(listOf(shape))]),
    ]);
    const seen = new Set(shapes.map((shape) => toHexKey(shapeFingerprint(shape))));
    expect(seen.size).toBe(shapes.length);
  });
});
