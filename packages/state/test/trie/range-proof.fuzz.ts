import { createMerkleProof, MerklePatriciaTrie, verifyMerkleRangeProof } from '@ethereumjs/mpt';
import { compareBytes, concatBytes, EMPTY_BYTES, fixedBytes, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import type { TrieEntry } from '../../src/trie/entries.ts';
import { proveRange, type RangeProof, verifyRangeProof } from '../../src/trie/range-proof.ts';
import {
  buildStored,
  changedBytes,
  changedProofs,
  crowdedKey,
  rearrangedProofs,
  refusal,
  sortedEntriesOf,
} from '../support/proof-cases.ts';

/** What a trie has, and the range that is asked for. */
type Question = {
  readonly entries: readonly TrieEntry[];
  readonly from: Uint8Array;
  readonly limit: number;
};

const limit = fc.integer({ min: 1, max: 12 });
const question: fc.Arbitrary<Question> = fc.record({
  entries: sortedEntriesOf(crowdedKey(0, 4), 30),
  from: crowdedKey(0, 5),
  limit,
});
/** Keys of three bytes, at least one of them, as the other library wants them. */
const uniform: fc.Arbitrary<Question> = fc.record({
  entries: sortedEntriesOf(crowdedKey(3, 3), 30).filter((entries) => entries.length > 0),
  from: crowdedKey(3, 3),
  limit,
});

const hash = (index: number): Uint8Array => keccak256(fixedBytes(BigInt(index), 4));
/** Keys that are hashes, and values that leave no leaf inline. */
const hashed: fc.Arbitrary<Question> = fc
  .record({
    count: fc.integer({ min: 1, max: 200 }),
    asked: fc.integer({ min: 0, max: 400 }),
    limit: fc.oneof(limit, fc.integer({ min: 1, max: 250 })),
  })
  .map(({ count, asked, limit: most }) => {
    const keys = Array.from({ length: count }, (_, index) => hash(index)).sort(compareBytes);
    const entries = keys.map((key): TrieEntry => [key, concatBytes(key, key).subarray(0, 34)]);
    return { entries, from: hash(asked), limit: most };
  });

/** What a range must have, by the definition. */
function expectedRange({ entries, from, limit: most }: Question): {
  readonly range: readonly TrieEntry[];
  readonly more: boolean;
} {
  const behind = entries.filter(([key]) => compareBytes(key, from) >= 0);
  return { range: behind.slice(0, most), more: behind.length > most };
}

const all: readonly (readonly [string, fc.Arbitrary<Question>, number])[] = [
  ['keys of any length', question, 600],
  ['keys of one length', uniform, 600],
  ['hashed keys', hashed, 100],
];

describe.each(all)('a range of a trie with %s', (_name, arbitrary, count) => {
  it('has the entries that the trie has there, and is proved', () => {
    fc.assert(
      fc.property(arbitrary, (asked) => {
        const built = buildStored(asked.entries);
        const { range, more } = expectedRange(asked);
        const { entries, proof } = proveRange(built, asked.from, asked.limit);
        expect(entries).toEqual(range);
        expect(verifyRangeProof(built.root, asked.from, entries, proof)).toEqual({ more });
      }),
      runs(2 * count),
    );
  });

  it('has the nodes of the paths to its ends, and no more', () => {
    fc.assert(
      fc.property(arbitrary, (asked) => {
        fc.pre(asked.from.length > 0);
        const built = buildStored(asked.entries);
        const { entries, proof } = proveRange(built, asked.from, asked.limit);
        const left = built.trie.prove(asked.from);
        expect(proof.slice(0, left.length)).toEqual(left);
        const last = entries.at(-1);
        const right = last === undefined ? [] : built.trie.prove(last[0]);
        const rest = proof.slice(left.length);
        expect(rest).toEqual(rest.length === 0 ? [] : right.slice(-rest.length));
        const texts = (nodes: readonly Uint8Array[]) => new Set(nodes.map(toHexKey));
        expect(texts(proof)).toEqual(texts([...left, ...right]));
      }),
      runs(count),
    );
  });

  it('is refused with any byte of the proof changed and any node moved', () => {
    fc.assert(
      fc.property(arbitrary, (asked) => {
        const built = buildStored(asked.entries);
        const { entries, proof } = proveRange(built, asked.from, asked.limit);
        const verify = (nodes: readonly Uint8Array[]) => () =>
          verifyRangeProof(built.root, asked.from, entries, nodes);
        for (const nodes of changedProofs(proof)) refusal(verify(nodes));
        for (const nodes of rearrangedProofs(proof)) refusal(verify(nodes));
      }),
      runs(count / 10),
    );
  });

  it('is refused with any byte of an entry changed, and any entry left out, repeated or moved', () => {
    fc.assert(
      fc.property(arbitrary, (asked) => {
        const built = buildStored(asked.entries);
        const found = proveRange(built, asked.from, Math.min(asked.limit, 12));
        for (const entries of changedEntries(found.entries)) {
          refusal(() => verifyRangeProof(built.root, asked.from, entries, found.proof));
        }
        // Without its last entry it is another range, which may have the same proof, and has more.
        expectTruth(asked, built.root, { ...found, entries: found.entries.slice(0, -1) });
      }),
      runs(count / 5),
    );
  });

  it('never proves anything but the truth, whatever is put together', () => {
    const scene = fc.tuple(arbitrary, arbitrary, fc.array(fc.nat(20), { maxLength: 6 }));
    fc.assert(
      fc.property(scene, ([asked, other, picks]) => {
        const built = buildStored(asked.entries);
        const one = proveRange(built, asked.from, asked.limit);
        const two = proveRange(built, other.from, other.limit);
        const pool = [...one.proof, ...two.proof, ...built.trie.prove(other.from)];
        const picked = picks.flatMap((pick) => pool[pick] ?? []);
        const proofs = [one.proof, two.proof, picked, [...one.proof, ...two.proof]];
        const ranges = [
          one.entries,
          two.entries,
          one.entries.slice(0, -1),
          one.entries.slice(1),
          [],
        ];
        for (const from of [asked.from, other.from, EMPTY_BYTES]) {
          for (const proof of proofs) {
            for (const entries of ranges)
              expectTruth({ ...asked, from }, built.root, { entries, proof });
          }
        }
      }),
      runs(count / 2),
    );
  });
});

/** If `proof` is accepted for `entries`, then they and `more` are true. */
function expectTruth(asked: Question, root: Uint8Array, { entries, proof }: RangeProof): void {
  let said: { readonly more: boolean };
  try {
    said = verifyRangeProof(root, asked.from, entries, proof);
  } catch (error) {
    expect(error).toMatchObject({ code: 'PROOF_INVALID' });
    return;
  }
  const { range, more } = expectedRange({ ...asked, limit: entries.length });
  expect(entries).toEqual(range);
  expect(said).toEqual({ more });
}

/** Every way to change a list of entries in one place. */
function* changedEntries(entries: readonly TrieEntry[]): Generator<readonly TrieEntry[]> {
  for (const [index, entry] of entries.entries()) {
    const [key, value] = entry;
    for (const changed of changedBytes(key)) yield entries.with(index, [changed, value]);
    for (const changed of changedBytes(value)) yield entries.with(index, [key, changed]);
    if (index < entries.length - 1) yield entries.toSpliced(index, 1);
    yield entries.toSpliced(index, 0, entry);
    yield entries.with(index, [key, EMPTY_BYTES]);
    yield entries.with(index, [key, concatBytes(value, Uint8Array.of(0))]);
    yield entries.with(index, [concatBytes(key, Uint8Array.of(0)), value]);
    yield entries.toSpliced(index + 1, 0, [concatBytes(key, Uint8Array.of(0)), value]);
    const next = entries[index + 1];
    if (next === undefined) continue;
    yield entries.with(index, next).with(index + 1, entry);
    if (toHexKey(value) !== toHexKey(next[1])) {
      yield entries.with(index, [key, next[1]]).with(index + 1, [next[0], value]);
    }
  }
}

// That library takes equal nodes in two places for one place, and refuses such ranges (10.1.3): here
// every value ends in its key.
const told = ({ entries, ...rest }: Question): Question => ({
  ...rest,
  entries: entries.map(([key, value]): TrieEntry => [key, concatBytes(value, key)]),
});

describe.each(all.slice(1))('with @ethereumjs/mpt and %s', (_name, arbitrary, count) => {
  it('our ranges are proved there as here', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary.map(told), async (asked) => {
        const built = buildStored(asked.entries);
        const { entries, proof } = proveRange(built, asked.from, asked.limit);
        const { more } = expectedRange(asked);
        expect(await verifyThere(built.root, asked.from, entries, proof)).toBe(more);
      }),
      runs(count),
    );
  });

  it('ranges from there are proved here', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary.map(told), async (asked) => {
        const { range, more } = expectedRange(asked);
        const trie = new MerklePatriciaTrie();
        for (const [key, value] of asked.entries) await trie.put(key, value);
        const paths = [asked.from, ...range.slice(-1).map(([key]) => key)];
        const nodes: Uint8Array[] = [];
        for (const key of paths) {
          const path = await createMerkleProof(trie, key);
          // There a proof also has the nodes that are inside their parents, and no order.
          for (const node of path.filter(({ length }, depth) => depth === 0 || length >= 32)) {
            if (!nodes.some((known) => compareBytes(known, node) === 0)) nodes.push(node);
          }
        }
        expect(verifyRangeProof(trie.root(), asked.from, range, nodes)).toEqual({ more });
      }),
      runs(count),
    );
  });
});

/** Whether the other library finds more behind the range; throws when it refuses. */
function verifyThere(
  root: Uint8Array,
  from: Uint8Array,
  entries: readonly TrieEntry[],
  proof: readonly Uint8Array[],
): Promise<boolean> {
  const keys = entries.map(([key]) => key);
  const values = entries.map(([, value]) => value);
  const last = keys.at(-1) ?? null;
  return verifyMerkleRangeProof(root, from, last, keys, values, [...proof]);
}
