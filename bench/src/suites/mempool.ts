import { createHash } from 'node:crypto';
import { fixedBytes, seededRandom, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { Mempool, type PoolLimits } from '@lucerna/mempool';
import {
  encodeTransaction,
  INITIAL_FORKS,
  maxFeePerGas,
  type RecoveredTransaction,
  rulesAt,
  type SignedTransaction,
  validateTransaction,
} from '@lucerna/protocol';
import { collectGarbage, timeCpu } from '../clock.ts';
import type { Case, Prepared, Suite } from '../harness.ts';

const CHAIN_ID = 31_337n;
const GWEI = 10n ** 9n;
const HEAD = {
  rules: rulesAt(INITIAL_FORKS, 0),
  gasLimit: 30_000_000n,
  baseFeePerGas: 7n * GWEI,
};

/** Everybody has the same, and enough. */
const ACCOUNTS = { nonce: () => 0n, balance: () => 10n ** 24n };

/** No bound but the one that a case is about. */
const WIDE: Partial<PoolLimits> = { transactions: 10 ** 7, bytes: 2 ** 40 };

type InsertOptions = {
  readonly limits?: Partial<PoolLimits>;
  /** Compared with two maps where there is none. */
  readonly limitPerSecond?: number;
};

type Workload = {
  readonly transactions: number;
  readonly senders: number;
  /** In nonce order, as one client sends them, or in any, as they come from a network. */
  readonly shuffled: boolean;
};

/**
 * Transfers of senders in turn, recovered: the pool is offered what has been decoded and whose sender
 * is known, which costs far more than the pool does (`state/tx-decode-sender`). They are made in the
 * order in which they will be offered, as those are that have just been decoded.
 */
function transfersOf({ transactions, senders, shuffled }: Workload): RecoveredTransaction[] {
  const random = seededRandom(11);
  const order = Array.from({ length: transactions }, (_, index) => index);
  if (shuffled) shuffle(order, random.below);
  return order.map((index) => {
    const sender = keccak256(fixedBytes(BigInt(index % senders), 4)).slice(12);
    const tip = BigInt(1 + random.below(1_000_000));
    const transaction: SignedTransaction = {
      type: 2,
      chainId: CHAIN_ID,
      nonce: BigInt(Math.floor(index / senders)),
      maxPriorityFeePerGas: tip * 1_000n,
      maxFeePerGas: 8n * GWEI + tip * 1_000n,
      gasLimit: 21_000n,
      to: fixedBytes(BigInt(index), 20),
      value: 1n,
      data: new Uint8Array(0),
      accessList: [],
      signature: { r: BigInt(`0x${toHexKey(sender)}`), s: 1n, yParity: 0 },
    };
    const raw = encodeTransaction(transaction);
    return { transaction, raw, hash: keccak256(raw), sender };
  });
}

function shuffle(items: number[], below: (bound: number) => number): void {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = below(last + 1);
    [items[last], items[other]] = [items[other] as number, items[last] as number];
  }
}

function newPool(limits: Partial<PoolLimits>): Mempool {
  return new Mempool({ chainId: CHAIN_ID, accounts: ACCOUNTS, head: HEAD, limits });
}

/** How many of them the pool takes. */
function offerAll(pool: Mempool, transactions: readonly RecoveredTransaction[]): number {
  let accepted = 0;
  for (const transaction of transactions) {
    const event = { kind: 'transaction', transaction, nowMs: 0, origin: 'peer' } as const;
    if (pool.step(event)[0]?.kind === 'accepted') accepted += 1;
  }
  return accepted;
}

/** The order in which a block would take them. */
function drain(pool: Mempool, most: number): RecoveredTransaction[] {
  const taken: RecoveredTransaction[] = [];
  const source = pool.source();
  while (taken.length < most) {
    const next = source.next();
    if (next === undefined) break;
    taken.push(next);
  }
  return taken;
}

function digestOf(transactions: readonly RecoveredTransaction[]): string {
  const hash = createHash('sha256');
  for (const transaction of transactions) hash.update(transaction.hash);
  return hash.digest('hex');
}

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`mempool: ${what}`);
}

/** Transactions per second into an empty pool, or into a full one. */
async function prepareInsert(workload: Workload, options: InsertOptions): Promise<Prepared> {
  const transactions = transfersOf(workload);
  const most = options.limits?.transactions ?? transactions.length;
  const rateOf = (ms: number): number => (1_000 * transactions.length) / ms;
  const name = options.limitPerSecond === undefined ? 'two maps' : undefined;
  return {
    ours: async () => {
      const pool = newPool({ ...WIDE, ...options.limits });
      await collectGarbage();
      let accepted = 0;
      const ms = await timeCpu(() => {
        accepted = offerAll(pool, transactions);
      });
      check(pool.size === most && accepted >= most, 'the pool holds what it can');
      return { value: rateOf(ms), hash: digestOf(drain(pool, most)) };
    },
    peer:
      name === undefined
        ? { kind: 'figure', name: 'limit:400k/s', value: options.limitPerSecond ?? 0 }
        : {
            kind: 'measured',
            name,
            measure: async () => ({ value: rateOf(await timeCpu(() => fillMaps(transactions))) }),
          },
    close: async () => {},
  };
}

