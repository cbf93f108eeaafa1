import { concatBytes, fromHex, toHex } from '@lucerna/base';
import { decodeRevert, encodeAbi, parseAbiType, selectorOfSignature } from '@lucerna/protocol';
import { type AbiParameter, encodeAbiParameters } from 'viem';
import { describe, expect, it } from 'vitest';
import { canonicalType, type FieldType } from '../../src/bytecode/abi-types.ts';
import type { Container, Mutability } from '../../src/bytecode/container.ts';
import { functionSelector } from '../../src/bytecode/selector.ts';
import { encodeValue } from '../../src/layout/value-encoding.ts';
import { zexusLimits } from '../../src/limits.ts';
import { call, type VmOutcome, type VmRun } from '../../src/vm/call.ts';
import { INITIAL_GAS } from '../../src/vm/gas.ts';
import { lowerContainer } from '../../src/vm/load.ts';
import { Meter } from '../../src/vm/meter.ts';
import type { Program } from '../../src/vm/program.ts';
import { Address, Dictionary, keyText, List, type Scalar, type Value } from '../../src/vm/value.ts';
import {
  type ActionParts,
  Assembler,
  account,
  CONTEXT,
  callAction,
  MemoryHost,
  PLENTY,
  run,
  SCHEMA,
} from './support.ts';

type Line = readonly [string, ...Value[]];
const END: readonly Line[] = [['LOAD_CONST', 1], ['RETURN']];
const NOTHING = new Uint8Array(0);
const ANY: FieldType = { type: 'bytes', isEncoded: true };
const silent = { status: 'revert', returnData: NOTHING };

function assembled(lines: readonly Line[], parts: ActionParts = {}): Assembler {
  const assembler = new Assembler();
  assembler.schema = SCHEMA;
  assembler.action('main', assembler.code(...lines), parts);
  return assembler;
}

/** A function of one parameter that gives it back. */
function echo(field: FieldType, data: Uint8Array): VmOutcome {
  const assembler = assembled([['LOAD_NAME', 'v'], ['RETURN']], {
    parameters: [{ name: 'v', ...field }],
    result: { name: '', ...field },
  });
  const types = [canonicalType(field)];
  return callAction(assembler.container(), 'main', new MemoryHost(), {}, types, data);
}

/** What the lines leave, as a result of the type. */
function made(field: FieldType, lines: readonly Line[]): VmOutcome {
  const assembler = assembled([...lines, ['RETURN']], { result: { name: '', ...field } });
  return callAction(assembler.container(), 'main', new MemoryHost());
}

/** As viem encodes it. */
const encodedBy = (field: FieldType, value: unknown): Uint8Array =>
  fromHex(encodeAbiParameters([{ name: 'v', ...field } as AbiParameter], [value]));

const asBytes = (bytes: Uint8Array): Uint8Array => encodeAbi([parseAbiType('bytes')], [bytes]);
const words = (...values: readonly bigint[]): Uint8Array => {
  const uint = parseAbiType('uint256');
  return encodeAbi(
    values.map(() => uint),
    values,
  );
};

/** The canonical encoding of a value. */
const canonical = (value: Value): Uint8Array => encodeValue(new Meter(INITIAL_GAS, PLENTY), value);
const listOf = (...items: readonly Value[]): List => new List([...items]);
function mapOf(...entries: readonly (readonly [Scalar, Value])[]): Dictionary {
  const map = new Dictionary();
  for (const [key, value] of entries) map.entries.set(keyText(key), { key, value });
  return map;
}

const panicOf = ({ returnData }: VmOutcome): unknown => decodeRevert(returnData);
const panic = (code: bigint): unknown => ({ kind: 'panic', code });

