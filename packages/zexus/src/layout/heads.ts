import { assert, fixedBytes, rangeToBigInt } from '@lucerna/base';
import { WORD_BYTES } from './slots.ts';

/** The word of an enumerable map. A map that was never written has the zero word. */
export type MapHead = {
  /** How often the map was cleared: part of every slot behind it. */
  readonly generation: bigint;
  /** Number of the next entry that is added: how many were since the map was cleared. */
  readonly sequence: number;
  readonly count: number;
};

/** The word of a list. A list that was never written has the zero word. */
export type ListHead = {
  /** How often the list was cleared: part of every slot behind it. */
  readonly generation: bigint;
  readonly length: number;
};

/** Bytes of each number in a head. */
const NUMBER_BYTES = 8;

/** What the word says; undefined for one that no map has, which only a tool can leave. */
export function parseMapHead(word: Uint8Array): MapHead | undefined {
  const [generation, sequence, count, rest] = numbers(word);
  if (!isCounter(sequence) || count > sequence || rest !== 0n) return undefined;
  return { generation, sequence: Number(sequence), count: Number(count) };
}

/** generation ‖ next sequence number ‖ count, 8 bytes each, ‖ 8 zero bytes. */
export function mapHeadWord({ generation, sequence, count }: MapHead): Uint8Array {
  return headWord([generation, BigInt(sequence), BigInt(count)]);
}

/** What the word says; undefined for one that no list has, which only a tool can leave. */
export function parseListHead(word: Uint8Array): ListHead | undefined {
  const [generation, length, ...rest] = numbers(word);
  if (!isCounter(length) || rest.some((number) => number !== 0n)) return undefined;
  return { generation, length: Number(length) };
}

/** generation ‖ length, 8 bytes each, ‖ 16 zero bytes. */
export function listHeadWord({ generation, length }: ListHead): Uint8Array {
  return headWord([generation, BigInt(length)]);
}

/** The generation after this one; undefined after the last, which only a tool can leave. */
export function nextGeneration(generation: bigint): bigint | undefined {
  const next = generation + 1n;
  return next >> 64n === 0n ? next : undefined;
}

type Numbers = [first: bigint, second: bigint, third: bigint, fourth: bigint];

function numbers(word: Uint8Array): Numbers {
  assert(word.length === WORD_BYTES, 'a word has 32 bytes');
  const at = (index: number): bigint =>
    rangeToBigInt(word, index * NUMBER_BYTES, (index + 1) * NUMBER_BYTES);
  return [at(0), at(1), at(2), at(3)];
}

/** No contract counts beyond exact numbers: each step is paid for. */
function isCounter(value: bigint): boolean {
  return value <= BigInt(Number.MAX_SAFE_INTEGER);
}

function headWord(values: readonly bigint[]): Uint8Array {
  const word = new Uint8Array(WORD_BYTES);
  values.forEach((value, index) => {
    word.set(fixedBytes(value, NUMBER_BYTES), index * NUMBER_BYTES);
  });
  return word;
}
