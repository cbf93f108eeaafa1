import type { LucernaError } from '@lucerna/base';
import type { Constant, Container } from '../bytecode/container.ts';
import { type Instruction, type Opcode, opcodeByCode, opcodeByName } from '../bytecode/opcodes.ts';
import type {
  Zxc1Constant,
  Zxc1Instruction,
  Zxc1Module,
  Zxc1Operand,
} from '../bytecode/zxc1/module.ts';
import { upstreamOpcodeName } from '../bytecode/zxc1/upstream-opcodes.ts';
import { zexusErrors } from '../errors.ts';
import { zexusLimits } from '../limits.ts';
import { isTerminal, valuesTaken } from './verify-flow.ts';

/** Our own opcodes begin here: version 1 has none of them. */
const FIRST_OWN_OPCODE = 0x0400;

/**
 * The module as a contract of one action, `main`, which nothing outside can call: what the verifier and
 * the machine take. What version 1 leaves open gets one meaning: the end of the code returns the top of
 * the stack, null when it is empty; the state is that of `state_read` and `state_write`.
 *
 * @throws `ZXC1_SCRIPT` with the `instruction` that cannot run: an opcode that contracts do not have, an
 *   operand of another kind, a float; `ZXC1_LIMIT` for more instructions than an action may have
 */
export function scriptContainer(module: Zxc1Module): Container {
  const { code, constants } = new Translation(module).run();
  return {
    name: 'Script',
    constants,
    schema: [],
    events: [],
    errors: [],
    actions: [
      {
        name: 'main',
        exportedAs: undefined,
        mutability: 'nonpayable',
        parameters: [],
        result: undefined,
        gasLimit: undefined,
        code,
      },
    ],
    init: undefined,
    fallback: undefined,
    receive: undefined,
    metadata: [],
  };
}

/** Where a jump goes that leads behind the last instruction, while the end is not made yet. */
const END = -1;

class Translation {
  readonly #module: Zxc1Module;
  readonly #constants: Constant[] = [];
  /** Index in {@link #constants} by that in the module, or by what else it is. */
  readonly #indexes = new Map<number | string, number>();
  readonly #code: { opcode: number; operands: number[] }[] = [];
  /** For each instruction of the module the index of its first one in {@link #code}. */
  readonly #starts: number[] = [];
  #index = 0;

  constructor(module: Zxc1Module) {
    this.#module = module;
  }

  run(): { readonly code: readonly Instruction[]; readonly constants: readonly Constant[] } {
    for (const [index, instruction] of this.#module.instructions.entries()) {
      this.#index = index;
      this.#starts.push(this.#code.length);
      this.#translate(instruction);
    }
    this.#placeJumps();
    this.#writeEnds();
    return { code: this.#code, constants: this.#constants };
  }

  #translate({ opcode, operand }: Zxc1Instruction): void {
    const name = upstreamOpcodeName(opcode);
    if (name === 'CALL_NAME') {
      this.#translateBuiltin(operand);
      return;
    }
    const rules = opcode < FIRST_OWN_OPCODE ? opcodeByCode(opcode) : undefined;
    if (rules === undefined) throw this.#refused(name ?? `opcode ${opcode}`);
    switch (rules.name) {
      case 'LOAD_CONST':
        this.#load(this.#constantOf(rules, operand));
        return;
      case 'CALL_BUILTIN':
        this.#translateBuiltin(operand);
        return;
      case 'STATE_READ':
        if (operand.kind !== 'none') this.#load(this.#constantOf(rules, operand));
        this.#emitBuiltin('state_read', 1);
        return;
      case 'STATE_WRITE':
        if (operand.kind !== 'none') this.#loadBelow(this.#constantOf(rules, operand));
        this.#emitBuiltin('state_write', 2);
        this.#emit('POP');
        return;
      default:
        this.#push(opcode, this.#operands(rules, operand));
    }
  }

  /** The operands as contracts have them. */
  #operands(rules: Opcode, operand: Zxc1Operand): number[] {
    switch (rules.operand) {
      case 'none':
        if (operand.kind === 'none') return [];
        break;
      case 'constant':
        return [this.#nameOf(this.#constantOf(rules, operand), rules)];
      case 'jump':
        if (operand.kind !== 'u32') break;
        return [operand.value < this.#module.instructions.length ? operand.value : END];
      case 'pair':
        if (operand.kind !== 'pair') break;
        return [this.#nameOf(this.#constantAt(operand.values[0]), rules), operand.values[1]];
      default:
        if (operand.kind === 'u32') return [operand.value];
    }
    throw this.#refused(`${rules.name} with an operand of the kind ${operand.kind}`);
  }

  #translateBuiltin(operand: Zxc1Operand): void {
    const [name, count] =
      operand.kind === 'pair' ? operand.values : [operand.kind === 'u32' ? operand.value : -1, 0];
    const constant = this.#constantAt(name);
    if (constant.kind !== 'string') throw this.#refused(`a ${constant.kind} in place of a name`);
    this.#emitBuiltin(constant.value, count);
  }

  #emitBuiltin(name: string, count: number): void {
    this.#emit('CALL_BUILTIN', this.#constant(`"${name}`, { kind: 'string', value: name }), count);
  }

