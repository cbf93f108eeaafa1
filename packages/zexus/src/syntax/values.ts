import type { Expression, MapLiteralEntry } from './ast.ts';
import { isNameToken, isSymbol, type TokenCursor } from './cursor.ts';
import {
  beginsParameterLambda,
  isFunctionLiteral,
  parseFunctionLiteral,
  parseLambda,
  parseWordLambda,
} from './functions.ts';
import { parseMatchExpression } from './match.ts';
import { skipBrackets, skipValue } from './recovery.ts';
import type { Span } from './source.ts';
import { RESERVED_WORDS, type Token } from './tokens.ts';
import { type Feature, reportUnsupported } from './unsupported.ts';

/** Words that begin a value of a kind that contracts do not have. */
const UNSUPPORTED_PREFIX: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  ['async', 'async'],
  ['await', 'async'],
  ['print', 'print'],
  ['spawn', 'async'],
]);

/** A value without operators: a literal, a name, a function, or anything in brackets. */
export function parsePrimary(cursor: TokenCursor): Expression {
  const token = cursor.current;
  const { text } = token;
  const span = { start: token.start, end: token.end };
  switch (token.kind) {
    case 'integer':
      cursor.advance();
      return { kind: 'integer', value: BigInt(text), span };
    case 'hex':
      cursor.advance();
      return { kind: 'hex', text, span };
    case 'string':
      cursor.advance();
      return { kind: 'string', value: text, span };
    case 'templateHead':
      return parseTemplate(cursor);
    case 'float':
      cursor.advance();
      cursor.report('FLOAT_FORBIDDEN', span, 'contracts have no floating-point numbers', {
        hint: 'count in the smallest unit, or write a fraction as * 3 / 100',
      });
      return nothing(span);
    case 'word':
      return parseWord(cursor, token, span);
    case 'symbol':
      return parseSymbol(cursor, token);
    default:
      return failExpression(cursor);
  }
}

function failExpression(cursor: TokenCursor): never {
  return cursor.fail('EXPECTED_EXPRESSION', 'expected a value');
}

function parseWord(cursor: TokenCursor, token: Token, span: Span): Expression {
  const { text } = token;
  const feature = UNSUPPORTED_PREFIX.get(text);
  if (feature !== undefined) return skipUnsupported(cursor, feature);
  switch (text) {
    case 'true':
    case 'false':
      cursor.advance();
      return { kind: 'boolean', value: text === 'true', span };
    case 'null':
    case 'this':
      cursor.advance();
      return { kind: text, span };
    case 'lambda':
      return parseWordLambda(cursor);
    case 'match':
      return parseMatchExpression(cursor);
    default:
      return parseName(cursor, token, span);
  }
}

function parseName(cursor: TokenCursor, token: Token, span: Span): Expression {
  const { text } = token;
  if (RESERVED_WORDS.has(text)) return failExpression(cursor);
  if (readsFile(cursor)) return skipUnsupported(cursor, 'file');
  if (isFunctionLiteral(cursor)) return parseFunctionLiteral(cursor);
  if (isSymbol(cursor.peek(), '=>') && cursor.place !== 'pattern') return parseLambda(cursor);
  cursor.advance();
  // `self` is another way to write `this`.
  if (text === 'self' && cursor.isSymbol('.')) return { kind: 'this', span };
  return { kind: 'name', name: text, span };
}

/** Upstream's `find "module"` and `load NAME`; in other places the words are names. */
function readsFile(cursor: TokenCursor): boolean {
  const { text } = cursor.current;
  const next = cursor.peek();
  if ((text !== 'find' && text !== 'load') || next.startsLine) return false;
  return next.kind === 'string' || isNameToken(next);
}

/** `[`, `{`, `(` and what no value begins with. */
function parseSymbol(cursor: TokenCursor, token: Token): Expression {
  switch (token.text) {
    case '(':
      return cursor.place !== 'pattern' && beginsParameterLambda(cursor)
        ? parseLambda(cursor)
        : parseGroup(cursor);
    case '[':
      return parseList(cursor);
    case '{':
      return parseMap(cursor);
    case '#{':
      reportUnsupported(cursor, 'set', token);
      skipBrackets(cursor);
      return nothing(cursor.spanFrom(token.start));
    default:
      return failExpression(cursor);
  }
}

