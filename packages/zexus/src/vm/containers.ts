import { equals, isInteger } from './arithmetic.ts';
import { PANIC, panic } from './halt.ts';
import type { Machine } from './machine.ts';
import { entryKey } from './map-key.ts';
import type { Meter } from './meter.ts';
import { stateIndex, stateLength, stateStore } from './state-containers.ts';
import { codePoints, makeUtf8, readUtf8 } from './text.ts';
import {
  CellHandle,
  Dictionary,
  isScalar,
  keyText,
  List,
  StateHandle,
  type Value,
} from './value.ts';

// What instructions do with lists, maps, texts and bytes, wherever they are. Those of the state charge
// for themselves; in memory each item that is made or copied is charged as an item.

/** A list of the items, which it takes over. */
export function buildList(meter: Meter, items: Value[]): List {
  meter.hold('list');
  meter.chargeItems(items.length);
  return new List(items);
}

/**
 * A map of keys and values one after the other. Of equal keys the last value counts, at the place of
 * the first.
 *
 * @throws `Revert` Panic 0x01 for a key that is null or no scalar
 */
export function buildMap(meter: Meter, items: readonly Value[]): Dictionary {
  meter.hold('map');
  meter.chargeEntries(items.length / 2);
  const map = new Dictionary();
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index] as Value;
    setEntry(map, entryKey(meter, key), key, items[index + 1] as Value);
  }
  return map;
}

/** A list of the items that are different, in the order in which they first occur. */
export function buildSet(machine: Machine, items: readonly Value[]): List {
  machine.meter.chargeItems(items.length);
  const seen = new Set<string>();
  const others: Value[] = [];
  return new List(
    items.filter((item) => {
      if (item === null || isScalar(item)) {
        const text = item === null ? keyText(item) : entryKey(machine.meter, item);
        return seen.size < seen.add(text).size;
      }
      const isKnown = others.some((other) => {
        machine.meter.chargeVisits(1);
        return equals(machine, other, item);
      });
      if (isKnown) return false;
      others.push(item);
      return true;
    }),
  );
}

function setEntry({ entries }: Dictionary, text: string, key: Value, value: Value): void {
  const entry = entries.get(text);
  if (entry === undefined) entries.set(text, { key, value });
  else entry.value = value;
}

/**
 * `object[key]`: null where there is nothing, also beyond the ends of a list. Of a text the code point
 * at a place, of bytes the byte.
 *
 * @throws `Revert` Panic 0x01 for what has no items, and for a key of the wrong kind
 */
export function indexValue(machine: Machine, object: Value, key: Value): Value {
  if (object instanceof List) return object.items[placeIn(object.items.length, key)] ?? null;
  if (object instanceof Dictionary) {
    return object.entries.get(entryKey(machine.meter, key))?.value ?? null;
  }
  if (object instanceof StateHandle || object instanceof CellHandle) {
    return stateIndex(machine, object, key);
  }
  if (object instanceof Uint8Array) return object[placeIn(object.length, key)] ?? null;
  if (typeof object !== 'string') throw panic(PANIC.kind);
  readUtf8(machine.meter, object);
  const unit = codeUnitOf(object, placeIn(object.length, key));
  const point = object.codePointAt(unit);
  return point === undefined ? null : String.fromCodePoint(point);
}

/** The place that a key means, of something with so many items; their number for a place that is not. */
function placeIn(length: number, key: Value): number {
  if (!isInteger(key)) throw panic(PANIC.kind);
  return key >= 0 && key < length ? Number(key) : length;
}

/** Where in a text a code point begins; its length when there are not so many. */
function codeUnitOf(text: string, place: number): number {
  let unit = 0;
  for (let rest = place; rest > 0 && unit < text.length; rest -= 1) {
    unit += (text.codePointAt(unit) as number) > 0xffff ? 2 : 1;
  }
  return unit;
}

/**
 * `object[key] = value`.
 *
 * @throws `Revert` Panic 0x32 beyond the ends of a list, 0x01 for what cannot be written to and for a
 *   key of the wrong kind; of a container of the state as `stateStore`
 */
