import { fromHex, toHex } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import {
  decodeRlp,
  encodeRlp,
  encodeRlpList,
  protocolLimits,
  type RlpItem,
  splitRlpList,
} from '../src/index.ts';

function refusal(hex: string): object {
  try {
    decodeRlp(fromHex(hex));
  } catch (error) {
    return error as object;
  }
  throw new Error(`decoded ${hex}`);
}

describe('encodeRlp', () => {
  it('writes the examples of the Yellow Paper', () => {
    const dog = Uint8Array.from([0x64, 0x6f, 0x67]);
    expect(toHex(encodeRlp(dog))).toBe('0x83646f67');
    expect(toHex(encodeRlp([]))).toBe('0xc0');
    expect(toHex(encodeRlp(new Uint8Array(0)))).toBe('0x80');
    expect(toHex(encodeRlp([[], [[]], [[], [[]]]]))).toBe('0xc7c0c1c0c3c0c1c0');
    expect(toHex(encodeRlp(Uint8Array.of(0)))).toBe('0x00');
    expect(toHex(encodeRlp(Uint8Array.of(0x80)))).toBe('0x8180');
  });

  it('states the length of long payloads in as few bytes as it takes', () => {
    expect(toHex(encodeRlp(new Uint8Array(55)).subarray(0, 2))).toBe('0xb700');
    expect(toHex(encodeRlp(new Uint8Array(56)).subarray(0, 2))).toBe('0xb838');
    expect(toHex(encodeRlp(new Uint8Array(256)).subarray(0, 3))).toBe('0xb90100');
    expect(toHex(encodeRlp(new Uint8Array(65_536)).subarray(0, 4))).toBe('0xba010000');
    expect(toHex(encodeRlp([new Uint8Array(55)]).subarray(0, 2))).toBe('0xf838');
  });

  it('joins items that are encoded already', () => {
    const items: RlpItem[] = [new Uint8Array(100), [], [Uint8Array.of(1)]];
    expect(encodeRlpList(items.map(encodeRlp))).toEqual(encodeRlp(items));
    expect(encodeRlpList([])).toEqual(encodeRlp([]));
  });

  it('joins more items than a function takes arguments', () => {
    const items = Array.from({ length: 300_000 }, () => Uint8Array.of(0xc0));
    const joined = encodeRlpList(items);
    expect(joined.subarray(0, 5)).toEqual(fromHex('0xfa0493e0c0'));
    expect(joined.length).toBe(4 + items.length);
  });
});

describe('decodeRlp', () => {
  it('names the fault and the offset of the byte', () => {
    const cases: readonly [hex: string, code: string, offset: number][] = [
      ['0x', 'RLP_TRUNCATED', 0],
      ['0x83646f', 'RLP_TRUNCATED', 0],
      ['0xc3', 'RLP_TRUNCATED', 0],
      ['0xc2c183', 'RLP_TRUNCATED', 2],
      ['0xb9', 'RLP_TRUNCATED', 1],
      ['0x8100', 'RLP_NOT_CANONICAL', 0],
      ['0xc28101', 'RLP_NOT_CANONICAL', 1],
      ['0xb800', 'RLP_NOT_CANONICAL', 1],
      ['0xb83700', 'RLP_NOT_CANONICAL', 1],
      ['0xf80100', 'RLP_NOT_CANONICAL', 1],
      ['0xbb00000001', 'RLP_NOT_CANONICAL', 1],
      ['0x0000', 'RLP_TRAILING_BYTES', 1],
      ['0xc0c0', 'RLP_TRAILING_BYTES', 1],
      ['0xbfffffffffffffffff', 'RLP_TRUNCATED', 0],
      ['0xffffffffffffffffff', 'RLP_TRUNCATED', 0],
    ];
    for (const [hex, code, offset] of cases) {
      expect([hex, refusal(hex)]).toMatchObject([hex, { code, fields: { offset } }]);
    }
  });

  it('decodes lists as deep as the limit, and no deeper', () => {
    const nested = (depth: number): RlpItem => (depth === 1 ? [] : [nested(depth - 1)]);
    const { rlpDepth } = protocolLimits.values;
    const deepest = encodeRlp(nested(rlpDepth));
    expect(encodeRlp(decodeRlp(deepest))).toEqual(deepest);
    const refused = expect.objectContaining({ code: 'RLP_TOO_DEEP' });
    expect(() => decodeRlp(encodeRlp(nested(rlpDepth + 1)))).toThrow(refused);
  });

  it('refuses a bomb of nested lists without running out of stack', () => {
    // 0xf9 and two bytes open a list that holds the rest: 20,000 levels in 60 kB.
    const bomb = new Uint8Array(60_000);
    for (let offset = 0; offset < bomb.length; offset += 3) {
      const rest = bomb.length - offset - 3;
      bomb.set([0xf9, rest >> 8, rest & 255], offset);
    }
    const refused = expect.objectContaining({ code: expect.stringMatching(/^RLP_/) });
    expect(() => decodeRlp(bomb)).toThrow(refused);
  });

  it('makes as many items as its budget, lists included, and no more', () => {
    const item: RlpItem = [Uint8Array.of(1), [Uint8Array.of(2)], []];
    const encoded = encodeRlp(item);
    expect(decodeRlp(encoded, 5)).toEqual(item);
    for (const budget of [0, 1, 4]) {
      const refused = expect.objectContaining({ code: 'RLP_LIMIT' });
      expect(() => decodeRlp(encoded, budget)).toThrow(refused);
    }
  });

  it('refuses a megabyte of items of one byte before it has made them all', () => {
    const { rlpItems } = protocolLimits.values;
    const hostile = encodeRlpList(Array.from({ length: 2 ** 20 }, () => Uint8Array.of(1)));
    const fields = { offset: 4 + rlpItems - 1 };
    const refused = expect.objectContaining({ code: 'RLP_LIMIT', fields });
    expect(() => decodeRlp(hostile)).toThrow(refused);
  });

  it('gives views of the input, not copies', () => {
    const bytes = fromHex('0x83646f67');
    expect((decodeRlp(bytes) as Uint8Array).buffer).toBe(bytes.buffer);
  });
});

describe('splitRlpList', () => {
  const split = (hex: string, maxItems = 3): readonly string[] =>
    splitRlpList(fromHex(hex), maxItems, 'list').map(toHex);

  it('gives the encodings of the items', () => {
    expect(split('0xc0')).toEqual([]);
    expect(split('0xc701c10283616263')).toEqual(['0x01', '0xc102', '0x83616263']);
  });

  it('does not look into the items', () => {
    expect(split('0xc3c28100')).toEqual(['0xc28100']);
  });

  it('refuses what is no list of so many items, and nothing more', () => {
    const cases: readonly [hex: string, code: string][] = [
      ['0x', 'RLP_TRUNCATED'],
      ['0x83010203', 'RLP_TYPE'],
      ['0xc401020304', 'RLP_LIMIT'],
      ['0xc0c0', 'RLP_TRAILING_BYTES'],
      ['0xc2c201', 'RLP_TRUNCATED'],
      ['0xc28101', 'RLP_NOT_CANONICAL'],
      ['0xc30102', 'RLP_TRUNCATED'],
    ];
    for (const [hex, code] of cases) {
      expect(() => split(hex), hex).toThrow(expect.objectContaining({ code }));
    }
  });
});
