import { compareBytes, equalBytes, isLucernaError } from '@lucerna/base';
import {
  effectiveTip,
  maxCost,
  maxFeePerGas,
  maxPriorityFeePerGas,
  type RecoveredTransaction,
  validateTransaction,
} from '@lucerna/protocol';
import type { PoolLimits } from '../src/limits.ts';
import type { PoolHead, PoolStatus } from '../src/pool-event.ts';
import { type Accounts, CHAIN_ID } from './support.ts';

/**
 * The pool as one array, with everything computed afresh each time: slow, and plain enough to be
 * read against the rules. Accepts and drops by the same events as the real one.
 */
export class NaivePool {
  readonly accounts: Accounts;
  readonly limits: PoolLimits;
  head: PoolHead;
  /** In order of arrival. */
  pool: RecoveredTransaction[] = [];

  constructor(accounts: Accounts, head: PoolHead, limits: PoolLimits) {
    this.accounts = accounts;
    this.head = head;
    this.limits = limits;
  }

  /** The code of the refusal, or `accepted` and perhaps the hash of what it replaced. */
  add(offered: RecoveredTransaction): { outcome: string; replaced?: Uint8Array } {
    if (this.pool.some((pooled) => equalBytes(pooled.hash, offered.hash))) {
      return { outcome: 'POOL_ALREADY_KNOWN' };
    }
    const invalid = this.invalidity(offered);
    if (invalid !== undefined) return { outcome: invalid };
    const { nonce, balance } = this.accounts.of(offered.sender);
    const offset = offered.transaction.nonce - nonce;
    if (offset < 0n) return { outcome: 'TX_NONCE_TOO_LOW' };
    if (offset >= BigInt(this.limits.senderNonceWindow)) return { outcome: 'TX_NONCE_TOO_HIGH' };
    const earlier = this.run(offered.sender).slice(0, Number(offset));
    const joinsRun = BigInt(earlier.length) === offset;
    const required = maxCost(offered.transaction) + (joinsRun ? total(earlier) : 0n);
    if (required > balance) return { outcome: 'TX_INSUFFICIENT_FUNDS' };
    const rival = this.at(offered.sender, offered.transaction.nonce);
    if (rival !== undefined && !this.outbids(offered, rival)) {
      return { outcome: 'REPLACEMENT_UNDERPRICED' };
    }
    const after = [...this.pool.filter((pooled) => pooled !== rival), offered];
    if (after.length > this.limits.transactions || rawBytes(after) > this.limits.bytes) {
      return { outcome: 'POOL_FULL' };
    }
    this.pool = after;
    return rival === undefined
      ? { outcome: 'accepted' }
      : { outcome: 'accepted', replaced: rival.hash };
  }

  /** Takes the new head; the hashes that leave and why. */
  follow(head: PoolHead): { hash: Uint8Array; reason: string }[] {
    this.head = head;
    const dropped: { hash: Uint8Array; reason: string }[] = [];
    this.pool = this.pool.filter((pooled) => {
      const offset = pooled.transaction.nonce - this.accounts.of(pooled.sender).nonce;
      let reason: string | undefined;
      if (offset < 0n) reason = 'nonce-used';
      else if (offset >= BigInt(this.limits.senderNonceWindow)) reason = 'nonce-too-high';
      else if (this.invalidity(pooled) !== undefined) reason = 'invalid';
      if (reason !== undefined) dropped.push({ hash: pooled.hash, reason });
      return reason === undefined;
    });
    return dropped;
  }

  remove(hash: Uint8Array): void {
    this.pool = this.pool.filter((pooled) => !equalBytes(pooled.hash, hash));
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
      for (const pooled of this.pool) {
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
    const upTo = run.slice(0, run.indexOf(pooled) + 1);
    if (upTo.length === 0) return 'queued';
    if (total(upTo) > this.accounts.of(pooled.sender).balance) return 'queued';
    return upTo.some(({ transaction }) => maxFeePerGas(transaction) < baseFee)
      ? 'parked'
      : 'pending';
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
    return this.pool.find(
      (pooled) => compareBytes(pooled.sender, sender) === 0 && pooled.transaction.nonce === nonce,
    );
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
