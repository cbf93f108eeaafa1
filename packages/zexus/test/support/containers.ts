import { concatBytes, fixedBytes } from '@lucerna/base';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import type {
  AbiField,
  Constant,
  Container,
  ContainerAction,
  ContainerEvent,
  SourcePlace,
} from '../../src/bytecode/container.ts';
import { crc32 } from '../../src/bytecode/crc32.ts';
import { type Instruction, OPCODES, operandCount } from '../../src/bytecode/opcodes.ts';
import type { CellType, StateVariable } from '../../src/layout/schema.ts';

export const identifier: fc.Arbitrary<string> = fc.oneof(
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,11}$/),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'x'.repeat(128)),
);

/** Text without lone surrogates: ASCII, any code point, NUL, a byte order mark. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '\u0000', '\ufeff', '\u{10ffff}', 'é', 'e\u0301'),
);

/** Every integer of the language, small ones and edges often. */
export const languageInteger: fc.Arbitrary<bigint> = fc
  .tuple(
    fc.oneof(
      fc.bigInt({ min: 0n, max: 300n }),
      fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      fc.constantFrom(2n ** 53n - 1n, 2n ** 53n, 2n ** 255n, 2n ** 256n - 1n),
    ),
    fc.boolean(),
  )
  .map(([magnitude, isNegative]) => (isNegative ? -magnitude : magnitude));

export const abiType: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('bool', 'address', 'string', 'bytes', 'uint256', 'int256'),
  fc.integer({ min: 1, max: 32 }).map((size) => `uint${8 * size}`),
  fc.integer({ min: 1, max: 32 }).map((size) => `int${8 * size}`),
  fc.integer({ min: 1, max: 32 }).map((size) => `bytes${size}`),
);

export const cellType: fc.Arbitrary<CellType> = fc.oneof(
  fc.constantFrom<CellType>('integer', 'signed', 'bool', 'address', 'untyped'),
  fc.integer({ min: 1, max: 32 }).map((size): CellType => `bytes${size}`),
);

const address20 = fc.uint8Array({ minLength: 20, maxLength: 20 });

export const constant: fc.Arbitrary<Constant> = fc.oneof(
  fc.constant<Constant>({ kind: 'null' }),
  fc.boolean().map((value): Constant => ({ kind: 'boolean', value })),
  languageInteger.map((value): Constant => ({ kind: 'integer', value })),
  text.map((value): Constant => ({ kind: 'string', value })),
  fc.uint8Array({ maxLength: 40 }).map((value): Constant => ({ kind: 'bytes', value })),
  address20.map((value): Constant => ({ kind: 'address', value })),
);

const variable: fc.Arbitrary<StateVariable> = fc.oneof(
  fc.record({ kind: fc.constant('cell' as const), name: identifier, type: cellType }),
  fc.record({
    kind: fc.constant('map' as const),
    name: identifier,
    depth: fc.integer({ min: 1, max: 32 }),
    type: cellType,
  }),
);

const operand: fc.Arbitrary<number> = fc.oneof(
  fc.nat(300),
  fc.constantFrom(0, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 - 1),
);

/** Any instruction; its operands refer to nothing in particular. */
export const instruction: fc.Arbitrary<Instruction> = fc
  .tuple(fc.constantFrom(...OPCODES), operand, operand)
  .map(([{ code, operand: kind }, ...operands]) => ({
    opcode: code,
    operands: operands.slice(0, operandCount(kind)),
  }));

const uniqueByName = <T extends { readonly name: string }>(
  item: fc.Arbitrary<T>,
  maxLength: number,
): fc.Arbitrary<T[]> => fc.uniqueArray(item, { maxLength, selector: ({ name }) => name });

const event: fc.Arbitrary<ContainerEvent> = fc.record({
  name: identifier,
  fields: uniqueByName(
    fc.record({ name: identifier, type: abiType, indexed: fc.boolean() }),
    5,
  ).filter((fields) => fields.filter(({ indexed }) => indexed).length <= 3),
});

const signature = fc.record({
  name: identifier,
  mutability: fc.constantFrom('nonpayable' as const, 'payable' as const, 'view' as const),
  parameters: uniqueByName<AbiField>(
    fc.record({ name: identifier, type: fc.oneof(abiType, fc.constant('')) }),
    4,
  ),
  result: fc.option(abiType, { nil: undefined }),
  code: fc.array(instruction, { maxLength: 8 }),
  /** Exported under another name, under its own, or not. */
  wish: fc.oneof(identifier, fc.constantFrom('', undefined)),
});

type Wish = typeof signature extends fc.Arbitrary<infer T> ? T : never;

/** The actions with their exports, as far as those are unique and typed. */
function withExports(wishes: readonly Wish[]): ContainerAction[] {
  const taken = new Set<string>();
  return wishes.map(({ wish, ...action }) => {
    const exportedAs = wish === '' ? action.name : wish;
    const isTyped = action.parameters.every(({ type }) => type !== '');
    if (exportedAs === undefined || !isTyped || taken.has(exportedAs)) {
      return { ...action, exportedAs: undefined };
    }
    taken.add(exportedAs);
    return { ...action, exportedAs };
  });
}

