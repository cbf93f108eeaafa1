import { AssertionError, isLucernaError, seededRandom, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT, encodeRlp } from '@lucerna/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { decodeNode } from '../../src/trie/codec.ts';
import { listRoot } from '../../src/trie/list-root.ts';
import { decodeHexPrefix, fromNibbles, toNibbles } from '../../src/trie/nibbles.ts';
import { storedNodes } from '../../src/trie/stored-nodes.ts';
import { Trie } from '../../src/trie/trie.ts';
import { encodeHexPrefix } from '../support/hex-prefix.ts';
import { naiveTrie } from '../support/naive-trie.ts';
import { entriesOf, NodeRows } from '../support/node-rows.ts';

function hashOf(index: number): Uint8Array {
  return keccak256(encodeRlp(Uint8Array.of(index >> 8, index & 255)));
}

/** A stored trie of `count` hashed keys. */
function filled(count: number): { readonly rows: NodeRows; readonly root: Uint8Array } {
  const rows = new NodeRows();
  const trie = new Trie(rows);
  for (let index = 0; index < count; index += 1) trie.put(hashOf(index), hashOf(index + count));
  const { root, writes } = trie.commit();
  rows.apply(writes);
  rows.reads = 0;
  return { rows, root };
}

describe('Trie', () => {
  it('has the empty root without entries, and writes nothing', () => {
    expect(new Trie().commit()).toEqual({ root: EMPTY_TRIE_ROOT, writes: [] });
  });

  it('removes the stored root when the last entry goes', () => {
    const { rows, root } = filled(1);
    const trie = new Trie(rows, root);
    trie.delete(hashOf(0));
    const commit = trie.commit();
    expect(commit.root).toEqual(EMPTY_TRIE_ROOT);
    rows.apply(commit.writes);
    expect(rows.rows.size).toBe(0);
  });

  it('loads only the nodes on the way to a key', () => {
    const { rows, root } = filled(2000);
    const trie = new Trie(rows, root);
    expect(rows.reads).toBe(0);
    expect(trie.get(hashOf(7))).toEqual(hashOf(2007));
    // Below the root, 16 and 256 branches are full at 2,000 entries; then come single ones.
    expect(rows.reads).toBeLessThanOrEqual(6);
    const before = rows.reads;
    expect(trie.get(hashOf(7))).toEqual(hashOf(2007));
    expect(rows.reads).toBe(before);
  });

  it('writes only the nodes on the way to what changed', () => {
    const { rows, root } = filled(2000);
    const trie = new Trie(rows, root);
    trie.put(hashOf(7), hashOf(1));
    const { writes } = trie.commit();
    expect(writes.length).toBeGreaterThanOrEqual(3);
    expect(writes.length).toBeLessThanOrEqual(6);
    for (const [path] of writes) {
      expect(toHexKey(path)).toBe(toHexKey(toNibbles(hashOf(7)).subarray(0, path.length)));
    }
  });

  it('writes nothing for changes that cancel each other, or that change nothing', () => {
    const { rows, root } = filled(300);
    const trie = new Trie(rows, root);
    trie.put(hashOf(5), hashOf(305));
    trie.delete(hashOf(1000));
    trie.put(hashOf(6), hashOf(1));
    trie.put(hashOf(6), hashOf(306));
    trie.delete(hashOf(7));
    trie.put(hashOf(7), hashOf(307));
    trie.put(hashOf(1001), hashOf(1));
    trie.delete(hashOf(1001));
    expect(trie.commit()).toEqual({ root, writes: [] });
  });

  it('takes its writes for stored: a second commit writes only what is new', () => {
    const rows = new NodeRows();
    const trie = new Trie(rows);
    for (let index = 0; index < 50; index += 1) {
      trie.put(hashOf(index), hashOf(1));
      rows.apply(trie.commit().writes);
      expect(trie.commit().writes).toEqual([]);
    }
    expect(rows.reads).toBe(0);
  });

  it('keeps a root that is shorter than a hash in a row of its own', () => {
    const rows = new NodeRows();
    const trie = new Trie(rows);
    trie.put(Uint8Array.of(1), Uint8Array.of(2));
    const { root, writes } = trie.commit();
    rows.apply(writes);
    expect(rows.rows.get('')?.length).toBeLessThan(32);
    expect(new Trie(rows, root).get(Uint8Array.of(1))).toEqual(Uint8Array.of(2));
  });

  it('finds nothing at keys that end inside or beyond the paths it has', () => {
    const trie = new Trie();
    trie.put(Uint8Array.of(1, 2, 3), Uint8Array.of(9));
    trie.put(Uint8Array.of(1, 2, 4), Uint8Array.of(9));
    for (const key of [[], [1], [1, 2], [1, 2, 3, 4], [1, 3], [2]]) {
      expect(trie.get(Uint8Array.from(key))).toBeUndefined();
      trie.delete(Uint8Array.from(key));
    }
    expect(entriesOf(trie)).toHaveLength(2);
  });

  it('refuses empty values and keys beyond the limit', () => {
    const trie = new Trie();
    expect(() => trie.put(Uint8Array.of(1), new Uint8Array(0))).toThrow(AssertionError);
    expect(() => trie.put(new Uint8Array(65), Uint8Array.of(1))).toThrow(AssertionError);
    trie.put(new Uint8Array(64), Uint8Array.of(1));
    trie.put(new Uint8Array(64).fill(0, 0, 63).fill(1, 63), Uint8Array.of(1));
    expect(entriesOf(trie)).toHaveLength(2);
    expect(trie.commit().root).not.toEqual(EMPTY_TRIE_ROOT);
  });
});

