import fc from 'fast-check';

/**
 * A tape of decisions: whoever reads it makes the same choices each time. A tape that has run out
 * says 0, so generators put the simplest choice first; shortening the tape shrinks what is generated.
 */
export class Tape {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Nothing is left: generators should come to an end. */
  get isSpent(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** A number below `count`, which is at most 256. */
  below(count: number): number {
    const byte = this.#bytes[this.#position] ?? 0;
    this.#position += 1;
    return byte % count;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** True in one of `count` cases. */
  oneIn(count: number): boolean {
    return this.below(count) === count - 1;
  }
}

/** Tapes of up to `maxLength` decisions, long ones as likely as short ones. */
export function tapes(maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: 0, maxLength, size: 'max' });
}
