import { assert, type Cancel, present } from '@lucerna/base';
import {
  type BlockAttributes,
  type BuiltBlock,
  buildBlock,
  type ExecutedBlock,
  type TxSource,
} from '@lucerna/execution';
import {
  type AccountProof,
  type BlockView,
  type Genesis,
  type HeaderView,
  type LogFilter,
  LogMatcher,
  type LogView,
  type Rules,
  rulesAt,
  type TransactionPosition,
} from '@lucerna/protocol';
import {
  confirmedState,
  StateCommitter,
  type StateJournal,
  type StateReader,
  stateAt,
} from '@lucerna/state';
import { proveAt } from './account-proof.ts';
import type { ArchiveWork, BlockRange } from './archive/archive.ts';
import { exportBlocksArchive } from './archive/export-blocks.ts';
import { exportStateArchive, type StateExportWork } from './archive/export-state.ts';
import { blocksPruned, stateFuture } from './canonical-index.ts';
import { chainErrors } from './errors.ts';
import { creationOf, transactionOfNonce, transactionsOf } from './explorer-index.ts';
import type { HeadListener, PatchListener } from './head-listeners.ts';
import { noTurn } from './no-turn.ts';
import type { StoredNote } from './notes.ts';
import type { ChainPoint, Note, Patch } from './patch-record.ts';
import { patchAt } from './patch-rows.ts';
import { type ScratchState, scratchState } from './scratch-state.ts';
import { type ChainFigures, type VerifyWork, verifyChain } from './verify.ts';
import {
  type ChainParts,
  ChainWriter,
  type DevBlockOptions,
  type RewindOptions,
  type RewindTarget,
} from './writer.ts';

/** What a chain is, as far as that takes no counting. */
export type ChainExtent = {
  /** Hash of block 0, also where that block is not there. */
  readonly genesisHash: Uint8Array;
  /** Height of the first block there is: 0, unless the chain began with a snapshot. */
  readonly firstHeight: number;
  /** Height of the head. */
  readonly height: number;
  /** The lowest height whose state can be read. */
  readonly historyFrom: number;
  readonly logBytes: number;
};

/**
 * The blocks, their state and their indexes. One append to the block log commits a block; then block,
 * receipts, indexes, state and head become visible together. Made by {@link openChain}.
 */
