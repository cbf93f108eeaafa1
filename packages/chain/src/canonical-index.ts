import {
  assert,
  EMPTY_BYTES,
  equalBytes,
  type Fields,
  type LucernaError,
  present,
  toHex,
} from '@lucerna/base';
import {
  bit,
  type Codec,
  decodeRlp,
  decodeWith,
  encodeWith,
  type HeaderView,
  hash32,
  headerCodec,
  listItems,
  record,
  safeUint,
  type TransactionPosition,
} from '@lucerna/protocol';
import {
  KEYSPACES,
  type Keyspace,
  type KvReader,
  type OverlayStore,
  storageErrors,
  WriteBatch,
} from '@lucerna/storage';
import { isCheated } from './block-extras.ts';
import { chainErrors } from './errors.ts';
import { explorerKeys } from './explorer-index.ts';
import { heightKey, heightOfKey, inStore } from './index-rows.ts';
import { LOG_START, type LogPosition, type LogRecord } from './log-record.ts';
import { NoteRows } from './notes.ts';
import type { ChainPoint, Note, Patch } from './patch-record.ts';
import {
  deletePatch,
  firstPatchOf,
  lastPatchOf,
  type PatchRow,
  patchAt,
  putPatch,
} from './patch-rows.ts';
import type { BlockRecord } from './record.ts';
import type { Kept, Retention } from './retention.ts';

/** The format of the rows of this file and of the state's. */
const STORE_SCHEMA = 3;

/** A block as the index knows it. */
export type IndexedBlock = HeaderView & {
  /** Offset in the log of the record that has it. */
  readonly offset: number;
};

/** How far the rows of the store go, in the same commit as those rows. */
export type StoreStatus = Kept & {
  readonly schema: number;
  readonly genesisHash: Uint8Array;
  /** Of the first block there is: 0, or that of the base that the log begins with. */
  readonly firstHeight: number;
  readonly height: number;
  /** Offset of the last record that was applied. After a rewind the head has an earlier one. */
  readonly logStart: number;
  /** End of that record. */
  readonly logOffset: number;
  readonly logChecksum: number;
  /** 1 once the log has had anything that only a dev chain may have. */
  readonly cheats: 0 | 1;
};

const STATUS_KEY: Uint8Array = new TextEncoder().encode('chain');

/** As long as there is no status: root of the state that is being written. */
const BASE_KEY: Uint8Array = new TextEncoder().encode('base');

const statusCodec: Codec<StoreStatus> = record<StoreStatus>({
  schema: safeUint,
  genesisHash: hash32,
  firstHeight: safeUint,
  height: safeUint,
  logStart: safeUint,
  logOffset: safeUint,
  logChecksum: safeUint,
  historyFrom: safeUint,
  prunedTo: safeUint,
  cheats: bit,
});

const blockCodec: Codec<IndexedBlock> = record<IndexedBlock>({
  offset: safeUint,
  hash: hash32,
  header: headerCodec,
});

const positionCodec: Codec<TransactionPosition> = record<TransactionPosition>({
  height: safeUint,
  index: safeUint,
});

/** The head, and the state that belongs to it. */
export type ChainHead = {
  readonly view: HeaderView;
  /** How many patches behind it there are. */
  readonly ordinal: number;
  /** Of the state after them: the header's, unless there are some. */
  readonly stateRoot: Uint8Array;
};

/** A block that becomes part of the chain, with what it changes in the state. */
export type AddedBlock = BlockRecord & { readonly batch: WriteBatch };

/** A block that goes, and the patches behind it. */
export type RemovedBlock = BlockRecord & { readonly patches: readonly Patch[] };

/** What becomes visible at once. */
export type Publication = {
  /** The record that says so. */
  readonly record: Pick<LogRecord, 'start' | 'end'>;
  /** For the first block of a chain that does not begin with its genesis. */
  readonly begins?: {
    readonly genesisHash: Uint8Array;
    /** Of the record that has the block. */
    readonly offset: number;
    /** What had been patched before. */
    readonly patched: Omit<PatchRow, 'offset'> | undefined;
  };
  /** What is taken off the end of the chain first. */
  readonly removal?: {
    /** What is the head then. */
    readonly head: ChainHead;
    readonly blocks: readonly RemovedBlock[];
    /** Of that head, which had them. */
    readonly patches: readonly ChainPoint[];
    /** Where transactions of these blocks stood before: cheats can make one possible a second time. */
    readonly repeated: readonly (TransactionPosition & { readonly hash: Uint8Array })[];
    /** Takes back what all of them did to the state and its history. */
    readonly batch: WriteBatch;
  };
  /** What follows the head, or the ancestor. */
  readonly added: readonly AddedBlock[];
  /** Behind them. */
  readonly patch?: Omit<PatchRow, 'offset'> & { readonly batch: WriteBatch };
  readonly notes?: readonly Note[];
  /** Undefined: as it is. */
  readonly retention?: Retention;
};

