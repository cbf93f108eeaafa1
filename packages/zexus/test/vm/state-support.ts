import { assert, toHexKey } from '@lucerna/base';
import { decodeRevert } from '@lucerna/protocol';
import type { StateShape } from '../../src/layout/schema.ts';
import { INITIAL_GAS } from '../../src/vm/gas.ts';
import { Revert } from '../../src/vm/halt.ts';
import type { HostState } from '../../src/vm/host.ts';
import { type Machine, noStatistics } from '../../src/vm/machine.ts';
import { Meter } from '../../src/vm/meter.ts';
import type { Program } from '../../src/vm/program.ts';
import {
  Dictionary,
  isScalar,
  keyText,
  List,
  type Scalar,
  type Value,
} from '../../src/vm/value.ts';

/** The words of one contract in memory, and what a transaction has touched of them. */
export class StateHost {
  words: Map<string, Uint8Array> = new Map();
  #original: Map<string, Uint8Array> = new Map();
  #accessed: Set<string> = new Set();
  /** Words that were looked at or written. */
  touched = 0;

  /** What was written so far is the state before the next transaction. */
  beginTransaction(): void {
    this.#original = new Map(this.words);
    this.#accessed = new Set();
  }

  clone(): StateHost {
    const other = new StateHost();
    other.words = new Map(this.words);
    other.#original = new Map(this.#original);
    other.#accessed = new Set(this.#accessed);
    return other;
  }

  readonly accessSlot = (slot: Uint8Array): boolean => {
    const size = this.#accessed.size;
    return this.#accessed.add(toHexKey(slot)).size > size;
  };
  readonly load = (slot: Uint8Array): Uint8Array => {
    this.touched += 1;
    return this.words.get(toHexKey(slot)) ?? new Uint8Array(32);
  };
  readonly loadOriginal = (slot: Uint8Array): Uint8Array =>
    this.#original.get(toHexKey(slot)) ?? new Uint8Array(32);
  readonly store = (slot: Uint8Array, word: Uint8Array): void => {
    this.touched += 1;
    assert(word.length === 32, 'a word has 32 bytes');
    if (word.every((byte) => byte === 0)) this.words.delete(toHexKey(slot));
    else this.words.set(toHexKey(slot), word);
  };
}

/** A machine that can do nothing but work on the state. */
export function stateMachine(
  host: StateHost,
  parts: { readonly gas?: number; readonly isStatic?: boolean; readonly program?: Program } = {},
): Machine {
  const { gas = 1e12, isStatic = false, program = { variables: [] } as unknown as Program } = parts;
  return {
    program,
    host: host as unknown as HostState,
    meter: new Meter(INITIAL_GAS, gas),
    statistics: noStatistics(),
    isStatic,
  } as unknown as Machine;
}

export const list = (...items: Value[]): List => new List(items);

export function map(...entries: readonly (readonly [Scalar, Value])[]): Dictionary {
  const result = new Dictionary();
  for (const [key, value] of entries) result.entries.set(keyText(key), { key, value });
  return result;
}

/** A value in memory as text: equal exactly for equal values, with the order of maps. */
export function describeValue(value: Value): string {
  if (value instanceof List) return `[${value.items.map(describeValue).join(', ')}]`;
  if (value instanceof Dictionary) {
    const entries = [...value.entries.values()];
    return `{${entries.map(({ key, value: item }) => `${describeValue(key)}: ${describeValue(item)}`).join(', ')}}`;
  }
  return isScalar(value) ? keyText(value) : value.constructor.name;
}

export const cell = (type: Extract<StateShape, { kind: 'cell' }>['type']): StateShape => ({
  kind: 'cell',
  type,
});
export const listOf = (element: StateShape): StateShape => ({ kind: 'list', element });
export const enumerable = (value: StateShape): StateShape => ({ kind: 'enumerable', value });
export const plain = (value: StateShape): StateShape => ({ kind: 'map', value });

/** The code of `Panic(uint256)` that `work` ends with; what it returns when it does not. */
export function panicOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (halt) {
    if (!(halt instanceof Revert)) throw halt;
    const reason = decodeRevert(halt.data);
    return reason.kind === 'panic' ? `panic ${Number(reason.code)}` : reason;
  }
}
