import { assert, equalBytes, isErrorOf, type LucernaError, present, toHex } from '@lucerna/base';
import {
  maxFeePerGas,
  protocolErrors,
  type RecoveredTransaction,
  type TransactionContext,
  validateTransaction,
} from '@lucerna/protocol';
import {
  checkBump,
  checkFloor,
  checkFunds,
  checkNonce,
  checkQueued,
  findRoom,
  type Offer,
} from './admission.ts';
import { ByteTable } from './byte-table.ts';
import { mempoolErrors } from './errors.ts';
import { HASH_BYTES, mapKey } from './keys.ts';
import { mempoolLimits, type PoolLimits } from './limits.ts';
import type {
  DropReason,
  PoolCounts,
  PoolEffect,
  PoolEvent,
  PooledTransaction,
  PoolHead,
  PoolOrigin,
  SenderView,
} from './pool-event.ts';
import { Refusals } from './refusals.ts';
import { type PoolEntry, SenderQueue } from './sender-queue.ts';
import { Senders } from './senders.ts';
import { type PoolSource, poolSource } from './source.ts';
import type { Tail } from './tails.ts';

type HeadEvent = Extract<PoolEvent, { kind: 'head' }>;

/**
 * Transactions that wait for a block: a synchronous, deterministic step machine without clock or
 * randomness. The same events over the same accounts give the same effects and the same order.
 */
export class Mempool {
  readonly #chainId: bigint;
  readonly #accounts: SenderView;
  readonly #limits: PoolLimits;
  readonly #byHash = new ByteTable<PoolEntry>(HASH_BYTES, hasHash);
  /** Only senders with at least one transaction. */
  readonly #senders: Senders;
  readonly #refusals: Refusals;
  #head: PoolHead;
  /** What transactions are checked against without their sender's account. */
  #context: TransactionContext;
  #minGasPrice = 0n;
  #bytes = 0;
  #arrivals = 0;
  #version = 0;
  /** As of the last event that said so. */
  #nowMs = 0;

