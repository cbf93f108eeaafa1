import type { ResultRelation } from './builtin-signatures.ts';
import { methodSignature } from './method-signatures.ts';
import { isPrelude } from './prelude.ts';
import type { ActionCallExpression, Expression } from './tree.ts';
import {
  declaredType,
  inferredEntries,
  isContainerType,
  isEntity,
  listKey,
  type MapEntries,
  type StaticType,
  type TypeVariable,
} from './types.ts';

/** The types of what an expression only passes on, found without looking at its parts again. */
export function typesOf(expression: Expression): TypeVariable | undefined {
  switch (expression.kind) {
    case 'local':
      return expression.local.types;
    case 'action':
      return expression.action.result;
    case 'method':
      return expression.target?.result;
    case 'state': {
      let types: TypeVariable | undefined = expression.variable.types;
      for (const key of expression.keys) types = types && entryOf(types, key);
      return types;
    }
    case 'index': {
      const types = typesOf(expression.object);
      return types && entryOf(types, expression.key);
    }
    default:
      return undefined;
  }
}

/** What a key leads to in a value of the type: a field of an entity, an entry of anything else. */
function entryOf(types: TypeVariable, key: Expression): TypeVariable | undefined {
  if (isEntity(types.type)) return fieldOf(types, key);
  return types.type === 'unknown' || isContainerType(types.type) ? types.entries?.value : undefined;
}

/** The field of an entity that a written name means. */
export function fieldOf({ fields }: TypeVariable, key: Expression): TypeVariable | undefined {
  const name = writtenName(key);
  return fields?.find((field) => field.name === name)?.types;
}

/** The text of a key that is written out. */
export function writtenName(key: Expression): string | undefined {
  return key.kind === 'literal' && typeof key.value === 'string' ? key.value : undefined;
}

/** Whether an expression leads to a place of the state. */
export function isStatePlace(expression: Expression): boolean {
  if (expression.kind === 'index') return isStatePlace(expression.object);
  return expression.kind === 'state';
}

/**
 * Whether an expression is a place within a variable of the state, and what it is within is a list: what
 * is not there reads as null.
 */
export function isListItem(expression: Expression): boolean {
  if (expression.kind === 'index') return typesOf(expression.object)?.type === 'list';
  if (expression.kind !== 'state' || expression.keys.length === 0) return false;
  const { variable, keys, span } = expression;
  return typesOf({ kind: 'state', variable, keys: keys.slice(0, -1), span })?.type === 'list';
}

/** Whether an expression is a variable of the state as a whole. */
export function isWholeVariable(expression: Expression): boolean {
  return expression.kind === 'state' && expression.keys.length === 0;
}

/** The entries of a place of the state, which a use says to have some. */
export function ensureEntries(types: TypeVariable): MapEntries | undefined {
  if (types.entries === undefined && !types.isDeclared) {
    const isOpen = types.isOpen || types.isShared;
    types.entries = inferredEntries();
    if (isOpen) types.entries.value.isOpen = true;
  }
  if (types.type === 'list' && types.entries !== undefined && !types.entries.key.isDeclared) {
    types.entries = { key: listKey(), value: types.entries.value };
  }
  return types.entries;
}

/**
 * What is known of the entries of a map or list: of a place, or of what a method makes of one. Undefined when
 * nothing is.
 */
export function entriesOf(expression: Expression): MapEntries | undefined {
  switch (expression.kind) {
    case 'builtin': {
      const { builtin, arguments: values } = expression;
      return derivedEntries(builtin.name, builtin.resultOf, values[0]);
    }
    case 'method': {
      const { target, name, object } = expression;
      if (target !== undefined) return target.result?.entries;
      const signature = methodSignature('list', name) ?? methodSignature('map', name);
      return derivedEntries(signature?.name ?? name, signature?.resultOf, object);
    }
    case 'action':
      return isPrelude(expression.action.source)
        ? libraryEntries(expression)
        : expression.action.result.entries;
    case 'slice':
      return entriesOf(expression.object);
    default:
      return typesOf(expression)?.entries;
  }
}

function derivedEntries(
  name: string,
  relation: ResultRelation | undefined,
  argument: Expression | undefined,
): MapEntries | undefined {
  if (name === 'range') return { key: listKey(), value: listKey() };
  if (name === 'split' || name === 'chars') {
    return { key: listKey(), value: declaredType('string', 'string') };
  }
  // What is put behind it may be of other types.
  if (name === 'concat' || argument === undefined) return undefined;
  const entries = entriesOf(argument);
  if (entries === undefined) return undefined;
  if (relation === 'keys') return { key: listKey(), value: entries.key };
  if (relation === 'entries') return { key: listKey(), value: entries.value };
  return relation === 'receiver' ? entries : undefined;
}

/** Of what the compiler's own library makes of a map or list with a function. */
function libraryEntries({
  action,
  arguments: values,
}: ActionCallExpression): MapEntries | undefined {
  const [items, f] = values;
  if (action.name === '__map') {
    return f?.kind === 'function' ? { key: listKey(), value: f.action.result } : undefined;
  }
  const keepsItems = action.name === '__filter' || action.name === '__sort_by';
  const entries = keepsItems && items !== undefined ? entriesOf(items) : undefined;
  return entries && { key: listKey(), value: entries.value };
}

/** What a value read from a variable, cell, parameter or result is known to be. */
export function readType(types: TypeVariable, isState: boolean): StaticType {
  const { type, isDeclared, isOpen, isMixed, isFlexible, isNullable } = types;
  if (isDeclared) return type;
  if (isMixed) return 'unknown';
  if (!isOpen) return type;
  // A cell of one word holds nothing but its type; whatever is put there was checked.
  const isWord = isState && !isFlexible && !isNullable && type !== 'string' && type !== 'bytes';
  return isWord ? type : 'unknown';
}
