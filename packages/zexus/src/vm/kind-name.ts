import { cellContent } from './cell-containers.ts';
import { PANIC, panic } from './halt.ts';
import type { Machine } from './machine.ts';
import {
  Address,
  CellHandle,
  Closure,
  Dictionary,
  List,
  StateHandle,
  type Value,
} from './value.ts';

/**
 * What `type()` calls the kind of a value. Of a container within an untyped cell that takes reading it.
 */
export function kindName(machine: Machine, value: Value): string {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 'integer';
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    default:
      return value === null ? 'null' : objectKind(machine, value);
  }
}

function objectKind(
  machine: Machine,
  value: Exclude<Value, null | boolean | number | bigint | string>,
): string {
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Address) return 'address';
  if (value instanceof List) return 'list';
  if (value instanceof Dictionary) return 'map';
  if (value instanceof Closure) return 'function';
  if (value instanceof StateHandle) return value.shape.kind === 'list' ? 'list' : 'map';
  if (value instanceof CellHandle) return kindName(machine, cellContent(machine, value));
  throw panic(PANIC.kind);
}
