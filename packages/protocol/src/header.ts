import { EMPTY_BYTES, fromHex, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { BLOOM_BYTES } from './bloom.ts';
import {
  address20,
  bytes,
  type Codec,
  decodeWith,
  encodeWith,
  fixed,
  hash32,
  type JsonObject,
  record,
  safeUint,
  uint64,
  uint256,
} from './codec.ts';
import { protocolLimits } from './limits.ts';
import { encodeRlp } from './rlp.ts';

/** A block header with the fields of London and Paris (EIP-1559, EIP-4399). */
export type Header = {
  readonly parentHash: Uint8Array;
  /** Always the hash of no ommers. */
  readonly ommersHash: Uint8Array;
  /** Who receives the tips. */
  readonly coinbase: Uint8Array;
  /** Root of the state after this block. */
  readonly stateRoot: Uint8Array;
  readonly transactionsRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  /** 256 bytes. */
  readonly logsBloom: Uint8Array;
  /** Always 0. */
  readonly difficulty: bigint;
  readonly height: number;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
  /** At most 32 bytes. */
  readonly extraData: Uint8Array;
  /** The RANDAO mix; in the genesis block, the hash of its parameters. */
  readonly mixHash: Uint8Array;
  /** Always 8 zero bytes. */
  readonly nonce: Uint8Array;
  /** Wei burned for one unit of gas. */
  readonly baseFeePerGas: bigint;
};

/** Codec of a header: the order of its fields is that of London. */
export const headerCodec: Codec<Header, JsonObject> = record<Header>(
  {
    parentHash: hash32,
    ommersHash: hash32,
    coinbase: address20,
    stateRoot: hash32,
    transactionsRoot: hash32,
    receiptsRoot: hash32,
    logsBloom: fixed(BLOOM_BYTES),
    difficulty: uint256,
    height: safeUint,
    gasLimit: uint64,
    gasUsed: uint64,
    timestamp: safeUint,
    extraData: bytes(protocolLimits.values.extraDataBytes),
    mixHash: hash32,
    nonce: fixed(8),
    baseFeePerGas: uint256,
  },
  { ommersHash: 'sha3Uncles', coinbase: 'miner', height: 'number' },
);

/** keccak(rlp([])): the ommers hash of every block. */
export const EMPTY_OMMERS_HASH: Uint8Array = keccak256(encodeRlp([]));

/** keccak(rlp('')): the root of an empty Merkle Patricia trie. */
export const EMPTY_TRIE_ROOT: Uint8Array = keccak256(encodeRlp(EMPTY_BYTES));

/** The nonce of every block. */
export const ZERO_BLOCK_NONCE: Uint8Array = fromHex('0x0000000000000000');

/** The header as RLP. */
export function encodeHeader(header: Header): Uint8Array {
  return encodeWith(headerCodec, header);
}

/** Decodes a header. @throws `RLP_*` with the `path` */
export function decodeHeader(encoded: Uint8Array): Header {
  return decodeWith(headerCodec, encoded, 'header');
}

/** The hash by which a block is known: keccak(rlp(header)). */
export function headerHash(header: Header): Uint8Array {
  return keccak256(encodeHeader(header));
}

/** The JSON-RPC form of a header: the fields of a block object except `size` and its lists. */
export function headerToJson(header: Header, blockHash: Uint8Array): JsonObject {
  return { hash: toHex(blockHash), ...headerCodec.toJson(header) };
}
