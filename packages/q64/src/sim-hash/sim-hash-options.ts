import { wholeNumber } from '../batch/whole-number.ts';
import { q64Errors } from '../errors.ts';
import { q64Limits } from '../limits.ts';
import type { Q64Options } from '../q64.ts';
import { isPlanesTooLarge, type PlaneParameters, type SimHashGenerator } from './planes.ts';

/** What decides a hash besides the embedding. */
export type Shq64Options = Q64Options & {
  /** Bits of the hash: a multiple of 8 up to 1,024, 64 unless given. Fewer are the first ones of more. */
  readonly planes?: number | undefined;
  /** `chacha8` unless given. */
  readonly generator?: SimHashGenerator | undefined;
  /** A whole number below 2⁶⁴, 42 unless given. A number must be a safe integer. */
  readonly seed?: bigint | number | undefined;
};

const DEFAULT_PLANES = 64;
const DEFAULT_SEED = 42;
const SEED_LIMIT = 2n ** 64n;
const GENERATORS: readonly SimHashGenerator[] = ['chacha8', 'pcg64'];
const OPTIONS: readonly (keyof Shq64Options)[] = ['generator', 'planes', 'seed', 'stats'];

/**
 * The parameters that options stand for. A misspelt option would give hashes that fit no others, so
 * unknown ones are refused.
 *
 * @throws `Q64_ARGUMENT_INVALID`, `Q64_INPUT_TOO_LARGE` for more dimensions, or dimensions times planes,
 *   than there may be
 */
export function planeParameters(dimensions: number, options: Shq64Options): PlaneParameters {
  checkOptionNames(options);
  const planes = checkPlanes(options.planes ?? DEFAULT_PLANES);
  const { generator = 'chacha8' } = options;
  if (!GENERATORS.includes(generator)) {
    const detail = `no generator is called ${String(generator)}`;
    throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { name: 'generator' });
  }
  const seed = checkSeed(options.seed ?? DEFAULT_SEED);
  const { simHashDimensions } = q64Limits.values;
  if (dimensions > simHashDimensions || isPlanesTooLarge(dimensions, planes)) {
    const detail = `${planes} planes of ${dimensions} dimensions`;
    throw q64Errors.create('Q64_INPUT_TOO_LARGE', detail, { bytes: dimensions, planes });
  }
  return { dimensions, planes, generator, seed };
}

/** A number of planes that a hash can have. @throws `Q64_ARGUMENT_INVALID` */
export function checkPlanes(planes: number): number {
  wholeNumber('planes', planes, 8, q64Limits.values.simHashPlanes);
  if (planes % 8 === 0) return planes;
  const detail = `planes is a multiple of 8, not ${planes}`;
  throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { name: 'planes' });
}

function checkSeed(seed: bigint | number): bigint {
  const isWhole = typeof seed === 'bigint' || Number.isSafeInteger(seed);
  if (isWhole && seed >= 0 && seed < SEED_LIMIT) return BigInt(seed);
  const detail = `seed is a whole number from 0 to 2^64 - 1, not ${String(seed)}`;
  throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { name: 'seed' });
}

function checkOptionNames(options: Shq64Options): void {
  if (typeof options !== 'object' || options === null) {
    const detail = `options were expected, not ${String(options)}`;
    throw q64Errors.create('Q64_ARGUMENT_INVALID', detail);
  }
  for (const name in options) {
    if ((OPTIONS as readonly string[]).includes(name)) continue;
    throw q64Errors.create('Q64_ARGUMENT_INVALID', `no option is called ${name}`, { name });
  }
}
