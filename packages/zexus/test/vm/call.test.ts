import { concatBytes, toHexKey } from '@lucerna/base';
import { decodeRevert, encodeAbi, parseAbiType } from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import type { Mutability } from '../../src/bytecode/container.ts';
import { encodeContainer } from '../../src/bytecode/encode-container.ts';
import { functionSelector } from '../../src/bytecode/selector.ts';
import { call, construct, type VmOutcome, type VmRun } from '../../src/vm/call.ts';
import { loadProgram, lowerContainer } from '../../src/vm/load.ts';
import { noStatistics } from '../../src/vm/machine.ts';
import type { Value } from '../../src/vm/value.ts';
import {
  type ActionParts,
  Assembler,
  account,
  CONTEXT,
  callAction,
  deploy,
  MemoryHost,
  PLENTY,
  run,
  SCHEMA,
} from './support.ts';

type Line = readonly [string, ...Value[]];
const END: readonly Line[] = [['LOAD_CONST', 1], ['RETURN']];
const NOTHING = new Uint8Array(0);

function assembled(lines: readonly Line[], parts: ActionParts = {}): Assembler {
  const assembler = new Assembler();
  assembler.schema = SCHEMA;
  assembler.action('main', assembler.code(...lines), parts);
  return assembler;
}

const silent = { status: 'revert', returnData: NOTHING };

/** A function of one parameter that gives it back. */
function echo(type: string, data: Uint8Array): VmOutcome {
  const assembler = assembled([['LOAD_NAME', 'v'], ['RETURN']], {
    parameters: [{ name: 'v', type }],
    result: type,
  });
  return callAction(assembler.container(), 'main', new MemoryHost(), {}, [type], data);
}

describe('dispatch', () => {
  const container = assembled(END, { result: 'uint256' }).container();
  const program = lowerContainer(container);
  const selector = functionSelector('main', []);

  it('runs the function of the selector and encodes its result', () => {
    const outcome = call(program, selector, run(new MemoryHost()));
    expect(outcome).toEqual({
      status: 'success',
      returnData: encodeAbi([parseAbiType('uint256')], [1n]),
      gasLeft: PLENTY - 1 - 2 - 3,
      refund: 0,
      error: undefined,
      statistics: noStatistics(),
    });
  });

  it.each([
    ['no selector', NOTHING],
    ['part of one', selector.subarray(0, 3)],
    ['an unknown one', Uint8Array.of(1, 2, 3, 4)],
  ])('reverts without data for %s', (_, calldata) => {
    const outcome = call(program, calldata, run(new MemoryHost()));
    expect(outcome).toMatchObject({ ...silent, gasLeft: PLENTY });
    expect(outcome.error?.code).toBe('EXECUTION_REVERTED');
    const context = { ...CONTEXT, value: 1n };
    expect(call(program, calldata, run(new MemoryHost(), { context }))).toMatchObject(silent);
  });

  it.each([
    ['nonpayable', 'revert'],
    ['view', 'revert'],
    ['payable', 'success'],
  ] as const)('value to a %s function: %s', (mutability: Mutability, status) => {
    const { actions, ...rest } = assembled(END, { mutability }).container();
    const context = { ...CONTEXT, value: 1n };
    const outcome = callAction({ ...rest, actions }, 'main', new MemoryHost(), { context });
    expect(outcome).toMatchObject({ status, returnData: NOTHING });
  });

  it('never reaches private actions', () => {
    const hidden = assembled(END, { exportedAs: undefined }).container();
    expect(callAction(hidden, 'main', new MemoryHost())).toMatchObject(silent);
  });

  it('loads the bytes of a container', () => {
    expect(
      call(loadProgram(encodeContainer(container)), selector, run(new MemoryHost())),
    ).toMatchObject({
      status: 'success',
    });
  });
});

