import { type BuiltinBody, requireContainer, requireKey } from './builtin-arguments.ts';
import { cellContent } from './cell-containers.ts';
import { indexValue, storeIndex } from './containers.ts';
import type { KeyedEntry } from './entries.ts';
import { PANIC, panic } from './halt.ts';
import { iterate } from './iteration.ts';
import type { Machine } from './machine.ts';
import { entryKey } from './map-key.ts';
import {
  type Handle,
  materialise,
  stateClear,
  stateHas,
  stateNext,
  stateNextKey,
  stateRemove,
} from './state-containers.ts';
import {
  CellHandle,
  Dictionary,
  isContainer,
  List,
  StateHandle,
  type Value,
  type ValueIterator,
} from './value.ts';

/** Builtins of maps, and what lists have in common with them. */
export const MAP_BODIES: Readonly<Record<string, BuiltinBody>> = {
  keys: (machine, map) => new List(keysOf(machine, map)),
  values: (machine, map) => new List(entriesOf(machine, map).map(({ value }) => value)),
  entries: (machine, map) => {
    const entries = entriesOf(machine, map);
    // Each pair is a list of two.
    machine.meter.chargeItems(2 * entries.length);
    return new List(entries.map(({ key, value }) => new List([key, value])));
  },
  has: hasKey,
  get: (machine, container, key, fallback) => {
    const isMissing = fallback !== null && readsZero(container) && !hasKey(machine, container, key);
    return isMissing
      ? fallback
      : (indexValue(machine, requireContainer(container), key) ?? fallback);
  },
  set: (machine, container, key, value) => {
    storeIndex(machine, requireContainer(container), key, value);
    return container;
  },
  remove: (machine, map, key) => {
    if (map instanceof Dictionary) return map.entries.delete(entryKey(machine.meter, key));
    return stateRemove(machine, requireHandle(map), requireKey(key));
  },
  clear: (machine, container) => {
    if (container instanceof List) container.items.length = 0;
    else if (container instanceof Dictionary) container.entries.clear();
    else stateClear(machine, requireHandle(container));
    return container;
  },
  copy: (machine, value) => (isContainer(value) ? materialise(machine, value) : value),
};

/**
 * Whether a map has an entry of the key: of a map of the state, whether one was written and not removed.
 *
 * @throws `Revert` Panic 0x01 for what is no map, and for plain maps of the state
 */
export function hasKey(machine: Machine, map: Value, key: Value): boolean {
  if (map instanceof Dictionary) return map.entries.has(entryKey(machine.meter, key));
  return stateHas(machine, requireHandle(map), requireKey(key));
}

/**
 * Whether a map says of missing entries that they are zero or empty, and not null, though it knows that
 * they are missing.
 */
function readsZero(container: Value): boolean {
  if (!(container instanceof StateHandle) || container.shape.kind !== 'enumerable') return false;
  const { value } = container.shape;
  return value.kind !== 'cell' || value.type !== 'untyped';
}

function requireHandle(value: Value): Handle {
  if (value instanceof StateHandle || value instanceof CellHandle) return value;
  throw panic(PANIC.kind);
}

/** The keys of a map in the order of insertion, each charged as an item, in the state as read. */
function keysOf(machine: Machine, map: Value): Value[] {
  if (!(map instanceof StateHandle)) return entriesOf(machine, map).map(({ key }) => key);
  return walk(machine, map, (iterator) => stateNextKey(machine, iterator));
}

/** The entries of a map in the order of insertion, as {@link keysOf}. Lists and maps in them are handles. */
function entriesOf(machine: Machine, map: Value): KeyedEntry<Value>[] {
  if (map instanceof StateHandle) {
    return walk(machine, map, (iterator) => stateNext(machine, iterator));
  }
  const memory = map instanceof CellHandle ? cellContent(machine, map) : map;
  if (!(memory instanceof Dictionary)) throw panic(PANIC.kind);
  machine.meter.chargeItems(memory.entries.size);
  return [...memory.entries.values()].map(({ key, value }) =>
    map instanceof CellHandle && isContainer(value)
      ? { key, value: new CellHandle(map.slot, [...map.path, key]) }
      : { key, value },
  );
}

/** What `next` gives of an enumerable map of the state until it gives nothing. */
function walk<T>(
  machine: Machine,
  map: StateHandle,
  next: (iterator: ValueIterator) => T | undefined,
): T[] {
  if (map.shape.kind === 'list') throw panic(PANIC.kind);
  const iterator = iterate(map);
  const found: T[] = [];
  for (let item = next(iterator); item !== undefined; item = next(iterator)) {
    machine.meter.chargeItems(1);
    found.push(item);
  }
  return found;
}
