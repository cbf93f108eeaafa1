import { describe, expect, it } from 'vitest';
import {
  decodeEq64,
  decodeMq64,
  decodeMq64Levels,
  decodeT8q64,
  decodeZoq64,
  type Eq64Group,
  encodeEq64,
  encodeMq64,
  encodeQ64,
  encodeT8q64,
  encodeZoq64,
  type IndexBits,
  prefixMq64,
  Q64Stats,
  validateEq64,
  validateMq64,
  validateT8q64,
  validateZoq64,
  type Zoq64Form,
} from '../src/index.ts';
import { expectCode } from './codes.ts';

function someBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index * 167 + (index >> 8) * 59);
}

describe('eq64', () => {
  it('has a dot between groups, none at the end', () => {
    const [four, eight] = [{ group: 4 }, { group: 8 }] as const;
    expect(encodeEq64(someBytes(0), four)).toBe('');
    expect(encodeEq64(Uint8Array.of(0, 0), four)).toBe('AQgw');
    expect(encodeEq64(Uint8Array.of(0, 0, 0), four)).toBe('AQgw.AQ');
    expect(encodeEq64(Uint8Array.of(0, 0, 0, 0), four)).toBe('AQgw.AQgw');
    expect(encodeEq64(Uint8Array.of(0, 0, 0, 0), eight)).toBe('AQgwAQgw');
    for (let length = 0; length < 60; length += 1) {
      const bytes = someBytes(length);
      for (const group of [4, 8] as const) {
        const text = encodeEq64(bytes, { group });
        expect(text).toBe(encodeQ64(bytes).replace(RegExp(`.{${group}}(?!$)`, 'g'), '$&.'));
        expect(decodeEq64(text, { group })).toEqual(bytes);
        expect(decodeEq64(new TextEncoder().encode(text), { group })).toEqual(bytes);
        expect(validateEq64(text, { group })).toBeUndefined();
      }
    }
  });

  it.each<[string, Eq64Group | undefined, string, number]>([
    ['AQgw.AQgw', undefined, 'Q64_LENGTH_ODD', 9],
    ['AQgw.AQgw.AQ', undefined, 'Q64_CHARACTER_INVALID', 4],
    ['AQgwAQgw', 4, 'Q64_GROUPING_INVALID', 4],
    ['AQgw.', 4, 'Q64_GROUPING_INVALID', 4],
    ['.AQgw', 4, 'Q64_GROUPING_INVALID', 0],
    ['AQgw..AQgw', 4, 'Q64_GROUPING_INVALID', 5],
    ['AQ.gw', 4, 'Q64_GROUPING_INVALID', 2],
    ['.', 4, 'Q64_GROUPING_INVALID', 0],
    ['AQgw.AQgw', 8, 'Q64_GROUPING_INVALID', 4],
    ['AQgwAQgw.', 8, 'Q64_GROUPING_INVALID', 8],
    ['AQgw.AQg', 4, 'Q64_LENGTH_ODD', 8],
    ['AQgw.A', 4, 'Q64_LENGTH_ODD', 6],
    ['AQgw.AQg!', 4, 'Q64_CHARACTER_INVALID', 8],
    ['AQgw.QAgw', 4, 'Q64_CHARACTER_MISPLACED', 5],
    ['AQgw.é!gw', 4, 'Q64_CHARACTER_INVALID', 5],
    ['AQ!w.AQ.w', 4, 'Q64_CHARACTER_INVALID', 2],
    ['AQ.w.AQ!w', 4, 'Q64_GROUPING_INVALID', 2],
    ['AQgwAQgw.AQ!w', 8, 'Q64_CHARACTER_INVALID', 11],
  ])('refuses %s in groups of %s', (text, group, code, position) => {
    expect(expectCode(code, () => decodeEq64(text, { group }))).toMatchObject({ position });
    expect(validateEq64(text, { group })).toMatchObject({ code, position });
  });

  it('has groups of 4 or 8', () => {
    const options = { group: 5 as Eq64Group };
    expectCode('Q64_ARGUMENT_INVALID', () => encodeEq64(someBytes(4), options));
    expectCode('Q64_ARGUMENT_INVALID', () => decodeEq64('AQ', options));
    expectCode('Q64_ARGUMENT_INVALID', () => validateEq64('AQ', options));
  });
});

