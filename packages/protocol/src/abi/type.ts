import { assert } from '@lucerna/base';
import { protocolErrors } from '../errors.ts';
import { protocolLimits } from '../limits.ts';

/** Bytes of a word: every static value and every offset takes one. */
export const ABI_WORD_BYTES = 32;

/** What every type has. */
type Common = {
  /** The type as selectors spell it: `uint256`, `(address,uint8[2])[]`. */
  readonly text: string;
  /** Its length depends on the value: an offset stands in its place and the value stands behind. */
  readonly isDynamic: boolean;
  /** Bytes in the place itself: of the whole value, or 32 for an offset. */
  readonly headBytes: number;
  /** Levels of arrays and tuples around the innermost type. */
  readonly depth: number;
};

/** A type of the contract ABI (Solidity, "Contract ABI Specification"). Made by this file alone. */
export type AbiType = Common &
  (
    | { readonly kind: 'uint' | 'int'; readonly bits: number }
    | { readonly kind: 'address' | 'bool' | 'bytes' | 'string' }
    | { readonly kind: 'fixedBytes'; readonly length: number }
    | {
        readonly kind: 'array';
        readonly element: AbiType;
        /** Undefined for `T[]`. */
        readonly length: number | undefined;
      }
    | { readonly kind: 'tuple'; readonly components: readonly AbiType[] }
  );

const limits = protocolLimits.values;

const elementary = (text: string): Common => ({
  text,
  isDynamic: false,
  headBytes: ABI_WORD_BYTES,
  depth: 0,
});

/** Every elementary type by its name; `uint` and `int` are those of 256 bits. */
const ELEMENTARY_TYPES: ReadonlyMap<string, AbiType> = new Map<string, AbiType>([
  ['address', { ...elementary('address'), kind: 'address' }],
  ['bool', { ...elementary('bool'), kind: 'bool' }],
  ['bytes', { ...elementary('bytes'), isDynamic: true, kind: 'bytes' }],
  ['string', { ...elementary('string'), isDynamic: true, kind: 'string' }],
  ['uint', { ...elementary('uint256'), kind: 'uint', bits: 256 }],
  ['int', { ...elementary('int256'), kind: 'int', bits: 256 }],
  ...Array.from({ length: 32 }, (_, index): [string, AbiType][] => {
    const bits = 8 * (index + 1);
    const [uint, int, bytes] = [`uint${bits}`, `int${bits}`, `bytes${index + 1}`];
    return [
      [uint, { ...elementary(uint), kind: 'uint', bits }],
      [int, { ...elementary(int), kind: 'int', bits }],
      [bytes, { ...elementary(bytes), kind: 'fixedBytes', length: index + 1 }],
    ];
  }).flat(),
]);

/**
 * The type that `text` spells: `uint8` … `uint256`, `int8` … `int256`, `uint`, `int`, `bool`,
 * `address`, `bytes1` … `bytes32`, `bytes`, `string`, tuples `(T,U)` or `tuple(T,U)`, arrays `T[]` and
 * `T[n]`, nested. No spaces, no names.
 *
 * @throws `ABI_TYPE_INVALID`, `ABI_TYPE_LIMIT`
 */
export function parseAbiType(text: string): AbiType {
  const [type, end] = readType(boundedText(text), 0, 0);
  if (end !== text.length) throw invalidType(text, end);
  return type;
}

/** The types of a parameter list with its parentheses, such as `(address,uint256)` or `()`. @throws as {@link parseAbiType} */
export function parseAbiTypes(text: string): readonly AbiType[] {
  boundedText(text);
  if (text === '()') return [];
  const [types, end] = readTuple(text, 0, 0);
  if (end !== text.length) throw invalidType(text, end);
  return types;
}

/** `T[]`, or `T[n]` with a length of at least 1. @throws `ABI_TYPE_LIMIT` */
export function abiArray(element: AbiType, length?: number): AbiType {
  assert(length === undefined || (Number.isInteger(length) && length > 0), 'an array has a length');
  const isDynamic = length === undefined || element.isDynamic;
  const text = `${element.text}[${length ?? ''}]`;
  const inner = (length ?? 0) * element.headBytes;
  return {
    ...composite(text, isDynamic, inner, element.depth + 1),
    kind: 'array',
    element,
    length,
  };
}

