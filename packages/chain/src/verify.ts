import { equalBytes, type LucernaError, type Progress, present, toHex } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import type { Genesis, HeaderView, RecoveredBlock } from '@lucerna/protocol';
import { type StateSummary, verifyState } from '@lucerna/state';
import { KEYSPACES, type Keyspace, type KvReader, type OverlayStore } from '@lucerna/storage';
import { BaseReader, checkSupply, keepNothing } from './base-reader.ts';
import type { BaseRecord } from './base-record.ts';
import { contentProblem } from './block-content.ts';
import type { BlockLog } from './block-log.ts';
import type { CanonicalIndex } from './canonical-index.ts';
import { chainErrors } from './errors.ts';
import { genesisSupply } from './genesis.ts';
import { chainLimits } from './limits.ts';
import { LOG_START, type LogRecord } from './log-record.ts';
import {
  type BlockRecord,
  decodeBlockRecord,
  decodeGenesisRecord,
  decodeReorgRecord,
  RECORD_KINDS,
} from './record.ts';

/** What a complete check of a chain has counted. Coins are in wei. */
export type ChainFigures = {
  /** Height of the first block there is. */
  readonly firstHeight: number;
  /** Height of the head. */
  readonly height: number;
  readonly logBytes: number;
  readonly transactions: number;
  /** Accounts in the state of the head. */
  readonly accounts: number;
  readonly totalBalance: bigint;
  /** Base fees of all blocks, also of those that are not there. */
  readonly burned: bigint;
  readonly genesisSupply: bigint;
};

type Parts = {
  readonly log: BlockLog;
  readonly overlay: OverlayStore;
  readonly index: CanonicalIndex;
  readonly signatures: SignatureEngine;
  readonly genesis: Genesis;
};

/** How a complete check is to be done. */
export type VerifyWork = {
  /** Awaited again and again; what it throws ends the check. Without it nothing else runs meanwhile. */
  readonly takeTurn?: (() => Promise<void>) | undefined;
  /** The state comes first: told its accounts and slots, of all of them once they are counted. */
  readonly onState?: Progress | undefined;
  /** Then the log, in bytes. */
  readonly onLog?: Progress | undefined;
};

/** Rows of the indexes, counted. */
type IndexRows = {
  readonly blocks: number;
  readonly hashes: number;
  readonly transactions: number;
};

/**
 * Reads the whole log and the whole state of the head, and checks that they, the indexes and the
 * supply agree: Σ balances + Σ base fees = supply of the genesis. Blocks that made way for others are
 * checked by themselves; the indexes must not know them, and a later record must have removed them.
 *
 * @throws `LOG_*`, `CHAIN_INDEX_MISMATCH`, `CHAIN_SUPPLY_MISMATCH`, `STATE_CORRUPT`, `STORE_CORRUPT`;
 *   `SNAPSHOT_INVALID`, `CHAIN_REPLAY_MISMATCH` for the base that a log begins with;
 *   `CHAIN_REORGANISED` when blocks were removed meanwhile
 */
export async function verifyChain(parts: Parts, work: VerifyWork): Promise<ChainFigures> {
  const { log, index, genesis } = parts;
  const { head, logEnd, reorganisations } = index;
  const { onState, onLog } = work;
  const takeTurn = async (): Promise<void> => {
    await work.takeTurn?.();
    if (index.reorganisations !== reorganisations) throw chainErrors.create('CHAIN_REORGANISED');
  };
  const { state, rows } = await verifyStore(parts, head, takeTurn, onState);
  const walk = new LogWalk(parts, takeTurn);
  await log.walk(logEnd, async (source) => {
    await takeTurn();
    await walk.visit(source);
    onLog?.(source.end.offset, logEnd.offset);
  });
  walk.finish(head, rows);
  const { transactions, burned } = walk;
  const supply = genesisSupply(genesis);
  checkSupply(supply, state.totalBalance, burned);
  return {
    firstHeight: index.firstHeight,
    height: head.header.height,
    logBytes: logEnd.offset,
    transactions,
    accounts: state.accounts,
    totalBalance: state.totalBalance,
    burned,
    genesisSupply: supply,
  };
}

