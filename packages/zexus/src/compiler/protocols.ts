import { exportedName } from '../exports/exported-name.ts';
import type { Span } from '../syntax/source.ts';
import { asProtocolAction, checkUnique, declareParameters } from './actions.ts';
import type { CallableProtocol, ContractContext } from './contract-context.ts';
import { protocolIn, typeIn } from './declared-types.ts';
import { completeEntity } from './entities.ts';
import type { Action, Contract, Protocol, ProtocolAction } from './tree.ts';
import {
  abiField,
  abiTypeOf,
  anyType,
  declaredContract,
  declaredEntity,
  isContract,
  isEntity,
  isKnown,
  type TypeVariable,
  typeName,
} from './types.ts';

/** The protocol with its actions. Nothing is added to one that has them, and to a contract's. */
export function completeProtocol(context: ContractContext, callable: CallableProtocol): void {
  const { declared, actions } = callable;
  if (declared.kind === 'contract' || actions.size > 0) return;
  const { declaration, scope } = declared;
  context.sink.within(scope.source, () => {
    const names = new Set<string>();
    for (const action of declaration.actions) {
      checkUnique(action.name, names, 'action', context.sink);
      const { name, span } = action.name;
      actions.set(name, {
        name,
        span,
        exportedAs: action.exportedAs?.name ?? exportedName(name),
        parameters: declareParameters(action.parameters, action.name, { context, scope }).map(
          asAny,
        ),
        result: action.result === undefined ? undefined : typeIn(context, scope, action.result),
        isView: action.modifiers.includes('view') || action.modifiers.includes('pure'),
        isPayable: action.modifiers.includes('payable'),
      });
    }
  });
}

/** A type that a protocol leaves open is any: nothing that one caller does says what another sends. */
function asAny<Typed extends { readonly types: TypeVariable }>(typed: Typed): Typed {
  return { ...typed, types: { ...typed.types, isDeclared: true } };
}

/**
 * The actions of a contract as another one sees them, of which inference has found all types. With
 * `isLive` the types are those that inference still works on.
 */
export function addContractActions(
  context: ContractContext,
  callable: CallableProtocol,
  { contract, context: other }: { readonly contract: Contract; readonly context: ContractContext },
  isLive: boolean,
): void {
  for (const action of contract.actions) {
    if (!action.isExported) continue;
    const seen = asProtocolAction(action);
    callable.actions.set(action.name, isLive ? seen : settled(seen, other, context));
  }
}

function settled(
  action: ProtocolAction,
  from: ContractContext,
  to: ContractContext,
): ProtocolAction {
  return {
    ...action,
    parameters: action.parameters.map(({ name, types }) => ({
      name,
      types: settledType(types, from, to),
    })),
    result: action.result === undefined ? undefined : settledType(action.result, from, to),
  };
}

/** A copy that nothing changes; entities and protocols in it are those of the other contract's code. */
function settledType(
  types: TypeVariable,
  from: ContractContext,
  to: ContractContext,
): TypeVariable {
  const { type, entries } = types;
  if (!isKnown(types)) return anyType();
  if (isEntity(type)) {
    const found = [...from.entities.values()].find(({ entity }) => entity.name === typeName(type));
    if (found !== undefined) {
      const { entity, fields } = completeEntity(to, found.declared);
      return declaredEntity(entity.name, fields);
    }
  }
  if (isContract(type)) {
    const found = [...from.protocols.values()].find(
      ({ protocol }) => protocol.name === typeName(type),
    );
    if (found !== undefined) return declaredContract(protocolIn(to, found.declared).protocol.name);
  }
  // A list that the ABI has no type for stays one, whatever is known of its items.
  const isClosed = type === 'list' && !types.isDeclared && abiField('', types) === undefined;
  return {
    ...types,
    isDeclared: true,
    entries:
      entries === undefined || isClosed
        ? undefined
        : { key: settledType(entries.key, from, to), value: settledType(entries.value, from, to) },
  };
}

/** A type of the action that is not written and that no inference has found yet. */
export function isUnwritten({ parameters, returnsValue, resultSpan }: Action): boolean {
  if (parameters.some(({ types }) => !types.isDeclared)) return true;
  return returnsValue && resultSpan === undefined;
}

/** The action that an implemented protocol promises by a name. */
export function promisedAction(
  implemented: Contract['implemented'],
  name: string,
): ProtocolAction | undefined {
  for (const { protocol } of implemented) {
    const action = protocol.actions.get(name);
    if (action !== undefined) return action;
  }
  return undefined;
}

