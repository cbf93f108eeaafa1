import type {
  AssignmentOperator,
  Block,
  Expression,
  Identifier,
  Pattern,
  Statement,
} from './ast.ts';
import { closeBrace, expectStatementEnd } from './braces.ts';
import { parseEmit, parseRequire, parseRevert, parseThrow } from './checks.ts';
import {
  failElse,
  failHandler,
  parseFor,
  parseIf,
  parseTransaction,
  parseTry,
  parseWhile,
} from './control-flow.ts';
import { describe, isSymbol, isWord, type TokenCursor } from './cursor.ts';
import { parseMatchStatement } from './match.ts';
import { beginsDeclaration, isOneOf, skipStatement } from './recovery.ts';
import { parseType } from './types.ts';
import { foreignFeature, reportUnsupported } from './unsupported.ts';

/** Undefined stands for a statement that was reported and is left out. */
type StatementParser = (cursor: TokenCursor) => Statement | undefined;

const ASSIGNMENTS: ReadonlySet<string> = new Set(['=', '+=', '-=', '*=', '/=', '%=', '**=']);

/** Statements by their first word. */
const STATEMENTS: ReadonlyMap<string, StatementParser> = new Map<string, StatementParser>([
  ['break', parseJump],
  ['catch', failHandler],
  ['const', parseLet],
  ['continue', parseJump],
  ['elif', failElse],
  ['else', failElse],
  ['export', failOutside],
  ['for', parseFor],
  ['if', parseIf],
  ['import', failOutside],
  ['let', parseLet],
  ['match', parseMatchStatement],
  ['return', parseReturn],
  ['throw', parseThrow],
  ['try', parseTry],
  ['use', failOutside],
  ['while', parseWhile],
]);

/** Statements by a first word that is a name in other places. */
const COMMANDS: ReadonlyMap<string, StatementParser> = new Map<string, StatementParser>([
  ['emit', parseEmit],
  ['require', parseRequire],
  ['revert', parseRevert],
  ['tx', parseTransaction],
  ['verify', parseRequire],
]);

/** Statements that end with a block: what follows may stand on the same line. */
const WITH_BLOCK: ReadonlySet<Statement['kind']> = new Set([
  ...(['block', 'forEach', 'if', 'match', 'try', 'tx', 'while'] as const),
]);

/** `{ statements }`. Errors in it are reported and skipped statement by statement. */
export function parseBlock(cursor: TokenCursor, purpose: string): Block {
  if (cursor.isSymbol(':')) {
    reportUnsupported(cursor, 'indentation', cursor.current);
    return cursor.unwind();
  }
  if (isBareBody(cursor)) return parseBareBody(cursor, purpose);
  const open = cursor.expectSymbol('{', purpose, blockHint(cursor));
  const statements = cursor.braced(() => parseStatements(cursor));
  closeBrace(
    cursor,
    open.start,
    '`data`, `action` and `event` stand in the contract, not in an action',
  );
  return cursor.grow({ statements, span: cursor.spanFrom(open.start) }, statements);
}

/** The statements of a block whose `{` is missing, and its `}`. */
export function parseOpenBlock(cursor: TokenCursor): Block {
  const { start } = cursor.current;
  const statements = cursor.braced(() => parseStatements(cursor));
  cursor.acceptSymbol('}');
  return cursor.grow({ statements, span: cursor.spanFrom(start) }, statements);
}

/** `if (condition) statement`, as other languages have it: a word behind a bracket or `else`. */
function isBareBody(cursor: TokenCursor): boolean {
  const { previous, current } = cursor;
  if (current.kind !== 'word' || isWord(current, 'in')) return false;
  return isSymbol(previous, ')') || isWord(previous, 'else');
}