describe('lists and tuples', () => {
  const pair: FieldType = {
    type: 'tuple',
    components: [
      { name: 'amount', type: 'uint256' },
      { name: 'names', type: 'string[]' },
    ],
  };
  const nested: FieldType = {
    type: 'tuple[]',
    components: [
      { name: 'inner', ...pair },
      { name: 'owner', type: 'address' },
    ],
  };
  const inner = { amount: 5n, names: ['a', '', 'é'] };
  const owner = `0x${'00'.repeat(19)}09`;

  it.each<[string, FieldType, unknown]>([
    ['a list of numbers', { type: 'uint256[]' }, [1n, 2n, 2n ** 256n - 1n]],
    ['an empty list', { type: 'string[]' }, []],
    ['a list of lists', { type: 'int8[][]' }, [[1, -1], [], [127]]],
    ['a list of bytes', { type: 'bytes[]' }, ['0x', '0x0102']],
    ['a tuple', pair, inner],
    ['a list of tuples of tuples', nested, [{ inner, owner }]],
    ['an empty list of tuples', nested, []],
  ])('%s comes back as it came', (_, field, value) => {
    const data = encodedBy(field, value);
    expect(echo(field, data)).toMatchObject({ status: 'success', returnData: data });
  });

  it.each<[string, FieldType, Uint8Array]>([
    ['a list that is longer than its data', { type: 'uint256[]' }, words(32n, 2n)],
    ['a length that nothing has', { type: 'uint256[]' }, words(32n, 2n ** 255n)],
    ['an offset behind the end', { type: 'uint256[]' }, words(64n)],
    ['a tuple without its tail', pair, words(32n, 5n, 64n)],
    ['an item of the wrong kind', { type: 'bool[]' }, words(32n, 1n, 2n)],
  ])('%s reverts without data', (_, field, data) => {
    expect(echo(field, data)).toMatchObject(silent);
  });

  it('a tuple is a map with the names of its components', () => {
    const lines: readonly Line[] = [
      ['LOAD_NAME', 'v'],
      ['LOAD_CONST', 'amount'],
      ['INDEX'],
      ['RETURN'],
    ];
    const parts: ActionParts = { parameters: [{ name: 'v', ...pair }], result: 'uint256' };
    const container = assembled(lines, parts).container();
    const types = [canonicalType(pair)];
    const data = encodedBy(pair, inner);
    const outcome = callAction(container, 'main', new MemoryHost(), {}, types, data);
    expect(outcome.returnData).toEqual(words(5n));
  });

  it.each<[string, readonly Line[], unknown]>([
    ['null', [['LOAD_CONST', null]], { amount: 0n, names: [] }],
    ['an empty map', [['BUILD_MAP', 0]], { amount: 0n, names: [] }],
    [
      'a list of as many',
      [
        ['LOAD_CONST', 7],
        ['LOAD_CONST', 'x'],
        ['BUILD_LIST', 1],
        ['BUILD_LIST', 2],
      ],
      { amount: 7n, names: ['x'] },
    ],
    [
      'a map in another order',
      [
        ['LOAD_CONST', 'names'],
        ['BUILD_LIST', 0],
        ['LOAD_CONST', 'amount'],
        ['LOAD_CONST', 8],
        ['BUILD_MAP', 2],
      ],
      { amount: 8n, names: [] },
    ],
  ])('a tuple can be made of %s', (_, lines, value) => {
    expect(toHex(made(pair, lines).returnData)).toBe(toHex(encodedBy(pair, value)));
  });

  it.each<[string, FieldType, readonly Line[]]>([
    ['a number as a list', { type: 'uint256[]' }, [['LOAD_CONST', 5]]],
    [
      'a list with an item of another kind',
      { type: 'bool[]' },
      [
        ['LOAD_CONST', 5],
        ['BUILD_LIST', 1],
      ],
    ],
    ['a list that is too short as a tuple', pair, [['BUILD_LIST', 0]]],
    [
      'a map with a name too many as a tuple',
      pair,
      [
        ['LOAD_CONST', 'z'],
        ['LOAD_CONST', 1],
        ['BUILD_MAP', 1],
      ],
    ],
    ['text as a tuple', pair, [['LOAD_CONST', 'text']]],
  ])('%s panics', (_, field, lines) => {
    expect(panicOf(made(field, lines))).toEqual(panic(1n));
  });
});

describe('values of any kind', () => {
  it.each<[string, Value]>([
    ['null', null],
    ['a number', -5],
    ['text', 'zwölf'],
    ['an address', new Address(account(3))],
    ['a list', listOf(1, listOf('a', true), null)],
    ['a map', mapOf([1, 'one'], ['two', listOf(2)])],
  ])('%s comes back as it came', (_, value) => {
    const data = asBytes(canonical(value));
    expect(echo(ANY, data)).toMatchObject({ status: 'success', returnData: data });
  });

  it('no bytes at all are null', () => {
    const outcome = echo(ANY, asBytes(NOTHING));
    expect(outcome).toMatchObject({ status: 'success', returnData: asBytes(canonical(null)) });
  });

  it.each<[string, Uint8Array]>([
    ['an unknown tag', Uint8Array.of(0xee, 0)],
    ['a value that is cut off', canonical('text').slice(0, -1)],
    ['bytes behind the value', concatBytes(canonical(1), Uint8Array.of(0))],
  ])('%s reverts without data', (_, bytes) => {
    expect(echo(ANY, asBytes(bytes))).toMatchObject(silent);
  });

  it('what has no encoding panics', () => {
    const assembler = new Assembler();
    assembler.action('helper', assembler.code(...END), { exportedAs: undefined });
    const code = assembler.code(['MAKE_CLOSURE', 0, 0], ['RETURN']);
    assembler.action('main', code, { result: { name: '', ...ANY } });
    const outcome = callAction(assembler.container(), 'main', new MemoryHost());
    expect(panicOf(outcome)).toEqual(panic(1n));
  });
});

