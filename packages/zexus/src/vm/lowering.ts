import { assert, present } from '@lucerna/base';
import type { Container, ContainerAction } from '../bytecode/container.ts';
import { type Instruction, type Opcode, opcodeByCode } from '../bytecode/opcodes.ts';
import { builtinPosition } from './builtin-table.ts';
import type { PlaceTable } from './places.ts';
import { REGISTER_OPS, REGISTER_STRIDE } from './register-code.ts';
import type { StackAnalysis } from './verify-action.ts';
import { countOf, isTerminal } from './verify-flow.ts';

/** No instruction, or none that may be changed. */
const NONE = -1;

/**
 * The index of each first instruction of a basic block: the first one, each behind one that ends a
 * block, and each to which a jump leads, whether anything leads to that jump or not.
 */
function blockStarts(code: readonly Instruction[]): ReadonlySet<number> {
  const starts = new Set([0]);
  code.forEach((instruction, index) => {
    const opcode = rules(instruction);
    if (opcode.endsBlock) starts.add(index + 1);
    if (opcode.operand === 'jump') starts.add(instruction.operands[0] as number);
  });
  return starts;
}

/** Gas of the basic block that begins at `start`, without what depends on sizes or on the state. */
function blockGas(
  code: readonly Instruction[],
  starts: ReadonlySet<number>,
  start: number,
): number {
  let gas = 0;
  for (let index = start; index < code.length; index += 1) {
    if (index > start && starts.has(index)) break;
    gas += instructionGas(code[index] as Instruction);
  }
  return gas;
}

/** Gas of an instruction, without what depends on sizes or on the state. */
function instructionGas(instruction: Instruction): number {
  const opcode = rules(instruction);
  return opcode.gas + opcode.itemGas * countOf(opcode, instruction.operands);
}

/**
 * Appends the register code of a verified action to `code`, in time that is linear in its length.
 * Registers are the local variables, then
 * the stack. Within a basic block the stack is only imagined: loads move nothing, they name what the
 * instruction that takes the value then reads, and a result that is stored at once is computed into
 * the variable. At jumps, handlers and their targets all values are in their places; what is below a try
 * stays there until its end.
 *
 * With `tracedFrom`, the position of the action's first instruction, they are there before every
 * instruction, and TRACE stands before each: operations and gas are the same, only less is left out.
 */
export function lowerAction(
  container: Container,
  action: ContainerAction,
  analysis: StackAnalysis,
  places: PlaceTable,
  code: number[],
  tracedFrom?: number,
): void {
  new ActionLowering(container, action, analysis, places, code, tracedFrom).run();
}

/** The comparisons that a conditional jump behind them absorbs. */
const FUSED: ReadonlyMap<number, number> = new Map([
  [REGISTER_OPS.EQ, REGISTER_OPS.JUMP_UNLESS_EQ],
  [REGISTER_OPS.NEQ, REGISTER_OPS.JUMP_UNLESS_NEQ],
  [REGISTER_OPS.LT, REGISTER_OPS.JUMP_UNLESS_LT],
  [REGISTER_OPS.GT, REGISTER_OPS.JUMP_UNLESS_GT],
  [REGISTER_OPS.LTE, REGISTER_OPS.JUMP_UNLESS_LTE],
  [REGISTER_OPS.GTE, REGISTER_OPS.JUMP_UNLESS_GTE],
]);

class ActionLowering {
  readonly #container: Container;
  readonly #instructions: readonly Instruction[];
  readonly #analysis: StackAnalysis;
  readonly #places: PlaceTable;
  readonly #code: number[];
  /**
   * What stands for the value at each level of the stack: a register, or ~constant. Levels above
   * the stack stand for their own registers.
   */
  readonly #stack: Int32Array;
  /** Values on the stack. */
  #depth = 0;
  /** Among others, all levels whose values are not in their own registers. */
  readonly #displaced: number[] = [];
  /** Of each local variable, among others, all levels for whose values it stands. */
  readonly #copies: readonly number[][];
  /** Where the instruction is whose result is the last register written, while nothing follows it. */
  #lastResult: number = NONE;
  /** Positions in the register code of jumps, whose first operand is still an index. */
  readonly #jumps: number[] = [];
  readonly #tracedFrom: number | undefined;
  /** Gas that is charged already, of the instructions of the block that are still to come. */
  #prepaid = 0;