describe('arguments and results', () => {
  const bytes32 = new Uint8Array(32).fill(7);

  it.each([
    ['uint256', 2n ** 256n - 1n],
    ['uint256', 0n],
    ['uint8', 255n],
    ['int8', -128n],
    ['int256', -(2n ** 255n)],
    ['bool', true],
    ['address', account(9)],
    ['bytes32', bytes32],
    ['bytes4', bytes32.slice(0, 4)],
    ['bytes', new Uint8Array(33).fill(1)],
    ['string', 'zwölf 🦊'],
    ['string', ''],
  ] as const)('%s comes back as it came', (type, value) => {
    const data = encodeAbi([parseAbiType(type)], [value]);
    expect(echo(type, data)).toMatchObject({ status: 'success', returnData: data });
  });

  it.each([
    ['a short word', 'uint256', new Uint8Array(31)],
    ['nothing', 'uint256', NOTHING],
    ['a number out of range', 'uint8', encodeAbi([parseAbiType('uint256')], [256n])],
    ['a boolean 2', 'bool', encodeAbi([parseAbiType('uint256')], [2n])],
    ['a long address', 'address', new Uint8Array(32).fill(1)],
    ['a bad offset', 'bytes', encodeAbi([parseAbiType('uint256')], [64n])],
    ['no UTF-8', 'string', encodeAbi([parseAbiType('bytes')], [Uint8Array.of(0xc3, 0x28)])],
  ])('%s reverts without data', (_, type, data) => {
    expect(echo(type, data)).toMatchObject(silent);
  });

  it('does not look at bytes behind the arguments', () => {
    const data = encodeAbi([parseAbiType('uint256')], [5n]);
    const outcome = echo('uint256', concatBytes(data, Uint8Array.of(1, 2, 3)));
    expect(outcome).toMatchObject({ status: 'success', returnData: data });
  });

  it.each([
    ['uint256', -1, 'arithmetic overflow'],
    ['uint8', 256, 'arithmetic overflow'],
    ['int8', 128, 'arithmetic overflow'],
    ['int256', 2n ** 255n, 'arithmetic overflow'],
    ['uint256', 'text', 'value of the wrong kind'],
    ['uint256', true, 'value of the wrong kind'],
    ['bool', 1, 'value of the wrong kind'],
    ['string', 1, 'value of the wrong kind'],
    ['bytes', 'text', 'value of the wrong kind'],
    ['bytes4', new Uint8Array(3), 'value of the wrong kind'],
    ['address', new Uint8Array(20), 'value of the wrong kind'],
  ] as const)('a result %s cannot be %s', (result, value, reason) => {
    const container = assembled([['LOAD_CONST', value], ['RETURN']], { result }).container();
    const outcome = callAction(container, 'main', new MemoryHost());
    expect(outcome.status).toBe('revert');
    expect(outcome.error?.message).toBe(`execution reverted: ${reason}`);
    expect(decodeRevert(outcome.returnData).kind).toBe('panic');
  });

  it.each(['uint256', 'int8', 'bool', 'address', 'bytes32'])('null is the zero of %s', (result) => {
    const container = assembled([['LOAD_CONST', null], ['RETURN']], { result }).container();
    const { returnData } = callAction(container, 'main', new MemoryHost());
    expect(returnData).toEqual(new Uint8Array(32));
  });

  it('null is the empty string and no bytes', () => {
    for (const result of ['string', 'bytes']) {
      const container = assembled([['LOAD_CONST', null], ['RETURN']], { result }).container();
      const { returnData } = callAction(container, 'main', new MemoryHost());
      expect(returnData).toEqual(
        encodeAbi([parseAbiType(result)], [result === 'bytes' ? NOTHING : '']),
      );
    }
  });
});

describe('construct', () => {
  const init: ActionParts = {
    exportedAs: undefined,
    parameters: [{ name: 'v', type: 'uint256' }],
  };
  const code: readonly Line[] = [['LOAD_NAME', 'v'], ['STATE_WRITE', 'count'], ...END];
  const five = encodeAbi([parseAbiType('uint256')], [5n]);

  function withInit(mutability: Mutability = 'nonpayable') {
    const assembler = assembled(code, { ...init, mutability });
    assembler.init = 0;
    return assembler.container();
  }

  it('runs init with its arguments and returns nothing', () => {
    const host = new MemoryHost();
    expect(deploy(withInit(), host, five)).toMatchObject({
      status: 'success',
      returnData: NOTHING,
      gasLeft: PLENTY - 2 - 22_100 - 3 - 3,
    });
    expect([...host.words.values()].map(toHexKey)).toEqual([toHexKey(five)]);
  });

  it('takes its arguments to the last byte, and value only if payable', () => {
    const host = new MemoryHost();
    expect(deploy(withInit(), host, NOTHING)).toMatchObject(silent);
    expect(deploy(withInit(), host, concatBytes(five, Uint8Array.of(0)))).toMatchObject(silent);
    const context = { ...CONTEXT, value: 1n };
    expect(deploy(withInit(), host, five, { context })).toMatchObject(silent);
    expect(deploy(withInit('payable'), host, five, { context }).status).toBe('success');
  });

  it('without init takes neither arguments nor value', () => {
    const program = lowerContainer(assembled(END).container());
    const started = run(new MemoryHost());
    expect(construct(program, NOTHING, started)).toMatchObject({
      status: 'success',
      gasLeft: PLENTY,
    });
    expect(construct(program, five, started)).toMatchObject(silent);
    const context = { ...CONTEXT, value: 1n };
    expect(construct(program, NOTHING, { ...started, context })).toMatchObject(silent);
  });

  it('is not a function', () => {
    const outcome = callAction(withInit(), 'main', new MemoryHost(), {}, ['uint256'], five);
    expect(outcome).toMatchObject(silent);
  });
});

