import { type ByteSource, bytesOf } from './byte-source.ts';
import { q64Errors } from './errors.ts';
import { q64Limits } from './limits.ts';
import {
  decodeQ64,
  decodeRange,
  encodeQ64,
  problemOf,
  type Q64Options,
  type Q64Problem,
  throwProblem,
} from './q64.ts';

/** The levels of a code, and what may be left out. */
export type Mq64Options = Q64Options & {
  /**
   * How many bytes each level has, in growing order; those beyond the input are left out. 64, 128, 256
   * and so on, and at last the whole input, unless they are given.
   */
  readonly levels?: readonly number[] | undefined;
  /** Allows that the last level is shorter than the input: what is behind it is not in the code. */
  readonly truncate?: boolean | undefined;
};

/** One level of a code. */
type Segment = { readonly start: number; readonly end: number };

const SEPARATOR = ':';
const SMALLEST_DEFAULT_LEVEL = 64;

/**
 * Encodes the first bytes of an embedding in several lengths, as models with nested (Matryoshka)
 * embeddings mean it: each level is what `encodeQ64` gives for it alone, with a colon in between.
 *
 * @throws `Q64_LEVELS_INVALID` for levels that do not grow, that are none, or of which the last one would
 *   lose bytes without `truncate`; `Q64_ARGUMENT_INVALID`, `Q64_BUFFER_DETACHED`, `Q64_INPUT_TOO_LARGE`
 */
export function encodeMq64(source: ByteSource, options: Mq64Options = {}): string {
  const bytes = bytesOf(source);
  const { levels: asked, truncate = false, stats } = options;
  const levels = asked === undefined ? defaultLevels(bytes.length) : fittingLevels(asked, bytes);
  const kept = levels.at(-1) ?? 0;
  if (kept !== bytes.length && (!truncate || kept === 0)) {
    const detail = `the last level has ${kept} of ${bytes.length} bytes`;
    throw q64Errors.create('Q64_LEVELS_INVALID', detail, { kept, bytes: bytes.length });
  }
  const characters = levels.reduce((sum, level) => sum + 2 * level + 1, 0);
  if (characters > q64Limits.values.textCharacters) {
    const detail = `${bytes.length} bytes become ${characters - 1} characters`;
    throw q64Errors.create('Q64_INPUT_TOO_LARGE', detail, { bytes: bytes.length });
  }
  // A level begins with the one before it, but its text is that of an embedding of its own.
  const whole = encodeQ64(bytes.subarray(0, kept));
  const text = levels.map((level) => whole.slice(0, 2 * level)).join(SEPARATOR);
  stats?.countEncoded(kept, text.length, 'allocated');
  return text;
}

/**
 * The bytes of the last level, which has those of all others.
 *
 * @throws `Q64_LEVELS_INVALID` for a level that is not longer than the one before it, otherwise as
 *   `decodeQ64`. What the other levels stand for is not looked at: `decodeMq64Levels` does.
 */
export function decodeMq64(text: string, options: Q64Options = {}): Uint8Array<ArrayBuffer> {
  const segments = segmentsOf(text);
  const problem = shapeProblem(segments);
  if (problem !== undefined) throwProblem(problem);
  const bytes = decodeSegment(text, segments.at(-1));
  options.stats?.countDecoded(text.length, bytes.length, 'allocated');
  return bytes;
}

/**
 * The bytes of every level, the shortest first. They share memory: each is the beginning of the last.
 *
 * @throws `Q64_LEVELS_INVALID` where a level is not the beginning of the next, otherwise as `decodeMq64`
 */
export function decodeMq64Levels(
  text: string,
  options: Q64Options = {},
): readonly Uint8Array<ArrayBuffer>[] {
  const problem = validateMq64(text);
  if (problem !== undefined) throwProblem(problem);
  const bytes = decodeMq64(text, options);
  return segmentsOf(text).map(({ start, end }) => bytes.subarray(0, (end - start) / 2));
}

/**
 * The code up to the level of `length` bytes: what `encodeMq64` gives for an embedding of that length.
 *
 * @throws `Q64_LEVELS_INVALID` where the code has no such level
 */
