import { describe, expect, it } from 'vitest';
import {
  Address,
  Closure,
  Dictionary,
  keyText,
  List,
  type Scalar,
  type Value,
} from '../../src/vm/value.ts';
import { type Line, list, loads, map, testCases } from './opcode-cases.ts';
import { account, evaluateLines, panicCode } from './support.ts';

const ALICE = new Address(account(1));

const dictionary = (...entries: readonly (readonly [Scalar, Value])[]): Dictionary => {
  const made = new Dictionary();
  for (const [key, value] of entries) made.entries.set(keyText(key), { key, value });
  return made;
};

/** A list with something in it, a key and a value on top of the same list. */
const stored = (object: readonly Line[], key: Value, value: Value): Line[] => [
  ...object,
  ['DUP'],
  ...loads([key, value]),
];

testCases({
  BUILD_LIST: [
    { stack: [1, 'a'], operands: [2], result: new List([1, 'a']), gas: 5 + 2 + 2 * 3 },
    { operands: [0], result: new List([]), gas: 5 },
    { given: list(1), operands: [1], result: new List([new List([1])]), gas: 5 + 1 + 3 },
  ],
  BUILD_MAP: [
    { stack: ['a', 1], operands: [1], result: dictionary(['a', 1]), gas: 5 + 2 + 3 + 3 },
    { operands: [0], result: new Dictionary(), gas: 5 },
    {
      stack: [7, 1, '7', 2, 7, 3],
      operands: [3],
      result: dictionary([7, 3], ['7', 2]),
      gas: 5 + 6 + 9 + 3,
    },
    {
      stack: [ALICE, 1, true, 2],
      operands: [2],
      result: dictionary([ALICE, 1], [true, 2]),
      gas: 15,
    },
    { stack: ['k'.repeat(33), 1], operands: [1], gas: 5 + 2 + 3 + 6 },
    { stack: [new Uint8Array(64), 1], operands: [1], gas: 5 + 2 + 3 + 6 },
    { stack: [null, 1], operands: [1], panic: 0x01 },
    { given: [...list(), ...loads([1])], operands: [1], panic: 0x01 },
  ],
  BUILD_SET: [
    {
      stack: [1, '1', 1, true],
      operands: [4],
      result: new List([1, '1', true]),
      gas: 5 + 4 + 12 + 3,
    },
    { stack: [null, null], operands: [2], result: new List([null]), gas: 5 + 2 + 6 },
    {
      given: [...list(1), ...list(1), ...list(2)],
      operands: [3],
      result: new List([new List([1]), new List([2])]),
      // Two comparisons, in each of which one item is looked at.
      gas: 5 + 3 + 9 + 2 * (3 + 3),
    },
  ],
  INDEX: [
    { given: [...list(7, 8), ...loads([1])], result: 8, gas: 3 },
    { given: [...list(7, 8), ...loads([2])], result: null, gas: 3 },
    { given: [...list(7, 8), ...loads([-1])], result: null, gas: 3 },
    { given: [...list(7, 8), ...loads([2n ** 70n])], result: null, gas: 3 },
    { given: [...map('a', 1), ...loads(['a'])], result: 1, gas: 3 + 3 },
    { given: [...map('a', 1), ...loads(['b'])], result: null, gas: 3 + 3 },
    { given: [...map(1, 2), ...loads([1])], result: 2, gas: 3 },
    { stack: ['a🦊b', 1], result: '🦊', gas: 3 + 3 },
    { stack: ['a🦊b', 2], result: 'b', gas: 3 + 3 },
    { stack: ['a🦊b', 3], result: null, gas: 3 + 3 },
    { stack: ['', 0], result: null, gas: 3 },
    { stack: [new Uint8Array([5, 6]), 1], result: 6, gas: 3 },
    { stack: [new Uint8Array([5, 6]), 2], result: null, gas: 3 },
    { given: [...list(7), ...loads(['0'])], panic: 0x01 },
    { given: [...map('a', 1), ...loads([null])], panic: 0x01 },
    { given: [...map('a', 1), ...list()], panic: 0x01 },
    { stack: ['text', 'a'], panic: 0x01 },
    { stack: [null, 1], panic: 0x01 },
    { stack: [ALICE, 1], panic: 0x01 },
    { given: [['MAKE_CLOSURE', 0, 0], ...loads([1])], panic: 0x01 },
    { given: [['STATE_READ', 'items'], ...loads([0])], result: null, gas: 3 + 2_100 },
  ],
  STORE_INDEX: [
    { given: stored(list(7, 8), 1, 'new'), result: new List([7, 'new']), gas: 5 },
    { given: stored(map('a', 1), 'a', 2), result: dictionary(['a', 2]), gas: 5 + 3 },
    { given: stored(map('a', 1), 'b', 2), result: dictionary(['a', 1], ['b', 2]), gas: 5 + 3 + 3 },
    { given: stored(list(7), 1, 0), panic: 0x32 },
    { given: stored(list(7), -1, 0), panic: 0x32 },
    { given: stored(list(), 0, 0), panic: 0x32 },
    { given: stored(list(7), 'a', 0), panic: 0x01 },
    { given: stored(map(), null, 0), panic: 0x01 },
    { stack: ['text', 0, 'T'], panic: 0x01 },
    { stack: [new Uint8Array(3), 0, 1], panic: 0x01 },
    { stack: [null, 0, 1], panic: 0x01 },
  ],
  SLICE: [
    { given: [...list(1, 2, 3, 4), ...loads([1, 3])], result: new List([2, 3]), gas: 5 + 2 * 3 },
    { given: [...list(1, 2, 3), ...loads([null, null])], result: new List([1, 2, 3]), gas: 14 },
    { given: [...list(1, 2, 3), ...loads([-5, 99])], result: new List([1, 2, 3]), gas: 14 },
    { given: [...list(1, 2, 3), ...loads([2, 1])], result: new List([]), gas: 5 },
    { stack: ['a🦊bc', 1, 3], result: '🦊b', gas: 5 + 3 + 3 },
    { stack: ['abc', 3, null], result: '', gas: 5 + 3 },
    { stack: ['', null, null], result: '', gas: 5 },
    { stack: [new Uint8Array([1, 2, 3]), 1, null], result: new Uint8Array([2, 3]), gas: 5 + 3 },
    { given: [['STATE_READ', 'items'], ...loads([0, 5])], result: new List([]), gas: 5 + 2_100 },
    { stack: [5, 0, 1], panic: 0x01 },
    { stack: ['abc', 'a', null], panic: 0x01 },
    { given: [...map(), ...loads([0, 1])], panic: 0x01 },
    { given: [['STATE_READ', 'scores'], ...loads([0, 1])], panic: 0x01 },
  ],
  GET_ATTR: [
    { given: [...map('name', 'value'), ...loads(['name'])], result: 'value', gas: 3 + 3 },
    { given: [...map('name', 'value'), ...loads(['other'])], result: null, gas: 3 + 3 },
    { given: [['STATE_READ', 'balances'], ...loads(['a'])], result: 0, gas: 3 + 48 + 2_100 },
    { given: [...map(1, 2), ...loads([1])], panic: 0x01 },
    { given: [...list(1), ...loads(['length'])], panic: 0x01 },
    { given: [['STATE_READ', 'items'], ...loads(['length'])], panic: 0x01 },
    { stack: [null, 'name'], panic: 0x01 },
  ],
  ITERATE: [
    { given: list(1), gas: 5 },
    { given: map(1, 2), gas: 5 },
    { stack: ['text'], gas: 5 },
    { stack: [new Uint8Array(2)], gas: 5 },
    { given: [['STATE_READ', 'items']], gas: 5 },
    { given: [['STATE_READ', 'scores']], gas: 5 },
    { stack: [5], panic: 0x01 },
    { stack: [null], panic: 0x01 },
    { stack: [ALICE], panic: 0x01 },
    { given: [['STATE_READ', 'balances']], panic: 0x01 },
    { given: [['MAKE_CLOSURE', 0, 0]], panic: 0x01 },
  ],
  MAKE_CLOSURE: [
    { stack: [21], operands: [0, 1], result: new Closure(0, [21]), gas: 5 + 1 + 3 },
    { operands: [0, 0], result: new Closure(0, []), gas: 5 },
  ],
});

