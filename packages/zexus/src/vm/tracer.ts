import type { SourceLocation } from '@lucerna/protocol';

/** A traced run as its tracer sees it, between two instructions. */
export type TracedRun = {
  /** Name of the operation at a position of the code. */
  operation(pc: number): string;
  /** Where the instruction at a position comes from; undefined without a source map. */
  location(pc: number): SourceLocation | undefined;
  /**
   * The values on the stack of the running action before the instruction at `pc`, in canonical text that is
   * cut where it is long, the topmost last. Only valid while the tracer is told of that step.
   */
  stack(pc: number): readonly string[];
};

/**
 * Is told each instruction of the stack bytecode before it runs. A position (`pc`) is the index of the
 * instruction in the code of its action, counted through all actions of the contract.
 */
export type VmTracer = {
  /** `gas` is what is left before the instruction. */
  step(run: TracedRun, pc: number, gas: number): void;
  /** The run has ended; not told when the host ended it. */
  end(gasLeft: number): void;
};
