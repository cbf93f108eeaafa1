import { LruCache } from '@lucerna/base';
import { drawPlanes, type PlaneParameters, type Planes } from './planes.ts';

/** What an entry takes besides its numbers, at most: without numbers it would weigh nothing. */
const ENTRY_BYTES = 4_096;

/** Keeps planes that were drawn, the last used ones, within a number of bytes. */
export class PlaneCache {
  readonly #entries: LruCache<string, Planes>;
  readonly #draw: (parameters: PlaneParameters) => Planes;

  constructor(bytes: number, draw: (parameters: PlaneParameters) => Planes = drawPlanes) {
    this.#entries = new LruCache(bytes, ({ values }) => Math.max(values.byteLength, ENTRY_BYTES));
    this.#draw = draw;
  }

  /** The planes with these parameters, drawn unless they are kept. */
  planes(parameters: PlaneParameters): Planes {
    const { dimensions, planes, generator, seed } = parameters;
    const key = `${generator} ${seed} ${planes} ${dimensions}`;
    const kept = this.#entries.get(key);
    if (kept !== undefined) return kept;
    const drawn = this.#draw(parameters);
    this.#entries.set(key, drawn);
    return drawn;
  }

  /** How many it keeps. */
  get size(): number {
    return this.#entries.size;
  }
}
