import type { LucernaError } from '@lucerna/base';
import type { Log } from './receipt.ts';

/** Where in a source an instruction comes from. */
export type SourceLocation = {
  /** Name of the file as the compiler was told it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The action that the instruction belongs to. */
  readonly action: string;
};

/** What kind of frame a call is. `transfer`: value that a contract has sent without running code. */
export type CallTraceKind = 'call' | 'static' | 'delegate' | 'create' | 'create2' | 'transfer';

/** One frame of a transaction and all that it has called. */
export type CallTrace = {
  readonly kind: CallTraceKind;
  readonly from: Uint8Array;
  /** For a creation the new contract, also when it failed. */
  readonly to: Uint8Array;
  /** Wei. */
  readonly value: bigint;
  /** What the frame was given. For the outermost one: the gas limit of the transaction. */
  readonly gas: bigint;
  /** For the outermost one: what the receipt says. */
  readonly gasUsed: bigint;
  readonly input: Uint8Array;
  /** What it returned, the code of the new contract, or the data of a revert. */
  readonly output: Uint8Array;
  /** Why it failed; undefined when it succeeded. */
  readonly error: LucernaError | undefined;
  /** The instruction that failed, when the contract carries a source map. */
  readonly location: SourceLocation | undefined;
  /** The frame that made it has gone on after it, and has taken back all that it did. */
  readonly isTakenBack?: true;
  /** Logs of this frame itself, without those that it took back; those of failed frames are in it too. */
  readonly logs: readonly Log[];
  readonly calls: readonly CallTrace[];
};

/** One instruction that was executed. */
export type TraceStep = {
  /** Position in the bytecode of the contract: of its action's code, counted through all actions. */
  readonly pc: number;
  /** Name of the operation. */
  readonly op: string;
  /** Gas left before it. */
  readonly gas: bigint;
  readonly gasCost: bigint;
  /** 1 for the frame of the transaction. */
  readonly depth: number;
  /** The contract that runs. */
  readonly address: Uint8Array;
  /** Operands as canonical text, the topmost last; undefined when they were not asked for. */
  readonly stack: readonly string[] | undefined;
  readonly location: SourceLocation | undefined;
  /** Why the frame ended with this instruction. */
  readonly error: string | undefined;
};

/** The instructions of a transaction in order. */
export type StepTrace = {
  readonly steps: readonly TraceStep[];
  /** There were more than the limit. */
  readonly isTruncated: boolean;
};

/** How a transaction ran, once more. */
export type TransactionTrace = {
  readonly transactionHash: Uint8Array | undefined;
  readonly calls: CallTrace;
  /** It had more calls than the limits of calls and of their bytes: the later ones are missing. */
  readonly isTruncated: boolean;
  /** Undefined unless asked for. */
  readonly steps: StepTrace | undefined;
};
