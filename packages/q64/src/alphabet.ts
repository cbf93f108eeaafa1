/** Which of the four alphabets a character is from: its position modulo 4. */
export type Alphabet = 0 | 1 | 2 | 3;

/** The sixteen characters of each position modulo 4, in the order of the half byte they stand for. */
export const ALPHABETS: readonly [string, string, string, string] = [
  'ABCDEFGHIJKLMNOP',
  'QRSTUVWXYZabcdef',
  'ghijklmnopqrstuv',
  'wxyz0123456789-_',
];

/** Set in `CLASS_OF_CODE` for codes that are in no alphabet. */
export const NO_CLASS = 0xff;

/** For each ASCII code `alphabet << 4 | half byte`, or `NO_CLASS`. */
export const CLASS_OF_CODE: Uint8Array = classTable();

function classTable(): Uint8Array {
  const table = new Uint8Array(128).fill(NO_CLASS);
  ALPHABETS.forEach((characters, alphabet) => {
    for (let nibble = 0; nibble < 16; nibble += 1) {
      table[characters.charCodeAt(nibble)] = (alphabet << 4) | nibble;
    }
  });
  return table;
}

/** The alphabet of a UTF-16 code unit, undefined where it has none. */
export function alphabetOf(code: number): Alphabet | undefined {
  const entry = CLASS_OF_CODE[code] ?? NO_CLASS;
  return entry === NO_CLASS ? undefined : ((entry >> 4) as Alphabet);
}
