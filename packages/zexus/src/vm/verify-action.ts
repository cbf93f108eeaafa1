import type { Container, ContainerAction } from '../bytecode/container.ts';
import { type Instruction, opcodeByCode, operandCount, TX_FIELDS } from '../bytecode/opcodes.ts';
import { plainDepth, type StateShape, type StateVariable } from '../layout/schema.ts';
import { zexusLimits } from '../limits.ts';
import { BUILTINS, builtinPosition } from './builtin-table.ts';
import { verifyFlow } from './verify-flow.ts';
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
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

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
  // Also what nothing leads to is checked: only then every instruction can be read.
  const locals = new OperandCheck(container, variables, action).run();
  return { ...verifyFlow(action), locals };
}

/** What the operands of an action's instructions refer to. */
class OperandCheck {
  readonly #container: Container;
  readonly #variables: ReadonlyMap<string, StateVariable>;
  readonly #action: ContainerAction;
  readonly #locals: Map<string, number>;

  constructor(
    container: Container,
    variables: ReadonlyMap<string, StateVariable>,
    action: ContainerAction,
  ) {
    this.#container = container;
    this.#variables = variables;
    this.#action = action;
    this.#locals = new Map(action.parameters.map(({ name }, index) => [name, index]));
  }

  /** The local variables by name. */
  run(): ReadonlyMap<string, number> {
    const { code, name, parameters } = this.#action;
    if (this.#locals.size !== parameters.length) refuse('parameter-names', name, { action: name });
    for (const [index, instruction] of code.entries()) this.#check(instruction, index);
    if (this.#locals.size > zexusLimits.values.localVariables) {
      refuse('local-limit', `${this.#locals.size} names`, { action: name });
    }
    return this.#locals;
  }

  #check(instruction: Instruction, index: number): void {
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
        this.#shape(first, index);
        return;
      case 'STATE_WRITE':
        this.#checkWrite(this.#shape(first, index), index);
        return;
      case 'MAP_READ':
        this.#checkKeys(this.#shape(first, index), second, index);
        return;
      case 'MAP_WRITE':
        this.#checkWrite(this.#checkKeys(this.#shape(first, index), second, index), index);
        return;
      case 'CALL_BUILTIN':
        this.#checkBuiltin(this.#name(first, index), second, index);
        return;
      case 'CALL_METHOD':
        this.#checkMethod(this.#name(first, index), index);
        return;
      case 'EMIT_EVENT':
        this.#name(first, index);
        return;
      case 'CALL_ACTION':
        this.#checkCall(first, second, index);
        return;
      case 'MAKE_CLOSURE':
        this.#checkClosure(first, second, index);
        return;
      case 'EMIT':
        this.#checkEmit(first, second, index);
        return;
      case 'REVERT_ERROR':
        this.#checkError(first, second, index);
        return;
      case 'TX_READ':
        if (first >= TX_FIELDS.length) this.#refuse('tx-field', index, `field ${first}`);
        return;
      case 'GAS_CHARGE':
        if (first > zexusLimits.values.chargedGas) this.#refuse('gas-charge', index, `${first}`);
        return;
      default:
        if (opcode.operand === 'jump' && first >= this.#action.code.length) {
          this.#refuse('jump-target', index, `instruction ${first}`);
        }
    }
  }

  /** What so many keys lead to. */
  #checkKeys(shape: StateShape, keys: number, index: number): StateShape {
    const { depth } = plainDepth(shape);
    if (keys < 1 || keys > depth) this.#refuse('map-keys', index, `${keys} keys of ${depth}`);
    let place = shape;
    for (let key = 0; key < keys; key += 1) if (place.kind === 'map') place = place.value;
    return place;
  }

  #checkWrite(shape: StateShape, index: number): void {
    if (shape.kind === 'map') this.#refuse('map-write', index, 'a map without a head');
  }

  #checkBuiltin(name: string, count: number, index: number): void {
    const position = builtinPosition(name);
    if (position === undefined) this.#refuse('builtin-name', index, name);
    if (BUILTINS[position]?.arguments !== count) this.#refuse('builtin-arguments', index, name);
  }

  #checkMethod(name: string, index: number): void {
    if (!IDENTIFIER.test(name)) this.#refuse('method-name', index, JSON.stringify(name));
  }

  #checkCall(called: number, count: number, index: number): void {
    const action = this.#container.actions[called];
    if (action === undefined) this.#refuse('action-index', index, `action ${called}`);
    if (action.parameters.length !== count) {
      this.#refuse('action-arguments', index, `${count} for ${action.name}`);
    }
  }

  #checkClosure(number: number, count: number, index: number): void {
    const { actions, init } = this.#container;
    const action = actions[number];
    if (action === undefined || action.exportedAs !== undefined || number === init) {
      this.#refuse('closure-action', index, action?.name ?? `action ${number}`);
    }
    if (count > action.parameters.length) {
      this.#refuse('closure-arguments', index, `${count} for ${action.name}`);
    }
  }

  #checkEmit(number: number, count: number, index: number): void {
    const event = this.#container.events[number];
    if (event === undefined) this.#refuse('event-index', index, `event ${number}`);
    if (event.fields.length !== count) {
      this.#refuse('event-arguments', index, `${count} for ${event.name}`);
    }
  }

  #checkError(number: number, count: number, index: number): void {
    const error = this.#container.errors[number];
    if (error === undefined) this.#refuse('error-index', index, `error ${number}`);
    if (error.fields.length !== count) {
      this.#refuse('error-arguments', index, `${count} for ${error.name}`);
    }
  }

  #local(name: string): void {
    if (!this.#locals.has(name)) this.#locals.set(name, this.#locals.size);
  }

  /** The shape of the variable that a constant names. */
  #shape(constant: number, index: number): StateShape {
    const name = this.#name(constant, index);
    const variable = this.#variables.get(name);
    if (variable === undefined) this.#refuse('state-name', index, name);
    return variable.shape;
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