/**
 * Which block is at which height, and where everything is. The one place that publishes: head,
 * state and indexes become visible in one synchronous step, also when blocks make way for others.
 */
export class CanonicalIndex {
  /** What is kept beside the blocks. */
  readonly notes: NoteRows;
  readonly #store: OverlayStore;
  #head: ChainHead | undefined;
  #status: StoreStatus | undefined;
  #reorganisations = 0;
  #reversals = 0;

  constructor(store: OverlayStore) {
    this.#store = store;
    this.notes = new NoteRows(store);
  }

  /** The last published block. */
  get head(): HeaderView {
    return this.#now.view;
  }

  /** The place of the state that is visible. */
  get point(): ChainPoint {
    const { view, ordinal } = this.#now;
    return { height: view.header.height, ordinal };
  }

  /** Root of the state that is visible: that after the head and its patches. */
  get stateRoot(): Uint8Array {
    return this.#now.stateRoot;
  }

  /** Whether the log has had anything that only a dev chain may have. */
  get hasCheats(): boolean {
    return this.#published.cheats === 1;
  }

  /** Height of the first block there is. */
  get firstHeight(): number {
    return this.#published.firstHeight;
  }

  get genesisHash(): Uint8Array {
    return this.#published.genesisHash;
  }

  /** Where the log must go on from what is published. */
  get logEnd(): LogPosition {
    const { logOffset, logChecksum } = this.#published;
    return { offset: logOffset, checksum: logChecksum };
  }

  /** How far back the state can be read. */
  get kept(): Kept {
    return this.#published;
  }

  /**
   * How often blocks were removed. While it is the same, what was read of older blocks belongs
   * together with what is read now.
   */
  get reorganisations(): number {
    return this.#reorganisations;
  }

  /** How often blocks or patches were removed: the same for the states of older blocks. */
  get reversals(): number {
    return this.#reversals;
  }

  /**
   * How far the store goes; undefined for an empty one.
   *
   * @throws `CHAIN_SCHEMA_UNSUPPORTED`, `STORE_CORRUPT`
   */
  storedStatus(): StoreStatus | undefined {
    const row = this.#store.get(KEYSPACES.meta, STATUS_KEY);
    if (row === undefined) return undefined;
    const schema = inStore(() => {
      const [first] = listItems(decodeRlp(row), 'status');
      return first === undefined ? 0 : safeUint.fromRlp(first, 'status.schema');
    });
    if (schema !== STORE_SCHEMA) {
      throw chainErrors.create('CHAIN_SCHEMA_UNSUPPORTED', undefined, {
        schema,
        supported: STORE_SCHEMA,
      });
    }
    return inStore(() => decodeWith(statusCodec, row, KEYSPACES.meta.name));
  }

