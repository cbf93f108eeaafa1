import { assert, compareBytes, concatBytes, equalBytes } from '@lucerna/base';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import { stateLimits } from '../limits.ts';
import { TrieBuilder } from './bulk-build.ts';
import { nodeEntry, type TrieEntry } from './entries.ts';
import { joinNibbles, type Nibbles, NO_NIBBLES, toNibbles } from './nibbles.ts';
import type { TrieChild, TrieNode } from './node.ts';
import { invalidProof, ProofNodes } from './proof.ts';
import { type StoredTrie, storedNodes } from './stored-nodes.ts';

/** Entries of a trie that follow each other, and the nodes that prove that none is left out. */
export type RangeProof = {
  readonly entries: readonly TrieEntry[];
  /**
   * The nodes of the path to the start of the range and of the path to its last key, each once, parents
   * first, the left path before the rest of the right one. Empty when the entries are all that the
   * trie has and the range was asked for from the empty key.
   */
  readonly proof: readonly Uint8Array[];
};

/** An entry by the path of its key. */
type PathEntry = readonly [path: Nibbles, value: Uint8Array];

/** A node on the way to the last key. */
type PathNode = { readonly path: Nibbles; readonly encoded: Uint8Array };

/**
 * The first `limit` entries of `trie` whose keys are not below `from`, fewer where it ends, with the
 * proof that {@link verifyRangeProof} takes. Reads the nodes of the entries and of two paths, whatever
 * the size of the trie. `limit` is at least 1 and at most the limit `rangeEntries`, and `from` is not
 * longer than a key.
 *
 * @throws `STATE_CORRUPT` when a node is missing or not what its parent says
 */
export function proveRange(trie: StoredTrie, from: Uint8Array, limit: number): RangeProof {
  const { rangeEntries, trieKeyBytes } = stateLimits.values;
  assert(Number.isInteger(limit) && limit >= 1, 'a range has entries');
  assert(limit <= rangeEntries, 'a range has at most so many entries');
  assert(from.length <= trieKeyBytes, 'the key of a trie is not longer');
  const start = toNibbles(from);
  const entries: TrieEntry[] = [];
  const left: Uint8Array[] = [];
  /** The path to the latest node, from where it leaves the left one. */
  const right: PathNode[] = [];
  let isWhole = from.length === 0;
  for (const { path, node, encoded } of storedNodes(trie, from)) {
    // The left path comes first, so this node is behind the last entry and leads to more.
    if (entries.length === limit) {
      isWhole = false;
      break;
    }
    while (right.length > 0 && !startsWith(path, (right.at(-1) as PathNode).path)) right.pop();
    if (encoded !== undefined) {
      if (startsWith(start, path)) left.push(encoded);
      else right.push({ path, encoded });
    }
    const entry = nodeEntry(path, node);
    if (entry !== undefined && compareBytes(entry[0], from) >= 0) entries.push(entry);
  }
  if (isWhole) return { entries, proof: [] };
  return { entries, proof: [...left, ...right.map(({ encoded }) => encoded)] };
}

/**
 * Checks that `entries` are what the trie with hash `root` has from the key `from` up to the last of
 * them, nothing left out, added or changed; without entries, that it has none from `from` on. `more`
 * tells whether keys follow behind the last one. An empty `proof` stands for the whole trie, from the
 * empty key. Takes time for the entries and for two paths; everything may come from anywhere.
 *
 * Unlike the usual way, which cuts the range out of the partial trie and puts the entries in again, this
 * one walks the nodes of the two paths: what hangs between the paths must have the hash of the entries
 * with its prefix, and what hangs outside is not looked at.
 *
 * @throws `PROOF_INVALID` with the `reason` and the index `node` or `entry` of the first thing that is
 *   wrong
 */
export function verifyRangeProof(
  root: Uint8Array,
  from: Uint8Array,
  entries: readonly TrieEntry[],
  proof: readonly Uint8Array[],
): { readonly more: boolean } {
  const nodes = new ProofNodes(proof, stateLimits.values.rangeProofNodes);
  checkEntries(from, entries);
  const held = entries.map(([key, value]): PathEntry => [toNibbles(key), value]);
  const isWhole = from.length === 0 && proof.length === 0;
  if (isWhole || equalBytes(root, EMPTY_TRIE_ROOT)) {
    if (!equalBytes(subtrieHash(held, 0), root)) throw invalidProof('other-entry', { entry: 0 });
    nodes.finish();
    return { more: false };
  }
  const walk = new RangeWalk(nodes, toNibbles(from), held);
  walk.visit({ kind: 'unloaded', hash: root }, NO_NIBBLES, undefined);
  return { more: walk.finish() };
}

