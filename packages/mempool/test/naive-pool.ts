import { equalBytes, isLucernaError, toHexKey } from '@lucerna/base';
import {
  effectiveGasPrice,
  effectiveTip,
  maxCost,
  maxFeePerGas,
  maxPriorityFeePerGas,
  type RecoveredTransaction,
  validateTransaction,
} from '@lucerna/protocol';
import type { PoolLimits } from '../src/limits.ts';
import type { DropReason, PoolHead, PoolOrigin, PoolStatus } from '../src/pool-event.ts';
import { type Account, type Accounts, CHAIN_ID } from './support.ts';

type Pooled = { readonly tx: RecoveredTransaction; readonly arrivedMs: number };

/** What a step of the model gives, as text that can be compared: `dropped <hash> evicted`. */
export type Outcome = readonly string[];

const LASTING = ['TX_CHAIN_ID', 'TX_INTRINSIC_GAS', 'TX_TIP_ABOVE_FEE_CAP'];
const WORTH: readonly PoolStatus[] = ['queued', 'parked', 'pending'];

/**
 * The pool as one array, with everything computed afresh each time: slow, and plain enough to be
 * read against the rules. Accepts and drops by the same events as the real one.
 */
export class NaivePool {
  readonly accounts: Accounts;
  readonly limits: PoolLimits;
  head: PoolHead;
  /** In order of arrival. */
  pool: Pooled[] = [];
  nowMs: number = 0;
  minGasPrice: bigint = 0n;
  refusals: { readonly hash: string; readonly sinceMs: number }[] = [];
  /** Of the senders in the pool: their account as last heard of, and when anything of it changed. */
  senders: Map<string, Account & { changedMs: number }> = new Map();
  /** What was pending after the last step, whose accounts are gone when the next head comes. */
  lastPending: readonly RecoveredTransaction[] = [];

  constructor(accounts: Accounts, head: PoolHead, limits: PoolLimits) {
    this.accounts = accounts;
    this.head = head;
    this.limits = limits;
  }

  add(tx: RecoveredTransaction, origin: PoolOrigin): Outcome {
    const hash = toHexKey(tx.hash);
    if (origin === 'peer' && this.isRefused(hash)) return [`rejected ${hash} POOL_ALREADY_KNOWN`];
    if (this.txs().includes(tx) || this.txs().some((one) => equalBytes(one.hash, tx.hash))) {
      return [`rejected ${hash} POOL_ALREADY_KNOWN`];
    }
    const refusal = this.refusal(tx);
    if (refusal !== undefined) {
      if (LASTING.includes(refusal)) this.refuse(hash);
      return [`rejected ${hash} ${refusal}`];
    }
    const rival = this.at(tx.sender, tx.transaction.nonce);
    const before = this.pool;
    const offered: Pooled = { tx, arrivedMs: this.nowMs };
    const isRival = (one: Pooled): boolean => one.tx === rival;
    const after = [...before.filter((one) => !isRival(one)), offered];
    this.pool = after;
    const status = this.status(tx, this.head.baseFeePerGas);
    // How statuses are before the offer decides what must make room for it.
    this.pool = before;
    if (status === 'queued' && rival === undefined) {
      const own = this.txs().filter((one) => equalBytes(one.sender, tx.sender));
      const queued = own.filter((one) => this.statusNow(one) === 'queued').length;
      if (queued >= this.limits.senderQueued) return [`rejected ${hash} POOL_SENDER_FULL`];
    }
    const victims = this.findRoom(tx, status, rival);
    if (typeof victims === 'string') return [`rejected ${hash} ${victims}`];
    const pendingBefore = this.lastPending;
    this.pool = after.filter(({ tx: one }) => !victims.includes(one));
    for (const victim of victims) this.refuse(toHexKey(victim.hash));
    if (!this.senders.has(toHexKey(tx.sender))) this.hear(tx.sender);
    this.forgetSenders();
    return [
      `accepted ${hash} ${status}${rival === undefined ? '' : ` ${toHexKey(rival.hash)}`}`,
      ...victims.map((victim) => `dropped ${toHexKey(victim.hash)} evicted`),
      ...this.promoted(pendingBefore).filter((one) => one !== `promoted ${hash}`),
    ];
  }

