import { assert, EMPTY_BYTES, present } from '@lucerna/base';
import type { CallTrace, Log, StepTrace } from '@lucerna/protocol';
import type { TracedRun, VmTracer } from '@lucerna/zexus';
import { executionLimits } from '../limits.ts';
import { endStep, type OpenStep, type StepRecorder } from './step-recorder.ts';
import type { CallEntry, CallExit, CallTracer, TraceCheckpoint } from './tracer.ts';

/** How many bytes of calls one answer may show, whatever the number of its transactions. */
export class CallBytes {
  #left: number = executionLimits.values.tracedCallBytes;

  get areSpent(): boolean {
    return this.#left < 0;
  }

  spend(bytes: number): void {
    this.#left -= bytes;
  }
}

/** A frame that has not ended. */
type OpenFrame = {
  readonly entry: CallEntry;
  readonly logs: Log[];
  readonly calls: CallTrace[];
  /** False above the limits of calls and of their bytes. */
  readonly isKept: boolean;
  /** Its last instruction, when an engine has told of any. */
  run: TracedRun | undefined;
  pc: number;
  step: OpenStep | undefined;
  /** Whether the machine has said what it left. */
  hasEnded: boolean;
};

/** Makes the tree of the calls of one transaction, and collects its instructions if asked to. */
export class CallRecorder implements CallTracer {
  readonly vm: VmTracer;
  readonly #steps: StepRecorder | undefined;
  readonly #bytes: CallBytes;
  readonly #open: OpenFrame[] = [];
  #root: CallTrace | undefined;
  #count = 0;
  #isTruncated = false;

  constructor(steps?: StepRecorder, bytes: CallBytes = new CallBytes()) {
    this.#steps = steps;
    this.#bytes = bytes;
    this.vm = {
      step: (run, pc, gas) => this.#step(run, pc, gas),
      end: (gasLeft) => {
        const frame = this.#innermost();
        endStep(frame.step, gasLeft);
        frame.hasEnded = true;
      },
    };
  }

  /** There were more calls, or longer ones, than the limits. */
  get isTruncated(): boolean {
    return this.#isTruncated;
  }

  /** The outermost frame, which has to have ended. */
  get root(): CallTrace {
    assert(this.#open.length === 0, 'each frame has ended');
    return present(this.#root, 'there was a frame');
  }

  get steps(): StepTrace | undefined {
    return this.#steps?.trace();
  }

  enter(entry: CallEntry): void {
    const isKept = this.#admit(entry.input.length);
    this.#open.push({
      entry,
      logs: [],
      calls: [],
      isKept,
      run: undefined,
      pc: 0,
      step: undefined,
      hasEnded: false,
    });
  }

  exit({ status, gasLeft, returnData, error }: CallExit): void {
    const frame = present(this.#open.pop(), 'a frame is open');
    const { entry, logs, calls, run, pc, step } = frame;
    // The host has ended the run in the midst of an instruction, and taken all the gas.
    if (!frame.hasEnded) endStep(step, 0);
    if (step !== undefined && error !== undefined) step.error = error.message;
    const trace: CallTrace = {
      ...entry,
      gasUsed: entry.gas - gasLeft,
      output: returnData,
      error,
      location: status === 0 ? run?.location(pc) : undefined,
      logs,
      calls,
    };
    if (!frame.isKept) return;
    if (this.#open.length > 0) this.#bytes.spend(returnData.length);
    this.#append(trace);
  }

  log(log: Log): void {
    if (!this.#innermost().isKept) return;
    this.#bytes.spend(log.data.length);
    if (this.#bytes.areSpent) this.#isTruncated = true;
    else this.#innermost().logs.push(log);
  }

  transfer(from: Uint8Array, to: Uint8Array, value: bigint): void {
    if (!this.#admit(0)) return;
    this.#innermost().calls.push({
      kind: 'transfer',
      from,
      to,
      value,
      gas: 0n,
      gasUsed: 0n,
      input: EMPTY_BYTES,
      output: EMPTY_BYTES,
      error: undefined,
      location: undefined,
      logs: [],
      calls: [],
    });
  }

  checkpoint(): TraceCheckpoint {
    const { logs, calls } = this.#innermost();
    return { logs: logs.length, calls: calls.length };
  }

  revertTo(checkpoint: TraceCheckpoint): void {
    const { logs, calls } = this.#innermost();
    logs.length = checkpoint.logs;
    const undone = calls.splice(checkpoint.calls);
    for (const call of undone) calls.push({ ...call, isTakenBack: true });
  }

  #step(run: TracedRun, pc: number, gas: number): void {
    const frame = this.#innermost();
    frame.run = run;
    frame.pc = pc;
    if (this.#steps === undefined) return;
    endStep(frame.step, gas);
    const { length: depth } = this.#open;
    frame.step = this.#steps.begin({ run, pc, gas, depth, address: addressOf(frame.entry) });
  }

  #innermost(): OpenFrame {
    return present(this.#open.at(-1), 'a frame is open');
  }

  /** Counts a call that takes so many bytes; false when it is too much. The outermost is always there. */
  #admit(bytes: number): boolean {
    this.#count += 1;
    if (this.#open.length === 0) return true;
    this.#bytes.spend(bytes);
    const isTooMany = this.#count > executionLimits.values.tracedCalls;
    if (isTooMany || this.#bytes.areSpent) this.#isTruncated = true;
    return !this.#isTruncated;
  }

  #append(trace: CallTrace): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = trace;
    else parent.calls.push(trace);
  }
}

/** The account as which the code of a frame runs. */
function addressOf({ kind, from, to }: CallEntry): Uint8Array {
  return kind === 'delegate' ? from : to;
}
