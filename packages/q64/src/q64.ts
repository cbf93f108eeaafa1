import { ALPHABETS, type Alphabet, alphabetOf } from './alphabet.ts';
import { allocate } from './batch/allocate.ts';
import { type ByteSource, bytesOf } from './byte-source.ts';
import { q64Errors } from './errors.ts';
import { q64Engine } from './kernel/chosen-engine.ts';
import type { Phase } from './kernel/engine.ts';
import { q64Limits } from './limits.ts';
import type { Q64Stats } from './q64-stats.ts';

/** How much of a call's source was taken, and how much of its target was filled. */
export type Transfer = { readonly read: number; readonly written: number };

/** What the functions of this module can be asked besides. */
export type Q64Options = {
  /** Counts what is done. */
  readonly stats?: Q64Stats | undefined;
};

/** What is wrong with a text, by the code that decoding it throws. */
export type Q64Problem = {
  readonly code:
    | 'Q64_CHARACTER_INVALID'
    | 'Q64_CHARACTER_MISPLACED'
    | 'Q64_GROUPING_INVALID'
    | 'Q64_INDICES_UNSORTED'
    | 'Q64_LENGTH_INVALID'
    | 'Q64_LENGTH_ODD'
    | 'Q64_LEVELS_INVALID';
  /** Of the first wrong character; the length of the text where it ends too early. */
  readonly position: number;
  /** The alphabet that the character is from; undefined where it is from none or there is no character. */
  readonly found?: Alphabet | undefined;
  /** The alphabet of the position. */
  readonly expected?: Alphabet | undefined;
};

/**
 * Encodes bytes as text, two characters for each: the high half, then the low one. The alphabet changes
 * with the position modulo 4, so a piece of the text says where it may stand.
 *
 * @throws `Q64_ARGUMENT_INVALID`, `Q64_BUFFER_DETACHED`, `Q64_INPUT_TOO_LARGE` beyond the longest string
 */
export function encodeQ64(source: ByteSource, options: Q64Options = {}): string {
  const bytes = bytesOf(source);
  if (2 * bytes.length > q64Limits.values.textCharacters) {
    const detail = `${bytes.length} bytes become ${2 * bytes.length} characters`;
    throw q64Errors.create('Q64_INPUT_TOO_LARGE', detail, { bytes: bytes.length });
  }
  const text = q64Engine().encodeToText(bytes, 0);
  options.stats?.countEncoded(bytes.length, text.length, 'allocated');
  return text;
}

/**
 * Encodes bytes as text in ASCII: the characters of `encodeQ64` as bytes.
 *
 * @throws `Q64_ARGUMENT_INVALID`, `Q64_BUFFER_DETACHED`, `Q64_INPUT_TOO_LARGE` beyond the limit
 *   `bufferBytes`, or where there is no memory for the result
 */
export function encodeBuffer(
  source: ByteSource,
  options: Q64Options = {},
): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(source);
  const target = allocate(2 * bytes.length);
  q64Engine().encode(bytes, target, 0);
  options.stats?.countEncoded(bytes.length, target.length, 'allocated');
  return target;
}

/**
 * Encodes as many whole bytes as `target` has room for, and allocates nothing. Where the two overlap, the
 * result is that of a copy of the source, and one is made.
 *
 * @param target bytes, of whatever view
 * @returns how many bytes were read and characters written, as `TextEncoder.encodeInto` does
 * @throws `Q64_ARGUMENT_INVALID`, `Q64_BUFFER_DETACHED`
 */
export function encodeInto(
  source: ByteSource,
  target: Uint8Array,
  options: Q64Options = {},
): Transfer {
  const bytes = bytesOf(source);
  const room = bytesOf(target);
  const read = Math.min(bytes.length, Math.floor(room.length / 2));
  const taken = read === bytes.length ? bytes : bytes.subarray(0, read);
  q64Engine().encode(apart(taken, room), room, 0);
  options.stats?.countEncoded(read, 2 * read, 'none');
  return { read, written: 2 * read };
}

/**
 * The bytes that a text stands for.
 *
 * @param text a string, or its characters in ASCII
 * @throws `Q64_LENGTH_ODD`, `Q64_CHARACTER_INVALID`, `Q64_CHARACTER_MISPLACED` with the position and the
 *   alphabets, `Q64_ARGUMENT_INVALID`, `Q64_BUFFER_DETACHED`, `Q64_INPUT_TOO_LARGE` as `encodeBuffer`
 */
