import fc from 'fast-check';
import type {
  Zxc1Constant,
  Zxc1Instruction,
  Zxc1Module,
  Zxc1Operand,
} from '../../src/bytecode/zxc1/module.ts';

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '\u0000', '\ufeff', '\u{1f600}', '"\\\n\u007f'),
);

const integer64 = fc.oneof(
  fc.bigInt({ min: -300n, max: 300n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(2n ** 31n - 1n, 2n ** 31n, -(2n ** 31n), -(2n ** 31n) - 1n, 2n ** 63n - 1n),
);

/** Every constant that a file can hold, lists and maps within each other. */
export const constant1: fc.Arbitrary<Zxc1Constant> = fc.letrec<{ any: Zxc1Constant }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constant<Zxc1Constant>({ kind: 'null' }),
    fc.boolean().map((value): Zxc1Constant => ({ kind: 'boolean', value })),
    integer64.map((value): Zxc1Constant => ({ kind: 'integer', value })),
    fc.double().map((value): Zxc1Constant => ({ kind: 'float', value })),
    text.map((value): Zxc1Constant => ({ kind: 'string', value })),
    text.map((json): Zxc1Constant => ({ kind: 'description', json })),
    fc.array(tie('any'), { maxLength: 3 }).map((items): Zxc1Constant => ({ kind: 'list', items })),
    fc
      .array(fc.tuple(tie('any'), tie('any')), { maxLength: 2 })
      .map((entries): Zxc1Constant => ({ kind: 'map', entries })),
  ),
})).any;

const u32 = fc.oneof(fc.nat(40), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1));
const longInteger = integer64.filter((value) => value < 0n || value >= 2n ** 32n);

const operand1: fc.Arbitrary<Zxc1Operand> = fc.oneof(
  fc.constant<Zxc1Operand>({ kind: 'none' }),
  u32.map((value): Zxc1Operand => ({ kind: 'u32', value })),
  longInteger.map((value): Zxc1Operand => ({ kind: 'i64', value })),
  fc.tuple(u32, u32).map((values): Zxc1Operand => ({ kind: 'pair', values })),
  fc.tuple(u32, u32, u32).map((values): Zxc1Operand => ({ kind: 'triple', values })),
);

const instruction1: fc.Arbitrary<Zxc1Instruction> = fc.record({
  opcode: fc.oneof(fc.nat(160), fc.nat(0xffff)),
  operand: operand1,
});

/** Every module that a file can hold, within small sizes. */
export const module1: fc.Arbitrary<Zxc1Module> = fc.record({
  constants: fc.array(constant1, { maxLength: 6 }),
  instructions: fc.array(instruction1, { maxLength: 10 }),
});
