import { describe, expect, it, test } from 'vitest';
import type { ContractDeclaration } from '../../src/syntax/ast.ts';
import { CONTEXTUAL_WORDS } from './arbitrary.ts';
import { codesOf, programOf, withoutSpans } from './support.ts';

function contractOf(members: string): ContractDeclaration {
  const { contracts } = programOf(`contract C {\n${members}\n}`);
  expect(contracts).toHaveLength(1);
  return contracts[0]!;
}

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
    'event E { from: address indexed; to indexed; value: integer; }',
  ])('%j', (text) => {
    const { events } = contractOf(text);
    expect(withoutSpans(events)).toEqual([{ name: { name: 'E' }, fields }]);
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
  action ${word}(${word}: ${word}, b) -> ${word} { }
}`);
    expect(contracts[0]).toMatchObject({ name: { name: word }, data: [{ name: { name: word } }] });
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