export function decodeQ64(
  text: string | ByteSource,
  options: Q64Options = {},
): Uint8Array<ArrayBuffer> {
  const source = typeof text === 'string' ? text : bytesOf(text);
  if (source.length % 2 === 1) throwProblem(problemOf(source, 0));
  const target = allocate(source.length / 2);
  decodeRange(source, target, 0);
  options.stats?.countDecoded(source.length, target.length, 'allocated');
  return target;
}

/**
 * Decodes as many whole bytes as `target` has room for, and allocates nothing. Where the two overlap, the
 * result is that of a copy of the text, and one is made. Where it throws, some of `target` may have been
 * written.
 *
 * @throws as `decodeQ64`
 */
export function decodeInto(
  text: string | ByteSource,
  target: Uint8Array,
  options: Q64Options = {},
): Transfer {
  const source = typeof text === 'string' ? text : bytesOf(text);
  if (source.length % 2 === 1) throwProblem(problemOf(source, 0));
  const room = bytesOf(target);
  const written = Math.min(source.length / 2, room.length);
  const read = 2 * written;
  if (typeof source === 'string') decodeRange(source.slice(0, read), room, 0);
  else decodeRange(apart(source.subarray(0, read), room), room, 0);
  options.stats?.countDecoded(read, written, 'none');
  return { read, written };
}

/** What decoding `text` would throw, or undefined: never throws for a text. */
export function validateQ64(text: string | ByteSource): Q64Problem | undefined {
  return problemOf(typeof text === 'string' ? text : bytesOf(text), 0);
}

/** Decodes characters at any phase; throws with the position in the whole text. */
export function decodeRange(
  source: string | Uint8Array,
  target: Uint8Array,
  phase: Phase,
  startPosition = 0,
): void {
  const engine = q64Engine();
  const wrong =
    typeof source === 'string'
      ? engine.decodeText(source, target, phase)
      : engine.decode(source, target, phase);
  if (wrong >= 0)
    throwProblem(characterProblem(codeAt(source, wrong), wrong, phase), startPosition);
}

/** The first thing that is wrong with a whole text. Its length comes first, as in the reference. */
export function problemOf(source: string | Uint8Array, phase: Phase): Q64Problem | undefined {
  if (source.length % 2 === 1) return { code: 'Q64_LENGTH_ODD', position: source.length };
  const position = q64Engine().firstWrong(source, phase);
  return position < 0 ? undefined : characterProblem(codeAt(source, position), position, phase);
}

/** Throws the coded error that a problem stands for. */
export function throwProblem(problem: Q64Problem | undefined, startPosition = 0): never {
  if (problem === undefined) throw q64Errors.create('Q64_ARGUMENT_INVALID');
  const { code, found, expected } = problem;
  const position = problem.position + startPosition;
  const alphabets = expected === undefined ? '' : `, expected one of ${ALPHABETS[expected]}`;
  throw q64Errors.create(code, `at ${position}${alphabets}`, { position, found, expected });
}

/** `source`, or a copy of it where its memory is also the target's. */
function apart(source: Uint8Array, target: Uint8Array): Uint8Array {
  const overlap =
    source.buffer === target.buffer &&
    source.byteOffset < target.byteOffset + target.byteLength &&
    target.byteOffset < source.byteOffset + source.byteLength;
  // Not `slice`: that of a Buffer of Node.js is no copy.
  return overlap ? new Uint8Array(source) : source;
}

function codeAt(source: string | Uint8Array, position: number): number {
  return typeof source === 'string' ? source.charCodeAt(position) : (source[position] as number);
}

function alphabetAt(position: number, phase: Phase): Alphabet {
  return ((position + 2 * phase) & 3) as Alphabet;
}

function characterProblem(code: number, position: number, phase: Phase): Q64Problem {
  const found = alphabetOf(code);
  const expected = alphabetAt(position, phase);
  if (found === undefined) return { code: 'Q64_CHARACTER_INVALID', position, expected };
  return { code: 'Q64_CHARACTER_MISPLACED', position, found, expected };
}
