import { fromHex, toHex, toHexKey } from '@lucerna/base';
import fc from 'fast-check';
import { encodeAbiParameters, toFunctionSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import type { CellType } from '../../src/layout/schema.ts';
import { MAX_INTEGER } from '../../src/vm/arithmetic.ts';
import type { Machine } from '../../src/vm/machine.ts';
import { appendLedger } from '../../src/vm/state-containers.ts';
import { Closure, integer, type Value } from '../../src/vm/value.ts';
import {
  account,
  address,
  builtin,
  CONTEXT,
  costs,
  endOf,
  failures,
  fromPlain,
  handle,
  list,
  machine,
  map,
  plain,
  result,
  results,
} from './builtin-machine.ts';

describe('the ledger', () => {
  it('balances and transfers', () => {
    const on = machine();
    on.host.balances.set(toHexKey(CONTEXT.address), 100n);
    expect(builtin(on, 'balance_of', address(0xcc))).toBe(100);
    expect(builtin(on, 'transfer', address(1), 30)).toBe(true);
    expect(builtin(on, 'balance_of', address(0xcc))).toBe(70);
    expect(builtin(on, 'balance_of', address(1))).toBe(30);
    const transfer = (...values: readonly Value[]): unknown =>
      endOf(() => builtin(on, 'transfer', ...values));
    expect(transfer(address(1), 71)).toBe('Error(transfer: insufficient balance)');
    expect(transfer(address(1), -1)).toBe('panic 0x11');
    expect(transfer(address(1), 'a')).toBe('panic 0x1');
    expect(transfer('a', 1)).toBe('panic 0x1');
    on.isStatic = true;
    expect(transfer(address(1), 1)).toBe('STATIC_WRITE');
  });

  it('transfers cost what the account and the wei cost', () => {
    const on = machine();
    on.host.balances.set(toHexKey(CONTEXT.address), 100n);
    const gas = (value: number): number => {
      const before = on.meter.gas;
      builtin(on, 'transfer', address(1), value);
      return before - on.meter.gas;
    };
    expect(gas(0)).toBe(2_600);
    expect(gas(1)).toBe(100 + 9_000 + 25_000);
    expect(gas(1)).toBe(100 + 9_000);
  });

  results([
    ['is_contract', [address(0xdd)], true],
    ['is_contract', [address(1)], false],
    ['time', [], 1_700_000_000],
    ['now', [], 1_700_000_000],
    ['block_number', [], 7],
    ['block_hash', [], new Uint8Array(32).fill(7)],
    ['coinbase', [], address(0xcb)],
    ['gas_limit', [], 30_000_000],
    ['gas_price', [], 1_000_000_000],
    ['chain_id', [], 31_337],
    ['caller', [], address(0xca)],
    ['origin', [], address(0x0a)],
    ['self_address', [], address(0xcc)],
  ]);

  failures([
    ['balance_of', [account(1)], 'panic 0x1'],
    ['is_contract', ['0x'], 'panic 0x1'],
    ['state_read', [null], 'panic 0x1'],
    ['state_read', [list()], 'panic 0x1'],
    ['state_write', [map(), 1], 'panic 0x1'],
    ['state_write', ['f', new Closure(0, [])], 'panic 0x1'],
    ['ledger_get', ['a'], 'panic 0x1'],
  ]);

  costs([
    ['is_contract', [address(1)], 2_600],
    ['balance_of', [address(1)], 2_600],
    ['time', [], 0],
    ['caller', [], 0],
  ]);

  it('compares the layout of code, once for each code', () => {
    const on = machine();
    const layout = (name: string, type: CellType, codeHash: number): Machine => ({
      ...on,
      program: { ...on.program, variables: [] },
      calls: {
        ...on.calls,
        codeHash: () => new Uint8Array(32).fill(codeHash),
        codeBytes: () => 64,
        schemaOf: () => [{ name, shape: { kind: 'cell', type } }],
      },
    });
    const check = (code: Machine, to: Value = address(0xdd)): unknown =>
      endOf(() => builtin(code, 'require_layout', to));
    expect(check(layout('total', 'integer', 1))).toBe(true);
    const recorded = on.host.words.size;
    expect(check(layout('total', 'integer', 1))).toBe(true);
    expect(on.host.words.size).toBe(recorded);
    expect(check(layout('total', 'bool', 2))).toBe('Error(incompatible state layout: total)');
    expect(check(layout('other', 'bool', 3))).toBe(true);
    expect(check(on, address(1))).toBe('Error(no contract at the address)');
    expect(check(on, account(1))).toBe('panic 0x1');
    const isStatic: Machine = { ...layout('total', 'integer', 1), isStatic: true };
    expect(check(isStatic)).toBe('STATIC_WRITE');
  });

  it('named state has keys of every kind and holds every value', () => {
    const on = machine();
    const keys: readonly Value[] = ['1', 1, true, address(1), account(1), 2n ** 100n];
    keys.forEach((key, index) => {
      expect(builtin(on, 'state_read', key)).toBeNull();
      expect(builtin(on, 'state_write', key, list(index, 'x'.repeat(50)))).toBeNull();
    });
    keys.forEach((key, index) => {
      const held = builtin(on, 'state_read', key);
      expect(builtin(on, 'type', held)).toBe('list');
      expect(builtin(on, 'first', held)).toBe(index);
    });
    builtin(on, 'state_write', 1, null);
    expect(builtin(on, 'state_read', 1)).toBeNull();
    expect(builtin(on, 'len', builtin(on, 'state_read', '1'))).toBe(2);
    on.isStatic = true;
    expect(endOf(() => builtin(on, 'state_write', 1, 1))).toBe('STATIC_WRITE');
  });

  it('the ledger is read by index', () => {
    const on = machine();
    expect(builtin(on, 'ledger_length')).toBe(0);
    expect(builtin(on, 'ledger_get', 0)).toBeNull();
    appendLedger(on, 'a');
    appendLedger(on, list(1));
    expect(builtin(on, 'ledger_length')).toBe(2);
    expect(builtin(on, 'ledger_get', 0)).toBe('a');
    expect(plain(builtin(on, 'copy', builtin(on, 'ledger_get', 1)))).toEqual([1]);
    expect(builtin(on, 'ledger_get', 2)).toBeNull();
    expect(builtin(on, 'ledger_get', -1)).toBeNull();
  });
});

describe('encoding', () => {
  const scalar = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.bigInt({ min: -MAX_INTEGER, max: MAX_INTEGER }).map(integer),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.nat({ max: 255 }).map(address),
  );
  const { value } = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie('value'), { maxLength: 4 }).map((items) => fromPlain(items)),
      fc
        .array(fc.tuple(fc.string({ maxLength: 4 }), tie('value')), { maxLength: 4 })
        .map((entries) => map(...entries.flat())),
    ),
  }));

  it('decode gives what encode was given', () => {
    fc.assert(
      fc.property(value, (given) => {
        const on = machine();
        const bytes = builtin(on, 'encode', given) as Uint8Array;
        expect(plain(builtin(on, 'decode', bytes))).toEqual(plain(given));
        expect(builtin(on, 'encode', builtin(on, 'decode', bytes))).toEqual(bytes);
      }),
      runs(300),
    );
  });

  it('encodes what is in the state', () => {
    const on = machine();
    builtin(on, 'push', handle('list'), 5);
    expect(builtin(on, 'encode', handle('list'))).toEqual(result('encode', list(5)));
  });

  it('abi_encode does as viem does', () => {
    const given = [2n ** 255n, true, `0x${'00'.repeat(19)}05`, 'né', '0x0102', [1n, 2n]] as const;
    const types = ['uint256', 'bool', 'address', 'string', 'bytes', 'uint8[]'];
    const expected = encodeAbiParameters(
      types.map((type) => ({ type })),
      given,
    );
    const values = list(2n ** 255n, true, address(5), 'né', Uint8Array.of(1, 2), [1, 2]);
    const bytes = result('abi_encode', types.join(','), values) as Uint8Array;
    expect(toHex(bytes)).toBe(expected);
    expect(result('abi_encode', `(${types.join(',')})`, values)).toEqual(bytes);
    expect(result('abi_decode', types.join(','), fromHex(expected))).toEqual(plain(values));
  });

  it('tuples are lists', () => {
    const bytes = result('abi_encode', '(uint256,(bool,string))', list(1, [true, 'a']));
    expect(result('abi_decode', '(uint256,(bool,string))', bytes as Uint8Array)).toEqual([
      1,
      [true, 'a'],
    ]);
  });

  results([
    ['abi_encode', ['', list()], new Uint8Array(0)],
    ['abi_encode', ['()', list()], new Uint8Array(0)],
    ['abi_decode', ['', new Uint8Array(0)], []],
    ['selector', ['transfer(address,uint256)'], fromHex('0xa9059cbb')],
    ['selector', ['f(uint)'], fromHex(toFunctionSelector('f(uint256)'))],
    ['decode', [Uint8Array.of(0, 0)], null],
  ]);

  failures([
    ['decode', [Uint8Array.of(0)], 'Error(decode: not an encoded value)'],
    ['decode', [new Uint8Array(0)], 'Error(decode: not an encoded value)'],
    ['decode', [Uint8Array.of(0, 0, 0)], 'Error(decode: not an encoded value)'],
    ['decode', ['a'], 'panic 0x1'],
    ['encode', [new Closure(0, [])], 'panic 0x1'],
    ['encode', ['a'.repeat(1_048_576)], 'panic 0x41'],
    ['abi_encode', ['uint', list()], 'panic 0x1'],
    ['abi_encode', ['uint8', list(256)], 'panic 0x11'],
    ['abi_encode', ['uint8', list(-1)], 'panic 0x11'],
    ['abi_encode', ['bool', list(1)], 'panic 0x1'],
    ['abi_encode', ['uint9', list(1)], 'Error(abi_encode: not a list of types)'],
    ['abi_encode', ['uint8,', list(1)], 'Error(abi_encode: not a list of types)'],
    ['abi_encode', ['a'.repeat(5_000), list(1)], 'Error(abi_encode: not a list of types)'],
    ['abi_encode', [1, list(1)], 'panic 0x1'],
    ['abi_encode', ['uint8', 5], 'panic 0x1'],
    [
      'abi_decode',
      ['bool', new Uint8Array(31)],
      'Error(abi_decode: not an encoding of these types)',
    ],
    [
      'abi_decode',
      ['bool', new Uint8Array(32).fill(1)],
      'Error(abi_decode: not an encoding of these types)',
    ],
    ['abi_decode', ['', new Uint8Array(1)], 'Error(abi_decode: not an encoding of these types)'],
    ['abi_decode', ['nope', new Uint8Array(1)], 'Error(abi_decode: not a list of types)'],
    ['abi_decode', ['bool', 'a'], 'panic 0x1'],
    ['selector', ['transfer'], 'Error(selector: not a signature)'],
    ['selector', ['(uint8)'], 'Error(selector: not a signature)'],
    ['selector', [5], 'panic 0x1'],
  ]);

  costs([
    // An item that is copied and encoded, a text of 33 bytes.
    ['encode', [list('x'.repeat(33))], 3 + 3 + 6],
    ['encode', ['x'.repeat(33)], 6],
    // Five characters, one value, a word.
    ['abi_encode', ['uint8', list(1)], 15 + 3 + 3],
    ['abi_decode', ['uint8', new Uint8Array(32)], 15 + 3 + 3],
    ['selector', ['f(uint)'], 21 + 30 + 6],
  ]);

  it('types are charged before they are read', () => {
    const on = machine(100);
    expect(endOf(() => builtin(on, 'abi_encode', 'uint8,'.repeat(500), list()))).toBe('OUT_OF_GAS');
  });
});
