import { assert } from '@lucerna/base';
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
  order,
  subtract,
} from './arithmetic.ts';
import { indexValue, storeIndex } from './containers.ts';
import { Execution, enterFrame, spreadClosure } from './execution.ts';
import { Failure } from './halt.ts';
import { advance } from './iteration.ts';
import type { Machine } from './machine.ts';
import type { ProgramAction } from './program.ts';
import { RARE_OPERATIONS } from './rare-operations.ts';
import { REGISTER_STRIDE } from './register-code.ts';
import { List, type Value, type ValueIterator } from './value.ts';

const MAX_EXACT = Number.MAX_SAFE_INTEGER;

/**
 * Runs `action` with its arguments and returns its result. Uses no stack of JavaScript's, however deep
 * the contract's calls are: registers of all frames are in one array, and those of a callee begin
 * where the caller has put the arguments. A failure that a handler waits for ends the loop, which then
 * goes on there: the loop itself knows nothing of it, so that tries cost what runs without them nothing.
 *
 * @throws `Revert`, `Failure`: what ends the run; anything else comes from the host and is not ours
 */
export function interpret(
  machine: Machine,
  action: ProgramAction,
  parameters: readonly Value[],
): Value {
  assert(parameters.length === action.parameterCount, 'as many arguments as parameters');
  const execution = new Execution(machine, action, parameters);
  for (;;) {
    try {
      const value = run(machine, execution);
      execution.finish();
      return value;
    } catch (halt) {
      execution.recover(halt);
    }
  }
}

/**
 * The loop. It alone is longer than a screen: a function per operation would cost more than most
 * operations do. Integers up to ±(2⁵³ − 1) are computed here, everything else elsewhere. `gas` is the
 * meter's while the loop runs, and is written back before anything else can charge or end the run.
 */
