import { assert, toHexKey } from '@lucerna/base';
import { WORD_BYTES } from '../layout/slots.ts';
import type { CallContext, CallPort, Checkpoint, HostState } from './host.ts';

/** A log as a run made it. */
export type HostLog = { readonly topics: readonly Uint8Array[]; readonly data: Uint8Array };

/** What a checkpoint keeps. */
type Kept = {
  readonly words: ReadonlyMap<string, Uint8Array>;
  readonly balances: ReadonlyMap<string, bigint>;
  readonly accessed: ReadonlySet<string>;
  readonly logs: number;
};

/**
 * A ledger in memory, of one contract and one transaction: for scripts and for trying things out.
 * A checkpoint copies everything.
 */
export class MemoryHost implements HostState {
  /** Wei by the hex key of the account. */
  readonly balances: Map<string, bigint> = new Map();
  readonly logs: HostLog[] = [];
  readonly #self: Uint8Array;
  #words: Map<string, Uint8Array> = new Map();
  readonly #original: ReadonlyMap<string, Uint8Array>;
  #accessed: Set<string> = new Set();
  readonly #kept: Kept[] = [];

  /**
   * @param self the contract that runs
   * @param words of its state before the transaction, by the hex key of the slot
   */
  constructor(self: Uint8Array, words: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#self = self;
    this.#original = new Map(words);
    this.#words = new Map(words);
  }

  /** The words of the state as they are now, by the hex key of the slot; those that are zero may be there. */
  get words(): ReadonlyMap<string, Uint8Array> {
    return this.#words;
  }

  readonly accessSlot = (slot: Uint8Array): boolean => this.#access(`slot ${toHexKey(slot)}`);
  readonly accessAddress = (address: Uint8Array): boolean => this.#access(toHexKey(address));
  readonly load = (slot: Uint8Array): Uint8Array => {
    return this.#words.get(toHexKey(slot)) ?? new Uint8Array(WORD_BYTES);
  };
  readonly loadOriginal = (slot: Uint8Array): Uint8Array => {
    return this.#original.get(toHexKey(slot)) ?? new Uint8Array(WORD_BYTES);
  };
  readonly store = (slot: Uint8Array, word: Uint8Array): void => {
    assert(word.length === WORD_BYTES, 'a word has 32 bytes');
    this.#words.set(toHexKey(slot), word.slice());
  };
  readonly balance = (address: Uint8Array): bigint => this.balances.get(toHexKey(address)) ?? 0n;
  readonly transfer = (to: Uint8Array, value: bigint): boolean => {
    const balance = this.balance(this.#self);
    if (balance < value) return false;
    this.balances.set(toHexKey(this.#self), balance - value);
    this.balances.set(toHexKey(to), this.balance(to) + value);
    return true;
  };
  readonly log = (topics: readonly Uint8Array[], data: Uint8Array): void => {
    this.logs.push({ topics: topics.map((topic) => topic.slice()), data: data.slice() });
  };
  readonly checkpoint = (): Checkpoint => {
    const words = new Map(this.#words);
    const balances = new Map(this.balances);
    const accessed = new Set(this.#accessed);
    const state = this.#kept.push({ words, balances, accessed, logs: this.logs.length }) - 1;
    return { state, scope: state };
  };
  readonly revertTo = ({ state }: Checkpoint): void => {
    const kept = this.#kept[state];
    assert(kept !== undefined, 'a checkpoint that is not gone');
    this.#kept.length = state;
    this.#words = new Map(kept.words);
    this.#accessed = new Set(kept.accessed);
    this.logs.length = kept.logs;
    this.balances.clear();
    for (const [account, wei] of kept.balances) this.balances.set(account, wei);
  };

  #access(key: string): boolean {
    const isFirst = !this.#accessed.has(key);
    this.#accessed.add(key);
    return isFirst;
  }
}

/** A world without contracts: every call goes to an account without code, and comes to nothing. */
export const NO_CONTRACTS: CallPort = {
  call: ({ gas }) => ({
    isSuccess: true,
    returnData: new Uint8Array(0),
    gasLeft: gas,
    refund: 0,
    errorCode: undefined,
  }),
  hasCode: () => false,
  codeHash: () => new Uint8Array(WORD_BYTES),
  isDead: () => true,
  codeBytes: () => 0,
  schemaOf: () => undefined,
};

/** Circumstances of a run outside of any chain: everything is zero. */
export const NO_CHAIN: CallContext = {
  address: new Uint8Array(20),
  caller: new Uint8Array(20),
  origin: new Uint8Array(20),
  value: 0n,
  chainId: 0n,
  height: 0,
  timestamp: 0,
  coinbase: new Uint8Array(20),
  gasPrice: 0n,
  parentHash: new Uint8Array(WORD_BYTES),
  blockGasLimit: 0n,
};
