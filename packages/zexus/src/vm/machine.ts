import type { SignatureEngine } from '@lucerna/crypto';
import { Failure, type Revert } from './halt.ts';
import type { CallContext, CallPort, Checkpoint, HostState } from './host.ts';
import type { Meter } from './meter.ts';
import type { Program } from './program.ts';
import type { RunTrace } from './run-trace.ts';
import type { Value } from './value.ts';

/** What a run has done, counted: what failed and was caught counts as well. */
export type RunStatistics = {
  /** Words read and written in the state. */
  stateReads: number;
  stateWrites: number;
  /** Calls of other contracts, whatever they came to; what happens in them is not counted. */
  calls: number;
  logs: number;
  hashes: number;
  /** Actions of the contract that were called within the run, the first one not counted. */
  actionCalls: number;
};

/** A TX_BEGIN that has no end yet. */
export type OpenCheckpoint = {
  readonly checkpoint: Checkpoint;
  /** The refund of then. */
  readonly refund: number;
};

/** What a handler of a failure was given: thrown again, it is the same failure. */
export type CaughtRevert = { readonly revert: Revert; readonly value: Value };

/** One run of a program: what its instructions work on beside their registers. */
export type Machine = {
  readonly program: Program;
  readonly context: CallContext;
  readonly host: HostState;
  readonly calls: CallPort;
  readonly signatures: SignatureEngine;
  readonly meter: Meter;
  /** What the run was called with; empty at a deployment. */
  readonly calldata: Uint8Array;
  /** Nothing may be written now: the call is static, or a view action runs. */
  isStatic: boolean;
  /** Another run on the same state waits for this one to end: only what changes nothing may run. */
  readonly isReentrant: boolean;
  readonly checkpoints: OpenCheckpoint[];
  /** The last ones, the latest at the end. */
  readonly caught: CaughtRevert[];
  readonly statistics: RunStatistics;
  /** Is told what a traced program does. */
  readonly trace?: RunTrace | undefined;
};

/** Statistics of a run that has done nothing. */
export function noStatistics(): RunStatistics {
  return { stateReads: 0, stateWrites: 0, calls: 0, logs: 0, hashes: 0, actionCalls: 0 };
}

/** @throws `Failure` STATIC_WRITE */
export function requireWritable(machine: Machine): void {
  if (machine.isStatic) throw new Failure('STATIC_WRITE');
}
