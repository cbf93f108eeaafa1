import { assert } from '@lucerna/base';
import { zexusLimits } from '../limits.ts';
import type { Block, Expression, Identifier, Statement } from './ast.ts';
import type { DiagnosticCode } from './diagnostic-codes.ts';
import type { DiagnosticOptions, DiagnosticSink } from './diagnostics.ts';
import type { Span } from './source.ts';
import { RESERVED_WORDS, type Token } from './tokens.ts';

/** Unwinds the parser to where it can go on. What is wrong has been reported when it is thrown. */
class ParseFailure extends Error {}

type FailureOptions = {
  readonly hint?: string | undefined;
  /** Not something behind the last token is missing: what the current one begins is wrong. */
  readonly isWhole?: boolean;
};

/**
 * The parts of the grammar that contain each other: values hold blocks and blocks hold values. The
 * cursor hands them out, so that the files of the parser need not import each other in a circle.
 */
export type Grammar = {
  readonly expression: (cursor: TokenCursor) => Expression;
  /** `{ … }`; `purpose` follows the brace in messages: `behind the condition`. */
  readonly block: (cursor: TokenCursor, purpose: string) => Block;
  /** One statement without what separates it from the next; undefined when it was reported. */
  readonly statement: (cursor: TokenCursor) => Statement | undefined;
};

/**
 * Where a value stands, when that forbids something that it could hold elsewhere. Brackets of any kind
 * lift it.
 *
 * - `head`: before a block, so that a brace begins the block and no `Name{…}`
 * - `pattern`: of a `match`, as `head`, and `=>` ends it
 * - `arm`: the result in a `match`, where a line that begins with a minus begins the next pattern
 */
export type ValuePlace = 'anywhere' | 'head' | 'pattern' | 'arm';

/** Longest piece of source text that a message quotes. */
const QUOTED_CHARACTERS = 32;

/**
 * The state of one parse: the tokens and the place in them, the depth of nesting, the heights of the
 * trees built so far. The methods below are what the files of the parser are written with.
 */
export class TokenCursor {
  readonly #tokens: Token[];
  readonly #sink: DiagnosticSink;
  readonly #grammar: Grammar;
  /** Nodes above leaves; what is absent has height 1. */
  readonly #heights = new WeakMap<object, number>();
  #index = 0;
  #nesting = 0;
  #brackets = 0;
  #place: ValuePlace = 'anywhere';
  #isAborted = false;
  readonly #skipped: Span[] = [];
  #unclosedAt: number | undefined;

  constructor(tokens: readonly Token[], sink: DiagnosticSink, grammar: Grammar) {
    assert(tokens.at(-1)?.kind === 'end', 'the tokens end with their end');
    this.#tokens = [...tokens];
    this.#sink = sink;
    this.#grammar = grammar;
  }

  // Looking

  get current(): Token {
    return this.#tokens[this.#index] as Token;
  }

  /** The token before the current one; at the beginning the current one. */
  get previous(): Token {
    return this.#tokens[Math.max(0, this.#index - 1)] as Token;
  }

  get index(): number {
    return this.#index;
  }

  /** The token `distance` behind the current one; past the last, the last. */
  peek(distance = 1): Token {
    return this.#tokens[Math.min(this.#index + distance, this.#tokens.length - 1)] as Token;
  }

  isSymbol(text: string): boolean {
    return isSymbol(this.current, text);
  }

  isWord(text: string): boolean {
    return isWord(this.current, text);
  }

  isAtEnd(): boolean {
    return this.current.kind === 'end';
  }

  /** The current token begins a line and no round or square bracket is open: a statement may end. */
  startsLine(): boolean {
    return this.#brackets === 0 && this.current.startsLine;
  }

  /** The stretches of the text that parsing has given up and gone on behind. */
  get skipped(): readonly Span[] {
    return this.#skipped;
  }

  /** Where the value stands that is being parsed. */
  get place(): ValuePlace {
    return this.#place;
  }

  /** Nothing of the current statement is left. */
  isAtStatementEnd(): boolean {
    return this.startsLine() || this.isAtEnd() || this.isSymbol(';') || this.isSymbol('}');
  }

  // Consuming

  advance(): Token {
    const token = this.current;
    if (token.kind !== 'end') this.#index += 1;
    return token;
  }

  acceptSymbol(text: string): boolean {
    if (!this.isSymbol(text)) return false;
    this.advance();
    return true;
  }

