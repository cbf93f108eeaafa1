import {
  type Codec,
  decodeGenesis,
  decodeWith,
  encodeGenesis,
  encodeWith,
  type Genesis,
  hash32,
  type Receipt,
  type RecoveredBlock,
  record,
  safeUint,
  uint256,
} from '@lucerna/protocol';
import { chainErrors } from './errors.ts';
import { chainLimits } from './limits.ts';
import type { LogRecord } from './log-record.ts';
import {
  type BlockParts,
  blockFromParts,
  blockPartsFields,
  blockToParts,
  decoded,
  decodeGenesisRecord,
  part,
  RECORD_KINDS,
} from './record.ts';

/** What a log begins with that has no blocks before a certain one: the base, and then its state. */
export type BaseRecord = {
  readonly genesis: Genesis;
  /** Of block 0, which is not there. */
  readonly genesisHash: Uint8Array;
  /** The first block that is there: with its body, so that it can be asked for like any other. */
  readonly block: RecoveredBlock;
  readonly receipts: readonly Receipt[];
  /** Base fees of all blocks up to this one, in wei. */
  readonly burned: bigint;
};

/** What stands behind the last chunk of the state. */
export type StateEnd = {
  readonly chunks: number;
  readonly accounts: number;
};

/** What a log, by its first record, begins from. */
export type Origin = Pick<BaseRecord, 'genesis' | 'genesisHash' | 'burned'>;

/** The format of base, state and end, which docs/spec/block-log.md and snapshot.md describe. */
const BASE_FORMAT = 1;

const formatCodec: Codec<{ format: number; content: Uint8Array }> = record({
  format: safeUint,
  content: part,
});

const baseCodec: Codec<
  BlockParts & { genesis: Uint8Array; genesisHash: Uint8Array; burned: bigint }
> = record({ genesis: part, genesisHash: hash32, burned: uint256, ...blockPartsFields });

const endCodec: Codec<StateEnd> = record<StateEnd>({ chunks: safeUint, accounts: safeUint });

/** The payload of a base record. */
export function encodeBaseRecord(base: BaseRecord): Uint8Array {
  const { genesis, genesisHash, block, receipts, burned } = base;
  const content = encodeWith(baseCodec, {
    genesis: encodeGenesis(genesis),
    genesisHash,
    burned,
    ...blockToParts({ block, receipts }),
  });
  return encodeWith(formatCodec, { format: BASE_FORMAT, content });
}

/** The content of a base record. @throws `LOG_RECORD_INVALID`, `LOG_VERSION_UNSUPPORTED` */
export function decodeBaseRecord(source: LogRecord): BaseRecord {
  return decoded(source, RECORD_KINDS.base, () => {
    const { format, content } = decodeWith(formatCodec, source.payload, 'record');
    if (format !== BASE_FORMAT) {
      throw chainErrors.create('LOG_VERSION_UNSUPPORTED', `a base of format ${format}`, {
        version: format,
        supported: BASE_FORMAT,
      });
    }
    const base = decodeWith(baseCodec, content, 'base', chainLimits.values.recordItems);
    const { genesisHash, burned } = base;
    const genesis = decodeGenesis(base.genesis);
    return { genesis, genesisHash, burned, ...blockFromParts(source, base) };
  });
}

/** The payload of the record behind the state. */
export function encodeStateEnd(end: StateEnd): Uint8Array {
  return encodeWith(endCodec, end);
}

/** The content of the record behind the state. @throws `LOG_RECORD_INVALID` */
export function decodeStateEnd(source: LogRecord): StateEnd {
  return decoded(source, RECORD_KINDS.stateEnd, () =>
    decodeWith(endCodec, source.payload, 'record'),
  );
}

/** What the first record of a log says. @throws `LOG_RECORD_INVALID`, `LOG_VERSION_UNSUPPORTED` */
export function decodeOrigin(first: LogRecord): Origin {
  if (first.kind === RECORD_KINDS.base) return decodeBaseRecord(first);
  const { genesis, hash } = decodeGenesisRecord(first);
  return { genesis, genesisHash: hash, burned: 0n };
}
