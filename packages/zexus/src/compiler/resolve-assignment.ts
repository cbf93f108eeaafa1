import type * as Ast from '../syntax/ast.ts';
import type { ActionScope, Resolver } from './action-scope.ts';
import { resolveMember, rootVariable, statePlace, stateVariable } from './resolve-name.ts';
import type { BinaryExpression, Local, Statement, StoreStatement } from './tree.ts';

type Target = StoreStatement['target'];

/** `target = value`, and with an operator. */
export function resolveAssignment(
  {
    target: written,
    operator,
    value: writtenValue,
    span,
  }: Extract<Ast.Statement, { kind: 'assign' }>,
  resolver: Resolver,
): readonly Statement[] {
  const target = resolveTarget(written, resolver);
  const value = resolver.expression(writtenValue);
  if (target === undefined) return [];
  recordWrite(target, resolver.scope);
  const arithmetic =
    operator === '=' ? undefined : (operator.slice(0, -1) as BinaryExpression['operator']);
  return [{ kind: 'store', target, operator: arithmetic, value, span }];
}

function recordWrite(target: Target, scope: ActionScope): void {
  if (target.kind === 'local') {
    assignLocal(target.local, target, scope);
    return;
  }
  const variable = target.kind === 'state' ? target.variable : rootVariable(target);
  if (variable !== undefined) scope.writes(`sets ${variable.name}`, target.span);
}

function assignLocal(local: Local, { span }: Target, scope: ActionScope): void {
  const { name } = local;
  if (local.isConstant) {
    scope.report('CONSTANT_ASSIGNED', span, `${name} is a constant`, {
      hint: 'declare it with let to give it other values',
    });
  }
  local.isReassigned = true;
  if (!local.isParameter || local.isCaptured || !scope.contract.variables.has(name)) return;
  if (scope.place === 'function' || scope.place === 'entity') return;
  const message = `this sets the parameter ${name}, not the variable of the state`;
  const hint = `to set the variable write this.${name}`;
  scope.report('PARAMETER_HIDES_STATE', span, message, { hint, severity: 'warning' });
}

/** The place that is assigned to; undefined where there is none, which is reported. */
function resolveTarget(target: Ast.Expression, resolver: Resolver): Target | undefined {
  const { scope } = resolver;
  const { span } = target;
  if (target.kind === 'name') {
    const local = scope.find(target.name);
    if (local !== undefined) return { kind: 'local', local, span };
  }
  if (stateVariable(rootOf(target), scope) !== undefined) {
    const place = statePlace(target, resolver);
    if (place !== undefined) return place;
  }
  const constant = target.kind === 'name' ? scope.names.find(target.name) : undefined;
  if (constant?.kind === 'constant') {
    scope.report('CONSTANT_ASSIGNED', span, `${constant.name} is a constant`, {
      hint: 'what changes is a variable: data in a contract, let in an action',
    });
    return undefined;
  }
  if (target.kind === 'name' && scope.contract.events.has(target.name)) {
    scope.report('TARGET_INVALID', span, `${target.name} is an event, not a variable`);
    return undefined;
  }
  // Whatever is wrong with it as a value comes first.
  const resolved =
    target.kind === 'member' ? resolveMember(target, resolver) : resolver.expression(target);
  if (resolved.kind === 'index') return resolved;
  if (resolved.kind !== 'invalid') {
    scope.report('TARGET_INVALID', span, 'this cannot be assigned to', {
      hint: 'assign to a variable, a field, or the entry of a map or list',
    });
  }
  return undefined;
}

function rootOf(target: Ast.Expression): Ast.Expression {
  let object = target;
  while (object.kind === 'index') object = object.object;
  return object;
}
