import type { SignatureEngine } from '@lucerna/crypto';
import { byteString, decodeWith } from './codec.ts';
import { protocolErrors } from './errors.ts';
import { encodeHeader, type Header, headerCodec, headerHash } from './header.ts';
import { protocolLimits } from './limits.ts';
import { decodeRlp, encodeRlp, encodeRlpList, splitRlpList } from './rlp.ts';
import { type RecoveredTransaction, recoverTransaction } from './transaction.ts';

/** A block whose transactions are decoded and whose senders are known. */
export type RecoveredBlock = {
  readonly header: Header;
  /** keccak(rlp(header)). */
  readonly hash: Uint8Array;
  readonly transactions: readonly RecoveredTransaction[];
};

/** A block as far as its structure is decoded. */
export type DecodedBlock = {
  readonly header: Header;
  /** The bytes of each transaction, as in `eth_sendRawTransaction`. */
  readonly rawTransactions: readonly Uint8Array[];
};

/** The block as Ethereum encodes it: [header, transactions, ommers]; ours have no ommers. */
export function encodeBlock(block: Pick<RecoveredBlock, 'header' | 'transactions'>): Uint8Array {
  // Inside a block a legacy transaction is a list, any other a byte string (EIP-2718).
  const transactions = block.transactions.map(({ transaction, raw }) =>
    transaction.type === 0 ? raw : encodeRlp(raw),
  );
  const body = [encodeHeader(block.header), encodeRlpList(transactions), encodeRlp([])];
  return encodeRlpList(body);
}

/**
 * Decodes the header and splits the transactions, without decoding those: what is wrong inside a
 * transaction is found by `decodeTransaction`.
 *
 * @throws `BLOCK_TOO_LARGE`, `BLOCK_OMMERS`, `RLP_*` with the `path`
 */
export function decodeBlock(encoded: Uint8Array): DecodedBlock {
  if (encoded.length > protocolLimits.values.blockBytes) {
    throw protocolErrors.create('BLOCK_TOO_LARGE', undefined, { length: encoded.length });
  }
  const items = splitList(encoded, 'block');
  const [header, transactions, ommers] = items;
  if (header === undefined || transactions === undefined || ommers === undefined) {
    throw fieldCount(items.length);
  }
  if (items.length > 3) throw fieldCount(items.length);
  if (splitList(ommers, 'block.ommers').length > 0) throw protocolErrors.create('BLOCK_OMMERS');
  return {
    header: decodeWith(headerCodec, header, 'block.header'),
    rawTransactions: splitTransactions(transactions),
  };
}

/**
 * Decodes a block, its transactions and their senders.
 *
 * @throws as {@link decodeBlock}, `decodeTransaction` and `recoverSender`
 */
export function recoverBlock(encoded: Uint8Array, engine: SignatureEngine): RecoveredBlock {
  const { header, rawTransactions } = decodeBlock(encoded);
  return {
    header,
    hash: headerHash(header),
    transactions: rawTransactions.map((raw) => recoverTransaction(raw, engine)),
  };
}

/** Bytes of the encoded block, the `size` of JSON-RPC. */
export function blockSize(block: Pick<RecoveredBlock, 'header' | 'transactions'>): number {
  return encodeBlock(block).length;
}

function splitTransactions(encoded: Uint8Array): readonly Uint8Array[] {
  const path = 'block.transactions';
  return splitList(encoded, path).map((item, index) => {
    if ((item[0] as number) >= 0xc0) return item;
    const raw = byteString(decodeRlp(item), path);
    // A legacy transaction wrapped into a byte string would be a second form of the same block.
    if ((raw[0] ?? 0) < 0x80) return raw;
    throw protocolErrors.create('RLP_TYPE', `${path}[${index}]`, { path: `${path}[${index}]` });
  });
}

/** A list of a block; none of them is longer than that of the transactions may be. */
function splitList(encoded: Uint8Array, path: string): readonly Uint8Array[] {
  return splitRlpList(encoded, protocolLimits.values.blockTransactions, path);
}

function fieldCount(actual: number): ReturnType<typeof protocolErrors.create> {
  const fields = { path: 'block', expected: 3, actual };
  return protocolErrors.create('RLP_FIELD_COUNT', 'block', fields);
}
