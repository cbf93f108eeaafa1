import { unreachable } from '@lucerna/base';
import type { Constant } from '../bytecode/container.ts';
import type { Label } from './assembler.ts';
import {
  callAction,
  callBuiltin,
  callContract,
  callFunction,
  callMethod,
  makeFunction,
  runOperation,
} from './generate-calls.ts';
import type { ActionContext } from './generate-context.ts';
import { OPERATIONS, readIndex, readLocal, readState, store } from './generate-places.ts';
import { hexBytes } from './hex-literals.ts';
import { literalInteger } from './literal-range.ts';
import type { Expression, LocalReference, MatchArm } from './tree.ts';

type Conditional = Extract<Expression, { kind: 'conditional' }>;
type Logical = Extract<Expression, { kind: 'logical' }>;
type MatchExpression = Extract<Expression, { kind: 'match' }>;

/** What a `match` says that must have a value and has no arm for its subject. */
const NO_MATCH = 'no match';

/** Code that leaves the value of the expression on the stack. */
export function emitValue(context: ActionContext, expression: Expression): void {
  const { assembler } = context;
  switch (expression.kind) {
    case 'literal':
      context.constant(literalConstant(expression.value));
      return;
    case 'hex': {
      const kind = expression.isAddress ? 'address' : 'bytes';
      context.constant({ kind, value: hexBytes(expression) });
      return;
    }
    case 'local':
      readLocal(context, expression);
      return;
    case 'state':
      readState(context, expression);
      return;
    case 'index':
      readIndex(context, expression);
      return;
    case 'context':
      assembler.emit('TX_READ', [expression.field]);
      return;
    case 'cast':
      context.value(expression.value);
      return;
    case 'unary':
      unary(context, expression);
      return;
    case 'binary':
      context.value(expression.left);
      context.value(expression.right);
      assembler.emit(OPERATIONS[expression.operator]);
      return;
    case 'logical':
      logical(context, expression);
      return;
    case 'conditional':
      conditional(context, expression);
      return;
    case 'match':
      match(context, expression);
      return;
    case 'invalid':
      // Nothing is generated from a text with errors.
      return;
    case 'list':
    case 'map':
    case 'slice':
      container(context, expression);
      return;
    default:
      call(context, expression);
  }
}

type ContainerExpression = Extract<Expression, { kind: 'list' | 'map' | 'slice' }>;

function container(context: ActionContext, expression: ContainerExpression): void {
  const { assembler } = context;
  switch (expression.kind) {
    case 'list': {
      const { length } = expression.items;
      context.values(expression.items);
      assembler.emit('BUILD_LIST', [length], length);
      return;
    }
    case 'map': {
      const { length } = expression.entries;
      for (const { key, value } of expression.entries) {
        context.value(key);
        context.value(value);
      }
      assembler.emit('BUILD_MAP', [length], length);
      return;
    }
    case 'slice':
      context.value(expression.object);
      context.valueOrNull(expression.start);
      context.valueOrNull(expression.end);
      assembler.emit('SLICE');
      return;
    default:
      unreachable(expression);
  }
}

type CallExpression = Extract<
  Expression,
  {
    kind: 'action' | 'builtin' | 'contractCall' | 'function' | 'invoke' | 'method' | 'operation';
  }
>;

function call(context: ActionContext, expression: CallExpression): void {
  switch (expression.kind) {
    case 'builtin':
      callBuiltin(context, expression);
      return;
    case 'operation':
      runOperation(context, expression);
      return;
    case 'action':
      callAction(context, expression.action, expression.arguments);
      return;
    case 'method':
      callMethod(context, expression);
      return;
    case 'contractCall':
      callContract(context, expression);
      return;
    case 'function':
      makeFunction(context, expression);
      return;
    case 'invoke':
      callFunction(context, expression);
      return;
    default:
      unreachable(expression);
  }
}

function unary(context: ActionContext, expression: Extract<Expression, { kind: 'unary' }>): void {
  const written = literalInteger(expression);
  if (written !== undefined) {
    context.constant({ kind: 'integer', value: written });
    return;
  }
  context.value(expression.operand);
  context.assembler.emit(expression.operator === '-' ? 'NEG' : 'NOT');
}

