import { concatBytes } from '@lucerna/base';
import { equals } from './arithmetic.ts';
import {
  type BuiltinBody,
  itemsOf,
  memoryOf,
  readText,
  requireContainer,
} from './builtin-arguments.ts';
import { hasKey } from './builtins-maps.ts';
import { findText } from './builtins-text.ts';
import { indexValue, lengthOf, sliceValue } from './containers.ts';
import { PANIC, panic } from './halt.ts';
import type { Machine } from './machine.ts';
import { codePoints, requireLength } from './text.ts';
import { reverseText } from './text-bytes.ts';
import { Dictionary, List, StateHandle, type Value } from './value.ts';
import { concatenate } from './value-text.ts';

/** Builtins that several kinds of values have in common: texts, bytes, lists, maps. */
export const SEQUENCE_BODIES: Readonly<Record<string, BuiltinBody>> = {
  len: (machine, value) => lengthOf(machine, value),
  is_empty: (machine, value) => {
    // Of a text nothing has to be read.
    if (typeof value === 'string') return value === '';
    return lengthOf(machine, value) === 0;
  },
  contains: (machine, value, part) => {
    if (typeof value === 'string') return findText(machine, value, part) >= 0;
    const container = requireContainer(value);
    if (container instanceof StateHandle) {
      return container.shape.kind === 'list'
        ? findItem(machine, container, part) >= 0
        : hasKey(machine, container, part);
    }
    const memory = memoryOf(machine, container);
    return memory instanceof Dictionary
      ? hasKey(machine, memory, part)
      : findItem(machine, memory, part) >= 0;
  },
  index_of: (machine, value, part) => {
    if (typeof value !== 'string') return findItem(machine, requireContainer(value), part);
    const at = findText(machine, value, part);
    return at < 0 ? -1 : codePoints(value.slice(0, at));
  },
  concat,
  reverse: (machine, value) => {
    if (typeof value === 'string') {
      readText(machine, value);
      return reverseText(readText(machine, value));
    }
    if (value instanceof Uint8Array) {
      machine.meter.hold('bytes');
      machine.meter.chargeBytes(value.length);
      return value.slice().reverse();
    }
    const items = itemsOf(machine, value);
    machine.meter.chargeItems(items.length);
    return new List([...items].reverse());
  },
  slice: (machine, value, start, end) => sliceValue(machine, value, start, end),
};

/**
 * The first position of an item that equals `wanted`; -1 when there is none. Each item that is looked
 * at is charged, one of the state as the read that it is.
 */
function findItem(machine: Machine, list: Value, wanted: Value): number {
  if (list instanceof StateHandle && list.shape.kind === 'list') {
    const length = lengthOf(machine, list);
    for (let index = 0; index < length; index += 1) {
      if (isItem(machine, indexValue(machine, list, index), wanted)) return index;
    }
    return -1;
  }
  const items = itemsOf(machine, list);
  for (let index = 0; index < items.length; index += 1) {
    if (isItem(machine, items[index] as Value, wanted)) return index;
  }
  return -1;
}

function isItem(machine: Machine, item: Value, wanted: Value): boolean {
  machine.meter.chargeVisits(1);
  return equals(machine, item, wanted);
}

/** Both one after the other, in a new value of their kind. */
function concat(machine: Machine, first: Value, second: Value): Value {
  const { meter } = machine;
  if (typeof first === 'string' && typeof second === 'string') {
    return concatenate(machine, first, second);
  }
  if (first instanceof Uint8Array || second instanceof Uint8Array) {
    if (!(first instanceof Uint8Array && second instanceof Uint8Array)) throw panic(PANIC.kind);
    requireLength(first.length + second.length);
    meter.hold('bytes');
    meter.chargeBytes(first.length + second.length);
    return concatBytes(first, second);
  }
  const [left, right] = [itemsOf(machine, first), itemsOf(machine, second)];
  meter.chargeItems(left.length + right.length);
  return new List([...left, ...right]);
}
