import type { LucernaError } from '@lucerna/base';
import type { CallTraceKind, Log } from '@lucerna/protocol';
import type { VmTracer } from '@lucerna/zexus';

/** What a frame begins with. */
export type CallEntry = {
  readonly kind: Exclude<CallTraceKind, 'transfer'>;
  /** Whose money and name the call has. */
  readonly from: Uint8Array;
  /** The account, which for a creation is the new contract. */
  readonly to: Uint8Array;
  /** Wei. */
  readonly value: bigint;
  /** What the frame may use. */
  readonly gas: bigint;
  /** Calldata, or init data. */
  readonly input: Uint8Array;
};

/** What a frame came to: the part of its outcome that a trace shows. */
export type CallExit = {
  readonly status: 0 | 1;
  readonly gasLeft: bigint;
  /** What the contract returned, the code of the new contract, or the data of a revert. */
  readonly returnData: Uint8Array;
  readonly error: LucernaError | undefined;
};

/** How much a frame had done at some moment. */
export type TraceCheckpoint = {
  /** Logs of the frame, and of the frames within it that have succeeded. */
  readonly logs: number;
  readonly calls: number;
};

/**
 * Is told what happens while a transaction is executed. It only watches: whoever calls it is none
 * the wiser for it, and gives it nothing that it could change. Each `enter` has its `exit`, and
 * frames nest; what lies between belongs to the innermost frame that is open.
 */
export type CallTracer = {
  /** A frame begins: also one that fails at once, such as a creation where a contract is already. */
  enter(call: CallEntry): void;
  /** The innermost frame has ended. */
  exit(outcome: CallExit): void;
  /** The contract of the innermost frame has made a log; the frame may still be taken back. */
  log(log: Log): void;
  /** A contract has sent wei without running code. Value that comes with a frame is not told. */
  transfer(from: Uint8Array, to: Uint8Array, value: bigint): void;
  /** The moment to which the innermost frame may go back. */
  checkpoint(): TraceCheckpoint;
  /** The innermost frame has taken back all that it did since then, and goes on. */
  revertTo(checkpoint: TraceCheckpoint): void;
  /**
   * Goes to the engine with the frame, as `EngineRun.tracer`: is told its instructions. Undefined: they
   * are of no interest.
   */
  readonly vm: VmTracer | undefined;
};
