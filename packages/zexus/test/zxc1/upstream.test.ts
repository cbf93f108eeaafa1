import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isLucernaError, toHexKey } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { OPCODES } from '../../src/bytecode/opcodes.ts';
import { type UpstreamValue, upstreamJson } from '../../src/bytecode/zxc1/upstream-json.ts';
import { type UpstreamOperand, upstreamModule } from '../../src/bytecode/zxc1/upstream-module.ts';
import { upstreamOpcode, upstreamOpcodeName } from '../../src/bytecode/zxc1/upstream-opcodes.ts';
import { serialize } from '../../src/bytecode/zxc1/write-module.ts';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isLucernaError(error)) return error.code;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe("the rules of upstream's writer", () => {
  const constants = (...values: readonly UpstreamValue[]) => upstreamModule(values, []).constants;
  const operand = (value: UpstreamOperand) =>
    upstreamModule([], [[1, value]]).instructions[0]!.operand;

  it('take a boolean for one before an integer', () => {
    expect(constants(true, 1n, 1)).toEqual([
      { kind: 'boolean', value: true },
      { kind: 'integer', value: 1n },
      { kind: 'float', value: 1 },
    ]);
    expect(operand(true)).toEqual({ kind: 'u32', value: 1 });
  });

  it('make JSON of dictionaries, and lists of lists and tuples', () => {
    const dictionary = new Map<UpstreamValue, UpstreamValue>([['name', 'f']]);
    expect(constants(dictionary, [dictionary, null])).toEqual([
      { kind: 'description', json: '{"name": "f"}' },
      { kind: 'list', items: [{ kind: 'description', json: '{"name": "f"}' }, { kind: 'null' }] },
    ]);
  });

  it('take the short form of an operand that fits it, and 32 bits of those in tuples', () => {
    expect(operand(null)).toEqual({ kind: 'none' });
    expect(operand(undefined)).toEqual({ kind: 'none' });
    expect(operand(2 ** 32 - 1)).toEqual({ kind: 'u32', value: 2 ** 32 - 1 });
    expect(operand(2 ** 32)).toEqual({ kind: 'i64', value: 2n ** 32n });
    expect(operand(-1)).toEqual({ kind: 'i64', value: -1n });
    expect(operand([1n, -1])).toEqual({ kind: 'pair', values: [1, 2 ** 32 - 1] });
    expect(operand([2n ** 32n, 2, 3])).toEqual({ kind: 'triple', values: [0, 2, 3] });
  });

  it('know opcodes by name, and no name is written as NOP', () => {
    const named = upstreamModule([], [['NOP'], ['CALL_BUILTIN', [0, 1]], [777]]).instructions;
    expect(named.map(({ opcode }) => opcode)).toEqual([255, 53, 777]);
    expect(codeOf(() => upstreamModule([], [['GET_LENGTH']]))).toBe('ZXC1_OPCODE');
    for (const { code, name } of OPCODES.filter((entry) => entry.code < 0x0400)) {
      expect([upstreamOpcodeName(code), upstreamOpcode(name)]).toEqual([name, code]);
    }
    const shown = [302, 309, 245, 137].map(upstreamOpcodeName);
    expect(shown).toEqual(['BARRIER', 'ATOMIC_CAS', undefined, 'RESTRICT_ACCESS']);
  });

  it('refuse what cannot be written', () => {
    expect(codeOf(() => constants(2n ** 63n))).toBe('ZXC1_INTEGER');
    expect(codeOf(() => constants([[2n ** 64n]]))).toBe('ZXC1_INTEGER');
    expect(codeOf(() => operand(-(2n ** 63n) - 1n))).toBe('ZXC1_INTEGER');
    expect(codeOf(() => operand(1.5))).toBe('ZXC1_OPERAND');
    expect(codeOf(() => operand([1] as never))).toBe('ZXC1_OPERAND');
    expect(codeOf(() => constants(new Map([[['a'], 1n]])))).toBe('ZXC1_VALUE');
    const nested = (levels: number): UpstreamValue => (levels === 0 ? 1n : [nested(levels - 1)]);
    expect(codeOf(() => upstreamJson(nested(33)))).toBe('ZXC1_LIMIT');
  });
});

