import { present } from '@lucerna/base';
import { TX_FIELDS } from '../bytecode/opcodes.ts';
import type { ScalarType } from './types.ts';

type MachineField = (typeof TX_FIELDS)[number];

/** A field of the call's circumstances: which one TX_READ reads, and its type. */
export type ContextField = {
  readonly name: MachineField;
  readonly field: number;
  readonly type: ScalarType;
};

const machineField = (name: MachineField, type: ScalarType): ContextField => ({
  name,
  field: TX_FIELDS.indexOf(name),
  type,
});

const FIELDS: ReadonlyMap<string, ContextField> = new Map([
  ['TX.caller', machineField('caller', 'address')],
  ['TX.value', machineField('value', 'integer')],
  ['TX.origin', machineField('origin', 'address')],
  ['TX.timestamp', machineField('timestamp', 'integer')],
  ['TX.block_number', machineField('height', 'integer')],
  ['TX.chain_id', machineField('chainId', 'integer')],
  ['TX.coinbase', machineField('coinbase', 'address')],
  ['TX.gas_price', machineField('gasPrice', 'integer')],
  ['msg.sender', machineField('caller', 'address')],
  ['msg.value', machineField('value', 'integer')],
  ['this', machineField('address', 'address')],
]);

/** `TX.member` or `msg.member`; undefined when there is no such field. */
export function contextField(object: string, member: string): ContextField | undefined {
  return FIELDS.get(`${object}.${member}`);
}

const address = present(FIELDS.get('this'), 'this is an address');

/** What `this` alone means: the contract's own address. */
export const CONTRACT_ADDRESS: Pick<ContextField, 'field' | 'type'> = {
  field: address.field,
  type: address.type,
};
