import { assert } from '@lucerna/base';
import type { StateShape } from '../layout/schema.ts';
import { LEDGER_SLOT, STATE_SLOT, slotBehind, WORD_BYTES } from '../layout/slots.ts';
import {
  type CellWalk,
  cellClear,
  cellHas,
  cellIndex,
  cellInsert,
  cellLength,
  cellRemove,
  cellStore,
  cellTake,
  cellWalk,
  positionIn,
  requirePosition,
} from './cell-containers.ts';
import { PANIC, panic } from './halt.ts';
import { type Machine, requireWritable } from './machine.ts';
import {
  meteredEntrySlot,
  meteredPresenceSlot,
  readCell,
  requireKey,
  storeWord,
  writeCell,
} from './state-access.ts';
import {
  loadKey,
  loadListHead,
  loadMapHead,
  loadSequence,
  meteredFirstElement,
  meteredSequenceSlot,
  storeListHead,
  storeMapHead,
} from './state-heads.ts';
import { addEntry, copyOf, place, readPlace, requireParent } from './state-places.ts';
import { CellHandle, type Scalar, StateHandle, type Value, type ValueIterator } from './value.ts';

// Maps and lists of the state: docs/spec/storage.md. A handle says where a container is and nothing of what
// is in it: each operation reads the state anew, because calls and handlers of failures may change it.

/** A list or map in the state, stored as one or as a value of an untyped cell. */
export type Handle = CellHandle | StateHandle;

/** State that every contract has without declaring it. */
const UNTYPED: StateShape = { kind: 'cell', type: 'untyped' };
const NAMED: StateHandle = new StateHandle(STATE_SLOT, { kind: 'map', value: UNTYPED });
const LEDGER: StateHandle = new StateHandle(LEDGER_SLOT, { kind: 'list', element: UNTYPED });

const ZERO_WORD: Uint8Array = new Uint8Array(WORD_BYTES);

/**
 * Makes a place of the state hold a value: a list or map is copied into it, null empties it.
 *
 * @throws `Revert` Panic 0x01 for a value of another kind than the place's, for functions, and for a place
 *   that is a plain map; 0x11 for a number out of the range of its cell; 0x41; `Failure` STATIC_WRITE
 */
export function writePlace(
  machine: Machine,
  slot: Uint8Array,
  shape: StateShape,
  value: Value,
): void {
  requireWritable(machine);
  // The copy comes first: the value may be what is at the place, or within it.
  place(machine, slot, shape, materialise(machine, value));
}

/**
 * A copy of a list or map in memory, with copies of all lists and maps in it; any other value itself.
 *
 * @throws `Revert` Panic 0x01 for a plain map, 0x41 when it is nested too deep
 */
export function materialise(machine: Machine, value: Value): Value {
  return copyOf(machine, value, 0);
}

/** The item or entry of a key: null, or the zero of a typed cell, when there is none. */
export function stateIndex(machine: Machine, handle: Handle, key: Value): Value {
  if (handle instanceof CellHandle) return cellIndex(machine, handle, key);
  const { slot, shape } = handle;
  if (shape.kind === 'list') {
    const head = loadListHead(machine, slot);
    const position = positionIn(key, head.length);
    if (position === undefined) return null;
    const first = meteredFirstElement(machine.meter, slot, head.generation);
    return child(machine, handle, position, slotBehind(first, position), shape.element);
  }
  const generation = generationOf(machine, handle);
  const entry = meteredEntrySlot(machine.meter, slot, key, generation);
  return child(machine, handle, key as Scalar, entry, valueShape(shape));
}

/**
 * Makes `value` the item or entry of a key.
 *
 * @throws as {@link writePlace}; `Revert` Panic 0x32 beyond the end of a list
 */
