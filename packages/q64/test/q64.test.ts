import { describe, expect, it } from 'vitest';
import {
  type ByteSource,
  decodeInto,
  decodeQ64,
  encodeBuffer,
  encodeInto,
  encodeQ64,
  Q64Stats,
  q64Limits,
  validateQ64,
} from '../src/index.ts';
import { expectCode } from './codes.ts';

const text = 'AQgxASgzAUg1AWg3';
const bytes = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7);

function someBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index * 167 + (index >> 8) * 59);
}

describe('what is encoded', () => {
  const { buffer } = bytes;
  const shared = new SharedArrayBuffer(8);
  new Uint8Array(shared).set(bytes);
  const inside = new Uint8Array([9, ...bytes, 9]);
  const sources: readonly (readonly [string, ByteSource])[] = [
    ['an array', bytes],
    ['a buffer', buffer],
    ['a shared buffer', shared],
    ['an array of shared memory', new Uint8Array(shared)],
    ['a view of a part', inside.subarray(1, 9)],
    ['a DataView of a part', new DataView(inside.buffer, 1, 8)],
    ['signed bytes', new Int8Array(buffer)],
    ['clamped bytes', new Uint8ClampedArray(buffer)],
    ['numbers of 16 bits', new Uint16Array(buffer)],
    ['numbers of 64 bits', new BigUint64Array(buffer)],
    ['floats', new Float64Array(buffer)],
    // These tests run in a browser, too.
    ...(typeof Buffer === 'undefined' ? [] : [['a Node buffer', Buffer.from(bytes)] as const]),
  ];

  it.each(sources)('may be %s', (_, source) => {
    expect(encodeQ64(source)).toBe(text);
    expect(new TextDecoder().decode(encodeBuffer(source))).toBe(text);
    const target = new Uint8Array(16);
    expect(encodeInto(source, target)).toEqual({ read: 8, written: 16 });
    expect(new TextDecoder().decode(target)).toBe(text);
  });

  it('may be nothing', () => {
    const nothing = new Uint8Array();
    expect(encodeQ64(nothing)).toBe('');
    expect(encodeBuffer(new ArrayBuffer(0))).toEqual(nothing);
    expect(encodeInto(nothing, nothing)).toEqual({ read: 0, written: 0 });
    expect(decodeQ64('')).toEqual(nothing);
    expect(decodeQ64(nothing)).toEqual(nothing);
    expect(decodeInto('', nothing)).toEqual({ read: 0, written: 0 });
    expect(validateQ64('')).toBeUndefined();
  });

  it('is what a view of a buffer that grows and shrinks covers now', () => {
    const buffer = new ArrayBuffer(4, { maxByteLength: 64 });
    const view = new Uint8Array(buffer);
    view.set(bytes.subarray(0, 4));
    expect(encodeQ64(view)).toBe('AQgxASgz');
    buffer.resize(8);
    view.set(bytes);
    expect(encodeQ64(view)).toBe(text);
    buffer.resize(1);
    expect(encodeQ64(view)).toBe('AQ');
    buffer.resize(0);
    expect(encodeQ64(view)).toBe('');
    expect(encodeQ64(buffer)).toBe('');
  });

  it('is refused when its buffer has become too short for the view', () => {
    const buffer = new ArrayBuffer(16, { maxByteLength: 16 });
    const array = new Uint8Array(buffer, 8, 2);
    const views = [array, new Int8Array(buffer, 8, 2), new Float32Array(buffer, 8, 2)];
    const all = [...views, new DataView(buffer, 8, 2)];
    buffer.resize(4);
    for (const view of all) expectCode('Q64_BUFFER_DETACHED', () => encodeQ64(view));
    expectCode('Q64_BUFFER_DETACHED', () => encodeInto(bytes, array));
  });

  it('is refused when its buffer was transferred', () => {
    const gone = new Uint8Array(8);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expectCode('Q64_BUFFER_DETACHED', () => encodeQ64(gone));
    expectCode('Q64_BUFFER_DETACHED', () => encodeQ64(gone.buffer));
    expectCode('Q64_BUFFER_DETACHED', () => encodeInto(bytes, gone));
    expectCode('Q64_BUFFER_DETACHED', () => decodeQ64(gone));
    expectCode('Q64_BUFFER_DETACHED', () => decodeInto(text, gone));
  });

  it.each([[[1, 2]], [null], [undefined], [7], [{}], [{ length: 4 }]])('is not %j', (value) => {
    const source = value as unknown as ByteSource;
    expectCode('Q64_ARGUMENT_INVALID', () => encodeQ64(source));
    expectCode('Q64_ARGUMENT_INVALID', () => encodeBuffer(source));
    expectCode('Q64_ARGUMENT_INVALID', () => encodeInto(source, new Uint8Array(4)));
    expectCode('Q64_ARGUMENT_INVALID', () => decodeQ64(source));
    expectCode('Q64_ARGUMENT_INVALID', () => encodeInto(bytes, source as Uint8Array));
  });

  it('is not a string, and not longer than a string can be', () => {
    expectCode('Q64_ARGUMENT_INVALID', () => encodeQ64('AQ' as unknown as ByteSource));
    const large = new Uint8Array(q64Limits.values.textCharacters / 2 + 1);
    expectCode('Q64_INPUT_TOO_LARGE', () => encodeQ64(large));
  });

  it('is not longer than its text may be in memory, nor is a text', () => {
    const large = new Uint8Array(1);
    Object.defineProperty(large, 'length', { value: 2 ** 31 + 1, configurable: true });
    expectCode('Q64_INPUT_TOO_LARGE', () => encodeBuffer(large));
    Object.defineProperty(large, 'length', { value: 2 ** 33 + 2, configurable: true });
    expectCode('Q64_INPUT_TOO_LARGE', () => decodeQ64(large));
  });
});

