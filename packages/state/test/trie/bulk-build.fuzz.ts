import { MerklePatriciaTrie } from '@ethereumjs/mpt';
import { compareBytes, toHexKey } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { TrieBuilder } from '../../src/trie/bulk-build.ts';
import type { TrieEntry } from '../../src/trie/entries.ts';
import { Trie } from '../../src/trie/trie.ts';
import { naiveTrie } from '../support/naive-trie.ts';
import { NodeRows } from '../support/node-rows.ts';

/** Few distinct bytes, so that keys share prefixes and are prefixes of each other. */
const crowdedByte = fc.constantFrom(0x00, 0x01, 0x10, 0x11, 0x12, 0xff);
const crowdedKey = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.array(crowdedByte, { minLength, maxLength }).map((bytes) => Uint8Array.from(bytes));

/** Values around the length at which a node no longer fits into its parent. */
const value = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 4 }),
  fc.uint8Array({ minLength: 20, maxLength: 34 }),
  fc.uint8Array({ minLength: 300, maxLength: 300 }),
);

/** Entries with different keys in ascending order. */
function entries(key: fc.Arbitrary<Uint8Array>, maxLength: number): fc.Arbitrary<TrieEntry[]> {
  const list = fc.uniqueArray(fc.tuple(key, value), {
    selector: ([held]) => toHexKey(held),
    maxLength,
    size: 'max',
  });
  return list.map((found) => found.sort(([left], [right]) => compareBytes(left, right)));
}

/** Builds the trie; the rows in hex, each of which must come once. */
function build(list: readonly TrieEntry[]): {
  readonly root: string;
  readonly rows: ReadonlyMap<string, string>;
} {
  const rows = new NodeRows();
  const builder = new TrieBuilder((path, encoded) => rows.apply([[path, encoded]]));
  for (const [key, held] of list) builder.put(key, held);
  return { root: toHexKey(builder.finish()), rows: rows.asHex() };
}

describe('TrieBuilder', () => {
  const kinds: readonly [string, fc.Arbitrary<TrieEntry[]>][] = [
    ['of any length', entries(crowdedKey(0, 4), 60)],
    ['of one length', entries(crowdedKey(3, 3), 60)],
    ['at random', entries(fc.uint8Array({ minLength: 32, maxLength: 32 }), 200)],
    ['of the greatest length', entries(fc.uint8Array({ minLength: 64, maxLength: 64 }), 8)],
  ];

  it.each(kinds)(
    'has the root and the rows of a trie, and of its definition (keys %s)',
    (_, arbitrary) => {
      fc.assert(
        fc.property(arbitrary, (list) => {
          const built = build(list);
          const trie = new Trie();
          for (const [key, held] of list) trie.put(key, held);
          const { root, writes } = trie.commit();
          const rows = new NodeRows();
          rows.apply(writes);
          expect(built).toEqual({ root: toHexKey(root), rows: rows.asHex() });
          const naive = naiveTrie(
            new Map(list.map(([key, held]) => [toHexKey(key), toHexKey(held)])),
          );
          expect(built).toEqual(naive);
        }),
        runs(300),
      );
    },
  );

  it('has the roots of @ethereumjs/mpt', async () => {
    await fc.assert(
      fc.asyncProperty(entries(crowdedKey(1, 4), 60), async (list) => {
        const oracle = new MerklePatriciaTrie();
        for (const [key, held] of list) await oracle.put(key, held);
        expect(build(list).root).toBe(toHexKey(oracle.root()));
      }),
      runs(100),
    );
  });
});
