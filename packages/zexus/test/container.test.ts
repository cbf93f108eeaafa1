import { AssertionError, concatBytes, isLucernaError, toHexKey } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import type { Container } from '../src/bytecode/container.ts';
import { decodeContainer } from '../src/bytecode/decode-container.ts';
import { encodeContainer } from '../src/bytecode/encode-container.ts';
import { hasZexusPrefix, splitInitData } from '../src/bytecode/init-data.ts';
import { OPCODES, opcodeByCode, opcodeByName } from '../src/bytecode/opcodes.ts';
import { typeCode, typeOfCode } from '../src/bytecode/type-codes.ts';
import type { StateShape } from '../src/layout/schema.ts';
import { zexusLimits } from '../src/limits.ts';
import { counter, sealed } from './support/containers.ts';

/** The selector of countUp(uint256), computed with cast. */
const COUNT_UP = 'da28179e';

const limits = zexusLimits.values;
const encodedCounter = encodeContainer(counter);
const empty: Container = {
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
};

/** The contents of the seven sections of a contract named C with nothing in it. */
const emptySections = [[1, 0x43], [0], [0], [0], [0], [0], [0]];

/** A sealed container of these sections, where the content of some is replaced. */
function forge(contents: Readonly<Record<number, readonly number[]>>): Uint8Array {
  const body = emptySections.flatMap((content, index) => {
    const used = contents[index + 1] ?? content;
    const length =
      used.length < 128 ? [used.length] : [(used.length % 128) | 128, used.length >> 7];
    return [index + 1, ...length, ...used];
  });
  return forgeBody(body);
}

function forgeBody(body: readonly number[]): Uint8Array {
  const total = body.length + 44;
  const head = [0xef, 0x5a, 0x58, 2, 0, total >> 16, (total >> 8) & 255, total & 255];
  return sealed(Uint8Array.from([...head, ...new Uint8Array(32), ...body, 0, 0, 0, 0]));
}

/** The code and the offset with which `run` refuses. */
function refusal(run: () => unknown): [code: string, offset: unknown] {
  try {
    run();
  } catch (error) {
    if (isLucernaError(error)) return [error.code, error.fields['offset']];
    throw error;
  }
  throw new Error('nothing was refused');
}

function ruleOf(bytes: Uint8Array): [code: string, offset: unknown] {
  return refusal(() => decodeContainer(bytes));
}

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
const name = (letters: string): number[] => [letters.length, ...new TextEncoder().encode(letters)];

