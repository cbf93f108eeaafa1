/** Tab, line feed, form feed, carriage return and space: what `atob` passes over. */
const WHITESPACE_CODES: readonly number[] = [9, 10, 12, 13, 32];

function isWhitespace(code: number): boolean {
  return WHITESPACE_CODES.includes(code);
}

/** The same characters without whitespace; the source itself where there is none. */
export function withoutWhitespace(source: string | Uint8Array): string | Uint8Array {
  if (typeof source === 'string') return source.replace(/[\t\n\f\r ]+/g, '');
  if (!WHITESPACE_CODES.some((code) => source.includes(code))) return source;
  return source.filter((code) => !isWhitespace(code));
}

/** Where the character `index` of `withoutWhitespace(source)` stands in `source`. */
export function positionWithWhitespace(source: string | Uint8Array, index: number): number {
  let left = index;
  let position = 0;
  for (; position < source.length; position += 1) {
    const code = typeof source === 'string' ? source.charCodeAt(position) : source[position];
    if (isWhitespace(code as number)) continue;
    if (left === 0) break;
    left -= 1;
  }
  return position;
}
