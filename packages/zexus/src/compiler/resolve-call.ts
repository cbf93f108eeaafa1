import type * as Ast from '../syntax/ast.ts';
import type { Span } from '../syntax/source.ts';
import type { ActionScope, Resolver } from './action-scope.ts';
import { BUILTIN_ALIASES, BUILTIN_SIGNATURES, builtinSignature } from './builtin-signatures.ts';
import { checkCount, padArguments } from './call-arguments.ts';
import { callOptions } from './call-options.ts';
import { isContextName } from './context-fields.ts';
import { protocolIn } from './declared-types.ts';
import { completeEntity, entityOfValues } from './entities.ts';
import { functionAction, preludeAction } from './functions.ts';
import { methodSignature } from './method-signatures.ts';
import type { Declared } from './names.ts';
import { higherOrderMethod } from './prelude.ts';
import { declaredPath, hintForName, hintForOwner, ownField, rootVariable } from './resolve-name.ts';
import { didYouMean } from './similar-names.ts';
import { SPECIAL_CALLS } from './special-calls.ts';
import { isSpecialStatement } from './special-statements.ts';
import type { Action, Expression } from './tree.ts';
import { isContract, isEntity } from './types.ts';

type Call = Extract<Ast.Expression, { kind: 'call' }>;

/** What a call means. */
export function resolveCall(call: Call, resolver: Resolver): Expression {
  const { callee, span } = call;
  const { scope } = resolver;
  if (callee.kind === 'name') return callOfName(call, callee.name, resolver);
  if (callee.kind === 'member') {
    if (callee.object.kind === 'this') return callOfThis(call, callee.member, resolver);
    const path = declaredPath(callee, scope);
    if (path !== undefined) {
      const declared = scope.names.findPath(path);
      if (declared !== undefined) return callOfDeclared(call, declared, resolver);
      const what = path.slice(0, -1).join('.');
      const message = `${what} has nothing called ${callee.member.name} to call`;
      return scope.invalid('NAME_UNKNOWN', callee.member.span, message);
    }
    return methodCall(call, callee, resolver);
  }
  refuseOptions(call, scope);
  const target = resolver.expression(callee);
  return invoke(target, resolveAll(call, resolver), span);
}

function resolveAll(call: Call, resolver: Resolver): readonly Expression[] {
  return call.arguments.map((argument) => resolver.expression(argument));
}

function invoke(callee: Expression, values: readonly Expression[], span: Span): Expression {
  if (callee.kind === 'invalid') return callee;
  return { kind: 'invoke', callee, arguments: values, span };
}

/** `{value: …, gas: …}` stands at calls of contracts only. */
function refuseOptions({ options }: Call, scope: ActionScope): void {
  const [first] = options;
  if (first === undefined) return;
  scope.report('CALL_OPTION', first.key.span, 'only calls of other contracts have value and gas');
}

function callOfName(call: Call, name: string, resolver: Resolver): Expression {
  const { callee, span } = call;
  const { scope } = resolver;
  if (scope.knows(name) !== undefined) {
    refuseOptions(call, scope);
    const local = resolver.expression(callee);
    return invoke(local, resolveAll(call, resolver), span);
  }
  if (scope.variables.has(name)) {
    const message = `${name} is a variable of the state, which holds no function`;
    return scope.invalid('CALL_INVALID', callee.span, message, {
      hint: scope.contract.actions.has(name)
        ? `to call the action write this.${name}(…)`
        : undefined,
    });
  }
  const declared = scope.names.find(name);
  if (declared !== undefined) return callOfDeclared(call, declared, resolver);
  const field =
    builtinSignature(name) === undefined ? ownField(name, callee.span, scope) : undefined;
  if (field !== undefined) return invoke(field, resolveAll(call, resolver), span);
  const special = SPECIAL_CALLS.get(name);
  if (special !== undefined) {
    const result = special(call, resolver);
    if (result !== undefined) return result;
  }
  refuseOptions(call, scope);
  return builtinCall(call, name, resolver);
}

