import type { DiagnosticCode } from '../syntax/diagnostic-codes.ts';
import type { DiagnosticOptions, DiagnosticSink } from '../syntax/diagnostics.ts';
import type { Span } from '../syntax/source.ts';
import type { BuiltinSignature } from './builtin-signatures.ts';
import { hexType, isAddressAt } from './hex-literals.ts';
import { checkLiteralRange, isLiteralZero } from './literal-range.ts';
import type {
  ActionCallExpression,
  BinaryExpression,
  Expression,
  HexLiteral,
  StateReference,
} from './tree.ts';
import {
  describeType,
  failedType,
  holdsNull,
  isCompatible,
  isIntegral,
  join,
  type ScalarType,
  type StaticType,
  type TypeVariable,
  unknownType,
} from './types.ts';

type Operator = BinaryExpression['operator'];

/**
 * Gives types to expressions. One walk serves twice: without a sink it is a step of inference that
 * lets types climb and says whether any did; with a sink it reports what does not fit the types that
 * inference ended with.
 *
 * What flows into a variable (assignments, arguments, keys, results) makes its type climb. How an
 * unknown one is used (arithmetic, comparison, as a key) only suggests its first type.
 */
export class Typer {
  /** Set when any type has climbed. */
  hasChanged = false;
  readonly #sink: DiagnosticSink | undefined;

  constructor(sink: DiagnosticSink | undefined) {
    this.#sink = sink;
  }

  report(code: DiagnosticCode, span: Span, message: string, options?: DiagnosticOptions): void {
    this.#sink?.report(code, span, message, options);
  }

  /** The type of a value; `expected` is what its place suggests, when it leaves it open. */
  typeOf(expression: Expression, expected: StaticType | 'map' = 'unknown'): StaticType {
    switch (expression.kind) {
      case 'literal':
        return literalType(expression.value);
      case 'hex':
        return this.#hex(expression, expected);
      case 'local':
        return this.#read(expression.local.types, expected);
      case 'state':
        return this.#stateRead(expression, expected);
      case 'context':
        return expression.type;
      case 'builtin':
        return this.#builtin(expression.builtin, expression.arguments);
      case 'action':
        return this.#actionResult(expression, expected);
      case 'unary':
        return this.#unary(expression);
      case 'binary':
        return this.#binary(expression);
      case 'logical':
        this.typeOf(expression.left);
        this.typeOf(expression.right);
        return 'bool';
      case 'invalid':
        return 'unknown';
    }
  }

  /** What a call's arguments have to be; its result is not asked for. */
  call({ action, arguments: values }: ActionCallExpression): void {
    action.parameters.forEach((parameter, position) => {
      const value = values[position];
      if (value === undefined) return;
      this.flow(value, parameter.types, `the parameter ${parameter.name}`, false);
    });
  }

  /** The type of the cell that is read or written; keys are typed on the way. */
  place({ variable, keys, span }: StateReference): TypeVariable {
    let types = variable.types;
    for (const [depth, key] of keys.entries()) {
      if (types.type === 'unknown' && !types.isDeclared) this.#becomeMap(types);
      if (types.entries === undefined) {
        const message =
          depth === 0
            ? `${variable.name} is no map`
            : `${variable.name} takes ${depth} ${depth === 1 ? 'key' : 'keys'}`;
        if (types.type !== 'unknown') this.report('INDEX_INVALID', span, message);
        for (const rest of keys.slice(depth)) this.typeOf(rest);
        return failedType();
      }
      this.#key(key, types.entries.key, variable.name);
      types = types.entries.value;
    }
    return types;
  }

  /** A value goes to where `target` is the type. `what` names the place in messages. */
  flow(value: Expression, target: TypeVariable, what: string, mayBeNull: boolean): void {
    const type = this.typeOf(value, target.type);
    if (target.isNullCompared) this.#keepNull(value, target, what);
    this.flowType(type, value, target, what, mayBeNull);
  }

