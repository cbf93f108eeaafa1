import { describe, expect, it } from 'vitest';
import { Failure, Revert } from '../../src/vm/halt.ts';
import { List } from '../../src/vm/value.ts';
import { type Line, list, loads, map } from './opcode-cases.ts';
import { evaluateLines, MemoryHost, panicCode, revertText } from './support.ts';

describe('JUMP', () => {
  it('JUMP goes on elsewhere for 2', () => {
    const { value, gas } = evaluateLines([
      ['JUMP', 3],
      ['LOAD_CONST', 'skipped'],
      ['RETURN'],
      ['LOAD_CONST', 'reached'],
      ['RETURN'],
    ]);
    expect({ value, gas }).toEqual({ value: 'reached', gas: 2 + 1 + 2 });
  });
});

/** What a jump on a condition makes of it: `jumped` or `went on`. */
const branch = (name: string, condition: readonly Line[]) =>
  evaluateLines([
    ...condition,
    [name, condition.length + 3],
    ['LOAD_CONST', 'went on'],
    ['RETURN'],
    ['LOAD_CONST', 'jumped'],
    ['RETURN'],
  ]);

const CONDITIONS: readonly (readonly [what: string, condition: readonly Line[], truth: boolean])[] =
  [
    ['true', loads([true]), true],
    ['false', loads([false]), false],
    ['0', loads([0]), false],
    ['7', loads([7]), true],
    ['a text', loads(['x']), true],
    ['no text', loads(['']), false],
    ['null', loads([null]), false],
    ['no bytes', loads([new Uint8Array(0)]), false],
    ['a list', list(0), true],
    ['an empty list', list(), false],
    ['a map', map(1, 0), true],
    ['an empty map', map(), false],
    ['a function', [['MAKE_CLOSURE', 0, 0]], true],
    ['an empty list of the state', [['STATE_READ', 'items']], false],
  ];

describe('JUMP_IF_FALSE', () => {
  it.each(CONDITIONS)('of %s', (_what, condition, truth) => {
    expect(branch('JUMP_IF_FALSE', condition).value).toBe(truth ? 'went on' : 'jumped');
  });

  it('costs 3', () => {
    expect(branch('JUMP_IF_FALSE', loads([0])).gas).toBe(1 + 3 + 1 + 2);
    expect(branch('JUMP_IF_FALSE', [['STATE_READ', 'items']]).gas).toBe(2_100 + 3 + 1 + 2);
  });

  it('panics for a map of the state that has no length', () => {
    expect(panicCode(branch('JUMP_IF_FALSE', [['STATE_READ', 'balances']]))).toBe(0x01);
  });
});

describe('JUMP_IF_TRUE', () => {
  it.each(CONDITIONS)('of %s', (_what, condition, truth) => {
    expect(branch('JUMP_IF_TRUE', condition).value).toBe(truth ? 'jumped' : 'went on');
  });

  it('costs 3', () => {
    expect(branch('JUMP_IF_TRUE', loads([1])).gas).toBe(1 + 3 + 1 + 2);
  });
});

describe('RETURN', () => {
  it('gives the top and forgets what is below for 2', () => {
    const { value, gas } = evaluateLines([...loads(['below', 'top']), ['RETURN']]);
    expect({ value, gas }).toEqual({ value: 'top', gas: 2 + 2 });
  });
});

describe('REVERT', () => {
  it.each([
    ['why', '08c379a0'],
    [null, ''],
    [12, '08c379a0'],
  ])('ends with %s', (message, selector) => {
    const { halt, gas } = evaluateLines([...loads([message]), ['REVERT']]);
    expect(halt).toBeInstanceOf(Revert);
    const { data, reason } = halt as Revert;
    expect(Buffer.from(data.subarray(0, 4)).toString('hex')).toBe(selector);
    expect(reason).toBe(message === null ? undefined : String(message));
    expect(gas).toBe(1 + 5 + (message === null ? 0 : 3));
  });
});

describe('REQUIRE', () => {
  it('reverts with the message when the condition is false', () => {
    const { halt, gas } = evaluateLines([
      ...loads([0, 'no']),
      ['REQUIRE'],
      ...loads([1]),
      ['RETURN'],
    ]);
    expect((halt as Revert).reason).toBe('no');
    expect(gas).toBe(2 + 5 + 3);
    const silent = evaluateLines([...loads([0, null]), ['REQUIRE'], ...loads([1]), ['RETURN']]);
    expect((silent.halt as Revert).data.length).toBe(0);
  });
});

