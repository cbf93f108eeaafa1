import type { ReorgTransaction } from '@lucerna/api';
import { present, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { TxSource } from '@lucerna/execution';
import { type RecoveredTransaction, recoverTransaction } from '@lucerna/protocol';
import { nodeErrors } from '../errors.ts';
import { makeBlock } from './block-maker.ts';
import { type DevCore, initialOffset, nowSeconds } from './core.ts';
import { chainTime } from './dev-clock.ts';
import { keepPool, recallTransaction } from './pool-contents.ts';
import { notesOfPool, poolSettled, settlePool } from './pool-settling.ts';
import { rewindTo } from './rewind.ts';
import { type DevSettings, INITIAL_SETTINGS, type KEPT_SETTINGS, retarget } from './settings.ts';
import type { Snapshot } from './snapshot-store.ts';

/** `DevApi.snapshot`, in the queue. */
export async function takeSnapshot(core: DevCore): Promise<bigint> {
  const { chain, settings, snapshots } = core;
  const { current } = settings;
  const id = current.nextSnapshot;
  const snapshot: Snapshot = {
    id,
    point: chain.point(),
    hash: chain.head().hash,
    chainSeconds: Math.max(0, chainTime(current, nowSeconds(core))),
    settings: current,
    pool: keepPool(core.pool),
    filters: core.filters.dump(),
  };
  await settings.change({ nextSnapshot: id + 1n }, [snapshots.noteOf(snapshot)]);
  snapshots.written(snapshot);
  return id;
}

/** `DevApi.revert`, in the queue. */
export async function revertTo(core: DevCore, id: bigint): Promise<boolean> {
  const { settings, snapshots } = core;
  const snapshot = snapshots.read(id);
  if (snapshot === undefined) return false;
  const transactions = snapshot.pool.map(recallTransaction);
  const next = {
    ...snapshot.settings,
    ...keptSettings(settings.current),
    // The clock goes on from what it showed then.
    offsetSeconds: snapshot.chainSeconds - nowSeconds(core),
  };
  const removal = snapshots.removal((place) => place.id >= id);
  await rewindTo(core, snapshot.point, [
    settings.noteOf(next),
    ...removal.notes,
    ...notesOfPool(core, snapshot.pool),
  ]);
  settings.written(next);
  removal.written();
  settlePool(core, transactions);
  // Afterwards: what is put back is not news to those who ask for pending transactions.
  core.filters.restore(snapshot.filters);
  await poolSettled(core);
  return true;
}

/** What going back in the chain leaves as it is. */
export function keptSettings(
  current: DevSettings,
): Pick<DevSettings, (typeof KEPT_SETTINGS)[number]> {
  const { mining, logging, nextSnapshot, generation } = current;
  return { mining, logging, nextSnapshot, generation };
}

/** `DevApi.rollback`, in the queue. */
export async function rollBack(core: DevCore, depth: number): Promise<void> {
  const { chain, settings, snapshots } = core;
  const head = chain.head().header.height;
  checkDepth(core, depth);
  if (depth === 0) return;
  const height = head - depth;
  const { header } = present(chain.header(height), 'the depth was checked');
  const next = {
    ...retarget(settings.current, head + 1, height + 1),
    // As if the blocks had never been: their times have not passed either.
    offsetSeconds: header.timestamp - nowSeconds(core),
  };
  const removal = snapshots.removal(({ point }) => point.height > height);
  await rewindTo(core, { height }, [settings.noteOf(next), ...removal.notes]);
  settings.written(next);
  removal.written();
  core.attributesChanged();
}

/** `DevApi.reorg`, in the queue. */
export async function reorganise(
  core: DevCore,
  depth: number,
  transactions: readonly ReorgTransaction[],
): Promise<void> {
  checkDepth(core, depth);
  const blocks: RecoveredTransaction[][] = Array.from({ length: depth }, () => []);
  for (const { blockOffset, raw } of transactions) {
    const block = blocks[blockOffset];
    if (block === undefined) {
      throw nodeErrors.create('REORG_OFFSET_OUT_OF_RANGE', undefined, { blockOffset, depth });
    }
    await core.takeTurn();
    block.push(recoverTransaction(raw, core.signatures));
  }
  const replaced = core.chain.header(core.chain.head().header.height - depth + 1);
  await rollBack(core, depth);
  const { height } = core.chain.head().header;
  if (replaced !== undefined && core.settings.current.nextMix === undefined) {
    // With the same time and transactions the new block would be the old one, and nothing had changed.
    core.settings.amend({ nextMix: { height: height + 1, value: keccak256(replaced.hash) } });
  }
  try {
    for (const block of blocks) {
      await core.takeTurn();
      await makeBlock(core, { allowEmpty: true, source: sourceOf(block) });
    }
  } finally {
    await core.settings.save();
  }
}

function checkDepth({ chain }: Pick<DevCore, 'chain'>, depth: number): void {
  const { height } = chain.head().header;
  // A chain that began with a snapshot of another one has no blocks before it.
  const first = chain.firstHeight();
  if (Number.isSafeInteger(depth) && depth >= 0 && depth <= height - first) return;
  const detail = `current height ${height}, depth ${depth}`;
  throw nodeErrors.create('ROLLBACK_TOO_DEEP', detail, { height, first, depth });
}

/** These transactions, in this order; of a sender whose transaction is refused no later ones. */
export function sourceOf(transactions: readonly RecoveredTransaction[]): TxSource {
  const skipped = new Set<string>();
  let next = 0;
  let last: string | undefined;
  return {
    next: () => {
      for (;;) {
        const transaction = transactions[next];
        if (transaction === undefined) return undefined;
        next += 1;
        last = toHexKey(transaction.sender);
        if (!skipped.has(last)) return transaction;
      }
    },
    skipSender: () => {
      if (last !== undefined) skipped.add(last);
    },
  };
}

/** `DevApi.reset`, in the queue. */
export async function resetChain(core: DevCore): Promise<void> {
  const { settings, snapshots } = core;
  const { nextSnapshot, generation } = settings.current;
  const next = {
    ...INITIAL_SETTINGS,
    offsetSeconds: initialOffset(core),
    nextSnapshot,
    generation: generation + 1,
  };
  const removal = snapshots.removal(() => true);
  await rewindTo(core, { height: 0, ordinal: 0 }, [
    settings.noteOf(next),
    ...removal.notes,
    ...notesOfPool(core, []),
  ]);
  settings.written(next);
  removal.written();
  settlePool(core, []);
  await poolSettled(core);
}
