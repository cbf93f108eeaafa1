import { EMPTY_BYTES } from '@lucerna/base';
import { ByteWriter } from '../bytecode/byte-writer.ts';
import { zexusLimits } from '../limits.ts';
import { PANIC, panic } from '../vm/halt.ts';
import { Dictionary, isScalar, keyText, List, type Value } from '../vm/value.ts';
import { payloadBytes, scalarOfPayload, valuePayload } from './scalars.ts';
import { isContainerTag, VALUE_TAGS } from './value-tags.ts';

// The canonical encoding of values, docs/spec/storage.md: of `encode()`, of `zx_call`, of fields that have
// no type in the ABI, and behind its tag of a list or map in an untyped cell.

/** Who is told of work before it is done: the meter of a run. */
export type ValueMeter = {
  readonly chargeItems: (count: number) => void;
  readonly chargeEntries: (count: number) => void;
  /** Something that takes memory beside what is in it. */
  readonly hold: (kind: 'bytes' | 'list' | 'map') => void;
  /** Bytes of texts or byte strings. */
  readonly chargeBytes: (bytes: number) => void;
  /** Bytes that are only looked at yet, and charged as such at least. */
  readonly requireReading: (bytes: number) => void;
};

/** For tools, which pay for nothing. */
export const UNMETERED: ValueMeter = {
  chargeItems: () => undefined,
  chargeEntries: () => undefined,
  hold: () => undefined,
  chargeBytes: () => undefined,
  requireReading: () => undefined,
};

/** Tag and number of bytes, or tag, number of items: no value takes less. */
const MIN_VALUE_BYTES = 2;

/**
 * The bytes of a value in memory. Charges for its items and for the bytes of its texts and byte strings.
 *
 * @throws `Revert` Panic 0x01 for functions and for lists and maps that are in the state (`materialise`
 *   them first), 0x41 for a value that is nested too deep or has more bytes than a byte string may have
 */
export function encodeValue(meter: ValueMeter, value: Value): Uint8Array {
  // Measured, charged and bounded before a byte of it is written.
  measure(meter, value, 0);
  const out = new ByteWriter();
  write(out, value);
  return out.finish();
}

/**
 * The value that the bytes are the encoding of; undefined when they are that of none. Charges for the
 * bytes and for each item.
 */
export function decodeValue(meter: ValueMeter, bytes: Uint8Array): Value | undefined {
  if (bytes.length > zexusLimits.values.stringBytes) return undefined;
  meter.chargeBytes(bytes.length);
  const reader = new Reader(meter, bytes);
  const value = reader.value(0);
  return reader.isAtEnd ? value : undefined;
}

/**
 * The list or map of a tag and the bytes behind it, as in the words of an untyped cell; undefined when
 * they are those of none. Charges for each item, not for the bytes.
 */
export function decodeContainerPayload(
  meter: ValueMeter,
  tag: number,
  payload: Uint8Array,
): Dictionary | List | undefined {
  const reader = new Reader(meter, payload);
  const value = reader.container(tag, 0);
  return reader.isAtEnd ? value : undefined;
}

/** Tag and bytes of a value in an untyped cell. As {@link encodeValue}. */
export function cellPayload(
  meter: ValueMeter,
  value: Value,
): readonly [tag: number, payload: Uint8Array] {
  if (isScalar(value)) return valuePayload(value);
  const encoded = encodeValue(meter, value);
  return [encoded[0] as number, encoded.subarray(1)];
}

/** Bytes of the encoding of a value that is `level` lists and maps deep in another. */
function measure(meter: ValueMeter, value: Value, level: number): number {
  let bytes = 0;
  if (value instanceof List) {
    requireLevel(level);
    meter.chargeItems(value.items.length);
    bytes = 1 + numberBytes(value.items.length);
    for (const item of value.items) bytes = requireBytes(bytes + measure(meter, item, level + 1));
  } else if (value instanceof Dictionary) {
    requireLevel(level);
    meter.chargeItems(value.entries.size);
    bytes = 1 + numberBytes(value.entries.size);
    for (const entry of value.entries.values()) {
      bytes += measure(meter, entry.key, level + 1);
      bytes = requireBytes(bytes + measure(meter, entry.value, level + 1));
    }
  } else {
    if (!isScalar(value)) throw panic(PANIC.kind);
    const isLong = typeof value === 'string' || value instanceof Uint8Array;
    // A text has at least as many bytes as code units: it is not measured before it can be paid for.
    if (isLong) meter.requireReading(value.length);
    const payload = payloadBytes(value);
    if (isLong) meter.chargeBytes(payload);
    bytes = requireBytes(1 + numberBytes(payload) + payload);
  }
  return bytes;
}

