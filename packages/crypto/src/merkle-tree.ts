import { assert, equalBytes } from '@lucerna/base';
import { cryptoErrors } from './errors.ts';
import { DIGEST_BYTES } from './hash-engine.ts';
import { keccak256 } from './keccak.ts';
import { cryptoLimits } from './limits.ts';

// One first byte for each kind of input, so that no kind can be taken for another.
const LEAF_PREFIX = 0;
const NODE_PREFIX = 1;
const ROOT_PREFIX = 2;

/** Bytes of the number of leaves in the input of the root, big-endian. */
const COUNT_BYTES = 8;

/** The claim that a tree of `count` leaves has `leaf` at `index`, and what proves it. */
export type MerkleProof = {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly count: number;
  /** The hashes beside the path from the leaf to the top, the leaf's own neighbour first. */
  readonly siblings: readonly Uint8Array[];
};

/**
 * A Merkle tree over a list of byte strings, with Keccak-256:
 *
 *     leaf = H(0 ‖ data)    node = H(1 ‖ left ‖ right)    root = H(2 ‖ number of leaves ‖ top)
 *
 * Its shape is that of RFC 6962, section 2.1: neighbours are paired from the left, and one that is
 * left over moves up as it is, never paired with itself. Other than there, the root commits to the
 * number of leaves (8 bytes, big-endian), so a proof holds for one number only, and at another index
 * only if the same leaf is there, too. An empty tree has no top. Different lists have different
 * roots, or Keccak-256 has a collision.
 */
export class MerkleTree {
  readonly count: number;
  readonly root: Uint8Array;
  readonly #leaves: readonly Uint8Array[];
  /** Hashes of the leaves, of their parents, …, the top alone. */
  readonly #levels: readonly (readonly Uint8Array[])[];

  /**
   * The leaves are not copied: they must not change while proofs are made.
   *
   * @throws `MERKLE_TREE_TOO_LARGE`
   */
  constructor(leaves: readonly Uint8Array[]) {
    if (leaves.length > cryptoLimits.values.merkleLeaves) {
      throw cryptoErrors.create('MERKLE_TREE_TOO_LARGE', undefined, { leaves: leaves.length });
    }
    this.#leaves = leaves;
    this.#levels = buildLevels(leaves.map(hashLeaf));
    this.count = leaves.length;
    this.root = hashRoot(leaves.length, this.#levels.at(-1)?.[0]);
  }

  /**
   * The proof that the leaf at `index` is there.
   *
   * @throws `MERKLE_INDEX_INVALID`
   */
  prove(index: number): MerkleProof {
    const leaf = this.#leaves[index];
    if (leaf === undefined) {
      throw cryptoErrors.create('MERKLE_INDEX_INVALID', undefined, { index, count: this.count });
    }
    const siblings: Uint8Array[] = [];
    let at = index;
    for (const level of this.#levels) {
      const sibling = level[at ^ 1];
      if (sibling !== undefined) siblings.push(sibling);
      at >>= 1;
    }
    return { leaf, index, count: this.count, siblings };
  }
}

/** Whether `proof` shows its leaf under `root`. Malformed proofs are false, nothing is thrown. */
export function verifyMerkleProof(root: Uint8Array, proof: MerkleProof): boolean {
  const { leaf, index, count, siblings } = proof;
  if (!Number.isInteger(count) || count < 1 || count > cryptoLimits.values.merkleLeaves)
    return false;
  if (!Number.isInteger(index) || index < 0 || index >= count) return false;
  if (siblings.some((sibling) => sibling.length !== DIGEST_BYTES)) return false;
  let hash = hashLeaf(leaf);
  let used = 0;
  let at = index;
  for (let last = count - 1; last > 0; last >>= 1) {
    const isLeftOver = at === last && at % 2 === 0;
    if (!isLeftOver) {
      const sibling = siblings[used];
      if (sibling === undefined) return false;
      hash = at % 2 === 0 ? hashNode(hash, sibling) : hashNode(sibling, hash);
      used += 1;
    }
    at >>= 1;
  }
  return used === siblings.length && equalBytes(hashRoot(count, hash), root);
}

function buildLevels(leafHashes: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const levels = [leafHashes];
  let level = leafHashes;
  while (level.length > 1) {
    level = parentsOf(level);
    levels.push(level);
  }
  return levels;
}

function parentsOf(level: readonly Uint8Array[]): readonly Uint8Array[] {
  const parents: Uint8Array[] = [];
  for (let at = 0; at < level.length; at += 2) {
    const left = level[at];
    const right = level[at + 1];
    assert(left !== undefined, 'a level has no holes');
    parents.push(right === undefined ? left : hashNode(left, right));
  }
  return parents;
}

function hashLeaf(data: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + data.length);
  input[0] = LEAF_PREFIX;
  input.set(data, 1);
  return keccak256(input);
}

function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * DIGEST_BYTES);
  input[0] = NODE_PREFIX;
  input.set(left, 1);
  input.set(right, 1 + DIGEST_BYTES);
  return keccak256(input);
}

/** `top` is undefined for the empty tree. */
function hashRoot(count: number, top: Uint8Array | undefined): Uint8Array {
  const input = new Uint8Array(1 + COUNT_BYTES + (top?.length ?? 0));
  input[0] = ROOT_PREFIX;
  new DataView(input.buffer).setBigUint64(1, BigInt(count));
  if (top !== undefined) input.set(top, 1 + COUNT_BYTES);
  return keccak256(input);
}
