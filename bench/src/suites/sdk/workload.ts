import { fileURLToPath } from 'node:url';
import { type Allocation, namedAccount, StateDB, Transaction } from '@lucerna/sdk';
import type { Measurement } from '../../harness.ts';
import { digestOfText, Python } from '../zexus/python.ts';

const peerFile = fileURLToPath(new URL('ledger_peer.py', import.meta.url));

const BALANCE = 10n ** 18n;

/** A transfer as both sides are told it. */
export type Transfer = readonly [
  from: string,
  to: string,
  amount: number,
  nonce: number,
  gasPrice: number,
];

/** Transfers among the same people, in an order in which they can be executed. */
export type Workload = {
  readonly names: readonly string[];
  readonly allocation: Allocation;
  readonly transfers: readonly Transfer[];
};

/**
 * Each transfer is of another amount, so that its amount names it. Prices differ as well, but where `free`
 * says that there are none.
 */
export function workloadOf(quick: boolean, prices: 'free' | 'paid'): Workload {
  const [people, count] = quick ? [20, 100] : [1_000, 10_000];
  const names = Array.from({ length: people }, (_, index) => `user${index}`);
  const transfers = Array.from({ length: count }, (_, index): Transfer => {
    const from = index % people;
    const to = (from + 1 + ((index * 7) % (people - 1))) % people;
    const nonce = Math.floor(index / people) + 1;
    const gasPrice = prices === 'free' ? 0 : 1 + ((index * 7_919) % 10_007);
    return [names[from] as string, names[to] as string, index + 1, nonce, gasPrice];
  });
  // Keys of names are made once in the life of a process.
  for (const name of names) namedAccount(name);
  return { names, transfers, allocation: Object.fromEntries(names.map((name) => [name, BALANCE])) };
}

/** The transfers as transactions, which are signed when somebody first needs it. */
export function transactionsOf({ transfers }: Workload): readonly Transaction[] {
  return transfers.map(([from, to, amount, nonce, gasPrice]) =>
    Transaction.transfer(from, to, amount, nonce, gasPrice),
  );
}

/** What everybody has, in the words of the peer. */
export function digestOfLedger(db: StateDB, { names }: Workload): string {
  const lines = names.map((name) => `${name} ${db.getBalance(name)} ${db.getNonce(name)}`);
  return digestOfText(lines.join('\n'));
}

/** What the peer says of a run. */
export type PeerRun = {
  readonly seconds: number;
  readonly count: number;
  readonly result: string;
};

/** The same work in Python; undefined where there is none. */
export async function startPeer(workload: Workload): Promise<Python | undefined> {
  const python = await Python.start(peerFile);
  const { names, transfers: transactions } = workload;
  await python?.ask({ what: 'prepare', names, balance: String(BALANCE), transactions });
  return python;
}

/** A run of the peer as a measurement. */
export async function runPeer(
  python: Python,
  request: object,
  figureOf: (run: PeerRun) => number,
): Promise<Measurement> {
  const run = await python.ask<PeerRun>(request);
  const value = figureOf(run);
  return run.result === '' ? { value } : { value, hash: digestOfText(run.result) };
}

export function perSecond({ seconds, count }: Pick<PeerRun, 'seconds' | 'count'>): number {
  return count / seconds;
}

/** A ledger in memory, or in a folder. */
export function openLedger(workload: Workload, path = ':memory:'): Promise<StateDB> {
  return StateDB.open(path, { allocation: workload.allocation });
}
