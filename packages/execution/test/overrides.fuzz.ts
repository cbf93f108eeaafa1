import { EMPTY_BYTES, equalBytes, fixedBytes, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { StateOverride } from '@lucerna/protocol';
import { latestState, StateJournal, type StateReader } from '@lucerna/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { overrideState } from '../src/overrides.ts';
import { stateAfter } from '../src/pending.ts';
import { strangerAddress, TestChain } from './support.ts';

const ADDRESSES = [1, 2, 3].map(strangerAddress);
const SLOTS = [1n, 2n, 3n].map((slot) => fixedBytes(slot, 32));

type ModelAccount = {
  balance: bigint;
  nonce: bigint;
  code: Uint8Array;
  slots: Map<string, Uint8Array>;
};
type Model = Map<string, ModelAccount>;

const small = fc.bigInt({ min: 0n, max: 3n });
const code = fc.constantFrom(EMPTY_BYTES, Uint8Array.of(1), Uint8Array.of(2, 2));
const words = fc.array(
  fc.record({ slot: fc.constantFrom(...SLOTS), word: small.map((value) => fixedBytes(value, 32)) }),
  { maxLength: 4 },
);
const storage = fc.oneof(
  fc.constant({}),
  words.map((state) => ({ state })),
  words.map((stateDiff) => ({ stateDiff })),
);
const fields = fc.record({ balance: small, nonce: small, code }, { requiredKeys: [] });
const override: fc.Arbitrary<StateOverride> = fc
  .tuple(fc.constantFrom(...ADDRESSES), fields, storage)
  .map(([address, some, slots]) => ({ address, ...some, ...slots }));
const overrides = fc.array(override, { maxLength: 6 });

function applyToModel(model: Model, list: readonly StateOverride[]): void {
  for (const { address, balance, nonce, code: bytes, state, stateDiff } of list) {
    const key = toHexKey(address);
    const empty = { balance: 0n, nonce: 0n, code: EMPTY_BYTES, slots: new Map() };
    const account: ModelAccount = model.get(key) ?? empty;
    if (state !== undefined) account.slots = new Map();
    account.balance = balance ?? account.balance;
    account.nonce = nonce ?? account.nonce;
    account.code = bytes ?? account.code;
    for (const { slot, word } of state ?? stateDiff ?? []) account.slots.set(toHexKey(slot), word);
    model.set(key, account);
  }
  for (const [key, account] of model) {
    const isEmpty = account.balance === 0n && account.nonce === 0n && account.code.length === 0;
    if (isEmpty) model.delete(key);
  }
}

function expectEqual(state: StateReader, model: Model): void {
  for (const address of ADDRESSES) {
    const account = state.account(address);
    const expected = model.get(toHexKey(address));
    expect(account === undefined).toBe(expected === undefined);
    if (account !== undefined && expected !== undefined) {
      expect([account.balance, account.nonce]).toEqual([expected.balance, expected.nonce]);
      expect(equalBytes(account.codeHash, keccak256(expected.code))).toBe(true);
      expect(equalBytes(state.code(account.codeHash), expected.code)).toBe(true);
    }
    for (const slot of SLOTS) {
      const word = expected?.slots.get(toHexKey(slot)) ?? new Uint8Array(32);
      expect(equalBytes(state.storage(address, slot), word)).toBe(true);
    }
  }
}

/** A stored state that the overrides have made, and the model of it. */
async function stored(list: readonly StateOverride[]): Promise<{
  readonly chain: TestChain;
  readonly model: Model;
}> {
  const chain = await TestChain.open({ alloc: [] });
  const journal = overrideState(latestState(chain.store), list);
  const { stateRoot } = chain.head.header;
  if (journal instanceof StateJournal) {
    const { batch } = chain.committer.commit(chain.store, journal.diff(), {
      parentRoot: stateRoot,
      height: 1,
      history: false,
    });
    await chain.store.commit(batch, 'process');
  }
  const model: Model = new Map();
  applyToModel(model, list);
  return { chain, model };
}

describe('states that are changed in memory', () => {
  it('overrideState agrees with a model, also on top of itself', async () => {
    await fc.assert(
      fc.asyncProperty(overrides, overrides, overrides, async (base, first, second) => {
        const { chain, model } = await stored(base);
        const once = overrideState(latestState(chain.store), first);
        applyToModel(model, first);
        expectEqual(once, model);
        const twice = overrideState(once, second);
        applyToModel(model, second);
        expectEqual(twice, model);
      }),
      runs(100),
    );
  });

  it('stateAfter reads as the journal that the diff is of', async () => {
    await fc.assert(
      fc.asyncProperty(overrides, overrides, async (base, changes) => {
        const { chain, model } = await stored(base);
        const state = latestState(chain.store);
        const journal = overrideState(state, changes);
        applyToModel(model, changes);
        if (journal instanceof StateJournal) expectEqual(stateAfter(state, journal.diff()), model);
      }),
      runs(100),
    );
  });
});
