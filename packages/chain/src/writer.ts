import { assert, type Durability, equalBytes, SerialQueue, toHex } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import { type BlockEnvironment, type ExecutedBlock, executeBlock } from '@lucerna/execution';
import {
  type Genesis,
  type HeaderView,
  type RecoveredBlock,
  recoverBlock,
  rulesAt,
} from '@lucerna/protocol';
import type { StateCommitter } from '@lucerna/state';
import { type OverlayStore, storageErrors } from '@lucerna/storage';
import type { BlockBodies } from './block-bodies.ts';
import type { BlockLog } from './block-log.ts';
import { blocksPruned, type CanonicalIndex, type Publication } from './canonical-index.ts';
import { chainErrors } from './errors.ts';
import type { HeadEvent, HeadListeners } from './head-listeners.ts';
import { chainLimits } from './limits.ts';
import { encodeBlockRecord, encodeReorgRecord, RECORD_KINDS } from './record.ts';
import { Branch, type ChainTip, checkBranchSize, headEvent, readBlocksAbove } from './reorg.ts';
import { planRetention } from './retention.ts';
import type { WriteBehind } from './write-behind.ts';

/** What an open chain consists of. */
export type ChainParts = {
  readonly log: BlockLog;
  readonly overlay: OverlayStore;
  /** Commits the blocks that follow the head. */
  readonly committer: StateCommitter;
  readonly index: CanonicalIndex;
  readonly bodies: BlockBodies;
  readonly writeBehind: WriteBehind;
  readonly listeners: HeadListeners;
  readonly signatures: SignatureEngine;
  readonly genesis: Genesis;
  /** Base fees of the blocks up to the first one that is there, in wei. */
  readonly burnedBefore: bigint;
  readonly durability: Durability;
  readonly history: number;
};

/**
 * Everything that changes a chain, one change at a time: prepare without writing, append one record,
 * publish in one synchronous step, tell the listeners.
 */
export class ChainWriter {
  readonly #parts: ChainParts;
  readonly #checkOpen: () => void;
  readonly #commits = new SerialQueue(chainLimits.values.waitingCommits);

  /** @param checkOpen throws once the chain is closed */
  constructor(parts: ChainParts, checkOpen: () => void) {
    this.#parts = parts;
    this.#checkOpen = checkOpen;
  }

  /** Resolves when all changes that were asked for so far have ended. */
  async idle(): Promise<void> {
    await this.#commits.idle();
  }

  /** What the next block is executed on. */
  headEnvironment(): BlockEnvironment {
    const { overlay, committer, index } = this.#parts;
    return this.#environment({ reader: overlay, committer, tip: index.head });
  }

