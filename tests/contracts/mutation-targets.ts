import { readdirSync, readFileSync } from 'node:fs';
import { assert, concatBytes, equalBytes, fromHex, isErrorOf, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import {
  call,
  construct,
  contractAbi,
  crc32,
  decodeContainer,
  deserialize,
  disassemble,
  disassembleModule,
  encodeContainer,
  INITIAL_GAS,
  type Instruction,
  lowerContainer,
  MemoryHost,
  NO_CHAIN,
  NO_CONTRACTS,
  OPCODES,
  type Program,
  runScript,
  serialize,
  VERIFIER_RULES,
  type VmOutcome,
  type VmRun,
  zexusErrors,
} from '@lucerna/zexus';
import { type Abi, encodeAbiParameters, encodeFunctionData, hexToBytes } from 'viem';
import { MACHINERY, MACHINES, SCRIPTS } from './machinery.ts';
import type { MutationTarget } from './mutator.ts';

/** What one message may use: endless loops are among the mutants. */
const GAS = 60_000;

const HEADER_BYTES = 40;
const CRC_BYTES = 4;

/** A container with length, code hash and checksum as they follow from its content. */
export function sealedContainer(bytes: Uint8Array): Uint8Array {
  if (bytes.length < HEADER_BYTES + CRC_BYTES) return bytes;
  const result = bytes.slice();
  const end = result.length - CRC_BYTES;
  const view = new DataView(result.buffer);
  view.setUint32(4, result.length);
  result.set(keccak256(result.subarray(HEADER_BYTES, end)), 8);
  view.setUint32(end, crc32(result.subarray(0, end)));
  return result;
}

/** A module of version 1 whose last four bytes are the checksum of the others. */
export function sealedModule(bytes: Uint8Array): Uint8Array {
  if (bytes.length < CRC_BYTES) return bytes;
  const result = bytes.slice();
  const end = result.length - CRC_BYTES;
  new DataView(result.buffer).setUint32(end, crc32(result.subarray(0, end)), true);
  return result;
}

/** The contents of a container's sections, behind their numbers; empty for bytes that have none. */
function sectionsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  const end = bytes.length - CRC_BYTES;
  let offset = HEADER_BYTES;
  while (offset < end) {
    let length = 0;
    let position = offset + 1;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[position] ?? 0;
      position += 1;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    const content = bytes.subarray(position, position + length);
    parts.push(concatBytes(bytes.subarray(offset, offset + 1), content));
    offset = position + length;
  }
  return parts;
}

/** A container of these sections, with their lengths. */
function containerOf(parts: readonly Uint8Array[]): Uint8Array {
  const sections = parts.map((part) => {
    const length: number[] = [];
    let rest = part.length - 1;
    for (; rest >= 0x80; rest >>= 7) length.push((rest & 0x7f) | 0x80);
    length.push(Math.max(0, rest));
    return concatBytes(part.subarray(0, 1), Uint8Array.from(length), part.subarray(1));
  });
  const header = Uint8Array.of(0xef, 0x5a, 0x58, 2, ...new Uint8Array(HEADER_BYTES - 4));
  return concatBytes(header, ...sections, new Uint8Array(CRC_BYTES));
}

type Message = { readonly kind: 'call' | 'construct'; readonly data: Uint8Array };

type Parameter = { readonly type: string; readonly components?: readonly Parameter[] };

/** A value of a type as viem takes it. */
function sampleOf({ type, components = [] }: Parameter): unknown {
  if (type.endsWith('[]')) {
    const element = { type: type.slice(0, -2), components };
    return [sampleOf(element), sampleOf(element)];
  }
  if (type === 'tuple') return components.map(sampleOf);
  if (type === 'bool') return true;
  if (type === 'address') return `0x${'0a'.repeat(20)}`;
  if (type === 'string') return 'a text that is longer than thirty bytes are';
  if (type === 'bytes') return '0x0102030405';
  const size = /^bytes(\d+)$/.exec(type)?.[1];
  return size === undefined ? 3n : `0x${'0b'.repeat(Number(size))}`;
}

/** A deployment, a call of each function, one of none, and one without data. */
export function messagesOf(container: Uint8Array): readonly Message[] {
  const abi = contractAbi(decodeContainer(container)) as Abi;
  const messages: Message[] = [];
  for (const item of abi) {
    if (item.type === 'constructor') {
      const data = hexToBytes(encodeAbiParameters(item.inputs, item.inputs.map(tupleSample)));
      messages.push({ kind: 'construct', data });
    }
    if (item.type === 'function') {
      const args = item.inputs.map(tupleSample);
      const data = encodeFunctionData({ abi: [item], functionName: item.name, args });
      messages.push({ kind: 'call', data: hexToBytes(data) });
    }
  }
  const others = [new Uint8Array(0), Uint8Array.of(1, 2, 3, 4, 5)];
  return [...messages, ...others.map((data): Message => ({ kind: 'call', data }))];
}

/** viem wants tuples with named components as objects. */
function tupleSample(parameter: Parameter): unknown {
  const { type, components } = parameter;
  if (components === undefined) return sampleOf(parameter);
  if (type.endsWith('[]')) return [tupleSample({ type: type.slice(0, -2), components })];
  return Object.fromEntries(
    components.map((component) => [(component as { name?: string }).name, tupleSample(component)]),
  );
}

export function send(program: Program, { kind, data }: Message, host: MemoryHost): VmOutcome {
  const run: VmRun = {
    context: { ...NO_CHAIN, timestamp: 1_700_000_000, blockGasLimit: 30_000_000n },
    host,
    calls: NO_CONTRACTS,
    gas: GAS,
    schedule: INITIAL_GAS,
    isStatic: false,
    isReentrant: false,
  };
  return kind === 'construct' ? construct(program, data, run) : call(program, data, run);
}