describe('zx_call', () => {
  const zxCall = (name: string, args: Uint8Array): Uint8Array =>
    concatBytes(
      selectorOfSignature('zx_call(string,bytes)'),
      encodeAbi(['string', 'bytes'].map(parseAbiType), [name, args]),
    );

  function container(mutability: Mutability = 'nonpayable'): Container {
    const assembler = new Assembler();
    const twice = assembler.code(['LOAD_NAME', 'v'], ['DUP'], ['ADD'], ['RETURN']);
    assembler.action('double_it', twice, {
      exportedAs: 'doubleIt',
      mutability,
      parameters: [{ name: 'v', type: 'uint8' }],
      result: 'uint8',
    });
    assembler.action('rest', assembler.code(['LOAD_NAME', 'v'], ['RETURN']), {
      parameters: [{ name: 'v', ...ANY }],
      result: { name: '', ...ANY },
    });
    assembler.action('nothing', assembler.code(...END));
    assembler.action('hidden', assembler.code(...END), { exportedAs: undefined });
    return assembler.container();
  }
  const zx = (name: string, args: Value, parts: Partial<VmRun> = {}): VmOutcome =>
    call(lowerContainer(container()), zxCall(name, canonical(args)), run(new MemoryHost(), parts));
  const answer = (value: Value): object => ({
    status: 'success',
    returnData: asBytes(canonical(value)),
  });

  it.each(['double_it', 'doubleIt'])('reaches an action as %s', (name) => {
    expect(zx(name, listOf(21))).toMatchObject(answer(42));
  });

  it('passes values of any kind', () => {
    const value = mapOf(['k', listOf(1, 'a')]);
    expect(zx('rest', listOf(value))).toMatchObject(answer(value));
    expect(zx('nothing', listOf())).toMatchObject(answer(null));
  });

  it('takes null for the zero of a type', () => {
    expect(zx('doubleIt', listOf(null))).toMatchObject(answer(0));
  });

  it.each<[string, string, Value]>([
    ['too many arguments', 'doubleIt', listOf(1, 2)],
    ['too few', 'doubleIt', listOf()],
    ['what is no list', 'doubleIt', 5],
    ['the name of a private action', 'hidden', listOf()],
    ['an unknown name', 'constructor', listOf()],
  ])('reverts without data for %s', (_, name, args) => {
    expect(zx(name, args)).toMatchObject(silent);
  });

  it.each<[string, Uint8Array]>([
    ['what is no encoding', Uint8Array.of(0xee)],
    ['nothing', NOTHING],
  ])('reverts without data for %s as arguments', (_, bytes) => {
    const calldata = zxCall('doubleIt', bytes);
    expect(call(lowerContainer(container()), calldata, run(new MemoryHost()))).toMatchObject(
      silent,
    );
  });

  it.each<[string, Value, bigint]>([
    ['an argument of another kind', 'text', 0x01n],
    ['one out of range', 256, 0x11n],
    ['a result out of range', 200, 0x11n],
  ])('panics for %s', (_, value, code) => {
    expect(panicOf(zx('doubleIt', listOf(value)))).toEqual(panic(code));
  });

  it('takes value as the action does', () => {
    const context = { ...CONTEXT, value: 1n };
    expect(zx('doubleIt', listOf(1), { context })).toMatchObject(silent);
    const payable = lowerContainer(container('payable'));
    const calldata = zxCall('doubleIt', canonical(listOf(1)));
    expect(call(payable, calldata, run(new MemoryHost(), { context })).status).toBe('success');
  });

  it('goes to the fallback when nothing has the name', () => {
    const assembler = assembled(END);
    const code = assembler.code(['LOAD_NAME', 'data'], ['RETURN']);
    assembler.fallback = assembler.action('fallback', code, {
      exportedAs: undefined,
      parameters: [{ name: 'data', type: 'bytes' }],
      result: 'bytes',
    });
    const program = lowerContainer(assembler.container());
    const calldata = zxCall('unknown', canonical(listOf()));
    const outcome = call(program, calldata, run(new MemoryHost()));
    expect(outcome).toMatchObject({ status: 'success', returnData: calldata });
  });
});

