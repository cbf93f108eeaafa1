import type { Span } from '../syntax/source.ts';
import type { Expression, IndexReference, StateReference } from './tree.ts';
import type { TypeFlow } from './typer-flow.ts';
import { mergeTypes, typeEquality } from './typer-operators.ts';
import {
  ensureEntries,
  fieldOf,
  isStatePlace,
  readType,
  typesOf,
  writtenName,
} from './typer-places.ts';
import {
  declaredType,
  describeType,
  failedType,
  isBytes,
  isContainerType,
  isContract,
  isEntity,
  isIntegral,
  listKey,
  type StaticType,
  type TypeVariable,
} from './types.ts';

type ListLiteral = Extract<Expression, { kind: 'list' }>;
type MapLiteral = Extract<Expression, { kind: 'map' }>;
type MatchExpression = Extract<Expression, { kind: 'match' }>;
type Slice = Extract<Expression, { kind: 'slice' }>;
type Conditional = Extract<Expression, { kind: 'conditional' }>;

export function literalType(value: null | boolean | bigint | string): StaticType {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'bigint':
      return 'integer';
    case 'boolean':
      return 'bool';
    default:
      return 'string';
  }
}

/** What is written between brackets; the items flow into the list that it becomes. */
export function typeList(
  flow: TypeFlow,
  { items }: ListLiteral,
  into: TypeVariable | undefined,
): StaticType {
  const entries = into?.type === 'list' || into?.type === 'unknown' ? into.entries : undefined;
  for (const item of items) {
    if (entries === undefined) flow.typeOf(item);
    else flow.flow(item, entries.value, 'an item of the list', { mayBeNull: true, isApart: true });
  }
  return 'list';
}

/** A map, or an entity with all its fields, that is written out. */
export function typeMap(
  flow: TypeFlow,
  { entries, entity }: MapLiteral,
  into: TypeVariable | undefined,
): StaticType {
  if (entity !== undefined) {
    for (const { key, value } of entries) typeField(flow, entity, key, value);
    return `entity ${entity.name}`;
  }
  const target = into !== undefined && isEntity(into.type) ? into : undefined;
  const inner = into?.type === 'map' || into?.type === 'unknown' ? into.entries : undefined;
  for (const { key, value } of entries) {
    if (target !== undefined) {
      typeField(flow, { name: target.type.slice('entity '.length), ...target }, key, value);
    } else if (inner === undefined) {
      typeKey(flow, key, failedType(), 'a map');
      flow.typeOf(value);
    } else {
      typeKey(flow, key, inner.key, 'the map');
      // What is written out side by side is often of different kinds.
      flow.flow(value, inner.value, 'an entry of the map', { mayBeNull: true, isApart: true });
    }
  }
  return 'map';
}

/** A value for a field of an entity. */
function typeField(
  flow: TypeFlow,
  entity: { readonly name: string; readonly fields?: TypeVariable['fields'] },
  key: Expression,
  value: Expression,
): void {
  flow.typeOf(key);
  const name = writtenName(key);
  const field = entity.fields?.find((candidate) => candidate.name === name);
  if (field !== undefined) {
    flow.flow(value, field.types, `the field ${field.name}`, { mayBeNull: true });
    return;
  }
  flow.typeOf(value);
  if (name !== undefined) reportField(flow, entity.name, name, entity.fields, key.span);
}

function reportField(
  flow: TypeFlow,
  entity: string,
  name: string,
  fields: TypeVariable['fields'],
  span: Span,
): void {
  const names = (fields ?? []).map((field) => field.name).join(', ');
  flow.report('FIELD_UNKNOWN', span, `${entity} has no field ${name}`, {
    hint: names === '' ? 'it has no fields' : `its fields are ${names}`,
  });
}

