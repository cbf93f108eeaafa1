import { concatBytes, equalBytes } from '@lucerna/base';
import { sha256 } from '@lucerna/crypto';
import { type BuiltinBody, itemsOf, requireBytes, requireInteger } from './builtin-arguments.ts';
import { bytesOrText, chargeSha256, meteredSha256 } from './builtins-hashes.ts';
import type { Machine } from './machine.ts';
import type { Value } from './value.ts';

const HASH_BYTES = 32;

// Leaves and nodes are hashed with different first bytes (RFC 6962, section 2.1), so that no node can
// be shown as an item.
const LEAF_PREFIX: Uint8Array = Uint8Array.of(0);
const NODE_PREFIX: Uint8Array = Uint8Array.of(1);

/**
 * What stands beside the last node of a level that has no neighbour. Nothing has such a hash, so that
 * lists of different lengths have different roots; repeating the node would make them equal.
 */
const NOTHING: Uint8Array = new Uint8Array(HASH_BYTES);

/** 32-byte words under the hash of a node, its prefix included. */
const NODE_WORDS = 3;

/**
 * The root of the tree over `items`, MERKLE_ROOT:
 *
 *     leaf = SHA-256(0x00 ‖ bytes of the item)    node = SHA-256(0x01 ‖ left ‖ right)
 *
 * Bytes count as they are, other values with the UTF-8 of their canonical text. Nodes are paired from
 * the left, and the last one of an odd level with 32 zero bytes. One item is its leaf; no items are the
 * hash of nothing.
 */
export function merkleRoot(machine: Machine, items: readonly Value[]): Uint8Array {
  machine.meter.chargeItems(items.length);
  if (items.length === 0) return meteredSha256(machine, new Uint8Array(0));
  let level = items.map((item) => leafHash(machine, item));
  while (level.length > 1) level = parentsOf(machine, level);
  return level[0] as Uint8Array;
}

/**
 * Whether an item is at `index` of the list with the given root. The proof is the neighbours on the way
 * from the leaf to the root. Whatever is malformed is false.
 */
function verifyMerkleProof(
  machine: Machine,
  item: Value,
  proof: readonly Value[],
  root: Uint8Array,
  index: number | bigint,
): boolean {
  machine.meter.chargeItems(proof.length);
  let hash = leafHash(machine, item);
  // No list has 2⁵³ items: larger indexes are refused like negative ones.
  if (typeof index !== 'number' || index < 0) return false;
  let rest = index;
  for (const sibling of proof) {
    if (!(sibling instanceof Uint8Array) || sibling.length !== HASH_BYTES) return false;
    const isRight = rest % 2 === 1;
    chargeNodes(machine, 1);
    hash = isRight ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
    rest = Math.floor(rest / 2);
  }
  return rest === 0 && equalBytes(hash, root);
}

export const MERKLE_BODIES: Readonly<Record<string, BuiltinBody>> = {
  merkle_root: (machine, list) => merkleRoot(machine, itemsOf(machine, list)),
  merkle_verify: (machine, item, proof, root, index) =>
    verifyMerkleProof(
      machine,
      item,
      itemsOf(machine, proof),
      requireBytes(root),
      requireInteger(index),
    ),
};

function leafHash(machine: Machine, item: Value): Uint8Array {
  const bytes = bytesOrText(machine, item);
  chargeSha256(machine, LEAF_PREFIX.length + bytes.length);
  return sha256(concatBytes(LEAF_PREFIX, bytes));
}

function parentsOf(machine: Machine, level: readonly Uint8Array[]): Uint8Array[] {
  chargeNodes(machine, Math.ceil(level.length / 2));
  const parents: Uint8Array[] = [];
  for (let at = 0; at < level.length; at += 2) {
    parents.push(nodeHash(level[at] as Uint8Array, level[at + 1] ?? NOTHING));
  }
  return parents;
}

function chargeNodes({ meter, statistics }: Machine, count: number): void {
  const { sha256: base, sha256Word } = meter.schedule;
  meter.charge(count * (base + NODE_WORDS * sha256Word));
  statistics.hashes += count;
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(NODE_PREFIX, left, right));
}