describe('fallback and receive', () => {
  type Parts = {
    readonly fallback?: Mutability;
    /** Whether the fallback answers what it is called with. */
    readonly isEcho?: true;
    readonly receive?: true;
  };

  function program({ fallback, isEcho, receive }: Parts): Program {
    const assembler = assembled(END, { result: 'uint256' });
    const hidden: ActionParts = { exportedAs: undefined };
    if (fallback !== undefined && isEcho === true) {
      const code = assembler.code(['LOAD_NAME', 'data'], ['RETURN']);
      const parts: ActionParts = {
        parameters: [{ name: 'data', type: 'bytes' }],
        result: 'bytes',
      };
      const all = { ...hidden, ...parts, mutability: fallback };
      assembler.fallback = assembler.action('fallback', code, all);
    } else if (fallback !== undefined) {
      const parts = { ...hidden, mutability: fallback };
      assembler.fallback = assembler.action('fallback', assembler.code(...END), parts);
    }
    if (receive === true) {
      const code = assembler.code(['LOAD_CONST', 1], ['STATE_WRITE', 'count'], ...END);
      const parts: ActionParts = { ...hidden, mutability: 'payable' };
      assembler.receive = assembler.action('receive', code, parts);
    }
    return lowerContainer(assembler.container());
  }
  const send = (on: Program, data: Uint8Array, value = 0n): VmOutcome =>
    call(on, data, run(new MemoryHost(), { context: { ...CONTEXT, value } }));

  it('take what no function takes', () => {
    const both = program({ fallback: 'payable', isEcho: true, receive: true });
    const received = send(both, NOTHING, 5n);
    expect(received).toMatchObject({ status: 'success', returnData: NOTHING });
    expect(received.statistics.stateWrites).toBe(1);
    for (const data of [Uint8Array.of(1), Uint8Array.of(1, 2, 3, 4), words(9n)]) {
      expect(send(both, data, 5n)).toMatchObject({ status: 'success', returnData: data });
    }
    expect(send(both, functionSelector('main', [])).returnData).toEqual(words(1n));
  });

  it('a fallback alone takes calls without data as well', () => {
    const answered = { status: 'success', returnData: NOTHING };
    const echoing = program({ fallback: 'payable', isEcho: true });
    expect(send(echoing, NOTHING, 5n)).toMatchObject(answered);
    expect(send(program({ fallback: 'nonpayable' }), words(9n))).toMatchObject(answered);
  });

  it('receive alone takes no data', () => {
    const receiving = program({ receive: true });
    expect(send(receiving, NOTHING).status).toBe('success');
    expect(send(receiving, Uint8Array.of(1))).toMatchObject(silent);
    expect(send(receiving, words(9n))).toMatchObject(silent);
  });

  it.each(['nonpayable', 'view'] as const)('a %s fallback takes no value', (fallback) => {
    const on = program({ fallback });
    expect(send(on, words(9n)).status).toBe('success');
    expect(send(on, words(9n), 1n)).toMatchObject(silent);
    expect(send(on, NOTHING, 1n)).toMatchObject(silent);
  });

  it('arguments of a function that are not properly encoded are not for the fallback', () => {
    const assembler = assembled(END, { parameters: [{ name: 'v', type: 'bool' }] });
    const parts: ActionParts = { exportedAs: undefined };
    assembler.fallback = assembler.action('fallback', assembler.code(...END), parts);
    const on = lowerContainer(assembler.container());
    const data = concatBytes(functionSelector('main', [{ type: 'bool' }]), words(2n));
    expect(send(on, data)).toMatchObject(silent);
  });
});

describe('limits of what comes and goes', () => {
  it('a string that is longer than strings may be panics', () => {
    const outcome = echo(
      { type: 'string' },
      encodeAbi([parseAbiType('string')], ['x'.repeat(zexusLimits.values.stringBytes + 1)]),
    );
    expect(panicOf(outcome)).toEqual(panic(0x41n));
  });

  it('an argument pays for its bytes before it is decoded', () => {
    const data = asBytes(new Uint8Array(320));
    const types = ['bytes'];
    const container = assembled(END, { parameters: [{ name: 'v', type: 'bytes' }] }).container();
    const gas = (length: Uint8Array): number =>
      PLENTY - callAction(container, 'main', new MemoryHost(), {}, types, length).gasLeft;
    const word = INITIAL_GAS.word;
    expect(gas(data) - gas(asBytes(new Uint8Array(0)))).toBe(word * 10);
    const poor = callAction(
      container,
      'main',
      new MemoryHost(),
      { gas: word * 12 - 1 },
      types,
      data,
    );
    expect(poor.error?.code).toBe('OUT_OF_GAS');
  });

  it('asks for no more gas than it uses for texts within lists', () => {
    const container = assembled(END, { parameters: [{ name: 'v', type: 'string[]' }] }).container();
    const data = encodeAbi([parseAbiType('string[]')], [['a', 'ünlike', 'x'.repeat(70)]]);
    const attempt = (gas: number): VmOutcome =>
      callAction(container, 'main', new MemoryHost(), { gas }, ['string[]'], data);
    const used = PLENTY - attempt(PLENTY).gasLeft;
    expect(attempt(used)).toMatchObject({ status: 'success', gasLeft: 0 });
    expect(attempt(used - 1).error?.code).toBe('OUT_OF_GAS');
  });
});
