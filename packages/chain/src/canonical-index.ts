import {
  assert,
  equalBytes,
  fixedBytes,
  isLucernaError,
  type LucernaError,
  present,
  toHex,
} from '@lucerna/base';
import {
  type Codec,
  decodeWith,
  encodeWith,
  type HeaderView,
  hash32,
  headerCodec,
  type RecoveredBlock,
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
import { chainErrors } from './errors.ts';
import type { LogPosition, LogRecord } from './log-record.ts';
import type { Kept, Retention } from './retention.ts';

/** The format of the rows of this file and of the state's. */
const STORE_SCHEMA = 2;

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
};

const STATUS_KEY: Uint8Array = new TextEncoder().encode('chain');

/** As long as there is no status: hash of the base block whose state is being written. */
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

/** What becomes visible at once. */
export type Publication = {
  /** The record that says so. */
  readonly record: Pick<LogRecord, 'start' | 'end'>;
  /** For the first block of a chain that does not begin with its genesis. */
  readonly begins?: {
    readonly genesisHash: Uint8Array;
    /** Of the record that has the block. */
    readonly offset: number;
  };
  /** What is taken off the end of the chain first. */
  readonly removal?: {
    readonly ancestor: HeaderView;
    readonly blocks: readonly RecoveredBlock[];
    /** Takes back what they did to the state and its history. */
    readonly batch: WriteBatch;
  };
  /** What follows the head, or the ancestor, each with what it changes in the state. */
  readonly added: readonly { readonly block: RecoveredBlock; readonly batch: WriteBatch }[];
  readonly retention: Retention;
};

/**
 * Which block is at which height, and where everything is. The one place that publishes: head,
 * state and indexes become visible in one synchronous step, also when blocks make way for others.
 */
export class CanonicalIndex {
  readonly #store: OverlayStore;
  #head: HeaderView | undefined;
  #status: StoreStatus | undefined;
  #reorganisations = 0;

  constructor(store: OverlayStore) {
    this.#store = store;
  }

