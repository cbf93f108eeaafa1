import type { BinaryOperator } from '../syntax/ast.ts';
import type { Span } from '../syntax/source.ts';
import { isLiteralZero } from './literal-range.ts';
import type { Expression } from './tree.ts';
import type { TypeFlow } from './typer-flow.ts';
import { isListItem, isStatePlace, isWholeVariable, typesOf } from './typer-places.ts';
import {
  describeType,
  isBytes,
  isCompatible,
  isContainerType,
  isEntity,
  isIntegral,
  join,
  type StaticType,
  type TypeVariable,
} from './types.ts';

type Logical = Extract<Expression, { kind: 'logical' }>;
type Unary = Extract<Expression, { kind: 'unary' }>;

/** What an operator makes of its operands, whose types are looked at here. */
export function operate(
  flow: TypeFlow,
  operator: BinaryOperator,
  left: Expression,
  right: Expression,
  span: Span,
  into?: TypeVariable,
): StaticType {
  switch (operator) {
    case '==':
    case '!=':
      typeEquality(flow, left, right, span);
      return 'bool';
    case '<':
    case '>':
    case '<=':
    case '>=':
      typeOrdering(flow, operator, left, right, span);
      return 'bool';
    case '+':
      return typeAddition(flow, left, right, span, into);
    default:
      return typeArithmetic(flow, operator, left, right, span);
  }
}

export function typeUnary(flow: TypeFlow, { operator, operand, span }: Unary): StaticType {
  if (operator === '!') {
    flow.typeOf(operand);
    return 'bool';
  }
  const type = flow.typeOf(operand, 'integer');
  if (!isNumber(type)) refuseOperand(flow, '-', type, span);
  return 'signed';
}

export function typeLogical(
  flow: TypeFlow,
  { operator, left, right, span }: Logical,
  expected: StaticType,
  into: TypeVariable | undefined,
): StaticType {
  if (operator !== '??') {
    flow.typeOf(left);
    flow.typeOf(right);
    return 'bool';
  }
  const leftType = flow.typeInto(left, expected, into);
  const rightType = flow.typeInto(right, expected === 'unknown' ? leftType : expected, into);
  flow.suggest(left, rightType);
  // Where null would read as zero, and zero is what stands for it, nothing has to keep them apart.
  if (!isWrittenZero(right)) askForNull(flow, left, span, 'warning');
  return mergeTypes(leftType, rightType);
}

/** The type of a value that is one of two. */
export function mergeTypes(first: StaticType, second: StaticType): StaticType {
  if (first === 'null') return second;
  if (second === 'null') return first;
  return join(first, second) ?? 'unknown';
}

/** Compares two values for equality, in `==`, `!=` and the patterns of `match`. */
export function typeEquality(
  flow: TypeFlow,
  left: Expression,
  right: Expression,
  span: Span,
): void {
  const [leftType, rightType] = typePair(flow, left, right);
  if (leftType === 'null' || rightType === 'null') {
    if (leftType !== rightType) askForNull(flow, leftType === 'null' ? right : left, span, 'error');
    return;
  }
  if (isCompatible(leftType, rightType)) return;
  if (isAlike(leftType, rightType)) return;
  const message = `${describeType(leftType)} is never equal to ${describeType(rightType)}`;
  flow.report('COMPARISON_KINDS', span, message);
}

/** Contracts of two protocols, and entities of two kinds, can be equal. */
function isAlike(left: StaticType, right: StaticType): boolean {
  return join(left, right) !== undefined && !left.startsWith('bytes');
}

/** Both types; each operand of a comparison suggests the other's, a hex literal's last. */
function typePair(
  flow: TypeFlow,
  left: Expression,
  right: Expression,
): readonly [StaticType, StaticType] {
  if (left.kind === 'hex') {
    const type = flow.typeOf(right);
    return [flow.typeOf(left, type), type];
  }
  const type = flow.typeOf(left);
  const other = flow.typeOf(right, type);
  flow.suggest(left, other);
  return [type, other];
}

