import { verifyMerkleProof } from '@ethereumjs/mpt';
import { bytesToBigInt, equalBytes, fixedBytes } from '@lucerna/base';
import { EMPTY_KECCAK, keccak256 } from '@lucerna/crypto';
import { type AccountProof, EMPTY_TRIE_ROOT, encodeRlp, type Header } from '@lucerna/protocol';
import {
  type Account,
  EMPTY_ACCOUNT,
  encodeAccount,
  latestState,
  type StateDiff,
  ZERO_WORD,
} from '@lucerna/state';
import { createMemoryFile, createMemoryStore, type KvStore } from '@lucerna/storage';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import type { Chain } from '../src/chain.ts';
import { chainLimits } from '../src/limits.ts';
import { ADDRESSES, grow, memoryDisk, openOn, testGenesis, transfer } from './support/ledger.ts';
import { growWithDiff } from './support/staged-block.ts';

const CONTRACTS = [1, 2, 3].map((byte) => new Uint8Array(20).fill(byte));
const SLOTS = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => fixedBytes(BigInt(number), 32));
const STRANGER = new Uint8Array(20).fill(0x77);
const UNUSED = fixedBytes(2n ** 255n, 32);
const noTurns = async (): Promise<void> => undefined;

/** What one block does to a contract: deletes it, or sets slots. */
type Change = {
  readonly contract: Uint8Array;
  readonly isDeleted: boolean;
  readonly words: readonly (readonly [slot: Uint8Array, word: Uint8Array])[];
};

const arbitraryWord = fc
  .oneof(fc.constant(0n), fc.constant(1n), fc.bigInt({ min: 2n ** 200n, max: 2n ** 256n - 1n }))
  .map((word) => fixedBytes(word, 32));

const arbitraryChange: fc.Arbitrary<Change> = fc.record({
  contract: fc.constantFrom(...CONTRACTS),
  isDeleted: fc.integer({ min: 0, max: 5 }).map((number) => number === 0),
  words: fc.uniqueArray(fc.tuple(fc.constantFrom(...SLOTS), arbitraryWord), {
    maxLength: 5,
    selector: ([slot]) => bytesToBigInt(slot),
  }),
});

const BLOCKS = 40;
let chain: Chain;
let store: KvStore;

beforeAll(async () => {
  store = createMemoryStore();
  chain = await openOn(memoryDisk(createMemoryFile(), store), { genesis: testGenesis() });
  for (const [index, change] of fc
    .sample(arbitraryChange, { numRuns: BLOCKS, seed: 3 })
    .entries()) {
    await chain.flush();
    await growWithDiff(chain, store, diffOf(change));
    if (index % 5 === 0) await grow(chain, [transfer(0, index / 5, ADDRESSES[1]!, 9n)]);
  }
});

afterAll(() => chain.close());

function diffOf({ contract: address, isDeleted, words }: Change): StateDiff {
  const state = latestState(store);
  const before = state.account(address);
  if (isDeleted && before === undefined) return { accounts: [], storage: [], code: [] };
  const fresh: Account = { ...EMPTY_ACCOUNT, nonce: (before?.nonce ?? 0n) + 1n };
  const after = isDeleted ? undefined : { ...(before ?? EMPTY_ACCOUNT), nonce: fresh.nonce };
  const storage = isDeleted
    ? []
    : words
        .map(([slot, word]) => ({
          address,
          slot,
          before: state.storage(address, slot),
          after: word,
        }))
        .filter((change) => !equalBytes(change.before, change.after))
        .sort((left, right) => Number(bytesToBigInt(left.slot) - bytesToBigInt(right.slot)));
  const storageCleared =
    isDeleted && before !== undefined && !equalBytes(before.storageRoot, EMPTY_TRIE_ROOT);
  return { accounts: [{ address, before, after, storageCleared }], storage, code: [] };
}

