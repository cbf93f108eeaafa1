import type { SourceLocation } from '@lucerna/protocol';
import type { ProgramTrace } from './program-trace.ts';
import { tracedText } from './traced-text.ts';
import type { TracedRun, VmTracer } from './tracer.ts';
import type { Value } from './value.ts';

/** Tells a tracer of one run, as the interpreter goes on. */
export class RunTrace implements TracedRun {
  readonly #tracer: VmTracer;
  readonly #program: ProgramTrace;
  #registers: readonly Value[] = [];
  #base = 0;

  constructor(tracer: VmTracer, program: ProgramTrace) {
    this.#tracer = tracer;
    this.#program = program;
  }

  /** The instruction at `pc` is next; `base` is the frame's first register. */
  step(pc: number, gas: number, registers: readonly Value[], base: number): void {
    this.#registers = registers;
    this.#base = base;
    this.#tracer.step(this, pc, gas);
  }

  operation(pc: number): string {
    return this.#program.operation(pc);
  }

  location(pc: number): SourceLocation | undefined {
    return this.#program.location(pc);
  }

  stack(pc: number): readonly string[] {
    const { from, to } = this.#program.stackRegisters(pc);
    return this.#registers.slice(this.#base + from, this.#base + to).map(tracedText);
  }
}
