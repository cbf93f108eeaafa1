import type { Block, Expression, Parameter } from './ast.ts';
import { isNameToken, isSymbol, type TokenCursor } from './cursor.ts';
import { behindParameters, parseParameters } from './parameters.ts';

/** The bracket begins parameters before `=>`: `(a, b: type) => …`. */
export function beginsParameterLambda(cursor: TokenCursor): boolean {
  const behind = behindParameters(cursor, 0);
  return behind !== undefined && isSymbol(cursor.peek(behind), '=>');
}

/**
 * The current word is `action` or `function` before parameters and a block, which is no call. In the
 * head of a block it is one: the brace begins that block.
 */
export function isFunctionLiteral(cursor: TokenCursor): boolean {
  const { text } = cursor.current;
  if (text !== 'action' && text !== 'function') return false;
  if (cursor.place === 'head' || cursor.place === 'pattern') return false;
  const behind = behindParameters(cursor, 1);
  return behind !== undefined && isSymbol(cursor.peek(behind), '{');
}

/** `x => …` or `(x, y) => …` */
export function parseLambda(cursor: TokenCursor): Expression {
  const { start } = cursor.current;
  const parameters = cursor.isSymbol('(') ? parseParameters(cursor) : [parseLoneParameter(cursor)];
  cursor.expectSymbol('=>', 'behind the parameters');
  return finish(cursor, start, parameters, parseBody(cursor));
}

/** `action(x) { … }` or `function(x) { … }` */
export function parseFunctionLiteral(cursor: TokenCursor): Expression {
  const { start } = cursor.advance();
  const parameters = parseParameters(cursor);
  return finish(cursor, start, parameters, cursor.block('around the body of the function'));
}

/**
 * `lambda(x, y) …` or `lambda x, y: …`: behind the parameters `=>`, `:` or `->` and a value or block,
 * or these at once when the parameters have brackets.
 */
export function parseWordLambda(cursor: TokenCursor): Expression {
  const { start } = cursor.advance();
  const isBare = !cursor.isSymbol('(');
  const parameters = isBare ? parseBareParameters(cursor) : parseParameters(cursor);
  const hasArrow = ['=>', ':', '->'].some((symbol) => cursor.acceptSymbol(symbol));
  if (isBare && !hasArrow) cursor.expectSymbol('=>', 'behind the parameters');
  return finish(cursor, start, parameters, parseBody(cursor));
}

function parseBareParameters(cursor: TokenCursor): readonly Parameter[] {
  const parameters: Parameter[] = [];
  if (!isNameToken(cursor.current)) return parameters;
  do {
    parameters.push(parseLoneParameter(cursor));
  } while (cursor.acceptSymbol(','));
  return parameters;
}

function parseLoneParameter(cursor: TokenCursor): Parameter {
  return { name: cursor.expectName('of the parameter', true), type: undefined };
}

/** A block, or a value, which stands for a block that returns it. */
function parseBody(cursor: TokenCursor): Block {
  if (cursor.isSymbol('{') && !isMapLiteral(cursor)) {
    return cursor.block('around the body of the function');
  }
  const value = cursor.nested(() => cursor.expression());
  const { span } = value;
  const statement = cursor.grow({ kind: 'return' as const, value, span }, [value]);
  return cursor.grow({ statements: [statement], span }, [statement]);
}

/** The brace begins a map: behind it a key and a colon, with which no statement begins. */
function isMapLiteral(cursor: TokenCursor): boolean {
  const { kind } = cursor.peek();
  const isKey = ['hex', 'integer', 'string', 'word'].includes(kind);
  return isKey && isSymbol(cursor.peek(2), ':');
}

function finish(
  cursor: TokenCursor,
  start: number,
  parameters: readonly Parameter[],
  body: Block,
): Expression {
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'function', parameters, body, span }, [body]);
}
