import { equalBytes, type Fields, isLucernaError, type LucernaError, toHex } from '@lucerna/base';
import type { Genesis } from '@lucerna/protocol';
import { type CommitOptions, type CommittedDiff, commitDiff, type StateDiff } from '@lucerna/state';
import type { KvReader, OverlayStore } from '@lucerna/storage';
import { type BlockLog, LOG_START, type LogRecord } from './block-log.ts';
import type { CanonicalIndex, StoreStatus } from './canonical-index.ts';
import { chainErrors } from './errors.ts';
import { checkSameGenesis, type GenesisBlock, genesisBlock } from './genesis.ts';
import {
  decodeBlockRecord,
  decodeGenesisRecord,
  encodeGenesisRecord,
  RECORD_KINDS,
} from './record.ts';
import type { WriteBehind } from './write-behind.ts';

/** What recovery works on. */
export type RecoveryParts = {
  readonly log: BlockLog;
  readonly overlay: OverlayStore;
  readonly index: CanonicalIndex;
  readonly writeBehind: WriteBehind;
};

/** What the opener of a chain asks for, as far as recovery needs it. */
export type RecoveryOptions = {
  /** Undefined: whatever the log has. */
  readonly genesis: Genesis | undefined;
  readonly history: boolean;
};

/**
 * Brings index and state to the end of the log, which is the truth: what the store lacks is applied
 * again from the records, without executing. An empty log is begun with the genesis.
 *
 * @returns the genesis of the chain
 * @throws `LOG_*`, `CHAIN_STORE_AHEAD`, `CHAIN_GENESIS_MISMATCH`, `CHAIN_GENESIS_MISSING`,
 *   `CHAIN_SCHEMA_UNSUPPORTED`, `CHAIN_REPLAY_MISMATCH`, `STORE_*`, `FILE_*`, `CHAIN_BACKLOG`
 */
export async function recover(parts: RecoveryParts, options: RecoveryOptions): Promise<Genesis> {
  const { log, index } = parts;
  const status = index.storedStatus();
  if (status !== undefined) return resume(parts, options, status);
  let genesis: Genesis | undefined;
  await log.recover(LOG_START, async (source) => {
    if (genesis === undefined) genesis = applyGenesis(parts, options, source);
    else await applyBlock(parts, options, source);
  });
  return genesis ?? (await begin(parts, options.genesis));
}

/** The store has a chain: checks that it is the log's, and goes on behind it. */
async function resume(
  parts: RecoveryParts,
  options: RecoveryOptions,
  status: StoreStatus,
): Promise<Genesis> {
  const { log, index } = parts;
  if (log.fileBytes < status.logOffset) {
    throw storeAhead(`the log ends at byte ${log.fileBytes}`, status);
  }
  const first = decodeGenesisRecord(await log.readAt(LOG_START.offset));
  if (!equalBytes(first.hash, status.genesisHash)) {
    throw chainErrors.create(
      'CHAIN_GENESIS_MISMATCH',
      'database and block log come from different chains',
      { log: toHex(first.hash), store: toHex(status.genesisHash) },
    );
  }
  checkSameGenesis(first.genesis, options.genesis);
  index.restore(status);
  await checkLastRecord(parts, status);
  await log.recover(index.logEnd, (source) => applyBlock(parts, options, source));
  return first.genesis;
}

/** The record that the store went up to must be in the log, and end where the store says. */
async function checkLastRecord({ log, index }: RecoveryParts, status: StoreStatus): Promise<void> {
  const { offset } = index.block(status.height) ?? LOG_START;
  try {
    const { end } = await log.readAt(offset);
    if (end.offset === status.logOffset && end.checksum === status.logChecksum) return;
  } catch (error) {
    if (!isLucernaError(error, 'LOG_CORRUPT')) throw error;
    // Damage, or a log of another history whose records begin elsewhere: all of it tells which.
    await log.checkUpTo(status.logOffset);
  }
  throw storeAhead('the log has other blocks', status);
}

function storeAhead(detail: string, status: StoreStatus): LucernaError {
  return chainErrors.create('CHAIN_STORE_AHEAD', detail, {
    storedHeight: status.height,
    logOffset: status.logOffset,
  });
}

/** Starts a chain: the genesis record is on the disk before anything else happens. */
async function begin(parts: RecoveryParts, genesis: Genesis | undefined): Promise<Genesis> {
  const { log, overlay } = parts;
  if (genesis === undefined) throw chainErrors.create('CHAIN_GENESIS_MISSING');
  const block = genesisBlock(overlay, genesis);
  const payload = encodeGenesisRecord({ genesis, hash: block.hash });
  publishGenesis(parts, block, await log.append(RECORD_KINDS.genesis, payload, 'power'));
  return genesis;
}

function applyGenesis(parts: RecoveryParts, options: RecoveryOptions, source: LogRecord): Genesis {
  const { genesis, hash } = decodeGenesisRecord(source);
  checkSameGenesis(genesis, options.genesis);
  const block = genesisBlock(parts.overlay, genesis);
  if (!equalBytes(block.hash, hash)) {
    throw replayMismatch(0, { expected: toHex(hash), actual: toHex(block.hash) });
  }
  publishGenesis(parts, block, source);
  return genesis;
}

function publishGenesis(
  { index, writeBehind }: RecoveryParts,
  block: GenesisBlock,
  source: LogRecord,
): void {
  index.publish({ ...block, transactionHashes: [], record: source, keepsHistory: false });
  writeBehind.published();
}

/** Applies what the record says that its block did, and checks that this gives the header's state. */
async function applyBlock(
  parts: RecoveryParts,
  options: RecoveryOptions,
  source: LogRecord,
): Promise<void> {
  const { overlay, index, writeBehind } = parts;
  const { block, diff } = decodeBlockRecord(source);
  const { header, hash } = block;
  const { head } = index;
  if (header.height !== head.header.height + 1 || !equalBytes(header.parentHash, head.hash)) {
    throw chainErrors.create(
      'LOG_RECORD_INVALID',
      `at byte ${source.start}: the block does not follow the one before it`,
      { offset: source.start, height: header.height, expectedHeight: head.header.height + 1 },
    );
  }
  await writeBehind.admit();
  const { history } = options;
  const parentRoot = head.header.stateRoot;
  const applied = applyDiff(overlay, diff, { parentRoot, height: header.height, history });
  if (!equalBytes(applied.stateRoot, header.stateRoot)) {
    throw replayMismatch(header.height, {
      expected: toHex(header.stateRoot),
      actual: toHex(applied.stateRoot),
    });
  }
  index.publish({
    header,
    hash,
    transactionHashes: block.transactions.map((transaction) => transaction.hash),
    record: source,
    state: applied.batch,
    keepsHistory: history,
  });
  writeBehind.published();
}

/** Applies a diff to the state that it was made on. @throws `CHAIN_REPLAY_MISMATCH` on another one */
function applyDiff(reader: KvReader, diff: StateDiff, options: CommitOptions): CommittedDiff {
  try {
    return commitDiff(reader, diff, options);
  } catch (error) {
    if (!isLucernaError(error, 'STATE_DIFF_MISMATCH')) throw error;
    throw replayMismatch(options.height, error.fields, error);
  }
}

function replayMismatch(height: number, fields: Fields, cause?: unknown): LucernaError {
  const detail = `at height ${height}`;
  return chainErrors.create('CHAIN_REPLAY_MISMATCH', detail, { ...fields, height }, cause);
}