export class Chain {
  /** What the chain started from. */
  readonly genesis: Genesis;
  readonly #parts: ChainParts;
  readonly #writer: ChainWriter;
  /** Of {@link draft} alone: the one of the blocks stays with the tries of the head. */
  readonly #draftCommitter = new StateCommitter();
  /** Closes the ports. */
  readonly #release: () => Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(parts: ChainParts, release: () => Promise<void>) {
    this.genesis = parts.genesis;
    this.#parts = parts;
    this.#writer = new ChainWriter(parts, () => this.#checkOpen());
    this.#release = release;
  }

  /** The last block. */
  head(): HeaderView {
    return this.#parts.index.head;
  }

  /** The place of the state that is visible: the head, and how many patches there are behind it. */
  point(): ChainPoint {
    return this.#parts.index.point;
  }

  /** Root of the state that is visible: the head's, unless it was patched. */
  stateRoot(): Uint8Array {
    return this.#parts.index.stateRoot;
  }

  /** Height of the first block there is: 0, unless the chain began with a snapshot. */
  firstHeight(): number {
    return this.#parts.index.firstHeight;
  }

  /** Where the chain begins and ends, and how much it keeps. */
  figures(): ChainExtent {
    const { index } = this.#parts;
    return {
      genesisHash: index.genesisHash,
      firstHeight: index.firstHeight,
      height: index.head.header.height,
      historyFrom: index.kept.historyFrom,
      logBytes: index.logEnd.offset,
    };
  }

  /** The rules of the block at `height`. */
  rulesAt(height: number): Rules {
    return rulesAt(this.genesis.forks, height);
  }

  /** The header at `height`, if there is a block of that height. @throws `STORE_CORRUPT` */
  header(height: number): HeaderView | undefined {
    const { index } = this.#parts;
    if (height === index.head.header.height) return index.head;
    const found = index.block(height);
    return found === undefined ? undefined : { header: found.header, hash: found.hash };
  }

  /** The height of the block with this hash, if it is part of the chain. */
  heightOf(blockHash: Uint8Array): number | undefined {
    return this.#parts.index.heightOf(blockHash);
  }

  /** Where the transaction with this hash stands, if it is part of the chain. @throws `STORE_CORRUPT` */
  findTransaction(transactionHash: Uint8Array): TransactionPosition | undefined {
    return this.#parts.index.findTransaction(transactionHash);
  }

  /**
   * The transactions in which `address` took part: as sender, recipient or new contract, or because a
   * contract has called it, created it or sent wei to it.
   *
   * @param from is not among them; undefined: the first or the last one comes first
   * @param direction `newer`: up from there; `older`: down from there
   */
  transactionsOf(
    address: Uint8Array,
    from: TransactionPosition | undefined,
    direction: 'newer' | 'older',
  ): Iterable<TransactionPosition> {
    return transactionsOf(this.#parts.overlay, address, from, direction);
  }

  /** The transaction that used this nonce; the last one, where cheats have let it come again. */
  transactionOfNonce(sender: Uint8Array, nonce: bigint): TransactionPosition | undefined {
    return transactionOfNonce(this.#parts.overlay, sender, nonce);
  }

  /** The transaction that created the contract; the last one, where there are several. */
  creationOf(contract: Uint8Array): TransactionPosition | undefined {
    return creationOf(this.#parts.overlay, contract);
  }

  /**
   * The block at `height` with its receipts, if there is one when this resolves. Bodies are in the log
   * only; the latest ones used are kept in memory.
   *
   * @throws `LOG_CORRUPT`, `LOG_RECORD_INVALID`, `CHAIN_INDEX_MISMATCH`, `FILE_*`, `QUEUE_FULL`
   */
  async block(height: number): Promise<BlockView | undefined> {
    this.#checkOpen();
    return this.#parts.bodies.view(height);
  }

  /**
   * The logs of a range of blocks that match `filter`, in order. Headers are looked through one by
   * one, and only blocks whose bloom lets expect a match are read from the log. `takeTurn` is awaited
   * before each: a long range would otherwise keep the process from everything else. Blocks that are
   * committed meanwhile do not change the answer.
   *
   * @throws `BLOCKS_PRUNED` when the range begins below the first block; `CHAIN_REORGANISED` when
   *   blocks are removed meanwhile; and as {@link block}
   */
  async *logs(
    filter: LogFilter,
    takeTurn: () => Promise<void>,
  ): AsyncGenerator<LogView, void, undefined> {
    const { fromHeight, toHeight } = filter;
    const { index, bodies } = this.#parts;
    assert(0 <= fromHeight && toHeight <= this.head().header.height, 'the blocks are in the chain');
    this.#checkThere(fromHeight);
    const { reorganisations } = index;
    const matcher = new LogMatcher(filter);
    for (let height = fromHeight; height <= toHeight; height += 1) {
      await takeTurn();
      this.#checkSameChain(reorganisations);
      const indexed = present(index.block(height), 'every height has a block');
      if (!matcher.mayMatch(indexed.header.logsBloom)) continue;
      // What is read goes past the memory for the latest blocks: a scan would push all of them out.
      const view = bodies.remembered(height) ?? (await bodies.read(indexed));
      for (const match of matcher.matchesOf(view)) {
        this.#checkSameChain(reorganisations);
        yield match;
      }
    }
  }

  /**
   * The state after the block at `height` and its patches, that of the head by default. For use before
   * the next block is committed: the reader of the head then goes on to the new state. It says that there is no
   * account, or that a slot is zero, only when the trie agrees (`STATE_CORRUPT` otherwise). There are no
   * tries of older states: a row that is missing there is taken for nothing.
   *
   * @throws `STATE_FUTURE` above the head; `STATE_PRUNED` below what is kept, `BLOCKS_PRUNED` below the
   *   first block
   */
  state(height: number = this.head().header.height): StateReader {
    assert(Number.isSafeInteger(height) && height >= 0, 'a height is a natural number');
    const { index, overlay } = this.#parts;
    const head = index.head.header.height;
    if (height === head) return confirmedState(overlay, () => index.stateRoot);
    if (height > head) throw stateFuture(`block ${height}`, index.point, { height });
    this.#checkThere(height);
    const { historyFrom } = index.kept;
    if (height < historyFrom) {
      throw chainErrors.create('STATE_PRUNED', undefined, { height, historyFrom });
    }
    return stateAt(overlay, height);
  }

  /**
   * What proves an account and `slots` of it against the state root of the block at `height`. The
   * tries are those of the head; for an older block they are taken back in memory, through the diffs
   * of the log, and must then have its root. `takeTurn` is awaited before each of these blocks.
   *
   * @throws `STATE_FUTURE` above the head; `BLOCKS_PRUNED` below the first block; `PROOF_PRUNED` where
   *   too much has changed since;
   *   `CHAIN_REORGANISED` when blocks are removed meanwhile; `CHAIN_REPLAY_MISMATCH`,
   *   `STATE_CORRUPT`, and as {@link block}
   */
  async prove(
    height: number,
    address: Uint8Array,
    slots: readonly Uint8Array[],
    takeTurn: () => Promise<void>,
  ): Promise<AccountProof> {
    assert(Number.isSafeInteger(height) && height >= 0, 'a height is a natural number');
    const { index } = this.#parts;
    const { reversals } = index;
    const checkSame = (): void => {
      this.#checkOpen();
      if (index.reversals !== reversals) throw chainErrors.create('CHAIN_REORGANISED');
    };
    return proveAt(this.#parts, height, address, slots, { takeTurn, checkSame });
  }

  /**
   * The state of the head, or after a block that was built on it, to be changed in memory. For use
   * before anything else can run: what changes the chain shows through.
   */
  scratchState(built?: ExecutedBlock): ScratchState {
    this.#checkOpen();
    const { stateRoot, parent } = this.#writer.headEnvironment();
    return scratchState(this.#parts.overlay, stateRoot, parent.header.height + 1, built);
  }

  /**
   * Builds a block on the head from what `source` offers. Nothing is written: `commit` does that.
   *
   * @throws `BLOCK_*` when the attributes do not suit the head
   */
  build(attributes: BlockAttributes, source: TxSource): BuiltBlock {
    this.#checkOpen();
    return buildBlock(this.#writer.headEnvironment(), attributes, source);
  }

  /**
   * As {@link build}, for a block that is only looked at. What is remembered for the next block stays as
   * it is, so that this does not make that one slower.
   *
   * @throws as `build`
   */
  draft(attributes: BlockAttributes, source: TxSource): ExecutedBlock {
    this.#checkOpen();
    const environment = { ...this.#writer.headEnvironment(), committer: this.#draftCommitter };
    return buildBlock(environment, attributes, source).executed;
  }

  /**
   * Makes an executed block the head. Resolves when it is as durable as the chain's level says, and
   * visible. Calls are taken one after the other. After an error nothing of the block is visible.
   *
   * @throws `CHAIN_NOT_ON_HEAD` when it was built on another block; `FILE_*` when the append failed;
   *   `CHAIN_READ_ONLY`, `CHAIN_BACKLOG`, `CHAIN_CLOSED`, `LOG_RECORD_TOO_LARGE`, `QUEUE_FULL`;
   *   `LOG_CORRUPT` when an older block, whose history is to go, cannot be read
   */
  async commit(executed: ExecutedBlock): Promise<void> {
    await this.#writer.commit(executed);
  }

  /**
   * Takes an encoded block that somebody else has built: recovers senders, executes it on the head,
   * checks every field of its header, and commits it.
   *
   * @param dev for a block of a dev chain
   * @throws `CHAIN_BLOCK_KNOWN`, `CHAIN_NOT_ON_HEAD`, `RLP_*`, `TX_*`, `BLOCK_*`, and as {@link commit}
   */
  async import(encodedBlock: Uint8Array, dev: DevBlockOptions = {}): Promise<HeaderView> {
    this.#checkOpen();
    return this.#writer.import(encodedBlock, dev);
  }

  /**
   * Changes the state of the head without a block, durably: what `edit` writes amends the state after
   * the head, and counts as a part of that block from then on. Without `edit`, or when it changes
   * nothing, only the notes are written. All of it is one record and one publication; calls wait their
   * turn behind blocks.
   *
   * @param edit must not keep the journal; what it throws is thrown on, and nothing has changed
   * @throws `CHAIN_CHEATS_REFUSED` unless the chain was opened with `cheats: 'allowed'`;
   *   `CHAIN_PATCHES_EXCEEDED`, `NOTE_LIMIT`, `LOG_RECORD_TOO_LARGE`, `BALANCE_OVERFLOW`, and as
   *   {@link commit}
   */
  async patch(
    edit: ((journal: StateJournal) => void) | undefined,
    notes: readonly Note[],
  ): Promise<void> {
    this.#checkOpen();
    await this.#writer.patch(edit, notes);
  }

  /**
   * Takes in a patch that was made elsewhere on the same state.
   *
   * @throws `CHAIN_NOT_ON_HEAD` unless it is the next one of the head; `STATE_DIFF_MISMATCH`, and as
   *   {@link patch}
   */
  async importPatch(patch: Patch): Promise<void> {
    this.#checkOpen();
    await this.#writer.importPatch(patch);
  }

  /** Root of the state after a patch, if the chain has it. @throws `STORE_CORRUPT` */
  patchedRoot(point: ChainPoint): Uint8Array | undefined {
    return patchAt(this.#parts.overlay, point)?.stateRoot;
  }

  /** The patches of the block at `height`, in order. @throws as {@link block} */
  async patches(height: number): Promise<readonly Patch[]> {
    this.#checkOpen();
    return this.#parts.bodies.patchesOf(height);
  }

  /** What is kept under this key beside the chain. */
  note(key: string): Uint8Array | undefined {
    return this.#parts.index.notes.get(key);
  }

  /** All notes whose keys begin with `prefix`, in the order of their keys. */
  notes(prefix: string): Iterable<StoredNote> {
    return this.#parts.index.notes.withPrefix(prefix);
  }

  /**
   * Goes back to a block and so many of its patches, durably: what is behind that point is no longer
   * part of the chain, and all is as if it had never been. Only the log still has it, and the store
   * its code. States below can be read as far as they could be before. Notes stay, except for those
   * that are given: they are written with it, also when there is nothing to take back.
   *
   * @throws `STATE_FUTURE` above the head or its patches; `BLOCKS_PRUNED` below the first block;
   *   `REORG_TOO_DEEP`; `CHAIN_CLOSED` when the chain is closed meanwhile; `CHAIN_REPLAY_MISMATCH`,
   *   `STORE_CORRUPT`, `LOG_*`; with notes `CHAIN_CHEATS_REFUSED` and `NOTE_LIMIT`; and as
   *   {@link commit}. Nothing has changed then
   */
  async rewind(to: RewindTarget, options: RewindOptions = {}): Promise<void> {
    this.#checkOpen();
    const { notes = [], takeTurn = noTurn } = options;
    await this.#writer.rewind(to, notes, this.#whileOpen(takeTurn));
  }

  /**
   * Lets a branch take the place of the blocks above its parent. The branch is executed on the state of
   * its parent and checked as by {@link import}; then it becomes the chain, all of it at once. Whether
   * it is the better one is the caller's to know. First blocks that the chain has already are passed
   * over.
   *
   * @param encodedBlocks at least one, each on the one before it
   * @param takeTurn awaited again and again, before the branch becomes the chain; without it nothing else
   *   runs meanwhile
   * @returns the new head
   * @throws `CHAIN_BLOCK_KNOWN` when the chain has all of them; `CHAIN_NOT_ON_HEAD` when the chain does
   *   not have the parent; `RLP_*`, `TX_*`, `BLOCK_*` of any block; and as {@link rewind}. Nothing has
   *   changed then
   */
  async reorganise(
    encodedBlocks: readonly Uint8Array[],
    takeTurn: () => Promise<void> = noTurn,
  ): Promise<HeaderView> {
    this.#checkOpen();
    return this.#writer.reorganise(encodedBlocks, this.#whileOpen(takeTurn));
  }

  /** Calls `listener` with every new head from now on. */
  onHead(listener: HeadListener): Cancel {
    return this.#parts.listeners.add(listener);
  }

  /** Calls `listener` whenever the state of the head has changed and no block has come or gone. */
  onPatch(listener: PatchListener): Cancel {
    return this.#parts.patchListeners.add(listener);
  }

  /** Resolves when the store has all blocks that are committed now. @throws `STORE_*`, `CHAIN_READ_ONLY` */
  async flush(): Promise<void> {
    this.#checkOpen();
    await this.#parts.writeBehind.flush();
  }

  /**
   * The bytes of a file with the whole state of the head, from which another chain can begin. It is the
   * head when the first bytes are asked for; what is committed or removed later changes nothing of it.
   * The file is complete only when this ends. Progress is in accounts. docs/spec/block-log.md has the format.
   *
   * @throws `STATE_CORRUPT` when the rows are not the state of the head; `CHAIN_SUPPLY_MISMATCH`,
   *   `STORE_CORRUPT`, and as {@link block}
   */
  exportState(work: StateExportWork): AsyncGenerator<Uint8Array, void, undefined> {
    this.#checkOpen();
    return exportStateArchive(this.#parts, this.#workWhileOpen(work));
  }

  /**
   * The bytes of a file with the blocks of `range`, by default all that there are behind the first
   * one, for others to execute. Progress is in blocks.
   *
   * @throws `BLOCKS_PRUNED` below the first block, or its patches; `STATE_FUTURE` above the head;
   *   `ARCHIVE_RANGE_INVALID`; `CHAIN_REORGANISED` when blocks are removed meanwhile; and as
   *   {@link block}
   */
  exportBlocks(range: BlockRange, work: ArchiveWork): AsyncGenerator<Uint8Array, void, undefined> {
    this.#checkOpen();
    return exportBlocksArchive(this.#parts, range, this.#workWhileOpen(work));
  }

  /**
   * Reads everything again and checks that log, indexes, state and supply agree. Blocks that are
   * committed meanwhile are left out.
   *
   * @throws `LOG_*`, `CHAIN_INDEX_MISMATCH`, `CHAIN_SUPPLY_MISMATCH`, `STATE_CORRUPT`, `STORE_CORRUPT`;
   *   `SNAPSHOT_INVALID`, `CHAIN_REPLAY_MISMATCH` for the snapshot that the log begins with;
   *   `CHAIN_REORGANISED` when blocks are removed meanwhile
   */
  async verify(work: VerifyWork = {}): Promise<ChainFigures> {
    this.#checkOpen();
    const takeTurn = this.#whileOpen(work.takeTurn ?? noTurn);
    return verifyChain(this.#parts, { ...work, takeTurn });
  }

  /**
   * Ends the commits under way, brings the store up to the log and closes both. What the store did
   * not take is made up for at the next start. Calling it twice is harmless.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#closeNow();
    await this.#closing;
  }

  async #closeNow(): Promise<void> {
    await this.#writer.idle();
    await this.#parts.writeBehind.close();
    await this.#release();
  }

  #checkThere(height: number): void {
    const { index } = this.#parts;
    if (height < index.firstHeight) throw blocksPruned(index, height);
  }

  /** Turns of work that ends when the chain is closed. */
  #whileOpen(takeTurn: () => Promise<void>): () => Promise<void> {
    return async () => {
      await takeTurn();
      this.#checkOpen();
    };
  }

  #workWhileOpen<T extends ArchiveWork>(work: T): T {
    return { ...work, takeTurn: this.#whileOpen(work.takeTurn) };
  }

  /** For queries of several steps: what they have read so far must still be part of the chain. */
  #checkSameChain(reorganisations: number): void {
    this.#checkOpen();
    if (this.#parts.index.reorganisations === reorganisations) return;
    throw chainErrors.create('CHAIN_REORGANISED');
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw chainErrors.create('CHAIN_CLOSED');
  }
}
