import { AssertionError, toHex } from '@lucerna/base';
import type { RecoveredTransaction } from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import type { PoolLimits } from '../src/limits.ts';
import { mempoolLimits } from '../src/limits.ts';
import { Mempool } from '../src/mempool.ts';
import type { PoolEffect, PoolHead, SenderView } from '../src/pool-event.ts';
import { Accounts, CHAIN_ID, type Draft, makeTransaction, RULES, senderOf } from './support.ts';

const GAS = 21_000n;
const ALICE = senderOf(1);
const BOB = senderOf(2);
const CAROL = senderOf(3);
const HEAD: PoolHead = { rules: RULES, gasLimit: 30_000_000n, baseFeePerGas: 10n };

function setUp(limits: Partial<PoolLimits> = {}): { pool: Mempool; accounts: Accounts } {
  const accounts = new Accounts();
  accounts.set(ALICE, { nonce: 0n, balance: 10n ** 18n });
  accounts.set(BOB, { nonce: 0n, balance: 10n ** 18n });
  accounts.set(CAROL, { nonce: 0n, balance: 10n ** 18n });
  accounts.set(senderOf(4), { nonce: 0n, balance: 10n ** 18n });
  return { accounts, pool: new Mempool({ chainId: CHAIN_ID, accounts, head: HEAD, limits }) };
}

function send(pool: Mempool, draft: Draft): { tx: RecoveredTransaction; outcome: string } {
  const tx = makeTransaction(draft);
  const [effect] = pool.step({ kind: 'transaction', transaction: tx, nowMs: 0, origin: 'local' });
  return { tx, outcome: outcomeOf(effect!) };
}

function outcomeOf(effect: PoolEffect): string {
  if (effect.kind === 'accepted') return effect.replaced === undefined ? 'accepted' : 'replaced';
  if (effect.kind === 'rejected') return effect.error.code;
  return effect.kind === 'dropped' ? effect.reason : effect.kind;
}

function order(pool: Mempool, baseFee?: bigint): string[] {
  const source = pool.source(baseFee);
  const hashes: string[] = [];
  for (let next = source.next(); next !== undefined; next = source.next()) {
    hashes.push(toHex(next.hash));
  }
  return hashes;
}

const hashes = (...transactions: { tx: RecoveredTransaction }[]): string[] =>
  transactions.map(({ tx }) => toHex(tx.hash));

describe('admission', () => {
  it('takes a transaction once', () => {
    const { pool } = setUp();
    expect(send(pool, { sender: ALICE, nonce: 0n, fee: 20n }).outcome).toBe('accepted');
    const again = send(pool, { sender: ALICE, nonce: 0n, fee: 20n });
    expect(again.outcome).toBe('POOL_ALREADY_KNOWN');
    expect(pool.get(again.tx.hash)?.hash).toEqual(again.tx.hash);
    expect(pool.size).toBe(1);
  });

  it('takes the first and the last nonce of the window, and none outside', () => {
    const { pool, accounts } = setUp();
    accounts.set(ALICE, { nonce: 5n, balance: 10n ** 18n });
    const end = 5n + BigInt(mempoolLimits.values.senderNonceWindow);
    expect(send(pool, { sender: ALICE, nonce: 4n, fee: 20n }).outcome).toBe('TX_NONCE_TOO_LOW');
    expect(send(pool, { sender: ALICE, nonce: 5n, fee: 20n }).outcome).toBe('accepted');
    expect(send(pool, { sender: ALICE, nonce: end - 1n, fee: 20n }).outcome).toBe('accepted');
    expect(send(pool, { sender: ALICE, nonce: end, fee: 20n }).outcome).toBe('TX_NONCE_TOO_HIGH');
  });

  it('asks for the whole cost of all that runs before it, to the wei', () => {
    const { pool, accounts } = setUp();
    accounts.set(ALICE, { nonce: 0n, balance: 2n * 20n * GAS + 7n });
    expect(send(pool, { sender: ALICE, nonce: 0n, fee: 20n, value: 3n }).outcome).toBe('accepted');
    expect(send(pool, { sender: ALICE, nonce: 1n, fee: 20n, value: 5n }).outcome).toBe(
      'TX_INSUFFICIENT_FUNDS',
    );
    expect(send(pool, { sender: ALICE, nonce: 1n, fee: 20n, value: 4n }).outcome).toBe('accepted');
  });

  it('refuses what no block may contain', () => {
    const { pool } = setUp();
    const base = { sender: ALICE, nonce: 0n, fee: 20n };
    expect(send(pool, { ...base, gas: GAS - 1n }).outcome).toBe('TX_INTRINSIC_GAS');
    expect(send(pool, { ...base, gas: HEAD.gasLimit + 1n }).outcome).toBe('TX_GAS_LIMIT');
    expect(send(pool, { ...base, chainId: 1n }).outcome).toBe('TX_CHAIN_ID');
    expect(send(pool, { ...base, tip: 21n }).outcome).toBe('TX_TIP_ABOVE_FEE_CAP');
    expect(pool.size).toBe(0);
  });

  it('does not blame the transaction for an account view that fails', () => {
    const accounts: SenderView = {
      nonce: () => {
        throw new AssertionError('damaged');
      },
      balance: () => 0n,
    };
    const pool = new Mempool({ chainId: CHAIN_ID, accounts, head: HEAD });
    expect(() => send(pool, { sender: ALICE, nonce: 0n, fee: 20n })).toThrow(AssertionError);
  });
});

