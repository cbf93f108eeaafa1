import { equalBytes } from '@lucerna/base';
import {
  bit,
  type Codec,
  decodeBlock,
  decodeWith,
  encodeBlock,
  encodeWith,
  type Genesis,
  hash32,
  headerHash,
  record,
  safeUint,
} from '@lucerna/protocol';
import { unsignedPositions } from '../block-extras.ts';
import { part, positions } from '../codecs.ts';
import { chainLimits } from '../limits.ts';
import type { LogRecord } from '../log-record.ts';
import { decodeExportedPatch, type Patch } from '../patch-record.ts';
import { type BlockBody, decodeGenesisRecord } from '../record.ts';
import { decoded, invalidRecord, RECORD_KINDS } from '../record-kinds.ts';
import type { DevBlockOptions } from '../writer.ts';

/** A block of an archive, not executed yet. */
export type ArchivedBlock = {
  readonly height: number;
  readonly hash: Uint8Array;
  /** As Ethereum encodes it. */
  readonly encoded: Uint8Array;
  /** What only a dev chain lets pass. */
  readonly dev: DevBlockOptions;
};

/** What the next record of an archive brings. */
export type ArchivedStep =
  | { readonly kind: 'block'; readonly block: ArchivedBlock }
  | { readonly kind: 'patch'; readonly patch: Patch };

/** What stands behind the last block of an archive. */
export type BlocksEnd = {
  readonly blocks: number;
  /** Of the last block; of block 0 when there is none. */
  readonly hash: Uint8Array;
};

const endCodec: Codec<BlocksEnd> = record<BlocksEnd>({ blocks: safeUint, hash: hash32 });

type DevBlock = {
  readonly block: Uint8Array;
  readonly unsigned: readonly number[];
  readonly lifted: 0 | 1;
};

const devBlockCodec: Codec<DevBlock> = record<DevBlock>({
  block: part,
  unsigned: positions,
  lifted: bit,
});

/** Kind and payload of the record of a block. */
export function encodeArchivedBlock({ block, lifted }: Pick<BlockBody, 'block' | 'lifted'>): {
  readonly kind: number;
  readonly payload: Uint8Array;
} {
  const encoded = encodeBlock(block);
  const unsigned = unsignedPositions(block.transactions);
  if (unsigned.length === 0 && !lifted) {
    return { kind: RECORD_KINDS.exportedBlock, payload: encoded };
  }
  const dev: DevBlock = { block: encoded, unsigned, lifted: lifted ? 1 : 0 };
  return { kind: RECORD_KINDS.exportedDevBlock, payload: encodeWith(devBlockCodec, dev) };
}

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
   * The block or patch of the next record, if it has one.
   *
   * @throws `LOG_RECORD_INVALID`, and as `checkGenesis`
   */
  read(source: LogRecord): ArchivedStep | undefined {
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
    if (source.kind === RECORD_KINDS.exportedPatch) {
      return { kind: 'patch', patch: decodeExportedPatch(source) };
    }
    const block = readBlock(source);
    this.#blocks += 1;
    this.#lastHash = block.hash;
    return { kind: 'block', block };
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

function readBlock(source: LogRecord): ArchivedBlock {
  if (source.kind !== RECORD_KINDS.exportedDevBlock) {
    return decoded(source, RECORD_KINDS.exportedBlock, () => archivedBlock(source.payload));
  }
  return decoded(source, RECORD_KINDS.exportedDevBlock, () => {
    const maxItems = chainLimits.values.recordItems;
    const { block, unsigned, lifted } = decodeWith(
      devBlockCodec,
      source.payload,
      'record',
      maxItems,
    );
    if (unsigned.length === 0 && lifted === 0) throw invalidRecord(source, 'it is a plain block');
    const { transactions, ...plain } = archivedBlock(block);
    if ((unsigned.at(-1) ?? -1) >= transactions) {
      throw invalidRecord(source, 'it names a transaction that it does not have');
    }
    return { ...plain, dev: { unsigned, lifted: lifted === 1 } };
  });
}

/** A block that is nothing but what Ethereum encodes. */
function archivedBlock(encoded: Uint8Array): ArchivedBlock & { readonly transactions: number } {
  const { header, rawTransactions } = decodeBlock(encoded);
  const transactions = rawTransactions.length;
  return { height: header.height, hash: headerHash(header), encoded, dev: {}, transactions };
}
