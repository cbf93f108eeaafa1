import { AssertionError, concatBytes, fromHex, isLucernaError, toHexKey } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { canonicalType, isFieldType } from '../src/bytecode/abi-types.ts';
import type { AbiField, Container, ContainerAction } from '../src/bytecode/container.ts';
import { decodeContainer } from '../src/bytecode/decode-container.ts';
import { disassemble } from '../src/bytecode/disassemble.ts';
import { encodeContainer } from '../src/bytecode/encode-container.ts';
import { isShape } from '../src/bytecode/shape-codes.ts';
import { isSourceMap } from '../src/bytecode/source-map.ts';
import type { StateShape } from '../src/layout/schema.ts';
import { full, sealed } from './support/containers.ts';

const encodedFull = encodeContainer(full);

/** A contract named C with this in it and nothing else. */
const bare = (parts: Partial<Container>): Container => ({
  name: 'C',
  constants: [],
  schema: [],
  events: [],
  errors: [],
  actions: [],
  init: undefined,
  fallback: undefined,
  receive: undefined,
  metadata: [],
  ...parts,
});

const action = (name: string, parts: Partial<ContainerAction> = {}): ContainerAction => ({
  name,
  exportedAs: undefined,
  mutability: 'nonpayable',
  parameters: [],
  result: undefined,
  gasLimit: undefined,
  code: [],
  ...parts,
});

/** The sections of a contract named C with nothing in it, without those that may be left out. */
const MANDATORY = '010201 43 02 01 00 03 01 00 04 01 00 05 01 00 06 01 00 07 01 00';

/** The container of these sections, in hex with spaces. */
function forge(sections: string): Uint8Array {
  const body = fromHex(`0x${sections.replaceAll(/\s/g, '')}`);
  const head = fromHex('0xef5a5802');
  const bytes = concatBytes(head, new Uint8Array(36), body, new Uint8Array(4));
  new DataView(bytes.buffer).setUint32(4, bytes.length);
  return sealed(bytes);
}

/** The bytes of the one section that `parts` fill, without its number and its length. */
function contentOf(section: number, parts: Partial<Container>): string {
  const encoded = encodeContainer(bare(parts));
  let offset = 40;
  while (offset < encoded.length - 4) {
    const length = encoded[offset + 1] as number;
    expect(length).toBeLessThan(128);
    if (encoded[offset] === section)
      return toHexKey(encoded.subarray(offset + 2, offset + 2 + length));
    offset += 2 + length;
  }
  return '';
}

function refusal(run: () => unknown): [code: string, offset: unknown] {
  try {
    run();
  } catch (error) {
    if (isLucernaError(error)) return [error.code, error.fields['offset']];
    throw error;
  }
  throw new Error('nothing was refused');
}

const ruleOf = (sections: string): [code: string, offset: unknown] =>
  refusal(() => decodeContainer(forge(sections)));

/** The mandatory sections, where one has other content. */
function withSection(number: number, content: string): string {
  const digits = content.replaceAll(/\s/g, '');
  const length = (digits.length / 2).toString(16).padStart(2, '0');
  const id = number.toString(16).padStart(2, '0');
  return MANDATORY.replaceAll(' ', '').replace(`${id}0100`, `${id}${length}${digits}`);
}