/** Reports the braces that are missing, and goes on with the statement as the block. */
function parseBareBody(cursor: TokenCursor, purpose: string): Block {
  const { current } = cursor;
  cursor.report(
    'EXPECTED_SYMBOL',
    current,
    `expected \`{\` ${purpose}, found ${describe(current)}`,
    {
      hint: blockHint(cursor),
    },
  );
  const { start } = current;
  const statement = cursor.nested(() => parseStatement(cursor));
  if (isSymbol(cursor.current, ';') && isWord(cursor.peek(), 'else')) cursor.advance();
  const statements = statement === undefined ? [] : [statement];
  return cursor.grow({ statements, span: cursor.spanFrom(start) }, statements);
}

function blockHint(cursor: TokenCursor): string | undefined {
  if (cursor.isSymbol('=')) return undefined;
  return cursor.isWord('in')
    ? 'write map.has(key), list.contains(value) or text.contains(part)'
    : 'a block stands in braces, also a single statement';
}

function parseStatements(cursor: TokenCursor): readonly Statement[] {
  const statements: Statement[] = [];
  while (!cursor.isAtEnd() && !cursor.isSymbol('}') && !beginsDeclaration(cursor)) {
    if (cursor.acceptSymbol(';')) continue;
    const statement = cursor.attempt(
      () => parseSeparated(cursor),
      (first) => skipStatement(cursor, first),
    );
    if (statement !== undefined) statements.push(statement);
  }
  return statements;
}

function parseSeparated(cursor: TokenCursor): Statement | undefined {
  const statement = parseStatement(cursor);
  if (statement !== undefined && !WITH_BLOCK.has(statement.kind)) expectStatementEnd(cursor);
  return statement;
}

/** One statement without what separates it from the next. */
export function parseStatement(cursor: TokenCursor): Statement | undefined {
  const feature = foreignFeature(cursor);
  if (feature !== undefined) {
    reportUnsupported(cursor, feature, cursor.current);
    return cursor.unwind();
  }
  return statementParser(cursor)(cursor);
}

function statementParser(cursor: TokenCursor): StatementParser {
  const { kind, text } = cursor.current;
  if (kind === 'symbol' && text === '{') return parseBareBlock;
  if (kind !== 'word') return parseSimple;
  const command = COMMANDS.get(text);
  if (command !== undefined && !isUsedAsName(cursor)) return command;
  return STATEMENTS.get(text) ?? parseSimple;
}

/**
 * The current word, such as `emit`, is a variable here: it is assigned to, accessed, or the operand of
 * an operator. `tx` is one unless a block follows, and so is `verify` where nothing does.
 */
function isUsedAsName(cursor: TokenCursor): boolean {
  const next = cursor.peek();
  if (cursor.isWord('tx')) return !isSymbol(next, '{');
  const isIndexed = isSymbol(next, '[') && !next.startsLine;
  const isAssigned = next.kind === 'symbol' && ASSIGNMENTS.has(next.text);
  if (isAssigned || isIndexed || isSymbol(next, '.')) return true;
  if (!cursor.isWord('verify')) return false;
  return next.startsLine || next.kind === 'end' || isOneOf(next, ';', '}', ',');
}

// Values and assignments

/** An assignment, or a value that is computed for what it does. */
function parseSimple(cursor: TokenCursor): Statement {
  const { start } = cursor.current;
  if (isPlaceholder(cursor)) {
    cursor.advance();
    return { kind: 'placeholder', span: cursor.spanFrom(start) };
  }
  if (!beginsValue(cursor)) {
    return cursor.fail('EXPECTED_STATEMENT', 'expected a statement', { isWhole: true });
  }
  const expression = cursor.expression();
  const operator = cursor.current;
  if (operator.kind !== 'symbol' || !ASSIGNMENTS.has(operator.text)) {
    const span = cursor.spanFrom(start);
    return cursor.grow({ kind: 'expression', expression, span }, [expression]);
  }
  if (!['name', 'member', 'index'].includes(expression.kind)) {
    cursor.report('TARGET_INVALID', expression.span, 'this cannot be assigned to', {
      hint: 'assign to a name, to a member, or to an entry of a map or list',
    });
  }
  cursor.advance();
  const value = cursor.expression();
  const assignment = operator.text as AssignmentOperator;
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'assign', target: expression, operator: assignment, value, span }, [
    expression,
    value,
  ]);
}

