import { bytesToBigInt } from '@lucerna/base';
import fc from 'fast-check';
import type { StateJournal } from '../../src/journal.ts';
import { addressOf, wordOf } from './arbitrary.ts';

/** One call of a journal. Accounts, slots and codes are numbers, few of them, so that they meet. */
export type JournalStep =
  | {
      readonly kind: 'transfer';
      readonly from: number;
      readonly to: number;
      readonly share: number;
    }
  | { readonly kind: 'setBalance' | 'setNonce'; readonly who: number; readonly amount: number }
  | { readonly kind: 'addBalance'; readonly who: number; readonly amount: number }
  | { readonly kind: 'setCode'; readonly who: number; readonly code: number }
  | {
      readonly kind: 'setStorage';
      readonly who: number;
      readonly slot: number;
      readonly value: number;
    }
  | { readonly kind: 'readStorage'; readonly who: number; readonly slot: number }
  | { readonly kind: 'touch' | 'delete'; readonly who: number }
  | { readonly kind: 'checkpoint' | 'endTransaction' }
  | { readonly kind: 'revert'; readonly depth: number };

const who = fc.nat(3);
const amount = fc.oneof(fc.constant(0), fc.nat(1000));

/** Any call. */
export const journalStep: fc.Arbitrary<JournalStep> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('transfer'), from: who, to: who, share: fc.nat(4) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('setBalance', 'setNonce'), who, amount }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('addBalance'), who, amount }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('setCode'), who, code: fc.nat(2) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('setStorage'),
      who,
      slot: fc.nat(2),
      value: fc.nat(2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('readStorage'), who, slot: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('touch', 'delete'), who }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('checkpoint', 'endTransaction') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('revert'), depth: fc.nat(3) }) },
) as fc.Arbitrary<JournalStep>;

/** The code with a number; 0 is no code. */
export function codeOf(code: number): Uint8Array {
  return new Uint8Array(code).fill(0xfe);
}

/** What a model of the state has to offer to run the same steps. */
export type NaiveAccount = {
  nonce: bigint;
  balance: bigint;
  code: number;
  readonly slots: Map<number, number>;
};

/** Accounts by number, copied as a whole at every checkpoint. */
export class NaiveState {
  accounts: Map<number, NaiveAccount>;
  touched: Set<number> = new Set();
  readonly stack: { accounts: Map<number, NaiveAccount>; touched: Set<number> }[] = [];

  constructor(accounts: ReadonlyMap<number, NaiveAccount> = new Map()) {
    this.accounts = copyAccounts(accounts);
  }

  of(index: number): NaiveAccount {
    let account = this.accounts.get(index);
    if (account === undefined) {
      account = { nonce: 0n, balance: 0n, code: 0, slots: new Map() };
      this.accounts.set(index, account);
    }
    this.touched.add(index);
    return account;
  }

  checkpoint(): void {
    const touched = new Set(this.touched);
    this.stack.push({ accounts: copyAccounts(this.accounts), touched });
  }

  revert(index: number): void {
    const saved = this.stack[index]!;
    this.accounts = copyAccounts(saved.accounts);
    this.touched = new Set(saved.touched);
    this.stack.length = index;
  }

  endTransaction(): void {
    for (const index of this.touched) {
      const account = this.accounts.get(index);
      if (account === undefined) continue;
      if (account.nonce === 0n && account.balance === 0n && account.code === 0) {
        this.accounts.delete(index);
      }
    }
    this.touched.clear();
    this.stack.length = 0;
  }
}

/** A copy that shares nothing. */
export function copyAccounts(
  accounts: ReadonlyMap<number, NaiveAccount>,
): Map<number, NaiveAccount> {
  return new Map(
    [...accounts].map(([index, account]) => [index, { ...account, slots: new Map(account.slots) }]),
  );
}

/** Runs steps on a journal and on the model alike. Both must be between transactions. */
export function runOpen(
  steps: readonly JournalStep[],
  journal: StateJournal,
  model: NaiveState,
  afterEach: () => void = () => undefined,
): void {
  const checkpoints: number[] = [];
  for (const step of steps) {
    runStep(step, journal, model, checkpoints);
    afterEach();
  }
}

/** {@link runOpen}, then the end of the last transaction. */
export function runSteps(
  steps: readonly JournalStep[],
  journal: StateJournal,
  model: NaiveState,
  afterEach: () => void = () => undefined,
): void {
  runOpen(steps, journal, model, afterEach);
  journal.endTransaction();
  model.endTransaction();
  afterEach();
}

function runStep(
  step: JournalStep,
  journal: StateJournal,
  model: NaiveState,
  checkpoints: number[],
): void {
  switch (step.kind) {
    case 'transfer': {
      const balance = model.accounts.get(step.from)?.balance ?? 0n;
      const value = (balance * BigInt(step.share)) / 4n;
      journal.transfer(addressOf(step.from), addressOf(step.to), value);
      model.touched.add(step.from).add(step.to);
      if (value === 0n || step.from === step.to) return;
      model.of(step.from).balance -= value;
      model.of(step.to).balance += value;
      return;
    }
    case 'setBalance':
      journal.setBalance(addressOf(step.who), BigInt(step.amount));
      model.of(step.who).balance = BigInt(step.amount);
      return;
    case 'setNonce':
      journal.setNonce(addressOf(step.who), BigInt(step.amount));
      model.of(step.who).nonce = BigInt(step.amount);
      return;
    case 'addBalance':
      journal.addBalance(addressOf(step.who), BigInt(step.amount));
      if (step.amount === 0) model.touched.add(step.who);
      else model.of(step.who).balance += BigInt(step.amount);
      return;
    case 'setCode':
      journal.setCode(addressOf(step.who), codeOf(step.code));
      model.of(step.who).code = step.code;
      return;
    case 'setStorage':
      journal.setStorage(addressOf(step.who), wordOf(step.slot), wordOf(step.value));
      if (step.value === 0) model.of(step.who).slots.delete(step.slot);
      else model.of(step.who).slots.set(step.slot, step.value);
      return;
    case 'readStorage': {
      const word = journal.storage(addressOf(step.who), wordOf(step.slot));
      const expected = model.accounts.get(step.who)?.slots.get(step.slot) ?? 0;
      if (bytesToBigInt(word) !== BigInt(expected)) throw new Error('a slot differs');
      return;
    }
    case 'touch':
      journal.touch(addressOf(step.who));
      model.touched.add(step.who);
      return;
    case 'delete':
      journal.deleteAccount(addressOf(step.who));
      model.accounts.delete(step.who);
      return;
    case 'checkpoint':
      checkpoints.push(journal.checkpoint());
      model.checkpoint();
      return;
    case 'endTransaction':
      journal.endTransaction();
      model.endTransaction();
      checkpoints.length = 0;
      return;
    case 'revert': {
      if (checkpoints.length === 0) return;
      const index = Math.max(0, checkpoints.length - 1 - step.depth);
      journal.revertTo(checkpoints[index]!);
      model.revert(index);
      checkpoints.length = index;
    }
  }
}
