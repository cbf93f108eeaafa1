import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToBigInt, fixedBytes, fromHex, present, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT, encodeRlp } from '@lucerna/protocol';
import { expect } from 'vitest';
import { findVectorFolder, type NamedCase, vectorSuite } from '../../../tools/src/vectors.ts';
import { encodeAccount, isEmptyAccount } from '../src/account.ts';
import { stateErrors } from '../src/errors.ts';
import { latestState } from '../src/flat.ts';
import { proveAccount, proveStorage } from '../src/proof.ts';
import { Trie } from '../src/trie/trie.ts';
import { trimWord } from '../src/word.ts';
import { type Alloc, storeOf } from './support/alloc.ts';
import { flippedProofs } from './support/oracle-proof.ts';

type StorageProof = {
  readonly key: string;
  readonly value: string;
  readonly proof: readonly string[];
};

/** What eth_getProof answers. The tiny genesis set has no more of it than the nodes. */
type AccountProof = {
  readonly address: string;
  readonly accountProof: readonly string[];
  readonly balance?: string;
  readonly nonce?: string;
  readonly codeHash?: string;
  readonly storageHash?: string;
  readonly storageProof?: readonly StorageProof[];
};

type FullProof = Required<AccountProof>;
type GenesisCase = {
  readonly alloc: Alloc;
  readonly stateRoot: string;
  readonly proofs: readonly AccountProof[];
};
type GenesisDocument = readonly (Omit<GenesisCase, 'alloc'> & {
  readonly name: string;
  readonly alloc?: Alloc;
})[];
type ForeignCase = { readonly name: string; readonly stateRoot: string; readonly proof: FullProof };

/** The allocation of Holesky is with the state roots. */
function holeskyAlloc(): Alloc {
  const folder = present(findVectorFolder(process.env), 'the vectors are being read');
  const text = readFileSync(join(folder, 'trie/genesis-state.json'), 'utf8');
  const sets = JSON.parse(text) as readonly { readonly name: string; readonly alloc: Alloc }[];
  return present(sets.find(({ name }) => name === 'holesky')?.alloc, 'the set is there');
}

function word(text: string): Uint8Array {
  return fixedBytes(BigInt(text), 32);
}

function hexOf(nodes: readonly Uint8Array[]): string[] {
  return nodes.map((node) => toHex(node));
}

vectorSuite<GenesisDocument, GenesisCase>('proof/reth-genesis-proofs.json', {
  cases: (document) =>
    document.map(
      ({ name, alloc, ...rest }): NamedCase<GenesisCase> => [
        name,
        { ...rest, alloc: alloc ?? holeskyAlloc() },
      ],
    ),
  check: async ({ alloc, stateRoot, proofs }) => {
    const committed = await storeOf(alloc);
    expect(toHex(committed.stateRoot)).toBe(stateRoot);
    const { store } = committed;
    for (const expected of proofs) {
      const address = fromHex(expected.address);
      const accountProof = proveAccount(store, committed.stateRoot, address);
      expect(hexOf(accountProof)).toEqual(expected.accountProof);
      for (const { key, value, proof } of expected.storageProof ?? []) {
        expect(hexOf(proveStorage(store, address, word(key)))).toEqual(proof);
        const held = latestState(store).storage(address, word(key));
        expect(bytesToBigInt(held)).toBe(BigInt(value));
      }
    }
  },
});

/** Reads `key` from nodes that are given in the order in which they are met, and proves it again. */
function follow(root: Uint8Array, nodes: readonly Uint8Array[], key: Uint8Array) {
  let next = 0;
  const trie = new Trie(
    {
      read: () => {
        next += 1;
        return nodes[next - 1];
      },
      corrupt: (path, problem) =>
        stateErrors.create('STATE_CORRUPT', problem, { path: toHex(path) }),
    },
    root,
  );
  return { value: trie.get(keccak256(key)), proof: trie.prove(keccak256(key)) };
}

/** `expected` is the value that `nodes` must prove, undefined for none. */
function checkForeign(
  root: Uint8Array,
  texts: readonly string[],
  key: Uint8Array,
  expected: Uint8Array | undefined,
): void {
  const nodes = texts.map((node) => fromHex(node));
  expect(follow(root, nodes, key)).toEqual({ value: expected, proof: nodes });
  for (const flipped of flippedProofs(nodes)) {
    expect(() => follow(root, flipped, key)).toThrow(
      expect.objectContaining({ code: 'STATE_CORRUPT' }),
    );
  }
}

function checkAccount({ stateRoot, proof }: ForeignCase): void {
  const storageRoot = fromHex(proof.storageHash);
  const account = {
    nonce: BigInt(proof.nonce),
    balance: BigInt(proof.balance),
    storageRoot,
    codeHash: fromHex(proof.codeHash),
  };
  const isAbsent = isEmptyAccount(account) && toHex(storageRoot) === toHex(EMPTY_TRIE_ROOT);
  const expected = isAbsent ? undefined : encodeAccount(account);
  checkForeign(fromHex(stateRoot), proof.accountProof, fromHex(proof.address), expected);
  for (const { key, value, proof: nodes } of proof.storageProof) {
    const trimmed = trimWord(word(value));
    const held = trimmed.length === 0 ? undefined : encodeRlp(trimmed);
    checkForeign(storageRoot, nodes, word(key), held);
  }
}

for (const file of ['proof/ethereumjs-ropsten.json', 'proof/lodestar-sepolia.json']) {
  vectorSuite<readonly ForeignCase[], ForeignCase>(file, {
    cases: (document) => document.map((value) => [value.name, value]),
    check: checkAccount,
  });
}
