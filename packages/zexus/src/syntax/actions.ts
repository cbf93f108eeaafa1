import type {
  ActionDeclaration,
  ActionModifier,
  AppliedModifier,
  Block,
  Identifier,
  Parameter,
  ProtocolAction,
  Statement,
  TypeReference,
} from './ast.ts';
import { expectStatementEnd } from './braces.ts';
import { describe, isNameToken, isSymbol, isWord, type TokenCursor } from './cursor.ts';
import { parseParameters } from './parameters.ts';
import { parseArguments } from './postfix.ts';
import {
  ACTION_MODIFIERS,
  beginsCommand,
  beginsDeclaration,
  beginsStatement,
  FOREIGN_MODIFIERS,
  isOneOf,
} from './recovery.ts';
import type { Span } from './source.ts';
import { parseOpenBlock } from './statements.ts';
import { parseType } from './types.ts';
import { reportUnsupported } from './unsupported.ts';

/** Tokens between a line of modifiers and the body that are looked at: looking takes constant time. */
const TAIL_TOKENS = 64;

/** What an action has besides its body, while it is being collected. */
type Head = {
  /** No body follows, so that a new line can begin the next action. */
  readonly isBodiless: boolean;
  readonly modifiers: ActionModifier[];
  readonly applied: AppliedModifier[];
  limit: { readonly value: bigint; readonly span: Span } | undefined;
  exportedAs: Identifier | undefined;
};

/** A name with parameters and a result. */
type Signature = {
  readonly name: Identifier;
  readonly parameters: readonly Parameter[];
  readonly result: TypeReference | undefined;
};

/**
 * `modifiers action modifiers name(parameters) -> result modifiers { body }`, with the current token at
 * the first word of it; `function` is another word for `action`.
 */
export function parseAction(cursor: TokenCursor): ActionDeclaration {
  const { start } = cursor.current;
  const head = emptyHead();
  parseActionWord(cursor, head);
  return parseActionRest(cursor, start, head);
}

/** `init(parameters) { … }`, and others that have no other name: the word `action` is left out. */
export function parseNamedAction(cursor: TokenCursor): ActionDeclaration {
  return parseActionRest(cursor, cursor.current.start, emptyHead());
}

function emptyHead(isBodiless = false): Head {
  return { isBodiless, modifiers: [], applied: [], limit: undefined, exportedAs: undefined };
}

/** The word `action` with the modifiers before and behind it. */
function parseActionWord(cursor: TokenCursor, head: Head): void {
  parseModifiers(cursor, head, () => !cursor.isWord('action') && !cursor.isWord('function'));
  cursor.advance();
  // A word before another one is a modifier, before a bracket it is the name.
  parseModifiers(cursor, head, () => cursor.peek().kind === 'word');
}

function parseActionRest(cursor: TokenCursor, start: number, head: Head): ActionDeclaration {
  const signature = parseSignature(cursor, head);
  const body = takeLimit(parseBody(cursor), head);
  const { modifiers, applied, limit, exportedAs } = head;
  const span = cursor.spanFrom(start);
  return { ...signature, modifiers, applied, limit, exportedAs, body, isExported: false, span };
}

/** The body of the action; when its `{` is missing but statements follow, they are the body. */
function parseBody(cursor: TokenCursor): Block {
  if (cursor.isSymbol('{')) return cursor.block('around the body of the action');
  const message = 'expected `{` and the body of the action';
  const hint = 'write { … }, also around nothing';
  const isAssignment = isOneOf(cursor.peek(), '.', '=', '+=', '-=', '[');
  const hasStatements =
    cursor.current.kind === 'word' &&
    !beginsDeclaration(cursor) &&
    (isAssignment || beginsStatement(cursor));
  if (!hasStatements) return cursor.fail('EXPECTED_ACTION_BODY', message, { hint });
  cursor.reportFound('EXPECTED_ACTION_BODY', message, { hint });
  return parseOpenBlock(cursor);
}

/** `name(parameters) modifiers -> result modifiers`, the result also behind a colon. */
function parseSignature(cursor: TokenCursor, head: Head): Signature {
  const written = cursor.expectName('of the action', true);
  const name = written.name === 'constructor' ? { ...written, name: 'init' } : written;
  const parameters = parseParameters(cursor);
  parseTail(cursor, head);
  const result = parseResult(cursor);
  parseTail(cursor, head);
  return { name, parameters, result };
}

