import { concatBytes, fixedBytes } from '@lucerna/base';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import type {
  AbiField,
  Constant,
  Container,
  ContainerAction,
  ContainerError,
  ContainerEvent,
  SourceMap,
  SourcePlace,
} from '../../src/bytecode/container.ts';
import { crc32 } from '../../src/bytecode/crc32.ts';
import { canBeFallback, canBeInit, canBeReceive } from '../../src/bytecode/entry-points.ts';
import { type Instruction, OPCODES, operandCount } from '../../src/bytecode/opcodes.ts';
import type { CellType, StateShape, StateVariable } from '../../src/layout/schema.ts';

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

/** A type with its components, lists and tuples within each other. */
const fieldType: fc.Arbitrary<Pick<AbiField, 'components' | 'type'>> = fc.letrec<{
  readonly any: Pick<AbiField, 'components' | 'type'>;
}>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 4, arbitrary: abiType.map((type) => ({ type })) },
    {
      weight: 1,
      arbitrary: tie('any').map((element) => ({ ...element, type: `${element.type}[]` })),
    },
    {
      weight: 1,
      arbitrary: fc
        .uniqueArray(fc.tuple(identifier, tie('any')), {
          minLength: 1,
          maxLength: 3,
          selector: ([name]) => name,
        })
        .map((fields) => ({
          type: 'tuple',
          components: fields.map(([name, type]) => ({ name, ...type })),
        })),
    },
  ),
})).any;

const field: fc.Arbitrary<AbiField> = fc
  .tuple(identifier, fieldType)
  .map(([name, type]) => ({ name, ...type }));

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

/** Every shape: cells within as many maps and lists. */
export const shape: fc.Arbitrary<StateShape> = fc
  .tuple(
    cellType.map((type): StateShape => ({ kind: 'cell', type })),
    fc.oneof(
      fc.array(fc.constantFrom('map', 'enumerable', 'list'), { maxLength: 4 }),
      fc.integer({ min: 0, max: 32 }).map((depth): string[] => Array(depth).fill('map')),
      fc.constant(Array(32).fill('list') as string[]),
    ),
  )
  .map(([cell, kinds]) =>
    // Plain maps are around all others.
    [
      ...kinds.filter((kind) => kind !== 'map'),
      ...kinds.filter((kind) => kind === 'map'),
    ].reduce<StateShape>((inner, kind) => {
      if (kind === 'list') return { kind, element: inner };
      return { kind: kind === 'map' ? kind : 'enumerable', value: inner };
    }, cell),
  );

const variable: fc.Arbitrary<StateVariable> = fc.record({ name: identifier, shape });

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
    fc.tuple(field, fc.boolean()).map(([rest, indexed]) => ({ ...rest, indexed })),
    5,
  ).filter((fields) => fields.filter(({ indexed }) => indexed).length <= 3),
});

const error: fc.Arbitrary<ContainerError> = fc.record({
  name: identifier,
  fields: uniqueByName(field, 4),
});

