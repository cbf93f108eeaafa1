import { zexusLimits } from '../limits.ts';
import type { DiagnosticCode } from './diagnostic-codes.ts';
import type { DiagnosticSink } from './diagnostics.ts';
import type { SourceFile } from './source.ts';
import { FOREIGN_OPERATORS, symbolAt, type Token, type TokenKind } from './tokens.ts';

const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /[0-9][A-Za-z0-9_]*/y;
const DIGITS = /^[0-9]+$/;
const HEX = /^0x[0-9a-fA-F]*$/;
/** What makes a float of the digits before it: a dot that is no member access and no range. */
const FRACTION = /\.(?:[0-9][A-Za-z0-9_]*|(?![A-Za-z_.]))/y;
const BYTE_ORDER_MARK = '\ufeff';
const MAX_INTEGER = (1n << 256n) - 1n;
const MAX_INTEGER_DIGITS = 78;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
  ['$', '$'],
]);

/**
 * The tokens of a text, the last one of kind `end`. What is wrong goes to `sink`. Undefined when the
 * text is over a limit or has too many errors: then nothing is worth parsing.
 */
export function tokenize(source: SourceFile, sink: DiagnosticSink): readonly Token[] | undefined {
  if (!isWithinSize(source.text)) {
    const limit = zexusLimits.values.sourceBytes;
    sink.report('SOURCE_TOO_LARGE', { start: 0, end: 0 }, `the source is over ${limit} bytes`, {
      hint: 'split it into several files',
    });
    return undefined;
  }
  return new Lexer(source.text, sink).run();
}

/** At most the limit in UTF-8, where half a surrogate pair would take three bytes. */
function isWithinSize(text: string): boolean {
  const limit = zexusLimits.values.sourceBytes;
  if (text.length > limit) return false;
  if (text.length * 3 <= limit) return true;
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else bytes += unit >= 0xd800 && unit <= 0xdfff ? (isPaired(text, index) ? 2 : 3) : 3;
  }
  return bytes <= limit;
}

class Lexer {
  readonly #text: string;
  readonly #sink: DiagnosticSink;
  readonly #tokens: Token[] = [];
  #position = 0;
  #startsLine = true;

  constructor(text: string, sink: DiagnosticSink) {
    this.#text = text;
    this.#sink = sink;
  }

  run(): readonly Token[] | undefined {
    if (this.#text.startsWith(BYTE_ORDER_MARK)) this.#position = 1;
    for (;;) {
      this.#skipBlank();
      if (this.#sink.isFull) return undefined;
      const start = this.#position;
      if (start >= this.#text.length) break;
      if (this.#tokens.length + 1 >= zexusLimits.values.sourceTokens) {
        const limit = zexusLimits.values.sourceTokens;
        this.#report(
          'TOKENS_LIMIT',
          start,
          start,
          `the source has over ${limit} tokens`,
          'split it',
        );
        return undefined;
      }
      this.#readToken(start);
    }
    this.#push('end', '', this.#text.length);
    return this.#tokens;
  }

  #push(kind: TokenKind, text: string, start: number): void {
    const end = this.#position;
    this.#tokens.push({ kind, text, start, end, startsLine: this.#startsLine });
    this.#startsLine = false;
  }

  #report(code: DiagnosticCode, start: number, end: number, message: string, hint?: string): void {
    this.#sink.report(code, { start, end }, message, { hint });
  }

