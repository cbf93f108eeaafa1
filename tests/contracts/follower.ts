import { SILENT_LOG, toHex } from '@lucerna/base';
import { type Chain, openChain } from '@lucerna/chain';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import { encodeBlock, encodeReceipt } from '@lucerna/protocol';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';

/**
 * A second chain in memory that takes the blocks of another one as bytes and executes all of it
 * anew, from the genesis.
 */
export class Follower {
  readonly chain: Chain;

  private constructor(chain: Chain) {
    this.chain = chain;
  }

  /** Starts from the genesis of `leader`. */
  static async of(leader: Chain): Promise<Follower> {
    const ports = {
      log: createMemoryFile(),
      store: createMemoryStore(),
      signatures: await loadSignatureEngine(SILENT_LOG),
      sink: SILENT_LOG,
    };
    const { genesis } = leader;
    return new Follower(
      await openChain(ports, { genesis, durability: 'process', history: Number.POSITIVE_INFINITY }),
    );
  }

  /**
   * Executes the blocks of `leader` that it does not have yet. An import checks every root of the
   * header; the receipts are compared besides. How many blocks there were.
   *
   * @throws at the first difference
   */
  async follow(leader: Chain): Promise<number> {
    const { height } = leader.head().header;
    const start = this.chain.head().header.height;
    for (let next = start + 1; next <= height; next += 1) {
      const view = await leader.block(next);
      if (view === undefined) throw new Error(`no block ${next}`);
      const { hash } = await this.chain.import(encodeBlock(view.block));
      const own = await this.chain.block(next);
      const receipts = (each: typeof view): readonly string[] =>
        each.receipts.map((receipt) => toHex(encodeReceipt(receipt)));
      const same =
        own !== undefined &&
        toHex(hash) === toHex(view.block.hash) &&
        receipts(own).join() === receipts(view).join();
      if (!same) throw new Error(`block ${next} is another one`);
    }
    return height - start;
  }

  close(): Promise<void> {
    return this.chain.close();
  }
}