describe('the header', () => {
  it('is the smallest container with seven sections', () => {
    expect(decodeContainer(forge({}))).toEqual(empty);
    expect(toHexKey(encodeContainer(empty))).toBe(toHexKey(forge({})));
  });

  it('has the magic, the version and the length', () => {
    const broken = (offset: number, value: number): Uint8Array => {
      const bytes = encodedCounter.slice();
      bytes[offset] = value;
      return sealed(bytes);
    };
    expect(ruleOf(new Uint8Array(0))).toEqual(['ZXC_MAGIC', 0]);
    expect(ruleOf(Uint8Array.of(0x60, 0x80))).toEqual(['ZXC_MAGIC', 0]);
    expect(ruleOf(Uint8Array.of(0xef, 0x5a, 0x57))).toEqual(['ZXC_MAGIC', 2]);
    expect(ruleOf(broken(1, 0x00))).toEqual(['ZXC_MAGIC', 1]);
    expect(ruleOf(broken(3, 1))).toEqual(['ZXC_VERSION', 3]);
    expect(ruleOf(broken(3, 3))).toEqual(['ZXC_VERSION', 3]);
    expect(ruleOf(broken(4, 0x80))).toEqual(['ZXC_LIMIT', 4]);
    const longer = encodedCounter.length + 1;
    expect(ruleOf(broken(7, longer & 255))).toEqual(['ZXC_TRUNCATED', encodedCounter.length]);
    const short = encodedCounter.slice();
    short.set([0, 0, 0, 43], 4);
    expect(ruleOf(short)).toEqual(['ZXC_LENGTH', 4]);
  });

  it('has the hash of the sections, and the checksum stands behind them', () => {
    const bytes = encodedCounter.slice();
    bytes[8] = (bytes[8] as number) ^ 1;
    expect(ruleOf(bytes)).toEqual(['ZXC_CRC', bytes.length - 4]);
    const resealed = sealed(encodedCounter);
    expect(toHexKey(resealed)).toBe(toHexKey(encodedCounter));
    // Only the checksum is forged: the hash is the one of another body.
    const other = sealed(forge({ 7: [1, 1, 0x61, 0] }));
    const withHash = concatBytes(other.subarray(0, 8), encodedCounter.subarray(8, 40));
    const forged = concatBytes(withHash, other.subarray(40));
    expect(ruleOf(withChecksum(forged))).toEqual(['ZXC_CODE_HASH', 8]);
  });

  it('is followed by its sections and the checksum, and by nothing', () => {
    expect(ruleOf(concatBytes(encodedCounter, Uint8Array.of(0)))).toEqual([
      'ZXC_TRAILING_BYTES',
      encodedCounter.length,
    ]);
    const body = [...encodedCounter.slice(40, -4)];
    expect(ruleOf(forgeBody([...body, 0]))).toEqual(['ZXC_TRAILING_BYTES', body.length + 40]);
    expect(ruleOf(forgeBody([]))).toEqual(['ZXC_TRUNCATED', 40]);
    expect(ruleOf(forgeBody([2, 0]))).toEqual(['ZXC_SECTION', 40]);
    expect(ruleOf(forgeBody([1, 3, 1, 0x43, 0, 2, 0]))).toEqual(['ZXC_SECTION_LENGTH', 44]);
    expect(ruleOf(forgeBody([1, 100, 1, 0x43]))).toEqual(['ZXC_TRUNCATED', 41]);
  });
});

/** The bytes with their checksum computed, and nothing else. */
function withChecksum(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  let remainder = -1;
  for (const byte of copy.subarray(0, -4)) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
    }
  }
  new DataView(copy.buffer).setUint32(copy.length - 4, ~remainder >>> 0);
  return copy;
}

describe('numbers and texts', () => {
  // Without other content, that of the sections 2 to 7 begins at 46, 49, 52, 55, 58 and 61.
  it('are in their shortest form', () => {
    expect(ruleOf(forge({ 2: [0x80, 0x00] }))).toEqual(['ZXC_NUMBER', 46]);
    expect(ruleOf(forge({ 2: [0xff, 0xff, 0xff, 0xff, 0x1f] }))).toEqual(['ZXC_NUMBER', 46]);
    expect(ruleOf(forge({ 2: [0xff, 0xff, 0xff, 0xff, 0xff, 0x01] }))).toEqual(['ZXC_NUMBER', 46]);
    expect(ruleOf(forge({ 2: [1, 0x10, 1, 0] }))).toEqual(['ZXC_INTEGER', 48]);
    expect(ruleOf(forge({ 2: [1, 0x11, 0] }))).toEqual(['ZXC_INTEGER', 47]);
    const wide = [1, 0x10, 33, 1, ...new Uint8Array(32)];
    expect(ruleOf(forge({ 2: wide }))).toEqual(['ZXC_INTEGER', 48]);
    const widest = decodeContainer(forge({ 2: [1, 0x11, 32, ...new Uint8Array(32).fill(255)] }));
    expect(widest.constants).toEqual([{ kind: 'integer', value: 1n - 2n ** 256n }]);
  });

  it('are well-formed UTF-8, and a byte order mark is a character', () => {
    const text = (...bytes: number[]): Uint8Array =>
      forge({ 2: [1, 0x05, bytes.length, ...bytes] });
    for (const bytes of [
      [0xff],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xc3],
    ]) {
      expect(ruleOf(text(...bytes))).toEqual(['ZXC_TEXT', 49]);
    }
    expect(decodeContainer(text(0xef, 0xbb, 0xbf, 0x61)).constants).toEqual([
      { kind: 'string', value: '\ufeffa' },
    ]);
  });

  it('name things by identifiers of at most 128 bytes, each once', () => {
    expect(ruleOf(forge({ 1: [0] }))).toEqual(['ZXC_NAME', 42]);
    expect(ruleOf(forge({ 1: name('1a') }))).toEqual(['ZXC_NAME', 42]);
    expect(ruleOf(forge({ 1: name('a(b') }))).toEqual(['ZXC_NAME', 42]);
    expect(ruleOf(forge({ 1: name('a\n') }))).toEqual(['ZXC_NAME', 42]);
    expect(ruleOf(forge({ 1: [...varint(129), ...new Uint8Array(129)] }))).toEqual([
      'ZXC_LIMIT',
      43,
    ]);
    const twice = [2, ...name('a'), 0, 0, ...name('a'), 0, 0];
    expect(ruleOf(forge({ 3: twice }))).toEqual(['ZXC_DUPLICATE', 54]);
    expect(
      ruleOf(forge({ 4: [1, ...name('E'), 2, ...name('a'), 1, 0, ...name('a'), 1, 0] })),
    ).toEqual(['ZXC_DUPLICATE', 60]);
    expect(ruleOf(forge({ 7: [2, 1, 0x61, 0, 1, 0x61, 0] }))).toEqual(['ZXC_DUPLICATE', 65]);
    expect(ruleOf(forge({ 7: [1, 0, 0] }))).toEqual(['ZXC_NAME', 62]);
  });
});