describe('calls of actions', () => {
  /** count(n): n when it is 0, else 1 + count(n − 1): n + 1 actions deep. */
  function counting() {
    const assembler = new Assembler();
    const code = assembler.code(
      ['LOAD_NAME', 'n'],
      ['JUMP_IF_FALSE', 9],
      ['LOAD_CONST', 1],
      ['LOAD_NAME', 'n'],
      ['LOAD_CONST', 1],
      ['SUB'],
      ['CALL_ACTION', 0, 1],
      ['ADD'],
      ['RETURN'],
      ['LOAD_NAME', 'n'],
      ['RETURN'],
    );
    assembler.action('count', code, {
      parameters: [{ name: 'n', type: 'uint256' }],
      result: 'uint256',
    });
    return assembler.container();
  }
  const count = (n: bigint, parts: Partial<VmRun> = {}): VmOutcome => {
    const data = encodeAbi([parseAbiType('uint256')], [n]);
    return callAction(counting(), 'count', new MemoryHost(), parts, ['uint256'], data);
  };

  it('go 64 deep', () => {
    expect(count(63n)).toMatchObject({
      status: 'success',
      returnData: encodeAbi([parseAbiType('uint256')], [63n]),
    });
    const outcome = count(64n);
    expect(outcome).toMatchObject({ status: 'failure', gasLeft: 0, returnData: NOTHING });
    expect(outcome.error?.code).toBe('CALL_DEPTH');
    expect(count(2n ** 255n).status).toBe('failure');
  });

  it('start with locals that are null, whatever was in their registers', () => {
    const assembler = new Assembler();
    const helper = assembler.code(
      ['LOAD_NAME', 'local'],
      ['LOAD_CONST', 'dirt'],
      ['STORE_NAME', 'local'],
      ['RETURN'],
    );
    const called = assembler.action('helper', helper, { exportedAs: undefined });
    const code = assembler.code(
      ['CALL_ACTION', called, 0],
      ['POP'],
      ['CALL_ACTION', called, 0],
      ['LOAD_CONST', null],
      ['EQ'],
      ['RETURN'],
    );
    assembler.action('main', code, { result: 'bool' });
    const { returnData } = callAction(assembler.container(), 'main', new MemoryHost());
    expect(returnData[31]).toBe(1);
  });

  it.each([
    ['view', 'nonpayable', 'failure'],
    ['nonpayable', 'view', 'failure'],
    ['nonpayable', 'nonpayable', 'success'],
  ] as const)('from a %s to a %s action that writes: %s', (outer, inner, status) => {
    const assembler = assembled([['LOAD_CONST', 1], ['STATE_WRITE', 'count'], ...END], {
      exportedAs: undefined,
      mutability: inner,
    });
    assembler.action('outer', assembler.code(['CALL_ACTION', 0, 0], ['RETURN']), {
      mutability: outer,
    });
    const outcome = callAction(assembler.container(), 'outer', new MemoryHost());
    expect(outcome.status).toBe(status);
    if (status === 'failure') {
      expect(outcome).toMatchObject({ gasLeft: 0, returnData: NOTHING, refund: 0 });
      expect(outcome.error?.code).toBe('STATIC_WRITE');
    }
  });

  it('of a view leave the caller free to write', () => {
    const assembler = assembled(END, { exportedAs: undefined, mutability: 'view' });
    const outer = assembler.code(['CALL_ACTION', 0, 0], ['STATE_WRITE', 'count'], ...END);
    assembler.action('outer', outer);
    expect(callAction(assembler.container(), 'outer', new MemoryHost()).status).toBe('success');
    const isStatic = callAction(assembler.container(), 'outer', new MemoryHost(), {
      isStatic: true,
    });
    expect(isStatic.error?.code).toBe('STATIC_WRITE');
  });
});

