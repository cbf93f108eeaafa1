import { parseAction, parseNamedAction } from './actions.ts';
import type {
  ActionDeclaration,
  ConstantDeclaration,
  ContractDeclaration,
  DataDeclaration,
  EntityDeclaration,
  EnumDeclaration,
  ErrorDeclaration,
  EventDeclaration,
  Identifier,
  ModifierDeclaration,
} from './ast.ts';
import { closeBrace, expectStatementEnd } from './braces.ts';
import { isNameToken, isSymbol, isWord, type TokenCursor } from './cursor.ts';
import { parseEntity, parseEnum, parseError, parseEvent, parseModifier } from './entities.ts';
import { foreignDeclarationHint } from './foreign-forms.ts';
import { acceptSeparator, parsePath } from './parameters.ts';
import { beginsAction, beginsContract, isOneOf, skipBrackets, skipStatement } from './recovery.ts';
import { isFieldType, parseType } from './types.ts';
import { foreignFeature, reportUnsupported } from './unsupported.ts';

/** The members of one contract, while they are being collected. */
type Members = {
  readonly data: DataDeclaration[];
  readonly actions: ActionDeclaration[];
  readonly events: EventDeclaration[];
  readonly errors: ErrorDeclaration[];
  readonly modifiers: ModifierDeclaration[];
  readonly entities: EntityDeclaration[];
  readonly enums: EnumDeclaration[];
  readonly constants: ConstantDeclaration[];
};

type MemberParser = (cursor: TokenCursor, members: Members) => void;

/** Members by their first word; a word that is followed by `:` or `=` is a variable instead. */
const MEMBERS: ReadonlyMap<string, MemberParser> = new Map<string, MemberParser>([
  ['action', (cursor, { actions }) => actions.push(parseAction(cursor))],
  ['const', (cursor, { constants }) => constants.push(parseConstant(cursor))],
  ['constructor', (cursor, { actions }) => actions.push(parseNamedAction(cursor))],
  ['data', parseData],
  ['entity', (cursor, { entities }) => entities.push(parseEntity(cursor))],
  ['enum', (cursor, { enums }) => enums.push(parseEnum(cursor))],
  ['error', (cursor, { errors }) => errors.push(parseError(cursor))],
  ['event', (cursor, { events }) => events.push(parseEvent(cursor))],
  ['function', (cursor, { actions }) => actions.push(parseAction(cursor))],
  ['init', (cursor, { actions }) => actions.push(parseNamedAction(cursor))],
  ['ledger', (cursor, { data }) => data.push(parseDataAfter(cursor, 1))],
  ['let', parseMisplacedLet],
  ['modifier', (cursor, { modifiers }) => modifiers.push(parseModifier(cursor))],
  ['persistent', parsePersistent],
  ['state', parseState],
]);

/** `contract Name implements Protocol { members }`, with the current token at `contract`. */
export function parseContract(cursor: TokenCursor, start: number): ContractDeclaration {
  cursor.advance();
  const name = cursor.expectName('of the contract');
  if (cursor.isSymbol('(')) {
    reportUnsupported(cursor, 'contractParameters', cursor.current);
    skipBrackets(cursor);
  }
  const protocols = cursor.acceptWord('implements') ? parseProtocolNames(cursor) : [];
  const isIndented = cursor.isSymbol(':');
  const open = cursor.expectSymbol(
    '{',
    'behind the name of the contract',
    isIndented ? 'write the members in braces: { … }' : undefined,
  );
  const members = emptyMembers();
  cursor.braced(() => parseMembers(cursor, members));
  closeBrace(cursor, open.start, 'contracts stand side by side, not in each other');
  return { name, protocols, ...members, isExported: false, span: cursor.spanFrom(start) };
}

function emptyMembers(): Members {
  return {
    data: [],
    actions: [],
    events: [],
    errors: [],
    modifiers: [],
    entities: [],
    enums: [],
    constants: [],
  };
}

