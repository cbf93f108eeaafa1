import type { Container, ContainerAction } from '../bytecode/container.ts';
import {
  type Instruction,
  type Opcode,
  opcodeByCode,
  operandCount,
  TX_FIELDS,
} from '../bytecode/opcodes.ts';
import type { StateVariable } from '../layout/schema.ts';
import { zexusLimits } from '../limits.ts';
import { BUILTINS, builtinPosition } from './builtin-table.ts';
import { refuse, type VerifierRule } from './verify-rule.ts';

/** What the verifier has found out about an action. */
export type StackAnalysis = {
  /** Values on the stack before each instruction; -1 where nothing leads to. */
  readonly depths: Int32Array;
  /** Values on the stack at most. */
  readonly maxDepth: number;
  /** Local variables by name: the parameters in order, then others in the order of their use. */
  readonly locals: ReadonlyMap<string, number>;
};

const END_OF_OPERANDS = 2 ** 32;

/**
 * Checks the code of an action and follows all ways through it.
 *
 * @param variables those of the container's schema by name
 * @throws `PROGRAM_REFUSED`
 */
export function verifyAction(
  container: Container,
  variables: ReadonlyMap<string, StateVariable>,
  action: ContainerAction,
): StackAnalysis {
  return new ActionVerification(container, variables, action).run();
}

/** Values that an instruction takes from the stack. */
function valuesTaken(opcode: Opcode, instruction: Instruction): number {
  return opcode.pops + (opcode.operand === 'pair' ? (instruction.operands[1] as number) : 0);
}

/** True when the instruction behind this one is not next. */
export function isTerminal(opcode: Opcode): boolean {
  return opcode.name === 'JUMP' || opcode.name === 'RETURN' || opcode.name === 'REVERT';
}

class ActionVerification {
  readonly #container: Container;
  readonly #variables: ReadonlyMap<string, StateVariable>;
  readonly #action: ContainerAction;
  readonly #locals: Map<string, number>;
  readonly #depths: Int32Array;
  /** Instructions whose depth is known and whose followers are not visited yet. */
  readonly #open: number[] = [];
  #maxDepth = 0;

  constructor(
    container: Container,
    variables: ReadonlyMap<string, StateVariable>,
    action: ContainerAction,
  ) {
    this.#container = container;
    this.#variables = variables;
    this.#action = action;
    this.#locals = new Map(action.parameters.map(({ name }, index) => [name, index]));
    this.#depths = new Int32Array(action.code.length).fill(-1);
  }

  run(): StackAnalysis {
    const { code, name, parameters } = this.#action;
    if (this.#locals.size !== parameters.length) refuse('parameter-names', name, { action: name });
    // Also what nothing leads to is checked: only then every instruction can be read.
    for (const [index, instruction] of code.entries()) this.#checkOperands(instruction, index);
    this.#checkLocals();
    this.#reach(0, 0, 0);
    for (let index = this.#open.pop(); index !== undefined; index = this.#open.pop()) {
      this.#follow(index);
    }
    return { depths: this.#depths, maxDepth: this.#maxDepth, locals: this.#locals };
  }

  #follow(index: number): void {
    const instruction = this.#action.code[index] as Instruction;
    const opcode = opcodeByCode(instruction.opcode) as Opcode;
    const before = this.#depths[index] as number;
    const taken = valuesTaken(opcode, instruction);
    if (taken > before) this.#refuse('stack-underflow', index, `${before} values of ${taken}`);
    const after = before - taken + opcode.pushes;
    if (after > zexusLimits.values.stackDepth) {
      this.#refuse('stack-limit', index, `${after} values`);
    }
    this.#maxDepth = Math.max(this.#maxDepth, after);
    if (opcode.operand === 'jump') this.#reach(instruction.operands[0] as number, after, index);
    if (!isTerminal(opcode)) this.#reach(index + 1, after, index);
  }

  /** The instruction at `index` is next, with `depth` values on the stack. */
  #reach(index: number, depth: number, from: number): void {
    const known = this.#depths[index];
    if (known === undefined) this.#refuse('fall-off-end', from, 'the code ends');
    if (known === -1) {
      this.#depths[index] = depth;
      this.#open.push(index);
    } else if (known !== depth) {
      this.#refuse('stack-join', index, `${known} and ${depth} values`);
    }
  }

