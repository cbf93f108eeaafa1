import { toHex } from '@lucerna/base';
import type { RecoveredTransaction } from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import { mempoolLimits, NETWORK_POOL_LIMITS, type PoolLimits } from '../src/limits.ts';
import { Mempool } from '../src/mempool.ts';
import type { PoolEffect, PoolHead, PoolOrigin, PoolStatus } from '../src/pool-event.ts';
import { Refusals } from '../src/refusals.ts';
import { Accounts, CHAIN_ID, type Draft, makeTransaction, RULES, senderOf } from './support.ts';

const GAS = 21_000n;
const ALICE = senderOf(1);
const BOB = senderOf(2);
const HEAD: PoolHead = { rules: RULES, gasLimit: 30_000_000n, baseFeePerGas: 10n };
const { queuedMs, refusalMs } = mempoolLimits.values;

/** A pool and its clock. */
class World {
  readonly accounts = new Accounts();
  readonly pool: Mempool;
  nowMs = 1_000_000;

  constructor(limits: Partial<PoolLimits> = {}) {
    for (const address of [ALICE, BOB]) this.fund(address, 0n);
    this.pool = new Mempool({ chainId: CHAIN_ID, accounts: this.accounts, head: HEAD, limits });
  }

  fund(address: Uint8Array, nonce: bigint, balance = 10n ** 18n): void {
    this.accounts.set(address, { nonce, balance });
  }

  send(draft: Draft, origin: PoolOrigin = 'local'): string {
    return this.offer(makeTransaction(draft), origin)[0] as string;
  }

  offer(transaction: RecoveredTransaction, origin: PoolOrigin = 'local'): string[] {
    const event = { kind: 'transaction', transaction, nowMs: this.nowMs, origin } as const;
    return this.pool.step(event).map(describeEffect);
  }

  head(change: {
    readonly touched?: readonly Uint8Array[];
    readonly reverted?: readonly RecoveredTransaction[];
    readonly baseFeePerGas?: bigint;
    readonly gasLimit?: bigint;
  }): string[] {
    const { nowMs } = this;
    return this.pool
      .step({ kind: 'head', touched: [], ...HEAD, ...change, nowMs })
      .map(describeEffect);
  }

  tick(): string[] {
    return this.pool.step({ kind: 'tick', nowMs: this.nowMs }).map(describeEffect);
  }

  statuses(address = ALICE): PoolStatus[] {
    return this.pool.contentOf(address).map(({ status }) => status);
  }
}

function describeEffect(effect: PoolEffect): string {
  if (effect.kind === 'accepted') return effect.status;
  if (effect.kind === 'rejected') return effect.error.code;
  return effect.kind === 'dropped' ? effect.reason : effect.kind;
}

const transfer = (nonce: number, fee = 20n, sender = ALICE): Draft => ({
  sender,
  nonce: BigInt(nonce),
  fee,
});

describe('what one sender may hold on a network', () => {
  const { senderExecutable, senderQueued } = NETWORK_POOL_LIMITS;

  it('is so many executable ones, with the next ones in a queue that moves up', () => {
    const world = new World(NETWORK_POOL_LIMITS);
    for (let nonce = 0; nonce < senderExecutable; nonce += 1) {
      expect(world.send(transfer(nonce))).toBe('pending');
    }
    for (let nonce = 0; nonce < senderQueued; nonce += 1) {
      expect(world.send(transfer(senderExecutable + nonce))).toBe('queued');
    }
    expect(world.pool.counts()).toEqual({ pending: 16, parked: 0, queued: 64 });
    expect(world.pool.pendingNonce(ALICE)).toBe(80n);
    expect(world.send(transfer(80))).toBe('TX_NONCE_TOO_HIGH');
    world.fund(ALICE, 3n);
    expect(world.head({ touched: [ALICE] }).sort()).toEqual([
      ...Array(3).fill('nonce-used'),
      ...Array(3).fill('promoted'),
    ]);
    expect(world.send(transfer(82))).toBe('queued');
  });

  it('is so many queued ones, but always the one that they wait for', () => {
    const world = new World({ ...NETWORK_POOL_LIMITS, senderQueued: 3 });
    for (const nonce of [1, 2, 3]) expect(world.send(transfer(nonce))).toBe('queued');
    expect(world.send(transfer(4))).toBe('POOL_SENDER_FULL');
    expect(world.send(transfer(3, 30n))).toBe('queued');
    expect(world.offer(makeTransaction(transfer(0)))).toEqual([
      'pending',
      'promoted',
      'promoted',
      'promoted',
    ]);
  });
});