  #readToken(start: number): void {
    const unit = this.#text.charCodeAt(start);
    if (isWordStart(unit)) {
      this.#push('word', this.#match(WORD), start);
    } else if (isDigit(unit)) {
      this.#readNumber(start);
    } else if (unit === QUOTE || unit === APOSTROPHE) {
      this.#readString(start);
    } else {
      this.#readSymbol(start);
    }
  }

  /** The text that the sticky pattern matches here, which is consumed; empty when it does not. */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const text = pattern.exec(this.#text)?.[0] ?? '';
    this.#position += text.length;
    return text;
  }

  // Blanks and comments

  #skipBlank(): void {
    const text = this.#text;
    while (this.#position < text.length) {
      const unit = text.charCodeAt(this.#position);
      if (unit === LINE_FEED || unit === CARRIAGE_RETURN) {
        this.#startsLine = true;
        this.#position += 1;
      } else if (unit === SPACE || unit === TAB) {
        this.#position += 1;
      } else if (text.startsWith('//', this.#position) || this.#isHashComment(unit)) {
        this.#skipLineComment();
      } else if (text.startsWith('/*', this.#position)) {
        this.#skipBlockComment();
      } else {
        return;
      }
    }
  }

  #isHashComment(unit: number): boolean {
    return unit === HASH && this.#text[this.#position + 1] !== '{';
  }

  #skipLineComment(): void {
    const start = this.#position;
    const text = this.#text;
    while (this.#position < text.length && !isLineEnd(text.charCodeAt(this.#position))) {
      this.#position += 1;
    }
    this.#checkCharacters(start, this.#position);
  }

  #skipBlockComment(): void {
    const start = this.#position;
    const text = this.#text;
    let open = 0;
    do {
      if (text.startsWith('/*', this.#position)) {
        open += 1;
        this.#position += 2;
      } else if (text.startsWith('*/', this.#position)) {
        open -= 1;
        this.#position += 2;
      } else {
        if (isLineEnd(text.charCodeAt(this.#position))) this.#startsLine = true;
        this.#position += 1;
      }
    } while (open > 0 && this.#position < text.length);
    this.#position = Math.min(this.#position, text.length);
    if (open === 0) {
      this.#checkCharacters(start, this.#position);
      return;
    }
    this.#report(
      'COMMENT_UNTERMINATED',
      start,
      start + 2,
      'the comment is never closed',
      'close it with `*/`; comments nest, so every `/*` needs one',
    );
    // What is missing in the text before may stand in the comment.
    this.#push('invalid', '', start);
  }

  /** Reports the first character of the stretch that hides or reorders what a reader sees. */
  #checkCharacters(start: number, end: number): void {
    for (let index = start; index < end; index += 1) {
      const unit = this.#text.charCodeAt(index);
      if (unit >= SPACE && unit < 0x7f) continue;
      const name = forbiddenName(this.#text, index, unit);
      if (name === undefined) continue;
      const message = `${name} ${codePointName(unit)} may not stand in a string or comment`;
      this.#report('CHARACTER_FORBIDDEN', index, index + 1, message, 'remove it');
      return;
    }
  }

  // Numbers

  #readNumber(start: number): void {
    const run = this.#match(NUMBER);
    if (DIGITS.test(run)) {
      if (this.#match(FRACTION) === '') this.#pushInteger(run, start);
      else this.#push('float', this.#text.slice(start, this.#position), start);
      return;
    }
    if (HEX.test(run)) {
      this.#pushHex(run, start);
      return;
    }
    this.#report('NUMBER_INVALID', start, this.#position, 'this is no number', numberHint(run));
    this.#push('integer', '0', start);
  }

  #pushInteger(run: string, start: number): void {
    const digits = run.replace(/^0+(?=[0-9])/, '');
    const isTooLarge = digits.length > MAX_INTEGER_DIGITS || BigInt(digits) > MAX_INTEGER;
    if (isTooLarge) {
      const message = 'the integer is larger than 2^256 - 1';
      this.#report('INTEGER_TOO_LARGE', start, this.#position, message);
    }
    this.#push('integer', isTooLarge ? '0' : digits, start);
  }

  #pushHex(run: string, start: number): void {
    if (run.length % 2 === 1) {
      this.#report(
        'HEX_ODD',
        start,
        this.#position,
        'the hex literal has an odd number of digits',
        'two digits make a byte: write a leading zero, or the digit that is missing',
      );
    }
    this.#push('hex', run.length % 2 === 1 ? '0x' : run, start);
  }

  // Strings

  #readString(start: number): void {
    const quote = this.#text[start] as string;
    const isLong = this.#text.startsWith(quote.repeat(3), start);
    const closing = isLong ? quote.repeat(3) : quote;
    this.#position = start + closing.length;
    const value = this.#readStringBody(closing, !isLong && quote === '"');
    if (value === undefined) {
      const hint = isLong
        ? `close it with ${closing}`
        : `close it with ${closing} on this line, or write """…""" for several lines`;
      this.#report(
        'STRING_UNTERMINATED',
        start,
        this.#position,
        'the string is never closed',
        hint,
      );
      this.#push('invalid', '', start);
      return;
    }
    this.#checkCharacters(start, this.#position);
    this.#push('string', value.toWellFormed(), start);
  }

  /** The value up to and with the closing quotes; undefined when they are missing. */
  #readStringBody(closing: string, interpolates: boolean): string | undefined {
    const text = this.#text;
    let value = '';
    let copied = this.#position;
    let mayInterpolate = interpolates;
    while (this.#position < text.length) {
      const unit = text.charCodeAt(this.#position);
      if (text.startsWith(closing, this.#position)) {
        value += text.slice(copied, this.#position);
        this.#position += closing.length;
        return value;
      }
      if (isLineEnd(unit) && closing.length === 1) return undefined;
      if (unit === BACKSLASH) {
        value += text.slice(copied, this.#position) + this.#readEscape(closing.length === 1);
        copied = this.#position;
      } else if (mayInterpolate && text.startsWith('${', this.#position)) {
        mayInterpolate = this.#skipInterpolation();
      } else {
        this.#position += 1;
      }
    }
    return undefined;
  }

  #readEscape(isOneLine: boolean): string {
    const start = this.#position;
    const next = this.#text[start + 1];
    this.#position += 1;
    if (next === undefined || (isOneLine && isLineEnd(next.charCodeAt(0)))) return '';
    const escaped = ESCAPES.get(next);
    if (escaped === undefined) {
      const hint = 'the escapes are \\n \\t \\r \\\\ \\" \\\' and \\$';
      this.#report('STRING_ESCAPE', start, start + 2, 'there is no such escape', hint);
      return '';
    }
    this.#position += 1;
    return escaped;
  }

  /**
   * Skips `${…}` with the strings and braces in it. Skips the `${` alone and returns false when it
   * does not end on its line: then no later one of the string is looked at, each look takes the line.
   */
  #skipInterpolation(): boolean {
    const start = this.#position;
    const end = interpolationEnd(this.#text, start + 2);
    this.#position = end ?? start + 2;
    this.#report(
      'UNSUPPORTED',
      start,
      this.#position,
      'interpolation in strings is not supported yet',
      'write "…" + string(x) + "…"; a plain dollar sign before a brace is \\$',
    );
    return end !== undefined;
  }

  // Symbols and what is none

  #readSymbol(start: number): void {
    const symbol = symbolAt(this.#text, start);
    if (symbol === undefined) {
      this.#skipUnexpected(start);
      return;
    }
    this.#position = start + symbol.length;
    const hint = FOREIGN_OPERATORS.get(symbol);
    if (hint === undefined) {
      this.#push('symbol', symbol, start);
      return;
    }
    const message = `there is no operator \`${symbol}\``;
    this.#report('OPERATOR_UNKNOWN', start, this.#position, message, hint);
    this.#push('invalid', '', start);
  }

  /** One report for a run of characters that begin no token. */
  #skipUnexpected(start: number): void {
    const point = this.#text.codePointAt(start) as number;
    do {
      this.#position += 1;
    } while (
      this.#position < this.#text.length &&
      isUnexpected(this.#text.charCodeAt(this.#position))
    );
    const isOne = this.#position - start === (point > 0xffff ? 2 : 1);
    const name = characterName(point);
    const message = isOne
      ? `unexpected character ${name}`
      : `unexpected characters from ${name} on`;
    const hint = unexpectedHint(point);
    this.#report('CHARACTER_UNEXPECTED', start, this.#position, message, hint);
    this.#push('invalid', '', start);
  }
}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isWordStart(unit: number): boolean {
  const lower = unit | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || unit === 0x5f;
}

function isLineEnd(unit: number): boolean {
  return unit === LINE_FEED || unit === CARRIAGE_RETURN;
}

/** Control characters and everything that is not ASCII. */
function isUnexpected(unit: number): boolean {
  if (unit === TAB || isLineEnd(unit)) return false;
  return unit < SPACE || unit >= 0x7f;
}

function isPaired(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit < 0xdc00) {
    const next = text.charCodeAt(index + 1);
    return next >= 0xdc00 && next <= 0xdfff;
  }
  const previous = text.charCodeAt(index - 1);
  return previous >= 0xd800 && previous < 0xdc00;
}

