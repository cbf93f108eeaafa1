import type { AbiEventLayout, AbiType } from '@lucerna/protocol';
import type { Container } from '../bytecode/container.ts';
import type { CellType } from '../layout/schema.ts';
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

/** A verified contract, ready to run. Depends on the container alone and never changes. */
export type Program = {
  readonly container: Container;
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
};
