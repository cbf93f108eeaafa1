import { isInteger } from './arithmetic.ts';
import { type BuiltinBody, itemsOf, requireInteger, requirePlace } from './builtin-arguments.ts';
import { buildSet, indexValue, lengthOf } from './containers.ts';
import { PANIC, panic } from './halt.ts';
import { kindName } from './kind-name.ts';
import type { Machine } from './machine.ts';
import {
  type Handle,
  stateInsertAt,
  statePop,
  statePush,
  stateRemoveAt,
} from './state-containers.ts';
import { affordableUtf8, compareText } from './text.ts';
import { CellHandle, isContainer, List, StateHandle, type Value } from './value.ts';

/** Builtins of lists. Those that make a list make a new one, in memory. */
export const LIST_BODIES: Readonly<Record<string, BuiltinBody>> = {
  first: (machine, list) => itemAt(machine, list, 0),
  last: (machine, list) => itemAt(machine, list, lengthOf(machine, list) - 1),
  push: (machine, list, value) => {
    if (list instanceof List) {
      machine.meter.chargeItems(1);
      list.items.push(value);
    } else {
      statePush(machine, requireHandle(list), value);
    }
    return list;
  },
  pop: (machine, list) => {
    if (!(list instanceof List)) return statePop(machine, requireHandle(list));
    return list.items.pop() ?? null;
  },
  insert,
  remove_at: removeAt,
  sort,
  unique: (machine, list) => buildSet(machine, itemsOf(machine, list)),
  flatten,
};

/** An item of a list; null beyond its ends. @throws `Revert` Panic 0x01 for what is no list */
function itemAt(machine: Machine, list: Value, index: number): Value {
  if (kindName(machine, list) !== 'list') throw panic(PANIC.kind);
  return indexValue(machine, list, index);
}

/** A list of the state, or what may turn out to be one when it is read. */
function requireHandle(value: Value): Handle {
  if (value instanceof StateHandle || value instanceof CellHandle) return value;
  throw panic(PANIC.kind);
}

/** Puts a value before the item at a place, or behind the last. The items behind it move. */
function insert(machine: Machine, list: Value, index: Value, value: Value): Value {
  if (list instanceof List) {
    const { items } = list;
    const place = requirePlace(index, items.length + 1);
    machine.meter.chargeItems(1);
    machine.meter.chargeVisits(items.length - place);
    items.splice(place, 0, value);
  } else {
    stateInsertAt(machine, requireHandle(list), requireInteger(index), value);
  }
  return list;
}

/** Takes the item at a place out of the list. The items behind it move. */
function removeAt(machine: Machine, list: Value, index: Value): Value {
  if (list instanceof List) {
    const { items } = list;
    const place = requirePlace(index, items.length);
    machine.meter.chargeVisits(items.length - place);
    return items.splice(place, 1)[0] as Value;
  }
  return stateRemoveAt(machine, requireHandle(list), requireInteger(index));
}

/**
 * The items in ascending order: integers, or texts by their code points. Charged by the comparisons that
 * a merge sort makes at most: each item once for every time that their number can be halved.
 */
function sort(machine: Machine, list: Value): List {
  const items = itemsOf(machine, list);
  const { meter } = machine;
  meter.chargeItems(items.length);
  const rounds = halvings(items.length);
  if (items.every(isInteger)) {
    meter.chargeVisits(items.length * rounds);
    return new List([...items].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0)));
  }
  for (const item of items) {
    if (typeof item !== 'string') throw panic(PANIC.kind);
    // One after the other: many items may be the same long text.
    const words = rounds === 0 ? 0 : 1 + Math.ceil(affordableUtf8(meter, item) / WORD_BYTES);
    meter.chargeVisits(words * rounds);
  }
  return new List([...(items as readonly string[])].sort(compareText));
}

const WORD_BYTES = 32;

/** How often so many can be halved until one is left, rounded up. */
function halvings(count: number): number {
  return count < 2 ? 0 : 32 - Math.clz32(count - 1);
}

/** The items, those of an item that is a list in its place. One level only. */
function flatten(machine: Machine, list: Value): List {
  const flat: Value[] = [];
  for (const item of itemsOf(machine, list)) {
    if (!isContainer(item) || kindName(machine, item) !== 'list') {
      machine.meter.chargeItems(1);
      flat.push(item);
      continue;
    }
    const inner = itemsOf(machine, item);
    machine.meter.chargeItems(inner.length);
    for (const value of inner) flat.push(value);
  }
  return new List(flat);
}
