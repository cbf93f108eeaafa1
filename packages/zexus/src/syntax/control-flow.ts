import type { Block, Expression, Identifier, Statement } from './ast.ts';
import { isNameToken, isSymbol, isWord, type TokenCursor } from './cursor.ts';
import { isOneOf, skipToBlock } from './recovery.ts';
import { reportUnsupported } from './unsupported.ts';

type Branch = { readonly condition: Expression; readonly block: Block; readonly start: number };

/** `if`, `elif` and `else if` in a row, and `else`. A loop: a chain is no reason to recurse. */
export function parseIf(cursor: TokenCursor): Statement {
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
      if (cursor.acceptWord('else')) otherwise = cursor.block('behind `else`');
      return joinBranches(cursor, branches, otherwise);
    }
  }
}

function parseBranch(cursor: TokenCursor, start: number): Branch {
  const condition = parseCondition(cursor);
  return { condition, block: cursor.block('behind the condition'), start };
}

function parseCondition(cursor: TokenCursor): Expression {
  if (!cursor.isSymbol('{')) return cursor.at('head', () => cursor.expression());
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

export function failElse(cursor: TokenCursor): never {
  const { text } = cursor.current;
  cursor.report('ELSE_WITHOUT_IF', cursor.current, `\`${text}\` without an \`if\` before it`);
  return cursor.unwind();
}

export function parseWhile(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  const condition = parseCondition(cursor);
  const body = cursor.block('behind the condition');
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'while', condition, body, span }, [condition, body]);
}

// Loops over a container

type LoopHead = {
  readonly key: Identifier | undefined;
  readonly value: Identifier;
  readonly iterable: Expression;
};

/**
 * `for each value in iterable`, `for each key, value in iterable`. The word `each` may be left out; the
 * names may stand in round brackets, and so may all between `for` and the block.
 */
export function parseFor(cursor: TokenCursor): Statement | undefined {
  const { start } = cursor.advance();
  cursor.acceptWord('each');
  if (isThreePart(cursor)) {
    reportUnsupported(cursor, 'for', cursor.previous);
    if (skipToBlock(cursor)) cursor.block('behind the head of the loop');
    return undefined;
  }
  const isWrapped =
    cursor.isSymbol('(') &&
    (isWord(cursor.peek(), 'each') || !isWord(cursor.peek(behindNames(cursor) + 1), 'in'));
  const head = isWrapped ? parseWrappedHead(cursor) : parseLoopHead(cursor);
  const { key, value, iterable } = head;
  const body = cursor.block('behind the head of the loop');
  const span = cursor.spanFrom(start);
  const loop: Statement = { kind: 'forEach', key, value, iterable, body, span };
  return cursor.grow(loop, [iterable, body]);
}

/** The distance of what follows `(name, name`, which the current token begins. */
function behindNames(cursor: TokenCursor): number {
  return isSymbol(cursor.peek(2), ',') ? 4 : 2;
}

/** `for (let i = 0; …; …)`: neither names and `in` nor those in brackets. */
function isThreePart(cursor: TokenCursor): boolean {
  if (!cursor.isSymbol('(')) return false;
  const { kind } = cursor.peek();
  return (
    isOneOf(cursor.peek(), ';') ||
    (kind === 'word' && isOneOf(cursor.peek(2), '=', ';')) ||
    isWord(cursor.peek(), 'let')
  );
}

function parseWrappedHead(cursor: TokenCursor): LoopHead {
  cursor.advance();
  return cursor.bracketed(() => {
    cursor.acceptWord('each');
    const head = parseLoopHead(cursor);
    cursor.expectSymbol(')', 'behind what the loop goes through');
    return head;
  });
}

function parseLoopHead(cursor: TokenCursor): LoopHead {
  const names = cursor.isSymbol('(') ? parseWrappedNames(cursor) : parseLoopNames(cursor);
  if (!cursor.acceptWord('in')) {
    cursor.fail('EXPECTED_SYMBOL', 'expected `in` behind the name', {
      hint: 'write for each value in list { … } or for each key, value in map { … }',
    });
  }
  if (cursor.isSymbol('{')) {
    cursor.fail('EXPECTED_EXPRESSION', 'expected what the loop goes through', {
      hint: 'a map that is written here stands in brackets: in ({key: value}) { … }',
    });
  }
  return { ...names, iterable: cursor.at('head', () => cursor.expression()) };
}

type LoopNames = Pick<LoopHead, 'key' | 'value'>;

function parseWrappedNames(cursor: TokenCursor): LoopNames {
  cursor.advance();
  return cursor.bracketed(() => {
    const names = parseLoopNames(cursor);
    cursor.expectSymbol(')', 'behind the names');
    return names;
  });
}

function parseLoopNames(cursor: TokenCursor): LoopNames {
  if (cursor.isWord('in'))
    cursor.fail('EXPECTED_NAME', 'expected the name of the variable of the loop');
  const first = cursor.expectName('of the variable of the loop');
  if (!cursor.acceptSymbol(',')) return { key: undefined, value: first };
  return { key: first, value: cursor.expectName('of the second variable of the loop') };
}

// try and tx

/** `try { … } catch (error) { … } finally { … }`: `catch`, its name and `finally` may be left out. */
export function parseTry(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  const body = cursor.block('behind `try`');
  const hasHandler = cursor.acceptWord('catch');
  const error = hasHandler ? parseCaughtName(cursor) : undefined;
  const handler = hasHandler ? cursor.block('behind `catch`') : undefined;
  const hasCleanup = cursor.isWord('finally') && isSymbol(cursor.peek(), '{');
  if (hasCleanup) cursor.advance();
  const cleanup = hasCleanup ? cursor.block('behind `finally`') : undefined;
  if (!hasHandler && !hasCleanup) {
    cursor.fail('EXPECTED_SYMBOL', 'expected `catch` or `finally` behind the block of `try`', {
      hint: 'write try { … } catch (error) { … }',
    });
  }
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'try', body, error, handler, cleanup, span }, [
    body,
    handler,
    cleanup,
  ]);
}

/** `(name)`, `name`, or nothing. */
function parseCaughtName(cursor: TokenCursor): Identifier | undefined {
  if (cursor.acceptSymbol('(')) {
    const name = cursor.isSymbol(')') ? undefined : cursor.expectName('of the error');
    cursor.expectSymbol(')', 'behind the name of the error');
    return name;
  }
  return isNameToken(cursor.current) ? cursor.expectName('of the error', true) : undefined;
}

export function failHandler(cursor: TokenCursor): never {
  cursor.report('EXPECTED_STATEMENT', cursor.current, '`catch` without a `try` before it');
  return cursor.unwind();
}

/** `tx { … }` */
export function parseTransaction(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  const body = cursor.block('behind `tx`');
  return cursor.grow({ kind: 'tx', body, span: cursor.spanFrom(start) }, [body]);
}
