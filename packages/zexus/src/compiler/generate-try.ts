import { type ActionContext, type FinallyScope, WAYS, type Way } from './generate-context.ts';
import { declareLocal } from './generate-places.ts';
import type { Expression, Local, Statement } from './tree.ts';

type Try = Extract<Statement, { kind: 'try' }>;

// What a body that fails did is taken back before its handler runs:
//
//   TX_BEGIN; SETUP_TRY handler; body; POP_TRY; TX_COMMIT; JUMP end
//   handler: TX_REVERT; what failed is on the stack; …
//   end:
//
// The code of a `finally` is there once. Whatever leads to it says in a variable how to go on behind it;
// a copy for each way would double with every `finally` that is inside of another.

/** `try` with a handler, a `finally`, or both. */
export function emitTry(context: ActionContext, statement: Try): void {
  if (!context.assembler.isReachable) return;
  if (statement.cleanup.length > 0) {
    emitWithFinally(context, statement);
    return;
  }
  const { handler } = statement;
  if (handler === undefined) {
    // A `finally` with nothing in it: what fails goes on.
    context.statements(statement.body);
    return;
  }
  const end = context.assembler.newLabel();
  emitAttempt(
    context,
    statement.body,
    () => context.assembler.jump('JUMP', end),
    () => {
      bindError(context, statement.error);
      context.statements(handler);
    },
  );
  context.assembler.bind(end);
}

/** `tx { … }`: what it does is kept or taken back with what is around it. */
export function emitTransaction(context: ActionContext, body: readonly Statement[]): void {
  context.assembler.emit('TX_BEGIN');
  context.scopes.push({ kind: 'tx' });
  context.statements(body);
  context.scopes.pop();
  context.assembler.emit('TX_COMMIT');
}

/** @param whenFailed what failed is on the stack */
function emitAttempt(
  context: ActionContext,
  body: readonly Statement[],
  whenDone: () => void,
  whenFailed: () => void,
): void {
  const { assembler } = context;
  const handler = assembler.newLabel();
  assembler.emit('TX_BEGIN');
  assembler.jump('SETUP_TRY', handler);
  context.scopes.push({ kind: 'try' });
  context.statements(body);
  context.scopes.pop();
  assembler.emit('POP_TRY');
  assembler.emit('TX_COMMIT');
  whenDone();
  assembler.bind(handler);
  assembler.emit('TX_REVERT');
  whenFailed();
}

/** what failed → */
function bindError(context: ActionContext, error: Local | undefined): void {
  if (error === undefined) context.assembler.emit('POP');
  else declareLocal(context, error);
}

function emitWithFinally(context: ActionContext, { body, error, handler, cleanup }: Try): void {
  const scope: FinallyScope = {
    kind: 'finally',
    start: context.assembler.newLabel(),
    way: context.takeTemporary(),
    kept: context.takeTemporary(),
    ways: new Set(),
  };
  const goOn = (): void => enter(context, scope, 'onwards');
  // The last way into the block: no jump is needed.
  const throwOn = (): void => {
    context.store(scope.kept);
    chooseWay(context, scope, 'throw');
  };
  context.scopes.push(scope);
  if (handler === undefined) {
    emitAttempt(context, body, goOn, throwOn);
  } else {
    emitAttempt(context, body, goOn, () => {
      bindError(context, error);
      emitAttempt(context, handler, goOn, throwOn);
    });
  }
  context.scopes.pop();
  context.assembler.bind(scope.start);
  context.statements(cleanup);
  goOnBehind(context, scope);
  context.releaseTemporaries([scope.way, scope.kept]);
}

/** Leads to the block of the `finally`, behind which the code goes on that way. */
function enter(context: ActionContext, scope: FinallyScope, way: Way): void {
  chooseWay(context, scope, way);
  context.assembler.jump('JUMP', scope.start);
}

function chooseWay(context: ActionContext, { way, ways }: FinallyScope, chosen: Way): void {
  if (!context.assembler.isReachable) return;
  ways.add(chosen);
  context.number(WAYS.indexOf(chosen));
  context.store(way);
}

function goOnBehind(context: ActionContext, scope: FinallyScope): void {
  const { assembler } = context;
  const end = assembler.newLabel();
  const ways = WAYS.filter((way) => scope.ways.has(way));
  const last = ways.at(-1);
  for (const way of ways) {
    const next = assembler.newLabel();
    if (way !== last) {
      context.load(scope.way);
      if (way !== 'onwards') {
        context.number(WAYS.indexOf(way));
        assembler.emit('EQ');
      }
      assembler.jump('JUMP_IF_FALSE', way === 'onwards' ? end : next);
    }
    goThatWay(context, scope, way);
    assembler.bind(next);
  }
  assembler.bind(end);
}

function goThatWay(context: ActionContext, { kept }: FinallyScope, way: Way): void {
  switch (way) {
    case 'onwards':
      return;
    case 'throw':
      context.load(kept);
      context.assembler.emit('THROW');
      return;
    case 'return':
      context.load(kept);
      leaveAction(context);
      return;
    default:
      emitLeaveLoop(context, way);
  }
}

/** The value is there before the blocks that run on the way out. */
export function emitReturn(context: ActionContext, value: Expression | undefined): void {
  context.valueOrNull(value);
  leaveAction(context);
}

/** value → */
function leaveAction(context: ActionContext): void {
  const position = context.scopes.findLastIndex(({ kind }) => kind === 'finally');
  const scope = context.scopes[position];
  if (scope?.kind !== 'finally') {
    // Iterators may stay on the stack: it ends with the action.
    unwind(context, 0, false);
    context.assembler.emit('RETURN');
    return;
  }
  context.store(scope.kept);
  unwind(context, position + 1, true);
  enter(context, scope, 'return');
}

/** To the end of the innermost loop, or to its next round. */
export function emitLeaveLoop(context: ActionContext, kind: 'break' | 'continue'): void {
  const { assembler, scopes } = context;
  const position = scopes.findLastIndex(
    (scope) => scope.kind === 'finally' || scope.kind === 'loop',
  );
  const scope = scopes[position];
  unwind(context, position + 1, true);
  if (scope?.kind === 'finally') {
    enter(context, scope, kind);
  } else if (scope?.kind === 'loop') {
    if (kind === 'break' && scope.isIterating) assembler.emit('POP');
    assembler.jump('JUMP', kind === 'break' ? scope.end : scope.start);
  }
}

/** Ends what is open, from the innermost scope to that at the position. */
function unwind(context: ActionContext, position: number, withIterators: boolean): void {
  for (const scope of context.scopes.slice(position).reverse()) {
    if (scope.kind === 'try') context.assembler.emit('POP_TRY');
    if (scope.kind === 'try' || scope.kind === 'tx') context.assembler.emit('TX_COMMIT');
    if (scope.kind === 'loop' && scope.isIterating && withIterators) context.assembler.emit('POP');
  }
}
