import type {
  ActionDeclaration,
  ActionModifier,
  ContractDeclaration,
  DataDeclaration,
  EventDeclaration,
  EventField,
  Parameter,
} from './ast.ts';
import { describe, isNameToken, isSymbol, type TokenCursor } from './cursor.ts';
import { parseExpression } from './expressions.ts';
import {
  ACTION_MODIFIERS,
  beginsAction,
  beginsContract,
  FOREIGN_MODIFIERS,
  isOneOf,
  skipBrackets,
  skipStatement,
} from './recovery.ts';
import { closeBlock, expectStatementEnd, parseBlock } from './statements.ts';
import { parseType } from './types.ts';
import { type Feature, reportUnsupported } from './unsupported.ts';

/** The members of one contract, while they are being collected. */
type Members = {
  readonly data: DataDeclaration[];
  readonly actions: ActionDeclaration[];
  readonly events: EventDeclaration[];
};

type MemberParser = (cursor: TokenCursor, members: Members) => void;

/** Members by their first word; a word that is followed by `:` or `=` is a variable instead. */
const MEMBERS: ReadonlyMap<string, MemberParser> = new Map<string, MemberParser>([
  ['action', parseAction],
  ['const', parseMisplacedLet],
  ['constructor', parseInit],
  ['data', parseData],
  ['enum', (cursor) => skipUnsupported(cursor, 'enum')],
  ['event', parseEvent],
  ['function', parseAction],
  ['init', parseInit],
  ['ledger', (cursor, members) => parseForeignData(cursor, members, 'ledger', 1)],
  ['let', parseMisplacedLet],
  ['modifier', (cursor) => skipUnsupported(cursor, 'modifier')],
  ['persistent', (cursor, members) => parseForeignData(cursor, members, 'persistent', 2)],
  ['state', parseState],
]);

/** `contract Name { members }`, with the current token at `contract`. */
export function parseContract(cursor: TokenCursor): ContractDeclaration {
  const { start } = cursor.advance();
  const name = cursor.expectName('of the contract');
  if (cursor.isWord('implements')) {
    reportUnsupported(cursor, 'implements', cursor.current);
    while (!cursor.isAtEnd() && !isOneOf(cursor.current, '{', '}', ';')) cursor.advance();
  }
  const open = cursor.expectSymbol('{', 'behind the name of the contract');
  const members: Members = { data: [], actions: [], events: [] };
  cursor.nested(() => parseMembers(cursor, members));
  closeBlock(cursor, open.start, 'contracts stand side by side, not in each other');
  return { name, ...members, span: cursor.spanFrom(start) };
}

function parseMembers(cursor: TokenCursor, members: Members): void {
  while (!cursor.isAtEnd() && !cursor.isSymbol('}') && !beginsContract(cursor)) {
    if (cursor.acceptSymbol(';')) continue;
    cursor.attempt(
      () => parseMember(cursor, members),
      (first) => skipStatement(cursor, first),
    );
  }
}

function parseMember(cursor: TokenCursor, members: Members): void {
  const { kind, text } = cursor.current;
  const isNameless = text === 'data' && isSymbol(cursor.peek(), '=');
  const isVariable = isOneOf(cursor.peek(), ':', '=') && !isNameless;
  const parser = kind === 'word' && !isVariable ? MEMBERS.get(text) : undefined;
  if (parser !== undefined) {
    parser(cursor, members);
  } else if (beginsAction(cursor)) {
    parseAction(cursor, members);
  } else if (isNameToken(cursor.current) && isVariable) {
    reportUnsupported(cursor, 'bareField', cursor.current);
    members.data.push(parseDataAfterWord(cursor, cursor.current.start));
  } else {
    cursor.fail('EXPECTED_MEMBER', 'expected `data`, `action`, `init` or `event`', {
      hint: misplacedHint(text),
      isWhole: true,
    });
  }
}

function misplacedHint(text: string): string | undefined {
  const isStatement = ['if', 'while', 'for', 'return', 'require', 'emit', 'revert'].includes(text);
  return isStatement ? 'statements stand in an action' : undefined;
}

function skipUnsupported(cursor: TokenCursor, feature: Feature): never {
  reportUnsupported(cursor, feature, cursor.current);
  return cursor.unwind();
}

// State

