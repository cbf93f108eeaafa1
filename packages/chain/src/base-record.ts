import {
  type Codec,
  decodeGenesis,
  decodeWith,
  encodeGenesis,
  encodeWith,
  type Genesis,
  hash32,
  listItems,
  record,
  safeUint,
} from '@lucerna/protocol';
import { type BlockExtras, blockExtras } from './block-extras.ts';
import { part, sum, withRest } from './codecs.ts';
import { chainErrors } from './errors.ts';
import { chainLimits } from './limits.ts';
import type { LogRecord } from './log-record.ts';
import type { ChainPoint } from './patch-record.ts';
import type { PatchSums } from './patch-rows.ts';
import {
  type BlockBody,
  type BlockParts,
  blockFromParts,
  blockPartsFields,
  blockToParts,
  decodeGenesisRecord,
} from './record.ts';
import { decoded, RECORD_KINDS } from './record-kinds.ts';

/** What patches have done to the state of a base, and to those before it. */
export type PatchedBase = Pick<ChainPoint, 'ordinal'> &
  PatchSums & {
    /** Of the state that follows: the header has that of before the patches. */
    readonly stateRoot: Uint8Array;
  };

/**
 * What a log begins with that has no blocks before a certain one: the base, and then its state. The
 * first block that is there comes with its body, so that it can be asked for like any other.
 */
export type BaseRecord = BlockBody & {
  readonly genesis: Genesis;
  /** Of block 0, which is not there. */
  readonly genesisHash: Uint8Array;
  /** Base fees of all blocks up to this one, in wei. */
  readonly burned: bigint;
  /** Undefined where there never was a patch. */
  readonly patched: PatchedBase | undefined;
};

/** Root of the state that stands behind a base. */
export function stateRootOf({ block, patched }: Pick<BaseRecord, 'block' | 'patched'>): Uint8Array {
  return patched?.stateRoot ?? block.header.stateRoot;
}

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

/** A list without elements stands for nothing. */
function orNone<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    toRlp: (value) => (value === undefined ? [] : codec.toRlp(value)),
    fromRlp: (item, path) =>
      listItems(item, path).length === 0 ? undefined : codec.fromRlp(item, path),
    toJson: (value) => (value === undefined ? null : codec.toJson(value)),
  };
}

type BaseParts = Omit<BlockParts, 'rest'> & {
  readonly genesis: Uint8Array;
  readonly genesisHash: Uint8Array;
  readonly burned: bigint;
};
type BaseRest = {
  readonly extras: BlockExtras | undefined;
  readonly patched: PatchedBase | undefined;
};

const baseCodec: Codec<BaseParts & { readonly rest: BaseRest | undefined }> = withRest(
  record<BaseParts>({ genesis: part, genesisHash: hash32, burned: sum, ...blockPartsFields }),
  6,
  record<BaseRest>({
    extras: orNone(blockExtras),
    patched: orNone(
      record<PatchedBase>({ ordinal: safeUint, stateRoot: hash32, minted: sum, destroyed: sum }),
    ),
  }),
);

const endCodec: Codec<StateEnd> = record<StateEnd>({ chunks: safeUint, accounts: safeUint });

/** The payload of a base record. */
export function encodeBaseRecord(base: BaseRecord): Uint8Array {
  const { genesis, genesisHash, burned, patched } = base;
  const { rest: extras, ...parts } = blockToParts(base);
  const isPlain = extras === undefined && patched === undefined;
  const content = encodeWith(baseCodec, {
    genesis: encodeGenesis(genesis),
    genesisHash,
    burned,
    ...parts,
    rest: isPlain ? undefined : { extras, patched },
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
    const { genesisHash, burned, rest } = base;
    const genesis = decodeGenesis(base.genesis);
    const body = blockFromParts(source, { ...base, rest: rest?.extras });
    return { genesis, genesisHash, burned, patched: rest?.patched, ...body };
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
