import { assert, toHexKey } from '@lucerna/base';
import { decodeRevert } from '@lucerna/protocol';
import type {
  Constant,
  Container,
  ContainerAction,
  ContainerEvent,
} from '../../src/bytecode/container.ts';
import { type Instruction, opcodeByName } from '../../src/bytecode/opcodes.ts';
import { functionSelector } from '../../src/bytecode/selector.ts';
import type { StateSchema } from '../../src/layout/schema.ts';
import { call, construct, type VmOutcome, type VmRun } from '../../src/vm/call.ts';
import { INITIAL_GAS } from '../../src/vm/gas.ts';
import { Failure, type Halt, Revert } from '../../src/vm/halt.ts';
import type { CallContext, HostState } from '../../src/vm/host.ts';
import { interpret } from '../../src/vm/interpreter.ts';
import { lowerContainer } from '../../src/vm/load.ts';
import { Meter } from '../../src/vm/meter.ts';
import { Address, type Value } from '../../src/vm/value.ts';

export const PLENTY = 10_000_000;

export const account = (last: number): Uint8Array => {
  const bytes = new Uint8Array(20);
  bytes[19] = last;
  return bytes;
};

export const CONTEXT: CallContext = {
  address: account(0xcc),
  caller: account(0xca),
  origin: account(0x0a),
  value: 0n,
  chainId: 31_337n,
  height: 7,
  timestamp: 1_700_000_000,
  coinbase: account(0xcb),
  gasPrice: 1_000_000_000n,
};

export type HostLog = { readonly topics: readonly string[]; readonly data: string };

/** A ledger in memory: one transaction at a time, of one contract. */
export class MemoryHost implements HostState {
  readonly words: Map<string, Uint8Array> = new Map();
  readonly balances: Map<string, bigint> = new Map();
  readonly logs: HostLog[] = [];
  #original: Map<string, Uint8Array> = new Map();
  #slots: Set<string> = new Set();
  #addresses: Set<string> = new Set();
  readonly self: Uint8Array;

  constructor(self: Uint8Array = CONTEXT.address) {
    this.self = self;
  }

  /** What was written so far is the state before the next transaction. */
  beginTransaction(): void {
    this.#original = new Map(this.words);
    this.#slots = new Set();
    this.#addresses = new Set();
  }

  /** Everything observable, to compare two hosts or to come back to. */
  snapshot(): unknown {
    const words = [...this.words].map(([slot, word]) => [slot, toHexKey(word)]);
    return {
      words: words.filter(([, word]) => !/^0*$/.test(word as string)).sort(),
      balances: [...this.balances].sort(),
      logs: [...this.logs],
    };
  }

  readonly accessSlot = (slot: Uint8Array): boolean => {
    const size = this.#slots.size;
    return this.#slots.add(toHexKey(slot)).size > size;
  };
  readonly accessAddress = (address: Uint8Array): boolean => {
    const size = this.#addresses.size;
    return this.#addresses.add(toHexKey(address)).size > size;
  };
  readonly load = (slot: Uint8Array): Uint8Array =>
    this.words.get(toHexKey(slot)) ?? new Uint8Array(32);
  readonly loadOriginal = (slot: Uint8Array): Uint8Array =>
    this.#original.get(toHexKey(slot)) ?? new Uint8Array(32);
  readonly store = (slot: Uint8Array, word: Uint8Array): void => {
    assert(word.length === 32, 'a word has 32 bytes');
    this.words.set(toHexKey(slot), word);
  };
  readonly balance = (address: Uint8Array): bigint => this.balances.get(toHexKey(address)) ?? 0n;
  readonly transfer = (to: Uint8Array, value: bigint): boolean => {
    const balance = this.balance(this.self);
    if (balance < value) return false;
    this.balances.set(toHexKey(this.self), balance - value);
    this.balances.set(toHexKey(to), this.balance(to) + value);
    return true;
  };
  readonly log = (topics: readonly Uint8Array[], data: Uint8Array): void => {
    this.logs.push({ topics: topics.map(toHexKey), data: toHexKey(data) });
  };
}

/** Writes actions by the names of opcodes; constants are collected on the way. */
export class Assembler {
  readonly constants: Constant[] = [];
  readonly actions: ContainerAction[] = [];
  readonly events: ContainerEvent[] = [];
  schema: StateSchema = [];
  init: number | undefined;

  constant(value: Value): number {
    const constant = toConstant(value);
    const text = constantKey(constant);
    const known = this.constants.findIndex((other) => constantKey(other) === text);
    if (known >= 0) return known;
    return this.constants.push(constant) - 1;
  }

  /**
   * An instruction. The operand of a constant is written as its value, or as its name when it names
   * something; that of a jump as the index of an instruction.
   */
  op(name: string, ...operands: readonly (Value | undefined)[]): Instruction {
    const opcode = opcodeByName(name);
    assert(opcode !== undefined, `opcode ${name}`);
    const isNamed =
      opcode.operand === 'constant' || ['MAP_READ', 'MAP_WRITE', 'CALL_BUILTIN'].includes(name);
    const numbers = operands.map((operand, index) =>
      isNamed && index === 0 ? this.constant(operand as Value) : (operand as number),
    );
    return { opcode: opcode.code, operands: numbers };
  }

