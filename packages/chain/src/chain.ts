import {
  assert,
  type Cancel,
  type Durability,
  equalBytes,
  type Log,
  LruCache,
  present,
  SerialQueue,
  toHex,
} from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import {
  type BlockAttributes,
  type BlockEnvironment,
  type BuiltBlock,
  buildBlock,
  type ExecutedBlock,
  executeBlock,
  type TxSource,
} from '@lucerna/execution';
import {
  type AccountProof,
  type BlockView,
  type Genesis,
  type HeaderView,
  type LogFilter,
  type LogView,
  type RecoveredBlock,
  type Rules,
  recoverBlock,
  rulesAt,
  type TransactionPosition,
} from '@lucerna/protocol';
import { latestState, type StateDiff, type StateReader, stateAt } from '@lucerna/state';
import { type AppendFile, type KvStore, OverlayStore } from '@lucerna/storage';
import { proveLatest } from './account-proof.ts';
import { BlockLog } from './block-log.ts';
import { CanonicalIndex, type IndexedBlock } from './canonical-index.ts';
import { chainErrors } from './errors.ts';
import { chainLimits } from './limits.ts';
import { logFirstStore } from './log-first-store.ts';
import { LogMatcher } from './log-matcher.ts';
import { decodeBlockRecord, encodeBlockRecord, RECORD_KINDS } from './record.ts';
import { recover } from './recovery.ts';
import { checkRewind, Rewind } from './rewind.ts';
import { type ChainFigures, verifyChain } from './verify.ts';
import { DEFAULT_WRITE_BEHIND, WriteBehind, type WriteBehindPolicy } from './write-behind.ts';

/** What a chain needs from its platform. It closes log and store, also when opening it fails. */
export type ChainPorts = {
  /** The block log: the truth. */
  readonly log: AppendFile;
  /** State and indexes: made up from the log where they lack something. */
  readonly store: KvStore;
  readonly signatures: SignatureEngine;
  readonly sink: Log;
};

/** How a chain is to be. */
export type ChainOptions = {
  /** Starts a new chain, or must be that of the stored one. Undefined: the stored one. */
  readonly genesis?: Genesis | undefined;
  /** What a block outlives once `commit` has resolved. */
  readonly durability: Durability;
  /** Whether the states of older blocks can be read. */
  readonly history: boolean;
  readonly writeBehind?: Partial<WriteBehindPolicy>;
};

/** A new head. Everything about it can be read when listeners are told. */
export type HeadEvent = BlockView & {
  /** Addresses of the accounts that the block has changed. */
  readonly touched: readonly Uint8Array[];
};

/** Called with every new head, in order. Must not throw. */
export type HeadListener = (event: HeadEvent) => void;

type Parts = {
  readonly log: BlockLog;
  readonly overlay: OverlayStore;
  readonly index: CanonicalIndex;
  readonly writeBehind: WriteBehind;
  readonly signatures: SignatureEngine;
  readonly genesis: Genesis;
  readonly durability: Durability;
  readonly history: boolean;
  /** Closes the ports. */
  readonly release: () => Promise<void>;
};

/**
 * Opens the chain of a log and a store, making the store up to the log; starts it with
 * `options.genesis` when there is none.
 *
 * @throws `CHAIN_GENESIS_MISMATCH`, `CHAIN_GENESIS_MISSING`, `CHAIN_STORE_AHEAD`,
 *   `CHAIN_SCHEMA_UNSUPPORTED`, `CHAIN_REPLAY_MISMATCH`, `CHAIN_BACKLOG`, `LOG_*`, `STORE_*`,
 *   `FILE_*`, `GENESIS_INVALID`, `RULES_*`
 */