export function prefixMq64(text: string, length: number): string {
  const segments = segmentsOf(text);
  const problem = shapeProblem(segments);
  if (problem !== undefined) throwProblem(problem);
  const segment = segments.find(({ start, end }) => end - start === 2 * length);
  if (segment !== undefined) return text.slice(0, segment.end);
  const detail = `the code has no level of ${length} bytes`;
  throw q64Errors.create('Q64_LEVELS_INVALID', detail, { length });
}

/** What `decodeMq64Levels` would throw, or undefined. */
export function validateMq64(text: string): Q64Problem | undefined {
  const segments = segmentsOf(text);
  const problem = shapeProblem(segments);
  if (problem !== undefined) return problem;
  let previous = '';
  for (const { start, end } of segments) {
    const segment = text.slice(start, end);
    const wrong = problemOf(segment, 0);
    if (wrong !== undefined) return { ...wrong, position: start + wrong.position };
    // The alphabets begin anew with each level: equal bytes are equal characters.
    if (segment.slice(0, previous.length) !== previous) {
      return { code: 'Q64_LEVELS_INVALID', position: start + firstDifference(segment, previous) };
    }
    previous = segment;
  }
  return undefined;
}

function decodeSegment(text: string, segment: Segment | undefined): Uint8Array<ArrayBuffer> {
  if (segment === undefined) return decodeQ64('');
  const characters = text.slice(segment.start, segment.end);
  if (characters.length % 2 === 1) throwProblem(problemOf(characters, 0), segment.start);
  const target = new Uint8Array(characters.length / 2);
  decodeRange(characters, target, 0, segment.start);
  return target;
}

/**
 * Where the levels of a text are; none for an empty one. One more than there may be, at most.
 *
 * @throws `Q64_ARGUMENT_INVALID` for what is no string
 */
function segmentsOf(text: string): readonly Segment[] {
  if (typeof text !== 'string') {
    const detail = `a string was expected, not ${text === null ? 'null' : typeof text}`;
    throw q64Errors.create('Q64_ARGUMENT_INVALID', detail);
  }
  const segments: Segment[] = [];
  for (let start = 0; start <= text.length && text !== ''; ) {
    const separator = text.indexOf(SEPARATOR, start);
    const end = separator < 0 ? text.length : separator;
    segments.push({ start, end });
    if (segments.length > q64Limits.values.levels) break;
    start = end + 1;
  }
  return segments;
}

/** Levels are not empty, grow, and are not too many. */
function shapeProblem(segments: readonly Segment[]): Q64Problem | undefined {
  let previous = 0;
  for (const [place, { start, end }] of segments.entries()) {
    const length = end - start;
    if (length <= previous || place === q64Limits.values.levels) {
      return { code: 'Q64_LEVELS_INVALID', position: start };
    }
    previous = length;
  }
  return undefined;
}

function defaultLevels(length: number): number[] {
  const levels: number[] = [];
  for (let level = SMALLEST_DEFAULT_LEVEL; level < length; level *= 2) levels.push(level);
  if (length > 0) levels.push(length);
  return levels;
}

/** The levels that the input is long enough for. @throws `Q64_LEVELS_INVALID` */
function fittingLevels(levels: readonly number[], bytes: Uint8Array): number[] {
  if (!Array.isArray(levels)) {
    throw q64Errors.create('Q64_ARGUMENT_INVALID', 'levels are a list of lengths');
  }
  const { levels: most } = q64Limits.values;
  if (levels.length === 0 || levels.length > most) {
    const detail = `${levels.length} levels: from 1 to ${most} there may be`;
    throw q64Errors.create('Q64_LEVELS_INVALID', detail, { levels: levels.length });
  }
  let previous = 0;
  for (const level of levels) {
    if (!Number.isSafeInteger(level) || level <= previous) {
      throw q64Errors.create('Q64_LEVELS_INVALID', `${String(level)} after ${previous}`, { level });
    }
    previous = level;
  }
  return levels.filter((level) => level <= bytes.length);
}

function firstDifference(text: string, other: string): number {
  let position = 0;
  while (position < other.length && text[position] === other[position]) position += 1;
  return position;
}
