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
  ['TX.sender', machineField('caller', 'address')],
  ['TX.value', machineField('value', 'integer')],
  ['TX.origin', machineField('origin', 'address')],
  ['TX.timestamp', machineField('timestamp', 'integer')],
  ['TX.block_number', machineField('height', 'integer')],
  ['TX.height', machineField('height', 'integer')],
  ['TX.block_hash', machineField('parentHash', 'bytes32')],
  ['TX.chain_id', machineField('chainId', 'integer')],
  ['TX.coinbase', machineField('coinbase', 'address')],
  ['TX.gas_price', machineField('gasPrice', 'integer')],
  ['TX.gas_limit', machineField('gasLimit', 'integer')],
  ['TX.data', machineField('data', 'bytes')],
  ['msg.sender', machineField('caller', 'address')],
  ['msg.value', machineField('value', 'integer')],
  ['msg.data', machineField('data', 'bytes')],
  ['this', machineField('address', 'address')],
]);

/** `TX.member` or `msg.member`; undefined when there is no such field. */
export function contextField(object: string, member: string): ContextField | undefined {
  return FIELDS.get(`${object}.${member}`);
}

/** Whether the name has fields about the call. */
export function isContextName(name: string): boolean {
  return name === 'TX' || name === 'msg';
}

/** What can be asked for, as a hint. */
export function contextHint(object: string): string {
  if (object === 'msg') return 'the fields are msg.sender, msg.value and msg.data';
  const prefix = 'TX.';
  const names = [...FIELDS.keys()].filter((name) => name.startsWith(prefix));
  return `the fields are ${names.map((name) => name.slice(prefix.length)).join(', ')}`;
}

const address = present(FIELDS.get('this'), 'this is an address');

/** What `this` alone means: the contract's own address. */
export const CONTRACT_ADDRESS: Pick<ContextField, 'field' | 'type'> = {
  field: address.field,
  type: address.type,
};
