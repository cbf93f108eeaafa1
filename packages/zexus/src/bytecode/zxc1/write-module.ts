import type { LucernaError } from '@lucerna/base';
import { zexusErrors } from '../../errors.ts';
import { zexusLimits } from '../../limits.ts';
import { encodeUtf8 } from '../../utf8.ts';
import { crc32 } from '../crc32.ts';
import {
  isInt32,
  isInt64,
  OPERANDS,
  TAGS,
  ZXC1_MAGIC,
  ZXC1_VERSION,
  ZXCM_MAGIC,
  type Zxc1Code,
} from './format.ts';
import type { Zxc1Constant, Zxc1Instruction, Zxc1Module } from './module.ts';

export type SerializeOptions = {
  /** Whether the CRC-32 of everything before it is at the end. Default: true. */
  readonly checksum?: boolean;
};

/**
 * The bytes of a module in `.zxc` version 1, those that upstream's writer makes of it. Nothing in the
 * file says whether there is a checksum.
 *
 * @throws `ZXC1_INTEGER`, `ZXC1_TEXT`, `ZXC1_OPERAND`, `ZXC1_LIMIT` for what the format cannot hold
 */
export function serialize(
  module: Zxc1Module,
  { checksum = true }: SerializeOptions = {},
): Uint8Array {
  const { constants, instructions } = module;
  const { zxc1Instructions } = zexusLimits.values;
  const expected = Math.min(instructions.length, zxc1Instructions) * USUAL_INSTRUCTION_BYTES;
  const out = new LittleEndianWriter(expected);
  out.raw(ZXC1_MAGIC);
  out.u16(ZXC1_VERSION);
  out.u16(0);
  out.count(constants.length, 'zxc1Constants');
  out.count(instructions.length, 'zxc1Instructions');
  for (const constant of constants) writeConstant(out, constant, 0);
  for (const instruction of instructions) writeInstruction(out, instruction);
  if (checksum) out.u32(crc32(out.written()));
  return bounded(out.finish());
}

/**
 * Several modules in one file, `ZXCM`: as upstream keeps all that belongs to one source.
 *
 * @throws as {@link serialize}
 */
export function serializeMulti(
  modules: readonly Zxc1Module[],
  options: SerializeOptions = {},
): Uint8Array {
  const out = new LittleEndianWriter(0);
  out.raw(ZXCM_MAGIC);
  out.count(modules.length, 'zxc1Modules');
  for (const module of modules) {
    const bytes = serialize(module, options);
    out.u32(bytes.length);
    out.raw(bytes);
  }
  return bounded(out.finish());
}

function bounded(bytes: Uint8Array): Uint8Array {
  const { zxc1Bytes } = zexusLimits.values;
  if (bytes.length > zxc1Bytes) throw refused('ZXC1_LIMIT', `zxc1Bytes: ${bytes.length}`);
  return bytes;
}

function writeConstant(out: LittleEndianWriter, constant: Zxc1Constant, depth: number): void {
  if (depth > zexusLimits.values.zxc1Depth) throw refused('ZXC1_LIMIT', `zxc1Depth: ${depth}`);
  switch (constant.kind) {
    case 'null':
      out.byte(TAGS.null);
      return;
    case 'boolean':
      out.byte(TAGS.boolean);
      out.byte(constant.value ? 1 : 0);
      return;
    case 'integer':
      writeInteger(out, constant.value);
      return;
    case 'float':
      out.byte(TAGS.float64);
      out.float(constant.value);
      return;
    case 'string':
      out.byte(TAGS.string);
      out.text(constant.value);
      return;
    case 'description':
      out.byte(TAGS.description);
      out.text(constant.json);
      return;
    case 'list':
      out.byte(TAGS.list);
      out.count(constant.items.length, 'zxc1Constants');
      for (const item of constant.items) writeConstant(out, item, depth + 1);
      return;
    case 'map':
      out.byte(TAGS.map);
      out.count(constant.entries.length, 'zxc1Constants');
      for (const entry of constant.entries) {
        for (const part of entry) writeConstant(out, part, depth + 1);
      }
  }
}