describe('t8q64', () => {
  /** By sorting. */
  function plainly(bytes: Uint8Array, k: number): number[] {
    const order = Array.from(bytes, (_, index) => index);
    order.sort((a, b) => (bytes[b] as number) - (bytes[a] as number) || a - b);
    return order.slice(0, k).sort((a, b) => a - b);
  }

  it('names the largest bytes, of equal ones the first', () => {
    for (const length of [1, 2, 8, 9, 100, 255]) {
      for (const values of [256, 3, 1]) {
        const bytes = someBytes(length).map((byte) => byte % values);
        for (const k of [1, 2, 7, 8, length].filter((count) => count <= length)) {
          for (const indexBits of [8, 16] as const) {
            const text = encodeT8q64(bytes, { k, indexBits });
            expect(text).toHaveLength((k * indexBits) / 4);
            expect([...decodeT8q64(text, { indexBits })]).toEqual(plainly(bytes, k));
          }
        }
      }
    }
  });

  it('names bytes of long embeddings with 16 bits', () => {
    const bytes = new Uint8Array(65_536);
    for (const index of [3, 255, 256, 1_535, 65_534]) bytes[index] = 200;
    const text = encodeT8q64(bytes, { k: 5, indexBits: 16 });
    expect(text).toBe(encodeQ64(Uint8Array.of(0, 3, 0, 255, 1, 0, 5, 255, 255, 254)));
    expect([...decodeT8q64(text, { indexBits: 16 })]).toEqual([3, 255, 256, 1_535, 65_534]);
    bytes[65_535] = 255;
    const options = { k: 1, indexBits: 16 } as const;
    const fields = expectCode('Q64_INDEX_TOO_LARGE', () => encodeT8q64(bytes, options));
    expect(fields).toMatchObject({ index: 65_535, indexBits: 16 });
  });

  it('fills up only where it is asked to', () => {
    const bytes = Uint8Array.of(5, 6);
    expectCode('Q64_ARGUMENT_INVALID', () => encodeT8q64(bytes));
    expectCode('Q64_ARGUMENT_INVALID', () => encodeT8q64(new Uint8Array()));
    const text = encodeT8q64(bytes, { pad: true });
    expect([...decodeT8q64(text)]).toEqual([0, 1]);
    expect([...decodeT8q64(text, { keepFill: true })]).toEqual([0, 1, ...Array(6).fill(255)]);
    const wide = encodeT8q64(bytes, { k: 3, pad: true, indexBits: 16 });
    expect([...decodeT8q64(wide, { indexBits: 16 })]).toEqual([0, 1]);
  });

  it.each([0, -1, 1.5, Number.NaN, 65_537])('takes no k of %s', (k) => {
    expectCode('Q64_ARGUMENT_INVALID', () => encodeT8q64(someBytes(9), { k }));
    expectCode('Q64_ARGUMENT_INVALID', () => encodeT8q64(someBytes(9), { k, pad: true }));
  });

  it('has indices of 8 or 16 bits', () => {
    const options = { indexBits: 12 as IndexBits };
    expectCode('Q64_ARGUMENT_INVALID', () => encodeT8q64(someBytes(9), options));
    expectCode('Q64_ARGUMENT_INVALID', () => decodeT8q64('AQ', options));
  });

  it.each<[readonly number[], IndexBits, string, number]>([
    [[1, 1], 8, 'Q64_INDICES_UNSORTED', 2],
    [[1, 2, 0], 8, 'Q64_INDICES_UNSORTED', 4],
    [[255, 3], 8, 'Q64_INDICES_UNSORTED', 2],
    [[0, 2, 0, 1], 16, 'Q64_INDICES_UNSORTED', 4],
    [[0, 2, 0], 16, 'Q64_LENGTH_INVALID', 6],
  ])('refuses %j in %i bits', (code, indexBits, failure, position) => {
    const text = encodeQ64(Uint8Array.from(code));
    const fields = expectCode(failure, () => decodeT8q64(text, { indexBits }));
    expect(fields).toMatchObject({ position });
    expect(validateT8q64(text, { indexBits })).toMatchObject({ code: failure, position });
  });

  it('refuses what is no text', () => {
    expectCode('Q64_LENGTH_ODD', () => decodeT8q64('AQg'));
    expectCode('Q64_CHARACTER_MISPLACED', () => decodeT8q64('QA'));
    expect(validateT8q64('')).toBeUndefined();
  });
});

