import { equalBytes } from '@lucerna/base';
import {
  type Codec,
  decodeBlock,
  decodeWith,
  encodeWith,
  type Genesis,
  hash32,
  headerHash,
  record,
  safeUint,
} from '@lucerna/protocol';
import type { LogRecord } from '../log-record.ts';
import { decoded, decodeGenesisRecord, invalidRecord, RECORD_KINDS } from '../record.ts';

/** A block of an archive, not executed yet. */
export type ArchivedBlock = {
  readonly height: number;
  readonly hash: Uint8Array;
  /** As Ethereum encodes it. */
  readonly encoded: Uint8Array;
};

/** What stands behind the last block of an archive. */
export type BlocksEnd = {
  readonly blocks: number;
  /** Of the last block; of block 0 when there is none. */
  readonly hash: Uint8Array;
};

const endCodec: Codec<BlocksEnd> = record<BlocksEnd>({ blocks: safeUint, hash: hash32 });

/** The payload of the last record. */
export function encodeBlocksEnd(end: BlocksEnd): Uint8Array {
  return encodeWith(endCodec, end);
}

/** Follows an archive of blocks through its records: genesis, blocks, end. */
export class BlocksReader {
  readonly #checkGenesis: (genesis: Genesis) => void;
  /** Of the last block; undefined before the genesis. */
  #lastHash: Uint8Array | undefined;
  #blocks = 0;
  #isComplete = false;

  /** @param checkGenesis refuses another chain's */
  constructor(checkGenesis: (genesis: Genesis) => void) {
    this.#checkGenesis = checkGenesis;
  }

  /** The end has come, and agrees with what came before. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /**
   * The block of the next record, if it has one.
   *
   * @throws `LOG_RECORD_INVALID`, and as `checkGenesis`
   */
  read(source: LogRecord): ArchivedBlock | undefined {
    if (this.#isComplete) throw invalidRecord(source, 'the archive has ended before');
    if (this.#lastHash === undefined) {
      const { genesis, hash } = decodeGenesisRecord(source);
      this.#checkGenesis(genesis);
      this.#lastHash = hash;
      return undefined;
    }
    if (source.kind === RECORD_KINDS.blocksEnd) {
      this.#end(source, this.#lastHash);
      return undefined;
    }
    const block = decoded(source, RECORD_KINDS.exportedBlock, (): ArchivedBlock => {
      const { header } = decodeBlock(source.payload);
      return { height: header.height, hash: headerHash(header), encoded: source.payload };
    });
    this.#blocks += 1;
    this.#lastHash = block.hash;
    return block;
  }

  #end(source: LogRecord, lastHash: Uint8Array): void {
    const { blocks, hash } = decoded(source, RECORD_KINDS.blocksEnd, () =>
      decodeWith(endCodec, source.payload, 'record'),
    );
    if (blocks !== this.#blocks || !equalBytes(hash, lastHash)) {
      throw invalidRecord(source, 'it does not agree with the blocks before');
    }
    this.#isComplete = true;
  }
}