describe('a replacement', () => {
  it('leaves its sender enough for what is executable behind it', () => {
    const world = new World();
    world.fund(ALICE, 0n, 45n * GAS);
    expect(world.send(transfer(0, 20n))).toBe('pending');
    expect(world.send(transfer(1, 20n))).toBe('pending');
    expect(world.send(transfer(0, 26n))).toBe('TX_INSUFFICIENT_FUNDS');
    expect(world.send(transfer(0, 25n))).toBe('pending');
    expect(world.statuses()).toEqual(['pending', 'pending']);
  });

  it('may be paid from what an unfunded one behind it wants', () => {
    const world = new World();
    world.send(transfer(0));
    world.send(transfer(1));
    world.fund(ALICE, 0n, 30n * GAS);
    world.head({ touched: [ALICE] });
    expect(world.statuses()).toEqual(['pending', 'queued']);
    expect(world.send(transfer(0, 30n))).toBe('pending');
  });
});

describe('the base fee', () => {
  it('parks what does not pay it, and takes it up again, however many wait', () => {
    const world = new World();
    for (let index = 0; index < 50; index += 1) {
      const sender = senderOf(100 + index);
      world.fund(sender, 0n);
      world.send(transfer(0, 11n + BigInt(index), sender));
      world.send(transfer(1, 99n, sender));
    }
    const counts = (): readonly number[] => {
      const { pending, parked } = world.pool.counts();
      return [pending, parked];
    };
    expect(counts()).toEqual([100, 0]);
    expect(world.head({ baseFeePerGas: 31n })).toEqual([]);
    expect(counts()).toEqual([60, 40]);
    expect(world.head({ baseFeePerGas: 21n })).toEqual(Array(20).fill('promoted'));
    expect(counts()).toEqual([80, 20]);
    expect(world.head({ baseFeePerGas: 21n })).toEqual([]);
    expect(world.head({ baseFeePerGas: 1_000n })).toEqual([]);
    expect(counts()).toEqual([0, 100]);
  });

  it('that a transaction does not pay at once parks it', () => {
    const world = new World();
    expect(world.send(transfer(0, 9n))).toBe('parked');
    expect(world.send(transfer(1, 90n))).toBe('parked');
    expect(world.send(transfer(2, 90n))).toBe('parked');
    expect(world.offer(makeTransaction(transfer(0, 10n)))).toEqual([
      'pending',
      'promoted',
      'promoted',
    ]);
  });
});

describe('time', () => {
  it('ends what has been queued for three hours, and only that', () => {
    const world = new World();
    world.send(transfer(0));
    world.send(transfer(5));
    world.nowMs += 1;
    world.send(transfer(6));
    world.send({ ...transfer(1), sender: BOB });
    world.nowMs += queuedMs - 2;
    expect(world.tick()).toEqual([]);
    world.nowMs += 1;
    expect(world.tick()).toEqual(['expired']);
    world.nowMs += 1;
    expect(world.tick()).toEqual(['expired', 'expired']);
    expect(world.statuses()).toEqual(['pending']);
    expect(world.pool.size).toBe(1);
    world.nowMs += 9 * queuedMs;
    expect(world.tick()).toEqual([]);
  });

  it('begins anew when the account changes, or a hole comes up', () => {
    const world = new World();
    world.send(transfer(0));
    world.send(transfer(1));
    world.send(transfer(2, 20n, BOB));
    const first = world.pool.contentOf(ALICE)[0]?.transaction.hash as Uint8Array;
    world.nowMs += queuedMs;
    world.fund(BOB, 1n);
    world.head({ touched: [BOB] });
    world.pool.step({ kind: 'remove', hash: first });
    expect(world.statuses()).toEqual(['queued']);
    expect(world.tick()).toEqual([]);
    world.nowMs += queuedMs;
    expect(world.tick()).toEqual(['expired', 'expired']);
  });

  it('frees what its sender may hold', () => {
    const world = new World({ senderQueued: 2 });
    world.send(transfer(3));
    world.send(transfer(4));
    expect(world.send(transfer(5))).toBe('POOL_SENDER_FULL');
    world.nowMs += queuedMs;
    expect(world.tick()).toEqual(['expired', 'expired']);
    expect(world.send(transfer(5))).toBe('queued');
  });
});

