import type { Progress } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { type StateSummary, verifyState } from '@lucerna/state';
import type { Keyspace, KvReader } from '@lucerna/storage';
import { checkSupply } from './base-reader.ts';
import type { BlockLog } from './block-log.ts';
import { chainErrors } from './errors.ts';
import { genesisSupply } from './genesis.ts';
import { chainLimits } from './limits.ts';
import { COUNTED, LogWalk, type StoreRows, type WalkParts } from './log-walk.ts';
import { NoteRows } from './notes.ts';

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
  /** What cheats have put into accounts, and what they have taken out. */
  readonly minted: bigint;
  readonly destroyed: bigint;
};

type Parts = WalkParts & { readonly log: BlockLog };

/** How a complete check is to be done. */
export type VerifyWork = {
  /** Awaited again and again; what it throws ends the check. Without it nothing else runs meanwhile. */
  readonly takeTurn?: (() => Promise<void>) | undefined;
  /** The state comes first: told its accounts and slots, of all of them once they are counted. */
  readonly onState?: Progress | undefined;
  /** Then the log, in bytes. */
  readonly onLog?: Progress | undefined;
};

/**
 * Reads the whole log and the whole state of the head, and checks that they, the indexes and the
 * supply agree: Σ balances + Σ base fees = supply of the genesis, but for what cheats have made and
 * taken. Blocks and patches that made way for others are checked by themselves; the indexes must not
 * know them, and a later record must have removed them.
 *
 * @throws `LOG_*`, `CHAIN_INDEX_MISMATCH`, `CHAIN_SUPPLY_MISMATCH`, `STATE_CORRUPT`, `STORE_CORRUPT`;
 *   `SNAPSHOT_INVALID`, `CHAIN_REPLAY_MISMATCH` for the base that a log begins with;
 *   `CHAIN_REORGANISED` when blocks or patches were removed meanwhile
 */
export async function verifyChain(parts: Parts, work: VerifyWork): Promise<ChainFigures> {
  const { log, index, genesis } = parts;
  const { head, point, logEnd, reversals } = index;
  const { onState, onLog } = work;
  const takeTurn = async (): Promise<void> => {
    await work.takeTurn?.();
    if (index.reversals !== reversals) throw chainErrors.create('CHAIN_REORGANISED');
  };
  const { state, rows } = await verifyStore(parts, takeTurn, onState);
  const walk = new LogWalk(parts, takeTurn);
  await log.walk(logEnd, async (source) => {
    await takeTurn();
    await walk.visit(source);
    onLog?.(source.end.offset, logEnd.offset);
  });
  walk.finish(head, point, rows);
  const { transactions, burned, sums } = walk;
  const supply = genesisSupply(genesis);
  checkSupply(supply, state.totalBalance, burned, sums);
  return {
    firstHeight: index.firstHeight,
    height: head.header.height,
    logBytes: logEnd.offset,
    transactions,
    accounts: state.accounts,
    totalBalance: state.totalBalance,
    burned,
    genesisSupply: supply,
    ...sums,
  };
}

/** What does not come from the log: the state, and how many rows the indexes have with it. */
async function verifyStore(
  { overlay, index }: Parts,
  takeTurn: () => Promise<void>,
  onState: Progress | undefined,
): Promise<{ readonly state: StateSummary; readonly rows: StoreRows }> {
  // Before anything is awaited: a commit must not come between head and state.
  const { stateRoot } = index;
  const snapshot = overlay.snapshot();
  try {
    const state = await verifyState(snapshot, stateRoot, takeTurn, onState);
    const counts = new Map<Keyspace, number>();
    for (const keyspace of COUNTED) {
      counts.set(keyspace, await countRows(snapshot, keyspace, takeTurn));
    }
    const notes = new Map<string, Uint8Array>();
    for (const { key, value } of new NoteRows(snapshot).withPrefix('')) {
      await takeTurn();
      notes.set(key, keccak256(value));
    }
    return { state, rows: { counts, notes } };
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