  /** Instructions from lines of `[name, …operands]`. */
  code(...lines: readonly (readonly [string, ...Value[]])[]): Instruction[] {
    return lines.map(([name, ...operands]) => this.op(name, ...operands));
  }

  action(name: string, code: readonly Instruction[], parts: Partial<ContainerAction> = {}): number {
    return (
      this.actions.push({
        name,
        exportedAs: name,
        mutability: 'nonpayable',
        parameters: [],
        result: undefined,
        code,
        ...parts,
      }) - 1
    );
  }

  container(): Container {
    const { constants, schema, events, actions, init } = this;
    return { name: 'Test', constants, schema, events, actions, init, metadata: [] };
  }
}

export function toConstant(value: Value): Constant {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (value instanceof Uint8Array) return { kind: 'bytes', value };
  if (value instanceof Address) return { kind: 'address', value: value.bytes };
  return { kind: 'integer', value: BigInt(value) };
}

function constantKey(constant: Constant): string {
  if (constant.kind === 'null') return 'null';
  const { kind, value } = constant;
  return `${kind}:${value instanceof Uint8Array ? toHexKey(value) : String(value)}`;
}

export const run = (host: HostState, parts: Partial<VmRun> = {}): VmRun => ({
  context: CONTEXT,
  host,
  gas: PLENTY,
  schedule: INITIAL_GAS,
  isStatic: false,
  ...parts,
});

/** Calls the exported action of a container, whose parameters have `types`. */
export function callAction(
  container: Container,
  name: string,
  host: HostState,
  parts: Partial<VmRun> = {},
  types: readonly string[] = [],
  data: Uint8Array = new Uint8Array(0),
): VmOutcome {
  const calldata = new Uint8Array(4 + data.length);
  calldata.set(functionSelector(name, types));
  calldata.set(data, 4);
  const program = lowerContainer(container, { traced: parts.tracer !== undefined });
  return call(program, calldata, run(host, parts));
}

export function deploy(
  container: Container,
  host: HostState,
  data: Uint8Array = new Uint8Array(0),
  parts: Partial<VmRun> = {},
): VmOutcome {
  return construct(lowerContainer(container), data, run(host, parts));
}

/** What the lines of an action that nothing outside calls come to. */
export type Evaluation = {
  readonly value: Value | undefined;
  readonly gas: number;
  readonly halt: Halt | undefined;
  readonly refund: number;
};

/** Runs the last action of the assembler without the ABI around it. */
export function evaluate(
  assembler: Assembler,
  host: HostState = new MemoryHost(),
  parts: Partial<VmRun> = {},
): Evaluation {
  const program = lowerContainer(assembler.container());
  const { context, gas, schedule, isStatic } = run(host, parts);
  const meter = new Meter(schedule, gas);
  const used = (): number => gas - meter.gas;
  try {
    const action = program.actions.at(-1)!;
    const value = interpret({ program, context, host, meter, isStatic }, action, []);
    return { value, gas: used(), halt: undefined, refund: meter.refund };
  } catch (halt) {
    if (!(halt instanceof Revert || halt instanceof Failure)) throw halt;
    return { value: undefined, gas: used(), halt, refund: meter.refund };
  }
}

/** Runs one action of these lines. */
export function evaluateLines(
  lines: readonly (readonly [string, ...Value[]])[],
  host: HostState = new MemoryHost(),
  parts: Partial<VmRun> = {},
): Evaluation {
  const assembler = new Assembler();
  assembler.schema = SCHEMA;
  assembler.events.push(...EVENTS);
  assembler.action('double', assembler.code(['LOAD_NAME', 'v'], ['DUP'], ['ADD'], ['RETURN']), {
    exportedAs: undefined,
    parameters: [{ name: 'v', type: '' }],
  });
  assembler.action('main', assembler.code(...lines), { exportedAs: undefined });
  return evaluate(assembler, host, parts);
}

export const SCHEMA: StateSchema = [
  { kind: 'cell', name: 'count', type: 'integer' },
  { kind: 'cell', name: 'text', type: 'untyped' },
  { kind: 'cell', name: 'delta', type: 'signed' },
  { kind: 'cell', name: 'flag', type: 'bool' },
  { kind: 'cell', name: 'owner', type: 'address' },
  { kind: 'cell', name: 'tag', type: 'bytes3' },
  { kind: 'map', name: 'balances', depth: 1, type: 'integer' },
  { kind: 'map', name: 'notes', depth: 2, type: 'untyped' },
];

export const EVENTS: readonly ContainerEvent[] = [
  { name: 'Empty', fields: [] },
  {
    name: 'Moved',
    fields: [
      { name: 'from', type: 'address', indexed: true },
      { name: 'note', type: 'string', indexed: true },
      { name: 'amount', type: 'uint256', indexed: false },
      { name: 'text', type: 'string', indexed: false },
    ],
  },
];

/** The code of `Panic(uint256)` with which the run ended; undefined when it did not. */
export function panicCode({ halt }: Evaluation): number | undefined {
  if (!(halt instanceof Revert)) return undefined;
  const reason = decodeRevert(halt.data);
  return reason.kind === 'panic' ? Number(reason.code) : undefined;
}
