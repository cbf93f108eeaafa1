import { bytesToBigInt } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { EMPTY_DIFF } from '../src/diff.ts';
import { latestState } from '../src/flat.ts';
import { StateJournal } from '../src/journal.ts';
import { addressOf, wordOf } from './support/arbitrary.ts';
import { codeOf, journalStep, NaiveState, runOpen, runSteps } from './support/state-script.ts';
import { StateStore } from './support/store.ts';

const INDEXES = [0, 1, 2, 3];

function expectSame(journal: StateJournal, model: NaiveState, withStorage: boolean): void {
  for (const index of INDEXES) {
    const address = addressOf(index);
    const account = journal.account(address);
    const expected = model.accounts.get(index);
    expect(account === undefined).toBe(expected === undefined);
    expect(journal.balance(address)).toBe(expected?.balance ?? 0n);
    expect(journal.nonce(address)).toBe(expected?.nonce ?? 0n);
    const code = journal.code(journal.codeHash(address));
    expect(code.length).toBe(codeOf(expected?.code ?? 0).length);
    if (!withStorage) continue;
    for (const slot of [0, 1, 2]) {
      const word = bytesToBigInt(journal.storage(address, wordOf(slot)));
      expect(word).toBe(BigInt(expected?.slots.get(slot) ?? 0));
    }
  }
}

describe('StateJournal', () => {
  it('is a stack of full copies, across blocks', async () => {
    const script = fc.array(fc.array(journalStep, { maxLength: 60, size: 'max' }), {
      maxLength: 4,
    });
    await fc.assert(
      // Reading slots puts them into the journal: runs that read little find what comes in late.
      fc.asyncProperty(script, fc.boolean(), async (blocks, readsAll) => {
        const state = new StateStore();
        const model = new NaiveState();
        for (const steps of blocks) {
          const journal = new StateJournal(latestState(state.store));
          runSteps(steps, journal, model, () => expectSame(journal, model, readsAll));
          expectSame(journal, model, true);
          await state.add(journal.diff());
        }
      }),
      runs(400),
    );
  });

  it('has no diff after everything was reverted', () => {
    fc.assert(
      fc.property(fc.array(journalStep, { maxLength: 40, size: 'max' }), (steps) => {
        const journal = new StateJournal(latestState(new StateStore().store));
        const checkpoint = journal.checkpoint();
        const model = new NaiveState();
        const inOneTransaction = steps.filter(({ kind }) => kind !== 'endTransaction');
        runOpen(inOneTransaction, journal, model);
        journal.revertTo(checkpoint);
        journal.endTransaction();
        expect(journal.diff()).toEqual(EMPTY_DIFF);
      }),
      runs(300),
    );
  });

  it('conserves the supply in transfers', () => {
    const transfers = fc.array(fc.record({ from: fc.nat(3), to: fc.nat(3), share: fc.nat(4) }), {
      maxLength: 100,
      size: 'max',
    });
    fc.assert(
      fc.property(transfers, (list) => {
        const journal = new StateJournal(latestState(new StateStore().store));
        for (const index of INDEXES) journal.addBalance(addressOf(index), BigInt(index) * 1000n);
        for (const { from, to, share } of list) {
          const value = (journal.balance(addressOf(from)) * BigInt(share)) / 4n;
          journal.transfer(addressOf(from), addressOf(to), value);
          journal.endTransaction();
        }
        const total = INDEXES.reduce((sum, index) => sum + journal.balance(addressOf(index)), 0n);
        expect(total).toBe(6_000n);
      }),
      runs(100),
    );
  });
});