/** A key goes to where `types` is the type of keys; `what` names the map. */
export function typeKey(flow: TypeFlow, key: Expression, types: TypeVariable, what: string): void {
  if (key.kind === 'literal' && key.value === null) {
    flow.report('NULL_KEY', key.span, 'null cannot be a key');
    return;
  }
  const type = flow.typeOf(key, types.type);
  if (isContainerType(type) || type === 'function') {
    flow.report('TYPE_MISMATCH', key.span, `${describeType(type)} cannot be a key`);
    return;
  }
  flow.flowType(type, key, types, `the key of ${what}`, { mayBeNull: true });
}

/** What is known of the place that is read or written; keys are typed on the way. */
export function typePlace(flow: TypeFlow, { variable, keys, span }: StateReference): TypeVariable {
  let types = variable.types;
  for (const [depth, key] of keys.entries()) {
    const inner = typeStep(flow, types, key, { isState: true, what: variable.name });
    if (inner === undefined) {
      if (types.type !== 'unknown') {
        const message =
          depth === 0
            ? `${variable.name} is ${describeType(types.type)} and has no entries`
            : `${variable.name} takes ${depth} ${depth === 1 ? 'key' : 'keys'}`;
        flow.report('INDEX_INVALID', span, message);
      }
      for (const rest of keys.slice(depth + 1)) flow.typeOf(rest);
      return failedType();
    }
    types = inner;
  }
  return types;
}

/** As {@link typePlace}, for the target of an assignment. */
export function typeStateTarget(flow: TypeFlow, target: StateReference): TypeVariable {
  const types = typePlace(flow, target);
  const { keys, span } = target;
  if (keys.length === 0) return types;
  const around = typesOf({ ...target, keys: keys.slice(0, -1) });
  if (around === undefined || (around.type !== 'string' && !isBytes(around.type))) return types;
  if (readType(around, true) !== 'unknown') reportPart(flow, around.type, span);
  return failedType();
}

function reportPart(flow: TypeFlow, type: StaticType, span: Span): void {
  flow.report('INDEX_INVALID', span, `parts of ${describeType(type)} cannot be set`, {
    hint: 'make a new one from slices of it',
  });
}

/**
 * What a key leads to in a value of the type, and the key with it; undefined when the type has nothing
 * within, or when that is not known. Messages call the value `what`.
 */
function typeStep(
  flow: TypeFlow,
  types: TypeVariable,
  key: Expression,
  { isState, what }: { readonly isState: boolean; readonly what: string },
): TypeVariable | undefined {
  const { type } = types;
  if (isEntity(type)) {
    if (readType(types, isState) === type) return typeFieldAccess(flow, types, key);
    flow.typeOf(key);
    return failedType();
  }
  if (type === 'string' || isBytes(type)) {
    const isKnown = readType(types, isState) === type;
    typeKey(flow, key, isKnown ? listKey() : failedType(), `a ${type}`);
    if (!isKnown) return failedType();
    return type === 'string' ? declaredType('string', 'string') : listKey();
  }
  if (type !== 'unknown' && !isContainerType(type)) {
    flow.typeOf(key);
    return readType(types, isState) === 'unknown' ? failedType() : undefined;
  }
  const entries = isState ? ensureEntries(types) : types.entries;
  if (entries === undefined) {
    typeKey(flow, key, type === 'list' ? listKey() : failedType(), what);
    return failedType();
  }
  typeKey(flow, key, entries.key, what);
  return entries.value;
}

function typeFieldAccess(flow: TypeFlow, types: TypeVariable, key: Expression): TypeVariable {
  flow.typeOf(key);
  const name = writtenName(key);
  const field = fieldOf(types, key);
  if (field === undefined && name !== undefined) {
    reportField(flow, types.type.slice('entity '.length), name, types.fields, key.span);
  }
  return field ?? failedType();
}

/** `object[key]` and `object.name`, read. */
export function typeIndex(flow: TypeFlow, expression: IndexReference): StaticType {
  const { object } = expression;
  const type = flow.typeOf(object);
  const types = typeWithin(flow, expression, type);
  return types === undefined ? 'unknown' : readType(types, isStatePlace(object));
}

