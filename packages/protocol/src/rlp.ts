import { assert } from '@lucerna/base';
import { protocolErrors } from './errors.ts';
import { protocolLimits } from './limits.ts';

/** A byte string, or a list of items: all that RLP knows (Yellow Paper, appendix B). */
export type RlpItem = Uint8Array | readonly RlpItem[];

const SHORT_STRING = 0x80;
const SHORT_LIST = 0xc0;
/** Payloads above this many bytes state their length in bytes of its own. */
const SHORT_PAYLOAD = 55;

/** The one encoding of `item`. */
export function encodeRlp(item: RlpItem): Uint8Array {
  const output = new Uint8Array(rlpLength(item));
  const end = writeRlp(item, output, 0);
  assert(end === output.length, 'the encoding is as long as was computed');
  return output;
}

/** The encoding of a list whose items are encoded already. */
export function encodeRlpList(encodedItems: readonly Uint8Array[]): Uint8Array {
  let payload = 0;
  for (const item of encodedItems) payload += item.length;
  const output = new Uint8Array(rlpPrefixLength(payload) + payload);
  let position = writePrefix(SHORT_LIST, payload, output, 0);
  for (const item of encodedItems) {
    output.set(item, position);
    position += item.length;
  }
  return output;
}

/**
 * The item that `bytes` encode. Strict: only the one canonical encoding, and nothing after it. Byte
 * strings in the result are views of `bytes`.
 *
 * An item of one byte costs a hundred bytes of memory and more, so `maxItems` bounds how many are
 * made, lists and byte strings together; the caller knows how many its object has at most.
 *
 * @throws `RLP_*` with the offset of the byte that is wrong; `RLP_LIMIT` beyond `maxItems`
 */
export function decodeRlp(
  bytes: Uint8Array,
  maxItems: number = protocolLimits.values.rlpItems,
): RlpItem {
  const reader: Reader = { bytes, position: 0, itemsLeft: maxItems };
  const item = readItem(reader, bytes.length, 1);
  if (reader.position !== bytes.length) throw malformed('RLP_TRAILING_BYTES', reader.position);
  return item;
}

/**
 * The encodings of the items of the list that `bytes` encode, as views of it. What stands in the
 * items is not looked at: decode them to have it checked.
 *
 * @param path what the list is, for errors
 * @throws `RLP_TYPE` when the item is no list, `RLP_LIMIT` when it has more than `maxItems` items,
 *   other `RLP_*` with the offset
 */
export function splitRlpList(
  bytes: Uint8Array,
  maxItems: number,
  path: string,
): readonly Uint8Array[] {
  const list = readRlpPrefix(bytes, 0, bytes.length);
  if (!list.isList) throw protocolErrors.create('RLP_TYPE', path, { path });
  if (list.to !== bytes.length) throw malformed('RLP_TRAILING_BYTES', list.to);
  const items: Uint8Array[] = [];
  for (let position = list.from; position < list.to; ) {
    if (items.length === maxItems) {
      throw protocolErrors.create('RLP_LIMIT', path, { path, max: maxItems });
    }
    const { to } = readRlpPrefix(bytes, position, list.to);
    items.push(bytes.subarray(position, to));
    position = to;
  }
  return items;
}

/** How many bytes the encoding of `item` has. */
export function rlpLength(item: RlpItem): number {
  const payload = payloadLength(item);
  if (isSelfEncoded(item)) return 1;
  return rlpPrefixLength(payload) + payload;
}

function payloadLength(item: RlpItem): number {
  if (item instanceof Uint8Array) return item.length;
  let length = 0;
  for (const child of item) length += rlpLength(child);
  return length;
}

/** A single byte below 0x80 is its own encoding. */
function isSelfEncoded(item: RlpItem): boolean {
  return item instanceof Uint8Array && item.length === 1 && (item[0] as number) < SHORT_STRING;
}

/** How many bytes stand before a payload of so many bytes: of a list, or of a string of two or more. */
export function rlpPrefixLength(payload: number): number {
  return payload <= SHORT_PAYLOAD ? 1 : 1 + byteLength(payload);
}

function byteLength(value: number): number {
  let length = 0;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) length += 1;
  return length;
}

/** Writes the encoding of `item` at `offset`, where there is room for it; returns where it ends. */
export function writeRlp(item: RlpItem, output: Uint8Array, offset: number): number {
  if (item instanceof Uint8Array) {
    if (isSelfEncoded(item)) {
      output[offset] = item[0] as number;
      return offset + 1;
    }
    const start = writePrefix(SHORT_STRING, item.length, output, offset);
    output.set(item, start);
    return start + item.length;
  }
  let position = writePrefix(SHORT_LIST, payloadLength(item), output, offset);
  for (const child of item) position = writeRlp(child, output, position);
  return position;
}

