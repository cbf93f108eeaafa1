import { concatBytes, fromHex, isLucernaError, toHexKey } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/bytecode/crc32.ts';
import { disassembleModule } from '../../src/bytecode/zxc1/disassemble-module.ts';
import {
  isZxcFresh,
  recordedSourceHash,
  withSourceHash,
  zxcPathFor,
} from '../../src/bytecode/zxc1/freshness.ts';
import type { Zxc1Constant, Zxc1Module, Zxc1Operand } from '../../src/bytecode/zxc1/module.ts';
import {
  type DeserializeOptions,
  deserialize,
  deserializeMulti,
  headerInfo,
  validate,
} from '../../src/bytecode/zxc1/read-module.ts';
import { serialize, serializeMulti } from '../../src/bytecode/zxc1/write-module.ts';
import { zexusLimits } from '../../src/limits.ts';

const bare: Zxc1Module = { constants: [], instructions: [] };
const bytesOf = (hex: string): Uint8Array => fromHex(`0x${hex.replaceAll(/\s/g, '')}`);

/** `5A 58 43 00`, version 1, no flags, so many constants and instructions. */
const head = (constants: number, instructions: number): string =>
  `5a584300 0100 0000 ${le32(constants)} ${le32(instructions)}`;

function le32(value: number): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return toHexKey(bytes);
}

/** The bytes without a checksum. */
function plain(module: Partial<Zxc1Module>): string {
  return toHexKey(serialize({ ...bare, ...module }, { checksum: false }));
}

const constantHex = (constant: Zxc1Constant): string => plain({ constants: [constant] }).slice(32);
const operandHex = (operand: Zxc1Operand): string =>
  plain({ instructions: [{ opcode: 0x0102, operand }] }).slice(32);

function refusal(run: () => unknown): [code: string, offset: unknown] {
  try {
    run();
  } catch (error) {
    if (isLucernaError(error)) return [error.code, error.fields['offset']];
    throw error;
  }
  throw new Error('nothing was refused');
}

const ruleOf = (hex: string, options?: DeserializeOptions): [code: string, offset: unknown] =>
  refusal(() => deserialize(bytesOf(hex), options));

describe('the writer', () => {
  it('begins with the header and ends with the checksum of zlib', () => {
    expect(plain({})).toBe('5a584300010000000000000000000000');
    // zlib.crc32(bytes.fromhex('5a584300010000000000000000000000')) in Python
    expect(toHexKey(serialize(bare))).toBe('5a584300010000000000000000000000ed8f3c37');
  });

  it('writes constants as the format has them', () => {
    expect(constantHex({ kind: 'null' })).toBe('00');
    expect(constantHex({ kind: 'boolean', value: true })).toBe('0101');
    expect(constantHex({ kind: 'boolean', value: false })).toBe('0100');
    expect(constantHex({ kind: 'integer', value: 1n })).toBe('0201000000');
    expect(constantHex({ kind: 'integer', value: -2n })).toBe('02feffffff');
    expect(constantHex({ kind: 'integer', value: 2n ** 31n - 1n })).toBe('02ffffff7f');
    expect(constantHex({ kind: 'integer', value: -(2n ** 31n) })).toBe('0200000080');
    expect(constantHex({ kind: 'integer', value: 2n ** 31n })).toBe('030000008000000000');
    expect(constantHex({ kind: 'integer', value: -(2n ** 63n) })).toBe('030000000000000080');
    expect(constantHex({ kind: 'float', value: 1.5 })).toBe('04000000000000f83f');
    expect(constantHex({ kind: 'float', value: Number.NaN })).toBe('04000000000000f87f');
    expect(constantHex({ kind: 'string', value: 'é' })).toBe('0502000000c3a9');
    expect(constantHex({ kind: 'description', json: '{}' })).toBe('06020000007b7d');
    expect(constantHex({ kind: 'list', items: [{ kind: 'null' }] })).toBe('070100000000');
    const entries = [[{ kind: 'string', value: 'a' }, { kind: 'null' }]] as const;
    expect(constantHex({ kind: 'map', entries })).toBe('0801000000' + '050100000061' + '00');
  });

  it('writes operands as the format has them', () => {
    expect(operandHex({ kind: 'none' })).toBe('020100');
    expect(operandHex({ kind: 'u32', value: 2 ** 32 - 1 })).toBe('020101ffffffff');
    expect(operandHex({ kind: 'i64', value: -1n })).toBe('020102ffffffffffffffff');
    expect(operandHex({ kind: 'pair', values: [1, 2] })).toBe('0201030100000002000000');
    expect(operandHex({ kind: 'triple', values: [1, 2, 3] })).toBe(
      '020104010000000200000003000000',
    );
  });

  it('refuses what the format cannot hold, and says what to do', () => {
    const constant = (value: Zxc1Constant) => refusal(() => constantHex(value))[0];
    expect(constant({ kind: 'integer', value: 2n ** 63n })).toBe('ZXC1_INTEGER');
    expect(constant({ kind: 'integer', value: -(2n ** 63n) - 1n })).toBe('ZXC1_INTEGER');
    expect(constant({ kind: 'string', value: '\ud800' })).toBe('ZXC1_TEXT');
    const operand = (value: Zxc1Operand) => refusal(() => operandHex(value))[0];
    expect(operand({ kind: 'i64', value: 2n ** 63n })).toBe('ZXC1_INTEGER');
    expect(operand({ kind: 'u32', value: 2 ** 32 })).toBe('ZXC1_OPERAND');
    expect(operand({ kind: 'pair', values: [1, -1] })).toBe('ZXC1_OPERAND');
    const instructions = [{ opcode: 0x1_0000, operand: { kind: 'none' } }] as const;
    expect(refusal(() => plain({ instructions }))[0]).toBe('ZXC1_OPERAND');
    const nested = (levels: number): Zxc1Constant =>
      levels === 0 ? { kind: 'null' } : { kind: 'list', items: [nested(levels - 1)] };
    expect(constantHex(nested(32))).toHaveLength(32 * 10 + 2);
    expect(constant(nested(33))).toBe('ZXC1_LIMIT');
    const huge: Zxc1Constant = { kind: 'string', value: 'x'.repeat(zexusLimits.values.zxc1Bytes) };
    expect(constant(huge)).toBe('ZXC1_LIMIT');
  });
});

