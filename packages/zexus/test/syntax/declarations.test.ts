import { describe, expect, it, test } from 'vitest';
import { CONTEXTUAL_WORDS } from './arbitrary.ts';
import { codesOf, contractOf, inAction, programOf, shape, withoutSpans } from './support.ts';

const named = (name: string): object => ({ name: { name } });

function type(name: string, ...args: readonly object[]): object {
  return { name, arguments: args };
}

describe('data', () => {
  test.each([
    ['data x', undefined],
    ['data x;', undefined],
    ['data x: integer', type('integer')],
    ['data x: integer = 1 + 2', type('integer')],
    ['data x: map<address, bool>', type('map', type('address'), type('bool'))],
    [
      'data x: map<address, map<bytes32, uint8>>= {}',
      type('map', type('address'), type('map', type('bytes32'), type('uint8'))),
    ],
    ['data x: map<\n address,\n bool\n> = {}', type('map', type('address'), type('bool'))],
    ['data x: integer[]', type('list', type('integer'))],
    [
      'data x: map<address, Order[][]>[] = []',
      type('list', type('map', type('address'), type('list', type('list', type('Order'))))),
    ],
    ['data x: lib.Order', type('lib.Order')],
    ['data x: list<lib.Order> = []', type('list', type('lib.Order'))],
    ['private data x: integer', type('integer')],
    ['state x', undefined],
    ['state x: integer = 1', type('integer')],
    ['persistent storage x: map<address, bool> = {}', type('map', type('address'), type('bool'))],
    ['persistent storage x', undefined],
    ['ledger x: list<bytes> = []', type('list', type('bytes'))],
    ['ledger x', undefined],
    ['x: integer', type('integer')],
    ['x: integer = 1 + 2', type('integer')],
  ])('%s', (text, expected) => {
    const { data } = contractOf(text);
    expect(data).toHaveLength(1);
    expect(withoutSpans(data[0]!.type)).toEqual(expected);
    expect(data[0]!.initial === undefined).toBe(!text.includes('='));
  });

  it('several stand on lines of their own or behind semicolons', () => {
    expect(contractOf('data a = -1\ndata b = 5 * 2; data c\n data d = {}').data).toHaveLength(4);
    expect(codesOf('contract C { data a data b }')).toEqual(['EXPECTED_END']);
  });
});