function parseResult(cursor: TokenCursor): TypeReference | undefined {
  if (cursor.acceptSymbol('->') || cursor.acceptSymbol(':')) return parseType(cursor);
  if (!beginsReturns(cursor)) return undefined;
  const word = cursor.advance();
  cursor.advance();
  const type = parseType(cursor);
  cursor.report('EXPECTED_SYMBOL', word, 'expected `->` before the result, found `returns`', {
    hint: `write -> ${type.name}`,
  });
  while (!cursor.isSymbol(')') && !cursor.isAtStatementEnd()) cursor.advance();
  cursor.acceptSymbol(')');
  return type;
}

/** `returns (type)`, as Solidity has it. */
function beginsReturns(cursor: TokenCursor): boolean {
  return cursor.isWord('returns') && isSymbol(cursor.peek(), '(') && isNameToken(cursor.peek(2));
}

/** `limit(N)` as the first statement of the body is the limit of the action. */
function takeLimit(body: Block, head: Head): Block {
  const [first, ...statements] = body.statements;
  const limit = first === undefined ? undefined : limitOf(first);
  if (limit === undefined || head.limit !== undefined) return body;
  head.limit = limit;
  return { ...body, statements };
}

function limitOf(statement: Statement): Head['limit'] {
  if (statement.kind !== 'expression' || statement.expression.kind !== 'call') return undefined;
  const { callee, arguments: args, span } = statement.expression;
  const [value, ...others] = args;
  const isLimit = callee.kind === 'name' && callee.name === 'limit' && others.length === 0;
  return isLimit && value?.kind === 'integer' ? { value: value.value, span } : undefined;
}

// Modifiers

/** Adds the modifiers that stand here to those of `head`, as long as `isModifier` holds. */
function parseModifiers(cursor: TokenCursor, head: Head, isModifier: () => boolean): void {
  while ((isNameToken(cursor.current) || cursor.isWord('async')) && isModifier()) {
    parseModifierWord(cursor, head);
  }
}

function parseModifierWord(cursor: TokenCursor, head: Head): void {
  const { text, start, end } = cursor.advance();
  const span = { start, end };
  if (!ACTION_MODIFIERS.has(text)) {
    reportModifier(cursor, text, span);
  } else if (head.modifiers.includes(text as ActionModifier)) {
    cursor.report('MODIFIER_DUPLICATE', span, `\`${text}\` stands twice`, { hint: 'remove one' });
  } else {
    head.modifiers.push(text as ActionModifier);
  }
}

const MODIFIER_HINTS: ReadonlyMap<string, string> = new Map([
  ['external', 'remove it: actions are public unless they are private'],
  ['internal', 'write `private`'],
  ['protected', 'write `private`'],
]);

function reportModifier(cursor: TokenCursor, text: string, span: Span): void {
  if (text === 'async' || text === 'native') {
    reportUnsupported(cursor, text, span);
    return;
  }
  const hint = FOREIGN_MODIFIERS.has(text)
    ? (MODIFIER_HINTS.get(text) ?? 'remove it')
    : 'one of your own stands behind the parameters: action name() onlyOwner { … }';
  const message = `${describe({ kind: 'word', text, ...span, startsLine: false })} is no modifier`;
  cursor.report('MODIFIER_UNKNOWN', span, message, { hint });
}

/** What stands behind the parameters or the result: modifiers, those of one's own, a limit, a name. */
function parseTail(cursor: TokenCursor, head: Head): void {
  while (!(head.isBodiless && cursor.startsLine())) {
    const { text } = cursor.current;
    const isForeign = FOREIGN_MODIFIERS.has(text) && (text === 'async' || !cursor.startsLine());
    if (cursor.current.kind === 'word' && (ACTION_MODIFIERS.has(text) || isForeign)) {
      parseModifierWord(cursor, head);
    } else if (isLimit(cursor)) {
      parseLimit(cursor, head);
    } else if (cursor.isWord('as') && isNameToken(cursor.peek())) {
      parseExportedAs(cursor, head);
    } else if (isNameToken(cursor.current) && belongsToTail(cursor) && !beginsReturns(cursor)) {
      head.applied.push(parseApplied(cursor));
    } else {
      return;
    }
  }
}