describe('replacement', () => {
  it.each([
    [110n, 55n, 'replaced'],
    [109n, 55n, 'REPLACEMENT_UNDERPRICED'],
    [110n, 54n, 'REPLACEMENT_UNDERPRICED'],
    [1_000n, 50n, 'REPLACEMENT_UNDERPRICED'],
  ])('fee cap 100 → %d, tip cap 50 → %d: %s', (fee, tip, expected) => {
    const { pool } = setUp();
    const old = send(pool, { sender: ALICE, nonce: 0n, fee: 100n, tip: 50n });
    const { tx, outcome } = send(pool, { sender: ALICE, nonce: 0n, fee, tip });
    expect(outcome).toBe(expected);
    expect(pool.has(old.tx.hash)).toBe(expected !== 'replaced');
    expect(pool.has(tx.hash)).toBe(expected === 'replaced');
    expect(pool.size).toBe(1);
  });

  it('is not free where the old tip is zero', () => {
    const { pool } = setUp();
    send(pool, { sender: ALICE, nonce: 0n, fee: 100n, tip: 0n });
    const same = send(pool, { sender: ALICE, nonce: 0n, fee: 110n, tip: 0n });
    expect(same.outcome).toBe('REPLACEMENT_UNDERPRICED');
    expect(send(pool, { sender: ALICE, nonce: 0n, fee: 110n, tip: 1n }).outcome).toBe('replaced');
  });
});

