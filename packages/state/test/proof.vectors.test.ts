import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToBigInt, fixedBytes, fromHex, present, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import { expect } from 'vitest';
import { findVectorFolder, type NamedCase, vectorSuite } from '../../../tools/src/vectors.ts';
import { isEmptyAccount } from '../src/account.ts';
import { stateErrors } from '../src/errors.ts';
import { latestState } from '../src/flat.ts';
import {
  proveAccount,
  proveStorage,
  verifyAccountProof,
  verifyStorageProof,
} from '../src/proof.ts';
import { Trie } from '../src/trie/trie.ts';
import { type Alloc, storeOf } from './support/alloc.ts';
import { changedProofs, rearrangedProofs, refusal } from './support/proof-cases.ts';

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
      const account = latestState(store).account(address);
      const { stateRoot: root } = committed;
      expectProved(accountProof, account, (nodes) => verifyAccountProof(root, address, nodes));
      for (const { key, value, proof } of expected.storageProof ?? []) {
        expect(hexOf(proveStorage(store, address, word(key)))).toEqual(proof);
        const held = latestState(store).storage(address, word(key));
        expect(bytesToBigInt(held)).toBe(BigInt(value));
        const storageRoot = account?.storageRoot ?? EMPTY_TRIE_ROOT;
        expectProved(
          proof.map((node) => fromHex(node)),
          held,
          (nodes) => verifyStorageProof(storageRoot, word(key), nodes),
        );
      }
    }
  },
});

/** `verify` gives `expected` for `nodes`, and nothing for any change of them. */
function expectProved(
  nodes: readonly Uint8Array[],
  expected: unknown,
  verify: (nodes: readonly Uint8Array[]) => unknown,
): void {
  expect(verify(nodes)).toEqual(expected);
  for (const changed of changedProofs(nodes)) refusal(() => verify(changed));
  for (const rearranged of rearrangedProofs(nodes)) refusal(() => verify(rearranged));
}

/** Reads `key` from nodes that are given in the order in which they are met, and proves it again. */
function proveAgain(root: Uint8Array, nodes: readonly Uint8Array[], key: Uint8Array) {
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
  return trie.prove(keccak256(key));
}

function checkAccount({ stateRoot, proof }: ForeignCase): void {
  const root = fromHex(stateRoot);
  const address = fromHex(proof.address);
  const storageRoot = fromHex(proof.storageHash);
  const account = {
    nonce: BigInt(proof.nonce),
    balance: BigInt(proof.balance),
    storageRoot,
    codeHash: fromHex(proof.codeHash),
  };
  const isAbsent = isEmptyAccount(account) && toHex(storageRoot) === toHex(EMPTY_TRIE_ROOT);
  const accountNodes = proof.accountProof.map((node) => fromHex(node));
  expectProved(accountNodes, isAbsent ? undefined : account, (nodes) =>
    verifyAccountProof(root, address, nodes),
  );
  expect(proveAgain(root, accountNodes, address)).toEqual(accountNodes);
  for (const { key, value, proof: texts } of proof.storageProof) {
    const slotNodes = texts.map((node) => fromHex(node));
    expectProved(slotNodes, word(value), (nodes) =>
      verifyStorageProof(storageRoot, word(key), nodes),
    );
    expect(proveAgain(storageRoot, slotNodes, word(key))).toEqual(slotNodes);
  }
}

for (const file of ['proof/ethereumjs-ropsten.json', 'proof/lodestar-sepolia.json']) {
  vectorSuite<readonly ForeignCase[], ForeignCase>(file, {
    cases: (document) => document.map((value) => [value.name, value]),
    check: checkAccount,
  });
}