  /** Loads the constant below the value on top of the stack, which a local variable keeps meanwhile. */
  #loadBelow(constant: Zxc1Constant): void {
    const name = this.#constant('kept', { kind: 'string', value: KEPT_NAME });
    this.#emit('STORE_NAME', name);
    this.#load(constant);
    this.#emit('LOAD_NAME', name);
  }

  /** Loads a constant; lists and maps are made of theirs. */
  #load(constant: Zxc1Constant): void {
    switch (constant.kind) {
      case 'list':
        for (const item of constant.items) this.#load(item);
        this.#emit('BUILD_LIST', constant.items.length);
        return;
      case 'map':
        for (const part of constant.entries.flat()) this.#load(part);
        this.#emit('BUILD_MAP', constant.entries.length);
        return;
      case 'float':
        throw this.#refused('a float');
      case 'description':
        throw this.#refused("a function's description");
      default: {
        const text = constant.kind === 'null' ? 'null' : String(constant.value);
        const key = constant.kind === 'string' ? `"${text}` : text;
        this.#emit('LOAD_CONST', this.#constant(key, constant));
      }
    }
  }

  /** The constant that an operand refers to. */
  #constantOf(rules: Opcode, operand: Zxc1Operand): Zxc1Constant {
    if (operand.kind === 'u32') return this.#constantAt(operand.value);
    throw this.#refused(`${rules.name} with an operand of the kind ${operand.kind}`);
  }

  #constantAt(index: number): Zxc1Constant {
    const constant = this.#module.constants[index];
    if (constant === undefined) throw this.#refused(`constant ${index}, which is not there`);
    return constant;
  }

  /** The index of a constant that names something. */
  #nameOf(constant: Zxc1Constant, rules: Opcode): number {
    if (constant.kind === 'string') return this.#constant(`"${constant.value}`, constant);
    throw this.#refused(`${rules.name} of a ${constant.kind}`);
  }

  /** The index of a constant of the contract, of which there is one for each key. */
  #constant(key: string, constant: Constant): number {
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    const index = this.#constants.push(constant) - 1;
    this.#indexes.set(key, index);
    return index;
  }

  #emit(name: string, ...operands: number[]): void {
    this.#push(codeOf(name), operands);
  }

  /** Lists are made again wherever they are loaded: only this bounds what a small file can ask for. */
  #push(opcode: number, operands: number[]): void {
    const max = zexusLimits.values.containerInstructions;
    if (this.#code.length >= max) {
      const detail = `containerInstructions: more than ${max}`;
      throw zexusErrors.create('ZXC1_LIMIT', detail, { instruction: this.#index });
    }
    this.#code.push({ opcode, operands });
  }

  /** Jumps lead to the first of the instructions that an instruction has become. */
  #placeJumps(): void {
    for (const { opcode, operands } of this.#code) {
      const [target] = operands;
      const isJump = opcodeByCode(opcode)?.operand === 'jump';
      if (isJump && target !== undefined && target !== END)
        operands[0] = this.#starts[target] as number;
    }
  }

  /**
   * Writes the ends that ways through the code come to: for each depth of the stack one, because all
   * ways to an instruction must have the same depth.
   */
  #writeEnds(): void {
    const length = this.#code.length;
    const depths = depthsOf(this.#code);
    const ends = new Map<number, number>();
    const endFor = (depth: number): number => {
      const known = ends.get(depth);
      if (known !== undefined) return known;
      const start = this.#code.length;
      if (depth === 0) this.#load({ kind: 'null' });
      this.#emit('RETURN');
      ends.set(depth, start);
      return start;
    };
    // What runs off the end comes first: its end is the next instruction.
    const last = this.#code.at(-1);
    const runsOff = last === undefined || !isTerminal(opcodeByCode(last.opcode) as Opcode);
    if (runsOff) endFor(depths[length]?.straight ?? 0);
    for (const [index, { operands }] of this.#code.slice(0, length).entries()) {
      if (operands[0] === END) operands[0] = endFor(depths[index]?.target ?? 0);
    }
  }

  #refused(what: string): LucernaError {
    const instruction = this.#index;
    return zexusErrors.create('ZXC1_SCRIPT', `instruction ${instruction}: ${what}`, {
      instruction,
    });
  }
}

/** No name of a module's variables: those are text of a constant, and this one cannot be written. */
const KEPT_NAME = '\u0000kept';

function codeOf(name: string): number {
  return (opcodeByName(name) as Opcode).code;
}

/** Values on the stack when an instruction is reached straight on, and where its jump leads. */
type Depths = { readonly straight: number; readonly target: number };

/**
 * Follows the code as the verifier will, which refuses what this passes over; the last entry is for what
 * is behind the code.
 */
function depthsOf(code: readonly Instruction[]): readonly (Depths | undefined)[] {
  const found: (Depths | undefined)[] = Array.from({ length: code.length + 1 }, () => undefined);
  const open: [index: number, depth: number][] = [[0, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [index, straight] = next;
    if (found[index] !== undefined) continue;
    const instruction = code[index];
    const rules = instruction && opcodeByCode(instruction.opcode);
    if (instruction === undefined || rules === undefined) {
      found[index] = { straight, target: 0 };
      continue;
    }
    const kept = Math.max(0, straight - valuesTaken(rules, instruction));
    const target = kept + (rules.pushesAtTarget ?? rules.pushes);
    found[index] = { straight, target };
    const [jump] = instruction.operands;
    if (rules.operand === 'jump' && jump !== undefined && jump !== END) open.push([jump, target]);
    if (!isTerminal(rules)) open.push([index + 1, kept + rules.pushes]);
  }
  return found;
}
