import { compareBytes, concatBytes, EMPTY_BYTES, fixedBytes } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT, encodeRlp, type RlpItem } from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import { stateLimits } from '../../src/limits.ts';
import type { TrieEntry } from '../../src/trie/entries.ts';
import { proveRange, verifyRangeProof } from '../../src/trie/range-proof.ts';
import { encodeHexPrefix } from '../support/hex-prefix.ts';
import { buildStored, refusal } from '../support/proof-cases.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
/** A value with which a leaf is too long to be inline. */
const long = (byte: number): Uint8Array => new Uint8Array(40).fill(byte);
/** `key` and a byte more: no key is between the two. */
const after = (key: Uint8Array): Uint8Array => concatBytes(key, bytes(0));

const SIZE = 20_000;
const hashedEntries = Array.from({ length: SIZE }, (_, index): TrieEntry => {
  const key = keccak256(fixedBytes(BigInt(index), 4));
  return [key, concatBytes(key, key)];
}).sort(([left], [right]) => compareBytes(left, right));
const large = buildStored(hashedEntries);

describe('proveRange', () => {
  it('goes through a trie in parts, each of which is proved', () => {
    const found: TrieEntry[] = [];
    let from = EMPTY_BYTES;
    for (let more = true; more; ) {
      const { entries, proof } = proveRange(large, from, 3_000);
      more = verifyRangeProof(large.root, from, entries, proof).more;
      found.push(...entries);
      from = after(entries.at(-1)![0]);
    }
    expect(found).toEqual(hashedEntries);
  });

  it('reads the path and the entries, not the trie', () => {
    for (const limit of [1, 10, 100]) {
      for (const start of [0, 777, SIZE - 1]) {
        large.nodes.reads = 0;
        const { entries } = proveRange(large, hashedEntries[start]![0], limit);
        expect(entries).toEqual(hashedEntries.slice(start, start + limit));
        // Of 20,000 keys a path has 4 or 5 nodes; above the entries there is a branch for each two.
        expect(large.nodes.reads).toBeLessThan(10 + 2 * limit);
      }
    }
  });

  it('needs no node for the whole trie', () => {
    const { entries, proof } = proveRange(large, EMPTY_BYTES, SIZE);
    expect(proof).toEqual([]);
    expect(entries).toEqual(hashedEntries);
    expect(verifyRangeProof(large.root, EMPTY_BYTES, entries, proof)).toEqual({ more: false });
    expect(proveRange(large, EMPTY_BYTES, SIZE - 1).proof.length).toBeGreaterThan(0);
  });

  it('shows with one path that nothing follows', () => {
    const from = new Uint8Array(32).fill(0xff);
    const { entries, proof } = proveRange(large, from, 5);
    expect(entries).toEqual([]);
    expect(proof).toEqual(large.trie.prove(from));
    expect(verifyRangeProof(large.root, from, [], proof)).toEqual({ more: false });
  });

  it('is empty for the empty trie', () => {
    const empty = buildStored([]);
    for (const from of [EMPTY_BYTES, bytes(7)]) {
      expect(proveRange(empty, from, 5)).toEqual({ entries: [], proof: [] });
      expect(verifyRangeProof(EMPTY_TRIE_ROOT, from, [], [])).toEqual({ more: false });
    }
  });

  it('gives a node of both paths once, and equal nodes of each path twice', () => {
    // The same forks, rests and values below 1 and below 2.
    const twins = buildStored(
      [0x10, 0x20].flatMap((top): TrieEntry[] => [
        [bytes(top, 0x01), long(1)],
        [bytes(top, 0x02), long(1)],
      ]),
    );
    const from = bytes(0x10, 0x01);
    const left = twins.trie.prove(from);
    const { entries, proof } = proveRange(twins, from, 3);
    expect(proof).toEqual([...left, ...left.slice(1)]);
    expect(verifyRangeProof(twins.root, from, entries, proof)).toEqual({ more: true });
  });

  it('is an error where a node is damaged or missing', () => {
    const damaged = buildStored(hashedEntries.slice(0, 100));
    const [path] = [...damaged.nodes.rows.keys()].filter((key) => key.startsWith('0'));
    damaged.nodes.rows.set(path!, bytes(0xc0));
    const prove = () => proveRange(damaged, EMPTY_BYTES, 5);
    expect(prove).toThrow(expect.objectContaining({ code: 'STATE_CORRUPT' }));
    damaged.nodes.rows.set(path!, damaged.nodes.rows.get('1')!);
    expect(prove).toThrow(expect.objectContaining({ code: 'STATE_CORRUPT' }));
    damaged.nodes.rows.delete(path!);
    expect(prove).toThrow(expect.objectContaining({ code: 'STATE_CORRUPT' }));
    const notANode = bytes(0xc0);
    damaged.nodes.rows.set('', notANode);
    expect(() =>
      proveRange({ nodes: damaged.nodes, root: keccak256(notANode) }, EMPTY_BYTES, 5),
    ).toThrow(expect.objectContaining({ code: 'STATE_CORRUPT' }));
  });

  it('wants a limit that it knows and a key that can be', () => {
    for (const limit of [0, 1.5, stateLimits.values.rangeEntries + 1]) {
      expect(() => proveRange(large, EMPTY_BYTES, limit)).toThrow('a range has');
    }
    const tooLong = new Uint8Array(stateLimits.values.trieKeyBytes + 1);
    expect(() => proveRange(large, tooLong, 1)).toThrow('not longer');
  });

  it('has enough nodes for two of the deepest paths', () => {
    // Every nibble of the two longest keys is a fork of its own.
    const { trieKeyBytes, rangeProofNodes } = stateLimits.values;
    const entries = [0x00, 0xff].flatMap((fill) => {
      const key = new Uint8Array(trieKeyBytes).fill(fill);
      const forks = Array.from({ length: 2 * trieKeyBytes }, (_, nibble): TrieEntry => {
        const fork = key.slice(0, (nibble >> 1) + 1);
        fork[nibble >> 1]! ^= nibble % 2 === 0 ? 0x10 : 0x01;
        return [fork, long(1)];
      });
      return [...forks, [key, long(2)] as TrieEntry];
    });
    const deep = buildStored(entries);
    const from = new Uint8Array(trieKeyBytes);
    const range = proveRange(deep, from, entries.length);
    expect(range.proof).toHaveLength(rangeProofNodes - 1); // the root is on both
    expect(verifyRangeProof(deep.root, from, range.entries, range.proof)).toEqual({ more: false });
  });
});