/** Checks all that the proof says against the header, with a library that is not ours. */
async function check(proof: AccountProof, header: Header): Promise<void> {
  const { address, nonce, balance, storageRoot, codeHash, accountProof } = proof;
  const options = { root: header.stateRoot, useKeyHashing: true };
  const proven = await verifyMerkleProof(address, [...accountProof], options);
  const account = { nonce, balance, storageRoot, codeHash };
  if (proven === null) expect(account).toEqual(EMPTY_ACCOUNT);
  else expect(proven).toEqual(encodeAccount(account));
  for (const { slot, word, proof: nodes } of proof.storageProofs) {
    if (equalBytes(storageRoot, EMPTY_TRIE_ROOT)) {
      expect(nodes).toEqual([]);
      expect(word).toEqual(ZERO_WORD);
      continue;
    }
    const root = { root: storageRoot, useKeyHashing: true };
    const value = await verifyMerkleProof(slot, [...nodes], root);
    const minimal = word.subarray(word.findIndex((byte) => byte !== 0));
    expect(value).toEqual(equalBytes(word, ZERO_WORD) ? null : encodeRlp(minimal));
  }
}

const header = (height: number): Header => chain.header(height)!.header;

describe('proofs', () => {
  it('of any height, account and slot verify against its state root and say what was', async () => {
    const head = chain.head().header.height;
    const addresses = [...CONTRACTS, ...ADDRESSES.slice(0, 2), STRANGER];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(head),
        fc.constantFrom(...addresses),
        fc.subarray([...SLOTS, UNUSED]),
        async (height, address, slots) => {
          const proof = await chain.prove(height, address, slots, noTurns);
          await check(proof, header(height));
          const state = chain.state(height);
          const account = state.account(address) ?? EMPTY_ACCOUNT;
          const { nonce, balance, codeHash, storageRoot } = proof;
          expect({ nonce, balance, codeHash, storageRoot }).toEqual(account);
          expect(proof.storageProofs.map(({ slot }) => slot)).toEqual(slots);
          expect(proof.storageProofs.map(({ word }) => word)).toEqual(
            slots.map((slot) => state.storage(address, slot)),
          );
        },
      ),
      runs(200),
    );
  });

  it('of the head are there for an account that is absent', async () => {
    const head = chain.head().header;
    const proof = await chain.prove(head.height, STRANGER, [UNUSED], noTurns);
    expect(proof).toMatchObject({ nonce: 0n, balance: 0n, codeHash: EMPTY_KECCAK });
    expect(proof.accountProof.length).toBeGreaterThan(0);
    expect(keccak256(proof.accountProof[0]!)).toEqual(head.stateRoot);
    await check(proof, head);
  });

  it('that are changed in one byte are refused', async () => {
    const head = chain.head().header;
    const [contract] = CONTRACTS;
    const { accountProof } = await chain.prove(head.height, contract!, [], noTurns);
    for (const [index, node] of accountProof.entries()) {
      const changed = accountProof.map((each) => each.slice());
      changed[index]![node.length >> 1]! ^= 1;
      const options = { root: head.stateRoot, useKeyHashing: true };
      await expect(verifyMerkleProof(contract!, changed, options)).rejects.toThrow();
    }
  });

  it('are consistent when blocks are added while the log is read', async () => {
    const height = chain.head().header.height - 3;
    let added = 0;
    const proof = await chain.prove(height, ADDRESSES[1]!, [], async () => {
      if (added >= 2) return;
      added += 1;
      await grow(chain, [transfer(0, BLOCKS / 5 + added - 1, ADDRESSES[1]!, 5n)]);
    });
    expect(added).toBe(2);
    await check(proof, header(height));
  });

  it('end at the limits, and above the head', async () => {
    const { height } = chain.head().header;
    const above = chain.prove(height + 1, STRANGER, [], noTurns);
    await expect(above).rejects.toMatchObject({ code: 'STATE_FUTURE' });
    for (let made = 0; made <= chainLimits.values.proofRewindBlocks; made += 1) {
      await grow(chain, []);
    }
    const below = chain.prove(height, STRANGER, [], noTurns);
    await expect(below).rejects.toMatchObject({ code: 'PROOF_PRUNED' });
    await check(await chain.prove(height + 1, STRANGER, [], noTurns), header(height + 1));
  });
});
