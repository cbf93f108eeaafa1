import { equalBytes } from '@lucerna/base';
import type { MapHead } from '../layout/heads.ts';
import type { StateShape } from '../layout/schema.ts';
import { slotBehind, WORD_BYTES } from '../layout/slots.ts';
import { zexusLimits } from '../limits.ts';
import { cellContent, requirePosition } from './cell-containers.ts';
import { PANIC, panic } from './halt.ts';
import type { Machine } from './machine.ts';
import {
  chargeAccess,
  meteredEntrySlot,
  meteredPresenceSlot,
  readCell,
  storeWord,
  writeCell,
} from './state-access.ts';
import {
  generationAfter,
  loadKey,
  loadListHead,
  loadMapHead,
  loadSequence,
  meteredFirstElement,
  meteredSequenceSlot,
  storeListHead,
  storeMapHead,
} from './state-heads.ts';
import {
  CellHandle,
  Dictionary,
  isContainer,
  keyText,
  List,
  type Scalar,
  StateHandle,
  type Value,
} from './value.ts';

// How whole values get into places of the state and out of them, at any depth of nesting.

/** What is at a place of the state: the value of a cell, a handle of anything else. */
export function readPlace(machine: Machine, slot: Uint8Array, shape: StateShape): Value {
  return shape.kind === 'cell' ? readCell(machine, slot, shape.type) : new StateHandle(slot, shape);
}

/**
 * Makes a place of the state hold a value that has no handles in it: what is there is cleared first.
 *
 * @throws `Revert` Panic 0x01, 0x11, 0x41 as `writeCell`; 0x01 for a plain map
 */
export function place(machine: Machine, slot: Uint8Array, shape: StateShape, value: Value): void {
  switch (shape.kind) {
    case 'cell':
      writeCell(machine, slot, shape.type, value);
      return;
    case 'list':
      if (value !== null && !(value instanceof List)) throw panic(PANIC.kind);
      placeItems(machine, slot, shape.element, value?.items ?? []);
      return;
    case 'enumerable':
      if (value !== null && !(value instanceof Dictionary)) throw panic(PANIC.kind);
      placeEntries(machine, slot, shape.value, value ?? new Dictionary());
      return;
    case 'map':
      // Nobody knows what is in it, so nothing of it could be cleared.
      throw panic(PANIC.kind);
  }
}

/** Clears a list and fills it. What is empty stays in its generation: nothing of it is left there. */
function placeItems(
  machine: Machine,
  slot: Uint8Array,
  element: StateShape,
  items: readonly Value[],
): void {
  const old = loadListHead(machine, slot);
  if (old.length === 0 && items.length === 0) return;
  const generation = old.length === 0 ? old.generation : generationAfter(old.generation);
  if (items.length > 0) {
    const first = meteredFirstElement(machine.meter, slot, generation);
    items.forEach((item, index) => {
      place(machine, slotBehind(first, index), element, item);
    });
  }
  storeListHead(machine, slot, { generation, length: items.length });
}

/** The same for a map, which is as new when it had no entry since it was cleared. */
function placeEntries(
  machine: Machine,
  slot: Uint8Array,
  shape: StateShape,
  { entries }: Dictionary,
): void {
  const { meter } = machine;
  const old = loadMapHead(machine, slot);
  if (old.sequence === 0 && entries.size === 0) return;
  const generation = old.sequence === 0 ? old.generation : generationAfter(old.generation);
  let sequence = 0;
  for (const { key, value } of entries.values()) {
    const presence = meteredPresenceSlot(meter, slot, key, generation);
    chargeAccess(machine, presence);
    linkEntry(machine, slot, generation, sequence, key, presence);
    place(machine, meteredEntrySlot(meter, slot, key, generation), shape, value);
    sequence += 1;
  }
  storeMapHead(machine, slot, { generation, sequence, count: sequence });
}

/** Writes the presence of a new entry, whose word is accessed, and its key behind its number. */
function linkEntry(
  machine: Machine,
  mapSlot: Uint8Array,
  generation: bigint,
  sequence: number,
  key: Value,
  presence: Uint8Array,
): void {
  const word = new Uint8Array(WORD_BYTES);
  new DataView(word.buffer).setBigUint64(WORD_BYTES - 8, BigInt(sequence + 1));
  storeWord(machine, presence, word);
  const keySlot = meteredSequenceSlot(machine.meter, mapSlot, sequence, generation);
  writeCell(machine, keySlot, 'untyped', key);
}

