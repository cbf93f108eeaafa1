import type { ContractContext } from './contract-context.ts';
import { typeIn } from './declared-types.ts';
import { hexType } from './hex-literals.ts';
import { checkLiteralRange, literalInteger } from './literal-range.ts';
import type { DeclaredOf } from './names.ts';
import type { Expression } from './tree.ts';
import { describeType, isCompatible, type StaticType } from './types.ts';

/** Finds the value of a constant; it has to be of the type that is written. */
export function checkConstant(context: ContractContext, declared: DeclaredOf<'constant'>): void {
  const { declaration, scope } = declared;
  const { type, value: written, name } = declaration;
  const value = context.constants.value(declared, written.span);
  if (type === undefined || value.kind === 'invalid') return;
  context.sink.within(scope.source, () => {
    const types = typeIn(context, scope, type);
    const actual = typeOfConstant(value, types.type);
    if (!isCompatible(actual, types.type)) {
      const message = `${name.name} is declared as ${describeType(types.type)}, and this is ${describeType(actual)}`;
      context.sink.report('TYPE_MISMATCH', written.span, message);
      return;
    }
    const problem = checkLiteralRange(value, types);
    if (problem === undefined) return;
    context.sink.report('LITERAL_RANGE', written.span, `${name.name} ${problem}`);
  });
}

function typeOfConstant(value: Expression, expected: StaticType): StaticType {
  if (literalInteger(value) !== undefined) return 'integer';
  switch (value.kind) {
    case 'literal':
      if (value.value === null) return 'null';
      return typeof value.value === 'string' ? 'string' : 'bool';
    case 'hex':
      return hexType(value.text, expected);
    case 'list':
    case 'map':
      return value.kind;
    case 'builtin':
      return value.builtin.result;
    default:
      return 'unknown';
  }
}