function parseGroup(cursor: TokenCursor): Expression {
  const open = cursor.advance();
  const inner = cursor.bracketed(() => {
    const parsed = cursor.expression();
    if (cursor.isSymbol(',')) {
      reportUnsupported(cursor, 'tuple', open);
      while (cursor.acceptSymbol(',')) skipValue(cursor);
    }
    cursor.expectSymbol(')', 'to close the bracket');
    return parsed;
  });
  return cursor.widen(inner, cursor.spanFrom(open.start));
}

/** `"… ${value} …"`: the lexer has split the string. */
function parseTemplate(cursor: TokenCursor): Expression {
  const head = cursor.advance();
  const texts = [head.text];
  const values: Expression[] = [];
  do {
    values.push(cursor.bracketed(() => cursor.expression()));
    const { kind } = cursor.current;
    if (kind !== 'templateMiddle' && kind !== 'templateTail') {
      return cursor.fail('EXPECTED_SYMBOL', 'expected `}` behind the value in the string');
    }
    texts.push(cursor.advance().text);
  } while (cursor.previous.kind === 'templateMiddle');
  const span = cursor.spanFrom(head.start);
  return cursor.grow({ kind: 'template', texts, values, span }, values);
}

/** `[a, b]`; a comma behind the last one is allowed. */
function parseList(cursor: TokenCursor): Expression {
  const { start } = cursor.advance();
  const items = cursor.bracketed(() => {
    const parsed: Expression[] = [];
    while (!cursor.isSymbol(']')) {
      parsed.push(cursor.expression());
      if (!cursor.acceptSymbol(',')) break;
    }
    cursor.expectSymbol(']', 'behind the values of the list');
    return parsed;
  });
  return cursor.grow({ kind: 'list', items, span: cursor.spanFrom(start) }, items);
}

function parseMap(cursor: TokenCursor): Expression {
  const { start } = cursor.current;
  const entries = parseEntries(cursor);
  const parts = entries.flatMap(({ key, value }) => [key, value]);
  return cursor.grow({ kind: 'map', entries, span: cursor.spanFrom(start) }, parts);
}

/** `{key: value, …}`; a comma behind the last one is allowed. */
export function parseEntries(cursor: TokenCursor): readonly MapLiteralEntry[] {
  cursor.expectSymbol('{', 'before the entries');
  return cursor.bracketed(() => {
    const entries: MapLiteralEntry[] = [];
    while (!cursor.isSymbol('}')) {
      const key = parseKey(cursor);
      const hint = cursor.isSymbol('=') ? 'write `:` between a key and its value' : undefined;
      cursor.expectSymbol(':', 'and a value behind the key', hint);
      entries.push({ key, value: cursor.expression() });
      if (!cursor.acceptSymbol(',')) break;
    }
    cursor.expectSymbol('}', 'behind the entries');
    return entries;
  });
}

/** Any word, which stands for the string of it; a literal; a value in round brackets. */
function parseKey(cursor: TokenCursor): Expression {
  const { kind, text, start, end } = cursor.current;
  if (kind === 'word') {
    cursor.advance();
    return { kind: 'string', value: text, span: { start, end } };
  }
  const isLiteral = ['float', 'hex', 'integer', 'string', 'templateHead'].includes(kind);
  if (isLiteral || cursor.isSymbol('(')) return parsePrimary(cursor);
  return cursor.fail('EXPECTED_EXPRESSION', 'expected a key', {
    hint: 'a key is a name, a string, an integer or bytes; any other stands in brackets: {(key): value}',
  });
}

/** Reports a value that contracts do not have and skips it. */
function skipUnsupported(cursor: TokenCursor, feature: Feature): Expression {
  const token = cursor.advance();
  reportUnsupported(cursor, feature, token);
  skipValue(cursor);
  return nothing(cursor.spanFrom(token.start));
}

/** Stands for a value that was reported, so that what is around it can be parsed. */
function nothing(span: Span): Expression {
  return { kind: 'null', span: { start: span.start, end: span.end } };
}
