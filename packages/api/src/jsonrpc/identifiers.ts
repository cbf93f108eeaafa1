import { toHex, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { NodeApi } from '../node-api.ts';

/** Of a filter or a subscription, in bytes. */
const ID_BYTES = 16;

/**
 * What gives names to filters and subscriptions: 0x and 32 digits, the first of them not 0, because
 * clients read them as quantities. They do not repeat, also not after a restart at another time: a
 * client that still uses an old one is told so. They are names, not secrets.
 */
export function identifiers(node: NodeApi, nowMs: number): () => string {
  const seed = `${node.clientVersion}/${nowMs}/${toHexKey(node.head().hash)}`;
  let count = 0n;
  return () => {
    count += 1n;
    const name = new TextEncoder().encode(`${seed}/${count}`);
    const id = keccak256(name).slice(0, ID_BYTES);
    id[0] = (id[0] as number) | 0x80;
    return toHex(id);
  };
}