/** Names of protocols, which may come from a file that is used under a name: `tokens.Token`. */
function parseProtocolNames(cursor: TokenCursor): readonly Identifier[] {
  const names: Identifier[] = [];
  do {
    names.push(parsePath(cursor, 'of the protocol', true));
  } while (cursor.acceptSymbol(','));
  return names;
}

function parseMembers(cursor: TokenCursor, members: Members): void {
  while (!cursor.isAtEnd() && !cursor.isSymbol('}') && !beginsContract(cursor)) {
    if (cursor.acceptSymbol(';')) continue;
    cursor.attempt(
      () => parseMember(cursor, members),
      (first) => {
        const isStatement = cursor.index === first && isMisplaced(cursor);
        skipStatement(cursor, first);
        // An action that has ended too early is one mistake, however many statements of it follow.
        while (isStatement && isMisplaced(cursor)) skipStatement(cursor, cursor.index);
      },
    );
  }
}

function parseMember(cursor: TokenCursor, members: Members): void {
  skipPrivate(cursor);
  const { kind, text } = cursor.current;
  const isNameless = text === 'data' && isSymbol(cursor.peek(), '=');
  const isVariable = isOneOf(cursor.peek(), ':', '=') && !isNameless;
  const parser = kind === 'word' && !isVariable ? MEMBERS.get(text) : undefined;
  const isEntryPoint = isSymbol(cursor.peek(), '(') && (text === 'fallback' || text === 'receive');
  if (parser !== undefined) {
    parser(cursor, members);
  } else if (isEntryPoint) {
    members.actions.push(parseNamedAction(cursor));
  } else if (beginsAction(cursor)) {
    members.actions.push(parseAction(cursor));
  } else if (isNameToken(cursor.current) && isVariable) {
    parseBareData(cursor, members);
  } else {
    failMember(cursor);
  }
}

/** All variables and constants are private: the word before them changes nothing. */
function skipPrivate(cursor: TokenCursor): void {
  const { text, kind } = cursor.peek();
  const isData = ['const', 'data', 'ledger', 'persistent', 'state'].includes(text);
  if (cursor.isWord('private') && kind === 'word' && isData) cursor.advance();
}

function failMember(cursor: TokenCursor): never {
  const feature = foreignFeature(cursor);
  if (feature !== undefined) {
    reportUnsupported(cursor, feature, cursor.current);
    return cursor.unwind();
  }
  return cursor.fail('EXPECTED_MEMBER', 'expected `data`, `action`, `init` or `event`', {
    hint: misplacedHint(cursor.current.text) ?? foreignDeclarationHint(cursor),
    isWhole: true,
  });
}

const STATEMENT_WORDS: ReadonlySet<string> = new Set([
  ...['break', 'continue', 'emit', 'for', 'if', 'match', 'require', 'return', 'revert', 'throw'],
  ...['try', 'verify', 'while'],
]);

/** A statement begins here, where only members can stand. */
function isMisplaced(cursor: TokenCursor): boolean {
  const { kind, text } = cursor.current;
  if (kind !== 'word' || MEMBERS.has(text)) return false;
  if (STATEMENT_WORDS.has(text)) return true;
  const isCall = isSymbol(cursor.peek(), '(') && !['fallback', 'mapping', 'receive'].includes(text);
  return isCall || isOneOf(cursor.peek(), '.', '+=', '-=', '*=', '[');
}

function misplacedHint(text: string): string | undefined {
  if (STATEMENT_WORDS.has(text)) return 'statements stand in an action';
  const outside = ['use', 'import', 'from', 'export', 'protocol', 'interface'];
  return outside.includes(text) ? 'write it outside of the contract' : undefined;
}

// State

/** `data name: type = initial`, or `data Name { fields }`, which is an entity. */
function parseData(cursor: TokenCursor, members: Members): void {
  if (isNameToken(cursor.peek()) && isSymbol(cursor.peek(2), '{')) {
    members.entities.push(parseEntity(cursor));
  } else {
    members.data.push(parseDataAfter(cursor, 1));
  }
}