/** What does not come from the log: the state of `head`, and how many rows the indexes have then. */
async function verifyStore(
  { overlay }: Parts,
  head: HeaderView,
  takeTurn: () => Promise<void>,
  onState: Progress | undefined,
): Promise<{ readonly state: StateSummary; readonly rows: IndexRows }> {
  // Before anything is awaited: a commit must not come between head and state.
  const snapshot = overlay.snapshot();
  try {
    const state = await verifyState(snapshot, head.header.stateRoot, takeTurn, onState);
    const rows = {
      blocks: await countRows(snapshot, KEYSPACES.blocks, takeTurn),
      hashes: await countRows(snapshot, KEYSPACES.blockHashes, takeTurn),
      transactions: await countRows(snapshot, KEYSPACES.transactions, takeTurn),
    };
    return { state, rows };
  } finally {
    snapshot.release();
  }
}

async function countRows(
  reader: KvReader,
  keyspace: Keyspace,
  takeTurn: () => Promise<void>,
): Promise<number> {
  let rows = 0;
  for (const _ of reader.range(keyspace)) {
    rows += 1;
    if (rows % chainLimits.values.verifyTurnRows === 0) await takeTurn();
  }
  return rows;
}

/**
 * Follows the chain through the log as it once was: blocks are added, and removed again. Those that
 * the index has are checked against it when they come by; those that it does not have are remembered
 * until they are removed.
 */
class LogWalk {
  readonly #parts: Parts;
  readonly #takeTurn: () => Promise<void>;
  #tip: HeaderView | undefined;
  /** The base that the log begins with, until its state is complete. */
  #base: BaseReader | undefined;
  /** By height: what is part of the chain at this point of the log, and not in the index. */
  readonly #unindexed = new Map<number, HeaderView>();
  /** Of the blocks that the index has. */
  #blocks = 0;
  #transactions = 0;
  #burned = 0n;

  constructor(parts: Parts, takeTurn: () => Promise<void>) {
    this.#parts = parts;
    this.#takeTurn = takeTurn;
  }

  get transactions(): number {
    return this.#transactions;
  }

  /** Base fees, in wei. */
  get burned(): bigint {
    return this.#burned;
  }

  async visit(source: LogRecord): Promise<void> {
    if (this.#base !== undefined) {
      const checked = await this.#base.add(source);
      if (checked !== undefined) this.#beginWith(checked.base);
    } else if (this.#tip === undefined && source.kind === RECORD_KINDS.base) {
      this.#base = new BaseReader(source, this.#parts.signatures, keepNothing, this.#takeTurn);
    } else if (this.#tip === undefined) {
      this.#tip = checkGenesis(this.#parts, source);
      this.#blocks += 1;
    } else if (source.kind === RECORD_KINDS.reorg) {
      const { ancestorHeight, ancestorHash, blocks } = decodeReorgRecord(source);
      await this.#goBack(source, this.#tip, ancestorHeight, ancestorHash);
      for (const content of blocks) {
        await this.#takeTurn();
        this.#add(source, content);
      }
    } else {
      this.#add(source, decodeBlockRecord(source));
    }
  }