describe('action', () => {
  test.each([
    ['action f() { }', []],
    ['view action f() { }', ['view']],
    ['action view f() { }', ['view']],
    ['action f() view { }', ['view']],
    ['action f() view -> integer { }', ['view']],
    ['action f() -> integer view { }', ['view']],
    ['private action payable f() view { }', ['private', 'payable', 'view']],
    ['inline sealed secure pure action f() { }', ['inline', 'sealed', 'secure', 'pure']],
    ['function f() { }', []],
    ['private function f() view { }', ['private', 'view']],
    ['function pure f() { }', ['pure']],
    ['public\naction f()\n  payable\n{ }', ['public', 'payable']],
  ])('%s', (text, modifiers) => {
    const [action] = contractOf(text).actions;
    expect(action).toMatchObject({ name: { name: 'f' }, modifiers });
  });

  it('a modifier before a bracket is the name', () => {
    expect(contractOf('action view() { }').actions[0]).toMatchObject({
      name: { name: 'view' },
      modifiers: [],
    });
    expect(contractOf('action private view() { }').actions[0]).toMatchObject({
      name: { name: 'view' },
      modifiers: ['private'],
    });
  });

  it('has a limit and modifiers of its own, around the result, on one line or several', () => {
    const parts = {
      modifiers: ['view'],
      applied: [{ ...named('onlyOwner'), arguments: [] }, named('onlyRole')],
      limit: { value: 500n },
    };
    for (const text of [
      'view action f(a) -> integer limit 500 onlyOwner onlyRole(a, 1) { }',
      'action f(a) limit 500 onlyOwner view onlyRole(a, 1) -> integer { }',
      'action f(a): integer modifier onlyOwner modifier onlyRole(a, 1) limit 500 view { }',
      'action f(a)\n  onlyOwner\n  view\n  onlyRole(a, 1)\n  limit 500\n  -> integer\n{ }',
      'view action f(a) -> integer onlyOwner onlyRole(a, 1) { limit(500) }',
    ]) {
      const [action] = contractOf(text).actions;
      expect(action).toMatchObject({ ...named('f'), ...parts, body: { statements: [] } });
      expect(action!.applied[1]!.arguments.map(shape)).toEqual(['a', '1']);
    }
    expect(contractOf('action f() modifier limit(5) modifier view { }').actions[0]).toMatchObject({
      limit: undefined,
      applied: [named('limit'), named('view')],
    });
  });

  it('`as` and a name stand among what is behind the parameters', () => {
    for (const text of [
      'view action f(a) -> integer as g onlyOwner { }',
      'action f(a) as g view onlyOwner -> integer { }',
      'action f(a)\n  onlyOwner\n  view\n  as g\n  -> integer\n{ }',
    ]) {
      expect(contractOf(text).actions, text).toMatchObject([
        { ...named('f'), exportedAs: { name: 'g' }, modifiers: ['view'] },
      ]);
    }
    expect(contractOf('action f() as as as { }').actions[0]).toMatchObject({
      exportedAs: { name: 'as' },
      applied: [named('as')],
    });
    expect(codesOf('contract C { action f() as g as h { } }')).toEqual(['MODIFIER_DUPLICATE']);
    expect(codesOf('contract C { action f() as 5 { } }')).not.toEqual([]);
  });

  it('a missing body is no reason to take the next member for a modifier', () => {
    for (const next of ['data x', 'x: integer', 'event E()', 'action g() { }', 'entity E { }']) {
      const text = `contract C {\n  action f()\n  ${next}\n}`;
      expect(codesOf(text), text).toEqual(['EXPECTED_ACTION_BODY']);
    }
  });

  it('has typed and untyped parameters and a result in two ways', () => {
    const [arrow, colon] = contractOf(
      'action f(to: address, amount) -> bool { }\naction g(a: map<b, c>,): bool { }',
    ).actions;
    expect(withoutSpans(arrow)).toMatchObject({
      parameters: [
        { name: { name: 'to' }, type: type('address') },
        { name: { name: 'amount' }, type: undefined },
      ],
      result: type('bool'),
    });
    expect(withoutSpans(colon?.result)).toEqual(type('bool'));
    expect(colon?.parameters).toHaveLength(1);
  });

  it('fallback and receive need no word before them', () => {
    const { actions } = contractOf('fallback(a: bytes) -> bytes { }\nreceive() { }\nreceive: bool');
    expect(actions).toMatchObject([named('fallback'), named('receive')]);
  });

  test.each(['action init(a: integer) { }', 'init(a: integer) { }', 'constructor(a: integer) { }'])(
    '%s is the constructor',
    (text) => {
      const { actions } = contractOf(text);
      expect(actions).toMatchObject([{ name: { name: 'init' }, parameters: [{}] }]);
    },
  );
});

describe('event', () => {
  const fields = [
    { name: { name: 'from' }, type: type('address'), indexed: true },
    { name: { name: 'to' }, type: undefined, indexed: true },
    { name: { name: 'value' }, type: type('integer'), indexed: false },
  ];

  test.each([
    'event E(from: address indexed, to indexed, value: integer)',
    'event E(\n  from: address indexed,\n  to indexed,\n  value: integer,\n);',
    'event E { from: address indexed, to indexed, value: integer }',
    'event E {\n  from: address indexed\n  to indexed\n  value: integer\n}',
    'event E(indexed from: address, indexed to, value: integer)',
    'event E(address indexed from, to indexed, value: integer)',
    'event E {\n  indexed from: address\n  indexed to;\n  value: integer\n}',
    'event E {\n  address indexed from\n  to indexed\n  value: integer\n}',
    'event E { from: address indexed; to indexed; value: integer; }',
  ])('%j', (text) => {
    const { events } = contractOf(text);
    expect(withoutSpans(events)).toEqual([{ name: { name: 'E' }, fields, isExported: false }]);
  });

  it('may be empty, and a field may be called indexed', () => {
    expect(contractOf('event A()\nevent B { }').events.map((event) => event.fields)).toEqual([
      [],
      [],
    ]);
    const [event] = contractOf('event E { a\nindexed: bool }').events;
    expect(event?.fields.map(({ name }) => name.name)).toEqual(['a', 'indexed']);
  });
});

