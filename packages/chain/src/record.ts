import { assert, isLucernaError, type LucernaError } from '@lucerna/base';
import {
  type BlockView,
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
  type FieldCodecs,
  fixed,
  type Genesis,
  hash32,
  headerHash,
  list,
  protocolLimits,
  type Receipt,
  type RecoveredBlock,
  record,
  safeUint,
  transactionHash,
} from '@lucerna/protocol';
import { decodeDiff, encodeDiff, type StateDiff } from '@lucerna/state';
import { chainErrors } from './errors.ts';
import { chainLimits } from './limits.ts';
import type { LogRecord } from './log-record.ts';

/** Kinds of records, in logs and in archives. Numbers are part of the data format: never reused. */
export const RECORD_KINDS = {
  /** The first record of a log that begins with block 0, and of an archive of blocks; only there. */
  genesis: 1,
  block: 2,
  /** Goes back to an earlier block, and maybe on from there with others: all or nothing. */
  reorg: 3,
  /** The first record of a log that begins with the state of a later block, in place of the genesis. */
  base: 4,
  /** Behind the base: a chunk of the state after its block. */
  state: 5,
  /** In archives only: a block to be executed. */
  exportedBlock: 6,
  /** Behind the last chunk of the state: it is complete. */
  stateEnd: 7,
  /** In archives only, behind the last block: they are complete. */
  blocksEnd: 8,
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
  /** Values before and after: what recovery applies, and what a reorganisation undoes. */
  readonly diff: StateDiff;
};

/** Which record an error is about. */
export type RecordPlace = Pick<LogRecord, 'start' | 'kind'>;

/** The blocks of a record as it has them: found once, and then decoded one by one. */
export type RecordBlocks = {
  readonly source: RecordPlace;
  /** Of the first block. Undefined for a record of one block, which is at whatever height it says. */
  readonly firstHeight: number | undefined;
  /** What each block has as a record of its own, in the order of their heights. */
  readonly payloads: readonly Uint8Array[];
};

/** The chain goes back to a block that it has, its ancestor, and from there on has other blocks. */
export type ReorgRecord = {
  readonly ancestorHeight: number;
  readonly ancestorHash: Uint8Array;
  /** In the order of their heights; none when the chain only goes back. */
  readonly blocks: readonly BlockRecord[];
};

/** A part of a record that is encoded by itself. */
export const part: Codec<Uint8Array> = bytes(chainLimits.values.recordBytes);

const genesisCodec: Codec<{ genesis: Uint8Array; hash: Uint8Array }> = record({
  genesis: part,
  hash: hash32,
});

/** A block as a record has it: senders are stored, so that no signature is recovered when it is read. */
export type BlockParts = {
  readonly block: Uint8Array;
  readonly senders: readonly Uint8Array[];
  readonly receipts: readonly Uint8Array[];
};

/** Codecs of {@link BlockParts}. */
export const blockPartsFields: FieldCodecs<BlockParts> = {
  block: part,
  senders: list(fixed(20), protocolLimits.values.blockTransactions),
  receipts: list(part, protocolLimits.values.blockTransactions),
};

const blockCodec: Codec<BlockParts & { diff: Uint8Array }> = record({
  ...blockPartsFields,
  diff: part,
});

