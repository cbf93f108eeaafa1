import { toHex } from '@lucerna/base';
import type { NodeApi } from '../node-api.ts';

/** What a node that works says to whoever watches over it. */
export type Health = {
  readonly status: 'ok';
  /** In decimal. */
  readonly chainId: string;
  /** Of the head. */
  readonly height: number;
  /** Of the head, 0x-prefixed. */
  readonly hash: string;
  /** Of the head, in seconds since the Unix epoch. */
  readonly timestamp: number;
  readonly syncing: boolean;
  /** Nodes that it is connected to; a dev chain has none. */
  readonly peers: number;
};

/** What a server of nothing but a vector database says. */
export type VectorHealth = { readonly status: 'ok' };

/** How `node` is. @throws what reading its head throws: then it is not well */
export function healthOf(node: Pick<NodeApi, 'chainId' | 'head' | 'syncing'>): Health {
  const { header, hash } = node.head();
  return {
    status: 'ok',
    chainId: node.chainId.toString(),
    height: header.height,
    hash: toHex(hash),
    timestamp: header.timestamp,
    syncing: node.syncing(),
    peers: 0,
  };
}
