import { unreachable } from '@lucerna/base';
import type * as Ast from '../syntax/ast.ts';
import type { Resolver } from './action-scope.ts';
import { pathOf } from './constants.ts';
import { entityOfFields, type FieldValue } from './entities.ts';
import { describeDeclared } from './names.ts';
import { resolveCall } from './resolve-call.ts';
import { resolveIndex, resolveMember, resolveName, resolveThis } from './resolve-name.ts';
import type { Expression, MatchArm } from './tree.ts';

/** What an expression means. */
export function resolveExpression(expression: Ast.Expression, resolver: Resolver): Expression {
  const { span } = expression;
  switch (expression.kind) {
    case 'integer':
    case 'string':
    case 'boolean':
      return { kind: 'literal', value: expression.value, span };
    case 'null':
      return { kind: 'literal', value: null, span };
    case 'hex':
      return { kind: 'hex', text: expression.text, span, isAddress: false };
    case 'template':
      return template(expression, resolver);
    case 'this':
      return resolveThis(span, resolver.scope);
    case 'name':
      return resolveName(expression.name, span, resolver);
    case 'member':
      return resolveMember(expression, resolver);
    case 'index':
      return resolveIndex(expression, resolver);
    case 'call':
      return resolveCall(expression, resolver);
    case 'function':
      return resolver.functionValue(expression);
    case 'construct':
      return construct(expression, resolver);
    case 'list':
    case 'map':
    case 'slice':
      return container(expression, resolver);
    case 'unary':
      return { ...expression, operand: resolver.expression(expression.operand) };
    case 'binary':
    case 'logical': {
      const left = resolver.expression(expression.left);
      return { ...expression, left, right: resolver.expression(expression.right) };
    }
    case 'conditional': {
      const condition = resolver.expression(expression.condition);
      const then = resolver.expression(expression.then);
      const otherwise = resolver.expression(expression.otherwise);
      return { kind: 'conditional', condition, then, otherwise, span };
    }
    case 'match': {
      const { prepare, kept } = resolver.scope.keep(resolver.expression(expression.subject));
      const arms = matchArms(expression.arms, resolver, (body) => resolver.expression(body));
      return { kind: 'match', prepare, subject: kept, arms, span };
    }
    default:
      return unreachable(expression);
  }
}

/** The arms with what `body` makes of theirs; nothing may stand behind the one for everything else. */
export function matchArms<From, To>(
  arms: readonly Ast.MatchArm<From>[],
  resolver: Resolver,
  body: (body: From) => To,
): readonly MatchArm<To>[] {
  let isComplete = false;
  return arms.map((arm) => {
    const { span } = arm;
    if (isComplete) {
      resolver.scope.report('MATCH_ORDER', span, 'this arm is never reached', {
        hint: 'the arm for everything else stands last',
      });
    }
    isComplete ||= arm.patterns === undefined;
    const patterns = arm.patterns?.map((pattern) => resolver.expression(pattern));
    return { patterns, body: body(arm.body), span };
  });
}

/** A text, then values and texts: as it begins with text, adding makes text of all of it. */
function template(
  { texts, values, span }: Extract<Ast.Expression, { kind: 'template' }>,
  resolver: Resolver,
): Expression {
  const text = (value: string): Expression => ({ kind: 'literal', value, span });
  const add = (left: Expression, right: Expression): Expression => ({
    kind: 'binary',
    operator: '+',
    left,
    right,
    span,
  });
  return values.reduce<Expression>(
    (joined, value, index) => {
      const longer = add(joined, resolver.expression(value));
      const next = texts[index + 1] ?? '';
      return next === '' ? longer : add(longer, text(next));
    },
    text(texts[0] ?? ''),
  );
}

function container(
  expression: Extract<Ast.Expression, { kind: 'list' | 'map' | 'slice' }>,
  resolver: Resolver,
): Expression {
  const { span } = expression;
  switch (expression.kind) {
    case 'list': {
      const items = expression.items.map((item) => resolver.expression(item));
      return { kind: 'list', items, span };
    }
    case 'map': {
      const entries = expression.entries.map(({ key, value }) => ({
        key: resolver.expression(key),
        value: resolver.expression(value),
      }));
      return { kind: 'map', entries, entity: undefined, span };
    }
    case 'slice': {
      const { start, end } = expression;
      return {
        kind: 'slice',
        object: resolver.expression(expression.object),
        start: start === undefined ? undefined : resolver.expression(start),
        end: end === undefined ? undefined : resolver.expression(end),
        span,
      };
    }
  }
}

/** `Name{field: value}` */
function construct(
  { entity, fields, span }: Extract<Ast.Expression, { kind: 'construct' }>,
  resolver: Resolver,
): Expression {
  const { scope } = resolver;
  const values: FieldValue[] = fields.map(({ name, value }) => ({
    name,
    value: resolver.expression(value),
  }));
  const path = pathOf(entity);
  const declared = path === undefined ? undefined : scope.names.findPath(path);
  if (declared?.kind === 'entity') return entityOfFields(scope.contract, declared, values, span);
  const name = path?.join('.') ?? 'this';
  const message =
    declared === undefined
      ? `there is no entity ${name}`
      : `${name} is ${describeDeclared(declared)}, and only entities are made so`;
  return scope.invalid('NAME_UNKNOWN', entity.span, message, {
    hint: 'a map is written { field: value } without a name',
  });
}
