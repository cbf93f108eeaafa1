/** A seeded generator of words of 64 bits, which it gives in two halves: nothing is allocated for a word. */
export type WordGenerator = {
  /** Draws the next word. */
  readonly next: () => void;
  /** Bits 0 to 31 of the word that was drawn last. */
  readonly low: () => number;
  /** Bits 32 to 63 of it. */
  readonly high: () => number;
};

/** Draws a word: its upper 53 bits as a number from 0 to below 1. */
export function nextFraction(words: WordGenerator): number {
  words.next();
  return ((words.high() >>> 0) * 2 ** 21 + (words.low() >>> 11)) / 2 ** 53;
}

/** A seed of 64 bits in two words, the lower one first. */
export function seedWords(seed: bigint): readonly [number, number] {
  return [Number(BigInt.asUintN(32, seed)), Number(BigInt.asUintN(32, seed >> 32n))];
}