/** Gives the enumerable map, whose head is `head`, the key, unless it has it. */
export function addEntry(machine: Machine, handle: StateHandle, head: MapHead, key: Scalar): void {
  const { slot } = handle;
  const { generation, sequence, count } = head;
  const presence = meteredPresenceSlot(machine.meter, slot, key, generation);
  if (loadSequence(machine, head, presence) !== undefined) return;
  if (sequence === 0) requireParent(machine, handle);
  linkEntry(machine, slot, generation, sequence, key, presence);
  storeMapHead(machine, slot, { generation, sequence: sequence + 1, count: count + 1 });
}

/**
 * Makes the container around a handle have the handle's key, before something is put into what is empty
 * there. Not for a handle whose place was left behind when that container was cleared: such a place belongs
 * to nothing any more.
 *
 * @throws `Revert` Panic 0x32 for an element behind the end of its list
 */
export function requireParent(machine: Machine, { slot, parent }: StateHandle): void {
  if (parent === undefined) return;
  const { container, key } = parent;
  const { shape } = container;
  if (shape.kind === 'list') {
    const head = loadListHead(machine, container.slot);
    const first = meteredFirstElement(machine.meter, container.slot, head.generation);
    if (equalBytes(slotBehind(first, key as number), slot)) requirePosition(key, head.length);
  } else if (shape.kind === 'enumerable') {
    const head = loadMapHead(machine, container.slot);
    const entry = meteredEntrySlot(machine.meter, container.slot, key, head.generation);
    if (equalBytes(entry, slot)) addEntry(machine, container, head, key);
  } else {
    requireParent(machine, container);
  }
}

/**
 * The copy in memory of a value that is `level` lists and maps deep in what is copied.
 *
 * @throws `Revert` Panic 0x01 for a plain map, 0x41 when it is nested too deep
 */
export function copyOf(machine: Machine, value: Value, level: number): Value {
  if (!isContainer(value)) return value;
  if (level >= zexusLimits.values.valueLevels) throw panic(PANIC.allocation);
  if (value instanceof CellHandle) {
    const content = cellContent(machine, value);
    // What is in a cell alone is within the bound.
    return level === 0 ? content : copyOf(machine, content, level);
  }
  if (value instanceof StateHandle) return copyOfState(machine, value, level);
  if (value instanceof List) {
    machine.meter.hold('list');
    machine.meter.chargeItems(value.items.length);
    return new List(value.items.map((item) => copyOf(machine, item, level + 1)));
  }
  machine.meter.hold('map');
  machine.meter.chargeEntries(value.entries.size);
  const copy = new Dictionary();
  for (const [text, { key, value: item }] of value.entries) {
    copy.entries.set(text, { key, value: copyOf(machine, item, level + 1) });
  }
  return copy;
}

function copyOfState(machine: Machine, { slot, shape }: StateHandle, level: number): Value {
  const { meter } = machine;
  if (shape.kind === 'list') {
    const { generation, length } = loadListHead(machine, slot);
    meter.chargeItems(length);
    const items: Value[] = [];
    const first = meteredFirstElement(meter, slot, generation);
    for (let index = 0; index < length; index += 1) {
      const item = readPlace(machine, slotBehind(first, index), shape.element);
      items.push(copyOf(machine, item, level + 1));
    }
    return new List(items);
  }
  if (shape.kind !== 'enumerable') throw panic(PANIC.kind);
  const { generation, sequence, count } = loadMapHead(machine, slot);
  meter.chargeEntries(count);
  const copy = new Dictionary();
  for (let number = 0; copy.entries.size < count; number += 1) {
    // Fewer keys than are counted, or one of them twice: none of ours.
    if (number >= sequence) throw panic(PANIC.storage);
    const key = loadKey(machine, slot, number, generation);
    if (key === null) continue;
    const entry = meteredEntrySlot(meter, slot, key, generation);
    const value = readPlace(machine, entry, shape.value);
    copy.entries.set(keyText(key), { key, value: copyOf(machine, value, level + 1) });
  }
  return copy;
}