function typeOrdering(
  flow: TypeFlow,
  operator: BinaryOperator,
  left: Expression,
  right: Expression,
  span: Span,
): void {
  const [leftType, rightType] = typePair(flow, left, right);
  for (const [type, other] of [
    [leftType, rightType],
    [rightType, leftType],
  ] as const) {
    const isOrdered = isNumber(type) || type === 'string';
    const isNullOfInteger = type === 'null' && isNumber(other);
    if (!isOrdered && !isNullOfInteger) {
      refuseOperand(flow, operator, type, span);
      return;
    }
  }
  if (isCompatible(leftType, rightType)) return;
  const message = `${operator} does not compare ${describeType(leftType)} with ${describeType(rightType)}`;
  flow.report('OPERAND_TYPE', span, message);
}

/** Numbers are added, lists put behind each other; a string makes text of whatever it is added to. */
function typeAddition(
  flow: TypeFlow,
  left: Expression,
  right: Expression,
  span: Span,
  into: TypeVariable | undefined,
): StaticType {
  const list = into?.type === 'list' ? into : undefined;
  const leftType = flow.typeInto(left, 'unknown', list);
  const rightType = flow.typeInto(right, isIntegral(leftType) ? leftType : 'unknown', list);
  if (isIntegral(rightType)) flow.suggest(left, rightType);
  const types = [leftType, rightType];
  if (types.includes('string')) return 'string';
  if (types.includes('list')) {
    const other = leftType === 'list' ? rightType : leftType;
    if (other === 'list') return 'list';
    if (other !== 'unknown') refuseOperand(flow, '+', other, span);
    return 'unknown';
  }
  for (const type of types) {
    if (!isNumber(type) && type !== 'null') {
      refuseOperand(flow, '+', type, span);
      return 'unknown';
    }
  }
  if (leftType === 'unknown' || rightType === 'unknown') return 'unknown';
  return sumType(leftType, rightType);
}

function typeArithmetic(
  flow: TypeFlow,
  operator: BinaryOperator,
  left: Expression,
  right: Expression,
  span: Span,
): StaticType {
  const leftType = flow.typeOf(left, 'integer');
  const rightType = flow.typeOf(right, 'integer');
  const isDivision = operator === '/' || operator === '%';
  if (isDivision && isLiteralZero(right)) {
    flow.report('DIVISION_BY_ZERO', right.span, 'this always reverts: division by zero', {
      severity: 'warning',
    });
  }
  if (operator === '*') {
    // A string and a number, in either order, repeat the string.
    if (leftType === 'string' && isNumber(rightType)) return 'string';
    if (rightType === 'string' && isNumber(leftType)) return 'string';
  }
  for (const type of [leftType, rightType]) {
    const isZero = type === 'null' && operator === '-';
    if (!isNumber(type) && !isZero) {
      refuseOperand(flow, operator, type, span);
      return 'integer';
    }
  }
  return sumType(leftType, rightType);
}

function refuseOperand(flow: TypeFlow, operator: string, type: StaticType, span: Span): void {
  flow.report('OPERAND_TYPE', span, `${operator} does not work with ${describeType(type)}`, {
    hint: operandHint(operator, type),
  });
}

function operandHint(operator: string, type: StaticType): string | undefined {
  if (type === 'null') return undefined;
  if (isBytes(type) && operator === '+') return 'concat(a, b) puts bytes together';
  return 'string(x) makes text of any value';
}

