import { present, toHexKey } from '@lucerna/base';
import type { ExecutedBlock } from '@lucerna/execution';
import type { BlockView, HeaderView } from '@lucerna/protocol';
import { deleteHistory, StateCommitter } from '@lucerna/state';
import { DiffLayer, type KvReader, type OverlayStore, type WriteBatch } from '@lucerna/storage';
import type { BlockBodies } from './block-bodies.ts';
import type { CanonicalIndex, Publication } from './canonical-index.ts';
import { chainErrors } from './errors.ts';
import type { HeadEvent } from './head-listeners.ts';
import { chainLimits } from './limits.ts';
import type { BlockRecord } from './record.ts';
import { planRetention, type Retention } from './retention.ts';
import { Rewind } from './rewind.ts';

/** Where the next block goes. */
export type ChainTip = {
  /** The last block. */
  readonly tip: HeaderView;
  /** The state after it. */
  readonly reader: KvReader;
  /** Commits the next block, and remembers the tries for those behind it. */
  readonly committer: StateCommitter;
};

/** What a reorganisation works on. */
export type ReorgParts = {
  readonly overlay: OverlayStore;
  readonly index: CanonicalIndex;
  readonly bodies: BlockBodies;
};

/** How much may be taken off a chain at once, as the limits `reorgEntries` and `reorgBytes` count it. */
export type ReorgDepth = { readonly entries: number; readonly bytes: number };

const MAX_DEPTH: ReorgDepth = {
  entries: chainLimits.values.reorgEntries,
  bytes: chainLimits.values.reorgBytes,
};

/** For a reorganisation that was allowed when its record was written. */
export const ANY_DEPTH: ReorgDepth = {
  entries: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
};

/**
 * The blocks above `height`, lowest first.
 *
 * @param takeTurn awaited before each
 * @throws `REORG_TOO_DEEP`; `LOG_CORRUPT`, `LOG_RECORD_INVALID`, `CHAIN_INDEX_MISMATCH`, `FILE_*`
 */
export async function readBlocksAbove(
  { index, bodies }: ReorgParts,
  height: number,
  takeTurn: () => Promise<void>,
  depth: ReorgDepth = MAX_DEPTH,
): Promise<readonly BlockRecord[]> {
  const blocks: BlockRecord[] = [];
  let entries = 0;
  let bytes = 0;
  // Up to the head, not to a gap: what lies behind one would stay as rows of blocks that have gone.
  for (let next = height + 1; next <= index.head.header.height; next += 1) {
    await takeTurn();
    const content = await bodies.content(present(index.block(next), 'every height has a block'));
    const { block, diff, payloadBytes } = content;
    entries += 1 + block.transactions.length + diff.accounts.length + diff.storage.length;
    bytes += payloadBytes;
    if (entries > depth.entries || bytes > depth.bytes) {
      const fields = { height, maxEntries: depth.entries, maxBytes: depth.bytes };
      throw chainErrors.create('REORG_TOO_DEEP', undefined, fields);
    }
    blocks.push(content);
  }
  return blocks;
}

/**
 * Refuses a branch of more than one record can have: whoever reads one block of a record has to read
 * all of it, so only one that is remembered may have several.
 *
 * @param bytes of the record, or what is known of them
 * @throws `REORG_TOO_DEEP`
 */
export function checkBranchSize(blocks: number, bytes: number): void {
  const { reorgBlocks, recordBytes, cachedReorgBytes } = chainLimits.values;
  const maxBytes = blocks > 1 ? cachedReorgBytes : recordBytes;
  if (blocks <= reorgBlocks && bytes <= maxBytes) return;
  const fields = { blocks, bytes, maxBlocks: reorgBlocks, maxBytes };
  throw chainErrors.create('REORG_TOO_DEEP', undefined, fields);
}

/**
 * A branch that is to take the place of the blocks above `ancestor`: the state of the chain is taken
 * back in memory, blocks are put on it, and nothing is written. The head must not move meanwhile.
 */
export class Branch implements ChainTip {
  /** The last block of the branch, at first the ancestor. */
  tip: HeaderView;
  /** The state after it. */
  readonly reader: DiffLayer;
  readonly committer: StateCommitter = new StateCommitter();
  /** The block that the chain goes back to. */
  readonly ancestor: HeaderView;
  readonly #removed: readonly BlockRecord[];
  readonly #undo: WriteBatch;
  readonly #added: ExecutedBlock[] = [];

  /**
   * @param removed all blocks above the ancestor, lowest first
   * @throws `CHAIN_REPLAY_MISMATCH` when taking them back does not give the ancestor's state
   */
  constructor(
    { overlay, index }: ReorgParts,
    ancestor: HeaderView,
    removed: readonly BlockRecord[],
  ) {
    const rewind = new Rewind();
    for (const { diff } of removed) rewind.pass(diff);
    this.ancestor = ancestor;
    this.#removed = removed;
    this.#undo = rewind.batch(overlay, index.head.header, ancestor.header);
    this.reader = new DiffLayer(overlay);
    this.reader.publish(this.#undo);
    for (const { block, diff } of removed) deleteHistory(this.#undo, diff, block.header.height);
    this.tip = ancestor;
  }

  /** The blocks that were put on the ancestor. */
  get added(): readonly ExecutedBlock[] {
    return this.#added;
  }

  /** Puts a block that was executed on {@link reader} on the tip. */
  add(executed: ExecutedBlock): void {
    this.#added.push(executed);
    this.reader.publish(executed.batch);
    this.tip = { header: executed.block.header, hash: executed.block.hash };
  }

  /** What becomes of the history, as {@link planRetention} says. @param takeTurn awaited for each block that leaves */
  async retention(
    { index, bodies }: ReorgParts,
    history: number,
    takeTurn: () => Promise<void>,
  ): Promise<Retention> {
    const from = this.ancestor.header.height;
    const growth = { from, to: this.tip.header.height };
    return planRetention(history, index.kept, growth, async (height) => {
      await takeTurn();
      return this.#added[height - from - 1]?.diff ?? bodies.diff(height);
    });
  }

  /** What has to be published once `record` is in the log. */
  publication(record: Publication['record'], retention: Retention): Publication {
    const blocks = this.#removed.map(({ block }) => block);
    const removal = { ancestor: this.ancestor, blocks, batch: this.#undo };
    return { record, removal, added: this.#added, retention };
  }

  /** What listeners are told. @param ancestor for a branch without blocks: the head that it leads to */
  events(ancestor: BlockView | undefined): readonly HeadEvent[] {
    const reverted = this.#removed.map(({ block, receipts }) => ({ block, receipts })).reverse();
    const [first, ...others] = this.#added;
    const { block, receipts } = present(first ?? ancestor, 'a new head is one of these');
    // The state is that of the tip already when the first of them is told.
    const touched = addressesOf([...this.#removed, ...this.#added]);
    return [{ block, receipts, reverted, touched }, ...others.map((each) => headEvent(each))];
  }
}

/** The event of a block that simply follows the head. */
export function headEvent({ block, receipts, diff }: BlockRecord): HeadEvent {
  return { block, receipts, reverted: [], touched: diff.accounts.map(({ address }) => address) };
}

/** Every address that any of the blocks has changed, once. */
function addressesOf(blocks: readonly Pick<BlockRecord, 'diff'>[]): readonly Uint8Array[] {
  const addresses = new Map<string, Uint8Array>();
  for (const { diff } of blocks) {
    for (const { address } of diff.accounts) addresses.set(toHexKey(address), address);
  }
  return [...addresses.values()];
}
