import { unreachable } from '@lucerna/base';
import type { Action, Expression, Reason, Statement, StoreStatement } from './tree.ts';
import type { Typer } from './typer.ts';
import { typeActionCall, typeMethodCall, typeOperation } from './typer-calls.ts';
import { operate, typeEquality } from './typer-operators.ts';
import { entriesOf, isStatePlace, typesOf, writtenName } from './typer-places.ts';
import { placeName, typeIndexTarget, typeStateTarget } from './typer-values.ts';
import {
  describeType,
  isBytes,
  isContainerType,
  type StaticType,
  type TypeVariable,
} from './types.ts';

/** Gives types to what the statements of an action do. */
export function typeStatements(
  statements: readonly Statement[],
  action: Action,
  typer: Typer,
): void {
  for (const statement of statements) typeStatement(statement, action, typer);
}

function typeStatement(statement: Statement, action: Action, typer: Typer): void {
  switch (statement.kind) {
    case 'store':
      typeStore(statement, typer);
      return;
    case 'if':
      typer.typeOf(statement.condition);
      typeStatements(statement.then, action, typer);
      typeStatements(statement.otherwise, action, typer);
      return;
    case 'while':
      typer.typeOf(statement.condition);
      typeStatements(statement.body, action, typer);
      return;
    case 'forEach':
      typeLoop(statement, typer);
      typeStatements(statement.body, action, typer);
      return;
    case 'match':
      typeMatchStatement(statement, action, typer);
      return;
    case 'try':
      // What fails is a text, a map or whatever was thrown.
      if (statement.error !== undefined) openAlways(statement.error.types);
      typeStatements(statement.body, action, typer);
      typeStatements(statement.handler ?? [], action, typer);
      typeStatements(statement.cleanup, action, typer);
      return;
    case 'tx':
      typeStatements(statement.body, action, typer);
      return;
    case 'return':
      typeReturn(statement.value, action, typer);
      return;
    case 'require':
      typer.typeOf(statement.condition);
      typeReason(statement.reason, typer);
      return;
    case 'revert':
      typeReason(statement.reason, typer);
      return;
    case 'emit':
      typeFields(statement.event.fields, statement.arguments, typer);
      return;
    case 'throw':
    case 'emitValue':
      typeOperation(typer, [statement.value]);
      return;
    case 'operation':
      typeOperation(typer, statement.arguments);
      return;
    case 'evaluate':
      typeEvaluation(statement.expression, typer);
      return;
    case 'gasCharge':
    case 'break':
    case 'continue':
      return;
    default:
      unreachable(statement);
  }
}

/** The result of what is called as a statement is not asked for. */
function typeEvaluation(expression: Expression, typer: Typer): void {
  if (expression.kind === 'action') typeActionCall(typer, expression);
  else if (expression.kind === 'method') typeMethodCall(typer, expression, false);
  else typer.typeOf(expression);
}

function typeReturn(value: Expression | undefined, action: Action, typer: Typer): void {
  if (value === undefined) return;
  // `x => this.note(x)` is also written where the result is of no interest.
  const isDone = value.kind === 'action' && !value.action.returnsValue;
  if (action.isHidden && isDone) typeActionCall(typer, value);
  else if (action.isInit) typer.typeOf(value);
  else typer.flow(value, action.result, `the result of ${action.name}`, { mayBeNull: true });
}

export function typeStore({ target, operator, value, span }: StoreStatement, typer: Typer): void {
  const name = placeName(target);
  if (operator !== undefined) {
    const type = operate(typer, operator, target, value, span, typesOf(target));
    const types = typesOf(target);
    if (types === undefined) return;
    const result: Expression = {
      kind: 'binary',
      operator,
      left: target,
      right: value,
      span: value.span,
    };
    typer.flowType(type, result, types, name, { mayBeNull: !isStatePlace(target) });
    return;
  }
  if (target.kind === 'local') {
    const { types, isReassigned, isParameter } = target.local;
    typer.flow(value, types, name, { isOnly: !isReassigned && !isParameter });
    return;
  }
  const isState = isStatePlace(target);
  const types =
    target.kind === 'state' ? typeStateTarget(typer, target) : typeIndexTarget(typer, target);
  typer.flow(value, types, name, { mayBeNull: !isState, isState, isApart: hasWrittenKey(target) });
}

/** Whether a place is named by a text, as the parts of a record are. */
function hasWrittenKey(target: StoreStatement['target']): boolean {
  const key = target.kind === 'state' ? target.keys.at(-1) : undefined;
  const last = target.kind === 'index' ? target.key : key;
  return last !== undefined && writtenName(last) !== undefined;
}

/** One variable of a loop gets the items, of a map the keys; of two the first one gets positions or keys. */
function typeLoop(
  { key, value, iterable }: Extract<Statement, { kind: 'forEach' }>,
  typer: Typer,
): void {
  const type = typer.typeOf(iterable);
  if (!isContainerType(type) && type !== 'unknown' && type !== 'string' && !isBytes(type)) {
    const message = `a loop goes over a list, a map, a text or bytes, and this is ${describeType(type)}`;
    typer.report('TYPE_MISMATCH', iterable.span, message, {
      hint: 'range(n) is the list of the integers from 0 to n - 1',
    });
  }
  if (iterable.kind === 'list') {
    if (key !== undefined) typer.climb(key.types, 'integer');
    // As of a list that has a name: its items may be of different kinds.
    value.types.isFlexible ||= !value.types.isDeclared;
    for (const item of iterable.items)
      typer.flow(item, value.types, value.name, { mayBeNull: true });
    return;
  }
  const entries = isContainerType(type) ? entriesOf(iterable) : undefined;
  if (key !== undefined) typer.flowItem(keyType(type), entries?.key, key.types);
  const isKey = key === undefined && isContainerType(type) && type !== 'list';
  if (isKey) typer.flowItem(keyType(type), entries?.key, value.types);
  else typer.flowItem(itemType(type), entries?.value, value.types);
}

function keyType(type: StaticType): StaticType {
  return type === 'list' || type === 'string' || isBytes(type) ? 'integer' : 'unknown';
}

function itemType(type: StaticType): StaticType {
  if (type === 'string') return 'string';
  return isBytes(type) ? 'integer' : 'unknown';
}

function typeMatchStatement(
  { prepare, subject, arms }: Extract<Statement, { kind: 'match' }>,
  action: Action,
  typer: Typer,
): void {
  typeStore(prepare, typer);
  for (const { patterns, body } of arms) {
    for (const pattern of patterns ?? []) typeEquality(typer, subject, pattern, pattern.span);
    typeStatements(body, action, typer);
  }
}

function typeReason(reason: Reason | undefined, typer: Typer): void {
  if (reason === undefined) return;
  if (reason.kind === 'error') {
    typeFields(reason.error.fields, reason.arguments, typer);
    return;
  }
  const { message } = reason;
  const type = typer.typeOf(message, 'string');
  if (type === 'string' || type === 'unknown' || type === 'null') return;
  typer.report('MESSAGE_TYPE', message.span, 'the message of a revert is a string', {
    hint: 'string(x) makes text of any value',
  });
}

/** Values go to the fields of an event or an error. */
function typeFields(
  fields: readonly { readonly name: string; readonly types: TypeVariable }[],
  values: readonly Expression[],
  typer: Typer,
): void {
  for (const [position, value] of values.entries()) {
    const field = fields[position];
    if (field === undefined) typer.typeOf(value);
    else typer.flow(value, field.types, `the field ${field.name}`, { mayBeNull: true });
  }
}

function openAlways(types: TypeVariable): void {
  if (!types.isDeclared) types.isOpen = true;
}