/** `_` alone. */
function isPlaceholder(cursor: TokenCursor): boolean {
  if (!cursor.isWord('_')) return false;
  const next = cursor.peek();
  return next.startsLine || next.kind === 'end' || isOneOf(next, ';', '}', ',');
}

function beginsValue(cursor: TokenCursor): boolean {
  const { kind, text } = cursor.current;
  if (kind === 'symbol') return ['(', '[', '!', '-', '#{'].includes(text);
  if (kind === 'templateMiddle' || kind === 'templateTail') return false;
  if (kind !== 'word') return true;
  return !['and', 'case', 'default', 'each', 'in', 'or'].includes(text);
}

// Declarations of local names

/** `let` or `const`, a pattern, `=`, and a value. */
function parseLet(cursor: TokenCursor): Statement {
  const { start, text } = cursor.advance();
  const pattern = parsePattern(cursor);
  cursor.expectSymbol('=', 'and a value behind the name', 'a variable has a value from the start');
  const value = cursor.expression();
  const type = pattern.kind === 'name' ? pattern.type : undefined;
  const isConstant = text === 'const';
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'let', pattern, isConstant, value, span }, [type, value]);
}

function parsePattern(cursor: TokenCursor): Pattern {
  const { start } = cursor.current;
  if (cursor.isSymbol('[')) {
    const names = parseNames(cursor, ']', () => cursor.expectName('of the variable'));
    return { kind: 'list', names, span: cursor.spanFrom(start) };
  }
  if (cursor.isSymbol('{')) {
    const names = parseNames(cursor, '}', () => parsePart(cursor));
    return { kind: 'map', names, span: cursor.spanFrom(start) };
  }
  const name = cursor.expectName('of the variable');
  return { kind: 'name', name, type: cursor.acceptSymbol(':') ? parseType(cursor) : undefined };
}

/** What `parse` reads, with commas between, in the brackets that the current token opens. */
function parseNames<T>(cursor: TokenCursor, closing: string, parse: () => T): readonly T[] {
  cursor.advance();
  return cursor.bracketed(() => {
    const names: T[] = [];
    do {
      if (names.length > 0 && cursor.isSymbol(closing)) break;
      names.push(parse());
    } while (cursor.acceptSymbol(','));
    cursor.expectSymbol(closing, 'behind the names');
    return names;
  });
}

/** `key`, or `key: name` with another name for the variable. */
function parsePart(cursor: TokenCursor): { readonly key: Identifier; readonly local: Identifier } {
  const isRenamed = cursor.current.kind === 'word' && isSymbol(cursor.peek(), ':');
  if (!isRenamed) {
    const key = cursor.expectName('of the variable');
    return { key, local: key };
  }
  const { text, start, end } = cursor.advance();
  cursor.advance();
  return { key: { name: text, span: { start, end } }, local: cursor.expectName('of the variable') };
}

// The rest

function parseBareBlock(cursor: TokenCursor): Statement {
  const body = parseBlock(cursor, 'here');
  return cursor.grow({ kind: 'block', body, span: body.span }, [body]);
}

function parseJump(cursor: TokenCursor): Statement {
  const { text, start, end } = cursor.advance();
  return { kind: text === 'break' ? 'break' : 'continue', span: { start, end } };
}

/** A value stands on the line of its `return`. */
function parseReturn(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  const isAlone = cursor.isAtStatementEnd() || cursor.isSymbol(',');
  const value: Expression | undefined = isAlone ? undefined : cursor.expression();
  return cursor.grow({ kind: 'return', value, span: cursor.spanFrom(start) }, [value]);
}

function failOutside(cursor: TokenCursor): never {
  const { text } = cursor.current;
  const message = `\`${text}\` stands outside of contracts`;
  cursor.report('EXPECTED_STATEMENT', cursor.current, message, {
    hint: 'write it on a line of its own, before the contract',
  });
  return cursor.unwind();
}
