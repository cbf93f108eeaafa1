import { zexusLimits } from '../limits.ts';
import type * as Ast from '../syntax/ast.ts';
import { checkLength, checkUnique } from './actions.ts';
import type { ContractContext } from './contract-context.ts';
import { typeIn } from './declared-types.ts';
import type { DeclaredOf, NameScope } from './names.ts';
import type { ErrorDefinition, Event } from './tree.ts';
import { failedType, type TypeVariable } from './types.ts';

// Events and errors of a contract: its own, and those from outside that it uses.

/** The event in the contract's code, with types as `scope` knows them; it is not added to the others. */
export function eventIn(
  context: ContractContext,
  scope: NameScope,
  { name, fields }: Ast.EventDeclaration,
): Event {
  const { events, sink } = context;
  const names = new Set<string>();
  const declared = fields.map((field) => {
    checkUnique(field.name, names, 'field', sink);
    const types = fieldType(context, scope, field, 'EVENT_FIELD_TYPE');
    return { name: field.name.name, types, isIndexed: field.indexed };
  });
  const fourth = fields.filter((field) => field.indexed)[3];
  if (fourth !== undefined) {
    sink.report('EVENT_INDEXED_LIMIT', fourth.name.span, 'an event has at most 3 indexed fields');
  }
  checkLength(fields.length, zexusLimits.values.containerEventFields, 'fields', name, sink);
  return {
    name: name.name,
    span: name.span,
    source: scope.source,
    index: events.size,
    isDeclared: true,
    fields: declared,
  };
}

/** As {@link eventIn}, an error. */
export function errorIn(
  context: ContractContext,
  scope: NameScope,
  { name, fields }: Ast.ErrorDeclaration,
): ErrorDefinition {
  const { errors, sink } = context;
  const names = new Set<string>();
  const declared = fields.map((field) => {
    checkUnique(field.name, names, 'field', sink);
    const types = fieldType(context, scope, field, 'ERROR_FIELD_TYPE');
    return { name: field.name.name, types };
  });
  checkLength(fields.length, zexusLimits.values.containerErrorFields, 'fields', name, sink);
  const { source } = scope;
  return { name: name.name, span: name.span, source, index: errors.size, fields: declared };
}

/** Clients have to know the types of what they read: they are written. */
function fieldType(
  context: ContractContext,
  scope: NameScope,
  { name, type }: Ast.Parameter,
  code: 'ERROR_FIELD_TYPE' | 'EVENT_FIELD_TYPE',
): TypeVariable {
  if (type !== undefined) return typeIn(context, scope, type);
  context.sink.report(code, name.span, `the field ${name.name} has no type`, {
    hint: `write its type: ${name.name}: integer`,
  });
  return failedType();
}

/** An event from outside of the contract, which has it from now on. */
export function outerEvent(context: ContractContext, declared: DeclaredOf<'event'>): Event {
  const { outerEvents, events, sink } = context;
  const known = outerEvents.get(declared);
  if (known !== undefined) return known;
  const { scope, declaration } = declared;
  const event = sink.within(scope.source, () => eventIn(context, scope, declaration));
  const own = events.get(event.name);
  const isSame = own === undefined || (own.isDeclared && haveSameFields(own, event));
  if (!isSame) reportDifferent(context, 'event', own, event);
  const used = isSame ? (own ?? event) : event;
  if (own === undefined) events.set(event.name, event);
  outerEvents.set(declared, used);
  return used;
}

/** As {@link outerEvent}, an error. */
export function outerError(
  context: ContractContext,
  declared: DeclaredOf<'error'>,
): ErrorDefinition {
  const { outerErrors, errors, sink } = context;
  const known = outerErrors.get(declared);
  if (known !== undefined) return known;
  const { scope, declaration } = declared;
  const error = sink.within(scope.source, () => errorIn(context, scope, declaration));
  const own = errors.get(error.name);
  const isSame = own === undefined || haveSameFields(own, error);
  if (!isSame) reportDifferent(context, 'error', own, error);
  const used = isSame ? (own ?? error) : error;
  if (own === undefined) errors.set(error.name, error);
  outerErrors.set(declared, used);
  return used;
}

/** In a contract a name is that of one event, and of one error: clients tell them apart by it. */
function reportDifferent(
  { isLibrary, sink }: ContractContext,
  kind: 'error' | 'event',
  first: ErrorDefinition | Event,
  other: ErrorDefinition | Event,
): void {
  // No contract uses both yet.
  if (isLibrary) return;
  sink.within(first.source, () => {
    const message = `the contract uses the ${kind} ${other.name} of ${other.source.name} too, which differs`;
    sink.report('NAME_DUPLICATE', first.span, message, {
      hint:
        first.source === other.source
          ? 'leave out this one, or rename one of the two'
          : `use that one: use { ${other.name} } from its file, or rename one of the two`,
    });
  });
}

type Fields = Event['fields'] | ErrorDefinition['fields'];

function haveSameFields(
  { fields: first }: { readonly fields: Fields },
  { fields: second }: { readonly fields: Fields },
): boolean {
  const isIndexed = (field: Fields[number]): boolean => 'isIndexed' in field && field.isIndexed;
  return (
    first.length === second.length &&
    first.every((field, position) => {
      const other = second[position];
      if (other === undefined || field.name !== other.name) return false;
      return isIndexed(field) === isIndexed(other) && isSameType(field.types, other.types);
    })
  );
}

/** Whether two written types are the same one. */
function isSameType(first: TypeVariable, second: TypeVariable): boolean {
  if (first.type !== second.type || first.abiType !== second.abiType) return false;
  const [entries, others] = [first.entries, second.entries];
  if (entries === undefined || others === undefined) return entries === others;
  return isSameType(entries.key, others.key) && isSameType(entries.value, others.value);
}

/** The event that a name, or names with dots between them, mean where `names` are known. */
export function findEvent(
  context: ContractContext,
  names: NameScope,
  path: readonly string[],
): Event | undefined {
  const declared = names.findPath(path);
  if (declared?.kind === 'event') return outerEvent(context, declared);
  const [name, ...rest] = path;
  return name === undefined || rest.length > 0 ? undefined : context.events.get(name);
}

/** As {@link findEvent}, an error. */
export function findError(
  context: ContractContext,
  names: NameScope,
  path: readonly string[],
): ErrorDefinition | undefined {
  const declared = names.findPath(path);
  if (declared?.kind === 'error') return outerError(context, declared);
  const [name, ...rest] = path;
  return name === undefined || rest.length > 0 ? undefined : context.errors.get(name);
}

/** The names of all events, or of all errors, that can be meant where `names` are known. */
export function* namesOf(
  kind: 'error' | 'event',
  { errors, events }: ContractContext,
  names: NameScope,
): Generator<string> {
  yield* (kind === 'event' ? events : errors).keys();
  for (const name of names.known()) if (names.find(name)?.kind === kind) yield name;
}
