import { formatBytes } from '../progress-bar.ts';

const WEI_DIGITS = 18;

/** Lines of a label and a value, the values below each other. */
export function formatLabelled(
  lines: readonly (readonly [label: string, value: string])[],
): string {
  const width = Math.max(...lines.map(([label]) => label.length)) + 2;
  return lines.map(([label, value]) => `${label.padEnd(width)}${value}`).join('\n');
}

/** Columns of text: the first to the left, the others to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const cell = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column === 0 ? text.padEnd(width) : text.padStart(width + 2);
  };
  return rows.map((row) => row.map(cell).join('')).join('\n');
}

/** `1,234`. */
export function formatCount(count: number | bigint): string {
  return count.toLocaleString('en');
}

/** Wei as coins, all digits: `10,000.000021 coins`. */
export function formatCoins(wei: bigint): string {
  const unit = 10n ** BigInt(WEI_DIGITS);
  const fraction = (wei % unit).toString().padStart(WEI_DIGITS, '0').replace(/0+$/, '');
  const whole = formatCount(wei / unit);
  return `${fraction === '' ? whole : `${whole}.${fraction}`} coins`;
}

/** Bytes for people and, where that is another number, exactly. */
export function formatSize(bytes: number): string {
  return bytes < 1_000 ? formatBytes(bytes) : `${formatBytes(bytes)} (${formatCount(bytes)} bytes)`;
}

/** One line of JSON. Integers that JSON's readers would round are text. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part));
}
