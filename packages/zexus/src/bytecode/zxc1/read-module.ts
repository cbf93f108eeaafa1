import { isErrorOf, type LucernaError } from '@lucerna/base';
import { zexusErrors } from '../../errors.ts';
import { zexusLimits } from '../../limits.ts';
import { decodeUtf8 } from '../../utf8.ts';
import { crc32 } from '../crc32.ts';
import {
  beginsWith,
  isInt32,
  malformed1,
  OPERANDS,
  SMALLEST_INSTRUCTION_BYTES,
  TAGS,
  ZXC1_CRC_BYTES,
  ZXC1_HEADER_BYTES,
  ZXC1_MAGIC,
  ZXC1_VERSION,
  ZXCM_MAGIC,
  type Zxc1Code,
} from './format.ts';
import type { Zxc1Constant, Zxc1Instruction, Zxc1Module, Zxc1Operand } from './module.ts';

export type DeserializeOptions = {
  /**
   * Whether a checksum that is there must be right. Default: true. Nothing in a file says whether there
   * is one: {@link ReadModule.hasChecksum} says whether it was found.
   */
  readonly verifyChecksum?: boolean;
  /**
   * Whether the file must be exactly what `serialize` writes: one form of each integer, no flags, no
   * bytes behind it. Default: true. Otherwise everything is read that upstream reads, but for pickles.
   */
  readonly strict?: boolean;
};

/** A module as it was read. */
export type ReadModule = Zxc1Module & { readonly hasChecksum: boolean };

/** What the first 16 bytes of a file say; nothing of it is checked but magic and version. */
export type Zxc1Header = {
  readonly version: number;
  readonly flags: number;
  readonly constantCount: number;
  readonly instructionCount: number;
};

/** @throws `ZXC1_MAGIC`, `ZXC1_TRUNCATED`, `ZXC1_VERSION` */
export function headerInfo(bytes: Uint8Array): Zxc1Header {
  if (!beginsWith(bytes, ZXC1_MAGIC)) throw malformed1('ZXC1_MAGIC', 0);
  if (bytes.length < ZXC1_HEADER_BYTES) throw malformed1('ZXC1_TRUNCATED', bytes.length);
  const view = viewOf(bytes);
  const version = view.getUint16(4, true);
  if (version > ZXC1_VERSION) throw malformed1('ZXC1_VERSION', 4, `version ${version}`);
  return {
    version,
    flags: view.getUint16(6, true),
    constantCount: view.getUint32(8, true),
    instructionCount: view.getUint32(12, true),
  };
}

/**
 * The module that a `.zxc` file of version 1 holds. Opcodes are numbers: none is refused here.
 *
 * @throws `ZXC1_*` with the `offset` of the byte that breaks the rule
 */
export function deserialize(bytes: Uint8Array, options: DeserializeOptions = {}): ReadModule {
  const { verifyChecksum = true, strict = true } = options;
  requireSize(bytes);
  const header = headerInfo(bytes);
  if (strict && header.version !== ZXC1_VERSION) throw malformed1('ZXC1_FORM', 4, 'version 0');
  if (strict && header.flags !== 0) throw malformed1('ZXC1_FORM', 6, `flags ${header.flags}`);
  const reader = new LittleEndianReader(bytes, strict);
  reader.position = 8;
  const constantCount = reader.count('zxc1Constants', 1);
  const instructionCount = reader.count('zxc1Instructions', SMALLEST_INSTRUCTION_BYTES);
  const constants: Zxc1Constant[] = [];
  while (constants.length < constantCount) constants.push(readConstant(reader, 0));
  const instructions: Zxc1Instruction[] = [];
  while (instructions.length < instructionCount) instructions.push(readInstruction(reader));
  const hasChecksum = readChecksum(bytes, reader.position, { verifyChecksum, strict });
  return { constants, instructions, hasChecksum };
}

