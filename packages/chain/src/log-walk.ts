import { equalBytes, type LucernaError, present, toHex } from '@lucerna/base';
import { keccak256, type SignatureEngine } from '@lucerna/crypto';
import type { Genesis, HeaderView, RecoveredBlock } from '@lucerna/protocol';
import { EMPTY_DIFF, type StateDiff } from '@lucerna/state';
import { KEYSPACES, type Keyspace, type OverlayStore } from '@lucerna/storage';
import { BaseReader, keepNothing } from './base-reader.ts';
import type { BaseRecord } from './base-record.ts';
import { contentProblem } from './block-content.ts';
import type { CanonicalIndex } from './canonical-index.ts';
import { chainErrors } from './errors.ts';
import { explorerKeys } from './explorer-index.ts';
import { LOG_START, type LogRecord } from './log-record.ts';
import {
  type ChainPoint,
  decodeNotesRecord,
  decodePatchRecord,
  type Note,
  type Patch,
} from './patch-record.ts';
import {
  addSums,
  NO_SUMS,
  type PatchRow,
  type PatchSums,
  patchAt,
  patchesBehind,
} from './patch-rows.ts';
import {
  type BlockBody,
  type BlockRecord,
  decodeBlockRecord,
  decodeGenesisRecord,
  decodeReorgRecord,
} from './record.ts';
import { RECORD_KINDS } from './record-kinds.ts';

/** What a walk compares the log with. */
export type WalkParts = {
  readonly overlay: OverlayStore;
  readonly index: CanonicalIndex;
  readonly signatures: SignatureEngine;
  readonly genesis: Genesis;
};

/** What the store has beside the state, at the moment when a check begins. */
export type StoreRows = {
  /** How many rows each of {@link COUNTED} has. */
  readonly counts: ReadonlyMap<Keyspace, number>;
  /** keccak256 of the notes, by key. */
  readonly notes: ReadonlyMap<string, Uint8Array>;
};

/** The keyspaces whose rows are counted. */
export const COUNTED: readonly Keyspace[] = [
  KEYSPACES.blocks,
  KEYSPACES.blockHashes,
  KEYSPACES.transactions,
  KEYSPACES.addressTransactions,
  KEYSPACES.senderNonces,
  KEYSPACES.creations,
  KEYSPACES.patches,
];

/**
 * Follows the chain through the log as it once was: blocks and patches are added, and removed again.
 * Those that the index has are checked against it when they come by; those that it does not have are
 * remembered until they are removed.
 */
export class LogWalk {
  readonly #parts: WalkParts;
  readonly #takeTurn: () => Promise<void>;
  #tip: HeaderView | undefined;
  /** The base that the log begins with, until its state is complete. */
  #base: BaseReader | undefined;
  /** By height: what is part of the chain at this point of the log, and not in the index. */
  readonly #unindexed = new Map<number, HeaderView>();
  /** The same of patches: ordinals by height. */
  readonly #unindexedPatches = new Map<number, Set<number>>();
  /** How many patches blocks have at this point of the log. */
  readonly #ordinals = new Map<number, number>();
  /** Hashes of what is kept beside the chain, by key. */
  readonly #notes = new Map<string, Uint8Array>();
  /** Rows that the index must have. */
  readonly #rows = new Map<Keyspace, number>();
  #transactions = 0;
  #burned = 0n;
  #sums: PatchSums = NO_SUMS;

