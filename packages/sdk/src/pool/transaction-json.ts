import { fromHex, isHex } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import { recoverTransaction } from '@lucerna/protocol';
import { signingEngine } from '../accounts/signing-engine.ts';
import { sdkErrors } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import type { WholeNumber } from '../state-db/amounts.ts';
import { Transaction } from '../state-db/transaction.ts';

/** A transaction as an object, or as the value of its JSON. */
export type TransactionObject = {
  readonly type?: 'transfer' | 'node_activation';
  readonly from: string;
  readonly to?: string;
  readonly amount: WholeNumber;
  readonly nonce?: WholeNumber;
  readonly gas_price?: WholeNumber;
  readonly gas_limit?: WholeNumber;
  readonly node_type?: string;
};

/** The bytes of a transaction that was signed elsewhere, as `eth_sendRawTransaction` takes them. */
export type RawTransactionObject = { readonly raw: string };

/** What an object leaves open is filled with these. */
export type TransactionFallbacks = {
  /** The next nonce of a sender: 1 for its first transaction. */
  readonly nonce: (from: string) => number;
  readonly gasPrice: bigint;
  readonly signatures?: SignatureEngine;
};

const FIELDS = ['type', 'from', 'to', 'amount', 'nonce', 'gas_price', 'gas_limit', 'node_type'];

/**
 * A transaction from its JSON text, from such an object, or from `{ "raw": "0x…" }`, the bytes of one that
 * was signed elsewhere. Numbers that JSON cannot hold exactly are decimal text.
 *
 * @throws `TRANSACTION_JSON_INVALID` with what is wrong, and as `Transaction.transfer`
 */
export function transactionFromJson(given: unknown, fallbacks: TransactionFallbacks): Transaction {
  const value = objectOf(typeof given === 'string' ? parsed(given) : given);
  if (value['raw'] !== undefined) {
    if (Object.keys(value).length > 1) throw invalid('beside raw there is nothing else');
    return transactionFromRaw(value['raw'], fallbacks.signatures);
  }
  const unknown = Object.keys(value).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined)
    throw invalid(`there is no field ${JSON.stringify(unknown.slice(0, 32))}`);
  const from = textAt(value, 'from');
  const rest = [
    value['amount'] as WholeNumber,
    (value['nonce'] ?? fallbacks.nonce(from)) as WholeNumber,
    (value['gas_price'] ?? fallbacks.gasPrice) as WholeNumber,
    ...(value['gas_limit'] === undefined ? [] : [value['gas_limit'] as WholeNumber]),
  ] as const;
  const { type = 'transfer' } = value;
  if (type === 'transfer') return Transaction.transfer(from, textAt(value, 'to'), ...rest);
  if (type === 'node_activation') {
    return Transaction.nodeActivation(from, textAt(value, 'node_type'), ...rest);
  }
  throw invalid('type is transfer or node_activation');
}

function transactionFromRaw(
  raw: unknown,
  signatures: SignatureEngine = signingEngine(),
): Transaction {
  if (typeof raw !== 'string' || !isHex(raw) || raw.length % 2 === 1) {
    throw invalid('raw is the bytes of a signed transaction, as 0x…');
  }
  return Transaction.of(recoverTransaction(fromHex(raw), signatures));
}

function parsed(text: string): unknown {
  const { transactionJsonCharacters: most } = sdkLimits.values;
  if (text.length > most) throw invalid(`more than ${most} characters`);
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('it does not parse');
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw invalid('it is not an object');
}

function textAt(value: Readonly<Record<string, unknown>>, field: string): string {
  const text = value[field];
  if (typeof text === 'string') return text;
  throw invalid(`${field} is missing, or not text`);
}

function invalid(detail: string): Error {
  return sdkErrors.create('TRANSACTION_JSON_INVALID', detail);
}
