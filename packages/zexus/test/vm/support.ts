import { assert, toHexKey } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { decodeRevert } from '@lucerna/protocol';
import type {
  Constant,
  Container,
  ContainerAction,
  ContainerError,
  ContainerEvent,
} from '../../src/bytecode/container.ts';
import { type Instruction, opcodeByName } from '../../src/bytecode/opcodes.ts';
import { functionSelector } from '../../src/bytecode/selector.ts';
import type { StateSchema, StateShape } from '../../src/layout/schema.ts';
import { call, construct, type VmOutcome, type VmRun } from '../../src/vm/call.ts';
import { INITIAL_GAS } from '../../src/vm/gas.ts';
import { Failure, type Halt, Revert } from '../../src/vm/halt.ts';
import type { CallContext, CallPort, Checkpoint, HostState } from '../../src/vm/host.ts';
import { interpret } from '../../src/vm/interpreter.ts';
import { lowerContainer } from '../../src/vm/load.ts';
import { type Machine, noStatistics } from '../../src/vm/machine.ts';
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
  parentHash: new Uint8Array(32).fill(0xbb),
  blockGasLimit: 30_000_000n,
};

export type HostLog = { readonly topics: readonly string[]; readonly data: string };

/** Other accounts that there are none of. */
export const NO_CALLS: CallPort = {
  call: () => {
    throw new Error('the test makes no calls');
  },
  hasCode: () => false,
  codeHash: () => new Uint8Array(32),
  isDead: () => true,
  codeBytes: () => 0,
  schemaOf: () => undefined,
};

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
  readonly #checkpoints: (() => void)[] = [];
  readonly checkpoint = (): Checkpoint => {
    const [words, balances, logs] = [new Map(this.words), new Map(this.balances), [...this.logs]];
    const [slots, addresses] = [new Set(this.#slots), new Set(this.#addresses)];
    const restore = (): void => {
      for (const [now, then] of [
        [this.words, words],
        [this.balances, balances],
      ] as [Map<string, unknown>, Map<string, unknown>][]) {
        now.clear();
        for (const [key, value] of then) now.set(key, value);
      }
      this.logs.splice(0, this.logs.length, ...logs);
      this.#slots = slots;
      this.#addresses = addresses;
    };
    return { state: this.#checkpoints.push(restore) - 1, scope: 0 };
  };
  readonly revertTo = ({ state }: Checkpoint): void => {
    const restore = this.#checkpoints[state];
    assert(restore !== undefined, 'the checkpoint is still there');
    restore();
    this.#checkpoints.length = state;
  };
  readonly log = (topics: readonly Uint8Array[], data: Uint8Array): void => {
    this.logs.push({ topics: topics.map(toHexKey), data: toHexKey(data) });
  };
}

/** Parts of an action; the type of its result may stand for the field. */
export type ActionParts = Partial<Omit<ContainerAction, 'result'>> & {
  readonly result?: ContainerAction['result'] | string;
};

/** Writes actions by the names of opcodes; constants are collected on the way. */
export class Assembler {
  readonly constants: Constant[] = [];
  readonly actions: ContainerAction[] = [];
  readonly events: ContainerEvent[] = [];
  readonly errors: ContainerError[] = [];
  schema: StateSchema = [];
  init: number | undefined;
  fallback: number | undefined;
  receive: number | undefined;

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
    const named = ['MAP_READ', 'MAP_WRITE', 'CALL_BUILTIN', 'CALL_METHOD'];
    const isNamed = opcode.operand === 'constant' || named.includes(name);
    const numbers = operands.map((operand, index) =>
      isNamed && index === 0 ? this.constant(operand as Value) : (operand as number),
    );
    return { opcode: opcode.code, operands: numbers };
  }

  /** Instructions from lines of `[name, …operands]`. */
  code(...lines: readonly (readonly [string, ...Value[]])[]): Instruction[] {
    return lines.map(([name, ...operands]) => this.op(name, ...operands));
  }

  action(name: string, code: readonly Instruction[], parts: ActionParts = {}): number {
    const { result, ...others } = parts;
    return (
      this.actions.push({
        name,
        exportedAs: name,
        mutability: 'nonpayable',
        parameters: [],
        result: typeof result === 'string' ? { name: '', type: result } : result,
        gasLimit: undefined,
        code,
        ...others,
      }) - 1
    );
  }

  container(): Container {
    const { constants, schema, events, errors, actions, init, fallback, receive } = this;
    const entries = { init, fallback, receive };
    return { name: 'Test', constants, schema, events, errors, actions, ...entries, metadata: [] };
  }
}

export function toConstant(value: Value): Constant {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (value instanceof Uint8Array) return { kind: 'bytes', value };
  if (value instanceof Address) return { kind: 'address', value: value.bytes };
  assert(typeof value === 'number' || typeof value === 'bigint', 'a constant is a scalar');
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
  calls: NO_CALLS,
  gas: PLENTY,
  schedule: INITIAL_GAS,
  isStatic: false,
  isReentrant: false,
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
  const parameters = types.map((type) => ({ type }));
  calldata.set(functionSelector(name, parameters));
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

/** What {@link evaluate} has as the data of the call. */
export const CALLDATA: Uint8Array = Uint8Array.of(1, 2, 3, 4, 5);

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
  const { context, gas, schedule, isStatic, calls, isReentrant } = run(host, parts);
  const meter = new Meter(schedule, gas);
  const used = (): number => gas - meter.gas;
  const machine: Machine = {
    program,
    context,
    host,
    calls,
    signatures: pureSignatureEngine,
    meter,
    calldata: CALLDATA,
    isStatic,
    isReentrant,
    checkpoints: [],
    caught: [],
    statistics: noStatistics(),
  };
  try {
    const action = program.actions.at(-1)!;
    const value = interpret(machine, action, []);
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
  assembler.errors.push(...ERRORS);
  assembler.action('double', assembler.code(['LOAD_NAME', 'v'], ['DUP'], ['ADD'], ['RETURN']), {
    exportedAs: undefined,
    parameters: [{ name: 'v', type: '' }],
  });
  assembler.action('main', assembler.code(...lines), { exportedAs: undefined });
  return evaluate(assembler, host, parts);
}

const cell = (type: Extract<StateShape, { kind: 'cell' }>['type']): StateShape => ({
  kind: 'cell',
  type,
});
const map = (value: StateShape): StateShape => ({ kind: 'map', value });

export const SCHEMA: StateSchema = [
  { name: 'count', shape: cell('integer') },
  { name: 'text', shape: cell('untyped') },
  { name: 'delta', shape: cell('signed') },
  { name: 'flag', shape: cell('bool') },
  { name: 'owner', shape: cell('address') },
  { name: 'tag', shape: cell('bytes3') },
  { name: 'balances', shape: map(cell('integer')) },
  { name: 'notes', shape: map(map(cell('untyped'))) },
  { name: 'scores', shape: { kind: 'enumerable', value: cell('integer') } },
  { name: 'items', shape: { kind: 'list', element: cell('untyped') } },
  { name: 'groups', shape: map({ kind: 'list', element: cell('integer') }) },
];

export const ERRORS: readonly ContainerError[] = [
  { name: 'Plain', fields: [] },
  {
    name: 'Short',
    fields: [
      { name: 'needed', type: 'uint256' },
      { name: 'who', type: 'address' },
    ],
  },
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

/** What the revert says with which the run ended; undefined when it did not. */
export function revertText({ halt }: Evaluation): string | undefined {
  return halt instanceof Revert ? (halt.reason ?? '') : undefined;
}
