import {
  assert,
  bytesToBigInt,
  concatBytes,
  fixedBytes,
  isLucernaError,
  toHex,
} from '@lucerna/base';
import {
  keccak256,
  SECP256K1_HALF_ORDER,
  SECP256K1_ORDER,
  type SignatureEngine,
} from '@lucerna/crypto';
import { ADDRESS_BYTES, publicKeyToAddress } from './address.ts';
import {
  address20,
  addressOrNull,
  bit,
  bytes,
  type Codec,
  decodeWith,
  encodeWith,
  type FieldCodecs,
  hash32,
  type JsonObject,
  list,
  record,
  uint64,
  uint256,
} from './codec.ts';
import { protocolErrors } from './errors.ts';
import { protocolLimits } from './limits.ts';
import { encodeRlp, type RlpItem } from './rlp.ts';

/** Storage that the sender says the transaction will touch (EIP-2930). */
export type AccessListEntry = {
  readonly address: Uint8Array;
  /** 32 bytes each. */
  readonly storageKeys: readonly Uint8Array[];
};

/** What all transactions have. */
type CommonFields = {
  /** How many transactions of the sender come before it; 64 bits. */
  readonly nonce: bigint;
  /** Most gas it may use; 64 bits. */
  readonly gasLimit: bigint;
  /** The recipient; null creates a contract. */
  readonly to: Uint8Array | null;
  /** Wei. */
  readonly value: bigint;
  readonly data: Uint8Array;
};

/** The first kind of transaction, replay-protected or not (EIP-155). */
export type LegacyTransaction = CommonFields & {
  readonly type: 0;
  /** Null: signed without a chain id, valid on every chain. */
  readonly chainId: bigint | null;
  /** Wei for one unit of gas. */
  readonly gasPrice: bigint;
};

/** A transaction with an access list (EIP-2930). */
export type AccessListTransaction = CommonFields & {
  readonly type: 1;
  readonly chainId: bigint;
  /** Wei for one unit of gas. */
  readonly gasPrice: bigint;
  readonly accessList: readonly AccessListEntry[];
};

/** A transaction that pays the base fee and a tip (EIP-1559). */
export type FeeMarketTransaction = CommonFields & {
  readonly type: 2;
  readonly chainId: bigint;
  /** Most wei for one unit of gas that go to the block's coinbase. */
  readonly maxPriorityFeePerGas: bigint;
  /** Most wei for one unit of gas in all. */
  readonly maxFeePerGas: bigint;
  readonly accessList: readonly AccessListEntry[];
};

/** A transaction before it is signed. */
export type UnsignedTransaction = LegacyTransaction | AccessListTransaction | FeeMarketTransaction;

/** An ECDSA signature over the signing hash. */
export type TransactionSignature = {
  readonly r: bigint;
  readonly s: bigint;
  readonly yParity: 0 | 1;
};

type WithSignature<T> = T extends UnsignedTransaction
  ? T & { readonly signature: TransactionSignature }
  : never;

/** A transaction with its signature. The sender follows from both. */
export type SignedTransaction = WithSignature<UnsignedTransaction>;

/** A signed transaction together with all that is computed from it once. */
export type RecoveredTransaction = {
  readonly transaction: SignedTransaction;
  /** The bytes of `eth_sendRawTransaction` (EIP-2718). */
  readonly raw: Uint8Array;
  /** keccak(raw). */
  readonly hash: Uint8Array;
  readonly sender: Uint8Array;
  /**
   * Present when the sender has not signed it: the signature in `raw` is a placeholder. Made by the
   * sealer of a dev chain only; a network has none.
   */
  readonly unsigned?: true;
};

const limits = protocolLimits.values;
const data = bytes(limits.transactionBytes);
const jsonNames = { gasLimit: 'gas', data: 'input' } as const;

const accessListEntry: Codec<AccessListEntry, JsonObject> = record<AccessListEntry>({
  address: address20,
  storageKeys: list(hash32, limits.accessListStorageKeys),
});

const accessList = list(accessListEntry, limits.accessListEntries);

/** r or s: a scalar that a signature can have, from 1 to n − 1. */
const scalar: Codec<bigint> = {
  ...uint256,
  fromRlp: (item, path) => {
    const value = uint256.fromRlp(item, path);
    if (value > 0n && value < SECP256K1_ORDER) return value;
    throw protocolErrors.create('TX_SIGNATURE_INVALID', path, { path });
  },
};

type LegacyBody = Omit<LegacyTransaction, 'type' | 'chainId'>;
type LegacySignature = { readonly v: bigint; readonly r: bigint; readonly s: bigint };
type TypedTransaction = AccessListTransaction | FeeMarketTransaction;