const signature = fc.record({
  name: identifier,
  mutability: fc.constantFrom(
    'nonpayable' as const,
    'payable' as const,
    'pure' as const,
    'view' as const,
  ),
  parameters: uniqueByName<AbiField>(
    fc.oneof(
      { weight: 4, arbitrary: field },
      { weight: 1, arbitrary: identifier.map((name) => ({ name, type: '' })) },
    ),
    4,
  ),
  result: fc.option(
    fieldType.map((type) => ({ name: '', ...type })),
    { nil: undefined },
  ),
  gasLimit: fc.option(fc.oneof(fc.nat(200), fc.constantFrom(0, 30_000_000, 2 ** 32 - 1)), {
    nil: undefined,
    freq: 3,
  }),
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

/** Lines and columns for a source map; those for one action are tried at its instructions in order. */
const mapping = fc.record({
  files: fc.array(text, { minLength: 1, maxLength: 3 }),
  fileOf: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
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

/** The index of an action of the kind, if there is one that has no role yet. */
function pick(
  isWished: boolean,
  actions: readonly ContainerAction[],
  isFit: (action: ContainerAction) => boolean,
  taken: readonly (number | undefined)[],
): number | undefined {
  const index = isWished
    ? actions.findIndex((action, at) => isFit(action) && !taken.includes(at))
    : -1;
  return index < 0 ? undefined : index;
}

type Mapping = typeof mapping extends fc.Arbitrary<infer T> ? T : never;

function sourceMapOf(actions: readonly ContainerAction[], wish: Mapping): SourceMap {
  const { files, fileOf, places } = wish;
  return {
    files,
    actions: actions.map(({ code }, index) => ({
      file: (fileOf[index] ?? 0) % files.length,
      places: placesOf(code.length, places[index]),
    })),
  };
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
    errors: uniqueByName(error, 3),
    actions: uniqueByName(signature, 4).map(withExports),
    roles: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    mapping: fc.option(mapping, { nil: undefined }),
    metadata: fc.uniqueArray(
      fc.tuple(
        text.filter((key) => key !== ''),
        text,
      ),
      { maxLength: 3, selector: ([key]) => key },
    ),
  })
  .map(({ roles, mapping, ...rest }) => {
    const { actions } = rest;
    const receive = pick(roles[2], actions, canBeReceive, []);
    const init = pick(roles[0], actions, canBeInit, [receive]);
    const fallback = pick(roles[1], actions, canBeFallback, [init, receive]);
    const container = { ...rest, init, fallback, receive };
    if (mapping === undefined) return container;
    return { ...container, sourceMap: sourceMapOf(actions, mapping) };
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
    { name: 'count', shape: { kind: 'cell', type: 'integer' } },
    { name: 'steps', shape: { kind: 'map', value: { kind: 'cell', type: 'untyped' } } },
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
  errors: [],
  actions: [
    {
      name: 'count_up',
      exportedAs: 'countUp',
      mutability: 'nonpayable',
      parameters: [{ name: 'step', type: 'uint256' }],
      result: undefined,
      gasLimit: undefined,
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
      result: { name: '', type: 'uint256' },
      gasLimit: undefined,
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
      gasLimit: undefined,
      code: [load(2), { opcode: 114, operands: [0] }, load(4), { opcode: 43, operands: [] }],
    },
  ],
  init: 2,
  fallback: undefined,
  receive: undefined,
  metadata: [['compiler', 'by hand']],
};

const uint256 = { type: 'uint256' } as const;

/** A contract by hand with one of everything that the counter does not have. It keeps every rule as well. */
export const full: Container = {
  name: 'Full',
  constants: [{ kind: 'null' }, { kind: 'string', value: 'orders' }],
  schema: [
    {
      name: 'orders',
      shape: {
        kind: 'map',
        value: {
          kind: 'enumerable',
          value: { kind: 'list', element: { kind: 'cell', type: 'bytes32' } },
        },
      },
    },
  ],
  events: [],
  errors: [
    {
      name: 'TooFew',
      fields: [
        { name: 'have', ...uint256 },
        { name: 'want', ...uint256 },
      ],
    },
  ],
  actions: [
    {
      name: 'sum',
      exportedAs: 'sum',
      mutability: 'pure',
      parameters: [
        {
          name: 'orders',
          type: 'tuple[]',
          components: [
            { name: 'to', type: 'address' },
            { name: 'amounts', type: 'uint256[]' },
          ],
        },
      ],
      result: { name: '', type: 'uint256[]' },
      gasLimit: 50_000,
      code: [
        { opcode: 60, operands: [0] },
        { opcode: 43, operands: [] },
      ],
    },
    {
      name: 'fallback',
      exportedAs: undefined,
      mutability: 'nonpayable',
      parameters: [{ name: 'data', type: 'bytes' }],
      result: { name: '', type: 'bytes' },
      gasLimit: undefined,
      code: [load(0), load(0), { opcode: 0x040e, operands: [0, 2] }],
    },
    {
      name: 'receive',
      exportedAs: undefined,
      mutability: 'payable',
      parameters: [],
      result: undefined,
      gasLimit: undefined,
      code: [load(0), { opcode: 43, operands: [] }],
    },
  ],
  init: undefined,
  fallback: 1,
  receive: 2,
  metadata: [],
  sourceMap: {
    files: ['full.zx', 'lib/orders.zx'],
    actions: [
      { file: 1, places: [{ instruction: 0, line: 7, column: 5 }] },
      { file: 0, places: [{ instruction: 2, line: 3, column: 1 }] },
      { file: 0, places: [] },
    ],
  },
};