/** The protocols that the contract names; each once. */
export function implementedProtocols(context: ContractContext): Contract['implemented'] {
  const implemented: Contract['implemented'][number][] = [];
  for (const { name, span } of context.declaration.protocols) {
    const declared = context.scope.findPath(name.split('.'));
    if (declared?.kind !== 'protocol') {
      const what =
        declared === undefined ? `there is no protocol ${name}` : `${name} is no protocol`;
      context.sink.report('NAME_UNKNOWN', span, what, {
        hint: 'declare it outside of contracts: protocol Name { action name(parameters) }',
      });
      continue;
    }
    const callable = protocolIn(context, declared);
    completeProtocol(context, callable);
    implemented.push({ protocol: callable.protocol, span });
  }
  return implemented;
}

/** Whether the contract has every action that it promises, and as it promises it. */
export function checkPromises(
  context: ContractContext,
  implemented: Contract['implemented'],
): void {
  for (const { protocol, span } of implemented) {
    for (const promised of protocol.actions.values()) {
      const action = context.actions.get(promised.name);
      if (action === undefined) {
        const message = `the contract has no action ${promised.name}, which ${protocol.name} asks for`;
        context.sink.report('PROTOCOL_BROKEN', span, message, {
          hint: `write: ${signatureOf(promised)}`,
        });
        continue;
      }
      const isPure = isPromisedPure(context, protocol, promised.name);
      const problem = difference(action, promised, isPure);
      if (problem === undefined) continue;
      const message = `${action.name} is other than ${protocol.name} asks for: ${problem}`;
      reportAt(context, action.span, message, `write: ${signatureOf(promised)}`);
    }
  }
}

function isPromisedPure({ protocols }: ContractContext, protocol: Protocol, name: string): boolean {
  const callable = [...protocols.values()].find((each) => each.protocol === protocol);
  if (callable?.declared.kind !== 'protocol') return false;
  const { actions } = callable.declared.declaration;
  return actions.some((each) => each.name.name === name && each.modifiers.includes('pure'));
}

function reportAt(context: ContractContext, span: Span, message: string, hint: string): void {
  context.sink.report('PROTOCOL_BROKEN', span, message, { hint });
}

/** What is different about an action, in words; undefined when it is as promised. */
function difference(action: Action, promised: ProtocolAction, isPure: boolean): string | undefined {
  if (!action.isExported) return 'it cannot be called from outside';
  const name = action.exportedAs ?? exportedName(action.name);
  if (name !== promised.exportedAs) return `its name in the ABI is not ${promised.exportedAs}`;
  const [count, expected] = [action.parameters.length, promised.parameters.length];
  if (count !== expected) return `it has ${count} parameters, not ${expected}`;
  for (const [position, { name, types }] of action.parameters.entries()) {
    const asked = promised.parameters[position]?.types;
    if (asked !== undefined && abiTypeOf(types) !== abiTypeOf(asked)) {
      return `the parameter ${name} has another type`;
    }
  }
  if (promised.result === undefined) {
    if (action.returnsValue) return 'it has a result';
  } else if (abiTypeOf(action.result) !== abiTypeOf(promised.result)) {
    return 'its result has another type';
  }
  if (isPure && !action.isPure) return 'it has to be pure';
  if (promised.isView && !action.isView && !action.isPure) return 'it has to be a view';
  return promised.isPayable && !action.isPayable ? 'it has to be payable' : undefined;
}

/** How an action is declared that does what is promised. */
function signatureOf(action: ProtocolAction): string {
  const { name, exportedAs, parameters, result, isView, isPayable } = action;
  const word = isView ? 'view ' : isPayable ? 'payable ' : '';
  const types = parameters.map((parameter) => {
    const type = typeText(parameter.types);
    return type === undefined ? parameter.name : `${parameter.name}: ${type}`;
  });
  const end = result === undefined ? '' : ` -> ${typeText(result) ?? 'any'}`;
  const as = exportedAs === exportedName(name) ? '' : ` as ${exportedAs}`;
  return `${word}action ${name}(${types.join(', ')})${end}${as}`;
}

function typeText({ type, abiType }: TypeVariable): string | undefined {
  if (abiType !== undefined && !isContract(type)) return abiType;
  if (type === 'unknown') return undefined;
  return isContract(type) || isEntity(type) ? typeName(type) : type;
}
