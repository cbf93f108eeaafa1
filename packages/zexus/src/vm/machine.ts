import { Failure } from './halt.ts';
import type { CallContext, HostState } from './host.ts';
import type { Meter } from './meter.ts';
import type { Program } from './program.ts';
import type { RunTrace } from './run-trace.ts';

/** One run of a program: what its instructions work on beside their registers. */
export type Machine = {
  readonly program: Program;
  readonly context: CallContext;
  readonly host: HostState;
  readonly meter: Meter;
  /** Nothing may be written now: the call is static, or a view action runs. */
  isStatic: boolean;
  /** Is told what a traced program does. */
  readonly trace?: RunTrace | undefined;
};

/** @throws `Failure` STATIC_WRITE */
export function requireWritable(machine: Machine): void {
  if (machine.isStatic) throw new Failure('STATIC_WRITE');
}
