import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import type { Action, Contract, Local, Statement } from './tree.ts';
import { abiTypeOf, type TypeVariable } from './types.ts';

/** What holds for whole actions: paths, purity, the types in the ABI, unused variables. */
export function checkActions(contract: Contract, sink: DiagnosticSink): void {
  const taintedBy = findWriters(contract.actions);
  const payable = findPayable(contract.actions);
  for (const action of contract.actions) {
    checkPaths(action, sink);
    if (action.isView) checkView(action, taintedBy, sink);
    if (!payable.has(action)) checkValueReads(action, sink);
    checkAbiTypes(action, sink);
    for (const local of action.locals) checkUse(local, sink);
  }
}

/** Whether the end of the statements cannot be reached. An endless loop is `while true` without break. */
function endsAlways(statements: readonly Statement[]): boolean {
  return statements.some((statement) => {
    switch (statement.kind) {
      case 'return':
      case 'revert':
      case 'break':
      case 'continue':
        return true;
      case 'if':
        return endsAlways(statement.then) && endsAlways(statement.otherwise);
      case 'while': {
        const { condition, body } = statement;
        return condition.kind === 'literal' && condition.value === true && !breaks(body);
      }
      default:
        return false;
    }
  });
}

/** Whether a `break` of the loop whose body this is occurs in it. */
function breaks(statements: readonly Statement[]): boolean {
  return statements.some((statement) => {
    if (statement.kind === 'if') return breaks(statement.then) || breaks(statement.otherwise);
    return statement.kind === 'break';
  });
}

function checkPaths(action: Action, sink: DiagnosticSink): void {
  checkUnreachable(action.body, sink);
  checkBareReturns(action.body, action, sink);
  if (!action.returnsValue || endsAlways(action.body)) return;
  const { start, end } = action.bodySpan;
  const brace = { start: Math.max(start, end - 1), end };
  const message = `${action.name} can end here without a result`;
  sink.report('RETURN_MISSING', brace, message, {
    hint: 'return a value, or revert',
    // A declared result is a promise; an inferred one is null where nothing is returned.
    severity: action.resultSpan === undefined ? 'warning' : 'error',
  });
}

function checkUnreachable(statements: readonly Statement[], sink: DiagnosticSink): void {
  for (const [index, statement] of statements.entries()) {
    const next = statements[index + 1];
    if (next !== undefined && endsAlways([statement])) {
      sink.report('UNREACHABLE', next.span, 'this is never reached', { severity: 'warning' });
      return;
    }
    if (statement.kind === 'while') checkUnreachable(statement.body, sink);
    if (statement.kind !== 'if') continue;
    checkUnreachable(statement.then, sink);
    checkUnreachable(statement.otherwise, sink);
  }
}

function checkBareReturns(
  statements: readonly Statement[],
  action: Action,
  sink: DiagnosticSink,
): void {
  for (const statement of statements) {
    if (statement.kind === 'while') checkBareReturns(statement.body, action, sink);
    if (statement.kind === 'if') {
      checkBareReturns(statement.then, action, sink);
      checkBareReturns(statement.otherwise, action, sink);
    }
    const isBare = statement.kind === 'return' && statement.value === undefined;
    if (!isBare || !action.returnsValue) continue;
    sink.report('RETURN_MISSING', statement.span, `${action.name} returns a value elsewhere`, {
      hint: 'return a value here too',
      severity: action.resultSpan === undefined ? 'warning' : 'error',
    });
  }
}

/** The actions that write themselves or through others, each with what it does in words. */
function findWriters(actions: readonly Action[]): ReadonlyMap<Action, string> {
  const writers = new Map<Action, string>();
  for (const action of actions) {
    const [write] = action.writes;
    if (write !== undefined) writers.set(action, write.what);
  }
  return spread(
    writers,
    actions.flatMap((caller) => caller.calls.map(({ target }) => [target, caller] as const)),
  );
}

/** The actions in which a call's value can be other than zero: payable ones and what they call. */
function findPayable(actions: readonly Action[]): ReadonlyMap<Action, boolean> {
  const payable = new Map(
    actions.filter(({ isPayable }) => isPayable).map((action) => [action, true] as const),
  );
  return spread(
    payable,
    actions.flatMap((caller) => caller.calls.map(({ target }) => [caller, target] as const)),
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
  action: Action,
  writers: ReadonlyMap<Action, string>,
  sink: DiagnosticSink,
): void {
  for (const { what, span } of action.writes) {
    sink.report('VIEW_WRITES', span, `the view ${action.name} ${what}`, {
      hint: 'remove the modifier view, or move the write to another action',
    });
  }
  for (const { target, span } of action.calls) {
    const what = writers.get(target);
    if (what === undefined) continue;
    const message = `the view ${action.name} calls ${target.name}, which ${what}`;
    sink.report('VIEW_WRITES', span, message, { hint: 'remove the modifier view' });
  }
}

function checkValueReads(action: Action, sink: DiagnosticSink): void {
  for (const span of action.valueReads) {
    sink.report('VALUE_NEVER_SENT', span, `${action.name} is not payable: this is always 0`, {
      severity: 'warning',
      hint: `write: action payable ${action.name}(…)`,
    });
  }
}

/** Types of what callers send and get are fixed for ever: each must be known, and better written. */
function checkAbiTypes(action: Action, sink: DiagnosticSink): void {
  if (!action.isExported && !action.isInit) return;
  for (const { name, span, types, nullComparison } of action.parameters) {
    if (nullComparison !== undefined) {
      const message = `the parameter ${name} is never null: callers always send a value`;
      const hint = 'compare with the zero of its type';
      sink.report('NULL_COMPARISON', nullComparison, message, { hint });
    }
    if (types.type === 'unknown') {
      if (types.isDeclared) continue;
      sink.report('TYPE_UNRESOLVED', span, `the type of the parameter ${name} cannot be inferred`, {
        hint: `write it, for example ${name}: integer`,
      });
    } else if (!types.isDeclared) {
      warnInferred(`the parameter ${name}`, types, `${name}: ${types.type}`, span, sink);
    }
  }
  if (action.returnsValue) checkResult(action, action.result, sink);
}

function checkResult(action: Action, types: TypeVariable, sink: DiagnosticSink): void {
  if (action.resultSpan !== undefined) return;
  if (types.type === 'unknown') {
    const message = `the type of the result of ${action.name} cannot be inferred`;
    sink.report('TYPE_UNRESOLVED', action.span, message, {
      hint: `write it: action ${action.name}(…) -> integer`,
    });
    return;
  }
  warnInferred(`the result of ${action.name}`, types, `-> ${types.type}`, action.span, sink);
}

function warnInferred(
  what: string,
  types: TypeVariable,
  text: string,
  span: Action['span'],
  sink: DiagnosticSink,
): void {
  const abiType = abiTypeOf(types);
  const inAbi = abiType === types.type ? '' : `, ${abiType} in the ABI`;
  sink.report('TYPE_INFERRED', span, `${what} is taken as ${types.type}${inAbi}`, {
    severity: 'warning',
    hint: `write it, so that no later change of the code changes the ABI: ${text}`,
  });
}

function checkUse({ name, span, isRead }: Local, sink: DiagnosticSink): void {
  if (isRead) return;
  sink.report('LOCAL_UNUSED', span, `${name} is never read`, { severity: 'warning' });
}
