import { isLucernaError, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { decodeRlp, encodeRlp, type RlpItem } from '@lucerna/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { EMPTY_ACCOUNT } from '../src/account.ts';
import {
  type AccountChange,
  decodeDiff,
  EMPTY_DIFF,
  encodeDiff,
  type StateDiff,
  type StorageChange,
} from '../src/diff.ts';
import { latestState } from '../src/flat.ts';
import { StateJournal } from '../src/journal.ts';
import { addressOf, wordOf } from './support/arbitrary.ts';
import { journalStep, NaiveState, runSteps } from './support/state-script.ts';
import { StateStore } from './support/store.ts';

const CHANGE: AccountChange = {
  address: addressOf(1),
  before: undefined,
  after: { ...EMPTY_ACCOUNT, nonce: 1n },
  storageCleared: false,
};
const SLOT: StorageChange = {
  address: addressOf(1),
  slot: wordOf(1),
  before: wordOf(0),
  after: wordOf(1),
};

function codeOfDecoding(encoded: Uint8Array): string {
  try {
    decodeDiff(encoded);
    return 'accepted';
  } catch (error) {
    if (isLucernaError(error)) return error.code;
    throw error;
  }
}

describe('decodeDiff', () => {
  it('is the inverse of encodeDiff', async () => {
    const blocks = fc.array(fc.array(journalStep, { maxLength: 40, size: 'max' }), {
      maxLength: 3,
      size: 'max',
    });
    await fc.assert(
      fc.asyncProperty(blocks, async (script) => {
        const state = new StateStore();
        const model = new NaiveState();
        for (const steps of script) {
          const journal = new StateJournal(latestState(state.store));
          runSteps(steps, journal, model);
          const diff = journal.diff();
          expect(decodeDiff(encodeDiff(diff))).toEqual(diff);
          const completed = (await state.add(diff)).diff;
          expect(decodeDiff(encodeDiff(completed))).toEqual(completed);
        }
      }),
      runs(150),
    );
  });

  it('accepts only what encodeDiff writes, and else has one code', () => {
    const code = Uint8Array.of(1, 2, 3);
    const diff: StateDiff = {
      accounts: [CHANGE, { ...CHANGE, address: addressOf(2), before: CHANGE.after }],
      storage: [SLOT, { ...SLOT, slot: wordOf(2) }],
      code: [{ codeHash: keccak256(code), code }],
    };
    const encoded = encodeDiff(diff);
    expect(decodeDiff(encoded)).toEqual(diff);
    fc.assert(
      fc.property(fc.nat(encoded.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const damaged = cut ? encoded.slice(0, at) : encoded.slice();
        if (!cut) damaged[at] = byte;
        if (codeOfDecoding(damaged) === 'STATE_DIFF_INVALID') return;
        expect(toHexKey(encodeDiff(decodeDiff(damaged)))).toBe(toHexKey(damaged));
      }),
      runs(2000),
    );
  });

  it('refuses parts that are out of order, twice there, or do not belong together', () => {
    const second = { ...CHANGE, address: addressOf(2) };
    const codes = [Uint8Array.of(1), Uint8Array.of(2)].map((code) => ({
      codeHash: keccak256(code),
      code,
    }));
    codes.sort((left, right) => Buffer.compare(right.codeHash, left.codeHash));
    const bad: StateDiff[] = [
      { ...EMPTY_DIFF, accounts: [second, CHANGE] },
      { ...EMPTY_DIFF, accounts: [CHANGE, CHANGE] },
      { ...EMPTY_DIFF, accounts: [CHANGE], storage: [SLOT, SLOT] },
      { ...EMPTY_DIFF, accounts: [CHANGE], storage: [{ ...SLOT, slot: wordOf(2) }, SLOT] },
      { ...EMPTY_DIFF, storage: [SLOT] },
      { ...EMPTY_DIFF, accounts: [second], storage: [SLOT] },
      { ...EMPTY_DIFF, accounts: [CHANGE], storage: [{ ...SLOT, address: addressOf(2) }] },
      { ...EMPTY_DIFF, accounts: [{ ...CHANGE, after: undefined }], storage: [SLOT] },
      { ...EMPTY_DIFF, code: codes },
    ];
    for (const diff of bad) expect(codeOfDecoding(encodeDiff(diff))).toBe('STATE_DIFF_INVALID');
  });

  it('refuses other spellings of the same diff', () => {
    const none = new Uint8Array(0);
    const one = Uint8Array.of(1);
    const slim: RlpItem = [one, none, none, none];
    const diff = (account: RlpItem): Uint8Array => encodeRlp([[account], [], []]);
    const account = (before: RlpItem, after: RlpItem, cleared: RlpItem): RlpItem => [
      addressOf(1),
      before,
      after,
      cleared,
    ];
    expect(codeOfDecoding(diff(account([], slim, none)))).toBe('accepted');
    expect(encodeDiff({ ...EMPTY_DIFF, accounts: [CHANGE] })).toEqual(
      diff(account([], slim, none)),
    );
    const { storageRoot, codeHash } = EMPTY_ACCOUNT;
    for (const bad of [
      account(none, slim, none),
      account([], slim, Uint8Array.of(2)),
      account([], [one, none, storageRoot, none], none),
      account([], [one, none, none, codeHash], none),
      account([], [one, none, one, none], none),
      account([], [one], none),
    ]) {
      expect(codeOfDecoding(diff(bad))).toBe('STATE_DIFF_INVALID');
    }
    expect(decodeRlp(encodeDiff(EMPTY_DIFF))).toEqual([[], [], []]);
  });
});
