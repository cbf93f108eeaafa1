import { assert, compareBytes, present } from '@lucerna/base';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import { sealNode } from './codec.ts';
import { commonLength, keyPath, type Nibbles, newPathRoom } from './nibbles.ts';
import {
  type BranchNode,
  makeBranch,
  makeExtension,
  makeLeaf,
  setChild,
  type TrieNode,
} from './node.ts';
import { rowBytes } from './pools.ts';

/** Takes the row of a finished node: what belongs under `path`. Both are the taker's to keep. */
export type EmitNode = (path: Nibbles, encoded: Uint8Array) => void;

/** A branch on the way to the last key, to which more may come. */
type OpenBranch = { readonly depth: number; readonly node: BranchNode };

/**
 * Builds a trie from entries in the order of their keys, in memory for one path only: a branch is
 * finished, encoded and given away as soon as a key comes that goes by it.
 *
 * The rows are those that `Trie.commit` writes for the same entries, each once, children before their
 * parents. Keys, paths and values are kept until the next one comes.
 */
export class TrieBuilder {
  readonly #emit: EmitNode;
  /** From the root on, with growing depth: all branches that are on the path of the last key. */
  readonly #open: OpenBranch[] = [];
  #path: Nibbles | undefined;
  /** Where the next path goes; the last one has the other room. */
  #room: Uint8Array = newPathRoom();
  #spareRoom: Uint8Array = newPathRoom();
  #value: Uint8Array | undefined;
  #root: Uint8Array = EMPTY_TRIE_ROOT;
  #finished = false;

  constructor(emit: EmitNode) {
    this.#emit = emit;
  }

  /** Adds an entry: the key comes after all earlier ones, and the value is not empty. */
  put(key: Uint8Array, value: Uint8Array): void {
    this.putPath(keyPath(key, this.#room), value);
    [this.#room, this.#spareRoom] = [this.#spareRoom, this.#room];
  }

  /**
   * As {@link put}, by the path. Of keys that begin alike it may be only what comes behind that, whole
   * bytes or not: the root is then the hash of the node that hangs there in a trie of these keys.
   */
  putPath(path: Nibbles, value: Uint8Array): void {
    assert(!this.#finished, 'the trie is not finished');
    assert(value.length > 0, 'a trie holds no empty values');
    if (this.#path !== undefined) {
      assert(compareBytes(this.#path, path) < 0, 'keys come in ascending order, each once');
      this.#closeTo(commonLength(this.#path, path, 0));
    }
    this.#path = path;
    this.#value = value;
  }

  /** Finishes what is open; returns the root. The builder cannot be used on. */
  finish(): Uint8Array {
    assert(!this.#finished, 'the trie is not finished');
    this.#finished = true;
    if (this.#path !== undefined) this.#closeTo(-1);
    return this.#root;
  }

  /**
   * Finishes everything on the last key's path that hangs below a branch at `depth`, which is open
   * afterwards; -1 finishes all.
   */
  #closeTo(depth: number): void {
    const path = present(this.#path, 'there is a last key');
    const value = present(this.#value, 'a key has a value');
    let parent = Math.max(depth, this.#depth());
    if (path.length === parent) this.#openAt(parent).value = value;
    else this.#attach(makeLeaf(path.subarray(parent + 1), value), path, parent);
    while (this.#depth() > depth) {
      const branch = present(this.#open.pop(), 'a branch is open');
      parent = Math.max(depth, this.#depth());
      const key = path.subarray(parent + 1, branch.depth);
      if (key.length === 0) {
        this.#attach(branch.node, path, parent);
      } else {
        this.#seal(branch.node, path, branch.depth);
        this.#attach(makeExtension(key, branch.node), path, parent);
      }
    }
  }

  /** Hangs `node`, which is finished, below the branch of `path` at `depth`; -1: it is the root. */
  #attach(node: TrieNode, path: Nibbles, depth: number): void {
    const hash = this.#seal(node, path, depth + 1);
    if (depth === -1) {
      this.#root = present(hash, 'the root is referred to by its hash');
    } else {
      // Of what has a row only the hash is needed: an inline node is in its parent.
      const child = hash === undefined ? node : { kind: 'unloaded' as const, hash };
      setChild(this.#openAt(depth), path[depth] as number, child);
    }
  }

  /** Gives away the row of `node`, at the first `depth` nibbles of `path`; its hash if it has one. */
  #seal(node: TrieNode, path: Nibbles, depth: number): Uint8Array | undefined {
    const encoded = sealNode(node, depth === 0);
    if (node.storedHash !== undefined) this.#emit(rowBytes.copy(path, 0, depth), encoded);
    return node.storedHash;
  }

  /** Depth of the lowest open branch, -1 when there is none. */
  #depth(): number {
    return this.#open.at(-1)?.depth ?? -1;
  }

  /** The branch that is open at `depth`, if need be a new one below all others. */
  #openAt(depth: number): BranchNode {
    const last = this.#open.at(-1);
    if (last !== undefined && last.depth === depth) return last.node;
    const node = makeBranch();
    this.#open.push({ depth, node });
    return node;
  }
}
