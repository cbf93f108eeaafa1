import { decodeContainerPayload } from '../layout/value-encoding.ts';
import { isContainerTag } from '../layout/value-tags.ts';
import type { KeyedEntry } from './entries.ts';
import { PANIC, panic } from './halt.ts';
import { type Machine, requireWritable } from './machine.ts';
import { entryKey } from './map-key.ts';
import type { Meter } from './meter.ts';
import { readContent, requireKey, writeCell } from './state-access.ts';
import { CellHandle, Dictionary, isScalar, List, type Scalar, type Value } from './value.ts';

// Lists and maps that an untyped cell holds as a value. Each operation reads the cell anew and follows the
// path; each write encodes the whole value again and writes the words that are others than before, while
// those that are not cost as much as a read. Values that are given are in memory: no handles in them.

/** The list or map of a handle, for the caller to keep. @throws `Revert` Panic 0x01 when it is gone */
export function cellContent(machine: Machine, handle: CellHandle): Dictionary | List {
  return follow(machine.meter, readRoot(machine, handle.slot), handle.path);
}

/** The item or entry of a key; null when there is none; a list or map as a handle. */
export function cellIndex(machine: Machine, handle: CellHandle, key: Value): Value {
  const target = cellContent(machine, handle);
  if (target instanceof List) {
    const position = positionIn(key, target.items.length);
    return position === undefined ? null : within(handle, position, target.items[position]);
  }
  const scalar = requireKey(key);
  return within(handle, scalar, target.entries.get(entryKey(machine.meter, scalar))?.value);
}

/** @throws `Revert` Panic 0x32 beyond the end of a list */
export function cellStore(machine: Machine, handle: CellHandle, key: Value, value: Value): void {
  change(machine, handle, (target) => {
    if (target instanceof List) target.items[requirePosition(key, target.items.length)] = value;
    else setEntry(machine.meter, target, requireKey(key), value);
  });
}

/** Whether a map has the key. @throws `Revert` Panic 0x01 for a list */
export function cellHas(machine: Machine, handle: CellHandle, key: Value): boolean {
  return mapOnly(cellContent(machine, handle)).entries.has(entryKey(machine.meter, key));
}

/** Takes an entry out of a map; whether there was one. A cell that has none is not written. */
export function cellRemove(machine: Machine, handle: CellHandle, key: Value): boolean {
  requireWritable(machine);
  const root = readRoot(machine, handle.slot);
  const target = mapOnly(follow(machine.meter, root, handle.path));
  if (!target.entries.delete(entryKey(machine.meter, key))) return false;
  writeCell(machine, handle.slot, 'untyped', root);
  return true;
}

/** Items of a list, entries of a map. */
export function cellLength(machine: Machine, handle: CellHandle): number {
  const target = cellContent(machine, handle);
  return target instanceof List ? target.items.length : target.entries.size;
}

/** Puts an item before the one at `index`, or behind the last. @throws `Revert` Panic 0x32 */
export function cellInsert(
  machine: Machine,
  handle: CellHandle,
  index: Value | undefined,
  value: Value,
): void {
  change(machine, handle, (target) => {
    const { items } = listOnly(target);
    const position = index === undefined ? items.length : requirePosition(index, items.length + 1);
    items.splice(position, 0, value);
  });
}

/**
 * Takes an item out of a list, by default the last: null when there is none, and nothing is written.
 *
 * @throws `Revert` Panic 0x32 for an index beyond the end
 */
export function cellTake(machine: Machine, handle: CellHandle, index?: Value): Value {
  requireWritable(machine);
  const root = readRoot(machine, handle.slot);
  const { items } = listOnly(follow(machine.meter, root, handle.path));
  if (index === undefined && items.length === 0) return null;
  const last = items.length - 1;
  const position = requirePosition(index === undefined ? last : index, items.length);
  const [taken] = items.splice(position, 1);
  writeCell(machine, handle.slot, 'untyped', root);
  return taken as Value;
}

/** Leaves a list or map with nothing in it. */
export function cellClear(machine: Machine, handle: CellHandle): void {
  change(machine, handle, (target) => {
    if (target instanceof List) target.items.length = 0;
    else target.entries.clear();
  });
}

/** What a loop walks over: the items or entries as they are when it begins. */
export type CellWalk = { readonly isMap: boolean; readonly entries: readonly KeyedEntry<Value>[] };

/** The items or entries of a handle, those that are lists or maps as handles. */
export function cellWalk(machine: Machine, handle: CellHandle): CellWalk {
  const target = cellContent(machine, handle);
  machine.meter.chargeItems(target instanceof List ? target.items.length : target.entries.size);
  if (target instanceof List) {
    const entries = target.items.map((item, key) => ({ key, value: within(handle, key, item) }));
    return { isMap: false, entries };
  }
  const entries = [...target.entries.values()].map(({ key, value }) => ({
    key,
    value: within(handle, key as Scalar, value),
  }));
  return { isMap: true, entries };
}

/**
 * A key as a place in a list of `length` items; undefined where the list has none.
 *
 * @throws `Revert` Panic 0x01 unless it is an integer
 */
export function positionIn(key: Value, length: number): number | undefined {
  if (typeof key === 'bigint') return undefined;
  if (typeof key !== 'number') throw panic(PANIC.kind);
  return key >= 0 && key < length ? key : undefined;
}

/** The same for a place that there has to be. @throws `Revert` Panic 0x01, 0x32 */
export function requirePosition(key: Value, length: number): number {
  const position = positionIn(key, length);
  if (position === undefined) throw panic(PANIC.index);
  return position;
}

/** Reads the cell, changes the target and writes all of it again. */
function change(
  machine: Machine,
  handle: CellHandle,
  edit: (target: Dictionary | List) => void,
): void {
  requireWritable(machine);
  const root = readRoot(machine, handle.slot);
  edit(follow(machine.meter, root, handle.path));
  writeCell(machine, handle.slot, 'untyped', root);
}

function readRoot(machine: Machine, slot: Uint8Array): Dictionary | List {
  const { tag, payload } = readContent(machine, slot);
  if (!isContainerTag(tag)) throw panic(PANIC.kind);
  const root = decodeContainerPayload(machine.meter, tag, payload);
  if (root === undefined) throw panic(PANIC.storage);
  return root;
}

function follow(meter: Meter, root: Dictionary | List, path: readonly Value[]): Dictionary | List {
  let at: Value | undefined = root;
  for (const key of path) {
    if (at instanceof List && typeof key === 'number') at = at.items[key];
    else if (at instanceof Dictionary) at = at.entries.get(entryKey(meter, key))?.value;
    else throw panic(PANIC.kind);
  }
  if (at instanceof List || at instanceof Dictionary) return at;
  throw panic(PANIC.kind);
}

/** What is behind a key of the handle: nothing is null, a list or map a handle. */
function within(handle: CellHandle, key: Scalar, value: Value | undefined): Value {
  if (value === undefined) return null;
  return isScalar(value) ? value : new CellHandle(handle.slot, [...handle.path, key]);
}

function setEntry(meter: Meter, map: Dictionary, key: Scalar, value: Value): void {
  map.entries.set(entryKey(meter, key), { key, value });
}

function mapOnly(target: Dictionary | List): Dictionary {
  if (target instanceof Dictionary) return target;
  throw panic(PANIC.kind);
}

function listOnly(target: Dictionary | List): List {
  if (target instanceof List) return target;
  throw panic(PANIC.kind);
}