describe('the reader', () => {
  it('reads what the writer writes', () => {
    const module: Zxc1Module = {
      constants: [{ kind: 'list', items: [{ kind: 'float', value: -0 }] }],
      instructions: [{ opcode: 0xffff, operand: { kind: 'none' } }],
    };
    expect(deserialize(serialize(module))).toEqual({ ...module, hasChecksum: true });
    const unsealed = serialize(module, { checksum: false });
    expect(deserialize(unsealed)).toEqual({ ...module, hasChecksum: false });
  });

  it('says what the header says', () => {
    expect(headerInfo(bytesOf(`${head(3, 7)} ff`))).toEqual({
      version: 1,
      flags: 0,
      constantCount: 3,
      instructionCount: 7,
    });
    expect(headerInfo(bytesOf('5a584300 0000 0201 00000000 00000000'))).toMatchObject({
      version: 0,
      flags: 0x0102,
    });
    const header = (hex: string) => refusal(() => headerInfo(bytesOf(hex)));
    expect(header('ef5a5802')).toEqual(['ZXC1_MAGIC', 0]);
    expect(header('5a58434d')).toEqual(['ZXC1_MAGIC', 0]);
    expect(header('5a58430001000000000000000000')).toEqual(['ZXC1_TRUNCATED', 14]);
    expect(header('5a58430002000000 00000000 00000000')).toEqual(['ZXC1_VERSION', 4]);
  });

  it('finds a checksum, and looks at it unless told not to', () => {
    const good = toHexKey(serialize(bare));
    const bad = `${good.slice(0, -2)}00`;
    expect(ruleOf(bad)).toEqual(['ZXC1_CRC', 16]);
    expect(deserialize(bytesOf(bad), { verifyChecksum: false }).hasChecksum).toBe(true);
    // The empty module too: upstream never looks at the checksum of one.
    expect(deserialize(bytesOf(good)).hasChecksum).toBe(true);
  });

  it('refuses what is not in its one form, unless it is lenient', () => {
    const forms: readonly [hex: string, offset: number][] = [
      ['5a584300 0000 0000 00000000 00000000', 4],
      ['5a584300 0100 0100 00000000 00000000', 6],
      [`${head(1, 0)} 01 02`, 17],
      [`${head(1, 0)} 03 0100000000000000`, 17],
      [`${head(1, 0)} 04 010000000000f87f`, 17],
      [`${head(0, 1)} 0100 02 0100000000000000`, 19],
    ];
    for (const [hex, offset] of forms) {
      expect(ruleOf(hex)).toEqual(['ZXC1_FORM', offset]);
      expect(deserialize(bytesOf(hex), { strict: false }).hasChecksum).toBe(false);
    }
    const [constant] = deserialize(bytesOf(`${head(1, 0)} 01 02`), { strict: false }).constants;
    expect(constant).toEqual({ kind: 'boolean', value: true });
  });

  it('refuses bytes behind the module, unless it is lenient', () => {
    for (const extra of ['00', '0000000000']) {
      const hex = `${head(0, 0)} ${extra}`;
      expect(ruleOf(hex)).toEqual(['ZXC1_TRAILING_BYTES', 16]);
      expect(deserialize(bytesOf(hex), { strict: false }).hasChecksum).toBe(false);
    }
    // A checksum behind other bytes is of all of them.
    const covered = bytesOf(`${head(0, 0)} 0102`);
    const checksum = bytesOf(le32(crc32(covered)));
    const sealed = concatBytes(covered, checksum);
    expect(deserialize(sealed, { strict: false }).hasChecksum).toBe(true);
  });

  it('refuses what it does not know', () => {
    expect(ruleOf(`${head(1, 0)} 09`)).toEqual(['ZXC1_TAG', 16]);
    // A pickle.
    expect(ruleOf(`${head(1, 0)} ff 01000000 2e`)).toEqual(['ZXC1_TAG', 16]);
    expect(ruleOf(`${head(1, 0)} ff 01000000 2e`, { strict: false })).toEqual(['ZXC1_TAG', 16]);
    expect(ruleOf(`${head(0, 1)} 0100 05`)).toEqual(['ZXC1_OPERAND', 18]);
    expect(ruleOf(`${head(1, 0)} 05 02000000 c080`)).toEqual(['ZXC1_TEXT', 21]);
    expect(ruleOf(`${head(1, 0)} 06 01000000 ff`)).toEqual(['ZXC1_TEXT', 21]);
  });

  it('trusts no number of the file', () => {
    expect(ruleOf(`${head(2 ** 32 - 1, 0)}`)).toEqual(['ZXC1_LIMIT', 8]);
    expect(ruleOf(`${head(0, 2 ** 32 - 1)}`)).toEqual(['ZXC1_LIMIT', 12]);
    expect(ruleOf(`${head(1_000_000, 0)}`)).toEqual(['ZXC1_TRUNCATED', 8]);
    expect(ruleOf(`${head(0, 2)} 0100 00 01`)).toEqual(['ZXC1_TRUNCATED', 12]);
    expect(ruleOf(`${head(1, 0)} 07 ffffffff`)).toEqual(['ZXC1_LIMIT', 17]);
    expect(ruleOf(`${head(1, 0)} 08 01000000 00`)).toEqual(['ZXC1_TRUNCATED', 17]);
    expect(ruleOf(`${head(1, 0)} 05 ffffffff`)).toEqual(['ZXC1_TRUNCATED', 21]);
    expect(ruleOf(`${head(1, 0)} 02 010000`)).toEqual(['ZXC1_TRUNCATED', 17]);
    const deep = (levels: number): string => `${head(1, 0)} ${'0701000000'.repeat(levels)} 00`;
    expect(deserialize(bytesOf(deep(32))).constants).toHaveLength(1);
    expect(ruleOf(deep(33))).toEqual(['ZXC1_LIMIT', 16 + 33 * 5]);
    const large = new Uint8Array(zexusLimits.values.zxc1Bytes + 1);
    expect(refusal(() => deserialize(large))[0]).toBe('ZXC1_LIMIT');
  });

  it('gives an opinion without throwing', () => {
    expect(validate(serialize(bare))).toBeUndefined();
    expect(validate(serializeMulti([bare]))).toBeUndefined();
    expect(validate(bytesOf('00'))?.code).toBe('ZXC1_MAGIC');
    expect(validate(bytesOf(`${head(0, 0)} 00`))?.code).toBe('ZXC1_TRAILING_BYTES');
    expect(validate(bytesOf(`${head(0, 0)} 00`), { strict: false })).toBeUndefined();
  });
});

