import { describe, expect, it, test } from 'vitest';
import { CONTEXTUAL_WORDS } from './arbitrary.ts';
import { bodyOf, codesOf, expressionOf, inAction, shape } from './support.ts';

function shapeOf(text: string): string {
  return shape(expressionOf(text));
}

/** From loose to tight; operators of one row group to the left unless told otherwise. */
const LEVELS: readonly (readonly string[])[] = [
  ['??'],
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

  test.each(LEVELS.flat())('? : is looser than %s', (operator) => {
    expect(shapeOf(`a ${operator} b ? c ${operator} d : e ${operator} f`)).toBe(
      `((a ${operator} b) ? (c ${operator} d) : (e ${operator} f))`,
    );
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
    ['- -a', '(-(-a))'],
    ['!!a', '(!(!a))'],
    ['!a.b', '(!a.b)'],
    ['-a[0](b).c', '(-a[0](b).c)'],
    ['!a && b', '((!a) && b)'],
    ['not a and not b or c', '(((!a) && (!b)) || c)'],
    ['a + b * c - d / e', '((a + (b * c)) - (d / e))'],
    ['a < b == c >= d', '((a < b) == (c >= d))'],
    ['a ?? b || c && d', '(a ?? (b || (c && d)))'],
    ['a ? b : c ? d : e', '(a ? b : (c ? d : e))'],
    ['a ? b ? c : d : e', '(a ? (b ? c : d) : e)'],
    ['a ?? b ? c + 1 : d ?? e', '((a ?? b) ? (c + 1) : (d ?? e))'],
    ['a || b ? -c : !d', '((a || b) ? (-c) : (!d))'],
    ['a ? x => b : c', '(a ? (x => return b) : c)'],
    ['x => a ? b : c', '(x => return (a ? b : c))'],
    ['a + x => b + c', '(a + (x => return (b + c)))'],
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
    ['((a))', 'a'],
    ['this.balances[msg.sender]', 'this.balances[msg.sender]'],
    ['self.total', 'this.total'],
    ['self', 'self'],
    ['self[0]', 'self[0]'],
    ['this.transfer(to, 1)', 'this.transfer(to, 1)'],
    ['f()', 'f()'],
    ['f(a, b,)', 'f(a, b)'],
    ['a.if.default.true', 'a.if.default.true'],
    ['TX.caller', 'TX.caller'],
    ['5.x', '5.x'],
    ['a.b(c)[d].e(f)(g).h', 'a.b(c)[d].e(f)(g).h'],
    ['xs[1:3]', 'xs[1:3]'],
    ['xs[:3]', 'xs[:3]'],
    ['xs[1:]', 'xs[1:]'],
    ['xs[:]', 'xs[:]'],
    ['xs[a ? 1 : 2:n - 1]', 'xs[(a ? 1 : 2):(n - 1)]'],
    ['f{value: 1, gas: n}(a)', 'f{"value": 1, "gas": n}(a)'],
    ['a.b[c].d{value: 1}()', 'a.b[c].d{"value": 1}()'],
    ['Point{x: 1, y: 2}', 'Point{x: 1, y: 2}'],
    ['Point { }', 'Point{}'],
    ['lib.Point{\n x: 1,\n}.x', 'lib.Point{x: 1}.x'],
  ])('%s', (text, expected) => {
    expect(shapeOf(text)).toBe(expected);
  });

  test.each([
    ['[]', '[]'],
    ['[1, [2], "a",]', '[1, [2], "a"]'],
    ['[\n1,\n2\n]', '[1, 2]'],
    ['[1, 2][0]', '[1, 2][0]'],
    ['{}', '{}'],
    ['{\n}', '{}'],
    ['{a: 1, "b c": 2, 3: 4, 0xab: 5,}', '{"a": 1, "b c": 2, 3: 4, 0xab: 5}'],
    ['{(a): 1, ("b"): 2, (-1): 3}', '{a: 1, "b": 2, (-1): 3}'],
    ['{if: 1, default: 2, true: 3, from: 4}', '{"if": 1, "default": 2, "true": 3, "from": 4}'],
    ['{\n a: {b: [1]},\n\n c\n:\n2 }', '{"a": {"b": [1]}, "c": 2}'],
    ['{a: 1}.a', '{"a": 1}.a'],
  ])('the literal %j', (text, expected) => {
    expect(shapeOf(text)).toBe(expected);
  });

  test.each([
    ['"a"', 'a'],
    ["'a'", 'a'],
    ['""', ''],
    ['"\\n\\t\\r\\\\\\"\\\'\\$"', '\n\t\r\\"\'$'],
    [`'${DOLLAR}{x}'`, `${DOLLAR}{x}`],
    [`"""${DOLLAR}{x}"""`, `${DOLLAR}{x}`],
    [`'''${DOLLAR}{x}'''`, `${DOLLAR}{x}`],
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
    for (const word of CONTEXTUAL_WORDS) {
      expect(shapeOf(`1 + ${word}`)).toBe(`(1 + ${word})`);
      expect(shapeOf(`f(${word}, x)`)).toBe(`f(${word}, x)`);
      expect(shapeOf(`${word}.${word}`)).toBe(`${word === 'self' ? 'this' : word}.${word}`);
      expect(shapeOf(`{${word}: ${word}}`)).toBe(`{"${word}": ${word}}`);
      expect(shapeOf(`${word} => ${word}`)).toBe(`(${word} => return ${word})`);
      expect(shapeOf(`(${word}, b) => ${word}`)).toBe(`(${word}, b => return ${word})`);
      expect(shapeOf(`${word}{${word}: ${word}}`)).toBe(`${word}{${word}: ${word}}`);
      expect(shapeOf(`x ? ${word} : ${word}`)).toBe(`(x ? ${word} : ${word})`);
    }
  });
});