describe('shapes', () => {
  const cell = { kind: 'cell', type: 'integer' } as const;
  const state = (shape: StateShape): string => contentOf(3, { schema: [{ name: 'a', shape }] });

  it('of cells and of plain maps of cells are written as ever', () => {
    expect(state(cell)).toBe('01016100' + '60');
    expect(state({ kind: 'map', value: { kind: 'map', value: cell } })).toBe('01016101' + '0260');
  });

  it('of all else are trees, from the outside in', () => {
    expect(state({ kind: 'enumerable', value: cell })).toBe('01016102' + '020060');
    expect(state({ kind: 'list', element: cell })).toBe('01016102' + '030060');
    const votes = { kind: 'map', value: { kind: 'list', element: cell } } as const;
    expect(state(votes)).toBe('01016102' + '01030060');
  });

  it('have one form each', () => {
    // A cell, and a plain map of cells, as trees.
    expect(ruleOf(withSection(3, '01 0161 02 00 60'))).toEqual(['ZXC_SHAPE', 53]);
    expect(ruleOf(withSection(3, '01 0161 02 01 00 60'))).toEqual(['ZXC_SHAPE', 53]);
    // A plain map in a list, and in a map that can be cleared.
    expect(ruleOf(withSection(3, '01 0161 02 03 01 00 60'))).toEqual(['ZXC_SHAPE', 53]);
    expect(ruleOf(withSection(3, '01 0161 02 01 02 01 00 60'))).toEqual(['ZXC_SHAPE', 53]);
    expect(ruleOf(withSection(3, '01 0161 03'))).toEqual(['ZXC_FLAG', 52]);
    expect(ruleOf(withSection(3, '01 0161 02 04'))).toEqual(['ZXC_FLAG', 53]);
    expect(ruleOf(withSection(3, '01 0161 02 03 00 03'))).toEqual(['ZXC_TYPE', 55]);
    expect(ruleOf(withSection(3, '01 0161 02 03'))).toEqual(['ZXC_TRUNCATED', 54]);
  });

  it('have at most 32 levels', () => {
    const deep = (levels: number): string => `01 0161 02 ${'03'.repeat(levels)} 00 60`;
    const [variable] = decodeContainer(forge(withSection(3, deep(32)))).schema;
    expect(isShape(variable!.shape)).toBe(true);
    expect(isShape({ kind: 'map', value: variable!.shape })).toBe(false);
    expect(ruleOf(withSection(3, deep(33)))).toEqual(['ZXC_LIMIT', 85]);
    expect(ruleOf(withSection(3, '01 0161 02 0303'))).toEqual(['ZXC_TRUNCATED', 55]);
  });
});

describe('types', () => {
  const order: AbiField = {
    name: 'o',
    type: 'tuple[]',
    components: [
      { name: 'to', type: 'address' },
      { name: 'n', type: 'uint256[]' },
    ],
  };
  const withResult = (type: Omit<AbiField, 'name'>): string =>
    contentOf(5, { actions: [action('a', { result: { name: '', ...type } })] });

  it('of lists and tuples are what they are of', () => {
    expect(withResult({ type: 'uint256' })).toBe('010161000000' + '60');
    expect(withResult({ type: 'uint256[]' })).toBe('010161000000' + '0560');
    expect(withResult({ type: 'bool[][]' })).toBe('010161000000' + '050501');
    expect(withResult({ type: order.type, components: order.components! })).toBe(
      '010161000000' + '050602' + '02746f02' + '016e0560',
    );
  });

  it('make the signatures that Solidity makes', () => {
    expect(canonicalType(order)).toBe('(address,uint256[])[]');
    const exported = { exportedAs: 'pay', parameters: [order] };
    // cast sig "pay((address,uint256[])[])"
    expect(contentOf(5, { actions: [action('pay', exported)] })).toContain('1059dec7');
  });

  it('are refused where something is missing', () => {
    const result = (type: string): string => withSection(5, `01 0161 00 00 00 ${type}`);
    expect(decodeContainer(forge(result('00').replace('060100', '06020000'))).actions).toHaveLength(
      1,
    );
    expect(ruleOf(result('05 00'))).toEqual(['ZXC_TYPE', 62]);
    expect(ruleOf(result('06 00'))).toEqual(['ZXC_TYPE', 62]);
    expect(ruleOf(result('06 01 0161 00'))).toEqual(['ZXC_TYPE', 65]);
    expect(ruleOf(result('06 02 0161 01 0161 01'))).toEqual(['ZXC_DUPLICATE', 66]);
    expect(ruleOf(result('06 01 0131 01'))).toEqual(['ZXC_NAME', 63]);
    expect(ruleOf(result('06 21'))).toEqual(['ZXC_LIMIT', 62]);
    expect(ruleOf(result('08'))).toEqual(['ZXC_TYPE', 61]);
  });

  it('have at most 32 levels', () => {
    const parameter = (type: Omit<AbiField, 'name'>): Container =>
      bare({ actions: [action('a', { parameters: [{ name: 'p', ...type }] })] });
    const lists = (levels: number): Omit<AbiField, 'name'> => ({
      type: `bool${'[]'.repeat(levels)}`,
    });
    const tuples = (levels: number): Omit<AbiField, 'name'> =>
      levels === 0
        ? { type: 'bool' }
        : { type: 'tuple', components: [{ name: 'c', ...tuples(levels - 1) }] };
    for (const nested of [lists, tuples]) {
      expect(isFieldType(nested(32))).toBe(true);
      expect(decodeContainer(encodeContainer(parameter(nested(32))))).toEqual(
        parameter(nested(32)),
      );
      expect(isFieldType(nested(33))).toBe(false);
      expect(refusal(() => encodeContainer(parameter(nested(33))))[0]).toBe('ZXC_LIMIT');
    }
  });

  it('that containers do not hold are told from those that they do', () => {
    expect(isFieldType(order)).toBe(true);
    for (const type of ['', 'tuple', 'tuple[]', 'uint', 'bool[2]', '[]', 'uint256[']) {
      expect([type, isFieldType({ type })]).toEqual([type, false]);
    }
    const components = order.components!;
    expect(isFieldType({ type: 'bool', components })).toBe(false);
    expect(isFieldType({ type: 'tuple', components: [] })).toBe(false);
    expect(isFieldType({ type: 'tuple', components: [...components, ...components] })).toBe(false);
    for (const wrong of [{ type: 'tuple' }, { type: 'bool', components }, { type: '[]' }]) {
      const result = { name: '', ...wrong };
      expect(() => encodeContainer(bare({ actions: [action('a', { result })] }))).toThrow(
        AssertionError,
      );
    }
  });
});

