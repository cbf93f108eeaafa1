import { equalBytes, toHexKey } from '@lucerna/base';
import type { RecoveredTransaction, Rules } from '@lucerna/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { mempoolLimits, type PoolLimits } from '../src/limits.ts';
import { Mempool } from '../src/mempool.ts';
import type { PoolEffect, PoolEvent, PoolHead, PoolOrigin } from '../src/pool-event.ts';
import type { PoolSource } from '../src/source.ts';
import { NaivePool, type Outcome } from './naive-pool.ts';
import { Accounts, CHAIN_ID, makeTransaction, RULES, senderOf } from './support.ts';

const SENDERS = 4;
const GAS = 21_000n;
/** Small enough that every one of them is met in a run of a few dozen events. */
const LIMITS: PoolLimits = {
  ...mempoolLimits.values,
  senderNonceWindow: 6,
  senderExecutable: 4,
  senderQueued: 2,
  transactions: 9,
  bytes: 1_000,
  evictions: 1,
  queuedMs: 100,
  refusals: 100,
  refusalMs: 60,
};
/** How full a pool is decides which rules it meets. */
const room = fc.constantFrom(
  {},
  { transactions: 2 },
  { transactions: 4 },
  { transactions: 4, bytes: 320 },
  { bytes: 400, evictions: 3 },
);

/** At least so many that no rule is missed by chance. */
const numRuns = Math.max(200, runs(300).numRuns);

const sender = fc.nat(SENDERS - 1);
const fee = fc.bigInt(1n, 40n);
/** Mostly not above the fee cap of the same transaction, which would be refused at once. */
const feeAndTip = fee.chain((cap) =>
  fc.record({ fee: fc.constant(cap), tip: fc.option(fc.bigInt(0n, cap + 1n), { nil: undefined }) }),
);

const transactionEvent = fc.record({
  kind: fc.constant('transaction' as const),
  sender,
  /** Relative to the state nonce, so that both ends of the window are met. */
  offset: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: -2, max: 7 }) },
  ),
  price: feeAndTip,
  value: fc.bigInt(0n, 3n),
  gas: fc.constantFrom(GAS, GAS, GAS, GAS, GAS + 500n, GAS - 1n),
  chainId: fc.constantFrom(
    CHAIN_ID,
    CHAIN_ID,
    CHAIN_ID,
    CHAIN_ID,
    CHAIN_ID,
    CHAIN_ID,
    CHAIN_ID,
    1n,
  ),
  dataBytes: fc.constantFrom(0, 0, 0, 20, 80),
  origin: fc.constantFrom('local' as const, 'peer' as const),
});

/** One that is right in all respects, so that executable ones compete for room. */
const bidEvent = fc.record({
  kind: fc.constant('transaction' as const),
  sender,
  offset: fc.nat(1),
  price: fc.bigInt(10n, 40n).map((cap) => ({ fee: cap, tip: undefined })),
  value: fc.constant(0n),
  gas: fc.constantFrom(GAS, GAS, GAS + 500n),
  chainId: fc.constant(CHAIN_ID),
  dataBytes: fc.constantFrom(0, 0, 80),
  origin: fc.constant('local' as const),
});

const headEvent = fc.record({
  kind: fc.constant('head' as const),
  baseFee: fc.oneof({ weight: 2, arbitrary: fc.bigInt(1n, 10n) }, { weight: 1, arbitrary: fee }),
  gasLimit: fc.constantFrom(GAS + 2_000n, GAS + 2_000n, GAS + 2_000n, GAS + 100n),
  rulesVersion: fc.constantFrom(1, 1, 1, 1, 1, 2),
  /** Transactions that were included before and come back. */
  reverted: fc.nat(3),
  /** How many transactions of the source are included. */
  included: fc.nat(4),
  /** Accounts that change by other means: nonce jumps (also back), balances. */
  changes: fc.array(
    fc.record({ sender, nonceStep: fc.integer({ min: -3, max: 3 }), funds: fc.bigInt(0n, 90n) }),
    { maxLength: 1 },
  ),
});