describe('state { … }', () => {
  it('holds variables with and without types and values', () => {
    const { data } = contractOf(`state {
      a: 0, b = -1; c: f(x)[1]
      d: integer
      e: address = this,
      f: map<address, list<integer>> = {}, g: list<integer>, h: lib.Order[]
      i: x ? y : z
      j, k: "integer"
      l: integer[]; m: X, n: a < b
      o: [1, 2], p: {a: {b: 1}} }`);
    const lines = data.map(({ name, type: written, initial }) => {
      const value = initial === undefined ? '' : ` = ${shape(initial)}`;
      return `${name.name}: ${written?.name ?? '?'}${value}`;
    });
    expect(lines).toEqual([
      ...['a: ? = 0', 'b: ? = (-1)', 'c: ? = f(x)[1]', 'd: integer', 'e: address = this'],
      ...['f: map = {}', 'g: list', 'h: list', 'i: ? = (x ? y : z)', 'j: ?', 'k: ? = "integer"'],
      ...['l: list', 'm: ? = X', 'n: ? = (a < b)', 'o: ? = [1, 2]', 'p: ? = {"a": {"b": 1}}'],
    ]);
  });

  it('an empty one holds nothing, and several add up', () => {
    expect(contractOf('state { }\nstate { a: 1 }\nstate b\nstate { c: 2 }').data).toHaveLength(3);
  });
});

describe('errors, modifiers and constants', () => {
  it('errors have fields in brackets, in braces, or none', () => {
    const text = 'error A(a: address, b)\nerror B { a: address; b }\nerror C\nerror D();';
    expect(withoutSpans(contractOf(text).errors)).toEqual([
      {
        ...named('A'),
        isExported: false,
        fields: [
          { ...named('a'), type: type('address') },
          { ...named('b'), type: undefined },
        ],
      },
      {
        ...named('B'),
        isExported: false,
        fields: [
          { ...named('a'), type: type('address') },
          { ...named('b'), type: undefined },
        ],
      },
      { ...named('C'), isExported: false, fields: [] },
      { ...named('D'), isExported: false, fields: [] },
    ]);
  });

  it('modifiers have parameters or none, and a place for the action', () => {
    const { modifiers } = contractOf('modifier a { x(); _; y() }\nmodifier b(c: address, d) { _ }');
    expect(modifiers).toMatchObject([
      { ...named('a'), parameters: [], body: { statements: [{}, { kind: 'placeholder' }, {}] } },
      { ...named('b'), parameters: [{}, {}], body: { statements: [{ kind: 'placeholder' }] } },
    ]);
  });

  it('constants have a type or none', () => {
    const { constants } = contractOf('const A = 1 + 2\nconst B: address = this; const C = [1]');
    expect(constants.map(({ value }) => shape(value))).toEqual(['(1 + 2)', 'this', '[1]']);
    expect(withoutSpans(constants[1]!.type)).toEqual(type('address'));
  });
});

