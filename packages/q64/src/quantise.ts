import { type ByteSource, bytesOf } from './byte-source.ts';
import { q64Errors } from './errors.ts';
import { encodeQ64 } from './q64.ts';

/** Numbers of an embedding. */
export type Values = Float32Array | Float64Array | readonly number[];

/** How numbers become bytes, by the function that does it. */
export type Quantisation = 'binary' | 'int8' | 'min-max';

/** What turns bytes into numbers again: to be stored once for many embeddings, or with each. */
export type QuantisationParameters =
  | {
      readonly quantisation: 'int8';
      /** The largest magnitude: what byte 255 stands for, and 1 with the other sign. */
      readonly bound: number;
    }
  | {
      readonly quantisation: 'min-max';
      /** What byte 0 stands for. */
      readonly minimum: number;
      /** What byte 255 stands for. */
      readonly maximum: number;
    }
  | {
      readonly quantisation: 'binary';
      /** What bytes from 128 on stand for, and those below with the other sign. */
      readonly magnitude: number;
    };

/** What `dequantise` takes. */
export type QuantisedBytes = { readonly bytes: ByteSource } & QuantisationParameters;

/** Numbers as bytes, in the order of the numbers: equal ones are equal, a larger one is not smaller. */
export type Quantised = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** No number differs by more than this from what `dequantise` gives for it. */
  readonly errorBound: number;
} & QuantisationParameters;

/** Bytes are offset binary: this one stands for 0. */
const ZERO = 128;
/** Steps from 0 to the largest magnitude: one of the 128 negative ones is not used. */
const STEPS = 127;
const MOST = 255;

/** Some roundings of a calculation with doubles, relative and at the smallest number there is. */
const ROUNDINGS = 8 * Number.EPSILON;
const SMALLEST = 2 * Number.MIN_VALUE;

/**
 * Quantises to whole numbers from -127 to 127, in steps of a 127th of the largest magnitude, of halves
 * the one further from 0. Byte 128 is 0, so the bytes are what shq64 hashes and zoq64 and t8q64 compare.
 *
 * The error is at most half a step, bound / 254.
 *
 * @throws `Q64_NOT_FINITE` with the position, `Q64_ARGUMENT_INVALID` for what are no numbers,
 *   `Q64_BUFFER_DETACHED`
 */
export function quantiseInt8(values: Values): Quantised & { readonly quantisation: 'int8' } {
  const bound = largestMagnitude(values);
  const bytes = new Uint8Array(values.length).fill(ZERO);
  if (bound > 0) {
    for (let index = 0; index < bytes.length; index += 1) {
      // Divided first: a large number times the steps would be infinite.
      const steps = ((values[index] as number) / bound) * STEPS;
      bytes[index] = ZERO + Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5);
    }
  }
  const errorBound = bound === 0 ? 0 : withRoundings(bound / (2 * STEPS), bound);
  return { quantisation: 'int8', bytes, bound, errorBound };
}

/**
 * Quantises to whole numbers from 0 to 255, from the smallest number to the largest in equal steps: the
 * finest there are, but no byte stands for 0. Equal numbers become 128.
 *
 * The error is at most half a step, (maximum - minimum) / 510.
 *
 * @throws as `quantiseInt8`
 */
export function quantiseMinMax(values: Values): Quantised & { readonly quantisation: 'min-max' } {
  const bound = largestMagnitude(values);
  const { minimum, maximum } = extremes(values);
  const bytes = new Uint8Array(values.length).fill(ZERO);
  // Halves of them where the difference is infinite; the smallest numbers would lose a bit by that.
  const unit = maximum - minimum < Infinity ? 1 : 0.5;
  const range = maximum * unit - minimum * unit;
  if (range > 0) {
    for (let index = 0; index < bytes.length; index += 1) {
      const share = ((values[index] as number) * unit - minimum * unit) / range;
      bytes[index] = Math.floor(share * MOST + 0.5);
    }
  }
  const errorBound = range === 0 ? 0 : withRoundings(range / (2 * MOST) / unit, bound);
  return { quantisation: 'min-max', bytes, minimum, maximum, errorBound };
}

/**
 * Quantises to the sign: byte 255 for numbers above 0, 1 for others, as large as `quantiseInt8` makes
 * the largest magnitude.
 *
 * The inverse gives the mean magnitude with the sign, which has the smallest squared error. The error is
 * at most the larger one of the mean magnitude and its distance from the largest.
 *
 * @throws as `quantiseInt8`
 */
export function quantiseBinary(values: Values): Quantised & { readonly quantisation: 'binary' } {
  const bound = largestMagnitude(values);
  const bytes = new Uint8Array(values.length);
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const value = values[index] as number;
    bytes[index] = value > 0 ? ZERO + STEPS : ZERO - STEPS;
    // In parts of the bound: the sum of large numbers would be infinite.
    if (bound > 0) sum += Math.abs(value) / bound;
  }
  const mean = bytes.length === 0 ? 0 : Math.min(1, sum / bytes.length);
  const magnitude = bound * mean;
  const errorBound = bound === 0 ? 0 : withRoundings(Math.max(magnitude, bound - magnitude), bound);
  return { quantisation: 'binary', bytes, magnitude, errorBound };
}