/** The name of the rule that an error stands for. @throws what is no error of the package */
function ruleOf(error: unknown, bytes: Uint8Array, prefix: string): string {
  if (!isErrorOf(error, zexusErrors)) throw error;
  const { code, fields } = error;
  if (code === 'PROGRAM_REFUSED') {
    const rule = fields['rule'];
    assert(typeof rule === 'string' && rule in VERIFIER_RULES, `a rule with a name: ${rule}`);
    return rule;
  }
  assert(code.startsWith(prefix), `a rule of the format: ${code}`);
  const { offset, instruction } = fields;
  const hasOffset = typeof offset === 'number' && offset >= 0 && offset <= bytes.length;
  assert(hasOffset || typeof instruction === 'number', `${code} says where: ${offset}`);
  return code;
}

/** Containers: refused by a rule with a name, or canonical, shown to people, and run within their gas. */
export function containerTarget(): MutationTarget {
  const inputs = [...MACHINES, ...earlierContainers()];
  return {
    name: 'container',
    inputs,
    split: sectionsOf,
    join: containerOf,
    seal: sealedContainer,
    judge: containerJudge(MACHINERY_MESSAGES, inputs.flatMap(messagesOf)),
  };
}

const MACHINERY_MESSAGES = messagesOf(MACHINES[0] as Uint8Array);

/** What is made of a container; of the messages that are no `regulars` four by turns. */
function containerJudge(
  regulars: readonly Message[],
  others: readonly Message[],
): MutationTarget['judge'] {
  let turn = 0;
  return (bytes) => {
    let program: Program;
    try {
      const container = decodeContainer(bytes);
      assert(equalBytes(encodeContainer(container), bytes), 'one encoding');
      assert(disassemble(container).length > 0, 'a text for people');
      program = lowerContainer(container);
      contractAbi(container);
    } catch (error) {
      return ruleOf(error, bytes, 'ZXC_');
    }
    const host = new MemoryHost(NO_CHAIN.address);
    const last = others.length === 0 ? 0 : 4;
    const taken = Array.from({ length: last }, () => others[turn++ % others.length] as Message);
    for (const message of [...regulars, ...taken]) {
      const { status, gasLeft } = send(program, message, host);
      const isWithin = Number.isSafeInteger(gasLeft) && gasLeft >= 0 && gasLeft <= GAS;
      assert(isWithin && (status !== 'failure' || gasLeft === 0), `${status}, ${gasLeft} left`);
    }
    return undefined;
  };
}

/**
 * The code of one action of the machinery, three bytes an instruction: past the decoder whatever is
 * changed in it, so that the verifier decides, and the machine has to run what it lets through.
 */
export function codeTarget(): MutationTarget {
  const judge = containerJudge(MACHINERY_MESSAGES, []);
  return {
    name: 'code',
    inputs: MACHINERY.actions.map(({ code }, index) =>
      Uint8Array.of(
        index,
        ...code.flatMap(({ opcode, operands: [first = 0, second = 0] }) => [
          OPCODES.findIndex((entry) => entry.code === opcode),
          first,
          second,
        ]),
      ),
    ),
    seal: (bytes) => bytes,
    judge: (bytes) => {
      const changed = (bytes[0] ?? 0) % MACHINERY.actions.length;
      const actions = MACHINERY.actions.map((action, index) =>
        index === changed ? { ...action, code: codeOf(bytes.subarray(1)) } : action,
      );
      const { sourceMap: _, ...rest } = MACHINERY;
      return judge(encodeContainer({ ...rest, actions }));
    },
  };
}

function codeOf(bytes: Uint8Array): readonly Instruction[] {
  const code: Instruction[] = [];
  for (let at = 0; at + 2 < bytes.length; at += 3) {
    const opcode = OPCODES[(bytes[at] as number) % OPCODES.length] as (typeof OPCODES)[number];
    const operands = [...bytes.subarray(at + 1, at + 3)];
    const count = opcode.operand === 'none' ? 0 : opcode.operand === 'pair' ? 2 : 1;
    code.push({ opcode: opcode.code, operands: operands.slice(0, count) });
  }
  return code;
}

/** Containers that were made by earlier compilers. */
function earlierContainers(): readonly Uint8Array[] {
  const folder = new URL('../../packages/zexus/test/containers-before/', import.meta.url);
  return readdirSync(folder).map((name) => {
    const [digits = ''] = readFileSync(new URL(name, folder), 'utf8').split('\n\n');
    return fromHex(`0x${digits.replaceAll('\n', '')}`);
  });
}

/** Modules of version 1: refused by a rule, or written again as they were, and run within their gas. */
export function moduleTarget(): MutationTarget {
  return {
    name: 'module',
    inputs: SCRIPTS,
    seal: sealedModule,
    judge: (bytes) => {
      try {
        const { hasChecksum, ...module } = deserialize(bytes);
        const again = serialize(module, { checksum: hasChecksum });
        assert(equalBytes(again, bytes), `one encoding: ${toHexKey(again)}`);
        assert(disassembleModule(module).length > 0, 'a text for people');
        const { status, gasUsed } = runScript(bytes, { gas: GAS });
        const isWithin = Number.isSafeInteger(gasUsed) && gasUsed >= 0 && gasUsed <= GAS;
        assert(isWithin, `${status}, ${gasUsed} used`);
        return undefined;
      } catch (error) {
        return ruleOf(error, bytes, 'ZXC1_');
      }
    },
  };
}