describe('a full pool', () => {
  const WEAK = { sender: BOB, nonce: 0n, fee: 20n };

  function fill(...drafts: readonly Draft[]): { pool: Mempool; hashes: string[] } {
    const { pool } = setUp({ transactions: drafts.length });
    const sent = drafts.map((draft) => {
      const { tx, outcome } = send(pool, draft);
      expect(outcome).toBe('accepted');
      return toHex(tx.hash);
    });
    return { pool, hashes: sent };
  }

  const held = (pool: Mempool): string[] =>
    pool.content().map(({ transaction }) => toHex(transaction.hash));

  it('gives the place of the last of a sender, the cheapest of these, to one that pays more', () => {
    const { pool, hashes: sent } = fill(
      { ...WEAK, fee: 15n },
      { ...WEAK, nonce: 1n, fee: 30n },
      { sender: CAROL, nonce: 0n, fee: 25n },
    );
    expect(send(pool, { sender: ALICE, nonce: 0n, fee: 25n }).outcome).toBe('POOL_UNDERPRICED');
    const tx = makeTransaction({ sender: ALICE, nonce: 0n, fee: 26n });
    const effects = pool.step({ kind: 'transaction', transaction: tx, nowMs: 0, origin: 'local' });
    expect(effects.map((effect) => [effect.kind, toHex(effect.hash)])).toEqual([
      ['accepted', toHex(tx.hash)],
      ['dropped', sent[2]],
    ]);
    expect(effects[1]).toMatchObject({ reason: 'evicted' });
  });

  it('takes an executable one in the place of any future one, and no future one for it', () => {
    const { pool, hashes: sent } = fill(WEAK, { sender: CAROL, nonce: 5n, fee: 500n });
    expect(send(pool, { sender: ALICE, nonce: 3n, fee: 999n }).outcome).toBe('accepted');
    expect(held(pool)).not.toContain(sent[1]);
    expect(send(pool, { sender: ALICE, nonce: 0n, fee: 20n }).outcome).toBe('accepted');
    expect(held(pool)).toHaveLength(2);
    expect(send(pool, { sender: CAROL, nonce: 5n, fee: 999n }).outcome).toBe(
      'POOL_FUTURE_REPLACES_PENDING',
    );
    expect(held(pool)).toContain(sent[0]);
  });

  it('does not take a parked one for an executable one, whatever it offers later', () => {
    const { pool } = fill(WEAK);
    pool.step({ kind: 'head', nowMs: 0, ...HEAD, baseFeePerGas: 19n, touched: [] });
    const parked = { sender: ALICE, nonce: 0n, fee: 18n };
    expect(send(pool, parked).outcome).toBe('POOL_UNDERPRICED');
    pool.step({ kind: 'head', nowMs: 0, ...HEAD, baseFeePerGas: 21n, touched: [] });
    expect(send(pool, { ...parked, fee: 20n }).outcome).toBe('POOL_UNDERPRICED');
    expect(send(pool, { ...parked, fee: 21n }).outcome).toBe('accepted');
  });

  it('does not let a small one that pays more a gas push out one that pays more in all', () => {
    const { pool } = fill({ ...WEAK, gas: 3n * GAS });
    expect(send(pool, { sender: ALICE, nonce: 0n, fee: 59n }).outcome).toBe('POOL_UNDERPRICED');
    expect(send(pool, { sender: ALICE, nonce: 0n, fee: 60n }).outcome).toBe('accepted');
  });

  it('is no reason to strand the transaction itself: its own earlier ones stay', () => {
    const { pool } = fill({ ...WEAK, fee: 11n }, { sender: CAROL, nonce: 0n, fee: 30n });
    expect(send(pool, { ...WEAK, nonce: 1n, fee: 25n }).outcome).toBe('POOL_UNDERPRICED');
    expect(send(pool, { ...WEAK, nonce: 1n, fee: 31n }).outcome).toBe('accepted');
    expect(order(pool)).toHaveLength(2);
  });

  it('of nothing but its sender’s future drops the last of it', () => {
    const { pool, hashes: sent } = fill({ ...WEAK, nonce: 1n }, { ...WEAK, nonce: 2n });
    expect(send(pool, WEAK).outcome).toBe('accepted');
    expect(held(pool)).toContain(sent[0]);
    expect(order(pool)).toHaveLength(2);
  });

  it('takes replacements', () => {
    const { pool } = fill({ sender: ALICE, nonce: 0n, fee: 99n }, WEAK);
    expect(send(pool, { ...WEAK, fee: 22n }).outcome).toBe('replaced');
  });

  it('counts bytes up to exactly its limit, the replaced ones not', () => {
    const raw = (draft: Draft): number => makeTransaction(draft).raw.length;
    const small = { sender: ALICE, nonce: 0n, fee: 20n };
    const large = { ...small, fee: 30n, gas: 30_000n, data: new Uint8Array(100) };
    const { pool } = setUp({ bytes: raw(large) });
    expect(send(pool, small).outcome).toBe('accepted');
    expect(send(pool, { ...large, data: new Uint8Array(101) }).outcome).toBe('POOL_FULL');
    expect(send(pool, large).outcome).toBe('replaced');
    expect(pool.bytes).toBe(raw(large));
    expect(send(pool, { ...small, sender: BOB }).outcome).toBe('POOL_UNDERPRICED');
  });

  it('makes room for a large one with as many small ones as the limit says', () => {
    const large = { sender: ALICE, nonce: 0n, fee: 900n, gas: 60_000n, data: new Uint8Array(60) };
    const small = makeTransaction({ sender: BOB, nonce: 0n, fee: 11n }).raw.length;
    const rooms = (evictions: number): string => {
      const { pool } = setUp({ bytes: 3 * small, evictions });
      for (const sender of [BOB, CAROL, senderOf(4)]) send(pool, { sender, nonce: 0n, fee: 11n });
      expect(pool.size).toBe(3);
      const { outcome } = send(pool, large);
      expect(pool.size).toBe(outcome === 'accepted' ? 1 : 3);
      return outcome;
    };
    expect(rooms(2)).toBe('POOL_FULL');
    expect(rooms(3)).toBe('accepted');
  });
});

