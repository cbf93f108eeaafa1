import { Mempool, MempoolConfig } from '@lucerna/sdk';
import { collectGarbage, timeCpu, timeSettledCall } from '../../clock.ts';
import type { Case, Measure } from '../../harness.ts';
import { digestOfText, pythonPeer } from '../zexus/python.ts';
import {
  openLedger,
  perSecond,
  runPeer,
  startPeer,
  transactionsOf,
  type Workload,
  workloadOf,
} from './workload.ts';

const ROUNDS = 5;
const LEAST_MS = 200;
const QUICK_MS = 5;
const TOP = 100;

const WHAT = 'dictionaries, no signatures';

/** What is offered: texts, which are signed here, or transactions that were signed before. */
type Offered = readonly Parameters<Mempool['addTransaction']>[0][];

function textsOf({ transfers }: Workload): Offered {
  return transfers.map(([from, to, amount, nonce, gas_price]) =>
    JSON.stringify({ from, to, amount, nonce, gas_price }),
  );
}

function addCase(kind: 'text' | 'signed'): Case {
  return {
    id: 'pool-add',
    unit: 'tx/s',
    better: 'higher',
    target: undefined,
    rounds: ROUNDS,
    cpuTime: true,
    prepare: async (quick) => {
      const workload = workloadOf(quick, 'paid');
      const python = await startPeer(workload);
      const transactions = transactionsOf(workload);
      for (const transaction of transactions) transaction.hash();
      const offered = kind === 'text' ? textsOf(workload) : transactions;
      const measure: Measure = async () => {
        const db = await openLedger(workload);
        const pool = await Mempool.open(new MempoolConfig({ maxSize: offered.length }), db);
        try {
          await collectGarbage();
          const ms = await timeCpu(async () => {
            for (const each of offered) await pool.addTransaction(each);
          });
          const value = perSecond({ seconds: ms / 1_000, count: offered.length });
          return { value, hash: digestOfText(String(pool.size)) };
        } finally {
          await db.close();
        }
      };
      await measure();
      return {
        ours: measure,
        peer: pythonPeer(
          python,
          WHAT,
          (running) => () => runPeer(running, { what: 'pool-add' }, perSecond),
        ),
        close: async () => python?.close(),
        detail:
          kind === 'text'
            ? 'JSON on both sides, signed here with the key of the name'
            : 'signed before; the peer reads JSON',
      };
    },
  };
}

/** The best paid ones of all that wait, those of one sender in the order of their nonces. */
const top: Case = {
  id: 'pool-top-100',
  unit: 'µs',
  better: 'lower',
  target: undefined,
  rounds: ROUNDS,
  cpuTime: true,
  prepare: async (quick) => {
    const workload = workloadOf(quick, 'paid');
    const python = await startPeer(workload);
    const db = await openLedger(workload);
    const pool = await Mempool.open(new MempoolConfig({ maxSize: workload.transfers.length }), db);
    for (const each of transactionsOf(workload)) await pool.addTransaction(each);
    const leastMs = quick ? QUICK_MS : LEAST_MS;
    const request = { what: 'pool-top', limit: TOP, leastSeconds: leastMs / 1_000 };
    return {
      ours: async () => {
        const amounts = pool.getPendingTransactions(TOP).map(({ amount }) => String(amount));
        const ms = timeSettledCall(leastMs, () => pool.getPendingTransactions(TOP));
        return { value: 1_000 * ms, hash: digestOfText(amounts.join(' ')) };
      },
      peer: pythonPeer(python, WHAT, (running) => {
        return () => runPeer(running, request, ({ seconds, count }) => (1e6 * seconds) / count);
      }),
      close: async () => {
        await db.close();
        await python?.close();
      },
      detail: `of ${workload.transfers.length.toLocaleString('en')}`,
    };
  },
};

export const poolCases: readonly Case[] = [addCase('text'), addCase('signed'), top];
