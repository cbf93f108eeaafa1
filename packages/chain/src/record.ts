import { assert, isLucernaError, type LucernaError } from '@lucerna/base';
import {
  bytes,
  type Codec,
  decodeBlock,
  decodeGenesis,
  decodeReceipt,
  decodeTransaction,
  decodeWith,
  encodeBlock,
  encodeGenesis,
  encodeReceipt,
  encodeWith,
  fixed,
  type Genesis,
  hash32,
  headerHash,
  list,
  protocolLimits,
  type Receipt,
  type RecoveredBlock,
  record,
  transactionHash,
} from '@lucerna/protocol';
import { decodeDiff, encodeDiff, type StateDiff } from '@lucerna/state';
import type { LogRecord } from './block-log.ts';
import { chainErrors } from './errors.ts';
import { chainLimits } from './limits.ts';

/** Kinds of records. Numbers are part of the data format: never reused. */
export const RECORD_KINDS = {
  /** The first record of every log, and only that one. */
  genesis: 1,
  block: 2,
} as const;

/** What the first record says: everything that a start without options needs. */
export type GenesisRecord = {
  readonly genesis: Genesis;
  /** Hash of the genesis block, which commits to the state and to all parameters. */
  readonly hash: Uint8Array;
};

/** What the log keeps of a block: enough to answer queries and to apply it without executing it. */
export type BlockRecord = {
  readonly block: RecoveredBlock;
  readonly receipts: readonly Receipt[];
  /** Values before and after: what recovery applies, and what a reorganisation would undo. */
  readonly diff: StateDiff;
};

const part: Codec<Uint8Array> = bytes(chainLimits.values.recordBytes);

const genesisCodec: Codec<{ genesis: Uint8Array; hash: Uint8Array }> = record({
  genesis: part,
  hash: hash32,
});

/** Senders are stored, so that no signature is recovered when a block is read. */
const blockCodec: Codec<{
  block: Uint8Array;
  senders: readonly Uint8Array[];
  receipts: readonly Uint8Array[];
  diff: Uint8Array;
}> = record({
  block: part,
  senders: list(fixed(20), protocolLimits.values.blockTransactions),
  receipts: list(part, protocolLimits.values.blockTransactions),
  diff: part,
});

/** The payload of a genesis record. */
export function encodeGenesisRecord(content: GenesisRecord): Uint8Array {
  return encodeWith(genesisCodec, {
    genesis: encodeGenesis(content.genesis),
    hash: content.hash,
  });
}

/** The content of the first record. @throws `LOG_RECORD_INVALID` */
export function decodeGenesisRecord(source: LogRecord): GenesisRecord {
  return decoded(source, RECORD_KINDS.genesis, () => {
    const content = decodeWith(genesisCodec, source.payload, 'record');
    return { genesis: decodeGenesis(content.genesis), hash: content.hash };
  });
}

/** The payload of a block record. */
export function encodeBlockRecord(content: BlockRecord): Uint8Array {
  const { block, receipts, diff } = content;
  assert(receipts.length === block.transactions.length, 'every transaction has a receipt');
  return encodeWith(blockCodec, {
    block: encodeBlock(block),
    senders: block.transactions.map(({ sender }) => sender),
    receipts: receipts.map(encodeReceipt),
    diff: encodeDiff(diff),
  });
}

/** The content of a block record. @throws `LOG_RECORD_INVALID` */
export function decodeBlockRecord(source: LogRecord): BlockRecord {
  return decoded(source, RECORD_KINDS.block, () => {
    const content = decodeWith(
      blockCodec,
      source.payload,
      'record',
      chainLimits.values.recordItems,
    );
    const { header, rawTransactions } = decodeBlock(content.block);
    const { senders, receipts } = content;
    const count = rawTransactions.length;
    if (senders.length !== count || receipts.length !== count) {
      throw invalid(source, 'its lists do not have the same length');
    }
    const transactions = rawTransactions.map((raw, index) => ({
      transaction: decodeTransaction(raw),
      raw,
      hash: transactionHash(raw),
      sender: senders[index] as Uint8Array,
    }));
    return {
      block: { header, hash: headerHash(header), transactions },
      receipts: receipts.map(decodeReceipt),
      diff: decodeDiff(content.diff),
    };
  });
}

/** Names the record in whatever its decoding throws. */
function decoded<T>(source: LogRecord, kind: number, decode: () => T): T {
  if (source.kind !== kind) {
    throw invalid(source, `it is of kind ${source.kind}, not ${kind}`);
  }
  try {
    return decode();
  } catch (error) {
    // Programmer errors stay what they are; everything that bad bytes can cause has a code.
    if (!isLucernaError(error) || error.code === 'LOG_RECORD_INVALID') throw error;
    throw invalid(source, error.message, error);
  }
}

function invalid(source: LogRecord, detail: string, cause?: unknown): LucernaError {
  return chainErrors.create(
    'LOG_RECORD_INVALID',
    `at byte ${source.start}: ${detail}`,
    { offset: source.start, kind: source.kind },
    cause,
  );
}