  /** Takes the block that `status` names for the head. @throws `STORE_CORRUPT` */
  restore(status: StoreStatus): void {
    assert(this.#head === undefined, 'an index is restored first of all');
    const block = this.block(status.height);
    if (block === undefined || block.header.height !== status.height) {
      throw storageErrors.create('STORE_CORRUPT', 'the block of the head is missing', {
        height: status.height,
      });
    }
    const { header, hash } = block;
    this.#status = status;
    this.#head = { view: { header, hash }, ordinal: 0, stateRoot: header.stateRoot };
    const patch = lastPatchOf(this.#store, header.height);
    if (patch !== undefined) this.#head = { ...this.#head, ...placeOf(patch) };
  }

  /**
   * Says whose state is about to be written, before any of it is there: what a crash leaves of it is
   * for the same state only. The block does not say which one that is: it may have patches.
   *
   * @param stateRoot of the state of the base
   * @throws as {@link checkEmpty}
   */
  beginBase(stateRoot: Uint8Array): void {
    const begun = this.#store.get(KEYSPACES.meta, BASE_KEY);
    if (begun === undefined || !equalBytes(begun, stateRoot)) this.checkEmpty();
    const batch = new WriteBatch();
    batch.put(KEYSPACES.meta, BASE_KEY, stateRoot);
    this.#store.publish(batch);
  }

  /** @throws `CHAIN_INDEX_MISMATCH` when the store has a part of the state of a base */
  checkEmpty(): void {
    const begun = this.#store.get(KEYSPACES.meta, BASE_KEY);
    if (begun === undefined) return;
    const fields = { stateRoot: toHex(begun) };
    const detail = 'the database has a part of the state of another chain, or of another block';
    throw chainErrors.create('CHAIN_INDEX_MISMATCH', detail, fields);
  }

  /** Takes blocks off the chain and adds others, with everything that belongs to them, at once. */
  publish(publication: Publication): void {
    const { record: source, begins, removal, added, patch, notes = [], retention } = publication;
    const batch = new WriteBatch();
    const firstHeight = this.#status?.firstHeight ?? added[0]?.block.header.height ?? 0;
    assert(this.#status !== undefined || firstHeight === 0 || begins !== undefined, 'a beginning');
    if (begins !== undefined) batch.delete(KEYSPACES.meta, BASE_KEY);
    if (removal !== undefined) removeFrom(batch, removal);
    let head = removal?.head ?? this.#head;
    for (const block of added) {
      const { header, hash } = block.block;
      const height = head === undefined ? firstHeight : head.view.header.height + 1;
      assert(header.height === height, 'in order');
      addBlock(batch, block, begins?.offset ?? source.start);
      head = { view: { header, hash }, ordinal: 0, stateRoot: header.stateRoot };
    }
    const last = present(head, 'a chain has a block');
    const patched = begins?.patched ?? patch;
    if (patched !== undefined) {
      const { height, ordinal, stateRoot, minted, destroyed } = patched;
      assert(height === last.view.header.height, 'a patch is of the head');
      const offset = begins?.offset ?? source.start;
      putPatch(batch, { height, ordinal, stateRoot, minted, destroyed, offset });
    }
    if (patch !== undefined) append(batch, patch.batch);
    this.notes.write(batch, notes);
    if (retention !== undefined) append(batch, retention.batch);
    const status = this.#statusAfter(publication, last.view, firstHeight);
    batch.put(KEYSPACES.meta, STATUS_KEY, encodeWith(statusCodec, status));
    this.#store.publish(batch);
    this.#head = patched === undefined ? last : { ...last, ...placeOf(patched) };
    this.#status = status;
    if (removal === undefined) return;
    if (removal.blocks.length > 0) this.#reorganisations += 1;
    this.#reversals += 1;
  }

  #statusAfter(
    { record: source, begins, added, patch, retention }: Publication,
    { header, hash }: HeaderView,
    firstHeight: number,
  ): StoreStatus {
    const isCheat = begins?.patched !== undefined || patch !== undefined || added.some(isCheated);
    const { historyFrom, prunedTo } = retention ?? this.#published;
    return {
      schema: STORE_SCHEMA,
      genesisHash: this.#status?.genesisHash ?? begins?.genesisHash ?? hash,
      firstHeight,
      height: header.height,
      logStart: source.start,
      logOffset: source.end.offset,
      logChecksum: source.end.checksum,
      historyFrom,
      prunedTo,
      cheats: isCheat ? 1 : (this.#status?.cheats ?? 0),
    };
  }

  /**
   * Root of the state after the block of `height`, which is there, and its patches.
   *
   * @throws `STORE_CORRUPT`
   */
  stateRootAt(height: number): Uint8Array {
    const { view, stateRoot } = this.#now;
    if (height === view.header.height) return stateRoot;
    const patch = this.hasCheats ? lastPatchOf(this.#store, height) : undefined;
    if (patch !== undefined) return patch.stateRoot;
    return present(this.block(height), 'every height has a block').header.stateRoot;
  }

  /** How many patches the block of `height`, which is there, has. @throws `STORE_CORRUPT` */
  ordinalAt(height: number): number {
    if (height === this.point.height) return this.point.ordinal;
    return this.hasCheats ? (lastPatchOf(this.#store, height)?.ordinal ?? 0) : 0;
  }

  /**
   * What the head would be after going back to a point.
   *
   * @param ordinal undefined: that of the last patch of the block
   * @throws `STATE_FUTURE` when there is no such point; `BLOCKS_PRUNED`, `STORE_CORRUPT`
   */
  headAt(height: number, ordinal: number | undefined): ChainHead {
    const { header: head } = this.head;
    if (height > head.height) throw stateFuture(`block ${height}`, this.point, { height });
    if (height < this.firstHeight) throw blocksPruned(this, height);
    const block = this.block(height);
    if (block === undefined) {
      throw storageErrors.create('STORE_CORRUPT', 'a block is missing', { height });
    }
    const { header, hash } = block;
    const view = { header, hash };
    const last = lastPatchOf(this.#store, height);
    const wanted = ordinal ?? last?.ordinal ?? 0;
    if (wanted > (last?.ordinal ?? 0)) {
      throw stateFuture(`patch ${wanted} of block ${height}`, this.point, { height, ordinal });
    }
    const patch = patchAt(this.#store, { height, ordinal: wanted });
    if (patch !== undefined) return { view, ...placeOf(patch) };
    // Every patch has a row, unless the base of this log came after it.
    const first = firstPatchOf(this.#store, height);
    if (first !== undefined && first.ordinal > 1) throw blocksPruned(this, height);
    if (first !== undefined && first.offset === LOG_START.offset) throw blocksPruned(this, height);
    return { view, ordinal: 0, stateRoot: header.stateRoot };
  }

  /** The block at `height`, if there is one. @throws `STORE_CORRUPT` */
  block(height: number): IndexedBlock | undefined {
    assert(Number.isSafeInteger(height) && height >= 0, 'a height is a natural number');
    return this.#row(KEYSPACES.blocks, heightKey(height), blockCodec);
  }

  get #published(): StoreStatus {
    return present(this.#status, 'a chain has a status once it is open');
  }

  get #now(): ChainHead {
    return present(this.#head, 'a chain has a head once it is open');
  }

  /** The height of the block with this hash, if it is part of the chain. */
  heightOf(blockHash: Uint8Array): number | undefined {
    const row = this.#store.get(KEYSPACES.blockHashes, blockHash);
    return row === undefined ? undefined : heightOfKey(row);
  }

  /** Where the transaction with this hash stands, if it is part of the chain. */
  findTransaction(transactionHash: Uint8Array): TransactionPosition | undefined {
    return this.#row(KEYSPACES.transactions, transactionHash, positionCodec);
  }

  #row<T>(keyspace: Keyspace, key: Uint8Array, codec: Codec<T>): T | undefined {
    return rowOf(this.#store, keyspace, key, codec);
  }
}

/** The block at `height`, which is there, in an earlier moment of the store. @throws `STORE_CORRUPT` */
export function indexedBlockAt(reader: KvReader, height: number): IndexedBlock {
  const block = rowOf(reader, KEYSPACES.blocks, heightKey(height), blockCodec);
  return present(block, 'every height has a block');
}

function rowOf<T>(
  reader: KvReader,
  keyspace: Keyspace,
  key: Uint8Array,
  codec: Codec<T>,
): T | undefined {
  const value = reader.get(keyspace, key);
  return value === undefined ? undefined : inStore(() => decodeWith(codec, value, keyspace.name));
}

/** The error for what is asked of a height below the first block. */
export function blocksPruned({ firstHeight }: CanonicalIndex, height: number): LucernaError {
  const detail = `block ${height}, the first one is ${firstHeight}`;
  return chainErrors.create('BLOCKS_PRUNED', detail, { height, firstHeight });
}

/** The error for what is asked of a point that the chain has not come to. */
export function stateFuture(what: string, point: ChainPoint, fields: Fields): LucernaError {
  const { height: head, ordinal: patches } = point;
  return chainErrors.create('STATE_FUTURE', `${what}, the head is ${head}`, {
    ...fields,
    head,
    patches,
  });
}

/** Everything that is found through the index only by way of what goes, and its state. */
function removeFrom(
  batch: WriteBatch,
  { blocks, patches, repeated, batch: state }: NonNullable<Publication['removal']>,
): void {
  for (const content of blocks) {
    const { header, hash: blockHash, transactions } = content.block;
    batch.delete(KEYSPACES.blocks, heightKey(header.height));
    batch.delete(KEYSPACES.blockHashes, blockHash);
    for (const transaction of transactions) {
      batch.delete(KEYSPACES.transactions, transaction.hash);
    }
    for (const [keyspace, key] of explorerKeys(content, content.diff)) batch.delete(keyspace, key);
    for (const patch of content.patches) deletePatch(batch, patch);
  }
  for (const patch of patches) deletePatch(batch, patch);
  for (const { hash: transactionHash, height, index } of repeated) {
    batch.put(
      KEYSPACES.transactions,
      transactionHash,
      encodeWith(positionCodec, { height, index }),
    );
  }
  append(batch, state);
}

/** @param offset of the record that has the block */
function addBlock(batch: WriteBatch, content: AddedBlock, offset: number): void {
  const { header, hash: blockHash, transactions } = content.block;
  const key = heightKey(header.height);
  batch.put(KEYSPACES.blocks, key, encodeWith(blockCodec, { offset, hash: blockHash, header }));
  batch.put(KEYSPACES.blockHashes, blockHash, key);
  for (const [index, transaction] of transactions.entries()) {
    const position = encodeWith(positionCodec, { height: header.height, index });
    batch.put(KEYSPACES.transactions, transaction.hash, position);
  }
  for (const [keyspace, explorerKey] of explorerKeys(content, content.diff)) {
    batch.put(keyspace, explorerKey, EMPTY_BYTES);
  }
  append(batch, content.batch);
}

/** What a patch makes of the head. */
function placeOf({ ordinal, stateRoot }: Omit<PatchRow, 'offset'>): Omit<ChainHead, 'view'> {
  return { ordinal, stateRoot };
}

function append(batch: WriteBatch, more: WriteBatch): void {
  for (const { keyspace, key, value } of more.writes()) {
    if (value === undefined) batch.delete(keyspace, key);
    else batch.put(keyspace, key, value);
  }
}
