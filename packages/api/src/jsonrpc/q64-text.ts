import { toHex } from '@lucerna/base';
import type { JsonValue } from '@lucerna/protocol';
import {
  decodeEq64,
  decodeMq64Levels,
  decodeQ64,
  decodeShq64,
  decodeT8q64,
  decodeZoq64,
  encodeEq64,
  encodeMq64,
  encodeQ64,
  encodeShq64,
  encodeT8q64,
  encodeZoq64,
} from '@lucerna/q64';
import { apiLimits } from '../limits.ts';
import { paramError } from './params.ts';
import type { TextRequest } from './text-request.ts';

/** What `encodeShq64` takes where it is not told. */
const DEFAULT_PLANES = 64;

/**
 * The text of some bytes.
 *
 * @throws what the encoding throws; `RPC_PARAMS_INVALID` for what takes longer, or becomes longer, than a
 *   request may
 */
export function textOf(bytes: Uint8Array, request: TextRequest): string {
  const { encoding = 'q64', clamp, form, generator, group } = request;
  const { indexBits, k, levels, pad, planes, seed, truncate } = request;
  switch (encoding) {
    case 'q64':
      return encodeQ64(bytes);
    case 'eq64':
      return encodeEq64(bytes, { group });
    case 'shq64':
      checkPlaneNumbers(bytes.length * (planes ?? DEFAULT_PLANES));
      return encodeShq64(bytes, { generator, planes, seed });
    case 't8q64':
      return encodeT8q64(bytes, { clamp, indexBits, k, pad });
    case 'zoq64':
      return encodeZoq64(bytes, { form });
    case 'mq64':
      checkLevels(levels ?? [], bytes.length);
      return encodeMq64(bytes, { levels, truncate });
  }
}

/**
 * What a text stands for: the bytes as hex, or the numbers that the encoding has kept of them.
 *
 * @throws what the encoding throws, with the position
 */
export function contentOf(text: string, request: TextRequest): JsonValue {
  const { encoding = 'q64', form, group, indexBits, planes } = request;
  switch (encoding) {
    case 'q64':
      return toHex(decodeQ64(text));
    case 'eq64':
      return toHex(decodeEq64(text, { group }));
    case 'shq64':
      return [...decodeShq64(text, planes)];
    case 't8q64':
      return [...decodeT8q64(text, { indexBits })];
    case 'zoq64':
      return [...decodeZoq64(text, { form })];
    case 'mq64':
      // Also the shorter levels are looked at: no method but this one can say that they are damaged.
      return toHex(decodeMq64Levels(text).at(-1) ?? new Uint8Array(0));
  }
}

/** Nobody else is answered while the planes are drawn. */
function checkPlaneNumbers(numbers: number): void {
  const most = apiLimits.values.q64PlaneNumbers;
  if (numbers <= most) return;
  throw paramError(`options.planes: bytes times planes are ${numbers}, more than ${most}`);
}

/** Each level repeats those before it, so that a few bytes could ask for a text of any length. */
function checkLevels(levels: readonly number[], length: number): void {
  const most = apiLimits.values.q64TextChars;
  let characters = 0;
  for (const level of levels) if (level <= length) characters += 2 * level + 1;
  if (characters - 1 <= most) return;
  throw paramError(`options.levels: the text would be longer than ${most} characters`);
}
