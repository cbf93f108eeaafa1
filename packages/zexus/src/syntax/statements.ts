import type { AssignmentOperator, Block, Expression, Statement } from './ast.ts';
import { isSymbol, isWord, type TokenCursor } from './cursor.ts';
import { parseAfterGroup, parseArguments, parseExpression } from './expressions.ts';
import {
  beginsDeclaration,
  isOneOf,
  skipBrackets,
  skipStatement,
  skipToBlock,
  skipValue,
} from './recovery.ts';
import { parseType } from './types.ts';
import { type Feature, reportUnsupported } from './unsupported.ts';

/** Undefined stands for a statement that was reported and is left out. */
type StatementParser = (cursor: TokenCursor) => Statement | undefined;

const ASSIGNMENTS: ReadonlySet<string> = new Set(['=', '+=', '-=', '*=', '/=', '%=', '**=']);

/** Statements by their first word. */
const STATEMENTS: ReadonlyMap<string, StatementParser> = new Map<string, StatementParser>([
  ['break', parseJump],
  ['const', parseConst],
  ['continue', parseJump],
  ['elif', failElse],
  ['else', failElse],
  ['for', skipFor],
  ['if', parseIf],
  ['let', parseLet],
  ['return', parseReturn],
  ['try', skipTry],
  ['while', parseWhile],
]);

/** Statements by a first word that is a name in other places. */
const COMMANDS: ReadonlyMap<string, StatementParser> = new Map<string, StatementParser>([
  ['emit', parseEmit],
  ['require', parseRequire],
  ['revert', parseRevert],
  ['tx', skipTransaction],
  ['verify', skipVerify],
]);

const UNSUPPORTED_STATEMENTS: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  ['debug', 'print'],
  ['export', 'export'],
  ['import', 'use'],
  ['throw', 'throw'],
  ['use', 'use'],
]);

/** Statements that end with a block: what follows may stand on the same line. */
const WITH_BLOCK: ReadonlySet<Statement['kind']> = new Set(['if', 'while']);

/** `{ statements }`. Errors in it are reported and skipped statement by statement. */
export function parseBlock(cursor: TokenCursor, purpose: string): Block {
  if (cursor.isSymbol(':')) failIndentation(cursor);
  const open = cursor.expectSymbol('{', purpose, braceHint(cursor));
  const statements = cursor.nested(() => parseStatements(cursor));
  closeBlock(
    cursor,
    open.start,
    '`data`, `action` and `event` stand in the contract, not in an action',
  );
  const block = { statements, span: cursor.spanFrom(open.start) };
  return cursor.grow(block, statements);
}

function failIndentation(cursor: TokenCursor): never {
  reportUnsupported(cursor, 'indentation', cursor.current);
  return cursor.unwind();
}

function braceHint(cursor: TokenCursor): string | undefined {
  return isOneOf(cursor.current, '=')
    ? undefined
    : 'a block stands in braces, also a single statement';
}

/** Consumes the `}` of the block that was opened at `start`, or says that it is missing. */
export function closeBlock(cursor: TokenCursor, start: number, hint: string): void {
  if (cursor.acceptSymbol('}')) return;
  const span = { start, end: start + 1 };
  if (cursor.isAtEnd()) cursor.reportUnclosed(span, 'the brace is never closed');
  else cursor.reportUnclosed(span, 'the brace is not closed before the next declaration', hint);
}

function parseStatements(cursor: TokenCursor): readonly Statement[] {
  const statements: Statement[] = [];
  while (!cursor.isAtEnd() && !cursor.isSymbol('}') && !beginsDeclaration(cursor)) {
    if (cursor.acceptSymbol(';')) continue;
    const statement = cursor.attempt(
      () => parseStatement(cursor),
      (first) => skipStatement(cursor, first),
    );
    if (statement !== undefined) statements.push(statement);
  }
  return statements;
}

function parseStatement(cursor: TokenCursor): Statement | undefined {
  const { kind, text } = cursor.current;
  const feature = kind === 'word' ? UNSUPPORTED_STATEMENTS.get(text) : undefined;
  if (feature !== undefined) {
    reportUnsupported(cursor, feature, cursor.current);
    return cursor.unwind();
  }
  const statement = statementParser(cursor)(cursor);
  if (statement !== undefined && !WITH_BLOCK.has(statement.kind)) expectStatementEnd(cursor);
  return statement;
}

function statementParser(cursor: TokenCursor): StatementParser {
  const { kind, text } = cursor.current;
  if (kind === 'symbol' && text === '{') return skipBareBlock;
  if (kind !== 'word') return parseSimple;
  const command = COMMANDS.get(text);
  if (command !== undefined && !isUsedAsName(cursor)) return command;
  return STATEMENTS.get(text) ?? parseSimple;
}

