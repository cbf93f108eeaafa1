import type { SourcePlace } from '../bytecode/container.ts';
import type { Instruction } from '../bytecode/opcodes.ts';
import { ActionContext, type ContractCode, type Emitters } from './generate-context.ts';
import { emitValue } from './generate-expressions.ts';
import { declareLocal } from './generate-places.ts';
import { emitStatement } from './generate-statements.ts';
import type { SourcePlaces } from './source-places.ts';
import { type Action, isBoxed, type Local, type StoreStatement } from './tree.ts';

/** The code of one action, and what the machine's limits count of it. */
export type GeneratedCode = {
  readonly code: readonly Instruction[];
  readonly maxStackDepth: number;
  /** Names of the variables that the compiler added. */
  readonly temporaries: readonly string[];
  /** Where it comes from; empty when that is not asked for. */
  readonly places: readonly SourcePlace[];
};

const EMITTERS: Emitters = { value: emitValue, statement: emitStatement };

/**
 * Turns the statements of one action into stack code. Operands are evaluated from left to right. The
 * only thing computed at compile time is the sign of a written integer; besides, a written `true` or
 * `false` as a condition takes no test, and what cannot be reached is left out. With `places` it also
 * says where the code comes from.
 */
export function generateAction(
  initials: readonly StoreStatement[],
  action: Action,
  code: ContractCode,
  places: SourcePlaces | undefined,
): GeneratedCode {
  const { body, bodySpan, locals, parameters } = action;
  const context = new ActionContext(code, EMITTERS, [...parameters, ...locals], places);
  context.goTo(bodySpan.start);
  for (const parameter of parameters.slice(code.captured.get(action) ?? 0)) box(context, parameter);
  context.statements(initials);
  context.statements(body);
  // What returns without a word belongs to the end of the body.
  context.goTo(bodySpan.end - 1);
  context.constant({ kind: 'null' });
  context.assembler.emit('RETURN');
  return {
    code: context.assembler.finish(),
    maxStackDepth: context.assembler.maxDepth,
    temporaries: [...context.temporaries],
    places: context.assembler.places,
  };
}

/** What functions share lives in a list from the beginning; what they captured is in one already. */
function box(context: ActionContext, parameter: Local): void {
  if (!isBoxed(parameter)) return;
  context.load(parameter.name);
  declareLocal(context, parameter);
}
