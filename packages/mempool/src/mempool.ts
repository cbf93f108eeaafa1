import { assert, isErrorOf, type LucernaError, present, toHex, toHexKey } from '@lucerna/base';
import {
  maxCost,
  maxFeePerGas,
  maxPriorityFeePerGas,
  protocolErrors,
  type RecoveredTransaction,
  validateTransaction,
} from '@lucerna/protocol';
import { mempoolErrors } from './errors.ts';
import { mempoolLimits, type PoolLimits } from './limits.ts';
import type {
  DropReason,
  PoolEffect,
  PoolEvent,
  PooledTransaction,
  PoolHead,
  PoolStatus,
  SenderView,
} from './pool-event.ts';
import { type PoolEntry, SenderQueue } from './sender-queue.ts';
import { type PoolSource, poolSource } from './source.ts';

/**
 * Transactions that wait for a block: a synchronous, deterministic step machine without clock or
 * randomness. The same events over the same accounts give the same effects and the same order.
 */
export class Mempool {
  readonly #chainId: bigint;
  readonly #accounts: SenderView;
  readonly #limits: PoolLimits;
  #head: PoolHead;
  readonly #byHash = new Map<string, PoolEntry>();
  /** Only senders with at least one transaction. */
  readonly #queues = new Map<string, SenderQueue>();
  #bytes = 0;
  #arrivals = 0;
  #version = 0;

