import { present } from '@lucerna/base';
import type * as Ast from '../syntax/ast.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import { ActionScope, settleCaptures } from './action-scope.ts';
import { makeAction } from './actions.ts';
import { checkFieldTypes } from './checks-abi.ts';
import { checkConstant } from './constant-types.ts';
import type { Constants } from './constants.ts';
import { type Body, ContractContext } from './contract-context.ts';
import { declareMembers } from './declarations.ts';
import { protocolIn } from './declared-types.ts';
import { completeEntity } from './entities.ts';
import { outerError, outerEvent } from './events.ts';
import { functionAction } from './functions.ts';
import { Modifiers } from './modifiers.ts';
import type { Module } from './modules.ts';
import { type DeclaredOf, NameScope } from './names.ts';
import { checkPromises, completeProtocol, implementedProtocols } from './protocols.ts';
import { ActionResolver } from './resolve-action.ts';
import type { Action, Contract, StateReference, StoreStatement, Variable } from './tree.ts';
import { holdsNull } from './types.ts';

/** A contract whose names are resolved, and what was known about it while that was done. */
export type ResolvedContract = {
  readonly contract: Contract;
  readonly context: ContractContext;
};

/**
 * Finds out what every name of a contract means. Variables, actions and events have names of their
 * own kind each: `this.total` and `this.total()` are different things. A parameter may hide a
 * variable of the state, which `this.` still reaches; a local variable may not. Local names: {@link
 * ActionScope}. The actions of other contracts that it calls are not known yet.
 */
export function resolve(
  declared: DeclaredOf<'contract'>,
  constants: Constants,
  sink: DiagnosticSink,
): ResolvedContract {
  const inner = new NameScope(declared.scope.source, declared.scope);
  const context = new ContractContext(declared, inner, constants, sink);
  return sink.within(inner.source, () => {
    const implemented = implementedProtocols(context);
    declareMembers(context, implemented);
    resolveConstants(context, inner);
    const modifiers = new Modifiers(context);
    addBodies(context, modifiers);
    const own = [...context.actions.values()];
    const init = own.find(({ isInit }) => isInit) ?? addedInit(context);
    const initials = resolveInitials(context, init);
    for (const entity of inner.all().values()) {
      if (entity.kind === 'entity') completeEntity(context, entity);
    }
    resolveBodies(context);
    checkPromises(context, implemented);
    const added = [...context.added];
    modifiers.checkUnused();
    resolveBodies(context);
    settleCaptures(context);
    const isAdded = !own.includes(init) && initials.length > 0;
    const actions = [...own, ...(isAdded ? [init] : []), ...added];
    actions.forEach((action, index) => {
      action.index = index;
    });
    return { contract: contractOf(context, actions, initials, implemented), context };
  });
}

function contractOf(
  context: ContractContext,
  actions: readonly Action[],
  initials: readonly StoreStatement[],
  implemented: Contract['implemented'],
): Contract {
  const { name } = context.declaration;
  return {
    name: name.name,
    span: name.span,
    source: context.source,
    variables: [...context.variables.values()],
    events: [...context.events.values()],
    errors: [...context.errors.values()],
    entities: new Map([...context.entities.values()].map(({ entity }) => [entity.name, entity])),
    protocols: new Map(
      [...context.protocols.values()].map(({ protocol }) => [protocol.name, protocol]),
    ),
    implemented,
    actions,
    initials,
  };
}

/** What a file declares and no contract has looked at: it is checked all the same. */
export function checkModule(
  { source, program, scope }: Module,
  used: readonly ContractContext[],
  constants: Constants,
  sink: DiagnosticSink,
): void {
  const span = { start: 0, end: 0 };
  const nothing: Ast.ContractDeclaration = {
    name: { name: source.name, span },
    isExported: false,
    protocols: [],
    data: [],
    actions: [],
    events: [],
    errors: [],
    modifiers: [],
    entities: [],
    enums: [],
    constants: [],
    span,
  };
  const declared = { kind: 'contract', name: source.name, declaration: nothing, scope } as const;
  const context = new ContractContext(
    declared,
    new NameScope(source, scope),
    constants,
    sink,
    true,
  );
  sink.within(source, () => {
    resolveConstants(context, scope);
    const { entities, errors, events, functions, protocols } = program;
    for (const { name } of [...entities, ...functions, ...protocols, ...events, ...errors]) {
      const own = scope.own(name.name);
      if (own?.kind === 'protocol') completeProtocol(context, protocolIn(context, own));
      if (own?.kind === 'event') outerEvent(context, own);
      if (own?.kind === 'error') outerError(context, own);
      if (own?.kind === 'entity' && !used.some((each) => each.entities.has(own))) {
        completeEntity(context, own);
      }
      if (own?.kind === 'function' && !used.some((each) => each.functions.has(own))) {
        functionAction(context, own);
      }
    }
    resolveBodies(context);
    checkFieldTypes([...context.events.values(), ...context.errors.values()], sink);
  });
}