const removeEvent = fc.record({ kind: fc.constant('remove' as const), pick: fc.nat(20) });

/** Something that was sent before comes again. */
const echoEvent = fc.record({
  kind: fc.constant('echo' as const),
  pick: fc.nat(60),
  origin: fc.constantFrom('local' as const, 'peer' as const),
});

const rareEvent = fc.oneof(
  fc.record({ kind: fc.constant('remove-sender' as const), sender }),
  fc.record({ kind: fc.constant('clear' as const) }),
  fc.record({ kind: fc.constant('floor' as const), minGasPrice: fc.bigInt(0n, 15n) }),
);

/** Time passes; clocks can be set back. */
const tickEvent = fc.record({
  kind: fc.constant('tick' as const),
  passedMs: fc.integer({ min: -5, max: 70 }),
});

const script = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: transactionEvent },
    { weight: 9, arbitrary: bidEvent },
    { weight: 3, arbitrary: headEvent },
    { weight: 1, arbitrary: removeEvent },
    { weight: 2, arbitrary: echoEvent },
    { weight: 2, arbitrary: tickEvent },
    { weight: 1, arbitrary: rareEvent },
  ),
  { minLength: 5, maxLength: 60, size: 'max' },
);

type Script = typeof script extends fc.Arbitrary<infer T> ? T : never;
type ScriptEvent = Script[number];
type Head = Extract<ScriptEvent, { kind: 'head' }>;
type Submission = Extract<ScriptEvent, { kind: 'transaction' }>;

/** The real pool and the naive one, led through the same events over the same accounts. */
class Pair {
  readonly accounts = new Accounts();
  readonly pool: Mempool;
  readonly model: NaivePool;
  readonly seen = new Set<string>();
  readonly sent: RecoveredTransaction[] = [];
  /** What was included, the latest last. */
  readonly included: RecoveredTransaction[] = [];

  constructor(limits: Partial<PoolLimits>) {
    const all = { ...LIMITS, ...limits };
    for (let index = 0; index < SENDERS; index += 1) {
      this.accounts.set(senderOf(index), { nonce: 2n, balance: 60n * GAS });
    }
    const head: PoolHead = { rules: RULES, gasLimit: GAS + 2_000n, baseFeePerGas: 10n };
    this.pool = new Mempool({ chainId: CHAIN_ID, accounts: this.accounts, head, limits: all });
    this.model = new NaivePool(this.accounts, head, all);
  }

  apply(event: ScriptEvent): void {
    switch (event.kind) {
      case 'transaction':
        this.submit(event);
        break;
      case 'head':
        this.advance(event);
        break;
      case 'echo': {
        const transaction = this.sent[event.pick % Math.max(1, this.sent.length)];
        if (transaction !== undefined) this.offer(transaction, event.origin);
        break;
      }
      case 'tick':
        this.model.nowMs += event.passedMs;
        this.agree({ kind: 'tick', nowMs: this.model.nowMs }, () => this.model.tick());
        break;
      case 'floor':
        this.agree(event, () => this.model.floor(event.minGasPrice));
        break;
      case 'clear':
        this.agree(event, () => this.model.remove(() => true));
        break;
      case 'remove':
        this.remove(event.pick);
        break;
      case 'remove-sender':
        this.removeSender(senderOf(event.sender));
        break;
    }
  }

  /** Both do the same about an event. */
  agree(event: PoolEvent, modelled: () => Outcome): void {
    const effects = this.pool.step(event).map(describeEffect);
    expect([...effects].sort()).toEqual([...modelled()].sort());
    for (const effect of effects) {
      const [kind, , what, replaced] = effect.split(' ');
      this.seen.add(kind as string);
      if (what !== undefined) this.seen.add(what);
      if (replaced !== undefined) this.seen.add('replaced');
    }
  }

