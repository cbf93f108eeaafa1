import {
  equalBytes,
  type Fields,
  isLucernaError,
  type LucernaError,
  type Progress,
  toHex,
} from '@lucerna/base';
import type { Genesis } from '@lucerna/protocol';
import { type CommittedDiff, EMPTY_DIFF, type StateCommitter } from '@lucerna/state';
import { decodeOrigin, type Origin } from './base-record.ts';
import { type BaseParts, BaseRecovery } from './base-recovery.ts';
import type { BlockBodies } from './block-bodies.ts';
import { isCheated } from './block-extras.ts';
import type { BlockLog } from './block-log.ts';
import type { AddedBlock, StoreStatus } from './canonical-index.ts';
import { checkCheats } from './cheats.ts';
import { chainErrors } from './errors.ts';
import { checkSameGenesis, type GenesisBlock, genesisBlock } from './genesis.ts';
import { LOG_START, type LogRecord } from './log-record.ts';
import { noTurn } from './no-turn.ts';
import { decodeNotesRecord, decodePatchRecord } from './patch-record.ts';
import { lastPatchOf } from './patch-rows.ts';
import { preparePatch } from './patching.ts';
import {
  type BlockRecord,
  decodeBlockRecord,
  decodeReorgRecord,
  encodeGenesisRecord,
} from './record.ts';
import { RECORD_KINDS } from './record-kinds.ts';
import { ANY_DEPTH, Branch, type ChainTip, readBehind } from './reorg.ts';
import { beginRetention, planRetention } from './retention.ts';

/** What recovery works on. */
export type RecoveryParts = BaseParts & {
  readonly log: BlockLog;
  /** Commits the blocks that follow the head. */
  readonly committer: StateCommitter;
  readonly bodies: BlockBodies;
};

/** What the opener of a chain asks for, as far as recovery needs it. */
export type RecoveryOptions = {
  /** Undefined: whatever the log has. */
  readonly genesis: Genesis | undefined;
  /** Blocks behind the head whose states are kept. */
  readonly history: number;
  /** Told the bytes of the log that were read, of all. */
  readonly onProgress: Progress;
};

/**
 * Brings index and state to the end of the log, which is the truth: what the store lacks is applied
 * again from the records, without executing. An empty log is begun with the genesis.
 *
 * @returns what the chain began from
 * @throws `LOG_*`, `CHAIN_STORE_AHEAD`, `CHAIN_GENESIS_MISMATCH`, `CHAIN_GENESIS_MISSING`,
 *   `CHAIN_SCHEMA_UNSUPPORTED`, `CHAIN_REPLAY_MISMATCH`, `CHAIN_CHEATS_REFUSED`, `STORE_*`, `FILE_*`,
 *   `CHAIN_BACKLOG`;
 *   of a log that begins with a base also `SNAPSHOT_INCOMPLETE`, `SNAPSHOT_INVALID`,
 *   `CHAIN_SUPPLY_MISMATCH`, `CHAIN_INDEX_MISMATCH`
 */
export async function recover(parts: RecoveryParts, options: RecoveryOptions): Promise<Origin> {
  const status = parts.index.storedStatus();
  if (status !== undefined) return resume(parts, options, status);
  return (await rebuild(parts, options)) ?? begin(parts, options.genesis);
}

/** The store has nothing: all of it is made from the log. Undefined when that is empty too. */
async function rebuild(
  parts: RecoveryParts,
  options: RecoveryOptions,
): Promise<Origin | undefined> {
  const { log, index } = parts;
  let origin: Origin | undefined;
  let base: BaseRecovery | undefined;
  const visit = async (source: LogRecord): Promise<void> => {
    if (base !== undefined) {
      if (await base.take(source)) base = undefined;
    } else if (origin !== undefined) {
      await applyRecord(parts, options, source);
    } else if (source.kind === RECORD_KINDS.base) {
      base = new BaseRecovery(parts, source);
      origin = base.base;
      checkSameGenesis(origin.genesis, options.genesis);
    } else {
      index.checkEmpty();
      origin = applyGenesis(parts, options, source);
    }
    options.onProgress(source.end.offset, log.fileBytes);
  };
  const checkEnd = (): void => {
    if (base !== undefined) throw chainErrors.create('SNAPSHOT_INCOMPLETE');
  };
  await log.recover(LOG_START, visit, checkEnd);
  return origin;
}

