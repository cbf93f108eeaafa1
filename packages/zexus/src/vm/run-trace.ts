import type { SourceLocation } from '@lucerna/protocol';
import { zexusLimits } from '../limits.ts';
import type { ProgramTrace } from './program-trace.ts';
import type { TracedRun, VmTracer } from './tracer.ts';
import { canonicalText, type Value } from './value.ts';

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
    return this.#registers.slice(this.#base + from, this.#base + to).map(shortText);
  }
}

/** The canonical text of a value, cut where it is long: a step must not cost as much as a run. */
function shortText(value: Value): string {
  const { tracedValueChars } = zexusLimits.values;
  // Two digits a byte: no more bytes than characters are ever looked at.
  const part = value instanceof Uint8Array ? value.subarray(0, tracedValueChars) : value;
  const text = canonicalText(part);
  if (text.length <= tracedValueChars) return text;
  // Put together anew: what is only cut off keeps all of the text in memory.
  return Array.from(text.slice(0, tracedValueChars)).concat('…').join('');
}
