import type { AbiEventLayout } from '@lucerna/protocol';
import type { StateShape } from '../layout/schema.ts';
import type { BoundaryType } from './boundary-type.ts';
import type { ProgramPlace } from './places.ts';
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
  /** Gas that one run of it may use; infinite without such a limit. */
  readonly gasLimit: number;
  /** Types of the parameters in the ABI; empty for actions that nothing outside can call. */
  readonly parameterTypes: readonly BoundaryType[];
  readonly resultType: BoundaryType | undefined;
};

/** A variable of the state with its slot. */
export type ProgramVariable = {
  readonly name: string;
  readonly slot: Uint8Array;
  readonly shape: StateShape;
};

/** A declared event, ready to be emitted. */
export type ProgramEvent = {
  readonly layout: AbiEventLayout;
  /** Of its fields. */
  readonly types: readonly BoundaryType[];
};

/** A declared error, ready to revert with. */
export type ProgramError = {
  readonly name: string;
  readonly selector: Uint8Array;
  readonly fields: readonly string[];
  readonly types: readonly BoundaryType[];
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
  /** What instructions read and write in the state. */
  readonly places: readonly ProgramPlace[];
  readonly events: readonly ProgramEvent[];
  readonly errors: readonly ProgramError[];
  /** Actions by the selector of their function, as an unsigned 32-bit number. */
  readonly functions: ReadonlyMap<number, ProgramAction>;
  /** The same actions by the names that `zx_call` knows: those of the source and of the ABI. */
  readonly named: ReadonlyMap<string, ProgramAction>;
  /** What runs at deployment. */
  readonly init: ProgramAction | undefined;
  readonly fallback: ProgramAction | undefined;
  readonly receive: ProgramAction | undefined;
  /** What a tracer can be told of; undefined unless the program was lowered to be traced. */
  readonly trace: ProgramTrace | undefined;
};

/** About how many bytes of memory a program takes, at most: for caches. */
export function programBytes(program: Program): number {
  const { actions, constants, errors, events, named, places, trace, variables } = program;
  const types = [
    ...actions.flatMap(({ parameterTypes }) => parameterTypes),
    ...actions.flatMap(({ resultType }) => (resultType === undefined ? [] : [resultType])),
    ...events.flatMap((event) => event.types),
    ...errors.flatMap((error) => error.types),
  ];
  const rows = [actions, constants, errors, events, places, variables];
  let entries = named.size;
  for (const { length } of rows) entries += length;
  for (const type of types) entries += typeEntries(type);
  for (const { shape } of [...variables, ...places]) entries += shapeLevels(shape);
  let bytes = BASE_BYTES + program.code.byteLength + ENTRY_BYTES * entries;
  for (const constant of constants) bytes += constantBytes(constant);
  return trace === undefined ? bytes : bytes + programTraceBytes(trace);
}

/** Types in a type, itself among them. */
function typeEntries({ element, components = [] }: BoundaryType): number {
  let entries = element === undefined ? 1 : 1 + typeEntries(element);
  for (const { type } of components) entries += typeEntries(type);
  return entries;
}

function shapeLevels(shape: StateShape): number {
  let levels = 1;
  for (let inner = shape; inner.kind !== 'cell'; levels += 1) {
    inner = inner.kind === 'list' ? inner.element : inner.value;
  }
  return levels;
}

const BASE_BYTES = 1_024;
/** An object or two with their place in a list and in a map. */
const ENTRY_BYTES = 256;

function constantBytes(constant: Value): number {
  // Text has two bytes a character at most.
  if (typeof constant === 'string') return 2 * constant.length;
  return constant instanceof Uint8Array ? constant.length : 0;
}
