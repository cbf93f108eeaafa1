import { zexusLimits } from '../limits.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import { becomeKind, type ContainerKinds, findContainerUses } from './container-uses.ts';
import { isLiteralZero } from './literal-range.ts';
import { findOwnContainers } from './local-containers.ts';
import { cellType, setShapes } from './shapes.ts';
import type { Action, Contract, Expression } from './tree.ts';
import { Typer } from './typer.ts';
import type { WalkMode } from './typer-flow.ts';
import { typeStatements, typeStore } from './typer-statements.ts';
import { isIntegral, type TypeVariable } from './types.ts';

/**
 * Finds the types of a contract's cells, keys, parameters, results and local variables, and how its state
 * is stored. Walks the whole contract until no type climbs any more, then once more to report what does
 * not fit. On the way:
 *
 * 1. Types follow values. 2. Places of the state that are still unknown become the maps or lists that
 * their uses show. 3. Where values of unknown type arrive is noted. 4. What is unknown although nothing
 * unknown arrives there is taken for what its uses ask for.
 */
export function inferTypes(contract: Contract, sink: DiagnosticSink): void {
  const actions = allActions(contract);
  allowSeveralKinds(contract, actions);
  findOwnContainers(actions);
  const { kinds, defaults } = findContainerUses(contract, actions);
  const inference = new Inference(contract, actions, sink);
  inference.settle({ opens: false, suggests: false });
  for (const [types, kind] of kinds) becomeKind(types, kind);
  inference.settle({ opens: false, suggests: false });
  const isSettled = inference.settle({ opens: true, suggests: false });
  takeBack(kinds, inference);
  if (isSettled && settleOpen(actions, inference)) inference.report();
  else inference.reportLimit();
  for (const [map, zero] of defaults) if (!isZeroOf(map.entries?.value, zero)) map.isWhole = true;
  setShapes(contract);
}

/** Whether a cell that was never set reads as the written zero, or as null. */
function isZeroOf(types: TypeVariable | undefined, zero: Expression): boolean {
  if (types === undefined || cellType(types) === 'untyped') return true;
  if (zero.kind === 'literal' && zero.value === null) return true;
  return isLiteralZero(zero) ? isIntegral(types.type) : types.type === 'bool';
}

/** The actions of the contract and of its entities. */
export function allActions({ actions, entities }: Contract): readonly Action[] {
  const inner = [...entities.values()].flatMap((entity) => [...entity.actions.values()]);
  return [...new Set([...actions, ...inner])];
}

/** Parameters, results and fields without a written type may be of several kinds, and so of none. */
function allowSeveralKinds(contract: Contract, actions: readonly Action[]): void {
  const fields = [
    ...contract.events.flatMap((event) => event.fields),
    ...contract.errors.flatMap((error) => error.fields),
    ...[...contract.entities.values()].flatMap((entity) => entity.fields),
    ...actions.flatMap((action) => action.parameters),
  ].map(({ types }) => types);
  for (const types of [...fields, ...actions.map(({ result }) => result)]) {
    if (!types.isDeclared) types.isFlexible = true;
  }
  // A text often stands for an address, or for something else that is not known yet.
  for (const { target, value } of contract.initials) {
    const isText = value.kind === 'literal' && typeof value.value === 'string';
    if (isText && target.kind === 'state' && !target.variable.types.isDeclared) {
      target.variable.types.isFlexible = true;
    }
  }
  // Anyone who has an entity can put anything into a field without a type.
  for (const { types } of [...contract.entities.values()].flatMap((entity) => entity.fields)) {
    if (!types.isDeclared) types.isOpen = true;
  }
}

/** Takes uses for hints, and then what still has no type and comes from outside for any value. */
function settleOpen(actions: readonly Action[], inference: Inference): boolean {
  const mode: WalkMode = { opens: true, suggests: true };
  if (!inference.settle(mode)) return false;
  for (const { isExported, isInit, parameters } of actions) {
    if (!isExported && !isInit) continue;
    for (const { types } of parameters)
      if (!types.isDeclared && types.type === 'unknown') types.isOpen = true;
  }
  return inference.settle(mode);
}

/** What was taken for a map or list, and gets values of unknown type as a whole, may be anything. */
function takeBack(kinds: ContainerKinds, inference: Inference): void {
  let isAny = false;
  for (const types of kinds.keys()) {
    if (types.isDeclared || !types.isOpen || types.isMixed) continue;
    types.type = 'unknown';
    types.isMixed = true;
    isAny = true;
  }
  if (isAny) inference.settle({ opens: true, suggests: false });
}

class Inference {
  readonly #contract: Contract;
  readonly #actions: readonly Action[];
  readonly #sink: DiagnosticSink;
  #passes = 0;

  constructor(contract: Contract, actions: readonly Action[], sink: DiagnosticSink) {
    this.#contract = contract;
    this.#actions = actions;
    this.#sink = sink;
  }

  /** Walks until nothing changes; false when the limit of passes comes first. */
  settle(mode: WalkMode): boolean {
    const limit = zexusLimits.values.inferencePasses;
    for (; this.#passes < limit; this.#passes += 1) {
      const typer = new Typer(this.#contract, mode, undefined);
      this.#visit(typer);
      if (!typer.hasChanged) return true;
    }
    return false;
  }

  report(): void {
    this.#visit(new Typer(this.#contract, { opens: true, suggests: true }, this.#sink));
  }

  reportLimit(): void {
    const limit = zexusLimits.values.inferencePasses;
    const message = `types are not found after ${limit} passes over the contract`;
    this.#sink.report('INFERENCE_LIMIT', this.#contract.span, message, {
      hint: 'write the types of parameters and results',
    });
  }

  #visit(typer: Typer): void {
    for (const initial of this.#contract.initials) typeStore(initial, typer);
    for (const action of this.#actions) {
      this.#sink.within(action.source, () => typeStatements(action.body, action, typer));
    }
  }
}
