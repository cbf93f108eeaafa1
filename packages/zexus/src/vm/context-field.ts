import { TX_FIELDS } from '../bytecode/opcodes.ts';
import type { CallContext } from './host.ts';
import { Address, integer, type Value } from './value.ts';

/** What TX_READ reads: the field at `position` of `TX_FIELDS`. */
export function readContext(context: CallContext, position: number): Value {
  const field = TX_FIELDS[position] as (typeof TX_FIELDS)[number];
  const value = context[field];
  if (value instanceof Uint8Array) return new Address(value);
  return typeof value === 'bigint' ? integer(value) : value;
}
