import { toHexKey } from '@lucerna/base';
import { pureSignatureEngine, sha256 } from '@lucerna/crypto';
import { signatureHash } from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import { TX_FIELDS } from '../../src/bytecode/opcodes.ts';
import { canonicalKey, entrySlot, variableSlot } from '../../src/layout/slots.ts';
import { Address, List, StateHandle, type Value } from '../../src/vm/value.ts';
import { expectStaticFailure, list, loads, map, testCases } from './opcode-cases.ts';
import { account, CALLDATA, CONTEXT, evaluateLines, type MemoryHost, SCHEMA } from './support.ts';

const ALICE = new Address(account(1));
const KEY_GAS = 30 + 6 * 3;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const shapeOf = (name: string) => SCHEMA.find((variable) => variable.name === name)!.shape;
const topicOf = (signature: string): string => toHexKey(signatureHash(signature));

const PRIVATE_KEY = new Uint8Array(32).fill(7);
const KEY = pureSignatureEngine.publicKey(PRIVATE_KEY);
const SIGNATURE = pureSignatureEngine.sign(sha256(utf8('message')), PRIVATE_KEY).bytes;
const SHA_GAS = 60 + 12;

testCases({
  STATE_READ: [
    { operands: ['count'], result: 0, gas: 2_100 },
    { operands: ['text'], result: null, gas: 2_100 },
    {
      operands: ['items'],
      result: new StateHandle(variableSlot('items'), shapeOf('items')),
      gas: 0,
    },
    {
      operands: ['balances'],
      result: new StateHandle(variableSlot('balances'), shapeOf('balances')),
      gas: 0,
    },
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
    {
      stack: ['k'],
      operands: ['groups', 1],
      result: new StateHandle(entrySlot(variableSlot('groups'), canonicalKey('k')), {
        kind: 'list',
        element: { kind: 'cell', type: 'integer' },
      }),
      gas: KEY_GAS,
    },
    { stack: ['k'], operands: ['notes', 1], gas: KEY_GAS },
    { given: list(), operands: ['balances', 1], panic: 0x01 },
    { stack: ['k'.repeat(96)], operands: ['balances', 1], result: 0, gas: 30 + 6 * 6 + 2_100 },
  ],
  MAP_WRITE: [
    { stack: [ALICE, 5], operands: ['balances', 1], gas: KEY_GAS + 22_100 },
    { stack: [ALICE, 1, 'note'], operands: ['notes', 2], gas: 2 * KEY_GAS + 22_100 },
    { stack: [ALICE, true], operands: ['balances', 1], panic: 0x01 },
  ],
  GAS_CHARGE: [
    { operands: [0], gas: 0 },
    { operands: [1_234], gas: 1_234 },
  ],
  LEDGER_APPEND: [
    { stack: ['entry'], gas: 40 + 2 * 22_100 + 42 },
    { given: [['MAKE_CLOSURE', 0, 0]], panic: 0x01 },
  ],
  EMIT_EVENT: [
    {
      stack: [7],
      operands: ['Seen'],
      gas: 10 + 36 + 375 + 375 + 8 * 96,
      check: logged('Seen(bytes)', 96),
    },
    { given: list(1, 2), operands: ['Seen'], gas: 10 + 36 + 750 + 8 * 96 + 4 * 3 },
    { given: [['MAKE_CLOSURE', 0, 0]], operands: ['Seen'], panic: 0x01 },
  ],
  AUDIT_LOG: [
    {
      stack: ['moved', 7],
      gas: 15 + 3 + 375 + 375 + 8 * 192,
      check: logged('AuditLog(string,bytes)', 192),
    },
    { stack: [null, null], gas: 15 + 3 + 750 + 8 * 192 },
  ],
  EMIT: [
    { operands: [0, 0], gas: 375 + 375 },
    {
      stack: [ALICE, 'note', 5, 'text'],
      operands: [1, 4],
      gas: 375 + 3 * 375 + (30 + 6) + 8 * 128,
    },
    { stack: [ALICE, 'note', -1, 'text'], operands: [1, 4], panic: 0x11 },
  ],
  HASH_BLOCK: [
    { stack: ['abc'], result: sha256(utf8('abc')), gas: 50 + 3 + SHA_GAS },
    { stack: [utf8('abc')], result: sha256(utf8('abc')), gas: 50 + SHA_GAS },
    { stack: [12], result: sha256(utf8('12')), gas: 50 + 3 + SHA_GAS },
    { stack: [new Uint8Array(33)], result: sha256(new Uint8Array(33)), gas: 50 + 60 + 24 },
    { given: map('a', 1), result: sha256(utf8('{a: 1}')), gas: 50 + 3 + 3 + SHA_GAS },
  ],
  VERIFY_SIGNATURE: [
    { stack: [SIGNATURE, 'message', KEY], result: true, gas: 100 + 3_000 + SHA_GAS },
    { stack: [SIGNATURE, 'other', KEY], result: false, gas: 100 + 3_000 + SHA_GAS },
    { stack: [SIGNATURE.slice(1), 'message', KEY], result: false, gas: 100 + 3_000 + SHA_GAS },
    { stack: [SIGNATURE, 'message', new Uint8Array(33)], result: false, gas: 3_100 + SHA_GAS },
    { stack: ['text', 'message', KEY], panic: 0x01 },
    { stack: [SIGNATURE, 5, KEY], panic: 0x01 },
  ],
  MERKLE_ROOT: [
    { stack: ['a'], operands: [1], result: merkle(['a']), gas: 30 + 5 + 3 + 3 + SHA_GAS },
    {
      stack: ['a', 'b', utf8('c')],
      operands: [3],
      result: merkle(['a', 'b', 'c']),
      gas: 30 + 15 + 9 + 2 * 3 + 3 * SHA_GAS + 3 * (60 + 36),
    },
  ],
  TX_READ: [{ operands: [0], result: new Address(CONTEXT.caller), gas: 2 }],
});