export function stateStore(machine: Machine, handle: Handle, key: Value, value: Value): void {
  requireWritable(machine);
  const copy = materialise(machine, value);
  if (handle instanceof CellHandle) {
    cellStore(machine, handle, key, copy);
    return;
  }
  const { slot, shape } = handle;
  if (shape.kind === 'list') {
    const head = loadListHead(machine, slot);
    const position = requirePosition(key, head.length);
    const first = meteredFirstElement(machine.meter, slot, head.generation);
    place(machine, slotBehind(first, position), shape.element, copy);
    return;
  }
  let generation = 0n;
  if (shape.kind === 'enumerable') {
    const head = loadMapHead(machine, slot);
    addEntry(machine, handle, head, requireKey(key));
    generation = head.generation;
  } else {
    requireParent(machine, handle);
  }
  const entry = meteredEntrySlot(machine.meter, slot, key, generation);
  place(machine, entry, valueShape(shape), copy);
}

/** Whether an enumerable map has the key. @throws `Revert` Panic 0x01 for a list or a plain map */
export function stateHas(machine: Machine, handle: Handle, key: Value): boolean {
  if (handle instanceof CellHandle) return cellHas(machine, handle, key);
  requireKind(handle, 'enumerable');
  const head = loadMapHead(machine, handle.slot);
  const presence = meteredPresenceSlot(machine.meter, handle.slot, key, head.generation);
  return loadSequence(machine, head, presence) !== undefined;
}

/**
 * Takes an entry out of an enumerable map; whether there was one.
 *
 * @throws `Revert` Panic 0x01 for a list or a plain map
 */
export function stateRemove(machine: Machine, handle: Handle, key: Value): boolean {
  requireWritable(machine);
  if (handle instanceof CellHandle) return cellRemove(machine, handle, key);
  const { slot, shape } = handle;
  requireKind(handle, 'enumerable');
  const { meter } = machine;
  const head = loadMapHead(machine, slot);
  const presence = meteredPresenceSlot(meter, slot, key, head.generation);
  const sequence = loadSequence(machine, head, presence);
  if (sequence === undefined) return false;
  const entry = meteredEntrySlot(meter, slot, key, head.generation);
  place(machine, entry, valueShape(shape), null);
  storeWord(machine, presence, ZERO_WORD);
  const keySlot = meteredSequenceSlot(meter, slot, sequence, head.generation);
  writeCell(machine, keySlot, 'untyped', null);
  // A presence word without a counted entry is none of ours.
  if (head.count === 0) throw panic(PANIC.storage);
  storeMapHead(machine, slot, { ...head, count: head.count - 1 });
  return true;
}

/** Items of a list, entries of an enumerable map. @throws `Revert` Panic 0x01 for a plain map */
export function stateLength(machine: Machine, handle: Handle): number {
  if (handle instanceof CellHandle) return cellLength(machine, handle);
  const { slot, shape } = handle;
  if (shape.kind === 'list') return loadListHead(machine, slot).length;
  requireKind(handle, 'enumerable');
  return loadMapHead(machine, slot).count;
}

/** Puts an item behind the last of a list. @throws as {@link stateStore} */
export function statePush(machine: Machine, handle: Handle, value: Value): void {
  insertItem(machine, handle, undefined, value);
}

/**
 * Takes the last item out of a list and returns a copy of it; null when the list is empty.
 *
 * @throws `Revert` Panic 0x01 for a map
 */
export function statePop(machine: Machine, handle: Handle): Value {
  return takeItem(machine, handle, undefined);
}

/**
 * Puts an item before the one at `index` of a list, which may be that behind the last. All behind it are
 * written again.
 *
 * @throws as {@link stateStore}
 */
export function stateInsertAt(machine: Machine, handle: Handle, index: Value, value: Value): void {
  insertItem(machine, handle, index, value);
}

/**
 * Takes the item at `index` out of a list and returns a copy of it. All behind it are written again.
 *
 * @throws `Revert` Panic 0x32 when there is none, 0x01 for a map
 */
export function stateRemoveAt(machine: Machine, handle: Handle, index: Value): Value {
  return takeItem(machine, handle, index);
}

