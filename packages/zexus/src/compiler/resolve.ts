import { present } from '@lucerna/base';
import type { ContractDeclaration } from '../syntax/ast.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import { type Declarations, declare } from './declarations.ts';
import { ActionResolver } from './resolve-action.ts';
import type { Action, Contract, StateReference, StoreStatement } from './tree.ts';
import { unknownType } from './types.ts';

/**
 * Finds out what every name of a contract means. Variables, actions and events have names of their
 * own kind each: `this.total` and `this.total()` are different things. A parameter may hide a
 * variable of the state, which `this.` still reaches; a local variable may not. Local names: {@link
 * Scope}.
 */
export function resolve(contract: ContractDeclaration, sink: DiagnosticSink): Contract {
  const declarations = declare(contract, sink);
  const actions = [...declarations.actions.values()];
  for (const action of actions) {
    const declaration = present(
      contract.actions.find(({ name }) => name.span === action.span),
      'an action has a declaration',
    );
    action.body = new ActionResolver(declarations, action, sink).body(declaration.body);
  }
  const initials = resolveInitials(contract, declarations, sink);
  return {
    name: contract.name.name,
    span: contract.name.span,
    variables: [...declarations.variables.values()],
    events: [...declarations.events.values()],
    actions: initials.length > 0 ? withInit(actions, contract) : actions,
    initials,
  };
}

/**
 * The initial values, which run at deployment before the body of `init`. They may read what is
 * declared above them; the parameters of `init` and sibling actions are not theirs to use.
 */
function resolveInitials(
  contract: ContractDeclaration,
  declarations: Declarations,
  sink: DiagnosticSink,
): readonly StoreStatement[] {
  const above: Declarations = { ...declarations, variables: new Map(), actions: new Map() };
  const visible = above.variables as Map<string, StateReference['variable']>;
  const initials: StoreStatement[] = [];
  for (const { name, initial, span } of contract.data) {
    const variable = present(declarations.variables.get(name.name), 'a variable is declared');
    if (variable.span === name.span) {
      if (initial !== undefined && initial.kind !== 'emptyMap' && initial.kind !== 'null') {
        const host = initAction(contract);
        const resolver = new ActionResolver(above, host, sink, declarations);
        const target: StateReference = { kind: 'state', variable, keys: [], span: name.span };
        const value = resolver.expression(initial);
        initials.push({ kind: 'store', target, operator: undefined, value, span });
      }
      if (initial?.kind === 'emptyMap') checkEmptyMap(variable, initial.span, sink);
      if (initial?.kind === 'null') checkNullInitial(variable, initial.span, sink);
      visible.set(name.name, variable);
    }
  }
  return initials;
}

function checkEmptyMap(
  { types }: StateReference['variable'],
  span: StateReference['span'],
  sink: DiagnosticSink,
): void {
  if (types.type === 'map' || types.type === 'unknown') return;
  sink.report('TYPE_MISMATCH', span, `{} is a map, and the variable is declared as ${types.type}`);
}

/** Nothing is as good as null as an initial value, except for types that have no null. */
function checkNullInitial(
  { types }: StateReference['variable'],
  span: StateReference['span'],
  sink: DiagnosticSink,
): void {
  if (!types.isDeclared || types.type === 'string' || types.type === 'bytes') {
    types.isNullable = true;
    return;
  }
  if (types.type === 'unknown') return;
  sink.report('NULL_ASSIGNMENT', span, `a cell declared as ${types.type} cannot hold null`, {
    hint: 'leave the initial value out: the cell begins as the zero of its type',
  });
}

/** What runs at deployment when the contract declares no `init`. */
function initAction({ name }: ContractDeclaration, index = 0): Action {
  return {
    name: 'init',
    span: name.span,
    index,
    isInit: true,
    isExported: false,
    isView: false,
    isPayable: false,
    parameters: [],
    result: unknownType(),
    resultSpan: undefined,
    returnsValue: false,
    bodySpan: name.span,
    body: [],
    locals: [],
    calls: [],
    writes: [],
    valueReads: [],
  };
}

function withInit(actions: readonly Action[], contract: ContractDeclaration): readonly Action[] {
  if (actions.some(({ isInit }) => isInit)) return actions;
  return [...actions, initAction(contract, actions.length)];
}