  submit(event: Submission): void {
    const from = senderOf(event.sender);
    const nonce = this.accounts.of(from).nonce + BigInt(event.offset);
    const transaction = makeTransaction({
      sender: from,
      nonce: nonce < 0n ? 0n : nonce,
      ...event.price,
      value: event.value,
      gas: event.gas + BigInt(16 * event.dataBytes),
      chainId: event.chainId,
      data: new Uint8Array(event.dataBytes).fill(1),
    });
    this.sent.push(transaction);
    this.offer(transaction, event.origin);
  }

  offer(transaction: RecoveredTransaction, origin: PoolOrigin): void {
    const before = this.model.txs();
    const pending = this.model.pending();
    const fees = this.model.executableFees();
    const { nowMs } = this.model;
    this.agree({ kind: 'transaction', transaction, nowMs, origin }, () =>
      this.model.add(transaction, origin),
    );
    const left = this.model.txs();
    for (const tx of pending.filter((one) => left.includes(one))) {
      expect(this.model.statusNow(tx), 'no admission strands an executable one').toBe('pending');
    }
    const evicted = before.filter(
      (tx) =>
        !left.includes(tx) &&
        !(
          equalBytes(tx.sender, transaction.sender) &&
          tx.transaction.nonce === transaction.transaction.nonce
        ),
    );
    if (evicted.length === 0) return;
    expect(this.model.executableFees(), 'an eviction costs nothing').toBeGreaterThanOrEqual(fees);
    if (!evicted.some((tx) => pending.includes(tx))) return;
    this.seen.add('pending evicted');
    expect(this.model.statusNow(transaction), 'for an executable one').toBe('pending');
  }

  advance(event: Head): void {
    const touched = [senderOf(SENDERS + 7)];
    const reverted = this.included.splice(this.included.length - event.reverted);
    for (const { sender: address, transaction } of reverted.toReversed()) {
      const { balance } = this.accounts.of(address);
      this.accounts.set(address, { nonce: transaction.nonce, balance: balance + GAS });
      touched.push(address);
    }
    const source = this.pool.source();
    for (let count = 0; count < (reverted.length > 0 ? 0 : event.included); count += 1) {
      const included = source.next();
      if (included === undefined) break;
      const { nonce, balance } = this.accounts.of(included.sender);
      this.accounts.set(included.sender, { nonce: nonce + 1n, balance: balance - GAS });
      touched.push(included.sender);
      this.included.push(included);
    }
    for (const change of event.changes) {
      const address = senderOf(change.sender);
      const moved = this.accounts.of(address).nonce + BigInt(change.nonceStep);
      this.accounts.set(address, { nonce: moved < 0n ? 0n : moved, balance: change.funds * GAS });
      touched.push(address);
    }
    const head = {
      rules: rulesOf(event.rulesVersion),
      gasLimit: event.gasLimit,
      baseFeePerGas: event.baseFee,
    };
    const { nowMs } = this.model;
    this.agree({ kind: 'head', touched, reverted, nowMs, ...head }, () =>
      this.model.follow(head, reverted),
    );
  }

  remove(pick: number): void {
    const transaction = this.sent[pick];
    if (transaction === undefined) return;
    const { hash } = transaction;
    this.agree({ kind: 'remove', hash }, () =>
      this.model.remove((tx) => equalBytes(tx.hash, hash)),
    );
  }

  removeSender(address: Uint8Array): void {
    this.agree({ kind: 'remove-sender', address }, () =>
      this.model.remove((tx) => equalBytes(tx.sender, address)),
    );
  }

