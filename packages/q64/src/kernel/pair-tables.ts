import { ALPHABETS } from '../alphabet.ts';
import type { Phase } from './engine.ts';

/** In an entry of `highHalves` or `lowHalves`: the code is not in that alphabet. */
export const NOT_A_HALF = 0x100;

/** In an entry of `bytesOfPairs`: the two codes stand for no byte there. */
export const NOT_A_BYTE = -1;

/** The codes of the four alphabets, one behind the other: by `alphabet << 4 | half byte`. */
export const codesOfHalves: Uint8Array = Uint8Array.from(ALPHABETS.join(''), (character) =>
  character.charCodeAt(0),
);

/** By `phase << 8 | code`: the high half of a byte, already where it belongs, or `NOT_A_HALF`. */
export const highHalves: Uint16Array = halves(0, 4);

/** By `phase << 8 | code`: the low half of a byte, or `NOT_A_HALF`. */
export const lowHalves: Uint16Array = halves(1, 0);

function halves(alphabet: number, shift: number): Uint16Array {
  const table = new Uint16Array(512).fill(NOT_A_HALF);
  for (let phase = 0; phase < 2; phase += 1) {
    for (let half = 0; half < 16; half += 1) {
      const code = codesOfHalves[((alphabet + 2 * phase) << 4) | half] as number;
      table[(phase << 8) | code] = half << shift;
    }
  }
  return table;
}

const charactersOfPairs: (Uint32Array | undefined)[] = [];
const bytesOfPairs: (Int16Array | undefined)[] = [];

/**
 * By two bytes that were read as one number: their four characters, to be written as one. Numbers are in
 * the order of the machine here and there. Made when it is first asked for: 256 KiB.
 */
export function charactersOfPairsAt(phase: Phase): Uint32Array {
  const known = charactersOfPairs[phase];
  if (known !== undefined) return known;
  const pairs = allPairs();
  const table = new Uint32Array(2 ** 16);
  const characters = new Uint8Array(table.buffer);
  for (let index = 0; index < pairs.length; index += 1) {
    const byte = pairs[index] as number;
    const alphabets = ((index + phase) & 1) << 5;
    characters[2 * index] = codesOfHalves[alphabets | (byte >> 4)] as number;
    characters[2 * index + 1] = codesOfHalves[alphabets | 16 | (byte & 15)] as number;
  }
  charactersOfPairs[phase] = table;
  return table;
}

/** By two codes that were read as one number: the byte that they stand for at a phase, or `NOT_A_BYTE`. */
export function bytesOfPairsAt(phase: Phase): Int16Array {
  const known = bytesOfPairs[phase];
  if (known !== undefined) return known;
  const pairs = allPairs();
  const table = new Int16Array(2 ** 16);
  for (let index = 0; index < table.length; index += 1) {
    const high = highHalves[(phase << 8) | (pairs[2 * index] as number)] as number;
    const low = lowHalves[(phase << 8) | (pairs[2 * index + 1] as number)] as number;
    table[index] = high + low >= NOT_A_HALF ? NOT_A_BYTE : high | low;
  }
  bytesOfPairs[phase] = table;
  return table;
}

/** The two bytes of each number of 16 bits. */
function allPairs(): Uint8Array {
  return new Uint8Array(Uint16Array.from({ length: 2 ** 16 }, (_, value) => value).buffer);
}