/** A tuple of at least one component. @throws `ABI_TYPE_LIMIT` */
export function abiTuple(components: readonly AbiType[]): AbiType {
  assert(components.length > 0, 'a tuple has a component');
  const isDynamic = components.some((component) => component.isDynamic);
  let depth = 0;
  for (const component of components) depth = Math.max(depth, component.depth);
  const text = abiTypesText(components);
  return {
    ...composite(text, isDynamic, headBytesOf(components), depth + 1),
    kind: 'tuple',
    components,
  };
}

/** The parameter list as selectors spell it: `(address,uint256)`. */
export function abiTypesText(types: readonly AbiType[]): string {
  return `(${types.map((type) => type.text).join(',')})`;
}

/** Bytes of the places of `types` one after the other. */
export function headBytesOf(types: readonly AbiType[]): number {
  let bytes = 0;
  for (const type of types) bytes += type.headBytes;
  return bytes;
}

/** What arrays and tuples have in common; `inner` is the bytes of the places of what is in them. */
function composite(text: string, isDynamic: boolean, inner: number, depth: number): Common {
  if (depth > limits.abiTypeDepth) throw tooLarge(text, `${depth} levels`);
  if (inner > limits.abiHeadBytes) throw tooLarge(text, `${inner} bytes without what is dynamic`);
  return { text, isDynamic, headBytes: isDynamic ? ABI_WORD_BYTES : inner, depth };
}

/** Reads the type at `start`; `open` counts the parentheses that are open. */
function readType(text: string, start: number, open: number): [type: AbiType, end: number] {
  const word = /^[a-z0-9]*/.exec(text.slice(start, start + MAX_NAME_CHARS))?.[0] ?? '';
  const isTuple = text[start + word.length] === '(' && (word === '' || word === 'tuple');
  if (isTuple) {
    const [components, end] = readTuple(text, start + word.length, open);
    return readArrays(abiTuple(components), text, end);
  }
  const type = ELEMENTARY_TYPES.get(word);
  if (type === undefined) throw invalidType(text, start);
  return readArrays(type, text, start + word.length);
}

/** The longest name of an elementary type is `address` or `uint256`; one more shows that it is longer. */
const MAX_NAME_CHARS = 8;

function readTuple(
  text: string,
  start: number,
  open: number,
): [components: AbiType[], end: number] {
  if (text[start] !== '(') throw invalidType(text, start);
  if (open >= limits.abiTypeDepth) throw tooLarge(text, `${open + 1} levels`);
  const components: AbiType[] = [];
  let position = start;
  do {
    const [component, end] = readType(text, position + 1, open + 1);
    components.push(component);
    position = end;
  } while (text[position] === ',');
  if (text[position] !== ')') throw invalidType(text, position);
  return [components, position + 1];
}

/** Reads the brackets behind `element`, if any. */
function readArrays(element: AbiType, text: string, start: number): [type: AbiType, end: number] {
  let type = element;
  let position = start;
  while (text[position] === '[') {
    const end = text.indexOf(']', position);
    const length = text.slice(position + 1, end);
    if (end < 0 || !/^([1-9][0-9]*)?$/.test(length)) throw invalidType(text, position);
    type = abiArray(type, length === '' ? undefined : Number(length));
    position = end + 1;
  }
  return [type, position];
}

function boundedText(text: string): string {
  if (text.length > limits.abiTypeChars) throw tooLarge(text, `${text.length} characters`);
  return text;
}

function invalidType(text: string, offset: number): ReturnType<typeof protocolErrors.create> {
  const detail = `"${text.slice(0, MESSAGE_CHARS)}" at character ${offset + 1}`;
  return protocolErrors.create('ABI_TYPE_INVALID', detail, { offset });
}

function tooLarge(text: string, detail: string): ReturnType<typeof protocolErrors.create> {
  return protocolErrors.create('ABI_TYPE_LIMIT', `"${text.slice(0, MESSAGE_CHARS)}": ${detail}`);
}

const MESSAGE_CHARS = 80;