/** Puts what a loop visits into a text: `key=value;` of pairs, `item;` of items. */
function walk(
  object: readonly Line[],
  name: 'ITER_NEXT' | 'ITER_NEXT_PAIR',
  body: readonly Line[],
) {
  const start = object.length + 3;
  const behind: Line[] =
    name === 'ITER_NEXT'
      ? [['STORE_NAME', 'v'], ['LOAD_NAME', 'out'], ['LOAD_NAME', 'v'], ['ADD']]
      : [
          ['STORE_NAME', 'v'],
          ['STORE_NAME', 'k'],
          ['LOAD_NAME', 'out'],
          ['LOAD_NAME', 'k'],
          ['ADD'],
          ['LOAD_CONST', '='],
          ['ADD'],
          ['LOAD_NAME', 'v'],
          ['ADD'],
        ];
  const loop: Line[] = [...behind, ['LOAD_CONST', ';'], ['ADD'], ['STORE_NAME', 'out'], ...body];
  return evaluateLines([
    ...object,
    ['ITERATE'],
    ['LOAD_CONST', ''],
    ['STORE_NAME', 'out'],
    [name, start + 1 + loop.length + 1],
    ...loop,
    ['JUMP', start],
    ['LOAD_NAME', 'out'],
    ['RETURN'],
  ]);
}