describe('zoq64', () => {
  it('has 8 characters whatever is encoded', () => {
    for (const length of [0, 1, 7, 8, 16, 17, 1_536]) {
      for (const form of ['packed', 'interleaved'] as const) {
        const text = encodeZoq64(someBytes(length), { form });
        expect(text).toHaveLength(8);
        expect(validateZoq64(text)).toBeUndefined();
        const shift = form === 'packed' ? 6 : 4;
        const count = form === 'packed' ? 16 : 8;
        const high = Array.from({ length: count }, (_, i) => (someBytes(length)[i] ?? 0) >> shift);
        expect([...decodeZoq64(text, { form })]).toEqual(high);
      }
    }
  });

  it('refuses other lengths, characters and forms', () => {
    for (const text of ['', 'A', 'AQgwAQg', 'AQgwAQgwA', 'AQgwAQgwAQ']) {
      expectCode('Q64_LENGTH_INVALID', () => decodeZoq64(text));
      // Where it ends too early, or the first character that is too many.
      const position = Math.min(text.length, 8);
      expect(validateZoq64(text)).toMatchObject({ code: 'Q64_LENGTH_INVALID', position });
    }
    expectCode('Q64_CHARACTER_INVALID', () => decodeZoq64('AQgwAQg!'));
    expectCode('Q64_CHARACTER_MISPLACED', () => decodeZoq64('AQgwAQgA'));
    const options = { form: 'morton' as Zoq64Form };
    expectCode('Q64_ARGUMENT_INVALID', () => encodeZoq64(someBytes(4), options));
    expectCode('Q64_ARGUMENT_INVALID', () => decodeZoq64('AQgwAQgw', options));
  });
});

describe('mq64', () => {
  const bytes = someBytes(200);

  it('has the beginning of the embedding in every level', () => {
    const text = encodeMq64(bytes);
    const levels = decodeMq64Levels(text);
    expect(levels.map((level) => level.length)).toEqual([64, 128, 200]);
    for (const level of levels) expect(level).toEqual(bytes.slice(0, level.length));
    expect(decodeMq64(text)).toEqual(bytes);
    expect(prefixMq64(text, 128)).toBe(encodeMq64(bytes.slice(0, 128)));
    expect(prefixMq64(text, 200)).toBe(text);
    expect(validateMq64(text)).toBeUndefined();
  });

  it('is cut at levels only', () => {
    for (const length of [0, 1, 65, 201, Number.NaN]) {
      expectCode('Q64_LEVELS_INVALID', () => prefixMq64(encodeMq64(bytes), length));
    }
  });

  it('loses bytes only where it is asked to', () => {
    const levels = [3, 7, 1_000];
    expectCode('Q64_LEVELS_INVALID', () => encodeMq64(bytes, { levels }));
    const text = encodeMq64(bytes, { levels, truncate: true });
    expect(decodeMq64(text)).toEqual(bytes.slice(0, 7));
    // Nothing at all would be left.
    const beyond = { levels: [1_000], truncate: true };
    expectCode('Q64_LEVELS_INVALID', () => encodeMq64(bytes, beyond));
    expect(encodeMq64(new Uint8Array(), { levels: [4] })).toBe('');
  });

  it.each([[[]], [[0, 200]], [[-1, 200]], [[1.5, 200]], [[Number.NaN]], [[200, 200]], [[200, 8]]])(
    'takes no levels %j',
    (levels) => {
      expectCode('Q64_LEVELS_INVALID', () => encodeMq64(bytes, { levels }));
      expectCode('Q64_LEVELS_INVALID', () => encodeMq64(bytes, { levels, truncate: true }));
    },
  );

  it.each([[null], [5], ['64'], [Uint16Array.of(64, 200)], [{ length: 1, 0: 200 }]])(
    'takes levels as a list, not %j',
    (levels) => {
      const options = { levels: levels as unknown as readonly number[] };
      expectCode('Q64_ARGUMENT_INVALID', () => encodeMq64(bytes, options));
    },
  );

  it.each([[undefined], [null], [7], [Uint8Array.of(65, 81)], [['AQ']]])(
    'is a string, not %j',
    (value) => {
      const text = value as unknown as string;
      expectCode('Q64_ARGUMENT_INVALID', () => decodeMq64(text));
      expectCode('Q64_ARGUMENT_INVALID', () => decodeMq64Levels(text));
      expectCode('Q64_ARGUMENT_INVALID', () => prefixMq64(text, 1));
      expectCode('Q64_ARGUMENT_INVALID', () => validateMq64(text));
    },
  );

  it('has not more levels than the limit', () => {
    const levels = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
    const most = encodeMq64(bytes.subarray(0, 64), { levels: levels(64) });
    expect(decodeMq64Levels(most)).toHaveLength(64);
    expectCode('Q64_LEVELS_INVALID', () =>
      encodeMq64(bytes.subarray(0, 65), { levels: levels(65) }),
    );
    const more = `${most}:${encodeQ64(bytes.subarray(0, 65))}`;
    expectCode('Q64_LEVELS_INVALID', () => decodeMq64(more));
  });

  it.each<[string, string, number, boolean]>([
    [':', 'Q64_LEVELS_INVALID', 0, true],
    [':AQ', 'Q64_LEVELS_INVALID', 0, true],
    ['AQ:', 'Q64_LEVELS_INVALID', 3, true],
    ['AQ:AQ', 'Q64_LEVELS_INVALID', 3, true],
    ['AQgw:AQ', 'Q64_LEVELS_INVALID', 5, true],
    ['AQ:AQg', 'Q64_LENGTH_ODD', 6, true],
    ['AQ:AQ!w', 'Q64_CHARACTER_INVALID', 5, true],
    ['AQ:AQAQ', 'Q64_CHARACTER_MISPLACED', 5, true],
    ['AQ:BQgw', 'Q64_LEVELS_INVALID', 3, false],
    ['AQ:ARgw', 'Q64_LEVELS_INVALID', 4, false],
    ['A!:AQgw', 'Q64_CHARACTER_INVALID', 1, false],
    ['A:AQ', 'Q64_LENGTH_ODD', 1, false],
  ])('refuses %s', (text, code, position, atOnce) => {
    expect(validateMq64(text)).toMatchObject({ code, position });
    expect(expectCode(code, () => decodeMq64Levels(text))).toMatchObject({ position });
    // What the last level stands for is not changed by what is wrong with the others.
    if (atOnce) expect(expectCode(code, () => decodeMq64(text))).toMatchObject({ position });
    else expect(decodeMq64(text)).toBeInstanceOf(Uint8Array);
  });
});