describe('damaged nodes', () => {
  /** Walks, reads or changes the trie; the row that it stops at. */
  function failure(rows: NodeRows, root: Uint8Array, use: (trie: Trie) => void): unknown {
    try {
      use(new Trie(rows, root));
    } catch (error) {
      if (isLucernaError(error, 'STATE_CORRUPT')) return error.fields['key'];
      throw error;
    }
    return 'no failure';
  }

  it('are named, each of them, by a walk', () => {
    const { rows, root } = filled(100);
    const walk = (): unknown => [...storedNodes({ nodes: rows, root })];
    for (const [path, encoded] of [...rows.rows]) {
      rows.rows.delete(path);
      expect(failure(rows, root, walk)).toBe(path);
      const damaged = encoded.slice();
      damaged[damaged.length - 1]! ^= 1;
      rows.rows.set(path, damaged);
      expect(failure(rows, root, walk)).toBe(path);
      rows.rows.set(path, encoded);
    }
    expect(failure(rows, root, walk)).toBe('no failure');
  });

  it('are named by get, put and delete when on the way', () => {
    const { rows, root } = filled(100);
    const key = hashOf(3);
    const first = toHexKey(key).slice(0, 1);
    rows.rows.delete(first);
    expect(failure(rows, root, (trie) => trie.get(key))).toBe(first);
    expect(failure(rows, root, (trie) => trie.put(key, key))).toBe(first);
    expect(failure(rows, root, (trie) => trie.delete(key))).toBe(first);
  });

  it('are named when they are the sibling that a deletion leaves alone', () => {
    const rows = new NodeRows();
    const trie = new Trie(rows);
    const value = new Uint8Array(40).fill(1);
    trie.put(Uint8Array.of(0x12), value);
    trie.put(Uint8Array.of(0x34), value);
    const { root, writes } = trie.commit();
    rows.apply(writes);
    rows.rows.delete('3');
    expect(failure(rows, root, (opened) => opened.delete(Uint8Array.of(0x12)))).toBe('3');
  });

  it('are refused when they have the right hash and are no nodes', () => {
    const hash = new Uint8Array(32).fill(1);
    const leafPath = Uint8Array.of(0x20);
    const long = new Uint8Array(40);
    const none = new Uint8Array(0);
    const branch = (child: Parameters<typeof encodeRlp>[0]): Uint8Array =>
      encodeRlp([child, ...new Array<Uint8Array>(15).fill(none), none]);
    const bad: Uint8Array[] = [
      Uint8Array.of(0xc1),
      encodeRlp(hash),
      encodeRlp([]),
      encodeRlp([leafPath, hash, hash]),
      encodeRlp([none, hash]),
      encodeRlp([Uint8Array.of(0x40), hash]),
      encodeRlp([Uint8Array.of(0x21), []]),
      encodeRlp([Uint8Array.of(0x01), hash]),
      encodeRlp([Uint8Array.of(0x00), hash]),
      encodeRlp([[leafPath], hash]),
      encodeRlp([Uint8Array.of(0x11), none]),
      encodeRlp([Uint8Array.of(0x11), hash.subarray(1)]),
      encodeRlp([Uint8Array.of(0x11), [leafPath, Uint8Array.of(1)]]),
      encodeRlp([Uint8Array.of(0x11), [Uint8Array.of(0x11), [none, none]]]),
      encodeRlp([...new Array<Uint8Array>(16).fill(none), []]),
      branch([leafPath, long]),
      branch(hash.subarray(1)),
      branch([leafPath]),
    ];
    for (const encoded of bad) {
      expect(decodeNode(encoded, hash), toHexKey(encoded)).toHaveProperty('problem');
    }
    expect(decodeNode(branch([leafPath, Uint8Array.of(1)]), hash)).toHaveProperty('kind', 'branch');
  });
});

