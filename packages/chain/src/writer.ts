import { assert, type Durability, equalBytes, SerialQueue, toHex } from '@lucerna/base';
import { type BlockEnvironment, type ExecutedBlock, executeBlock } from '@lucerna/execution';
import {
  type Genesis,
  type HeaderView,
  type RecoveredBlock,
  recoverBlock,
  rulesAt,
} from '@lucerna/protocol';
import { confirmedState, StateJournal } from '@lucerna/state';
import { isCheated } from './block-extras.ts';
import type { Publication } from './canonical-index.ts';
import { checkCheats } from './cheats.ts';
import { chainErrors } from './errors.ts';
import type { HeadEvent, Listeners, PatchEvent } from './head-listeners.ts';
import { chainLimits } from './limits.ts';
import { encodeNotesRecord, encodePatchRecord, type Note, type Patch } from './patch-record.ts';
import { checkCodes, type PreparedPatch, preparePatch } from './patching.ts';
import { encodeBlockRecord, encodeReorgRecord } from './record.ts';
import { RECORD_KINDS } from './record-kinds.ts';
import type { RecoveryParts } from './recovery.ts';
import { Branch, type ChainTip, checkBranchSize, headEvent, readBehind } from './reorg.ts';
import { planRetention } from './retention.ts';
import { recoverDevBlock } from './unsigned.ts';

/** What an open chain consists of. */
export type ChainParts = RecoveryParts & {
  readonly listeners: Listeners<HeadEvent>;
  readonly patchListeners: Listeners<PatchEvent>;
  readonly genesis: Genesis;
  /** Base fees of the blocks up to the first one that is there, in wei. */
  readonly burnedBefore: bigint;
  readonly durability: Durability;
  readonly history: number;
};

/** What of a block of a dev chain its bytes do not say. */
export type DevBlockOptions = {
  /** Positions of the transactions whose signature is only a placeholder. */
  readonly unsigned?: readonly number[];
  /** Its header need not follow its parent's base fee and gas limit. */
  readonly lifted?: boolean;
};

/** Where a rewind goes to. */
export type RewindTarget = {
  readonly height: number;
  /** How many patches of that block stay; by default all. */
  readonly ordinal?: number;
};

/** How a rewind is done. */
export type RewindOptions = {
  /** Written in the same record. */
  readonly notes?: readonly Note[];
  /** Awaited again and again before anything changes; without it nothing else runs meanwhile. */
  readonly takeTurn?: () => Promise<void>;
};

/**
 * Everything that changes a chain, one change at a time: prepare without writing, append one record,
 * publish in one synchronous step, tell the listeners.
 */
export class ChainWriter {
  readonly #parts: ChainParts;
  readonly #checkOpen: () => void;
  readonly #commits = new SerialQueue(chainLimits.values.waitingCommits);

  /** @param checkOpen throws once the chain is closed */
  constructor(parts: ChainParts, checkOpen: () => void) {
    this.#parts = parts;
    this.#checkOpen = checkOpen;
  }

  /** Resolves when all changes that were asked for so far have ended. */
  async idle(): Promise<void> {
    await this.#commits.idle();
  }

