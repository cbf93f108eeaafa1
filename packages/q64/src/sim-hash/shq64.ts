import { type ByteSource, bytesOf } from '../byte-source.ts';
import { q64Limits } from '../limits.ts';
import { decodeQ64, problemOf, type Q64Problem, throwProblem } from '../q64.ts';
import { checkPlanes, planeParameters, type Shq64Options } from './sim-hash-options.ts';
import { hasherOf } from './sim-hasher.ts';

/** Planes of a character and of a byte. */
const CHARACTER_PLANES = 4;
const BYTE_PLANES = 8;

/**
 * Encodes on which side of random planes an embedding is (SimHash: Charikar 2002), a bit for each plane:
 * the nearer the directions of two embeddings, the fewer bits differ. The embedding is not to be had
 * back.
 *
 * Bytes are numbers in offset binary: 128 stands for 0. Their scale does not matter. On no side, as an
 * embedding of zeros or of no bytes is of all planes, is bit 0.
 *
 * The planes are those of the length, drawn by the first call and kept as `createSimHasher` keeps them.
 *
 * @throws `Q64_ARGUMENT_INVALID` also for unknown options, `Q64_BUFFER_DETACHED`, `Q64_INPUT_TOO_LARGE`
 *   beyond the limits `simHashDimensions` and `simHashMatrixBytes`
 */
export function encodeShq64(source: ByteSource, options: Shq64Options = {}): string {
  const bytes = bytesOf(source);
  return hasherOf(planeParameters(bytes.length, options), options.stats).hash(bytes);
}

/**
 * The bits of a code, 0 or 1 for each plane in their order. Packed they are what `decodeQ64` gives.
 *
 * @param planes how many they should be; any number that a hash can have unless given
 * @throws `Q64_LENGTH_INVALID`, `Q64_LENGTH_ODD`, `Q64_CHARACTER_INVALID`, `Q64_CHARACTER_MISPLACED`,
 *   `Q64_ARGUMENT_INVALID`, `Q64_BUFFER_DETACHED`
 */
export function decodeShq64(
  text: string | ByteSource,
  planes?: number | undefined,
): Uint8Array<ArrayBuffer> {
  const source = typeof text === 'string' ? text : bytesOf(text);
  const problem = shq64Problem(source, planes);
  if (problem !== undefined) throwProblem(problem);
  const packed = decodeQ64(source);
  return Uint8Array.from(
    { length: packed.length * BYTE_PLANES },
    (_, plane) => ((packed[plane >> 3] as number) >> (7 - (plane & 7))) & 1,
  );
}

/**
 * What decoding `text` would throw, or undefined.
 *
 * @param planes as `decodeShq64`
 * @throws `Q64_ARGUMENT_INVALID` for what is no number of planes
 */
export function validateShq64(
  text: string | ByteSource,
  planes?: number | undefined,
): Q64Problem | undefined {
  return shq64Problem(typeof text === 'string' ? text : bytesOf(text), planes);
}

function shq64Problem(
  source: string | Uint8Array,
  planes: number | undefined,
): Q64Problem | undefined {
  const most = planes === undefined ? q64Limits.values.simHashPlanes : checkPlanes(planes);
  const least = planes ?? BYTE_PLANES;
  const problem = problemOf(source, 0);
  if (problem !== undefined) return problem;
  const found = source.length * CHARACTER_PLANES;
  if (found >= least && found <= most) return undefined;
  // Where the text ends too early, or the first character that is too many.
  const position = Math.min(source.length, most / CHARACTER_PLANES);
  return { code: 'Q64_LENGTH_INVALID', position };
}
