import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import type { Action, Statement } from './tree.ts';
import { innerBlocks, visitStatements } from './tree-walk.ts';

/** Whether each way through an action ends as its result asks, and each statement is on one. */
export function checkPaths(action: Action, sink: DiagnosticSink): void {
  checkUnreachable(action.body, sink);
  checkBareReturns(action, sink);
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

/** Whether the end of the statements cannot be reached. An endless loop is `while true` without break. */
function endsAlways(statements: readonly Statement[]): boolean {
  return statements.some((statement) => {
    switch (statement.kind) {
      case 'return':
      case 'revert':
      case 'throw':
      case 'break':
      case 'continue':
        return true;
      case 'if':
        return endsAlways(statement.then) && endsAlways(statement.otherwise);
      case 'while': {
        const { condition, body } = statement;
        return condition.kind === 'literal' && condition.value === true && !breaks(body);
      }
      case 'match': {
        const isComplete = statement.arms.some(({ patterns }) => patterns === undefined);
        return isComplete && statement.arms.every(({ body }) => endsAlways(body));
      }
      case 'try': {
        const { body, handler, cleanup } = statement;
        if (endsAlways(cleanup)) return true;
        return endsAlways(body) && (handler === undefined || endsAlways(handler));
      }
      case 'tx':
        return endsAlways(statement.body);
      default:
        return false;
    }
  });
}

/** Whether a `break` of the loop whose body this is occurs in it. */
function breaks(statements: readonly Statement[]): boolean {
  return statements.some((statement) => {
    if (statement.kind === 'while' || statement.kind === 'forEach') return false;
    return statement.kind === 'break' || innerBlocks(statement).some(breaks);
  });
}

function checkUnreachable(statements: readonly Statement[], sink: DiagnosticSink): void {
  for (const [index, statement] of statements.entries()) {
    const next = statements[index + 1];
    if (next !== undefined && endsAlways([statement])) {
      sink.report('UNREACHABLE', next.span, 'this is never reached', { severity: 'warning' });
      return;
    }
    for (const block of innerBlocks(statement)) checkUnreachable(block, sink);
  }
}

function checkBareReturns(action: Action, sink: DiagnosticSink): void {
  if (!action.returnsValue) return;
  visitStatements(action.body, (statement) => {
    if (statement.kind !== 'return' || statement.value !== undefined) return;
    sink.report('RETURN_MISSING', statement.span, `${action.name} returns a value elsewhere`, {
      hint: 'return a value here too',
      severity: action.resultSpan === undefined ? 'warning' : 'error',
    });
  });
}