  #checkOperands(instruction: Instruction, index: number): void {
    const { operands } = instruction;
    const opcode = opcodeByCode(instruction.opcode);
    if (opcode === undefined) this.#refuse('opcode', index, `${instruction.opcode}`);
    const isWhole = operands.every((value) => Number.isInteger(value) && !(value < 0));
    if (
      operands.length !== operandCount(opcode.operand) ||
      !isWhole ||
      operands.some((value) => value >= END_OF_OPERANDS)
    ) {
      this.#refuse('operands', index, opcode.name);
    }
    const [first = 0, second = 0] = operands;
    switch (opcode.name) {
      case 'LOAD_CONST':
        this.#constant(first, index);
        return;
      case 'LOAD_NAME':
      case 'STORE_NAME':
        this.#local(this.#name(first, index));
        return;
      case 'STATE_READ':
      case 'STATE_WRITE':
        this.#variable(this.#name(first, index), 'cell', index);
        return;
      case 'MAP_READ':
      case 'MAP_WRITE':
        this.#checkMap(first, second, index);
        return;
      case 'CALL_BUILTIN':
        this.#checkBuiltin(this.#name(first, index), second, index);
        return;
      case 'CALL_ACTION':
        this.#checkCall(first, second, index);
        return;
      case 'EMIT':
        this.#checkEmit(first, second, index);
        return;
      case 'TX_READ':
        if (first >= TX_FIELDS.length) this.#refuse('tx-field', index, `field ${first}`);
        return;
      default:
        if (opcode.operand === 'jump' && first >= this.#action.code.length) {
          this.#refuse('jump-target', index, `instruction ${first}`);
        }
    }
  }

  #checkMap(constant: number, keys: number, index: number): void {
    const name = this.#name(constant, index);
    const variable = this.#variable(name, 'map', index);
    const depth = variable.kind === 'map' ? variable.depth : 0;
    if (depth !== keys) this.#refuse('map-keys', index, `${keys} keys of ${depth} of ${name}`);
  }

  #checkBuiltin(name: string, count: number, index: number): void {
    const position = builtinPosition(name);
    if (position === undefined) this.#refuse('builtin-name', index, name);
    if (BUILTINS[position]?.arguments !== count) this.#refuse('builtin-arguments', index, name);
  }

  #checkCall(called: number, count: number, index: number): void {
    const action = this.#container.actions[called];
    if (action === undefined) this.#refuse('action-index', index, `action ${called}`);
    if (action.parameters.length !== count) {
      this.#refuse('action-arguments', index, `${count} for ${action.name}`);
    }
  }

  #checkEmit(number: number, count: number, index: number): void {
    const event = this.#container.events[number];
    if (event === undefined) this.#refuse('event-index', index, `event ${number}`);
    if (event.fields.length !== count) {
      this.#refuse('event-arguments', index, `${count} for ${event.name}`);
    }
  }

  #checkLocals(): void {
    const { localVariables } = zexusLimits.values;
    if (this.#locals.size <= localVariables) return;
    refuse('local-limit', `${this.#locals.size} names`, { action: this.#action.name });
  }

  #local(name: string): void {
    if (!this.#locals.has(name)) this.#locals.set(name, this.#locals.size);
  }

  #variable(name: string, kind: StateVariable['kind'], index: number): StateVariable {
    const variable = this.#variables.get(name);
    if (variable?.kind !== kind) this.#refuse('state-name', index, `${kind} ${name}`);
    return variable;
  }

  #name(constant: number, index: number): string {
    const named = this.#constant(constant, index);
    if (named.kind !== 'string') this.#refuse('constant-kind', index, named.kind);
    return named.value;
  }

  #constant(constant: number, index: number): Container['constants'][number] {
    const found = this.#container.constants[constant];
    if (found === undefined) this.#refuse('constant-index', index, `constant ${constant}`);
    return found;
  }

  #refuse(rule: VerifierRule, instruction: number, detail: string): never {
    return refuse(rule, detail, { action: this.#action.name, instruction });
  }
}
