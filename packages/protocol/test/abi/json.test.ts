import { expect, it } from 'vitest';
import { abiValueFromJson, parseAbiType } from '../../src/index.ts';

const refused = (code: string, path: string): unknown =>
  expect.objectContaining({ code, fields: expect.objectContaining({ path }) });

it('reads the forms that people write', () => {
  const address = `0x${'ab'.repeat(20)}`;
  expect(abiValueFromJson(parseAbiType('uint8'), 7)).toBe(7n);
  expect(abiValueFromJson(parseAbiType('uint8'), '0x0F')).toBe(15n);
  expect(abiValueFromJson(parseAbiType('address'), address)).toEqual(new Uint8Array(20).fill(0xab));
});

it.each<[type: string, json: unknown, code: string, path: string]>([
  ['uint8', 2 ** 53, 'ABI_VALUE_RANGE', 'values[0]'],
  ['uint8', 1.5, 'ABI_VALUE_RANGE', 'values[0]'],
  ['uint8', '', 'ABI_VALUE_KIND', 'values[0]'],
  ['uint8', ' 1', 'ABI_VALUE_KIND', 'values[0]'],
  ['uint8', '9'.repeat(79), 'ABI_VALUE_KIND', 'values[0]'],
  ['bool', 'true', 'ABI_VALUE_KIND', 'values[0]'],
  ['string', 1, 'ABI_VALUE_KIND', 'values[0]'],
  ['bytes', '0x1', 'ABI_VALUE_KIND', 'values[0]'],
  ['address', '0x12', 'ABI_VALUE_KIND', 'values[0]'],
  ['address', null, 'ABI_VALUE_KIND', 'values[0]'],
  ['bool[]', true, 'ABI_VALUE_KIND', 'values[0]'],
  ['(bool,uint8[])[]', [[true, [1, null]]], 'ABI_VALUE_KIND', 'values[0][0][1][1]'],
  ['(bool,bool)', [true], 'ABI_VALUE_LENGTH', 'values[0]'],
])('refuses for %s the JSON %j', (type, json, code, path) => {
  expect(() => abiValueFromJson(parseAbiType(type), json)).toThrow(refused(code, path));
});
