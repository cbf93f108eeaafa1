// What the lexer knows about single characters, given as UTF-16 code units or code points.

export const TAB = 0x09;
export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const APOSTROPHE = 0x27;
export const BACKSLASH = 0x5c;
export const CLOSING_BRACE = 0x7d;

export function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

export function isWordStart(unit: number): boolean {
  const lower = unit | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || unit === 0x5f;
}

export function isLineBreak(unit: number): boolean {
  return unit === LINE_FEED || unit === CARRIAGE_RETURN;
}

/** Control characters and everything that is not ASCII. */
export function isUnexpected(unit: number): boolean {
  if (unit === TAB || isLineBreak(unit)) return false;
  return unit < SPACE || unit >= 0x7f;
}

/** The half of a surrogate pair at `index` has its other half beside it. */
function isPaired(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit < 0xdc00) {
    const next = text.charCodeAt(index + 1);
    return next >= 0xdc00 && next <= 0xdfff;
  }
  const previous = text.charCodeAt(index - 1);
  return previous >= 0xd800 && previous < 0xdc00;
}

/** At most `limit` bytes in UTF-8, where half a surrogate pair would take three. */
export function fitsInUtf8(text: string, limit: number): boolean {
  if (text.length > limit) return false;
  if (text.length * 3 <= limit) return true;
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else bytes += unit >= 0xd800 && unit <= 0xdfff && isPaired(text, index) ? 2 : 3;
  }
  return bytes <= limit;
}

export function codePointName(point: number): string {
  return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The character itself where it can be shown, and its code point where it may not be told by it. */
export function characterName(point: number): string {
  if (point > SPACE && point < 0x7f) return `\`${String.fromCodePoint(point)}\``;
  const isShown = point >= 0xa1 && !(point >= 0xd800 && point <= 0xdfff);
  const code = codePointName(point);
  return isShown ? `\`${String.fromCodePoint(point)}\` (${code})` : code;
}

/** What is wrong with the code unit in a string or comment; undefined for most. */
export function forbiddenName(text: string, index: number, unit: number): string | undefined {
  if (unit === TAB || isLineBreak(unit)) return undefined;
  if (unit < SPACE || (unit >= 0x7f && unit < 0xa0)) return 'the control character';
  // Explicit directional formatting: the text would read differently from what it does (UTS 55).
  const isDirectional = (unit >= 0x202a && unit <= 0x202e) || (unit >= 0x2066 && unit <= 0x2069);
  if (isDirectional) return 'the directional control';
  const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
  return isSurrogate && !isPaired(text, index) ? 'the lone surrogate' : undefined;
}

/** What to write instead of a character that begins nothing. */
export function unexpectedHint(point: number): string | undefined {
  if (point === 0xa0) return 'write an ordinary space';
  if (point >= 0x2018 && point <= 0x201f) return 'write a straight quote: " or \'';
  if (point === 0x40) return 'there are no annotations: remove it';
  return point >= 0x80 ? 'outside of strings and comments the text is ASCII' : undefined;
}
