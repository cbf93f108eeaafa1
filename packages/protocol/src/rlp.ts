import { assert, concatBytes } from '@lucerna/base';
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
  const output = new Uint8Array(encodedLength(item));
  const end = write(item, output, 0);
  assert(end === output.length, 'the encoding is as long as was computed');
  return output;
}

/** The encoding of a list whose items are encoded already. */
export function encodeRlpList(encodedItems: readonly Uint8Array[]): Uint8Array {
  let payload = 0;
  for (const item of encodedItems) payload += item.length;
  const prefix = new Uint8Array(prefixLength(payload));
  writePrefix(SHORT_LIST, payload, prefix, 0);
  return concatBytes(prefix, ...encodedItems);
}

/**
 * The item that `bytes` encode. Strict: only the one canonical encoding, and nothing after it. Byte
 * strings in the result are views of `bytes`.
 *
 * @throws `RLP_*` with the offset of the byte that is wrong
 */
export function decodeRlp(bytes: Uint8Array): RlpItem {
  const [item, end] = read(bytes, 0, bytes.length, 1);
  if (end !== bytes.length) throw malformed('RLP_TRAILING_BYTES', end);
  return item;
}

function encodedLength(item: RlpItem): number {
  const payload = payloadLength(item);
  if (isSelfEncoded(item)) return 1;
  return prefixLength(payload) + payload;
}

function payloadLength(item: RlpItem): number {
  if (item instanceof Uint8Array) return item.length;
  let length = 0;
  for (const child of item) length += encodedLength(child);
  return length;
}

/** A single byte below 0x80 is its own encoding. */
function isSelfEncoded(item: RlpItem): boolean {
  return item instanceof Uint8Array && item.length === 1 && (item[0] as number) < SHORT_STRING;
}

function prefixLength(payload: number): number {
  return payload <= SHORT_PAYLOAD ? 1 : 1 + byteLength(payload);
}

function byteLength(value: number): number {
  let length = 0;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) length += 1;
  return length;
}

function write(item: RlpItem, output: Uint8Array, offset: number): number {
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
  for (const child of item) position = write(child, output, position);
  return position;
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

/** Reads the item at `start`; everything up to `end` belongs to the list around it. */
function read(
  bytes: Uint8Array,
  start: number,
  end: number,
  depth: number,
): [item: RlpItem, next: number] {
  if (start >= end) throw malformed('RLP_TRUNCATED', start);
  const first = bytes[start] as number;
  if (first < SHORT_STRING) return [bytes.subarray(start, start + 1), start + 1];
  const base = first < SHORT_LIST ? SHORT_STRING : SHORT_LIST;
  const short = first - base;
  const width = short > SHORT_PAYLOAD ? short - SHORT_PAYLOAD : 0;
  const length = width === 0 ? short : readLength(bytes, start + 1, width, end);
  const from = start + 1 + width;
  if (length > end - from) throw malformed('RLP_TRUNCATED', start);
  const to = from + length;
  if (base === SHORT_LIST) return [readList(bytes, from, to, depth), to];
  if (length === 1 && (bytes[from] as number) < SHORT_STRING) {
    throw malformed('RLP_NOT_CANONICAL', start);
  }
  return [bytes.subarray(from, to), to];
}

function readList(bytes: Uint8Array, from: number, to: number, depth: number): RlpItem[] {
  if (depth > protocolLimits.values.rlpDepth) throw malformed('RLP_TOO_DEEP', from);
  const items: RlpItem[] = [];
  let position = from;
  while (position < to) {
    const [item, next] = read(bytes, position, to, depth + 1);
    items.push(item);
    position = next;
  }
  return items;
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
  code: 'RLP_TRUNCATED' | 'RLP_NOT_CANONICAL' | 'RLP_TRAILING_BYTES' | 'RLP_TOO_DEEP',
  offset: number,
): ReturnType<typeof protocolErrors.create> {
  return protocolErrors.create(code, `at byte ${offset}`, { offset });
}
