import type { Value } from './value.ts';

/** The registers of the running frame, as operations outside of the interpreter's loop see them. */
export class RegisterWindow {
  /** Of all frames. */
  readonly values: Value[];
  readonly #constants: readonly Value[];
  /** The first register of the frame. */
  base = 0;

  constructor(values: Value[], constants: readonly Value[]) {
    this.values = values;
    this.#constants = constants;
  }

  /** What an operand stands for: a register of the frame, or the constant ~operand. */
  read(operand: number): Value {
    return (operand < 0 ? this.#constants[~operand] : this.values[this.base + operand]) as Value;
  }

  write(register: number, value: Value): void {
    this.values[this.base + register] = value;
  }

  /** What consecutive registers hold. */
  copy(from: number, count: number): Value[] {
    const first = this.base + from;
    return this.values.slice(first, first + count);
  }
}
