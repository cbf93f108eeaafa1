import { concatBytes, isLucernaError } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { ByteReader } from '../../src/collection/byte-reader.ts';
import { ByteWriter } from '../../src/collection/byte-writer.ts';
import {
  type CollectionEntry,
  decodeEntry,
  encodeEntry,
} from '../../src/collection/entry-codec.ts';
import { anyId, putEntry } from './support.ts';

const entry: fc.Arbitrary<CollectionEntry> = fc.oneof(
  fc.integer({ min: 1, max: 5 }).chain((dimension) => putEntry(dimension, anyId)),
  fc.record({ kind: fc.constant('delete' as const), ids: fc.uniqueArray(anyId) }),
);

describe('entry codec', () => {
  it('reads what it wrote, at any alignment', () => {
    fc.assert(
      fc.property(entry, fc.nat(3), (written, shift) => {
        const bytes = concatBytes(new Uint8Array(shift), ...encodeEntry(written)).subarray(shift);
        expect(decodeEntry(bytes)).toEqual(written);
      }),
      runs(300),
    );
  });

  it('refuses every entry that is cut off or too long', () => {
    fc.assert(
      fc.property(entry, fc.nat(), (written, place) => {
        const bytes = concatBytes(...encodeEntry(written));
        expect(() => decodeEntry(bytes.subarray(0, place % bytes.length))).toThrow(
          expect.objectContaining({ code: 'VECTOR_LOG_CORRUPT' }),
        );
        expect(() => decodeEntry(concatBytes(bytes, Uint8Array.of(0)))).toThrow(
          expect.objectContaining({ code: 'VECTOR_LOG_CORRUPT' }),
        );
      }),
      runs(300),
    );
  });

  it('answers any bytes with an entry or a coded error', () => {
    const random = fc.uint8Array({ maxLength: 200 });
    const damaged = fc.tuple(entry, fc.nat(), fc.nat(255)).map(([written, place, value]) => {
      const bytes = concatBytes(...encodeEntry(written));
      bytes[place % bytes.length] = value;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(random, damaged), (bytes) => {
        try {
          decodeEntry(bytes);
        } catch (error) {
          expect(isLucernaError(error, 'VECTOR_LOG_CORRUPT', 'VECTOR_FORMAT_UNKNOWN')).toBe(true);
        }
      }),
      runs(600),
    );
  });

  it('names an entry of a kind that it does not know', () => {
    expect(() => decodeEntry(Uint8Array.of(9))).toThrow(
      expect.objectContaining({ code: 'VECTOR_FORMAT_UNKNOWN' }),
    );
  });
});

describe('numbers and texts', () => {
  it('come back, of any size', () => {
    const item = fc.oneof(
      fc.record({ kind: fc.constant('varint' as const), value: fc.maxSafeNat() }),
      fc.record({
        kind: fc.constant('text' as const),
        value: fc.string({ unit: 'binary', maxLength: 300, size: 'max' }),
      }),
      fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'grapheme' }) }),
    );
    fc.assert(
      fc.property(fc.array(item), fc.nat(40), (items, capacity) => {
        const writer = new ByteWriter(capacity);
        for (const { kind, value } of items) {
          if (kind === 'varint') writer.varint(value);
          else writer.text(value);
        }
        const reader = new ByteReader(writer.take(), 'VECTOR_LOG_CORRUPT');
        for (const { kind, value } of items) {
          expect(kind === 'varint' ? reader.varint() : reader.text()).toBe(value);
        }
        reader.end();
      }),
      runs(300),
    );
  });

  it('keep a byte order mark, which a decoder would drop', () => {
    const writer = new ByteWriter();
    writer.text('\ufeffx');
    expect(new ByteReader(writer.take(), 'VECTOR_LOG_CORRUPT').text()).toBe('\ufeffx');
  });

  it('are damage where they cannot have been written', () => {
    const damage = expect.objectContaining({ code: 'VECTOR_SNAPSHOT_CORRUPT' });
    const reading = (...bytes: number[]): ByteReader =>
      new ByteReader(Uint8Array.from(bytes), 'VECTOR_SNAPSHOT_CORRUPT');
    const seven = new Array<number>(7).fill(0xff);
    expect(reading(...seven, 0x0f).varint()).toBe(2 ** 53 - 1);
    expect(() => reading(...seven, 0x10).varint()).toThrow(damage);
    expect(() => reading(0x80).varint()).toThrow(damage);
    expect(() => reading(2, 0x61, 0xff).text()).toThrow(damage);
    expect(() => reading(3, 0x61, 0x62).text()).toThrow(damage);
    expect(() => reading(200, 1, 0).count(8)).toThrow(damage);
  });
});
