import { concatBytes, EMPTY_BYTES, fixedBytes, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT, encodeRlp, type RlpItem } from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import { stateLimits } from '../../src/limits.ts';
import { verifyTrieProof } from '../../src/trie/proof.ts';
import { Trie } from '../../src/trie/trie.ts';
import { encodeHexPrefix } from '../support/hex-prefix.ts';
import { refusal } from '../support/proof-cases.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
/** A value with which a leaf is too long to be inline. */
const long = (byte: number): Uint8Array => new Uint8Array(40).fill(byte);
const leaf = (nibbles: number[], value: Uint8Array): RlpItem => [
  encodeHexPrefix(bytes(...nibbles), true),
  value,
];
const extension = (nibbles: number[], child: RlpItem): RlpItem => [
  encodeHexPrefix(bytes(...nibbles), false),
  child,
];
const branch = (children: Readonly<Record<number, RlpItem>>, value = EMPTY_BYTES): RlpItem => [
  ...Array.from({ length: 16 }, (_, nibble) => children[nibble] ?? EMPTY_BYTES),
  value,
];
const hashOf = (item: RlpItem): Uint8Array => keccak256(encodeRlp(item));

/** How a proof made of `items` is refused by who trusts the hash of the first. */
function refusedItems(items: readonly RlpItem[], key: Uint8Array): Record<string, unknown> {
  const nodes = items.map((item) => encodeRlp(item));
  return refusal(() => verifyTrieProof(keccak256(nodes[0]!), key, nodes));
}

function trieOf(entries: Readonly<Record<string, Uint8Array>>): {
  readonly trie: Trie;
  readonly root: Uint8Array;
} {
  const trie = new Trie();
  for (const [key, value] of Object.entries(entries)) trie.put(Buffer.from(key, 'hex'), value);
  return { trie, root: trie.commit().root };
}

/** Forks at 1|2, below 1 after an extension at 4|5, below that after another at 6|7. */
const { trie, root } = trieOf({
  '10333456': long(1),
  '10333457': long(2),
  '10333556': long(3),
  '20333456': long(4),
});
const prove = (key: string): readonly Uint8Array[] => trie.prove(Buffer.from(key, 'hex'));
const refuse = (key: string, proof: readonly Uint8Array[]): Record<string, unknown> =>
  refusal(() => verifyTrieProof(root, Buffer.from(key, 'hex'), proof));

describe('verifyTrieProof', () => {
  it('gives the value, or undefined where a node shows that there is none', () => {
    const cases: readonly (readonly [string, number, Uint8Array | undefined])[] = [
      ['10333457', 6, long(2)],
      ['20333456', 2, long(4)],
      // No child in a branch; another leaf; an extension that parts; a key that ends in each.
      ['30', 1, undefined],
      ['20333457', 2, undefined],
      ['10343456', 2, undefined],
      ['1033', 2, undefined],
      ['20', 2, undefined],
      ['', 1, undefined],
      // Longer than the leaf.
      ['1033345600', 6, undefined],
    ];
    for (const [key, nodes, value] of cases) {
      expect(prove(key), key).toHaveLength(nodes);
      expect(verifyTrieProof(root, Buffer.from(key, 'hex'), prove(key)), key).toEqual(value);
    }
  });

  it('has no node for the empty trie', () => {
    expect(verifyTrieProof(EMPTY_TRIE_ROOT, bytes(1), [])).toBeUndefined();
    for (const node of [bytes(0x80), EMPTY_BYTES]) {
      const fields = refusal(() => verifyTrieProof(EMPTY_TRIE_ROOT, bytes(1), [node]));
      expect(fields).toEqual({ node: 0, reason: 'surplus-node' });
    }
  });
});