export async function openChain(ports: ChainPorts, options: ChainOptions): Promise<Chain> {
  const { sink, signatures } = ports;
  const { durability, history } = options;
  const log = new BlockLog(ports.log, sink);
  const overlay = OverlayStore.open(logFirstStore(log, ports.store));
  const index = new CanonicalIndex(overlay);
  const writeBehind = new WriteBehind(
    { overlay, log, durability, sink },
    { ...DEFAULT_WRITE_BEHIND, ...options.writeBehind },
  );
  const release = async (): Promise<void> => {
    await writeBehind.idle();
    await log.idle();
    await ports.store.close();
    await ports.log.close();
  };
  try {
    const recovering = { log, overlay, index, writeBehind };
    const genesis = await recover(recovering, { genesis: options.genesis, history });
    // Blocks that a crash left unsynced are about to be shown as part of the chain.
    if (durability === 'power') await log.sync();
    const parts = { ...recovering, signatures, genesis, durability, history, release };
    return new Chain(parts);
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * The blocks, their state and their indexes. One append to the block log commits a block; then block,
 * receipts, indexes, state and head become visible together. Made by {@link openChain}.
 */
export class Chain {
  /** What the chain started from. */
  readonly genesis: Genesis;
  readonly #parts: Parts;
  readonly #commits = new SerialQueue(chainLimits.values.waitingCommits);
  readonly #blocks = new LruCache<number, BlockView>(chainLimits.values.cachedBlocks);
  readonly #listeners = new Set<HeadListener>();
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.genesis = parts.genesis;
    this.#parts = parts;
  }

  /** The last block. */
  head(): HeaderView {
    return this.#parts.index.head;
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
   * The block at `height` with its receipts, if there is one. Bodies are in the log only; the latest
   * ones used are kept in memory.
   *
   * @throws `LOG_CORRUPT`, `LOG_RECORD_INVALID`, `CHAIN_INDEX_MISMATCH`, `FILE_*`, `QUEUE_FULL`
   */
  async block(height: number): Promise<BlockView | undefined> {
    this.#checkOpen();
    const cached = this.#blocks.get(height);
    if (cached !== undefined) return cached;
    const indexed = this.#parts.index.block(height);
    if (indexed === undefined) return undefined;
    const stored = await this.#readBlock(indexed);
    this.#blocks.set(height, stored);
    return stored;
  }

  /**
   * The logs of a range of blocks that match `filter`, in order. Headers are looked through one by
   * one, and only blocks whose bloom lets expect a match are read from the log. `takeTurn` is awaited
   * before each: a long range would otherwise keep the process from everything else. Blocks that are
   * committed meanwhile do not change the answer.
   *
   * @throws as {@link block}
   */
  async *logs(
    filter: LogFilter,
    takeTurn: () => Promise<void>,
  ): AsyncGenerator<LogView, void, undefined> {
    const { fromHeight, toHeight } = filter;
    assert(0 <= fromHeight && toHeight <= this.head().header.height, 'the blocks are in the chain');
    const matcher = new LogMatcher(filter);
    for (let height = fromHeight; height <= toHeight; height += 1) {
      await takeTurn();
      this.#checkOpen();
      const indexed = present(this.#parts.index.block(height), 'every height has a block');
      if (!matcher.mayMatch(indexed.header.logsBloom)) continue;
      // What is read goes past the memory for the latest blocks: a scan would push all of them out.
      yield* matcher.matchesOf(this.#blocks.get(height) ?? (await this.#readBlock(indexed)));
    }
  }

  /**
   * The state after the block at `height`, that of the head by default. For use before the next
   * block is committed: the reader of the head then goes on to the new state.
   *
   * @throws `STATE_FUTURE` above the head; `STATE_PRUNED` below what is kept
   */
  state(height: number = this.head().header.height): StateReader {
    assert(Number.isSafeInteger(height) && height >= 0, 'a height is a natural number');
    const { index, overlay } = this.#parts;
    const head = index.head.header.height;
    if (height === head) return latestState(overlay);
    if (height > head) throw chainErrors.create('STATE_FUTURE', undefined, { height, head });
    if (height < index.historyFrom) {
      const { historyFrom } = index;
      throw chainErrors.create('STATE_PRUNED', undefined, { height, historyFrom });
    }
    return stateAt(overlay, height);
  }

  /**
   * What proves an account and `slots` of it against the state root of the block at `height`. The
   * tries are those of the head; for an older block they are taken back in memory, through the diffs
   * of the log, and must then have its root. `takeTurn` is awaited before each of these blocks.
   *
   * @throws `STATE_FUTURE` above the head; `PROOF_PRUNED` where too much has changed since;
   *   `CHAIN_REPLAY_MISMATCH`, `STATE_CORRUPT`, and as {@link block}
   */
  async prove(
    height: number,
    address: Uint8Array,
    slots: readonly Uint8Array[],
    takeTurn: () => Promise<void>,
  ): Promise<AccountProof> {
    assert(Number.isSafeInteger(height) && height >= 0, 'a height is a natural number');
    const { index, overlay } = this.#parts;
    const rewind = new Rewind();
    const rewound = (): number => index.head.header.height - height;
    if (rewound() < 0) throw chainErrors.create('STATE_FUTURE', undefined, { height });
    // The head may move while the log is read; at the end of the loop it is the last block passed.
    for (let passed = 0; passed < rewound(); passed += 1) {
      checkRewind(height, rewound(), rewind.size);
      await takeTurn();
      this.#checkOpen();
      rewind.pass(await this.#readDiff(height + passed + 1));
    }
    checkRewind(height, rewound(), rewind.size);
    const { header } = present(this.header(height), 'every height has a block');
    const reader = rewind.size === 0 ? overlay : rewind.reader(overlay, index.head.header, header);
    return proveLatest(reader, header.stateRoot, address, slots);
  }

  /**
   * Builds a block on the head from what `source` offers. Nothing is written: `commit` does that.
   *
   * @throws `BLOCK_*` when the attributes do not suit the head
   */
  build(attributes: BlockAttributes, source: TxSource): BuiltBlock {
    this.#checkOpen();
    return buildBlock(this.#environment(), attributes, source);
  }

  /**
   * Makes an executed block the head. Resolves when it is as durable as the chain's level says, and
   * visible. Calls are taken one after the other. After an error nothing of the block is visible.
   *
   * @throws `CHAIN_NOT_ON_HEAD` when it was built on another block; `FILE_*` when the append failed;
   *   `CHAIN_READ_ONLY`, `CHAIN_BACKLOG`, `CHAIN_CLOSED`, `LOG_RECORD_TOO_LARGE`, `QUEUE_FULL`
   */
  async commit(executed: ExecutedBlock): Promise<void> {
    await this.#commits.run(() => this.#commitNow(executed));
  }

  /**
   * Takes an encoded block that somebody else has built: recovers senders, executes it on the head,
   * checks every field of its header, and commits it.
   *
   * @throws `CHAIN_BLOCK_KNOWN`, `CHAIN_NOT_ON_HEAD`, `RLP_*`, `TX_*`, `BLOCK_*`, and as {@link commit}
   */
  async import(encodedBlock: Uint8Array): Promise<HeaderView> {
    this.#checkOpen();
    const block = recoverBlock(encodedBlock, this.#parts.signatures);
    const { header, hash } = block;
    return this.#commits.run(async () => {
      this.#checkOpen();
      const height = this.heightOf(hash);
      if (height !== undefined) {
        throw chainErrors.create('CHAIN_BLOCK_KNOWN', undefined, { height, hash: toHex(hash) });
      }
      this.#checkOnHead(block);
      await this.#commitNow(executeBlock(this.#environment(), block));
      return { header, hash };
    });
  }

  /** Calls `listener` with every new head from now on. */
  onHead(listener: HeadListener): Cancel {
    assert(this.#listeners.size < chainLimits.values.headListeners, 'listeners stop listening');
    const own: HeadListener = (event) => listener(event);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Resolves when the store has all blocks that are committed now. @throws `STORE_*`, `CHAIN_READ_ONLY` */
  async flush(): Promise<void> {
    this.#checkOpen();
    await this.#parts.writeBehind.flush();
  }

  /**
   * Reads everything again and checks that log, indexes, state and supply agree. Blocks that are
   * committed meanwhile are left out.
   *
   * @throws `LOG_*`, `CHAIN_INDEX_MISMATCH`, `CHAIN_SUPPLY_MISMATCH`, `STATE_CORRUPT`, `STORE_CORRUPT`
   */
  async verify(): Promise<ChainFigures> {
    this.#checkOpen();
    const { log, overlay, index, signatures, genesis } = this.#parts;
    return verifyChain({ log, overlay, index, signatures, genesis });
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
    await this.#commits.idle();
    await this.#parts.writeBehind.close();
    await this.#parts.release();
  }

  async #readDiff(height: number): Promise<StateDiff> {
    const { index, log } = this.#parts;
    const { offset } = present(index.block(height), 'every height has a block');
    return decodeBlockRecord(await log.readAt(offset)).diff;
  }

  async #readBlock({ header, hash, offset }: IndexedBlock): Promise<BlockView> {
    const { height } = header;
    // The genesis block has no record of its own: header and state follow from the first one.
    if (height === 0) return { block: { header, hash, transactions: [] }, receipts: [] };
    const { block, receipts } = decodeBlockRecord(await this.#parts.log.readAt(offset));
    if (!equalBytes(block.hash, hash)) {
      throw chainErrors.create('CHAIN_INDEX_MISMATCH', `at height ${height}`, {
        height,
        index: toHex(hash),
        log: toHex(block.hash),
      });
    }
    return { block, receipts };
  }

  async #commitNow(executed: ExecutedBlock): Promise<void> {
    this.#checkOpen();
    const { block, receipts, diff, batch } = executed;
    const { log, index, writeBehind, durability, history } = this.#parts;
    this.#checkOnHead(block);
    await writeBehind.admit();
    const payload = encodeBlockRecord({ block, receipts, diff });
    const record = await log.append(RECORD_KINDS.block, payload, durability);
    const { header, hash } = block;
    index.publish({
      header,
      hash,
      transactionHashes: block.transactions.map((transaction) => transaction.hash),
      record,
      state: batch,
      keepsHistory: history,
    });
    this.#blocks.set(header.height, { block, receipts });
    writeBehind.published();
    const touched = diff.accounts.map(({ address }) => address);
    this.#announce({ block, receipts, touched });
  }

  /** All listeners are told, whatever one of them does: the block is committed already. */
  #announce(event: HeadEvent): void {
    const failures: unknown[] = [];
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #environment(): BlockEnvironment {
    const { index, overlay, history } = this.#parts;
    const parent = index.head;
    return {
      reader: overlay,
      parent,
      chainId: this.genesis.chainId,
      rules: this.rulesAt(parent.header.height + 1),
      history,
    };
  }

  #checkOnHead({ header }: RecoveredBlock): void {
    const head = this.head();
    const isNext = header.height === head.header.height + 1;
    if (isNext && equalBytes(header.parentHash, head.hash)) return;
    throw chainErrors.create('CHAIN_NOT_ON_HEAD', undefined, {
      height: header.height,
      parent: toHex(header.parentHash),
      head: toHex(head.hash),
      headHeight: head.header.height,
    });
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw chainErrors.create('CHAIN_CLOSED');
  }
}
