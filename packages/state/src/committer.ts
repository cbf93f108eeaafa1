import { equalBytes, toHexKey } from '@lucerna/base';
import type { KvReader } from '@lucerna/storage';
import { type CommitOptions, type CommitTries, type CommittedDiff, commitWith } from './commit.ts';
import type { StateDiff } from './diff.ts';
import { stateLimits } from './limits.ts';
import { accountTrieNodes, type NodeSource, storageTrieNodes } from './trie/source.ts';
import { Trie } from './trie/trie.ts';

/** How much a {@link StateCommitter} remembers. A node takes 1 to 3 kB, as it keeps others' bytes alive. */
export type CommitterLimits = {
  /** Nodes of the account trie, at least one. */
  readonly accountNodes: number;
  /** Storage tries, the latest used ones. */
  readonly storageTries: number;
  /** Nodes of each of them, at least one. */
  readonly storageNodes: number;
};

/**
 * Commits diffs as `commitDiff` does, with the same results write by write, and remembers the tries
 * between them: blocks that follow each other pass the same upper nodes, which are then neither read
 * nor hashed nor decoded again.
 *
 * A remembered trie takes the writes of its commit for stored, and nobody says whether they were ever
 * published. It is used on when three things hold: it is to read the same `reader` object, it was left
 * with just the root that is asked for, and the reader has the root's row. Then what the trie takes
 * for stored is stored, whatever happened in between:
 *
 * - A root names every node below it and its path, as long as nobody finds two contents with one hash;
 *   and a stored trie has exactly the rows of its nodes, however it came about. So where the reader
 *   has this root, it has the rows that the trie has in memory, and behind each reference of the trie
 *   the row that it means. It makes no difference whether the batch of the commit was published, or
 *   that of an equal diff, or whether another way led there.
 * - A commit from A to B that was thrown away leaves a trie of B. The next one asks for A, unlike B,
 *   and begins afresh, also with the same diff. If A and B are equal, there was nothing to write.
 * - Who asks for B although the reader is still at A is told so by the row of the root, as by
 *   `commitDiff`.
 * - Where the rows are not those of the root after all, because they are damaged, each that is read is
 *   checked against its hash as ever: `STATE_CORRUPT`. One that is in memory is not read, and right.
 */
export class StateCommitter {
  readonly #limits: CommitterLimits;
  #kept: KeptTries | undefined;

  constructor(limits: CommitterLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** As `commitDiff`, also in what it throws; after an error nothing is remembered. */
  commit(reader: KvReader, diff: StateDiff, options: CommitOptions): CommittedDiff {
    const tries = this.#kept?.reader === reader ? this.#kept : new KeptTries(reader, this.#limits);
    this.#kept = undefined;
    const committed = commitWith(tries, reader, diff, options);
    tries.trim();
    this.#kept = tries;
    return committed;
  }
}

const DEFAULT_LIMITS: CommitterLimits = {
  accountNodes: stateLimits.values.committerAccountNodes,
  storageTries: stateLimits.values.committerStorageTries,
  storageNodes: stateLimits.values.committerStorageNodes,
};

/** The tries of one reader as their last commits have left them. */
class KeptTries implements CommitTries {
  readonly reader: KvReader;
  readonly #limits: CommitterLimits;
  #accounts: Trie | undefined;
  /** By hash of the address; the one that was used last is the last. */
  readonly #storage = new Map<string, Trie>();

  constructor(reader: KvReader, limits: CommitterLimits) {
    this.reader = reader;
    this.#limits = limits;
  }

  accounts(root: Uint8Array): Trie {
    this.#accounts = trieWith(root, this.#accounts, accountTrieNodes(this.reader));
    return this.#accounts;
  }

  storage(addressHash: Uint8Array, root: Uint8Array): Trie {
    const key = toHexKey(addressHash);
    const source = storageTrieNodes(this.reader, addressHash);
    const trie = trieWith(root, this.#storage.get(key), source);
    this.#storage.delete(key);
    this.#storage.set(key, trie);
    const [oldest] = this.#storage.keys();
    if (this.#storage.size > this.#limits.storageTries) this.#storage.delete(oldest as string);
    return trie;
  }

  /** Brings all down to the limits. */
  trim(): void {
    if (this.#accounts !== undefined) trimTo(this.#limits.accountNodes, this.#accounts);
    for (const trie of this.#storage.values()) trimTo(this.#limits.storageNodes, trie);
  }
}

/** The trie with this root: `kept` if that has it, else one that reads all of it. */
function trieWith(root: Uint8Array, kept: Trie | undefined, source: NodeSource): Trie {
  if (kept === undefined || !equalBytes(kept.rootHash, root)) return new Trie(source, root);
  kept.checkRoot();
  return kept;
}

/**
 * What is over the limit goes together with a quarter of what is not: looking through the nodes that
 * stay then costs about four of them for each that was loaded since the last time.
 */
function trimTo(maxNodes: number, trie: Trie): void {
  if (trie.loadedNodes > maxNodes) trie.trim(Math.max(1, Math.floor((maxNodes * 3) / 4)));
}
