import { TX_FIELDS } from '../bytecode/opcodes.ts';
import type { Machine } from './machine.ts';
import { Address, integer, type Value } from './value.ts';

/** What TX_READ reads: the field at `position` of `TX_FIELDS`. */
export function readContext({ context, calldata }: Machine, position: number): Value {
  const field = TX_FIELDS[position] as (typeof TX_FIELDS)[number];
  switch (field) {
    case 'data':
      return calldata;
    case 'gasLimit':
      return integer(context.blockGasLimit);
    case 'parentHash':
      return context.parentHash;
    case 'height':
    case 'timestamp':
      return context[field];
    case 'value':
    case 'chainId':
    case 'gasPrice':
      return integer(context[field]);
    default:
      return new Address(context[field]);
  }
}
