import type * as Ast from '../syntax/ast.ts';
import { checkNotReserved, declareContractAction } from './actions.ts';
import type { ContractContext } from './contract-context.ts';
import { typeIn } from './declared-types.ts';
import { errorIn, eventIn, outerError, outerEvent } from './events.ts';
import { declareAll } from './modules.ts';
import { promisedAction } from './protocols.ts';
import type { Contract, Variable } from './tree.ts';
import { inferredList, inferredMap, type TypeVariable, unknownType } from './types.ts';

/**
 * What the members of a contract declare, without their bodies. Variables, constants, enums and entities
 * share one kind of names; actions, events, errors and modifiers have one each.
 */
export function declareMembers(
  context: ContractContext,
  implemented: Contract['implemented'],
): void {
  const { declaration, scope, sink } = context;
  declareAll('entity', declaration.entities, scope, sink);
  declareAll('enum', declaration.enums, scope, sink);
  declareAll('constant', declaration.constants, scope, sink);
  for (const { name } of declaration.entities) checkNotReserved(name, sink);
  declareVariables(context);
  declareEvents(context);
  declareErrors(context);
  for (const modifier of declaration.modifiers) {
    if (!isFree(context, context.modifiers, modifier.name, 'a modifier')) continue;
    checkNotReserved(modifier.name, sink);
    context.modifiers.set(modifier.name.name, modifier);
  }
  context.reserveActionNames(['init', ...declaration.actions.map(({ name }) => name.name)]);
  for (const action of declaration.actions) {
    if (!isFree(context, context.actions, action.name, 'an action')) continue;
    const promised = promisedAction(implemented, action.name.name);
    context.actions.set(action.name.name, declareContractAction(context, action, promised));
  }
}

function isFree(
  { sink }: ContractContext,
  declared: ReadonlyMap<string, unknown>,
  { name, span }: Ast.Identifier,
  kind: string,
): boolean {
  if (!declared.has(name)) return true;
  sink.report('NAME_DUPLICATE', span, `the contract has ${kind} ${name} already`);
  return false;
}

function declareVariables(context: ContractContext): void {
  const { declaration, scope, sink, variables } = context;
  for (const { name, type, initial } of declaration.data) {
    if (!isFree(context, variables, name, 'a variable')) continue;
    if (scope.own(name.name) !== undefined) {
      const message = `the contract declares ${name.name} as something else already`;
      sink.report('NAME_DUPLICATE', name.span, message, { hint: 'rename one of the two' });
    }
    const types = type === undefined ? initialType(initial) : typeIn(context, scope, type);
    const variable: Variable = {
      name: name.name,
      span: name.span,
      index: variables.size,
      types,
      // Until inference has ended and says how it is stored.
      shape: { kind: 'cell', type: 'untyped' },
    };
    variables.set(name.name, variable);
  }
}

/** Braces and brackets say that it is a map or a list; what it leads to is found from its uses. */
function initialType(initial: Ast.Expression | undefined): TypeVariable {
  if (initial?.kind === 'map') return inferredMap();
  return initial?.kind === 'list' ? inferredList() : unknownType();
}

function declareEvents(context: ContractContext): void {
  const { declaration, events, scope } = context;
  for (const event of declaration.events) {
    if (!isFree(context, events, event.name, 'an event')) continue;
    events.set(event.name.name, eventIn(context, scope, event));
    // One of the file with the same name is the same one.
    const outer = scope.find(event.name.name);
    if (outer?.kind === 'event') outerEvent(context, outer);
  }
}

function declareErrors(context: ContractContext): void {
  const { declaration, errors, scope } = context;
  for (const error of declaration.errors) {
    if (!isFree(context, errors, error.name, 'an error')) continue;
    errors.set(error.name.name, errorIn(context, scope, error));
    const outer = scope.find(error.name.name);
    if (outer?.kind === 'error') outerError(context, outer);
  }
}
