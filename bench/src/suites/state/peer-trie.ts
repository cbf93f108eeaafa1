import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { peerName } from '../../peers.ts';

/** Rows that the peer is to put: the seeded accounts `indexes` in some version. */
export type PeerRequest = {
  readonly indexes: readonly number[];
  readonly version: number;
  readonly clock: 'cpu' | 'wall';
  /** Into an empty trie instead of the one there is. */
  readonly fresh: boolean;
};

/** Milliseconds that it took, without the making of the rows, and the root. */
export type PeerReply = { readonly value: number; readonly hash: string };

export const peerTrieName: string = `${peerName('@ethereumjs/mpt')}, in memory, noble's keccak`;

/**
 * The trie of `@ethereumjs/mpt`, in a thread of its own. In one heap with ours, the collector's work
 * on its many objects would be counted as ours.
 */
export class PeerTrie {
  readonly #worker = new Worker(new URL('./peer-trie-worker.ts', import.meta.url));

  async put(request: PeerRequest): Promise<PeerReply> {
    this.#worker.postMessage(request);
    const [reply] = await once(this.#worker, 'message');
    return reply;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
