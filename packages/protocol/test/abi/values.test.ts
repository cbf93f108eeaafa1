import { fromHex, toHex } from '@lucerna/base';
import { expect, it } from 'vitest';
import { type AbiValue, decodeAbi, encodeAbi, parseAbiTypes } from '../../src/index.ts';

const refused = (code: string, path: string): unknown =>
  expect.objectContaining({ code, fields: expect.objectContaining({ path }) });

/** Hex of words: numbers as they are, text as the whole word or the beginning of one. */
const words = (...parts: readonly (number | string)[]): Uint8Array =>
  fromHex(
    `0x${parts
      .map((part) =>
        typeof part === 'number' ? part.toString(16).padStart(64, '0') : part.padEnd(64, '0'),
      )
      .join('')}`,
  );

const decode = (types: string, data: Uint8Array): readonly AbiValue[] =>
  decodeAbi(parseAbiTypes(types), data);

it('begins every encoding with zeros, also after one that has failed', () => {
  const filled = new Uint8Array(200).fill(0xff);
  expect(() => encodeAbi(parseAbiTypes('(bytes,uint8)'), [filled, 256n])).toThrow(
    refused('ABI_VALUE_RANGE', 'values[1]'),
  );
  encodeAbi(parseAbiTypes('(bytes)'), [filled]);
  const encoded = encodeAbi(parseAbiTypes('(bool,bytes)'), [false, new Uint8Array(170).fill(1)]);
  const content = ['01'.repeat(32), '01'.repeat(32), '01'.repeat(32), '01'.repeat(32)];
  const expected = words(0, 0x40, 170, ...content, '01'.repeat(32), '01'.repeat(10));
  expect(toHex(encoded)).toBe(toHex(expected));
});

it('encodes the example of the specification', () => {
  const values = [0x123n, [0x456n, 0x789n], fromHex('0x31323334353637383930')];
  const encoded = encodeAbi(parseAbiTypes('(uint256,uint32[],bytes10)'), values);
  const expected = words(0x123, 0x60, '31323334353637383930', 2, 0x456, 0x789);
  expect(toHex(encoded)).toBe(toHex(expected));
});

it.each<[types: string, value: AbiValue, code: string, path: string]>([
  ['(uint8)', 256n, 'ABI_VALUE_RANGE', 'values[0]'],
  ['(uint256)', -1n, 'ABI_VALUE_RANGE', 'values[0]'],
  ['(uint256)', 2n ** 256n, 'ABI_VALUE_RANGE', 'values[0]'],
  ['(int8)', 128n, 'ABI_VALUE_RANGE', 'values[0]'],
  ['(int8)', -129n, 'ABI_VALUE_RANGE', 'values[0]'],
  ['(uint256)', true, 'ABI_VALUE_KIND', 'values[0]'],
  ['(bool)', 1n, 'ABI_VALUE_KIND', 'values[0]'],
  ['(bool[])', true, 'ABI_VALUE_KIND', 'values[0]'],
  ['(string)', new Uint8Array(1), 'ABI_VALUE_KIND', 'values[0]'],
  ['(bytes)', '0x00', 'ABI_VALUE_KIND', 'values[0]'],
  ['(string)', '\ud800', 'ABI_VALUE_TEXT', 'values[0]'],
  ['(address)', new Uint8Array(19), 'ABI_VALUE_LENGTH', 'values[0]'],
  ['(bytes4)', new Uint8Array(5), 'ABI_VALUE_LENGTH', 'values[0]'],
  ['(bool[2])', [true], 'ABI_VALUE_LENGTH', 'values[0]'],
  ['((bool,string)[])', [[true, 'a'], [true]], 'ABI_VALUE_LENGTH', 'values[0][1]'],
  [
    '((bool,(uint8,int8)[2])[])',
    [
      [
        true,
        [
          [1n, 1n],
          [1n, 500n],
        ],
      ],
    ],
    'ABI_VALUE_RANGE',
    'values[0][0][1][1][1]',
  ],
  ['(bytes)', new Uint8Array(16_777_217), 'ABI_ENCODED_LIMIT', 'values[0]'],
])('refuses to encode a wrong %s', (types, value, code, path) => {
  expect(() => encodeAbi(parseAbiTypes(types), [value])).toThrow(refused(code, path));
});

it('refuses too few and too many values', () => {
  const types = parseAbiTypes('(bool)');
  expect(() => encodeAbi(types, [])).toThrow(refused('ABI_VALUE_LENGTH', 'values'));
  expect(() => encodeAbi(types, [true, true])).toThrow(refused('ABI_VALUE_LENGTH', 'values'));
});

const ff = 'f'.repeat(64);

