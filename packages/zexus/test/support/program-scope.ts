import type { ProgramEntity, ProgramType } from './program-types.ts';

/** What a generated action looks like from outside. */
export type ProgramAction = {
  readonly name: string;
  readonly isExported: boolean;
  /** Its name in the ABI where the source gives it one. */
  readonly exportedAs: string | undefined;
  readonly isPayable: boolean;
  readonly isView: boolean;
  readonly parameters: readonly { readonly name: string; readonly type: ProgramType }[];
  readonly result: ProgramType | undefined;
};

/** A variable of the state. */
export type Variable = { readonly name: string; readonly type: ProgramType };

/** A local variable; a fixed one is not assigned to. */
export type Local = {
  readonly name: string;
  readonly type: ProgramType;
  readonly isFixed: boolean;
};

/** A local variable that holds a function. */
export type LocalFunction = {
  readonly name: string;
  readonly parameters: readonly ProgramType[];
  readonly result: ProgramType;
};

export type Event = { readonly name: string; readonly fields: readonly ProgramType[] };
export type Modifier = { readonly name: string; readonly parameter: ProgramType | undefined };

/** A contract that others of the program can call. */
export type Callee = {
  readonly contractName: string;
  /** Its address, as the source writes it. */
  readonly address: string;
  readonly actions: readonly ProgramAction[];
};

/** What a contract has declared so far. */
export type Declared = {
  readonly variables: Variable[];
  readonly events: Event[];
  readonly errors: Event[];
  readonly modifiers: Modifier[];
  readonly entities: ProgramEntity[];
  /** Members of enums and constants of integers. */
  readonly integers: string[];
  /** Functions of the file. */
  readonly functions: ProgramAction[];
  readonly actions: ProgramAction[];
  readonly callees: Callee[];
};

/** Where code stands: what it may read, write and call. */
export type Place = {
  readonly action: ProgramAction | undefined;
  /** Whether the contract's state and the call's circumstances are in reach. */
  readonly isPure: boolean;
  readonly isView: boolean;
  /** Names in sight, innermost last. */
  readonly locals: readonly Local[];
  readonly functions: readonly LocalFunction[];
  readonly isInLoop: boolean;
  /** Within a function as a value: it returns nothing of the action's type. */
  readonly isInFunction: boolean;
  readonly indent: string;
};

/** Where initial values stand. */
export const OUTSIDE: Place = {
  action: undefined,
  isPure: true,
  isView: true,
  locals: [],
  functions: [],
  isInLoop: false,
  isInFunction: false,
  indent: '',
};