/**
 * The numbers that quantised bytes stand for. They differ from the original ones by at most the
 * `errorBound` that quantising gave.
 *
 * @throws `Q64_ARGUMENT_INVALID` for parameters that no quantising gives, `Q64_BUFFER_DETACHED`
 */
export function dequantise(quantised: QuantisedBytes): Float64Array<ArrayBuffer> {
  const bytes = bytesOf(quantised.bytes);
  const numbers = numbersOfBytes(quantised);
  return Float64Array.from(bytes, (byte) => numbers[byte] as number);
}

/** The number of each byte. */
function numbersOfBytes(parameters: QuantisationParameters): Float64Array {
  const numbers = new Float64Array(MOST + 1);
  if (parameters.quantisation === 'int8') {
    const bound = checkNumber('bound', parameters.bound, 0);
    // `quantiseInt8` never gives byte 0; it is read as 1.
    return numbers.map((_, byte) => bound * (Math.max(byte - ZERO, -STEPS) / STEPS));
  }
  if (parameters.quantisation === 'min-max') {
    const minimum = checkNumber('minimum', parameters.minimum, -Number.MAX_VALUE);
    const maximum = checkNumber('maximum', parameters.maximum, minimum);
    return numbers.map((_, byte) => between(minimum, maximum, byte / MOST));
  }
  if (parameters.quantisation === 'binary') {
    const magnitude = checkNumber('magnitude', parameters.magnitude, 0);
    return numbers.map((_, byte) => (byte < ZERO ? -magnitude : magnitude));
  }
  const { quantisation } = parameters as { readonly quantisation: unknown };
  const detail = `no quantisation is called ${String(quantisation)}`;
  throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { name: 'quantisation' });
}

/** What lies between two numbers. Their difference may be infinite; what is given is within them. */
function between(minimum: number, maximum: number, share: number): number {
  const value = minimum * (1 - share) + maximum * share;
  return Math.min(maximum, Math.max(minimum, value));
}

/** What `encodeEmbedding` is told. */
export type EmbeddingOptions = {
  readonly quantisation: Quantisation;
  /** `encodeQ64` unless given. Options of another are given in a function that calls it. */
  readonly encode?: ((bytes: Uint8Array) => string) | undefined;
};

/**
 * Quantises numbers and encodes their bytes: `encodeEmbedding(values, { quantisation: 'int8' })`, or with
 * `encode: encodeShq64`. The parameters of the quantisation are lost: where numbers are to be had back,
 * call `quantiseInt8` and keep them.
 *
 * @throws as `quantiseInt8` and `encode`; `Q64_ARGUMENT_INVALID` for an unknown quantisation
 */
export function encodeEmbedding(values: Values, options: EmbeddingOptions): string {
  const { quantisation, encode = encodeQ64 } = options;
  if (!Object.hasOwn(quantisers, quantisation)) {
    const detail = `no quantisation is called ${String(quantisation)}`;
    throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { name: 'quantisation' });
  }
  return encode(quantisers[quantisation](values).bytes);
}

const quantisers: Readonly<Record<Quantisation, (values: Values) => Quantised>> = {
  binary: quantiseBinary,
  int8: quantiseInt8,
  'min-max': quantiseMinMax,
};

/** @throws `Q64_ARGUMENT_INVALID`, `Q64_BUFFER_DETACHED`, `Q64_NOT_FINITE` */
function largestMagnitude(values: Values): number {
  const isList = Array.isArray(values);
  if (!isList && !(values instanceof Float32Array) && !(values instanceof Float64Array)) {
    const detail = 'numbers were expected: a Float32Array, a Float64Array or a list';
    throw q64Errors.create('Q64_ARGUMENT_INVALID', detail);
  }
  // An array whose buffer is gone would be an embedding without numbers.
  if (!isList) bytesOf(values);
  let largest = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    if (typeof value !== 'number') {
      const detail = `a number was expected at ${index}, not ${typeof value}`;
      throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { position: index });
    }
    if (!Number.isFinite(value)) {
      throw q64Errors.create('Q64_NOT_FINITE', `${value} at ${index}`, { position: index });
    }
    largest = Math.max(largest, Math.abs(value));
  }
  return largest;
}

function extremes(values: Values): { readonly minimum: number; readonly maximum: number } {
  if (values.length === 0) return { minimum: 0, maximum: 0 };
  let minimum = Infinity;
  let maximum = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    minimum = Math.min(minimum, values[index] as number);
    maximum = Math.max(maximum, values[index] as number);
  }
  return { minimum, maximum };
}

/** What an exact calculation would be off by at most, and a little for the roundings of ours. */
function withRoundings(error: number, largest: number): number {
  return Math.min(Number.MAX_VALUE, error + largest * ROUNDINGS + SMALLEST);
}

function checkNumber(name: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least) return value;
  const detail = `${name} is a number that quantising gave, not ${String(value)}`;
  throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { name });
}
