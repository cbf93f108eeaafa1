import { wholeNumber } from '../batch/whole-number.ts';
import { type ByteSource, bytesOf } from '../byte-source.ts';
import { q64Errors } from '../errors.ts';
import { q64Engine } from '../kernel/chosen-engine.ts';
import { q64Limits } from '../limits.ts';
import type { Transfer } from '../q64.ts';
import type { Q64Stats } from '../q64-stats.ts';
import { simHashEngine } from './chosen-sim-hash-engine.ts';
import { PlaneCache } from './plane-cache.ts';
import type { PlaneParameters, SimHashGenerator } from './planes.ts';
import type { SimHashEngine } from './sim-hash-engine.ts';
import { planeParameters, type Shq64Options } from './sim-hash-options.ts';

/** Hashes embeddings of one length with one set of planes, which it keeps. */
export type SimHasher = {
  /** Bytes of each embedding. */
  readonly dimensions: number;
  /** Bits of each hash. */
  readonly planes: number;
  readonly generator: SimHashGenerator;
  readonly seed: bigint;
  /** Characters of each hash: one for four planes. */
  readonly characters: number;
  /** @throws `Q64_ARGUMENT_INVALID` for an embedding of another length, `Q64_BUFFER_DETACHED` */
  readonly hash: (source: ByteSource) => string;
  /**
   * Writes the hash in ASCII, and allocates nothing. `source` and `target` may overlap.
   *
   * @throws as `hash`, and `Q64_ARGUMENT_INVALID` for a target without room for all of the hash
   */
  readonly hashInto: (source: ByteSource, target: Uint8Array) => Transfer;
};

const cache = new PlaneCache(q64Limits.values.simHashMatrixBytes);

/**
 * Makes a hasher. The planes are drawn, which takes about 50 ns for each dimension of each plane, unless
 * they are among the last used ones: those are kept, up to the limit `simHashMatrixBytes` in all.
 *
 * @param options `dimensions`: bytes of each embedding; otherwise as `encodeShq64`
 * @throws `Q64_ARGUMENT_INVALID`, `Q64_INPUT_TOO_LARGE` beyond the limits `simHashDimensions` and
 *   `simHashMatrixBytes`
 */
export function createSimHasher({
  dimensions,
  ...options
}: Shq64Options & { readonly dimensions: number }): SimHasher {
  wholeNumber('dimensions', dimensions, 0, Number.MAX_SAFE_INTEGER);
  return hasherOf(planeParameters(dimensions, options), options.stats);
}

/** The hasher of parameters that were checked. */
export function hasherOf(
  parameters: PlaneParameters,
  stats: Q64Stats | undefined,
  engine: SimHashEngine = simHashEngine(),
): SimHasher {
  const { dimensions } = parameters;
  const planes = cache.planes(parameters);
  const characters = parameters.planes / 4;
  const bits = new Uint8Array(parameters.planes / 8);

  const hashBits = (source: ByteSource): void => {
    const bytes = bytesOf(source);
    if (bytes.length !== dimensions) {
      const detail = `${bytes.length} bytes, but the planes have ${dimensions} dimensions`;
      throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { bytes: bytes.length, dimensions });
    }
    engine.hash(planes, bytes, bits);
  };

  return {
    ...parameters,
    characters,
    hash: (source) => {
      hashBits(source);
      const text = q64Engine().encodeToText(bits, 0);
      stats?.countEncoded(dimensions, characters, 'allocated');
      return text;
    },
    hashInto: (source, target) => {
      const room = bytesOf(target);
      if (room.length < characters) {
        const detail = `a hash has ${characters} characters, the target room for ${room.length}`;
        throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { characters });
      }
      hashBits(source);
      q64Engine().encode(bits, room, 0);
      stats?.countEncoded(dimensions, characters, 'none');
      return { read: dimensions, written: characters };
    },
  };
}
