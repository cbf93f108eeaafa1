import { isLucernaError, toHex } from '@lucerna/base';
import { decodeRevert } from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import type { UpstreamValue } from '../../src/bytecode/zxc1/upstream-json.ts';
import {
  type UpstreamInstruction,
  upstreamModule,
} from '../../src/bytecode/zxc1/upstream-module.ts';
import { serialize } from '../../src/bytecode/zxc1/write-module.ts';
import { zexusLimits } from '../../src/limits.ts';
import { MemoryHost, NO_CHAIN } from '../../src/vm/memory-host.ts';
import { type RunScriptOptions, runScript, type ScriptOutcome } from '../../src/vm/run-script.ts';
import { Dictionary, List, type Value } from '../../src/vm/value.ts';

type Lines = readonly UpstreamInstruction[];

const run = (
  constants: readonly UpstreamValue[],
  lines: Lines,
  options?: RunScriptOptions,
): ScriptOutcome => runScript(serialize(upstreamModule(constants, lines)), options);

/** The value as JSON has it: what a test compares. */
function plain(value: Value): unknown {
  if (value instanceof List) return value.items.map(plain);
  if (value instanceof Dictionary) {
    return Object.fromEntries([...value.entries.values()].map((e) => [e.key, plain(e.value)]));
  }
  return value instanceof Uint8Array ? toHex(value) : value;
}

const resultOf = (constants: readonly UpstreamValue[], lines: Lines): unknown =>
  plain(run(constants, lines).value);

function refusal(constants: readonly UpstreamValue[], lines: Lines): unknown {
  try {
    run(constants, lines);
  } catch (error) {
    if (isLucernaError(error)) return [error.code, error.fields['instruction']];
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the end of the code', () => {
  it('returns the top of the stack, null when it is empty', () => {
    expect(resultOf([], [])).toBe(null);
    expect(resultOf([7n], [['LOAD_CONST', 0]])).toBe(7);
    expect(
      resultOf(
        [7n, 8n],
        [
          ['LOAD_CONST', 0],
          ['LOAD_CONST', 1],
        ],
      ),
    ).toBe(8);
    expect(resultOf([7n], [['LOAD_CONST', 0], ['POP']])).toBe(null);
  });

  it('is where jumps behind it lead, with what the stack has then', () => {
    const jumping: Lines = [['LOAD_CONST', 0], ['LOAD_CONST', 1], ['JUMP_IF_TRUE', 900], ['POP']];
    expect(resultOf([5n, true], jumping)).toBe(5);
    expect(resultOf([5n, false], jumping)).toBe(null);
    expect(resultOf([5n], [['LOAD_CONST', 0], ['JUMP', 3], ['POP']])).toBe(5);
    // Nothing leads there, and still it must lead somewhere.
    expect(resultOf([5n], [['LOAD_CONST', 0], ['RETURN'], ['JUMP', 3]])).toBe(5);
  });

  it('comes in loops too', () => {
    const sum: Lines = [
      ['LOAD_CONST', 1],
      ['STORE_NAME', 0],
      ['LOAD_NAME', 0],
      ['LOAD_CONST', 2],
      ['GTE'],
      ['JUMP_IF_TRUE', 11],
      ['LOAD_NAME', 0],
      ['LOAD_CONST', 3],
      ['ADD'],
      ['STORE_NAME', 0],
      ['JUMP', 2],
      ['LOAD_NAME', 0],
    ];
    expect(resultOf(['i', 0n, 1_000n, 7n], sum)).toBe(1_001);
  });
});

describe('values', () => {
  it('are integers of 64 bits, text, booleans and null', () => {
    for (const value of [2n ** 63n - 1n, -(2n ** 63n)]) {
      expect(resultOf([value], [['LOAD_CONST', 0]])).toBe(value);
    }
    expect(resultOf(['é'], [['LOAD_CONST', 0]])).toBe('é');
    expect(resultOf([true], [['LOAD_CONST', 0]])).toBe(true);
    expect(resultOf([null], [['LOAD_CONST', 0]])).toBe(null);
  });

  it('are made of constants that are lists and maps, each time anew', () => {
    expect(resultOf([[1n, ['a', []]]], [['LOAD_CONST', 0]])).toEqual([1, ['a', []]]);
    const module = upstreamModule([], [['LOAD_CONST', 0]]);
    const map = {
      kind: 'map',
      entries: [
        [
          { kind: 'string', value: 'k' },
          { kind: 'list', items: [{ kind: 'null' }] },
        ],
      ],
    } as const;
    const bytes = serialize({ ...module, constants: [map] });
    expect(plain(runScript(bytes).value)).toEqual({ k: [null] });
  });

  it('that nobody stored are null', () => {
    expect(resultOf(['x'], [['LOAD_NAME', 0]])).toBe(null);
    // A name can be any text.
    const odd: Lines = [
      ['LOAD_CONST', 1],
      ['STORE_NAME', 0],
      ['LOAD_NAME', 0],
    ];
    expect(resultOf(['this.x y', 4n], odd)).toBe(4);
  });

  it('are indexed, and made into lists', () => {
    const lines: Lines = [
      ['LOAD_CONST', 0],
      ['LOAD_CONST', 1],
      ['BUILD_LIST', 2],
      ['LOAD_CONST', 1],
      ['INDEX'],
    ];
    expect(resultOf([7n, 1n], lines)).toBe(1);
  });
});