describe('hostile counts', () => {
  it('are refused before anything is made of them', () => {
    const huge = varint(2 ** 32 - 1);
    for (const section of [2, 3, 4, 5, 7]) {
      expect(ruleOf(forge({ [section]: huge }))[0]).toBe('ZXC_LIMIT');
    }
    expect(ruleOf(forge({ 2: varint(limits.containerConstants) }))).toEqual(['ZXC_TRUNCATED', 46]);
    expect(ruleOf(forge({ 2: varint(limits.containerConstants + 1) }))).toEqual(['ZXC_LIMIT', 46]);
    expect(ruleOf(forge({ 2: [1, 0x12, ...huge] }))).toEqual(['ZXC_LIMIT', 48]);
    expect(ruleOf(forge({ 2: [1, 0x05, 100] }))).toEqual(['ZXC_TRUNCATED', 48]);
    const action = [1, ...name('a'), 0, 0, 0, 0];
    const code = (...bytes: number[]): Uint8Array => forge({ 5: action, 6: [0, ...bytes] });
    expect(decodeContainer(code(0)).actions[0]?.code).toEqual([]);
    expect(ruleOf(code(...varint(limits.containerInstructions + 1)))).toEqual(['ZXC_LIMIT', 65]);
    expect(ruleOf(code(...varint(limits.containerInstructions)))).toEqual(['ZXC_TRUNCATED', 65]);
  });

  it('of map keys are from 1 to 32', () => {
    const map = (depth: number): Uint8Array => forge({ 3: [1, ...name('m'), 1, depth, 0] });
    expect(ruleOf(map(0))).toEqual(['ZXC_LIMIT', 53]);
    expect(ruleOf(map(33))).toEqual(['ZXC_LIMIT', 53]);
    expect(decodeContainer(map(32)).schema).toEqual([
      { name: 'm', shape: nest(32, 'map', { kind: 'cell', type: 'untyped' }) },
    ]);
  });
});

/** A shape within as many of a kind. */
function nest(levels: number, kind: 'enumerable' | 'map', shape: StateShape): StateShape {
  return levels === 0 ? shape : nest(levels - 1, kind, { kind, value: shape });
}