  /** The last published block. */
  get head(): HeaderView {
    return present(this.#head, 'a chain has a head once it is open');
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

  /**
   * How far the store goes; undefined for an empty one.
   *
   * @throws `CHAIN_SCHEMA_UNSUPPORTED`, `STORE_CORRUPT`
   */
  storedStatus(): StoreStatus | undefined {
    const status = this.#row(KEYSPACES.meta, STATUS_KEY, statusCodec);
    if (status !== undefined && status.schema !== STORE_SCHEMA) {
      throw chainErrors.create('CHAIN_SCHEMA_UNSUPPORTED', undefined, {
        schema: status.schema,
        supported: STORE_SCHEMA,
      });
    }
    return status;
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
    this.#head = { header: block.header, hash: block.hash };
    this.#status = status;
  }

  /**
   * Says whose state is about to be written, before any of it is there: what a crash leaves of it is
   * for the same base only.
   *
   * @param hash of the base block
   * @throws as {@link checkEmpty}
   */
  beginBase(hash: Uint8Array): void {
    const begun = this.#store.get(KEYSPACES.meta, BASE_KEY);
    if (begun === undefined || !equalBytes(begun, hash)) this.checkEmpty();
    const batch = new WriteBatch();
    batch.put(KEYSPACES.meta, BASE_KEY, hash);
    this.#store.publish(batch);
  }

  /** @throws `CHAIN_INDEX_MISMATCH` when the store has a part of the state of a base */
  checkEmpty(): void {
    const begun = this.#store.get(KEYSPACES.meta, BASE_KEY);
    if (begun === undefined) return;
    const fields = { base: toHex(begun) };
    const detail = 'the database has a part of the state of another chain, or of another block';
    throw chainErrors.create('CHAIN_INDEX_MISMATCH', detail, fields);
  }

  /** Takes blocks off the chain and adds others, with everything that belongs to them, at once. */
  publish({ record: source, begins, removal, added, retention }: Publication): void {
    const batch = new WriteBatch();
    let head = removal?.ancestor ?? this.#head;
    const firstHeight = this.#status?.firstHeight ?? added[0]?.block.header.height ?? 0;
    assert(this.#status !== undefined || firstHeight === 0 || begins !== undefined, 'a beginning');
    if (begins !== undefined) batch.delete(KEYSPACES.meta, BASE_KEY);
    if (removal !== undefined) removeBlocks(batch, removal.blocks, removal.batch);
    for (const { block, batch: state } of added) {
      const height = head === undefined ? firstHeight : head.header.height + 1;
      assert(block.header.height === height, 'in order');
      addBlock(batch, block, begins?.offset ?? source.start);
      append(batch, state);
      head = { header: block.header, hash: block.hash };
    }
    append(batch, retention.batch);
    const { header, hash: headHash } = present(head, 'a chain has a block');
    const status: StoreStatus = {
      schema: STORE_SCHEMA,
      genesisHash: this.#status?.genesisHash ?? begins?.genesisHash ?? headHash,
      firstHeight,
      height: header.height,
      logStart: source.start,
      logOffset: source.end.offset,
      logChecksum: source.end.checksum,
      historyFrom: retention.historyFrom,
      prunedTo: retention.prunedTo,
    };
    batch.put(KEYSPACES.meta, STATUS_KEY, encodeWith(statusCodec, status));
    this.#store.publish(batch);
    this.#head = { header, hash: headHash };
    this.#status = status;
    if (removal !== undefined && removal.blocks.length > 0) this.#reorganisations += 1;
  }

  /** The block at `height`, if there is one. @throws `STORE_CORRUPT` */
  block(height: number): IndexedBlock | undefined {
    assert(Number.isSafeInteger(height) && height >= 0, 'a height is a natural number');
    return this.#row(KEYSPACES.blocks, heightKey(height), blockCodec);
  }

  get #published(): StoreStatus {
    return present(this.#status, 'a chain has a status once it is open');
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
  if (value === undefined) return undefined;
  try {
    return decodeWith(codec, value, keyspace.name);
  } catch (error) {
    if (!isLucernaError(error)) throw error;
    throw storageErrors.create('STORE_CORRUPT', error.message, { ...error.fields }, error);
  }
}

/** The error for what is asked of a height below the first block. */
export function blocksPruned({ firstHeight }: CanonicalIndex, height: number): LucernaError {
  const detail = `block ${height}, the first one is ${firstHeight}`;
  return chainErrors.create('BLOCKS_PRUNED', detail, { height, firstHeight });
}

/** Everything that is found through the index only by way of these blocks, and their state. */
function removeBlocks(
  batch: WriteBatch,
  blocks: readonly RecoveredBlock[],
  state: WriteBatch,
): void {
  for (const { header, hash: blockHash, transactions } of blocks) {
    batch.delete(KEYSPACES.blocks, heightKey(header.height));
    batch.delete(KEYSPACES.blockHashes, blockHash);
    for (const transaction of transactions) {
      batch.delete(KEYSPACES.transactions, transaction.hash);
    }
  }
  append(batch, state);
}

/** @param offset of the record that has the block */
function addBlock(
  batch: WriteBatch,
  { header, hash: blockHash, transactions }: RecoveredBlock,
  offset: number,
): void {
  const key = heightKey(header.height);
  batch.put(KEYSPACES.blocks, key, encodeWith(blockCodec, { offset, hash: blockHash, header }));
  batch.put(KEYSPACES.blockHashes, blockHash, key);
  for (const [index, transaction] of transactions.entries()) {
    const position = encodeWith(positionCodec, { height: header.height, index });
    batch.put(KEYSPACES.transactions, transaction.hash, position);
  }
}

function append(batch: WriteBatch, more: WriteBatch): void {
  for (const { keyspace, key, value } of more.writes()) {
    if (value === undefined) batch.delete(keyspace, key);
    else batch.put(keyspace, key, value);
  }
}

/** A height as a key: 8 bytes, so that keys are in the order of heights. */
function heightKey(height: number): Uint8Array {
  return fixedBytes(BigInt(height), 8);
}

function heightOfKey(key: Uint8Array): number {
  if (key.length !== 8) throw storageErrors.create('STORE_CORRUPT', 'a height has 8 bytes');
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return Number(view.getBigUint64(0));
}