describe('actions', () => {
  it('are pure, and have a limit of gas', () => {
    expect(contentOf(5, { actions: [action('a', { mutability: 'pure' })] })).toBe('01016103000000');
    const limited = action('a', { mutability: 'view', gasLimit: 300 });
    expect(contentOf(5, { actions: [limited] })).toBe('01016105000000' + 'ac02');
    const most = bare({ actions: [action('a', { mutability: 'pure', gasLimit: 2 ** 32 - 1 })] });
    expect(decodeContainer(encodeContainer(most))).toEqual(most);
    expect(ruleOf(withSection(5, '01 0161 08 00 00 00'))).toEqual(['ZXC_FLAG', 58]);
    expect(ruleOf(withSection(5, '01 0161 04 00 00 00'))).toEqual(['ZXC_TRUNCATED', 62]);
    const tooMuch = bare({ actions: [action('a', { gasLimit: 2 ** 32 })] });
    expect(() => encodeContainer(tooMuch)).toThrow(AssertionError);
  });
});

describe('errors', () => {
  it('are names and fields, each name once', () => {
    const fields = [{ name: 'n', type: 'uint8' }];
    expect(contentOf(9, { errors: [{ name: 'E', fields }] })).toBe('01' + '0145' + '01' + '016e41');
    expect(contentOf(9, {})).toBe('');
    expect(ruleOf(`${MANDATORY} 09 05 02 0145 00 01`)).toEqual(['ZXC_TRUNCATED', 68]);
    expect(ruleOf(`${MANDATORY} 09 07 02 0145 00 0145 00`)).toEqual(['ZXC_DUPLICATE', 68]);
    expect(ruleOf(`${MANDATORY} 09 07 01 0145 01 0161 00`)).toEqual(['ZXC_TYPE', 70]);
  });

  it('have no section when there are none', () => {
    expect(ruleOf(`${MANDATORY} 09 01 00`)).toEqual(['ZXC_SECTION_EMPTY', 64]);
  });
});

