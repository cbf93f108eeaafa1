import { vectorErrors } from './errors.ts';
import { vectorLimits } from './limits.ts';

/**
 * A JSON value whose integers and floats are told apart, as Chroma does: an integer literal that fits
 * 64 bits is a `bigint`, every other number a `number`. `1` is 1n, `1.0` and `1e0` are 1.
 */
export type ExactJson =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly ExactJson[]
  | { readonly [key: string]: ExactJson };

/** What `formatExactJson` writes; members and items that are undefined are as in `JSON.stringify`. */
export type FormattableJson =
  | null
  | undefined
  | boolean
  | bigint
  | number
  | string
  | Float32Array
  | Float64Array
  | readonly FormattableJson[]
  | { readonly [key: string]: FormattableJson };

export type ParseExactJsonOptions = {
  /**
   * Members of the outermost object whose numbers are all `number`, such as `embeddings`: they are read
   * by `JSON.parse`, which is several times faster where most are integers.
   */
  readonly plainMembers?: readonly string[];
  /**
   * The most values, without the numbers of plain members: two characters may take a hundred bytes.
   * Default: as many as there are.
   */
  readonly maxValues?: number;
  /** The most members of one object. Default: as many as there are. */
  readonly maxMembers?: number;
};

const INT64_MIN: bigint = -(2n ** 63n);
const INT64_MAX: bigint = 2n ** 63n - 1n;

/** Digits of an integer literal that is safe as a `number` whatever they are. */
const SAFE_DIGITS = 15;
/** Texts up to this length are copied by `slice`; longer slices would keep the whole text in memory. */
const COPIED_LENGTH = 12;

/** True when `value` is an integer of 64 bits, signed. */
export function isInt64(value: bigint): boolean {
  return value >= INT64_MIN && value <= INT64_MAX;
}

/**
 * Reads a JSON text (RFC 8259) without losing the type or the value of an integer. An integer literal
 * that does not fit 64 bits becomes the nearest float, as it does in Chroma; -0 is the float. Of equal
 * keys of an object the last counts. The values share no memory with `text`.
 *
 * @throws `JSON_INVALID` with the offset of the fault: no JSON, deeper, longer or of more values than
 *   the limits, or a number beyond the floats
 */
export function parseExactJson(text: string, options: ParseExactJsonOptions = {}): ExactJson {
  if (text.length > vectorLimits.values.jsonChars) {
    throw vectorErrors.create('JSON_INVALID', 'the text is too long', { chars: text.length });
  }
  return new ExactParser(text, options).parse();
}

/**
 * Writes a JSON text from which `parseExactJson` makes the same values: a `bigint` as its digits, a
 * `number` always with a point or an exponent. What is no finite number is `null`.
 */