describe('a forged proof', () => {
  it('is refused when it is that of another key', () => {
    expect(refuse('10333456', prove('20333456'))).toEqual({ node: 1, reason: 'wrong-hash' });
    expect(refuse('10333456', prove('10333457'))).toEqual({ node: 5, reason: 'wrong-hash' });
    expect(refuse('30', prove('10333457'))).toEqual({ node: 1, reason: 'surplus-node' });
  });

  it('is refused when its path stops early: no absence comes from what is not shown', () => {
    const proof = prove('10333456');
    for (let length = 0; length < proof.length; length += 1) {
      const fields = refuse('10333456', proof.slice(0, length));
      expect(fields).toEqual({ node: length, reason: 'missing-node' });
    }
  });

  it('is refused when a node is repeated, moved or added', () => {
    const proof = prove('10333456');
    const [first, second, ...rest] = proof as [Uint8Array, Uint8Array, ...Uint8Array[]];
    expect(refuse('10333456', [first, first, second, ...rest])).toMatchObject({ node: 1 });
    expect(refuse('10333456', [second, first, ...rest])).toMatchObject({ node: 0 });
    expect(refuse('10333456', [...proof, proof[5]!])).toEqual({ node: 6, reason: 'surplus-node' });
  });

  it('is refused when an extension is skipped or put in', () => {
    const proof = prove('10333456');
    expect(refuse('10333456', proof.toSpliced(1, 1))).toEqual({ node: 1, reason: 'wrong-hash' });
    const added = encodeRlp(extension([3], keccak256(proof[2]!)));
    expect(refuse('10333456', proof.toSpliced(2, 0, added))).toMatchObject({ node: 2 });
  });

  it('is refused when a leaf stands for an inner path', () => {
    const short = encodeRlp(leaf([0, 3, 3, 3, 4, 5, 6], long(9)));
    expect(refuse('10333456', [prove('10333456')[0]!, short])).toEqual({
      node: 1,
      reason: 'wrong-hash',
    });
    expect(refuse('10333456', [short])).toEqual({ node: 0, reason: 'wrong-hash' });
  });

  it('is refused when it ends in the leaf of another path with the same rest and value', () => {
    const twins = trieOf({ '1033': long(1), '2033': long(1), '20ff': long(2) });
    const [top, leafBelow1] = twins.trie.prove(bytes(0x10, 0x33)) as [Uint8Array, Uint8Array];
    const fields = refusal(() => verifyTrieProof(twins.root, bytes(0x20, 0x33), [top, leafBelow1]));
    expect(fields).toEqual({ node: 1, reason: 'wrong-hash' });
  });

  it('is refused when an inline node comes apart from its parent', () => {
    const inline = trieOf({ '1033': bytes(1), '1034': bytes(2) });
    const proof = inline.trie.prove(bytes(0x10, 0x33));
    expect(proof).toHaveLength(1);
    expect(verifyTrieProof(inline.root, bytes(0x10, 0x33), proof)).toEqual(bytes(1));
    const apart = encodeRlp(leaf([], bytes(1)));
    expect(
      refusal(() => verifyTrieProof(inline.root, bytes(0x10, 0x33), [...proof, apart])),
    ).toEqual({ node: 1, reason: 'surplus-node' });
    // Nor may a parent refer to it by its hash.
    const parent = branch({ 1: hashOf(leaf([], bytes(1))), 2: leaf([], bytes(2)) });
    const fields = refusedItems([extension([0], parent), leaf([], bytes(1))], bytes(0x01));
    expect(fields).toMatchObject({ reason: 'not-a-node' });
    const other = branch({ 0: hashOf(leaf([1], bytes(1))), 2: hashOf(leaf([1], long(2))) });
    expect(refusedItems([other, leaf([1], bytes(1))], bytes(0x01))).toEqual({
      node: 1,
      reason: 'not-a-node',
    });
  });

  it('is refused with more nodes or bytes than any proof has', () => {
    const { proofNodes, proofBytes } = stateLimits.values;
    const many = Array.from({ length: proofNodes + 1 }, () => prove('10333456')[0]!);
    expect(refuse('10333456', many)).toEqual({ node: proofNodes, reason: 'too-many-nodes' });
    expect(refuse('10333456', many.slice(1))).toEqual({ node: 1, reason: 'wrong-hash' });
    const huge = [prove('10333456')[0]!, new Uint8Array(proofBytes)];
    expect(refuse('10333456', huge)).toEqual({ node: 1, reason: 'too-many-bytes' });
  });

  it('has enough nodes for the deepest trie', () => {
    // Every nibble of the longest key is a fork of its own.
    const key = new Uint8Array(stateLimits.values.trieKeyBytes);
    const deep = new Trie();
    deep.put(key, long(1));
    for (let nibble = 0; nibble < 2 * key.length; nibble += 1) {
      const other = key.slice();
      other[nibble >> 1] = nibble % 2 === 0 ? 0x10 : 0x01;
      deep.put(other, long(2));
    }
    const hash = deep.commit().root;
    const proof = deep.prove(key);
    expect(proof).toHaveLength(stateLimits.values.proofNodes);
    expect(verifyTrieProof(hash, key, proof)).toEqual(long(1));
  });
});