  acceptWord(text: string): boolean {
    if (!this.isWord(text)) return false;
    this.advance();
    return true;
  }

  /** Consumes the symbol or fails; `purpose` follows it in the message: `after the condition`. */
  expectSymbol(text: string, purpose: string, hint?: string): Token {
    if (this.isSymbol(text)) return this.advance();
    const isAssignment = this.isSymbol('=');
    return this.fail('EXPECTED_SYMBOL', `expected \`${text}\` ${purpose}`, {
      hint: hint ?? (isAssignment ? '`=` assigns; write `==` to compare' : undefined),
    });
  }

  /**
   * Consumes a name or fails; `what` says whose: `of the action`. The name stands on the line of the
   * word before it unless `mayStartLine`.
   */
  expectName(what: string, mayStartLine = false): Identifier {
    const { kind, text, start, end } = this.current;
    const isMisplaced = this.startsLine() && !(mayStartLine && isNameToken(this.current));
    if (kind !== 'word' || isMisplaced) {
      return this.fail('EXPECTED_NAME', `expected the name ${what}`);
    }
    const limit = zexusLimits.values.containerNameBytes;
    if (RESERVED_WORDS.has(text)) {
      this.report('RESERVED_NAME', { start, end }, `\`${text}\` is a word of the language`, {
        hint: 'choose another name',
      });
    } else if (text.length > limit) {
      this.report('NAME_TOO_LONG', { start, end }, `the name is longer than ${limit} characters`);
    }
    this.advance();
    return { name: text, span: { start, end } };
  }

  /** Consumes a `>`, also the first half of `>=` as in `map<a, b>= {}`; its end, or undefined. */
  acceptGreater(): number | undefined {
    if (this.acceptSymbol('>')) return this.previous.end;
    const token = this.current;
    if (!isSymbol(token, '>=')) return undefined;
    const middle = token.start + 1;
    this.#tokens[this.#index] = { ...token, text: '=', start: middle, startsLine: false };
    return middle;
  }

  /** From `start` to the end of what was consumed last. */
  spanFrom(start: number): Span {
    return { start, end: Math.max(start, this.previous.end) };
  }

  // The grammar

  expression(): Expression {
    return this.#grammar.expression(this);
  }

  block(purpose: string): Block {
    return this.#grammar.block(this, purpose);
  }

  statement(): Statement | undefined {
    return this.#grammar.statement(this);
  }

  // Bounds

