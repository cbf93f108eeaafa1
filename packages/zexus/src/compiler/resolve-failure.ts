import type * as Ast from '../syntax/ast.ts';
import type { Span } from '../syntax/source.ts';
import type { ActionScope, Resolver } from './action-scope.ts';
import { checkCount } from './call-arguments.ts';
import { pathOf } from './constants.ts';
import { findError, namesOf } from './events.ts';
import { didYouMean } from './similar-names.ts';
import type { ErrorDefinition, Expression, Reason } from './tree.ts';

/** Why a `require` or a `revert` fails; undefined without a reason, and where an error was found. */
export function resolveReason(
  message: Ast.Expression | undefined,
  resolver: Resolver,
): Reason | undefined {
  if (message === undefined) return undefined;
  const reason = declaredReason(message, resolver);
  if (reason !== undefined) return reason;
  const unknown = unknownError(message, resolver.scope);
  if (unknown) return undefined;
  return { kind: 'message', message: resolver.expression(message) };
}

/** `Name(values)`, `Name{field: value}` or `Name` of a declared error; undefined for anything else. */
export function declaredReason(message: Ast.Expression, resolver: Resolver): Reason | undefined {
  const { scope } = resolver;
  const error = errorOf(message, scope);
  if (error === undefined) return undefined;
  const { span } = message;
  if (message.kind === 'construct') return namedReason(error, message, resolver);
  const written = message.kind === 'call' ? message.arguments : [];
  const values = written.map((argument) => resolver.expression(argument));
  const count = error.fields.length;
  checkCount({ least: count, most: count }, values.length, error.name, span, scope.contract.sink);
  return { kind: 'error', error, arguments: values, span };
}

function errorOf(message: Ast.Expression, scope: ActionScope): ErrorDefinition | undefined {
  const path = errorPath(message);
  const first = path?.[0];
  if (path === undefined || first === undefined) return undefined;
  const isHidden = scope.knows(first) !== undefined || scope.variables.has(first);
  return isHidden ? undefined : findError(scope.contract, scope.names, path);
}

/** The name of what may be an error, or the names with dots between them. */
function errorPath(message: Ast.Expression): readonly string[] | undefined {
  if (message.kind === 'call') return pathOf(message.callee);
  return pathOf(message.kind === 'construct' ? message.entity : message);
}

function namedReason(
  error: ErrorDefinition,
  { fields, span }: Extract<Ast.Expression, { kind: 'construct' }>,
  resolver: Resolver,
): Reason {
  const named = fields.map(({ name, value }) => ({ name, value: resolver.expression(value) }));
  const values = orderByName(error, named, span, resolver.scope);
  return { kind: 'error', error, arguments: values, span };
}

/** Values with names in the order of the fields; every field has to have one. */
export function orderByName(
  {
    name,
    fields,
  }: { readonly name: string; readonly fields: readonly { readonly name: string }[] },
  values: readonly { readonly name: Ast.Identifier; readonly value: Expression }[],
  span: Span,
  scope: ActionScope,
): readonly Expression[] {
  const byName = new Map<string, Expression>();
  for (const { name: field, value } of values) {
    if (!fields.some((each) => each.name === field.name)) {
      const hint = `its fields are ${fields.map((each) => each.name).join(', ')}`;
      scope.report('FIELD_UNKNOWN', field.span, `${name} has no field ${field.name}`, { hint });
    } else if (byName.has(field.name)) {
      scope.report('NAME_DUPLICATE', field.span, `${field.name} has a value already`);
    }
    byName.set(field.name, value);
  }
  return fields.map((field) => {
    const value = byName.get(field.name);
    if (value !== undefined) return value;
    return scope.invalid('FIELD_MISSING', span, `${name} needs a value for ${field.name}`);
  });
}

/** A call that looks like that of an error which is not declared. */
function unknownError(message: Ast.Expression, scope: ActionScope): boolean {
  const [name, ...rest] = errorPath(message) ?? [];
  if (name === undefined || rest.length > 0 || message.kind === 'name' || !/^[A-Z]/.test(name))
    return false;
  if (scope.knows(name) !== undefined || scope.names.find(name) !== undefined) return false;
  // Whoever uses the file may declare it.
  if (scope.contract.isLibrary) return true;
  scope.report('NAME_UNKNOWN', message.span, `the contract declares no error ${name}`, {
    hint:
      didYouMean(name, namesOf('error', scope.contract, scope.names)) ??
      `declare it in the contract: error ${name}(field: type, …)`,
  });
  return true;
}
