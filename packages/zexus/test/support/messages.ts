import { concatBytes, fromHex } from '@lucerna/base';
import { type AbiValue, encodeAbi } from '@lucerna/protocol';
import type { AbiField, Container } from '../../src/bytecode/container.ts';
import { functionSelector } from '../../src/bytecode/selector.ts';
import { Address } from '../../src/vm/value.ts';
import { abiTypeOf, encoded, fromAbiValue, toAbiValue } from './reference/convert.ts';
import { RefList, RefMap, type RefValue } from './reference/values.ts';
import type { Tape } from './tape.ts';

/** A transaction to a generated contract: its deployment, or a call of an action. */
export type Message = {
  /** Index of the action; undefined is the deployment. */
  readonly action: number | undefined;
  readonly fields: readonly AbiField[];
  readonly values: readonly AbiValue[];
  readonly value: bigint;
};

/** The deployment, then each function twice, in another order each time. */
export function messagesOf(container: Container, tape: Tape): readonly Message[] {
  const { init, actions } = container;
  const message = (action: number | undefined): Message => {
    const known = actions[action ?? init ?? -1];
    const fields = known?.parameters ?? [];
    const values = fields.map((field) => toAbiValue(field, randomValue(field, tape)));
    const value = known?.mutability === 'payable' ? BigInt(tape.below(3)) * 1_000n : 0n;
    return { action, fields, values, value };
  };
  const exported = actions.flatMap(({ exportedAs }, index) =>
    exportedAs === undefined ? [] : [index],
  );
  return [
    message(undefined),
    ...exported.map((action) => message(action)),
    ...exported.toReversed().map((action) => message(action)),
  ];
}

/** Calldata, or the arguments of a constructor. */
export function dataOf({ action, fields, values }: Message, { actions }: Container): Uint8Array {
  const data = encodeAbi(fields.map(abiTypeOf), values);
  if (action === undefined) return data;
  const { exportedAs = '', parameters } = actions[action]!;
  return concatBytes(functionSelector(exportedAs, parameters), data);
}

/** What the contract is given. */
export function argumentsOf({ fields, values }: Message): readonly RefValue[] {
  return fields.map((field, index) => fromAbiValue(field, values[index]!));
}

/** `zx_call` of the action with the same arguments. */
export function dynamicDataOf(message: Message, { actions }: Container): Uint8Array {
  const { name } = actions[message.action ?? -1]!;
  const list = encoded(new RefList(argumentsOf(message)));
  const fields = [{ type: 'string' }, { type: 'bytes' }];
  const types = fields.map((field) => abiTypeOf({ name: '', ...field }));
  return concatBytes(functionSelector('zx_call', fields), encodeAbi(types, [name, list]));
}

/** A value that a field of the ABI takes. */
export function randomValue(field: AbiField, tape: Tape): RefValue {
  if (field.type.endsWith('[]')) {
    const element = { ...field, type: field.type.slice(0, -2) };
    return new RefList(Array.from({ length: tape.below(4) }, () => randomValue(element, tape)));
  }
  if (field.isEncoded === true) return randomAny(tape, 3);
  if (field.type === 'tuple') {
    const components = field.components ?? [];
    return RefMap.of(components.map((inner) => [inner.name, randomValue(inner, tape)]));
  }
  return randomScalar(field.type, tape);
}

function randomScalar(type: string, tape: Tape): RefValue {
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => tape.below(256));
  const [, kind = '', size = ''] = /^([a-z]+)(\d*)$/.exec(type) ?? [];
  switch (kind) {
    case 'bool':
      return tape.oneIn(2);
    case 'address':
      return new Address(tape.oneIn(3) ? fromHex(`0x${'00'.repeat(19)}d0`) : bytes(20));
    case 'string':
      return tape.pick(['', 'text', 'ünlike', 'a', 'a text that has more than thirty bytes in it']);
    case 'bytes':
      return bytes(size === '' ? tape.below(70) : Number(size));
    default: {
      const bits = BigInt(size) - (kind === 'int' ? 1n : 0n);
      const most = 2n ** bits - 1n;
      const magnitude = tape.pick([BigInt(tape.below(5)), BigInt(tape.below(256)) ** 3n, most]);
      const value = magnitude > most ? most : magnitude;
      return kind === 'int' && tape.oneIn(2) ? -value : value;
    }
  }
}

/** A value of any kind. */
export function randomAny(tape: Tape, depth: number): RefValue {
  switch (tape.below(depth > 0 ? 9 : 7)) {
    case 0:
      return randomScalar('uint256', tape);
    case 1:
      return randomScalar('string', tape);
    case 2:
      return null;
    case 3:
      return randomScalar('bool', tape);
    case 4:
      return randomScalar('bytes', tape);
    case 5:
      return randomScalar('address', tape);
    case 6:
      return randomScalar('int256', tape);
    case 7:
      return new RefList(Array.from({ length: tape.below(4) }, () => randomAny(tape, depth - 1)));
    default:
      return RefMap.of(
        Array.from({ length: tape.below(4) }, (_, index) => [
          index % 2 === 0 ? tape.pick(['a', 'b', 'k']) : BigInt(tape.below(3)),
          randomAny(tape, depth - 1),
        ]),
      );
  }
}
