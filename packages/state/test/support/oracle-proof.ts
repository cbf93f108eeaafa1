import { verifyMerkleProof } from '@ethereumjs/mpt';
import { expect } from 'vitest';

/** What `@ethereumjs/mpt` says that `nodes` prove of `key`: its value, or null for none. */
export function verifyWithOracle(
  root: Uint8Array,
  key: Uint8Array,
  nodes: readonly Uint8Array[],
  useKeyHashing: boolean = true,
): Promise<Uint8Array | null> {
  return verifyMerkleProof(key, [...nodes], { root, useKeyHashing });
}

/** Every way to change one byte of one node, one change a byte. */
function* flippedProofs(nodes: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  for (const [index, node] of nodes.entries()) {
    for (let offset = 0; offset < node.length; offset += 1) {
      const flipped = node.slice();
      flipped[offset]! ^= 1 << (offset % 8);
      yield nodes.with(index, flipped);
    }
  }
}

/** Expects the oracle to refuse `nodes` with any byte of any node changed. */
export async function expectFlipsRefused(
  root: Uint8Array,
  key: Uint8Array,
  nodes: readonly Uint8Array[],
): Promise<void> {
  for (const flipped of flippedProofs(nodes)) {
    await expect(verifyWithOracle(root, key, flipped)).rejects.toThrow('Invalid proof');
  }
}
