import { parseAction, parseProtocolAction } from './actions.ts';
import type {
  ActionDeclaration,
  EntityDeclaration,
  EntityField,
  EnumDeclaration,
  ErrorDeclaration,
  EventDeclaration,
  ModifierDeclaration,
  ProtocolAction,
  ProtocolDeclaration,
} from './ast.ts';
import { closeBrace, expectStatementEnd } from './braces.ts';
import { isNameToken, isSymbol, type TokenCursor } from './cursor.ts';
import { acceptSeparator, parseFields, parseParameters } from './parameters.ts';
import { beginsAction, beginsContract, beginsDeclaration, skipStatement } from './recovery.ts';
import { parseType } from './types.ts';

/** `entity Name { fields and actions }`, also `data Name { … }`. */
export function parseEntity(cursor: TokenCursor): EntityDeclaration {
  const { start } = cursor.advance();
  const name = cursor.expectName('of the entity');
  const open = cursor.expectSymbol('{', 'around the fields');
  const fields: EntityField[] = [];
  const actions: ActionDeclaration[] = [];
  parseItems(cursor, () => {
    if (beginsAction(cursor)) actions.push(parseAction(cursor));
    else fields.push(parseEntityField(cursor));
  });
  closeBrace(cursor, open.start, 'close the entity before it');
  return { name, fields, actions, isExported: false, span: cursor.spanFrom(start) };
}

/** What `parse` reads, up to the brace; what it cannot read is reported and skipped. */
function parseItems(cursor: TokenCursor, parse: () => void): void {
  cursor.braced(() => {
    while (!cursor.isAtEnd() && !cursor.isSymbol('}') && !endsItems(cursor)) {
      if (cursor.acceptSymbol(';') || cursor.acceptSymbol(',')) continue;
      cursor.attempt(parse, (first) => skipStatement(cursor, first));
    }
  });
}

/** A declaration begins that stands in no entity, enum or protocol: a brace is missing. */
function endsItems(cursor: TokenCursor): boolean {
  return beginsContract(cursor) || (beginsDeclaration(cursor) && !beginsAction(cursor));
}

/** `name: type = initial`; a comma, a semicolon or a new line ends it. */
function parseEntityField(cursor: TokenCursor): EntityField {
  const name = cursor.expectName('of the field', true);
  const type = cursor.acceptSymbol(':') ? parseType(cursor) : undefined;
  const initial = cursor.acceptSymbol('=') ? cursor.expression() : undefined;
  endItem(cursor);
  return { name, type, initial };
}

function endItem(cursor: TokenCursor): void {
  if (cursor.isSymbol('}') || acceptSeparator(cursor)) return;
  cursor.fail('EXPECTED_END', 'expected a new line or `,`');
}

/** `enum Name { A, B = value, C }` */
export function parseEnum(cursor: TokenCursor): EnumDeclaration {
  const { start } = cursor.advance();
  const name = cursor.expectName('of the enum');
  const open = cursor.expectSymbol('{', 'around the names');
  const members: EnumDeclaration['members'][number][] = [];
  parseItems(cursor, () => {
    const member = cursor.expectName('of the enum', true);
    const value = cursor.acceptSymbol('=') ? cursor.expression() : undefined;
    endItem(cursor);
    members.push({ name: member, value });
  });
  closeBrace(cursor, open.start, 'close the enum before it');
  return { name, members, isExported: false, span: cursor.spanFrom(start) };
}

/** `protocol Name { actions }`, also `interface Name { … }`. */
export function parseProtocol(cursor: TokenCursor): ProtocolDeclaration {
  const { start } = cursor.advance();
  const name = cursor.expectName('of the protocol');
  const open = cursor.expectSymbol('{', 'around the actions');
  const actions: ProtocolAction[] = [];
  parseItems(cursor, () => {
    if (!isNameToken(cursor.current)) cursor.expectName('of the action');
    actions.push(parseProtocolAction(cursor));
  });
  closeBrace(cursor, open.start, 'close the protocol before it');
  return { name, actions, isExported: false, span: cursor.spanFrom(start) };
}

/** `event Name(fields)` or `event Name { fields }` */
export function parseEvent(cursor: TokenCursor): EventDeclaration {
  const { start } = cursor.advance();
  const name = cursor.expectName('of the event');
  const isBraced = cursor.isSymbol('{');
  const fields = parseFields(cursor);
  const span = cursor.spanFrom(start);
  if (!isBraced) expectStatementEnd(cursor);
  return { name, fields, isExported: false, span };
}

/** `error Name(fields)`, `error Name { fields }`, or `error Name` without any. */
export function parseError(cursor: TokenCursor): ErrorDeclaration {
  const { start } = cursor.advance();
  const name = cursor.expectName('of the error');
  const isBraced = cursor.isSymbol('{');
  const fields = cursor.isAtStatementEnd() ? [] : parseFields(cursor);
  const indexed = fields.find((field) => field.indexed);
  if (indexed !== undefined) {
    cursor.report('MODIFIER_UNKNOWN', indexed.name.span, 'fields of errors are not indexed', {
      hint: 'remove `indexed`: nobody searches for errors',
    });
  }
  const span = cursor.spanFrom(start);
  if (!isBraced) expectStatementEnd(cursor);
  const unindexed = fields.map((field) => ({ name: field.name, type: field.type }));
  return { name, fields: unindexed, isExported: false, span };
}

/** `modifier name(parameters) { … _ … }`; the brackets may be left out. */
export function parseModifier(cursor: TokenCursor): ModifierDeclaration {
  const { start } = cursor.advance();
  const name = cursor.expectName('of the modifier');
  const parameters = isSymbol(cursor.current, '(') ? parseParameters(cursor) : [];
  const body = cursor.block('around the body of the modifier');
  return { name, parameters, body, span: cursor.spanFrom(start) };
}