  /** What the next block is executed on. */
  headEnvironment(): BlockEnvironment {
    const { overlay, committer, index } = this.#parts;
    return this.#environment({
      reader: overlay,
      committer,
      tip: index.head,
      stateRoot: index.stateRoot,
      hashAt: (height) => index.block(height)?.hash,
    });
  }

  #environment({ tip, stateRoot, reader, committer, hashAt }: ChainTip): BlockEnvironment {
    const { genesis, history, signatures } = this.#parts;
    return {
      reader,
      stateRoot,
      committer,
      parent: tip,
      hashAt,
      signatures,
      chainId: genesis.chainId,
      rules: rulesAt(genesis.forks, tip.header.height + 1),
      history: history > 0,
    };
  }

  /** As `Chain.commit`. */
  async commit(executed: ExecutedBlock): Promise<void> {
    await this.#commits.run(() => this.#commitNow(executed));
  }

  /** As `Chain.import`. */
  async import(encodedBlock: Uint8Array, dev: DevBlockOptions): Promise<HeaderView> {
    const { signatures } = this.#parts;
    const { unsigned = [], lifted = false } = dev;
    const block = recoverDevBlock(encodedBlock, unsigned, signatures);
    const { header, hash } = block;
    this.#checkCheats({ block, lifted });
    return this.#commits.run(async () => {
      this.#checkOpen();
      this.#checkUnknown(block);
      this.#checkOnHead(block);
      await this.#commitNow(executeBlock(this.headEnvironment(), block, { lifted }));
      return { header, hash };
    });
  }

  /** As `Chain.patch`. */
  async patch(
    edit: ((journal: StateJournal) => void) | undefined,
    notes: readonly Note[],
  ): Promise<void> {
    checkCheats(this.#parts.cheats, 'there is no other way to change the state than blocks');
    await this.#commits.run(async () => {
      this.#checkOpen();
      const { index, overlay } = this.#parts;
      index.notes.check(notes);
      const journal = new StateJournal(confirmedState(overlay, () => index.stateRoot));
      edit?.(journal);
      journal.endTransaction();
      const diff = journal.diff();
      if (diff.accounts.length > 0) await this.#patchNow(preparePatch(this.#parts, diff), notes);
      else await this.#writeNotes(notes);
    });
  }

  /** As `Chain.importPatch`. */
  async importPatch({ height, ordinal, stateRoot, diff }: Patch): Promise<void> {
    checkCheats(this.#parts.cheats, `a patch at height ${height}`);
    await this.#commits.run(async () => {
      this.#checkOpen();
      const { overlay, index } = this.#parts;
      const { point } = index;
      checkCodes(overlay, diff);
      const prepared =
        height === point.height && ordinal === point.ordinal + 1
          ? preparePatch(this.#parts, diff)
          : undefined;
      if (prepared === undefined || !equalBytes(prepared.patch.stateRoot, stateRoot)) {
        throw this.#notBehindHead(height, ordinal);
      }
      await this.#patchNow(prepared, []);
    });
  }

  /** As `Chain.rewind`. */
  async rewind(
    to: RewindTarget,
    notes: readonly Note[],
    takeTurn: () => Promise<void>,
  ): Promise<void> {
    const { height, ordinal } = to;
    const isNatural = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
    assert(
      isNatural(height) && isNatural(ordinal ?? 0),
      'heights and ordinals are natural numbers',
    );
    if (notes.length > 0) checkCheats(this.#parts.cheats, 'notes');
    await this.#commits.run(async () => {
      this.#checkOpen();
      const { index } = this.#parts;
      index.notes.check(notes);
      const head = index.headAt(height, ordinal);
      if (height === index.point.height && head.ordinal === index.point.ordinal) {
        await this.#writeNotes(notes);
        return;
      }
      const removed = await readBehind(this.#parts, head, takeTurn);
      // What a log without patches says goes without an ordinal.
      const stays = removed.patches.length > 0 || notes.length > 0 ? head.ordinal : undefined;
      const branch = new Branch(this.#parts, removed);
      await this.#switchTo(branch, takeTurn, { ordinal: stays, notes });
    });
  }

  /** As `Chain.reorganise`. */
  async reorganise(
    encodedBlocks: readonly Uint8Array[],
    takeTurn: () => Promise<void>,
  ): Promise<HeaderView> {
    assert(encodedBlocks.length > 0, 'a branch has blocks');
    // What one record cannot have is refused before any of it is decoded.
    const bytes = encodedBlocks.reduce((sum, encoded) => sum + encoded.length, 0);
    checkBranchSize(encodedBlocks.length, bytes);
    return this.#commits.run(async () => {
      this.#checkOpen();
      const { index } = this.#parts;
      const blocks = await this.#recoverBlocks(encodedBlocks, takeTurn);
      const first = blocks.findIndex(({ hash }) => index.heightOf(hash) === undefined);
      await this.#reorganiseNow(blocks.slice(first < 0 ? blocks.length - 1 : first), takeTurn);
      return index.head;
    });
  }

  async #recoverBlocks(
    encodedBlocks: readonly Uint8Array[],
    takeTurn: () => Promise<void>,
  ): Promise<readonly RecoveredBlock[]> {
    const blocks: RecoveredBlock[] = [];
    for (const encoded of encodedBlocks) {
      await takeTurn();
      blocks.push(recoverBlock(encoded, this.#parts.signatures));
    }
    return blocks;
  }

  async #reorganiseNow(
    blocks: readonly RecoveredBlock[],
    takeTurn: () => Promise<void>,
  ): Promise<void> {
    const [first] = blocks;
    assert(first !== undefined, 'a branch has blocks');
    this.#checkUnknown(first);
    const { header } = this.#parentOf(first);
    const head = this.#parts.index.headAt(header.height, undefined);
    const branch = new Branch(this.#parts, await readBehind(this.#parts, head, takeTurn));
    for (const block of blocks) {
      await takeTurn();
      branch.add(executeBlock(this.#environment(branch), block));
    }
    await this.#switchTo(branch, takeTurn, { ordinal: undefined, notes: [] });
  }

  /** Makes the branch the chain: one record, one publication. */
  async #switchTo(
    branch: Branch,
    takeTurn: () => Promise<void>,
    { ordinal, notes }: { readonly ordinal: number | undefined; readonly notes: readonly Note[] },
  ): Promise<void> {
    const { bodies, history, listeners, patchListeners } = this.#parts;
    const { ancestor, added, movesHead } = branch;
    const { height } = ancestor.header;
    // All that can fail comes before the append.
    const events = movesHead
      ? branch.events(added.length === 0 ? await bodies.view(height) : undefined)
      : [];
    const patchEvents = movesHead ? [] : [{ touched: branch.touched() }];
    const retention = await branch.retention(this.#parts, history, takeTurn);
    const payload = encodeReorgRecord({
      ancestorHeight: height,
      ancestorHash: ancestor.hash,
      blocks: added,
      ordinal,
      notes,
    });
    checkBranchSize(added.length, payload.length);
    await this.#write(RECORD_KINDS.reorg, payload, (record) =>
      branch.publication(record, retention, notes),
    );
    this.#remember(events);
    try {
      listeners.announce(events);
    } finally {
      patchListeners.announce(patchEvents);
    }
  }

  async #patchNow({ patch, publication }: PreparedPatch, notes: readonly Note[]): Promise<void> {
    await this.#write(RECORD_KINDS.patch, encodePatchRecord({ patch, notes }), (record) => ({
      record,
      added: [],
      patch: publication,
      notes,
    }));
    const touched = patch.diff.accounts.map(({ address }) => address);
    this.#parts.patchListeners.announce([{ touched }]);
  }

  async #writeNotes(notes: readonly Note[]): Promise<void> {
    if (notes.length === 0) return;
    await this.#write(RECORD_KINDS.notes, encodeNotesRecord(notes), (record) => ({
      record,
      added: [],
      notes,
    }));
  }

  async #commitNow(executed: ExecutedBlock): Promise<void> {
    this.#checkOpen();
    const { block, diff } = executed;
    const { index, bodies, history, listeners } = this.#parts;
    this.#checkCheats(executed);
    this.#checkOnHead(block);
    // A patch may have come since: the batch would overwrite it.
    if (!equalBytes(executed.parentRoot, index.stateRoot)) throw this.#notOnHead(block);
    const to = block.header.height;
    const growth = { from: to - 1, to };
    const retention = await planRetention(history, index.kept, growth, (height) =>
      height === to ? [diff] : bodies.diffs(height),
    );
    await this.#write(RECORD_KINDS.block, encodeBlockRecord(executed), (record) => ({
      record,
      added: [executed],
      retention,
    }));
    const events = [headEvent(executed)];
    this.#remember(events);
    listeners.announce(events);
  }

  /** Appends and publishes. @throws before anything is visible */
  async #write(
    kind: number,
    payload: Uint8Array,
    publicationOf: (record: Publication['record']) => Publication,
  ): Promise<void> {
    const { log, index, bodies, writeBehind, durability } = this.#parts;
    await writeBehind.admit();
    const record = await log.append(kind, payload, durability);
    const publication = publicationOf(record);
    index.publish(publication);
    if (publication.removal !== undefined) bodies.clear();
    writeBehind.published();
  }

  #remember(events: readonly HeadEvent[]): void {
    for (const { block, receipts } of events) this.#parts.bodies.remember({ block, receipts });
  }

  #checkCheats(content: Parameters<typeof isCheated>[0]): void {
    if (!isCheated(content)) return;
    checkCheats(this.#parts.cheats, `block ${content.block.header.height}`);
  }

  #checkUnknown({ hash }: RecoveredBlock): void {
    const height = this.#parts.index.heightOf(hash);
    if (height === undefined) return;
    throw chainErrors.create('CHAIN_BLOCK_KNOWN', undefined, { height, hash: toHex(hash) });
  }

  #checkOnHead(block: RecoveredBlock): void {
    const { head } = this.#parts.index;
    const isNext = block.header.height === head.header.height + 1;
    if (!isNext || !equalBytes(block.header.parentHash, head.hash)) throw this.#notOnHead(block);
  }

  /** The block of the chain on which `block` was built. */
  #parentOf(block: RecoveredBlock): HeaderView {
    const { index } = this.#parts;
    const { height, parentHash } = block.header;
    const parentHeight = index.heightOf(parentHash);
    const parent = parentHeight === undefined ? undefined : index.block(parentHeight);
    if (parent === undefined || height !== parent.header.height + 1) throw this.#notOnHead(block);
    return parent;
  }

  #notBehindHead(height: number, ordinal: number): Error {
    const { point } = this.#parts.index;
    const detail = `patch ${ordinal} of block ${height}`;
    return chainErrors.create('CHAIN_NOT_ON_HEAD', detail, {
      height,
      ordinal,
      headHeight: point.height,
      headOrdinal: point.ordinal,
    });
  }

  #notOnHead({ header }: RecoveredBlock): Error {
    const { head } = this.#parts.index;
    return chainErrors.create('CHAIN_NOT_ON_HEAD', undefined, {
      height: header.height,
      parent: toHex(header.parentHash),
      head: toHex(head.hash),
      headHeight: head.header.height,
    });
  }
}
