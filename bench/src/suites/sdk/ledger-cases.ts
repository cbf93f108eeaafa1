import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Block, type Transaction } from '@lucerna/sdk';
import { collectGarbage, timeCpu, timeSettledCall, timeWall } from '../../clock.ts';
import type { Case, Measure } from '../../harness.ts';
import { pythonPeer } from '../zexus/python.ts';
import {
  digestOfLedger,
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
const BLOCK = 1_000;
const QUICK_BLOCK = 20;

const WHAT = 'dictionaries, no signatures';

type TransferKind = 'signed' | 'unsigned' | 'folder';

const TRANSFER_DETAILS: Readonly<Record<TransferKind, string>> = {
  signed: 'signed before, in memory; seed:qnet says ~100x faster than pure Python',
  unsigned: 'signed here with the key of the name, in memory',
  folder: 'signed before, in a folder, each one outlives the process; the peer keeps nothing',
};

/** One transaction after the other, each answered before the next one. */
function transferCase(kind: TransferKind): Case {
  const isFolder = kind === 'folder';
  return {
    id: 'transfer',
    unit: 'tx/s',
    better: 'higher',
    target: undefined,
    rounds: ROUNDS,
    ...(isFolder ? { level: 'process' } : { cpuTime: true }),
    prepare: async (quick) => {
      const workload = workloadOf(quick, 'free');
      const python = await startPeer(workload);
      const signed = transactionsOf(workload);
      for (const transaction of signed) transaction.hash();
      const measure: Measure = async () => {
        // Those that are signed keep their signatures, others are new each time.
        const transactions = kind === 'unsigned' ? transactionsOf(workload) : signed;
        return executeAll(workload, transactions, isFolder);
      };
      await measure();
      return {
        ours: measure,
        peer: pythonPeer(
          python,
          WHAT,
          (running) => () => runPeer(running, { what: 'transfer' }, perSecond),
        ),
        close: async () => python?.close(),
        detail: TRANSFER_DETAILS[kind],
      };
    },
  };
}

async function executeAll(
  workload: Workload,
  transactions: readonly Transaction[],
  isFolder: boolean,
): Promise<{ readonly value: number; readonly hash: string }> {
  const parent = process.env['LUCERNA_BENCH_DIR'] ?? tmpdir();
  const path = isFolder ? await mkdtemp(join(parent, 'lucerna-bench-')) : ':memory:';
  const db = await openLedger(workload, path);
  try {
    await collectGarbage();
    const work = async (): Promise<void> => {
      for (const transaction of transactions) await db.executeTransaction(transaction);
    };
    const ms = isFolder ? await timeWall(work) : await timeCpu(work);
    const value = perSecond({ seconds: ms / 1_000, count: transactions.length });
    return { value, hash: digestOfLedger(db, workload) };
  } finally {
    await db.close();
    if (isFolder) await rm(path, { recursive: true });
  }
}

/** Balances by name, of accounts whose keys are known. */
const read: Case = {
  id: 'read',
  unit: 'reads/s',
  better: 'higher',
  target: undefined,
  rounds: ROUNDS,
  cpuTime: true,
  prepare: async (quick) => {
    const workload = workloadOf(quick, 'free');
    const { names } = workload;
    const python = await startPeer(workload);
    const db = await openLedger(workload);
    const leastMs = quick ? QUICK_MS : LEAST_MS;
    let next = 0;
    const call = (): void => {
      db.getBalance(names[next] as string);
      next = (next + 1) % names.length;
    };
    const request = { what: 'read', leastSeconds: leastMs / 1_000 };
    return {
      ours: async () => ({ value: 1_000 / timeSettledCall(leastMs, call) }),
      peer: pythonPeer(python, WHAT, (running) => () => runPeer(running, request, perSecond)),
      close: async () => {
        await db.close();
        await python?.close();
      },
      detail: `${names.length.toLocaleString('en')} accounts`,
    };
  },
};

/** A block of transfers that were not executed before, to its root and hash. */
const block: Case = {
  id: 'block-1000',
  unit: 'ms',
  better: 'lower',
  target: undefined,
  rounds: ROUNDS,
  cpuTime: true,
  prepare: async (quick) => {
    const workload = workloadOf(quick, 'free');
    const size = quick ? QUICK_BLOCK : BLOCK;
    const python = await startPeer(workload);
    const transactions = transactionsOf(workload);
    for (const transaction of transactions) transaction.hash();
    const measure: Measure = async () => {
      const db = await openLedger(workload);
      try {
        await collectGarbage();
        const ms = await timeCpu(async () => {
          let previous = 'first';
          for (let start = 0; start < transactions.length; start += size) {
            const chunk = transactions.slice(start, start + size);
            const { hash } = await db.processBlock(
              new Block(start / size + 1, previous, chunk, 'validator'),
            );
            previous = hash;
          }
        });
        const blocks = transactions.length / size;
        return { value: ms / blocks, hash: digestOfLedger(db, workload) };
      } finally {
        await db.close();
      }
    };
    await measure();
    const request = { what: 'blocks', size };
    return {
      ours: measure,
      peer: pythonPeer(python, WHAT, (running) => {
        return () => runPeer(running, request, ({ seconds, count }) => (1_000 * seconds) / count);
      }),
      close: async () => python?.close(),
      detail: `signed before; ours with state root, receipts and block hash`,
    };
  },
};

export const ledgerCases: readonly Case[] = [
  transferCase('signed'),
  transferCase('unsigned'),
  transferCase('folder'),
  read,
  block,
];
