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
 * A parameter or a field with its type in the JSON ABI, such as `uint256`, `address[]` or `tuple[]`.
 * The type of a private action's parameter may be empty: it takes any value. Names of all kinds are
 * identifiers; the name of a result is empty.
 */
export type AbiField = {
  readonly name: string;
  readonly type: string;
  /** The fields of a tuple; present exactly when the type is one, or a list of them. */
  readonly components?: readonly AbiField[];
  /**
   * The type is `bytes`, and they are the canonical encoding of a value of any kind (docs/spec/storage.md):
   * what stands in the ABI for a parameter, result or field without a type. In the container a type code
   * of its own; in the JSON ABI plain `bytes`.
   */
  readonly isEncoded?: true;
};

/** Whether an action may read the state, write, and take value. */
export type Mutability = 'nonpayable' | 'payable' | 'pure' | 'view';

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
  readonly result: AbiField | undefined;
  /** Gas that one run of it may use at most, with all that it calls; undefined without such a limit. */
  readonly gasLimit: number | undefined;
  readonly code: readonly Instruction[];
};

/** An event of the ABI; at most three fields are indexed. */
export type ContainerEvent = {
  readonly name: string;
  readonly fields: readonly (AbiField & { readonly indexed: boolean })[];
};

/** An error of the ABI that the contract can revert with. */
export type ContainerError = { readonly name: string; readonly fields: readonly AbiField[] };

/** From an instruction of an action on, the code comes from this place in the source. */
export type SourcePlace = {
  /** Index in the action's code. */
  readonly instruction: number;
  /** From 1. */
  readonly line: number;
  /** From 1, in code points. */
  readonly column: number;
};

/** The places of one action's code, all in one file. */
export type ActionPlaces = {
  /** Index of the file. */
  readonly file: number;
  /**
   * In the order of the instructions, each other than the one before. Instructions before the first
   * have none.
   */
  readonly places: readonly SourcePlace[];
};

/** Where in its source a contract's instructions come from. Contracts cannot read it. */
export type SourceMap = {
  /** Names of the files, as the compiler was told them; the first is that of the contract. */
  readonly files: readonly string[];
  /** For each action where its code comes from. */
  readonly actions: readonly ActionPlaces[];
};

/** A compiled contract: what is deployed, before its encoding to bytes. */
export type Container = {
  readonly name: string;
  readonly constants: readonly Constant[];
  readonly schema: StateSchema;
  /** Names are unique: there is no overloading. */
  readonly events: readonly ContainerEvent[];
  /** Names are unique. */
  readonly errors: readonly ContainerError[];
  /** Names, exported names and selectors are unique: there is no overloading. */
  readonly actions: readonly ContainerAction[];
  /**
   * Index of the action that runs at deployment: it sets the initial values of the state, then runs
   * what the source calls `init`. It is not exported, is no view and has no result; all its parameters have types. Undefined when there
   * is nothing to run.
   */
  readonly init: number | undefined;
  /**
   * Index of the action that takes every call whose selector is no function of the ABI. It is not
   * exported. It has no parameter or one of type `bytes`, the whole calldata; a result is `bytes`, which
   * go back to the caller as they are.
   */
  readonly fallback: number | undefined;
  /** Index of the payable action without parameters and result that takes calls without data. */
  readonly receive: number | undefined;
  /**
   * Facts for tools, such as the compiler's version and the hash of the source; at most 1 KiB each.
   * Keys are unique and not empty.
   */
  readonly metadata: readonly (readonly [key: string, value: string])[];
  /** Absent when the compiler was told to leave it out. */
  readonly sourceMap?: SourceMap;
};
