// Normally distributed numbers by the ziggurat method (Marsaglia and Tsang 2000; Doornik 2005): 256
// layers of equal area under the density exp(-x² / 2), the lowest of them with the tail. A word chooses
// a layer and a place in it; in one of a hundred cases that is not enough.
//
// The two forms differ in the bits that they take from a word, in the order of the layers, in the tail
// and in the last digits of the area. Platforms may differ in the last bit of `exp` and `log`: of ten
// million numbers at most a few then differ in the last of their 32 bits, too little to move a hash.

import { nextFraction, type WordGenerator } from './words.ts';

/** Draws the next normally distributed number. */
export type NormalSource = () => number;

const LAYERS = 256;

/** Where the tail begins. */
const TAIL = 3.6541528853610088;

/** The area of a layer, as each of the two sources of the original has it. */
const AREA_OF_RUST = 0.00492867323399;
const AREA_OF_NUMPY = 0.004928673233974655;

function density(x: number): number {
  return Math.exp(-0.5 * x * x);
}

/**
 * The right ends of the layers, from the lowest to the highest and then the peak at 0. The lowest
 * stands for the layer with the tail: as wide as it would be without one.
 */
function layerWidths(area: number): Float64Array {
  const widths = new Float64Array(LAYERS + 1);
  widths[0] = area / density(TAIL);
  let width = TAIL;
  for (let layer = 1; layer < LAYERS; layer += 1) {
    widths[layer] = width;
    width = Math.sqrt(-2 * Math.log(area / width + density(width)));
  }
  return widths;
}

/** The numbers of `StandardNormal` in Rust's rand_distr 0.4. */
export function rustNormals(words: WordGenerator): NormalSource {
  const widths = layerWidths(AREA_OF_RUST);
  const heights = widths.map(density);
  return () => {
    for (;;) {
      words.next();
      const layer = words.low() & 0xff;
      // The uppermost 52 bits, from -1 to below 1.
      const place = ((words.high() >>> 0) * 2 ** 20 + (words.low() >>> 12)) / 2 ** 51 - 1;
      const x = place * (widths[layer] as number);
      const inner = widths[layer + 1] as number;
      if (Math.abs(x) < inner) return x;
      if (layer === 0) return rustTail(words, place);
      const lower = heights[layer] as number;
      const upper = heights[layer + 1] as number;
      if (upper + (lower - upper) * nextFraction(words) < density(x)) return x;
    }
  };
}

function rustTail(words: WordGenerator, place: number): number {
  let x = 1;
  let y = 0;
  while (-2 * y < x * x) {
    x = Math.log(nextOpenFraction(words)) / TAIL;
    y = Math.log(nextOpenFraction(words));
  }
  return place < 0 ? x - TAIL : TAIL - x;
}

/** The uppermost 52 bits of the next word as a number between 0 and 1, which it never is. */
function nextOpenFraction(words: WordGenerator): number {
  words.next();
  return ((words.high() >>> 0) * 2 ** 20 + (words.low() >>> 12) + 0.5) / 2 ** 52;
}

/** The numbers of `Generator.standard_normal` in numpy. */
export function numpyNormals(words: WordGenerator): NormalSource {
  const widths = layerWidths(AREA_OF_NUMPY);
  const heights = widths.map(density);
  return () => {
    for (;;) {
      words.next();
      const low = words.low();
      const index = low & 0xff;
      // It counts the layers from the peak, but for the lowest one, which is 0 here as well.
      const layer = index === 0 ? 0 : LAYERS - index;
      const sign = (low & 0x100) === 0 ? 1 : -1;
      // Bits 9 to 60, from 0 to below 1.
      const place = ((words.high() & 0x1fffffff) * 2 ** 23 + (low >>> 9)) / 2 ** 52;
      const width = widths[layer] as number;
      const inner = widths[layer + 1] as number;
      const x = place * width;
      if (place < inner / width) return sign * x;
      // The sign of the tail is another bit.
      if (layer === 0) return ((low & 0x20000) === 0 ? 1 : -1) * numpyTail(words);
      const lower = heights[layer] as number;
      const upper = heights[layer + 1] as number;
      if (lower + (upper - lower) * nextFraction(words) < density(x)) return sign * x;
    }
  };
}

function numpyTail(words: WordGenerator): number {
  for (;;) {
    const x = -Math.log1p(-nextFraction(words)) / TAIL;
    const y = -Math.log1p(-nextFraction(words));
    if (y + y > x * x) return TAIL + x;
  }
}