/** `&&` and `||` give a bool; `??` gives the left value unless it is null. */
function logical(context: ActionContext, expression: Logical): void {
  const { assembler } = context;
  const end = assembler.newLabel();
  if (expression.operator === '??') {
    context.value(expression.left);
    assembler.emit('DUP');
    context.constant({ kind: 'null' });
    assembler.emit('NEQ');
    assembler.jump('JUMP_IF_TRUE', end);
    assembler.emit('POP');
    context.value(expression.right);
    assembler.bind(end);
    return;
  }
  const isFalse = assembler.newLabel();
  emitJump(context, expression, isFalse, false);
  context.constant({ kind: 'boolean', value: true });
  assembler.jump('JUMP', end);
  assembler.bind(isFalse);
  context.constant({ kind: 'boolean', value: false });
  assembler.bind(end);
}

function conditional(context: ActionContext, { condition, then, otherwise }: Conditional): void {
  const { assembler } = context;
  const [otherwiseLabel, end] = [assembler.newLabel(), assembler.newLabel()];
  emitJump(context, condition, otherwiseLabel, false);
  context.value(then);
  assembler.jump('JUMP', end);
  assembler.bind(otherwiseLabel);
  context.value(otherwise);
  assembler.bind(end);
}

function match(context: ActionContext, { prepare, subject, arms }: MatchExpression): void {
  store(context, prepare);
  emitArms(
    context,
    subject,
    arms,
    (value) => context.value(value),
    () => {
      context.text(NO_MATCH);
      context.assembler.emit('REVERT');
    },
  );
}

/**
 * The body of the first arm that has a pattern equal to the subject, and what else runs when there is
 * none. Patterns are evaluated in their order, as far as needed.
 */
export function emitArms<Body>(
  context: ActionContext,
  subject: LocalReference,
  arms: readonly MatchArm<Body>[],
  emitBody: (body: Body) => void,
  emitElse?: () => void,
): void {
  const { assembler } = context;
  const end = assembler.newLabel();
  for (const [index, arm] of arms.entries()) {
    if (arm.patterns === undefined) {
      emitBody(arm.body);
      assembler.bind(end);
      return;
    }
    const isFollowed = index < arms.length - 1 || emitElse !== undefined;
    const [bodyLabel, next] = [assembler.newLabel(), assembler.newLabel()];
    context.within(arm.span, () => {
      emitPatterns(context, subject, arm.patterns ?? [], bodyLabel, next);
      emitBody(arm.body);
      if (isFollowed) assembler.jump('JUMP', end);
    });
    assembler.bind(next);
  }
  emitElse?.();
  assembler.bind(end);
}

/** Goes to `next` when no pattern is equal to the subject. */
function emitPatterns(
  context: ActionContext,
  subject: LocalReference,
  patterns: readonly Expression[],
  body: Label,
  next: Label,
): void {
  const { assembler } = context;
  for (const [index, pattern] of patterns.entries()) {
    readLocal(context, subject);
    context.value(pattern);
    assembler.emit('EQ');
    const isLast = index === patterns.length - 1;
    assembler.jump(isLast ? 'JUMP_IF_FALSE' : 'JUMP_IF_TRUE', isLast ? next : body);
  }
  assembler.bind(body);
}

/** Jumps when the truth of the expression is `when`, and goes on otherwise. */
export function emitJump(
  context: ActionContext,
  expression: Expression,
  target: Label,
  when: boolean,
): void {
  const { assembler } = context;
  if (expression.kind === 'literal' && typeof expression.value === 'boolean') {
    if (expression.value === when) assembler.jump('JUMP', target);
    return;
  }
  if (expression.kind === 'unary' && expression.operator === '!') {
    emitJump(context, expression.operand, target, !when);
    return;
  }
  if (expression.kind !== 'logical' || expression.operator === '??') {
    context.value(expression);
    assembler.jump(when ? 'JUMP_IF_TRUE' : 'JUMP_IF_FALSE', target);
    return;
  }
  const { operator, left, right } = expression;
  const leftDecides = (operator === '||') === when;
  if (leftDecides) {
    emitJump(context, left, target, when);
    emitJump(context, right, target, when);
    return;
  }
  const end = assembler.newLabel();
  emitJump(context, left, end, !when);
  emitJump(context, right, target, when);
  assembler.bind(end);
}

function literalConstant(value: null | boolean | bigint | string): Constant {
  if (value === null) return { kind: 'null' };
  switch (typeof value) {
    case 'boolean':
      return { kind: 'boolean', value };
    case 'bigint':
      return { kind: 'integer', value };
    default:
      return { kind: 'string', value };
  }
}