describe('registers and variables', () => {
  it('STORE_NAME changes the variable, not the values loaded before', () => {
    const { value } = evaluateLines([
      ['LOAD_CONST', 'old'],
      ['STORE_NAME', 'x'],
      ['LOAD_NAME', 'x'],
      ['LOAD_CONST', 'new'],
      ['STORE_NAME', 'x'],
      ['LOAD_NAME', 'x'],
      ['ADD'],
      ['RETURN'],
    ]);
    expect(value).toBe('oldnew');
  });

  it('DUP2 keeps the order of both', () => {
    const twice = evaluateLines([
      ...loads([7, 3]),
      ['DUP2'],
      ['SUB'],
      ['BUILD_LIST', 3],
      ['RETURN'],
    ]);
    expect(twice.value).toEqual(new List([7, 3, 4]));
    const names = evaluateLines([
      ...loads([1]),
      ['STORE_NAME', 'x'],
      ['LOAD_NAME', 'x'],
      ...loads([2]),
      ['DUP2'],
      ...loads([9]),
      ['STORE_NAME', 'x'],
      ['BUILD_LIST', 4],
      ['RETURN'],
    ]);
    expect(names.value).toEqual(new List([1, 2, 1, 2]));
  });

  it('a condition that is also kept is computed for both', () => {
    const { value } = evaluateLines([
      ...loads([3, 2]),
      ['LT'],
      ['DUP'],
      ['JUMP_IF_FALSE', 6],
      ['NOP'],
      ['RETURN'],
    ]);
    expect(value).toBe(false);
  });
});

/** `try { body } catch (e) { return e }`, with state and all taken back; `done` when nothing fails. */
const attempt = (body: readonly Line[]): Line[] => [
  ['TX_BEGIN'],
  ['SETUP_TRY', body.length + 6],
  ...body,
  ['POP_TRY'],
  ['TX_COMMIT'],
  ['LOAD_CONST', 'done'],
  ['RETURN'],
  ['TX_REVERT'],
  ['RETURN'],
];
const TRY_GAS = 20 + 3;

describe('SETUP_TRY', () => {
  it('costs 3, POP_TRY 2', () => {
    const { value, gas } = evaluateLines(attempt([]));
    expect({ value, gas }).toEqual({ value: 'done', gas: TRY_GAS + 2 + 30 + 1 + 2 });
  });

  it.each([
    ['a thrown value', [...list(1), ['THROW']], new List([1])],
    ['a message', [...loads([false, 'no']), ['REQUIRE']], 'no'],
    ['no message', [...loads([null]), ['REVERT']], ''],
    ['a panic', [...loads([1, 0]), ['DIV'], ['POP']], 'division by zero'],
    ['an overflow', [...loads([2n ** 255n, 2]), ['MUL'], ['POP']], 'arithmetic overflow'],
    ['a wrong kind', [...loads([true, 1]), ['ADD'], ['POP']], 'value of the wrong kind'],
    [
      'a failure of a builtin',
      [...loads([5]), ['CALL_BUILTIN', 'len', 1], ['POP']],
      'value of the wrong kind',
    ],
    ['a loop', [...loads([5]), ['ITERATE'], ['POP']], 'value of the wrong kind'],
  ] as const)('catches %s', (_what, body, value) => {
    expect(evaluateLines(attempt(body as readonly Line[])).value).toEqual(value);
  });

  it('costs what was done, and nothing for being caught', () => {
    const { gas } = evaluateLines(attempt([...loads([1, 0]), ['DIV'], ['POP']]));
    // The whole block is paid for before its first instruction, also what is never reached.
    expect(gas).toBe(TRY_GAS + 2 + 10 + 1 + 2 + 20 + 2);
  });

  it('keeps what is below and the variables, and drops what the body has pushed', () => {
    const { value } = evaluateLines([
      ...loads(['below']),
      ['SETUP_TRY', 7],
      ...loads([1]),
      ['STORE_NAME', 'x'],
      ...loads(['lost', 'why']),
      ['THROW'],
      ['LOAD_NAME', 'x'],
      ['BUILD_LIST', 3],
      ['RETURN'],
    ]);
    expect(value).toEqual(new List(['below', 'why', 1]));
  });

  it('does not catch in its handler, but the one around does', () => {
    const { value } = evaluateLines([
      ['SETUP_TRY', 8],
      ['SETUP_TRY', 4],
      ...loads(['first']),
      ['THROW'],
      ['POP'],
      ...loads(['second']),
      ['THROW'],
      ['NOP'],
      ['RETURN'],
    ]);
    expect(value).toBe('second');
  });

  it('does not catch what no program can', () => {
    const written = attempt([...loads([1]), ['STATE_WRITE', 'count']]);
    const { halt } = evaluateLines(written, undefined, { isStatic: true });
    expect(halt).toEqual(new Failure('STATIC_WRITE'));
    const short = evaluateLines(attempt([['GAS_CHARGE', 1_000]]), undefined, { gas: 500 });
    expect(short.halt).toEqual(new Failure('OUT_OF_GAS'));
  });
});