describe('entities and enums', () => {
  test.each(['entity', 'data'])('%s Name { … } is an entity', (word) => {
    const { entities } = contractOf(`${word} Order {
      id: integer, owner: address = this; note
      tags: list<string> = ["a",
        "b"]
      action total(n) -> integer { return n }
      private view action note() { }
    }`);
    expect(entities).toMatchObject([
      {
        ...named('Order'),
        fields: [named('id'), named('owner'), named('note'), named('tags')],
        actions: [named('total'), { ...named('note'), modifiers: ['private', 'view'] }],
      },
    ]);
  });

  it('enums have values or none', () => {
    const text = 'enum A { X, Y = 5, Z, }\nenum B {\n X\n Y = 1 + 2\n Z\n}\nenum C { }';
    const { enums } = contractOf(text);
    const members = enums.map((each) =>
      each.members.map(
        ({ name, value }) => `${name.name}${value === undefined ? '' : shape(value)}`,
      ),
    );
    expect(members).toEqual([['X', 'Y5', 'Z'], ['X', 'Y(1 + 2)', 'Z'], []]);
  });
});

describe('outside of contracts', () => {
  const uses = (text: string): unknown => withoutSpans(programOf(text).uses);
  const name = (text: string): object => ({ name: text });

  test.each(['use', 'import'])('%s takes a file whole, under a name, or some names', (word) => {
    expect(uses(`${word} "a.zx"\n${word} 'b.zx' as b; ${word} "from"`)).toEqual([
      { path: { text: 'a.zx' }, alias: undefined, names: undefined },
      { path: { text: 'b.zx' }, alias: name('b'), names: undefined },
      { path: { text: 'from' }, alias: undefined, names: undefined },
    ]);
    const some = [
      {
        path: { text: 'a.zx' },
        alias: undefined,
        names: [
          { name: name('a'), local: name('a') },
          { name: name('b'), local: name('c') },
        ],
      },
    ];
    expect(uses(`${word} { a, b as c } from "a.zx"`)).toEqual(some);
    expect(uses(`${word} {\n a\n b as c,\n} from "a.zx"`)).toEqual(some);
    expect(uses(`${word} a, b as c from "a.zx"`)).toEqual(some);
    expect(uses(`from "a.zx" ${word} { a, b as c }`)).toEqual(some);
    expect(uses(`from "a.zx" ${word} a, b as c`)).toEqual(some);
  });

  it('export stands before what it exports, or names it', () => {
    const { exports, ...program } = programOf(`
      export contract A { }
      export secure contract B { }
      secure contract C { }
      contract D { }
      export action e() { } action f() { }
      export private view function g() { }
      export entity H { } entity I { } export data J { }
      export enum K { } enum L { }
      export protocol M { } export interface N { } interface O { }
      export const P = 1; const Q = 2
      export let R: integer = 3
      export event T(a: integer); event U { b: bool }
      export error V
      error W(a: integer)
      export { s, t, }
      export u, v`);
    expect(exports.map((each) => each.name)).toEqual(['s', 't', 'u', 'v']);
    const exported = Object.values(program)
      .flat()
      .flatMap((each) => ('isExported' in each && each.isExported ? [each.name.name] : []));
    expect(exported.toSorted()).toEqual(
      [...'ABEGHJKMNPRTV']
        .map((each) => (/[EG]/.test(each) ? each.toLowerCase() : each))
        .toSorted(),
    );
    expect(program.functions.map((each) => each.modifiers)).toEqual([[], [], ['private', 'view']]);
  });

  it('protocols have actions without bodies', () => {
    const { protocols } = programOf(`protocol A {
      action a()
      view action b(x: address, y) -> integer
      action payable c(): bool; d(x) -> list<integer>
      private view e() payable
      function f() view -> lib.Order
    }
    interface B { a(), b() }`);
    expect(protocols).toMatchObject([
      {
        ...named('A'),
        actions: [
          { ...named('a'), result: undefined, modifiers: [] },
          { ...named('b'), result: type('integer'), modifiers: ['view'], parameters: [{}, {}] },
          { ...named('c'), result: type('bool'), modifiers: ['payable'] },
          { ...named('d'), result: { name: 'list' }, modifiers: [] },
          { ...named('e'), modifiers: ['private', 'view', 'payable'] },
          { ...named('f'), result: type('lib.Order'), modifiers: ['view'] },
        ],
      },
      { ...named('B'), actions: [named('a'), named('b')] },
    ]);
  });

  it('contracts implement protocols', () => {
    const { contracts } = programOf('contract C implements A, lib.B,\n D { }');
    expect(contracts[0]!.protocols.map((each) => each.name)).toEqual(['A', 'lib.B', 'D']);
  });

  it('a file may have no contract, but not nothing', () => {
    for (const text of [
      'use "a"',
      'const A = 1',
      'action f() { }',
      'export { a }',
      'enum E { A }',
    ]) {
      expect(codesOf(text), text).toEqual([]);
    }
    expect(codesOf('; ; # nothing')).toEqual(['EXPECTED_CONTRACT']);
  });

  it('what stands in the wrong place is one report', () => {
    for (const text of ['data x = 1', 'event', 'modifier m { }', 'x = 1', 'if a { b() }', '}']) {
      expect(codesOf(`${text}\ncontract C { }`), text).toEqual(['EXPECTED_CONTRACT']);
    }
    for (const text of ['use "a"', 'protocol P { }', 'export x', 'x + 1']) {
      expect(codesOf(`contract C {\n${text}\ndata x }`), text).toEqual(['EXPECTED_MEMBER']);
    }
    for (const text of ['use "a"', 'import "a"', 'export x']) {
      expect(codesOf(inAction(text)), text).toEqual(['EXPECTED_STATEMENT']);
    }
  });
});