describe("Python's JSON", () => {
  it('is written with its defaults', () => {
    const cases: readonly (readonly [UpstreamValue, string])[] = [
      [[], '[]'],
      [new Map(), '{}'],
      [[1n, true, null, 'x'], '[1, true, null, "x"]'],
      [
        new Map<UpstreamValue, UpstreamValue>([
          [1n, 2n],
          [true, null],
          [1.5, []],
        ]),
        '{"1": 2, "true": null, "1.5": []}',
      ],
      ['a"\\\n\u0001\u007fé\u{1f600}', '"a\\"\\\\\\n\\u0001\\u007f\\u00e9\\ud83d\\ude00"'],
      [1, '1.0'],
      [-0, '-0.0'],
      [1e16, '1e+16'],
      [123456789012345680, '1.2345678901234568e+17'],
      [9007199254740992, '9007199254740992.0'],
      [0.0001, '0.0001'],
      [0.00001, '1e-05'],
      [5e-324, '5e-324'],
      [Number.NaN, 'NaN'],
      [Number.NEGATIVE_INFINITY, '-Infinity'],
    ];
    expect(cases.map(([value]) => upstreamJson(value))).toEqual(cases.map(([, text]) => text));
  });
});

/** The first line of what Python says about itself; undefined where there is none. */
function python(): string | undefined {
  try {
    return execFileSync('python3', ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

const version = python();
if (version === undefined) {
  process.stdout.write('zxc1: no python3 here, so its writer is not compared with ours\n');
}

/** A value as writer.py reads it. */
function nodeOf(value: UpstreamValue): unknown {
  if (typeof value === 'bigint') return ['int', String(value)];
  if (typeof value === 'number') {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    return ['float', toHexKey(bytes)];
  }
  if (value instanceof Map) {
    return ['dict', [...value].map(([key, item]) => [nodeOf(key), nodeOf(item)])];
  }
  if (Array.isArray(value)) return ['list', value.map(nodeOf)];
  return ['plain', value];
}

const scalar: fc.Arbitrary<UpstreamValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -300n, max: 300n }),
  fc.double(),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const upstreamValue: fc.Arbitrary<UpstreamValue> = fc.letrec<{ any: UpstreamValue }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    fc.array(tie('any'), { maxLength: 3 }),
    fc
      // Python takes 1, 1.0 and True for one key: text alone is told apart by both.
      .uniqueArray(fc.tuple(fc.string({ unit: 'binary', maxLength: 4 }), tie('any')), {
        maxLength: 3,
        selector: ([key]) => key,
      })
      .map((entries) => new Map<UpstreamValue, UpstreamValue>(entries)),
  ),
})).any;

const number = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const upstreamOperand: fc.Arbitrary<UpstreamOperand> = fc.oneof(
  fc.constant(null),
  number,
  fc.bigInt({ min: 0n, max: 2n ** 33n }),
  fc.tuple(number, number),
  fc.tuple(number, number, number),
);

describe.skipIf(version === undefined)(`an independent writer, ${version}`, () => {
  it('writes the same bytes', () => {
    const modules = fc.sample(
      fc.record({
        constants: fc.array(upstreamValue, { maxLength: 6 }),
        instructions: fc.array(fc.tuple(fc.nat(0xffff), upstreamOperand), { maxLength: 6 }),
      }),
      { ...runs(400), seed: 20_260 },
    );
    const lines = modules.map(({ constants, instructions }) =>
      JSON.stringify({
        constants: constants.map(nodeOf),
        instructions: instructions.map(([opcode, operand]) => [
          opcode,
          Array.isArray(operand) ? operand.map(String) : operand === null ? null : String(operand),
        ]),
      }),
    );
    const script = fileURLToPath(new URL('writer.py', import.meta.url));
    const output = execFileSync('python3', [script], {
      input: `${lines.join('\n')}\n`,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    const expected = output.trimEnd().split('\n');
    const written = modules.map(({ constants, instructions }) =>
      toHexKey(serialize(upstreamModule(constants, instructions))),
    );
    expect(written).toEqual(expected);
  });
});