describe('state', () => {
  const write: Lines = [
    ['LOAD_CONST', 1],
    ['STATE_WRITE', 0],
  ];
  const read: Lines = [['STATE_READ', 0]];
  const readByStack: Lines = [['LOAD_CONST', 0], ['STATE_READ']];

  it('is one, whichever way the key comes', () => {
    expect(resultOf(['k', 9n], [...write, ...read])).toBe(9);
    expect(resultOf(['k', 9n], [...write, ...readByStack])).toBe(9);
    const byStack: Lines = [['LOAD_CONST', 0], ['LOAD_CONST', 1], ['STATE_WRITE']];
    expect(resultOf(['k', 9n], [...byStack, ...read])).toBe(9);
    expect(resultOf(['k'], read)).toBe(null);
  });

  it('outlives the script in its host, unless the script fails', () => {
    const host = new MemoryHost(NO_CHAIN.address);
    run(['k', 9n], write, { host });
    expect(run(['k'], read, { host }).value).toBe(9);
    const failing: Lines = [['LOAD_CONST', 1], ['STATE_WRITE', 0], ['LOAD_CONST', 2], ['THROW']];
    const outcome = run(['k', 10n, 'no'], failing, { host });
    expect(outcome.status).toBe('revert');
    expect(decodeRevert(outcome.returnData)).toEqual({ kind: 'error', message: 'no' });
    expect(run(['k'], read, { host }).value).toBe(9);
  });

  it('is taken back by TX_REVERT', () => {
    const lines: Lines = [
      ...write,
      ['TX_BEGIN'],
      ['LOAD_CONST', 2],
      ['STATE_WRITE', 0],
      ['TX_REVERT'],
      ...read,
    ];
    expect(resultOf(['k', 1n, 2n], lines)).toBe(1);
  });
});

describe('a script', () => {
  it('calls builtins under either name, without arguments also by the constant alone', () => {
    const bytes = 'abc';
    const expected = '0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45';
    for (const opcode of ['CALL_BUILTIN', 'CALL_NAME']) {
      const lines: Lines = [
        ['LOAD_CONST', 1],
        [opcode, [0, 1]],
      ];
      expect(resultOf(['keccak256', bytes], lines)).toBe(expected);
    }
  });

  it('catches what it throws', () => {
    const lines: Lines = [['SETUP_TRY', 4], ['LOAD_CONST', 0], ['THROW'], ['POP_TRY'], ['RETURN']];
    expect(resultOf(['oh'], lines)).toBe('oh');
  });

  it('ends with the gas that it has', () => {
    const outcome = run([], [['JUMP', 0]], { gas: 1_000 });
    expect(outcome).toMatchObject({ status: 'failure', gasUsed: 1_000, value: null });
    expect(outcome.error?.code).toBe('OUT_OF_GAS');
    const charged = run(
      [1n],
      [
        ['GAS_CHARGE', 500],
        ['LOAD_CONST', 0],
      ],
    );
    expect(charged).toMatchObject({ status: 'success', gasUsed: 503 });
  });

  it('knows its surroundings', () => {
    const lines: Lines = [['CALL_BUILTIN', 0]];
    const context = { height: 12 };
    const value = run(['block_number'], lines, { context }).value;
    expect(value).toBe(12);
  });
});

describe('what scripts cannot run', () => {
  it('is refused with the number of the instruction', () => {
    const second = (line: UpstreamInstruction): Lines => [['NOP'], line];
    const cases: readonly (readonly [readonly UpstreamValue[], UpstreamInstruction])[] = [
      [[1.5], ['LOAD_CONST', 0]],
      [[[1.5]], ['LOAD_CONST', 0]],
      [[new Map()], ['LOAD_CONST', 0]],
      [[], ['LOAD_CONST', 0]],
      [[], ['LOAD_CONST']],
      [[1n], ['LOAD_NAME', 0]],
      [[1n], ['CALL_BUILTIN', [0, 0]]],
      [[], ['CALL_BUILTIN', 0]],
      [[], ['PRINT']],
      [[], [777]],
      [[], [0x0404, [0, 0]]],
      [[], ['ADD', 1]],
      [[], ['JUMP']],
      [['e'], ['EMIT_EVENT']],
      [['m'], ['CALL_METHOD', 0]],
    ];
    for (const [constants, line] of cases) {
      expect([line, refusal(constants, second(line))]).toEqual([line, ['ZXC1_SCRIPT', 1]]);
    }
    // What is not loaded may be there.
    expect(resultOf([1.5, 2n], [['LOAD_CONST', 1]])).toBe(2);
  });

  it('is refused by the verifier as in contracts', () => {
    expect(refusal([], [['ADD']])).toEqual(['PROGRAM_REFUSED', 0]);
    expect(refusal(['nothing'], [['CALL_BUILTIN', [0, 0]]])).toEqual(['PROGRAM_REFUSED', 0]);
  });

  it('is more code than an action may have, however small the file is', () => {
    const list: UpstreamValue = Array.from({ length: 1_000 }, () => null);
    const lines = Array.from({ length: 40 }, (): UpstreamInstruction => ['LOAD_CONST', 0]);
    expect(refusal([list], lines)).toEqual(['ZXC1_LIMIT', 32]);
    expect(zexusLimits.values.containerInstructions).toBe(32_768);
  });
});
