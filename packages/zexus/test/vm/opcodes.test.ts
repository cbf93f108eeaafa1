import { keccak256 } from '@lucerna/crypto';
import { describe, expect, it } from 'vitest';
import { OPCODES, type Opcode, opcodeByName, TX_FIELDS } from '../../src/bytecode/opcodes.ts';
import { Failure, Revert } from '../../src/vm/halt.ts';
import { Address, type Value } from '../../src/vm/value.ts';
import { verifyContainer } from '../../src/vm/verifier.ts';
import {
  Assembler,
  account,
  CONTEXT,
  EVENTS,
  evaluateLines,
  MemoryHost,
  panicCode,
  SCHEMA,
} from './support.ts';

type Line = readonly [string, ...Value[]];

type Case = {
  /** Values on the stack, the top last. */
  readonly stack?: readonly Value[];
  readonly operands?: readonly Value[];
  /** What it pushes; undefined when it pushes nothing. */
  readonly result?: Value;
  /** What it costs on an empty state, everything in. */
  readonly gas?: number;
  readonly panic?: number;
};

const ALICE = new Address(account(1));
const BIG = 2n ** 60n;
const KEY_GAS = 30 + 6 * 3;

/** Opcodes that go on behind themselves, with what they do to the stack. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  LOAD_CONST: [{ operands: ['text'], result: 'text', gas: 1 }],
  LOAD_NAME: [{ operands: ['never stored'], result: null, gas: 2 }],
  STORE_NAME: [{ stack: [5], operands: ['x'], gas: 3 }],
  POP: [{ stack: [5], gas: 1 }],
  DUP: [{ stack: [5], result: 5, gas: 1 }],
  ADD: [
    { stack: [2, 3], result: 5, gas: 3 },
    { stack: [BIG, 3], result: BIG + 3n, gas: 3 + 3 },
    { stack: ['a', 1], result: 'a1', gas: 3 + 3 },
    { stack: [true, 1], panic: 0x01 },
  ],
  SUB: [
    { stack: [2, 3], result: -1, gas: 3 },
    { stack: [BIG, BIG], result: 0, gas: 3 + 3 },
    { stack: ['a', 1], panic: 0x01 },
  ],
  MUL: [
    { stack: [2, 3], result: 6, gas: 5 },
    { stack: [2 ** 30, 2 ** 30], result: BIG, gas: 5 + 3 },
    { stack: ['ab', 20], result: 'ab'.repeat(20), gas: 5 + 3 * 2 },
    { stack: [2n ** 255n, 2], panic: 0x11 },
  ],
  DIV: [
    { stack: [7, 2], result: 3, gas: 10 },
    { stack: [BIG, 2], result: 2n ** 59n, gas: 10 + 3 },
    { stack: [7, 0], panic: 0x12 },
  ],
  MOD: [
    { stack: [7, 4], result: 3, gas: 10 },
    { stack: [BIG, 7], result: 1, gas: 10 + 3 },
    { stack: [7, 0], panic: 0x12 },
  ],
  POW: [
    { stack: [3, 4], result: 81, gas: 20 },
    { stack: [2, 60], result: BIG, gas: 20 + 3 },
    { stack: [2, 256], panic: 0x11 },
  ],
  NEG: [
    { stack: [5], result: -5, gas: 2 },
    { stack: [BIG], result: -BIG, gas: 2 + 3 },
    { stack: [null], panic: 0x01 },
  ],
  EQ: [
    { stack: [5, 5], result: true, gas: 2 },
    { stack: ['a'.repeat(33), 'b'.repeat(40)], result: false, gas: 2 + 3 * 2 },
  ],
  NEQ: [
    { stack: [5, 5], result: false, gas: 2 },
    { stack: [new Uint8Array(33), new Uint8Array(33)], result: false, gas: 2 + 3 * 2 },
  ],
  LT: [
    { stack: [1, 2], result: true, gas: 2 },
    { stack: [true, 2], panic: 0x01 },
  ],
  GT: [
    { stack: [1, 2], result: false, gas: 2 },
    { stack: [null, null], panic: 0x01 },
  ],
  LTE: [
    { stack: [2, 2], result: true, gas: 2 },
    { stack: [ALICE, 2], panic: 0x01 },
  ],
  GTE: [
    { stack: [1, 2], result: false, gas: 2 },
    { stack: ['b', 'a'], result: true, gas: 2 + 3 },
    { stack: ['b', 1], panic: 0x01 },
  ],
  NOT: [{ stack: [''], result: true, gas: 2 }],
  NOP: [{ gas: 0 }],
  CALL_BUILTIN: [
    { stack: ['zwölf'], operands: ['len', 1], result: 5, gas: 8 + 2 + 3 },
    { operands: ['time', 0], result: CONTEXT.timestamp, gas: 8 },
    { stack: [5], operands: ['len', 1], panic: 0x01 },
  ],
  STATE_READ: [
    { operands: ['count'], result: 0, gas: 2_100 },
    { operands: ['text'], result: null, gas: 2_100 },
  ],
  STATE_WRITE: [
    { stack: [5], operands: ['count'], gas: 22_100 },
    { stack: [0], operands: ['count'], gas: 2_200 },
    { stack: ['a'.repeat(27)], operands: ['text'], gas: 22_100 },
    { stack: ['a'.repeat(60)], operands: ['text'], gas: 3 * 22_100 + 36 },
    { stack: [-1], operands: ['count'], panic: 0x11 },
    { stack: ['x'], operands: ['count'], panic: 0x01 },
  ],
  MAP_READ: [
    { stack: [ALICE], operands: ['balances', 1], result: 0, gas: KEY_GAS + 2_100 },
    { stack: ['k', 1], operands: ['notes', 2], result: null, gas: 2 * KEY_GAS + 2_100 },
    { stack: ['k'.repeat(96)], operands: ['balances', 1], result: 0, gas: 30 + 6 * 6 + 2_100 },
  ],
  MAP_WRITE: [
    { stack: [ALICE, 5], operands: ['balances', 1], gas: KEY_GAS + 22_100 },
    { stack: [ALICE, 1, 'note'], operands: ['notes', 2], gas: 2 * KEY_GAS + 22_100 },
    { stack: [ALICE, true], operands: ['balances', 1], panic: 0x01 },
  ],
  REQUIRE: [{ stack: [1, 'message'], gas: 5 }],
  EMIT: [
    { operands: [0, 0], gas: 375 + 375 },
    {
      stack: [ALICE, 'note', 5, 'text'],
      operands: [1, 4],
      gas: 375 + 3 * 375 + (30 + 6) + 8 * 128,
    },
    { stack: [ALICE, 'note', -1, 'text'], operands: [1, 4], panic: 0x11 },
  ],
  CALL_ACTION: [{ stack: [21], operands: [0, 1], result: 42, gas: 10 + 2 + (2 + 1 + 3 + 2) }],
  TX_READ: [{ operands: [0], result: new Address(CONTEXT.caller), gas: 2 }],
};

/** Opcodes that go elsewhere; each has its own test below. */
const CONTROL = ['JUMP', 'JUMP_IF_FALSE', 'JUMP_IF_TRUE', 'RETURN', 'REVERT'];

