import { toHexKey } from '@lucerna/base';
import type { RecoveredTransaction } from '@lucerna/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { mempoolLimits, type PoolLimits } from '../src/limits.ts';
import { Mempool } from '../src/mempool.ts';
import type { PoolHead } from '../src/pool-event.ts';
import type { PoolSource } from '../src/source.ts';
import { NaivePool } from './naive-pool.ts';
import { Accounts, CHAIN_ID, makeTransaction, RULES, senderOf } from './support.ts';

const SENDERS = 4;
const GAS = 21_000n;
/** Small enough that every one of them is met in a run of a few dozen events. */
const LIMITS: PoolLimits = {
  ...mempoolLimits.values,
  senderNonceWindow: 6,
  transactions: 9,
  bytes: 1_000,
};
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
  dataBytes: fc.constantFrom(0, 0, 0, 20),
});

const headEvent = fc.record({
  kind: fc.constant('head' as const),
  baseFee: fee,
  gasLimit: fc.constantFrom(GAS + 2_000n, GAS + 2_000n, GAS + 2_000n, GAS + 100n),
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
const echoEvent = fc.record({ kind: fc.constant('echo' as const), pick: fc.nat(60) });

const script = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: transactionEvent },
    { weight: 3, arbitrary: headEvent },
    { weight: 1, arbitrary: removeEvent },
    { weight: 1, arbitrary: echoEvent },
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

  constructor() {
    for (let index = 0; index < SENDERS; index += 1) {
      this.accounts.set(senderOf(index), { nonce: 2n, balance: 60n * GAS });
    }
    const head: PoolHead = { rules: RULES, gasLimit: GAS + 2_000n, baseFeePerGas: 10n };
    this.pool = new Mempool({ chainId: CHAIN_ID, accounts: this.accounts, head, limits: LIMITS });
    this.model = new NaivePool(this.accounts, head, LIMITS);
  }

  apply(event: ScriptEvent): void {
    if (event.kind === 'transaction') this.submit(event);
    else if (event.kind === 'head') this.advance(event);
    else if (event.kind === 'remove') this.remove(event.pick);
    else if (this.sent.length > 0) this.offer(this.sent[event.pick % this.sent.length]!);
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
    this.offer(transaction);
  }

  offer(transaction: RecoveredTransaction): void {
    const [effect, ...others] = this.pool.step({ kind: 'transaction', transaction });
    expect(others).toEqual([]);
    const { outcome, replaced } = this.model.add(transaction);
    this.seen.add(outcome);
    if (outcome !== 'accepted') {
      expect(effect).toMatchObject({ kind: 'rejected', error: { code: outcome } });
      return;
    }
    if (replaced !== undefined) this.seen.add('replaced');
    const { hash } = transaction;
    expect(effect).toEqual({ kind: 'accepted', hash, ...(replaced && { replaced }) });
  }

  advance(event: Head): void {
    const touched = [senderOf(SENDERS + 7)];
    const source = this.pool.source();
    for (let count = 0; count < event.included; count += 1) {
      const included = source.next();
      if (included === undefined) break;
      const { nonce, balance } = this.accounts.of(included.sender);
      this.accounts.set(included.sender, { nonce: nonce + 1n, balance: balance - GAS });
      touched.push(included.sender);
    }
    for (const change of event.changes) {
      const address = senderOf(change.sender);
      const moved = this.accounts.of(address).nonce + BigInt(change.nonceStep);
      this.accounts.set(address, { nonce: moved < 0n ? 0n : moved, balance: change.funds * GAS });
      touched.push(address);
    }
    const head = { rules: RULES, gasLimit: event.gasLimit, baseFeePerGas: event.baseFee };
    const effects = this.pool.step({ kind: 'head', touched, ...head });
    const dropped = this.model.follow(head);
    for (const { reason } of dropped) this.seen.add(reason);
    expect(effects.map(describeDrop).sort()).toEqual(
      dropped.map((drop) => `${toHexKey(drop.hash)} ${drop.reason}`).sort(),
    );
  }

  remove(pick: number): void {
    const transaction = this.sent[pick];
    if (transaction === undefined) return;
    const { hash } = transaction;
    const expected = this.pool.has(hash) ? [{ kind: 'dropped', hash, reason: 'removed' }] : [];
    expect(this.pool.step({ kind: 'remove', hash })).toEqual(expected);
    this.model.remove(hash);
  }

  /** Everything that can be asked of a pool has the same answer. */
  compare(skips: readonly boolean[]): void {
    expect(this.pool.size).toBe(this.model.pool.length);
    expect(this.pool.bytes).toBe(this.model.pool.reduce((sum, { raw }) => sum + raw.length, 0));
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
      this.model.pool
        .map((pooled) => `${toHexKey(pooled.hash)} ${this.model.status(pooled, baseFeePerGas)}`)
        .sort(),
    );
    for (const baseFee of [baseFeePerGas, 25n]) {
      const order = drain(this.pool.source(baseFee), skips);
      expect(order).toEqual(this.model.order(baseFee, skips).map(({ hash }) => toHexKey(hash)));
    }
    for (const { hash } of this.model.pool) expect(this.pool.get(hash)?.hash).toEqual(hash);
  }
}

function describeDrop(effect: ReturnType<Mempool['step']>[number]): string {
  expect(effect.kind).toBe('dropped');
  return effect.kind === 'dropped' ? `${toHexKey(effect.hash)} ${effect.reason}` : effect.kind;
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
      fc.property(script, skipPlan, (events, skips) => {
        const pair = new Pair();
        for (const event of events) {
          pair.apply(event);
          pair.compare([]);
          pair.compare(skips);
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
      fc.property(script, (events) => {
        const [first, second] = [new Pair(), new Pair()];
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
  'REPLACEMENT_UNDERPRICED',
  'accepted',
  'invalid',
  'nonce-too-high',
  'nonce-used',
  'parked',
  'pending',
  'queued',
  'replaced',
];