describe('ITER_NEXT', () => {
  it.each([
    ['a list', list(1, 'a', null), '1;a;null;'],
    ['a map', map('a', 1, 7, 'b'), 'a;7;'],
    ['a text', loads(['a🦊b']), 'a;🦊;b;'],
    ['bytes', loads([new Uint8Array([1, 255])]), '1;255;'],
    ['nothing', list(), ''],
    ['an empty map', map(), ''],
    ['an empty text', loads(['']), ''],
  ])('walks over %s', (_what, object, expected) => {
    const { value, halt } = walk(object, 'ITER_NEXT', []);
    expect(halt).toBeUndefined();
    expect(value).toBe(expected);
  });

  it('costs 5 a step and once more at the end; a code point is made', () => {
    const empty = (lines: readonly Line[]) => {
      const start = lines.length + 1;
      const code = [['ITERATE'], ['ITER_NEXT', start + 3], ['POP'], ['JUMP', start]] as const;
      return evaluateLines([...lines, ...code, ...loads([1]), ['RETURN']]).gas;
    };
    const made = evaluateLines([...list(1, 2, 3), ['RETURN']]).gas - 2;
    expect(empty(list(1, 2, 3)) - made).toBe(5 + 4 * 5 + 3 * (1 + 2) + 1 + 2);
    expect(empty(loads(['äb']))).toBe(1 + 5 + 3 * 5 + 2 * (3 + 1 + 2) + 1 + 2);
  });

  it('visits what is added on the way, also behind the end that was', () => {
    const body: Line[] = [
      ['LOAD_NAME', 'm'],
      ['LOAD_CONST', 'c'],
      ['LOAD_CONST', 3],
      ['STORE_INDEX'],
    ];
    const object: Line[] = [...map('a', 1, 'b', 2), ['STORE_NAME', 'm'], ['LOAD_NAME', 'm']];
    expect(walk(object, 'ITER_NEXT', body).value).toBe('a;b;c;');
  });
});

describe('ITER_NEXT_PAIR', () => {
  it.each([
    ['a list', list('x', 'y'), '0=x;1=y;'],
    ['a map', map('a', 1, 7, 'b'), 'a=1;7=b;'],
    ['a text', loads(['a🦊']), '0=a;1=🦊;'],
    ['bytes', loads([new Uint8Array([9])]), '0=9;'],
  ])('walks over %s', (_what, object, expected) => {
    expect(walk(object, 'ITER_NEXT_PAIR', []).value).toBe(expected);
  });

  it('nests: the outer iterator waits below the inner one', () => {
    const { value } = evaluateLines([
      ...list(1, 2),
      ['ITERATE'],
      ['ITER_NEXT_PAIR', 18],
      ...list(10, 20),
      ['ITERATE'],
      ['ITER_NEXT', 15],
      ['LOAD_NAME', 'sum'],
      ['ADD'],
      ['STORE_NAME', 'sum'],
      ['JUMP', 9],
      ['NOP'],
      ['POP'],
      ['POP'],
      ['JUMP', 4],
      ['LOAD_NAME', 'sum'],
      ['RETURN'],
    ]);
    expect(value).toBe(60);
  });
});

