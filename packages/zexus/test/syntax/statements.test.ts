import { describe, expect, it, test } from 'vitest';
import type { Statement } from '../../src/syntax/ast.ts';
import { CONTEXTUAL_WORDS } from './arbitrary.ts';
import { bodyOf, codesOf, inAction, shape, statementOf } from './support.ts';

/** Each form of each statement, with the kind of it. */
const FORMS: readonly (readonly [form: string, kind: Statement['kind']])[] = [
  ['let a = 1', 'let'],
  ['let a: map<address, integer> = {}', 'let'],
  ['a = 1', 'assign'],
  ['this.a += 1', 'assign'],
  ['a[b] -= 1', 'assign'],
  ['this.a[b][c] *= 1', 'assign'],
  ['a /= 1', 'assign'],
  ['a %= 1', 'assign'],
  ['a **= 1', 'assign'],
  ['if a { b = 1 }', 'if'],
  ['if (a) { b = 1 }', 'if'],
  ['if (a) && b { b = 1 } elif c { } else if (d) { } else { e() }', 'if'],
  ['if a\n{ b = 1 }\nelif (c)\n{ }\nelse\n{ }', 'if'],
  ['while a { b = 1; break }', 'while'],
  ['while (a) { continue }', 'while'],
  ['return', 'return'],
  ['return a', 'return'],
  ['return (a)', 'return'],
  ['require(a)', 'require'],
  ['require(a, "no")', 'require'],
  ['require a', 'require'],
  ['require a, "no"', 'require'],
  ['require (a) && b, "no"', 'require'],
  ['require (a).b', 'require'],
  ['require !a', 'require'],
  ['require(\n  a,\n  "no"\n)', 'require'],
  ['revert()', 'revert'],
  ['revert("no")', 'revert'],
  ['revert', 'revert'],
  ['emit E()', 'emit'],
  ['emit E(a, b + 1)', 'emit'],
  ['break', 'break'],
  ['continue', 'continue'],
  ['f(a)', 'expression'],
  ['this.f(a)', 'expression'],
];

describe('each form', () => {
  test.each(FORMS)('%s', (form, kind) => {
    const expected = statementOf(form);
    expect(expected).toMatchObject({ kind });
    expect(statementOf(`${form};`)).toEqual(expected);
    expect(statementOf(`;;${form};;`)).toEqual(expected);
    expect(statementOf(`  ${form} // comment`)).toEqual(expected);
    const pair = `${form}\n${form}\n`;
    expect(bodyOf(pair).statements).toHaveLength(2);
    expect(bodyOf(`${form};${form}`).statements).toHaveLength(2);
  });

  it('needs nothing between statements with blocks', () => {
    expect(bodyOf('if a { } while b { } c = 1').statements).toHaveLength(3);
  });
});

describe('meaning', () => {
  it('brackets and words make no difference', () => {
    expect(statementOf('if (a) { }')).toEqual(statementOf('if a { }'));
    expect(statementOf('require(a, b)')).toEqual(statementOf('require a, b'));
    expect(statementOf('require (a) && b, c')).toEqual(statementOf('require(a && b, c)'));
    expect(statementOf('require(a), b')).toEqual(statementOf('require(a, b)'));
    expect(statementOf('revert')).toEqual(statementOf('revert()'));
  });

  it('elif, else if and a nested if are one', () => {
    const nested = statementOf('if a { } else { if b { } else { c() } }');
    expect(statementOf('if a { } elif b { } else { c() }')).toEqual(nested);
    expect(statementOf('if a { } else if b { } else { c() }')).toEqual(nested);
  });

  it('a chain of elif may be long', () => {
    const chain = `if a { }${' elif a { }'.repeat(100)}`;
    expect(codesOf(inAction(chain))).toEqual([]);
  });

  it('return takes its value from its own line', () => {
    expect(bodyOf('return\na').statements.map(({ kind }) => kind)).toEqual([
      'return',
      'expression',
    ]);
    expect(bodyOf('if a { return }').statements).toHaveLength(1);
  });

  it('an assignment keeps its operator and its target', () => {
    const [statement] = bodyOf('this.a[b][c] **= d + 1').statements;
    if (statement?.kind !== 'assign') throw new Error('no assignment');
    expect(statement.operator).toBe('**=');
    expect(shape(statement.target)).toBe('this.a[b][c]');
    expect(shape(statement.value)).toBe('(d + 1)');
  });

  it('a line that begins with a sign goes on with the value', () => {
    expect(bodyOf('let a = b\n  + c\n  - d\n').statements).toHaveLength(1);
  });
});

describe('contextual words', () => {
  test.each(CONTEXTUAL_WORDS)('%s is a name', (word) => {
    expect(statementOf(`let ${word} = ${word}`)).toMatchObject({
      kind: 'let',
      name: { name: word },
    });
    expect(statementOf(`${word} = 1`)).toMatchObject({ kind: 'assign' });
    expect(statementOf(`${word} += ${word} * 2`)).toMatchObject({ kind: 'assign' });
    expect(statementOf(`${word}[${word}] = 1`)).toMatchObject({ kind: 'assign' });
    expect(statementOf(`x = ${word}.${word}(${word})`)).toMatchObject({ kind: 'assign' });
    expect(statementOf(`emit ${word}(${word})`)).toMatchObject({ kind: 'emit' });
    expect(statementOf(`require(${word} and ${word})`)).toMatchObject({ kind: 'require' });
    expect(statementOf(`if ${word} { return ${word} }`)).toMatchObject({ kind: 'if' });
  });

  test('a name alone on its line does not reach for the next', () => {
    for (const word of ['data', 'event', 'action', 'contract', 'state', 'view']) {
      expect(bodyOf(`x = ${word}\nrequire y\n${word}\nlet z = 1`).statements).toHaveLength(4);
    }
  });
});
