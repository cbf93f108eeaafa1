import { type Alphabet, alphabetOf, CLASS_OF_CODE } from '../alphabet.ts';
import { allocate } from '../batch/allocate.ts';
import { type ByteSource, bytesOf } from '../byte-source.ts';
import { q64Errors } from '../errors.ts';
import { q64Engine } from '../kernel/chosen-engine.ts';
import type { Phase } from '../kernel/engine.ts';
import { throwProblem } from '../q64.ts';
import type { Q64Stats, ResultMemory } from '../q64-stats.ts';
import { chunkSizeOf } from './chunk-size.ts';
import { ResultRoom } from './result-memory.ts';
import { positionWithWhitespace, withoutWhitespace } from './whitespace.ts';

/** How a stream is decoded. */
export type Q64StreamDecoderOptions = {
  /** True: tab, line feed, form feed, carriage return and space may stand anywhere. Default: false. */
  readonly ignoreWhitespace?: boolean | undefined;
  /** Bytes of each piece of the result; what is less waits for more. Default: 65,536. */
  readonly chunkSize?: number | undefined;
  /** True: all results are in the same memory, each of them until the next call. Default: false. */
  readonly reuseBuffers?: boolean | undefined;
  /** Counts each result that is not empty. */
  readonly stats?: Q64Stats | undefined;
};

/** Stands for no character waiting for its second half. */
const NONE = -1;

/**
 * Decodes text that comes in parts of any length: the results, one after the other, are what
 * `decodeQ64` gives for all of it at once. Less than `chunkSize` bytes wait in it. Every character is
 * checked when it comes, so the first wrong one is the error, whatever the length of the text.
 */
export class Q64StreamDecoder {
  readonly chunkSize: number;
  readonly #ignoresWhitespace: boolean;
  readonly #results: ResultRoom;
  readonly #stats: Q64Stats | undefined;
  #isOpen = true;
  /** Characters of the stream so far, with whitespace. */
  #position = 0;
  /** Whether the next byte stands at an even or an odd place of the stream. */
  #phase: Phase = 0;
  /** The high half of the next byte, or `NONE`. */
  #high = NONE;
  /** Bytes that wait for the rest of their piece; made when some first have to. */
  #held: Uint8Array<ArrayBuffer> = allocate(0);
  #heldLength = 0;

  /** @throws `Q64_ARGUMENT_INVALID` for a `chunkSize` that is not from 1 to the limit `streamChunkBytes` */
  constructor(options: Q64StreamDecoderOptions = {}) {
    this.chunkSize = chunkSizeOf(options);
    this.#ignoresWhitespace = options.ignoreWhitespace ?? false;
    this.#results = new ResultRoom(options.reuseBuffers, this.chunkSize);
    this.#stats = options.stats;
  }

