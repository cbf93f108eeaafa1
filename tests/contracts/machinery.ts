import { assert } from '@lucerna/base';
import {
  type Constant,
  type Container,
  type ContainerAction,
  encodeContainer,
  type Instruction,
  opcodeByName,
  serialize,
  type UpstreamInstruction,
  type UpstreamValue,
  upstreamModule,
} from '@lucerna/zexus';

// Contracts and scripts by hand that use what the language has, each thing in little code: what mutants
// are made of. None of it depends on what the compiler makes at the moment.

type Operand = number | string | bigint | null | boolean;

class Assembler {
  readonly constants: Constant[] = [];

  /** Lines of names of opcodes and operands; a first operand that is no number is a constant. */
  code(...lines: readonly (readonly [string, ...Operand[]])[]): Instruction[] {
    return lines.map(([name, first, second]) => {
      const opcode = opcodeByName(name);
      assert(opcode !== undefined, `opcode ${name}`);
      const numbers = [first, second].flatMap((operand) => {
        if (operand === undefined) return [];
        return typeof operand === 'number' ? [operand] : [this.#constant(operand)];
      });
      return { opcode: opcode.code, operands: numbers };
    });
  }

  #constant(value: Exclude<Operand, number>): number {
    const constant: Constant =
      value === null
        ? { kind: 'null' }
        : typeof value === 'bigint'
          ? { kind: 'integer', value }
          : typeof value === 'string'
            ? { kind: 'string', value }
            : { kind: 'boolean', value };
    const text = String(value);
    const known = this.constants.findIndex(
      (other) => other.kind === constant.kind && 'value' in other && String(other.value) === text,
    );
    return known >= 0 ? known : this.constants.push(constant) - 1;
  }
}

const action = (name: string, parts: Partial<ContainerAction>): ContainerAction => ({
  name,
  exportedAs: name,
  mutability: 'nonpayable',
  parameters: [],
  result: undefined,
  gasLimit: undefined,
  code: [],
  ...parts,
});

const assembler = new Assembler();

const orders = {
  name: 'orders',
  type: 'tuple[]',
  components: [
    { name: 'to', type: 'address' },
    { name: 'amounts', type: 'uint256[]' },
  ],
} as const;

