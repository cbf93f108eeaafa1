import { alphabetOf } from './alphabet.ts';
import { type ByteSource, bytesOf } from './byte-source.ts';
import { q64Errors } from './errors.ts';
import { textOfAscii, writeAscii } from './kernel/ascii-text.ts';
import { q64Engine } from './kernel/chosen-engine.ts';
import { q64Limits } from './limits.ts';
import {
  decodeQ64,
  encodeBuffer,
  encodeQ64,
  problemOf,
  type Q64Options,
  type Q64Problem,
  throwProblem,
} from './q64.ts';

/** Characters between two dots. Upstream's code has 8, its documents 4, its interface no dots. */
export type Eq64Group = 4 | 8;

/** How a text is grouped; without `group` it is that of `encodeQ64`. */
export type Eq64Options = Q64Options & { readonly group?: Eq64Group | undefined };

const DOT = 0x2e;

/**
 * Encodes bytes as `encodeQ64` does, with a dot between groups of characters where `group` asks for them.
 *
 * @throws as `encodeQ64`
 */
export function encodeEq64(source: ByteSource, options: Eq64Options = {}): string {
  const group = groupOf(options);
  if (group === undefined) return encodeQ64(source, options);
  const bytes = bytesOf(source);
  const characters = 2 * bytes.length;
  const length = characters + dotsIn(characters, group);
  if (length > q64Limits.values.textCharacters) {
    const detail = `${bytes.length} bytes become ${length} characters`;
    throw q64Errors.create('Q64_INPUT_TOO_LARGE', detail, { bytes: bytes.length });
  }
  const target = new Uint8Array(length);
  const ascii = encodeBuffer(bytes);
  for (let from = 0, to = 0; from < characters; to += 1) {
    const end = Math.min(from + group, characters);
    for (; from < end; from += 1, to += 1) target[to] = ascii[from] as number;
    if (to < length) target[to] = DOT;
  }
  options.stats?.countEncoded(bytes.length, length, 'allocated');
  return textOfAscii(target);
}

/**
 * The bytes that a text stands for. Where `group` is given, every dot has to be there and no other;
 * without it none may be.
 *
 * @throws `Q64_GROUPING_INVALID` for a dot that is missing or where none belongs, otherwise as `decodeQ64`
 */
export function decodeEq64(
  text: string | ByteSource,
  options: Eq64Options = {},
): Uint8Array<ArrayBuffer> {
  const group = groupOf(options);
  if (group === undefined) return decodeQ64(text, options);
  const source = typeof text === 'string' ? text : bytesOf(text);
  const ascii = ungrouped(source, group);
  const target = new Uint8Array((ascii?.length ?? 0) / 2);
  if (ascii === undefined || q64Engine().decode(ascii, target, 0) >= 0) {
    throwProblem(groupedProblem(source, group));
  }
  options.stats?.countDecoded(source.length, target.length, 'allocated');
  return target;
}

/** What decoding `text` with the same options would throw, or undefined. */
export function validateEq64(
  text: string | ByteSource,
  options: Eq64Options = {},
): Q64Problem | undefined {
  const group = groupOf(options);
  const source = typeof text === 'string' ? text : bytesOf(text);
  if (group === undefined) return problemOf(source, 0);
  const ascii = ungrouped(source, group);
  const isRight = ascii !== undefined && q64Engine().firstWrong(ascii, 0) < 0;
  return isRight ? undefined : groupedProblem(source, group);
}

/**
 * The characters between the dots in ASCII, undefined where a dot is missing or the length cannot be.
 * A dot in the place of a character is found by decoding.
 */
function ungrouped(source: string | Uint8Array, group: Eq64Group): Uint8Array | undefined {
  const { length } = source;
  const characters = withoutDotsLength(length, group);
  if (characters % 2 === 1 || characters + dotsIn(characters, group) !== length) return undefined;
  const codes = typeof source === 'string' ? new Uint8Array(length) : source;
  if (typeof source === 'string' && !writeAscii(source, codes)) return undefined;
  const ascii = new Uint8Array(characters);
  for (let from = 0, to = 0; to < characters; ) {
    const end = Math.min(to + group, characters);
    for (; to < end; from += 1, to += 1) ascii[to] = codes[from] as number;
    if (to < characters && codes[from] !== DOT) return undefined;
    from += 1;
  }
  return ascii;
}

/** Where dots are right, the length comes first, as in Q64; then the first place that is wrong. */
function groupedProblem(source: string | Uint8Array, group: Eq64Group): Q64Problem | undefined {
  const ungrouped = firstUngrouped(source, group);
  if (ungrouped === undefined && withoutDotsLength(source.length, group) % 2 === 1) {
    return { code: 'Q64_LENGTH_ODD', position: source.length };
  }
  const wrong = problemOf(evenPart(withoutDots(source, group)), 0);
  const position = wrong === undefined ? source.length : dotted(wrong.position, group);
  if (ungrouped !== undefined && ungrouped <= position) {
    return { code: 'Q64_GROUPING_INVALID', position: ungrouped };
  }
  return wrong === undefined ? undefined : { ...wrong, position };
}

/** The first place that has a dot and should not, or the other way round. */
function firstUngrouped(source: string | Uint8Array, group: Eq64Group): number | undefined {
  for (let position = 0; position < source.length; position += 1) {
    const isDot = codeAt(source, position) === DOT;
    if (isDot !== (position % (group + 1) === group)) return position;
  }
  // A dot stands between two groups: none is the last character.
  return source.length > 0 && source.length % (group + 1) === 0 ? source.length - 1 : undefined;
}

/** The characters at the places of characters, in ASCII; one beyond it becomes one that is in no alphabet. */
function withoutDots(source: string | Uint8Array, group: Eq64Group): Uint8Array {
  const ascii = new Uint8Array(withoutDotsLength(source.length, group));
  for (let from = 0, to = 0; to < ascii.length; from += 1) {
    if (from % (group + 1) === group) continue;
    const code = codeAt(source, from);
    ascii[to] = alphabetOf(code) === undefined ? 0 : code;
    to += 1;
  }
  return ascii;
}

/** Where a character of the text without dots stands in the one with them. */
function dotted(position: number, group: Eq64Group): number {
  return position + Math.floor(position / group);
}

function dotsIn(characters: number, group: Eq64Group): number {
  return characters === 0 ? 0 : Math.ceil(characters / group) - 1;
}

function withoutDotsLength(length: number, group: Eq64Group): number {
  return length - Math.floor(length / (group + 1));
}

function evenPart(ascii: Uint8Array): Uint8Array {
  return ascii.subarray(0, ascii.length - (ascii.length % 2));
}

function codeAt(source: string | Uint8Array, position: number): number {
  return typeof source === 'string' ? source.charCodeAt(position) : (source[position] as number);
}

function groupOf({ group }: Eq64Options): Eq64Group | undefined {
  if (group === undefined || group === 4 || group === 8) return group;
  throw q64Errors.create(
    'Q64_ARGUMENT_INVALID',
    `groups have 4 or 8 characters, not ${String(group)}`,
  );
}