  /** Everything that can be asked of a pool has the same answer. */
  compare(skips: readonly boolean[]): void {
    expect(this.pool.size).toBe(this.model.pool.length);
    expect(this.pool.bytes).toBe(this.model.txs().reduce((sum, { raw }) => sum + raw.length, 0));
    for (let index = 0; index < SENDERS; index += 1) {
      const address = senderOf(index);
      expect(this.pool.pendingNonce(address)).toBe(this.model.pendingNonce(address));
    }
    const { baseFeePerGas } = this.model.head;
    const statuses = this.pool.content().map((pooled) => {
      this.seen.add(pooled.status);
      return `${toHexKey(pooled.transaction.hash)} ${pooled.status}`;
    });
    expect(statuses.sort()).toEqual(
      this.model
        .txs()
        .map((pooled) => `${toHexKey(pooled.hash)} ${this.model.status(pooled, baseFeePerGas)}`)
        .sort(),
    );
    for (const baseFee of [baseFeePerGas, 25n]) {
      const order = drain(this.pool.source(baseFee), skips);
      expect(order).toEqual(this.model.order(baseFee, skips).map(({ hash }) => toHexKey(hash)));
    }
    const counts = { pending: 0, parked: 0, queued: 0 };
    for (const tx of this.model.txs()) {
      expect(this.pool.get(tx.hash)?.hash).toEqual(tx.hash);
      counts[this.model.statusNow(tx)] += 1;
    }
    expect(this.pool.counts()).toEqual(counts);
    for (const { hash } of this.sent) {
      expect(this.pool.knows(hash)).toBe(
        this.pool.has(hash) || this.model.isRefused(toHexKey(hash)),
      );
    }
  }
}

function describeEffect(effect: PoolEffect): string {
  const text = `${effect.kind} ${toHexKey(effect.hash)}`;
  switch (effect.kind) {
    case 'accepted':
      return `${text} ${effect.status}${effect.replaced ? ` ${toHexKey(effect.replaced)}` : ''}`;
    case 'rejected':
      return `${text} ${effect.error.code}`;
    case 'promoted':
      return text;
    case 'dropped':
      return `${text} ${effect.reason}`;
  }
}

/** Rules of a later version ask for more gas, so that some transactions stop being valid. */
function rulesOf(version: number): Rules {
  if (version === 1) return RULES;
  return { ...RULES, version: RULES.version + 1, gasTransaction: GAS + 200n };
}

function drain(source: PoolSource, skips: readonly boolean[]): string[] {
  const order: string[] = [];
  for (;;) {
    const next = source.next();
    if (next === undefined) return order;
    if (skips[order.length] === true) source.skipSender();
    order.push(toHexKey(next.hash));
  }
}

describe('Mempool against the naive model', () => {
  it('accepts, refuses, drops and orders the same, and every rule is met', () => {
    const seen = new Set<string>();
    const skipPlan = fc.array(fc.boolean(), { maxLength: 6 });
    fc.assert(
      fc.property(script, skipPlan, room, (events, skips, limits) => {
        const pair = new Pair(limits);
        for (const [index, event] of events.entries()) {
          pair.apply(event);
          pair.compare(index % 2 === 0 ? [] : skips);
        }
        for (const what of pair.seen) seen.add(what);
      }),
      { numRuns },
    );
    // A property that never gets to a rule says nothing about it.
    expect([...seen].sort()).toEqual(expect.arrayContaining([...EVERY_RULE]));
  });

  it('is deterministic: the same events give the same effects and the same order', () => {
    fc.assert(
      fc.property(script, room, (events, limits) => {
        const [first, second] = [new Pair(limits), new Pair(limits)];
        for (const event of events) {
          first.apply(event);
          second.apply(event);
        }
        expect(drain(second.pool.source(), [])).toEqual(drain(first.pool.source(), []));
        expect(second.pool.content()).toEqual(first.pool.content());
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    );
  });
});

const EVERY_RULE: readonly string[] = [
  'TX_INSUFFICIENT_FUNDS',
  'TX_NONCE_TOO_HIGH',
  'TX_NONCE_TOO_LOW',
  'POOL_ALREADY_KNOWN',
  'POOL_FULL',
  'POOL_FUTURE_REPLACES_PENDING',
  'POOL_SENDER_FULL',
  'POOL_UNDERPRICED',
  'REPLACEMENT_UNDERPRICED',
  'accepted',
  'evicted',
  'expired',
  'invalid',
  'nonce-too-high',
  'nonce-used',
  'parked',
  'pending',
  'pending evicted',
  'promoted',
  'queued',
  'removed',
  'replaced',
  'underpriced',
];