/** Leaves nothing in a list or an enumerable map. @throws `Revert` Panic 0x01 for a plain map */
export function stateClear(machine: Machine, handle: Handle): void {
  requireWritable(machine);
  if (handle instanceof CellHandle) cellClear(machine, handle);
  else place(machine, handle.slot, handle.shape, null);
}

/** What a loop is at: the key of a map or the position in a list, and what is there. */
export type StateItem = { readonly key: Value; readonly value: Value };

/**
 * The next entry or item of a list or map of the state; undefined at the end. A loop sees what is added
 * while it runs and not what is removed before it gets there; of a map or list in an untyped cell it sees
 * what was there when it began.
 *
 * @param iterator whose source is a handle; it moves on
 * @throws `Revert` Panic 0x01 for a plain map
 */
export function stateNext(machine: Machine, iterator: ValueIterator): StateItem | undefined {
  const handle = iterator.source as Handle;
  if (handle instanceof CellHandle) return nextOfCell(machine, iterator, handle);
  if (handle.shape.kind === 'list') return nextElement(machine, iterator, handle);
  const key = nextKey(machine, iterator, handle);
  if (key === undefined) return undefined;
  const { slot, shape } = handle;
  const entry = meteredEntrySlot(machine.meter, slot, key, iterator.cursor as bigint);
  return { key, value: child(machine, handle, key, entry, valueShape(shape)) };
}

/** The key alone of what {@link stateNext} comes to: the value is not read. */
export function stateNextKey(machine: Machine, iterator: ValueIterator): Value | undefined {
  const handle = iterator.source as Handle;
  if (handle instanceof CellHandle) return nextOfCell(machine, iterator, handle)?.key;
  if (handle.shape.kind !== 'list') return nextKey(machine, iterator, handle);
  if (iterator.position >= loadListHead(machine, handle.slot).length) return undefined;
  iterator.position += 1;
  return iterator.position - 1;
}

/** What a loop with one variable is given: an item of a list, of a map the key, without its value. */
export function stateNextItem(machine: Machine, iterator: ValueIterator): Value | undefined {
  const handle = iterator.source as Handle;
  const isMap =
    handle instanceof CellHandle
      ? walkOfCell(machine, iterator, handle).isMap
      : handle.shape.kind !== 'list';
  return isMap ? stateNextKey(machine, iterator) : stateNext(machine, iterator)?.value;
}

/** `state_read(key)`: null where nothing was written. */
export function readNamed(machine: Machine, key: Value): Value {
  return stateIndex(machine, NAMED, key);
}

/** `state_write(key, value)`. @throws as `stateStore` */
export function writeNamed(machine: Machine, key: Value, value: Value): void {
  stateStore(machine, NAMED, key, value);
}

/** LEDGER_APPEND. @throws as `statePush` */
export function appendLedger(machine: Machine, value: Value): void {
  statePush(machine, LEDGER, value);
}

/** `ledger_get(index)`: null where there is no entry. */
export function ledgerGet(machine: Machine, index: Value): Value {
  return stateIndex(machine, LEDGER, index);
}

/** `ledger_length()`. */
export function ledgerLength(machine: Machine): number {
  return stateLength(machine, LEDGER);
}

/** What is at the slot of an entry or element: a cell's value, or a handle that knows its parent. */
function child(
  machine: Machine,
  container: StateHandle,
  key: Scalar,
  slot: Uint8Array,
  shape: StateShape,
): Value {
  if (shape.kind === 'cell') return readCell(machine, slot, shape.type);
  return new StateHandle(slot, shape, { container, key });
}

/** Shape of the entries of a map. */
function valueShape(shape: StateShape): StateShape {
  assert(shape.kind === 'map' || shape.kind === 'enumerable', 'a map');
  return shape.value;
}

/** The generation of a map: that of a plain one is 0, and is not read. */
function generationOf(machine: Machine, { slot, shape }: StateHandle): bigint {
  return shape.kind === 'enumerable' ? loadMapHead(machine, slot).generation : 0n;
}

