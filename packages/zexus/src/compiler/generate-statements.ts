import { unreachable } from '@lucerna/base';
import type { ActionContext, Scope } from './generate-context.ts';
import { emitArms, emitJump } from './generate-expressions.ts';
import { declareLocal, store } from './generate-places.ts';
import { emitLeaveLoop, emitReturn, emitTransaction, emitTry } from './generate-try.ts';
import type { Reason, Statement } from './tree.ts';

type StatementOf<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;

export function emitStatement(context: ActionContext, statement: Statement): void {
  switch (statement.kind) {
    case 'store':
      store(context, statement);
      return;
    case 'evaluate':
      context.value(statement.expression);
      context.assembler.emit('POP');
      return;
    case 'if':
      emitIf(context, statement);
      return;
    case 'while':
      emitWhile(context, statement);
      return;
    case 'forEach':
      emitForEach(context, statement);
      return;
    case 'match':
      emitMatch(context, statement);
      return;
    case 'try':
      emitTry(context, statement);
      return;
    case 'tx':
      emitTransaction(context, statement.body);
      return;
    case 'return':
      emitReturn(context, statement.value);
      return;
    case 'break':
    case 'continue':
      emitLeaveLoop(context, statement.kind);
      return;
    case 'throw':
      context.value(statement.value);
      context.assembler.emit('THROW');
      return;
    case 'revert':
      emitRevert(context, statement.reason);
      return;
    case 'require':
      emitRequire(context, statement);
      return;
    default:
      emitEffect(context, statement);
  }
}

type Effect = StatementOf<'emit' | 'emitValue' | 'gasCharge' | 'operation'>;

function emitEffect(context: ActionContext, statement: Effect): void {
  const { assembler } = context;
  switch (statement.kind) {
    case 'emit': {
      const { event, arguments: values } = statement;
      context.values(values);
      assembler.emit('EMIT', [event.index, values.length], values.length);
      return;
    }
    case 'emitValue':
      context.value(statement.value);
      assembler.emit('EMIT_EVENT', [context.name(statement.name)]);
      return;
    case 'gasCharge':
      assembler.emit('GAS_CHARGE', [statement.amount]);
      return;
    case 'operation':
      context.values(statement.arguments);
      assembler.emit(statement.opcode);
      return;
    default:
      unreachable(statement);
  }
}

function emitIf(context: ActionContext, { condition, then, otherwise }: StatementOf<'if'>): void {
  const { assembler } = context;
  const otherwiseLabel = assembler.newLabel();
  emitJump(context, condition, otherwiseLabel, false);
  context.statements(then);
  if (otherwise.length === 0) {
    assembler.bind(otherwiseLabel);
    return;
  }
  const end = assembler.newLabel();
  assembler.jump('JUMP', end);
  assembler.bind(otherwiseLabel);
  context.statements(otherwise);
  assembler.bind(end);
}

function emitWhile(context: ActionContext, { condition, body }: StatementOf<'while'>): void {
  const { assembler } = context;
  if (!assembler.isReachable) return;
  const [start, end] = [assembler.newLabel(), assembler.newLabel()];
  assembler.bind(start);
  emitJump(context, condition, end, false);
  emitBody(context, { kind: 'loop', start, end, isIterating: false }, body);
  assembler.jump('JUMP', start);
  assembler.bind(end);
}

/** The iterator is on the stack while the loop runs. */
function emitForEach(
  context: ActionContext,
  { key, value, iterable, body }: StatementOf<'forEach'>,
): void {
  const { assembler } = context;
  if (!assembler.isReachable) return;
  const [start, end] = [assembler.newLabel(), assembler.newLabel()];
  context.value(iterable);
  assembler.emit('ITERATE');
  assembler.bind(start);
  assembler.jump(key === undefined ? 'ITER_NEXT' : 'ITER_NEXT_PAIR', end);
  declareLocal(context, value);
  if (key !== undefined) declareLocal(context, key);
  emitBody(context, { kind: 'loop', start, end, isIterating: true }, body);
  assembler.jump('JUMP', start);
  assembler.bind(end);
}

function emitBody(context: ActionContext, loop: Scope, body: readonly Statement[]): void {
  context.scopes.push(loop);
  context.statements(body);
  context.scopes.pop();
}

function emitMatch(context: ActionContext, { prepare, subject, arms }: StatementOf<'match'>): void {
  store(context, prepare);
  emitArms(context, subject, arms, (body) => context.statements(body));
}

/** A message that is more than a written text, and an error, are evaluated only on failure. */
function emitRequire(context: ActionContext, { condition, reason }: StatementOf<'require'>): void {
  const { assembler } = context;
  const message = reason?.kind === 'message' ? reason.message : undefined;
  if (reason === undefined || message?.kind === 'literal') {
    context.value(condition);
    context.valueOrNull(message);
    assembler.emit('REQUIRE');
    return;
  }
  const holds = assembler.newLabel();
  emitJump(context, condition, holds, true);
  emitRevert(context, reason);
  assembler.bind(holds);
}

function emitRevert(context: ActionContext, reason: Reason | undefined): void {
  const { assembler } = context;
  if (reason?.kind === 'error') {
    const { error, arguments: values } = reason;
    context.values(values);
    assembler.emit('REVERT_ERROR', [error.index, values.length], values.length);
    return;
  }
  context.valueOrNull(reason?.message);
  assembler.emit('REVERT');
}