function writeInteger(out: LittleEndianWriter, value: bigint): void {
  if (!isInt64(value)) throw refused('ZXC1_INTEGER', `${value}`);
  const isShort = isInt32(value);
  out.byte(isShort ? TAGS.int32 : TAGS.int64);
  if (isShort) out.int32(value);
  else out.int64(value);
}

function writeInstruction(out: LittleEndianWriter, instruction: Zxc1Instruction): void {
  const { opcode, operand } = instruction;
  if (!Number.isInteger(opcode) || opcode < 0 || opcode > 0xffff) {
    throw refused('ZXC1_OPERAND', `opcode ${opcode}`);
  }
  out.u16(opcode);
  out.byte(OPERANDS[operand.kind]);
  switch (operand.kind) {
    case 'none':
      return;
    case 'u32':
      writeNumber(out, operand.value);
      return;
    case 'i64':
      if (!isInt64(operand.value)) throw refused('ZXC1_INTEGER', `${operand.value}`);
      out.int64(operand.value);
      return;
    default:
      for (const value of operand.values) writeNumber(out, value);
  }
}

function writeNumber(out: LittleEndianWriter, value: number): void {
  const isNumber = Number.isInteger(value) && value >= 0 && value < 2 ** 32;
  if (!isNumber) throw refused('ZXC1_OPERAND', `${value} is no number of 32 bits`);
  out.u32(value);
}

function refused(code: Zxc1Code, detail: string): LucernaError {
  return zexusErrors.create(code, detail);
}

/** Opcode, kind and a number; some are shorter, few are longer. */
const USUAL_INSTRUCTION_BYTES = 7;

/** Room for a header and a few constants. */
const SMALL_FILE_BYTES = 1_024;

/** Numbers are written with their lowest byte first. */
class LittleEndianWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  /** Grows as needed: beyond the bytes that are expected it costs a copy. */
  constructor(expectedBytes: number) {
    this.#bytes = new Uint8Array(SMALL_FILE_BYTES + expectedBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  byte(value: number): void {
    const start = this.#take(1);
    this.#view.setUint8(start, value);
  }

  raw(bytes: Uint8Array): void {
    const start = this.#take(bytes.length);
    this.#bytes.set(bytes, start);
  }

  u16(value: number): void {
    const start = this.#take(2);
    this.#view.setUint16(start, value, true);
  }

  u32(value: number): void {
    const start = this.#take(4);
    this.#view.setUint32(start, value, true);
  }

  int32(value: bigint): void {
    const start = this.#take(4);
    this.#view.setInt32(start, Number(value), true);
  }

  int64(value: bigint): void {
    const start = this.#take(8);
    this.#view.setBigInt64(start, value, true);
  }

  float(value: number): void {
    const start = this.#take(8);
    this.#view.setFloat64(start, value, true);
    // There are many bit patterns that are no number; this is the one of CPython's `float('nan')`.
    if (Number.isNaN(value)) this.#view.setBigUint64(start, 0x7ff8_0000_0000_0000n, true);
  }

  count(value: number, limit: 'zxc1Constants' | 'zxc1Instructions' | 'zxc1Modules'): void {
    const max = zexusLimits.values[limit];
    if (value > max) throw refused('ZXC1_LIMIT', `${limit}: ${value} of ${max}`);
    this.u32(value);
  }

  text(text: string): void {
    if (!text.isWellFormed()) throw refused('ZXC1_TEXT', JSON.stringify(text.slice(0, 80)));
    const bytes = encodeUtf8(text);
    bounded(bytes);
    this.u32(bytes.length);
    this.raw(bytes);
  }

  /** All that is written so far: a view, until more is written. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of all that is written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /**
   * The offset of the next bytes, for which there is then room: in buffers that may be others than
   * those from before.
   */
  #take(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) this.#grow();
    return start;
  }

  #grow(): void {
    const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
