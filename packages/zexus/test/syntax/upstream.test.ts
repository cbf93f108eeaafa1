import { describe, expect, it, test } from 'vitest';
import {
  bodyOf,
  codesOf,
  contractOf,
  expressionOf,
  inAction,
  programOf,
  shape,
  statementOf,
} from './support.ts';

// What upstream's two parsers get wrong, one test each: what was written there must mean here what it
// says, or be an error that tells what to write.

const shapeOf = (text: string): string => shape(expressionOf(text));
const named = (name: string): object => ({ name: { name } });

describe('values', () => {
  test('unary minus swallows the rest of the operands', () => {
    expect(shapeOf('-a + 2')).toBe('((-a) + 2)');
    expect(shapeOf('-7 % 3')).toBe('((-7) % 3)');
    expect(shapeOf('-a * b - c')).toBe('(((-a) * b) - c)');
  });

  test('an operator before a unary minus is dropped', () => {
    expect(shapeOf('3 - -2')).toBe('(3 - (-2))');
    expect(shapeOf('2**-1')).toBe('(2 ** (-1))');
    expect(shapeOf('2 ** -1 * 3')).toBe('((2 ** (-1)) * 3)');
  });

  test('a list literal at the beginning drops the operators behind it', () => {
    expect(shapeOf('[1,2]+[3]')).toBe('([1, 2] + [3])');
    expect(shapeOf('[1][0] == 1 && true')).toBe('(([1][0] == 1) && true)');
  });

  test('&& and || have one precedence', () => {
    expect(shapeOf('true || true && false')).toBe('(true || (true && false))');
    expect(shapeOf('false && true || true')).toBe('((false && true) || true)');
  });

  test('** groups to the left', () => {
    expect(shapeOf('2**3**2')).toBe('(2 ** (3 ** 2))');
  });

  test('there is no `not` (R-021)', () => {
    expect(shapeOf('not a && b')).toBe('((!a) && b)');
  });

  test('1e3 is 1 and then e3', () => {
    expect(codesOf(inAction('x = 1e3'))).toEqual(['NUMBER_INVALID']);
  });

  test('there are no hex literals', () => {
    expect(expressionOf('0xAb')).toMatchObject({ kind: 'hex', text: '0xAb' });
  });

  test('1. is a float', () => {
    expect(codesOf(inAction('x = 1.'))).toEqual(['FLOAT_FORBIDDEN']);
    expect(shapeOf('1.max(2)')).toBe('1.max(2)');
  });

  test('any other character is a name', () => {
    expect(codesOf(inAction('x = 😀'))).toEqual(['CHARACTER_UNEXPECTED']);
  });

  test('an unknown escape is the character', () => {
    expect(codesOf(inAction('x = "\\d"'))).toEqual(['STRING_ESCAPE']);
  });

  test('numeric keys of a map become strings (R-037)', () => {
    expect(shapeOf('{1: a, "1": b, c: d}')).toBe('{1: a, "1": b, "c": d}');
  });

  test('a call of a sibling through `self` works the first time only (R-028)', () => {
    const { statements } = bodyOf('self.f()\nself.f()\nthis.f()');
    expect(statements.map((each) => each.kind === 'expression' && shape(each.expression))).toEqual([
      ...['this.f()', 'this.f()', 'this.f()'],
    ]);
  });

  test('a push behind a write to a map is lost (R-015)', () => {
    const { statements } = bodyOf('m["a"] = []\nm["a"].push(1)\nm["a"]["b"]["c"] = 2');
    expect(statements.map(({ kind }) => kind)).toEqual(['assign', 'expression', 'assign']);
  });

  test('a match with arrows is the only one that runs', () => {
    expect(shapeOf('match v { 1 => a, _ => b }')).toBe('match v {1 => a; _ => b}');
    expect(shapeOf('match v { case 1: a; default: b }')).toBe('match v {1 => a; _ => b}');
  });
});

describe('statements', () => {
  test('+= as the first statement of a loop is no statement (R-021)', () => {
    const assignment = { kind: 'assign', operator: '+=' };
    for (const head of ['while i < 3', 'for each i in list', 'if i < 3', 'tx']) {
      const block = statementOf(`${head} { i += 1 }`);
      const part = head.startsWith('if') ? 'then' : 'body';
      expect(block).toHaveProperty([part, 'statements', 0, 'kind'], assignment.kind);
      expect(block).toHaveProperty([part, 'statements', 0, 'operator'], assignment.operator);
    }
  });

  test('the bodies of `case` never run (R-027)', () => {
    const text = 'match v {\n case 1 { a() }\n case 2: b()\n default { c() }\n}';
    expect(statementOf(text)).toMatchObject({
      kind: 'match',
      arms: [
        { patterns: [{ value: 1n }], body: { statements: [{}] } },
        { patterns: [{ value: 2n }], body: { statements: [{}] } },
        { patterns: undefined, body: { statements: [{}] } },
      ],
    });
  });

  test('for x in list fails', () => {
    expect(statementOf('for x in list { }')).toEqual(statementOf('for each x in list { }'));
  });

  test('for each k, v takes one name', () => {
    expect(statementOf('for each k, v in m { }')).toMatchObject({
      key: { name: 'k' },
      value: { name: 'v' },
    });
  });

  test('a loop in three parts runs its body once', () => {
    expect(codesOf(inAction('for (let i = 0; i < 3; i += 1) { x = i }'))).toEqual(['UNSUPPORTED']);
    expect(codesOf(inAction('for (;;) { x = 1 }'))).toEqual(['UNSUPPORTED']);
  });

  test('emit with named fields makes the rest of the action vanish', () => {
    const { statements } = bodyOf('emit Approval { owner: "a" }\nx = 1\nreturn x');
    expect(statements.map(({ kind }) => kind)).toEqual(['emit', 'assign', 'return']);
  });

  test('revert is no statement', () => {
    expect(bodyOf('revert("no")\nx = 778').statements.map(({ kind }) => kind)).toEqual([
      ...['revert', 'assign'],
    ]);
  });

  test('an assignment in brackets or a nested index is lost (R-009)', () => {
    expect(bodyOf('m[a][b][c] = 1\nthis.m["k"] += 2').statements).toHaveLength(2);
  });

  test('a line that begins with a bracket goes on with the line before', () => {
    expect(bodyOf('let a = b\n[1, 2].push(3)\n(c).d()').statements).toHaveLength(3);
  });

  test('block by indentation half works', () => {
    expect(codesOf(inAction('if x:\n  y = 1'))).toEqual(['UNSUPPORTED']);
  });
});

