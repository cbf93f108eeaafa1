import { toHexKey } from '@lucerna/base';
import { expect } from 'vitest';
import { stateErrors } from '../../src/errors.ts';
import { nodeEntry, type TrieEntry } from '../../src/trie/entries.ts';
import type { NodeSource } from '../../src/trie/source.ts';
import { type StoredTrie, storedNodes } from '../../src/trie/stored-nodes.ts';
import type { NodeWrite, Trie } from '../../src/trie/trie.ts';

/** A node store in memory: rows by path, one hex digit a nibble. */
export class NodeRows implements NodeSource {
  readonly rows: Map<string, Uint8Array> = new Map();
  reads: number = 0;

  readonly read: NodeSource['read'] = (path) => {
    this.reads += 1;
    return this.rows.get(digits(path));
  };

  readonly corrupt: NodeSource['corrupt'] = (path, problem) =>
    stateErrors.create('STATE_CORRUPT', problem, { keyspace: 'rows', key: digits(path) });

  /** Applies `writes`, each of which must be ordered, once, and a real change. */
  apply(writes: readonly NodeWrite[]): void {
    let last: string | undefined;
    for (const [path, encoded] of writes) {
      const key = digits(path);
      if (last !== undefined) expect(key > last, `${key} after ${last}`).toBe(true);
      last = key;
      const before = this.rows.get(key);
      expect(hex(encoded), `the row at ${key} changes`).not.toBe(hex(before));
      if (encoded === undefined) this.rows.delete(key);
      else this.rows.set(key, encoded);
    }
  }

  /** The rows in hex, to be compared with a model's. */
  asHex(): Map<string, string> {
    return new Map([...this.rows].map(([path, encoded]) => [path, toHexKey(encoded)]));
  }
}

/** All entries of a stored trie, in the order of their keys. */
export function storedEntries(trie: StoredTrie): TrieEntry[] {
  const entries = Iterator.from(storedNodes(trie)).map(({ path, node }) => nodeEntry(path, node));
  return entries.filter((entry) => entry !== undefined).toArray();
}

/** All entries of a trie that was filled from nothing and is committed here for the first time. */
export function entriesOf(trie: Trie): TrieEntry[] {
  const nodes = new NodeRows();
  const { root, writes } = trie.commit();
  nodes.apply(writes);
  return storedEntries({ nodes, root });
}

function digits(path: Uint8Array): string {
  return Array.from(path, (nibble) => nibble.toString(16)).join('');
}

function hex(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'no row' : toHexKey(bytes);
}