describe('entry points', () => {
  const bytes: AbiField = { name: 'data', type: 'bytes' };
  const fallback = action('fallback');
  const receive = action('receive', { mutability: 'payable' });
  const points = (parts: Partial<Container>): Container =>
    bare({ actions: [fallback, receive], ...parts });

  it('are the fallback, then what receives', () => {
    expect(contentOf(10, points({ fallback: 0, receive: 1 }))).toBe('0102');
    expect(contentOf(10, points({ receive: 1 }))).toBe('0002');
    expect(contentOf(10, points({ fallback: 0 }))).toBe('0100');
    expect(contentOf(10, points({}))).toBe('');
    expect(ruleOf(`${MANDATORY} 0a 02 00 00`)).toEqual(['ZXC_SECTION_EMPTY', 64]);
  });

  it('fit their calls, and are three actions', () => {
    const takesBytes = action('fallback', {
      parameters: [bytes],
      result: { name: '', type: 'bytes' },
    });
    const good = points({ actions: [takesBytes, receive], fallback: 0, receive: 1 });
    expect(decodeContainer(encodeContainer(good))).toEqual(good);
    const wrong: readonly Partial<Container>[] = [
      { fallback: 2 },
      { receive: 2 },
      { receive: 0 },
      { fallback: 1, receive: 1 },
      { init: 0, fallback: 0 },
      { init: 1, receive: 1 },
      { fallback: 0, actions: [action('f', { exportedAs: 'f' })] },
      { fallback: 0, actions: [action('f', { parameters: [{ name: 'a', type: 'string' }] })] },
      { fallback: 0, actions: [action('f', { parameters: [{ name: 'a', type: '' }] })] },
      {
        fallback: 0,
        actions: [action('f', { parameters: [bytes, { name: 'b', type: 'bytes' }] })],
      },
      { fallback: 0, actions: [action('f', { result: { name: '', type: 'bytes32' } })] },
      { receive: 0, actions: [{ ...receive, parameters: [bytes] }] },
      { receive: 0, actions: [{ ...receive, result: { name: '', type: 'bool' } }] },
      { receive: 0, actions: [{ ...receive, exportedAs: 'receive' }] },
    ];
    for (const parts of wrong) {
      expect([parts, refusal(() => encodeContainer(points(parts)))[0]]).toEqual([
        parts,
        'ZXC_ENTRY_POINT',
      ]);
    }
  });
});

describe('the source map of several files', () => {
  const twoFiles = (...actions: readonly string[]): string =>
    `${MANDATORY} 0b ${(5 + actions.join('').replaceAll(' ', '').length / 2).toString(16).padStart(2, '0')} 02 0161 0162 ${actions.join('')}`;

  it('names the file of each action', () => {
    const sourceMap = {
      files: ['a', 'b'],
      actions: [
        { file: 1, places: [{ instruction: 0, line: 3, column: 7 }] },
        { file: 0, places: [{ instruction: 0, line: 2, column: 1 }] },
      ],
    };
    const code = [{ opcode: 255, operands: [] }];
    const actions = [action('f', { code }), action('g', { code })];
    expect(contentOf(11, { actions, sourceMap })).toBe(
      '02' + '01610162' + '01010004' + '07' + '0001000101',
    );
    const container = bare({ actions, sourceMap });
    expect(decodeContainer(encodeContainer(container))).toEqual(container);
    expect(isSourceMap(sourceMap, actions)).toBe(true);
    expect(isSourceMap({ ...sourceMap, files: ['a'] }, actions)).toBe(false);
    expect(isSourceMap({ ...sourceMap, files: [] }, [])).toBe(false);
    expect(isSourceMap(sourceMap, actions.slice(1))).toBe(false);
  });

  it('has two files at least, which there are, and is the only one', () => {
    expect(decodeContainer(forge(twoFiles())).sourceMap).toEqual({
      files: ['a', 'b'],
      actions: [],
    });
    expect(ruleOf(`${MANDATORY} 0b 03 01 0161`)).toEqual(['ZXC_SOURCE_MAP', 64]);
    expect(ruleOf(`${MANDATORY} 0b 01 00`)).toEqual(['ZXC_SOURCE_MAP', 64]);
    expect(ruleOf(`${MANDATORY} 0b 01 41`)).toEqual(['ZXC_LIMIT', 64]);
    expect(ruleOf(`${MANDATORY} 08 02 0161 0b 05 02 0161 0162`)).toEqual(['ZXC_SOURCE_MAP', 66]);
    const oneAction = MANDATORY.replaceAll(' ', '')
      .replace('050100', '050701016100000000')
      .replace('060100', '06020000');
    expect(ruleOf(`${oneAction} 0b 07 02 0161 0162 02 00`)).toEqual(['ZXC_SOURCE_MAP', 76]);
  });

  it('stands behind all others', () => {
    expect(ruleOf(`${MANDATORY} 0b 05 02 0161 0162 09 04 01 0145 00`)).toEqual([
      'ZXC_TRAILING_BYTES',
      69,
    ]);
  });

  it('has a file', () => {
    expect(() => encodeContainer(bare({ sourceMap: { files: [], actions: [] } }))).toThrow(
      AssertionError,
    );
  });
});