/** A function, an entity, or the contract at an address. */
function callOfDeclared(call: Call, declared: Declared, resolver: Resolver): Expression {
  const { callee, span } = call;
  const { scope } = resolver;
  const { contract } = scope;
  refuseOptions(call, scope);
  switch (declared.kind) {
    case 'function': {
      const values = resolveAll(call, resolver);
      return actionCall(functionAction(contract, declared), declared.name, values, span, scope);
    }
    case 'entity':
      return entityOfValues(contract, declared, resolveAll(call, resolver), span);
    case 'protocol':
    case 'contract': {
      const values = resolveAll(call, resolver);
      const [value] = values;
      const hint = `write ${declared.name}(address) for the contract at an address`;
      if (value === undefined || values.length > 1) {
        const message = `${declared.name} takes 1 argument, the address, not ${values.length}`;
        return scope.invalid('ARGUMENT_COUNT', span, message, { hint });
      }
      return { kind: 'cast', protocol: protocolIn(contract, declared).protocol, value, span };
    }
    case 'constant': {
      const value = contract.constants.value(declared, callee.span);
      return invoke(value, resolveAll(call, resolver), span);
    }
    default:
      return scope.invalid('CALL_INVALID', callee.span, `${declared.name} cannot be called`, {
        hint: hintForOwner(declared),
      });
  }
}

function actionCall(
  action: Action,
  name: string,
  values: readonly Expression[],
  span: Span,
  scope: ActionScope,
): Expression {
  scope.calls(action, span);
  const count = action.parameters.length;
  const isRight = checkCount(
    { least: count, most: count },
    values.length,
    name,
    span,
    scope.contract.sink,
  );
  return isRight ? { kind: 'action', action, arguments: values, span } : { kind: 'invalid', span };
}

/** `this.name(values)`: an action of the contract or of the entity. */
function callOfThis(call: Call, member: Ast.Identifier, resolver: Resolver): Expression {
  const { scope } = resolver;
  const values = resolveAll(call, resolver);
  refuseOptions(call, scope);
  if (scope.place === 'entity') return callOfSelf(call, member, values, scope);
  if (scope.place === 'function') {
    return scope.invalid(
      'NAME_UNKNOWN',
      call.callee.span,
      'there is no this outside of contracts',
      {
        hint: 'write the function as an action of the contract',
      },
    );
  }
  const { name, span: nameSpan } = member;
  const action = scope.place === 'initial' ? undefined : scope.contract.actions.get(name);
  if (action === undefined) {
    return scope.invalid('NAME_UNKNOWN', nameSpan, `there is no action ${name} to call here`, {
      hint: hintForAction(name, scope),
    });
  }
  if (action.isInit) {
    return scope.invalid('CALL_INVALID', nameSpan, 'init runs at deployment and never again');
  }
  return actionCall(action, name, values, call.span, scope);
}

function hintForAction(name: string, scope: ActionScope): string | undefined {
  const { contract } = scope;
  if (contract.actions.has(name)) return 'an initial value cannot call actions: set it in init';
  if (scope.names.find(name)?.kind === 'function') return `write ${name}(…) without this.`;
  if (contract.modifiers.has(name)) return `${name} is a modifier: write it behind the parameters`;
  if (builtinSignature(name) !== undefined) return `write ${name}(…) without this.`;
  return didYouMean(name, contract.actions.keys(), (meant) => `this.${meant}(…)`);
}

function callOfSelf(
  call: Call,
  { name, span }: Ast.Identifier,
  values: readonly Expression[],
  scope: ActionScope,
): Expression {
  const self = scope.self();
  const { entity, contract } = scope;
  const action = entity && completeEntity(contract, entity.declared).actions.get(name);
  if (self === undefined || action === undefined) {
    return scope.invalid('NAME_UNKNOWN', span, `the entity has no action ${name}`);
  }
  const receiver: Expression = { kind: 'local', local: self, span: call.callee.span };
  scope.calls(action, call.span);
  const count = action.parameters.length - 1;
  const isRight = checkCount(
    { least: count, most: count },
    values.length,
    name,
    call.span,
    contract.sink,
  );
  if (!isRight) return { kind: 'invalid', span: call.span };
  return { kind: 'action', action, arguments: [receiver, ...values], span: call.span };
}