  /** Runs `parse` one level deeper; the way every recursion goes that the text can drive. */
  nested<T>(parse: () => T): T {
    if (this.#nesting === zexusLimits.values.nestingLevels) return this.#tooDeep(this.current);
    this.#nesting += 1;
    const parsed = parse();
    this.#nesting -= 1;
    return parsed;
  }

  /** As `nested`, between brackets, where line breaks mean nothing. */
  bracketed<T>(parse: () => T): T {
    return this.#within(this.#brackets + 1, 'anywhere', () => this.nested(parse));
  }

  /** As `nested`, between the braces of a block, where line breaks separate whatever is around it. */
  braced<T>(parse: () => T): T {
    return this.#within(0, 'anywhere', () => this.nested(parse));
  }

  /** Runs `parse` for a value that stands at `place`. */
  at<T>(place: ValuePlace, parse: () => T): T {
    return this.#within(this.#brackets, place, parse);
  }

  #within<T>(brackets: number, place: ValuePlace, parse: () => T): T {
    const outer = { brackets: this.#brackets, place: this.#place };
    this.#brackets = brackets;
    this.#place = place;
    const parsed = parse();
    this.#brackets = outer.brackets;
    this.#place = outer.place;
    return parsed;
  }

  /**
   * The node, whose parts are `children`: refused when the tree becomes higher than the limit, so that
   * those who walk it may recurse.
   */
  grow<T extends { readonly span: Span }>(node: T, children: readonly (object | undefined)[]): T {
    let height = 1;
    for (const child of children) {
      if (child !== undefined) height = Math.max(height, 1 + (this.#heights.get(child) ?? 1));
    }
    if (height > zexusLimits.values.syntaxHeight) return this.#tooDeep(node.span);
    if (height > 1) this.#heights.set(node, height);
    return node;
  }

  /** The expression with the brackets around it in its span. */
  widen(expression: Expression, span: Span): Expression {
    const widened = { ...expression, span };
    const height = this.#heights.get(expression);
    if (height !== undefined) this.#heights.set(widened, height);
    return widened;
  }

  #tooDeep(span: Span): never {
    const { nestingLevels, syntaxHeight } = zexusLimits.values;
    const message = `nested deeper than ${nestingLevels} levels, or over ${syntaxHeight} operators deep`;
    this.report('NESTING_TOO_DEEP', { start: span.start, end: span.end }, message, {
      hint: 'give parts of it names of their own: variables or actions',
    });
    this.#abort();
    throw new ParseFailure();
  }

  // Reporting and recovering

  report(code: DiagnosticCode, span: Span, message: string, options?: DiagnosticOptions): void {
    if (this.#isAborted) return;
    this.#sink.report(code, { start: span.start, end: span.end }, message, options);
    if (this.#sink.isFull) this.#abort();
  }

  /**
   * Reports what was expected and unwinds. The place is the current token, or behind the one before
   * it when the current one is on another line and does not begin what `isWhole` says is wrong as a
   * whole. Says nothing when the lexer already has.
   */
  fail(code: DiagnosticCode, message: string, options: FailureOptions = {}): never {
    this.reportFound(code, message, options);
    throw new ParseFailure();
  }

  /** As {@link fail}, where parsing goes on all the same. */
  reportFound(code: DiagnosticCode, message: string, options: FailureOptions = {}): void {
    const token = this.current;
    if (token.kind === 'invalid') return;
    const isElsewhere = token.startsLine || token.kind === 'end';
    const behind = { start: this.previous.end, end: this.previous.end };
    const span = isElsewhere && this.#index > 0 && !options.isWhole ? behind : token;
    this.report(code, span, `${message}, found ${describe(token)}`, { hint: options.hint });
  }

  /** Unwinds after a report. */
  unwind(): never {
    throw new ParseFailure();
  }

  /**
   * One missing brace is one report, though every block around it lacks its own there. Says nothing
   * when a string or comment without end has swallowed the rest of the file.
   */
  reportUnclosed(open: Span, message: string, hint?: string): void {
    const isSwallowed = this.isAtEnd() && this.previous.kind === 'invalid';
    if (isSwallowed || this.#unclosedAt === this.#index) return;
    this.#unclosedAt = this.#index;
    this.report('BRACE_UNCLOSED', open, message, { hint });
  }

  /**
   * Runs `parse`; when that fails, `resume` skips to where parsing can go on, told the index of the
   * token that `parse` began with.
   */
  attempt<T>(parse: () => T, resume: (first: number) => void): T | undefined {
    const first = this.#index;
    const nesting = this.#nesting;
    const brackets = this.#brackets;
    const place = this.#place;
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof ParseFailure)) throw error;
    }
    this.#nesting = nesting;
    this.#brackets = brackets;
    this.#place = place;
    resume(first);
    const { start } = this.#tokens[first] as Token;
    this.#skipped.push({ start, end: Math.max(start, this.previous.end) });
    return undefined;
  }

  /** The tokens from the one with the index `first` to before the current one. */
  consumedSince(first: number): readonly Token[] {
    return this.#tokens.slice(first, this.#index);
  }

  /** Goes to the end and reports nothing more: what follows is not worth looking at. */
  #abort(): void {
    this.#isAborted = true;
    this.#skipped.push({ start: 0, end: this.#tokens.at(-1)?.end ?? 0 });
    this.#index = this.#tokens.length - 1;
  }
}

export function isSymbol(token: Token, text: string): boolean {
  return token.kind === 'symbol' && token.text === text;
}

export function isWord(token: Token, text: string): boolean {
  return token.kind === 'word' && token.text === text;
}

/** A word that can be a name. */
export function isNameToken(token: Token): boolean {
  return token.kind === 'word' && !RESERVED_WORDS.has(token.text);
}

/** The token as a message names it. */
export function describe(token: Token): string {
  if (token.kind === 'end') return 'the end of the file';
  if (token.kind === 'string' || token.kind === 'templateHead') return 'a string';
  if (token.kind === 'templateMiddle' || token.kind === 'templateTail') return '`}`';
  const isShort = token.text.length <= QUOTED_CHARACTERS;
  return `\`${isShort ? token.text : `${token.text.slice(0, QUOTED_CHARACTERS)}…`}\``;
}