  /** The code of the first check that fails, in the order of the real pool; room left out. */
  refusal(offered: RecoveredTransaction): string | undefined {
    const invalid = this.invalidity(offered);
    if (invalid !== undefined) return invalid;
    if (maxFeePerGas(offered.transaction) < this.minGasPrice) return 'POOL_UNDERPRICED';
    const { nonce, balance } = this.accounts.of(offered.sender);
    const offset = offered.transaction.nonce - nonce;
    if (offset < 0n) return 'TX_NONCE_TOO_LOW';
    if (offset >= BigInt(this.limits.senderNonceWindow)) return 'TX_NONCE_TOO_HIGH';
    const rival = this.at(offered.sender, offered.transaction.nonce);
    const run = this.run(offered.sender);
    const funded = run.filter((_, index) => this.isFunded(run, index, balance));
    let others = run.length >= Number(offset) ? run.slice(0, Number(offset)) : [];
    if (rival !== undefined && funded.includes(rival)) {
      others = funded.filter((one) => one !== rival);
    }
    if (maxCost(offered.transaction) + total(others) > balance) return 'TX_INSUFFICIENT_FUNDS';
    if (rival !== undefined && !this.outbids(offered, rival)) return 'REPLACEMENT_UNDERPRICED';
    return undefined;
  }

  /** What makes room, or why nothing does. */
  findRoom(
    tx: RecoveredTransaction,
    status: PoolStatus,
    rival: RecoveredTransaction | undefined,
  ): readonly RecoveredTransaction[] | string {
    const victims: RecoveredTransaction[] = [];
    const statuses = new Map(this.txs().map((one) => [one, this.statusNow(one)]));
    for (;;) {
      const left = [...this.txs().filter((one) => one !== rival && !victims.includes(one)), tx];
      if (left.length <= this.limits.transactions && rawBytes(left) <= this.limits.bytes) {
        return victims;
      }
      if (victims.length === this.limits.evictions) return 'POOL_FULL';
      const victim = this.leastWorth(left, tx, statuses);
      if (victim === undefined) return 'POOL_FULL';
      victims.push(victim);
      const victimStatus = statuses.get(victim) as PoolStatus;
      const rank = WORTH.indexOf(status) - WORTH.indexOf(victimStatus);
      if (rank < 0 && status === 'queued') return 'POOL_FUTURE_REPLACES_PENDING';
      const dearer = this.price(tx, status) > this.price(victim, victimStatus);
      if (rank < 0 || (rank === 0 && !dearer)) return 'POOL_UNDERPRICED';
      const lost = [...victims, ...(rival === undefined ? [] : [rival])];
      const lostFees = lost
        .filter((one) => statuses.get(one) === 'pending')
        .reduce((sum, one) => sum + this.fee(one), 0n);
      if (lostFees > (status === 'pending' ? this.fee(tx) : 0n)) return 'POOL_UNDERPRICED';
    }
  }

  /** Of the transactions that end their sender's queue and are not before `tx` in its own. */
  leastWorth(
    left: readonly RecoveredTransaction[],
    tx: RecoveredTransaction,
    statuses: ReadonlyMap<RecoveredTransaction, PoolStatus>,
  ): RecoveredTransaction | undefined {
    const tails = left.filter(
      (one) =>
        one !== tx &&
        !left.some(
          (other) =>
            equalBytes(other.sender, one.sender) && other.transaction.nonce > one.transaction.nonce,
        ),
    );
    let least: RecoveredTransaction | undefined;
    for (const one of tails) {
      const status = statuses.get(one) as PoolStatus;
      const best = least && (statuses.get(least) as PoolStatus);
      const rank = best === undefined ? -1 : WORTH.indexOf(status) - WORTH.indexOf(best);
      const price = least && best ? this.price(one, status) - this.price(least, best) : 0n;
      // Of equal ones the later, which comes later in `left`.
      if (rank < 0 || (rank === 0 && price <= 0n)) least = one;
    }
    return least;
  }