it.each<[what: string, types: string, data: Uint8Array, code: string, path: string]>([
  ['nothing', '(bool)', new Uint8Array(0), 'ABI_TRUNCATED', 'values'],
  ['31 bytes', '(bool)', new Uint8Array(31), 'ABI_TRUNCATED', 'values'],
  ['a boolean of 2', '(bool)', words(2), 'ABI_BOOLEAN', 'values[0]'],
  ['a boolean of 2²⁵⁵', '(bool)', words('8'), 'ABI_BOOLEAN', 'values[0]'],
  ['a dirty address', '(address)', words(`${'0'.repeat(22)}01`), 'ABI_PADDING', 'values[0]'],
  ['a dirty bytes4', '(bytes4)', words('0000000001'), 'ABI_PADDING', 'values[0]'],
  ['a uint8 of 256', '(bool,uint8)', words(1, 256), 'ABI_PADDING', 'values[1]'],
  ['an int8 of 128', '(int8)', words(128), 'ABI_PADDING', 'values[0]'],
  ['an int8 of −129', '(int8)', words(`${ff.slice(2)}7f`), 'ABI_PADDING', 'values[0]'],
  ['an offset of 0', '(bytes)', words(0, 0), 'ABI_OFFSET', 'values[0]'],
  ['an offset past the end', '(bytes)', words(0x40, 0), 'ABI_OFFSET', 'values[0]'],
  ['a huge offset', '(bytes)', words(ff, 0), 'ABI_OFFSET', 'values[0]'],
  ['two offsets to one value', '(bytes,bytes)', words(0x40, 0x40, 0), 'ABI_OFFSET', 'values[1]'],
  ['values out of order', '(bytes,bytes)', words(0x60, 0x40, 0, 0), 'ABI_OFFSET', 'values[0]'],
  ['no length', '(bytes)', words(0x20), 'ABI_TRUNCATED', 'values[0]'],
  ['a length past the end', '(bytes)', words(0x20, 33, ff), 'ABI_TRUNCATED', 'values[0]'],
  ['a huge length', '(bytes)', words(0x20, ff), 'ABI_TRUNCATED', 'values[0]'],
  ['a huge list', '(bool[])', words(0x20, ff), 'ABI_TRUNCATED', 'values[0]'],
  ['a list past the end', '(bool[])', words(0x20, 2, 1), 'ABI_TRUNCATED', 'values[0]'],
  [
    'a list of lists past the end',
    '(bool[][])',
    words(0x20, 0xffffff),
    'ABI_TRUNCATED',
    'values[0]',
  ],
  [
    'unpadded content',
    '(bytes)',
    words(0x20, 1, '01').subarray(0, 65),
    'ABI_TRUNCATED',
    'values[0]',
  ],
  ['dirty content', '(bytes)', words(0x20, 1, '0101'), 'ABI_PADDING', 'values[0]'],
  ['text that is not UTF-8', '(string)', words(0x20, 1, 'ff'), 'ABI_TEXT', 'values[0]'],
  ['an overlong form', '(string[])', words(0x20, 1, 0x20, 2, 'c080'), 'ABI_TEXT', 'values[0][0]'],
  ['a surrogate', '(string)', words(0x20, 3, 'eda080'), 'ABI_TEXT', 'values[0]'],
  ['a word too many', '(bool)', words(1, 0), 'ABI_TRAILING_BYTES', 'values'],
])('refuses to decode %s', (_, types, data, code, path) => {
  expect(() => decode(types, data)).toThrow(refused(code, path));
});

it('holds every width of integers to its range', () => {
  for (let bits = 8; bits < 256; bits += 8) {
    const top = 2n ** BigInt(bits);
    const uint = parseAbiTypes(`(uint${bits})`);
    const int = parseAbiTypes(`(int${bits})`);
    const largest = encodeAbi(uint, [top - 1n]);
    expect(decodeAbi(uint, largest)).toEqual([top - 1n]);
    expect(() => decodeAbi(int, largest)).toThrow(refused('ABI_PADDING', 'values[0]'));
    const tooLarge = encodeAbi(parseAbiTypes('(uint256)'), [top]);
    expect(() => decodeAbi(uint, tooLarge)).toThrow(refused('ABI_PADDING', 'values[0]'));
    const smallest = encodeAbi(int, [-top / 2n]);
    expect(decodeAbi(int, smallest)).toEqual([-top / 2n]);
    expect(() => decodeAbi(uint, smallest)).toThrow(refused('ABI_PADDING', 'values[0]'));
  }
});

it('ignores what follows when it is told to', () => {
  const types = parseAbiTypes('(bytes)');
  const data = words(0x20, 1, '07', 'ff');
  expect(decodeAbi(types, data, 'ignore')).toEqual([Uint8Array.of(7)]);
});

it('keeps a byte order mark', () => {
  const types = parseAbiTypes('(string)');
  expect(decodeAbi(types, encodeAbi(types, ['\ufeffa']))).toEqual(['\ufeffa']);
});

it('reads data that are part of a larger buffer', () => {
  const data = words(7, 5).subarray(32);
  expect(decode('(uint256)', data)).toEqual([5n]);
});

it('does work in proportion to the data, whatever the type promises', () => {
  // Every level promises 65,536 members; the data end after the first.
  const data = words(...Array.from({ length: 30 }, () => 0x20));
  expect(() => decode('(bool[][65536][65536][65536])', data)).toThrow(
    refused('ABI_TRUNCATED', 'values[0]'),
  );
  // The lists of one level share their bytes: 2²⁹ leaves in 90 words, were it allowed.
  const shared = words(0x20, ...Array.from({ length: 28 }, () => [2, 0x40, 0x40]).flat(), 2, 1, 1);
  expect(() => decode(`(bool${'[]'.repeat(29)})`, shared)).toThrow(
    refused('ABI_OFFSET', `values${'[0]'.repeat(28)}[1]`),
  );
});
