import { equalBytes, type LucernaError } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import { stateErrors } from '../errors.ts';
import { stateLimits } from '../limits.ts';
import { decodeNode, NODE_HASH_BYTES } from './codec.ts';
import { commonLength, isRest, toNibbles } from './nibbles.ts';
import type { TrieChild, TrieNode, UnloadedNode } from './node.ts';

/** Why a proof is refused: the field `reason` of `PROOF_INVALID`, and the sentence in its message. */
const PROOF_REASONS = {
  'too-many-nodes': 'more nodes than any proof has',
  'too-many-bytes': 'more bytes than any proof has',
  'missing-node': 'the proof ends before its path does',
  'surplus-node': 'the path ends before the proof does',
  'wrong-hash': 'not the node that the one above it, or the root, refers to',
  'not-a-node': 'not a node as a trie has it in this place',
  'wrong-value': 'the value is not what this trie holds',
  'too-many-entries': 'more entries than any range has',
  'wrong-entry': 'a range has keys and values in order, none before its start',
  'other-entry': 'the trie has something else here',
} as const;

/** Where and why a proof is refused. */
type ProofProblem = keyof typeof PROOF_REASONS;

/** What in a proof is wrong: the index of a node, or of an entry of a range. */
type ProofPlace = { readonly node: number } | { readonly entry: number };

/** The error for a proof that does not prove what it should. */
export function invalidProof(reason: ProofProblem, place: ProofPlace): LucernaError {
  const where = 'node' in place ? `node ${place.node}` : `entry ${place.entry}`;
  const detail = `${where}: ${PROOF_REASONS[reason]}`;
  return stateErrors.create('PROOF_INVALID', detail, { ...place, reason });
}

/**
 * The value that `key` has in the trie with hash `root`, as a view of its node; undefined when `proof`
 * shows that it has none. `proof` is what `Trie.prove` makes and EIP-1186 describes: the nodes from the
 * root towards the key, without those that are inside their parents. Exactly one list of bytes proves
 * an answer; the empty trie's is empty. Verification is by the root alone: `proof` may come from
 * anywhere. `key` must not be longer than any in the trie can be.
 *
 * @throws `PROOF_INVALID` with the index `node` and the `reason` of the first thing that is wrong
 */
export function verifyTrieProof(
  root: Uint8Array,
  key: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  const nodes = new ProofNodes(proof, stateLimits.values.proofNodes);
  const value = equalBytes(root, EMPTY_TRIE_ROOT) ? undefined : follow(nodes, root, key);
  nodes.finish();
  return value;
}

function follow(nodes: ProofNodes, root: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  const path = toNibbles(key);
  let depth = 0;
  let parent: TrieNode | undefined;
  let child: TrieChild = { kind: 'unloaded', hash: root };
  while (child !== undefined) {
    const node = nodes.load(child, parent);
    if (node.kind === 'leaf') return isRest(node.key, path, depth) ? node.value : undefined;
    if (node.kind === 'extension') {
      if (commonLength(node.key, path, depth) < node.key.length) return undefined;
      depth += node.key.length;
      child = node.child;
    } else {
      if (depth === path.length) return node.value;
      child = node.children[path[depth] as number];
      depth += 1;
    }
    parent = node;
  }
  return undefined;
}

/** The nodes of a proof. They are taken in order, and in the end all of them must have been taken. */
export class ProofNodes {
  readonly #nodes: readonly Uint8Array[];
  #taken = 0;

  /** @throws `PROOF_INVALID` when there are more than `maxNodes`, or too many bytes of them */
  constructor(nodes: readonly Uint8Array[], maxNodes: number) {
    if (nodes.length > maxNodes) throw invalidProof('too-many-nodes', { node: maxNodes });
    let bytes = 0;
    for (const [index, node] of nodes.entries()) {
      bytes += node.length;
      if (bytes > stateLimits.values.proofBytes)
        throw invalidProof('too-many-bytes', { node: index });
    }
    this.#nodes = nodes;
  }

  /**
   * The node that stands for `child` of `parent`, which is undefined for the root: `child` itself when
   * it is inline, else the next one of the proof, if that is what `child` refers to. It has the shape
   * that a trie gives it, and its inline children have theirs.
   *
   * @throws `PROOF_INVALID`
   */
  load(child: TrieNode | UnloadedNode, parent: TrieNode | undefined): TrieNode {
    if (child.kind !== 'unloaded') return child;
    const index = this.#taken;
    const encoded = this.#nodes[index];
    if (encoded === undefined) throw invalidProof('missing-node', { node: index });
    if (!equalBytes(keccak256(encoded), child.hash))
      throw invalidProof('wrong-hash', { node: index });
    this.#taken += 1;
    const node = decodeNode(encoded, child.hash);
    const isTooShort = parent !== undefined && encoded.length < NODE_HASH_BYTES;
    if ('problem' in node || isTooShort || !isWellFormed(node) || !fitsBelow(node, parent)) {
      throw invalidProof('not-a-node', { node: index });
    }
    return node;
  }

  /** @throws `PROOF_INVALID` when nodes are left over */
  finish(): void {
    if (this.#taken < this.#nodes.length) throw invalidProof('surplus-node', { node: this.#taken });
  }
}

/**
 * True when nothing in `node`, or inline below it, could be written more simply: leaves have a value,
 * branches fork. Only a root that nobody computed from entries can lead to another node.
 */
function isWellFormed(node: TrieNode | UnloadedNode): boolean {
  if (node.kind === 'unloaded') return true;
  if (node.kind === 'leaf') return node.value.length > 0;
  if (node.kind === 'extension') return isWellFormed(node.child);
  const children = node.children.filter((child) => child !== undefined);
  const ways = children.length + (node.value === undefined ? 0 : 1);
  return ways >= 2 && children.every(isWellFormed);
}

/** An extension leads to a branch: the path of another node would be part of its own. */
function fitsBelow(node: TrieNode, parent: TrieNode | undefined): boolean {
  return parent?.kind !== 'extension' || node.kind === 'branch';
}
