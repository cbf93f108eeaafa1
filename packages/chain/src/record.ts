import { assert } from '@lucerna/base';
import {
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
  type RecoveredTransaction,
  record,
  safeUint,
  transactionHash,
} from '@lucerna/protocol';
import { decodeDiff, encodeDiff, type StateDiff } from '@lucerna/state';
import { type BlockExtras, blockExtras, completeExtras, extrasOf } from './block-extras.ts';
import { part, withRest } from './codecs.ts';
import { chainLimits } from './limits.ts';
import type { LogRecord } from './log-record.ts';
import { type Note, notesCodec } from './patch-record.ts';
import { decoded, invalidRecord, RECORD_KINDS, type RecordPlace } from './record-kinds.ts';

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
} & Omit<BlockExtras, 'unsigned'>;

/** A block with what came of it, without what it did to the state. */
export type BlockBody = Omit<BlockRecord, 'diff'>;

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
  /** How many patches of the ancestor stay. Undefined: all that it has. */
  readonly ordinal: number | undefined;
  readonly notes: readonly Note[];
};

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

/** Parts, and what most blocks do not have. */
export type WithExtras<T> = T & { readonly rest: BlockExtras | undefined };

/** Codecs of {@link BlockParts}. */
export const blockPartsFields: FieldCodecs<BlockParts> = {
  block: part,
  senders: list(fixed(20), protocolLimits.values.blockTransactions),
  receipts: list(part, protocolLimits.values.blockTransactions),
};

const blockCodec: Codec<WithExtras<BlockParts & { diff: Uint8Array }>> = withRest(
  record<BlockParts & { diff: Uint8Array }>({ ...blockPartsFields, diff: part }),
  4,
  blockExtras,
);

type ReorgParts = {
  readonly ancestorHeight: number;
  readonly ancestorHash: Uint8Array;
  readonly blocks: readonly Uint8Array[];
};
type ReorgRest = { readonly ordinal: number; readonly notes: readonly Note[] };

/** Each block is the payload that its own record would have. */
const reorgCodec: Codec<ReorgParts & { readonly rest: ReorgRest | undefined }> = withRest(
  record<ReorgParts>({
    ancestorHeight: safeUint,
    ancestorHash: hash32,
    blocks: list(part, chainLimits.values.reorgBlocks),
  }),
  3,
  record<ReorgRest>({ ordinal: safeUint, notes: notesCodec }),
);

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
export function blockToParts(body: BlockBody): WithExtras<BlockParts> {
  const { block, receipts } = body;
  assert(receipts.length === block.transactions.length, 'every transaction has a receipt');
  return {
    block: encodeBlock(block),
    senders: block.transactions.map(({ sender }) => sender),
    receipts: receipts.map(encodeReceipt),
    rest: extrasOf(block, body),
  };
}

/** The content of a block record. @throws `LOG_RECORD_INVALID` */
export function decodeBlockRecord(source: LogRecord): BlockRecord {
  return decoded(source, RECORD_KINDS.block, () => decodeBlockPayload(source, source.payload));
}

/** The payload of the record of a reorganisation. */
export function encodeReorgRecord({ ordinal, notes, ...content }: ReorgRecord): Uint8Array {
  assert(ordinal !== undefined || notes.length === 0, 'notes come with an ordinal');
  const rest = ordinal === undefined ? undefined : { ordinal, notes };
  return encodeWith(reorgCodec, {
    ...content,
    blocks: content.blocks.map(encodeBlockRecord),
    rest,
  });
}

/** The content of the record of a reorganisation. @throws `LOG_RECORD_INVALID` */
export function decodeReorgRecord(source: LogRecord): ReorgRecord {
  return decoded(source, RECORD_KINDS.reorg, () => {
    const { rest, ...content } = decodeReorg(source.payload);
    return {
      ...content,
      blocks: content.blocks.map((payload) => decodeBlockPayload(source, payload)),
      ordinal: rest?.ordinal,
      notes: rest?.notes ?? [],
    };
  });
}

function decodeReorg(payload: Uint8Array): ReturnType<typeof reorgCodec.fromRlp> {
  return decodeWith(reorgCodec, payload, 'record', chainLimits.values.recordItems);
}

/** The blocks of a record, of one or of a reorganisation, not decoded yet. @throws `LOG_RECORD_INVALID` */
export function splitBlocks(source: LogRecord): RecordBlocks {
  const { start, kind, payload } = source;
  if (kind === RECORD_KINDS.block) {
    return { source: { start, kind }, firstHeight: undefined, payloads: [payload] };
  }
  return decoded(source, RECORD_KINDS.reorg, () => {
    const { ancestorHeight, blocks } = decodeReorg(payload);
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
  { block, senders, receipts, rest }: WithExtras<BlockParts>,
): BlockBody {
  const { header, rawTransactions } = decodeBlock(block);
  const count = rawTransactions.length;
  if (senders.length !== count || receipts.length !== count) {
    throw invalidRecord(source, 'its lists do not have the same length');
  }
  const extras = completeExtras(rest, count);
  if (extras === undefined) throw invalidRecord(source, 'what it adds does not suit its block');
  const { lifted, participants } = extras;
  const unsigned = new Set(extras.unsigned);
  const transactions = rawTransactions.map(
    (raw, index): RecoveredTransaction => ({
      transaction: decodeTransaction(raw),
      raw,
      hash: transactionHash(raw),
      sender: senders[index] as Uint8Array,
      ...(unsigned.has(index) ? { unsigned: true as const } : {}),
    }),
  );
  return {
    block: { header, hash: headerHash(header), transactions },
    receipts: receipts.map(decodeReceipt),
    lifted,
    participants,
  };
}
