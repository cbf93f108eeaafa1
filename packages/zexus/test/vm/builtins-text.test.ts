import { describe, expect, it } from 'vitest';
import { Closure } from '../../src/vm/value.ts';
import {
  address,
  builtin,
  costs,
  failures,
  list,
  machine,
  map,
  result,
  results,
} from './builtin-machine.ts';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const long = 'x'.repeat(100);
const MIB = 1_048_576;

describe('texts', () => {
  results([
    ['string', [5], '5'],
    ['string', [null], 'null'],
    ['string', [list(1, 'a', true, null)], '[1, a, true, null]'],
    ['string', [map('k', 1, 2, list())], '{k: 1, 2: []}'],
    ['string', [address(1)], `0x${'00'.repeat(19)}01`],
    ['upper', ['aZ1 äß'], 'AZ1 äß'],
    ['lower', ['aZ1 Ä'], 'az1 Ä'],
    ['upper', [''], ''],
    ['trim', [' \t\n\v\f\r a b \r\n'], 'a b'],
    ['trim', ['\u00a0a\u2003'], '\u00a0a\u2003'],
    ['trim', [' \n'], ''],
    ['split', ['a b  c'], ['a', 'b', '', 'c']],
    ['split', ['a,b,', ','], ['a', 'b', '']],
    ['split', ['', ','], ['']],
    ['split', ['añ😀', ''], ['a', 'ñ', '😀']],
    ['split', ['aaaa', 'aa'], ['', '', '']],
    ['join', [list(1, 'a', null)], '1,a,null'],
    ['join', [list('a', 'b'), ''], 'ab'],
    ['join', [list(), '-'], ''],
    ['join', [list(list(1, 2), 3), '; '], '[1, 2]; 3'],
    ['replace', ['aXbX', 'X', '$&'], 'a$&b$&'],
    ['replace', ['aaa', 'aa', 'b'], 'ba'],
    ['replace', ['abc', '', 'x'], 'abc'],
    ['replace', ['abc', 'x', 'y'], 'abc'],
    ['replace', ['abc', 'b', ''], 'ac'],
    ['starts_with', ['abc', 'ab'], true],
    ['starts_with', ['abc', ''], true],
    ['starts_with', ['ab', 'abc'], false],
    ['ends_with', ['abc', 'bc'], true],
    ['ends_with', ['abc', 'ab'], false],
    ['substring', ['a😀bc', 1, 3], '😀b'],
    ['substring', ['abc', 1], 'bc'],
    ['substring', ['abc', -5, 99], 'abc'],
    ['substring', ['abc', 2, 1], ''],
    ['char_at', ['a😀b', 1], '😀'],
    ['char_at', ['a😀b', 2], 'b'],
    ['char_at', ['a😀b', 3], null],
    ['char_at', ['abc', -1], null],
    ['char_at', ['abc', 2n ** 60n], null],
    ['chars', ['a😀'], ['a', '😀']],
    ['chars', [''], []],
    ['repeat', ['ab', 2], 'abab'],
    ['repeat', ['ab', 0], ''],
    ['repeat', ['ab', -3], ''],
  ]);

  failures([
    ['upper', [1], 'panic 0x1'],
    ['trim', [bytes(1)], 'panic 0x1'],
    ['split', ['a', 1], 'panic 0x1'],
    ['split', [list()], 'panic 0x1'],
    ['join', ['ab', ','], 'panic 0x1'],
    ['join', [list(), 1], 'panic 0x1'],
    ['join', [list(new Closure(0, []))], 'panic 0x1'],
    ['replace', ['a', 'a', 1], 'panic 0x1'],
    ['replace', ['a', null, ''], 'panic 0x1'],
    ['starts_with', ['a', 1], 'panic 0x1'],
    ['ends_with', [1, 'a'], 'panic 0x1'],
    ['substring', ['a', null], 'panic 0x1'],
    ['substring', ['a', 0, 'b'], 'panic 0x1'],
    ['substring', [list(), 0], 'panic 0x1'],
    ['char_at', ['a', 'b'], 'panic 0x1'],
    ['repeat', ['a', null], 'panic 0x1'],
    ['repeat', ['a', MIB + 1], 'panic 0x41'],
    ['repeat', ['a', 2n ** 200n], 'panic 0x41'],
    ['replace', ['a'.repeat(1024), 'a', 'b'.repeat(1025)], 'panic 0x41'],
    ['join', [list('a'.repeat(MIB), 'b')], 'panic 0x41'],
    ['join', [list('', '', ''), 'a'.repeat(MIB)], 'panic 0x41'],
    ['string', [new Closure(0, [])], 'panic 0x1'],
  ]);

  costs([
    ['string', [long], 12],
    ['upper', [long], 24],
    ['trim', [long], 12],
    // Text, separator, three parts.
    ['split', ['a,b,c', ','], 3 + 3 + 9],
    // Items, their texts, the result.
    ['join', [list('a', 'b'), '-'], 6 + 6 + 3],
    // Text, pattern, two occurrences, result.
    ['replace', ['a.b.c', '.', '-'], 3 + 3 + 6 + 3],
    ['replace', ['abc', 'x', long], 3 + 3],
    ['starts_with', [long, 'x'], 3],
    ['ends_with', ['x', long], 12],
    ['chars', ['abc'], 3 + 9],
    ['char_at', [long, 0], 12],
    ['repeat', ['x', 100], 12],
    ['substring', [long, 0, 1], 12 + 3],
  ]);

  it('charges before the work: without gas nothing is made', () => {
    const on = machine(20);
    expect(() => builtin(on, 'repeat', 'x', 1_000)).toThrow();
    expect(on.meter.gas).toBeLessThan(0);
  });

  it('takes no longer than the texts are long, whatever they are', () => {
    // A pattern that begins everywhere and is nowhere: an engine alone takes minutes for some of these.
    const half = MIB / 2;
    const text = 'a'.repeat(MIB);
    for (const pattern of [`${'a'.repeat(half)}b`, `b${'a'.repeat(half)}`]) {
      expect(result('contains', text, pattern)).toBe(false);
      expect(result('index_of', text, pattern)).toBe(-1);
      expect(result('split', text, pattern)).toEqual([text]);
    }
    expect(result('split', text, 'a'.repeat(half))).toEqual(['', '', '']);
  });
});