/** The store has a chain: checks that it is the log's, and goes on behind it. */
async function resume(
  parts: RecoveryParts,
  options: RecoveryOptions,
  status: StoreStatus,
): Promise<Origin> {
  const { log, index } = parts;
  if (log.fileBytes < status.logOffset) {
    throw storeAhead(`the log ends at byte ${log.fileBytes}`, status);
  }
  const origin = decodeOrigin(await log.readAt(LOG_START.offset));
  if (!equalBytes(origin.genesisHash, status.genesisHash)) {
    throw chainErrors.create(
      'CHAIN_GENESIS_MISMATCH',
      'database and block log come from different chains',
      { log: toHex(origin.genesisHash), store: toHex(status.genesisHash) },
    );
  }
  checkSameGenesis(origin.genesis, options.genesis);
  // What the store has is not read from the log again.
  if (status.cheats === 1) checkCheats(parts.cheats, 'the block log has some');
  index.restore(status);
  await checkLastRecord(parts, status);
  await log.recover(index.logEnd, async (source) => {
    await applyRecord(parts, options, source);
    options.onProgress(source.end.offset, log.fileBytes);
  });
  return origin;
}

/** The record that the store went up to must be in the log, and end where the store says. */
async function checkLastRecord({ log }: RecoveryParts, status: StoreStatus): Promise<void> {
  try {
    const { end } = await log.readAt(status.logStart);
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
async function begin(parts: RecoveryParts, genesis: Genesis | undefined): Promise<Origin> {
  const { log, overlay, index } = parts;
  if (genesis === undefined) throw chainErrors.create('CHAIN_GENESIS_MISSING');
  index.checkEmpty();
  const block = genesisBlock(overlay, genesis);
  const payload = encodeGenesisRecord({ genesis, hash: block.hash });
  publishGenesis(parts, block, await log.append(RECORD_KINDS.genesis, payload, 'power'));
  return { genesis, genesisHash: block.hash, burned: 0n };
}

function applyGenesis(parts: RecoveryParts, options: RecoveryOptions, source: LogRecord): Origin {
  const origin = decodeOrigin(source);
  const { genesis, genesisHash } = origin;
  checkSameGenesis(genesis, options.genesis);
  const block = genesisBlock(parts.overlay, genesis);
  if (!equalBytes(block.hash, genesisHash)) {
    throw replayMismatch(0, { expected: toHex(genesisHash), actual: toHex(block.hash) });
  }
  publishGenesis(parts, block, source);
  return origin;
}

function publishGenesis(
  { index, writeBehind }: RecoveryParts,
  { header, hash, state }: GenesisBlock,
  record: LogRecord,
): void {
  const block = { header, hash, transactions: [] };
  // Nobody asks what block 0 did to the state, and nothing takes it back.
  const added = [
    { block, receipts: [], lifted: false, participants: [], diff: EMPTY_DIFF, batch: state },
  ];
  index.publish({ record, added, retention: beginRetention(header.height) });
  writeBehind.published();
}

async function applyRecord(
  parts: RecoveryParts,
  options: RecoveryOptions,
  source: LogRecord,
): Promise<void> {
  await parts.writeBehind.admit();
  switch (source.kind) {
    case RECORD_KINDS.reorg:
      await applyReorg(parts, options, source);
      break;
    case RECORD_KINDS.patch:
      applyPatch(parts, source);
      break;
    case RECORD_KINDS.notes:
      parts.index.publish({ record: source, added: [], notes: decodeNotesRecord(source) });
      break;
    default:
      await applyBlock(parts, options, source);
  }
  parts.writeBehind.published();
}

async function applyBlock(
  parts: RecoveryParts,
  { history }: RecoveryOptions,
  source: LogRecord,
): Promise<void> {
  const { overlay, committer, index, bodies } = parts;
  const content = decodeBlockRecord(source);
  const added = applyContent(
    parts,
    {
      tip: index.head,
      stateRoot: index.stateRoot,
      reader: overlay,
      committer,
    },
    content,
    history,
    source,
  );
  const to = content.block.header.height;
  const retention = await planRetention(history, index.kept, { from: to - 1, to }, (height) =>
    height === to ? [content.diff] : bodies.diffs(height),
  );
  index.publish({ record: source, added: [added], retention });
}

async function applyReorg(
  parts: RecoveryParts,
  { history }: RecoveryOptions,
  source: LogRecord,
): Promise<void> {
  const { index } = parts;
  const { ancestorHeight, ancestorHash, blocks, ordinal, notes } = decodeReorgRecord(source);
  const ancestor = index.block(ancestorHeight);
  const patches = lastPatchOf(parts.overlay, ancestorHeight)?.ordinal ?? 0;
  const isThere = ancestor !== undefined && equalBytes(ancestor.hash, ancestorHash);
  if (!isThere || (ordinal ?? 0) > patches) {
    throw misplaced(source, 'the chain does not have the block it goes back to', ancestorHeight);
  }
  const head = index.headAt(ancestorHeight, ordinal);
  const branch = new Branch(parts, await readBehind(parts, head, noTurn, ANY_DEPTH));
  for (const content of blocks) {
    branch.add(applyContent(parts, branch, content, history, source));
  }
  const retention = await branch.retention(parts, history, noTurn);
  index.publish(branch.publication(source, retention, notes));
}

/** @throws `LOG_RECORD_INVALID` when it is not of the head; `CHAIN_REPLAY_MISMATCH` */
function applyPatch(parts: RecoveryParts, source: LogRecord): void {
  const { index, cheats } = parts;
  const { patch, notes } = decodePatchRecord(source);
  const { height, ordinal } = patch;
  checkCheats(cheats, `a patch at height ${height}`);
  const { point } = index;
  if (height !== point.height || ordinal !== point.ordinal + 1) {
    throw misplaced(source, 'the patch does not follow what is before it', height);
  }
  const { publication } = applied(height, () => preparePatch(parts, patch.diff));
  checkRoot(height, patch.stateRoot, publication.stateRoot);
  index.publish({ record: source, added: [], patch: publication, notes });
}

/** What a block is applied to. */
type AppliedTo = Omit<ChainTip, 'hashAt'>;

/**
 * Applies what the record says that its block did, and checks that this gives the header's state.
 *
 * @throws `LOG_RECORD_INVALID` when it does not follow the tip; `CHAIN_REPLAY_MISMATCH`,
 *   `CHAIN_CHEATS_REFUSED`
 */
function applyContent(
  { cheats }: RecoveryParts,
  on: AppliedTo,
  content: BlockRecord,
  history: number,
  source: LogRecord,
): AddedBlock {
  const { header } = content.block;
  const { height } = header;
  if (isCheated(content)) checkCheats(cheats, `block ${height}`);
  if (height !== on.tip.header.height + 1 || !equalBytes(header.parentHash, on.tip.hash)) {
    throw misplaced(source, 'the block does not follow the one before it', height);
  }
  const { stateRoot, batch } = applyDiff(on, content, history > 0);
  checkRoot(height, header.stateRoot, stateRoot);
  return { ...content, batch };
}

/** Applies a diff to the state that it was made on. @throws `CHAIN_REPLAY_MISMATCH` on another one */
function applyDiff(
  { stateRoot: parentRoot, reader, committer }: AppliedTo,
  { block, diff }: BlockRecord,
  history: boolean,
): CommittedDiff {
  const { height } = block.header;
  return applied(height, () => committer.commit(reader, diff, { parentRoot, height, history }));
}

/** What `apply` gives. @throws `CHAIN_REPLAY_MISMATCH` when the state is not what the diff says */
function applied<T>(height: number, apply: () => T): T {
  try {
    return apply();
  } catch (error) {
    if (!isLucernaError(error, 'STATE_DIFF_MISMATCH')) throw error;
    throw replayMismatch(height, error.fields, error);
  }
}

function checkRoot(height: number, expected: Uint8Array, actual: Uint8Array): void {
  if (equalBytes(expected, actual)) return;
  throw replayMismatch(height, { expected: toHex(expected), actual: toHex(actual) });
}

function misplaced({ start: offset }: LogRecord, problem: string, height: number): LucernaError {
  const fields = { offset, height };
  return chainErrors.create('LOG_RECORD_INVALID', `at byte ${offset}: ${problem}`, fields);
}

function replayMismatch(height: number, fields: Fields, cause?: unknown): LucernaError {
  const detail = `at height ${height}`;
  return chainErrors.create('CHAIN_REPLAY_MISMATCH', detail, { ...fields, height }, cause);
}
