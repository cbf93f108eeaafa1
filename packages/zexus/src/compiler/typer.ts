import { unreachable } from '@lucerna/base';
import { hexType, isAddressAt } from './hex-literals.ts';
import type { Expression, HexLiteral, StateReference } from './tree.ts';
import {
  typeActionResult,
  typeBuiltin,
  typeCast,
  typeContractCall,
  typeFunction,
  typeInvoke,
  typeMethodCall,
  typeOperation,
} from './typer-calls.ts';
import { TypeFlow } from './typer-flow.ts';
import { keepNull, operate, typeLogical, typeUnary } from './typer-operators.ts';
import { readType } from './typer-places.ts';
import {
  literalType,
  typeConditional,
  typeIndex,
  typeList,
  typeMap,
  typeMatch,
  typePlace,
  typeSlice,
} from './typer-values.ts';
import type { StaticType, TypeVariable } from './types.ts';

/**
 * Gives types to expressions. One walk serves twice: without a sink it is a step of inference that
 * lets types climb and says whether any did; with a sink it reports what does not fit the types that
 * inference ended with.
 */
export class Typer extends TypeFlow {
  override typeOf(
    expression: Expression,
    expected: StaticType = 'unknown',
    into?: TypeVariable,
  ): StaticType {
    switch (expression.kind) {
      case 'literal':
        return literalType(expression.value);
      case 'hex':
        return this.#hex(expression, expected);
      case 'local':
        this.suggestFor(expression.local.types, expected);
        return readType(expression.local.types, false);
      case 'state':
        return this.#stateRead(expression, expected);
      case 'index':
        return typeIndex(this, expression);
      case 'context':
        return expression.type;
      case 'list':
        return typeList(this, expression, into);
      case 'map':
        return typeMap(this, expression, into);
      case 'slice':
        return typeSlice(this, expression);
      case 'unary':
        return typeUnary(this, expression);
      case 'binary': {
        const { operator, left, right, span } = expression;
        return operate(this, operator, left, right, span, into);
      }
      case 'logical':
        return typeLogical(this, expression, expected, into);
      case 'conditional':
        return typeConditional(this, expression, expected, into);
      case 'match':
        return typeMatch(this, expression, expected, into);
      case 'invalid':
        return 'unknown';
      default:
        return this.#call(expression, expected);
    }
  }

  #call(
    expression: Extract<
      Expression,
      {
        kind:
          | 'action'
          | 'builtin'
          | 'cast'
          | 'contractCall'
          | 'function'
          | 'invoke'
          | 'method'
          | 'operation';
      }
    >,
    expected: StaticType,
  ): StaticType {
    switch (expression.kind) {
      case 'builtin':
        return typeBuiltin(this, expression);
      case 'operation':
        typeOperation(this, expression.arguments);
        return expression.result;
      case 'action':
        return typeActionResult(this, expression, expected);
      case 'method':
        return typeMethodCall(this, expression, true, expected);
      case 'contractCall':
        return typeContractCall(this, expression);
      case 'function':
        return typeFunction(this, expression);
      case 'invoke':
        return typeInvoke(this, expression);
      case 'cast':
        return typeCast(this, expression);
      default:
        return unreachable(expression);
    }
  }

  override keepNull(value: Expression, target: TypeVariable, what: string): void {
    keepNull(this, value, target, what);
  }

  #stateRead(expression: StateReference, expected: StaticType): StaticType {
    const types = typePlace(this, expression);
    this.suggestFor(types, expected);
    return readType(types, true);
  }

  #hex(literal: HexLiteral, expected: StaticType): StaticType {
    if (this.sink === undefined) return hexType(literal.text, expected);
    literal.isAddress = isAddressAt(literal, expected, this.sink);
    return hexType(literal.text, expected);
  }
}