describe('peers', () => {
  it('are not heard again of what was refused for good, for a while', () => {
    const world = new World();
    const foreign = makeTransaction({ ...transfer(0), chainId: 1n });
    expect(world.offer(foreign, 'peer')).toEqual(['TX_CHAIN_ID']);
    expect(world.pool.knows(foreign.hash)).toBe(true);
    expect(world.offer(foreign, 'peer')).toEqual(['POOL_ALREADY_KNOWN']);
    expect(world.offer(foreign, 'local')).toEqual(['TX_CHAIN_ID']);
    world.nowMs += refusalMs;
    expect(world.offer(foreign, 'peer')).toEqual(['TX_CHAIN_ID']);
  });

  it('are heard again of what only came too early', () => {
    const world = new World();
    world.fund(ALICE, 0n, 0n);
    const early = makeTransaction(transfer(0));
    expect(world.offer(early, 'peer')).toEqual(['TX_INSUFFICIENT_FUNDS']);
    expect(world.pool.knows(early.hash)).toBe(false);
    world.fund(ALICE, 0n);
    expect(world.offer(early, 'peer')).toEqual(['pending']);
  });

  it('do not bring back what had to leave, but its sender can', () => {
    const world = new World({ transactions: 1 });
    const cheap = makeTransaction(transfer(0));
    world.offer(cheap, 'peer');
    expect(world.offer(makeTransaction(transfer(0, 30n, BOB)))).toEqual(['pending', 'evicted']);
    world.pool.step({ kind: 'clear' });
    expect(world.offer(cheap, 'peer')).toEqual(['POOL_ALREADY_KNOWN']);
    expect(world.offer(cheap)).toEqual(['pending']);
  });

  it('meet a ring that forgets the oldest first', () => {
    const ring = new Refusals(2, 100);
    for (const hash of ['a', 'b', 'a', 'c']) ring.add(hash, 0);
    expect(['a', 'b', 'c'].map((hash) => ring.has(hash, 99))).toEqual([true, false, true]);
    expect(ring.has('c', 100)).toBe(false);
    ring.clear();
    expect(ring.has('a', 0)).toBe(false);
  });
});

describe('the floor', () => {
  it('refuses fee caps below it and drops those that are there', () => {
    const world = new World();
    world.send(transfer(0, 19n));
    world.send(transfer(1, 20n));
    const raise = (minGasPrice: bigint): string[] =>
      world.pool.step({ kind: 'floor', minGasPrice }).map(describeEffect);
    expect(raise(20n)).toEqual(['underpriced']);
    expect(world.statuses()).toEqual(['queued']);
    expect(world.send(transfer(0, 19n))).toBe('POOL_UNDERPRICED');
    expect(raise(0n)).toEqual([]);
    expect(world.send(transfer(0, 19n))).toBe('pending');
  });
});

describe('a reorganisation', () => {
  it('brings back what fits, in front of what followed it', () => {
    const world = new World();
    const [first, second] = [makeTransaction(transfer(0)), makeTransaction(transfer(1))];
    world.fund(ALICE, 2n);
    world.send(transfer(2));
    world.fund(ALICE, 0n);
    expect(world.head({ touched: [ALICE], reverted: [first, second] })).toEqual([
      'pending',
      'pending',
      'promoted',
    ]);
    expect(world.statuses()).toEqual(['pending', 'pending', 'pending']);
  });

  it('does not bring back what the new branch has, too, or what was replaced meanwhile', () => {
    const world = new World();
    world.fund(ALICE, 1n);
    const taken = makeTransaction(transfer(0));
    expect(world.head({ touched: [ALICE], reverted: [taken] })).toEqual(['TX_NONCE_TOO_LOW']);
    world.send(transfer(1, 50n));
    expect(world.head({ reverted: [makeTransaction(transfer(1, 40n))] })).toEqual([
      'REPLACEMENT_UNDERPRICED',
    ]);
  });
});

describe('a falling gas limit', () => {
  it('drops what asks for more, and nothing else', () => {
    const world = new World();
    world.send({ ...transfer(0), gas: 100_000n });
    world.send({ ...transfer(0, 20n, BOB), gas: 99_999n });
    expect(world.head({ gasLimit: 99_999n })).toEqual(['invalid']);
    expect(world.statuses(BOB)).toEqual(['pending']);
  });
});

describe('removal of many', () => {
  it('takes all of a sender, or all there is', () => {
    const world = new World();
    for (const nonce of [0, 1, 4]) world.send(transfer(nonce));
    world.send(transfer(0, 20n, BOB));
    expect(world.pool.step({ kind: 'remove-sender', address: ALICE })).toHaveLength(3);
    expect(world.pool.step({ kind: 'remove-sender', address: ALICE })).toEqual([]);
    expect(world.pool.content().map(({ transaction }) => toHex(transaction.sender))).toEqual([
      toHex(BOB),
    ]);
    expect(world.pool.step({ kind: 'clear' }).map(describeEffect)).toEqual(['removed']);
    expect(world.pool.counts()).toEqual({ pending: 0, parked: 0, queued: 0 });
    expect(world.pool.bytes).toBe(0);
    expect(world.pool.contentOf(BOB)).toEqual([]);
  });

  it('is over before anybody notices, also of the longest queue', () => {
    const world = new World();
    for (let nonce = 0; nonce < mempoolLimits.values.senderNonceWindow; nonce += 1) {
      world.send(transfer(nonce));
    }
    expect(world.pool.step({ kind: 'clear' })).toHaveLength(mempoolLimits.values.senderNonceWindow);
  });
});

describe('an unsigned transaction', () => {
  it('is taken like any other and given out as it came', () => {
    const world = new World();
    const unsigned = { ...makeTransaction(transfer(0)), unsigned: true } as const;
    expect(world.offer(unsigned)).toEqual(['pending']);
    expect(world.pool.source().next()).toBe(unsigned);
  });
});