const loads = (values: readonly Value[]): Line[] =>
  values.map((value) => ['LOAD_CONST', value] as const);

it('has a test of every opcode', () => {
  const tested = [...Object.keys(CASES), ...CONTROL];
  expect(tested.sort()).toEqual(OPCODES.map(({ name }) => name).sort());
});

describe.each(Object.entries(CASES))('%s', (name, cases) => {
  const opcode = opcodeByName(name) as Opcode;

  it.each(cases)('case %#', ({ stack = [], operands = [], result, gas, panic }) => {
    const lines: Line[] = [...loads(['below', ...stack]), [name, ...operands]];
    const kept = name === 'DUP' ? 2 : opcode.pushes;
    if (kept > 0) {
      const evaluation = evaluateLines([...lines, ['RETURN']]);
      expect(evaluation.value).toEqual(result);
      expect(panicCode(evaluation)).toBe(panic);
    }
    // With all that it pushed taken away, what was below comes to light.
    const pops = Array.from({ length: kept }, (): Line => ['POP']);
    const evaluation = evaluateLines([...lines, ...pops, ['RETURN']]);
    expect(panicCode(evaluation)).toBe(panic);
    if (panic !== undefined) return;
    expect(evaluation.halt).toBeUndefined();
    expect(evaluation.value).toBe('below');
    expect(evaluation.gas).toBe(1 + stack.length + (gas ?? 0) + pops.length + 2);
  });

  it('finds its operands or is refused', () => {
    const { stack = [], operands = [] } = cases[0] as Case;
    if (stack.length === 0) return;
    const lines: Line[] = [...loads(stack.slice(1)), [name, ...operands]];
    const assembler = new Assembler();
    assembler.schema = SCHEMA;
    assembler.events.push(...EVENTS);
    assembler.action('double', assembler.code(['LOAD_CONST', 1], ['RETURN']), {
      parameters: [{ name: 'v', type: 'bool' }],
    });
    assembler.action('main', assembler.code(...lines, ['LOAD_CONST', 1], ['RETURN']));
    expect(() => verifyContainer(assembler.container())).toThrow(
      expect.objectContaining({
        code: 'PROGRAM_REFUSED',
        fields: { rule: 'stack-underflow', action: 'main', instruction: stack.length - 1 },
      }),
    );
  });
});

