import { equalBytes, LruCache, present, toHex } from '@lucerna/base';
import type { BlockView } from '@lucerna/protocol';
import type { StateDiff } from '@lucerna/state';
import type { KvReader } from '@lucerna/storage';
import { decodeBaseRecord } from './base-record.ts';
import type { BlockLog } from './block-log.ts';
import type { CanonicalIndex, IndexedBlock } from './canonical-index.ts';
import { chainErrors } from './errors.ts';
import { chainLimits } from './limits.ts';
import { LOG_START } from './log-record.ts';
import { type ChainPoint, decodePatchRecord, type Patch } from './patch-record.ts';
import { type PatchRow, patchesBehind } from './patch-rows.ts';
import {
  type BlockBody,
  type BlockRecord,
  decodeBlockAt,
  decodeDiffAt,
  payloadAt,
  type RecordBlocks,
  splitBlocks,
} from './record.ts';

/** What the log has of a block, and how much that is. */
export type BlockContent = BlockRecord & { readonly payloadBytes: number };

/** A patch, and how much the log has of it. */
export type PatchContent = Patch & { readonly payloadBytes: number };

/** Reads blocks from the log, by way of the index, and remembers the latest ones used. */
export class BlockBodies {
  readonly #log: BlockLog;
  readonly #index: CanonicalIndex;
  readonly #store: KvReader;
  readonly #views = new LruCache<number, BlockView>(chainLimits.values.cachedBlocks);
  /** Records of several blocks by offset, in bytes: one is asked for after the other. */
  readonly #reorgs = new LruCache<number, RecordBlocks>(
    chainLimits.values.cachedReorgBytes,
    ({ payloads }) => payloads.reduce((bytes, payload) => bytes + payload.length, 0),
  );

  /** @param store the rows of the index */
  constructor(log: BlockLog, index: CanonicalIndex, store: KvReader) {
    this.#log = log;
    this.#index = index;
    this.#store = store;
  }

  /** The block at `height`, if it is remembered. */
  remembered(height: number): BlockView | undefined {
    return this.#views.get(height);
  }

  remember(view: BlockView): void {
    this.#views.set(view.block.header.height, view);
  }

  /** Forgets all: other blocks have taken the places of some. */
  clear(): void {
    this.#views.clear();
  }

  /** The block at `height`, if the chain has one when this resolves. */
  async view(height: number): Promise<BlockView | undefined> {
    const remembered = this.#views.get(height);
    if (remembered !== undefined) return remembered;
    const indexed = this.#index.block(height);
    if (indexed === undefined) return undefined;
    const { reorganisations } = this.#index;
    const view = await this.read(indexed);
    if (this.#index.reorganisations !== reorganisations) return this.view(height);
    this.#views.set(height, view);
    return view;
  }

  /** The block that the index means, without remembering it. @throws as {@link body} */
  async read(indexed: IndexedBlock): Promise<BlockView> {
    const { block, receipts } = await this.body(indexed);
    return { block, receipts };
  }

  /**
   * The same, with what else the log says of it.
   *
   * @throws `LOG_CORRUPT`, `LOG_RECORD_INVALID`, `CHAIN_INDEX_MISMATCH`
   */
  async body(indexed: IndexedBlock): Promise<BlockBody> {
    const { header, hash, offset } = indexed;
    // The genesis block has no record of its own: header and state follow from the first one.
    if (header.height === 0) {
      const block = { header, hash, transactions: [] };
      return { block, receipts: [], lifted: false, participants: [] };
    }
    const isBase = header.height === this.#index.firstHeight;
    const { block, receipts, lifted, participants } = checked(
      indexed,
      isBase
        ? decodeBaseRecord(await this.#log.readAt(offset))
        : decodeBlockAt(await this.#blocksAt(offset), header.height),
    );
    return { block, receipts, lifted, participants };
  }

  /** All that the log has of a block that is not the first one. @throws as {@link read} */
  async content(indexed: IndexedBlock): Promise<BlockContent> {
    const { header, offset } = indexed;
    const blocks = await this.#blocksAt(offset);
    const content = checked(indexed, decodeBlockAt(blocks, header.height));
    return { ...content, payloadBytes: payloadAt(blocks, header.height).length };
  }

  /** What the block at `height`, which is there and not the first one, did to the state. @throws as {@link body} */
  async diff(height: number): Promise<StateDiff> {
    const { offset } = present(this.#index.block(height), 'every height has a block');
    return decodeDiffAt(await this.#blocksAt(offset), height);
  }

  /** The same, and then what its patches did, one after the other. @throws as {@link body} */
  async diffs(height: number): Promise<readonly StateDiff[]> {
    const diff = await this.diff(height);
    return [diff, ...(await this.patchesOf(height)).map((patch) => patch.diff)];
  }

  /** All patches of the block at `height` that the log has, in order. @throws as {@link body} */
  async patchesOf(height: number): Promise<readonly Patch[]> {
    const found: Patch[] = [];
    for await (const { payloadBytes: _, ...patch } of this.patches({ height, ordinal: 0 })) {
      found.push(patch);
    }
    return found;
  }

  /**
   * The patches behind `point` of the block of its height: those that there are at the first step, read
   * one by one. @throws as {@link body}
   */
  async *patches(point: ChainPoint): AsyncGenerator<PatchContent, void, undefined> {
    if (!this.#index.hasCheats) return;
    for (const row of patchesBehind(this.#store, point)) {
      // What was patched before a base is part of its state.
      if (row.offset !== LOG_START.offset) yield await this.#patch(row);
    }
  }

  /** The patch that the index means. @throws as {@link body} */
  async #patch(row: PatchRow): Promise<PatchContent> {
    const source = await this.#log.readAt(row.offset);
    const { patch } = decodePatchRecord(source);
    const isSame = patch.height === row.height && patch.ordinal === row.ordinal;
    if (isSame && equalBytes(patch.stateRoot, row.stateRoot)) {
      return { ...patch, payloadBytes: source.payload.length };
    }
    throw chainErrors.create('CHAIN_INDEX_MISMATCH', `a patch at height ${row.height}`, {
      height: row.height,
      ordinal: row.ordinal,
    });
  }

  /** The blocks of the record at `offset`. */
  async #blocksAt(offset: number): Promise<RecordBlocks> {
    const known = this.#reorgs.get(offset);
    if (known !== undefined) return known;
    const blocks = splitBlocks(await this.#log.readAt(offset));
    if (blocks.payloads.length > 1) this.#reorgs.set(offset, blocks);
    return blocks;
  }
}

/** `content` of the log, which must be the block that the index means. */
function checked<T extends Pick<BlockBody, 'block'>>(
  { header: { height }, hash }: IndexedBlock,
  content: T,
): T {
  if (equalBytes(content.block.hash, hash)) return content;
  throw chainErrors.create('CHAIN_INDEX_MISMATCH', `at height ${height}`, {
    height,
    index: toHex(hash),
    log: toHex(content.block.hash),
  });
}
