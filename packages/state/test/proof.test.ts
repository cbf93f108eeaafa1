import { fixedBytes, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { decodeRlp, EMPTY_TRIE_ROOT, encodeRlp } from '@lucerna/protocol';
import { KEYSPACES } from '@lucerna/storage';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { decodeAccount } from '../src/account.ts';
import { latestState } from '../src/flat.ts';
import { StateJournal } from '../src/journal.ts';
import {
  proveAccount,
  proveStorage,
  verifyAccountProof,
  verifyStorageProof,
} from '../src/proof.ts';
import { Trie } from '../src/trie/trie.ts';
import { ZERO_WORD } from '../src/word.ts';
import { expectFlipsRefused, verifyWithOracle } from './support/oracle-proof.ts';
import { changedProofs, rearrangedProofs, refusal } from './support/proof-cases.ts';
import { StateStore } from './support/store.ts';

const address = (index: number): Uint8Array => keccak256(fixedBytes(BigInt(index), 8)).slice(12);
const word = (value: number): Uint8Array => fixedBytes(BigInt(value), 32);
/** Accounts 0 … 39 exist; of these, 1 has one slot and 2 has forty. */
const ACCOUNTS = 40;
const SLOTS = 40;
const SINGLE = address(1);
const OWNER = address(2);

const state = new StateStore();

beforeAll(async () => {
  const journal = new StateJournal(latestState(state.store));
  for (let index = 0; index < ACCOUNTS; index += 1) journal.setBalance(address(index), 1n);
  journal.setStorage(SINGLE, word(0), word(7));
  for (let slot = 0; slot < SLOTS; slot += 1) journal.setStorage(OWNER, word(slot), word(slot + 1));
  journal.endTransaction();
  await state.add(journal.diff());
});

function storageRoot(owner: Uint8Array): Uint8Array {
  const account = latestState(state.store).account(owner);
  if (account === undefined) throw new Error('no such account');
  return account.storageRoot;
}

describe('proveAccount', () => {
  it('proves what every account holds, and that others do not exist', async () => {
    for (let index = 0; index < 2 * ACCOUNTS; index += 1) {
      const proof = proveAccount(state.store, state.root, address(index));
      const proved = await verifyWithOracle(state.root, address(index), proof);
      const held = latestState(state.store).account(address(index));
      expect(held === undefined).toBe(index >= ACCOUNTS);
      expect(proved === null ? undefined : decodeAccount(proved)).toEqual(held);
    }
  });

  it('is refused with any byte changed, also where it proves absence', async () => {
    for (const index of [2, ACCOUNTS + 1, ACCOUNTS + 2, ACCOUNTS + 3]) {
      const proof = proveAccount(state.store, state.root, address(index));
      expect(proof.length).toBeGreaterThan(0);
      await expectFlipsRefused(state.root, address(index), proof);
    }
  });

  it('needs no node in an empty state', () => {
    const empty = new StateStore();
    expect(proveAccount(empty.store, empty.root, SINGLE)).toEqual([]);
  });

  it('is an error where a node is damaged', async () => {
    const damaged = new StateStore();
    const journal = new StateJournal(latestState(damaged.store));
    journal.setBalance(SINGLE, 1n);
    journal.endTransaction();
    await damaged.add(journal.diff());
    const key = new Uint8Array(0);
    await damaged.tamper({ keyspace: KEYSPACES.accountTrie, key, value: Uint8Array.of(0xc0) });
    expect(() => proveAccount(damaged.store, damaged.root, SINGLE)).toThrow(
      expect.objectContaining({ code: 'STATE_CORRUPT' }),
    );
  });
});

describe('proveStorage', () => {
  it('proves every word, and that other slots are zero', async () => {
    for (let slot = 0; slot < 2 * SLOTS; slot += 1) {
      const proof = proveStorage(state.store, OWNER, word(slot));
      const proved = await verifyWithOracle(storageRoot(OWNER), word(slot), proof);
      const value = proved === null ? undefined : decodeRlp(proved);
      expect(value).toEqual(slot < SLOTS ? Uint8Array.of(slot + 1) : undefined);
    }
  });

  it('is refused with any byte changed, also where it proves a zero', async () => {
    for (const [owner, slot] of [
      [OWNER, 5],
      [OWNER, SLOTS + 5],
      [SINGLE, 0],
      [SINGLE, 1],
    ] as const) {
      const proof = proveStorage(state.store, owner, word(slot));
      expect(proof.length).toBeGreaterThan(0);
      await expectFlipsRefused(storageRoot(owner), word(slot), proof);
    }
  });

  it('needs no node without storage or account', () => {
    expect(proveStorage(state.store, address(0), word(0))).toEqual([]);
    expect(proveStorage(state.store, address(ACCOUNTS), word(0))).toEqual([]);
  });
});

describe('verifyAccountProof', () => {
  it('gives the account that is proved, or none', () => {
    for (let index = 0; index < 2 * ACCOUNTS; index += 1) {
      const proof = proveAccount(state.store, state.root, address(index));
      const held = latestState(state.store).account(address(index));
      expect(verifyAccountProof(state.root, address(index), proof)).toEqual(held);
    }
    expect(verifyAccountProof(new StateStore().root, SINGLE, [])).toBeUndefined();
  });

  it('refuses any changed byte, any moved node, and the proof of another account', () => {
    for (const index of [2, ACCOUNTS + 1, ACCOUNTS + 2]) {
      const proof = proveAccount(state.store, state.root, address(index));
      const verify = (nodes: readonly Uint8Array[]) => () =>
        verifyAccountProof(state.root, address(index), nodes);
      for (const nodes of changedProofs(proof)) refusal(verify(nodes));
      for (const nodes of rearrangedProofs(proof)) refusal(verify(nodes));
      refusal(verify(proveAccount(state.store, state.root, address(3))));
    }
  });

  it('refuses a value that is no account', () => {
    for (const value of [Uint8Array.of(1), encodeRlp([Uint8Array.of(1)]), Uint8Array.of(0xf8)]) {
      const trie = new Trie();
      trie.put(keccak256(SINGLE), value);
      const { root } = trie.commit();
      const proof = trie.prove(keccak256(SINGLE));
      const fields = refusal(() => verifyAccountProof(root, SINGLE, proof));
      expect(fields).toEqual({ node: 0, reason: 'wrong-value' });
    }
  });
});

describe('verifyStorageProof', () => {
  it('gives the word that is proved, zero where none is set', () => {
    for (let slot = 0; slot < 2 * SLOTS; slot += 1) {
      const proof = proveStorage(state.store, OWNER, word(slot));
      const expected = slot < SLOTS ? word(slot + 1) : ZERO_WORD;
      expect(verifyStorageProof(storageRoot(OWNER), word(slot), proof)).toEqual(expected);
    }
    expect(verifyStorageProof(EMPTY_TRIE_ROOT, word(1), [])).toEqual(ZERO_WORD);
  });

  it('refuses any changed byte, any moved node, and the proof of another slot', () => {
    for (const slot of [5, SLOTS + 5]) {
      const proof = proveStorage(state.store, OWNER, word(slot));
      const verify = (nodes: readonly Uint8Array[]) => () =>
        verifyStorageProof(storageRoot(OWNER), word(slot), nodes);
      for (const nodes of changedProofs(proof)) refusal(verify(nodes));
      for (const nodes of rearrangedProofs(proof)) refusal(verify(nodes));
      refusal(verify(proveStorage(state.store, OWNER, word(6))));
    }
  });

  it('refuses a value that is no word', () => {
    const values = [[], new Uint8Array(0), Uint8Array.of(0, 1), new Uint8Array(33).fill(1)];
    for (const value of [...values.map((item) => encodeRlp(item)), Uint8Array.of(0x81, 0x01)]) {
      const trie = new Trie();
      trie.put(keccak256(word(0)), value);
      const { root } = trie.commit();
      const proof = trie.prove(keccak256(word(0)));
      const fields = refusal(() => verifyStorageProof(root, word(0), proof));
      expect(fields).toEqual({ node: 0, reason: 'wrong-value' });
    }
  });
});

describe('Trie.prove', () => {
  it('gives inline nodes within their parents: the oracle finds the same values', async () => {
    const keys = fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 0, max: 255 }), async (present, asked) => {
        const trie = new Trie();
        // Keys that are not hashed share long prefixes, and short values leave nodes inline.
        for (const key of present)
          trie.put(Uint8Array.of(1, key >> 4, key), Uint8Array.of(key | 1));
        const { root } = trie.commit();
        const key = Uint8Array.of(1, asked >> 4, asked);
        const proof = trie.prove(key);
        const proved = await verifyWithOracle(root, key, proof, false);
        expect(proved?.[0]).toBe(trie.get(key)?.[0]);
        expect(toHex(keccak256(proof[0]!))).toBe(toHex(root));
        for (const node of proof.slice(1)) expect(node.length).toBeGreaterThanOrEqual(32);
      }),
      runs(100),
    );
  });

  it('wants everything committed', () => {
    const trie = new Trie();
    trie.put(Uint8Array.of(1), Uint8Array.of(2));
    expect(() => trie.prove(Uint8Array.of(1))).toThrow('committed');
  });
});