/** `limit N`, also with brackets around the number. */
function isLimit(cursor: TokenCursor): boolean {
  if (!cursor.isWord('limit')) return false;
  const next = cursor.peek();
  return next.kind === 'integer' || (isSymbol(next, '(') && cursor.peek(2).kind === 'integer');
}

function parseLimit(cursor: TokenCursor, head: Head): void {
  const { start } = cursor.advance();
  const hasBracket = cursor.acceptSymbol('(');
  const { text } = cursor.advance();
  if (hasBracket) cursor.expectSymbol(')', 'behind the limit');
  const span = cursor.spanFrom(start);
  if (head.limit !== undefined) {
    cursor.report('MODIFIER_DUPLICATE', span, '`limit` stands twice', { hint: 'remove one' });
  }
  head.limit = { value: BigInt(text), span };
}

/** `as name`: the name in the ABI. */
function parseExportedAs(cursor: TokenCursor, head: Head): void {
  const span = cursor.advance();
  const name = cursor.expectName('of the action in the ABI');
  if (head.exportedAs !== undefined) {
    cursor.report('MODIFIER_DUPLICATE', span, '`as` stands twice', { hint: 'remove one' });
  }
  head.exportedAs = name;
}

/** `name`, `name(arguments)`, either with `modifier` before it. */
function parseApplied(cursor: TokenCursor): AppliedModifier {
  if (cursor.isWord('modifier') && isNameToken(cursor.peek())) cursor.advance();
  const name = cursor.expectName('of the modifier', true);
  return { name, arguments: cursor.isSymbol('(') ? parseArguments(cursor) : [] };
}

/**
 * The name is a modifier of this action. On a new line it could begin the next member, unless only
 * names with or without brackets lie between it and the body.
 */
function belongsToTail(cursor: TokenCursor): boolean {
  if (!cursor.startsLine()) return true;
  if (beginsDeclaration(cursor) || beginsCommand(cursor)) return false;
  let brackets = 0;
  for (let distance = 0; distance < TAIL_TOKENS; distance += 1) {
    const token = cursor.peek(distance);
    if (brackets === 0 && isOneOf(token, '{', '->')) return true;
    if (isSymbol(token, '(')) brackets += 1;
    else if (isSymbol(token, ')')) brackets -= 1;
    else if (brackets === 0 && token.kind !== 'word' && token.kind !== 'integer') return false;
  }
  return false;
}

// Protocols

/** An action without a body; the word `action` may be left out. */
export function parseProtocolAction(cursor: TokenCursor): ProtocolAction {
  const { start } = cursor.current;
  const head = emptyHead(true);
  if (!isSymbol(cursor.peek(), '(')) {
    parseModifiers(cursor, head, () => !isActionWord(cursor) && !isSymbol(cursor.peek(), '('));
    if (isActionWord(cursor)) parseActionWord(cursor, head);
  }
  const signature = parseSignature(cursor, head);
  const span = cursor.spanFrom(start);
  refuseInProtocol(cursor, head);
  if (!cursor.isSymbol('}') && !cursor.acceptSymbol(',')) expectStatementEnd(cursor);
  const { modifiers, exportedAs } = head;
  return { ...signature, modifiers, exportedAs, span };
}

/** `action` or `function` before another word. */
function isActionWord(cursor: TokenCursor): boolean {
  const isWordOfIt = isWord(cursor.current, 'action') || isWord(cursor.current, 'function');
  return isWordOfIt && cursor.peek().kind === 'word';
}

function refuseInProtocol(cursor: TokenCursor, head: Head): void {
  const [applied] = head.applied;
  const misplaced = applied?.name.span ?? head.limit?.span;
  if (misplaced !== undefined) {
    const message = 'a protocol says nothing of limits and own modifiers';
    cursor.report('MODIFIER_UNKNOWN', misplaced, message, { hint: 'remove it' });
  }
  if (!cursor.isSymbol('{')) return;
  const { start, end } = cursor.current;
  cursor.report('PROTOCOL_BODY', { start, end }, 'an action of a protocol has no body', {
    hint: 'the contract that implements it has; remove the block',
  });
  cursor.block('around the body of the action');
}
