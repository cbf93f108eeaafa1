import type { StateSchema } from '../layout/schema.ts';
import type { Instruction } from './opcodes.ts';

/** A constant of the program. Addresses and bytes are told apart by their tags. */
export type Constant =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'address'; readonly value: Uint8Array };

/**
 * A parameter or a field with its type in the ABI, such as `uint256`. The type of a private action's
 * parameter may be empty: it takes any value. Names of all kinds are identifiers.
 */
export type AbiField = { readonly name: string; readonly type: string };

/** Whether an action may write, and whether it takes value. */
export type Mutability = 'nonpayable' | 'payable' | 'view';

/** One action: a name in the source, perhaps a function of the ABI, and its code. */
export type ContainerAction = {
  readonly name: string;
  /** The function's name in the ABI; undefined for private actions and for `init`. */
  readonly exportedAs: string | undefined;
  readonly mutability: Mutability;
  readonly parameters: readonly AbiField[];
  /**
   * The result's type in the ABI; undefined when the action returns nothing, and in a private action
   * also when it may return any value.
   */
  readonly result: string | undefined;
  readonly code: readonly Instruction[];
};

/** An event of the ABI; at most three fields are indexed. */
export type ContainerEvent = {
  readonly name: string;
  readonly fields: readonly (AbiField & { readonly indexed: boolean })[];
};

/** From an instruction of an action on, the code comes from this place in the source. */
export type SourcePlace = {
  /** Index in the action's code. */
  readonly instruction: number;
  /** From 1. */
  readonly line: number;
  /** From 1, in code points. */
  readonly column: number;
};

/** Where in its source a contract's instructions come from. Contracts cannot read it. */
export type SourceMap = {
  /** Name of the file, as the compiler was told it. */
  readonly file: string;
  /**
   * For each action its places, in the order of its instructions, each other than the one before.
   * Instructions before the first have none.
   */
  readonly actions: readonly (readonly SourcePlace[])[];
};

/** A compiled contract: what is deployed, before its encoding to bytes. */
export type Container = {
  readonly name: string;
  readonly constants: readonly Constant[];
  readonly schema: StateSchema;
  /** Names are unique: there is no overloading. */
  readonly events: readonly ContainerEvent[];
  /** Names, exported names and selectors are unique: there is no overloading. */
  readonly actions: readonly ContainerAction[];
  /**
   * Index of the action that runs at deployment: it sets the initial values of the state, then runs
   * what the source calls `init`. It is not exported, is no view and has no result; all its parameters have types. Undefined when there
   * is nothing to run.
   */
  readonly init: number | undefined;
  /**
   * Facts for tools, such as the compiler's version and the hash of the source; at most 1 KiB each.
   * Keys are unique and not empty.
   */
  readonly metadata: readonly (readonly [key: string, value: string])[];
  /** Absent when the compiler was told to leave it out. */
  readonly sourceMap?: SourceMap;
};
