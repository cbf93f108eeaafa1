import { zexusLimits } from '../limits.ts';
import type * as Ast from '../syntax/ast.ts';
import type { Span } from '../syntax/source.ts';
import {
  checkInnerModifiers,
  checkLength,
  checkNotReserved,
  checkUnique,
  declareInnerAction,
} from './actions.ts';
import { nullAt } from './call-arguments.ts';
import { type MakeEntity, moved } from './constants.ts';
import type { ContractContext, ContractEntity } from './contract-context.ts';
import { entityIn, typeIn } from './declared-types.ts';
import type { DeclaredOf } from './names.ts';
import type { Expression } from './tree.ts';
import { declaredEntity, unknownType } from './types.ts';

/** The entity with its fields and actions, whose bodies are resolved later. */
export function completeEntity(
  context: ContractContext,
  declared: DeclaredOf<'entity'>,
): ContractEntity {
  const entity = entityIn(context, declared);
  if (entity.state !== 'named') return entity;
  entity.state = 'begun';
  context.sink.within(declared.scope.source, () => declareMembers(context, entity));
  entity.state = 'complete';
  return entity;
}

function declareMembers(context: ContractContext, contractEntity: ContractEntity): void {
  const { declared, entity, fields, actions } = contractEntity;
  const { declaration, scope } = declared;
  const names = new Set<string>();
  for (const { name, type, initial } of declaration.fields) {
    checkUnique(name, names, 'field', context.sink);
    fields.push({
      name: name.name,
      span: name.span,
      types: type === undefined ? unknownType() : typeIn(context, scope, type),
      initial:
        initial === undefined
          ? undefined
          : context.constants.evaluate(initial, scope, (inner, values, span) =>
              defaultEntity(context, inner, values, span),
            ),
    });
  }
  const limit = zexusLimits.values.containerParameters;
  checkLength(fields.length, limit, 'fields', declaration.name, context.sink);
  for (const action of declaration.actions) {
    const { name } = action;
    checkUnique(name, names, 'member', context.sink);
    checkNotReserved(name, context.sink);
    checkInnerModifiers(action, 'an action of an entity', context.sink);
    const resolved = declareInnerAction(context, scope, action, {
      name: context.actionName(`__${declared.name}_${name.name}`),
      self: declaredEntity(entity.name, fields),
      isHidden: false,
    });
    actions.set(name.name, resolved);
    context.add(resolved, {
      block: action.body,
      scope,
      place: 'entity',
      entity: contractEntity,
    });
  }
}

/** An entity in the default of a field, which cannot be the one that the field is of. */
function defaultEntity(
  context: ContractContext,
  declared: DeclaredOf<'entity'>,
  values: Parameters<MakeEntity>[1],
  span: Span,
): Expression {
  if (completeEntity(context, declared).state === 'begun') {
    const message = `${declared.name} would be made of itself without end`;
    context.sink.report('CONSTANT_CYCLE', span, message, { hint: 'leave the default out' });
    return { kind: 'invalid', span };
  }
  const named = values.flatMap(({ name, value }) => (name === undefined ? [] : [{ name, value }]));
  if (named.length > 0) return entityOfFields(context, declared, named, span);
  return entityOfValues(
    context,
    declared,
    values.map(({ value }) => value),
    span,
  );
}

/** A value of one field, as the source gives it. */
export type FieldValue = { readonly name: Ast.Identifier; readonly value: Expression };

/** `Name(values)`: the values of the first fields; defaults stand for the others. */
export function entityOfValues(
  context: ContractContext,
  declared: DeclaredOf<'entity'>,
  values: readonly Expression[],
  span: Span,
): Expression {
  const { entity } = completeEntity(context, declared);
  if (values.length > entity.fields.length) {
    const names = entity.fields.map(({ name }) => name).join(', ');
    const message = `${declared.name} has ${entity.fields.length} fields, not ${values.length}`;
    context.sink.report('ARGUMENT_COUNT', span, message, { hint: `its fields are ${names}` });
    return { kind: 'invalid', span };
  }
  const byName = new Map(values.map((value, index) => [entity.fields[index]?.name, value]));
  return entityMap(entity, byName, span);
}

/** `Name{field: value}`; defaults stand for what is left out. */
export function entityOfFields(
  context: ContractContext,
  declared: DeclaredOf<'entity'>,
  fields: readonly FieldValue[],
  span: Span,
): Expression {
  const { entity } = completeEntity(context, declared);
  const byName = new Map<string, Expression>();
  for (const { name, value } of fields) {
    if (!entity.fields.some((field) => field.name === name.name)) {
      const names = entity.fields.map((field) => field.name).join(', ');
      const message = `${declared.name} has no field ${name.name}`;
      context.sink.report('FIELD_UNKNOWN', name.span, message, { hint: `its fields are ${names}` });
    } else if (byName.has(name.name)) {
      context.sink.report('NAME_DUPLICATE', name.span, `${name.name} has a value already`);
    }
    byName.set(name.name, value);
  }
  return entityMap(entity, byName, span);
}

function entityMap(
  entity: ContractEntity['entity'],
  values: ReadonlyMap<string | undefined, Expression>,
  span: Span,
): Expression {
  const entries = entity.fields.map(({ name, initial }) => ({
    key: { kind: 'literal', value: name, span } as const,
    value: values.get(name) ?? (initial === undefined ? nullAt(span) : moved(initial, span)),
  }));
  return { kind: 'map', entries, entity, span };
}
