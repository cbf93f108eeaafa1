import { present } from '@lucerna/base';
import {
  type CompiledContract,
  type Container,
  opcodeByCode,
  serializeMulti,
  type Zxc1Constant,
  type Zxc1Module,
  type Zxc1Operand,
} from '@lucerna/zexus';
import type { Case, Peer, Prepared } from '../../harness.ts';
import { compileSource, corpus } from './corpus.ts';
import { Python, type PythonModule } from './python.ts';

/** What the contracts of the corpus take in each form, in bytes. */
type Sizes = {
  readonly contracts: number;
  readonly instructions: number;
  /** All files that a compilation reads, once for each source that uses them. */
  readonly source: number;
  readonly json: number;
  readonly version1: number;
  readonly version2: number;
  /** With the source map. */
  readonly version2Mapped: number;
  readonly modules: readonly PythonModule[];
};

/** Instructions with two operands of which the first is a constant. */
const NAMED_PAIRS: ReadonlySet<string> = new Set([
  'CALL_BUILTIN',
  'CALL_METHOD',
  'MAP_READ',
  'MAP_WRITE',
]);

/** A module of version 1 for each action, with the constants that its instructions name: it has no pool for all. */
function modulesOf(container: Container): readonly Zxc1Module[] {
  return container.actions.map(({ code }): Zxc1Module => {
    const constants: Zxc1Constant[] = [];
    const indexes = new Map<number, number>();
    const indexOf = (constant: number): number => {
      const known = indexes.get(constant);
      if (known !== undefined) return known;
      const value = present(container.constants[constant], 'the constant is there');
      constants.push(oldConstant(value));
      indexes.set(constant, constants.length - 1);
      return constants.length - 1;
    };
    const instructions = code.map(({ opcode, operands: [first, second] }) => {
      const { name, operand } = present(opcodeByCode(opcode), 'the opcode is known');
      const isConstant = operand === 'constant' || NAMED_PAIRS.has(name);
      const value = first !== undefined && isConstant ? indexOf(first) : first;
      return { opcode, operand: oldOperand(value, second) };
    });
    return { constants, instructions };
  });
}

function oldOperand(first: number | undefined, second: number | undefined): Zxc1Operand {
  if (first === undefined) return { kind: 'none' };
  if (second === undefined) return { kind: 'u32', value: first };
  return { kind: 'pair', values: [first, second] };
}

/** Version 1 has neither bytes nor integers of 256 bits: they are text there, as upstream's compiler has them. */
function oldConstant(constant: Container['constants'][number]): Zxc1Constant {
  switch (constant.kind) {
    case 'integer': {
      const fits = BigInt.asIntN(64, constant.value) === constant.value;
      return fits ? constant : { kind: 'string', value: String(constant.value) };
    }
    case 'address':
    case 'bytes':
      return { kind: 'string', value: `0x${Buffer.from(constant.value).toString('hex')}` };
    default:
      return constant;
  }
}

/** The module as JSON has it, and Python: opcodes by name, operands, constants with their kinds. */
function describeModule({ constants, instructions }: Zxc1Module): PythonModule {
  return [
    constants.map((constant): readonly [string, unknown] => {
      const value = 'value' in constant ? constant.value : null;
      return [constant.kind, typeof value === 'bigint' ? String(value) : value];
    }),
    instructions.map(({ opcode, operand }) => {
      const { name } = present(opcodeByCode(opcode), 'the opcode is known');
      if (operand.kind === 'none') return [name, null];
      return [name, 'value' in operand ? Number(operand.value) : operand.values];
    }),
  ];
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

function measureSizes(): Sizes {
  const sources = corpus();
  let source = 0;
  const plain: CompiledContract[] = [];
  const mapped: CompiledContract[] = [];
  for (const file of sources) {
    const compilation = compileSource(file, false);
    if (compilation.contracts.length === 0) continue;
    for (const { text } of compilation.sources) source += utf8Bytes(text);
    plain.push(...compilation.contracts);
    mapped.push(...compileSource(file, true).contracts);
  }
  const sum = (contracts: readonly CompiledContract[]): number =>
    contracts.reduce((bytes, { bytecode }) => bytes + bytecode.length, 0);
  const modules = plain.map(({ container }) => modulesOf(container));
  const described = modules.flat().map(describeModule);
  return {
    contracts: plain.length,
    instructions: modules
      .flat()
      .reduce((count, { instructions }) => count + instructions.length, 0),
    source,
    json: utf8Bytes(JSON.stringify(described)),
    version1: modules.reduce((bytes, each) => bytes + serializeMulti(each).length, 0),
    version2: sum(plain),
    version2Mapped: sum(mapped),
    modules: described,
  };
}

/** Counted once for all cases, which say how. */
let shared: Sizes | undefined;

type Compared = { readonly name: string; readonly bytes: (sizes: Sizes) => number };

const SOURCE: Compared = { name: 'source text', bytes: ({ source }) => source };
const JSON_TEXT: Compared = { name: 'JSON of the same instructions', bytes: ({ json }) => json };

function sizeCase(
  id: string,
  ours: (sizes: Sizes) => number,
  peerOf: (sizes: Sizes) => Promise<Peer>,
  how: string,
): Case {
  return {
    id,
    unit: 'bytes',
    better: 'lower',
    target: undefined,
    rounds: 1,
    prepare: async (): Promise<Prepared> => {
      shared ??= measureSizes();
      const sizes = shared;
      return {
        ours: async () => ({ value: ours(sizes) }),
        peer: await peerOf(sizes),
        close: async () => {},
        detail: `${how}; ${sizes.contracts} contracts, ${sizes.instructions} instructions`,
      };
    },
  };
}

function against({ name, bytes }: Compared): (sizes: Sizes) => Promise<Peer> {
  return async (sizes) => ({
    kind: 'measured',
    name,
    measure: async () => ({ value: bytes(sizes) }),
  });
}

/** What CPython needs for the same modules in memory: how the predecessor's twentieth is most likely counted. */
async function pythonObjects({ modules }: Sizes): Promise<Peer> {
  const python = await Python.start();
  if (python === undefined) return { kind: 'absent', name: 'Python, the same as objects' };
  const { memory, pickle } = await python.sizes(modules);
  await python.close();
  const name = `${python.name}, the same as objects (pickled: ${pickle})`;
  return { kind: 'measured', name, measure: async () => ({ value: memory }) };
}

const HOW_1 = 'ZXCM of one module for each action, with checksums';
const HOW_2 =
  'the container that is deployed, without source map: state schema, ABI and metadata too';
const HOW_2_MAPPED = 'the same with the source map';

/** How small compiled contracts are, against other forms of the same. */
export const sizeCases: readonly Case[] = [
  sizeCase('zxc1-size-source', ({ version1 }) => version1, against(SOURCE), HOW_1),
  sizeCase('zxc1-size-json', ({ version1 }) => version1, against(JSON_TEXT), HOW_1),
  sizeCase('zxc1-size-python', ({ version1 }) => version1, pythonObjects, HOW_1),
  sizeCase('zxc2-size-source', ({ version2 }) => version2, against(SOURCE), HOW_2),
  sizeCase('zxc2-size-json', ({ version2 }) => version2, against(JSON_TEXT), HOW_2),
  sizeCase(
    'zxc2-mapped-size-source',
    ({ version2Mapped }) => version2Mapped,
    against(SOURCE),
    HOW_2_MAPPED,
  ),
];