describe('several modules in one file', () => {
  const second: Zxc1Module = { constants: [{ kind: 'null' }], instructions: [] };

  it('stand behind their lengths', () => {
    const hex = toHexKey(serializeMulti([bare, second], { checksum: false }));
    expect(hex).toBe(`5a58434d02000000${le32(16)}${plain({})}${le32(17)}${plain(second)}`);
    const modules = deserializeMulti(bytesOf(hex));
    expect(modules).toEqual([
      { ...bare, hasChecksum: false },
      { ...second, hasChecksum: false },
    ]);
    expect(deserializeMulti(serializeMulti([]))).toEqual([]);
    expect(deserializeMulti(serializeMulti([second]))[0]?.hasChecksum).toBe(true);
  });

  it('are refused with the offset in the file', () => {
    const multi = (hex: string, options?: DeserializeOptions) =>
      refusal(() => deserializeMulti(bytesOf(hex), options));
    expect(multi(plain({}))).toEqual(['ZXC1_MAGIC', 0]);
    expect(multi('5a58434d ffffffff')).toEqual(['ZXC1_LIMIT', 4]);
    expect(multi('5a58434d 01000000')).toEqual(['ZXC1_TRUNCATED', 4]);
    expect(multi(`5a58434d 01000000 ${le32(17)} ${plain({})}`)).toEqual(['ZXC1_TRUNCATED', 12]);
    expect(multi(`5a58434d 01000000 ${le32(17)} ${plain({})} 00`)).toEqual([
      'ZXC1_TRAILING_BYTES',
      28,
    ]);
    const trailing = `5a58434d 01000000 ${le32(16)} ${plain({})} 00`;
    expect(multi(trailing)).toEqual(['ZXC1_TRAILING_BYTES', 28]);
    expect(deserializeMulti(bytesOf(trailing), { strict: false })).toHaveLength(1);
  });
});