function write(out: ByteWriter, value: Value): void {
  if (value instanceof List) {
    out.byte(VALUE_TAGS.list);
    out.number(value.items.length);
    for (const item of value.items) write(out, item);
  } else if (value instanceof Dictionary) {
    out.byte(VALUE_TAGS.map);
    out.number(value.entries.size);
    for (const entry of value.entries.values()) {
      write(out, entry.key);
      write(out, entry.value);
    }
  } else if (isScalar(value)) {
    const [tag, payload] = valuePayload(value);
    out.byte(tag);
    out.counted(payload);
  }
}

/** Takes a value from bytes that anybody may have written. Undefined: they are not canonical. */
class Reader {
  readonly #meter: ValueMeter;
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(meter: ValueMeter, bytes: Uint8Array) {
    this.#meter = meter;
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  value(level: number): Value | undefined {
    const tag = this.#byte();
    if (isContainerTag(tag)) return this.container(tag, level);
    const length = this.#number();
    if (length === undefined) return undefined;
    const payload = this.#take(length);
    if (payload === undefined) return undefined;
    if (tag === VALUE_TAGS.bytes || tag === VALUE_TAGS.address) this.#meter.hold('bytes');
    return scalarOfPayload(tag, payload);
  }

  container(tag: number, level: number): Dictionary | List | undefined {
    if (level >= zexusLimits.values.valueLevels) return undefined;
    const count = this.#number();
    if (count === undefined) return undefined;
    const valuesOfItem = tag === VALUE_TAGS.map ? 2 : 1;
    const left = this.#bytes.length - this.#offset;
    if (count * valuesOfItem * MIN_VALUE_BYTES > left) return undefined;
    if (tag === VALUE_TAGS.map) {
      this.#meter.hold('map');
      this.#meter.chargeEntries(count);
      return this.#entries(count, level);
    }
    this.#meter.hold('list');
    this.#meter.chargeItems(count);
    return this.#items(count, level);
  }

  #items(count: number, level: number): List | undefined {
    const items: Value[] = [];
    for (let index = 0; index < count; index += 1) {
      const item = this.value(level + 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return new List(items);
  }

  #entries(count: number, level: number): Dictionary | undefined {
    const map = new Dictionary();
    for (let index = 0; index < count; index += 1) {
      const key = this.value(level + 1);
      if (key === undefined || key === null || !isScalar(key)) return undefined;
      const value = this.value(level + 1);
      const text = keyText(key);
      if (value === undefined || map.entries.has(text)) return undefined;
      map.entries.set(text, { key, value });
    }
    return map;
  }

  /** A number in its shortest form (LEB128); more than four bytes are never needed here. */
  #number(): number | undefined {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      if (byte < 0) return undefined;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return byte === 0 && shift > 0 ? undefined : value;
    }
    return undefined;
  }

  /** The next byte; below zero at the end. */
  #byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) return -1;
    this.#offset += 1;
    return byte;
  }

  #take(length: number): Uint8Array | undefined {
    const end = this.#offset + length;
    if (end > this.#bytes.length) return undefined;
    const part = length === 0 ? EMPTY_BYTES : this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return part;
  }
}

function requireLevel(level: number): void {
  if (level >= zexusLimits.values.valueLevels) throw panic(PANIC.allocation);
}

function requireBytes(bytes: number): number {
  if (bytes > zexusLimits.values.stringBytes) throw panic(PANIC.allocation);
  return bytes;
}

/** Bytes of a number of lengths and counts. */
function numberBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}