function parseData(cursor: TokenCursor, members: Members): void {
  const { start } = cursor.advance();
  members.data.push(parseDataAfterWord(cursor, start));
}

/** `name: type = initial`, of a declaration that began at `start`. */
function parseDataAfterWord(cursor: TokenCursor, start: number): DataDeclaration {
  const name = cursor.expectName('of the variable', cursor.current.start === start);
  if (cursor.isSymbol('{')) return skipUnsupported(cursor, 'dataType');
  const type = cursor.acceptSymbol(':') ? parseType(cursor) : undefined;
  const initial = cursor.acceptSymbol('=') ? parseExpression(cursor) : undefined;
  const span = cursor.spanFrom(start);
  expectStatementEnd(cursor);
  return { name, type, initial, span };
}

/** A variable that is declared with other words than `data`: reported, and declared all the same. */
function parseForeignData(
  cursor: TokenCursor,
  members: Members,
  feature: Feature,
  words: number,
): void {
  const { start } = cursor.current;
  reportUnsupported(cursor, feature, cursor.current);
  for (let word = 0; word < words; word += 1) cursor.advance();
  members.data.push(parseDataAfterWord(cursor, start));
}

/** `state name = …`, or `state { … }`, whose variables are not looked at. */
function parseState(cursor: TokenCursor, members: Members): void {
  if (!isSymbol(cursor.peek(), '{')) {
    parseForeignData(cursor, members, 'state', 1);
    return;
  }
  reportUnsupported(cursor, 'state', cursor.advance());
  skipBrackets(cursor);
}

function parseMisplacedLet(cursor: TokenCursor, members: Members): void {
  const { start, end, text } = cursor.advance();
  cursor.report('EXPECTED_MEMBER', { start, end }, `\`${text}\` stands in an action`, {
    hint: 'write `data` for a variable of the contract',
  });
  members.data.push(parseDataAfterWord(cursor, start));
}

// Actions

/** `init(parameters) { … }`: the word `action` before it may be left out. */
function parseInit(cursor: TokenCursor, members: Members): void {
  members.actions.push(parseActionRest(cursor, cursor.current.start, []));
}

function parseAction(cursor: TokenCursor, members: Members): void {
  const { start } = cursor.current;
  const modifiers: ActionModifier[] = [];
  parseModifiers(cursor, modifiers, () => !cursor.isWord('action') && !cursor.isWord('function'));
  const word = cursor.advance();
  if (word.text === 'function') {
    const span = { start: word.start, end: word.end };
    cursor.report('EXPECTED_MEMBER', span, '`function` declares nothing here', {
      hint: 'write `action`',
    });
  }
  // A word before another one is a modifier, before a bracket it is the name.
  parseModifiers(cursor, modifiers, () => cursor.peek().kind === 'word');
  members.actions.push(parseActionRest(cursor, start, modifiers));
}

/** Adds the modifiers that stand here to `modifiers`, as long as `isModifier` holds. */
function parseModifiers(
  cursor: TokenCursor,
  modifiers: ActionModifier[],
  isModifier: () => boolean,
): void {
  while ((isNameToken(cursor.current) || cursor.isWord('async')) && isModifier()) {
    const { text, start, end } = cursor.advance();
    const span = { start, end };
    if (!ACTION_MODIFIERS.has(text)) {
      reportModifier(cursor, text, span);
    } else if (modifiers.includes(text as ActionModifier)) {
      cursor.report('MODIFIER_DUPLICATE', span, `\`${text}\` stands twice`, { hint: 'remove one' });
    } else {
      modifiers.push(text as ActionModifier);
    }
  }
}

function reportModifier(
  cursor: TokenCursor,
  text: string,
  span: { readonly start: number; readonly end: number },
): void {
  if (text === 'async') {
    reportUnsupported(cursor, 'async', span);
    return;
  }
  const hints = new Map([
    ['external', 'remove it: actions are public unless they are private'],
    ['internal', 'write `private`'],
    ['protected', 'write `private`'],
    ['pure', 'write `view`'],
  ]);
  const hint = FOREIGN_MODIFIERS.has(text)
    ? (hints.get(text) ?? 'remove it')
    : 'the modifiers are private, public, view and payable; write other checks into the action';
  const message = `${describe({ kind: 'word', text, ...span, startsLine: false })} is no modifier`;
  cursor.report('MODIFIER_UNKNOWN', span, message, { hint });
}

