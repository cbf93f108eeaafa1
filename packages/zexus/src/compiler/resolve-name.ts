import type * as Ast from '../syntax/ast.ts';
import type { Span } from '../syntax/source.ts';
import type { ActionScope, Resolver } from './action-scope.ts';
import { builtinSignature } from './builtin-signatures.ts';
import { pathOf } from './constants.ts';
import { CONTRACT_ADDRESS, contextField, contextHint, isContextName } from './context-fields.ts';
import { FORBIDDEN_FUNCTIONS } from './forbidden-functions.ts';
import { functionAction } from './functions.ts';
import { type Declared, describeDeclared } from './names.ts';
import { didYouMean } from './similar-names.ts';
import type { Expression, IndexReference, StateReference, Variable } from './tree.ts';

type Member = Extract<Ast.Expression, { kind: 'member' }>;
type Index = Extract<Ast.Expression, { kind: 'index' }>;

/** What a bare name means as a value. */
export function resolveName(name: string, span: Span, { scope }: Resolver): Expression {
  const local = scope.find(name);
  if (local !== undefined) {
    local.isRead = true;
    return { kind: 'local', local, span };
  }
  const variable = scope.variables.get(name);
  if (variable !== undefined) return readState({ kind: 'state', variable, keys: [], span }, scope);
  const field = ownField(name, span, scope);
  if (field !== undefined) return field;
  const declared = scope.names.find(name);
  if (declared !== undefined) return declaredValue(declared, span, scope);
  return scope.invalid('NAME_UNKNOWN', span, `there is no ${name} here`, {
    hint: hintForName(name, scope),
  });
}

/** `this` alone: the contract's own address, or the entity. */
export function resolveThis(span: Span, scope: ActionScope): Expression {
  if (scope.place === 'entity') {
    const self = scope.self();
    if (self !== undefined) return { kind: 'local', local: self, span };
  }
  if (scope.place === 'function') return noThis(span, scope);
  scope.reads("reads the contract's own address", span);
  return { kind: 'context', ...CONTRACT_ADDRESS, span };
}

/** `object.member` as a value. */
export function resolveMember(expression: Member, resolver: Resolver): Expression {
  const { object, member, span } = expression;
  const { scope } = resolver;
  if (object.kind === 'this') return memberOfThis(member, span, scope);
  const named = resolveContextField(object, member.name, member.span, span, scope);
  if (named !== undefined) return named;
  const path = declaredPath(expression, scope);
  if (path !== undefined) {
    const owner = scope.names.findPath(path.slice(0, -1));
    if (owner?.kind === 'enum') return scope.contract.constants.member(owner, member, span);
    const declared = scope.names.findPath(path);
    if (declared !== undefined) return declaredValue(declared, span, scope);
    const what = path.slice(0, -1).join('.');
    return scope.invalid('NAME_UNKNOWN', member.span, `${what} has no ${member.name}`, {
      hint: owner === undefined ? undefined : hintForOwner(owner),
    });
  }
  return {
    kind: 'index',
    object: resolver.expression(object),
    key: { kind: 'literal', value: member.name, span: member.span },
    isMember: true,
    span,
  };
}

/** `object[key]` as a value. */
export function resolveIndex(expression: Index, resolver: Resolver): Expression {
  const { object, key, span } = expression;
  const { scope } = resolver;
  // Samples write msg["sender"].
  if (key.kind === 'string') {
    const field = resolveContextField(object, key.value, key.span, span, scope);
    if (field !== undefined) return field;
  }
  const place = statePlace(expression, resolver);
  if (place !== undefined) return readState(place, scope);
  return {
    kind: 'index',
    object: resolver.expression(object),
    key: resolver.expression(key),
    isMember: false,
    span,
  };
}

/** The place of the state that an expression names, by keys in brackets; undefined when it names none. */
export function statePlace(
  expression: Ast.Expression,
  resolver: Resolver,
): StateReference | undefined {
  const keys: Ast.Expression[] = [];
  let object = expression;
  while (object.kind === 'index') {
    keys.push(object.key);
    object = object.object;
  }
  const variable = stateVariable(object, resolver.scope);
  if (variable === undefined) return undefined;
  const resolved = keys.reverse().map((key) => resolver.expression(key));
  return { kind: 'state', variable, keys: resolved, span: expression.span };
}

/** The variable of the state that a name, or a member of `this`, is. */
export function stateVariable(object: Ast.Expression, scope: ActionScope): Variable | undefined {
  if (object.kind === 'member' && object.object.kind === 'this') {
    return scope.place === 'entity' ? undefined : scope.variables.get(object.member.name);
  }
  if (object.kind === 'name' && scope.knows(object.name) === undefined) {
    return scope.variables.get(object.name);
  }
  return undefined;
}

/** The variable of the state in which a value lies, if it is known to lie in one. */
export function rootVariable(expression: Expression): Variable | undefined {
  let object = expression;
  while (object.kind === 'index') object = object.object;
  return object.kind === 'state' ? object.variable : undefined;
}

function readState(reference: StateReference, scope: ActionScope): StateReference {
  scope.reads(`reads ${reference.variable.name}`, reference.span);
  return reference;
}

/** In an action of an entity, a bare name is a field as well. */
export function ownField(name: string, span: Span, scope: ActionScope): IndexReference | undefined {
  const fields = scope.entity?.declared.declaration.fields ?? [];
  if (!fields.some((field) => field.name.name === name)) return undefined;
  return memberOfSelf({ name, span }, span, scope);
}

function memberOfSelf(
  { name, span: nameSpan }: Ast.Identifier,
  span: Span,
  scope: ActionScope,
): IndexReference | undefined {
  const self = scope.self();
  if (self === undefined) return undefined;
  const key: Expression = { kind: 'literal', value: name, span: nameSpan };
  return { kind: 'index', object: { kind: 'local', local: self, span }, key, isMember: true, span };
}

