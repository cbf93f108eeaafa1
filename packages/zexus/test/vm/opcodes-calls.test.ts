import { EMPTY_BYTES, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { encodeAbi, encodeErrorString, parseAbiType, selectorOfSignature } from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import type { CallPort, ContractCall, ContractCallOutcome } from '../../src/vm/host.ts';
import { Address, Closure, Dictionary, keyText, type Value } from '../../src/vm/value.ts';
import { type Line, list, loads, testCases } from './opcode-cases.ts';
import {
  account,
  CONTEXT,
  evaluateLines,
  MemoryHost,
  NO_CALLS,
  panicCode,
  revertText,
} from './support.ts';

const ALICE = new Address(account(1));
const CALLEE_GAS = 500;
const REACHED = 2_600;
const UINT = parseAbiType('uint256');

/** Contracts at all addresses, which answer `data`; what they are called with is looked at. */
function answering(
  data: Uint8Array,
  look: (call: ContractCall) => void = () => {},
  parts: Partial<ContractCallOutcome> = {},
): CallPort {
  return {
    ...NO_CALLS,
    hasCode: () => true,
    isDead: () => false,
    call: (call) => {
      look(call);
      return {
        isSuccess: true,
        returnData: data,
        gasLeft: call.gas - CALLEE_GAS,
        refund: 0,
        errorCode: undefined,
        ...parts,
      };
    },
  };
}

const seven = encodeAbi([UINT], [7n]);
const DOUBLE = 'double(uint256)->(uint256)';
/** The signature hashed, the word encoded and sent with its selector, the account, the result. */
const doubleGas = 36 + 3 + 2 * 3 + REACHED + CALLEE_GAS + 3;
const callOf = (rest: readonly Value[]): Line[] => [
  ...loads([ALICE, DOUBLE]),
  ...list(21),
  ...loads(rest),
];
const looked =
  (parts: Partial<ContractCall>) =>
  (call: ContractCall): void => {
    expect(call).toMatchObject({ to: ALICE.bytes, value: 0n, ...parts });
    expect(toHexKey(call.data.slice(0, 4))).toBe(toHexKey(selectorOfSignature('double(uint256)')));
    expect(call.data.slice(4)).toEqual(encodeAbi([UINT], [21n]));
  };

testCases({
  CALL_BUILTIN: [
    { stack: ['zwölf'], operands: ['len', 1], result: 5, gas: 8 + 2 + 3 },
    { operands: ['time', 0], result: CONTEXT.timestamp, gas: 8 },
    { stack: [5], operands: ['len', 1], panic: 0x01 },
  ],
  CALL_METHOD: [
    { stack: ['zwölf'], operands: ['len', 0], result: 5, gas: 10 + 3 },
    { stack: ['zwölf', 'w'], operands: ['contains', 1], result: true, gas: 18 },
    { given: [...list(1, 2), ...loads([3])], operands: ['push', 1], gas: 10 + 2 + 3 },
    { stack: [5], operands: ['len', 0], panic: 0x51 },
    { stack: ['zwölf'], operands: ['explode', 0], panic: 0x51 },
    { stack: ['zwölf', 1, 2, 3, 4], operands: ['len', 4], panic: 0x51 },
    { stack: [ALICE], operands: ['pay', 0], revert: 'no contract at the address' },
  ],
  CALL_ACTION: [{ stack: [21], operands: [0, 1], result: 42, gas: 10 + 2 + (2 + 1 + 3 + 2) }],
  CALL_TOP: [
    { given: [['MAKE_CLOSURE', 0, 0], ...loads([21])], operands: [1], result: 42, gas: 10 + 2 + 8 },
    { given: [...loads([21]), ['MAKE_CLOSURE', 0, 1]], operands: [0], result: 42, gas: 10 + 8 },
    { given: [['MAKE_CLOSURE', 0, 0]], operands: [0], panic: 0x51 },
    { given: [...loads([21]), ['MAKE_CLOSURE', 0, 1], ...loads([1])], operands: [1], panic: 0x51 },
    { stack: ['double', 21], operands: [1], panic: 0x51 },
    { stack: [null], operands: [0], panic: 0x51 },
  ],
  CALL_CONTRACT: [
    {
      given: callOf([0, null]),
      result: 7,
      gas: 10 + doubleGas,
      calls: answering(seven, looked({ kind: 'call', isStatic: false })),
    },
    {
      given: callOf([5, 100_000]),
      result: 7,
      gas: 10 + doubleGas + 9_000,
      calls: answering(seven, looked({ gas: 100_000, value: 5n })),
    },
    { given: callOf([0, null]), revert: 'no contract at the address' },
    { stack: ['text', null, null, 0, null], panic: 0x01 },
    { stack: [ALICE, DOUBLE, null, 0, null], panic: 0x51, calls: answering(seven) },
    {
      given: callOf([0, null]),
      revert: 'no',
      calls: answering(encodeErrorString('no'), undefined, { isSuccess: false }),
    },
  ],
  STATIC_CALL: [
    {
      given: callOf([null]),
      result: 7,
      gas: 10 + doubleGas,
      calls: answering(seven, looked({ kind: 'call', isStatic: true })),
      isStatic: true,
    },
    { given: callOf([null]), revert: 'no contract at the address' },
  ],
  DELEGATE_CALL: [
    { given: callOf([null]), revert: 'no contract at the address' },
    { stack: [ALICE, null, 5, null], panic: 0x01 },
  ],
  REQUIRE: [
    { stack: [1, 'message'], gas: 5 },
    { given: [...list(1), ...loads(['message'])], gas: 5 },
    { stack: [0, 'message'], revert: 'message' },
    { stack: [0, null], revert: '' },
    { given: [...loads([false]), ...list(1, 'a')], revert: '[1, a]' },
  ],
});

describe('a call of another contract', () => {
  const calling = (calls: CallPort, parts: { readonly gas?: number } = {}) =>
    evaluateLines([...callOf([0, null]), ['CALL_CONTRACT'], ['RETURN']], undefined, {
      calls,
      ...parts,
    });

  it('gets all gas but a 64th', () => {
    let given = 0;
    const { gas } = calling(
      answering(seven, (call) => (given = call.gas)),
      { gas: 100_000 },
    );
    const before = 100_000 - (gas - CALLEE_GAS - 3 - 2);
    expect(given).toBe(before - Math.floor(before / 64));
  });

  it('that runs out of gas ends the caller, unless it asked for less than there was', () => {
    const parts = { isSuccess: false, gasLeft: 0, errorCode: 'OUT_OF_GAS' };
    const calls = answering(EMPTY_BYTES, undefined, parts);
    expect(calling(calls).halt).toMatchObject({ code: 'OUT_OF_GAS' });
    const capped = [...callOf([0, 1_000]), ['CALL_CONTRACT'], ['RETURN']] as Line[];
    expect(revertText(evaluateLines(capped, undefined, { calls }))).toBe(
      'the call used up its gas',
    );
  });

  it('adds the refund of the callee', () => {
    expect(calling(answering(seven, undefined, { refund: 4_800 })).refund).toBe(4_800);
  });
});

describe('CALL_TOP', () => {
  const lines = (...rest: readonly Line[]): Line[] => [...rest, ['RETURN']];

  it('keeps what is below, and runs in a frame of its own', () => {
    const { value } = evaluateLines(
      lines(...loads([1]), ['MAKE_CLOSURE', 0, 0], ...loads([5]), ['CALL_TOP', 1], ['ADD']),
    );
    expect(value).toBe(11);
  });

  it('calls what a function in a list is', () => {
    const { value } = evaluateLines(
      lines(['MAKE_CLOSURE', 0, 0], ['BUILD_LIST', 1], ...loads([0]), ['INDEX'], ...loads([4]), [
        'CALL_TOP',
        1,
      ]),
    );
    expect(value).toBe(8);
  });

  it('makes functions of the first parameters', () => {
    const { value } = evaluateLines(lines(...loads(['x']), ['MAKE_CLOSURE', 0, 1]));
    expect(value).toEqual(new Closure(0, ['x']));
  });
});

describe('REVERT_ERROR', () => {
  it('reverts with the selector and the values of the error', () => {
    const { halt, gas } = evaluateLines([...loads([5, ALICE]), ['REVERT_ERROR', 1, 2]]);
    const types = [UINT, parseAbiType('address')];
    expect(halt).toMatchObject({
      data: new Uint8Array([
        ...selectorOfSignature('Short(uint256,address)'),
        ...encodeAbi(types, [5n, ALICE.bytes]),
      ]),
    });
    expect(gas).toBe(2 + 5 + 2 * 3);
    const plain = evaluateLines([['REVERT_ERROR', 0, 0]]);
    expect(plain.halt).toMatchObject({ data: selectorOfSignature('Plain()') });
  });

  it('panics for a value of another type', () => {
    expect(panicCode(evaluateLines([...loads([-1, ALICE]), ['REVERT_ERROR', 1, 2]]))).toBe(0x11);
    expect(panicCode(evaluateLines([...loads([1, 2]), ['REVERT_ERROR', 1, 2]]))).toBe(0x01);
  });

  it('gives its handler the name and the fields', () => {
    const { value } = evaluateLines([
      ['SETUP_TRY', 4],
      ...loads([5, ALICE]),
      ['REVERT_ERROR', 1, 2],
      ['RETURN'],
    ]);
    const expected = new Dictionary();
    const entries = [
      ['error', 'Short'],
      ['needed', 5],
      ['who', ALICE],
    ] as const;
    for (const [key, entry] of entries) expected.entries.set(keyText(key), { key, value: entry });
    expect(value).toEqual(expected);
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
});