function builtinCall(call: Call, name: string, resolver: Resolver): Expression {
  const { callee, span } = call;
  const { scope } = resolver;
  const builtin = builtinSignature(name);
  if (builtin === undefined) {
    if (isSpecialStatement(name)) {
      return scope.invalid('NO_RESULT', span, `${name} gives no value`, {
        hint: 'write it as a statement of its own',
      });
    }
    resolveAll(call, resolver);
    return scope.invalid('NAME_UNKNOWN', callee.span, `there is no function ${name}`, {
      hint: hintForCall(name, scope),
    });
  }
  const values = resolveAll(call, resolver);
  if (builtin.writes) scope.writes(`calls ${name}`, span);
  if (builtin.reads) scope.reads(`calls ${name}`, span);
  const changed = builtin.mutates && values[0] !== undefined ? rootVariable(values[0]) : undefined;
  if (changed !== undefined) scope.writes(`changes ${changed.name}`, span);
  const padded = padArguments(builtin, values, span, scope.contract.sink);
  return padded === undefined
    ? { kind: 'invalid', span }
    : { kind: 'builtin', builtin, arguments: padded, span };
}

function hintForCall(name: string, scope: ActionScope): string | undefined {
  const hint = hintForName(name, scope);
  if (hint !== undefined) return hint;
  if (methodSignature('list', name) !== undefined || methodSignature('map', name) !== undefined) {
    return `${name} is a method: write value.${name}(…)`;
  }
  const call = (meant: string): string => `${meant}(…)`;
  return (
    didYouMean(name, [...BUILTIN_SIGNATURES.keys(), ...BUILTIN_ALIASES.keys()], call) ??
    didYouMean(name, scope.contract.actions.keys(), (meant) => `this.${meant}(…)`) ??
    'the functions are listed in docs/reference/builtins.md'
  );
}

/** `object.name(values)` */
function methodCall(
  call: Call,
  callee: Extract<Ast.Expression, { kind: 'member' }>,
  resolver: Resolver,
): Expression {
  const { span } = call;
  const { scope } = resolver;
  const { name, span: nameSpan } = callee.member;
  if (callee.object.kind === 'name' && isContextName(callee.object.name)) {
    return scope.invalid('CALL_INVALID', callee.span, `${callee.object.name} has no actions`);
  }
  const object = resolver.expression(callee.object);
  const values = resolveAll(call, resolver);
  const options = callOptions(call, resolver);
  if (object.kind === 'invalid') return object;
  const higherOrder = higherOrderMethod(name, values.length);
  if (
    higherOrder !== undefined &&
    call.options.length === 0 &&
    takesFunction(name, object, values)
  ) {
    const action = preludeAction(scope.contract, higherOrder);
    return actionCall(action, name, [object, ...values], span, scope);
  }
  const changed = mutates(name) && !isTarget(object) ? rootVariable(object) : undefined;
  if (changed !== undefined) scope.writes(`changes ${changed.name}`, span);
  return {
    kind: 'method',
    object,
    name,
    nameSpan,
    arguments: values,
    ...options,
    span,
    target: undefined,
  };
}

function mutates(name: string): boolean {
  const signature = methodSignature('list', name) ?? methodSignature('map', name);
  return signature?.mutates === true || methodSignature('map', name)?.mutates === true;
}

/** The value is known to be a contract or an entity, which have actions of their own. */
function isTarget(object: Expression): boolean {
  if (object.kind === 'cast') return true;
  if (object.kind === 'map') return object.entity !== undefined;
  const type = writtenType(object);
  return type !== undefined && (isContract(type) || isEntity(type));
}

/** The type that the source states for what is read. */
function writtenType(object: Expression): string | undefined {
  if (object.kind === 'local') return object.local.types.type;
  if (object.kind === 'action') return object.action.result.type;
  if (object.kind !== 'state') return undefined;
  let types = object.variable.types;
  for (let depth = 0; depth < object.keys.length; depth += 1) {
    if (types.entries === undefined) return undefined;
    types = types.entries.value;
  }
  return types.type;
}

/**
 * Whether the method is the one that takes a function, and not one of the same name of a text, a
 * contract or an entity: the first argument may be a function.
 */
function takesFunction(name: string, object: Expression, values: readonly Expression[]): boolean {
  const [first] = values;
  if (first === undefined || isTarget(object)) return false;
  if (first.kind === 'function' || first.kind === 'invalid') return true;
  const written = writtenType(first);
  if (written !== undefined && written !== 'unknown') return written === 'function';
  const isOther = methodSignature('string', name) ?? methodSignature('list', name);
  if (isOther !== undefined) return false;
  return ['local', 'index', 'invoke', 'action', 'conditional', 'match'].includes(first.kind);
}
