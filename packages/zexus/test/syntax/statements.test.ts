import { describe, expect, it, test } from 'vitest';
import type { Statement } from '../../src/syntax/ast.ts';
import { CONTEXTUAL_WORDS } from './arbitrary.ts';
import { bodyOf, codesOf, inAction, shape, statementOf } from './support.ts';

/** Each form of each statement, with the kind of it. */
const FORMS: readonly (readonly [form: string, kind: Statement['kind']])[] = [
  ['let a = 1', 'let'],
  ['let a: map<address, integer> = {}', 'let'],
  ['const a = 1', 'let'],
  ['let [a, b] = c', 'let'],
  ['let {a, b: c, if: d} = e', 'let'],
  ['a = 1', 'assign'],
  ['this.a += 1', 'assign'],
  ['a[b] -= 1', 'assign'],
  ['this.a[b][c] *= 1', 'assign'],
  ['a /= 1', 'assign'],
  ['a %= 1', 'assign'],
  ['a **= 1', 'assign'],
  ['a.b[c].d = 1', 'assign'],
  ['f(a)[b].c = 1', 'assign'],
  ['if a { b = 1 }', 'if'],
  ['if (a) { b = 1 }', 'if'],
  ['if (a) && b { b = 1 } elif c { } else if (d) { } else { e() }', 'if'],
  ['if a\n{ b = 1 }\nelif (c)\n{ }\nelse\n{ }', 'if'],
  ['if a == (Point{x: 1}) { b = 1 }', 'if'],
  ['if a == [Point{x: 1}] { b = 1 }', 'if'],
  ['if f(x => { return x }) { b = 1 }', 'if'],
  ['if action(a) { b = 1 }', 'if'],
  ['while a { b = 1; break }', 'while'],
  ['while (a) { continue }', 'while'],
  ['for each a in b { c() }', 'forEach'],
  ['for each a, b in c { continue }', 'forEach'],
  ['for each (a, b) in c { break }', 'forEach'],
  ['for a in b { }', 'forEach'],
  ['for a, b in c { }', 'forEach'],
  ['for (a, b) in c { }', 'forEach'],
  ['for (a in b) { }', 'forEach'],
  ['for (each a, b in c) { }', 'forEach'],
  ['for (each a in b) { }', 'forEach'],
  ['for each a in [1, 2] { }', 'forEach'],
  ['for each a in range(0, 3)\n{ }', 'forEach'],
  ['match a { case 1 { b() } case 2, 3 { } default { c() } }', 'match'],
  ['match a {\n case 1: b()\n c(); d()\n case 2: { }\n default:\n e() }', 'match'],
  ['match a { 1 => b(), 2, 3 => { c() }, _ => return }', 'match'],
  ['match a {\n X => b = c\n -1 => b = d\n (e) => throw f\n}', 'match'],
  ['match a { }', 'match'],
  ['try { a() } catch (e) { b() } finally { c() }', 'try'],
  ['try { a() }\ncatch e { b() }\nfinally { c() }', 'try'],
  ['try { a() } catch { b() }', 'try'],
  ['try { a() } finally { b() }', 'try'],
  ['tx { a = 1 }', 'tx'],
  ['{ a = 1 }', 'block'],
  ['{ }', 'block'],
  ['throw "no"', 'throw'],
  ['throw {code: 1}', 'throw'],
  ['return', 'return'],
  ['return {a: 1}', 'return'],
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
  ['verify(a)', 'require'],
  ['verify(a, "no")', 'require'],
  ['verify a', 'require'],
  ['verify a == b, "no"', 'require'],
  ['require(a, NotOwner(b))', 'require'],
  ['require a, NotOwner(b)', 'require'],
  ['revert()', 'revert'],
  ['revert("no")', 'revert'],
  ['revert', 'revert'],
  ['revert "no"', 'revert'],
  ['revert NotOwner(a)', 'revert'],
  ['revert(NotOwner(a))', 'revert'],
  ['emit E()', 'emit'],
  ['emit E(a, b + 1)', 'emit'],
  ['emit E', 'emit'],
  ['emit file.E', 'emit'],
  ['emit file.E(a)', 'emit'],
  ['emit file.E { a: 1 }', 'emit'],
  ['emit E { a: 1, b: 2 }', 'emit'],
  ['emit E {\n a: 1\n "b": 2;\n}', 'emit'],
  ['emit E { }', 'emit'],
  ['emit("E", a)', 'emitValue'],
  ['emit("E")', 'emitValue'],
  ['break', 'break'],
  ['continue', 'continue'],
  ['f(a)', 'expression'],
  ['this.f(a)', 'expression'],
  ['a.b{value: 1}(c)', 'expression'],
  ['[1, 2].push(3)', 'expression'],
  ['_', 'placeholder'],
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
    expect(statementOf('revert "no"')).toEqual(statementOf('revert("no")'));
    expect(statementOf('verify(a, b)')).toEqual(statementOf('require(a, b)'));
    expect(statementOf('emit E()')).toEqual(statementOf('emit E'));
    expect(statementOf('emit E { }')).toEqual(statementOf('emit E'));
    expect(statementOf('for each (k, v) in m { }')).toEqual(statementOf('for k, v in m { }'));
    expect(statementOf('for (k, v in m) { }')).toEqual(statementOf('for each k, v in m { }'));
    expect(statementOf('try { } catch (e) { }')).toEqual(statementOf('try { } catch e { }'));
  });

  it('all forms of an arm are one', () => {
    const cases = statementOf('match a { case 1 { b() } case 2, 3 { c() } default { return } }');
    const forms = [
      'match a { case 1: b() case 2, 3: c() default: return }'.replaceAll(' case', '\ncase'),
      'match a { 1 => b(), 2, 3 => c(), _ => return }',
      'match a {\n1 => { b() }\n2, 3 => { c() };\ndefault => { return }\n}',
      'match (a) { case 1 => b(); case 2, 3 => c(); case _ => return }',
    ];
    for (const form of forms)
      expect(statementOf(form.replace('default', '\ndefault'))).toEqual(cases);
  });

  it('the parts of a `let`, a loop, a `try` and an `emit` are where they belong', () => {
    const name = (text: string): object => ({ name: text });
    expect(statementOf('const {a, if: b} = c')).toMatchObject({
      isConstant: true,
      pattern: {
        kind: 'map',
        names: [
          { key: name('a'), local: name('a') },
          { key: name('if'), local: name('b') },
        ],
      },
    });
    expect(statementOf('let [a, b,] = c')).toMatchObject({
      isConstant: false,
      pattern: { kind: 'list', names: [name('a'), name('b')] },
    });
    expect(statementOf('for each k, v in m { }')).toMatchObject({
      key: name('k'),
      value: name('v'),
    });
    expect(statementOf('for each v in m { }')).toMatchObject({ key: undefined, value: name('v') });
    expect(statementOf('try { a() } catch { b() }')).toMatchObject({
      error: undefined,
      handler: { statements: [{}] },
      cleanup: undefined,
    });
    expect(statementOf('try { a() } finally { b() }')).toMatchObject({
      handler: undefined,
      cleanup: { statements: [{}] },
    });
    expect(statementOf('emit E { a: 1, "b": 2 }')).toMatchObject({
      event: name('E'),
      names: [name('a'), name('b')],
      arguments: [{ value: 1n }, { value: 2n }],
    });
    expect(statementOf('emit("E", a)')).toMatchObject({ event: { value: 'E' }, value: name('a') });
  });

  it('a brace in the head of a block begins the block', () => {
    expect(statementOf('if x { a() }')).toMatchObject({ condition: { kind: 'name' } });
    expect(statementOf('if a == x { }')).toMatchObject({ condition: { right: { kind: 'name' } } });
    expect(statementOf('while x.y { }')).toMatchObject({ condition: { kind: 'member' } });
    expect(statementOf('for each k in m { }')).toMatchObject({ iterable: { kind: 'name' } });
    expect(statementOf('match v { case X { } }')).toMatchObject({
      subject: { kind: 'name' },
      arms: [{ patterns: [{ kind: 'name' }], body: { statements: [] } }],
    });
    expect(statementOf('if a ? b : c { }')).toMatchObject({ condition: { kind: 'conditional' } });
    expect(statementOf('if f(P{a: 1}) { b() }')).toMatchObject({
      condition: { arguments: [{ kind: 'construct' }] },
      otherwise: undefined,
    });
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
      pattern: { name: { name: word } },
    });
    expect(statementOf(`let [${word}] = a`)).toMatchObject({ kind: 'let' });
    expect(statementOf(`let {${word}} = a`)).toMatchObject({ kind: 'let' });
    expect(statementOf(`for each ${word} in ${word} { }`)).toMatchObject({ kind: 'forEach' });
    expect(statementOf(`try { } catch ${word} { }`)).toMatchObject({ kind: 'try' });
    expect(statementOf(`emit E { ${word}: ${word} }`)).toMatchObject({ kind: 'emit' });
    expect(statementOf(`match ${word} { ${word} => x = ${word}() }`)).toMatchObject({
      kind: 'match',
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
    for (const word of ['data', 'event', 'action', 'contract', 'state', 'view', 'ledger', 'tx']) {
      expect(bodyOf(`x = ${word}\nrequire y\n${word}\nlet z = 1`).statements).toHaveLength(4);
    }
  });
});