it('refuses options that cannot even be written down', () => {
  const bytes = someBytes(9);
  const symbol = Symbol('a mistake') as unknown;
  const calls: readonly (() => unknown)[] = [
    () => encodeEq64(bytes, { group: symbol as Eq64Group }),
    () => encodeT8q64(bytes, { k: symbol as number }),
    () => encodeT8q64(bytes, { indexBits: symbol as IndexBits }),
    () => encodeZoq64(bytes, { form: symbol as Zoq64Form }),
  ];
  for (const call of calls) expectCode('Q64_ARGUMENT_INVALID', call);
  expectCode('Q64_LEVELS_INVALID', () => encodeMq64(bytes, { levels: [symbol as number] }));
});

it('counts each call once', () => {
  const stats = new Q64Stats();
  const bytes = someBytes(16);
  decodeEq64(encodeEq64(bytes, { group: 4, stats }), { group: 4, stats });
  decodeEq64(encodeEq64(bytes, { stats }), { stats });
  decodeMq64(encodeMq64(bytes, { levels: [8, 16], stats }), { stats });
  decodeZoq64(encodeZoq64(bytes, { stats }), { stats });
  decodeT8q64(encodeT8q64(bytes, { stats }), { stats });
  expect(stats.snapshot().operations).toBe(10);
});

it.each<[string, (bytes: Uint8Array, stats: Q64Stats) => string, number]>([
  ['t8q64', (bytes, stats) => encodeT8q64(bytes, { stats }), 100],
  ['zoq64', (bytes, stats) => encodeZoq64(bytes, { stats }), 16],
  ['zoq64 of 8', (bytes, stats) => encodeZoq64(bytes, { form: 'interleaved', stats }), 8],
  ['mq64', (bytes, stats) => encodeMq64(bytes, { stats }), 100],
  ['cut mq64', (bytes, stats) => encodeMq64(bytes, { levels: [8, 64], truncate: true, stats }), 64],
])('counts the bytes of the embedding that were read: %s', (_, encode, bytesEncoded) => {
  const stats = new Q64Stats();
  const { length } = encode(someBytes(100), stats);
  expect(stats.snapshot()).toMatchObject({
    ...{ operations: 1, bytesEncoded, charactersEncoded: length, allocations: 1 },
  });
});