/** The modules of a `ZXCM` file. @throws `ZXC1_*` with the `offset` in the whole file */
export function deserializeMulti(
  bytes: Uint8Array,
  options: DeserializeOptions = {},
): readonly ReadModule[] {
  const { strict = true } = options;
  requireSize(bytes);
  if (!beginsWith(bytes, ZXCM_MAGIC)) throw malformed1('ZXC1_MAGIC', 0);
  const reader = new LittleEndianReader(bytes, strict);
  reader.position = ZXCM_MAGIC.length;
  const count = reader.count('zxc1Modules', 4 + ZXC1_HEADER_BYTES);
  const modules: ReadModule[] = [];
  while (modules.length < count) {
    const content = reader.raw(reader.u32());
    modules.push(readInner(content, reader.position - content.length, options));
  }
  if (strict && reader.position < bytes.length) {
    throw malformed1('ZXC1_TRAILING_BYTES', reader.position);
  }
  return modules;
}

/** Why the bytes are neither a module nor several; undefined when they are. */
export function validate(
  bytes: Uint8Array,
  options: DeserializeOptions = {},
): LucernaError | undefined {
  try {
    if (beginsWith(bytes, ZXCM_MAGIC)) deserializeMulti(bytes, options);
    else deserialize(bytes, options);
    return undefined;
  } catch (error) {
    if (isErrorOf(error, zexusErrors)) return error;
    throw error;
  }
}

/** A module that begins at `start` of a file: offsets of errors are those in the file. */
function readInner(content: Uint8Array, start: number, options: DeserializeOptions): ReadModule {
  try {
    return deserialize(content, options);
  } catch (error) {
    if (!isErrorOf(error, zexusErrors)) throw error;
    const offset = error.fields['offset'];
    if (typeof offset !== 'number') throw error;
    const place = `in the module that begins at byte ${start}`;
    throw malformed1(error.code as Zxc1Code, start + offset, place);
  }
}

function requireSize(bytes: Uint8Array): void {
  const { zxc1Bytes } = zexusLimits.values;
  if (bytes.length <= zxc1Bytes) return;
  throw malformed1('ZXC1_LIMIT', zxc1Bytes, `zxc1Bytes: ${bytes.length} of ${zxc1Bytes}`);
}

/** Whether the file ends with a checksum; content ends at `end`. @throws `ZXC1_CRC`, `ZXC1_TRAILING_BYTES` */
function readChecksum(
  bytes: Uint8Array,
  end: number,
  { verifyChecksum, strict }: Required<DeserializeOptions>,
): boolean {
  const rest = bytes.length - end;
  if (strict && rest !== 0 && rest !== ZXC1_CRC_BYTES) {
    throw malformed1('ZXC1_TRAILING_BYTES', end, `${rest} bytes`);
  }
  if (rest < ZXC1_CRC_BYTES) return false;
  const place = bytes.length - ZXC1_CRC_BYTES;
  const isRight = viewOf(bytes).getUint32(place, true) === crc32(bytes.subarray(0, place));
  if (rest > ZXC1_CRC_BYTES) return isRight;
  if (verifyChecksum && !isRight) throw malformed1('ZXC1_CRC', place);
  return true;
}

function readConstant(reader: LittleEndianReader, depth: number): Zxc1Constant {
  const offset = reader.position;
  const max = zexusLimits.values.zxc1Depth;
  if (depth > max) throw malformed1('ZXC1_LIMIT', offset, `zxc1Depth: more than ${max}`);
  const tag = reader.byte();
  switch (tag) {
    case TAGS.null:
      return { kind: 'null' };
    case TAGS.boolean:
      return { kind: 'boolean', value: reader.boolean() };
    case TAGS.int32:
      return { kind: 'integer', value: reader.int32() };
    case TAGS.int64:
      return { kind: 'integer', value: reader.int64(isInt32, 'an integer of 32 bits') };
    case TAGS.float64:
      return { kind: 'float', value: reader.float() };
    case TAGS.string:
      return { kind: 'string', value: reader.text() };
    case TAGS.description:
      return { kind: 'description', json: reader.text() };
    case TAGS.list: {
      const items: Zxc1Constant[] = [];
      for (let rest = reader.count('zxc1Constants', 1); rest > 0; rest -= 1) {
        items.push(readConstant(reader, depth + 1));
      }
      return { kind: 'list', items };
    }
    case TAGS.map: {
      const entries: [Zxc1Constant, Zxc1Constant][] = [];
      for (let rest = reader.count('zxc1Constants', 2); rest > 0; rest -= 1) {
        entries.push([readConstant(reader, depth + 1), readConstant(reader, depth + 1)]);
      }
      return { kind: 'map', entries };
    }
    default:
      throw malformed1('ZXC1_TAG', offset, tag === TAGS.opaque ? 'OPAQUE' : `tag ${tag}`);
  }
}