const legacyFields: FieldCodecs<LegacyBody> = {
  nonce: uint64,
  gasPrice: uint256,
  gasLimit: uint64,
  to: addressOrNull,
  value: uint256,
  data,
};
const accessListFields: FieldCodecs<Omit<AccessListTransaction, 'type'>> = {
  chainId: uint256,
  nonce: uint64,
  gasPrice: uint256,
  gasLimit: uint64,
  to: addressOrNull,
  value: uint256,
  data,
  accessList,
};
const feeMarketFields: FieldCodecs<Omit<FeeMarketTransaction, 'type'>> = {
  chainId: uint256,
  nonce: uint64,
  maxPriorityFeePerGas: uint256,
  maxFeePerGas: uint256,
  gasLimit: uint64,
  to: addressOrNull,
  value: uint256,
  data,
  accessList,
};
const signatureFields: FieldCodecs<TransactionSignature> = { yParity: bit, r: scalar, s: scalar };
const legacySignatureFields: FieldCodecs<LegacySignature> = { v: uint256, r: scalar, s: scalar };

const legacyBody = record<LegacyBody>(legacyFields, jsonNames);
const legacySigned = record<LegacyBody & LegacySignature>({
  ...legacyFields,
  ...legacySignatureFields,
});
const accessListBody = record<Omit<AccessListTransaction, 'type'>>(accessListFields, jsonNames);
const accessListSigned = record<Omit<AccessListTransaction, 'type'> & TransactionSignature>({
  ...accessListFields,
  ...signatureFields,
});
const feeMarketBody = record<Omit<FeeMarketTransaction, 'type'>>(feeMarketFields, jsonNames);
const feeMarketSigned = record<Omit<FeeMarketTransaction, 'type'> & TransactionSignature>({
  ...feeMarketFields,
  ...signatureFields,
});

/** The bytes whose Keccak-256 is signed. */
export function encodeUnsigned(tx: UnsignedTransaction): Uint8Array {
  switch (tx.type) {
    case 0:
      return encodeRlp([...(legacyBody.toRlp(tx) as readonly RlpItem[]), ...replayProtection(tx)]);
    case 1:
      return envelope(1, encodeWith(accessListBody, tx));
    case 2:
      return envelope(2, encodeWith(feeMarketBody, tx));
  }
}

/** The digest that is signed. */
export function signingHash(tx: UnsignedTransaction): Uint8Array {
  return keccak256(encodeUnsigned(tx));
}

/** The raw transaction, as in `eth_sendRawTransaction` and in the transactions root (EIP-2718). */
export function encodeTransaction(tx: SignedTransaction): Uint8Array {
  const { signature } = tx;
  switch (tx.type) {
    case 0:
      return encodeWith(legacySigned, { ...tx, ...signature, v: legacyV(tx, signature) });
    case 1:
      return envelope(1, encodeWith(accessListSigned, { ...tx, ...signature }));
    case 2:
      return envelope(2, encodeWith(feeMarketSigned, { ...tx, ...signature }));
  }
}

/**
 * Decodes a raw transaction of type 0, 1 or 2. Strict: `encodeTransaction` gives back the same bytes.
 * A high s, another chain's id and a missing one are decoded: `validateTransaction` refuses them.
 *
 * @throws `TX_TOO_LARGE`, `TX_TYPE_UNSUPPORTED`, `TX_SIGNATURE_INVALID`, `RLP_*` with the `path`
 */
export function decodeTransaction(raw: Uint8Array): SignedTransaction {
  if (raw.length > limits.transactionBytes) {
    throw protocolErrors.create('TX_TOO_LARGE', undefined, { length: raw.length });
  }
  const first = raw[0] ?? 0xff;
  if (first >= 0xc0) return decodeLegacy(raw);
  if (first === 1) {
    const { r, s, yParity, ...body } = decodeWith(accessListSigned, raw.subarray(1), 'transaction');
    return { type: 1, ...body, signature: { r, s, yParity } };
  }
  if (first === 2) {
    const { r, s, yParity, ...body } = decodeWith(feeMarketSigned, raw.subarray(1), 'transaction');
    return { type: 2, ...body, signature: { r, s, yParity } };
  }
  throw protocolErrors.create('TX_TYPE_UNSUPPORTED', `type ${first}`, { type: first });
}

/** The hash by which a transaction is known. */
export function transactionHash(raw: Uint8Array): Uint8Array {
  return keccak256(raw);
}

/**
 * Signs with the deterministic nonce of RFC 6979.
 *
 * @throws `KEY_INVALID`
 */
export function signTransaction(
  tx: UnsignedTransaction,
  privateKey: Uint8Array,
  engine: SignatureEngine,
): SignedTransaction {
  const signed = engine.sign(signingHash(tx), privateKey);
  const signature = {
    r: bytesToBigInt(signed.bytes.subarray(0, 32)),
    s: bytesToBigInt(signed.bytes.subarray(32)),
    yParity: signed.recovery,
  };
  assert(signature.s <= SECP256K1_HALF_ORDER, 'an engine signs with low s');
  return { ...tx, signature };
}

/**
 * The address of the account that signed. The placeholder of an unsigned transaction is refused, also
 * where it is the signature of some key: the same bytes, and the hash, would be two transactions.
 *
 * @throws `TX_HIGH_S` (EIP-2), `TX_SENDER_INVALID` when no key fits the signature,
 *   `TX_SIGNATURE_INVALID` for a placeholder
 */