describe('size', () => {
  const ofSize = (target: number): Container => {
    const base = encodeContainer({
      ...empty,
      constants: [{ kind: 'bytes', value: new Uint8Array(20_000) }],
    });
    // Two lengths grow to three bytes each, which 20,000 has already.
    const value = new Uint8Array(20_000 + target - base.length);
    return { ...empty, constants: [{ kind: 'bytes', value }] };
  };

  it('of a container is at most 48 KiB', () => {
    expect(encodeContainer(ofSize(49_152))).toHaveLength(49_152);
    expect(refusal(() => encodeContainer(ofSize(49_153)))).toEqual(['ZXC_LIMIT', 4]);
  });

  it('of a container with its arguments is at most 96 KiB', () => {
    const code = encodeContainer(ofSize(49_152));
    const full = concatBytes(code, new Uint8Array(49_152));
    expect(splitInitData(full).args).toHaveLength(49_152);
    expect(refusal(() => splitInitData(concatBytes(full, Uint8Array.of(0))))[0]).toBe('ZXC_LIMIT');
  });
});

describe('init data', () => {
  it('begins with a container', () => {
    expect(hasZexusPrefix(encodedCounter)).toBe(true);
    expect(hasZexusPrefix(Uint8Array.of(0xef, 0x5a))).toBe(false);
    expect(hasZexusPrefix(Uint8Array.of(0xef, 0x01, 0x00))).toBe(false);
    expect(refusal(() => splitInitData(Uint8Array.of(0x60, 0x80)))).toEqual(['ZXC_MAGIC', 0]);
    expect(refusal(() => splitInitData(encodedCounter.subarray(0, -1)))).toEqual([
      'ZXC_TRUNCATED',
      encodedCounter.length - 1,
    ]);
  });
});

describe('the interface', () => {
  const [countUp, count, init] = counter.actions as [
    Container['actions'][number],
    Container['actions'][number],
    Container['actions'][number],
  ];

  it('has selectors that are those of the names and types', () => {
    const bytes = [...encodedCounter];
    const at = toHexKey(encodedCounter).indexOf(COUNT_UP) / 2;
    expect(at).toBeGreaterThan(40);
    bytes[at] = (bytes[at] as number) ^ 0xff;
    expect(ruleOf(sealed(Uint8Array.from(bytes)))).toEqual(['ZXC_SELECTOR', at]);
  });

  it('exports each selector once, under one form', () => {
    const same = { ...count, exportedAs: 'countUp', parameters: countUp.parameters };
    const twice = { ...counter, actions: [countUp, same], init: undefined };
    expect(refusal(() => encodeContainer(twice))[0]).toBe('ZXC_DUPLICATE');
    const other = { ...same, parameters: [{ name: 'to', type: 'bytes7' }] };
    const overloaded = { ...twice, actions: [countUp, other] };
    expect(decodeContainer(encodeContainer(overloaded)).actions).toMatchObject([
      { exportedAs: 'countUp' },
      { exportedAs: 'countUp', name: 'count' },
    ]);
    const ownNameAsOther = [1, ...name('a'), 0, 2, ...name('a'), 0, 0, 0, 0, 0, 0];
    expect(ruleOf(forge({ 5: ownNameAsOther }))).toEqual(['ZXC_EXPORT', 60]);
    // Both selectors are 0x42966c68.
    const collision: Container = {
      ...empty,
      actions: [
        {
          ...count,
          name: 'burn',
          exportedAs: 'burn',
          parameters: [{ name: 'n', type: 'uint256' }],
        },
        {
          ...count,
          name: 'collate_propagate_storage',
          exportedAs: 'collate_propagate_storage',
          parameters: [{ name: 'n', type: 'bytes16' }],
        },
      ],
    };
    expect(refusal(() => encodeContainer(collision))[0]).toBe('ZXC_DUPLICATE');
  });

  it('has types for all that is exported', () => {
    const untyped = [{ name: 'a', type: '' }];
    const privately = { ...empty, actions: [{ ...init, parameters: untyped }] };
    expect(decodeContainer(encodeContainer(privately))).toEqual(privately);
    const exported = { ...empty, actions: [{ ...count, parameters: untyped }] };
    expect(refusal(() => encodeContainer(exported))[0]).toBe('ZXC_TYPE');
    const field = { name: 'a', type: '', indexed: false };
    const event = { ...empty, events: [{ name: 'E', fields: [field] }] };
    expect(refusal(() => encodeContainer(event))[0]).toBe('ZXC_TYPE');
  });

  it('indexes at most three fields of an event', () => {
    const fields = ['a', 'b', 'c', 'd'].map((letter) => ({
      name: letter,
      type: 'bool',
      indexed: true,
    }));
    const events = (count: number): Container => ({
      ...empty,
      events: [{ name: 'E', fields: fields.slice(0, count) }],
    });
    expect(decodeContainer(encodeContainer(events(3)))).toEqual(events(3));
    expect(refusal(() => encodeContainer(events(4)))).toEqual(['ZXC_EVENT_INDEXED', 71]);
  });

  it('runs at deployment what is private, no view, without result and typed', () => {
    const withInit = (index: number, change: Partial<typeof init> = {}): Container => ({
      ...counter,
      actions: [countUp, count, { ...init, ...change }],
      init: index,
    });
    expect(decodeContainer(encodeContainer(withInit(2, { mutability: 'payable' }))).init).toBe(2);
    for (const wrong of [
      withInit(0),
      withInit(3),
      withInit(2, { mutability: 'view' }),
      withInit(2, { mutability: 'pure' }),
      withInit(2, { result: { name: '', type: 'bool' } }),
      withInit(2, { exportedAs: 'init' }),
      withInit(2, { parameters: [{ name: 'a', type: '' }] }),
    ]) {
      expect(refusal(() => encodeContainer(wrong))[0]).toBe('ZXC_INIT');
    }
  });
});

