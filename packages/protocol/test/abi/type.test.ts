import { expect, it } from 'vitest';
import { parseAbiType, parseAbiTypes, parseSignature } from '../../src/index.ts';

const code = (value: string): unknown => expect.objectContaining({ code: value });

it.each([
  ['uint', 'uint256'],
  ['int', 'int256'],
  ['uint8', 'uint8'],
  ['bytes32', 'bytes32'],
  ['tuple(uint,int8)', '(uint256,int8)'],
  ['(bool,(string,bytes1)[2][])[3]', '(bool,(string,bytes1)[2][])[3]'],
])('reads %s as %s', (text, canonical) => {
  expect(parseAbiType(text).text).toBe(canonical);
});

it.each([
  '',
  'uint7',
  'uint264',
  'uint0',
  'int012',
  'bytes0',
  'bytes33',
  'Uint256',
  'fixed128x18',
  'function',
  'tuple',
  '()',
  '(uint256,)',
  '(,uint256)',
  '(uint256',
  'uint256)',
  'uint256 ',
  'uint256, bool',
  'uint256[',
  'uint256[0]',
  'uint256[01]',
  'uint256[-1]',
  'uint256[1',
  'uint256]1[',
  '(uint256)bool',
  'bool()',
  'uint256[2]x',
  'mapping(address,bool)',
])('refuses %j', (text) => {
  expect(() => parseAbiType(text)).toThrow(code('ABI_TYPE_INVALID'));
});

it('says what is dynamic and what a type takes in its place', () => {
  expect(parseAbiType('(uint8,bytes3)[2]')).toMatchObject({ isDynamic: false, headBytes: 128 });
  expect(parseAbiType('(uint8,bytes)[2]')).toMatchObject({ isDynamic: true, headBytes: 32 });
  expect(parseAbiType('uint8[]')).toMatchObject({ isDynamic: true, headBytes: 32 });
});

it.each([
  `${'('.repeat(33)}bool${')'.repeat(33)}`,
  `${'('.repeat(2_000)}`,
  `bool${'[]'.repeat(33)}`,
  'bool[65537]',
  'bool[256][257]',
  'string[99999999999999999999]',
  `(${'bool,'.repeat(900)}bool)`,
])('refuses the oversized %.20s…', (text) => {
  expect(() => parseAbiType(text)).toThrow(code('ABI_TYPE_LIMIT'));
});

it('takes types up to the limits', () => {
  expect(parseAbiType(`${'('.repeat(32)}bool${')'.repeat(32)}`).depth).toBe(32);
  expect(parseAbiType('bool[256][256]').headBytes).toBe(2_097_152);
});

it('reads parameter lists and signatures', () => {
  expect(parseAbiTypes('()')).toEqual([]);
  expect(parseAbiTypes('(uint,bool)').map((type) => type.text)).toEqual(['uint256', 'bool']);
  const { name, types } = parseSignature('transfer(address,uint)');
  expect([name, types.map((type) => type.text)]).toEqual(['transfer', ['address', 'uint256']]);
  for (const text of ['transfer', '(bool)', '1a(bool)', 'a b(bool)', 'a-b()']) {
    expect(() => parseSignature(text)).toThrow(code('ABI_SIGNATURE_INVALID'));
  }
  for (const text of ['f()()', 'f(bool', 'f(bool)[]', 'f(bool) ']) {
    expect(() => parseSignature(text)).toThrow(code('ABI_TYPE_INVALID'));
  }
});