  constructor(options: {
    readonly chainId: bigint;
    readonly accounts: SenderView;
    readonly head: PoolHead;
    readonly limits?: Partial<PoolLimits>;
  }) {
    this.#chainId = options.chainId;
    this.#accounts = options.accounts;
    this.#head = options.head;
    this.#limits = { ...mempoolLimits.values, ...options.limits };
    assert(this.#limits.senderNonceWindow > 0, 'the pool takes at least the next nonce');
    assert(this.#limits.replacementBumpPercent >= 0, 'a replacement may not pay less');
  }

  /** Takes one event and says what became of it. Never throws for what a transaction contains. */
  step(event: PoolEvent): readonly PoolEffect[] {
    this.#version += 1;
    switch (event.kind) {
      case 'transaction':
        return [this.#take(event.transaction)];
      case 'head':
        return this.#follow(event, event.touched);
      case 'remove': {
        const entry = this.#byHash.get(toHexKey(event.hash));
        return entry === undefined ? [] : [this.#drop(entry, 'removed')];
      }
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

  has(hash: Uint8Array): boolean {
    return this.#byHash.has(toHexKey(hash));
  }

  get(hash: Uint8Array): RecoveredTransaction | undefined {
    return this.#byHash.get(toHexKey(hash))?.transaction;
  }

  /** The nonce that the next transaction of `address` should carry: behind its contiguous ones. */
  pendingNonce(address: Uint8Array): bigint {
    const queue = this.#queues.get(toHexKey(address));
    return queue === undefined ? this.#accounts.nonce(address) : queue.pendingNonce;
  }

  /** The executable transactions for a block of this base fee (wei per gas), best tip first. */
  source(baseFeePerGas: bigint = this.#head.baseFeePerGas): PoolSource {
    return poolSource(this.#queues.values(), baseFeePerGas, () => this.#version);
  }

  /** Everything in the pool, sender by sender in order of nonce. */
  content(): readonly PooledTransaction[] {
    const content: PooledTransaction[] = [];
    for (const queue of this.#queues.values()) {
      let parked = false;
      for (const [index, { transaction }] of queue.entries().entries()) {
        parked ||= maxFeePerGas(transaction.transaction) < this.#head.baseFeePerGas;
        content.push({ transaction, status: statusOf(index < queue.funded, parked) });
      }
    }
    return content;
  }

  #take(transaction: RecoveredTransaction): PoolEffect {
    try {
      const replaced = this.#admit(transaction);
      const accepted = { kind: 'accepted', hash: transaction.hash } as const;
      return replaced === undefined ? accepted : { ...accepted, replaced: replaced.hash };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { kind: 'rejected', hash: transaction.hash, error };
    }
  }

  /** Checks in order of their price, then puts the transaction in. Returns the one that it replaced. */
  #admit(recovered: RecoveredTransaction): RecoveredTransaction | undefined {
    const { transaction, sender } = recovered;
    if (this.has(recovered.hash)) {
      throw mempoolErrors.create('POOL_ALREADY_KNOWN', undefined, { hash: toHex(recovered.hash) });
    }
    this.#validate(recovered);
    const senderKey = toHexKey(sender);
    const queue =
      this.#queues.get(senderKey) ??
      new SenderQueue(this.#accounts.nonce(sender), this.#accounts.balance(sender));
    this.#checkNonce(transaction.nonce, queue.nonce);
    const entry = { transaction: recovered, cost: maxCost(transaction), arrival: this.#arrivals };
    checkFunds(entry, queue);
    const incumbent = queue.find(transaction.nonce)?.transaction;
    if (incumbent !== undefined) this.#checkBump(recovered, incumbent);
    this.#checkRoom(recovered, incumbent);

    this.#arrivals += 1;
    this.#queues.set(senderKey, queue);
    this.#byHash.set(toHexKey(recovered.hash), entry);
    this.#bytes += recovered.raw.length;
    const replaced = queue.put(entry)?.transaction;
    assert(replaced === incumbent, 'the queue gives up what the checks saw');
    if (replaced !== undefined) this.#forget(replaced);
    return replaced;
  }

  #validate(recovered: RecoveredTransaction): void {
    validateTransaction(recovered.transaction, {
      chainId: this.#chainId,
      rules: this.#head.rules,
      blockGasLimit: this.#head.gasLimit,
    });
  }

  #checkNonce(nonce: bigint, stateNonce: bigint): void {
    const fields = { nonce, stateNonce };
    if (nonce < stateNonce) {
      throw protocolErrors.create(
        'TX_NONCE_TOO_LOW',
        `next nonce ${stateNonce}, tx nonce ${nonce}`,
        fields,
      );
    }
    if (nonce >= stateNonce + BigInt(this.#limits.senderNonceWindow)) {
      throw protocolErrors.create(
        'TX_NONCE_TOO_HIGH',
        `next nonce ${stateNonce}, tx nonce ${nonce}`,
        fields,
      );
    }
  }

  /** Both caps must rise, or a replacement would be free for whoever only lifts the other one. */
  #checkBump(offered: RecoveredTransaction, incumbent: RecoveredTransaction): void {
    const percent = 100n + BigInt(this.#limits.replacementBumpPercent);
    const rises = (next: bigint, last: bigint): boolean =>
      next > last && next * 100n >= last * percent;
    const next = offered.transaction;
    const last = incumbent.transaction;
    if (
      rises(maxFeePerGas(next), maxFeePerGas(last)) &&
      rises(maxPriorityFeePerGas(next), maxPriorityFeePerGas(last))
    ) {
      return;
    }
    throw mempoolErrors.create('REPLACEMENT_UNDERPRICED', undefined, {
      incumbent: toHex(incumbent.hash),
      incumbentMaxFeePerGas: maxFeePerGas(last),
      incumbentMaxPriorityFeePerGas: maxPriorityFeePerGas(last),
      bumpPercent: this.#limits.replacementBumpPercent,
    });
  }

  #checkRoom(offered: RecoveredTransaction, incumbent: RecoveredTransaction | undefined): void {
    const transactions = this.#byHash.size + (incumbent === undefined ? 1 : 0);
    const bytes = this.#bytes + offered.raw.length - (incumbent?.raw.length ?? 0);
    if (transactions <= this.#limits.transactions && bytes <= this.#limits.bytes) return;
    throw mempoolErrors.create('POOL_FULL', undefined, {
      transactions: this.#byHash.size,
      transactionsLimit: this.#limits.transactions,
      bytes: this.#bytes,
      bytesLimit: this.#limits.bytes,
    });
  }

  #follow(head: PoolHead, touched: readonly Uint8Array[]): readonly PoolEffect[] {
    const { rules, gasLimit } = this.#head;
    const mayRefuse = head.rules.version !== rules.version || head.gasLimit < gasLimit;
    this.#head = { rules: head.rules, gasLimit: head.gasLimit, baseFeePerGas: head.baseFeePerGas };
    const effects: PoolEffect[] = [];
    for (const address of touched) this.#followSender(address, effects);
    if (mayRefuse) this.#dropInvalid(effects);
    return effects;
  }

  #followSender(address: Uint8Array, effects: PoolEffect[]): void {
    const senderKey = toHexKey(address);
    const queue = this.#queues.get(senderKey);
    if (queue === undefined) return;
    const nonce = this.#accounts.nonce(address);
    const balance = this.#accounts.balance(address);
    if (nonce === queue.nonce && balance === queue.balance) return;
    for (const entry of queue.follow(nonce, balance, this.#limits.senderNonceWindow)) {
      const { hash, transaction } = entry.transaction;
      this.#forget(entry.transaction);
      const reason = transaction.nonce < nonce ? 'nonce-used' : 'nonce-too-high';
      effects.push({ kind: 'dropped', hash, reason });
    }
    if (queue.size === 0) this.#queues.delete(senderKey);
  }

  /** Only when the rules change or the gas limit falls: what was valid can stop being so. */
  #dropInvalid(effects: PoolEffect[]): void {
    for (const entry of [...this.#byHash.values()]) {
      try {
        this.#validate(entry.transaction);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        effects.push(this.#drop(entry, 'invalid'));
      }
    }
  }

  #drop(entry: PoolEntry, reason: DropReason): PoolEffect {
    const { hash, sender, transaction } = entry.transaction;
    const senderKey = toHexKey(sender);
    const queue = present(this.#queues.get(senderKey), 'a pooled transaction is in a queue');
    queue.remove(transaction.nonce);
    if (queue.size === 0) this.#queues.delete(senderKey);
    this.#forget(entry.transaction);
    return { kind: 'dropped', hash, reason };
  }

  /** Takes a transaction that has left its queue out of the rest of the pool. */
  #forget(transaction: RecoveredTransaction): void {
    const known = this.#byHash.delete(toHexKey(transaction.hash));
    assert(known, 'what leaves a queue was in the pool');
    this.#bytes -= transaction.raw.length;
    assert(this.#bytes >= 0, 'the pool counts the bytes that it holds');
  }
}

/** A transaction must be paid for together with all that its sender lets run before it. */
function checkFunds(entry: PoolEntry, queue: SenderQueue): void {
  const { nonce } = entry.transaction.transaction;
  const required = entry.cost + (queue.costBefore(nonce) ?? 0n);
  if (required <= queue.balance) return;
  throw protocolErrors.create(
    'TX_INSUFFICIENT_FUNDS',
    `address ${toHex(entry.transaction.sender)} have ${queue.balance} want ${required}`,
    { balance: queue.balance, required, cost: entry.cost },
  );
}

/**
 * True for the errors that say something of the transaction. Any other one, also a coded one such
 * as a damaged state behind the account view, is not the transaction's fault.
 */
function isRefusal(error: unknown): error is LucernaError {
  return isErrorOf(error, mempoolErrors, protocolErrors);
}

function statusOf(funded: boolean, parked: boolean): PoolStatus {
  if (!funded) return 'queued';
  return parked ? 'parked' : 'pending';
}
