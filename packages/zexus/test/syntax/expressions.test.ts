import { describe, expect, it, test } from 'vitest';
import { CONTEXTUAL_WORDS } from './arbitrary.ts';
import { codesOf, expressionOf, inAction, shape } from './support.ts';

function shapeOf(text: string): string {
  return shape(expressionOf(text));
}

/** From loose to tight; operators of one row group to the left unless told otherwise. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['+', '-'],
  ['*', '/', '%'],
  ['**'],
];

describe('precedence', () => {
  const pairs = LEVELS.flatMap((looser, index) =>
    LEVELS.slice(index + 1).flatMap((tighter) =>
      looser.flatMap((loose) => tighter.map((tight) => [loose, tight] as const)),
    ),
  );

  test.each(pairs)('%s is looser than %s', (loose, tight) => {
    expect(shapeOf(`a ${loose} b ${tight} c`)).toBe(`(a ${loose} (b ${tight} c))`);
    expect(shapeOf(`a ${tight} b ${loose} c`)).toBe(`((a ${tight} b) ${loose} c)`);
    expect(shapeOf(`(a ${loose} b) ${tight} c`)).toBe(`((a ${loose} b) ${tight} c)`);
  });

  const siblings = LEVELS.slice(0, -1).flatMap((level) =>
    level.flatMap((first) => level.map((second) => [first, second] as const)),
  );

  test.each(siblings)('%s and %s group to the left', (first, second) => {
    expect(shapeOf(`a ${first} b ${second} c`)).toBe(`((a ${first} b) ${second} c)`);
  });

  test.each([
    ['a ** b ** c', '(a ** (b ** c))'],
    ['-a ** b', '(-(a ** b))'],
    ['a ** -b', '(a ** (-b))'],
    ['a ** -b ** c', '(a ** (-(b ** c)))'],
    ['(-a) ** b', '((-a) ** b)'],
    ['-a + 2', '((-a) + 2)'],
    ['-7 % 3', '((-7) % 3)'],
    ['3 - -2', '(3 - (-2))'],
    ['2 ** -1 * 3', '((2 ** (-1)) * 3)'],
    ['- -a', '(-(-a))'],
    ['!!a', '(!(!a))'],
    ['!a.b', '(!a.b)'],
    ['-a[0](b).c', '(-a[0](b).c)'],
    ['!a && b', '((!a) && b)'],
    ['not a and not b or c', '(((!a) && (!b)) || c)'],
    ['false && true || true', '((false && true) || true)'],
    ['true || true && false', '(true || (true && false))'],
    ['a + b * c - d / e', '((a + (b * c)) - (d / e))'],
    ['a < b == c >= d', '((a < b) == (c >= d))'],
  ])('%s', (text, expected) => {
    expect(shapeOf(text)).toBe(expected);
  });
});

const DOLLAR = '$';

describe('values', () => {
  test.each([
    ['0', '0'],
    ['007', '7'],
    [String(2n ** 256n - 1n), String(2n ** 256n - 1n)],
    [`${'0'.repeat(100)}1`, '1'],
    ['0x', '0x'],
    ['0xAbCd', '0xAbCd'],
    ['true', 'true'],
    ['null', 'null'],
    ['{}', '{}'],
    ['{\n}', '{}'],
    ['((a))', 'a'],
    ['this.balances[msg.sender]', 'this.balances[msg.sender]'],
    ['self.total', 'this.total'],
    ['self', 'self'],
    ['this.transfer(to, 1)', 'this.transfer(to, 1)'],
    ['f()', 'f()'],
    ['f(a, b,)', 'f(a, b)'],
    ['a.if.default.true', 'a.if.default.true'],
    ['TX.caller', 'TX.caller'],
    ['5.x', '5.x'],
  ])('%s', (text, expected) => {
    expect(shapeOf(text)).toBe(expected);
  });

  test.each([
    ['"a"', 'a'],
    ["'a'", 'a'],
    ['""', ''],
    ['"\\n\\t\\r\\\\\\"\\\'\\$"', '\n\t\r\\"\'$'],
    [`'${DOLLAR}{x}'`, `${DOLLAR}{x}`],
    [`"\\${DOLLAR}{x}"`, `${DOLLAR}{x}`],
    ['"$5"', '$5'],
    ['"# // /* no comment"', '# // /* no comment'],
    ['"é😀"', 'é😀'],
    ['"""a\n "b" ""c"""', 'a\n "b" ""c'],
    ["'''a\nb'''", 'a\nb'],
    ['""""""', ''],
  ])('the string %s', (text, value) => {
    expect(expressionOf(text)).toMatchObject({ kind: 'string', value });
  });

  it('takes every word that is not reserved for a name', () => {
    for (const word of CONTEXTUAL_WORDS) expect(shapeOf(`1 + ${word}`)).toBe(`(1 + ${word})`);
  });
});

describe('line breaks', () => {
  test.each([
    ['a +\n b', '(a + b)'],
    ['a\n + b', '(a + b)'],
    ['a\n - b', '(a - b)'],
    ['a\n && b\n or c', '((a && b) || c)'],
    ['a\n .b', 'a.b'],
    ['a.\n b', 'a.b'],
    ['f(\na\n,\nb\n)', 'f(a, b)'],
    ['f(a\n(b))', 'f(a(b))'],
    ['m[\nk\n]', 'm[k]'],
    ['(a\n[b])', 'a[b]'],
    ['a /* x\n */ + b // c', '(a + b)'],
  ])('%j goes on', (text, expected) => {
    expect(shapeOf(text)).toBe(expected);
  });

  it('a bracket on a new line begins a statement', () => {
    expect(codesOf(inAction('x = a\n(b)(c)'))).toEqual([]);
    expect(codesOf(inAction('x = a\n[b]'))).toEqual(['UNSUPPORTED']);
  });
});