describe('a node that no trie has, under a root that has it', () => {
  const key = bytes(0x12);
  const two = { 1: hashOf(leaf([2], long(1))), 2: hashOf(leaf([2], long(2))) };

  it('would be accepted in its proper form', () => {
    const nodes = [branch(two), leaf([2], long(1))].map((item) => encodeRlp(item));
    expect(verifyTrieProof(keccak256(nodes[0]!), key, nodes)).toEqual(long(1));
  });

  it.each<[string, readonly RlpItem[]]>([
    ['byte string', [long(1)]],
    ['list of three items', [[long(1), long(1), long(1)]]],
    ['list of seventeen lists', [Array.from({ length: 17 }, () => [])]],
    ['leaf without a value', [leaf([1, 2], EMPTY_BYTES)]],
    ['leaf with a list for its value', [[bytes(0x20, 0x12), [long(1)]]]],
    ['leaf with flags of its own', [[bytes(0x40, 0x12), long(1)]]],
    ['leaf with padding', [[bytes(0x2f, 0x12), long(1)]]],
    ['extension without a path', [[bytes(0x00), hashOf(branch(two))]]],
    ['extension without a child', [[bytes(0x11), EMPTY_BYTES]]],
    ['extension to an inline leaf', [extension([1], leaf([2], bytes(1)))]],
    ['branch with one child', [branch({ 1: hashOf(leaf([2], long(1))) })]],
    ['branch with a value only', [branch({}, long(1))]],
    ['branch with an inline branch with one child', [branch({ ...two, 3: [] })]],
    ['branch with a short reference', [branch({ ...two, 3: bytes(1, 2, 3) })]],
    ['branch with an inline node that is too long', [branch({ ...two, 3: leaf([2], long(1)) })]],
    ['branch with an inline leaf without a value', [branch({ ...two, 3: leaf([2], EMPTY_BYTES) })]],
  ])('is refused: %s', (_name, items) => {
    expect(refusedItems(items, key)).toEqual({ node: 0, reason: 'not-a-node' });
  });

  it.each<[string, RlpItem]>([
    ['leaf', leaf([2], long(1))],
    ['extension', extension([2], hashOf(branch(two)))],
  ])('is refused: extension to a %s', (_name, below) => {
    expect(refusedItems([extension([1], hashOf(below)), below], key)).toEqual({
      node: 1,
      reason: 'not-a-node',
    });
  });

  it('is refused: RLP that is not canonical', () => {
    const good = encodeRlp(leaf([1, 2], long(1)));
    expect(toHexKey(good.subarray(0, 4))).toBe('ec822012');
    const forms: readonly Uint8Array[] = [
      // A length in more bytes than it needs.
      concatBytes(bytes(0xf8, good.length - 1), good.subarray(1)),
      concatBytes(bytes(0xf9, 0, good.length - 1), good.subarray(1)),
      // One byte in a string of its own.
      concatBytes(bytes(0xc0 + good.length - 1), bytes(0x81, 0x31), good.subarray(4)),
      concatBytes(good, bytes(0)),
      good.subarray(0, -1),
      EMPTY_BYTES,
    ];
    for (const form of forms) {
      const fields = refusal(() => verifyTrieProof(keccak256(form), key, [form]));
      expect(fields, toHexKey(form)).toEqual({ node: 0, reason: 'not-a-node' });
    }
  });

  it('is refused: an inline chain', () => {
    let item: RlpItem = leaf([2], bytes(1));
    for (let depth = 0; depth < 8; depth += 1) item = [bytes(0x11), item];
    expect(refusedItems([item], fixedBytes(0x1111n, 2))).toMatchObject({ reason: 'not-a-node' });
  });
});