describe('interpolation', () => {
  const cases: readonly (readonly [text: string, expected: string])[] = [
    ['"a #{x} b"', 'template(["a "," b"], x)'],
    ['"#{x}"', 'template(["",""], x)'],
    ['"#{a}#{b} and #{c}"', 'template(["",""," and ",""], a, b, c)'],
    ['"sum #{f("}") + 1} end"', 'template(["sum "," end"], (f("}") + 1))'],
    ['"#{ {a: {b: 1}}.a }"', 'template(["",""], {"a": {"b": 1}}.a)'],
    ['"#{"#{"#{x}"}"}"', 'template(["",""], template(["",""], template(["",""], x)))'],
    ['"#{x => { return x }}"', 'template(["",""], (x => return x))'],
    ['"#{a ? "b" : "c"}" + d', '(template(["",""], (a ? "b" : "c")) + d)'],
    ['"\\#{x} #{y} \\"#{z}\\""', 'template(["#{x} "," \\"","\\""], y, z)'],
    ['"# # {x} #{x}"', 'template(["# # {x} ",""], x)'],
    ['"#{x /* } " */}"', 'template(["",""], x)'],
    ['"#{\'}"\'}"', 'template(["",""], "}\\"")'],
    ['"#{"""a\nb"""}"', 'template(["",""], "a\\nb")'],
    ['"#{x}".length', 'template(["",""], x).length'],
    ['{"#{x}": 1}', '{template(["",""], x): 1}'],
  ];

  // In the table a number sign stands for the dollar sign, which would begin a template of this file.
  test.each(cases)('%s', (text, expected) => {
    const [source, wanted] = [text, expected].map((part) => part.replaceAll('#', DOLLAR));
    expect(shapeOf(source!)).toBe(wanted);
  });
});

