import { bytesToBigInt, equalBytes, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { SELECTOR_BYTES } from '@lucerna/protocol';
import { VALUE_TAGS } from '../layout/value-tags.ts';
import { zexusLimits } from '../limits.ts';
import { readFields, readOptionalType, readType } from './abi-types.ts';
import { ByteReader, malformed, type ZxcLimit } from './byte-reader.ts';
import type {
  Constant,
  Container,
  ContainerAction,
  ContainerError,
  ContainerEvent,
  SourceMap,
} from './container.ts';
import { crc32 } from './crc32.ts';
import { canBeFallback, canBeInit, canBeReceive } from './entry-points.ts';
import {
  type ActionSignature,
  CODE_HASH_OFFSET,
  CONTAINER_VERSION,
  CRC_BYTES,
  EXPORT_KINDS,
  GAS_LIMIT_FLAG,
  HEADER_BYTES,
  LENGTH_OFFSET,
  MAX_INDEXED_FIELDS,
  MUTABILITIES,
  SECTIONS,
  ZEXUS_PREFIX,
} from './format.ts';
import { type Instruction, opcodeByCode, operandCount } from './opcodes.ts';
import { functionSelector } from './selector.ts';
import { readVariable } from './shape-codes.ts';
import { readFilesMap, readSourceMap } from './source-map.ts';

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
  const optional = readOptionalSections(reader, bytes.subarray(0, end), code.actions, code.init);
  if (reader.position !== end) throw malformed('ZXC_TRAILING_BYTES', reader.position);
  return { name, constants, schema, events, ...code, metadata, ...optional };
}

type OptionalParts = Pick<Container, 'errors' | 'fallback' | 'receive' | 'sourceMap'>;

/** What stands behind the metadata: sections that are there when they have something in them. */
function readOptionalSections(
  reader: ByteReader,
  bytes: Uint8Array,
  actions: readonly ContainerAction[],
  init: number | undefined,
): OptionalParts {
  const readIf = <T>(id: number, read: () => T): T | undefined =>
    bytes[reader.position] === id ? reader.section(id, read) : undefined;
  const oneFile = readIf(SECTIONS.sourceMap, () => readSourceMap(reader, actions));
  const errors = readIf(SECTIONS.errors, () => readErrors(reader)) ?? [];
  const entryPoints = readIf(SECTIONS.entryPoints, () => readEntryPoints(reader, actions, init));
  const mapOffset = reader.position;
  const severalFiles = readIf(SECTIONS.filesMap, () => readFilesMap(reader, actions));
  if (oneFile !== undefined && severalFiles !== undefined) {
    throw malformed('ZXC_SOURCE_MAP', mapOffset, 'a second source map');
  }
  const sourceMap: SourceMap | undefined = oneFile ?? severalFiles;
  const parts = { errors, fallback: undefined, receive: undefined, ...entryPoints };
  return sourceMap === undefined ? parts : { ...parts, sourceMap };
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

function readEvent(reader: ByteReader, name: string): ContainerEvent {
  let indexedFields = 0;
  const fields = readFields(reader, 'containerEventFields', () => {
    const type = readType(reader);
    const offset = reader.position;
    const indexed = reader.flag(1) === 1;
    if (indexed) indexedFields += 1;
    if (indexedFields > MAX_INDEXED_FIELDS) throw malformed('ZXC_EVENT_INDEXED', offset);
    return { ...type, indexed };
  });
  return { name, fields };
}

function readErrors(reader: ByteReader): ContainerError[] {
  const offset = reader.position;
  const errors = readUnique(reader, 'containerErrors', (name): ContainerError => {
    return { name, fields: readFields(reader, 'containerErrorFields', () => readType(reader)) };
  });
  if (errors.length === 0) throw malformed('ZXC_SECTION_EMPTY', offset);
  return errors;
}

function readSignatures(reader: ByteReader): ActionSignature[] {
  const selectors = new Set<string>();
  return readUnique(reader, 'containerActions', (name) => {
    const flags = reader.flag(GAS_LIMIT_FLAG + MUTABILITIES.length - 1);
    const mutability = MUTABILITIES[flags % GAS_LIMIT_FLAG] ?? 'nonpayable';
    const exportedAs = readExport(reader, name);
    const selectorOffset = reader.position;
    const selector = exportedAs === undefined ? undefined : reader.raw(SELECTOR_BYTES);
    const parameters = readFields(reader, 'containerParameters', () => {
      return selector === undefined ? (readOptionalType(reader) ?? { type: '' }) : readType(reader);
    });
    const type = readOptionalType(reader);
    const result = type === undefined ? undefined : { name: '', ...type };
    const gasLimit = flags >= GAS_LIMIT_FLAG ? reader.number() : undefined;
    if (exportedAs !== undefined && selector !== undefined) {
      if (!equalBytes(selector, functionSelector(exportedAs, parameters))) {
        throw malformed('ZXC_SELECTOR', selectorOffset, `${exportedAs}: ${toHex(selector)}`);
      }
      reader.unique(selectors, selector, selectorOffset);
    }
    return { name, exportedAs, mutability, parameters, result, gasLimit };
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
  const index = readActionIndex(reader);
  if (index === undefined) return undefined;
  const action = signatures[index];
  if (action !== undefined && canBeInit(action)) return index;
  throw malformed('ZXC_INIT', offset, action?.name ?? `action ${index}`);
}

function readEntryPoints(
  reader: ByteReader,
  actions: readonly ContainerAction[],
  init: number | undefined,
): Pick<Container, 'fallback' | 'receive'> {
  const start = reader.position;
  const readOne = (isFit: (action: ContainerAction) => boolean, taken: readonly unknown[]) => {
    const offset = reader.position;
    const index = readActionIndex(reader);
    if (index === undefined) return undefined;
    const action = actions[index];
    if (action !== undefined && isFit(action) && !taken.includes(index)) return index;
    throw malformed('ZXC_ENTRY_POINT', offset, action?.name ?? `action ${index}`);
  };
  const fallback = readOne(canBeFallback, [init]);
  const receive = readOne(canBeReceive, [init, fallback]);
  if (fallback === undefined && receive === undefined) throw malformed('ZXC_SECTION_EMPTY', start);
  return { fallback, receive };
}

/** 0 for none, otherwise one more than the index. */
function readActionIndex(reader: ByteReader): number | undefined {
  const number = reader.number();
  return number === 0 ? undefined : number - 1;
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
