import type { TextEncoding } from '../q64/encodings.ts';

/** Options of every `lucerna q64` command. */
export type Q64CommandOptions = {
  readonly encoding: TextEncoding;
  readonly json?: boolean;
  /** Characters between two dots of eq64. */
  readonly group?: 4 | 8;
  /** Bits of an index of t8q64. */
  readonly indexBits?: 8 | 16;
  /** What a character of zoq64 holds. */
  readonly form?: 'packed' | 'interleaved';
  /** Bits of shq64. */
  readonly planes?: number;
};

/** Options of `q64 encode`. */
export type EncodeOptions = Q64CommandOptions & {
  readonly output: string;
  readonly force?: boolean;
  /** False: nothing behind the text. */
  readonly newline: boolean;
  readonly generator?: 'chacha8' | 'pcg64';
  readonly seed?: bigint;
  /** How many indices of t8q64; whether there may be fewer bytes, and larger indices. */
  readonly k?: number;
  readonly pad?: boolean;
  readonly clamp?: boolean;
  /** Lengths of mq64; whether the last one may be shorter than the input. */
  readonly levels?: readonly number[];
  readonly truncate?: boolean;
};

/** Options of `q64 decode`. */
export type DecodeOptions = Q64CommandOptions & {
  /** Undefined: standard output, unless that is a terminal. */
  readonly output?: string;
  readonly force?: boolean;
  readonly ignoreWhitespace?: boolean;
};

/** Options of `q64 validate`. */
export type ValidateOptions = Q64CommandOptions & { readonly ignoreWhitespace?: boolean };