describe('POP_TRY', () => {
  it('ends the innermost try', () => {
    const { value } = evaluateLines([
      ['SETUP_TRY', 7],
      ['SETUP_TRY', 5],
      ['POP_TRY'],
      ...loads(['outer']),
      ['THROW'],
      // The inner handler.
      ['POP_TRY'],
      ['RETURN'],
      ['BUILD_LIST', 1],
      ['RETURN'],
    ]);
    expect(value).toEqual(new List(['outer']));
  });

  it('leaves nothing that catches', () => {
    const uncaught = evaluateLines([
      ['SETUP_TRY', 4],
      ['POP_TRY'],
      ...loads(['uncaught']),
      ['THROW'],
      ['RETURN'],
    ]);
    expect(revertText(uncaught)).toBe('uncaught');
  });
});

describe('THROW', () => {
  it('reverts with the text of the value when nothing catches it', () => {
    const { halt, gas } = evaluateLines([...list(1, 'a'), ['THROW']]);
    expect(halt).toMatchObject({ reason: '[1, a]' });
    expect(gas).toBe(2 + 5 + 2 + 6 + 5 + 6 + 3);
  });

  it('gives what was caught again as the failure that it was', () => {
    const again = evaluateLines([
      ['SETUP_TRY', 6],
      ...loads([1, 0]),
      ['DIV'],
      ['POP_TRY'],
      ['RETURN'],
      ['THROW'],
    ]);
    expect(panicCode(again)).toBe(0x12);
  });
});

describe('TX_BEGIN', () => {
  const write = (value: number): Line[] => [...loads([value]), ['STATE_WRITE', 'count']];

  it('costs 20, TX_COMMIT 30, TX_REVERT 20', () => {
    const gas = (lines: readonly Line[]) =>
      evaluateLines([...lines, ...loads([1]), ['RETURN']]).gas;
    expect(gas([['TX_BEGIN'], ['TX_COMMIT']])).toBe(20 + 30 + 1 + 2);
    expect(gas([['TX_BEGIN'], ['TX_REVERT']])).toBe(20 + 20 + 1 + 2);
  });

  it('is taken back by TX_REVERT, with its refunds, logs and accesses', () => {
    const host = new MemoryHost();
    evaluateLines([...write(5), ...loads([1]), ['RETURN']], host);
    host.beginTransaction();
    const before = host.snapshot();
    const body: Line[] = [...write(0), ['EMIT', 0, 0]];
    const end: Line[] = [['TX_REVERT'], ['STATE_READ', 'count'], ['RETURN']];
    const { value, refund, gas } = evaluateLines([['TX_BEGIN'], ...body, ...end], host);
    expect({ value, refund }).toEqual({ value: 5, refund: 0 });
    expect(gas).toBe(20 + 1 + 5_000 + 750 + 20 + 2_100 + 2);
    expect(host.snapshot()).toEqual(before);
  });

  it('is kept by TX_COMMIT, and what is around it can still take it back', () => {
    const host = new MemoryHost();
    const inner: Line[] = [['TX_BEGIN'], ...write(2), ['TX_COMMIT']];
    const kept = evaluateLines([...write(1), ...inner, ['STATE_READ', 'count'], ['RETURN']], host);
    expect(kept.value).toBe(2);
    const lines: Line[] = [['TX_BEGIN'], ...inner, ['TX_REVERT'], ['STATE_READ', 'count']];
    expect(evaluateLines([...lines, ['RETURN']], new MemoryHost()).value).toBe(0);
  });
});

describe('TX_COMMIT', () => {
  it('forgets checkpoints of a body that has failed', () => {
    const host = new MemoryHost();
    const { value } = evaluateLines(
      [
        ['TX_BEGIN'],
        ['SETUP_TRY', 8],
        ['TX_BEGIN'],
        ...loads([7]),
        ['STATE_WRITE', 'count'],
        ['TX_BEGIN'],
        ...loads(['why']),
        ['THROW'],
        ['POP'],
        ['TX_REVERT'],
        ['STATE_READ', 'count'],
        ['RETURN'],
      ],
      host,
    );
    expect(value).toBe(0);
  });
});

describe('TX_REVERT', () => {
  it('leaves the variables as they are', () => {
    const { value } = evaluateLines([
      ['TX_BEGIN'],
      ...loads([7]),
      ['STORE_NAME', 'x'],
      ['TX_REVERT'],
      ['LOAD_NAME', 'x'],
      ['RETURN'],
    ]);
    expect(value).toBe(7);
  });
});