/** Writes what stands before a list whose items have `payload` bytes; returns where they begin. */
export function writeRlpListPrefix(payload: number, output: Uint8Array, offset: number): number {
  return writePrefix(SHORT_LIST, payload, output, offset);
}

/** Writes what stands before a string of `payload` bytes, two or more; returns where they begin. */
export function writeRlpStringPrefix(payload: number, output: Uint8Array, offset: number): number {
  return writePrefix(SHORT_STRING, payload, output, offset);
}

/** Writes the kind and the payload's length; returns where the payload begins. */
function writePrefix(base: number, payload: number, output: Uint8Array, offset: number): number {
  if (payload <= SHORT_PAYLOAD) {
    output[offset] = base + payload;
    return offset + 1;
  }
  const width = byteLength(payload);
  output[offset] = base + SHORT_PAYLOAD + width;
  let rest = payload;
  for (let position = offset + width; position > offset; position -= 1) {
    output[position] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return offset + 1 + width;
}

/** Where a reading has arrived, and how many items it may still make. */
type Reader = {
  readonly bytes: Uint8Array;
  position: number;
  itemsLeft: number;
};

/** Reads the item at the position; everything up to `end` belongs to the list around it. */
function readItem(reader: Reader, end: number, depth: number): RlpItem {
  const { bytes, position } = reader;
  if (reader.itemsLeft === 0) throw malformed('RLP_LIMIT', position);
  reader.itemsLeft -= 1;
  const { isList, from, to } = readRlpPrefix(bytes, position, end);
  if (!isList) {
    reader.position = to;
    return bytes.subarray(from, to);
  }
  if (depth > protocolLimits.values.rlpDepth) throw malformed('RLP_TOO_DEEP', from);
  reader.position = from;
  const items: RlpItem[] = [];
  while (reader.position < to) items.push(readItem(reader, to, depth + 1));
  return items;
}

/** What an item is, and where its payload lies. */
export type RlpPrefix = { readonly isList: boolean; readonly from: number; readonly to: number };

/**
 * Reads what stands before the payload of the item at `start`, none of which may go beyond `end`. Of
 * the items in a list it looks at nothing: reading them one by one, up to `to`, checks them.
 *
 * @throws `RLP_TRUNCATED`, `RLP_NOT_CANONICAL` with the offset
 */
export function readRlpPrefix(bytes: Uint8Array, start: number, end: number): RlpPrefix {
  if (start >= end) throw malformed('RLP_TRUNCATED', start);
  const first = bytes[start] as number;
  if (first < SHORT_STRING) return { isList: false, from: start, to: start + 1 };
  const isList = first >= SHORT_LIST;
  const short = first - (isList ? SHORT_LIST : SHORT_STRING);
  const width = short > SHORT_PAYLOAD ? short - SHORT_PAYLOAD : 0;
  const length = width === 0 ? short : readLength(bytes, start + 1, width, end);
  const from = start + 1 + width;
  if (length > end - from) throw malformed('RLP_TRUNCATED', start);
  if (!isList && length === 1 && (bytes[from] as number) < SHORT_STRING) {
    throw malformed('RLP_NOT_CANONICAL', start);
  }
  return { isList, from, to: from + length };
}

/** The length of a long payload: `width` big-endian bytes, no leading zero, and above 55. */
function readLength(bytes: Uint8Array, start: number, width: number, end: number): number {
  if (width > end - start) throw malformed('RLP_TRUNCATED', start);
  if (bytes[start] === 0) throw malformed('RLP_NOT_CANONICAL', start);
  let length = 0;
  for (let position = start; position < start + width; position += 1) {
    // Beyond 2⁵³ this rounds, and is still more than any input holds.
    length = length * 256 + (bytes[position] as number);
  }
  if (length <= SHORT_PAYLOAD) throw malformed('RLP_NOT_CANONICAL', start);
  return length;
}

function malformed(
  code: `RLP_${'TRUNCATED' | 'NOT_CANONICAL' | 'TRAILING_BYTES' | 'TOO_DEEP' | 'LIMIT'}`,
  offset: number,
): ReturnType<typeof protocolErrors.create> {
  return protocolErrors.create(code, `at byte ${offset}`, { offset });
}