  /** As {@link flow}, for a value whose type is known already. */
  flowType(
    type: StaticType,
    value: Expression,
    target: TypeVariable,
    what: string,
    mayBeNull: boolean,
  ): void {
    if (type === 'unknown') return;
    if (type === 'null') {
      this.#flowNull(value.span, target, what, mayBeNull);
      return;
    }
    this.#climb(target, type);
    if (!isCompatible(type, target.type)) {
      const message = `${what} takes ${describeType(target.type)}, and this is ${describeType(type)}`;
      this.report('TYPE_MISMATCH', value.span, message);
      return;
    }
    const problem = checkLiteralRange(value, target);
    if (problem !== undefined) this.report('LITERAL_RANGE', value.span, `${what} ${problem}`);
  }

  /** What an operator makes of its operands, whose types are looked at here. */
  operate(operator: Operator, left: Expression, right: Expression, span: Span): StaticType {
    switch (operator) {
      case '==':
      case '!=':
        this.#equality(left, right, span);
        return 'bool';
      case '<':
      case '>':
      case '<=':
      case '>=':
        this.#ordering(operator, left, right, span);
        return 'bool';
      case '+':
        return this.#addition(left, right, span);
      default:
        return this.#arithmetic(operator, left, right, span);
    }
  }

  #flowNull(span: Span, target: TypeVariable, what: string, mayBeNull: boolean): void {
    if (!target.isDeclared) {
      if (!target.isNullable) this.hasChanged = true;
      target.isNullable = true;
      return;
    }
    if (mayBeNull || holdsNull(target.type)) return;
    const message = `${what} is declared as ${describeType(target.type)} and cannot be null`;
    this.report('NULL_ASSIGNMENT', span, message, {
      hint: 'write the zero of the type, or leave the type out to keep null apart from zero',
    });
  }

  #climb(target: TypeVariable, type: ScalarType): void {
    if (target.isDeclared || target.type === 'map') return;
    const joined = target.type === 'unknown' ? type : join(target.type, type);
    if (joined === target.type) return;
    target.type = joined;
    this.hasChanged = true;
  }

  /** A use says what an unknown type may be; anything that is known stays. */
  #suggest(expression: Expression, type: StaticType | 'map'): void {
    const types = typesOf(expression);
    if (types !== undefined) this.#suggestFor(types, type);
  }

  #suggestFor(types: TypeVariable, type: StaticType | 'map'): void {
    if (types.type !== 'unknown' || types.isDeclared) return;
    if (type === 'unknown' || type === 'null' || type === 'map') return;
    types.type = type;
    this.hasChanged = true;
  }

  #becomeMap(types: TypeVariable): void {
    types.type = 'map';
    types.entries = { key: unknownType(), value: unknownType() };
    this.hasChanged = true;
  }

  #key(key: Expression, types: TypeVariable, map: string): void {
    if (key.kind === 'literal' && key.value === null) {
      this.report('NULL_KEY', key.span, 'null cannot be a key');
      return;
    }
    this.flow(key, types, `the key of ${map}`, true);
  }

  #read(types: TypeVariable, expected: StaticType | 'map'): StaticType {
    this.#suggestFor(types, expected);
    return types.type === 'map' ? 'unknown' : types.type;
  }

  #stateRead(expression: StateReference, expected: StaticType | 'map'): StaticType {
    const types = this.place(expression);
    if (types.type === 'map') {
      const { name } = expression.variable;
      this.report('MAP_VALUE', expression.span, `${name} is a map here, and a map is no value`, {
        hint: `look up an entry: ${name}[key]; maps that are counted, iterated or copied are not supported yet`,
      });
    }
    return this.#read(types, expected);
  }

  #hex(literal: HexLiteral, expected: StaticType | 'map'): StaticType {
    if (this.#sink === undefined) return hexType(literal.text, expected);
    literal.isAddress = isAddressAt(literal, expected, this.#sink);
    return hexType(literal.text, expected);
  }

  #builtin(
    { name, parameters, result }: BuiltinSignature,
    values: readonly Expression[],
  ): ScalarType {
    parameters.forEach((kinds, position) => {
      const value = values[position];
      if (value === undefined) return;
      // One kind only is also what an unknown argument is taken for.
      const only = kinds?.length === 1 ? kinds[0] : undefined;
      const type = this.typeOf(
        value,
        only ?? (kinds?.includes('bytes') ? bytesFor(value) : 'unknown'),
      );
      const fits = kinds?.some((kind) => isCompatible(type, kind)) ?? true;
      const isNull = type === 'null' && kinds !== undefined;
      if (fits && !isNull) {
        const problem =
          only === undefined
            ? undefined
            : checkLiteralRange(value, { ...unknownType(), type: only });
        if (problem !== undefined) this.report('LITERAL_RANGE', value.span, `${name} ${problem}`);
        return;
      }
      const wanted = (kinds ?? []).map((kind) => describeType(kind)).join(' or ');
      const message = `${name} takes ${wanted}, and this is ${describeType(type)}`;
      this.report('TYPE_MISMATCH', value.span, message);
    });
    return result;
  }

  #actionResult(call: ActionCallExpression, expected: StaticType | 'map'): StaticType {
    this.call(call);
    const { action } = call;
    if (!action.returnsValue) {
      this.report('NO_RESULT', call.span, `${action.name} returns nothing`, {
        hint: `write return with a value in ${action.name}, or call it as a statement`,
      });
      return 'unknown';
    }
    return this.#read(action.result, expected);
  }

  #unary(expression: Extract<Expression, { kind: 'unary' }>): StaticType {
    const { operator, operand, span } = expression;
    if (operator === '!') {
      this.typeOf(operand);
      return 'bool';
    }
    const type = this.typeOf(operand, 'integer');
    if (!isIntegral(type) && type !== 'unknown') this.#refuseOperand('-', type, span);
    return 'signed';
  }

  #binary({ operator, left, right, span }: BinaryExpression): StaticType {
    return this.operate(operator, left, right, span);
  }

  /** Both types; each operand of a comparison suggests the other's, a hex literal's last. */
  #pair(left: Expression, right: Expression): readonly [StaticType, StaticType] {
    if (left.kind === 'hex') {
      const type = this.typeOf(right);
      return [this.typeOf(left, type), type];
    }
    const type = this.typeOf(left);
    const other = this.typeOf(right, type);
    this.#suggest(left, other);
    return [type, other];
  }

  #equality(left: Expression, right: Expression, span: Span): void {
    const [leftType, rightType] = this.#pair(left, right);
    if (leftType === 'null' || rightType === 'null') {
      if (leftType !== rightType) this.#nullComparison(leftType === 'null' ? right : left, span);
      return;
    }
    if (isCompatible(leftType, rightType)) return;
    const message = `${describeType(leftType)} is never equal to ${describeType(rightType)}`;
    this.report('COMPARISON_KINDS', span, message);
  }

  #ordering(operator: Operator, left: Expression, right: Expression, span: Span): void {
    const [leftType, rightType] = this.#pair(left, right);
    for (const [type, other] of [
      [leftType, rightType],
      [rightType, leftType],
    ] as const) {
      const isOrdered = isIntegral(type) || type === 'string' || type === 'unknown';
      const isNullOfInteger = type === 'null' && (isIntegral(other) || other === 'unknown');
      if (!isOrdered && !isNullOfInteger) {
        this.#refuseOperand(operator, type, span);
        return;
      }
    }
    if (!isCompatible(leftType, rightType)) this.#refuseOperand(operator, rightType, span);
  }

  #addition(left: Expression, right: Expression, span: Span): StaticType {
    const leftType = this.typeOf(left);
    const rightType = this.typeOf(right, isIntegral(leftType) ? leftType : 'unknown');
    if (isIntegral(rightType)) this.#suggest(left, rightType);
    if (leftType === 'string' || rightType === 'string') return 'string';
    for (const type of [leftType, rightType]) {
      if (!isNumber(type) && type !== 'null') {
        this.#refuseOperand('+', type, span);
        return 'unknown';
      }
    }
    if (leftType === 'unknown' || rightType === 'unknown') return 'unknown';
    return sumType(leftType, rightType);
  }

  #arithmetic(operator: Operator, left: Expression, right: Expression, span: Span): StaticType {
    const leftType = this.typeOf(left, 'integer');
    const rightType = this.typeOf(right, 'integer');
    const isDivision = operator === '/' || operator === '%';
    if (isDivision && isLiteralZero(right)) {
      this.report('DIVISION_BY_ZERO', right.span, 'this always reverts: division by zero', {
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
        this.#refuseOperand(operator, type, span);
        return 'integer';
      }
    }
    return sumType(leftType, rightType);
  }

  #refuseOperand(operator: string, type: StaticType, span: Span): void {
    this.report('OPERAND_TYPE', span, `${operator} does not work with ${describeType(type)}`, {
      hint: type === 'null' ? undefined : 'string(x) makes text of any value',
    });
  }

  /** `value == null`: the value must be able to be null, all the way from where it comes. */
  #nullComparison(value: Expression, span: Span): void {
    switch (value.kind) {
      case 'state': {
        const types = typesOf(value);
        if (types === undefined || types.type === 'map') return;
        if (!this.#canBeNull(types)) {
          const { name } = value.variable;
          const message = `${name} holds ${describeType(types.type)} and is never null`;
          this.report('NULL_COMPARISON', span, message, {
            hint: 'compare with the zero of the type, or leave its type out to keep null apart from zero',
          });
        }
        return;
      }
      case 'local':
        value.local.nullComparison = span;
        if (value.local.isParameter && value.local.types.isDeclared) {
          const message = `the parameter ${value.local.name} has a type and is never null`;
          this.report('NULL_COMPARISON', span, message);
          return;
        }
        this.#compareWithNull(value.local.types);
        return;
      case 'action':
        this.#compareWithNull(value.action.result);
        return;
      case 'invalid':
        return;
      default:
        this.report('NULL_COMPARISON', span, 'this value is never null');
    }
  }

  #compareWithNull(types: TypeVariable): void {
    if (!types.isNullCompared) this.hasChanged = true;
    types.isNullCompared = true;
  }

  /** Makes an inferred type keep null apart from zero; false for a declared one that cannot. */
  #canBeNull(types: TypeVariable): boolean {
    if (types.isDeclared) return holdsNull(types.type);
    if (!types.isNullable) this.hasChanged = true;
    types.isNullable = true;
    return true;
  }

  /** A value flows to where it is compared with null: its source has to keep null apart from zero. */
  #keepNull(value: Expression, target: TypeVariable, what: string): void {
    if (value.kind === 'local' && value.local.types !== target) {
      this.#compareWithNull(value.local.types);
    } else if (value.kind === 'action') {
      this.#compareWithNull(value.action.result);
    } else if (value.kind === 'state') {
      const types = typesOf(value);
      if (types === undefined || types.type === 'map' || this.#canBeNull(types)) return;
      const message = `${value.variable.name} holds ${describeType(types.type)}, never null`;
      this.report('NULL_LOST', value.span, `${what} is compared with null, but ${message}`, {
        severity: 'warning',
      });
    }
  }
}

function literalType(value: null | boolean | bigint | string): StaticType {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'bigint':
      return 'integer';
    case 'boolean':
      return 'bool';
    default:
      return 'string';
  }
}

function isNumber(type: StaticType): boolean {
  return isIntegral(type) || type === 'unknown';
}

function sumType(left: StaticType, right: StaticType): StaticType {
  return left === 'signed' || right === 'signed' ? 'signed' : 'integer';
}

/** Hex literals with 40 digits are bytes where a builtin takes bytes; other arguments are left open. */
function bytesFor(value: Expression): StaticType {
  return value.kind === 'hex' ? 'bytes' : 'unknown';
}

/** The types of what an expression only passes on, found without looking at its parts again. */
export function typesOf(expression: Expression): TypeVariable | undefined {
  switch (expression.kind) {
    case 'local':
      return expression.local.types;
    case 'action':
      return expression.action.result;
    case 'state': {
      let types: TypeVariable | undefined = expression.variable.types;
      for (let depth = 0; depth < expression.keys.length; depth += 1) types = types?.entries?.value;
      return types;
    }
    default:
      return undefined;
  }
}
