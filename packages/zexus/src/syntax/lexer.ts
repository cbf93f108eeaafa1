import { zexusLimits } from '../limits.ts';
import {
  APOSTROPHE,
  BACKSLASH,
  CARRIAGE_RETURN,
  CLOSING_BRACE,
  characterName,
  codePointName,
  fitsInUtf8,
  forbiddenName,
  HASH,
  isDigit,
  isLineBreak,
  isUnexpected,
  isWordStart,
  LINE_FEED,
  QUOTE,
  SPACE,
  TAB,
  unexpectedHint,
} from './characters.ts';
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
  const limit = zexusLimits.values.sourceBytes;
  if (!fitsInUtf8(source.text, limit)) {
    sink.report('SOURCE_TOO_LARGE', { start: 0, end: 0 }, `the source is over ${limit} bytes`, {
      hint: 'split it into several files',
    });
    return undefined;
  }
  return new Lexer(source.text, sink).run();
}

/** A string whose interpolation is being read. */
type OpenString = {
  /** Where the string begins. */
  readonly start: number;
  /** Braces that are open in the interpolation. */
  braces: number;
};

/** How a stretch of a string ends. */
type StringEnd = 'closed' | 'interpolation' | 'missing';

class Lexer {
  readonly #text: string;
  readonly #sink: DiagnosticSink;
  readonly #tokens: Token[] = [];
  /** From the outermost on; strings in interpolations of strings are no reason to recurse. */
  readonly #openStrings: OpenString[] = [];
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
      const start = this.#position;
      const isAtEnd = start >= this.#text.length;
      if (this.#openStrings.length > 0 && (this.#startsLine || isAtEnd)) this.#abandonStrings();
      if (this.#sink.isFull) return undefined;
      if (isAtEnd) break;
      const limit = zexusLimits.values.sourceTokens;
      if (this.#tokens.length + 1 >= limit) {
        const message = `the source has over ${limit} tokens`;
        this.#report('TOKENS_LIMIT', start, start, message, 'split it');
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
    } else if (unit === CLOSING_BRACE && this.#openStrings.at(-1)?.braces === 0) {
      this.#position += 1;
      this.#readStretch(start, this.#openStrings.pop() as OpenString);
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
    while (this.#position < text.length && !isLineBreak(text.charCodeAt(this.#position))) {
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
        if (isLineBreak(text.charCodeAt(this.#position))) this.#startsLine = true;
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
    const closing = this.#text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
    this.#position = start + closing.length;
    if (closing === '"') {
      this.#readStretch(start, undefined);
      return;
    }
    const { value, end } = this.#readStringBody(closing);
    if (end === 'missing') {
      this.#failString(start, start, closing);
      return;
    }
    this.#checkCharacters(start, this.#position);
    this.#push('string', value.toWellFormed(), start);
  }

  /**
   * A stretch of a string in double quotes: from where it begins, or from behind an interpolation of
   * the string `open`, to where it ends or to the next interpolation.
   */
  #readStretch(start: number, open: OpenString | undefined): void {
    const { value, end } = this.#readStringBody('"');
    if (end === 'missing') {
      this.#failString(open?.start ?? start, start, '"');
      return;
    }
    this.#checkCharacters(start, this.#position);
    const text = value.toWellFormed();
    if (end === 'interpolation') {
      this.#openStrings.push({ start: open?.start ?? start, braces: 0 });
      this.#push(open === undefined ? 'templateHead' : 'templateMiddle', text, start);
    } else {
      this.#push(open === undefined ? 'string' : 'templateTail', text, start);
    }
  }

  /** The string that begins at `string` is not closed by where its stretch from `start` on ends. */
  #failString(string: number, start: number, closing: string): void {
    const hint =
      closing.length > 1
        ? `close it with ${closing}`
        : `close it with ${closing} on this line, or write """…""" for several lines`;
    // In an interpolation the quote may be the end of the string around it, which is reported then.
    if (this.#openStrings.length === 0) {
      const message = 'the string is never closed';
      this.#report('STRING_UNTERMINATED', string, this.#position, message, hint);
    }
    this.#push('invalid', '', start);
  }

  /**
   * The value up to and with the closing quotes, or in double quotes to behind the `${` of an
   * interpolation; up to the end of the line or text when both are missing.
   */
  #readStringBody(closing: string): { readonly value: string; readonly end: StringEnd } {
    const text = this.#text;
    const isOneLine = closing.length === 1;
    let value = '';
    let copied = this.#position;
    while (this.#position < text.length) {
      const unit = text.charCodeAt(this.#position);
      if (isOneLine && isLineBreak(unit)) break;
      const isInterpolation = closing === '"' && text.startsWith('${', this.#position);
      if (isInterpolation || text.startsWith(closing, this.#position)) {
        value += text.slice(copied, this.#position);
        this.#position += isInterpolation ? 2 : closing.length;
        return { value, end: isInterpolation ? 'interpolation' : 'closed' };
      }
      if (unit === BACKSLASH) {
        value += text.slice(copied, this.#position) + this.#readEscape(isOneLine);
        copied = this.#position;
      } else {
        this.#position += 1;
      }
    }
    return { value, end: 'missing' };
  }

  /** The line or text ends in interpolations: what follows is read as if their strings were closed. */
  #abandonStrings(): void {
    const { start } = this.#openStrings.at(-1) as OpenString;
    const end = this.#tokens.at(-1)?.end ?? start;
    const hint =
      'the value and its brace stand on one line; a plain dollar sign before a brace is \\$';
    this.#report('STRING_UNTERMINATED', start, end, 'the interpolation is never closed', hint);
    this.#openStrings.length = 0;
    this.#tokens.push({ kind: 'invalid', text: '', start: end, end, startsLine: false });
  }

  #readEscape(isOneLine: boolean): string {
    const start = this.#position;
    const next = this.#text[start + 1];
    this.#position += 1;
    if (next === undefined || (isOneLine && isLineBreak(next.charCodeAt(0)))) return '';
    const escaped = ESCAPES.get(next);
    if (escaped === undefined) {
      const hint = 'the escapes are \\n \\t \\r \\\\ \\" \\\' and \\$';
      this.#report('STRING_ESCAPE', start, start + 2, 'there is no such escape', hint);
      return '';
    }
    this.#position += 1;
    return escaped;
  }

  // Symbols and what is none

  #readSymbol(start: number): void {
    const symbol = symbolAt(this.#text, start);
    if (symbol === undefined) {
      this.#skipUnexpected(start);
      return;
    }
    this.#position = start + symbol.length;
    const open = this.#openStrings.at(-1);
    if (open !== undefined) {
      if (symbol === '{' || symbol === '#{') open.braces += 1;
      else if (symbol === '}') open.braces -= 1;
    }
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

function numberHint(run: string): string {
  if (run.startsWith('0X')) return 'write the prefix of hex literals in lower case: 0x';
  if (run.startsWith('0x')) return 'the digits of hex literals are 0-9, a-f and A-F';
  if (run.includes('_')) return 'write the digits without `_`';
  if (/^[0-9]+[eE][0-9]*$/.test(run)) return 'write the power: 5 * 10 ** 18';
  return 'a name cannot begin with a digit';
}