describe('contract', () => {
  it('holds its members in any order, several in a file', () => {
    const { contracts } = programOf(
      '# a\ncontract A { action f() { } data x; event E() }\n// b\n\ncontract B { } contract D { }\n',
    );
    expect(contracts.map(({ name }) => name.name)).toEqual(['A', 'B', 'D']);
    expect(contracts[0]).toMatchObject({ data: [{}], actions: [{}], events: [{}] });
  });

  test.each(CONTEXTUAL_WORDS)('%s is a name of everything', (word) => {
    const { contracts } = programOf(`contract ${word} {
  data ${word}: ${word}
  event ${word}(${word}: ${word} indexed)
  error ${word}(${word}: ${word})
  modifier ${word}(${word}) { _ }
  entity ${word} { ${word}: ${word}; x: ${word} = ${word} }
  enum ${word} { ${word}, b = ${word} }
  const ${word} = 1
  state ${word}
  state { ${word}: 1, b: 2 }
  ledger ${word}
  persistent storage ${word}: ${word}
  ${word}: ${word} = ${word}
  action ${word}(${word}: ${word}, b) -> ${word} modifier ${word} { }
}
protocol ${word} { action ${word}(${word}) -> ${word}; ${word}() }
use { ${word}, a as ${word} } from "x"
use "x" as ${word}
action ${word}(${word}) { }
const ${word} = 1
export { ${word} }`);
    expect(contracts[0]).toMatchObject(named(word));
    const names = contracts[0]!.data.map(({ name }) => name.name);
    expect(names).toEqual([word, word, word, 'b', word, word, word]);
    expect(contracts[0]!.actions).toMatchObject([{ name: { name: word }, parameters: [{}, {}] }]);
  });

  it('spans its text', () => {
    const text = ' contract A { data x = (1) ; action f() { } event E { a } } ';
    const [contract] = programOf(text).contracts;
    const cut = ({ span }: { readonly span: { start: number; end: number } }): string =>
      text.slice(span.start, span.end);
    expect(cut(contract!)).toBe(text.trim());
    expect(cut(contract!.data[0]!)).toBe('data x = (1)');
    expect(cut(contract!.actions[0]!)).toBe('action f() { }');
    expect(cut(contract!.events[0]!)).toBe('event E { a }');
    expect(cut(contract!.name)).toBe('A');
  });
});

test('every kind of blank and comment is skipped', () => {
  const text =
    '\ufeff# hash\r\n// slashes\r/* a /* nested */ b */contract/**/C\t{data x# to the end\ndata y}';
  expect(programOf(text).contracts[0]!.data).toHaveLength(2);
});
