import { isLucernaError } from '@lucerna/base';
import { encodeAbiParameters } from 'viem';
import { describe, expect, test } from 'vitest';
import { encodeArguments } from '../src/contract/abi-arguments.ts';

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;

function codeOf(type: string, text: string): string {
  try {
    encodeArguments('f', [{ name: 'value', type }], [text]);
  } catch (error) {
    if (isLucernaError(error)) return error.code;
    throw error;
  }
  return 'taken';
}

const max = 2n ** 256n - 1n;
const vitalik = '0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045';

describe('encodeArguments', () => {
  test.each([
    ['uint256', String(max), max],
    ['uint256', '0x00ff', 255n],
    ['uint8', '0', 0n],
    ['int256', String(-(2n ** 255n)), -(2n ** 255n)],
    ['bool', 'true', true],
    ['string', '', ''],
    ['string', '"in quotes", 💡', '"in quotes", 💡'],
    ['string', 'true', 'true'],
    ['address', vitalik, vitalik],
    ['address', vitalik.toLowerCase(), vitalik],
    ['bytes', '0x', '0x'],
    ['bytes3', '0xABCDEF', '0xabcdef'],
    ['uint256[]', '["1", 2, "0x3"]', [1n, 2n, 3n]],
    ['string[2]', '["a", "b"]', ['a', 'b']],
    ['bool[]', '[]', []],
  ])('%s %s as viem encodes it', (type, text, value) => {
    const encoded = encodeArguments('f', [{ name: 'value', type }], [text]);
    expect(hex(encoded)).toBe(encodeAbiParameters([{ type }], [value]));
  });

  test('several, dynamic ones behind', () => {
    const types = ['string', 'uint8', 'bytes'];
    const parameters = types.map((type, index) => ({ name: `p${index}`, type }));
    expect(hex(encodeArguments('f', parameters, ['a', '7', '0x01']))).toBe(
      encodeAbiParameters(parameters, ['a', 7, '0x01']),
    );
    expect(encodeArguments('f', [], [])).toHaveLength(0);
  });

  test.each([
    ['uint256', String(max + 1n)],
    ['uint256', '1e18'],
    ['uint256', ' 1'],
    ['uint256', ''],
    ['uint256', '9'.repeat(10_000)],
    ['uint8', '256'],
    ['uint8', '-1'],
    ['bool', 'TRUE'],
    ['address', vitalik.slice(2)],
    ['address', vitalik.replace('d8dA', 'D8dA')],
    ['bytes', '0x1'],
    ['bytes', 'text'],
    ['bytes3', '0xabcd'],
    ['uint256[]', '[1'],
    ['uint256[]', '1'],
    ['uint256[]', '[9007199254740993]'],
    ['uint256[2]', '[1]'],
    ['bool[]', '["true"]'],
  ])('%s refuses %s', (type, text) => {
    expect(codeOf(type, text)).toBe('ARGUMENT_INVALID');
  });

  test('the message says which argument, and does not repeat all of it', () => {
    const parameters = [
      { name: 'to', type: 'address' },
      { name: 'amount', type: 'uint8' },
    ];
    const text = 'x'.repeat(10_000);
    expect(() => encodeArguments('f', parameters, [vitalik, text])).toThrow(
      expect.objectContaining({ fields: { index: 1, name: 'amount' } }),
    );
    expect(() => encodeArguments('f', parameters, [vitalik, text])).toThrow(/^.{0,300}$/);
  });

  test('counts', () => {
    const parameters = [{ name: 'to', type: 'address' }];
    for (const texts of [[], ['1', '2']]) {
      expect(() => encodeArguments('f', parameters, texts)).toThrow(
        expect.objectContaining({ code: 'ARGUMENT_COUNT' }),
      );
    }
  });
});
