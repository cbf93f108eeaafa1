/** So many digits always tell floats of 32 bits apart (Steele and White 1990, §2). */
const MAX_DIGITS = 9;
/** Powers of ten that are floats of 64 bits without an error. */
const EXACT_POWERS: readonly number[] = Array.from({ length: 23 }, (_, exponent) =>
  Number(`1e${exponent}`),
);

/** A decimal: `digits` × 10^−`decimals`. */
type Decimal = { readonly digits: number; readonly decimals: number };

/**
 * The number with the fewest decimal digits that is rounded to `single`, a float of 32 bits: 0.1 for
 * 0.10000000149011612. It is what Chroma's server writes, and a third shorter.
 */
export function shortestSingle(single: number): number {
  if (isShort(single) || !Number.isFinite(single)) return single;
  const decimal = shortestDecimal(single);
  // Both are exact, so the quotient is the float of 64 bits that is nearest to the decimal.
  return decimal === undefined
    ? slowlyShortened(single)
    : decimal.digits / (EXACT_POWERS[decimal.decimals] as number);
}

/** The same as text that is always a float: with a point or an exponent. What is not finite is null. */
export function singleText(single: number): string {
  if (!Number.isFinite(single)) return 'null';
  if (isShort(single)) return floatText(single);
  const decimal = shortestDecimal(single);
  if (decimal === undefined) return floatText(slowlyShortened(single));
  const { digits, decimals } = decimal;
  const text = String(Math.abs(digits));
  const sign = single < 0 ? '-' : '';
  if (text.length <= decimals) return `${sign}0.${text.padStart(decimals, '0')}`;
  return `${sign}${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}

/** A float of 64 bits as text that is always a float. What is not finite is null. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  if (!Number.isInteger(value)) return String(value);
  if (Object.is(value, -0)) return '-0.0';
  const digits = String(value);
  return digits.includes('e') ? digits : `${digits}.0`;
}

/** Integers below it are all floats of 32 bits, so none of their digits can be left out. */
const DENSE_INTEGERS = 2 ** 24;

function isShort(single: number): boolean {
  return Number.isInteger(single) && Math.abs(single) <= DENSE_INTEGERS;
}

/** Most floats of 32 bits need this many digits. */
const COMMON_DIGITS = 8;

/**
 * The shortest decimal of a float; undefined where it is large, or takes a power of ten that is not
 * exact. Multiplying rounds by at most half a unit of the 53rd bit, far below the last digit.
 */
function shortestDecimal(single: number): Decimal | undefined {
  const common = COMMON_DIGITS - 1 - Math.floor(Math.log10(Math.abs(single)));
  // The logarithm may be off by one, and one digit more may be needed.
  const most = common + 2;
  if (common < 1 || most >= EXACT_POWERS.length) return undefined;
  let decimals = common;
  let digits = digitsOf(single, decimals);
  while (digits === undefined && decimals < most) {
    decimals += 1;
    digits = digitsOf(single, decimals);
  }
  if (digits === undefined) return undefined;
  for (let fewer: number | undefined = digits; fewer !== undefined && decimals > 0; ) {
    digits = fewer;
    decimals -= 1;
    fewer = digitsOf(single, decimals);
  }
  return { digits, decimals: decimals + 1 };
}

/** `single` × 10^`decimals`, rounded, if that tells it from all others. */
function digitsOf(single: number, decimals: number): number | undefined {
  const power = EXACT_POWERS[decimals] as number;
  const digits = Math.round(single * power);
  return Math.fround(digits / power) === single ? digits : undefined;
}

function slowlyShortened(single: number): number {
  for (let digits = 1; digits < MAX_DIGITS; digits += 1) {
    const candidate = Number(single.toPrecision(digits));
    if (Math.fround(candidate) === single) return candidate;
  }
  return Number(single.toPrecision(MAX_DIGITS));
}
