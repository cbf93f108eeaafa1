import { toHexKey } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { decodeRevert } from '@lucerna/protocol';
import { expect, it } from 'vitest';
import type { StateShape } from '../../src/layout/schema.ts';
import { variableSlot } from '../../src/layout/slots.ts';
import { BUILTINS, builtinPosition } from '../../src/vm/builtin-table.ts';
import { runBuiltin } from '../../src/vm/builtins.ts';
import { INITIAL_GAS } from '../../src/vm/gas.ts';
import { Failure, Revert } from '../../src/vm/halt.ts';
import type { CallContext, CallPort, HostState } from '../../src/vm/host.ts';
import { type Machine, noStatistics } from '../../src/vm/machine.ts';
import { Meter } from '../../src/vm/meter.ts';
import { runMethod } from '../../src/vm/methods.ts';
import type { Program } from '../../src/vm/program.ts';
import {
  Address,
  CellHandle,
  Dictionary,
  keyText,
  List,
  type Scalar,
  StateHandle,
  type Value,
} from '../../src/vm/value.ts';

export const PLENTY = 100_000_000;

export const account = (last: number): Uint8Array => {
  const bytes = new Uint8Array(20);
  bytes[19] = last;
  return bytes;
};

export const CONTEXT: CallContext = {
  address: account(0xcc),
  caller: account(0xca),
  origin: account(0x0a),
  value: 0n,
  chainId: 31_337n,
  height: 7,
  timestamp: 1_700_000_000,
  coinbase: account(0xcb),
  gasPrice: 1_000_000_000n,
  parentHash: new Uint8Array(32).fill(7),
  blockGasLimit: 30_000_000n,
};

/** Accounts that have code. */
const CONTRACTS = new Set([toHexKey(account(0xcc)), toHexKey(account(0xdd))]);

function noCalls(): never {
  throw new Error('builtins call nobody');
}

const CALLS: CallPort = {
  call: noCalls,
  hasCode: (address) => CONTRACTS.has(toHexKey(address)),
  codeHash: noCalls,
  isDead: noCalls,
  codeBytes: noCalls,
  schemaOf: noCalls,
};

/** State and balances in memory. */
class TestHost implements HostState {
  readonly words: Map<string, Uint8Array> = new Map();
  readonly balances: Map<string, bigint> = new Map();
  readonly #slots: Set<string> = new Set();
  readonly #addresses: Set<string> = new Set();

  readonly accessSlot = (slot: Uint8Array): boolean => {
    const { size } = this.#slots;
    return this.#slots.add(toHexKey(slot)).size > size;
  };
  readonly accessAddress = (address: Uint8Array): boolean => {
    const { size } = this.#addresses;
    return this.#addresses.add(toHexKey(address)).size > size;
  };
  readonly load = (slot: Uint8Array): Uint8Array =>
    this.words.get(toHexKey(slot)) ?? new Uint8Array(32);
  readonly loadOriginal = (): Uint8Array => new Uint8Array(32);
  readonly store = (slot: Uint8Array, word: Uint8Array): void => {
    this.words.set(toHexKey(slot), word);
  };
  readonly balance = (address: Uint8Array): bigint => this.balances.get(toHexKey(address)) ?? 0n;
  readonly transfer = (to: Uint8Array, value: bigint): boolean => {
    const own = this.balance(CONTEXT.address);
    if (own < value) return false;
    this.balances.set(toHexKey(CONTEXT.address), own - value);
    this.balances.set(toHexKey(to), this.balance(to) + value);
    return true;
  };
  readonly log = (): never => noCalls();
  readonly checkpoint = (): never => noCalls();
  readonly revertTo = (): never => noCalls();
}

export type TestMachine = Machine & { readonly host: TestHost };

export function machine(gas: number = PLENTY): TestMachine {
  return {
    program: { actions: [] } as unknown as Program,
    context: CONTEXT,
    host: new TestHost(),
    calls: CALLS,
    signatures: pureSignatureEngine,
    meter: new Meter(INITIAL_GAS, gas),
    calldata: new Uint8Array(0),
    isStatic: false,
    isReentrant: false,
    checkpoints: [],
    caught: [],
    statistics: noStatistics(),
  };
}

/** Calls a builtin with as many arguments as are given; the others are null. */
export function builtin(on: Machine, name: string, ...values: readonly Value[]): Value {
  const position = builtinPosition(name);
  if (position === undefined) throw new Error(`no builtin ${name}`);
  expect(values.length).toBeLessThanOrEqual(BUILTINS[position]!.arguments);
  const [a = null, b = null, c = null, d = null] = values;
  return runBuiltin(on, position, a, b, c, d);
}