describe('what texts, bytes, lists and maps have in common', () => {
  results([
    ['len', ['añ😀'], 3],
    ['len', [bytes(1, 2)], 2],
    ['len', [list(1, 2, 3)], 3],
    ['len', [map('a', 1)], 1],
    ['is_empty', [''], true],
    ['is_empty', ['a'], false],
    ['is_empty', [bytes()], true],
    ['is_empty', [list(null)], false],
    ['is_empty', [map()], true],
    ['contains', ['abc', 'bc'], true],
    ['contains', ['abc', ''], true],
    ['contains', [list(1, list(2)), list(2)], true],
    ['contains', [list('1'), 1], false],
    ['contains', [list(null), null], true],
    ['contains', [map('a', null), 'a'], true],
    ['contains', [map('a', 1), 1], false],
    ['index_of', ['😀ab', 'b'], 2],
    ['index_of', ['abc', 'x'], -1],
    ['index_of', [list(1, 2, 1), 1], 0],
    ['index_of', [list(1, 2, 3), 3], 2],
    ['index_of', [list(), 3], -1],
    ['concat', ['a', 'b'], 'ab'],
    ['concat', [bytes(1), bytes(2)], bytes(1, 2)],
    ['concat', [list(1), list(2)], [1, 2]],
    ['reverse', ['añ😀b'], 'b😀ña'],
    ['reverse', ['😀😁'], '😁😀'],
    ['reverse', [bytes(1, 2, 3)], bytes(3, 2, 1)],
    ['reverse', [list(1, 2, 3)], [3, 2, 1]],
    ['slice', ['a😀b', 1, 2], '😀'],
    ['slice', [bytes(1, 2, 3), 1], bytes(2, 3)],
    ['slice', [list(1, 2, 3), -1, 2], [1, 2]],
  ]);

  failures([
    ['len', [5], 'panic 0x1'],
    ['len', [null], 'panic 0x1'],
    ['is_empty', [null], 'panic 0x1'],
    ['contains', ['a', 1], 'panic 0x1'],
    ['contains', [5, 5], 'panic 0x1'],
    ['contains', [map(), null], 'panic 0x1'],
    ['contains', [map(), list()], 'panic 0x1'],
    ['index_of', [map(), 1], 'panic 0x1'],
    ['concat', ['a', 1], 'panic 0x1'],
    ['concat', [bytes(1), 'a'], 'panic 0x1'],
    ['concat', [list(), map()], 'panic 0x1'],
    ['concat', ['a'.repeat(MIB), 'b'], 'panic 0x41'],
    ['concat', [new Uint8Array(MIB), bytes(1)], 'panic 0x41'],
    ['reverse', [map()], 'panic 0x1'],
    ['slice', [map(), 0], 'panic 0x1'],
    ['slice', [list(), 'a'], 'panic 0x1'],
  ]);

  costs([
    ['len', [long], 12],
    ['len', [list(1)], 0],
    ['is_empty', [long], 0],
    ['contains', [long, 'y'], 12 + 3],
    // Two items are looked at.
    ['contains', [list(1, 2, 3), 2], 6],
    ['index_of', [list('abc', long), long], 6 + 3 + 12],
    ['concat', [long, 'a'], 12],
    ['concat', [list(1), list(2)], 6],
    ['reverse', [long], 24],
    ['reverse', [new Uint8Array(33)], 6],
    ['reverse', [list(1, 2)], 6],
    ['slice', [list(1, 2, 3), 1], 6],
  ]);

  it('leaves what it is given', () => {
    const given = list(3, 1);
    const raw = bytes(1, 2);
    for (const name of ['reverse', 'slice', 'sort', 'unique', 'flatten', 'copy']) {
      const made = builtin(machine(), name, given);
      expect(made).not.toBe(given);
    }
    builtin(machine(), 'reverse', raw);
    expect([given.items, [...raw]]).toEqual([
      [3, 1],
      [1, 2],
    ]);
  });
});