/** The current word, such as `emit`, is a variable here: it is assigned to or accessed. */
function isUsedAsName(cursor: TokenCursor): boolean {
  const next = cursor.peek();
  if (next.kind !== 'symbol') return false;
  return ASSIGNMENTS.has(next.text) || next.text === '.' || next.text === '[';
}

/** A statement or declaration ends here: a semicolon, which is consumed, a new line or a brace. */
export function expectStatementEnd(cursor: TokenCursor): void {
  if (cursor.acceptSymbol(';') || cursor.isAtStatementEnd()) return;
  if (cursor.isSymbol('{')) {
    reportUnsupported(cursor, 'entity', cursor.current);
    cursor.unwind();
  }
  const hint = cursor.isSymbol('=')
    ? '`=` assigns, once in a statement; write `==` to compare'
    : undefined;
  cursor.fail('EXPECTED_END', 'expected a new line or `;`', { hint });
}

// Values and assignments

/** An assignment, or a value that is computed for what it does. */
function parseSimple(cursor: TokenCursor): Statement {
  const { start } = cursor.current;
  if (!beginsValue(cursor)) {
    return cursor.fail('EXPECTED_STATEMENT', 'expected a statement', { isWhole: true });
  }
  const expression = parseExpression(cursor);
  const operator = cursor.current;
  if (operator.kind !== 'symbol' || !ASSIGNMENTS.has(operator.text)) {
    const span = cursor.spanFrom(start);
    return cursor.grow({ kind: 'expression', expression, span }, [expression]);
  }
  if (!isTarget(expression)) {
    cursor.report('TARGET_INVALID', expression.span, 'this cannot be assigned to', {
      hint: 'assign to a name, to this.name, or to an entry of a map in one of those',
    });
  }
  cursor.advance();
  const value = parseExpression(cursor);
  const assignment = operator.text as AssignmentOperator;
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'assign', target: expression, operator: assignment, value, span }, [
    expression,
    value,
  ]);
}

function beginsValue(cursor: TokenCursor): boolean {
  const { kind, text } = cursor.current;
  if (kind === 'symbol') return ['(', '[', '!', '-', '#{'].includes(text);
  if (kind !== 'word') return true;
  return !['and', 'case', 'catch', 'default', 'each', 'in', 'or'].includes(text);
}

/** A name, `this.name`, or an index of one of those, nested or not. */
function isTarget(expression: Expression): boolean {
  let object = expression;
  while (object.kind === 'index') object = object.object;
  if (object.kind === 'member') return object.object.kind === 'this';
  return object.kind === 'name';
}

function parseLet(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  if (isOneOf(cursor.current, '[', '{')) {
    reportUnsupported(cursor, 'destructuring', cursor.current);
    cursor.unwind();
  }
  const name = cursor.expectName('of the variable');
  const type = cursor.acceptSymbol(':') ? parseType(cursor) : undefined;
  cursor.expectSymbol('=', 'and a value behind the name', 'a variable has a value from the start');
  const value = parseExpression(cursor);
  return cursor.grow({ kind: 'let', name, type, value, span: cursor.spanFrom(start) }, [
    type,
    value,
  ]);
}

function parseConst(cursor: TokenCursor): Statement {
  reportUnsupported(cursor, 'const', cursor.current);
  return parseLet(cursor);
}

// Control flow

type Branch = { readonly condition: Expression; readonly block: Block; readonly start: number };

/** `if`, `elif` and `else if` in a row, and `else`. A loop: a chain is no reason to recurse. */
function parseIf(cursor: TokenCursor): Statement {
  const branches = [parseBranch(cursor, cursor.advance().start)];
  let otherwise: Block | undefined;
  for (;;) {
    const { start } = cursor.current;
    if (cursor.acceptWord('elif')) {
      branches.push(parseBranch(cursor, start));
    } else if (cursor.isWord('else') && isWord(cursor.peek(), 'if')) {
      cursor.advance();
      branches.push(parseBranch(cursor, cursor.advance().start));
    } else {
      if (cursor.acceptWord('else')) otherwise = parseBlock(cursor, 'behind `else`');
      return joinBranches(cursor, branches, otherwise);
    }
  }
}

function parseBranch(cursor: TokenCursor, start: number): Branch {
  const condition = parseCondition(cursor);
  return { condition, block: parseBlock(cursor, 'behind the condition'), start };
}

function parseCondition(cursor: TokenCursor): Expression {
  if (!cursor.isSymbol('{')) return parseExpression(cursor);
  const { start } = cursor.current;
  cursor.report('EXPECTED_EXPRESSION', cursor.current, 'expected a condition, found `{`');
  return { kind: 'null', span: { start, end: start } };
}