/** What can be said of `entries` without the trie. */
function checkEntries(from: Uint8Array, entries: readonly TrieEntry[]): void {
  const { rangeEntries, trieKeyBytes } = stateLimits.values;
  if (entries.length > rangeEntries)
    throw invalidProof('too-many-entries', { entry: rangeEntries });
  let before: Uint8Array | undefined;
  for (const [index, [key, value]] of entries.entries()) {
    const isBehind =
      before === undefined ? compareBytes(key, from) >= 0 : compareBytes(key, before) > 0;
    if (!isBehind || key.length > trieKeyBytes || value.length === 0) {
      throw invalidProof('wrong-entry', { entry: index });
    }
    before = key;
  }
}

/**
 * Hash of the node at the first `depth` nibbles of `entries`, which have these in common and are in
 * order, in a trie that has nothing else there; the empty root when there are none.
 */
function subtrieHash(entries: readonly PathEntry[], depth: number): Uint8Array {
  const builder = new TrieBuilder(() => undefined);
  for (const [path, value] of entries) builder.putPath(path.subarray(depth), value);
  return builder.finish();
}

/**
 * A walk over the nodes of the two paths of a proof, left to right, which meets the entries of the
 * range in their order.
 */
class RangeWalk {
  readonly #nodes: ProofNodes;
  readonly #start: Nibbles;
  /** The last key; undefined when the range has no entries, and then it goes on to the end. */
  readonly #end: Nibbles | undefined;
  readonly #entries: readonly PathEntry[];
  /** Entries met so far. */
  #met = 0;
  #more = false;

  constructor(nodes: ProofNodes, start: Nibbles, entries: readonly PathEntry[]) {
    this.#nodes = nodes;
    this.#start = start;
    this.#end = entries.at(-1)?.[0];
    this.#entries = entries;
  }

  /** Compares what is at `path`, in the order of keys, with the entries that have not been met yet. */
  visit(child: TrieChild, path: Nibbles, parent: TrieNode | undefined): void {
    if (child === undefined) return;
    // Zero: `path` leads to that end of the range, and the proof has its node.
    const fromStart = compareBytes(path, this.#start.subarray(0, path.length));
    const fromEnd =
      this.#end === undefined ? -1 : compareBytes(path, this.#end.subarray(0, path.length));
    if (fromStart < 0) return;
    if (fromEnd > 0) {
      this.#more = true;
      return;
    }
    if (child.kind === 'unloaded' && fromStart > 0 && fromEnd < 0) {
      this.#meetSubtrie(child.hash, path);
      return;
    }
    const node = this.#nodes.load(child, parent);
    if (node.kind === 'leaf') {
      this.#meet(concatBytes(path, node.key), node.value);
    } else if (node.kind === 'extension') {
      this.visit(node.child, concatBytes(path, node.key), node);
    } else {
      if (node.value !== undefined) this.#meet(path, node.value);
      for (const [nibble, below] of node.children.entries()) {
        if (below !== undefined) this.visit(below, joinNibbles(path, nibble, NO_NIBBLES), node);
      }
    }
  }

  /** Whether keys follow behind the last entry. @throws `PROOF_INVALID` when anything is left over */
  finish(): boolean {
    if (this.#met < this.#entries.length) throw this.#other();
    this.#nodes.finish();
    return this.#more;
  }

  /** The trie has `value` at `key`: if that is in the range, it is the next entry. */
  #meet(key: Nibbles, value: Uint8Array): void {
    if (compareBytes(key, this.#start) < 0) return;
    if (this.#end !== undefined && compareBytes(key, this.#end) > 0) {
      this.#more = true;
      return;
    }
    const next = this.#entries[this.#met];
    const isNext = next !== undefined && equalBytes(next[0], key) && equalBytes(next[1], value);
    if (!isNext) throw this.#other();
    this.#met += 1;
  }

  /** All keys below `path` are in the range: the node there is that of the next entries. */
  #meetSubtrie(hash: Uint8Array, path: Nibbles): void {
    const start = this.#met;
    let end = start;
    for (let next = this.#entries[end]; next !== undefined; next = this.#entries[end]) {
      if (!startsWith(next[0], path)) break;
      end += 1;
    }
    // Without entries here the hash would be the empty root, which a forged node can refer to.
    const isEqual =
      end > start && equalBytes(subtrieHash(this.#entries.slice(start, end), path.length), hash);
    if (!isEqual) throw this.#other();
    this.#met = end;
  }

  #other(): ReturnType<typeof invalidProof> {
    return invalidProof('other-entry', { entry: this.#met });
  }
}

function startsWith(key: Nibbles, path: Nibbles): boolean {
  return equalBytes(key.subarray(0, path.length), path);
}