/** The result of a builtin on a machine of its own. */
export const result = (name: string, ...values: readonly Value[]): Plain =>
  plain(builtin(machine(), name, ...values));

/** What a builtin charges. */
export function gasOf(name: string, ...values: readonly Value[]): number {
  const on = machine();
  builtin(on, name, ...values);
  return PLENTY - on.meter.gas;
}

export const method = (
  on: Machine,
  object: Value,
  name: string,
  ...values: readonly Value[]
): Value => runMethod(on, object, name, values);

/** How something ends: `panic 1`, `Error(…)`, `OUT_OF_GAS`, or the value. */
export function endOf(run: () => Value): unknown {
  try {
    return plain(run());
  } catch (halt) {
    if (halt instanceof Failure) return halt.code;
    if (!(halt instanceof Revert)) throw halt;
    const reason = decodeRevert(halt.data);
    if (reason.kind === 'panic') return `panic 0x${reason.code.toString(16)}`;
    return reason.kind === 'error' ? `Error(${reason.message})` : 'revert';
  }
}

/** How a builtin ends on a machine of its own. */
export const ending = (name: string, ...values: readonly Value[]): unknown =>
  endOf(() => builtin(machine(), name, ...values));

export const list = (...items: readonly unknown[]): List => new List(items.map(fromPlain));

/** A map of keys and values one after the other. */
export function map(...parts: readonly unknown[]): Dictionary {
  const made = new Dictionary();
  for (let index = 0; index < parts.length; index += 2) {
    const key = fromPlain(parts[index]) as Scalar;
    made.entries.set(keyText(key), { key, value: fromPlain(parts[index + 1]) });
  }
  return made;
}

/** Arrays become lists. */
export function fromPlain(value: unknown): Value {
  return Array.isArray(value) ? list(...value) : (value as Value);
}

/** A value as tests compare it. */
export type Plain = Exclude<Value, Dictionary | List> | Plain[];

/** Lists become arrays and maps arrays of pairs, to be compared. */
export function plain(value: Value): Plain {
  if (value instanceof List) return value.items.map(plain);
  if (value instanceof Dictionary) {
    return [...value.entries.values()].map(({ key, value: held }) => [plain(key), plain(held)]);
  }
  return value;
}

const CELL: StateShape = { kind: 'cell', type: 'untyped' };
const NUMBER: StateShape = { kind: 'cell', type: 'integer' };

export const SHAPES: Readonly<
  Record<'list' | 'map' | 'nested' | 'numbers' | 'plain' | 'tree', StateShape>
> = {
  list: { kind: 'list', element: CELL },
  nested: { kind: 'list', element: { kind: 'list', element: CELL } },
  map: { kind: 'enumerable', value: CELL },
  numbers: { kind: 'enumerable', value: NUMBER },
  tree: { kind: 'enumerable', value: { kind: 'list', element: CELL } },
  plain: { kind: 'map', value: NUMBER },
};

export const handle = (name: keyof typeof SHAPES): StateHandle =>
  new StateHandle(variableSlot(name), SHAPES[name]);

/** A container in an untyped cell of the state. */
export const cellHandle = (): CellHandle => new CellHandle(variableSlot('cell'), []);

export const address = (last: number): Address => new Address(account(last));

/** What a builtin comes to with these arguments. */
export type Case<Expected> = readonly [name: string, values: readonly Value[], expected: Expected];

/** One test for each result. */
export const results = (rows: readonly Case<unknown>[]): void =>
  register(rows, 'is', ([name, values, expected]) => {
    expect(result(name, ...values)).toEqual(expected);
  });

/** One test for each failure. */
export const failures = (rows: readonly Case<string>[]): void =>
  register(rows, 'ends with', ([name, values, expected]) => {
    expect(ending(name, ...values)).toBe(expected);
  });

/** One test for each number of units of gas. */
export const costs = (rows: readonly Case<number>[]): void =>
  register(rows, 'costs', ([name, values, gas]) => {
    expect(gasOf(name, ...values)).toBe(gas);
  });

function register<Expected>(
  rows: readonly Case<Expected>[],
  verb: string,
  check: (row: Case<Expected>) => void,
): void {
  for (const row of rows) {
    const [name, values, expected] = row;
    it(`${name}(${values.map(shown).join(', ')}) ${verb} ${shown(expected)}`, () => check(row));
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, part) => {
    if (typeof part === 'bigint') return `${part}n`;
    if (part instanceof Dictionary) return [...part.entries.values()];
    return part instanceof Uint8Array ? `0x${toHexKey(part.subarray(0, 40))}` : part;
  });
  return text === undefined || text.length <= 60 ? String(text) : `${text.slice(0, 60)}…`;
}
