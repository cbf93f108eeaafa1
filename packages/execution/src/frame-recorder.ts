import type { CallExit, CallTracer, TraceCheckpoint } from './trace/tracer.ts';

/**
 * Writes down in short how the frames of a transaction have ended. Two runs of the same call on the same
 * state with different gas have done the same when these are equal: a contract cannot see its gas, so it
 * goes another way only where itself, or a frame within it, has ended otherwise.
 */
export class FrameRecorder implements CallTracer {
  /** One text for all frames. */
  frames = '';
  /** Whether a frame has failed and taken all its gas with it. */
  hasWasted = false;

  /** Instructions are of no interest. */
  readonly vm: CallTracer['vm'] = undefined;

  enter(): void {
    this.frames += '(';
  }

  exit({ status, gasLeft, error }: CallExit): void {
    this.frames += `${error?.code ?? ''})`;
    if (status === 0 && gasLeft === 0n) this.hasWasted = true;
  }

  /** What a frame takes back follows from how those within it have ended. */
  checkpoint(): TraceCheckpoint {
    return { logs: 0, calls: 0 };
  }

  revertTo(): void {
    return;
  }

  /** What a frame logs follows from how it ends, and so does whom it pays. */
  log(): void {
    return;
  }

  transfer(): void {
    return;
  }
}
