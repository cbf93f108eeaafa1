import { checkInnerModifiers, checkNotReserved, declareInnerAction } from './actions.ts';
import type { ContractContext } from './contract-context.ts';
import type { DeclaredOf } from './names.ts';
import { isPrelude, type PreludeFunction, preludeFunction } from './prelude.ts';
import type { Action } from './tree.ts';

/** A function from outside of the contract as a private action of it; its body is resolved later. */
export function functionAction(context: ContractContext, declared: DeclaredOf<'function'>): Action {
  const known = context.functions.get(declared);
  if (known !== undefined) return known;
  const { declaration, scope } = declared;
  const isHidden = isPrelude(scope.source);
  return context.sink.within(scope.source, () => {
    if (!isHidden) checkNotReserved(declaration.name, context.sink);
    checkInnerModifiers(declaration, 'a function outside of contracts', context.sink);
    const name = context.actionName(declared.name);
    const action = declareInnerAction(context, scope, declaration, { name, isHidden });
    context.functions.set(declared, action);
    context.add(action, { block: declaration.body, scope, place: 'function' });
    return action;
  });
}

/** A function of the compiler's own library as a private action of the contract. */
export function preludeAction(context: ContractContext, name: PreludeFunction): Action {
  return functionAction(context, preludeFunction(name));
}