  /** Takes the new head and what comes back. */
  follow(head: PoolHead, reverted: readonly RecoveredTransaction[]): Outcome {
    const pendingBefore = this.lastPending;
    if (head.rules.version !== this.head.rules.version) this.refusals = [];
    this.head = head;
    for (const [senderKey, heard] of this.senders) {
      const { nonce, balance } = this.accounts.byKey(senderKey);
      if (heard.nonce === nonce && heard.balance === balance) continue;
      this.senders.set(senderKey, { nonce, balance, changedMs: this.nowMs });
    }
    const effects = this.dropWhere(({ tx }) => {
      const offset = tx.transaction.nonce - this.accounts.of(tx.sender).nonce;
      if (offset < 0n) return 'nonce-used';
      if (offset >= BigInt(this.limits.senderNonceWindow)) return 'nonce-too-high';
      return this.invalidity(tx) === undefined ? undefined : 'invalid';
    });
    const promoted = this.promoted(pendingBefore);
    return [...effects, ...promoted, ...reverted.flatMap((tx) => this.add(tx, 'local'))];
  }

  tick(): Outcome {
    const bornMs = this.nowMs - this.limits.queuedMs;
    const { baseFeePerGas } = this.head;
    const expired = this.pool.filter(
      ({ tx, arrivedMs }) =>
        this.status(tx, baseFeePerGas) === 'queued' &&
        arrivedMs <= bornMs &&
        (this.senders.get(toHexKey(tx.sender))?.changedMs ?? 0) <= bornMs,
    );
    return this.dropWhere((one) => (expired.includes(one) ? 'expired' : undefined));
  }

  floor(minGasPrice: bigint): Outcome {
    this.minGasPrice = minGasPrice;
    return this.dropWhere(({ tx }) =>
      maxFeePerGas(tx.transaction) < minGasPrice ? 'underpriced' : undefined,
    );
  }

  remove(test: (tx: RecoveredTransaction) => boolean): Outcome {
    return this.dropWhere(({ tx }) => (test(tx) ? 'removed' : undefined));
  }

  dropWhere(reasonOf: (pooled: Pooled) => DropReason | undefined): Outcome {
    const effects: string[] = [];
    this.pool = this.pool.filter((one) => {
      const reason = reasonOf(one);
      if (reason === undefined) return true;
      const hash = toHexKey(one.tx.hash);
      effects.push(`dropped ${hash} ${reason}`);
      if (reason === 'expired') this.refuse(hash);
      // A hole in the queue begins to wait now.
      const heard = this.senders.get(toHexKey(one.tx.sender));
      if (heard !== undefined && reason !== 'expired' && !reason.startsWith('nonce')) {
        heard.changedMs = this.nowMs;
      }
      return false;
    });
    this.forgetSenders();
    this.lastPending = this.pending();
    return effects;
  }

  pendingNonce(sender: Uint8Array): bigint {
    return this.accounts.of(sender).nonce + BigInt(this.run(sender).length);
  }

  /** The order for a block; `skips` says of the n-th one offered whether it could be included. */
  order(baseFee: bigint, skips: readonly boolean[]): RecoveredTransaction[] {
    const offered: RecoveredTransaction[] = [];
    const barred: Uint8Array[] = [];
    for (;;) {
      let best: RecoveredTransaction | undefined;
      // In order of arrival, so that only a better tip displaces an earlier one.
      for (const pooled of this.txs()) {
        if (offered.includes(pooled)) continue;
        if (barred.some((sender) => equalBytes(sender, pooled.sender))) continue;
        const run = this.run(pooled.sender);
        const index = run.indexOf(pooled);
        if (index < 0 || !run.slice(0, index).every((earlier) => offered.includes(earlier)))
          continue;
        if (this.status(pooled, baseFee) !== 'pending') continue;
        const tip = effectiveTip(pooled.transaction, baseFee);
        if (best === undefined || tip > effectiveTip(best.transaction, baseFee)) best = pooled;
      }
      if (best === undefined) return offered;
      if (skips[offered.length] === true) barred.push(best.sender);
      offered.push(best);
    }
  }

  status(pooled: RecoveredTransaction, baseFee: bigint): PoolStatus {
    const run = this.run(pooled.sender);
    const index = run.indexOf(pooled);
    if (index < 0 || !this.isFunded(run, index, this.accounts.of(pooled.sender).balance)) {
      return 'queued';
    }
    const upTo = run.slice(0, index + 1);
    return upTo.some(({ transaction }) => maxFeePerGas(transaction) < baseFee)
      ? 'parked'
      : 'pending';
  }

