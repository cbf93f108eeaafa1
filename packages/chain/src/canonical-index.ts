import { assert, fixedBytes, isLucernaError, present } from '@lucerna/base';
import {
  type Codec,
  decodeWith,
  encodeWith,
  type HeaderView,
  hash32,
  headerCodec,
  record,
  safeUint,
  type TransactionPosition,
} from '@lucerna/protocol';
import {
  KEYSPACES,
  type Keyspace,
  type OverlayStore,
  storageErrors,
  WriteBatch,
} from '@lucerna/storage';
import type { LogPosition, LogRecord } from './block-log.ts';
import { chainErrors } from './errors.ts';

/** The format of the rows of this file and of the state's. */
const STORE_SCHEMA = 1;

/** A block as the index knows it. */
export type IndexedBlock = HeaderView & {
  /** Offset of its record in the log. */
  readonly offset: number;
};

/** How far the rows of the store go, in the same commit as those rows. */
export type StoreStatus = {
  readonly schema: number;
  readonly genesisHash: Uint8Array;
  readonly height: number;
  /** End of the record of that block in the log. */
  readonly logOffset: number;
  readonly logChecksum: number;
  /** The lowest height whose state can be read. */
  readonly historyFrom: number;
};

const STATUS_KEY: Uint8Array = new TextEncoder().encode('chain');

const statusCodec: Codec<StoreStatus> = record<StoreStatus>({
  schema: safeUint,
  genesisHash: hash32,
  height: safeUint,
  logOffset: safeUint,
  logChecksum: safeUint,
  historyFrom: safeUint,
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

/** A block that is about to be published. */
export type Publication = HeaderView & {
  readonly transactionHashes: readonly Uint8Array[];
  /** Its record in the log. */
  readonly record: Pick<LogRecord, 'start' | 'end'>;
  /** What it changes in the state. */
  readonly state: WriteBatch;
  /** Whether `state` records what it overwrites. */
  readonly keepsHistory: boolean;
};

/**
 * Which block is at which height, and where everything is. The one place that publishes: head,
 * state and indexes of a block become visible in one synchronous step.
 */
export class CanonicalIndex {
  readonly #store: OverlayStore;
  #head: HeaderView | undefined;
  #status: StoreStatus | undefined;

  constructor(store: OverlayStore) {
    this.#store = store;
  }

  /** The last published block. */
  get head(): HeaderView {
    return present(this.#head, 'a chain has a head once it is open');
  }

  /** Where the log must go on from what is published. */
  get logEnd(): LogPosition {
    const { logOffset, logChecksum } = present(
      this.#status,
      'a chain has a status once it is open',
    );
    return { offset: logOffset, checksum: logChecksum };
  }

  /** The lowest height whose state can be read. */
  get historyFrom(): number {
    return present(this.#status, 'a chain has a status once it is open').historyFrom;
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

  /** Makes a block the head, with everything that belongs to it, at once. */
  publish(block: Publication): void {
    const { header, hash: blockHash, record: source } = block;
    const height = header.height;
    assert(height === (this.#head === undefined ? 0 : this.#head.header.height + 1), 'in order');
    const keepsOlder = block.keepsHistory && this.#status !== undefined;
    const status: StoreStatus = {
      schema: STORE_SCHEMA,
      genesisHash: this.#status?.genesisHash ?? blockHash,
      height,
      logOffset: source.end.offset,
      logChecksum: source.end.checksum,
      historyFrom: keepsOlder ? this.historyFrom : height,
    };
    const batch = new WriteBatch();
    for (const { keyspace, key, value } of block.state.writes()) {
      if (value === undefined) batch.delete(keyspace, key);
      else batch.put(keyspace, key, value);
    }
    const row = { offset: source.start, hash: blockHash, header };
    batch.put(KEYSPACES.blocks, heightKey(height), encodeWith(blockCodec, row));
    batch.put(KEYSPACES.blockHashes, blockHash, heightKey(height));
    for (const [index, transactionHash] of block.transactionHashes.entries()) {
      const position = encodeWith(positionCodec, { height, index });
      batch.put(KEYSPACES.transactions, transactionHash, position);
    }
    batch.put(KEYSPACES.meta, STATUS_KEY, encodeWith(statusCodec, status));
    this.#store.publish(batch);
    this.#head = { header, hash: blockHash };
    this.#status = status;
  }

  /** The block at `height`, if there is one. @throws `STORE_CORRUPT` */
  block(height: number): IndexedBlock | undefined {
    assert(Number.isSafeInteger(height) && height >= 0, 'a height is a natural number');
    return this.#row(KEYSPACES.blocks, heightKey(height), blockCodec);
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
    const value = this.#store.get(keyspace, key);
    if (value === undefined) return undefined;
    try {
      return decodeWith(codec, value, keyspace.name);
    } catch (error) {
      if (!isLucernaError(error)) throw error;
      throw storageErrors.create('STORE_CORRUPT', error.message, { ...error.fields }, error);
    }
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
