import { isLucernaError } from '@lucerna/base';
import {
  type AbiType,
  type AbiValue,
  abiValueFromJson,
  encodeAbi,
  parameterType,
} from '@lucerna/protocol';
import type { AbiField } from '@lucerna/zexus';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { isUntyped, untypedFromText } from './untyped-values.ts';

/**
 * The ABI encoding of arguments as people write them: integers in decimal or 0x-hex, `true` and
 * `false`, text as it is, addresses and bytes as 0x-hex, lists and tuples as JSON; for parameters without a
 * type any value as JSON.
 *
 * @param name of what they are for, for messages
 * @throws `ARGUMENT_COUNT`; `ARGUMENT_INVALID` with the fields `index` and `name`
 */
export function encodeArguments(
  name: string,
  parameters: readonly AbiField[],
  texts: readonly string[],
): Uint8Array {
  if (texts.length !== parameters.length) {
    const list = parameters
      .map((each) => `${each.name}: ${isUntyped(each) ? 'any' : each.type}`)
      .join(', ');
    const detail = `${name}(${list}) takes ${parameters.length}, ${texts.length} given`;
    throw cliErrors.create('ARGUMENT_COUNT', detail);
  }
  const types = parameters.map(parameterType);
  const values = parameters.map((field, index) => parseArgument(field, index, texts[index] ?? ''));
  return encodeAbi(types, values);
}

function parseArgument(field: AbiField, index: number, text: string): AbiValue {
  const type = parameterType(field);
  const { name } = field;
  try {
    const value = isUntyped(field)
      ? untypedFromText(field, text)
      : abiValueFromJson(type, jsonOf(type, text));
    // Ranges and lengths are checked by the encoding.
    encodeAbi([type], [value]);
    return value;
  } catch (error) {
    if (!isLucernaError(error) && !(error instanceof SyntaxError)) throw error;
    const shown = JSON.stringify(cut(text));
    const detail = `argument ${index + 1} (${name}): ${shown} is not ${isUntyped(field) ? 'a value as JSON' : describeType(type)}`;
    throw cliErrors.create('ARGUMENT_INVALID', detail, { index, name }, error);
  }
}

/** The text as JSON would have it; for lists and tuples it is JSON. @throws SyntaxError */
function jsonOf(type: AbiType, text: string): unknown {
  switch (type.kind) {
    case 'bool':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'array':
    case 'tuple':
      return JSON.parse(text);
    default:
      return text;
  }
}

function describeType(type: AbiType): string {
  switch (type.kind) {
    case 'uint':
      return `${type.text}: an integer from 0 to ${2n ** BigInt(type.bits) - 1n}`;
    case 'int': {
      const half = 2n ** BigInt(type.bits - 1);
      return `${type.text}: an integer from ${-half} to ${half - 1n}`;
    }
    case 'bool':
      return 'true or false';
    case 'address':
      return 'an address: 0x and 40 digits, in one case or with the right checksum';
    case 'fixedBytes':
      return `${type.text}: 0x and ${2 * type.length} digits`;
    case 'bytes':
      return 'bytes: 0x and an even number of digits';
    case 'string':
      return 'text';
    default:
      return `${type.text} as JSON`;
  }
}

function cut(text: string): string {
  const limit = cliLimits.values.argumentCharacters;
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}