export function recoverSender(tx: SignedTransaction, engine: SignatureEngine): Uint8Array {
  const { r, s, yParity } = tx.signature;
  if (isPlaceholder(tx.signature)) {
    throw protocolErrors.create('TX_SIGNATURE_INVALID', 'the placeholder of an unsigned one');
  }
  if (s > SECP256K1_HALF_ORDER) throw protocolErrors.create('TX_HIGH_S');
  const signature = { bytes: concatBytes(fixedBytes(r, 32), fixedBytes(s, 32)), recovery: yParity };
  try {
    return publicKeyToAddress(engine.recover(signingHash(tx), signature));
  } catch (error) {
    if (!isLucernaError(error, 'SIGNATURE_INVALID')) throw error;
    throw protocolErrors.create('TX_SENDER_INVALID', undefined, {}, error);
  }
}

/** Decodes, hashes and recovers the sender, once for the life of the transaction. */
export function recoverTransaction(raw: Uint8Array, engine: SignatureEngine): RecoveredTransaction {
  const transaction = decodeTransaction(raw);
  const sender = recoverSender(transaction, engine);
  return { transaction, raw, hash: transactionHash(raw), sender };
}

/** Above every address, so that the placeholder names its sender and is never 0. */
const PLACEHOLDER_BASE = 1n << 160n;

/** Whether {@link unsignedTransaction} has made this signature, for some sender. */
function isPlaceholder({ r, s, yParity }: TransactionSignature): boolean {
  return s === 1n && yParity === 0 && r >= PLACEHOLDER_BASE && r < 2n * PLACEHOLDER_BASE;
}

/**
 * A transaction that its sender has not signed. The place of the signature is taken by one that no
 * key has made (r = 2¹⁶⁰ + sender, s = 1, yParity 0), so that it has bytes and a hash like any other,
 * which tell it from that of another sender.
 */
export function unsignedTransaction(
  tx: UnsignedTransaction,
  sender: Uint8Array,
): RecoveredTransaction {
  assert(sender.length === ADDRESS_BYTES, 'an address has 20 bytes');
  const signature = { r: PLACEHOLDER_BASE + bytesToBigInt(sender), s: 1n, yParity: 0 } as const;
  const transaction: SignedTransaction = { ...tx, signature };
  const raw = encodeTransaction(transaction);
  return { transaction, raw, hash: transactionHash(raw), sender, unsigned: true };
}

/**
 * The JSON-RPC object of a transaction, without the fields that say where in the chain it is. The
 * `gasPrice` of type 2 is its fee cap; once it is mined, the effective price takes its place.
 */
export function transactionToJson(recovered: RecoveredTransaction): JsonObject {
  const { transaction: tx } = recovered;
  return {
    hash: toHex(recovered.hash),
    type: uint64.toJson(BigInt(tx.type)),
    from: address20.toJson(recovered.sender),
    ...bodyToJson(tx),
    ...signatureToJson(tx),
  };
}

function bodyToJson(tx: SignedTransaction): JsonObject {
  switch (tx.type) {
    case 0:
      if (tx.chainId === null) return legacyBody.toJson(tx);
      return { chainId: uint256.toJson(tx.chainId), ...legacyBody.toJson(tx) };
    case 1:
      return accessListBody.toJson(tx);
    case 2:
      return { ...feeMarketBody.toJson(tx), gasPrice: uint256.toJson(tx.maxFeePerGas) };
  }
}

/** Type 0 has v; the others have yParity, and v with the same value for older clients. */
function signatureToJson(tx: SignedTransaction): JsonObject {
  const { r, s, yParity } = tx.signature;
  const values = { r: uint256.toJson(r), s: uint256.toJson(s) };
  if (tx.type === 0) return { v: uint256.toJson(legacyV(tx, tx.signature)), ...values };
  return { v: bit.toJson(yParity), yParity: bit.toJson(yParity), ...values };
}

function envelope(type: TypedTransaction['type'], payload: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(type), payload);
}

/** What EIP-155 adds to the signing payload. */
function replayProtection(tx: LegacyTransaction): readonly RlpItem[] {
  if (tx.chainId === null) return [];
  return [uint256.toRlp(tx.chainId), uint64.toRlp(0n), uint64.toRlp(0n)];
}

/** 27 and 28, or with a chain id (EIP-155) 2 · chainId + 35 and the next. */
function legacyV(tx: LegacyTransaction, signature: TransactionSignature): bigint {
  const base = tx.chainId === null ? 27n : 2n * tx.chainId + 35n;
  return base + BigInt(signature.yParity);
}

function decodeLegacy(raw: Uint8Array): SignedTransaction {
  const { v, r, s, ...body } = decodeWith(legacySigned, raw, 'transaction');
  if (v === 27n || v === 28n) {
    return { type: 0, chainId: null, ...body, signature: { r, s, yParity: v === 27n ? 0 : 1 } };
  }
  if (v < 35n) {
    throw protocolErrors.create('TX_SIGNATURE_INVALID', 'v', { path: 'transaction.v', v });
  }
  const yParity = (v - 35n) % 2n === 0n ? 0 : 1;
  return { type: 0, chainId: (v - 35n) / 2n, ...body, signature: { r, s, yParity } };
}
