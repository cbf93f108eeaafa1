import { isLucernaError } from '@lucerna/base';
import { type AbiField, Address, decodeValue, UNMETERED } from '@lucerna/zexus';
import { describe, expect, test } from 'vitest';
import { encodeArguments } from '../src/contract/abi-arguments.ts';
import { untypedFromText, untypedToJson, untypedToText } from '../src/contract/untyped-values.ts';

const any: AbiField = { name: 'a', type: 'bytes', isEncoded: true };
const list: AbiField = { ...any, type: 'bytes[]' };
const pair: AbiField = {
  name: 'p',
  type: 'tuple',
  components: [any, { name: 'n', type: 'uint8' }],
};
const owner = '0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045';
const max = String(2n ** 256n - 1n);

function taken(field: AbiField, text: string): readonly [text: string, json: unknown] {
  const value = untypedFromText(field, text);
  return [untypedToText(field, value), untypedToJson(field, value)];
}

const decoded = (text: string): unknown =>
  decodeValue(UNMETERED, untypedFromText(any, text) as Uint8Array);

describe('a value without a type', () => {
  test.each<readonly [string, string, unknown]>([
    ['7', '7', '7'],
    [max, max, max],
    [`-${max}`, `-${max}`, `-${max}`],
    ['true', 'true', true],
    ['null', 'null', null],
    ['plain text', 'plain text', 'plain text'],
    ['', '', ''],
    ['"in quotes"', 'in quotes', 'in quotes'],
    ['"7"', '7', '7'],
    [owner, owner, owner],
    [owner.toLowerCase(), owner, owner],
    ['0x', '0x', '0x'],
    ['0x0aFF', '0x0aff', '0x0aff'],
    ['0xyz', '0xyz', '0xyz'],
    [`[1, "a", [${max}]]`, `[1, "a", [${max}]]`, ['1', 'a', [max]]],
    ['{"a": 1, "b": {"c": null}}', '{"a": 1, "b": {"c": null}}', { a: '1', b: { c: null } }],
    [`{"${owner}": "0x01"}`, `{${owner}: 0x01}`, [[owner, '0x01']]],
  ])('%s', (text, shown, json) => {
    expect(taken(any, text)).toEqual([shown, json]);
  });

  test('has the kind that it looks like', () => {
    expect(decoded('7')).toBe(7);
    expect(decoded('"7"')).toBe('7');
    expect(decoded(owner)).toBeInstanceOf(Address);
    expect(decoded('0x01')).toEqual(Uint8Array.of(1));
    expect(decoded('0x1')).toBe('0x1');
  });

  test('is part of lists and tuples', () => {
    expect(taken(list, '[1, "a", null]')).toEqual(['[1, "a", null]', ['1', 'a', null]]);
    expect(taken(pair, '[{"x": 1}, 255]')).toEqual(['[{"x": 1}, 255]', [{ x: '1' }, '255']]);
  });

  test.each([
    [any, '[1'],
    [any, '{a: 1}'],
    [any, '"a'],
    [any, '1.5'],
    [any, '[1e3]'],
    [any, String(2n ** 256n)],
    [any, owner.replace('d8dA', 'd8da')],
    [any, `${'['.repeat(40)}${']'.repeat(40)}`],
    [list, '7'],
    [list, 'text'],
    [pair, '[1]'],
    [pair, '[1, 256]'],
  ])('%j is not %s', (field, text) => {
    try {
      encodeArguments('f', [field], [text]);
    } catch (error) {
      if (!isLucernaError(error)) throw error;
      expect(error.code).toBe('ARGUMENT_INVALID');
      return;
    }
    expect.unreachable();
  });

  test('is bytes where they are the encoding of nothing', () => {
    expect(untypedToText(any, Uint8Array.of(0xff))).toBe('0xff');
    expect(untypedToJson(list, [Uint8Array.of(0xff)])).toEqual(['0xff']);
  });
});
