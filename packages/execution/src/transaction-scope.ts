import { present, toHexKey } from '@lucerna/base';
import type { AccessListEntry, Log, RuleParameters } from '@lucerna/protocol';
import { executionErrors } from './errors.ts';

/**
 * What lives for one transaction beside the journal: which accounts and slots it has accessed
 * (EIP-2929), the words from before it (EIP-2200), and its logs. None of it is taken back: a frame
 * that fails is the last one of its transaction, whose logs then do not count.
 */
export class TransactionScope {
  readonly #rules: RuleParameters;
  readonly #addresses = new Set<string>();
  readonly #slots = new Map<string, AccessedSlots>();
  readonly #logs: Log[] = [];
  #logBytes = 0;

  /**
   * `warm` are the accounts whose access the transaction's own gas has paid for: its sender, and its
   * recipient or the new contract. The access list is warm as well (EIP-2930).
   */
  constructor(
    rules: RuleParameters,
    warm: readonly Uint8Array[],
    accessList: readonly AccessListEntry[],
  ) {
    this.#rules = rules;
    for (const address of warm) this.accessAddress(address);
    for (const { address, storageKeys } of accessList) {
      this.accessAddress(address);
      const slots = this.slotsOf(address);
      for (const slot of storageKeys) slots.access(slot);
    }
  }

  /** Marks the address as accessed; true when it was not. */
  accessAddress(address: Uint8Array): boolean {
    const key = toHexKey(address);
    if (this.#addresses.has(key)) return false;
    this.#addresses.add(key);
    return true;
  }

  /** The accessed slots of one account: the same object whenever it is asked for. */
  slotsOf(address: Uint8Array): AccessedSlots {
    const key = toHexKey(address);
    let slots = this.#slots.get(key);
    if (slots === undefined) {
      slots = new AccessedSlots();
      this.#slots.set(key, slots);
    }
    return slots;
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
  }

  /** All logs, in the order in which they were made. */
  get logs(): readonly Log[] {
    return this.#logs;
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

  /** Marks the slot as accessed; true when it was not. */
  access(slot: Uint8Array): boolean {
    const key = toHexKey(slot);
    if (this.#slots.has(key)) return false;
    this.#slots.set(key, { original: undefined });
    return true;
  }

  /**
   * The word that an accessed slot had before the transaction. To be asked before every write:
   * `current` tells the present word, which before the first write is the original.
   */
  original(slot: Uint8Array, current: () => Uint8Array): Uint8Array {
    const accessed = present(this.#slots.get(toHexKey(slot)), 'access comes before use');
    accessed.original ??= current();
    return accessed.original;
  }
}