/** `value == null`: the value must be able to be null, all the way from where it comes. */
function askForNull(
  flow: TypeFlow,
  value: Expression,
  span: Span,
  severity: 'error' | 'warning',
): void {
  switch (value.kind) {
    case 'state':
    case 'index': {
      const types = placeThatHoldsNull(flow, value);
      if (types === undefined) return;
      flow.report('NULL_COMPARISON', span, `this is ${describeType(types.type)} and never null`, {
        severity,
        hint:
          types.type === 'map' || types.type === 'list'
            ? 'ask for its length, or whether the key before it is there: has(key)'
            : 'compare with the zero of the type, or leave its type out to keep null apart from zero',
      });
      return;
    }
    case 'local':
      value.local.nullComparison = span;
      if (value.local.isParameter && value.local.types.isDeclared && !mayBeAnything(value.local)) {
        const message = `the parameter ${value.local.name} has a type and is never null`;
        flow.report('NULL_COMPARISON', span, message, { severity });
        return;
      }
      flow.compareWithNull(value.local.types);
      return;
    case 'action':
      flow.compareWithNull(value.action.result);
      return;
    case 'conditional':
      askForNull(flow, value.then, span, 'warning');
      askForNull(flow, value.otherwise, span, 'warning');
      return;
    case 'invalid':
    case 'method':
    case 'invoke':
    case 'contractCall':
    case 'match':
      return;
    case 'logical':
      if (value.operator === '??') return;
      break;
    case 'builtin':
      if (value.builtin.isNullable || value.builtin.resultOf !== undefined) return;
      break;
    default:
  }
  flow.report('NULL_COMPARISON', span, 'this value is never null', { severity });
}

function mayBeAnything({ types }: { readonly types: TypeVariable }): boolean {
  return types.type === 'unknown' || types.type === 'function';
}

/** Makes a place keep null apart from zero; the place when its declared type cannot. */
function placeThatHoldsNull(flow: TypeFlow, value: Expression): TypeVariable | undefined {
  const types = typesOf(value);
  if (types === undefined || !isStatePlace(value) || isListItem(value)) return undefined;
  if (isInEntity(value)) return undefined;
  // A map or list is there from the start: nothing has to be kept apart.
  const isContainer = types.entries !== undefined || isContainerType(types.type);
  if (isContainer && isWholeVariable(value) && !types.isDeclared) return undefined;
  return flow.canBeNull(types) ? undefined : types;
}

/** Whether a place is a field of an entity: what is not given there is null. */
function isInEntity(value: Expression): boolean {
  if (value.kind === 'index') {
    const types = typesOf(value.object);
    return types !== undefined && (isEntity(types.type) || isInEntity(value.object));
  }
  if (value.kind !== 'state') return false;
  const { variable, keys, span } = value;
  return keys.some((_, depth) => {
    const types = typesOf({ kind: 'state', variable, keys: keys.slice(0, depth), span });
    return types !== undefined && isEntity(types.type);
  });
}

/** As `keepNull` of {@link TypeFlow}. */
export function keepNull(
  flow: TypeFlow,
  value: Expression,
  target: TypeVariable,
  what: string,
): void {
  switch (value.kind) {
    case 'local':
      if (value.local.types !== target) flow.compareWithNull(value.local.types);
      return;
    case 'action':
      flow.compareWithNull(value.action.result);
      return;
    case 'conditional':
      keepNull(flow, value.then, target, what);
      keepNull(flow, value.otherwise, target, what);
      return;
    case 'logical':
      if (value.operator === '??') keepNull(flow, value.right, target, what);
      return;
    case 'match':
      for (const { body } of value.arms) keepNull(flow, body, target, what);
      return;
    case 'state':
    case 'index': {
      const types = placeThatHoldsNull(flow, value);
      if (types === undefined) return;
      const message = `${what} is compared with null, but this holds ${describeType(types.type)}, never null`;
      flow.report('NULL_LOST', value.span, message, { severity: 'warning' });
      return;
    }
    default:
  }
}

function isNumber(type: StaticType): boolean {
  return isIntegral(type) || type === 'unknown';
}

function sumType(left: StaticType, right: StaticType): StaticType {
  return left === 'signed' || right === 'signed' ? 'signed' : 'integer';
}

function isWrittenZero(value: Expression): boolean {
  return isLiteralZero(value) || (value.kind === 'literal' && value.value === false);
}
