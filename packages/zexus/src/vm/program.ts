import type { AbiEventLayout, AbiType } from '@lucerna/protocol';
import type { CellType } from '../layout/schema.ts';
import { type ProgramTrace, programTraceBytes } from './program-trace.ts';
import type { Value } from './value.ts';

/** An action as the interpreter runs it. */
export type ProgramAction = {
  readonly name: string;
  /** Where its register code begins in the program's. */
  readonly entry: number;
  /** Its first registers: the parameters in order, then the other local variables. */
  readonly parameterCount: number;
  readonly localCount: number;
  /** Local variables and the deepest stack. */
  readonly registerCount: number;
  readonly isView: boolean;
  readonly isPayable: boolean;
  /** Types of the parameters in the ABI; empty for actions that nothing outside can call. */
  readonly parameterTypes: readonly AbiType[];
  readonly resultType: AbiType | undefined;
};

/** A variable of the state with its slot. */
export type ProgramVariable = {
  readonly slot: Uint8Array;
  readonly type: CellType;
  /** Keys that lead to a cell; none for what is a cell itself. */
  readonly depth: number;
};

/**
 * A verified contract, ready to run. Depends on the container alone and never changes. Does not hold
 * on to the container, whose instructions take ten times the memory of the register code.
 */
export type Program = {
  /** Instructions of {@link REGISTER_STRIDE} numbers each, all actions one after the other. */
  readonly code: Int32Array;
  readonly constants: readonly Value[];
  readonly actions: readonly ProgramAction[];
  readonly variables: readonly ProgramVariable[];
  readonly events: readonly AbiEventLayout[];
  /** Actions by the selector of their function, as an unsigned 32-bit number. */
  readonly functions: ReadonlyMap<number, ProgramAction>;
  /** What runs at deployment. */
  readonly init: ProgramAction | undefined;
  /** What a tracer can be told of; undefined unless the program was lowered to be traced. */
  readonly trace: ProgramTrace | undefined;
};

/** About how many bytes of memory a program takes, at most: for caches. */
export function programBytes(program: Program): number {
  let bytes = BASE_BYTES + program.code.byteLength;
  for (const { parameterTypes } of program.actions) {
    bytes += ENTRY_BYTES + REFERENCE_BYTES * parameterTypes.length;
  }
  for (const { fields } of program.events) bytes += ENTRY_BYTES * (1 + fields.length);
  for (const constant of program.constants) bytes += ENTRY_BYTES + constantBytes(constant);
  if (program.trace !== undefined) bytes += programTraceBytes(program.trace);
  return bytes + ENTRY_BYTES * program.variables.length;
}

const BASE_BYTES = 1_024;
/** An object or two with their place in a list and in a map. */
const ENTRY_BYTES = 256;
const REFERENCE_BYTES = 8;

function constantBytes(constant: Value): number {
  // Text has two bytes a character at most.
  if (typeof constant === 'string') return 2 * constant.length;
  return constant instanceof Uint8Array ? constant.length : 0;
}