export function formatExactJson(value: FormattableJson): string {
  if (typeof value === 'number') return formatFloat(value);
  if (typeof value === 'bigint') return value.toString();
  if (value === undefined || value === null) return 'null';
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return formatList(value);
  if (value instanceof Float32Array || value instanceof Float64Array) {
    return formatList(Array.from(value));
  }
  const members: string[] = [];
  for (const [key, member] of Object.entries(value as Record<string, FormattableJson>)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${formatExactJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

function formatList(list: readonly FormattableJson[]): string {
  // What JSON.stringify writes of a fraction has a point or an exponent already.
  return isFractions(list) ? JSON.stringify(list) : `[${list.map(formatExactJson).join(',')}]`;
}

function isFractions(list: readonly FormattableJson[]): boolean {
  for (const item of list) {
    if (typeof item !== 'number' || !Number.isFinite(item) || Number.isInteger(item)) return false;
  }
  return true;
}

function formatFloat(value: number): string {
  if (!Number.isInteger(value)) return Number.isFinite(value) ? String(value) : 'null';
  if (Object.is(value, -0)) return '-0.0';
  const digits = String(value);
  return digits.includes('e') ? digits : `${digits}.0`;
}

/** A recursive-descent reader that hands long stretches (strings, lists of numbers) to `JSON.parse`. */
class ExactParser {
  readonly #text: string;
  readonly #plainMembers: ReadonlySet<string>;
  #at = 0;
  #depth = 0;
  readonly #maxMembers: number;
  /** How many more values there may be. */
  #valuesLeft: number;

  constructor(text: string, options: ParseExactJsonOptions) {
    this.#text = text;
    this.#plainMembers = new Set(options.plainMembers);
    this.#maxMembers = options.maxMembers ?? Number.POSITIVE_INFINITY;
    this.#valuesLeft = options.maxValues ?? Number.POSITIVE_INFINITY;
  }

  parse(): ExactJson {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#fault('something follows the value');
    return value;
  }

  #value(): ExactJson {
    this.#skipSpace();
    this.#count(1);
    const code = this.#text.charCodeAt(this.#at);
    if (code === 0x22) return this.#string();
    if (code === 0x7b) return this.#nested(() => this.#object());
    if (code === 0x5b) return this.#nested(() => this.#array());
    if (code === 0x2d || isDigit(code)) return this.#number();
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    throw this.#fault('a value is expected');
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > vectorLimits.values.jsonDepth) throw this.#fault('it is nested too deeply');
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): ExactJson {
    const object: Record<string, ExactJson> = {};
    let members = 0;
    this.#at += 1;
    this.#skipSpace();
    if (this.#take(0x7d)) return object;
    do {
      members += 1;
      if (members > this.#maxMembers) throw this.#fault('the object is too large');
      this.#skipSpace();
      if (this.#text.charCodeAt(this.#at) !== 0x22) throw this.#fault('a key is expected');
      const key = this.#string();
      this.#skipSpace();
      if (!this.#take(0x3a)) throw this.#fault('a colon is expected');
      const value =
        this.#depth === 1 && this.#plainMembers.has(key) ? this.#plain() : this.#value();
      if (key === '__proto__') defineMember(object, key, value);
      else object[key] = value;
      this.#skipSpace();
    } while (this.#take(0x2c));
    if (!this.#take(0x7d)) throw this.#fault('a comma or a closing brace is expected');
    return object;
  }

  #array(): ExactJson {
    const numbers = this.#numbers();
    if (numbers !== undefined) return numbers;
    const items: ExactJson[] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#take(0x5d)) return items;
    do {
      items.push(this.#value());
      this.#skipSpace();
    } while (this.#take(0x2c));
    if (!this.#take(0x5d)) throw this.#fault('a comma or a closing bracket is expected');
    return items;
  }

  /** The array at this place if it holds numbers only, read by `JSON.parse`; otherwise undefined. */
  #numbers(): ExactJson[] | undefined {
    let first = this.#at + 1;
    while (isSpace(this.#text.charCodeAt(first))) first += 1;
    const code = this.#text.charCodeAt(first);
    if (code !== 0x2d && !isDigit(code)) return undefined;
    const end = this.#text.indexOf(']', first);
    if (end < 0) return undefined;
    const slice = this.#text.slice(this.#at, end + 1);
    const values = parseNatively(slice);
    if (!Array.isArray(values)) return undefined;
    this.#count(values.length);
    let hasInteger = false;
    for (const value of values) {
      if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
      if (Number.isInteger(value)) hasInteger = true;
    }
    if (hasInteger) restoreIntegers(values, slice);
    this.#at = end + 1;
    return values;
  }

  #string(): string {
    const start = this.#at;
    const end = this.#endOfString(start);
    this.#at = end + 1;
    const length = end - start - 1;
    if (length <= COPIED_LENGTH) {
      const text = this.#text.slice(start + 1, end);
      if (isPlainText(text)) return text;
    }
    const text = parseNatively(this.#text.slice(start, end + 1));
    if (typeof text === 'string') return text;
    this.#at = start;
    throw this.#fault('the string holds a control character or a wrong escape');
  }

  /** Where the quote is that closes the string that begins at `start`. */
  #endOfString(start: number): number {
    let end = this.#text.indexOf('"', start + 1);
    while (end >= 0) {
      let backslashes = 0;
      while (this.#text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes += 1;
      if (backslashes % 2 === 0) return end;
      end = this.#text.indexOf('"', end + 1);
    }
    throw this.#fault('the string does not end');
  }

  #number(): bigint | number {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null) throw this.#fault('a number is expected');
    const literal = match[0];
    const value = exactNumber(literal);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw this.#fault('the number is out of range');
    }
    this.#at += literal.length;
    return value;
  }

  /** The value at this place, as `JSON.parse` has it. */
  #plain(): ExactJson {
    this.#skipSpace();
    const start = this.#at;
    const value = parseNatively(this.#text.slice(start, this.#endOfValue()));
    if (value === undefined || !isFiniteThroughout(value)) {
      // It is malformed, or holds a number that is: read it again for the place of the fault.
      this.#at = start;
      return this.#value();
    }
    return value as ExactJson;
  }

  /** Moves behind the value at this place without looking at what it is. */
  #endOfValue(): number {
    let depth = 0;
    do {
      const structure = depth === 0 ? OUTER_STRUCTURE : STRUCTURE;
      structure.lastIndex = this.#at;
      const match = structure.exec(this.#text);
      if (match === null) throw this.#fault('the value does not end');
      const [sign] = match;
      this.#at = match.index;
      if (sign === '"') this.#at = this.#endOfString(this.#at);
      else if (sign === '{' || sign === '[') {
        depth += 1;
        this.#count(1);
      } else if (depth === 0) return this.#at;
      else depth -= 1;
      if (depth + this.#depth > vectorLimits.values.jsonDepth) {
        throw this.#fault('it is nested too deeply');
      }
      this.#at += 1;
    } while (this.#at < this.#text.length);
    throw this.#fault('the value does not end');
  }

  #count(values: number): void {
    this.#valuesLeft -= values;
    if (this.#valuesLeft < 0) throw this.#fault('it has too many values');
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at += 1;
    return true;
  }

  #fault(reason: string): Error {
    return vectorErrors.create('JSON_INVALID', `${reason} at offset ${this.#at}`, {
      offset: this.#at,
    });
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRUCTURE = /[[\]{}"]/g;
const OUTER_STRUCTURE = /[[\]{}",]/g;
const WORDS: readonly (readonly [string, ExactJson])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
];

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** True when the inside of a string literal stands for itself. */
function isPlainText(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x5c) return false;
  }
  return true;
}

/** The value of a number literal. */
function exactNumber(literal: string): bigint | number {
  const value = Number(literal);
  if (!Number.isInteger(value) || /[.eE]/.test(literal) || literal === '-0') return value;
  if (literal.length <= SAFE_DIGITS) return BigInt(value);
  const integer = BigInt(literal);
  return isInt64(integer) ? integer : value;
}

/** Makes integers again of those numbers of an array whose literals are. */
function restoreIntegers(values: (bigint | number)[], slice: string): void {
  const literals = slice.slice(1, -1).split(',');
  for (let index = 0; index < values.length; index += 1) {
    if (!Number.isInteger(values[index])) continue;
    values[index] = exactNumber((literals[index] as string).trim());
  }
}

/** What `JSON.parse` makes of `text`; undefined where it is no JSON. */
function parseNatively(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isFiniteThroughout(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (const item of items) if (!isFiniteThroughout(item)) return false;
  return true;
}

/** A member by a name that assignment would take for something else. */
function defineMember(object: object, key: string, value: ExactJson): void {
  Object.defineProperty(object, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}