describe('declarations', () => {
  test('an initial value is one token', () => {
    const { data } = contractOf(`state t = 5 * 2
      state u = -1
      persistent storage m = {}
      data v = f(1)[2].w ?? [3]
      ledger l = {a: {b: [1]}}
      w: integer = (1 + 2) * 3`);
    expect(data.map(({ initial }) => shape(initial!))).toEqual([
      ...['(5 * 2)', '(-1)', '{}', '(f(1)[2].w ?? [3])', '{"a": {"b": [1]}}', '((1 + 2) * 3)'],
    ]);
  });

  test('state { … } with several fields has null in lists and maps (R-022)', () => {
    const { data } = contractOf('state {\n  a: 0\n  b: []\n  c: {x: 1}\n  d = "s"\n}');
    expect(data.map(({ name, initial }) => `${name.name} ${shape(initial!)}`)).toEqual([
      ...['a 0', 'b []', 'c {"x": 1}', 'd "s"'],
    ]);
  });

  test('the types of parameters are parameters', () => {
    const [action] = contractOf('action t(to: string, amount: integer) { }').actions;
    expect(action!.parameters).toMatchObject([
      { ...named('to'), type: { name: 'string' } },
      { ...named('amount'), type: { name: 'integer' } },
    ]);
  });

  test('a function in a contract is no action', () => {
    expect(contractOf('function f(a) { return a }').actions).toMatchObject([named('f')]);
  });

  test('a modifier behind `action` is its name', () => {
    expect(contractOf('action pure f() { }').actions).toMatchObject([
      { ...named('f'), modifiers: ['pure'] },
    ]);
  });

  test('modifiers of one’s own, limits and privacy are parsed and forgotten', () => {
    const text = 'modifier only { _ }\nprivate action f() limit 500 only { }';
    expect(contractOf(text)).toMatchObject({
      modifiers: [named('only')],
      actions: [{ modifiers: ['private'], limit: { value: 500n }, applied: [named('only')] }],
    });
  });

  test('limit(500) in an action is an unknown name', () => {
    expect(contractOf('action f() { limit(500); x = 1 }').actions[0]).toMatchObject({
      limit: { value: 500n },
      body: { statements: [{ kind: 'assign' }] },
    });
    // A limit that comes after the fact, is computed, or is the second one, is a call.
    for (const body of ['x = 1; limit(500)', 'limit(x)', 'limit(1, 2)']) {
      const [action] = contractOf(`action f() { ${body} }`).actions;
      expect(action).toMatchObject({ limit: undefined });
    }
    const [twice] = contractOf('action f() limit 1 { limit(2) }').actions;
    expect(twice).toMatchObject({ limit: { value: 1n }, body: { statements: [{}] } });
  });

  test('parameters of a contract are not understood', () => {
    expect(codesOf('contract Token(supply) { data x }')).toEqual(['UNSUPPORTED']);
  });

  test('a contract without `name` gets one', () => {
    expect(contractOf('data x').data).toHaveLength(1);
  });

  test('a constructor loses its parameters', () => {
    expect(contractOf('constructor(a, b: integer) { }').actions).toMatchObject([
      { ...named('init'), parameters: [named('a'), named('b')] },
    ]);
  });

  test('from, to and data cannot be names', () => {
    const { data, actions } = contractOf(`data from
      data data: integer
      to: address
      action f(from, to, data) { data[from] = to.from; let data = from }`);
    expect(data.map(({ name }) => name.name)).toEqual(['from', 'data', 'to']);
    expect(actions[0]!.parameters).toHaveLength(3);
    expect(actions[0]!.body.statements).toHaveLength(2);
  });

  test('names cannot be imported one by one', () => {
    expect(programOf('use { a, b as c } from "x"\nfrom "y" use { d }').uses).toHaveLength(2);
  });

  it('semicolons may be left out, and may stand anywhere', () => {
    const lines = ['data a = 1', 'event E()', 'action f() { x = 1', 'return x }'];
    for (const separator of ['\n', ';', ';\n', '\n;;\n']) {
      const { data, events, actions } = contractOf(lines.join(separator));
      expect([data.length, events.length, actions[0]!.body.statements.length]).toEqual([1, 1, 2]);
    }
  });
});