function requireKind({ shape }: StateHandle, kind: StateShape['kind']): void {
  if (shape.kind !== kind) throw panic(PANIC.kind);
}

function insertItem(
  machine: Machine,
  handle: Handle,
  index: Value | undefined,
  value: Value,
): void {
  requireWritable(machine);
  const copy = materialise(machine, value);
  if (handle instanceof CellHandle) {
    cellInsert(machine, handle, index, copy);
    return;
  }
  const { slot, shape } = handle;
  if (shape.kind !== 'list') throw panic(PANIC.kind);
  const { generation, length } = loadListHead(machine, slot);
  const position = requirePosition(index === undefined ? length : index, length + 1);
  if (length === 0) requireParent(machine, handle);
  const first = meteredFirstElement(machine.meter, slot, generation);
  for (let to = length; to > position; to -= 1) move(machine, first, to - 1, to, shape.element);
  place(machine, slotBehind(first, position), shape.element, copy);
  storeListHead(machine, slot, { generation, length: length + 1 });
}

function takeItem(machine: Machine, handle: Handle, index: Value | undefined): Value {
  requireWritable(machine);
  if (handle instanceof CellHandle) return cellTake(machine, handle, index);
  const { slot, shape } = handle;
  if (shape.kind !== 'list') throw panic(PANIC.kind);
  const { generation, length } = loadListHead(machine, slot);
  if (index === undefined && length === 0) return null;
  const position = requirePosition(index === undefined ? length - 1 : index, length);
  const first = meteredFirstElement(machine.meter, slot, generation);
  const taken = readPlace(machine, slotBehind(first, position), shape.element);
  const copy = materialise(machine, taken);
  for (let to = position; to < length - 1; to += 1) move(machine, first, to + 1, to, shape.element);
  place(machine, slotBehind(first, length - 1), shape.element, null);
  storeListHead(machine, slot, { generation, length: length - 1 });
  return copy;
}

/** Copies the element `from` of a list over the element `to`. */
function move(machine: Machine, first: bigint, from: number, to: number, shape: StateShape): void {
  const value = readPlace(machine, slotBehind(first, from), shape);
  place(machine, slotBehind(first, to), shape, materialise(machine, value));
}

function nextOfCell(
  machine: Machine,
  iterator: ValueIterator,
  handle: CellHandle,
): StateItem | undefined {
  const item = walkOfCell(machine, iterator, handle).entries[iterator.position];
  if (item !== undefined) iterator.position += 1;
  return item;
}

function walkOfCell(machine: Machine, iterator: ValueIterator, handle: CellHandle): CellWalk {
  iterator.cursor ??= cellWalk(machine, handle);
  return iterator.cursor as CellWalk;
}

function nextElement(
  machine: Machine,
  iterator: ValueIterator,
  handle: StateHandle,
): StateItem | undefined {
  const { slot, shape } = handle;
  if (shape.kind !== 'list') throw panic(PANIC.kind);
  const { generation, length } = loadListHead(machine, slot);
  const key = iterator.position;
  if (key >= length) return undefined;
  iterator.position += 1;
  const first = meteredFirstElement(machine.meter, slot, generation);
  return { key, value: child(machine, handle, key, slotBehind(first, key), shape.element) };
}

/** Goes to the next sequence number that has a key; the cursor is the generation that it belongs to. */
function nextKey(
  machine: Machine,
  iterator: ValueIterator,
  { slot, shape }: StateHandle,
): Scalar | undefined {
  if (shape.kind !== 'enumerable') throw panic(PANIC.kind);
  const { generation, sequence } = loadMapHead(machine, slot);
  if (iterator.cursor !== generation) {
    // The loop begins, or the map was cleared: its numbers are from the start again.
    iterator.cursor = generation;
    iterator.position = 0;
  }
  while (iterator.position < sequence) {
    iterator.position += 1;
    const key = loadKey(machine, slot, iterator.position - 1, generation);
    if (key !== null) return key;
  }
  return undefined;
}
