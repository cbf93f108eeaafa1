import { concatBytes, equalBytes, fixedBytes } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import type { TrieEntry } from '../../src/trie/entries.ts';
import { verifyTrieProof } from '../../src/trie/proof.ts';
import { verifyWithOracle } from '../support/oracle-proof.ts';
import {
  buildStored,
  changedProofs,
  crowdedKey,
  rearrangedProofs,
  refusal,
  sortedEntriesOf,
} from '../support/proof-cases.ts';

/** Entries with keys of any length, and a key of them or near them. */
const question = fc.record({
  entries: sortedEntriesOf(crowdedKey(0, 4), 30),
  key: crowdedKey(0, 5),
});

/** The same with keys that are hashes: many nodes outside their parents. */
const hashedQuestion = fc
  .record({ count: fc.integer({ min: 1, max: 300 }), asked: fc.integer({ min: 0, max: 600 }) })
  .map(({ count, asked }) => {
    const hash = (index: number): Uint8Array => keccak256(fixedBytes(BigInt(index), 4));
    const entries = Array.from({ length: count }, (_, index): TrieEntry => {
      const key = hash(index);
      return [key, concatBytes(key, key).subarray(0, 1 + (index % 60))];
    });
    return { entries, key: hash(asked) };
  });

function heldValue(entries: readonly TrieEntry[], key: Uint8Array): Uint8Array | undefined {
  return entries.find(([held]) => equalBytes(held, key))?.[1];
}

describe.each([
  ['keys of any length', question, 400],
  ['hashed keys', hashedQuestion, 100],
])('a proof in a trie with %s', (_name, arbitrary, count) => {
  it('proves what the trie holds, or that it does not', () => {
    fc.assert(
      fc.property(arbitrary, ({ entries, key }) => {
        const { trie, root } = buildStored(entries);
        expect(verifyTrieProof(root, key, trie.prove(key))).toEqual(heldValue(entries, key));
      }),
      runs(2 * count),
    );
  });

  it('is refused with any byte changed and any node moved, as is any other proof', () => {
    fc.assert(
      fc.property(arbitrary, ({ entries, key }) => {
        const { trie, root } = buildStored(entries);
        const proof = trie.prove(key);
        for (const nodes of changedProofs(proof)) refusal(() => verifyTrieProof(root, key, nodes));
        for (const nodes of rearrangedProofs(proof))
          refusal(() => verifyTrieProof(root, key, nodes));
      }),
      runs(count / 4),
    );
  });

  it('never proves anything else, wherever its nodes come from', () => {
    const scene = fc.tuple(arbitrary, arbitrary, fc.array(fc.nat(20), { maxLength: 6 }));
    fc.assert(
      fc.property(scene, ([{ entries, key }, other, picks]) => {
        const { trie, root } = buildStored(entries);
        const strange = buildStored(other.entries).trie.prove(key);
        const pool = [...trie.prove(key), ...trie.prove(other.key), ...strange];
        const picked = picks.flatMap((pick) => pool[pick] ?? []);
        for (const proof of [trie.prove(other.key), strange, picked]) {
          const result = accepted(() => verifyTrieProof(root, key, proof));
          if (result === undefined) continue;
          expect(result.value).toEqual(heldValue(entries, key));
          expect(proof).toEqual(trie.prove(key));
        }
      }),
      runs(count),
    );
  });

  it('says what @ethereumjs/mpt says of it', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ entries, key }) => {
        // That library takes an empty proof for an error, and an empty key for no key.
        fc.pre(entries.length > 0 && key.length > 0);
        const { trie, root } = buildStored(entries);
        const proof = trie.prove(key);
        const said = await verifyWithOracle(root, key, proof, false);
        expect(verifyTrieProof(root, key, proof)).toEqual(said ?? undefined);
      }),
      runs(count),
    );
  });
});

/** What `verify` returns, or undefined when it refuses. */
function accepted<Value>(verify: () => Value): { readonly value: Value } | undefined {
  try {
    return { value: verify() };
  } catch (error) {
    expect(error).toMatchObject({ code: 'PROOF_INVALID' });
    return undefined;
  }
}
