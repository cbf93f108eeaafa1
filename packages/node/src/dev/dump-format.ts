import { concatBytes, equalBytes, isErrorOf } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { mempoolLimits } from '@lucerna/mempool';
import {
  address20,
  bytes,
  type Codec,
  decodeGenesis,
  decodeWith,
  encodeGenesis,
  encodeRlpList,
  encodeWith,
  type Genesis,
  type Header,
  hash32,
  list,
  protocolErrors,
  protocolLimits,
  record,
  safeUint,
  splitRlpList,
  uint64,
  uint256,
} from '@lucerna/protocol';
import { nodeErrors } from '../errors.ts';
import { nodeLimits } from '../limits.ts';
import { flag, longText, optional } from './codecs.ts';
import { type KeptTransaction, keptTransaction } from './pool-contents.ts';

/** What an account became by a patch. */
export type DumpedAccount = {
  readonly nonce: bigint;
  readonly balance: bigint;
  /** Undefined: as before. */
  readonly code: Uint8Array | undefined;
};

type DumpedSlot = { readonly slot: Uint8Array; readonly word: Uint8Array };

/** What a patch did to one account. */
export type DumpedChange = {
  readonly address: Uint8Array;
  /** Undefined: the account is gone. */
  readonly after: DumpedAccount | undefined;
  /** Its storage was emptied before `slots` were written. */
  readonly cleared: boolean;
  readonly slots: readonly DumpedSlot[];
};

/** The changes of one patch. */
export type DumpedPatch = readonly DumpedChange[];

/** What of a header is needed to make it again, and to see that it is the same one. */
export type DumpedHeader = Pick<
  Header,
  'baseFeePerGas' | 'coinbase' | 'gasLimit' | 'mixHash' | 'receiptsRoot' | 'stateRoot' | 'timestamp'
>;

/** A block, as far as it does not follow from the one before it, and the patches behind it. */
export type DumpedBlock = {
  readonly header: DumpedHeader;
  readonly transactions: readonly KeptTransaction[];
  readonly patches: readonly DumpedPatch[];
};

/** What a dump says beside the blocks. */
export type DumpTail = {
  /** Of the last state. */
  readonly stateRoot: Uint8Array;
  /** As a note of the chain keeps them. */
  readonly settings: Uint8Array;
  /** What the clock of the chain showed, in seconds. */
  readonly chainSeconds: number;
  readonly pool: readonly KeptTransaction[];
  /** JSON. */
  readonly filters: string;
};

/** All of a dev chain, as `anvil_dumpState` gives it away. */
export type Dump = DumpTail & {
  readonly genesis: Genesis;
  /** Patches of block 0. */
  readonly patches: readonly DumpedPatch[];
  /** From block 1 on. */
  readonly blocks: readonly DumpedBlock[];
};

/** `LUCDUMP` and the version of the format. */
const MAGIC = Uint8Array.of(0x4c, 0x55, 0x43, 0x44, 0x55, 0x4d, 0x50, 1);
const CHECKSUM_BYTES = 32;
const { values: limits } = nodeLimits;
const { blockTransactions } = protocolLimits.values;
const dumpedBytes = bytes(limits.dumpBytes);

const headerCodec: Codec<DumpedHeader> = record<DumpedHeader>({
  timestamp: safeUint,
  coinbase: address20,
  gasLimit: uint64,
  baseFeePerGas: uint256,
  mixHash: hash32,
  stateRoot: hash32,
  receiptsRoot: hash32,
});
const changeCodec: Codec<DumpedChange> = record<DumpedChange>({
  address: address20,
  after: optional(
    record<DumpedAccount>({ nonce: uint64, balance: uint256, code: optional(dumpedBytes) }),
  ),
  cleared: flag,
  slots: list(record<DumpedSlot>({ slot: hash32, word: hash32 }), limits.dumpItems),
});
const patchesCodec: Codec<readonly DumpedPatch[]> = list(
  list(changeCodec, limits.dumpItems),
  limits.dumpItems,
);
const transactionsCodec = list(keptTransaction, blockTransactions);
const tailCodec: Codec<DumpTail> = record<DumpTail>({
  stateRoot: hash32,
  settings: dumpedBytes,
  chainSeconds: safeUint,
  pool: list(keptTransaction, mempoolLimits.values.transactions),
  filters: longText,
});