describe('functions', () => {
  test.each([
    ['x => x + 1', '(x => return (x + 1))'],
    ['(x) => x', '(x => return x)'],
    ['() => 1', '( => return 1)'],
    ['(x, y: integer, z: map<address, list<bool>>,) => x', '(x, y, z => return x)'],
    ['(x: integer[]) => x', '(x => return x)'],
    ['x => { return x }', '(x => return x)'],
    ['x => { let y = x\n return y }', '(x => let; return y)'],
    ['x => { }', '(x => )'],
    ['x => {a: x}', '(x => return {"a": x})'],
    ['x => {"a": x}', '(x => return {"a": x})'],
    ['x => ({})', '(x => return {})'],
    ['x => y => x', '(x => return (y => return x))'],
    ['lambda(x) x', '(x => return x)'],
    ['lambda(x, y) => x', '(x, y => return x)'],
    ['lambda(x): x', '(x => return x)'],
    ['lambda(x) -> x', '(x => return x)'],
    ['lambda(x) { return x }', '(x => return x)'],
    ['lambda x: x', '(x => return x)'],
    ['lambda x, y => x', '(x, y => return x)'],
    ['lambda: 1', '( => return 1)'],
    ['action(x, y) { return x }', '(x, y => return x)'],
    ['function() { }', '( => )'],
    ['function(x) { return x }(1)', '(x => return x)(1)'],
    ['(x => x)(1)', '(x => return x)(1)'],
    ['f((a) => {\n let b = a\n return b\n}, 2)', 'f((a => let; return b), 2)'],
    ['f(action(a) {\n b()\n c()\n}, 2)', 'f((a => expression; expression), 2)'],
    ['xs.map(x => x).filter(y => y > 1)', 'xs.map((x => return x)).filter((y => return (y > 1)))'],
    ['action(x)', 'action(x)'],
  ])('%j', (text, expected) => {
    expect(shapeOf(text)).toBe(expected);
  });
});

describe('match as a value', () => {
  const whole = 'match a {1 => b; 2, 3 => c; _ => d}';

  test.each([
    ['match a { 1 => b, 2, 3 => c, _ => d }', whole],
    ['match a {\n  1 => b\n  2, 3 => c\n  _ => d\n}', whole],
    ['match (a) { case 1 => b; case 2, 3: c; default => d, }', whole],
    ['match a {\n case 1: b\n case 2, 3: c\n default: d }', whole],
    ['match a { }', 'match a {}'],
    ['match a {\n X => b - 1\n -1 => c\n (y) => d\n}', 'match a {X => (b - 1); (-1) => c; y => d}'],
    ['match a {\n 1 => (b\n - 1)\n 2 => c\n}', 'match a {1 => (b - 1); 2 => c}'],
    ['match a { 1 => x => y, _ => {b: c} }', 'match a {1 => (x => return y); _ => {"b": c}}'],
    ['f(match a {\n 1 => b\n 2 => c\n})', 'f(match a {1 => b; 2 => c})'],
    ['match a { (_) => b }', 'match a {_ => b}'],
    ['match a { 1 => Point{x: 1} }', 'match a {1 => Point{x: 1}}'],
    ['match match a { _ => 1 } { 1 => 2 } + 3', '(match match a {_ => 1} {1 => 2} + 3)'],
  ])('%j', (text, expected) => {
    expect(shapeOf(text)).toBe(expected);
  });
});

describe('line breaks', () => {
  test.each([
    ['a +\n b', '(a + b)'],
    ['a\n + b', '(a + b)'],
    ['a\n - b', '(a - b)'],
    ['a\n && b\n or c', '((a && b) || c)'],
    ['a\n and b\n == c', '(a && (b == c))'],
    ['a\n ?? b', '(a ?? b)'],
    ['a\n ? b\n : c', '(a ? b : c)'],
    ['a ?\n b :\n c', '(a ? b : c)'],
    ['a\n .b', 'a.b'],
    ['a.\n b', 'a.b'],
    ['a\n  .b()\n  .c(\n1)', 'a.b().c(1)'],
    ['f(\na\n,\nb\n)', 'f(a, b)'],
    ['f(a\n(b))', 'f(a(b))'],
    ['f(a\n- b)', 'f((a - b))'],
    ['[a\n(b)]', '[a(b)]'],
    ['m[\nk\n]', 'm[k]'],
    ['(a\n[b])', 'a[b]'],
    ['x =>\n x', '(x => return x)'],
    ['a /* x\n */ + b // c', '(a + b)'],
  ])('%j goes on', (text, expected) => {
    expect(shapeOf(text)).toBe(expected);
  });

  it('a bracket on a new line begins a statement', () => {
    expect(codesOf(inAction('x = a\n(b)(c)'))).toEqual([]);
    expect(bodyOf('x = a\n(b)(c)\n[b]\n{ c() }\n!d').statements).toHaveLength(5);
    const kinds = bodyOf('x = Point\n{ c() }').statements.map(({ kind }) => kind);
    expect(kinds).toEqual(['assign', 'block']);
  });
});