function codePointName(point: number): string {
  return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The character itself where it can be shown, and its code point where it may not be told by it. */
function characterName(point: number): string {
  if (point > SPACE && point < 0x7f) return `\`${String.fromCodePoint(point)}\``;
  const isShown = point >= 0xa1 && !(point >= 0xd800 && point <= 0xdfff);
  const code = codePointName(point);
  return isShown ? `\`${String.fromCodePoint(point)}\` (${code})` : code;
}

/** What is wrong with the code unit in a string or comment; undefined for most. */
function forbiddenName(text: string, index: number, unit: number): string | undefined {
  if (unit === TAB || isLineEnd(unit)) return undefined;
  if (unit < SPACE || (unit >= 0x7f && unit < 0xa0)) return 'the control character';
  // Explicit directional formatting: the text would read differently from what it does (UTS 55).
  const isDirectional = (unit >= 0x202a && unit <= 0x202e) || (unit >= 0x2066 && unit <= 0x2069);
  if (isDirectional) return 'the directional control';
  const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
  return isSurrogate && !isPaired(text, index) ? 'the lone surrogate' : undefined;
}

function unexpectedHint(point: number): string | undefined {
  if (point === 0xa0) return 'write an ordinary space';
  if (point >= 0x2018 && point <= 0x201f) return 'write a straight quote: " or \'';
  if (point === 0x40) return 'annotations are not supported';
  return point >= 0x80 ? 'outside of strings and comments the text is ASCII' : undefined;
}

function numberHint(run: string): string {
  if (run.startsWith('0X')) return 'write the prefix of hex literals in lower case: 0x';
  if (run.startsWith('0x')) return 'the digits of hex literals are 0-9, a-f and A-F';
  if (run.includes('_')) return 'write the digits without `_`';
  if (/^[0-9]+[eE][0-9]*$/.test(run)) return 'write the power: 5 * 10 ** 18';
  return 'a name cannot begin with a digit';
}

/** Behind the `}` that closes an interpolation begun before `start`; undefined if its line has none. */
function interpolationEnd(text: string, start: number): number | undefined {
  let open = 1;
  let quote: string | undefined;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index] as string;
    if (character === '\n' || character === '\r') return undefined;
    if (character === '\\') index += 1;
    else if (quote !== undefined) quote = character === quote ? undefined : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '{') open += 1;
    else if (character === '}') open -= 1;
    if (open === 0) return index + 1;
  }
  return undefined;
}