describe('verifyRangeProof', () => {
  const from = hashedEntries[500]![0];
  const { entries, proof } = proveRange(large, from, 50);
  const refuse = (
    changed: readonly TrieEntry[],
    nodes: readonly Uint8Array[] = proof,
    start: Uint8Array = from,
  ): Record<string, unknown> => refusal(() => verifyRangeProof(large.root, start, changed, nodes));

  it('is refused for entries that are not a range, before anything is hashed', () => {
    const [key, value] = entries[7]!;
    const wrong: readonly (readonly [readonly TrieEntry[], number])[] = [
      [entries.with(7, entries[8]!).with(8, entries[7]!), 8],
      [entries.toSpliced(7, 0, entries[7]!), 8],
      [entries.with(7, [key, EMPTY_BYTES]), 7],
      [entries.with(7, [concatBytes(key, new Uint8Array(33)), value]), 7],
      [[hashedEntries[499]!, ...entries], 0],
    ];
    for (const [changed, entry] of wrong) {
      expect(refuse(changed)).toEqual({ entry, reason: 'wrong-entry' });
    }
    expect(refuse(entries, proof, after(from))).toEqual({ entry: 0, reason: 'wrong-entry' });
    const { rangeEntries } = stateLimits.values;
    const many = new Array<TrieEntry>(rangeEntries + 1).fill(entries[0]!);
    expect(refuse(many)).toEqual({ entry: rangeEntries, reason: 'too-many-entries' });
  });

  it('is refused with an entry added, left out or changed', () => {
    const [key, value] = entries[7]!;
    const changes = [
      entries.toSpliced(8, 0, [after(key), value]),
      entries.toSpliced(7, 1),
      entries.slice(1),
      entries.with(7, [key, long(1)]),
      [],
    ];
    for (const changed of changes) expect(refuse(changed)).toMatchObject({ reason: 'other-entry' });
    // Other ends need other paths.
    expect(refuse(entries.slice(0, -1))).toMatchObject({ node: expect.any(Number) });
    const longer = [...entries, hashedEntries[550]!];
    expect(refuse(longer)).toMatchObject({ node: expect.any(Number) });
  });

  it('is refused with nodes missing, left over, or more than any proof has', () => {
    expect(refuse(entries, proof.slice(0, -1))).toEqual({
      node: proof.length - 1,
      reason: 'missing-node',
    });
    expect(refuse(entries, [])).toEqual({ node: 0, reason: 'missing-node' });
    expect(refuse(entries, [...proof, proof[0]!])).toEqual({
      node: proof.length,
      reason: 'surplus-node',
    });
    const { rangeProofNodes, proofBytes } = stateLimits.values;
    const many = new Array<Uint8Array>(rangeProofNodes + 1).fill(proof[0]!);
    expect(refuse(entries, many)).toEqual({ node: rangeProofNodes, reason: 'too-many-nodes' });
    expect(refuse(entries, [new Uint8Array(proofBytes + 1)])).toEqual({
      node: 0,
      reason: 'too-many-bytes',
    });
  });

  it('is refused as a whole trie when it is a part, and as a part of the empty one', () => {
    expect(refuse(entries, [], EMPTY_BYTES)).toEqual({ entry: 0, reason: 'other-entry' });
    expect(refuse([], [], EMPTY_BYTES)).toEqual({ entry: 0, reason: 'other-entry' });
    const ofEmpty = (held: readonly TrieEntry[], nodes: readonly Uint8Array[]) =>
      refusal(() => verifyRangeProof(EMPTY_TRIE_ROOT, from, held, nodes));
    expect(ofEmpty(entries, proof)).toEqual({ entry: 0, reason: 'other-entry' });
    expect(ofEmpty([], [bytes(0x80)])).toEqual({ node: 0, reason: 'surplus-node' });
  });

  it('also takes the paths from the empty key for the whole trie', () => {
    const small = buildStored(hashedEntries.slice(0, 40));
    const held = hashedEntries.slice(0, 40);
    const nodes = small.trie.prove(held.at(-1)![0]);
    expect(verifyRangeProof(small.root, EMPTY_BYTES, held, nodes)).toEqual({ more: false });
  });

  it('is refused where a forged node refers to the empty trie between the paths', () => {
    const leaf = encodeRlp([encodeHexPrefix(bytes(0), true), long(1)]);
    const forged = (between: Uint8Array): Uint8Array => {
      const none = new Array<RlpItem>(13).fill(EMPTY_BYTES);
      return encodeRlp([EMPTY_BYTES, keccak256(leaf), between, keccak256(leaf), ...none]);
    };
    const ends: TrieEntry[] = [
      [bytes(0x10), long(1)],
      [bytes(0x30), long(1)],
    ];
    const verify = (node: Uint8Array): unknown =>
      verifyRangeProof(keccak256(node), bytes(0x10), ends, [node, leaf, leaf]);
    expect(verify(forged(EMPTY_BYTES))).toEqual({ more: false });
    expect(refusal(() => verify(forged(EMPTY_TRIE_ROOT)))).toEqual({
      entry: 1,
      reason: 'other-entry',
    });
  });

  it('is refused where the trie has keys of half a byte, which nothing else can read', () => {
    const leaf: RlpItem = [encodeHexPrefix(bytes(1, 2, 3), true), long(1)];
    const node = encodeRlp(leaf);
    const key = bytes(0x12);
    expect(
      refusal(() => verifyRangeProof(keccak256(node), key, [[bytes(0x12, 0x30), long(1)]], [node])),
    ).toMatchObject({ reason: 'other-entry' });
    expect(refusal(() => verifyRangeProof(keccak256(node), key, [], [node]))).toMatchObject({
      reason: 'other-entry',
    });
  });
});
