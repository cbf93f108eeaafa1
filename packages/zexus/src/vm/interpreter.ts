import { assert, unreachable } from '@lucerna/base';
import { zexusLimits } from '../limits.ts';
import {
  add,
  divide,
  divideExact,
  equals,
  isTruthy,
  modulo,
  moduloExact,
  multiply,
  negate,
  order,
  power,
  subtract,
} from './arithmetic.ts';
import { runBuiltin } from './builtins.ts';
import { readContext } from './context-field.ts';
import { emitEvent } from './emit.ts';
import { Failure, revertWith, silentRevert } from './halt.ts';
import type { Machine } from './machine.ts';
import type { ProgramAction, ProgramVariable } from './program.ts';
import { REGISTER_STRIDE } from './register-code.ts';
import { meteredEntrySlot, readCell, writeCell } from './state-access.ts';
import { meteredText } from './text.ts';
import type { Value } from './value.ts';

const MAX_EXACT = Number.MAX_SAFE_INTEGER;

/** What a call of an action has to restore when it returns. */
type Frame = { readonly base: number; readonly next: number; readonly isStatic: boolean };

/**
 * Runs `action` with its arguments and returns its result. Uses no stack of JavaScript's, however deep
 * the contract's calls are: registers of all frames are in one array, and those of a callee begin
 * where the caller has put the arguments.
 *
 * @throws `Revert`, `Failure`: what ends the run; anything else comes from the host and is not ours
 */
export function interpret(
  machine: Machine,
  action: ProgramAction,
  parameters: readonly Value[],
): Value {
  assert(parameters.length === action.parameterCount, 'as many arguments as parameters');
  const registers: Value[] = [...parameters];
  enterFrame(registers, 0, action);
  return run(machine, action.entry, registers);
}

/** Sets the local variables of a callee to null and makes room for its stack. */
function enterFrame(registers: Value[], base: number, action: ProgramAction): void {
  while (registers.length < base + action.registerCount) registers.push(null);
  const end = base + action.localCount;
  for (let index = base + action.parameterCount; index < end; index += 1) registers[index] = null;
}

/**
 * The loop. It alone is longer than a screen: a function per operation would cost more than most
 * operations do. Integers up to ±(2⁵³ − 1) are computed here, everything else elsewhere. `gas` is the
 * meter's while the loop runs, and is written back before anything else can charge or end the run.
 */
