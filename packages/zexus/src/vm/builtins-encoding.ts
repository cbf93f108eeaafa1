import { isErrorOf } from '@lucerna/base';
import {
  type AbiType,
  type AbiValue,
  decodeAbi,
  encodeAbi,
  parseAbiTypes,
  parseSignature,
  protocolErrors,
  selectorOfSignature,
  signatureText,
} from '@lucerna/protocol';
import { decodeValue, encodeValue } from '../layout/value-encoding.ts';
import { abiBytes, fromAbi, toAbi } from './boundary.ts';
import { boundaryOfAbi } from './boundary-type.ts';
import { type BuiltinBody, itemsOf, requireBytes, requireText } from './builtin-arguments.ts';
import { PANIC, panic, revertWith } from './halt.ts';
import type { Machine } from './machine.ts';
import { materialise } from './state-containers.ts';
import { isContainer, List, type Value } from './value.ts';

/** Builtins between values and bytes. */
export const ENCODING_BODIES: Readonly<Record<string, BuiltinBody>> = {
  encode: (machine, value) =>
    encodeValue(machine.meter, isContainer(value) ? materialise(machine, value) : value),
  decode: ({ meter }, value) => {
    const decoded = decodeValue(meter, requireBytes(value));
    if (decoded === undefined) throw revertWith('decode: not an encoded value');
    return decoded;
  },
  abi_encode: abiEncode,
  abi_decode: abiDecode,
  selector: (machine, text) => {
    const signature = typesText(machine, text);
    const { name, types } = unlessMalformed(machine, 'selector: not a signature', () =>
      parseSignature(signature),
    );
    const canonical = signatureText(name, types);
    machine.meter.chargeKeccak(canonical.length);
    return selectorOfSignature(canonical);
  },
};

/** The values of a list as arguments of the given types are encoded. */
function abiEncode(machine: Machine, text: Value, list: Value): Value {
  const types = abiTypes(machine, text, 'abi_encode: not a list of types');
  const items = itemsOf(machine, list);
  if (items.length !== types.length) throw panic(PANIC.kind);
  machine.meter.chargeItems(items.length);
  const values = types.map((type, index) =>
    toAbi(machine, boundaryOfAbi(type), items[index] as Value),
  );
  machine.meter.chargeBytes(abiBytes(machine.meter, types, values));
  return encodeAbi(types, values);
}

/** A list of the values that the bytes encode, which must be the one encoding of them. */
function abiDecode(machine: Machine, text: Value, value: Value): Value {
  const types = abiTypes(machine, text, 'abi_decode: not a list of types');
  const bytes = requireBytes(value);
  const { meter } = machine;
  meter.chargeBytes(bytes.length);
  const values = unlessMalformed(machine, 'abi_decode: not an encoding of these types', () =>
    decodeAbi(types, bytes),
  );
  meter.chargeItems(types.length);
  return new List(
    types.map((type, index) => fromAbi(meter, boundaryOfAbi(type), values[index] as AbiValue)),
  );
}

/** Types with or without the parentheses around them; none are the empty text. */
function abiTypes(machine: Machine, value: Value, refusal: string): readonly AbiType[] {
  const text = typesText(machine, value);
  const isInParentheses = text.startsWith('(');
  return unlessMalformed(machine, refusal, () =>
    parseAbiTypes(isInParentheses ? text : `(${text})`),
  );
}

/** A text that spells types, charged by the character: each may be a type. */
function typesText({ meter }: Machine, value: Value): string {
  const text = requireText(value);
  meter.chargeVisits(text.length);
  return text;
}

/** A refusal says where and why, which nobody reads here but takes its time: it is charged as a read. */
function unlessMalformed<T>({ meter }: Machine, refusal: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (!isErrorOf(error, protocolErrors)) throw error;
    meter.charge(meter.schedule.warmRead);
    throw revertWith(refusal);
  }
}
