import type * as Ast from '../syntax/ast.ts';
import type { Span } from '../syntax/source.ts';
import type { ActionScope, Resolver } from './action-scope.ts';
import { checkCount, nullAt } from './call-arguments.ts';
import { findEvent, namesOf } from './events.ts';
import { scalarOf } from './fold.ts';
import { orderByName } from './resolve-failure.ts';
import { didYouMean } from './similar-names.ts';
import type { Event, Expression, Statement } from './tree.ts';
import { unknownType } from './types.ts';

type Emit = Extract<Ast.Statement, { kind: 'emit' }>;
type EmitValue = Extract<Ast.Statement, { kind: 'emitValue' }>;

/** `emit Name(values)`, with or without names. An event that is not declared is from its first use. */
export function resolveEmit(statement: Emit, resolver: Resolver): readonly Statement[] {
  const { event: name, names, span } = statement;
  const { scope } = resolver;
  const values = statement.arguments.map((argument) => resolver.expression(argument));
  const event = eventOf(statement, scope);
  if (event === undefined) return [];
  scope.writes(`emits ${event.name}`, span);
  if (names.length > 0) {
    const named = names.map((field, index) => ({
      name: field,
      value: values[index] as Expression,
    }));
    return [{ kind: 'emit', event, arguments: orderByName(event, named, name.span, scope), span }];
  }
  return emitInOrder(event, values, name.span, span, scope);
}

function eventOf(statement: Emit, scope: ActionScope): Event | undefined {
  const { name, span } = statement.event;
  const path = name.split('.');
  const event = findEvent(scope.contract, scope.names, path);
  if (event !== undefined || path.length === 1) return event ?? inferEvent(statement, scope);
  scope.report('NAME_UNKNOWN', span, `there is no event ${name}`, {
    hint: 'behind the name of a file stands what that file exports',
  });
  return undefined;
}

function emitInOrder(
  event: Event,
  values: readonly Expression[],
  nameSpan: Span,
  span: Span,
  scope: ActionScope,
): readonly Statement[] {
  const count = event.fields.length;
  const { sink } = scope.contract;
  if (!checkCount({ least: count, most: count }, values.length, event.name, nameSpan, sink))
    return [];
  return [{ kind: 'emit', event, arguments: values, span }];
}

function inferEvent(
  { event: { name, span }, names, arguments: values }: Emit,
  scope: ActionScope,
): Event {
  const { events, isLibrary } = scope.contract;
  const fields = values.map((_, index) => ({
    name: names[index]?.name ?? `arg${index}`,
    types: unknownType(),
    isIndexed: false,
  }));
  const { source } = scope.names;
  const event: Event = { name, span, source, index: events.size, isDeclared: false, fields };
  const similar = didYouMean(name, namesOf('event', scope.contract, scope.names));
  events.set(name, event);
  if (isLibrary) return event;
  const list = fields.map((field) => `${field.name}: type`).join(', ');
  scope.report(
    'EVENT_INFERRED',
    span,
    `the event ${name} is not declared, and is as it is used here`,
    {
      severity: 'warning',
      hint: similar ?? `declare it in the contract: event ${name}(${list})`,
    },
  );
  return event;
}

/** `emit("Name", data)`: the values of a declared event, or a log of its own. */
export function resolveEmitValue(statement: EmitValue, resolver: Resolver): readonly Statement[] {
  const { event: nameExpression, value, span } = statement;
  const { scope } = resolver;
  const name = scalarOf(resolver.expression(nameExpression));
  if (typeof name !== 'string') {
    scope.report(
      'ARGUMENT_NOT_WRITTEN',
      nameExpression.span,
      'the name of an event is a written text',
    );
    return [];
  }
  const event = findEvent(scope.contract, scope.names, [name]);
  if (event?.isDeclared) return emitDeclared(event, value, statement, resolver);
  scope.writes(`emits ${name}`, span);
  const data = value === undefined ? nullAt(span) : resolver.expression(value);
  return [{ kind: 'emitValue', name, value: data, span }];
}

/** A map gives the fields by name, a list in order; any other value is the only field's. */
function emitDeclared(
  event: Event,
  value: Ast.Expression | undefined,
  { span }: EmitValue,
  resolver: Resolver,
): readonly Statement[] {
  const { scope } = resolver;
  scope.writes(`emits ${event.name}`, span);
  if (value?.kind === 'map' && value.entries.every(({ key }) => key.kind === 'string')) {
    const named = value.entries.map(({ key, value: entry }) => ({
      name: { name: key.kind === 'string' ? key.value : '', span: key.span },
      value: resolver.expression(entry),
    }));
    return [{ kind: 'emit', event, arguments: orderByName(event, named, span, scope), span }];
  }
  const items = value?.kind === 'list' ? value.items : value === undefined ? [] : [value];
  const values = items.map((item) => resolver.expression(item));
  return emitInOrder(event, values, span, span, scope);
}
