import type { Metadata } from '@lucerna/vector';

/**
 * What an answer is made of: JSON with integers of 64 bits as `bigint` and floats as `number`; the
 * values of a `Float32Array` are floats of 32 bits.
 */
export type AnswerValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Float32Array
  | Metadata
  | readonly AnswerValue[]
  | { readonly [key: string]: AnswerValue };

/** An answer that is an object. */
export type AnswerObject = { readonly [key: string]: AnswerValue };