function logged(signature: string, bytes: number) {
  return ({ logs }: MemoryHost): void => {
    expect(logs.length).toBe(1);
    expect(logs[0]!.topics).toEqual([topicOf(signature)]);
    expect(logs[0]!.data.length).toBe(2 * bytes);
  };
}

/** As RFC 6962, with zeros beside the last node of an odd level. */
function merkle(items: readonly string[]): Uint8Array {
  let level = items.map((item) => sha256(utf8(`\0${item}`)));
  while (level.length > 1) {
    const pairs = level.filter((_, index) => index % 2 === 0);
    level = pairs.map((left, index) => {
      const right = level[2 * index + 1] ?? new Uint8Array(32);
      return sha256(new Uint8Array([1, ...left, ...right]));
    });
  }
  return level[0]!;
}

describe('TX_READ', () => {
  const values: Readonly<Record<(typeof TX_FIELDS)[number], Value>> = {
    caller: new Address(CONTEXT.caller),
    value: 0,
    origin: new Address(CONTEXT.origin),
    timestamp: CONTEXT.timestamp,
    height: CONTEXT.height,
    chainId: Number(CONTEXT.chainId),
    coinbase: new Address(CONTEXT.coinbase),
    gasPrice: Number(CONTEXT.gasPrice),
    address: new Address(CONTEXT.address),
    parentHash: CONTEXT.parentHash,
    gasLimit: Number(CONTEXT.blockGasLimit),
    data: CALLDATA,
  };

  it.each(TX_FIELDS.map((field, index) => [field, index] as const))('%s', (field, index) => {
    const { value } = evaluateLines([['TX_READ', index], ['RETURN']]);
    expect(value).toEqual(values[field]);
  });
});

describe('what writes', () => {
  it.each([
    ['STATE_WRITE', [5], ['count']],
    ['MAP_WRITE', [1, 5], ['balances', 1]],
    ['EMIT', [], [0, 0]],
    ['EMIT_EVENT', [1], ['Seen']],
    ['AUDIT_LOG', ['a', 1], []],
    ['LEDGER_APPEND', [1], []],
    ['CALL_BUILTIN', [ALICE, 1], ['transfer', 2]],
  ] as const)('%s fails in a static call', (name, stack, operands) => {
    expectStaticFailure([...loads(stack), [name, ...operands]]);
  });

  it('STORE_INDEX into the state fails in a static call, into memory it does not', () => {
    const store = [...loads([0, 1]), ['STORE_INDEX']] as const;
    expectStaticFailure([['STATE_READ', 'scores'], ...store]);
    const { value } = evaluateLines([...list(5), ['DUP'], ...store, ['RETURN']], undefined, {
      isStatic: true,
    });
    expect(value).toEqual(new List([1]));
  });
});
