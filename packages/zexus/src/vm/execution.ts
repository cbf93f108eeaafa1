import { present } from '@lucerna/base';
import { zexusLimits } from '../limits.ts';
import { caughtValue, Failure, PANIC, panic, Revert, revertWith } from './halt.ts';
import type { Machine } from './machine.ts';
import type { ProgramAction } from './program.ts';
import { RegisterWindow } from './register-window.ts';
import { Closure, type Value } from './value.ts';

/** What a call of an action has to restore when it returns. */
export type Frame = {
  readonly base: number;
  readonly next: number;
  readonly isStatic: boolean;
  readonly callee: ProgramAction;
  /**
   * Gas of the caller that the callee, which has a limit, cannot use. At least 0: a limit that the caller
   * could not pay is none.
   */
  readonly gasAside: number;
  /** Whether the limit of the callee is what it can use. */
  readonly isLimited: boolean;
};

/** Where a failure goes on, and what is restored for it. */
type Handler = {
  readonly next: number;
  readonly base: number;
  /** The register of what failed, among those of all frames. */
  readonly register: number;
  readonly frames: number;
  readonly isStatic: boolean;
  readonly checkpoints: number;
};

/** The frames, registers and open tries of one run of a program. */
export class Execution {
  readonly window: RegisterWindow;
  readonly frames: Frame[] = [];
  readonly handlers: Handler[] = [];
  /** Where the loop begins, or goes on at a handler. */
  base = 0;
  next: number;
  readonly #machine: Machine;
  readonly #action: ProgramAction;
  /** As that of a {@link Frame}, of what called the run. */
  readonly #gasAside: number;
  readonly #isLimited: boolean;

  constructor(machine: Machine, action: ProgramAction, parameters: readonly Value[]) {
    const { meter, program } = machine;
    this.#machine = machine;
    this.#action = action;
    this.window = new RegisterWindow([...parameters], program.constants);
    this.next = action.entry;
    this.#isLimited = meter.gas >= action.gasLimit;
    this.#gasAside = this.#isLimited ? meter.setAside(meter.gas - action.gasLimit) : 0;
    meter.gas -= this.#gasAside;
    enterFrame(this.window.values, 0, action);
  }

  /** From here on failures go on at `next`, with what failed in a register of the frame. */
  openTry(next: number, base: number, register: number): void {
    const { checkpoints, isStatic } = this.#machine;
    this.handlers.push({
      next,
      base,
      register: base + register,
      frames: this.frames.length,
      isStatic,
      checkpoints: checkpoints.length,
    });
  }

  /** The run is over: what was set aside for its caller is there again. */
  finish(): void {
    const { meter } = this.#machine;
    meter.gas += meter.takeBack(this.#gasAside);
  }

  /**
   * Goes on at the innermost handler that waits for what has ended the loop; throws it when there is none,
   * and what no program can catch.
   */
  recover(halt: unknown): void {
    const machine = this.#machine;
    const revert = this.#revertOf(halt);
    const handler = this.handlers.pop();
    if (handler === undefined) {
      this.#unwind(0);
      this.finish();
      throw revert;
    }
    this.#unwind(handler.frames);
    machine.isStatic = handler.isStatic;
    machine.checkpoints.length = handler.checkpoints;
    const value = caughtValue(revert);
    machine.caught.push({ revert, value });
    if (machine.caught.length > zexusLimits.values.rememberedFailures) machine.caught.shift();
    this.window.values[handler.register] = value;
    this.base = handler.base;
    this.next = handler.next;
  }

  /**
   * What a handler is given. Gas that has run out is a revert where a limit is used up: all frames
   * above the one that called the limited action are then gone, with their handlers.
   */
  #revertOf(halt: unknown): Revert {
    if (halt instanceof Revert) return halt;
    if (!(halt instanceof Failure && halt.code === 'OUT_OF_GAS')) throw halt;
    const limited = this.frames.findLastIndex(({ isLimited }) => isLimited);
    if (limited < 0 && !this.#isLimited) throw halt;
    this.#machine.meter.gas = 0;
    const { name } = limited < 0 ? this.#action : present(this.frames[limited], 'a frame').callee;
    this.#unwind(Math.max(limited, 0));
    const { handlers } = this;
    // Those of a run that is limited as a whole wait within it.
    while (handlers.length > 0 && (limited < 0 || (handlers.at(-1) as Handler).frames > limited)) {
      handlers.pop();
    }
    return revertWith(`gas limit of ${name} used up`);
  }

  /** Leaves `count` frames. The gas that was set aside at the calls of the others is there again. */
  #unwind(count: number): void {
    const { meter } = this.#machine;
    while (this.frames.length > count) {
      meter.gas += meter.takeBack(present(this.frames.pop(), 'there are more').gasAside);
    }
  }
}

/** Sets the local variables of a callee to null and makes room for its stack. */
export function enterFrame(registers: Value[], base: number, action: ProgramAction): void {
  makeRoom(registers, base + action.registerCount);
  const end = base + action.localCount;
  for (let index = base + action.parameterCount; index < end; index += 1) registers[index] = null;
}

function makeRoom(registers: Value[], count: number): void {
  while (registers.length < count) registers.push(null);
}

/**
 * Puts the arguments of a function, which is in the register before them, where its action expects them:
 * those that it brings first.
 *
 * @throws `Revert` Panic 0x51 for what is no function, or for another number of arguments
 */
export function spreadClosure(
  actions: readonly ProgramAction[],
  registers: Value[],
  position: number,
  count: number,
): ProgramAction {
  const called = registers[position];
  const action = called instanceof Closure ? actions[called.action] : undefined;
  if (!(called instanceof Closure) || action === undefined) throw panic(PANIC.call);
  const { captures } = called;
  const first = captures.length;
  if (first + count !== action.parameterCount) throw panic(PANIC.call);
  makeRoom(registers, position + action.registerCount);
  // One by one, in the order in which none is written over before it is read.
  if (first === 0) {
    for (let at = position; at < position + count; at += 1) {
      registers[at] = registers[at + 1] as Value;
    }
  } else {
    const last = position + first + count - 1;
    const shift = first - 1;
    for (let at = last; at >= position + first; at -= 1) {
      registers[at] = registers[at - shift] as Value;
    }
  }
  for (let index = 0; index < first; index += 1) {
    registers[position + index] = captures[index] as Value;
  }
  return action;
}