function joinBranches(
  cursor: TokenCursor,
  branches: readonly Branch[],
  last: Block | undefined,
): Statement {
  let otherwise = last;
  for (let index = branches.length - 1; ; index -= 1) {
    const { condition, block: then, start } = branches[index] as Branch;
    const span = cursor.spanFrom(start);
    const statement: Statement = cursor.grow({ kind: 'if', condition, then, otherwise, span }, [
      condition,
      then,
      otherwise,
    ]);
    if (index === 0) return statement;
    otherwise = cursor.grow({ statements: [statement], span }, [statement]);
  }
}

function failElse(cursor: TokenCursor): never {
  const { text } = cursor.current;
  cursor.report('ELSE_WITHOUT_IF', cursor.current, `\`${text}\` without an \`if\` before it`);
  return cursor.unwind();
}

function parseWhile(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  const condition = parseCondition(cursor);
  const body = parseBlock(cursor, 'behind the condition');
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'while', condition, body, span }, [condition, body]);
}

function parseJump(cursor: TokenCursor): Statement {
  const { text, start, end } = cursor.advance();
  return { kind: text === 'break' ? 'break' : 'continue', span: { start, end } };
}

/** A value stands on the line of its `return`. */
function parseReturn(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  const value = cursor.isAtStatementEnd() ? undefined : parseExpression(cursor);
  return cursor.grow({ kind: 'return', value, span: cursor.spanFrom(start) }, [value]);
}

// Checks and events

/** `require(condition, message)` or the same without brackets, each with or without a message. */
function parseRequire(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  let message: Expression | undefined;
  const parseMessage = (): void => {
    if (cursor.acceptSymbol(',') && !cursor.isSymbol(')')) message = parseExpression(cursor);
  };
  let condition: Expression;
  if (cursor.isSymbol('(')) {
    const open = cursor.advance();
    condition = cursor.bracketed(() => {
      const parsed = parseExpression(cursor);
      parseMessage();
      cursor.expectSymbol(')', 'behind what is required');
      return parsed;
    });
    // What follows shows that the brackets were those of the condition: require (a) && b, "m".
    if (message === undefined) {
      const group = cursor.widen(condition, cursor.spanFrom(open.start));
      condition = parseAfterGroup(cursor, group);
      parseMessage();
    }
  } else {
    condition = parseExpression(cursor);
    parseMessage();
  }
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'require', condition, message, span }, [condition, message]);
}

function parseRevert(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  let message: Expression | undefined;
  if (!cursor.isAtStatementEnd()) {
    cursor.expectSymbol('(', 'behind `revert`', 'write revert("…") or revert()');
    message = cursor.bracketed(() => {
      const parsed = cursor.isSymbol(')') ? undefined : parseExpression(cursor);
      cursor.expectSymbol(')', 'behind the message');
      return parsed;
    });
  }
  return cursor.grow({ kind: 'revert', message, span: cursor.spanFrom(start) }, [message]);
}

function parseEmit(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  if (cursor.isSymbol('(')) {
    reportUnsupported(cursor, 'emitExpression', cursor.previous);
    return cursor.unwind();
  }
  const event = cursor.expectName('of the event');
  if (cursor.isSymbol('{')) {
    reportUnsupported(cursor, 'emitMap', cursor.current);
    return cursor.unwind();
  }
  const args = parseArguments(cursor);
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'emit', event, arguments: args, span }, args);
}

// Statements of later versions: reported, and their blocks looked through for other errors

function skipFor(cursor: TokenCursor): undefined {
  reportUnsupported(cursor, 'for', cursor.advance());
  if (skipToBlock(cursor)) parseBlock(cursor, 'behind the head of the loop');
}

function skipTry(cursor: TokenCursor): undefined {
  reportUnsupported(cursor, 'try', cursor.advance());
  parseBlock(cursor, 'behind `try`');
  while (cursor.isWord('catch') || cursor.isWord('finally')) {
    cursor.advance();
    if (!skipToBlock(cursor)) return;
    parseBlock(cursor, 'behind `catch` or `finally`');
  }
}

function skipTransaction(cursor: TokenCursor): Statement | undefined {
  if (!isSymbol(cursor.peek(), '{')) return parseSimple(cursor);
  reportUnsupported(cursor, 'tx', cursor.advance());
  parseBlock(cursor, 'behind `tx`');
  return undefined;
}

/** `verify` is a statement before a value, but not a lone name. */
function skipVerify(cursor: TokenCursor): Statement | undefined {
  const next = cursor.peek();
  if (next.kind !== 'word' && !isSymbol(next, '(')) return parseSimple(cursor);
  reportUnsupported(cursor, 'verify', cursor.advance());
  skipValue(cursor);
  return cursor.unwind();
}

function skipBareBlock(cursor: TokenCursor): undefined {
  reportUnsupported(cursor, 'bareBlock', cursor.current);
  if (isSymbol(cursor.peek(), '}')) skipBrackets(cursor);
  else parseBlock(cursor, 'here');
}