/** The parts of a dump as they are encoded one by one: together they may be large. */
export class DumpWriter {
  readonly #genesis: Uint8Array;
  readonly #patches: Uint8Array;
  readonly #blocks: Uint8Array[] = [];
  #bytes: number;

  constructor(genesis: Genesis, patches: readonly DumpedPatch[]) {
    this.#genesis = encodeGenesis(genesis);
    this.#patches = encodeWith(patchesCodec, patches);
    this.#bytes = this.#genesis.length + this.#patches.length;
  }

  /** Adds the next block. @throws `DUMP_TOO_LARGE` */
  add({ header, transactions, patches }: DumpedBlock): void {
    const encoded = encodeRlpList([
      encodeWith(headerCodec, header),
      encodeWith(transactionsCodec, transactions),
      encodeWith(patchesCodec, patches),
    ]);
    this.#blocks.push(encoded);
    this.#bytes += encoded.length;
    checkSize(this.#bytes);
    if (this.#blocks.length > limits.dumpItems) throw tooLarge('blocks', limits.dumpItems);
  }

  /** The whole dump. @throws `DUMP_TOO_LARGE` */
  finish(tail: DumpTail): Uint8Array {
    const parts = [
      this.#genesis,
      this.#patches,
      encodeRlpList(this.#blocks),
      encodeWith(tailCodec, tail),
    ];
    const content = concatBytes(MAGIC, encodeRlpList(parts));
    checkSize(content.length + CHECKSUM_BYTES);
    return concatBytes(content, keccak256(content));
  }
}

function checkSize(bytes: number): void {
  if (bytes > limits.dumpBytes) throw tooLarge('bytes', limits.dumpBytes);
}

function tooLarge(what: string, limit: number): Error {
  return nodeErrors.create('DUMP_TOO_LARGE', `more than ${limit} ${what}`, { limit });
}

/**
 * Decodes a dump that comes from outside. That its blocks lead to its states is for whoever makes them
 * again to see.
 *
 * @throws `DUMP_INVALID`, `DUMP_TOO_LARGE`
 */
export function decodeDump(dump: Uint8Array): Dump {
  checkSize(dump.length);
  const end = dump.length - CHECKSUM_BYTES;
  if (end < MAGIC.length || !equalBytes(dump.subarray(0, MAGIC.length), MAGIC)) {
    throw invalid('it does not begin like a dump of this version');
  }
  const content = dump.subarray(0, end);
  if (!equalBytes(keccak256(content), dump.subarray(end))) throw invalid('its checksum is wrong');
  try {
    return decodeContent(content.subarray(MAGIC.length));
  } catch (error) {
    if (!isErrorOf(error, protocolErrors)) throw error;
    throw nodeErrors.create('DUMP_INVALID', error.message, {}, error);
  }
}

/** @throws `DUMP_INVALID` */
export function invalid(detail: string): Error {
  return nodeErrors.create('DUMP_INVALID', detail);
}

function decodeContent(content: Uint8Array): Dump {
  const [genesis, patches, blocks, tail] = parts(content, 4, 'dump');
  return {
    genesis: decodeGenesis(genesis as Uint8Array),
    patches: decodePatches(patches as Uint8Array, 'dump.patches'),
    blocks: splitRlpList(blocks as Uint8Array, limits.dumpItems, 'dump.blocks').map(decodeBlock),
    ...decodeWith(tailCodec, tail as Uint8Array, 'dump', limits.dumpItems),
  };
}

function decodeBlock(encoded: Uint8Array, index: number): DumpedBlock {
  const path = `dump.blocks[${index}]`;
  const [header, transactions, patches] = parts(encoded, 3, path);
  return {
    header: decodeWith(headerCodec, header as Uint8Array, `${path}.header`),
    // Each is a list of three.
    transactions: decodeWith(
      transactionsCodec,
      transactions as Uint8Array,
      `${path}.transactions`,
      4 * blockTransactions + 1,
    ),
    patches: decodePatches(patches as Uint8Array, `${path}.patches`),
  };
}

function decodePatches(encoded: Uint8Array, path: string): readonly DumpedPatch[] {
  return decodeWith(patchesCodec, encoded, path, limits.dumpItems);
}

/** The items of a list that has just so many. */
function parts(encoded: Uint8Array, count: number, path: string): readonly Uint8Array[] {
  const items = splitRlpList(encoded, count, path);
  if (items.length !== count) throw invalid(`${path} lacks a part`);
  return items;
}
