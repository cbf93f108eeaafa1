import { AssertionError, fixedBytes } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import { expect, it } from 'vitest';
import { TrieBuilder } from '../../src/trie/bulk-build.ts';
import { toNibbles } from '../../src/trie/nibbles.ts';
import { Trie } from '../../src/trie/trie.ts';

const ignore = (): void => undefined;

it('has the empty root without entries, and emits nothing', () => {
  const emitted: unknown[] = [];
  expect(new TrieBuilder((path) => emitted.push(path)).finish()).toEqual(EMPTY_TRIE_ROOT);
  expect(emitted).toEqual([]);
});

it('emits children before their parents, the root last, while entries are still to come', () => {
  const builder = new TrieBuilder((path) => paths.push(path.join('.')));
  const paths: string[] = [];
  const value = new Uint8Array(40).fill(1);
  builder.put(Uint8Array.of(0x12), value);
  builder.put(Uint8Array.of(0x13), value);
  expect(paths).toEqual(['1.2']);
  builder.put(Uint8Array.of(0x24), value);
  expect(paths).toEqual(['1.2', '1.3', '1']);
  builder.finish();
  expect(paths).toEqual(['1.2', '1.3', '1', '2', '']);
});

it('holds one path in memory, however many entries there are', () => {
  let emitted = 0;
  let fewest = Number.POSITIVE_INFINITY;
  const builder = new TrieBuilder(() => {
    emitted += 1;
  });
  const trie = new Trie();
  for (let index = 0; index < 20_000; index += 1) {
    const key = fixedBytes(BigInt(index), 4);
    const value = new Uint8Array(40).fill(1 + (index % 255));
    builder.put(key, value);
    trie.put(key, value);
    // All earlier leaves are gone.
    fewest = Math.min(fewest, emitted - index);
  }
  expect(fewest).toBe(0);
  expect(builder.finish()).toEqual(trie.commit().root);
});

it('builds from the rests of paths what hangs there in the whole trie', () => {
  const rows = new Map<string, Uint8Array>();
  const whole = new TrieBuilder((path, encoded) => rows.set(path.join('.'), encoded));
  const part = new TrieBuilder(ignore);
  const value = new Uint8Array(40).fill(1);
  whole.put(Uint8Array.of(0x01), value);
  for (const bytes of [[0x12], [0x12, 0x34], [0x13], [0x1f, 0xff]]) {
    const key = Uint8Array.from(bytes);
    whole.put(key, value);
    part.putPath(toNibbles(key).subarray(1), value);
  }
  whole.finish();
  expect(part.finish()).toEqual(keccak256(rows.get('1')!));
});

it('refuses keys out of order, keys twice, empty values, and anything after the end', () => {
  const builder = new TrieBuilder(ignore);
  const value = Uint8Array.of(1);
  builder.put(Uint8Array.of(2), value);
  expect(() => builder.put(Uint8Array.of(2), value)).toThrow(AssertionError);
  expect(() => builder.put(Uint8Array.of(1), value)).toThrow(AssertionError);
  expect(() => builder.put(Uint8Array.of(), value)).toThrow(AssertionError);
  expect(() => builder.put(Uint8Array.of(3), Uint8Array.of())).toThrow(AssertionError);
  expect(() => builder.put(new Uint8Array(65).fill(3), value)).toThrow(AssertionError);
  builder.finish();
  expect(() => builder.put(Uint8Array.of(3), value)).toThrow(AssertionError);
  expect(() => builder.finish()).toThrow(AssertionError);
});
