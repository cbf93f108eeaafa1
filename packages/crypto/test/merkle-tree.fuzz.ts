import { toHexKey } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { type MerkleProof, MerkleTree, verifyMerkleProof } from '../src/index.ts';

const leaf = fc.uint8Array({ maxLength: 70 });
const lists = fc.array(leaf, { minLength: 1, maxLength: 40 });

const differentLeaves = fc.uniqueArray(leaf, { minLength: 1, maxLength: 40, selector: toHexKey });

/** A tree over a list, and the proof of one of its leaves. */
const provenOf = (leaves: fc.Arbitrary<Uint8Array[]>): fc.Arbitrary<Proven> =>
  fc.tuple(leaves, fc.nat()).map(([list, choice]) => {
    const tree = new MerkleTree(list);
    return { tree, proof: tree.prove(choice % list.length) };
  });

type Proven = { readonly tree: MerkleTree; readonly proof: MerkleProof };

const proven = provenOf(lists);

function flip(bytes: Uint8Array, choice: number): Uint8Array {
  const changed = bytes.slice();
  const at = (choice >> 3) % changed.length;
  changed[at] = changed[at]! ^ (1 << (choice % 8));
  return changed;
}

function withSibling(
  { siblings }: MerkleProof,
  choice: number,
  sibling: (old: Uint8Array) => Uint8Array,
): Pick<MerkleProof, 'siblings'> {
  const at = choice % siblings.length;
  return { siblings: siblings.with(at, sibling(siblings[at]!)) };
}

describe('a proof of inclusion', () => {
  it('holds', () => {
    const holds = ({ tree, proof }: Proven): void => {
      expect(verifyMerkleProof(tree.root, proof)).toBe(true);
    };
    fc.assert(fc.property(proven, holds), runs(300));
  });

  it('is refused when one bit of root, leaf or siblings differs', () => {
    const refuses = ({ tree, proof }: Proven, choice: number): void => {
      expect(verifyMerkleProof(flip(tree.root, choice), proof)).toBe(false);
      if (proof.leaf.length > 0) {
        const changed = { ...proof, leaf: flip(proof.leaf, choice) };
        expect(verifyMerkleProof(tree.root, changed)).toBe(false);
      }
      if (proof.siblings.length > 0) {
        const changed = withSibling(proof, choice >> 8, (old) => flip(old, choice & 0xff));
        expect(verifyMerkleProof(tree.root, { ...proof, ...changed })).toBe(false);
      }
    };
    fc.assert(fc.property(proven, fc.nat(), refuses), runs(300));
  });

  it('is refused for every other index and number of leaves', () => {
    const refuses = ({ tree, proof }: Proven): void => {
      for (let other = 0; other <= 2 * tree.count; other += 1) {
        const moved = verifyMerkleProof(tree.root, { ...proof, index: other });
        expect(moved).toBe(other === proof.index);
        const resized = verifyMerkleProof(tree.root, { ...proof, count: other });
        expect(resized).toBe(other === tree.count);
      }
    };
    fc.assert(fc.property(provenOf(differentLeaves), refuses), runs(100));
  });

  it('holds at another index only when the same leaf is there, too', () => {
    const holdsForTwins = ({ tree, proof }: Proven, leaves: readonly Uint8Array[]): void => {
      for (let other = 0; other < tree.count; other += 1) {
        if (!verifyMerkleProof(tree.root, { ...proof, index: other })) continue;
        expect(toHexKey(leaves[other]!)).toBe(toHexKey(proof.leaf));
      }
    };
    const twins = [Uint8Array.of(), Uint8Array.of()];
    const tree = new MerkleTree(twins);
    expect(verifyMerkleProof(tree.root, { ...tree.prove(0), index: 1 })).toBe(true);
    const few = fc.array(fc.uint8Array({ maxLength: 1, max: 1 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(few, fc.nat(), (leaves, choice) => {
        const small = new MerkleTree(leaves);
        holdsForTwins({ tree: small, proof: small.prove(choice % leaves.length) }, leaves);
      }),
      runs(300),
    );
  });

  it('is refused with siblings left out, added or swapped', () => {
    const refuses = ({ tree, proof }: Proven, choice: number): void => {
      const { siblings } = proof;
      const at = choice % (siblings.length + 1);
      const more = siblings.toSpliced(at, 0, siblings[at] ?? tree.root);
      expect(verifyMerkleProof(tree.root, { ...proof, siblings: more })).toBe(false);
      if (siblings.length === 0) return;
      const fewer = siblings.toSpliced(at % siblings.length, 1);
      expect(verifyMerkleProof(tree.root, { ...proof, siblings: fewer })).toBe(false);
      const reversed = siblings.toReversed();
      const same = reversed.every((sibling, index) => sibling === siblings[index]);
      const differs = toHexKey(reversed[0]!) !== toHexKey(siblings[0]!);
      if (same || !differs) return;
      expect(verifyMerkleProof(tree.root, { ...proof, siblings: reversed })).toBe(false);
    };
    fc.assert(fc.property(proven, fc.nat(), refuses), runs(300));
  });
});

describe('the root', () => {
  it('differs for different lists', () => {
    // Few and short leaves, and the hashes of trees as leaves, so that lists come close to each other.
    const small = fc.uint8Array({ maxLength: 1, max: 2 });
    const hashes = fc.array(small, { maxLength: 3 }).map((leaves) => new MerkleTree(leaves).root);
    const near = fc.array(fc.oneof(small, hashes), { maxLength: 6 });
    const key = (leaves: readonly Uint8Array[]): string => leaves.map(toHexKey).join();
    const keyed = (leaves: readonly Uint8Array[]): string => `${leaves.length} ${key(leaves)}`;
    const differs = (left: readonly Uint8Array[], right: readonly Uint8Array[]): void => {
      const sameRoot = toHexKey(new MerkleTree(left).root) === toHexKey(new MerkleTree(right).root);
      expect(sameRoot).toBe(keyed(left) === keyed(right));
    };
    fc.assert(fc.property(near, near, differs), runs(1000));
  });

  it('differs for all short lists over a few leaves', () => {
    const alphabet = [[], [0], [1], [0, 0], [0, 1]].map((bytes) => Uint8Array.from(bytes));
    const roots = new Set<string>();
    let count = 0;
    const visit = (leaves: readonly Uint8Array[]): void => {
      roots.add(toHexKey(new MerkleTree(leaves).root));
      count += 1;
      if (leaves.length === 5) return;
      for (const next of alphabet) visit([...leaves, next]);
    };
    visit([]);
    expect(roots.size).toBe(count);
  });
});