  #environment({ tip, reader, committer }: ChainTip): BlockEnvironment {
    const { genesis, history } = this.#parts;
    return {
      reader,
      committer,
      parent: tip,
      chainId: genesis.chainId,
      rules: rulesAt(genesis.forks, tip.header.height + 1),
      history: history > 0,
    };
  }

  /** As `Chain.commit`. */
  async commit(executed: ExecutedBlock): Promise<void> {
    await this.#commits.run(() => this.#commitNow(executed));
  }

  /** As `Chain.import`. */
  async import(encodedBlock: Uint8Array): Promise<HeaderView> {
    const { signatures } = this.#parts;
    const block = recoverBlock(encodedBlock, signatures);
    const { header, hash } = block;
    return this.#commits.run(async () => {
      this.#checkOpen();
      this.#checkUnknown(block);
      this.#checkOnHead(block);
      await this.#commitNow(executeBlock(this.headEnvironment(), block));
      return { header, hash };
    });
  }

  /** As `Chain.rewind`. */
  async rewind(height: number, takeTurn: () => Promise<void>): Promise<void> {
    assert(Number.isSafeInteger(height) && height >= 0, 'a height is a natural number');
    await this.#commits.run(async () => {
      this.#checkOpen();
      const { index } = this.#parts;
      const head = index.head.header.height;
      if (height > head) {
        const detail = `block ${height}, the head is ${head}`;
        throw chainErrors.create('STATE_FUTURE', detail, { height, head });
      }
      if (height === head) return;
      if (height < index.firstHeight) throw blocksPruned(index, height);
      const ancestor = index.block(height);
      if (ancestor === undefined) {
        throw storageErrors.create('STORE_CORRUPT', 'a block is missing', { height });
      }
      await this.#switchTo(await this.#branchAt(ancestor, takeTurn), takeTurn);
    });
  }

  /** As `Chain.reorganise`. */
  async reorganise(
    encodedBlocks: readonly Uint8Array[],
    takeTurn: () => Promise<void>,
  ): Promise<HeaderView> {
    assert(encodedBlocks.length > 0, 'a branch has blocks');
    // What one record cannot have is refused before any of it is decoded.
    const bytes = encodedBlocks.reduce((sum, encoded) => sum + encoded.length, 0);
    checkBranchSize(encodedBlocks.length, bytes);
    return this.#commits.run(async () => {
      this.#checkOpen();
      const { index } = this.#parts;
      const blocks = await this.#recoverBlocks(encodedBlocks, takeTurn);
      const first = blocks.findIndex(({ hash }) => index.heightOf(hash) === undefined);
      await this.#reorganiseNow(blocks.slice(first < 0 ? blocks.length - 1 : first), takeTurn);
      return index.head;
    });
  }

  async #recoverBlocks(
    encodedBlocks: readonly Uint8Array[],
    takeTurn: () => Promise<void>,
  ): Promise<readonly RecoveredBlock[]> {
    const blocks: RecoveredBlock[] = [];
    for (const encoded of encodedBlocks) {
      await takeTurn();
      blocks.push(recoverBlock(encoded, this.#parts.signatures));
    }
    return blocks;
  }

  async #reorganiseNow(
    blocks: readonly RecoveredBlock[],
    takeTurn: () => Promise<void>,
  ): Promise<void> {
    const [first] = blocks;
    assert(first !== undefined, 'a branch has blocks');
    this.#checkUnknown(first);
    const branch = await this.#branchAt(this.#parentOf(first), takeTurn);
    for (const block of blocks) {
      await takeTurn();
      branch.add(executeBlock(this.#environment(branch), block));
    }
    await this.#switchTo(branch, takeTurn);
  }

  async #branchAt({ header, hash }: HeaderView, takeTurn: () => Promise<void>): Promise<Branch> {
    const removed = await readBlocksAbove(this.#parts, header.height, takeTurn);
    return new Branch(this.#parts, { header, hash }, removed);
  }

  /** Makes the branch the chain: one record, one publication. */
  async #switchTo(branch: Branch, takeTurn: () => Promise<void>): Promise<void> {
    const { bodies, history } = this.#parts;
    const { ancestor, added } = branch;
    const { height } = ancestor.header;
    // All that can fail comes before the append.
    const events = branch.events(added.length === 0 ? await bodies.view(height) : undefined);
    const retention = await branch.retention(this.#parts, history, takeTurn);
    const payload = encodeReorgRecord({
      ancestorHeight: height,
      ancestorHash: ancestor.hash,
      blocks: added,
    });
    checkBranchSize(added.length, payload.length);
    await this.#write(
      RECORD_KINDS.reorg,
      payload,
      (record) => branch.publication(record, retention),
      events,
    );
  }

  async #commitNow(executed: ExecutedBlock): Promise<void> {
    this.#checkOpen();
    const { block, diff } = executed;
    const { index, bodies, history } = this.#parts;
    this.#checkOnHead(block);
    const to = block.header.height;
    const growth = { from: to - 1, to };
    const retention = await planRetention(history, index.kept, growth, (height) =>
      height === to ? diff : bodies.diff(height),
    );
    await this.#write(
      RECORD_KINDS.block,
      encodeBlockRecord(executed),
      (record) => ({ record, added: [executed], retention }),
      [headEvent(executed)],
    );
  }

  /** Appends, publishes and announces. @throws before anything is visible, or what listeners throw */
  async #write(
    kind: number,
    payload: Uint8Array,
    publicationOf: (record: Publication['record']) => Publication,
    events: readonly HeadEvent[],
  ): Promise<void> {
    const { log, index, bodies, writeBehind, durability, listeners } = this.#parts;
    await writeBehind.admit();
    const record = await log.append(kind, payload, durability);
    const publication = publicationOf(record);
    index.publish(publication);
    if (publication.removal !== undefined) bodies.clear();
    for (const { block, receipts } of events) bodies.remember({ block, receipts });
    writeBehind.published();
    listeners.announce(events);
  }

  #checkUnknown({ hash }: RecoveredBlock): void {
    const height = this.#parts.index.heightOf(hash);
    if (height === undefined) return;
    throw chainErrors.create('CHAIN_BLOCK_KNOWN', undefined, { height, hash: toHex(hash) });
  }

  #checkOnHead(block: RecoveredBlock): void {
    const { head } = this.#parts.index;
    const isNext = block.header.height === head.header.height + 1;
    if (!isNext || !equalBytes(block.header.parentHash, head.hash)) throw this.#notOnHead(block);
  }

  /** The block of the chain on which `block` was built. */
  #parentOf(block: RecoveredBlock): HeaderView {
    const { index } = this.#parts;
    const { height, parentHash } = block.header;
    const parentHeight = index.heightOf(parentHash);
    const parent = parentHeight === undefined ? undefined : index.block(parentHeight);
    if (parent === undefined || height !== parent.header.height + 1) throw this.#notOnHead(block);
    return parent;
  }

  #notOnHead({ header }: RecoveredBlock): Error {
    const { head } = this.#parts.index;
    return chainErrors.create('CHAIN_NOT_ON_HEAD', undefined, {
      height: header.height,
      parent: toHex(header.parentHash),
      head: toHex(head.hash),
      headHeight: head.header.height,
    });
  }
}