function memberOfThis(member: Ast.Identifier, span: Span, scope: ActionScope): Expression {
  if (scope.place === 'function') return noThis(span, scope);
  if (scope.place === 'entity') {
    const field = memberOfSelf(member, span, scope);
    if (field !== undefined) return field;
  }
  const { name } = member;
  const variable = scope.variables.get(name);
  if (variable !== undefined) return readState({ kind: 'state', variable, keys: [], span }, scope);
  return scope.invalid('NAME_UNKNOWN', member.span, `the contract has no variable ${name}`, {
    hint: hintForMember(name, scope),
  });
}

function noThis(span: Span, scope: ActionScope): Expression {
  return scope.invalid('NAME_UNKNOWN', span, 'there is no this outside of contracts and entities', {
    hint: 'hand what the function needs to it as arguments, or write it as an action of the contract',
  });
}

function resolveContextField(
  object: Ast.Expression,
  name: string,
  nameSpan: Span,
  span: Span,
  scope: ActionScope,
): Expression | undefined {
  if (object.kind !== 'name' || !isContextName(object.name)) return undefined;
  const isHidden = scope.knows(object.name) !== undefined || scope.variables.has(object.name);
  if (isHidden || scope.names.find(object.name) !== undefined) return undefined;
  const field = contextField(object.name, name);
  if (field === undefined) {
    const message = `${object.name} has no field ${name}`;
    return scope.invalid('NAME_UNKNOWN', nameSpan, message, { hint: contextHint(object.name) });
  }
  if (field.name === 'value') scope.action.valueReads.push(span);
  scope.reads(`reads ${object.name}.${name}`, span);
  return { kind: 'context', field: field.field, type: field.type, span };
}

/**
 * The names of `a.b.c` whose first one is declared in a file and hidden by nothing; undefined when the
 * dots ask for members of a value.
 */
export function declaredPath(
  expression: Ast.Expression,
  scope: ActionScope,
): readonly string[] | undefined {
  const path = pathOf(expression);
  const first = path?.[0];
  if (path === undefined || first === undefined) return undefined;
  if (scope.knows(first) !== undefined || scope.variables.has(first)) return undefined;
  if (scope.entity?.declared.declaration.fields.some(({ name }) => name.name === first)) {
    return undefined;
  }
  const declared = scope.names.find(first);
  const owner = path.length > 2 ? scope.names.findPath(path.slice(0, -1)) : declared;
  const isValue = owner === undefined || owner.kind === 'constant';
  return path.length > 1 && isValue ? undefined : declared && path;
}

/** What is declared, as a value. */
function declaredValue(declared: Declared, span: Span, scope: ActionScope): Expression {
  const { contract } = scope;
  if (declared.kind === 'constant') return contract.constants.value(declared, span);
  if (declared.kind === 'function') {
    const action = functionAction(contract, declared);
    scope.calls(action, span);
    return { kind: 'function', action, captures: [], span };
  }
  const message = `${declared.name} is ${describeDeclared(declared)} and no value`;
  return scope.invalid('NAME_UNKNOWN', span, message, { hint: hintForOwner(declared) });
}

export function hintForOwner(declared: Declared): string {
  const { name } = declared;
  switch (declared.kind) {
    case 'enum': {
      const members = declared.declaration.members.map((member) => `${name}.${member.name.name}`);
      return `its members are ${members.join(', ')}`;
    }
    case 'entity':
      return `to make one write ${name}(values) or ${name}{field: value}`;
    case 'error':
      return `to fail with it write revert ${name}(…)`;
    case 'event':
      return `to emit it write emit ${name}(…)`;
    case 'contract':
    case 'protocol':
      return `to call the contract at an address write ${name}(address).action()`;
    case 'module':
      return `it has ${[...declared.names.keys()].join(', ')}`;
    default:
      return `write ${name}`;
  }
}

/** What may be meant by a name that means nothing. */
export function hintForName(name: string, scope: ActionScope): string | undefined {
  const { contract } = scope;
  if (isContextName(name)) return `${name} has fields, such as ${name}.value`;
  if (scope.hasEnded(name)) {
    return `${name} was declared in a block that has ended: declare it before that block`;
  }
  const isInside = scope.place !== 'function' && scope.place !== 'entity';
  if (contract.variables.has(name)) {
    if (isInside) return `move the declaration of ${name} above this one`;
    return `${name} is a variable of the contract, which is not seen here: hand it over as an argument`;
  }
  if (contract.actions.has(name) && isInside) return `to call the action write this.${name}(…)`;
  if (contract.events.has(name)) return `to emit the event write emit ${name}(…)`;
  if (contract.errors.has(name)) return `to fail with the error write revert ${name}(…)`;
  const forbidden = FORBIDDEN_FUNCTIONS.get(name);
  if (forbidden !== undefined) return forbidden;
  if (builtinSignature(name) !== undefined) return `${name} is a function: write ${name}(…)`;
  return didYouMean(name, scope.values());
}

function hintForMember(name: string, { contract }: ActionScope): string | undefined {
  if (contract.variables.has(name)) return `move the declaration of ${name} above this one`;
  if (contract.actions.has(name)) return `to call the action write this.${name}()`;
  if (contract.scope.own(name) !== undefined) return `write ${name} without this.`;
  if (name === 'name') return `declare it: data name = "${contract.declaration.name.name}"`;
  if (name === 'address') return 'this alone is the address of the contract';
  if (name === 'balance') return 'write balance_of(this)';
  return (
    didYouMean(name, contract.variables.keys()) ??
    didYouMean(name, contract.actions.keys(), (meant) => `this.${meant}()`)
  );
}
