import { isLucernaError } from '@lucerna/base';
import { decodeEq64, decodeInto, encodeInto } from '@lucerna/q64';
import { cliLimits } from '../limits.ts';
import { withMovedPosition } from './moved-position.ts';
import { type Parts, regrouped } from './parts.ts';
import type { DenseText } from './text-input.ts';

// `eq64` with dots, some groups at a time: a whole group has the same text wherever it stands. All memory
// is used again; new memory for each part of a long input would be thrown away faster than it is collected.

/** Characters between two dots. */
type Group = 4 | 8;

const { q64PieceGroups } = cliLimits.values;

const DOT = 0x2e;

/** The text of an input in ASCII, each part until the next one is asked for. */
export async function* encodeGroups(bytes: AsyncIterable<Uint8Array>, group: Group): Parts {
  const characters = new Uint8Array(q64PieceGroups * group);
  const target = new Uint8Array(q64PieceGroups * (group + 1));
  for await (const piece of regrouped(bytes, characters.length / 2)) {
    const { written } = encodeInto(piece.bytes, characters);
    let length = 0;
    for (let from = 0; from < written; from += group) {
      const end = Math.min(from + group, written);
      for (let place = from; place < end; place += 1, length += 1) {
        target[length] = characters[place] as number;
      }
      target[length] = DOT;
      length += 1;
    }
    // Behind the very last group there is no dot.
    yield target.subarray(0, piece.isLast && length > 0 ? length - 1 : length);
  }
}

/**
 * The bytes that a text stands for, each part until the next one is asked for.
 *
 * @param dense knows where the text stood before its whitespace was taken out
 * @throws what `decodeEq64` throws, with the position in the whole text
 */
export async function* decodeGroups(
  text: AsyncIterable<Uint8Array>,
  group: Group,
  dense: DenseText | undefined,
): Parts {
  const characters = new Uint8Array(q64PieceGroups * group);
  const target = new Uint8Array(characters.length / 2);
  let start = 0;
  for await (const { bytes, isLast } of regrouped(text, q64PieceGroups * (group + 1))) {
    const hasDot = !isLast && bytes.at(-1) === DOT;
    const groups = hasDot ? bytes.subarray(0, -1) : bytes;
    try {
      yield decodePiece(groups, group, characters, target);
    } catch (error) {
      const from = start;
      throw withMovedPosition(error, (position) => {
        return dense?.originalPosition(from + position) ?? from + position;
      });
    }
    start += bytes.length;
    dense?.forget(start);
  }
}

/** Groups with dots between them. */
function decodePiece(
  groups: Uint8Array,
  group: Group,
  characters: Uint8Array,
  target: Uint8Array,
): Uint8Array {
  const length = withoutDots(groups, group, characters);
  try {
    if (length !== undefined) {
      const { written } = decodeInto(characters.subarray(0, length), target);
      return target.subarray(0, written);
    }
  } catch (error) {
    if (!isLucernaError(error)) throw error;
  }
  // What is wrong, and where with its dots.
  return decodeEq64(groups, { group });
}

/** Copies what stands between dots. @returns its length; undefined where there is no dot that has to be */
function withoutDots(text: Uint8Array, group: Group, target: Uint8Array): number | undefined {
  let length = 0;
  for (let from = 0; from < text.length; from += group + 1) {
    const end = Math.min(from + group, text.length);
    for (let place = from; place < end; place += 1, length += 1) {
      target[length] = text[place] as number;
    }
    // A dot has another group behind it.
    if (end < text.length && (text[end] !== DOT || end + 1 === text.length)) return undefined;
  }
  return length;
}