function run(machine: Machine, execution: Execution): Value {
  const { program, meter } = machine;
  const { code, constants } = program;
  const { window, frames } = execution;
  const registers = window.values;
  let gas = meter.gas;
  let base = execution.base;
  let pc = execution.next;
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
            break;
          }
        }
        meter.gas = gas;
        registers[base + a] = add(machine, left, right);
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
      case 7: {
        // EQ
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          registers[base + a] = left === right;
          continue;
        }
        meter.gas = gas;
        registers[base + a] = equals(machine, left, right);
        gas = meter.gas;
        continue;
      }
      case 8: {
        // NEQ
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          registers[base + a] = left !== right;
          continue;
        }
        meter.gas = gas;
        registers[base + a] = !equals(machine, left, right);
        gas = meter.gas;
        continue;
      }
      case 9: {
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
      case 10: {
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
      case 11: {
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
      case 12: {
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
      case 13: // JUMP
        pc = a;
        break;
      case 14: {
        // JUMP_IF_FALSE
        const condition = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        if (condition === true) continue;
        if (condition !== false) {
          meter.gas = gas;
          const isMet = isTruthy(machine, condition);
          gas = meter.gas;
          if (isMet) continue;
        }
        pc = a;
        continue;
      }
      case 15: {
        // JUMP_IF_TRUE
        const condition = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        if (condition === false) continue;
        if (condition !== true) {
          meter.gas = gas;
          const isMet = isTruthy(machine, condition);
          gas = meter.gas;
          if (!isMet) continue;
        }
        pc = a;
        continue;
      }
      case 16: {
        // JUMP_UNLESS_EQ
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          if (!(left === right)) pc = a;
          break;
        }
        meter.gas = gas;
        if (!equals(machine, left, right)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 17: {
        // JUMP_UNLESS_NEQ
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          if (!(left !== right)) pc = a;
          break;
        }
        meter.gas = gas;
        if (equals(machine, left, right)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 18: {
        // JUMP_UNLESS_LT
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          if (!(left < right)) pc = a;
          break;
        }
        meter.gas = gas;
        if (!(order(meter, left, right) < 0)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 19: {
        // JUMP_UNLESS_GT
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          if (!(left > right)) pc = a;
          break;
        }
        meter.gas = gas;
        if (!(order(meter, left, right) > 0)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 20: {
        // JUMP_UNLESS_LTE
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          if (!(left <= right)) pc = a;
          break;
        }
        meter.gas = gas;
        if (!(order(meter, left, right) <= 0)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 21: {
        // JUMP_UNLESS_GTE
        const left = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const right = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (typeof left === 'number' && typeof right === 'number') {
          if (!(left >= right)) pc = a;
          break;
        }
        meter.gas = gas;
        if (!(order(meter, left, right) >= 0)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 22: {
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
        if (frame.isLimited) gas += meter.takeBack(frame.gasAside);
        continue;
      }
      case 23: {
        // CALL
        if (frames.length + 1 >= zexusLimits.values.callDepth) throw new Failure('CALL_DEPTH');
        const callee = program.actions[b] as ProgramAction;
        const isLimited = gas >= callee.gasLimit;
        const gasAside = isLimited ? meter.setAside(gas - callee.gasLimit) : 0;
        frames.push({ base, next: pc, isStatic: machine.isStatic, callee, gasAside, isLimited });
        gas -= gasAside;
        machine.statistics.actionCalls += 1;
        machine.isStatic ||= callee.isView;
        base += a;
        pc = callee.entry;
        enterFrame(registers, base, callee);
        continue;
      }
      case 24: {
        // CALL_TOP
        if (frames.length + 1 >= zexusLimits.values.callDepth) throw new Failure('CALL_DEPTH');
        meter.gas = gas;
        const callee = spreadClosure(program.actions, registers, base + a, b);
        const isLimited = gas >= callee.gasLimit;
        const gasAside = isLimited ? meter.setAside(gas - callee.gasLimit) : 0;
        frames.push({ base, next: pc, isStatic: machine.isStatic, callee, gasAside, isLimited });
        gas -= gasAside;
        machine.statistics.actionCalls += 1;
        machine.isStatic ||= callee.isView;
        base += a;
        pc = callee.entry;
        enterFrame(registers, base, callee);
        continue;
      }
      case 25: // SETUP_TRY
        execution.openTry(a, base, b);
        continue;
      case 26: // POP_TRY
        execution.handlers.pop();
        continue;
      case 27: {
        // INDEX
        const object = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const key = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (object instanceof List && typeof key === 'number') {
          const { items } = object;
          registers[base + a] = key >= 0 && key < items.length ? (items[key] as Value) : null;
          continue;
        }
        meter.gas = gas;
        registers[base + a] = indexValue(machine, object, key);
        gas = meter.gas;
        continue;
      }
      case 28: {
        // STORE_INDEX
        const object = (a < 0 ? constants[~a] : registers[base + a]) as Value;
        const key = (b < 0 ? constants[~b] : registers[base + b]) as Value;
        const value = (c < 0 ? constants[~c] : registers[base + c]) as Value;
        if (object instanceof List && typeof key === 'number') {
          const { items } = object;
          if (key >= 0 && key < items.length) {
            items[key] = value;
            continue;
          }
        }
        meter.gas = gas;
        storeIndex(machine, object, key, value);
        gas = meter.gas;
        continue;
      }
      case 29: {
        // ITER_NEXT
        const iterator = registers[base + b] as ValueIterator;
        meter.gas = gas;
        if (!advance(machine, iterator, registers, base + c, false)) pc = a;
        gas = meter.gas;
        continue;
      }
      case 30: {
        // ITER_NEXT_PAIR
        const iterator = registers[base + b] as ValueIterator;
        meter.gas = gas;
        if (!advance(machine, iterator, registers, base + c, true)) pc = a;
        gas = meter.gas;
        continue;
      }
      default: {
        const rare = RARE_OPERATIONS[operation];
        assert(rare !== undefined, 'every operation is in the switch or in the table');
        meter.gas = gas;
        window.base = base;
        rare(machine, window, a, b, c);
        gas = meter.gas;
      }
    }
    // A block often ends with an addition and a jump; jumps, and most of what is not in the switch, lead to
    // the beginning of a block. Neither the jump nor the block's gas needs a turn of its own then.
    if (code[pc] === 13) pc = code[pc + 1] as number;
    if (code[pc] !== 0) continue;
    gas -= code[pc + 1] as number;
    if (gas < 0) throw new Failure('OUT_OF_GAS');
    pc += REGISTER_STRIDE;
  }
}
