import type { EntryCursor } from './entries.ts';
import { PANIC, panic } from './halt.ts';
import type { Machine } from './machine.ts';
import { stateNext, stateNextItem } from './state-containers.ts';
import { CellHandle, Dictionary, List, StateHandle, type Value, ValueIterator } from './value.ts';

/**
 * Begins to walk over the items of a list, the entries of a map in the order of their insertion, the
 * code points of a text, or bytes. What is added on the way is visited, what is removed is not.
 *
 * @throws `Revert` Panic 0x01 for everything else, plain maps of the state among it
 */
export function iterate(source: Value): ValueIterator {
  const isWalkable =
    typeof source === 'string' ||
    source instanceof Uint8Array ||
    source instanceof List ||
    source instanceof Dictionary ||
    source instanceof CellHandle ||
    (source instanceof StateHandle && source.shape.kind !== 'map');
  if (!isWalkable) throw panic(PANIC.kind);
  const iterator = new ValueIterator(source);
  if (source instanceof Dictionary) iterator.cursor = source.entries.start();
  return iterator;
}

/**
 * Puts the next item into `into`, of a map the next key; in pairs the key or position into `into` and the
 * value behind it. False at the end. Items in memory cost nothing beside the instruction, but code points
 * are made.
 */
export function advance(
  machine: Machine,
  iterator: ValueIterator,
  registers: Value[],
  into: number,
  isPair: boolean,
): boolean {
  const { source, position } = iterator;
  let key: Value = position;
  let value: Value;
  if (source instanceof List) {
    if (position >= source.items.length) return false;
    value = source.items[position] as Value;
    iterator.position = position + 1;
  } else if (source instanceof Dictionary) {
    const next = source.entries.after(iterator.cursor as EntryCursor<Value>);
    if (next === undefined) return false;
    ({ key, value } = next);
    iterator.cursor = next;
    if (!isPair) value = key;
  } else if (source instanceof Uint8Array) {
    if (position >= source.length) return false;
    value = source[position] as number;
    iterator.position = position + 1;
  } else if (typeof source === 'string') {
    const unit = (iterator.cursor as number | undefined) ?? 0;
    const point = source.codePointAt(unit);
    if (point === undefined) return false;
    machine.meter.chargeItems(1);
    value = String.fromCodePoint(point);
    iterator.cursor = unit + value.length;
    iterator.position = position + 1;
  } else if (isPair) {
    const next = stateNext(machine, iterator);
    if (next === undefined) return false;
    ({ key, value } = next);
  } else {
    const next = stateNextItem(machine, iterator);
    if (next === undefined) return false;
    value = next;
  }
  registers[into] = isPair ? key : value;
  if (isPair) registers[into + 1] = value;
  return true;
}
