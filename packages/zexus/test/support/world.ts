import { fromHex, toHex, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import {
  type Abi,
  decodeEventLog,
  decodeFunctionResult,
  encodeAbiParameters,
  encodeFunctionData,
  getAddress,
  type Hex,
  toEventHash,
} from 'viem';
import type { AbiField } from '../../src/bytecode/container.ts';
import type { CompiledContract, CompileOptions } from '../../src/compiler/compile.ts';
import { call, construct, type VmOutcome } from '../../src/vm/call.ts';
import { INITIAL_GAS } from '../../src/vm/gas.ts';
import type {
  CallContext,
  CallPort,
  Checkpoint,
  ContractCall,
  ContractCallOutcome,
  HostState,
} from '../../src/vm/host.ts';
import { loadProgram } from '../../src/vm/load.ts';
import type { VmTracer } from '../../src/vm/tracer.ts';
import { account, CONTEXT, PLENTY } from '../vm/support.ts';
import { compiled, reasonOf } from './deployed.ts';

type Code = {
  readonly program: ReturnType<typeof loadProgram>;
  readonly contract: CompiledContract;
};
type WorldLog = {
  readonly address: Uint8Array;
  readonly topics: readonly Hex[];
  readonly data: Hex;
};

/** Everything that a transaction changes, copied whole for each checkpoint. */
type Ledger = {
  readonly words: Map<string, Uint8Array>;
  readonly balances: Map<string, bigint>;
  readonly accessed: Set<string>;
  readonly logs: readonly WorldLog[];
};

function copyOf({ words, balances, accessed, logs }: Ledger): Ledger {
  return {
    words: new Map(words),
    balances: new Map(balances),
    accessed: new Set(accessed),
    logs: [...logs],
  };
}

/** How a call from outside is made. */
export type CallOptions = Partial<Pick<CallContext, 'caller' | 'value'>> & {
  readonly gas?: number;
  /** Nothing may be changed. */
  readonly isStatic?: boolean;
  /** Is told of every contract that runs and was lowered to be traced. */
  readonly tracer?: VmTracer;
};

/** Contracts in one ledger in memory that call each other, without fees and signatures. */
export class World {
  readonly #programs = new Map<string, Code>();
  readonly #checkpoints: Ledger[] = [];
  #ledger: Ledger = { words: new Map(), balances: new Map(), accessed: new Set(), logs: [] };
  #original = new Map<string, Uint8Array>();
  /** Addresses of the contracts that run, without those whose code another runs. */
  readonly #running: string[] = [];
  #nextAddress = 0xd0;
  #tracer: VmTracer | undefined;

  get logs(): readonly WorldLog[] {
    return this.#ledger.logs;
  }

  balance(address: Uint8Array): bigint {
    return this.#ledger.balances.get(toHexKey(address)) ?? 0n;
  }

  give(address: Uint8Array, wei: bigint): void {
    this.#ledger.balances.set(toHexKey(address), this.balance(address) + wei);
  }

  /** All words that are not zero, to compare two moments. */
  words(): unknown {
    const words = [...this.#ledger.words].map(([slot, word]) => `${slot} ${toHexKey(word)}`);
    return words.filter((line) => !/ 0*$/.test(line)).sort();
  }

  /**
   * Compiles the source and deploys its contract of that name, by default the first one.
   *
   * @param values for its constructor, or what gives them for its parameters
   */
  deploy(
    text: string,
    values: readonly unknown[] | ((parameters: readonly AbiField[]) => readonly unknown[]) = [],
    name?: string,
    options: CompileOptions & { readonly call?: CallOptions } = {},
  ): Instance {
    const contract = compiled(text, name, options);
    const instance = this.place(contract);
    const inputs = (contract.abi as Abi).find((item) => item.type === 'constructor')?.inputs ?? [];
    const { actions, init } = contract.container;
    const given =
      typeof values === 'function' ? values(actions[init ?? -1]?.parameters ?? []) : values;
    const data = fromHex(encodeAbiParameters(inputs, given));
    const { call = {} } = options;
    const outcome = this.construct(instance.address, data, call);
    if (outcome.status !== 'success') throw new Error(`deployment: ${reasonOf(outcome)}`);
    return instance;
  }

  /** Puts a contract, or its code in another form, at the next address; its constructor has not run. */
  place(contract: CompiledContract, code?: Code['program']): Instance {
    const program = code ?? loadProgram(contract.bytecode);
    const address = account(this.#nextAddress);
    this.#nextAddress += 1;
    this.#programs.set(toHexKey(address), { program, contract });
    return new Instance(this, address, contract);
  }

  /** What the constructor of a contract comes to. What fails leaves nothing. */
  construct(address: Uint8Array, data: Uint8Array, options: CallOptions = {}): VmOutcome {
    const { program } = this.#programs.get(toHexKey(address))!;
    return this.#transact(address, options, (run) => construct(program, data, run));
  }

  /** Everything that a transaction changes. */
  snapshot(): unknown {
    return { words: this.words(), balances: [...this.#ledger.balances].sort(), logs: this.logs };
  }

  /** Does something that leaves nothing. */
  dry<T>(act: () => T): T {
    const before = copyOf(this.#ledger);
    const result = act();
    this.#ledger = before;
    return result;
  }

  /** The ledger as a contract sees it. */
  hostOf(address: Uint8Array): HostState {
    return this.#host(address);
  }

  /** A transaction that calls an account with code. What fails leaves nothing. */
  send(to: Uint8Array, data: Uint8Array, options: CallOptions = {}): VmOutcome {
    const { program } = this.#programs.get(toHexKey(to))!;
    return this.#transact(to, options, (run) => call(program, data, run));
  }

  #transact(
    address: Uint8Array,
    { caller = CONTEXT.caller, value = 0n, gas = PLENTY, isStatic = false, tracer }: CallOptions,
    start: (run: Parameters<typeof call>[2]) => VmOutcome,
  ): VmOutcome {
    this.#original = new Map(this.#ledger.words);
    this.#ledger.accessed.clear();
    const context = { ...CONTEXT, address, caller, value };
    this.#tracer = tracer;
    return this.#run(context, false, () => {
      if (value > 0n) this.give(address, value);
      return start(this.#vmRun(context, gas, isStatic, false));
    });
  }

  #run({ address }: CallContext, isDelegate: boolean, start: () => VmOutcome): VmOutcome {
    const before = copyOf(this.#ledger);
    const depth = this.#checkpoints.length;
    if (!isDelegate) this.#running.push(toHexKey(address));
    const outcome = start();
    if (!isDelegate) this.#running.pop();
    this.#checkpoints.length = depth;
    if (outcome.status !== 'success') this.#ledger = before;
    return outcome;
  }

  #vmRun(
    context: CallContext,
    gas: number,
    isStatic: boolean,
    isReentrant: boolean,
  ): Parameters<typeof call>[2] {
    return {
      context,
      host: this.#host(context.address),
      calls: this.#calls(context),
      gas,
      schedule: INITIAL_GAS,
      isStatic,
      isReentrant,
      tracer: this.#tracer,
    };
  }

  #host(self: Uint8Array): HostState {
    const place = (slot: Uint8Array): string => `${toHexKey(self)} ${toHexKey(slot)}`;
    const access = (what: string): boolean => {
      const { size } = this.#ledger.accessed;
      return this.#ledger.accessed.add(what).size > size;
    };
    const zero = new Uint8Array(32);
    return {
      accessSlot: (slot) => access(place(slot)),
      accessAddress: (address) => access(toHexKey(address)),
      load: (slot) => this.#ledger.words.get(place(slot)) ?? zero,
      loadOriginal: (slot) => this.#original.get(place(slot)) ?? zero,
      store: (slot, word) => {
        this.#ledger.words.set(place(slot), word.slice());
      },
      balance: (address) => this.balance(address),
      transfer: (to, value) => this.#move(self, to, value),
      log: (topics, data) => {
        const log = { address: self, topics: topics.map((topic) => toHex(topic) as Hex) };
        const logs = [...this.#ledger.logs, { ...log, data: toHex(data) as Hex }];
        this.#ledger = { ...this.#ledger, logs };
      },
      checkpoint: () => ({ state: this.#checkpoints.push(copyOf(this.#ledger)) - 1, scope: 0 }),
      revertTo: ({ state }: Checkpoint) => {
        this.#ledger = copyOf(this.#checkpoints[state]!);
        this.#checkpoints.length = state;
      },
    };
  }

  #move(from: Uint8Array, to: Uint8Array, value: bigint): boolean {
    if (this.balance(from) < value) return false;
    this.give(from, -value);
    this.give(to, value);
    return true;
  }

  #calls(context: CallContext): CallPort {
    const codeOf = (address: Uint8Array): Uint8Array | undefined =>
      this.#programs.get(toHexKey(address))?.contract.bytecode;
    return {
      call: (request) => this.#callWithin(context, request),
      hasCode: (address) => codeOf(address) !== undefined,
      codeHash: (address) => keccak256(codeOf(address) ?? new Uint8Array(0)),
      isDead: (address) => codeOf(address) === undefined && this.balance(address) === 0n,
      codeBytes: (address) => codeOf(address)?.length ?? 0,
      schemaOf: (address) => this.#programs.get(toHexKey(address))?.contract.container.schema,
    };
  }

  #callWithin(
    outer: CallContext,
    { kind, isStatic, to, value, data, gas }: ContractCall,
  ): ContractCallOutcome {
    const isDelegate = kind === 'delegate';
    const context = isDelegate ? outer : { ...outer, address: to, caller: outer.address, value };
    const isReentrant = !isDelegate && this.#running.includes(toHexKey(to));
    const nothing = { returnData: new Uint8Array(0), refund: 0, errorCode: undefined };
    const known = this.#programs.get(toHexKey(to));
    if (known === undefined) {
      return { ...nothing, isSuccess: this.#move(outer.address, to, value), gasLeft: gas };
    }
    if (this.balance(outer.address) < value) {
      return { ...nothing, isSuccess: false, gasLeft: gas, errorCode: 'FRAME_FUNDS' };
    }
    const outcome = this.#run(context, isDelegate, () => {
      if (value > 0n) this.#move(outer.address, to, value);
      return call(known.program, data, this.#vmRun(context, gas, isStatic, isReentrant));
    });
    return {
      isSuccess: outcome.status === 'success',
      returnData: outcome.returnData,
      gasLeft: outcome.gasLeft,
      refund: outcome.refund,
      errorCode: outcome.status === 'failure' ? outcome.error?.code : undefined,
    };
  }
}

/** A deployed contract, called as viem calls one. */
export class Instance {
  readonly address: Uint8Array;
  readonly contract: CompiledContract;
  readonly #world: World;

  constructor(world: World, address: Uint8Array, contract: CompiledContract) {
    this.#world = world;
    this.address = address;
    this.contract = contract;
  }

  /** As arguments have it. */
  get hex(): Hex {
    return getAddress(toHex(this.address));
  }

  /** What the action returns; `reverted: reason` when it does not. */
  call(name: string, values: readonly unknown[] = [], options: CallOptions = {}): unknown {
    return this.resultOf(name, this.outcome(name, values, options));
  }

  /** What a call of the action came to, as {@link call} gives it. */
  resultOf(name: string, outcome: VmOutcome): unknown {
    if (outcome.status !== 'success') return `${outcome.status}ed: ${reasonOf(outcome)}`;
    const data = toHex(outcome.returnData) as Hex;
    return decodeFunctionResult({ abi: this.contract.abi as Abi, functionName: name, data });
  }

  outcome(name: string, values: readonly unknown[], options: CallOptions = {}): VmOutcome {
    const abi = this.contract.abi as Abi;
    const data = encodeFunctionData({ abi, functionName: name, args: values });
    return this.#world.send(this.address, fromHex(data), options);
  }

  /** Names and values of the events that it has logged; topics and data of what is no event of it. */
  events(from = 0): readonly unknown[] {
    const abi = this.contract.abi as Abi;
    const own = this.#world.logs
      .slice(from)
      .filter(({ address }) => toHexKey(address) === toHexKey(this.address));
    return own.map(({ topics, data }) => {
      const isKnown = abi.some((item) => item.type === 'event' && toEventHash(item) === topics[0]);
      if (!isKnown) return [...topics, data];
      const decoded = decodeEventLog({ abi, topics: topics as [Hex, ...Hex[]], data });
      return [decoded.eventName, decoded.args];
    });
  }
}
