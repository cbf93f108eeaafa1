import { fromHex, toHex } from '@lucerna/base';
import {
  type AbiType,
  type AbiValue,
  abiValueFromJson,
  abiValueToJson,
  checksumAddress,
  type JsonValue,
  parameterType,
  parseAddress,
} from '@lucerna/protocol';
import {
  type AbiField,
  Address,
  Dictionary,
  decodeValue,
  encodeValue,
  integer,
  keyText,
  List,
  UNMETERED,
  type Value,
} from '@lucerna/zexus';
import { printable } from './printable.ts';
import { valueText } from './value-text.ts';

// Parameters and results without a type: `bytes` in the ABI that hold the encoding of any value
// (docs/spec/storage.md). People write and read the value.

/** Whether the field is without a type, or has such parts. */
export function isUntyped({ isEncoded, components }: AbiField): boolean {
  return isEncoded === true || (components?.some(isUntyped) ?? false);
}

/** The field behind one `[]` less; undefined when it is no list. */
function elementOf(field: AbiField): AbiField | undefined {
  if (!field.type.endsWith('[]')) return undefined;
  return { ...field, type: field.type.slice(0, -'[]'.length) };
}

/**
 * The value of a field without a type, or with such parts, as people write it: JSON, with integers of any
 * size. Where any value is meant, text that is 0x and 40 digits is an address, that is 0x and other digits
 * bytes; what is no JSON and does not begin like a list, a map or a text in quotes is a text itself.
 *
 * @throws SyntaxError, `ADDRESS_*`, `ABI_VALUE_*`
 */
export function untypedFromText(field: AbiField, text: string): AbiValue {
  const isAny = field.isEncoded === true && elementOf(field) === undefined;
  return fromJson(field, isAny ? anyJson(text) : JSON.parse(text, exactInteger));
}

function anyJson(text: string): unknown {
  try {
    return JSON.parse(text, exactInteger);
  } catch (error) {
    if (/^\s*[[{"]/.test(text)) throw error;
    return text;
  }
}

/** Integers as they are written, which numbers of JavaScript round. */
function exactInteger(
  _key: string,
  value: unknown,
  context?: { readonly source: string },
): unknown {
  if (typeof value !== 'number') return value;
  const source = context?.source ?? String(value);
  return /^-?[0-9]{1,78}$/.test(source) ? BigInt(source) : value;
}

function fromJson(field: AbiField, json: unknown): AbiValue {
  const element = elementOf(field);
  const members = element === undefined ? field.components : undefined;
  if (element === undefined && members === undefined) {
    if (field.isEncoded === true) return encoded(json);
    return abiValueFromJson(parameterType(field), typeof json === 'bigint' ? String(json) : json);
  }
  if (!Array.isArray(json)) throw new SyntaxError('not a list');
  if (members !== undefined && members.length !== json.length) {
    throw new SyntaxError(`${json.length} instead of ${members.length} members`);
  }
  return json.map((member, index) => fromJson(element ?? (members?.[index] as AbiField), member));
}

function encoded(json: unknown): Uint8Array {
  try {
    return encodeValue(UNMETERED, toValue(json));
  } catch (error) {
    if (error instanceof Error) throw error;
    // What ends a contract is no Error.
    throw new SyntaxError('too long, or nested too deep');
  }
}

function toValue(json: unknown): Value {
  if (json === null || typeof json === 'boolean') return json;
  if (typeof json === 'bigint') {
    if (json >= 2n ** 256n || json <= -(2n ** 256n)) throw new SyntaxError('beyond the integers');
    return integer(json);
  }
  if (typeof json === 'string') return textValue(json);
  if (Array.isArray(json)) return new List(json.map(toValue));
  if (typeof json !== 'object') throw new SyntaxError('not a whole number');
  const map = new Dictionary();
  for (const [key, held] of Object.entries(json)) {
    const scalar = textValue(key);
    map.entries.set(keyText(scalar), { key: scalar, value: toValue(held) });
  }
  return map;
}

function textValue(text: string): Address | Uint8Array | string {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return new Address(parseAddress(text));
  return /^0x([0-9a-fA-F]{2})*$/.test(text) ? fromHex(text) : text;
}

/** How the parts of a result are written. */
type Writer<Written> = {
  readonly any: (value: Value) => Written;
  readonly typed: (type: AbiType, value: AbiValue) => Written;
  readonly list: (members: readonly Written[]) => Written;
};

/**
 * A result without a type, or with such parts, as JSON: integers as decimal text; a map is an object when
 * all of its keys are texts, and a list of pairs otherwise. Bytes that encode no value stay as they are.
 */
export function untypedToJson(field: AbiField, value: AbiValue): JsonValue {
  return write<JsonValue>({ any: jsonOf, typed: abiValueToJson, list: (all) => all }, field, value);
}

/** As {@link untypedToJson}, for people: only text has quotes, and that alone has none. */
export function untypedToText(field: AbiField, value: AbiValue): string {
  const list = (members: readonly string[]): string => `[${members.join(', ')}]`;
  const any = (decoded: Value): string => (typeof decoded === 'string' ? decoded : textOf(decoded));
  const isAny = elementOf(field) === undefined && field.isEncoded === true;
  const writer = { any: isAny ? any : textOf, typed: valueText, list };
  return printable(write<string>(writer, field, value));
}

function write<Written>(writer: Writer<Written>, field: AbiField, value: AbiValue): Written {
  const element = elementOf(field);
  const { components } = field;
  if (Array.isArray(value) && (element ?? components) !== undefined) {
    const members: readonly AbiValue[] = value;
    return writer.list(
      members.map((each, index) =>
        write(writer, element ?? (components?.[index] as AbiField), each),
      ),
    );
  }
  const decoded =
    field.isEncoded === true && value instanceof Uint8Array
      ? decodeValue(UNMETERED, value)
      : undefined;
  return decoded === undefined ? writer.typed(parameterType(field), value) : writer.any(decoded);
}

/** What JSON and text have in common of a value that holds no others. */
function scalarText(value: Exclude<Value, Dictionary | List | string | boolean | null>): string {
  if (value instanceof Address) return checksumAddress(value.bytes);
  return value instanceof Uint8Array ? toHex(value) : String(value);
}

function jsonOf(value: Value): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (value instanceof List) return value.items.map(jsonOf);
  if (!(value instanceof Dictionary)) return scalarText(value);
  const entries = [...value.entries.values()];
  return entries.every(({ key }) => typeof key === 'string')
    ? Object.fromEntries(entries.map((each) => [each.key, jsonOf(each.value)]))
    : entries.map((each) => [jsonOf(each.key), jsonOf(each.value)]);
}

function textOf(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof List) return `[${value.items.map(textOf).join(', ')}]`;
  if (!(value instanceof Dictionary)) return scalarText(value);
  const entries = [...value.entries.values()];
  return `{${entries.map((each) => `${textOf(each.key)}: ${textOf(each.value)}`).join(', ')}}`;
}