describe('what the host throws', () => {
  it.each(['load', 'store', 'accessSlot', 'loadOriginal'] as const)(
    '%s: passes through',
    (name) => {
      const host = new MemoryHost();
      const broken = {
        ...host,
        [name]: () => {
          throw new Error('disk on fire');
        },
      };
      const container = assembled([
        ['LOAD_CONST', 1],
        ['STATE_WRITE', 'count'],
        ...END,
      ]).container();
      expect(() => callAction(container, 'main', broken)).toThrow('disk on fire');
    },
  );
});

it('a failed run has no refund', () => {
  const host = new MemoryHost();
  const lines: readonly Line[] = [
    ['LOAD_CONST', 0],
    ['STATE_WRITE', 'count'],
    ['LOAD_CONST', 'no'],
    ['REVERT'],
  ];
  callAction(
    assembled([['LOAD_CONST', 5], ['STATE_WRITE', 'count'], ...END]).container(),
    'main',
    host,
  );
  host.beginTransaction();
  const outcome = callAction(assembled(lines).container(), 'main', host);
  expect(outcome).toMatchObject({ status: 'revert', refund: 0 });
  expect(decodeRevert(outcome.returnData)).toEqual({ kind: 'error', message: 'no' });
});

it('counts what a run does, also when it fails', () => {
  const lines: readonly Line[] = [
    ['STATE_READ', 'count'],
    ['STATE_WRITE', 'count'],
    ['LOAD_CONST', 'no'],
    ['REVERT'],
  ];
  const outcome = callAction(assembled(lines).container(), 'main', new MemoryHost());
  expect(outcome.statistics).toEqual({ ...noStatistics(), stateReads: 1, stateWrites: 1 });
});

describe('a run while another one on the same state waits', () => {
  const reentrant = { isReentrant: true };
  const writing: readonly Line[] = [['LOAD_CONST', 1], ['STATE_WRITE', 'count'], ...END];

  it.each<[string, readonly Line[], Mutability, Partial<VmRun>, boolean]>([
    ['that could write is refused', END, 'nonpayable', reentrant, false],
    ['that is payable is refused', END, 'payable', reentrant, false],
    ['of a view is not', END, 'view', reentrant, true],
    ['of a pure action is not', END, 'pure', reentrant, true],
    ['that is static is not', END, 'nonpayable', { ...reentrant, isStatic: true }, true],
    ['that is the only one is not', writing, 'nonpayable', {}, true],
  ])('%s', (_, lines, mutability, parts, isAllowed) => {
    const container = assembled(lines, { mutability }).container();
    const outcome = callAction(container, 'main', new MemoryHost(), parts);
    expect(outcome.status).toBe(isAllowed ? 'success' : 'revert');
    if (isAllowed) return;
    const message = 'reentrant call';
    expect(decodeRevert(outcome.returnData)).toEqual({ kind: 'error', message });
  });

  it('may not write, static as it must be', () => {
    const container = assembled(writing).container();
    const parts = { ...reentrant, isStatic: true };
    const outcome = callAction(container, 'main', new MemoryHost(), parts);
    expect(outcome.error?.code).toBe('STATIC_WRITE');
  });

  it('reaches neither fallback nor receive', () => {
    const assembler = assembled(END);
    const parts: ActionParts = { exportedAs: undefined, mutability: 'payable' };
    assembler.fallback = assembler.action('fallback', assembler.code(...END), parts);
    assembler.receive = assembler.action('receive', assembler.code(...END), parts);
    const program = lowerContainer(assembler.container());
    for (const data of [NOTHING, Uint8Array.of(1)]) {
      const outcome = call(program, data, run(new MemoryHost(), reentrant));
      expect(outcome.error?.message).toBe('execution reverted: reentrant call');
    }
  });
});