describe('encodeInto and decodeInto', () => {
  it('take whole bytes only, as many as there is room for', () => {
    for (let room = 0; room < 20; room += 1) {
      const target = new Uint8Array(room).fill(7);
      const read = Math.min(8, room >> 1);
      expect(encodeInto(bytes, target)).toEqual({ read, written: 2 * read });
      const written = new TextDecoder().decode(target.subarray(0, 2 * read));
      expect(written).toBe(text.slice(0, 2 * read));
      expect(target.subarray(2 * read).every((byte) => byte === 7)).toBe(true);
    }
    for (let room = 0; room < 10; room += 1) {
      const target = new Uint8Array(room).fill(9);
      const written = Math.min(8, room);
      for (const source of [text, new TextEncoder().encode(text)]) {
        expect(decodeInto(source, target.fill(9))).toEqual({ read: 2 * written, written });
        expect([...target]).toEqual([...bytes.subarray(0, written), 9, 9].slice(0, room));
      }
    }
  });

  it('leave wrong characters alone that they do not read', () => {
    expect(decodeInto('AQgx!!', new Uint8Array(2))).toEqual({ read: 4, written: 2 });
    expectCode('Q64_LENGTH_ODD', () => decodeInto('AQg', new Uint8Array(1)));
  });

  it('fill the bytes of any other view, too', () => {
    const buffer = new ArrayBuffer(16);
    for (const view of [new Uint16Array(buffer), new DataView(buffer), buffer]) {
      const target = view as unknown as Uint8Array;
      new Uint8Array(buffer).fill(0);
      expect(encodeInto(bytes, target)).toEqual({ read: 8, written: 16 });
      expect(new TextDecoder().decode(buffer)).toBe(text);
      expect(decodeInto(text + text, target)).toEqual({ read: 32, written: 16 });
      expect([...new Uint8Array(buffer)]).toEqual([...bytes, ...bytes]);
    }
  });

  it('take targets of more than 2 GiB', () => {
    const target = new Uint8Array(16);
    Object.defineProperty(target, 'length', { value: 2 ** 31 });
    expect(encodeInto(bytes, target)).toEqual({ read: 8, written: 16 });
    expect(decodeInto(text, target)).toEqual({ read: 16, written: 8 });
  });

  /** As Node.js's `Buffer`: `slice` is no copy. */
  class SharingArray extends Uint8Array {
    override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
      return this.subarray(start, end);
    }
  }

  type ByteArrays = new (length: number) => Uint8Array<ArrayBuffer>;

  it.each<[number, ByteArrays]>([
    ...[10, 1_000, 100_000].map((length): [number, ByteArrays] => [length, Uint8Array]),
    ...[10, 1_000, 100_000].map((length): [number, ByteArrays] => [length, SharingArray]),
  ])('work in one buffer wherever both are: %i bytes of %o', (length, ByteArray) => {
    const source = someBytes(length);
    const encoded = encodeBuffer(source);
    for (const [from, to] of [
      ...[
        [0, 0],
        [length, 0],
        [2 * length, 0],
        [0, 1],
        [1, 0],
        [0, length],
        [length, 3],
      ],
      ...[
        [length - 1, 0],
        [length >> 1, 0],
        [length >> 1, 1],
        [3, length >> 1],
      ],
    ] as const) {
      const memory = new ByteArray(5 * length + 8);
      memory.set(source, from);
      const target = memory.subarray(to, to + 2 * length);
      encodeInto(memory.subarray(from, from + length), target);
      expect(target.every((code, index) => code === encoded[index])).toBe(true);

      memory.fill(0).set(encoded, to);
      const back = memory.subarray(from, from + length);
      decodeInto(memory.subarray(to, to + 2 * length), back);
      expect(back.every((byte, index) => byte === source[index])).toBe(true);
    }
  });
});

describe('what is wrong with a text', () => {
  it('is thrown with position and alphabets, for strings and for bytes', () => {
    const cases = [
      ['AQgxA', 'Q64_LENGTH_ODD', { position: 5 }],
      ['AQ!x', 'Q64_CHARACTER_INVALID', { position: 2, expected: 2 }],
      ['AQgxQA', 'Q64_CHARACTER_MISPLACED', { position: 4, found: 1, expected: 0 }],
      [`${text}${text}${text}AQgQ`, 'Q64_CHARACTER_MISPLACED', { position: 51, found: 1 }],
    ] as const;
    for (const [wrong, code, fields] of cases) {
      for (const source of [wrong, new TextEncoder().encode(wrong)]) {
        expect(expectCode(code, () => decodeQ64(source))).toMatchObject(fields);
        expect(validateQ64(source)).toMatchObject({ code, ...fields });
      }
    }
  });

  it('is that a look-alike is not the letter', () => {
    for (const unit of ['Α', 'é', '\ud83d', '\0', '￿']) {
      const wrong = `${text}${text}${text}A${unit}gx`;
      const fields = expectCode('Q64_CHARACTER_INVALID', () => decodeQ64(wrong));
      expect(fields).toMatchObject({ position: 49, expected: 1 });
    }
  });
});

it('counts what was done', () => {
  const stats = new Q64Stats();
  encodeQ64(bytes, { stats });
  encodeBuffer(bytes, { stats });
  encodeInto(bytes, new Uint8Array(6), { stats });
  decodeQ64(text, { stats });
  decodeInto(text, new Uint8Array(2), { stats });
  expect(stats.snapshot()).toMatchObject({
    ...{ operations: 5, bytesEncoded: 19, charactersEncoded: 38 },
    ...{ charactersDecoded: 20, bytesDecoded: 10, allocations: 3, reuses: 0 },
  });
});