  /** The log is at its end: what is left must be what the index has, and nothing else. */
  finish(head: HeaderView, rows: IndexRows): void {
    const { height } = head.header;
    for (const [strange, { hash }] of this.#unindexed) {
      throw mismatch(strange, 'the index does not have the block', toHex(hash));
    }
    if (this.#tip === undefined || !equalBytes(this.#tip.hash, head.hash)) {
      throw mismatch(height, 'the log ends with another block than the head');
    }
    const check = (found: number, expected: number, what: string): void => {
      if (found !== expected) throw mismatch(height, `${found} ${what}, not ${expected}`);
    };
    check(rows.blocks, this.#blocks, 'rows of blocks');
    check(rows.hashes, this.#blocks, 'rows of block hashes');
    check(rows.transactions, this.#transactions, 'rows of transactions');
  }

  #beginWith({ block, burned }: BaseRecord): void {
    const { index } = this.#parts;
    const { header, hash, transactions } = block;
    const check = checkOf(header.height, hash);
    const indexed = index.block(header.height);
    check(indexed !== undefined && equalBytes(indexed.hash, hash), 'the index has another base');
    check(indexed?.offset === LOG_START.offset, 'the base is not where the index says');
    checkIndexed(this.#parts, block);
    this.#base = undefined;
    this.#tip = { header, hash };
    this.#blocks += 1;
    this.#transactions += transactions.length;
    this.#burned += burned;
  }

  #add(source: LogRecord, content: BlockRecord): void {
    const { index } = this.#parts;
    const { header, hash, transactions } = content.block;
    const { height } = header;
    const tip = present(this.#tip, 'a block comes behind the genesis');
    checkFollows(content.block, tip);
    checkContent(this.#parts, content);
    this.#tip = { header, hash };
    const indexed = index.block(height);
    if (indexed?.offset !== source.start || !equalBytes(indexed.hash, hash)) {
      this.#unindexed.set(height, this.#tip);
      return;
    }
    checkIndexed(this.#parts, content.block);
    this.#blocks += 1;
    this.#transactions += transactions.length;
    this.#burned += header.baseFeePerGas * header.gasUsed;
  }

  async #goBack(
    source: LogRecord,
    tip: HeaderView,
    height: number,
    hash: Uint8Array,
  ): Promise<void> {
    const { index } = this.#parts;
    const indexed = index.block(height);
    // What the index has from further behind in the log was not there yet.
    const known = indexed !== undefined && indexed.offset < source.start ? indexed : undefined;
    const ancestor = this.#unindexed.get(height) ?? known;
    const isBelow = height <= tip.header.height;
    if (!isBelow || ancestor === undefined || !equalBytes(ancestor.hash, hash)) {
      throw mismatch(height, 'the log goes back to a block that was not there', toHex(hash));
    }
    for (let removed = height + 1; removed <= tip.header.height; removed += 1) {
      await this.#takeTurn();
      this.#unindexed.delete(removed);
      const row = index.block(removed);
      // Else it would be counted with those that the chain has.
      if (row !== undefined && row.offset < source.start) {
        throw mismatch(removed, 'the index has a block that was removed', toHex(row.hash));
      }
    }
    this.#tip = { header: ancestor.header, hash };
  }
}

function checkGenesis({ index }: Parts, source: LogRecord): HeaderView {
  const { hash } = decodeGenesisRecord(source);
  const indexed = index.block(0);
  if (indexed === undefined || !equalBytes(indexed.hash, hash) || index.heightOf(hash) !== 0) {
    throw mismatch(0, 'the index has another genesis');
  }
  return { header: indexed.header, hash };
}

function checkFollows({ header, hash }: RecoveredBlock, parent: HeaderView): void {
  const check = checkOf(header.height, hash);
  check(header.height === parent.header.height + 1, 'the height does not follow');
  check(equalBytes(header.parentHash, parent.hash), 'the parent is another block');
}

/** What the record has must agree with its own header. */
function checkContent({ signatures }: Parts, { block, receipts }: BlockRecord): void {
  const problem = contentProblem({ block, receipts }, signatures);
  if (problem !== undefined) throw mismatch(block.header.height, problem, toHex(block.hash));
}

/** Hash and transactions of a block must be found where it is. */
function checkIndexed({ index }: Parts, { header, hash, transactions }: RecoveredBlock): void {
  const check = checkOf(header.height, hash);
  check(index.heightOf(hash) === header.height, 'the hash is not in the index');
  for (const [position, { hash: transactionHash }] of transactions.entries()) {
    const found = index.findTransaction(transactionHash);
    const isThere = found?.height === header.height && found.index === position;
    check(isThere, 'position of a transaction');
  }
}

function checkOf(height: number, hash: Uint8Array): (holds: boolean, problem: string) => void {
  return (holds, problem) => {
    if (!holds) throw mismatch(height, problem, toHex(hash));
  };
}

function mismatch(height: number, problem: string, hash?: string): LucernaError {
  return chainErrors.create('CHAIN_INDEX_MISMATCH', `at height ${height}: ${problem}`, {
    height,
    hash,
  });
}
