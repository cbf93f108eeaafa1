import { bytesToBigInt, equalBytes, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { SELECTOR_BYTES } from '@lucerna/protocol';
import type { StateVariable } from '../layout/schema.ts';
import { VALUE_TAGS } from '../layout/value-tags.ts';
import { zexusLimits } from '../limits.ts';
import { ByteReader, malformed, type ZxcLimit } from './byte-reader.ts';
import type {
  AbiField,
  Constant,
  Container,
  ContainerAction,
  ContainerEvent,
} from './container.ts';
import { crc32 } from './crc32.ts';
import {
  type ActionSignature,
  CODE_HASH_OFFSET,
  CONTAINER_VERSION,
  CRC_BYTES,
  EXPORT_KINDS,
  HEADER_BYTES,
  LENGTH_OFFSET,
  MAX_INDEXED_FIELDS,
  MUTABILITIES,
  SECTIONS,
  VARIABLE_KINDS,
  ZEXUS_PREFIX,
} from './format.ts';
import { type Instruction, opcodeByCode, operandCount } from './opcodes.ts';
import { functionSelector } from './selector.ts';
import { readSourceMap } from './source-map.ts';
import { cellTypeOfCode, NO_TYPE, typeOfCode } from './type-codes.ts';

/**
 * The contract that `bytes` encode. Strict: what it returns encodes to the same bytes, and nothing
 * follows them. What an instruction does with the stack, and what its operands refer to, is the
 * verifier's question.
 *
 * @throws `ZXC_*` with the `offset` of the byte that breaks the rule
 */
export function decodeContainer(bytes: Uint8Array): Container {
  const length = containerLength(bytes);
  if (length < bytes.length) throw malformed('ZXC_TRAILING_BYTES', length);
  const end = length - CRC_BYTES;
  checkSeals(bytes, end);
  const reader = new ByteReader(bytes, HEADER_BYTES, end);
  const name = reader.section(SECTIONS.contract, () => reader.name());
  const constants = reader.section(SECTIONS.constants, () =>
    readList(reader, 'containerConstants', () => readConstant(reader)),
  );
  const schema = reader.section(SECTIONS.state, () =>
    readUnique(reader, 'containerVariables', (variable) => readVariable(reader, variable)),
  );
  const events = reader.section(SECTIONS.events, () =>
    readUnique(reader, 'containerEvents', (event) => readEvent(reader, event)),
  );
  const signatures = reader.section(SECTIONS.actions, () => readSignatures(reader));
  const code = reader.section(SECTIONS.code, () => readCode(reader, signatures));
  const metadata = reader.section(SECTIONS.metadata, () => readMetadata(reader));
  const hasSourceMap = reader.position < end && bytes[reader.position] === SECTIONS.sourceMap;
  const sourceMap = hasSourceMap
    ? reader.section(SECTIONS.sourceMap, () => readSourceMap(reader, code.actions))
    : undefined;
  if (reader.position !== end) throw malformed('ZXC_TRAILING_BYTES', reader.position);
  const container = { name, constants, schema, events, ...code, metadata };
  return sourceMap === undefined ? container : { ...container, sourceMap };
}

/**
 * How many of the bytes are the container with which they begin: what its header says.
 *
 * @throws `ZXC_MAGIC`, `ZXC_VERSION`, `ZXC_TRUNCATED`, `ZXC_LIMIT`, `ZXC_LENGTH`
 */
export function containerLength(bytes: Uint8Array): number {
  for (let offset = 0; offset < ZEXUS_PREFIX.length; offset += 1) {
    if (bytes[offset] !== ZEXUS_PREFIX[offset]) throw malformed('ZXC_MAGIC', offset);
  }
  const versionOffset = ZEXUS_PREFIX.length;
  const version = bytes[versionOffset];
  if (version === undefined) throw malformed('ZXC_TRUNCATED', versionOffset);
  if (version !== CONTAINER_VERSION) {
    throw malformed('ZXC_VERSION', versionOffset, `version ${version}`);
  }
  if (bytes.length < HEADER_BYTES + CRC_BYTES) throw malformed('ZXC_TRUNCATED', bytes.length);
  const length = Number(bytesToBigInt(bytes.subarray(LENGTH_OFFSET, CODE_HASH_OFFSET)));
  const max = zexusLimits.values.containerBytes;
  if (length > max) {
    throw malformed('ZXC_LIMIT', LENGTH_OFFSET, `containerBytes: ${length} of ${max}`);
  }
  if (length < HEADER_BYTES + CRC_BYTES) throw malformed('ZXC_LENGTH', LENGTH_OFFSET);
  if (length > bytes.length) throw malformed('ZXC_TRUNCATED', bytes.length);
  return length;
}

/** Checks the checksum at `end` and the code hash in the header. */
function checkSeals(bytes: Uint8Array, end: number): void {
  const checksum = Number(bytesToBigInt(bytes.subarray(end, end + CRC_BYTES)));
  if (checksum !== crc32(bytes.subarray(0, end))) throw malformed('ZXC_CRC', end);
  const codeHash = bytes.subarray(CODE_HASH_OFFSET, HEADER_BYTES);
  if (!equalBytes(codeHash, keccak256(bytes.subarray(HEADER_BYTES, end)))) {
    throw malformed('ZXC_CODE_HASH', CODE_HASH_OFFSET);
  }
}

function readList<T>(reader: ByteReader, limit: ZxcLimit, read: () => T): T[] {
  const count = reader.count(limit);
  const items: T[] = [];
  for (let index = 0; index < count; index += 1) items.push(read());
  return items;
}

/** A list of things that begin with their name; no two have the same. */
function readUnique<T>(reader: ByteReader, limit: ZxcLimit, read: (name: string) => T): T[] {
  const seen = new Set<string>();
  return readList(reader, limit, () => {
    const offset = reader.position;
    const name = reader.name();
    reader.unique(seen, name, offset);
    return read(name);
  });
}

function readConstant(reader: ByteReader): Constant {
  const offset = reader.position;
  const tag = reader.byte();
  switch (tag) {
    case VALUE_TAGS.null:
      return { kind: 'null' };
    case VALUE_TAGS.boolean:
      return { kind: 'boolean', value: reader.flag(1) === 1 };
    case VALUE_TAGS.natural:
      return { kind: 'integer', value: readMagnitude(reader) };
    case VALUE_TAGS.negative: {
      const magnitude = readMagnitude(reader);
      if (magnitude === 0n) throw malformed('ZXC_INTEGER', offset, 'a negative zero');
      return { kind: 'integer', value: -magnitude };
    }
    case VALUE_TAGS.string:
      return { kind: 'string', value: reader.text('containerBytes') };
    case VALUE_TAGS.bytes:
      return { kind: 'bytes', value: reader.raw(reader.count('containerBytes')) };
    case VALUE_TAGS.address:
      return { kind: 'address', value: reader.raw(20) };
    default:
      throw malformed('ZXC_CONSTANT', offset, `tag ${tag}`);
  }
}

function readMagnitude(reader: ByteReader): bigint {
  const offset = reader.position;
  const length = reader.count('containerBytes');
  if (length > 32) throw malformed('ZXC_INTEGER', offset, `${length} bytes`);
  const digits = reader.raw(length);
  if (digits[0] === 0) throw malformed('ZXC_INTEGER', offset, 'a leading zero');
  return bytesToBigInt(digits);
}

function readVariable(reader: ByteReader, name: string): StateVariable {
  const isMap = reader.flag(VARIABLE_KINDS.plainMap) === VARIABLE_KINDS.plainMap;
  const depthOffset = reader.position;
  const depth = isMap ? reader.number() : 0;
  const maxDepth = zexusLimits.values.containerMapDepth;
  if (isMap && (depth === 0 || depth > maxDepth)) {
    throw malformed('ZXC_LIMIT', depthOffset, `containerMapDepth: ${depth} of 1 to ${maxDepth}`);
  }
  const typeOffset = reader.position;
  const type = cellTypeOfCode(reader.byte());
  if (type === undefined) throw malformed('ZXC_TYPE', typeOffset);
  return isMap ? { kind: 'map', name, depth, type } : { kind: 'cell', name, type };
}

function readEvent(reader: ByteReader, name: string): ContainerEvent {
  let indexedFields = 0;
  const fields = readUnique(reader, 'containerEventFields', (field) => {
    const type = readType(reader);
    const offset = reader.position;
    const indexed = reader.flag(1) === 1;
    if (indexed) indexedFields += 1;
    if (indexedFields > MAX_INDEXED_FIELDS) throw malformed('ZXC_EVENT_INDEXED', offset);
    return { name: field, type, indexed };
  });
  return { name, fields };
}

function readSignatures(reader: ByteReader): ActionSignature[] {
  const exportedNames = new Set<string>();
  const selectors = new Set<string>();
  return readUnique(reader, 'containerActions', (name) => {
    const mutability = MUTABILITIES[reader.flag(MUTABILITIES.length - 1)] ?? 'nonpayable';
    const exportOffset = reader.position;
    const exportedAs = readExport(reader, name);
    const selectorOffset = reader.position;
    const selector = exportedAs === undefined ? undefined : reader.raw(SELECTOR_BYTES);
    const parameters = readUnique(reader, 'containerParameters', (parameter): AbiField => {
      const type = readOptionalType(reader, selector === undefined);
      return { name: parameter, type: type ?? '' };
    });
    const result = readOptionalType(reader, true);
    if (exportedAs !== undefined && selector !== undefined) {
      const types = parameters.map(({ type }) => type);
      if (!equalBytes(selector, functionSelector(exportedAs, types))) {
        throw malformed('ZXC_SELECTOR', selectorOffset, `${exportedAs}: ${toHex(selector)}`);
      }
      reader.unique(exportedNames, exportedAs, exportOffset);
      reader.unique(selectors, selector, selectorOffset);
    }
    return { name, exportedAs, mutability, parameters, result };
  });
}

function readExport(reader: ByteReader, name: string): string | undefined {
  const kind = reader.flag(EXPORT_KINDS.otherName);
  if (kind === EXPORT_KINDS.none) return undefined;
  if (kind === EXPORT_KINDS.ownName) return name;
  const offset = reader.position;
  const exportedAs = reader.name();
  if (exportedAs === name) throw malformed('ZXC_EXPORT', offset, name);
  return exportedAs;
}

function readType(reader: ByteReader): string {
  const offset = reader.position;
  const type = readOptionalType(reader, false);
  if (type === undefined) throw malformed('ZXC_TYPE', offset);
  return type;
}

/** A type of the ABI; undefined, for none, only where `mayMiss`. */
function readOptionalType(reader: ByteReader, mayMiss: boolean): string | undefined {
  const offset = reader.position;
  const code = reader.byte();
  if (code === NO_TYPE && mayMiss) return undefined;
  const type = typeOfCode(code);
  if (type === undefined) throw malformed('ZXC_TYPE', offset, `code ${code}`);
  return type;
}

function readCode(
  reader: ByteReader,
  signatures: readonly ActionSignature[],
): Pick<Container, 'actions' | 'init'> {
  const init = readInit(reader, signatures);
  const actions = signatures.map((signature): ContainerAction => {
    const code = readList(reader, 'containerInstructions', () => readInstruction(reader));
    return { ...signature, code };
  });
  return { actions, init };
}

function readInit(reader: ByteReader, signatures: readonly ActionSignature[]): number | undefined {
  const offset = reader.position;
  const number = reader.number();
  if (number === 0) return undefined;
  const action = signatures[number - 1];
  const isRunnable =
    action !== undefined &&
    action.exportedAs === undefined &&
    action.mutability !== 'view' &&
    action.result === undefined &&
    action.parameters.every(({ type }) => type !== '');
  if (!isRunnable) throw malformed('ZXC_INIT', offset, action?.name ?? `action ${number - 1}`);
  return number - 1;
}

function readInstruction(reader: ByteReader): Instruction {
  const offset = reader.position;
  const opcode = reader.number();
  const rules = opcodeByCode(opcode);
  if (rules === undefined) throw malformed('ZXC_OPCODE', offset, `opcode ${opcode}`);
  const operands: number[] = [];
  for (let rest = operandCount(rules.operand); rest > 0; rest -= 1) operands.push(reader.number());
  return { opcode, operands };
}

function readMetadata(reader: ByteReader): [key: string, value: string][] {
  const seen = new Set<string>();
  return readList(reader, 'containerMetadataEntries', () => {
    const offset = reader.position;
    const key = reader.text('containerMetadataKeyBytes');
    if (key === '') throw malformed('ZXC_NAME', offset, 'an empty key');
    reader.unique(seen, key, offset);
    return [key, reader.text('containerMetadataValueBytes')];
  });
}