describe('the source map', () => {
  const body = [...encodedCounter.slice(40, -4)];
  /** The counter, whose actions have 14, 2 and 4 instructions, with these bytes as its section 8. */
  const withSection = (...content: readonly number[]): Uint8Array =>
    forgeBody([...body, 8, content.length, ...content]);
  const file = name('c.zx');
  const start = 40 + body.length + 2 + file.length;

  it('may be left out, which says something else than an empty one', () => {
    expect(decodeContainer(encodedCounter)).not.toHaveProperty('sourceMap');
    const none = { file: 0, places: [] };
    const empty = { files: [''], actions: [none, none, none] };
    const encoded = encodeContainer({ ...counter, sourceMap: empty });
    expect(encoded.length).toBe(encodedCounter.length + 6);
    expect(decodeContainer(encoded).sourceMap).toEqual(empty);
    expect(encoded).toEqual(withSection(0, 0, 0, 0));
  });

  it('goes on from line to line, also from one action to the next', () => {
    const bytes = withSection(...file, 2, 0, 4, 3, 5, 1, 9, 1, 1, 0, 1, 0);
    expect(decodeContainer(bytes).sourceMap).toEqual({
      files: ['c.zx'],
      actions: [
        {
          file: 0,
          places: [
            { instruction: 0, line: 3, column: 3 },
            { instruction: 5, line: 2, column: 9 },
          ],
        },
        { file: 0, places: [{ instruction: 1, line: 2, column: 1 }] },
        { file: 0, places: [] },
      ],
    });
    expect(encodeContainer(decodeContainer(bytes))).toEqual(bytes);
  });

  it('has places of the code, in order, each other than the one before', () => {
    const refused = (...places: readonly number[]): unknown =>
      ruleOf(withSection(...file, ...places));
    const fits = withSection(...file, 1, 13, 0, 1, 1, 1, 0, 1, 1, 3, 0, 1);
    expect(encodeContainer(decodeContainer(fits))).toEqual(fits);
    expect(refused(1, 14, 0, 1, 0, 0)).toEqual(['ZXC_SOURCE_MAP', start + 1]);
    expect(refused(0, 1, 2, 0, 1, 0)).toEqual(['ZXC_SOURCE_MAP', start + 2]);
    expect(refused(2, 4, 0, 1, 0, 2, 1, 0, 0)).toEqual(['ZXC_SOURCE_MAP', start + 4]);
    expect(refused(2, 4, 0, 1, 1, 0, 1, 0, 0)).toEqual(['ZXC_SOURCE_MAP', start + 4]);
    expect(refused(1, 0, 1, 1, 0, 0)).toEqual(['ZXC_SOURCE_MAP', start + 1]);
    expect(refused(1, 0, 0, 0, 0, 0)).toEqual(['ZXC_SOURCE_MAP', start + 1]);
    expect(refused(1, 0, 0, ...varint(2 ** 31), 0, 0)).toEqual(['ZXC_SOURCE_MAP', start + 1]);
    expect(refused(1, 0, ...varint(2 ** 32 - 2), 1, 0, 0)).toEqual(['ZXC_SOURCE_MAP', start + 1]);
  });

  it('has a name of at most 255 bytes and is the last section', () => {
    const longest = 'x'.repeat(255);
    const named = (text: string): Uint8Array =>
      encodeContainer({
        ...counter,
        sourceMap: { files: [text], actions: Array(3).fill({ file: 0, places: [] }) },
      });
    expect(decodeContainer(named(longest)).sourceMap?.files).toEqual([longest]);
    expect(refusal(() => named(`${longest}x`))[0]).toBe('ZXC_LIMIT');
    const twice = [8, 4, 0, 0, 0, 0, 8, 4, 0, 0, 0, 0];
    expect(ruleOf(forgeBody([...body, ...twice]))).toEqual([
      'ZXC_TRAILING_BYTES',
      40 + body.length + 6,
    ]);
  });
});