/** `object[key]` and `object.name` as the target of an assignment: what is known of the place. */
export function typeIndexTarget(flow: TypeFlow, expression: IndexReference): TypeVariable {
  const type = flow.typeOf(expression.object);
  if (type === 'string' || isBytes(type)) {
    flow.typeOf(expression.key);
    reportPart(flow, type, expression.span);
    return failedType();
  }
  return typeWithin(flow, expression, type) ?? failedType();
}

function typeWithin(
  flow: TypeFlow,
  { object, key, isMember, span }: IndexReference,
  type: StaticType,
): TypeVariable | undefined {
  const name = writtenName(key);
  const isPart = type === 'list' || type === 'string' || isBytes(type);
  if (isMember && isPart && name !== undefined) {
    flow.report('MEMBER_UNKNOWN', key.span, `${describeType(type)} has no member ${name}`, {
      hint: name === 'length' || name === 'size' ? 'write len() after the dot' : undefined,
    });
    return undefined;
  }
  if (type === 'unknown' || isPart || isContainerType(type)) {
    const known = typesOf(object);
    const isOpen = known !== undefined && type === 'unknown' && known.type !== type;
    const types = known === undefined || isOpen ? typesFor(flow, type) : known;
    return typeStep(flow, types, key, { isState: isStatePlace(object), what: placeName(object) });
  }
  flow.typeOf(key);
  if (isMember) {
    const hint = isContract(type)
      ? `of another contract only actions can be called: write ${name ?? 'name'}() after the dot`
      : undefined;
    flow.report('MEMBER_UNKNOWN', span, `${describeType(type)} has no members`, { hint });
  } else {
    flow.report('INDEX_INVALID', span, `${describeType(type)} has no entries`);
  }
  return undefined;
}

/** A variable for a value that comes out of no other one. */
function typesFor(flow: TypeFlow, type: StaticType): TypeVariable {
  const types = failedType();
  if (type === 'null') return types;
  types.type = type;
  if (isEntity(type)) types.fields = flow.fieldsOf(type);
  return types;
}

/** `object[start:end]` */
export function typeSlice(flow: TypeFlow, { object, start, end, span }: Slice): StaticType {
  const type = flow.typeOf(object);
  for (const bound of [start, end]) {
    if (bound === undefined) continue;
    const boundType = flow.typeOf(bound, 'integer');
    if (isIntegral(boundType) || boundType === 'unknown' || boundType === 'null') continue;
    const message = `a slice begins and ends at an integer, and this is ${describeType(boundType)}`;
    flow.report('TYPE_MISMATCH', bound.span, message);
  }
  if (type === 'string' || type === 'list' || type === 'unknown') return type;
  if (isBytes(type)) return 'bytes';
  flow.report('INDEX_INVALID', span, `${describeType(type)} has no slices`);
  return 'unknown';
}

export function typeConditional(
  flow: TypeFlow,
  { condition, then, otherwise }: Conditional,
  expected: StaticType,
  into: TypeVariable | undefined,
): StaticType {
  flow.typeOf(condition);
  const thenType = flow.typeInto(then, expected, into);
  const suggested = expected === 'unknown' && thenType !== 'null' ? thenType : expected;
  return mergeTypes(thenType, flow.typeInto(otherwise, suggested, into));
}

export function typeMatch(
  flow: TypeFlow,
  { prepare, subject, arms }: MatchExpression,
  expected: StaticType,
  into: TypeVariable | undefined,
): StaticType {
  flow.flow(prepare.value, subject.local.types, 'the value of match', { isOnly: true });
  let type: StaticType = 'null';
  for (const { patterns, body } of arms) {
    for (const pattern of patterns ?? []) typeEquality(flow, subject, pattern, pattern.span);
    const bodyType = flow.typeInto(body, expected, into);
    type = mergeTypes(type, bodyType);
  }
  return type;
}

/** What messages call a place. */
export function placeName(target: Expression): string {
  switch (target.kind) {
    case 'local':
      return target.local.name;
    case 'state':
      return target.variable.name;
    case 'index': {
      const name = target.isMember ? writtenName(target.key) : undefined;
      return name === undefined ? `an entry of ${placeName(target.object)}` : name;
    }
    default:
      return 'the value';
  }
}
