import { sdkErrors } from '../errors.ts';

/** A whole number in one of the forms in which programs and JSON have it. */
export type WholeNumber = bigint | number | string;

const LIMIT = 2n ** 256n;
const GAS_LIMIT = 2n ** 64n;
const DIGITS = /^(0|[1-9][0-9]{0,77})$/;

/**
 * An amount of money or gas as bigint.
 *
 * @param what names it in errors
 * @throws `AMOUNT_INVALID` for fractions, negative numbers, numbers that are not exact, and other values
 */
export function amountFrom(value: unknown, what: string): bigint {
  const amount = wholeNumber(value);
  if (amount !== undefined && amount >= 0n && amount < LIMIT) return amount;
  throw sdkErrors.create('AMOUNT_INVALID', `${what}: ${shown(value)}`, { what });
}

/** How much gas a transaction may use: 64 bits, as on the wire. @throws `AMOUNT_INVALID` */
export function gasFrom(value: unknown): bigint {
  const gas = amountFrom(value, 'gasLimit');
  if (gas < GAS_LIMIT) return gas;
  throw sdkErrors.create('AMOUNT_INVALID', `gasLimit: ${gas}`, { what: 'gasLimit' });
}

/** The nonce of a transaction: 1 for the first one of an account. @throws `NONCE_INVALID` */
export function nonceFrom(value: unknown): number {
  const nonce = wholeNumber(value);
  if (nonce !== undefined && nonce >= 1n && nonce <= BigInt(Number.MAX_SAFE_INTEGER)) {
    return Number(nonce);
  }
  throw sdkErrors.create('NONCE_INVALID', shown(value));
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && DIGITS.test(value) ? BigInt(value) : undefined;
}

function shown(value: unknown): string {
  return typeof value === 'object' ? 'an object' : String(value).slice(0, 80);
}