describe('hex-prefix form', () => {
  it('has an inverse', () => {
    const nibbles = fc.array(fc.nat(15), { maxLength: 65 }).map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(nibbles, fc.boolean(), (path, terminal) => {
        const decoded = decodeHexPrefix(encodeHexPrefix(path, terminal));
        expect(decoded?.terminal).toBe(terminal);
        expect(toHexKey(decoded!.nibbles)).toBe(toHexKey(path));
      }),
    );
  });

  it('accepts only what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), (bytes) => {
        const decoded = decodeHexPrefix(bytes);
        if (decoded === undefined) return;
        const again = encodeHexPrefix(decoded.nibbles, decoded.terminal);
        expect(toHexKey(again)).toBe(toHexKey(bytes));
      }),
      runs(2000),
    );
    expect(decodeHexPrefix(new Uint8Array(0))).toBeUndefined();
    expect(decodeHexPrefix(Uint8Array.of(0x40))).toBeUndefined();
    expect(decodeHexPrefix(Uint8Array.of(0x01))).toBeUndefined();
  });

  it('belongs to nibbles that are the halves of bytes', () => {
    const bytes = Uint8Array.of(0x0f, 0xf0, 0x12);
    expect(Array.from(toNibbles(bytes))).toEqual([0, 15, 15, 0, 1, 2]);
    expect(fromNibbles(toNibbles(bytes))).toEqual(bytes);
    expect(() => fromNibbles(Uint8Array.of(1))).toThrow(AssertionError);
  });
});

describe('listRoot', () => {
  it('is the root of rlp(index) → value', () => {
    const random = seededRandom(1);
    for (const count of [0, 1, 2, 127, 128, 129, 300]) {
      const values = Array.from({ length: count }, () =>
        Uint8Array.from({ length: 1 + random.below(80) }, () => random.below(256)),
      );
      const entries = values.map((value, index): [string, string] => {
        const digits = index.toString(16);
        const trimmed =
          index === 0 ? '' : digits.padStart(digits.length + (digits.length % 2), '0');
        return [toHexKey(encodeRlp(Buffer.from(trimmed, 'hex'))), toHexKey(value)];
      });
      expect(toHexKey(listRoot(values))).toBe(naiveTrie(new Map(entries)).root);
    }
  });
});