function canBeInit(action: ContainerAction): boolean {
  const isTyped = action.parameters.every(({ type }) => type !== '');
  const isPlain = action.exportedAs === undefined && action.result === undefined;
  return isTyped && isPlain && action.mutability !== 'view';
}

/** Lines and columns for a source map; those for one action are tried at its instructions in order. */
const mapping = fc.record({
  file: text,
  places: fc.array(
    fc.array(fc.option(fc.tuple(lineNumber(), lineNumber()), { nil: undefined }), { maxLength: 8 }),
    { maxLength: 4 },
  ),
});

function lineNumber(): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constantFrom(64, 65, 8_193, 2 ** 31 - 1));
}

type Wishes = readonly (readonly [number, number] | undefined)[];

function placesOf(instructions: number, wishes: Wishes = []): readonly SourcePlace[] {
  const places: SourcePlace[] = [];
  for (const [instruction, wish] of wishes.slice(0, instructions).entries()) {
    if (wish === undefined) continue;
    const [line, column] = wish;
    const last = places.at(-1);
    if (last?.line !== line || last.column !== column) places.push({ instruction, line, column });
  }
  return places;
}

/**
 * Every container that has an encoding, within small sizes. The code is arbitrary: most of these
 * containers are refused by the verifier.
 */
export const container: fc.Arbitrary<Container> = fc
  .record({
    name: identifier,
    constants: fc.array(constant, { maxLength: 8 }),
    schema: uniqueByName(variable, 6),
    events: uniqueByName(event, 3),
    actions: uniqueByName(signature, 4).map(withExports),
    hasInit: fc.boolean(),
    mapping: fc.option(mapping, { nil: undefined }),
    metadata: fc.uniqueArray(
      fc.tuple(
        text.filter((key) => key !== ''),
        text,
      ),
      { maxLength: 3, selector: ([key]) => key },
    ),
  })
  .map(({ hasInit, mapping, ...rest }) => {
    const found = hasInit ? rest.actions.findIndex(canBeInit) : -1;
    const container = { ...rest, init: found < 0 ? undefined : found };
    if (mapping === undefined) return container;
    const { file, places } = mapping;
    const actions = rest.actions.map(({ code }, index) => placesOf(code.length, places[index]));
    return { ...container, sourceMap: { file, actions } };
  });

/**
 * The bytes, at least 44, with the code hash and the checksum that their content has: what a forger
 * would send, who knows the format. The total length stays as it is.
 */
export function sealed(bytes: Uint8Array): Uint8Array {
  const body = bytes.slice(40, -4);
  const unchecked = concatBytes(bytes.subarray(0, 8), keccak_256(body), body);
  return concatBytes(unchecked, fixedBytes(BigInt(crc32(unchecked)), 4));
}

const load = (index: number): Instruction => ({ opcode: 1, operands: [index] });

/** A small contract by hand: the example of docs/spec/zxc.md. It keeps every rule of the verifier. */
export const counter: Container = {
  name: 'Counter',
  constants: [
    { kind: 'string', value: 'count' },
    { kind: 'string', value: 'step' },
    { kind: 'integer', value: 1_000n },
    { kind: 'string', value: 'too large' },
    { kind: 'null' },
  ],
  schema: [
    { kind: 'cell', name: 'count', type: 'integer' },
    { kind: 'map', name: 'steps', depth: 1, type: 'untyped' },
  ],
  events: [
    {
      name: 'Counted',
      fields: [
        { name: 'by', type: 'address', indexed: true },
        { name: 'count', type: 'uint256', indexed: false },
      ],
    },
  ],
  actions: [
    {
      name: 'count_up',
      exportedAs: 'countUp',
      mutability: 'nonpayable',
      parameters: [{ name: 'step', type: 'uint256' }],
      result: undefined,
      code: [
        { opcode: 2, operands: [1] },
        load(2),
        { opcode: 24, operands: [] },
        load(3),
        { opcode: 130, operands: [] },
        { opcode: 113, operands: [0] },
        { opcode: 2, operands: [1] },
        { opcode: 10, operands: [] },
        { opcode: 114, operands: [0] },
        { opcode: 0x0405, operands: [0] },
        { opcode: 113, operands: [0] },
        { opcode: 0x0403, operands: [0, 2] },
        load(4),
        { opcode: 43, operands: [] },
      ],
    },
    {
      name: 'count',
      exportedAs: 'count',
      mutability: 'view',
      parameters: [],
      result: 'uint256',
      code: [
        { opcode: 113, operands: [0] },
        { opcode: 43, operands: [] },
      ],
    },
    {
      name: 'init',
      exportedAs: undefined,
      mutability: 'nonpayable',
      parameters: [],
      result: undefined,
      code: [load(2), { opcode: 114, operands: [0] }, load(4), { opcode: 43, operands: [] }],
    },
  ],
  init: 2,
  metadata: [['compiler', 'by hand']],
};