describe('control', () => {
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

  it.each([
    ['JUMP_IF_FALSE', 0, 'jumped'],
    ['JUMP_IF_FALSE', 7, 'went on'],
    ['JUMP_IF_TRUE', 'x', 'jumped'],
    ['JUMP_IF_TRUE', null, 'went on'],
  ])('%s takes %s for 3 and %s', (name, condition, expected) => {
    const { value, gas } = evaluateLines([
      ['LOAD_CONST', condition],
      [name, 4],
      ['LOAD_CONST', 'went on'],
      ['RETURN'],
      ['LOAD_CONST', 'jumped'],
      ['RETURN'],
    ]);
    expect({ value, gas }).toEqual({ value: expected, gas: 1 + 3 + 1 + 2 });
  });

  it('RETURN gives the top and forgets what is below for 2', () => {
    const { value, gas } = evaluateLines([...loads(['below', 'top']), ['RETURN']]);
    expect({ value, gas }).toEqual({ value: 'top', gas: 2 + 2 });
  });

  it.each([
    ['why', '08c379a0'],
    [null, ''],
    [12, '08c379a0'],
  ])('REVERT with %s', (message, selector) => {
    const { halt, gas } = evaluateLines([...loads([message]), ['REVERT']]);
    expect(halt).toBeInstanceOf(Revert);
    const { data, reason } = halt as Revert;
    expect(Buffer.from(data.subarray(0, 4)).toString('hex')).toBe(selector);
    expect(reason).toBe(message === null ? undefined : String(message));
    expect(gas).toBe(1 + 5 + (message === null ? 0 : 3));
  });

  it('REQUIRE reverts with the message when the condition is false', () => {
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

describe('TX_READ', () => {
  it.each(TX_FIELDS.map((field, index) => [field, index] as const))('%s', (field, index) => {
    const { value } = evaluateLines([['TX_READ', index], ['RETURN']]);
    const expected = CONTEXT[field];
    if (expected instanceof Uint8Array) expect(value).toEqual(new Address(expected));
    else expect(BigInt(value as number)).toBe(BigInt(expected));
  });
});

describe('builtins', () => {
  const builtin = (name: string, ...passed: readonly Value[]) =>
    evaluateLines([...loads(passed), ['CALL_BUILTIN', name, passed.length], ['RETURN']]);
  const LONG = 'ß'.repeat(600_000);

  it.each([
    ['string', 5, '5', 3],
    ['string', 2n ** 255n, String(2n ** 255n), 3 * 3],
    ['string', null, 'null', 3],
    ['string', true, 'true', 3],
    ['string', new Uint8Array([0xab]), '0xab', 3],
    ['string', ALICE, `0x${'00'.repeat(19)}01`, 6],
    ['len', '', 0, 0],
    ['len', '🦊a', 2, 3],
    ['len', new Uint8Array(64), 64, 0],
    ['bytes', 'ä', new Uint8Array([0xc3, 0xa4]), 3],
    ['bytes', ALICE, account(1), 0],
    ['bytes', new Uint8Array([1]), new Uint8Array([1]), 0],
    ['hex', new Uint8Array([1, 0xff]), '0x01ff', 3],
    ['hex', ALICE, `0x${'00'.repeat(19)}01`, 6],
    ['keccak256', 'abc', keccak256(new TextEncoder().encode('abc')), 36],
    ['keccak256', new Uint8Array(33), keccak256(new Uint8Array(33)), 42],
  ] as const)('%s(%s)', (name, passed, result, gas) => {
    const evaluation = builtin(name, passed as Value);
    expect(evaluation.value).toEqual(result);
    expect(evaluation.gas).toBe(1 + 10 + gas + 2);
  });

  it('sha256 hashes text and bytes for 60 and 12 a word', () => {
    const { value, gas } = builtin('sha256', 'abc');
    expect(Buffer.from(value as Uint8Array).toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(gas).toBe(1 + 10 + 72 + 2);
  });

  it.each([
    ['len', 5],
    ['bytes', 5],
    ['hex', 'text'],
    ['keccak256', ALICE],
    ['sha256', null],
    ['balance_of', 'text'],
  ] as const)('%s(%s) panics', (name, passed) => {
    expect(panicCode(builtin(name, passed))).toBe(0x01);
  });

  it('make no text beyond its limit', () => {
    const lines: Line[] = [
      ...loads(['ß', 600_000]),
      ['MUL'],
      ['STORE_NAME', 's'],
      ['LOAD_NAME', 's'],
      ['RETURN'],
    ];
    expect(LONG.length).toBe(600_000);
    expect(panicCode(evaluateLines(lines))).toBe(0x41);
  });

  it('balance_of and transfer move wei of the contract', () => {
    const host = new MemoryHost();
    host.balances.set(Buffer.from(CONTEXT.address).toString('hex'), 100n);
    const transfer: Line[] = [...loads([ALICE, 30]), ['CALL_BUILTIN', 'transfer', 2], ['RETURN']];
    const { value, gas } = evaluateLines(transfer, host);
    expect({ value, gas }).toEqual({ value: true, gas: 2 + 12 + 2_600 + 9_000 + 25_000 + 2 });
    expect(evaluateLines(transfer, host).gas).toBe(2 + 12 + 100 + 9_000 + 2);
    const balance: Line[] = [...loads([ALICE]), ['CALL_BUILTIN', 'balance_of', 1], ['RETURN']];
    expect(evaluateLines(balance, host)).toMatchObject({ value: 60, gas: 1 + 10 + 100 + 2 });
    const tooMuch: Line[] = [...loads([ALICE, 41]), ['CALL_BUILTIN', 'transfer', 2], ['RETURN']];
    expect(evaluateLines(tooMuch, host).halt).toMatchObject({
      reason: 'transfer: insufficient balance',
    });
    const nothing: Line[] = [...loads([ALICE, 0]), ['CALL_BUILTIN', 'transfer', 2], ['RETURN']];
    expect(evaluateLines(nothing, host).gas).toBe(2 + 12 + 100 + 2);
    const negative: Line[] = [...loads([ALICE, -1]), ['CALL_BUILTIN', 'transfer', 2], ['RETURN']];
    expect(panicCode(evaluateLines(negative, host))).toBe(0x11);
  });

  it.each([
    ['STATE_WRITE', [5], ['count']],
    ['MAP_WRITE', [1, 5], ['balances', 1]],
    ['EMIT', [], [0, 0]],
    ['CALL_BUILTIN', [ALICE, 1], ['transfer', 2]],
  ] as const)('%s fails in a static call', (name, stack, operands) => {
    const lines: Line[] = [...loads(stack), [name, ...operands], ...loads([1]), ['RETURN']];
    const host = new MemoryHost();
    const { halt } = evaluateLines(lines, host, { isStatic: true });
    expect(halt).toEqual(new Failure('STATIC_WRITE'));
    expect(host.snapshot()).toEqual(new MemoryHost().snapshot());
  });
});
