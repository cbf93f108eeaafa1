import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import type { Action, ActionCall, Contract, Write } from './tree.ts';
import { visitExpressions } from './tree-walk.ts';

/** What an action does and calls, what only its types tell among it. */
type Effects = {
  readonly writes: readonly Write[];
  readonly reads: readonly Write[];
  readonly calls: readonly ActionCall[];
};

/**
 * Whether views only read and pure actions not even that, whether value is read where it can be, and
 * whether private actions are called. What is called on a value of unknown type is left to running.
 */
export function checkEffects(
  contract: Contract,
  actions: readonly Action[],
  sink: DiagnosticSink,
): void {
  const effects = new Map(actions.map((action) => [action, effectsOf(action)] as const));
  const writers = findDoers(effects, 'writes');
  const readers = findDoers(effects, 'reads');
  const payable = findPayable(effects);
  for (const [action, own] of effects) {
    sink.within(action.source, () => {
      if (action.isView || action.isPure) checkView(action, own, writers, sink);
      if (action.isPure) checkPure(action, own, readers, sink);
      if (!payable.has(action)) checkValueReads(action, sink);
    });
  }
  checkUnused(contract, effects, sink);
}

function effectsOf(action: Action): Effects {
  const calls = new Map(action.calls.map((call) => [call.target, call]));
  const writes = [...action.writes];
  visitExpressions(action.body, (expression) => {
    const { kind, span } = expression;
    if (kind === 'function') calls.set(expression.action, { target: expression.action, span });
    if (kind !== 'method' || expression.target === undefined) return;
    const { target } = expression;
    if ('body' in target) {
      if (!calls.has(target)) calls.set(target, { target, span });
    } else if (!target.isView) {
      writes.push({ what: `calls ${target.name} of another contract, which is no view`, span });
    }
  });
  return { writes, reads: action.reads, calls: [...calls.values()] };
}

/** The actions that write or read themselves or through others, each with what it does in words. */
function findDoers(
  effects: ReadonlyMap<Action, Effects>,
  kind: 'reads' | 'writes',
): ReadonlyMap<Action, string> {
  const doers = new Map<Action, string>();
  for (const [action, own] of effects) {
    const [first] = own[kind];
    if (first !== undefined) doers.set(action, first.what);
  }
  return spread(
    doers,
    [...effects].flatMap(([caller, { calls }]) =>
      calls.map(({ target }) => [target, caller] as const),
    ),
  );
}

/** The actions in which a call's value can be other than zero: payable ones and what they call. */
function findPayable(effects: ReadonlyMap<Action, Effects>): ReadonlyMap<Action, boolean> {
  const payable = [...effects.keys()].filter(({ isPayable }) => isPayable);
  return spreadFrom(payable, effects);
}

/** Actions, and all that they call. */
function spreadFrom(
  actions: readonly Action[],
  effects: ReadonlyMap<Action, Effects>,
): ReadonlyMap<Action, boolean> {
  return spread(
    new Map(actions.map((action) => [action, true] as const)),
    [...effects].flatMap(([caller, { calls }]) =>
      calls.map(({ target }) => [caller, target] as const),
    ),
  );
}

/** `marks` and whatever the edges lead to from what is marked; a mark goes along unchanged. */
function spread<Mark>(
  marks: Map<Action, Mark>,
  edges: readonly (readonly [from: Action, to: Action])[],
): ReadonlyMap<Action, Mark> {
  const targets = new Map<Action, Action[]>();
  for (const [from, to] of edges) {
    const list = targets.get(from);
    if (list === undefined) targets.set(from, [to]);
    else list.push(to);
  }
  // A map visits what is added while it is walked.
  for (const [from, mark] of marks) {
    for (const to of targets.get(from) ?? []) if (!marks.has(to)) marks.set(to, mark);
  }
  return marks;
}

function checkView(
  { name, isPure }: Action,
  { writes, calls }: Effects,
  writers: ReadonlyMap<Action, string>,
  sink: DiagnosticSink,
): void {
  const kind = isPure ? 'pure action' : 'view';
  const word = isPure ? 'pure' : 'view';
  for (const { what, span } of writes) {
    sink.report('VIEW_WRITES', span, `the ${kind} ${name} ${what}`, {
      hint: `remove the modifier ${word}, or move the write to another action`,
    });
  }
  for (const { target, span } of calls) {
    const what = writers.get(target);
    // A view that writes is an error of its own.
    if (what === undefined || target.isView || target.isPure) continue;
    const message = `the ${kind} ${name} calls ${describeCallee(target)}, which ${what}`;
    sink.report('VIEW_WRITES', span, message, { hint: `remove the modifier ${word}` });
  }
}

function checkPure(
  { name }: Action,
  { reads, calls }: Effects,
  readers: ReadonlyMap<Action, string>,
  sink: DiagnosticSink,
): void {
  const hint = 'write view instead of pure';
  for (const { what, span } of reads) {
    sink.report('PURE_READS', span, `the pure action ${name} ${what}`, { hint });
  }
  for (const { target, span } of calls) {
    const what = readers.get(target);
    if (what === undefined || target.isPure) continue;
    const message = `the pure action ${name} calls ${describeCallee(target)}, which ${what}`;
    sink.report('PURE_READS', span, message, { hint });
  }
}

function describeCallee({ isHidden, name }: Action): string {
  return isHidden ? 'a function' : name;
}

function checkValueReads(action: Action, sink: DiagnosticSink): void {
  for (const span of action.valueReads) {
    sink.report('VALUE_NEVER_SENT', span, `${action.name} is not payable: this is always 0`, {
      severity: 'warning',
      hint: `write: action payable ${action.name}(…)`,
    });
  }
}

/** Private actions that no exported one leads to. A file without contracts exports nothing. */
function checkUnused(
  { actions, entities }: Contract,
  effects: ReadonlyMap<Action, Effects>,
  sink: DiagnosticSink,
): void {
  const entries = actions.filter(
    ({ isExported, isInit, entryPoint }) => isExported || isInit || entryPoint !== undefined,
  );
  if (!entries.some(({ isExported }) => isExported)) return;
  const reached = spreadFrom(entries, effects);
  const inner = new Set([...entities.values()].flatMap((entity) => [...entity.actions.values()]));
  for (const action of actions) {
    if (reached.has(action) || action.isHidden || inner.has(action)) continue;
    sink.within(action.source, () => {
      sink.report('ACTION_UNUSED', action.span, `nothing calls the private ${action.name}`, {
        severity: 'warning',
        hint: 'remove it, or make it public',
      });
    });
  }
}
