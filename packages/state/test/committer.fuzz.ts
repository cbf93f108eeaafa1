import { isLucernaError } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { EMPTY_ACCOUNT } from '../src/account.ts';
import { type CommittedDiff, commitDiff } from '../src/commit.ts';
import { type CommitterLimits, StateCommitter } from '../src/committer.ts';
import { EMPTY_DIFF, type StateDiff } from '../src/diff.ts';
import { latestState } from '../src/flat.ts';
import { StateJournal } from '../src/journal.ts';
import { addressOf, wordOf } from './support/arbitrary.ts';
import { dumpBatch, StateStore } from './support/store.ts';

/** What a block does to one account. */
type Change =
  | { readonly kind: 'balance'; readonly who: number; readonly amount: number }
  | { readonly kind: 'slot'; readonly who: number; readonly slot: number; readonly word: number }
  | { readonly kind: 'delete'; readonly who: number };

/** What becomes of a block that the committer has committed. */
type Fate =
  | 'published'
  | 'discarded'
  /** Published, but it was the batch of an equal diff that was. */
  | 'equal published'
  /** Committed twice on the same state, then published. */
  | 'repeated'
  /** The committer does not see it. */
  | 'elsewhere'
  /** A diff of another state, which is refused. */
  | 'refused'
  /** The state that the last published block began with comes back, and the committer does not see it. */
  | 'taken back';

type Block = {
  readonly changes: readonly Change[];
  readonly fate: Fate;
  /** On which of two ledgers. */
  readonly ledger: 0 | 1;
};

const CONTRACTS = 3;

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('balance' as const),
      who: fc.nat(60),
      amount: fc.nat(5),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('slot' as const),
      who: fc.nat(CONTRACTS - 1),
      slot: fc.nat(40),
      word: fc.nat(2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), who: fc.nat(8) }) },
);

const block: fc.Arbitrary<Block> = fc.record({
  changes: fc.array(change, { maxLength: 30, size: 'max' }),
  fate: fc.oneof(
    { weight: 6, arbitrary: fc.constant('published' as const) },
    fc.constantFrom<Fate>(
      'discarded',
      'equal published',
      'repeated',
      'elsewhere',
      'refused',
      'taken back',
    ),
  ),
  ledger: fc.oneof({ weight: 5, arbitrary: fc.constant(0 as const) }, fc.constant(1 as const)),
});

const limits: fc.Arbitrary<CommitterLimits | undefined> = fc.option(
  fc.record({
    accountNodes: fc.integer({ min: 1, max: 60 }),
    storageTries: fc.nat(3),
    storageNodes: fc.integer({ min: 1, max: 30 }),
  }),
  { nil: undefined },
);

function diffOf(changes: readonly Change[], { store }: StateStore): StateDiff {
  const journal = new StateJournal(latestState(store));
  for (const step of changes) {
    const address = addressOf(step.who);
    if (step.kind === 'delete') journal.deleteAccount(address);
    else if (step.kind === 'balance') journal.setBalance(address, BigInt(step.amount));
    else {
      journal.setNonce(address, 1n);
      journal.setStorage(address, wordOf(step.slot), wordOf(step.word));
    }
    if (step.kind === 'delete') journal.endTransaction();
  }
  journal.endTransaction();
  return journal.diff();
}

/** The diff that leads back. */
function reversed({ accounts, storage }: StateDiff): StateDiff {
  return {
    accounts: accounts.map(({ address, before, after }) => ({
      address,
      before: after,
      after: before,
      storageCleared: false,
    })),
    storage: storage.map((each) => ({ ...each, before: each.after, after: each.before })),
    code: [],
  };
}

/** The diff as if the last account had been another one. */
function differing(diff: StateDiff): StateDiff {
  const accounts = diff.accounts.map((each, index) => {
    if (index < diff.accounts.length - 1) return each;
    return { ...each, before: { ...(each.before ?? EMPTY_ACCOUNT), balance: 77n } };
  });
  return { ...diff, accounts };
}

/** All that there is to a result. */
function textOf({ stateRoot, diff, batch }: CommittedDiff): unknown {
  return { stateRoot, diff, batch: dumpBatch(batch) };
}

/** What `commit` gives, or the code of its error. */
function outcome(commit: () => CommittedDiff): unknown {
  try {
    return textOf(commit());
  } catch (error) {
    if (isLucernaError(error)) return error.code;
    throw error;
  }
}

/** A state with what takes its last published block back. */
class Ledger {
  readonly state = new StateStore();
  undo: StateDiff = EMPTY_DIFF;

  /** Commits one more block with `committer`, each time with the result of `commitDiff`. */
  async run(committer: StateCommitter, { changes, fate }: Block): Promise<void> {
    const { state } = this;
    const diff = fate === 'taken back' ? this.undo : diffOf(changes, state);
    const options = { parentRoot: state.root, height: state.height + 1, history: true };
    if (fate === 'refused') {
      const refused = differing(diff);
      const expected = outcome(() => commitDiff(state.store, refused, options));
      expect(outcome(() => committer.commit(state.store, refused, options))).toEqual(expected);
      return;
    }
    const expected = commitDiff(state.store, diff, options);
    if (fate !== 'elsewhere' && fate !== 'taken back') {
      for (let times = fate === 'repeated' ? 2 : 1; times > 0; times -= 1) {
        const committed = committer.commit(state.store, diff, options);
        expect(textOf(committed)).toEqual(textOf(expected));
      }
    }
    if (fate === 'discarded') return;
    this.undo = reversed(expected.diff);
    const published =
      fate === 'published' ? committer.commit(state.store, diff, options) : expected;
    await state.publish(published);
  }
}

describe('a committer', () => {
  it('gives what commitDiff gives, whatever has become of the blocks before', async () => {
    const blocks = (maxLength: number): fc.Arbitrary<Block[]> =>
      fc.array(block, { maxLength, size: 'max' });
    await fc.assert(
      fc.asyncProperty(blocks(3), blocks(12), limits, async (common, script, kept) => {
        const committer = new StateCommitter(kept);
        // Two that begin alike, so that the same root is there over different readers.
        const ledgers = [new Ledger(), new Ledger()] as const;
        for (const each of common) {
          for (const ledger of ledgers) await ledger.run(committer, each);
        }
        for (const each of script) await ledgers[each.ledger].run(committer, each);
      }),
      runs(150),
    );
  });
});
