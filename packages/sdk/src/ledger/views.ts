import { type Hex, present, toHex } from '@lucerna/base';
import {
  type BlockView,
  createAddress,
  effectiveGasPrice,
  type Header,
  type Log,
} from '@lucerna/protocol';
import type { ContractLog } from '../contract-receipt.ts';
import { addressText } from '../contract-values.ts';

/** A block of a ledger. */
export type LedgerBlock = {
  readonly height: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** Root of the state after it. */
  readonly stateRoot: Hex;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
  readonly gasUsed: bigint;
  readonly gasLimit: bigint;
  /** Wei per gas, burned. */
  readonly baseFeePerGas: bigint;
  /** Hashes of its transactions, in order. */
  readonly transactions: readonly Hex[];
};

/** A transaction that is in a block. */
export type LedgerTransaction = {
  readonly hash: Hex;
  /** Of its block. */
  readonly height: number;
  readonly blockHash: Hex;
  /** Position in the block, from 0. */
  readonly index: number;
  /** The block's, in seconds since the Unix epoch. */
  readonly timestamp: number;
  readonly from: Hex;
  /** Undefined for a deployment. */
  readonly to: Hex | undefined;
  /** The contract that it has deployed. */
  readonly contract: Hex | undefined;
  /** Wei. */
  readonly value: bigint;
  readonly nonce: bigint;
  readonly data: Hex;
  readonly success: boolean;
  readonly gasUsed: bigint;
  /** Wei that the gas has cost. */
  readonly fee: bigint;
};

/** What a contract has announced, with its place. */
export type LedgerEvent = ContractLog & {
  readonly height: number;
  readonly blockHash: Hex;
  /** The block's, in seconds since the Unix epoch. */
  readonly timestamp: number;
  readonly transactionHash: Hex;
  /** Position among all of the block, from 0. */
  readonly logIndex: number;
};

/** What a transaction came to. */
export type LedgerReceipt = LedgerTransaction & { readonly events: readonly LedgerEvent[] };

/** How logs are read: by what their contracts declare. */
export type DecodeLog = (log: Log) => ContractLog;

/** A block as the ledger shows it. */
export function ledgerBlock({ block }: Pick<BlockView, 'block'>): LedgerBlock {
  return {
    ...ledgerHeader(block),
    transactions: block.transactions.map(({ hash }) => toHex(hash)),
  };
}

/** What of a block is in its header. */
export function ledgerHeader({
  header,
  hash,
}: {
  readonly header: Header;
  readonly hash: Uint8Array;
}): Omit<LedgerBlock, 'transactions'> {
  return {
    height: header.height,
    hash: toHex(hash),
    parentHash: toHex(header.parentHash),
    stateRoot: toHex(header.stateRoot),
    timestamp: header.timestamp,
    gasUsed: header.gasUsed,
    gasLimit: header.gasLimit,
    baseFeePerGas: header.baseFeePerGas,
  };
}

/** The transaction at a position of a block. */
export function ledgerTransaction(
  { block, receipts }: BlockView,
  index: number,
): LedgerTransaction {
  const { header } = block;
  const recovered = present(block.transactions[index], 'the position is one of the block');
  const receipt = present(receipts[index], 'a receipt for every transaction');
  const { transaction, sender, hash } = recovered;
  const { to, value, nonce, data } = transaction;
  const gasUsed = receipt.cumulativeGasUsed - (receipts[index - 1]?.cumulativeGasUsed ?? 0n);
  const success = receipt.status === 1;
  const isDeployed = to === null && success;
  return {
    hash: toHex(hash),
    height: header.height,
    blockHash: toHex(block.hash),
    index,
    timestamp: header.timestamp,
    from: addressText(sender),
    to: to === null ? undefined : addressText(to),
    contract: isDeployed ? addressText(createAddress(sender, nonce)) : undefined,
    value,
    nonce,
    data: toHex(data),
    success,
    gasUsed,
    fee: gasUsed * effectiveGasPrice(transaction, header.baseFeePerGas),
  };
}

/** The same, with its events. */
export function ledgerReceipt(view: BlockView, index: number, decode: DecodeLog): LedgerReceipt {
  return { ...ledgerTransaction(view, index), events: eventsOf(view, index, decode) };
}

/** All events of a block. */
export function ledgerEvents(view: BlockView, decode: DecodeLog): readonly LedgerEvent[] {
  return view.receipts.flatMap((_, index) => eventsOf(view, index, decode));
}

function eventsOf(
  { block, receipts }: BlockView,
  index: number,
  decode: DecodeLog,
): readonly LedgerEvent[] {
  const { header, hash, transactions } = block;
  const first = receipts.slice(0, index).reduce((sum, { logs }) => sum + logs.length, 0);
  const transactionHash = toHex(present(transactions[index], 'it is in the block').hash);
  return present(receipts[index], 'a receipt for every transaction').logs.map((log, position) => ({
    ...decode(log),
    height: header.height,
    blockHash: toHex(hash),
    timestamp: header.timestamp,
    transactionHash,
    logIndex: first + position,
  }));
}