  constructor(options: {
    readonly chainId: bigint;
    readonly accounts: SenderView;
    readonly head: PoolHead;
    readonly limits?: Partial<PoolLimits>;
  }) {
    this.#chainId = options.chainId;
    this.#accounts = options.accounts;
    this.#head = options.head;
    this.#context = contextOf(options.chainId, options.head);
    this.#limits = { ...mempoolLimits.values, ...options.limits };
    this.#senders = new Senders(options.head.baseFeePerGas);
    this.#refusals = new Refusals(this.#limits.refusals, this.#limits.refusalMs);
    assert(this.#limits.senderNonceWindow > 0, 'the pool takes at least the next nonce');
    assert(this.#limits.senderExecutable > 0, 'a sender may have something executable');
    assert(this.#limits.replacementBumpPercent >= 0, 'a replacement may not pay less');
  }

  /** Takes one event and says what became of it. Never throws for what a transaction contains. */
  step(event: PoolEvent): readonly PoolEffect[] {
    this.#version += 1;
    if ('nowMs' in event) this.#nowMs = event.nowMs;
    switch (event.kind) {
      case 'transaction':
        return this.#take(event.transaction, event.origin);
      case 'head':
        return this.#follow(event);
      case 'tick':
        return this.#expire();
      case 'remove': {
        const entry = this.#byHash.get(event.hash);
        return entry === undefined ? [] : this.#dropAll([entry], 'removed');
      }
      case 'remove-sender': {
        const queue = this.#senders.get(event.address);
        return queue === undefined ? [] : this.#dropAll([...queue.entries()], 'removed');
      }
      case 'clear':
        return this.#dropAll(this.#entries(everything), 'removed');
      case 'floor':
        return this.#raiseFloor(event.minGasPrice);
    }
  }

  /** Changes with every event: what was made from the pool is up to date while this is the same. */
  get version(): number {
    return this.#version;
  }

  /** Number of transactions, executable or not. */
  get size(): number {
    return this.#byHash.size;
  }

  /** Raw bytes of all transactions. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of transactions of each status. */
  counts(): PoolCounts {
    return this.#senders.counts();
  }

  has(hash: Uint8Array): boolean {
    return this.#byHash.get(hash) !== undefined;
  }

  /** Whether a peer that offers it need not send it: it is here, or would be refused unseen. */
  knows(hash: Uint8Array): boolean {
    return this.has(hash) || this.#refuses(hash);
  }

  get(hash: Uint8Array): RecoveredTransaction | undefined {
    return this.#byHash.get(hash)?.transaction;
  }

  /** The nonce that the next transaction of `address` should carry: behind its contiguous ones. */
  pendingNonce(address: Uint8Array): bigint {
    const queue = this.#senders.get(address);
    return queue === undefined ? this.#accounts.nonce(address) : queue.pendingNonce;
  }

  /** The executable transactions for a block of this base fee (wei per gas), best tip first. */
  source(baseFeePerGas: bigint = this.#head.baseFeePerGas): PoolSource {
    return poolSource(this.#senders.all(), baseFeePerGas, () => this.#version);
  }

  /** Everything in the pool, sender by sender in order of nonce. */
  content(): readonly PooledTransaction[] {
    const content: PooledTransaction[] = [];
    for (const queue of this.#senders.all()) {
      for (const waiting of contentOf(queue)) content.push(waiting);
    }
    return content;
  }

  /** Everything of one sender, in order of nonce. */
  contentOf(address: Uint8Array): readonly PooledTransaction[] {
    const queue = this.#senders.get(address);
    return queue === undefined ? [] : contentOf(queue);
  }

  #take(transaction: RecoveredTransaction, origin: PoolOrigin): readonly PoolEffect[] {
    try {
      return this.#admit(transaction, origin);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (LASTING_REFUSALS.has(error.code)) {
        this.#refusals.add(mapKey(transaction.hash), this.#nowMs);
      }
      return [{ kind: 'rejected', hash: transaction.hash, error }];
    }
  }

  /** Checks in order of their price, then puts the transaction in. */
  #admit(recovered: RecoveredTransaction, origin: PoolOrigin): readonly PoolEffect[] {
    const { transaction, sender, hash } = recovered;
    const refused = origin === 'peer' && this.#refuses(hash);
    if (refused || this.has(hash)) {
      throw mempoolErrors.create('POOL_ALREADY_KNOWN', undefined, { hash: toHex(hash) });
    }
    const cost = validateTransaction(transaction, this.#context);
    const feeCap = maxFeePerGas(transaction);
    checkFloor(feeCap, this.#minGasPrice);
    const queue = this.#queueOf(sender);
    const offset = checkNonce(transaction.nonce, queue.nonce, this.#limits.senderNonceWindow);
    const entry: PoolEntry = {
      transaction: recovered,
      cost,
      feeCap,
      arrival: this.#arrivals,
      arrivedMs: this.#nowMs,
      runCost: 0n,
      lowestCap: 0n,
      pending: false,
    };
    checkFunds(entry, queue, offset);
    const incumbent = queue.find(offset);
    if (incumbent !== undefined) {
      checkBump(recovered, incumbent.transaction, this.#limits.replacementBumpPercent);
    }
    const { baseFeePerGas } = this.#head;
    const status = queue.statusFor(offset, feeCap, baseFeePerGas);
    const offer: Offer = { entry, queue, offset, status, incumbent };
    checkQueued(offer, this.#limits.senderQueued);
    return this.#insert(offer, this.#findRoom(offer));
  }

  /** Whether the hash was refused, or had to leave, a short time ago. */
  #refuses(hash: Uint8Array): boolean {
    return this.#refusals.size > 0 && this.#refusals.has(mapKey(hash), this.#nowMs);
  }

  #findRoom(offer: Offer): readonly Tail[] {
    return findRoom(
      offer,
      { transactions: this.#byHash.size, bytes: this.#bytes },
      () => this.#senders.tails(),
      { limits: this.#limits, baseFeePerGas: this.#head.baseFeePerGas },
    );
  }

  #insert(
    { entry, queue, offset, status, incumbent }: Offer,
    victims: readonly Tail[],
  ): readonly PoolEffect[] {
    const { hash } = entry.transaction;
    this.#arrivals += 1;
    this.#byHash.add(hash, entry);
    this.#bytes += entry.transaction.raw.length;
    const replaced = queue.put(entry, offset);
    assert(replaced === incumbent, 'the queue gives up what the checks saw');
    const accepted = { kind: 'accepted', hash, status } as const;
    const effects: PoolEffect[] = [accepted];
    if (replaced !== undefined) {
      this.#forget(replaced.transaction);
      effects[0] = { ...accepted, replaced: replaced.transaction.hash };
    }
    for (const victim of victims) {
      victim.queue.remove(victim.entry.transaction.transaction.nonce);
      effects.push(this.#leave(victim.entry, 'evicted'));
    }
    // The accepted one has its status in its own effect: it is not promoted.
    entry.pending = status === 'pending';
    promote(this.#senders.settle(queue), effects);
    for (const victim of victims) promote(this.#senders.settle(victim.queue), effects);
    assert(entry.pending === (status === 'pending'), 'a transaction gets the status foretold');
    return effects;
  }

  #queueOf(sender: Uint8Array): SenderQueue {
    const queue = this.#senders.get(sender);
    if (queue !== undefined) return queue;
    return new SenderQueue(
      {
        address: sender,
        nonce: this.#accounts.nonce(sender),
        balance: this.#accounts.balance(sender),
      },
      { mostExecutable: this.#limits.senderExecutable, nowMs: this.#nowMs },
    );
  }

  #follow(event: HeadEvent): readonly PoolEffect[] {
    const last = this.#head;
    const { rules, gasLimit, baseFeePerGas } = event;
    this.#head = { rules, gasLimit, baseFeePerGas };
    this.#context = contextOf(this.#chainId, this.#head);
    const effects: PoolEffect[] = [];
    const changed = new Set<SenderQueue>();
    for (const address of event.touched) {
      const queue = this.#senders.get(address);
      if (queue === undefined || !this.#followSender(queue, address, effects)) continue;
      changed.add(queue);
    }
    const newRules = rules.version !== last.rules.version;
    if (newRules) this.#refusals.clear();
    if (newRules || gasLimit < last.gasLimit) {
      for (const entry of this.#findInvalid(newRules)) {
        changed.add(this.#remove(entry, 'invalid', effects));
      }
    }
    promote(this.#senders.settleAt(baseFeePerGas, changed), effects);
    for (const transaction of event.reverted ?? []) {
      for (const effect of this.#take(transaction, 'local')) effects.push(effect);
    }
    return effects;
  }

  /** Whether anything has changed for the sender. */
  #followSender(queue: SenderQueue, address: Uint8Array, effects: PoolEffect[]): boolean {
    const nonce = this.#accounts.nonce(address);
    const balance = this.#accounts.balance(address);
    if (nonce === queue.nonce && balance === queue.balance) return false;
    for (const entry of queue.follow(nonce, balance, this.#limits.senderNonceWindow)) {
      const used = entry.transaction.transaction.nonce < nonce;
      effects.push(this.#leave(entry, used ? 'nonce-used' : 'nonce-too-high'));
    }
    queue.changedMs = this.#nowMs;
    return true;
  }

  /**
   * What was valid and is not at the new head. Gas limits wobble from block to block, so that case
   * is one comparison each; all checks are only made when the rules change.
   */
  #findInvalid(newRules: boolean): readonly PoolEntry[] {
    const { gasLimit } = this.#head;
    return this.#entries(
      (entry) =>
        entry.transaction.transaction.gasLimit > gasLimit || (newRules && !this.#isValid(entry)),
    );
  }

  /** The entries that `test` is true of, in the order in which they came. */
  #entries(test: (entry: PoolEntry) => boolean): readonly PoolEntry[] {
    const entries: PoolEntry[] = [];
    for (const queue of this.#senders.all()) {
      for (const entry of queue.entries()) if (test(entry)) entries.push(entry);
    }
    return entries.sort((left, right) => left.arrival - right.arrival);
  }

  #isValid(entry: PoolEntry): boolean {
    try {
      validateTransaction(entry.transaction.transaction, this.#context);
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return false;
    }
  }

  #expire(): readonly PoolEffect[] {
    const effects: PoolEffect[] = [];
    if (this.#senders.counts().queued === 0) return effects;
    const bornMs = this.#nowMs - this.#limits.queuedMs;
    for (const queue of [...this.#senders.all()]) {
      if (queue.queued === 0 || queue.changedMs > bornMs) continue;
      for (const entry of queue.removeQueued(({ arrivedMs }) => arrivedMs <= bornMs)) {
        effects.push(this.#leave(entry, 'expired'));
      }
      promote(this.#senders.settle(queue), effects);
    }
    return effects;
  }

  #raiseFloor(minGasPrice: bigint): readonly PoolEffect[] {
    this.#minGasPrice = minGasPrice;
    const below = this.#entries(({ feeCap }) => feeCap < minGasPrice);
    return this.#dropAll(below, 'underpriced');
  }

  #dropAll(entries: readonly PoolEntry[], reason: DropReason): readonly PoolEffect[] {
    const effects: PoolEffect[] = [];
    const changed = new Set<SenderQueue>();
    for (const entry of entries) changed.add(this.#remove(entry, reason, effects));
    for (const queue of changed) promote(this.#senders.settle(queue), effects);
    return effects;
  }

  /** Takes an entry out of the pool; its queue, which is still to be settled. */
  #remove(entry: PoolEntry, reason: DropReason, effects: PoolEffect[]): SenderQueue {
    const { sender, transaction } = entry.transaction;
    const queue = present(this.#senders.get(sender), 'a pooled transaction is in a queue');
    queue.remove(transaction.nonce);
    queue.changedMs = this.#nowMs;
    effects.push(this.#leave(entry, reason));
    return queue;
  }

  /** Takes an entry that has left its queue out of the rest of the pool. */
  #leave(entry: PoolEntry, reason: DropReason): PoolEffect {
    const { hash } = entry.transaction;
    this.#forget(entry.transaction);
    if (reason === 'evicted' || reason === 'expired') {
      this.#refusals.add(mapKey(hash), this.#nowMs);
    }
    return { kind: 'dropped', hash, reason };
  }

  #forget(transaction: RecoveredTransaction): void {
    const known = this.#byHash.delete(transaction.hash);
    assert(known, 'what leaves a queue was in the pool');
    this.#bytes -= transaction.raw.length;
    assert(this.#bytes >= 0, 'the pool counts the bytes that it holds');
  }
}

/** What is wrong with a transaction whatever the state of the chain is, while the rules are the same. */
const LASTING_REFUSALS: ReadonlySet<string> = new Set([
  'TX_CHAIN_ID',
  'TX_COST_OVERFLOW',
  'TX_HIGH_S',
  'TX_INTRINSIC_GAS',
  'TX_NONCE_MAX',
  'TX_TIP_ABOVE_FEE_CAP',
  'TX_UNPROTECTED',
]);

/**
 * True for the errors that say something of the transaction. Any other one, also a coded one such
 * as a damaged state behind the account view, is not the transaction's fault.
 */
function isRefusal(error: unknown): error is LucernaError {
  return isErrorOf(error, mempoolErrors, protocolErrors);
}

function hasHash(entry: PoolEntry, hash: Uint8Array): boolean {
  return equalBytes(entry.transaction.hash, hash);
}

function everything(): boolean {
  return true;
}

function contextOf(chainId: bigint, { rules, gasLimit }: PoolHead): TransactionContext {
  return { chainId, rules, blockGasLimit: gasLimit };
}

function promote(entries: readonly PoolEntry[], effects: PoolEffect[]): void {
  if (entries.length === 0) return;
  for (const { transaction } of entries) effects.push({ kind: 'promoted', hash: transaction.hash });
}

function contentOf(queue: SenderQueue): readonly PooledTransaction[] {
  return queue
    .entries()
    .map(({ transaction }, index) => ({ transaction, status: queue.statusAt(index) }));
}
