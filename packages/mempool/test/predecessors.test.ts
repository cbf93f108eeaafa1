// What pools before this one got wrong, each in one test.
import { fixedBytes, isLucernaError, toHex } from '@lucerna/base';
import { keccak256, pureSignatureEngine } from '@lucerna/crypto';
import {
  encodeTransaction,
  publicKeyToAddress,
  type RecoveredTransaction,
  recoverTransaction,
  signTransaction,
} from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import { mempoolLimits } from '../src/limits.ts';
import { Mempool } from '../src/mempool.ts';
import type { PoolEffect } from '../src/pool-event.ts';
import { Accounts, CHAIN_ID, type Draft, makeTransaction, RULES, senderOf } from './support.ts';

const GAS = 21_000n;
const ALICE = senderOf(1);
const BOB = senderOf(2);
const HEAD = { rules: RULES, gasLimit: 30_000_000n, baseFeePerGas: 10n };

function setUp(limits = {}): { pool: Mempool; accounts: Accounts } {
  const accounts = new Accounts();
  for (const address of [ALICE, BOB]) accounts.set(address, { nonce: 7n, balance: 10n ** 18n });
  return { accounts, pool: new Mempool({ chainId: CHAIN_ID, accounts, head: HEAD, limits }) };
}

function offer(pool: Mempool, transaction: RecoveredTransaction, nowMs = 0): string {
  const event = { kind: 'transaction', transaction, nowMs, origin: 'local' } as const;
  return outcomeOf(pool.step(event)[0] as PoolEffect);
}

function send(pool: Mempool, draft: Draft, nowMs = 0): string {
  return offer(pool, makeTransaction(draft), nowMs);
}

function outcomeOf(effect: PoolEffect): string {
  if (effect.kind === 'accepted') return effect.status;
  if (effect.kind === 'rejected') return effect.error.code;
  return effect.kind === 'dropped' ? effect.reason : effect.kind;
}

function order(pool: Mempool): bigint[] {
  const source = pool.source();
  const fees: bigint[] = [];
  for (let next = source.next(); next !== undefined; next = source.next()) {
    if (next.transaction.type === 0) fees.push(next.transaction.gasPrice);
  }
  return fees;
}

