import { assert, equalBytes, type LucernaError, toHex } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import {
  encodeReceipt,
  type Genesis,
  type HeaderView,
  logsBloom,
  mergeBlooms,
  recoverSender,
} from '@lucerna/protocol';
import { listRoot, verifyState } from '@lucerna/state';
import type { OverlayStore } from '@lucerna/storage';
import type { BlockLog, LogRecord } from './block-log.ts';
import type { CanonicalIndex } from './canonical-index.ts';
import { chainErrors } from './errors.ts';
import { type BlockRecord, decodeBlockRecord, decodeGenesisRecord } from './record.ts';

/** What a complete check of a chain has counted. Coins are in wei. */
export type ChainFigures = {
  /** Height of the head. */
  readonly height: number;
  readonly logBytes: number;
  readonly transactions: number;
  /** Accounts in the state of the head. */
  readonly accounts: number;
  readonly totalBalance: bigint;
  /** Base fees of all blocks. */
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

/**
 * Reads the whole log and the whole state of the head, and checks that they, the indexes and the
 * supply agree: Σ balances + Σ base fees = supply of the genesis.
 *
 * @throws `LOG_*`, `CHAIN_INDEX_MISMATCH`, `CHAIN_SUPPLY_MISMATCH`, `STATE_CORRUPT`, `STORE_CORRUPT`
 */
export async function verifyChain(parts: Parts): Promise<ChainFigures> {
  const { log, overlay, index, genesis } = parts;
  const { head, logEnd } = index;
  // Before anything is awaited: a commit must not come between head and state.
  const snapshot = overlay.snapshot();
  const state = verifyState(snapshot, head.header.stateRoot);
  snapshot.release();
  let previous: HeaderView | undefined;
  let transactions = 0;
  let burned = 0n;
  await log.walk(logEnd, async (source) => {
    if (previous === undefined) {
      previous = checkGenesis(parts, source);
      return;
    }
    const content = decodeBlockRecord(source);
    checkBlock(parts, source, content, previous);
    const { header, hash } = content.block;
    transactions += content.block.transactions.length;
    burned += header.baseFeePerGas * header.gasUsed;
    previous = { header, hash };
  });
  assert(previous !== undefined, 'the log of an open chain has a genesis record');
  if (!equalBytes(previous.hash, head.hash)) {
    throw mismatch(head.header.height, 'the log ends with another block than the head');
  }
  const genesisSupply = genesis.alloc.reduce((sum, { balance }) => sum + balance, 0n);
  if (state.totalBalance + burned !== genesisSupply) {
    throw chainErrors.create('CHAIN_SUPPLY_MISMATCH', undefined, {
      totalBalance: state.totalBalance,
      burned,
      genesisSupply,
    });
  }
  return {
    height: head.header.height,
    logBytes: logEnd.offset,
    transactions,
    accounts: state.accounts,
    totalBalance: state.totalBalance,
    burned,
    genesisSupply,
  };
}

function checkGenesis({ index }: Parts, source: LogRecord): HeaderView {
  const { hash } = decodeGenesisRecord(source);
  const indexed = index.block(0);
  if (indexed === undefined || !equalBytes(indexed.hash, hash) || index.heightOf(hash) !== 0) {
    throw mismatch(0, 'the index has another genesis');
  }
  return { header: indexed.header, hash };
}

/** The record must follow its parent, agree with its own header, and be where the indexes say. */
function checkBlock(
  { index, signatures }: Parts,
  source: LogRecord,
  { block, receipts }: BlockRecord,
  parent: HeaderView,
): void {
  const { header, hash, transactions } = block;
  const { height } = header;
  const check = (condition: boolean, problem: string): void => {
    if (!condition) throw mismatch(height, problem, toHex(hash));
  };
  check(height === parent.header.height + 1, 'the height does not follow');
  check(equalBytes(header.parentHash, parent.hash), 'the parent is another block');
  const transactionsRoot = listRoot(transactions.map(({ raw }) => raw));
  check(equalBytes(transactionsRoot, header.transactionsRoot), 'transactions root');
  check(equalBytes(listRoot(receipts.map(encodeReceipt)), header.receiptsRoot), 'receipts root');
  for (const receipt of receipts) {
    check(equalBytes(logsBloom(receipt.logs), receipt.logsBloom), 'bloom of a receipt');
  }
  const bloom = mergeBlooms(receipts.map((receipt) => receipt.logsBloom));
  check(equalBytes(bloom, header.logsBloom), 'logs bloom');
  check((receipts.at(-1)?.cumulativeGasUsed ?? 0n) === header.gasUsed, 'gas used');
  const indexed = index.block(height);
  check(indexed?.offset === source.start, 'the index has another position');
  check(indexed !== undefined && equalBytes(indexed.hash, hash), 'the index has another hash');
  check(index.heightOf(hash) === height, 'the hash is not in the index');
  for (const [position, { transaction, sender, hash: transactionHash }] of transactions.entries()) {
    check(equalBytes(recoverSender(transaction, signatures), sender), 'sender of a transaction');
    const found = index.findTransaction(transactionHash);
    check(found?.height === height && found.index === position, 'position of a transaction');
  }
}

function mismatch(height: number, problem: string, hash?: string): LucernaError {
  return chainErrors.create('CHAIN_INDEX_MISMATCH', `at height ${height}: ${problem}`, {
    height,
    hash,
  });
}