  constructor(parts: WalkParts, takeTurn: () => Promise<void>) {
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

  /** What patches have made and taken. */
  get sums(): PatchSums {
    return this.#sums;
  }

  /** Takes the next record. */
  async visit(source: LogRecord): Promise<void> {
    if (this.#base !== undefined) {
      const checked = await this.#base.add(source);
      if (checked !== undefined) this.#beginWith(checked.base);
      return;
    }
    if (this.#tip === undefined) {
      this.#begin(source);
      return;
    }
    switch (source.kind) {
      case RECORD_KINDS.reorg: {
        const { ancestorHeight, ancestorHash, ordinal, blocks, notes } = decodeReorgRecord(source);
        await this.#goBack(source, this.#tip, { height: ancestorHeight, ordinal }, ancestorHash);
        for (const content of blocks) {
          await this.#takeTurn();
          this.#add(source, content);
        }
        this.#note(notes);
        break;
      }
      case RECORD_KINDS.patch: {
        const { patch, notes } = decodePatchRecord(source);
        this.#addPatch(source, this.#tip, patch);
        this.#note(notes);
        break;
      }
      case RECORD_KINDS.notes:
        this.#note(decodeNotesRecord(source));
        break;
      default:
        this.#add(source, decodeBlockRecord(source));
    }
  }

  /** The log is at its end: what is left must be what the index has, and nothing else. */
  finish(head: HeaderView, point: ChainPoint, { counts, notes }: StoreRows): void {
    const { height } = head.header;
    for (const [strange, { hash }] of this.#unindexed) {
      throw mismatch(strange, 'the index does not have the block', toHex(hash));
    }
    for (const [strange, ordinals] of this.#unindexedPatches) {
      if (ordinals.size > 0) throw mismatch(strange, 'the index does not have a patch');
    }
    if (this.#tip === undefined || !equalBytes(this.#tip.hash, head.hash)) {
      throw mismatch(height, 'the log ends with another block than the head');
    }
    if (this.#ordinalAt(height) !== point.ordinal) {
      throw mismatch(height, 'the log ends with another patch than the state');
    }
    for (const [key, hash] of this.#notes) {
      const found = notes.get(key);
      if (found === undefined || !equalBytes(found, hash)) throw mismatch(height, `note ${key}`);
    }
    if (notes.size !== this.#notes.size) throw mismatch(height, 'a note is not in the log');
    for (const keyspace of COUNTED) {
      const found = counts.get(keyspace) ?? 0;
      const expected = this.#rows.get(keyspace) ?? 0;
      if (found === expected) continue;
      throw mismatch(height, `${found} rows of ${keyspace.name}, not ${expected}`);
    }
  }

  #begin(source: LogRecord): void {
    const { signatures } = this.#parts;
    if (source.kind === RECORD_KINDS.base) {
      this.#base = new BaseReader(source, signatures, keepNothing, this.#takeTurn);
      return;
    }
    this.#tip = checkGenesis(this.#parts, source);
    this.#count(KEYSPACES.blocks, 1);
    this.#count(KEYSPACES.blockHashes, 1);
  }

  #beginWith(base: BaseRecord): void {
    const { index, overlay } = this.#parts;
    const { block, burned, patched } = base;
    const { header, hash } = block;
    const { height } = header;
    const check = checkOf(height, hash);
    const indexed = index.block(height);
    check(indexed !== undefined && equalBytes(indexed.hash, hash), 'the index has another base');
    check(indexed?.offset === LOG_START.offset, 'the base is not where the index says');
    this.#base = undefined;
    this.#tip = { header, hash };
    this.#countBlock(base, EMPTY_DIFF);
    this.#burned += burned;
    if (patched === undefined) return;
    const { ordinal, stateRoot, minted, destroyed } = patched;
    this.#sums = { minted, destroyed };
    const row = patchAt(overlay, { height, ordinal });
    check(
      row !== undefined && row.offset === LOG_START.offset,
      'the base has no row of its patches',
    );
    check(row !== undefined && this.#isAsSummed(row, stateRoot), 'the patches of the base');
    this.#ordinals.set(height, ordinal);
    this.#count(KEYSPACES.patches, 1);
  }

  #add(source: LogRecord, content: BlockRecord): void {
    const { index } = this.#parts;
    const { header, hash } = content.block;
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
    this.#countBlock(content, content.diff);
    this.#burned += header.baseFeePerGas * header.gasUsed;
  }

  #addPatch(source: LogRecord, { header }: HeaderView, patch: Patch): void {
    const { height, ordinal, stateRoot, diff } = patch;
    if (height !== header.height || ordinal !== this.#ordinalAt(height) + 1) {
      throw mismatch(height, 'a patch does not follow what is before it');
    }
    this.#ordinals.set(height, ordinal);
    const row = patchAt(this.#parts.overlay, patch);
    if (row?.offset !== source.start) {
      const ordinals = this.#unindexedPatches.get(height) ?? new Set();
      this.#unindexedPatches.set(height, ordinals.add(ordinal));
      return;
    }
    this.#sums = addSums(this.#sums, diff);
    if (this.#unindexed.has(height) || !this.#isAsSummed(row, stateRoot)) {
      throw mismatch(height, 'the index has another patch');
    }
    this.#count(KEYSPACES.patches, 1);
  }