describe('the source', () => {
  it('gives the best tip first, each sender in order of nonce, ties by arrival', () => {
    const { pool } = setUp();
    const bobLow = send(pool, { sender: BOB, nonce: 0n, fee: 100n, tip: 1n });
    const aliceFirst = send(pool, { sender: ALICE, nonce: 0n, fee: 100n, tip: 1n });
    const bobHigh = send(pool, { sender: BOB, nonce: 1n, fee: 100n, tip: 50n });
    const aliceSecond = send(pool, { sender: ALICE, nonce: 1n, fee: 100n, tip: 2n });
    expect(order(pool)).toEqual(hashes(bobLow, bobHigh, aliceFirst, aliceSecond));
  });

  it('compares what reaches the coinbase at this base fee, not the caps', () => {
    const { pool } = setUp();
    const narrow = send(pool, { sender: ALICE, nonce: 0n, fee: 32n, tip: 30n });
    const wide = send(pool, { sender: BOB, nonce: 0n, fee: 100n, tip: 5n });
    expect(order(pool, 10n)).toEqual(hashes(narrow, wide));
    expect(order(pool, 30n)).toEqual(hashes(wide, narrow));
    expect(order(pool, 33n)).toEqual(hashes(wide));
  });

  it('leaves a sender alone after skipSender', () => {
    const { pool } = setUp();
    const first = send(pool, { sender: ALICE, nonce: 0n, fee: 50n });
    send(pool, { sender: ALICE, nonce: 1n, fee: 50n });
    const other = send(pool, { sender: BOB, nonce: 0n, fee: 20n });
    const source = pool.source();
    expect(source.next()).toBe(first.tx);
    source.skipSender();
    expect(source.next()).toBe(other.tx);
    expect(source.next()).toBeUndefined();
    expect(source.next()).toBeUndefined();
  });

  it('is not used after the pool has changed', () => {
    const { pool } = setUp();
    const source = pool.source();
    send(pool, { sender: ALICE, nonce: 0n, fee: 50n });
    expect(() => source.next()).toThrow(AssertionError);
  });
});

describe('waiting', () => {
  it('queues behind a gap until it closes', () => {
    const { pool } = setUp();
    const later = send(pool, { sender: ALICE, nonce: 1n, fee: 20n });
    expect(pool.pendingNonce(ALICE)).toBe(0n);
    expect(order(pool)).toEqual([]);
    const first = send(pool, { sender: ALICE, nonce: 0n, fee: 20n });
    expect(pool.pendingNonce(ALICE)).toBe(2n);
    expect(order(pool)).toEqual(hashes(first, later));
  });

  it('parks below the base fee, with all that comes after it', () => {
    const { pool } = setUp();
    const low = send(pool, { sender: ALICE, nonce: 0n, fee: 9n });
    const high = send(pool, { sender: ALICE, nonce: 1n, fee: 99n });
    const statuses = (): string[] => pool.content().map(({ status }) => status);
    expect(low.outcome).toBe('accepted');
    expect(statuses()).toEqual(['parked', 'parked']);
    expect(order(pool)).toEqual([]);
    pool.step({ kind: 'head', nowMs: 0, ...HEAD, baseFeePerGas: 9n, touched: [] });
    expect(statuses()).toEqual(['pending', 'pending']);
    expect(order(pool)).toEqual(hashes(low, high));
  });
});