function readInstruction(reader: LittleEndianReader): Zxc1Instruction {
  const opcode = reader.u16();
  return { opcode, operand: readOperand(reader) };
}

function readOperand(reader: LittleEndianReader): Zxc1Operand {
  const offset = reader.position;
  const kind = reader.byte();
  switch (kind) {
    case OPERANDS.none:
      return { kind: 'none' };
    case OPERANDS.u32:
      return { kind: 'u32', value: reader.u32() };
    case OPERANDS.i64:
      return { kind: 'i64', value: reader.int64(isU32, 'a number of 32 bits') };
    case OPERANDS.pair:
      return { kind: 'pair', values: [reader.u32(), reader.u32()] };
    case OPERANDS.triple:
      return { kind: 'triple', values: [reader.u32(), reader.u32(), reader.u32()] };
    default:
      throw malformed1('ZXC1_OPERAND', offset, `kind ${kind}`);
  }
}

function isU32(value: bigint): boolean {
  return value >= 0n && value < 2n ** 32n;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads a file front to back; the lowest byte of a number is the first. */
class LittleEndianReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #strict: boolean;
  position = 0;

  constructor(bytes: Uint8Array, strict: boolean) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#strict = strict;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  int32(): bigint {
    return BigInt(this.#view.getInt32(this.#take(4), true));
  }

  /** An integer of 64 bits, which is none that has a shorter form. @throws `ZXC1_FORM` */
  int64(hasShorter: (value: bigint) => boolean, form: string): bigint {
    const offset = this.#take(8);
    const value = this.#view.getBigInt64(offset, true);
    if (this.#strict && hasShorter(value)) throw malformed1('ZXC1_FORM', offset, form);
    return value;
  }

  boolean(): boolean {
    const offset = this.position;
    const value = this.byte();
    if (this.#strict && value > 1) throw malformed1('ZXC1_FORM', offset, `a boolean ${value}`);
    return value !== 0;
  }

  float(): number {
    const offset = this.#take(8);
    const value = this.#view.getFloat64(offset, true);
    const isOther = Number.isNaN(value) && this.#view.getBigUint64(offset, true) !== CANONICAL_NAN;
    if (this.#strict && isOther) throw malformed1('ZXC1_FORM', offset, 'another NaN');
    return value;
  }

  text(): string {
    const length = this.u32();
    const offset = this.position;
    const text = decodeUtf8(this.raw(length));
    if (text === undefined) throw malformed1('ZXC1_TEXT', offset);
    return text;
  }

  /** The next bytes as they are: a view. */
  raw(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** How many follow, each of `size` bytes at least: nothing is allocated for what is not there. */
  count(limit: 'zxc1Constants' | 'zxc1Instructions' | 'zxc1Modules', size: number): number {
    const offset = this.position;
    const count = this.u32();
    const max = zexusLimits.values[limit];
    if (count > max) throw malformed1('ZXC1_LIMIT', offset, `${limit}: ${count} of ${max}`);
    if (count * size > this.#bytes.length - this.position) {
      throw malformed1('ZXC1_TRUNCATED', offset, `${count} entries`);
    }
    return count;
  }

  /** The offset of the next bytes, which are then behind. */
  #take(length: number): number {
    const start = this.position;
    if (length > this.#bytes.length - start) throw malformed1('ZXC1_TRUNCATED', start);
    this.position = start + length;
    return start;
  }
}

/** The bits of CPython's `float('nan')`. */
const CANONICAL_NAN = 0x7ff8_0000_0000_0000n;