  /**
   * Takes the next characters of the stream, as a string or in ASCII.
   *
   * @returns the bytes of all whole pieces that were not returned yet: often none
   * @throws `Q64_CHARACTER_INVALID`, `Q64_CHARACTER_MISPLACED` with the position in the whole stream,
   *   `Q64_ARGUMENT_INVALID`, `Q64_BUFFER_DETACHED`, `Q64_INPUT_TOO_LARGE` where there is no memory for
   *   the result, and after any error or `finish` `Q64_STREAM_FINISHED`
   */
  decodeChunk(text: string | ByteSource): Uint8Array<ArrayBuffer> {
    this.#begin();
    const source = typeof text === 'string' ? text : bytesOf(text);
    const { length } = source;
    const dense = this.#ignoresWhitespace ? withoutWhitespace(source) : source;
    const result = this.#decode(dense, (index, code, expected) => {
      const place = this.#ignoresWhitespace ? positionWithWhitespace(source, index) : index;
      const found = alphabetOf(code);
      throwProblem({
        code: found === undefined ? 'Q64_CHARACTER_INVALID' : 'Q64_CHARACTER_MISPLACED',
        position: this.#position + place,
        found,
        expected,
      });
    });
    this.#position += length;
    this.#isOpen = true;
    return result;
  }

  /**
   * Ends the stream. @returns the bytes that still waited
   * @throws `Q64_LENGTH_ODD` where the text ends in the middle of a byte; `Q64_STREAM_FINISHED` where
   *   the stream was ended before, or has failed
   */
  finish(): Uint8Array<ArrayBuffer> {
    this.#begin();
    if (this.#high !== NONE) throwProblem({ code: 'Q64_LENGTH_ODD', position: this.#position });
    const { target: result, memory } = this.#results.take(this.#heldLength, '');
    result.set(this.#held.subarray(0, this.#heldLength));
    this.#held = allocate(0);
    this.#results.clear();
    this.#count(result, memory);
    return result;
  }

  /** Leaves the stream closed: whoever does not reach the end of a call has ended it. */
  #begin(): void {
    if (!this.#isOpen) throw q64Errors.create('Q64_STREAM_FINISHED');
    this.#isOpen = false;
  }

  #decode(text: string | Uint8Array, fail: Fail): Uint8Array<ArrayBuffer> {
    const { length } = text;
    if (length === 0) return allocate(0);
    const held = this.#heldLength;
    /** Characters that end a byte that an earlier call has begun. */
    const low = this.#high === NONE ? 0 : 1;
    const fresh = low + Math.floor((length - low) / 2);
    const whole = held + fresh - ((held + fresh) % this.chunkSize);
    const { target: result, memory } = this.#results.take(whole, text);
    const kept = whole === 0 ? held + fresh : held + fresh - whole;
    if (kept > 0 && this.#held.length === 0) this.#held = allocate(this.chunkSize);
    // The new bytes: those that end whole pieces, or all of them, then those that wait.
    const first = whole === 0 ? this.#held.subarray(held, kept) : result.subarray(held);
    const second = whole === 0 ? allocate(0) : this.#held.subarray(0, kept);
    if (whole > 0) result.set(this.#held.subarray(0, held));
    if (low === 1) first[0] = (this.#high << 4) | halfByte(text, 0, this.#alphabet(0, 1), fail);
    const end = low + 2 * (first.length - low);
    decodeRun(text, low, first.subarray(low), this.#phaseOf(low), fail);
    decodeRun(text, end, second, this.#phaseOf(first.length), fail);
    const isCut = (length - low) % 2 === 1;
    this.#high = isCut ? halfByte(text, length - 1, this.#alphabet(fresh, 0), fail) : NONE;
    this.#heldLength = kept;
    this.#phase = this.#phaseOf(fresh);
    this.#count(result, memory);
    return result;
  }

  /** The phase of the byte that comes `bytes` after the next one. */
  #phaseOf(bytes: number): Phase {
    return ((this.#phase + bytes) & 1) as Phase;
  }

  #alphabet(bytes: number, half: 0 | 1): Alphabet {
    return (2 * this.#phaseOf(bytes) + half) as Alphabet;
  }

  #count(result: Uint8Array, memory: ResultMemory): void {
    if (result.length === 0) return;
    this.#stats?.countDecoded(2 * result.length, result.length, memory);
  }
}

/** Throws for the character `index` of the part, which is `code` instead of one of `expected`. */
type Fail = (index: number, code: number, expected: Alphabet) => never;

function codeAt(text: string | Uint8Array, index: number): number {
  return typeof text === 'string' ? text.charCodeAt(index) : (text[index] as number);
}

function halfByte(
  text: string | Uint8Array,
  index: number,
  expected: Alphabet,
  fail: Fail,
): number {
  const code = codeAt(text, index);
  return alphabetOf(code) === expected
    ? (CLASS_OF_CODE[code] as number) & 15
    : fail(index, code, expected);
}

/** Fills `target` from the characters that begin at `start`. */
function decodeRun(
  text: string | Uint8Array,
  start: number,
  target: Uint8Array,
  phase: Phase,
  fail: Fail,
): void {
  if (target.length === 0) return;
  const end = start + 2 * target.length;
  const engine = q64Engine();
  const wrong =
    typeof text === 'string'
      ? engine.decodeText(text.slice(start, end), target, phase)
      : engine.decode(text.subarray(start, end), target, phase);
  if (wrong < 0) return;
  const index = start + wrong;
  fail(index, codeAt(text, index), ((wrong + 2 * phase) & 3) as Alphabet);
}