export function storeIndex(machine: Machine, object: Value, key: Value, value: Value): void {
  if (object instanceof List) {
    const { items } = object;
    const place = placeIn(items.length, key);
    if (place === items.length) throw panic(PANIC.index);
    items[place] = value;
  } else if (object instanceof Dictionary) {
    const text = entryKey(machine.meter, key);
    if (!object.entries.has(text)) chargeEntry(machine.meter, key);
    setEntry(object, text, key, value);
  } else if (object instanceof StateHandle || object instanceof CellHandle) {
    stateStore(machine, object, key, value);
  } else {
    throw panic(PANIC.kind);
  }
}

/** For a new entry of a map in memory: it keeps a text of its own for its key, which is charged as read. */
function chargeEntry(meter: Meter, key: Value): void {
  meter.chargeEntries(1);
  if (typeof key !== 'string' && !(key instanceof Uint8Array)) return;
  meter.chargeBytes(key.length, key.length);
}

/** `map.name`. @throws `Revert` Panic 0x01 for what is no map, or a name that is no text */
export function attributeOf(machine: Machine, object: Value, name: Value): Value {
  const isList =
    object instanceof List || (object instanceof StateHandle && object.shape.kind === 'list');
  const isMap =
    object instanceof Dictionary || object instanceof StateHandle || object instanceof CellHandle;
  if (isList || !isMap || typeof name !== 'string') throw panic(PANIC.kind);
  return indexValue(machine, object, name);
}

/**
 * The items of a list, code points of a text or bytes from `start` to before `end`, which are brought
 * within the object; null is its beginning or its end. The items of a list of the state are read as
 * indexing reads them.
 *
 * @throws `Revert` Panic 0x01 for everything else
 */
export function sliceValue(machine: Machine, object: Value, start: Value, end: Value): Value {
  const { meter } = machine;
  if (typeof object === 'string') {
    readUtf8(meter, object);
    const [from, to] = bounds(codePoints(object), start, end);
    const unit = codeUnitOf(object, from);
    const part = object.slice(unit, unit + codeUnitOf(object.slice(unit), to - from));
    makeUtf8(meter, part);
    return part;
  }
  if (object instanceof Uint8Array) {
    const [from, to] = bounds(object.length, start, end);
    meter.hold('bytes');
    meter.chargeBytes(to - from);
    return object.slice(from, to);
  }
  if (object instanceof List) {
    const [from, to] = bounds(object.items.length, start, end);
    meter.hold('list');
    meter.chargeItems(to - from);
    return new List(object.items.slice(from, to));
  }
  const isHandle = object instanceof StateHandle || object instanceof CellHandle;
  if (!isHandle || (object instanceof StateHandle && object.shape.kind !== 'list')) {
    throw panic(PANIC.kind);
  }
  const [from, to] = bounds(stateLength(machine, object), start, end);
  const items: Value[] = [];
  for (let index = from; index < to; index += 1) {
    meter.chargeItems(1);
    items.push(stateIndex(machine, object, index));
  }
  return new List(items);
}

function bounds(length: number, start: Value, end: Value): readonly [from: number, to: number] {
  const from = start === null ? 0 : within(length, start);
  return [from, Math.max(from, end === null ? length : within(length, end))];
}

function within(length: number, place: Value): number {
  if (!isInteger(place)) throw panic(PANIC.kind);
  if (place < 0) return 0;
  return place < length ? Number(place) : length;
}

/**
 * Code points of a text, which is charged as read; bytes, items or entries of everything else.
 *
 * @throws `Revert` Panic 0x01 for what has no length
 */
export function lengthOf(machine: Machine, value: Value): number {
  if (typeof value === 'string') {
    makeUtf8(machine.meter, value);
    return codePoints(value);
  }
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof List) return value.items.length;
  if (value instanceof Dictionary) return value.entries.size;
  if (value instanceof StateHandle || value instanceof CellHandle) {
    return stateLength(machine, value);
  }
  throw panic(PANIC.kind);
}
