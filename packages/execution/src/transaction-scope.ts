import { present, toHexKey } from '@lucerna/base';
import type { AccessListEntry, Log, RuleParameters } from '@lucerna/protocol';
import type { RunMemory, RunStatistics } from '@lucerna/zexus';
import { executionErrors } from './errors.ts';
import type { ExecutionStatistics } from './outcome.ts';
import type { AccessWatch } from './transaction-watch.ts';

/** An address or a slot that counts as accessed, and from where it goes when that is taken back. */
type Access = { readonly held: { delete(key: string): boolean }; readonly key: string };

/** What can be taken back: an access, or the bytes of a log. */
type Undo = Access | number;

/**
 * What lives for one transaction beside the journal: which accounts and slots it has accessed
 * (EIP-2929), the words from before it (EIP-2200), its logs, and how many frames it has had. A frame
 * that fails takes back its accesses and its logs; the number of frames is only ever counted up.
 */
export class TransactionScope {
  /** What the runs of the contracts hold that wait for each other. */
  readonly memory: RunMemory = { bytes: 0 };
  readonly #rules: RuleParameters;
  readonly #watch: AccessWatch | undefined;
  readonly #addresses = new Set<string>();
  readonly #slots = new Map<string, AccessedSlots>();
  readonly #undo: Undo[] = [];
  readonly #logs: Log[] = [];
  #logBytes = 0;
  #frames = 0;
  readonly #counts = { stateReads: 0, stateWrites: 0, hashes: 0, logs: 0, actionCalls: 0 };
  /** The accounts that the transaction itself names. */
  readonly #named = new Set<string>();
  readonly #participants = new Map<string, Uint8Array>();

  /**
   * `warm` are the accounts whose access the transaction's own gas has paid for: its sender, and its
   * recipient or the new contract. The access list is warm as well (EIP-2930). `watch` is told of the
   * first access of all others.
   */
  constructor(
    rules: RuleParameters,
    warm: readonly Uint8Array[],
    accessList: readonly AccessListEntry[],
    watch?: AccessWatch,
  ) {
    this.#rules = rules;
    for (const address of warm) {
      const key = toHexKey(address);
      this.#named.add(key);
      this.#addresses.add(key);
    }
    for (const { address, storageKeys } of accessList) {
      this.accessAddress(address);
      const slots = this.slotsOf(address);
      for (const slot of storageKeys) slots.access(slot);
    }
    this.#watch = watch;
  }

  /** Marks the address as accessed; true when it was not. */
  accessAddress(address: Uint8Array): boolean {
    const key = toHexKey(address);
    if (this.#addresses.has(key)) return false;
    this.#watch?.address(address);
    this.#addresses.add(key);
    this.#undo.push({ held: this.#addresses, key });
    return true;
  }

  /** The accessed slots of one account: the same object whenever it is asked for. */
  slotsOf(address: Uint8Array): AccessedSlots {
    const key = toHexKey(address);
    let slots = this.#slots.get(key);
    if (slots === undefined) {
      slots = new AccessedSlots(this.#undo, (slot) => this.#watch?.slot(address, slot));
      this.#slots.set(key, slots);
    }
    return slots;
  }

  /** Counts a frame that begins. @throws `FRAME_LIMIT`, which is the failure of the frame that calls */
  countFrame(): void {
    const { maxTransactionFrames } = this.#rules;
    if (BigInt(this.#frames) >= maxTransactionFrames) {
      throw executionErrors.create('FRAME_LIMIT', undefined, { maxTransactionFrames });
    }
    this.#frames += 1;
  }

  /** Appends a log. @throws `LOG_LIMIT`, which is the failure of the frame that logs */
  log(log: Log): void {
    const logs = this.#logs.length + 1;
    const bytes = this.#logBytes + log.data.length;
    const { maxTransactionLogs, maxTransactionLogBytes } = this.#rules;
    if (BigInt(logs) > maxTransactionLogs || BigInt(bytes) > maxTransactionLogBytes) {
      throw executionErrors.create('LOG_LIMIT', undefined, { logs, bytes });
    }
    this.#logs.push(log);
    this.#logBytes = bytes;
    this.#undo.push(log.data.length);
  }

  /** Adds what the code of one frame has done, however it ended. */
  count(statistics: RunStatistics): void {
    const counts = this.#counts;
    counts.stateReads += statistics.stateReads;
    counts.stateWrites += statistics.stateWrites;
    counts.hashes += statistics.hashes;
    counts.logs += statistics.logs;
    counts.actionCalls += statistics.actionCalls;
  }

  /** What was done so far, also by what has failed. */
  get statistics(): ExecutionStatistics {
    return { frames: this.#frames, ...this.#counts };
  }

  /** All logs, in the order in which they were made. */
  get logs(): readonly Log[] {
    return this.#logs;
  }

  /** Notes that a contract has called, created or sent wei to the account. Never taken back. */
  involve(address: Uint8Array): void {
    const key = toHexKey(address);
    if (!this.#named.has(key)) this.#participants.set(key, address);
  }

  /** The involved accounts that the transaction does not name itself, each once. */
  get participants(): readonly Uint8Array[] {
    return [...this.#participants.values()];
  }

  /** How much there is to take back now. Checkpoints nest. */
  checkpoint(): number {
    return this.#undo.length;
  }

  /** Takes back all accesses and logs since `checkpoint`: what was cold then is cold again. */
  revertTo(checkpoint: number): void {
    while (this.#undo.length > checkpoint) {
      const undo = present(this.#undo.pop(), 'it is longer than that');
      if (typeof undo === 'number') {
        this.#logs.pop();
        this.#logBytes -= undo;
      } else {
        undo.held.delete(undo.key);
      }
    }
  }
}

/** A slot that the transaction has accessed. */
type AccessedSlot = {
  /** The word from before the transaction; undefined until it is asked for. */
  original: Uint8Array | undefined;
};

/** The slots of one account that a transaction has accessed. */
class AccessedSlots {
  readonly #slots = new Map<string, AccessedSlot>();
  readonly #undo: Undo[];
  readonly #watch: (slot: Uint8Array) => void;

  /** @param undo of the whole transaction: what is accessed is appended */
  constructor(undo: Undo[], watch: (slot: Uint8Array) => void) {
    this.#undo = undo;
    this.#watch = watch;
  }

  /** Marks the slot as accessed; true when it was not. */
  access(slot: Uint8Array): boolean {
    const key = toHexKey(slot);
    if (this.#slots.has(key)) return false;
    this.#watch(slot);
    this.#slots.set(key, { original: undefined });
    this.#undo.push({ held: this.#slots, key });
    return true;
  }

  /**
   * The word that an accessed slot had before the transaction. To be asked before every write:
   * `current` tells the present word, which before the first write is the original. A slot whose
   * access was taken back has also its writes taken back, so this holds for its next access as well.
   */
  original(slot: Uint8Array, current: () => Uint8Array): Uint8Array {
    const accessed = present(this.#slots.get(toHexKey(slot)), 'access comes before use');
    accessed.original ??= current();
    return accessed.original;
  }
}