/** A variable behind as many words. */
function parseDataAfter(cursor: TokenCursor, words: number): DataDeclaration {
  const { start } = cursor.current;
  for (let word = 0; word < words; word += 1) cursor.advance();
  const variable = parseVariable(cursor, start, words === 0);
  expectStatementEnd(cursor);
  return variable;
}

/** `name: type = initial`, of a declaration that began at `start`. */
function parseVariable(cursor: TokenCursor, start: number, mayStartLine: boolean): DataDeclaration {
  const name = cursor.expectName('of the variable', mayStartLine);
  const type = cursor.acceptSymbol(':') ? parseType(cursor) : undefined;
  const initial = cursor.acceptSymbol('=') ? cursor.expression() : undefined;
  return { name, type, initial, span: cursor.spanFrom(start) };
}

/** `name: type = initial` without a word before it; without a type it would look like a statement. */
function parseBareData(cursor: TokenCursor, members: Members): void {
  if (isSymbol(cursor.peek(), '=')) {
    const { text } = cursor.current;
    cursor.report('EXPECTED_MEMBER', cursor.current, 'a variable without `data` has a type', {
      hint: `write \`data ${text} = …\``,
    });
  }
  members.data.push(parseDataAfter(cursor, 0));
}

function parsePersistent(cursor: TokenCursor, members: Members): void {
  if (!isWord(cursor.peek(), 'storage')) {
    cursor.advance();
    cursor.fail('EXPECTED_MEMBER', 'expected `storage` behind `persistent`', {
      hint: 'write `persistent storage name`, or `data name`, which means the same',
    });
  }
  members.data.push(parseDataAfter(cursor, 2));
}

/** `state name = initial`, or `state { name: initial, … }`. */
function parseState(cursor: TokenCursor, members: Members): void {
  if (!isSymbol(cursor.peek(), '{')) {
    members.data.push(parseDataAfter(cursor, 1));
    return;
  }
  cursor.advance();
  const open = cursor.advance();
  cursor.braced(() => {
    while (!cursor.isAtEnd() && !cursor.isSymbol('}') && !beginsContract(cursor)) {
      if (cursor.acceptSymbol(',') || cursor.acceptSymbol(';')) continue;
      const field = cursor.attempt(
        () => parseStateField(cursor),
        (first) => skipStatement(cursor, first),
      );
      if (field !== undefined) members.data.push(field);
    }
  });
  closeBrace(cursor, open.start, 'close `state` before it');
}

/** `name: initial` or `name = initial`; with a type `name: type = initial`. */
function parseStateField(cursor: TokenCursor): DataDeclaration {
  const { start } = cursor.current;
  const name = cursor.expectName('of the variable', true);
  const hasColon = cursor.acceptSymbol(':');
  const type = hasColon && isFieldType(cursor) ? parseType(cursor) : undefined;
  const hasValue = hasColon && type === undefined;
  const initial = hasValue || cursor.acceptSymbol('=') ? cursor.expression() : undefined;
  const span = cursor.spanFrom(start);
  if (!cursor.isSymbol('}') && !acceptSeparator(cursor)) {
    cursor.fail('EXPECTED_END', 'expected a new line or `,`');
  }
  return { name, type, initial, span };
}

/** `const name: type = value`, outside of contracts also with `let`. */
export function parseConstant(cursor: TokenCursor): ConstantDeclaration {
  const { start } = cursor.advance();
  const name = cursor.expectName('of the constant');
  const type = cursor.acceptSymbol(':') ? parseType(cursor) : undefined;
  cursor.expectSymbol('=', 'and a value behind the name', 'a constant has a value');
  const value = cursor.expression();
  const span = cursor.spanFrom(start);
  expectStatementEnd(cursor);
  return { name, type, value, isExported: false, span };
}

function parseMisplacedLet(cursor: TokenCursor, members: Members): void {
  const { start, end, text } = cursor.current;
  cursor.report('EXPECTED_MEMBER', { start, end }, `\`${text}\` stands in an action`, {
    hint: 'write `data` for a variable of the contract, `const` for a constant',
  });
  members.data.push(parseDataAfter(cursor, 1));
}