/** Finds the values of what a scope itself declares, whether it is used or not. */
function resolveConstants(context: ContractContext, scope: NameScope): void {
  for (const declared of scope.all().values()) {
    if (declared.kind === 'module' || declared.scope !== scope) continue;
    if (declared.kind === 'enum') context.constants.members(declared);
    if (declared.kind === 'constant') checkConstant(context, declared);
  }
}

function addBodies(context: ContractContext, modifiers: Modifiers): void {
  const { declaration, scope } = context;
  for (const action of context.actions.values()) {
    const written = present(
      declaration.actions.find(({ name }) => name.span === action.span),
      'an action has a declaration',
    );
    if (written.applied.length > 0) {
      modifiers.wrap(action, written);
      continue;
    }
    const noResult = action.isInit ? 'init' : undefined;
    context.bodies.push({ action, block: written.body, scope, place: 'contract', noResult });
  }
}

/** Resolves the bodies that are known, and those that become known on the way. */
function resolveBodies(context: ContractContext): void {
  for (;;) {
    const body = context.bodies.shift();
    if (body !== undefined) {
      resolveBody(context, body);
      continue;
    }
    const open = [...context.entities.values()].filter(({ state }) => state === 'named');
    for (const { declared } of open) completeEntity(context, declared);
    for (const callable of context.protocols.values()) completeProtocol(context, callable);
    if (open.length === 0 && context.bodies.length === 0) return;
  }
}

function resolveBody(context: ContractContext, body: Body): void {
  const { action, block, scope, place, entity, noResult, finish } = body;
  context.sink.within(scope.source, () => {
    const inner = new ActionScope(context, action, scope, { place, entity, noResult });
    action.body = new ActionResolver(inner).body(block);
    finish?.();
  });
}

/**
 * The initial values, which run at deployment before the body of `init`. They may read what is
 * declared above them; the parameters of `init` and sibling actions are not theirs to use.
 */
function resolveInitials(context: ContractContext, init: Action): readonly StoreStatement[] {
  const visible = new Map<string, Variable>();
  const scope = new ActionScope(context, init, context.scope, {
    place: 'initial',
    variables: visible,
  });
  const resolver = new ActionResolver(scope);
  const initials: StoreStatement[] = [];
  for (const { name, initial, span } of context.declaration.data) {
    const variable = present(context.variables.get(name.name), 'a variable is declared');
    if (variable.span !== name.span) continue;
    if (initial !== undefined && !isNothing(initial, variable, context.sink)) {
      const target: StateReference = { kind: 'state', variable, keys: [], span: name.span };
      const value = resolver.expression(initial);
      initials.push({ kind: 'store', target, operator: undefined, value, span });
    }
    visible.set(name.name, variable);
  }
  return initials;
}

/** Whether the variable begins so without being set: null, an empty map or an empty list. */
function isNothing(initial: Ast.Expression, { types }: Variable, sink: DiagnosticSink): boolean {
  // Without a written type it may still become a value in a cell, which has to be set.
  const isEmpty = (size: number, kind: string): boolean =>
    size === 0 && types.type === kind && types.isDeclared;
  if (initial.kind === 'list') return isEmpty(initial.items.length, 'list');
  if (initial.kind === 'map') return isEmpty(initial.entries.length, 'map');
  if (initial.kind !== 'null') return false;
  if (!types.isDeclared || holdsNull(types.type)) {
    types.isNullable = true;
    return true;
  }
  sink.report(
    'NULL_ASSIGNMENT',
    initial.span,
    `a variable declared as ${types.type} cannot hold null`,
    {
      hint: 'leave the initial value out: it begins as the zero of its type',
    },
  );
  return true;
}

/** What runs at deployment when the contract declares no `init`. */
function addedInit({ declaration, source }: ContractContext): Action {
  const { span } = declaration.name;
  return makeAction({ name: 'init', span, source, isInit: true, bodySpan: span });
}
