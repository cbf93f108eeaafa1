import { concatBytes } from '@lucerna/base';
import { BLOOM_BYTES } from './bloom.ts';
import {
  address20,
  bit,
  bytes,
  type Codec,
  decodeWith,
  encodeWith,
  fixed,
  hash32,
  type JsonObject,
  list,
  record,
  safeUint,
  uint64,
} from './codec.ts';
import { protocolErrors } from './errors.ts';
import { protocolLimits } from './limits.ts';

/** An event that a contract announced. */
export type Log = {
  /** The contract. */
  readonly address: Uint8Array;
  /** At most 4, 32 bytes each. */
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
};

/** What became of a transaction, as far as the receipts root commits to it (EIP-658, EIP-2718). */
export type Receipt = {
  /** The transaction's type. */
  readonly type: 0 | 1 | 2;
  /** 1 when it succeeded. */
  readonly status: 0 | 1;
  /** Gas used by the block up to and with this transaction. */
  readonly cumulativeGasUsed: bigint;
  /** 256 bytes. */
  readonly logsBloom: Uint8Array;
  readonly logs: readonly Log[];
};

const limits = protocolLimits.values;

/** Its JSON form lacks what says where in the chain the log is. */
const logCodec: Codec<Log, JsonObject> = record<Log>({
  address: address20,
  topics: list(hash32, limits.logTopics),
  data: bytes(limits.logDataBytes),
});

const receiptBody = record<Omit<Receipt, 'type'>>({
  status: bit,
  cumulativeGasUsed: uint64,
  logsBloom: fixed(BLOOM_BYTES),
  logs: list(logCodec, limits.logs),
});

/** The receipt as in the receipts root: type 0 is a bare list, others begin with the type's byte. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const body = encodeWith(receiptBody, receipt);
  return receipt.type === 0 ? body : concatBytes(Uint8Array.of(receipt.type), body);
}

/** Decodes a receipt. @throws `RECEIPT_TYPE_UNSUPPORTED`, `RLP_*` with the `path` */
export function decodeReceipt(encoded: Uint8Array): Receipt {
  const first = encoded[0] ?? 0xff;
  if (first >= 0xc0) return { type: 0, ...decodeBody(encoded) };
  if (first === 1 || first === 2) return { type: first, ...decodeBody(encoded.subarray(1)) };
  throw protocolErrors.create('RECEIPT_TYPE_UNSUPPORTED', `type ${first}`, { type: first });
}

function decodeBody(encoded: Uint8Array): Omit<Receipt, 'type'> {
  return decodeWith(receiptBody, encoded, 'receipt', limits.receiptItems);
}

/** The consensus part of a JSON-RPC receipt: type, status, cumulativeGasUsed, logsBloom, logs. */
export function receiptToJson(receipt: Receipt): JsonObject {
  return { type: safeUint.toJson(receipt.type), ...receiptBody.toJson(receipt) };
}

/** The part of a JSON-RPC log that does not depend on where it is: address, topics, data. */
export function logToJson(log: Log): JsonObject {
  return logCodec.toJson(log);
}
