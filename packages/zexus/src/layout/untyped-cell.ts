import { assert, bytesToBigInt, joinBytes } from '@lucerna/base';
import { zexusLimits } from '../limits.ts';
import type { Value } from '../vm/value.ts';
import { scalarOfPayload } from './scalars.ts';
import { continuationSlots, WORD_BYTES } from './slots.ts';
import { cellPayload, decodeContainerPayload, UNMETERED } from './value-encoding.ts';
import { isContainerTag } from './value-tags.ts';

/** A store of words by slot: a slot that was never written has the zero word. */
export type CellStore = {
  readonly load: (slot: Uint8Array) => Uint8Array;
  readonly store: (slot: Uint8Array, word: Uint8Array) => void;
};

/** What a head word says, before anything behind it is read. */
export type UntypedHead = {
  readonly tag: number;
  /** Bytes of the value. */
  readonly length: number;
  /** The value's first bytes: all of it when there are no continuation words. */
  readonly inline: Uint8Array;
  /** How many words follow at the continuation slots. */
  readonly continuationWords: number;
};

/** One word to write. */
export type CellWrite = { readonly slot: Uint8Array; readonly word: Uint8Array };

/** A value of up to 30 bytes fits the head: tag, length, bytes. */
const SHORT_BYTES = 30;
/** Where a length stands that does not fit: the head is tag, this, four bytes of length, bytes. */
const LONG_MARK = 0xff;
const LONG_HEADER = 6;
const LONG_INLINE: number = WORD_BYTES - LONG_HEADER;

/** How many continuation words a value of `length` bytes has. */
export function continuationWords(length: number): number {
  return length <= SHORT_BYTES ? 0 : Math.ceil((length - LONG_INLINE) / WORD_BYTES);
}

/**
 * What the head word of an untyped cell says; undefined for a word that no value has, which only a
 * tool that writes raw storage can leave.
 */
export function parseUntypedHead(word: Uint8Array): UntypedHead | undefined {
  assert(word.length === WORD_BYTES, 'a word has 32 bytes');
  const tag = word[0] as number;
  const mark = word[1] as number;
  if (mark <= SHORT_BYTES) {
    const isPadded = word.subarray(2 + mark).every((byte) => byte === 0);
    if (!isPadded) return undefined;
    return { tag, length: mark, inline: word.slice(2, 2 + mark), continuationWords: 0 };
  }
  if (mark !== LONG_MARK) return undefined;
  const length = Number(bytesToBigInt(word.subarray(2, LONG_HEADER)));
  if (length <= SHORT_BYTES || length > zexusLimits.values.stringBytes) return undefined;
  const inline = word.slice(LONG_HEADER);
  return { tag, length, inline, continuationWords: continuationWords(length) };
}

/**
 * The words of an untyped cell that holds `value`: its head, then the continuation. Null is the zero
 * word, as if the cell had never been written.
 */
export function encodeUntypedCell(value: Value): Uint8Array[] {
  return payloadWords(...cellPayload(UNMETERED, value));
}

/** The words of an untyped cell that holds the value of a tag and these bytes. */
function payloadWords(tag: number, payload: Uint8Array): Uint8Array[] {
  assert(
    payload.length <= zexusLimits.values.stringBytes,
    'the value is within the bound of cells',
  );
  const head = new Uint8Array(WORD_BYTES);
  head[0] = tag;
  if (payload.length <= SHORT_BYTES) {
    head[1] = payload.length;
    head.set(payload, 2);
    return [head];
  }
  head[1] = LONG_MARK;
  new DataView(head.buffer).setUint32(2, payload.length);
  head.set(payload.subarray(0, LONG_INLINE), LONG_HEADER);
  const words = [head];
  for (let offset = LONG_INLINE; offset < payload.length; offset += WORD_BYTES) {
    const word = new Uint8Array(WORD_BYTES);
    word.set(payload.subarray(offset, offset + WORD_BYTES));
    words.push(word);
  }
  return words;
}

/**
 * The bytes of the value of a head and the words behind it; undefined when those do not end as they
 * have to.
 */
export function payloadOfWords(
  head: UntypedHead,
  continuation: readonly Uint8Array[],
): Uint8Array | undefined {
  assert(continuation.length === head.continuationWords, 'all words of the value');
  const padded = joinBytes([head.inline, ...continuation]);
  for (let index = head.length; index < padded.length; index += 1) {
    if (padded[index] !== 0) return undefined;
  }
  return padded.subarray(0, head.length);
}

/**
 * The value of a head and the words behind it, a list or a map as one in memory; undefined when they are
 * not what a value has, which only a tool that writes raw storage can leave.
 */
export function decodeUntypedCell(
  head: UntypedHead,
  continuation: readonly Uint8Array[],
): Value | undefined {
  const payload = payloadOfWords(head, continuation);
  if (payload === undefined) return undefined;
  if (isContainerTag(head.tag)) return decodeContainerPayload(UNMETERED, head.tag, payload);
  return scalarOfPayload(head.tag, payload);
}

/**
 * The value of the cell at `slot`. Touches 1 + `continuationWords` words; whoever charges for them
 * reads the head first and asks {@link parseUntypedHead}.
 *
 * @returns undefined for words that no value has
 */
export function readUntypedCell(store: CellStore, slot: Uint8Array): Value | undefined {
  const head = parseUntypedHead(store.load(slot));
  if (head === undefined) return undefined;
  const slots = continuationSlots(slot, head.continuationWords);
  return decodeUntypedCell(
    head,
    slots.map((continuation) => store.load(continuation)),
  );
}

/**
 * The words to write so that the cell at `slot`, whose head word is `oldHead`, holds `value`: the
 * head, the continuation, and a zero word for each word of the old value behind that. Whoever charges
 * per word goes through them before anything is written.
 */
export function untypedCellWrites(
  slot: Uint8Array,
  oldHead: Uint8Array,
  value: Value,
): readonly CellWrite[] {
  return payloadWrites(slot, oldHead, ...cellPayload(UNMETERED, value));
}

/** As {@link untypedCellWrites}, for the value of a tag and these bytes. */
export function payloadWrites(
  slot: Uint8Array,
  oldHead: Uint8Array,
  tag: number,
  payload: Uint8Array,
): readonly CellWrite[] {
  const [head, ...continuation] = payloadWords(tag, payload) as [Uint8Array, ...Uint8Array[]];
  const oldWords = parseUntypedHead(oldHead)?.continuationWords ?? 0;
  const slots = continuationSlots(slot, Math.max(continuation.length, oldWords));
  const zero = new Uint8Array(WORD_BYTES);
  return [
    { slot, word: head },
    ...slots.map((at, index) => ({ slot: at, word: continuation[index] ?? zero })),
  ];
}

/** Writes `value` to the cell at `slot`; nothing of a longer old value stays behind it. */
export function writeUntypedCell(store: CellStore, slot: Uint8Array, value: Value): void {
  for (const write of untypedCellWrites(slot, store.load(slot), value)) {
    store.store(write.slot, write.word);
  }
}
