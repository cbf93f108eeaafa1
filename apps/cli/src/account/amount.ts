import { InvalidArgumentError } from 'commander';

/** How many digits of a unit are behind the point when it is written in coins of the next one. */
const DECIMALS: Readonly<Record<string, number>> = { wei: 0, gwei: 9, eth: 18, ether: 18 };
const MAX = 2n ** 256n - 1n;

/** An amount as wei: `1.5eth`, `100gwei`, `7wei`; a number alone, in decimal or 0x-hex, is wei. */
export function parseAmount(text: string): bigint {
  const [, whole, fraction = '', unit = 'wei'] =
    /^(\d{1,78})(?:\.(\d+))?(wei|gwei|eth|ether)?$/i.exec(text) ?? [];
  const decimals = DECIMALS[unit.toLowerCase()] ?? 0;
  const isHex = /^0x[0-9a-fA-F]{1,64}$/.test(text);
  if (!isHex && (whole === undefined || fraction.length > decimals)) {
    throw new InvalidArgumentError(
      'An amount is written like 1.5eth, 100gwei or 7wei; without a unit it is a whole number of wei.',
    );
  }
  const wei = isHex ? BigInt(text) : BigInt(`${whole}${fraction.padEnd(decimals, '0')}`);
  if (wei <= MAX) return wei;
  throw new InvalidArgumentError('An amount is less than 2^256 wei.');
}

/** Wei for people, all digits of it: `1.5 eth`, `20 gwei`, `7 wei`. */
export function formatAmount(wei: bigint): string {
  // From a millionth of a coin on it is one, below that nobody counts the zeros.
  const unit = wei >= 10n ** 12n ? 'eth' : wei >= 10n ** 6n ? 'gwei' : 'wei';
  const decimals = DECIMALS[unit] ?? 0;
  const digits = wei.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${fraction === '' ? whole : `${whole}.${fraction}`} ${unit}`;
}
