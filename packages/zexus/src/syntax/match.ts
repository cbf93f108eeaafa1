import type { Block, Expression, MatchArm, Statement } from './ast.ts';
import { closeBrace } from './braces.ts';
import { isSymbol, isWord, type TokenCursor } from './cursor.ts';
import { beginsDeclaration, isOneOf, skipStatement } from './recovery.ts';
import type { Span } from './source.ts';

/**
 * A `match` as a statement. Each arm is `case pattern, … { … }`, `case pattern: statements`, or
 * `pattern, … => statement or block`; the one for all the rest begins with `default` or `_`.
 */
export function parseMatchStatement(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  const subject = parseSubject(cursor);
  const open = cursor.expectSymbol('{', 'around the arms');
  const arms = cursor.braced(() => {
    const parsed: MatchArm<Block>[] = [];
    while (!cursor.isSymbol('}') && !cursor.isAtEnd() && !beginsDeclaration(cursor)) {
      if (isSeparator(cursor)) continue;
      const arm = cursor.attempt(
        () => parseStatementArm(cursor),
        (first) => skipStatement(cursor, first),
      );
      if (arm !== undefined) parsed.push(arm);
    }
    return parsed;
  });
  closeBrace(cursor, open.start, 'close the arms of the match with `}`');
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'match', subject, arms, span }, [subject, ...arms]);
}

/** A `match` as a value: its arms are `pattern, … => value`, also with `case`, `default` and `:`. */
export function parseMatchExpression(cursor: TokenCursor): Expression {
  const { start } = cursor.advance();
  const subject = parseSubject(cursor);
  cursor.expectSymbol('{', 'around the arms');
  const arms = cursor.braced(() => {
    const parsed: MatchArm<Expression>[] = [];
    while (!cursor.isSymbol('}') && !cursor.isAtEnd()) {
      if (isSeparator(cursor)) continue;
      parsed.push(parseValueArm(cursor));
      if (!isOneOf(cursor.current, ',', ';') && !cursor.startsLine()) break;
    }
    cursor.expectSymbol('}', 'behind the arms');
    return parsed;
  });
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'match', subject, arms, span }, [subject, ...arms]);
}

function parseSubject(cursor: TokenCursor): Expression {
  if (cursor.isSymbol('{')) cursor.fail('EXPECTED_EXPRESSION', 'expected a value to match');
  return cursor.nested(() => cursor.at('head', () => cursor.expression()));
}

function isSeparator(cursor: TokenCursor): boolean {
  return cursor.acceptSymbol(',') || cursor.acceptSymbol(';');
}

/** Undefined for `default` and `_`. */
function parsePatterns(cursor: TokenCursor): readonly Expression[] | undefined {
  if (cursor.acceptWord('default')) return undefined;
  cursor.acceptWord('case');
  if (cursor.isWord('_') && isOneOf(cursor.peek(), '=>', ':', '{')) {
    cursor.advance();
    return undefined;
  }
  const patterns: Expression[] = [];
  do {
    if (cursor.isSymbol('{')) cursor.fail('EXPECTED_EXPRESSION', 'expected a pattern');
    patterns.push(cursor.at('pattern', () => cursor.expression()));
  } while (cursor.acceptSymbol(','));
  return patterns;
}

function parseStatementArm(cursor: TokenCursor): MatchArm<Block> {
  const { start } = cursor.current;
  const patterns = parsePatterns(cursor);
  const body = parseArmBody(cursor);
  return growArm(cursor, { patterns, body, span: cursor.spanFrom(start) });
}

function parseArmBody(cursor: TokenCursor): Block {
  const from = cursor.current;
  if (cursor.isSymbol('{')) return cursor.block('behind the pattern');
  if (cursor.acceptSymbol(':')) return parseCase(cursor, from);
  cursor.expectSymbol(
    '=>',
    'behind the pattern',
    'write pattern => statement, or case pattern { … }',
  );
  if (cursor.isSymbol('{')) return cursor.block('behind the pattern');
  const statement = cursor.at('arm', () => cursor.statement());
  if (!endsArm(cursor)) cursor.fail('EXPECTED_END', 'expected a new line or `,`');
  return blockOf(cursor, statement === undefined ? [] : [statement], statement?.span ?? from);
}

function endsArm(cursor: TokenCursor): boolean {
  return cursor.isAtStatementEnd() || cursor.isSymbol(',');
}

/** The statements behind `case pattern:`, up to the next one. */
function parseCase(cursor: TokenCursor, colon: Span): Block {
  const statements: Statement[] = [];
  while (!endsCase(cursor)) {
    if (cursor.acceptSymbol(';')) continue;
    const statement = cursor.attempt(
      () => parseSeparated(cursor),
      (first) => skipStatement(cursor, first),
    );
    if (statement !== undefined) statements.push(statement);
  }
  return blockOf(cursor, statements, cursor.spanFrom(colon.end));
}

function parseSeparated(cursor: TokenCursor): Statement | undefined {
  const statement = cursor.statement();
  const isSeparated = isSymbol(cursor.previous, '}') || cursor.isAtStatementEnd();
  if (!isSeparated) cursor.fail('EXPECTED_END', 'expected a new line or `;`');
  return statement;
}

function endsCase(cursor: TokenCursor): boolean {
  const { current } = cursor;
  if (cursor.isAtEnd() || isSymbol(current, '}')) return true;
  return isWord(current, 'case') || isWord(current, 'default');
}

function blockOf(cursor: TokenCursor, statements: readonly Statement[], span: Span): Block {
  const place = { start: span.start, end: span.end };
  return cursor.grow({ statements, span: place }, statements);
}

function parseValueArm(cursor: TokenCursor): MatchArm<Expression> {
  const { start } = cursor.current;
  const patterns = parsePatterns(cursor);
  if (!cursor.acceptSymbol(':')) {
    cursor.expectSymbol('=>', 'behind the pattern', 'write pattern => value');
  }
  const body = cursor.nested(() => cursor.at('arm', () => cursor.expression()));
  return growArm(cursor, { patterns, body, span: cursor.spanFrom(start) });
}

function growArm<Body extends object>(cursor: TokenCursor, arm: MatchArm<Body>): MatchArm<Body> {
  return cursor.grow(arm, [...(arm.patterns ?? []), arm.body]);
}