/** `name(parameters) modifiers -> result { body }` */
function parseActionRest(
  cursor: TokenCursor,
  start: number,
  modifiers: ActionModifier[],
): ActionDeclaration {
  const written = cursor.expectName('of the action', true);
  const name = written.name === 'constructor' ? { ...written, name: 'init' } : written;
  const parameters = parseParameters(cursor);
  parseTail(cursor, modifiers);
  const hasResult = cursor.acceptSymbol('->') || cursor.acceptSymbol(':');
  const result = hasResult ? parseType(cursor) : undefined;
  parseTail(cursor, modifiers);
  if (!cursor.isSymbol('{')) {
    return cursor.fail('EXPECTED_ACTION_BODY', 'expected `{` and the body of the action', {
      hint: 'write { … }, also around nothing',
    });
  }
  const body = parseBlock(cursor, 'around the body of the action');
  const span = cursor.spanFrom(start);
  return { name, parameters, result, modifiers, body, span };
}

/** Modifiers behind the parameters or the result, and the limit that an action has elsewhere. */
function parseTail(cursor: TokenCursor, modifiers: ActionModifier[]): void {
  const isModifier = (): boolean => {
    if (ACTION_MODIFIERS.has(cursor.current.text)) return true;
    return !cursor.isWord('limit') && !cursor.startsLine();
  };
  parseModifiers(cursor, modifiers, isModifier);
  while (cursor.isWord('limit')) {
    reportUnsupported(cursor, 'limit', cursor.advance());
    if (cursor.current.kind === 'integer') cursor.advance();
    else if (cursor.isSymbol('(')) skipBrackets(cursor);
    parseModifiers(cursor, modifiers, isModifier);
  }
}

function parseParameters(cursor: TokenCursor): readonly Parameter[] {
  cursor.expectSymbol('(', 'before the parameters');
  return cursor.bracketed(() => {
    const parameters: Parameter[] = [];
    while (!cursor.isSymbol(')')) {
      parameters.push(parseParameter(cursor, 'of the parameter'));
      if (!cursor.acceptSymbol(',')) break;
    }
    cursor.expectSymbol(')', 'behind the parameters');
    return parameters;
  });
}

/** `name: type`; people of other languages write `type name`. */
function parseParameter(cursor: TokenCursor, what: string): Parameter {
  const name = cursor.expectName(what, true);
  const next = cursor.current;
  if (isNameToken(next) && isOneOf(cursor.peek(), ',', ')')) {
    if (next.text !== 'indexed') {
      cursor.fail('EXPECTED_SYMBOL', `expected \`:\` behind the name`, {
        hint: `write the name first: ${next.text}: ${name.name}`,
      });
    }
  }
  return { name, type: cursor.acceptSymbol(':') ? parseType(cursor) : undefined };
}

// Events

/** `event Name(fields)` or `event Name { fields }`; in braces a new line separates as well. */
function parseEvent(cursor: TokenCursor, members: Members): void {
  const { start } = cursor.advance();
  const name = cursor.expectName('of the event');
  const isBraced = cursor.isSymbol('{');
  const open = isBraced ? cursor.advance() : cursor.expectSymbol('(', 'before the fields');
  const fields = isBraced
    ? cursor.nested(() => parseFields(cursor, '}'))
    : cursor.bracketed(() => parseFields(cursor, ')'));
  const span = { start, end: Math.max(open.end, cursor.previous.end) };
  if (!isBraced) expectStatementEnd(cursor);
  members.events.push({ name, fields, span });
}

function parseFields(cursor: TokenCursor, closing: string): readonly EventField[] {
  const fields: EventField[] = [];
  while (!cursor.isSymbol(closing)) {
    const parameter = parseParameter(cursor, 'of the field');
    fields.push({ ...parameter, indexed: !cursor.startsLine() && cursor.acceptWord('indexed') });
    const isSeparated = cursor.acceptSymbol(',') || (closing === '}' && isLineSeparated(cursor));
    if (!isSeparated) break;
  }
  cursor.expectSymbol(closing, 'behind the fields');
  return fields;
}

function isLineSeparated(cursor: TokenCursor): boolean {
  return cursor.acceptSymbol(';') || cursor.startsLine();
}