describe('no pool of this kind', () => {
  it('takes what is no transaction, or has a byte too many', () => {
    const key = keccak256(fixedBytes(1n, 4));
    const draft = makeTransaction({ sender: ALICE, nonce: 7n, fee: 20n }).transaction;
    const { signature, ...unsigned } = draft;
    expect(signature.s).toBe(1n);
    const raw = encodeTransaction(signTransaction(unsigned, key, pureSignatureEngine));
    const refusalOf = (bytes: Uint8Array): string => {
      try {
        recoverTransaction(bytes, pureSignatureEngine);
        return 'taken';
      } catch (error) {
        if (!isLucernaError(error)) throw error;
        return error.code;
      }
    };
    expect(refusalOf(raw)).toBe('taken');
    expect(refusalOf(new TextEncoder().encode('[]'))).toBe('TX_TYPE_UNSUPPORTED');
    expect(refusalOf(new TextEncoder().encode('1'))).toBe('TX_TYPE_UNSUPPORTED');
    expect(refusalOf(Uint8Array.of(...raw, 0))).toMatch(/^RLP_/);
    const address = publicKeyToAddress(pureSignatureEngine.publicKey(key));
    expect(recoverTransaction(raw, pureSignatureEngine).sender).toEqual(address);
  });

  it('knows a transaction by anything but the hash of its bytes, or takes it twice', () => {
    const { pool } = setUp();
    const tx = makeTransaction({ sender: ALICE, nonce: 7n, fee: 20n });
    expect(offer(pool, tx)).toBe('pending');
    expect(pool.get(keccak256(tx.raw))).toBe(tx);
    expect(offer(pool, { ...tx })).toBe('POOL_ALREADY_KNOWN');
  });

  it('lets the gas price go by, or gives out what came first instead of what pays most', () => {
    const { pool } = setUp();
    pool.step({ kind: 'floor', minGasPrice: 12n });
    expect(send(pool, { sender: ALICE, nonce: 7n, fee: 11n })).toBe('POOL_UNDERPRICED');
    for (const [index, fee] of [15n, 90n, 12n, 40n, 41n, 13n].entries()) {
      const sender = senderOf(50 + index);
      const accounts = { nonce: 0n, fee, sender };
      expect(send(pool, accounts)).toBe('TX_INSUFFICIENT_FUNDS');
    }
    const funded = setUp();
    for (const [index, fee] of [15n, 90n, 12n, 40n, 41n, 13n].entries()) {
      const sender = senderOf(50 + index);
      funded.accounts.set(sender, { nonce: 0n, balance: 10n ** 18n });
      expect(send(funded.pool, { nonce: 0n, fee, sender })).toBe('pending');
    }
    expect(order(funded.pool)).toEqual([90n, 41n, 40n, 15n, 13n, 12n]);
  });

  it('gives out a later nonce of a sender first because it pays more', () => {
    const { pool } = setUp();
    send(pool, { sender: ALICE, nonce: 7n, fee: 20n });
    send(pool, { sender: ALICE, nonce: 8n, fee: 90n });
    send(pool, { sender: BOB, nonce: 7n, fee: 50n });
    expect(order(pool)).toEqual([50n, 20n, 90n]);
  });

  it('counts nonces otherwise than execution: the next one is the state’s', () => {
    const { pool } = setUp();
    expect(send(pool, { sender: ALICE, nonce: 6n, fee: 20n })).toBe('TX_NONCE_TOO_LOW');
    expect(send(pool, { sender: ALICE, nonce: 8n, fee: 21n })).toBe('queued');
    expect(order(pool)).toEqual([]);
    expect(send(pool, { sender: ALICE, nonce: 7n, fee: 20n })).toBe('pending');
    expect(order(pool)).toEqual([20n, 21n]);
    expect(send(pool, { sender: ALICE, nonce: 9n, fee: 22n })).toBe('pending');
  });

  it('takes a lone nonce of the far future', () => {
    const { pool } = setUp();
    const nonce = 7n + BigInt(mempoolLimits.values.senderNonceWindow);
    expect(send(pool, { sender: ALICE, nonce, fee: 20n })).toBe('TX_NONCE_TOO_HIGH');
  });

  it('leaves a replaced transaction behind, to be found or counted', () => {
    const { pool } = setUp();
    const old = makeTransaction({ sender: ALICE, nonce: 7n, fee: 20n });
    offer(pool, old);
    expect(send(pool, { sender: ALICE, nonce: 7n, fee: 21n })).toBe('REPLACEMENT_UNDERPRICED');
    const next = makeTransaction({ sender: ALICE, nonce: 7n, fee: 22n });
    expect(offer(pool, next)).toBe('pending');
    expect(pool.has(old.hash)).toBe(false);
    expect(pool.bytes).toBe(next.raw.length);
    expect(pool.step({ kind: 'remove', hash: old.hash })).toEqual([]);
    expect(pool.content().map(({ transaction }) => toHex(transaction.hash))).toEqual([
      toHex(next.hash),
    ]);
  });

  it('drops the cheapest for a newcomer that pays less, or refuses one that pays more', () => {
    const { pool } = setUp({ transactions: 1 });
    send(pool, { sender: ALICE, nonce: 7n, fee: 30n });
    expect(send(pool, { sender: BOB, nonce: 7n, fee: 29n })).toBe('POOL_UNDERPRICED');
    expect(send(pool, { sender: BOB, nonce: 7n, fee: 31n })).toBe('pending');
    expect(order(pool)).toEqual([31n]);
  });

  it('says the same of full, known and broken', () => {
    const { pool } = setUp({ transactions: 1 });
    const draft = { sender: ALICE, nonce: 7n, fee: 30n };
    const codes = [
      send(pool, draft),
      send(pool, draft),
      send(pool, { ...draft, sender: BOB }),
      send(pool, { ...draft, sender: BOB, nonce: 9n }),
      send(pool, { ...draft, gas: GAS - 1n }),
    ];
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('locks a sender out whose transactions have expired', () => {
    const { pool } = setUp({ senderQueued: 1 });
    const { queuedMs } = mempoolLimits.values;
    for (let time = 0; time < 20; time += 1) {
      const nowMs = time * queuedMs;
      expect(send(pool, { sender: ALICE, nonce: 9n, fee: 20n }, nowMs)).toBe('queued');
      const effects = pool.step({ kind: 'tick', nowMs: nowMs + queuedMs });
      expect(effects.map(outcomeOf)).toEqual(['expired']);
    }
  });

  it('refuses a transaction that costs nothing for want of an account', () => {
    const { pool } = setUp();
    pool.step({ kind: 'head', touched: [], nowMs: 0, ...HEAD, baseFeePerGas: 0n });
    expect(send(pool, { sender: senderOf(9), nonce: 0n, fee: 0n })).toBe('pending');
    expect(send(pool, { sender: senderOf(8), nonce: 0n, fee: 1n })).toBe('TX_INSUFFICIENT_FUNDS');
  });
});
