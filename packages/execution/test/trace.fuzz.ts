import { seededRandom } from '@lucerna/base';
import { createAddress, type Log, type RecoveredTransaction } from '@lucerna/protocol';
import { StateJournal, type StateReader } from '@lucerna/state';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import type { TransactionOutcome } from '../src/outcome.ts';
import { traceBlock } from '../src/trace/trace.ts';
import { executeTransaction, isRefusal } from '../src/transaction.ts';
import { randomChange } from './random-changes.ts';
import { CONTEXT, ETHER, signer, stateOf, transfer } from './support.ts';

const TRANSACTIONS = 16;
const SIGNER = signer(1);
const STATE: StateReader = stateOf([[SIGNER.address, { balance: 1_000n * ETHER }]]);

type Executed = {
  readonly transactions: readonly RecoveredTransaction[];
  readonly outcomes: readonly TransactionOutcome[];
  readonly diff: unknown;
};

/** Random transactions, some of which fail, as far as they may be included. */
function execute(seed: number): Executed {
  const random = seededRandom(seed);
  const journal = new StateJournal(STATE);
  const contracts: Uint8Array[] = [];
  const transactions: RecoveredTransaction[] = [];
  const outcomes: TransactionOutcome[] = [];
  for (let count = 0; count < TRANSACTIONS; count += 1) {
    const nonce = journal.nonce(SIGNER.address);
    const change = randomChange(random, contracts, SIGNER.address);
    const recovered = transfer(SIGNER, { nonce, ...change });
    try {
      outcomes.push(executeTransaction(journal, CONTEXT, recovered, CONTEXT.gasLimit));
      transactions.push(recovered);
      if (change.to === null) contracts.push(createAddress(SIGNER.address, nonce));
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return { transactions, outcomes, diff: journal.diff() };
}

const facts = ({ address, topics, data }: Log): Log => ({ address, topics, data });

describe('a traced transaction', () => {
  it.each(Array.from({ length: runs(30).numRuns ?? 0 }, (_, seed) => seed))(
    'comes to what an untraced one does: script %i',
    (seed) => {
      const { transactions, outcomes } = execute(seed);
      const options = [{}, { steps: true }, { stack: true }][seed % 3];
      const traces = [...traceBlock(STATE, CONTEXT, transactions, options)];
      expect(traces).toHaveLength(outcomes.length);
      for (const [index, { calls, steps }] of traces.entries()) {
        const outcome = outcomes[index]!;
        expect(calls.gasUsed).toBe(outcome.gasUsed);
        expect(calls.output).toEqual(outcome.returnData);
        expect(calls.error).toEqual(outcome.error);
        if (outcome.status === 1) expect(calls.logs.map(facts)).toEqual(outcome.logs);
        const list = steps?.steps ?? [];
        for (const { gas, gasCost } of list) expect(gasCost >= 0n && gasCost <= gas).toBe(true);
        expect(list.some(({ error }) => error !== undefined)).toBe(
          list.length > 0 && outcome.error !== undefined && steps?.isTruncated === false,
        );
      }
    },
  );
});
