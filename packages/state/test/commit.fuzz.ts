import { bytesToBigInt, toHexKey } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { decodeDiff, encodeDiff } from '../src/diff.ts';
import { latestState } from '../src/flat.ts';
import { stateAt } from '../src/history.ts';
import { StateJournal } from '../src/journal.ts';
import type { StateReader } from '../src/reader.ts';
import { verifyState } from '../src/verify.ts';
import { addressOf, wordOf } from './support/arbitrary.ts';
import { naiveRows } from './support/naive-state.ts';
import {
  codeOf,
  copyAccounts,
  type JournalStep,
  journalStep,
  type NaiveAccount,
  NaiveState,
  runSteps,
} from './support/state-script.ts';
import { dumpBatch, dumpRows, noTurn, StateStore } from './support/store.ts';

type Accounts = ReadonlyMap<number, NaiveAccount>;

const blocks: fc.Arbitrary<JournalStep[][]> = fc.array(
  fc.array(journalStep, { maxLength: 40, size: 'max' }),
  { minLength: 1, maxLength: 6, size: 'max' },
);

function diffOf(steps: readonly JournalStep[], state: StateStore, model: NaiveState) {
  const journal = new StateJournal(latestState(state.store));
  runSteps(steps, journal, model);
  return journal.diff();
}

/** The rows of the state itself: what {@link naiveRows} makes. */
function stateRows(state: StateStore): Map<string, string> {
  const others = /^(code|account-history|storage-history) /;
  return new Map([...dumpRows(state.store)].filter(([key]) => !others.test(key)));
}

function expectState(reader: StateReader, accounts: Accounts): void {
  for (const index of [0, 1, 2, 3]) {
    const address = addressOf(index);
    const account = reader.account(address);
    const expected = accounts.get(index);
    expect(account?.balance).toBe(expected?.balance);
    expect(account?.nonce).toBe(expected?.nonce);
    if (account !== undefined) {
      expect(reader.code(account.codeHash)).toEqual(codeOf(expected!.code));
    }
    for (const slot of [0, 1, 2]) {
      const word = bytesToBigInt(reader.storage(address, wordOf(slot)));
      expect(word).toBe(BigInt(expected?.slots.get(slot) ?? 0));
    }
  }
}

describe('commitDiff', () => {
  it('has the root and exactly the rows of a state made afresh, and the state verifies', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, fc.boolean(), async (script, history) => {
        const state = new StateStore();
        const model = new NaiveState();
        for (const steps of script) {
          await state.add(diffOf(steps, state, model), history);
          const naive = naiveRows(model.accounts);
          expect(toHexKey(state.root)).toBe(naive.root);
          expect(stateRows(state)).toEqual(new Map(naive.rows));
          let totalBalance = 0n;
          for (const { balance } of model.accounts.values()) totalBalance += balance;
          const summary = await verifyState(state.store, state.root, noTurn);
          expect(summary).toEqual({ accounts: model.accounts.size, totalBalance });
        }
      }),
      runs(150),
    );
  });

  it('gives the same root and batch for the completed diff, through its encoding', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, async (script) => {
        const state = new StateStore();
        const model = new NaiveState();
        for (const steps of script) {
          const diff = diffOf(steps, state, model);
          const before = dumpRows(state.store);
          const first = state.prepare(diff);
          const again = state.prepare(decodeDiff(encodeDiff(first.diff)));
          expect(dumpRows(state.store)).toEqual(before);
          expect(again.stateRoot).toEqual(first.stateRoot);
          expect(again.diff).toEqual(first.diff);
          expect(dumpBatch(again.batch)).toEqual(dumpBatch(first.batch));
          await state.add(diff);
        }
      }),
      runs(150),
    );
  });

  it('lists all that is needed to undo a block: every changed row has its old value', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, async (script) => {
        const state = new StateStore();
        const model = new NaiveState();
        for (const steps of script) {
          const before = copyAccounts(model.accounts);
          const { diff } = await state.add(diffOf(steps, state, model));
          const undone = copyAccounts(model.accounts);
          for (const index of [0, 1, 2, 3]) {
            const key = toHexKey(addressOf(index));
            const change = diff.accounts.find(({ address }) => toHexKey(address) === key);
            if (change === undefined) continue;
            if (change.before === undefined) {
              undone.delete(index);
              continue;
            }
            const { nonce, balance } = change.before;
            const code = before.get(index)!.code;
            const slots = new Map(undone.get(index)?.slots);
            for (const slot of diff.storage) {
              if (toHexKey(slot.address) !== key) continue;
              const value = Number(bytesToBigInt(slot.before));
              if (value === 0) slots.delete(Number(bytesToBigInt(slot.slot)));
              else slots.set(Number(bytesToBigInt(slot.slot)), value);
            }
            undone.set(index, { nonce, balance, code, slots });
          }
          const rows = naiveRows(undone).rows;
          expect(new Map(rows)).toEqual(new Map(naiveRows(before).rows));
        }
      }),
      runs(100),
    );
  });
});

describe('stateAt', () => {
  it('answers at every height like a full copy of that height', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, async (script) => {
        const state = new StateStore();
        const model = new NaiveState();
        const copies: Accounts[] = [];
        for (const steps of script) {
          await state.add(diffOf(steps, state, model));
          copies.push(copyAccounts(model.accounts));
        }
        for (const [height, copy] of copies.entries()) {
          expectState(stateAt(state.store, height), copy);
        }
        expectState(latestState(state.store), copies.at(-1)!);
        expectState(stateAt(state.store, copies.length + 5), copies.at(-1)!);
      }),
      runs(150),
    );
  });
});
