import { present, toHexKey } from '@lucerna/base';
import type { BlockEnvironment } from '@lucerna/execution';
import type { BlockView, HeaderView, TransactionPosition } from '@lucerna/protocol';
import { deleteHistory, StateCommitter, type StateDiff } from '@lucerna/state';
import { DiffLayer, type OverlayStore, type WriteBatch } from '@lucerna/storage';
import type { BlockBodies } from './block-bodies.ts';
import type {
  AddedBlock,
  CanonicalIndex,
  ChainHead,
  Publication,
  RemovedBlock,
} from './canonical-index.ts';
import { chainErrors } from './errors.ts';
import { positionsOfNonce } from './explorer-index.ts';
import type { HeadEvent } from './head-listeners.ts';
import { chainLimits } from './limits.ts';
import type { ChainPoint, Note, Patch } from './patch-record.ts';
import type { BlockRecord } from './record.ts';
import { planRetention, type Retention } from './retention.ts';
import { Rewind } from './rewind.ts';

/** Where the next block goes. */
export type ChainTip = Pick<BlockEnvironment, 'reader' | 'committer' | 'stateRoot' | 'hashAt'> & {
  /** The last block. */
  readonly tip: HeaderView;
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

/** What is taken off a chain. */
export type Removed = {
  /** What is the head then. */
  readonly head: ChainHead;
  /** The blocks above it, lowest first. */
  readonly blocks: readonly RemovedBlock[];
  /** Patches of that head which go, in order. */
  readonly patches: readonly Patch[];
  /**
   * Accounts and slots of these patches which that block, or a patch that stays, has changed before:
   * the history has rows of that.
   */
  readonly kept: ReadonlySet<string>;
  readonly repeated: NonNullable<Publication['removal']>['repeated'];
};

/**
 * All that is behind `head`.
 *
 * @param takeTurn awaited before each block
 * @throws `REORG_TOO_DEEP`; `LOG_CORRUPT`, `LOG_RECORD_INVALID`, `CHAIN_INDEX_MISMATCH`, `FILE_*`
 */
export async function readBehind(
  parts: ReorgParts,
  head: ChainHead,
  takeTurn: () => Promise<void>,
  depth: ReorgDepth = MAX_DEPTH,
): Promise<Removed> {
  const { index, bodies } = parts;
  const { height } = head.view.header;
  const blocks: RemovedBlock[] = [];
  const size = { entries: 0, bytes: 0 };
  const count = (entries: number, bytes: number): void => {
    size.entries += entries;
    size.bytes += bytes;
    if (size.entries <= depth.entries && size.bytes <= depth.bytes) return;
    const fields = { height, maxEntries: depth.entries, maxBytes: depth.bytes };
    throw chainErrors.create('REORG_TOO_DEEP', undefined, fields);
  };
  const patchesBehind = async (point: ChainPoint): Promise<readonly Patch[]> => {
    const found: Patch[] = [];
    for await (const patch of bodies.patches(point)) {
      count(entriesOf(patch.diff), patch.payloadBytes);
      found.push(patch);
    }
    return found;
  };
  const patches = await patchesBehind({ height, ordinal: head.ordinal });
  // Up to the head, not to a gap: what lies behind one would stay as rows of blocks that have gone.
  for (let next = height + 1; next <= index.head.header.height; next += 1) {
    await takeTurn();
    const content = await bodies.content(present(index.block(next), 'every height has a block'));
    const { payloadBytes, ...block } = content;
    count(1 + block.block.transactions.length + entriesOf(block.diff), payloadBytes);
    blocks.push({ ...block, patches: await patchesBehind({ height: next, ordinal: 0 }) });
  }
  const kept = await changedBefore(parts, head, patches);
  const repeated = await findRepeated(parts, height, blocks, takeTurn);
  return { head, blocks, patches, kept, repeated };
}

function entriesOf({ accounts, storage }: StateDiff): number {
  return accounts.length + storage.length;
}

/** What of `patches` the block of `head` or one of its other patches has changed, if history is kept of it. */
async function changedBefore(
  { index, bodies }: ReorgParts,
  { view, ordinal }: ChainHead,
  patches: readonly Patch[],
): Promise<ReadonlySet<string>> {
  const { height } = view.header;
  const found = new Set<string>();
  if (patches.length === 0 || height <= index.kept.prunedTo) return found;
  const sought = new Set(patches.flatMap(({ diff }) => changedKeys(diff)));
  const pass = (diff: StateDiff): void => {
    for (const key of changedKeys(diff)) if (sought.delete(key)) found.add(key);
  };
  pass(await bodies.diff(height));
  if (sought.size === 0 || ordinal === 0) return found;
  for await (const patch of bodies.patches({ height, ordinal: 0 })) {
    if (patch.ordinal > ordinal) break;
    pass(patch.diff);
    if (sought.size === 0) break;
  }
  return found;
}

/**
 * Transactions of the blocks that go which an earlier block has too: where a patch has set a nonce back,
 * the same bytes can be executed again.
 */
async function findRepeated(
  { overlay, index, bodies }: ReorgParts,
  height: number,
  blocks: readonly RemovedBlock[],
  takeTurn: () => Promise<void>,
): Promise<Removed['repeated']> {
  if (!index.hasCheats) return [];
  const repeated = new Map<string, TransactionPosition & { readonly hash: Uint8Array }>();
  const asked = new Set<string>();
  for (const { block } of blocks) {
    await takeTurn();
    for (const { sender, transaction } of block.transactions) {
      const { nonce } = transaction;
      // Where a nonce came back many times, what stays is looked through once.
      const key = `${toHexKey(sender)} ${nonce}`;
      if (asked.has(key)) continue;
      asked.add(key);
      for (const position of [...positionsOfNonce(overlay, sender, nonce, height)]) {
        const earlier = present(index.block(position.height), 'every height has a block');
        const { transactions } = (await bodies.read(earlier)).block;
        const found = transactions[position.index];
        if (found === undefined || repeated.has(toHexKey(found.hash))) continue;
        repeated.set(toHexKey(found.hash), { hash: found.hash, ...position });
      }
    }
  }
  return [...repeated.values()];
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
  /** Of the state after it. */
  stateRoot: Uint8Array;
  /** That state. */
  readonly reader: DiffLayer;
  readonly committer: StateCommitter = new StateCommitter();
  readonly #index: CanonicalIndex;
  readonly #removed: Removed;
  readonly #undo: WriteBatch;
  readonly #added: AddedBlock[] = [];

  /**
   * @param removed all that is behind the ancestor
   * @throws `CHAIN_REPLAY_MISMATCH` when taking it back does not give the ancestor's state
   */
  constructor({ overlay, index }: ReorgParts, removed: Removed) {
    const { head, blocks, patches } = removed;
    const { height } = head.view.header;
    const rewind = new Rewind();
    for (const { diff } of patches) rewind.pass(diff);
    for (const block of blocks) for (const diff of diffsOf(block)) rewind.pass(diff);
    this.tip = head.view;
    this.stateRoot = head.stateRoot;
    this.#index = index;
    this.#removed = removed;
    this.#undo = rewind.batch(overlay, index.stateRoot, { height, stateRoot: head.stateRoot });
    this.reader = new DiffLayer(overlay);
    this.reader.publish(this.#undo);
    for (const block of blocks) {
      for (const diff of diffsOf(block)) {
        deleteHistory(this.#undo, diff, block.block.header.height);
      }
    }
    for (const diff of withoutKept(removed)) deleteHistory(this.#undo, diff, height);
  }

  /** The blocks that were put on the ancestor. */
  get added(): readonly AddedBlock[] {
    return this.#added;
  }

  /** The block that the chain goes back to. */
  get ancestor(): HeaderView {
    return this.#removed.head.view;
  }

  /** Hash of the block of this height on the branch, if it has one. */
  readonly hashAt = (height: number): Uint8Array | undefined => {
    const { height: last } = this.ancestor.header;
    if (height > last) return this.#added[height - last - 1]?.block.hash;
    return this.#index.block(height)?.hash;
  };

  /** Puts a block that was executed on {@link reader} on the tip. */
  add(executed: AddedBlock): void {
    const { header, hash } = executed.block;
    this.#added.push(executed);
    this.reader.publish(executed.batch);
    this.tip = { header, hash };
    this.stateRoot = header.stateRoot;
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
      const added = this.#added[height - from - 1];
      if (added !== undefined) return [added.diff];
      return bodies.diffs(height);
    });
  }

  /** What has to be published once `record` is in the log. */
  publication(
    record: Publication['record'],
    retention: Retention,
    notes: readonly Note[],
  ): Publication {
    const { head, blocks, patches, repeated } = this.#removed;
    const removal = { head, blocks, patches, repeated, batch: this.#undo };
    return { record, removal, added: this.#added, retention, notes };
  }

  /** Whether the head is another one: it is not when only patches go. */
  get movesHead(): boolean {
    return this.#removed.blocks.length + this.#added.length > 0;
  }

  /** Every address that anything of what goes or comes has changed, once. */
  touched(): readonly Uint8Array[] {
    const { blocks, patches } = this.#removed;
    const diffs = [...patches.map(({ diff }) => diff), ...blocks.flatMap(diffsOf)];
    return addressesOf([...diffs, ...this.#added.map(({ diff }) => diff)]);
  }

  /** What listeners are told. @param ancestor for a branch without blocks: the head that it leads to */
  events(ancestor: BlockView | undefined): readonly HeadEvent[] {
    const { blocks } = this.#removed;
    const reverted = blocks.map(({ block, receipts }) => ({ block, receipts })).reverse();
    const [first, ...others] = this.#added;
    const { block, receipts } = present(first ?? ancestor, 'a new head is one of these');
    // The state is that of the tip already when the first of them is told.
    return [
      { block, receipts, reverted, touched: this.touched() },
      ...others.map((each) => headEvent(each)),
    ];
  }
}

/** What a block and its patches did to the state. */
function diffsOf({ diff, patches }: RemovedBlock): readonly StateDiff[] {
  return [diff, ...patches.map((patch) => patch.diff)];
}

/** What the patches that go did to accounts and slots of which nothing that stays has a history row. */
function withoutKept({ patches, kept }: Removed): readonly StateDiff[] {
  return patches.map(({ diff }) => ({
    accounts: diff.accounts.filter((change) => !kept.has(keyOfAccount(change))),
    storage: diff.storage.filter((change) => !kept.has(keyOfSlot(change))),
    code: [],
  }));
}

function changedKeys({ accounts, storage }: StateDiff): readonly string[] {
  return [...accounts.map(keyOfAccount), ...storage.map(keyOfSlot)];
}

function keyOfAccount({ address }: { readonly address: Uint8Array }): string {
  return toHexKey(address);
}

function keyOfSlot(change: { readonly address: Uint8Array; readonly slot: Uint8Array }): string {
  return `${toHexKey(change.address)}${toHexKey(change.slot)}`;
}

/** The event of a block that simply follows the head. */
export function headEvent({ block, receipts, diff }: BlockRecord): HeadEvent {
  return { block, receipts, reverted: [], touched: diff.accounts.map(({ address }) => address) };
}

/** Every address that any of the diffs has, once. */
function addressesOf(diffs: readonly StateDiff[]): readonly Uint8Array[] {
  const addresses = new Map<string, Uint8Array>();
  for (const { accounts } of diffs) {
    for (const { address } of accounts) addresses.set(toHexKey(address), address);
  }
  return [...addresses.values()];
}