describe('the disassembler', () => {
  it('shows all that there is', () => {
    expect(decodeContainer(encodedFull)).toEqual(full);
    expect(disassemble(full)).toMatchInlineSnapshot(`
      "contract Full ; version 2, compiled from "full.zx", "lib/orders.zx"

      constants
           0  null     null
           1  string   "orders"

      state
           0  orders[key]: map of list of bytes32 ; slot 0x1c6f6fed80d74f71a2d1123dc65050b8f212692dfac7fe35bb222cb195c09f8d

      errors
           0  TooFew(have: uint256, want: uint256) ; aba4b659

      action 0 sum(orders: (to: address, amounts: uint256[])[]) -> uint256[] ; pure, ef88ae57 sum((address,uint256[])[]), at most 50000 gas
        ; line 7:5 of "lib/orders.zx"
           0  BUILD_LIST 0         ; 0 items
           1  RETURN

      action 1 fallback(data: bytes) -> bytes ; not exported, takes calls without a function
           0  LOAD_CONST 0         ; null
           1  LOAD_CONST 0         ; null
        ; line 3:1 of "full.zx"
           2  REVERT_ERROR 0 2     ; TooFew

      action 2 receive() ; payable, not exported, takes calls without data
           0  LOAD_CONST 0         ; null
           1  RETURN
      "
    `);
  });

  it('says what every kind of operand means', () => {
    const code = (opcode: number, ...operands: readonly number[]) => ({ opcode, operands });
    const container = bare({
      constants: [{ kind: 'string', value: 'push' }],
      errors: [{ name: 'Broken', fields: [] }],
      actions: [
        action('f', {
          code: [
            code(52, 1),
            code(54, 0, 2),
            code(60, 3),
            code(61, 1),
            code(62, 1),
            code(81, 0),
            code(112, 4),
            code(118, 500),
            code(140, 3),
            code(0x0407, 99),
            code(0x040a, 0, 1),
            code(0x040e, 0, 0),
            code(0x040e, 1, 0),
          ],
        }),
      ],
    });
    const lines = disassemble(container).split('\n');
    expect(lines.flatMap((line) => / {2}([A-Z_]+ .*)$/.exec(line)?.[1] ?? [])).toEqual([
      'CALL_TOP 1           ; 1 argument',
      'CALL_METHOD 0 2      ; push',
      'BUILD_LIST 3         ; 3 items',
      'BUILD_MAP 1          ; 1 entry',
      'BUILD_SET 1          ; 1 item',
      'EMIT_EVENT 0         ; push',
      'MERKLE_ROOT 4        ; 4 leaves',
      'GAS_CHARGE 500       ; 500',
      'SETUP_TRY 3          ; to 3',
      'ITER_NEXT 99         ; ?',
      'MAKE_CLOSURE 0 1     ; f',
      'REVERT_ERROR 0 0     ; Broken',
      'REVERT_ERROR 1 0     ; ?',
    ]);
  });
});