describe('values nested too deep', () => {
  const nested = (levels: number): Line[] => [
    ...list(),
    ...Array.from({ length: levels - 1 }, (): Line => ['BUILD_LIST', 1]),
  ];
  const itself: Line[] = [
    ...list(0),
    ['DUP'],
    ['STORE_NAME', 'l'],
    ...loads([0]),
    ['LOAD_NAME', 'l'],
    ['STORE_INDEX'],
    ['LOAD_NAME', 'l'],
  ];
  const text = (object: readonly Line[]) =>
    evaluateLines([...object, ...loads(['']), ['ADD'], ['RETURN']]);
  const compared = (one: readonly Line[], other: readonly Line[]) =>
    evaluateLines([...one, ...other, ['EQ'], ['RETURN']]);

  it('have a text to 32 levels', () => {
    expect(text(nested(32)).value).toBe(`${'['.repeat(32)}${']'.repeat(32)}`);
    expect(panicCode(text(nested(33)))).toBe(0x41);
    expect(panicCode(text(itself))).toBe(0x41);
  });

  it('are compared to 32 levels', () => {
    expect(compared(nested(32), nested(32)).value).toBe(true);
    expect(panicCode(compared(nested(33), nested(33)))).toBe(0x41);
    expect(
      panicCode(
        compared(
          itself,
          itself.map((line) => (line[1] === 'l' ? [line[0], 'm'] : line)),
        ),
      ),
    ).toBe(0x41);
  });

  it('are paid for each time that they are looked at', () => {
    // 2ⁿ items from n lists: what is shared is walked over as often as it is found.
    const doubled = [
      ...list(),
      ...Array.from({ length: 20 }, (): Line[] => [['DUP'], ['BUILD_LIST', 2]]).flat(),
    ];
    const { halt } = evaluateLines([...doubled, ...loads(['']), ['ADD'], ['RETURN']], undefined, {
      gas: 1_000_000,
    });
    expect(halt).toMatchObject({ code: 'OUT_OF_GAS' });
  });
});

describe('functions', () => {
  const closure: Line[] = [['MAKE_CLOSURE', 0, 0]];

  it('are equal to themselves only', () => {
    expect(evaluateLines([...closure, ['DUP'], ['EQ'], ['RETURN']]).value).toBe(true);
    expect(evaluateLines([...closure, ...closure, ['EQ'], ['RETURN']]).value).toBe(false);
  });

  it.each([
    ['have no text', [...closure, ...loads(['']), ['ADD']]],
    ['have no text in a list', [...closure, ['BUILD_LIST', 1], ...loads(['']), ['ADD']]],
    ['are no keys', [...closure, ...loads([1]), ['BUILD_MAP', 1]]],
    ['have no order', [...closure, ...closure, ['LT']]],
    ['are no numbers', [...closure, ...loads([1]), ['ADD']]],
    ['cannot be stored', [...closure, ['STATE_WRITE', 'text'], ...loads([1])]],
  ] as const)('%s', (_what, lines) => {
    expect(panicCode(evaluateLines([...(lines as readonly Line[]), ['RETURN']]))).toBe(0x01);
  });
});

describe('what a run makes', () => {
  const GAS = 50_000_000;

  it('is bounded whatever its gas: 64 MiB, 32 bytes for each item', () => {
    const doubling: Line[] = [
      ...list(1),
      ['STORE_NAME', 'l'],
      ['LOAD_NAME', 'l'],
      ['LOAD_NAME', 'l'],
      ['ADD'],
      ['STORE_NAME', 'l'],
      ['JUMP', 3],
    ];
    const grown = evaluateLines(doubling, undefined, { gas: GAS });
    expect(panicCode(grown)).toBe(0x41);
    expect(grown.gas).toBeLessThan(3 * 2 ** 22 * 1.01);
  });

  it('does not count what is only looked at', () => {
    // As many visits as there may be items, and one more.
    const walking: Line[] = [
      ...list(...Array.from({ length: 64 }, (_, index) => index)),
      ['STORE_NAME', 'l'],
      ...list(...Array.from({ length: 64 }, (_, index) => index)),
      ['STORE_NAME', 'm'],
      ['LOAD_NAME', 'i'],
      ['LOAD_CONST', 1],
      ['ADD'],
      ['STORE_NAME', 'i'],
      ['LOAD_NAME', 'l'],
      ['LOAD_NAME', 'm'],
      ['EQ'],
      ['POP'],
      ['LOAD_NAME', 'i'],
      ['LOAD_CONST', 2 ** 15 + 1],
      ['LT'],
      ['JUMP_IF_TRUE', 132],
      ['LOAD_CONST', 'done'],
      ['RETURN'],
    ];
    expect(evaluateLines(walking, undefined, { gas: GAS }).value).toBe('done');
  });
});