/** Each block is the payload that its own record would have. */
const reorgCodec: Codec<{
  ancestorHeight: number;
  ancestorHash: Uint8Array;
  blocks: readonly Uint8Array[];
}> = record({
  ancestorHeight: safeUint,
  ancestorHash: hash32,
  blocks: list(part, chainLimits.values.reorgBlocks),
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
  return encodeWith(blockCodec, { ...blockToParts(content), diff: encodeDiff(content.diff) });
}

/** The parts that a record has of a block. */
export function blockToParts({ block, receipts }: BlockView): BlockParts {
  assert(receipts.length === block.transactions.length, 'every transaction has a receipt');
  return {
    block: encodeBlock(block),
    senders: block.transactions.map(({ sender }) => sender),
    receipts: receipts.map(encodeReceipt),
  };
}

/** The content of a block record. @throws `LOG_RECORD_INVALID` */
export function decodeBlockRecord(source: LogRecord): BlockRecord {
  return decoded(source, RECORD_KINDS.block, () => decodeBlockPayload(source, source.payload));
}

/** The payload of the record of a reorganisation. */
export function encodeReorgRecord(content: ReorgRecord): Uint8Array {
  return encodeWith(reorgCodec, { ...content, blocks: content.blocks.map(encodeBlockRecord) });
}

/** The content of the record of a reorganisation. @throws `LOG_RECORD_INVALID` */
export function decodeReorgRecord(source: LogRecord): ReorgRecord {
  return decoded(source, RECORD_KINDS.reorg, () => {
    const content = decodeWith(reorgCodec, source.payload, 'record');
    return {
      ...content,
      blocks: content.blocks.map((payload) => decodeBlockPayload(source, payload)),
    };
  });
}

/** The blocks of a record, of one or of a reorganisation, not decoded yet. @throws `LOG_RECORD_INVALID` */
export function splitBlocks(source: LogRecord): RecordBlocks {
  const { start, kind, payload } = source;
  if (kind === RECORD_KINDS.block) {
    return { source: { start, kind }, firstHeight: undefined, payloads: [payload] };
  }
  return decoded(source, RECORD_KINDS.reorg, () => {
    const { ancestorHeight, blocks } = decodeWith(reorgCodec, payload, 'record');
    return { source: { start, kind }, firstHeight: ancestorHeight + 1, payloads: blocks };
  });
}

/** The block of `height`. @throws `LOG_RECORD_INVALID` */
export function decodeBlockAt(blocks: RecordBlocks, height: number): BlockRecord {
  const { source } = blocks;
  return decoded(source, source.kind, () => decodeBlockPayload(source, payloadAt(blocks, height)));
}

/** Only what that block did to the state, which is far less work. @throws `LOG_RECORD_INVALID` */
export function decodeDiffAt(blocks: RecordBlocks, height: number): StateDiff {
  const { source } = blocks;
  return decoded(source, source.kind, () =>
    decodeDiff(decodeParts(payloadAt(blocks, height)).diff),
  );
}

/** What the block of `height` has in the record. @throws `LOG_RECORD_INVALID` */
export function payloadAt(
  { source, firstHeight, payloads }: RecordBlocks,
  height: number,
): Uint8Array {
  const payload = payloads[height - (firstHeight ?? height)];
  if (payload === undefined) throw invalidRecord(source, `it has no block of height ${height}`);
  return payload;
}

function decodeParts(payload: Uint8Array): ReturnType<typeof blockCodec.fromRlp> {
  return decodeWith(blockCodec, payload, 'record', chainLimits.values.recordItems);
}

function decodeBlockPayload(source: RecordPlace, payload: Uint8Array): BlockRecord {
  const content = decodeParts(payload);
  return { ...blockFromParts(source, content), diff: decodeDiff(content.diff) };
}

/** The block that a record has. @throws `LOG_RECORD_INVALID`, and what its parts throw */
export function blockFromParts(
  source: RecordPlace,
  { block, senders, receipts }: BlockParts,
): BlockView {
  const { header, rawTransactions } = decodeBlock(block);
  const count = rawTransactions.length;
  if (senders.length !== count || receipts.length !== count) {
    throw invalidRecord(source, 'its lists do not have the same length');
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
  };
}

/** What `decode` gives; names the record in whatever it throws. */
export function decoded<T>(source: RecordPlace, kind: number, decode: () => T): T {
  if (source.kind !== kind) {
    throw invalidRecord(source, `it is of kind ${source.kind}, not ${kind}`);
  }
  try {
    return decode();
  } catch (error) {
    // Programmer errors stay what they are; everything that bad bytes can cause has a code.
    if (!isLucernaError(error) || error.code.startsWith('LOG_')) throw error;
    throw invalidRecord(source, error.message, error);
  }
}

/** The error for what a record says. */
export function invalidRecord(source: RecordPlace, detail: string, cause?: unknown): LucernaError {
  return chainErrors.create(
    'LOG_RECORD_INVALID',
    `at byte ${source.start}: ${detail}`,
    { offset: source.start, kind: source.kind },
    cause,
  );
}