/**
 * What no pool does without, and nothing else: transactions by hash, and by sender. It says how busy
 * the machine is.
 */
function fillMaps(transactions: readonly RecoveredTransaction[]): void {
  const byHash = new Map<string, RecoveredTransaction>();
  const bySender = new Map<string, RecoveredTransaction[]>();
  for (const transaction of transactions) {
    byHash.set(toHexKey(transaction.hash), transaction);
    const senderKey = toHexKey(transaction.sender);
    const queue = bySender.get(senderKey);
    if (queue === undefined) bySender.set(senderKey, [transaction]);
    else queue.push(transaction);
  }
  check(byHash.size === transactions.length, 'the maps hold all');
}

/** Milliseconds to put all transactions of a pool in order. */
async function prepareBuild(quick: boolean): Promise<Prepared> {
  const transactions = quick ? 1_000 : 100_000;
  const pool = newPool(WIDE);
  const workload = { transactions, senders: quick ? 100 : 20_000, shuffled: true };
  check(offerAll(pool, transfersOf(workload)) === transactions, 'all are taken');
  return {
    ours: async () => {
      let taken: RecoveredTransaction[] = [];
      const value = await timeCpu(() => {
        taken = drain(pool, transactions);
      });
      check(taken.length === transactions, 'all are offered');
      return { value, hash: digestOf(taken) };
    },
    peer: { kind: 'figure', name: 'limit:1s', value: 1_000 },
    close: async () => {},
  };
}

/** Milliseconds for a head whose block has touched some senders of a pool of 100,000 transactions. */
async function prepareHead(quick: boolean): Promise<Prepared> {
  const senders = quick ? 100 : 20_000;
  const touchedSenders = quick ? 10 : 1_000;
  const nonces = new Map<string, bigint>();
  const accounts = {
    nonce: (address: Uint8Array) => nonces.get(toHexKey(address)) ?? 0n,
    balance: ACCOUNTS.balance,
  };
  const transactions = transfersOf({ transactions: 5 * senders, senders, shuffled: false });
  const touched = transactions.slice(0, touchedSenders).map(({ sender }) => sender);
  return {
    ours: async () => {
      nonces.clear();
      const pool = new Mempool({ chainId: CHAIN_ID, accounts, head: HEAD, limits: WIDE });
      offerAll(pool, transactions);
      for (const address of touched) nonces.set(toHexKey(address), 1n);
      const caps = transactions.map(({ transaction }) => maxFeePerGas(transaction)).sort(ascending);
      // A base fee that parks one transaction in a hundred: they have to be found among all.
      const baseFeePerGas = (caps[Math.floor(caps.length / 100)] as bigint) + 1n;
      await collectGarbage();
      let dropped = 0;
      const value = await timeCpu(() => {
        const event = { kind: 'head', ...HEAD, baseFeePerGas, touched, nowMs: 0 } as const;
        dropped = pool.step(event).length;
      });
      check(dropped === touchedSenders && pool.counts().parked > 0, 'the head is followed');
      return { value };
    },
    peer: {
      kind: 'measured',
      name: 'stateless checks of all',
      measure: async () => ({
        value: await timeCpu(() => {
          const context = { chainId: CHAIN_ID, rules: HEAD.rules, blockGasLimit: HEAD.gasLimit };
          for (const { transaction } of transactions) validateTransaction(transaction, context);
        }),
      }),
    },
    close: async () => {},
  };
}

function ascending(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

const ROUNDS = 5;

function insertCase(
  id: string,
  workload: (quick: boolean) => Workload,
  options: InsertOptions,
): Case {
  return {
    id,
    unit: 'tx/s',
    better: 'higher',
    target: options.limitPerSecond === undefined ? undefined : 1,
    rounds: ROUNDS,
    cpuTime: true,
    note: '200,000 transfers of 20,000 senders in any order; bound by memory: see insert-maps for what two maps of the same keys alone take at the time',
    prepare: (quick) => prepareInsert(workload(quick), options),
  };
}

/** 200,000 transactions of 20,000 senders, in any order. */
function crowd(quick: boolean): Workload {
  return { transactions: quick ? 2_000 : 200_000, senders: quick ? 100 : 20_000, shuffled: true };
}

/** The pool alone: without decoding, signatures, execution and journal. */
export const mempoolSuite: Suite = {
  name: 'mempool',
  cases: [
    insertCase('insert', crowd, { limitPerSecond: 400_000 }),
    insertCase('insert-maps', crowd, {}),
    insertCase('insert-full', crowd, { limits: { transactions: 1_000 } }),
    {
      id: 'build-100k',
      unit: 'ms',
      better: 'lower',
      target: 1,
      rounds: ROUNDS,
      cpuTime: true,
      prepare: prepareBuild,
    },
    {
      id: 'head-100k',
      unit: 'ms',
      better: 'lower',
      target: undefined,
      rounds: ROUNDS,
      cpuTime: true,
      prepare: prepareHead,
    },
  ],
};
