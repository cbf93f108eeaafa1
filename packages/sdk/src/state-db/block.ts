import { type Hex, toHex } from '@lucerna/base';
import type { BlockView } from '@lucerna/protocol';
import { addressText } from '../accounts/address-text.ts';
import { sdkErrors } from '../errors.ts';
import { Transaction } from './transaction.ts';

/** What of a block is not in its first four parts. */
export type BlockOptions = {
  /** Seconds since the Unix epoch. Default: the time at which it is processed. */
  readonly timestamp?: number;
};

/** A block that is to be processed. Its hash is known when it was: it has the state after it in it. */
export class Block {
  readonly height: number;
  /** Hash of the latest block; of a block of height 1 any text. */
  readonly previousHash: string;
  readonly transactions: readonly Transaction[];
  /** Name or address of who gets the fees. */
  readonly producer: string;
  readonly timestamp: number | undefined;

  /** @throws `BLOCK_TIMESTAMP_INVALID` */
  constructor(
    height: number,
    previousHash: string,
    transactions: readonly Transaction[],
    producer: string,
    options: BlockOptions = {},
  ) {
    const { timestamp } = options;
    if (timestamp !== undefined && !(Number.isSafeInteger(timestamp) && timestamp >= 0)) {
      throw sdkErrors.create('BLOCK_TIMESTAMP_INVALID', String(timestamp));
    }
    this.height = height;
    this.previousHash = previousHash;
    this.transactions = [...transactions];
    this.producer = producer;
    this.timestamp = timestamp;
  }
}

/** A block of the chain. Block 0 is the beginning, without transactions. */
export type StoredBlock = {
  readonly height: number;
  /** keccak-256 of its header, as every client computes it. */
  readonly hash: Hex;
  readonly previousHash: Hex;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
  /** Address of who got the fees. */
  readonly producer: Hex;
  readonly transactions: readonly Transaction[];
  /** Root of the tree of its transactions. */
  readonly merkleRoot: Hex;
  /** Root of the state after it. */
  readonly stateRoot: Hex;
  readonly gasUsed: bigint;
};

/** What clients see of a block of the chain. */
export function storedBlock({ block }: Pick<BlockView, 'block'>): StoredBlock {
  const { header, hash, transactions } = block;
  return {
    height: header.height,
    hash: toHex(hash),
    previousHash: toHex(header.parentHash),
    timestamp: header.timestamp,
    producer: addressText(header.coinbase),
    transactions: transactions.map((each) => Transaction.of(each)),
    merkleRoot: toHex(header.transactionsRoot),
    stateRoot: toHex(header.stateRoot),
    gasUsed: header.gasUsed,
  };
}