/** Lists and maps in memory and in the state, loops, tries, closures, errors, calls of other contracts. */
export const MACHINERY: Container = {
  name: 'Machinery',
  schema: [
    { name: 'log', shape: { kind: 'list', element: { kind: 'cell', type: 'integer' } } },
    {
      name: 'votes',
      shape: {
        kind: 'map',
        value: { kind: 'enumerable', value: { kind: 'cell', type: 'untyped' } },
      },
    },
    { name: 'total', shape: { kind: 'cell', type: 'integer' } },
  ],
  events: [
    { name: 'Paid', fields: [{ ...orders, indexed: false }] },
    { name: 'Seen', fields: [{ name: 'what', type: 'string', indexed: true }] },
  ],
  errors: [
    {
      name: 'TooFew',
      fields: [
        { name: 'have', type: 'uint256' },
        { name: 'why', type: 'string' },
      ],
    },
  ],
  actions: [
    action('pay', {
      parameters: [orders],
      result: { name: '', type: 'uint256[]' },
      gasLimit: 80_000,
      code: assembler.code(
        ['LOAD_NAME', 'orders'],
        ['EMIT', 0, 1],
        ['LOAD_NAME', 'orders'],
        ['LOAD_CONST', 0n],
        ['INDEX'],
        ['LOAD_CONST', 'amounts'],
        ['GET_ATTR'],
        ['RETURN'],
      ),
    }),
    action('walk', {
      parameters: [{ name: 'count', type: 'uint256' }],
      result: { name: '', type: 'uint256' },
      code: assembler.code(
        ['LOAD_CONST', 1n],
        ['LOAD_NAME', 'count'],
        ['LOAD_CONST', 3n],
        ['BUILD_LIST', 3],
        ['ITERATE'],
        ['ITER_NEXT', 9],
        ['STATE_READ', 'total'],
        ['ADD'],
        ['JUMP', 10],
        ['JUMP', 12],
        ['STATE_WRITE', 'total'],
        ['JUMP', 5],
        ['STATE_READ', 'total'],
        ['RETURN'],
      ),
    }),
    action('guard', {
      parameters: [{ name: 'limit', type: 'uint256' }],
      code: assembler.code(
        ['TX_BEGIN'],
        ['SETUP_TRY', 9],
        ['LOAD_NAME', 'limit'],
        ['STATE_WRITE', 'total'],
        ['LOAD_CONST', 'no'],
        ['THROW'],
        ['POP_TRY'],
        ['TX_COMMIT'],
        ['JUMP', 11],
        ['TX_REVERT'],
        ['STORE_NAME', 'e'],
        ['LOAD_NAME', 'limit'],
        ['LOAD_CONST', 'too few'],
        ['REVERT_ERROR', 0, 2],
      ),
    }),
    action('store', {
      parameters: [
        { name: 'who', type: 'address' },
        { name: 'what', type: 'bytes' },
      ],
      code: assembler.code(
        ['LOAD_NAME', 'who'],
        ['MAP_READ', 'votes', 1],
        ['LOAD_CONST', 'k'],
        ['LOAD_NAME', 'what'],
        ['STORE_INDEX'],
        ['STATE_READ', 'log'],
        ['LOAD_CONST', 5n],
        ['CALL_METHOD', 'push', 1],
        ['POP'],
        ['LOAD_CONST', 'a'],
        ['LOAD_CONST', 1n],
        ['LOAD_CONST', 'b'],
        ['LOAD_CONST', true],
        ['BUILD_MAP', 2],
        ['LEDGER_APPEND'],
        ['LOAD_CONST', 'seen'],
        ['EMIT', 1, 1],
        ['LOAD_CONST', 'stored'],
        ['LOAD_NAME', 'what'],
        ['AUDIT_LOG'],
        ['LOAD_CONST', null],
        ['RETURN'],
      ),
    }),
    action('apply', {
      mutability: 'view',
      parameters: [{ name: 'n', type: 'int256' }],
      result: { name: '', type: 'int256' },
      code: assembler.code(
        ['LOAD_CONST', 2n],
        ['MAKE_CLOSURE', 5, 1],
        ['LOAD_NAME', 'n'],
        ['CALL_TOP', 1],
        ['RETURN'],
      ),
    }),
    action('scale', {
      exportedAs: undefined,
      parameters: [
        { name: 'factor', type: '' },
        { name: 'value', type: '' },
      ],
      code: assembler.code(['LOAD_NAME', 'factor'], ['LOAD_NAME', 'value'], ['MUL'], ['RETURN']),
    }),
    action('ask', {
      mutability: 'payable',
      parameters: [{ name: 'who', type: 'address' }],
      result: { name: '', type: 'bytes' },
      code: assembler.code(
        ['LOAD_NAME', 'who'],
        ['LOAD_CONST', 'f(uint256)->(uint256)'],
        ['LOAD_CONST', 7n],
        ['BUILD_LIST', 1],
        ['LOAD_CONST', 0n],
        ['LOAD_CONST', null],
        ['CALL_CONTRACT'],
        ['POP'],
        ['LOAD_CONST', 'x'],
        ['HASH_BLOCK'],
        ['RETURN'],
      ),
    }),
    action('fallback', {
      exportedAs: undefined,
      parameters: [{ name: 'data', type: 'bytes' }],
      result: { name: '', type: 'bytes' },
      code: assembler.code(
        ['LOAD_NAME', 'data'],
        ['LOAD_CONST', 0n],
        ['LOAD_CONST', 4n],
        ['SLICE'],
        ['RETURN'],
      ),
    }),
    action('receive', {
      exportedAs: undefined,
      mutability: 'payable',
      code: assembler.code(['GAS_CHARGE', 200], ['LOAD_CONST', null], ['RETURN']),
    }),
    action('init', {
      exportedAs: undefined,
      parameters: [{ name: 'start', type: 'uint256' }],
      code: assembler.code(
        ['LOAD_NAME', 'start'],
        ['STATE_WRITE', 'total'],
        ['LOAD_CONST', null],
        ['RETURN'],
      ),
    }),
  ],
  constants: assembler.constants,
  init: 9,
  fallback: 7,
  receive: 8,
  metadata: [['compiler', 'by hand']],
  sourceMap: {
    files: ['machinery.zx', 'lib/scale.zx'],
    actions: Array.from({ length: 10 }, (_, index) => ({
      file: index === 5 ? 1 : 0,
      places: [{ instruction: 0, line: 3 * index + 1, column: 5 }],
    })),
  },
};

/** The machinery, its tables alone, and it with a map of one file. */
export const MACHINES: readonly Uint8Array[] = [
  encodeContainer(MACHINERY),
  encodeContainer({
    ...MACHINERY,
    sourceMap: {
      files: ['machinery.zx'],
      actions: MACHINERY.actions.map(() => ({ file: 0, places: [] })),
    },
  }),
];

const script = (
  constants: readonly UpstreamValue[],
  lines: readonly UpstreamInstruction[],
): Uint8Array => serialize(upstreamModule(constants, lines));

/** Modules of version 1: a loop, state, containers, a try, and every kind of constant and operand. */
export const SCRIPTS: readonly Uint8Array[] = [
  script(
    ['i', 0n, 20n, 1n],
    [
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
    ],
  ),
  script(
    ['k', [1n, ['x', null, true], -(2n ** 40n)], 'keccak256', 'no'],
    [
      ['LOAD_CONST', 1],
      ['STATE_WRITE', 0],
      ['TX_BEGIN'],
      ['LOAD_CONST', 0],
      ['LOAD_CONST', 3],
      ['STATE_WRITE'],
      ['TX_REVERT'],
      ['SETUP_TRY', 10],
      ['LOAD_CONST', 3],
      ['THROW'],
      ['CALL_BUILTIN', [2, 1]],
      ['LEDGER_APPEND'],
      ['STATE_READ', 0],
      ['LOAD_CONST', 0],
      ['LOAD_CONST', 1],
      ['BUILD_MAP', 1],
      ['BUILD_LIST', 2],
      ['RETURN'],
    ],
  ),
  script(
    [1.5, new Map<UpstreamValue, UpstreamValue>([['name', 'f']]), 2n ** 62n],
    [['LOAD_CONST', 2], [777, -1n], ['NOP'], [301, [1, 2, 3]], ['RETURN']],
  ),
];
