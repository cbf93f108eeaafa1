import { assert, present } from '@lucerna/base';
import type { Container, ContainerAction } from '../bytecode/container.ts';
import { type Instruction, type Opcode, opcodeByCode } from '../bytecode/opcodes.ts';
import { builtinPosition } from './builtin-table.ts';
import { REGISTER_OPS, REGISTER_STRIDE } from './register-code.ts';
import { isTerminal, type StackAnalysis } from './verify-action.ts';

/** Gas of an argument of CALL_BUILTIN and CALL_ACTION. */
const ARGUMENT_GAS = 2;
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
  const { name, gas } = opcode;
  if (name !== 'CALL_BUILTIN' && name !== 'CALL_ACTION') return gas;
  return gas + ARGUMENT_GAS * (instruction.operands[1] as number);
}

/**
 * Appends the register code of a verified action to `code`, in time that is linear in its length.
 * `variables` are the positions of those of the schema by name. Registers are the local variables, then
 * the stack. Within a basic block the stack is only imagined: loads move nothing, they name what the
 * instruction that takes the value then reads, and a result that is stored at once is computed into
 * the variable. At jumps and their targets all values are in their places.
 *
 * With `tracedFrom`, the position of the action's first instruction, they are there before every
 * instruction, and TRACE stands before each: operations and gas are the same, only less is left out.
 */
export function lowerAction(
  container: Container,
  action: ContainerAction,
  analysis: StackAnalysis,
  variables: ReadonlyMap<string, number>,
  code: number[],
  tracedFrom?: number,
): void {
  new ActionLowering(container, action, analysis, variables, code, tracedFrom).run();
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
  readonly #variables: ReadonlyMap<string, number>;
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
    variables: ReadonlyMap<string, number>,
    code: number[],
    tracedFrom: number | undefined,
  ) {
    this.#tracedFrom = tracedFrom;
    this.#container = container;
    this.#instructions = action.code;
    this.#analysis = analysis;
    this.#variables = variables;
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
      case 'NEG':
      case 'NOT':
        this.#result(REGISTER_OPS[name], this.#pop());
        return;
      case 'JUMP':
        this.#settle();
        this.#jump(REGISTER_OPS.JUMP, first);
        return;
      case 'JUMP_IF_FALSE':
      case 'JUMP_IF_TRUE':
        this.#branch(REGISTER_OPS[name], first);
        return;
      case 'RETURN':
      case 'REVERT':
        this.#emit(REGISTER_OPS[name], this.#pop());
        return;
      case 'REQUIRE': {
        const message = this.#pop();
        this.#emit(REGISTER_OPS.REQUIRE, this.#pop(), message);
        return;
      }
      case 'TX_READ':
        this.#result(REGISTER_OPS.CONTEXT, first);
        return;
      case 'STATE_READ':
        this.#result(REGISTER_OPS.STATE_READ, this.#variable(first));
        return;
      case 'STATE_WRITE':
        this.#emit(REGISTER_OPS.STATE_WRITE, this.#variable(first), this.#pop());
        return;
      case 'MAP_READ': {
        const from = this.#take(second);
        this.#result(REGISTER_OPS.MAP_READ, this.#variable(first), from);
        return;
      }
      case 'MAP_WRITE':
        this.#emit(REGISTER_OPS.MAP_WRITE, this.#variable(first), this.#take(second + 1));
        return;
      case 'EMIT':
        this.#emit(REGISTER_OPS.EMIT, first, this.#take(second));
        return;
      case 'CALL_BUILTIN': {
        const from = this.#take(second);
        const position = present(builtinPosition(this.#name(first)), 'the builtin is verified');
        this.#result(REGISTER_OPS.BUILTIN, position, from);
        return;
      }
      case 'CALL_ACTION': {
        const from = this.#take(second);
        this.#emit(REGISTER_OPS.CALL, from, first);
        this.#push(from);
        return;
      }
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
      case 'GTE': {
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
    for (const level of copies) if (this.#stack[level] === local) this.#place(level);
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
    for (const level of this.#displaced) this.#place(level);
    this.#displaced.length = 0;
  }

  /** Goes on behind an instruction that nothing follows, with all values in their registers. */
  #restart(depth: number): void {
    for (const level of this.#displaced) this.#stack[level] = this.#slot(level);
    this.#displaced.length = 0;
    this.#depth = depth;
  }

  /** Puts the value at a level of the stack into its register. */
  #place(level: number): void {
    const slot = this.#slot(level);
    const value = this.#stack[level] as number;
    if (value === slot) return;
    this.#emit(REGISTER_OPS.MOVE, slot, value);
    this.#stack[level] = slot;
  }

  /** Takes `count` values, which are then in consecutive registers; returns the first of them. */
  #take(count: number): number {
    const start = this.#depth - count;
    for (let level = start; level < this.#depth; level += 1) this.#place(level);
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

  #emit(operation: number, first: number, second = 0, third = 0): void {
    this.#code.push(operation, first, second, third);
    this.#lastResult = NONE;
  }

  #local(constant: number): number {
    return present(this.#analysis.locals.get(this.#name(constant)), 'the verifier has seen it');
  }

  #variable(constant: number): number {
    return present(this.#variables.get(this.#name(constant)), 'the variable is verified');
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