function run(machine: Machine, entry: number, registers: Value[]): Value {
  const { program, meter } = machine;
  const { code, constants } = program;
  const frames: Frame[] = [];
  let gas = meter.gas;
  let base = 0;
  let pc = entry;
  for (;;) {
    const operation = code[pc] as number;
    const a = code[pc + 1] as number;
    const b = code[pc + 2] as number;
    const c = code[pc + 3] as number;
    pc += REGISTER_STRIDE;
    switch (operation) {
      case 0: // GAS
        gas -= a;
        if (gas < 0) throw new Failure('OUT_OF_GAS');
        continue;
      case 1: // MOVE
        registers[base + a] = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        continue;
      case 2: {
        // ADD
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          const sum = left + right;
          if (sum <= MAX_EXACT && sum >= -MAX_EXACT) {
            registers[base + a] = sum;
            continue;
          }
        }
        meter.gas = gas;
        registers[base + a] = add(meter, left, right);
        gas = meter.gas;
        continue;
      }
      case 3: {
        // SUB
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          const difference = left - right;
          if (difference <= MAX_EXACT && difference >= -MAX_EXACT) {
            registers[base + a] = difference;
            continue;
          }
        }
        meter.gas = gas;
        registers[base + a] = subtract(meter, left, right);
        gas = meter.gas;
        continue;
      }
      case 4: {
        // MUL
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          const product = left * right;
          if (product <= MAX_EXACT && product >= -MAX_EXACT) {
            // Adding 0 makes -0 a 0.
            registers[base + a] = product + 0;
            continue;
          }
        }
        meter.gas = gas;
        registers[base + a] = multiply(meter, left, right);
        gas = meter.gas;
        continue;
      }
      case 5: {
        // DIV
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number' && right !== 0) {
          registers[base + a] = divideExact(left, right);
          continue;
        }
        meter.gas = gas;
        registers[base + a] = divide(meter, left, right);
        gas = meter.gas;
        continue;
      }
      case 6: {
        // MOD
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number' && right !== 0) {
          registers[base + a] = moduloExact(left, right);
          continue;
        }
        meter.gas = gas;
        registers[base + a] = modulo(meter, left, right);
        gas = meter.gas;
        continue;
      }
      case 8: {
        // EQ
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          registers[base + a] = left === right;
          continue;
        }
        meter.gas = gas;
        registers[base + a] = equals(meter, left, right);
        gas = meter.gas;
        continue;
      }
      case 9: {
        // NEQ
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          registers[base + a] = left !== right;
          continue;
        }
        meter.gas = gas;
        registers[base + a] = !equals(meter, left, right);
        gas = meter.gas;
        continue;
      }
      case 10: {
        // LT
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          registers[base + a] = left < right;
          continue;
        }
        meter.gas = gas;
        registers[base + a] = order(meter, left, right) < 0;
        gas = meter.gas;
        continue;
      }
      case 11: {
        // GT
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          registers[base + a] = left > right;
          continue;
        }
        meter.gas = gas;
        registers[base + a] = order(meter, left, right) > 0;
        gas = meter.gas;
        continue;
      }
      case 12: {
        // LTE
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          registers[base + a] = left <= right;
          continue;
        }
        meter.gas = gas;
        registers[base + a] = order(meter, left, right) <= 0;
        gas = meter.gas;
        continue;
      }
      case 13: {
        // GTE
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          registers[base + a] = left >= right;
          continue;
        }
        meter.gas = gas;
        registers[base + a] = order(meter, left, right) >= 0;
        gas = meter.gas;
        continue;
      }
      case 16: // JUMP
        pc = a;
        continue;
      case 17: // JUMP_IF_FALSE
        if (!isTruthy((b < 0 ? constants[~b] : registers[base + b]) as Value)) pc = a;
        continue;
      case 18: // JUMP_IF_TRUE
        if (isTruthy((b < 0 ? constants[~b] : registers[base + b]) as Value)) pc = a;
        continue;
      case 19: {
        // JUMP_UNLESS_EQ
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          if (!(left === right)) pc = a;
          continue;
        }
        meter.gas = gas;
        if (!equals(meter, left, right)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 20: {
        // JUMP_UNLESS_NEQ
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          if (!(left !== right)) pc = a;
          continue;
        }
        meter.gas = gas;
        if (equals(meter, left, right)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 21: {
        // JUMP_UNLESS_LT
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          if (!(left < right)) pc = a;
          continue;
        }
        meter.gas = gas;
        if (!(order(meter, left, right) < 0)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 22: {
        // JUMP_UNLESS_GT
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          if (!(left > right)) pc = a;
          continue;
        }
        meter.gas = gas;
        if (!(order(meter, left, right) > 0)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 23: {
        // JUMP_UNLESS_LTE
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          if (!(left <= right)) pc = a;
          continue;
        }
        meter.gas = gas;
        if (!(order(meter, left, right) <= 0)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 24: {
        // JUMP_UNLESS_GTE
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          if (!(left >= right)) pc = a;
          continue;
        }
        meter.gas = gas;
        if (!(order(meter, left, right) >= 0)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 25: {
        // RETURN
        const value = (a < 0 ? constants[~a] : registers[base + a]) as Value;
        const frame = frames.pop();
        if (frame === undefined) {
          meter.gas = gas;
          return value;
        }
        registers[base] = value;
        base = frame.base;
        pc = frame.next;
        machine.isStatic = frame.isStatic;
        continue;
      }
      case 26: {
        // CALL
        if (frames.length + 1 >= zexusLimits.values.callDepth) throw new Failure('CALL_DEPTH');
        const callee = program.actions[b] as ProgramAction;
        frames.push({ base, next: pc, isStatic: machine.isStatic });
        machine.isStatic ||= callee.isView;
        base += a;
        pc = callee.entry;
        enterFrame(registers, base, callee);
        continue;
      }
      default:
        meter.gas = gas;
        runRare(machine, registers, constants, base, operation, a, b, c);
        gas = meter.gas;
    }
  }
}

/** The operations whose own work outweighs a call. */
function runRare(
  machine: Machine,
  registers: Value[],
  constants: readonly Value[],
  base: number,
  operation: number,
  a: number,
  b: number,
  c: number,
): void {
  const { program, meter } = machine;
  const operand = (index: number): Value =>
    (index < 0 ? constants[~index] : registers[base + index]) as Value;
  switch (operation) {
    case 7: // POW
      registers[base + a] = power(meter, operand(b), operand(c));
      return;
    case 14: // NEG
      registers[base + a] = negate(meter, operand(b));
      return;
    case 15: // NOT
      registers[base + a] = !isTruthy(operand(b));
      return;
    case 27: {
      // BUILTIN
      const first = registers[base + c] as Value;
      registers[base + a] = runBuiltin(machine, b, first, registers[base + c + 1] ?? null);
      return;
    }
    case 28: // CONTEXT
      registers[base + a] = readContext(machine.context, b);
      return;
    case 29: {
      // STATE_READ
      const { slot, type } = program.variables[b] as ProgramVariable;
      registers[base + a] = readCell(machine, slot, type);
      return;
    }
    case 30: {
      // STATE_WRITE
      const { slot, type } = program.variables[a] as ProgramVariable;
      writeCell(machine, slot, type, operand(b));
      return;
    }
    case 31: {
      // MAP_READ
      const variable = program.variables[b] as ProgramVariable;
      const slot = entryOf(machine, variable, registers, base + c);
      registers[base + a] = readCell(machine, slot, variable.type);
      return;
    }
    case 32: {
      // MAP_WRITE
      const variable = program.variables[a] as ProgramVariable;
      const slot = entryOf(machine, variable, registers, base + b);
      const value = registers[base + b + variable.depth] as Value;
      writeCell(machine, slot, variable.type, value);
      return;
    }
    case 33: // REQUIRE
      if (!isTruthy(operand(a))) revertContract(machine, operand(b));
      return;
    case 34: // REVERT
      revertContract(machine, operand(a));
      return;
    case 35: {
      // EMIT
      const event = program.events[a];
      assert(event !== undefined, 'the event is verified');
      const first = base + b;
      emitEvent(machine, event, registers.slice(first, first + event.fields.length));
      return;
    }
    case 36: // TRACE
      machine.trace?.step(a, meter.gas + b, registers, base);
      return;
    default:
      unreachable(operation as never);
  }
}

/** The slot that consecutive keys lead to. */
function entryOf(
  { meter }: Machine,
  { slot, depth }: ProgramVariable,
  registers: readonly Value[],
  first: number,
): Uint8Array {
  let entry = slot;
  for (let level = 0; level < depth; level += 1) {
    entry = meteredEntrySlot(meter, entry, registers[first + level] as Value);
  }
  return entry;
}

/** Ends the run with the canonical text of `message`, or with nothing when it is null. */
function revertContract(machine: Machine, message: Value): never {
  if (message === null) throw silentRevert();
  throw revertWith(meteredText(machine.meter, message));
}