describe('a bug of the compiler', () => {
  it('is an assertion', () => {
    const action = { ...counter.actions[1]!, parameters: [{ name: 'a', type: 'uint' }] };
    const code = [{ opcode: 1, operands: [] }];
    const bugs: readonly Container[] = [
      { ...empty, name: '\ud800' },
      { ...empty, actions: [action] },
      { ...empty, actions: [{ ...counter.actions[1]!, code }] },
      { ...empty, actions: [{ ...counter.actions[1]!, code: [{ opcode: 7, operands: [] }] }] },
      { ...empty, actions: [{ ...counter.actions[1]!, code: [{ opcode: 1, operands: [-1] }] }] },
      { ...empty, constants: [{ kind: 'address', value: new Uint8Array(19) }] },
      { ...empty, schema: [{ name: 'a', shape: { kind: 'cell', type: 'bytes33' } }] },
    ];
    for (const bug of bugs) expect(() => encodeContainer(bug)).toThrow(AssertionError);
  });
});

describe('opcodes', () => {
  it('are found by code and by name, and no two share either', () => {
    expect(new Set(OPCODES.map(({ code }) => code)).size).toBe(OPCODES.length);
    expect(new Set(OPCODES.map(({ name: text }) => text)).size).toBe(OPCODES.length);
    for (const entry of OPCODES) {
      expect(opcodeByCode(entry.code)).toBe(entry);
      expect(opcodeByName(entry.name)).toBe(entry);
    }
    expect(opcodeByCode(0)).toBeUndefined();
    expect(opcodeByName('add')).toBeUndefined();
  });

  it('that contracts cannot use are refused', () => {
    const action = [1, ...name('a'), 0, 0, 0, 0];
    const code = (opcode: number): Uint8Array => forge({ 5: action, 6: [0, 1, ...varint(opcode)] });
    expect(ruleOf(code(120))).toEqual(['ZXC_OPCODE', 66]);
    expect(ruleOf(code(0x0500))).toEqual(['ZXC_OPCODE', 66]);
    expect(decodeContainer(code(255)).actions[0]?.code).toEqual([{ opcode: 255, operands: [] }]);
  });
});

describe('types', () => {
  it('have one code each', () => {
    for (let code = 0; code < 256; code += 1) {
      const type = typeOfCode(code);
      if (type !== undefined) expect(typeCode(type)).toBe(code);
    }
    expect([0, 5, 6, 0x20, 0x81, 0xff].map(typeOfCode)).toEqual(Array(6).fill(undefined));
    expect(['uint', 'uint7', 'uint264', 'bytes0', 'bytes33', 'tuple'].map(typeCode)).toEqual(
      Array(6).fill(undefined),
    );
  });
});