  constructor(
    container: Container,
    action: ContainerAction,
    analysis: StackAnalysis,
    places: PlaceTable,
    code: number[],
    tracedFrom: number | undefined,
  ) {
    this.#tracedFrom = tracedFrom;
    this.#container = container;
    this.#instructions = action.code;
    this.#analysis = analysis;
    this.#places = places;
    this.#code = code;
    const { locals, maxDepth } = analysis;
    this.#stack = Int32Array.from({ length: maxDepth }, (_, level) => locals.size + level);
    this.#copies = Array.from({ length: locals.size }, () => []);
  }

  run(): void {
    const starts = blockStarts(this.#instructions);
    const targets = new Set(this.#instructions.filter(isJump).map(firstOperand));
    const positions = new Map<number, number>();
    let isReached = false;
    this.#instructions.forEach((instruction, index) => {
      const depth = this.#analysis.depths[index] as number;
      if (depth < 0) return;
      if (targets.has(index) || !isReached) {
        if (isReached) this.#settle();
        else this.#restart(depth);
        this.#lastResult = NONE;
      }
      assert(this.#depth === depth, 'the verifier has counted the same');
      const isStart = starts.has(index);
      if (isStart) positions.set(index, this.#code.length);
      this.#trace(index, isStart);
      if (isStart) this.#chargeBlock(starts, index);
      if (this.#tracedFrom !== undefined) this.#prepaid -= instructionGas(instruction);
      this.#lower(instruction);
      isReached = !isTerminal(rules(instruction));
    });
    for (const jump of this.#jumps) {
      const index = this.#code[jump + 1] as number;
      this.#code[jump + 1] = present(positions.get(index), 'a jump leads to the start of a block');
    }
  }

  #chargeBlock(starts: ReadonlySet<number>, index: number): void {
    const gas = blockGas(this.#instructions, starts, index);
    this.#prepaid = gas;
    if (gas === 0) return;
    const result = this.#lastResult;
    this.#emit(REGISTER_OPS.GAS, gas);
    // A charge reads and writes no register, so a store behind it may still claim the result.
    this.#lastResult = result;
  }

  /** At the start of a block its charge comes behind: there is the gas that the block may lack. */
  #trace(index: number, isStart: boolean): void {
    if (this.#tracedFrom === undefined) return;
    this.#settle();
    this.#emit(REGISTER_OPS.TRACE, this.#tracedFrom + index, isStart ? 0 : this.#prepaid);
  }

  #lower(instruction: Instruction): void {
    const { name } = rules(instruction);
    const [first = 0, second = 0] = instruction.operands;
    switch (name) {
      case 'NOP':
        return;
      case 'LOAD_CONST':
        this.#push(~first);
        return;
      case 'LOAD_NAME':
        this.#push(this.#local(first));
        return;
      case 'STORE_NAME':
        this.#store(this.#local(first));
        return;
      case 'POP':
        this.#pop();
        return;
      case 'DUP':
        this.#push(this.#stack[this.#depth - 1] as number);
        return;
      case 'DUP2':
        this.#push(this.#stack[this.#depth - 2] as number);
        this.#push(this.#stack[this.#depth - 2] as number);
        return;
      case 'JUMP_IF_FALSE':
      case 'JUMP_IF_TRUE':
        this.#branch(REGISTER_OPS[name], first);
        return;
      case 'JUMP':
        this.#settle();
        this.#jump(REGISTER_OPS.JUMP, first);
        return;
      case 'SETUP_TRY':
        this.#settle();
        this.#jump(REGISTER_OPS.SETUP_TRY, first, this.#slot(this.#depth));
        return;
      case 'ITER_NEXT':
      case 'ITER_NEXT_PAIR':
        this.#iterate(name, first);
        return;
      case 'GAS_CHARGE':
        if (first > 0) this.#emit(REGISTER_OPS.GAS, first);
        return;
      case 'TX_READ':
        this.#result(REGISTER_OPS.CONTEXT, first);
        return;
      default:
        if (this.#lowerCall(name, first, second)) return;
        if (this.#lowerTaken(name, first, second)) return;
        this.#lowerValues(name);
    }
  }

  /** At the end of what is walked over, the iterator is gone as well. */
  #iterate(name: 'ITER_NEXT' | 'ITER_NEXT_PAIR', target: number): void {
    this.#settle();
    const iterator = this.#slot(this.#depth - 1);
    this.#jump(REGISTER_OPS[name], target, iterator, iterator + 1);
    const values = name === 'ITER_NEXT' ? 1 : 2;
    for (let value = 0; value < values; value += 1) this.#push(this.#slot(this.#depth));
  }

  /** Instructions whose result is where the first of the values was that they have taken. */
  #lowerCall(name: string, first: number, second: number): boolean {
    switch (name) {
      case 'CALL_ACTION': {
        const from = this.#take(second);
        this.#emit(REGISTER_OPS.CALL, from, first);
        this.#push(from);
        return true;
      }
      case 'CALL_TOP': {
        const from = this.#take(first + 1);
        this.#emit(REGISTER_OPS.CALL_TOP, from, first);
        this.#push(from);
        return true;
      }
      case 'CALL_METHOD': {
        const from = this.#take(second + 1);
        this.#emit(REGISTER_OPS.METHOD, from, first, second);
        this.#push(from);
        return true;
      }
      case 'MAKE_CLOSURE': {
        const from = this.#take(second);
        this.#emit(REGISTER_OPS.MAKE_CLOSURE, first, from, second);
        this.#push(from);
        return true;
      }
      default:
        return false;
    }
  }

  /** Instructions that find what they take in consecutive registers. */
  #lowerTaken(name: string, first: number, second: number): boolean {
    switch (name) {
      case 'STATE_READ':
      case 'MAP_READ': {
        const place = this.#place(first, second);
        this.#result(REGISTER_OPS.READ, place, this.#take(second));
        return true;
      }
      case 'STATE_WRITE':
      case 'MAP_WRITE':
        this.#emit(REGISTER_OPS.WRITE, this.#place(first, second), this.#take(second + 1));
        return true;
      case 'EMIT':
      case 'REVERT_ERROR':
        this.#emit(REGISTER_OPS[name], first, this.#take(second));
        return true;
      case 'CALL_BUILTIN': {
        const from = this.#take(second);
        const position = present(builtinPosition(this.#name(first)), 'the builtin is verified');
        this.#result(REGISTER_OPS.BUILTIN, position, from);
        return true;
      }
      case 'BUILD_LIST':
      case 'BUILD_SET':
      case 'MERKLE_ROOT':
        this.#result(REGISTER_OPS[name], this.#take(first), first);
        return true;
      case 'BUILD_MAP':
        this.#result(REGISTER_OPS.BUILD_MAP, this.#take(2 * first), first);
        return true;
      case 'SLICE':
      case 'VERIFY_SIGNATURE':
        this.#result(REGISTER_OPS[name], this.#take(3));
        return true;
      case 'STATIC_CALL':
      case 'DELEGATE_CALL':
        this.#result(REGISTER_OPS[name], this.#take(4));
        return true;
      case 'CALL_CONTRACT':
        this.#result(REGISTER_OPS.CALL_CONTRACT, this.#take(5));
        return true;
      case 'EMIT_EVENT':
        this.#emit(REGISTER_OPS.EMIT_EVENT, ~first, this.#pop());
        return true;
      default:
        return false;
    }
  }

  /** Instructions that take one, two or three values from wherever they are. */
  #lowerValues(name: string): void {
    switch (name) {
      case 'POP_TRY':
      case 'TX_BEGIN':
      case 'TX_COMMIT':
      case 'TX_REVERT':
        this.#emit(REGISTER_OPS[name]);
        return;
      case 'RETURN':
      case 'REVERT':
      case 'THROW':
      case 'LEDGER_APPEND':
        this.#emit(REGISTER_OPS[name], this.#pop());
        return;
      case 'REQUIRE':
      case 'AUDIT_LOG': {
        const second = this.#pop();
        this.#emit(REGISTER_OPS[name], this.#pop(), second);
        return;
      }
      case 'STORE_INDEX': {
        const value = this.#pop();
        const key = this.#pop();
        this.#emit(REGISTER_OPS.STORE_INDEX, this.#pop(), key, value);
        return;
      }
      case 'NEG':
      case 'NOT':
      case 'ITERATE':
      case 'HASH_BLOCK':
        this.#result(REGISTER_OPS[name], this.#pop());
        return;
      case 'ADD':
      case 'SUB':
      case 'MUL':
      case 'DIV':
      case 'MOD':
      case 'POW':
      case 'EQ':
      case 'NEQ':
      case 'LT':
      case 'GT':
      case 'LTE':
      case 'GTE':
      case 'AND':
      case 'OR':
      case 'INDEX':
      case 'GET_ATTR': {
        const right = this.#pop();
        const left = this.#pop();
        this.#result(REGISTER_OPS[name], left, right);
        return;
      }
      default:
        assert(false, `opcode ${name} has register code`);
    }
  }

  /** Stores the top of the stack in a local variable. */
  #store(local: number): void {
    const value = this.#pop();
    const last = this.#lastResult;
    const copies = present(this.#copies[local], 'it is a local variable');
    for (const level of copies) if (this.#stack[level] === local) this.#putInSlot(level);
    copies.length = 0;
    const isFresh = last !== NONE && last === this.#lastResult;
    if (isFresh && value === this.#slot(this.#depth) && this.#code[last + 1] === value) {
      this.#code[last + 1] = local;
      this.#lastResult = NONE;
    } else if (value !== local) {
      this.#emit(REGISTER_OPS.MOVE, local, value);
    }
  }

  #branch(operation: number, target: number): void {
    const condition = this.#pop();
    const last = this.#lastResult;
    const isFresh = last !== NONE && last === this.#code.length - REGISTER_STRIDE;
    const fused = isFresh ? FUSED.get(this.#code[last] as number) : undefined;
    // A copy of the condition further down would be of the same register, and that is not this one.
    const isOnlyCopy = condition === this.#slot(this.#depth);
    if (operation === REGISTER_OPS.JUMP_IF_FALSE && fused !== undefined && isOnlyCopy) {
      const [left, right] = this.#code.slice(last + 2, last + REGISTER_STRIDE) as [number, number];
      this.#code.length = last;
      this.#settle();
      this.#jump(fused, target, left, right);
      return;
    }
    this.#settle();
    this.#jump(operation, target, condition);
  }

  #jump(operation: number, target: number, left = 0, right = 0): void {
    this.#jumps.push(this.#code.length);
    this.#emit(operation, target, left, right);
  }

  /** Puts all values into their registers. */
  #settle(): void {
    for (const level of this.#displaced) this.#putInSlot(level);
    this.#displaced.length = 0;
  }

  /** Goes on behind an instruction that nothing follows, with all values in their registers. */
  #restart(depth: number): void {
    for (const level of this.#displaced) this.#stack[level] = this.#slot(level);
    this.#displaced.length = 0;
    this.#depth = depth;
  }

  /** Puts the value at a level of the stack into its register. */
  #putInSlot(level: number): void {
    const slot = this.#slot(level);
    const value = this.#stack[level] as number;
    if (value === slot) return;
    this.#emit(REGISTER_OPS.MOVE, slot, value);
    this.#stack[level] = slot;
  }

  /** Takes `count` values, which are then in consecutive registers; returns the first of them. */
  #take(count: number): number {
    const start = this.#depth - count;
    for (let level = start; level < this.#depth; level += 1) this.#putInSlot(level);
    this.#depth = start;
    return this.#slot(start);
  }

  #push(value: number): void {
    const level = this.#depth;
    this.#stack[level] = value;
    this.#depth += 1;
    if (value === this.#slot(level)) return;
    this.#displaced.push(level);
    this.#copies[value]?.push(level);
  }

  #pop(): number {
    assert(this.#depth > 0, 'the verifier has found a value');
    this.#depth -= 1;
    const value = this.#stack[this.#depth] as number;
    this.#stack[this.#depth] = this.#slot(this.#depth);
    return value;
  }

  #slot(level: number): number {
    return this.#analysis.locals.size + level;
  }

  /** Emits an operation whose result is then on top of the stack. */
  #result(operation: number, second: number, third = 0): void {
    const into = this.#slot(this.#depth);
    const position = this.#code.length;
    this.#emit(operation, into, second, third);
    this.#push(into);
    this.#lastResult = position;
  }

  #emit(operation: number, first = 0, second = 0, third = 0): void {
    this.#code.push(operation, first, second, third);
    this.#lastResult = NONE;
  }

  #local(constant: number): number {
    return present(this.#analysis.locals.get(this.#name(constant)), 'the verifier has seen it');
  }

  #place(constant: number, keys: number): number {
    return this.#places.position(this.#name(constant), keys);
  }

  #name(constant: number): string {
    const named = this.#container.constants[constant];
    assert(named?.kind === 'string', 'the constant is verified');
    return named.value;
  }
}

function rules(instruction: Instruction): Opcode {
  return present(opcodeByCode(instruction.opcode), 'the opcode is verified');
}

function isJump(instruction: Instruction): boolean {
  return rules(instruction).operand === 'jump';
}

function firstOperand(instruction: Instruction): number {
  return instruction.operands[0] as number;
}