describe('a new head', () => {
  it('drops what was included and goes on with the rest', () => {
    const { pool, accounts } = setUp();
    const included = send(pool, { sender: ALICE, nonce: 0n, fee: 20n });
    const next = send(pool, { sender: ALICE, nonce: 1n, fee: 20n });
    accounts.set(ALICE, { nonce: 1n, balance: 10n ** 18n });
    expect(
      pool.step({ kind: 'head', nowMs: 0, ...HEAD, touched: [ALICE, ALICE, senderOf(9)] }),
    ).toEqual([{ kind: 'dropped', hash: included.tx.hash, reason: 'nonce-used' }]);
    expect(order(pool)).toEqual(hashes(next));
    expect(pool.pendingNonce(ALICE)).toBe(2n);
  });

  it('queues what is no longer paid for and takes it up when funds return', () => {
    const { pool, accounts } = setUp();
    const first = send(pool, { sender: ALICE, nonce: 0n, fee: 20n });
    const second = send(pool, { sender: ALICE, nonce: 1n, fee: 20n });
    accounts.set(ALICE, { nonce: 0n, balance: 20n * GAS });
    pool.step({ kind: 'head', nowMs: 0, ...HEAD, touched: [ALICE] });
    expect(pool.content().map(({ status }) => status)).toEqual(['pending', 'queued']);
    expect(order(pool)).toEqual(hashes(first));
    accounts.set(ALICE, { nonce: 0n, balance: 40n * GAS });
    pool.step({ kind: 'head', nowMs: 0, ...HEAD, touched: [ALICE] });
    expect(order(pool)).toEqual(hashes(first, second));
  });

  it('drops what new rules refuse, and queues what came after it', () => {
    const { pool } = setUp();
    const exact = send(pool, { sender: ALICE, nonce: 0n, fee: 20n });
    const ample = send(pool, { sender: ALICE, nonce: 1n, fee: 20n, gas: 2n * GAS });
    const rules = { ...RULES, version: RULES.version + 1, gasTransaction: GAS + 1n };
    const effects = pool.step({ kind: 'head', nowMs: 0, ...HEAD, rules, touched: [] });
    expect(effects).toEqual([{ kind: 'dropped', hash: exact.tx.hash, reason: 'invalid' }]);
    expect(order(pool)).toEqual([]);
    expect(pool.has(ample.tx.hash)).toBe(true);
    expect(pool.pendingNonce(ALICE)).toBe(0n);
  });

  it('may go back: what lies beyond the window then is dropped', () => {
    const { pool, accounts } = setUp({ senderNonceWindow: 4 });
    accounts.set(ALICE, { nonce: 10n, balance: 10n ** 18n });
    const near = send(pool, { sender: ALICE, nonce: 10n, fee: 20n });
    const far = send(pool, { sender: ALICE, nonce: 12n, fee: 20n });
    accounts.set(ALICE, { nonce: 8n, balance: 10n ** 18n });
    expect(pool.step({ kind: 'head', nowMs: 0, ...HEAD, touched: [ALICE] })).toEqual([
      { kind: 'dropped', hash: far.tx.hash, reason: 'nonce-too-high' },
    ]);
    expect(pool.content()).toEqual([{ transaction: near.tx, status: 'queued' }]);
  });
});

describe('removal', () => {
  it('forgets one transaction; its successors wait for the nonce', () => {
    const { pool } = setUp();
    const first = send(pool, { sender: ALICE, nonce: 0n, fee: 20n });
    const second = send(pool, { sender: ALICE, nonce: 1n, fee: 20n });
    const { hash } = first.tx;
    expect(pool.step({ kind: 'remove', hash })).toEqual([
      { kind: 'dropped', hash, reason: 'removed' },
    ]);
    expect(pool.step({ kind: 'remove', hash })).toEqual([]);
    expect(pool.content()).toEqual([{ transaction: second.tx, status: 'queued' }]);
  });

  it('keeps nothing of a sender without transactions: the accounts are asked', () => {
    const { pool, accounts } = setUp();
    const { tx } = send(pool, { sender: ALICE, nonce: 0n, fee: 20n });
    pool.step({ kind: 'remove', hash: tx.hash });
    accounts.set(ALICE, { nonce: 7n, balance: 0n });
    expect(pool.pendingNonce(ALICE)).toBe(7n);
    send(pool, { sender: BOB, nonce: 0n, fee: 20n });
    accounts.set(BOB, { nonce: 1n, balance: 0n });
    pool.step({ kind: 'head', nowMs: 0, ...HEAD, touched: [BOB] });
    accounts.set(BOB, { nonce: 3n, balance: 0n });
    expect(pool.pendingNonce(BOB)).toBe(3n);
    expect(pool.bytes).toBe(0);
  });
});
