import type { Case, Measure } from '../../harness.ts';
import { Connection, prepareRequest, resultOf } from './connection.ts';
import { type RunningNode, startOurs } from './nodes.ts';
import { besideAnvil } from './read-cases.ts';
import { signTransfers } from './stage.ts';

const ROUNDS = 5;
const TRANSACTIONS = 400;
const QUICK_TRANSACTIONS = 20;

/** Each takes the one before it: sent, mined and its receipt read before the next one goes out. */
function sendCase(level: 'process' | 'power', target: number): Case {
  return {
    id: `send-receipt-${level}`,
    unit: 'transactions/s',
    better: 'higher',
    target,
    rounds: ROUNDS,
    level,
    note: 'Bound by the disk at level power: one fdatasync for each transaction; anvil keeps nothing.',
    prepare: async (quick) => {
      const transactions = quick ? QUICK_TRANSACTIONS : TRANSACTIONS;
      const batches = await Promise.all(
        Array.from({ length: (quick ? 1 : ROUNDS) + 1 }, async (_, round) => {
          const raws = await signTransfers(round * transactions, transactions);
          return raws.map((raw) => prepareRequest('eth_sendRawTransaction', [raw]));
        }),
      );
      return besideAnvil(await startOurs(level), async (node): Promise<Measure> => {
        let round = 0;
        const measure: Measure = async () => {
          const batch = batches[round];
          if (batch === undefined) throw new RangeError('no transfers are left');
          round += 1;
          return { value: await transactionsPerSecond(node, batch) };
        };
        await measure();
        return measure;
      });
    },
  };
}

async function transactionsPerSecond(node: RunningNode, batch: readonly Buffer[]): Promise<number> {
  const connection = await Connection.open(node.endpoint);
  const started = performance.now();
  for (const request of batch) {
    await connection.waitForReceipt(resultOf<string>(await connection.exchange(request)));
  }
  const seconds = (performance.now() - started) / 1_000;
  connection.close();
  return batch.length / seconds;
}

/** How fast a script gets its transactions through. */
export const sendCases: readonly Case[] = [sendCase('process', 1), sendCase('power', 0.5)];