  statusNow(pooled: RecoveredTransaction): PoolStatus {
    return this.status(pooled, this.head.baseFeePerGas);
  }

  isFunded(run: readonly RecoveredTransaction[], index: number, balance: bigint): boolean {
    return index < this.limits.senderExecutable && total(run.slice(0, index + 1)) <= balance;
  }

  pending(): readonly RecoveredTransaction[] {
    return this.txs().filter((one) => this.statusNow(one) === 'pending');
  }

  /** What all executable transactions bring in at most. */
  executableFees(): bigint {
    return this.pending().reduce((sum, one) => sum + this.fee(one), 0n);
  }

  promoted(before: readonly RecoveredTransaction[]): Outcome {
    this.lastPending = this.pending();
    return this.lastPending
      .filter((one) => !before.includes(one))
      .map(({ hash }) => `promoted ${toHexKey(hash)}`);
  }

  price({ transaction }: RecoveredTransaction, status: PoolStatus): bigint {
    if (status !== 'pending') return maxFeePerGas(transaction);
    return effectiveGasPrice(transaction, this.head.baseFeePerGas);
  }

  fee(tx: RecoveredTransaction): bigint {
    return tx.transaction.gasLimit * this.price(tx, 'pending');
  }

  /** The pooled transactions of `sender` from its nonce on, up to the first gap. */
  run(sender: Uint8Array): RecoveredTransaction[] {
    const run: RecoveredTransaction[] = [];
    let nonce = this.accounts.of(sender).nonce;
    for (;;) {
      const next = this.at(sender, nonce);
      if (next === undefined) return run;
      run.push(next);
      nonce += 1n;
    }
  }

  at(sender: Uint8Array, nonce: bigint): RecoveredTransaction | undefined {
    return this.txs().find(
      (pooled) => equalBytes(pooled.sender, sender) && pooled.transaction.nonce === nonce,
    );
  }

  txs(): readonly RecoveredTransaction[] {
    return this.pool.map(({ tx }) => tx);
  }

  isRefused(hash: string): boolean {
    return this.refusals.some(
      (one) => one.hash === hash && this.nowMs - one.sinceMs < this.limits.refusalMs,
    );
  }

  refuse(hash: string): void {
    const others = this.refusals.filter((one) => one.hash !== hash);
    this.refusals = [...others, { hash, sinceMs: this.nowMs }].slice(-this.limits.refusals);
  }

  hear(sender: Uint8Array): void {
    const { nonce, balance } = this.accounts.of(sender);
    this.senders.set(toHexKey(sender), { nonce, balance, changedMs: this.nowMs });
  }

  forgetSenders(): void {
    const there = new Set(this.txs().map(({ sender }) => toHexKey(sender)));
    for (const key of this.senders.keys()) if (!there.has(key)) this.senders.delete(key);
  }

  invalidity(offered: RecoveredTransaction): string | undefined {
    const { rules, gasLimit } = this.head;
    try {
      validateTransaction(offered.transaction, {
        chainId: CHAIN_ID,
        rules,
        blockGasLimit: gasLimit,
      });
      return undefined;
    } catch (error) {
      if (!isLucernaError(error)) throw error;
      return error.code;
    }
  }

  /** Both caps higher, by the named percentage, in exact arithmetic on tenths of a per mille. */
  outbids(offered: RecoveredTransaction, rival: RecoveredTransaction): boolean {
    const caps = [maxFeePerGas, maxPriorityFeePerGas] as const;
    return caps.every((cap) => {
      const was = cap(rival.transaction);
      const raise = cap(offered.transaction) - was;
      return raise > 0n && raise * 100n >= was * BigInt(this.limits.replacementBumpPercent);
    });
  }
}

function total(transactions: readonly RecoveredTransaction[]): bigint {
  return transactions.reduce((sum, { transaction }) => sum + maxCost(transaction), 0n);
}

function rawBytes(transactions: readonly RecoveredTransaction[]): number {
  return transactions.reduce((sum, { raw }) => sum + raw.length, 0);
}
