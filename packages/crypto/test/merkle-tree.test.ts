import { concatBytes, toHexKey } from '@lucerna/base';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';
import { cryptoLimits, type MerkleProof, MerkleTree, verifyMerkleProof } from '../src/index.ts';

const leavesOf = (count: number): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, index) => Uint8Array.of(index, index >> 8, 7));

/** The definition, read straight from RFC 6962: split at the largest power of two below n. */
function naiveTop(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (leaves.length === 1 && first !== undefined) return keccak_256(concatBytes(byte(0), first));
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const left = naiveTop(leaves.slice(0, split));
  return keccak_256(concatBytes(byte(1), left, naiveTop(leaves.slice(split))));
}

function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const count = new Uint8Array(8);
  new DataView(count.buffer).setBigUint64(0, BigInt(leaves.length));
  const top = leaves.length === 0 ? new Uint8Array(0) : naiveTop(leaves);
  return keccak_256(concatBytes(byte(2), count, top));
}

const byte = (value: number): Uint8Array => Uint8Array.of(value);

describe('a Merkle tree', () => {
  it('has the root that the definition gives', () => {
    for (let count = 0; count <= 70; count += 1) {
      const leaves = leavesOf(count);
      expect(toHexKey(new MerkleTree(leaves).root), `${count} leaves`).toBe(
        toHexKey(naiveRoot(leaves)),
      );
    }
  });

  it('proves every leaf, at every size', () => {
    for (let count = 1; count <= 70; count += 1) {
      const tree = new MerkleTree(leavesOf(count));
      for (let index = 0; index < count; index += 1) {
        const proof = tree.prove(index);
        expect(proof.siblings.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)));
        expect(verifyMerkleProof(tree.root, proof), `${index} of ${count}`).toBe(true);
      }
    }
  });

  it('does not take a repeated last leaf for the list without it', () => {
    // Pairing an odd one with itself would give equal roots (CVE-2012-2459).
    const leaves = leavesOf(3);
    const repeated = [...leaves, ...leaves.slice(2)];
    expect(new MerkleTree(repeated).root).not.toEqual(new MerkleTree(leaves).root);
  });

  it('does not prove an inner node as a leaf', () => {
    const leaves = leavesOf(4);
    const tree = new MerkleTree(leaves);
    const { siblings } = tree.prove(0);
    const [neighbour, uncle] = siblings as [Uint8Array, Uint8Array];
    const own = keccak_256(concatBytes(byte(0), leaves[0]!));
    for (const leaf of [concatBytes(own, neighbour), concatBytes(byte(1), own, neighbour)]) {
      for (const count of [2, 3, 4]) {
        const forged = { leaf, index: 0, count, siblings: [uncle] };
        expect(verifyMerkleProof(tree.root, forged)).toBe(false);
      }
    }
    // A list of the inner nodes is another list.
    const other = keccak_256(concatBytes(byte(0), leaves[2]!));
    const nodes = [concatBytes(own, neighbour), concatBytes(other, uncle)];
    expect(new MerkleTree(nodes).root).not.toEqual(tree.root);
  });

  it('refuses malformed proofs without a throw', () => {
    const tree = new MerkleTree(leavesOf(5));
    const proof = tree.prove(2);
    const changes: readonly Partial<MerkleProof>[] = [
      { index: -1 },
      { index: 5 },
      { index: 2.5 },
      { index: Number.NaN },
      { count: 0 },
      { count: -1 },
      { count: 5.5 },
      { count: Number.POSITIVE_INFINITY },
      { count: 2 ** 40 },
      { count: cryptoLimits.values.merkleLeaves + 1 },
      { siblings: [] },
      { siblings: proof.siblings.slice(1) },
      { siblings: [...proof.siblings, new Uint8Array(32)] },
      { siblings: proof.siblings.map((sibling) => sibling.subarray(1)) },
      { siblings: proof.siblings.map((sibling) => concatBytes(sibling, byte(0))) },
    ];
    for (const change of changes) {
      expect(verifyMerkleProof(tree.root, { ...proof, ...change })).toBe(false);
    }
    expect(verifyMerkleProof(tree.root.subarray(1), proof)).toBe(false);
    expect(verifyMerkleProof(new Uint8Array(0), proof)).toBe(false);
  });

  it('refuses an index that is not there and a list that is too long', () => {
    const missing = expect.objectContaining({ code: 'MERKLE_INDEX_INVALID' });
    const tree = new MerkleTree(leavesOf(2));
    for (const index of [-1, 2, 0.5, Number.NaN]) expect(() => tree.prove(index)).toThrow(missing);
    expect(() => new MerkleTree([]).prove(0)).toThrow(missing);
    const many = Array.from({ length: cryptoLimits.values.merkleLeaves + 1 }, () => byte(0));
    const tooLarge = expect.objectContaining({ code: 'MERKLE_TREE_TOO_LARGE' });
    expect(() => new MerkleTree(many)).toThrow(tooLarge);
  });
});
