import { describe, expect, it, test } from 'vitest';
import { locate } from '../../src/syntax/diagnostics.ts';
import { inAction, parseText, sourceOf } from './support.ts';

/** Line and code of each diagnostic. */
function report(text: string): readonly string[] {
  const source = sourceOf(text);
  return parseText(text).diagnostics.map(
    ({ code, span }) => `${locate(source, span.start).line} ${code}`,
  );
}

it('several errors of one file are reported, and what is right is kept', () => {
  const text = `contract A {
  data x: = 1
  data y = 2
  action f(a: integer {
    x = 1
  }
  action g() {
    let = 1
    y = 2
    if y { z = ) } else { y = ] }
    return 5 5
    y = 3
    foo(a,
    let w = 1
    emit
  }
  event (a)
  event E(a: address)
}
oops
contract B { data = 1
  data z }`;
  expect(report(text)).toEqual([
    '2 EXPECTED_TYPE',
    '4 EXPECTED_SYMBOL',
    '8 EXPECTED_NAME',
    '10 EXPECTED_EXPRESSION',
    '10 EXPECTED_EXPRESSION',
    '11 EXPECTED_END',
    '13 EXPECTED_EXPRESSION',
    '15 EXPECTED_NAME',
    '17 EXPECTED_NAME',
    '20 EXPECTED_CONTRACT',
    '21 EXPECTED_NAME',
  ]);
  const { contracts } = parseText(text).program;
  expect(contracts.map(({ name }) => name.name)).toEqual(['A', 'B']);
  expect(contracts[0]!.data.map(({ name }) => name.name)).toEqual(['y']);
  expect(contracts[0]!.actions.map(({ name }) => name.name)).toEqual(['g']);
  expect(contracts[0]!.actions[0]!.body.statements.map(({ kind }) => kind)).toEqual([
    ...['assign', 'if', 'assign', 'let'],
  ]);
  expect(contracts[0]!.events.map(({ name }) => name.name)).toEqual(['E']);
  expect(contracts[1]!.data.map(({ name }) => name.name)).toEqual(['z']);
});

describe('one mistake is one report', () => {
  test.each([
    'x = (1 + 2',
    'x = 1 + 2)',
    'x = a[1',
    'f(a, b',
    'f(a b c d)',
    'f(a,, b)',
    'foo bar baz qux',
    'if x y { z = 1 }',
    'if (x { z = 1 }',
    'if x) { z = 1 }',
    'if x = 1 { z = 1 } else { w = 2 }',
    'while { z = 1 }',
    'let 5 = x',
    'let x',
    'x = = 1',
    'x + = 1',
    'require()',
    'return return',
    'x = "abc',
    'x = @y',
    'f($, 1, 2)',
    'x = a ? b',
    'x = a ?? ',
    'x = (a, b)',
    'f((a) => { return ) }, 2)',
    'f((a) => {\n  let b = )\n  return b\n}, 2)',
    'f([1, 2, [3 4]], 2)',
    'x = {a: 1, b: {c = 2}}',
    'x = {\n  a: ,\n  b: 2,\n  c: [\n    3\n  ]\n}',
    'x = [\n1,\n2 3\n]',
    'x = [\n{a: 1},\n{b: },\n{c: 3}\n]',
    'x = {a: 1',
    'x = [1, 2',
    `x = "a \${b`,
    `x = "a \${b c} d"`,
    `x = "a \${"b} d"`,
    'x = Point{a: 1',
    'for i of 0 { x = i }',
    'for (;;) { x = 1 }',
    'for (let i = 0; i < 3; i += 1) { x = 1 }',
    'for each k v in m { x = k }',
    'for each k in { x = k }',
    'for each in m { x = k }',
    'try { x = 1 }',
    'try x = 1',
    'try { x = 1 } catch 1 { y = 2 }',
    'match x {\n  case 1 { y = ) }\n  default { y = 2 }\n}',
    'match x {\n  case 1\n  default { y = 2 }\n}',
    'match x {\n  1 => y = )\n  _ => y = 2\n}',
    'match x {\n  case ): y = 1\n  default: y = 2\n}',
    'x = match y {\n  1 => ,\n  _ => "other"\n}',
    'x = match y {\n  1 "one"\n  _ => "other"\n}',
    'print("a", b)',
    'async f()',
    'x = lambda(a, b { return a }',
    'let {a, b:} = c',
    'let [a, 1] = c',
    'export x',
    'throw',
    'use "x"',
    'gc "collect"',
    'atomic {\n  x = 1\n}',
    'emit E { a 1 }',
    'emit E { a: 1, b }',
    'tx x = 1',
    'catch (e) { x = 1 }',
    'x = f{value: 1',
  ])('%s', (mistake) => {
    const text = inAction(`before = 1\n${mistake}\nlet after = 2\nafter = 3`);
    expect(report(text).length, report(text).join()).toBeGreaterThan(0);
    const { program, diagnostics } = parseText(text);
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toHaveLength(1);
    const kept = program.contracts[0]!.actions[0]!.body.statements;
    expect(kept.at(0)).toMatchObject({ kind: 'assign', target: { name: 'before' } });
    expect(kept.at(-1)).toMatchObject({ kind: 'assign', target: { name: 'after' } });
  });
});

describe('a missing brace', () => {
  it('is one report wherever it is missing', () => {
    const lines = [
      ...['contract C {', 'action f() {', 'if a {', 'while b {', 'x = 1', '}', '}', '}'],
      ...['data y', 'action g() { }', '}'],
    ];
    for (const missing of [5, 6, 7]) {
      const text = lines.filter((_, index) => index !== missing).join('\n');
      expect(report(text)).toHaveLength(1);
      expect(report(text)[0]).toContain('BRACE_UNCLOSED');
      expect(parseText(text).program.contracts[0]).toMatchObject({ data: [{}], actions: [{}, {}] });
    }
    expect(report(lines.slice(0, -1).join('\n'))).toEqual(['1 BRACE_UNCLOSED']);
  });

  it('too many are one report', () => {
    expect(report('contract C { action f() { } } }\n}\ncontract D { }')).toEqual([
      '1 EXPECTED_CONTRACT',
    ]);
  });

  it('every cut of a program is answered with an error', () => {
    const text = 'contract C { data x = 1\naction f(a: integer) { if a > 1 { x = f("}") } } }';
    for (let end = 0; end < text.length; end += 1) {
      expect(parseText(text.slice(0, end)).diagnostics.length, text.slice(0, end)).toBeGreaterThan(
        0,
      );
    }
  });
});

it('reports one missing brace once, however many blocks are open there', () => {
  expect(report('contract C {\n action f() {\n if a {\n while b {\n c = 1')).toHaveLength(1);
});

it('reports what stands outside of contracts once, members among it', () => {
  const text = 'start()\nstate x = 1\nevent E(a: bool)\nmodifier m { _ }\ncontract C { }';
  expect(report(text)).toEqual(['1 EXPECTED_CONTRACT']);
});
