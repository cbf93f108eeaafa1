import { compareBytes, isLucernaError, toHexKey } from '@lucerna/base';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { TrieEntry } from '../../src/trie/entries.ts';
import type { StoredTrie } from '../../src/trie/stored-nodes.ts';
import { Trie } from '../../src/trie/trie.ts';
import { NodeRows } from './node-rows.ts';

/** Few distinct bytes, so that keys share prefixes and are prefixes of each other. */
const crowdedByte = fc.constantFrom(0x00, 0x01, 0x10, 0x11, 0x12, 0xff);

/** A key of those. */
export function crowdedKey(minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc.array(crowdedByte, { minLength, maxLength }).map((bytes) => Uint8Array.from(bytes));
}

/** Values around the length at which a node no longer fits into its parent. */
export const crowdedValue: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 4 }),
  fc.uint8Array({ minLength: 20, maxLength: 34 }),
  // Equal values make equal nodes in different places.
  fc.constant(new Uint8Array(33).fill(7)),
);

/** Entries in the order of their keys, each key once. */
export function sortedEntriesOf(
  key: fc.Arbitrary<Uint8Array>,
  maxLength: number,
): fc.Arbitrary<TrieEntry[]> {
  return fc
    .uniqueArray(fc.tuple(key, crowdedValue), {
      selector: ([held]) => toHexKey(held),
      maxLength,
      // Without a size, fast-check makes a tenth of the length that is asked for.
      size: 'max',
    })
    .map((entries) => entries.sort(([left], [right]) => compareBytes(left, right)));
}

/** A trie with `entries`, in memory and stored. */
export type BuiltTrie = StoredTrie & { readonly trie: Trie; readonly nodes: NodeRows };

/** Builds the trie of `entries` and stores it. */
export function buildStored(entries: Iterable<TrieEntry>): BuiltTrie {
  const nodes = new NodeRows();
  const trie = new Trie();
  for (const [key, value] of entries) trie.put(key, value);
  const { root, writes } = trie.commit();
  nodes.apply(writes);
  return { trie, nodes, root };
}

/** `bytes` with one byte changed, for each byte: in one bit, and in all. */
export function* changedBytes(bytes: Uint8Array): Generator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += 1) {
    for (const mask of [1 << (offset % 8), 0xff]) {
      const changed = bytes.slice();
      changed[offset]! ^= mask;
      yield changed;
    }
  }
}

/** `nodes` with one byte of one node changed, in every place. */
export function* changedProofs(nodes: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  for (const [index, node] of nodes.entries()) {
    for (const changed of changedBytes(node)) yield nodes.with(index, changed);
  }
}

/** `nodes` with a node left out, repeated, cut, lengthened, exchanged with the next, or added. */
export function* rearrangedProofs(nodes: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  for (const [index, node] of nodes.entries()) {
    yield nodes.toSpliced(index, 1);
    yield nodes.toSpliced(index, 0, node);
    yield [...nodes, node];
    yield nodes.with(index, node.slice(1));
    yield nodes.with(index, node.slice(0, -1));
    yield nodes.with(index, Uint8Array.of(...node, 0));
    const next = nodes[index + 1];
    if (next !== undefined && compareBytes(node, next) !== 0) {
      yield nodes.with(index, next).with(index + 1, node);
    }
  }
  yield [new Uint8Array(0), ...nodes];
  yield [...nodes, new Uint8Array(0)];
  yield [...nodes, Uint8Array.of(0x80)];
}

/** The fields with which `verify` refuses a proof; fails when it accepts it. */
export function refusal(verify: () => unknown): Record<string, unknown> {
  let result: unknown;
  try {
    result = verify();
  } catch (error) {
    if (isLucernaError(error, 'PROOF_INVALID')) return error.fields;
    throw error;
  }
  expect.unreachable(`accepted: ${JSON.stringify(result)}`);
}