describe('compiled files', () => {
  it.each([
    ['token.zx', 'token.zxc'],
    ['a.b/token.zx', 'a.b/token.zxc'],
    ['a\\b.c\\token', 'a\\b.c\\token.zxc'],
    ['token.v2.zx', 'token.v2.zxc'],
    ['a/.zx', 'a/.zx.zxc'],
    ['a/..zx', 'a/..zx.zxc'],
    ['a/.hidden.zx', 'a/.hidden.zxc'],
  ])('of %s is %s', (source, compiled) => {
    expect(zxcPathFor(source)).toBe(compiled);
  });

  it('are fresh by their content, and by time only when that is all there is', () => {
    expect(isZxcFresh({ sourceHash: '0x01', recordedHash: '0x01' })).toBe(true);
    expect(isZxcFresh({ sourceHash: '0x01', recordedHash: '0x02' })).toBe(false);
    expect(isZxcFresh({ sourceHash: '0x01', recordedHash: undefined })).toBe(false);
    expect(isZxcFresh({ sourceTimeMs: 5, compiledTimeMs: 5 })).toBe(true);
    expect(isZxcFresh({ sourceTimeMs: 5, compiledTimeMs: 4 })).toBe(false);
    expect(isZxcFresh({ sourceTimeMs: 5, compiledTimeMs: undefined })).toBe(false);
  });

  it('record the hash of their source as the last constant', () => {
    const module: Zxc1Module = {
      constants: [{ kind: 'string', value: 'a' }],
      instructions: [{ opcode: 1, operand: { kind: 'u32', value: 0 } }],
    };
    expect(recordedSourceHash(module)).toBeUndefined();
    expect(recordedSourceHash(bare)).toBeUndefined();
    const first = withSourceHash(module, '0x01');
    expect(recordedSourceHash(deserialize(serialize(first)))).toBe('0x01');
    const again = withSourceHash(first, '0x02');
    expect(again.constants).toHaveLength(2);
    expect(recordedSourceHash(again)).toBe('0x02');
  });
});

it('shows a module to people', () => {
  const module: Zxc1Module = {
    constants: [
      { kind: 'string', value: 'x' },
      { kind: 'float', value: 2 },
      { kind: 'map', entries: [[{ kind: 'null' }, { kind: 'list', items: [] }]] },
      { kind: 'description', json: '{"name": "f"}' },
      { kind: 'float', value: Number.POSITIVE_INFINITY },
    ],
    instructions: [
      { opcode: 1, operand: { kind: 'u32', value: 2 } },
      { opcode: 3, operand: { kind: 'u32', value: 9 } },
      { opcode: 41, operand: { kind: 'u32', value: 1 } },
      { opcode: 40, operand: { kind: 'u32', value: 8 } },
      { opcode: 53, operand: { kind: 'pair', values: [0, 2] } },
      { opcode: 777, operand: { kind: 'i64', value: -1n } },
      { opcode: 10, operand: { kind: 'none' } },
    ],
  };
  expect(disassembleModule(module)).toMatchInlineSnapshot(`
    "module ; version 1

    constants
         0  "x"
         1  2.0
         2  {null: []}
         3  description "{\\"name\\": \\"f\\"}"
         4  Infinity

    code
         0  LOAD_CONST 2         ; {null: []}
         1  STORE_NAME 9         ; ?
         2  JUMP_IF_FALSE 1      ; to 1
         3  JUMP 8               ; to the end
         4  CALL_BUILTIN 0 2     ; "x"
         5  opcode 777 -1
         6  ADD
    "
  `);
  expect(disassembleModule(bare)).toBe('module ; version 1\n');
});