  #isAsSummed({ minted, destroyed, stateRoot }: PatchRow, expected: Uint8Array): boolean {
    const isSame = minted === this.#sums.minted && destroyed === this.#sums.destroyed;
    return isSame && equalBytes(stateRoot, expected);
  }

  /** The index has the block: so it must have all of it. */
  #countBlock(content: Omit<BlockBody, 'lifted'>, diff: StateDiff): void {
    const { index, overlay } = this.#parts;
    const { header, hash, transactions } = content.block;
    const check = checkOf(header.height, hash);
    check(index.heightOf(hash) === header.height, 'the hash is not in the index');
    for (const [position, { hash: transactionHash }] of transactions.entries()) {
      const found = index.findTransaction(transactionHash);
      const isHere = found?.height === header.height && found.index === position;
      // Where a nonce was set back, the same transaction may be in a later block again.
      const isLater = index.hasCheats && found !== undefined && found.height > header.height;
      check(isHere || isLater, 'position of a transaction');
      if (isHere) this.#count(KEYSPACES.transactions, 1);
    }
    for (const [keyspace, key] of explorerKeys(content, diff)) {
      check(overlay.get(keyspace, key) !== undefined, `a row of ${keyspace.name} is missing`);
      this.#count(keyspace, 1);
    }
    this.#count(KEYSPACES.blocks, 1);
    this.#count(KEYSPACES.blockHashes, 1);
    this.#transactions += transactions.length;
  }

  async #goBack(
    source: LogRecord,
    tip: HeaderView,
    to: { readonly height: number; readonly ordinal: number | undefined },
    hash: Uint8Array,
  ): Promise<void> {
    const { index } = this.#parts;
    const { height, ordinal = this.#ordinalAt(height) } = to;
    const indexed = index.block(height);
    // What the index has from further behind in the log was not there yet.
    const known = indexed !== undefined && indexed.offset < source.start ? indexed : undefined;
    const ancestor = this.#unindexed.get(height) ?? known;
    const isBelow = height <= tip.header.height && ordinal <= this.#ordinalAt(height);
    if (!isBelow || ancestor === undefined || !equalBytes(ancestor.hash, hash)) {
      throw mismatch(height, 'the log goes back to a block that was not there', toHex(hash));
    }
    this.#removePatches(source, { height, ordinal });
    for (let removed = height + 1; removed <= tip.header.height; removed += 1) {
      await this.#takeTurn();
      this.#unindexed.delete(removed);
      const row = index.block(removed);
      // Else it would be counted with those that the chain has.
      if (row !== undefined && row.offset < source.start) {
        throw mismatch(removed, 'the index has a block that was removed', toHex(row.hash));
      }
      this.#removePatches(source, { height: removed, ordinal: 0 });
    }
    this.#tip = { header: ancestor.header, hash };
  }

  /** Takes away the patches behind a point of its block. */
  #removePatches(source: LogRecord, { height, ordinal }: ChainPoint): void {
    if (this.#ordinalAt(height) === ordinal) return;
    for (const row of patchesBehind(this.#parts.overlay, { height, ordinal })) {
      if (row.offset < source.start) {
        throw mismatch(height, 'the index has a patch that was removed');
      }
    }
    const unindexed = this.#unindexedPatches.get(height);
    for (let gone = ordinal + 1; gone <= this.#ordinalAt(height); gone += 1) {
      unindexed?.delete(gone);
    }
    if (ordinal === 0) this.#ordinals.delete(height);
    else this.#ordinals.set(height, ordinal);
  }

  #note(notes: readonly Note[]): void {
    for (const { key, value } of notes) {
      if (value === undefined) this.#notes.delete(key);
      else this.#notes.set(key, keccak256(value));
    }
  }

  #ordinalAt(height: number): number {
    return this.#ordinals.get(height) ?? 0;
  }

  #count(keyspace: Keyspace, more: number): void {
    this.#rows.set(keyspace, (this.#rows.get(keyspace) ?? 0) + more);
  }
}

function checkGenesis({ index }: WalkParts, source: LogRecord): HeaderView {
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
function checkContent({ signatures }: WalkParts, { block, receipts }: BlockRecord): void {
  const problem = contentProblem({ block, receipts }, signatures);
  if (problem !== undefined) throw mismatch(block.header.height, problem, toHex(block.hash));
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
