import { assert, concatBytes, EMPTY_BYTES, fixedBytes, minimalBytes, present } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { VALUE_TAGS } from '../layout/value-tags.ts';
import { encodeUtf8 } from '../utf8.ts';
import { writeFields, writeType } from './abi-types.ts';
import { ByteWriter } from './byte-writer.ts';
import type {
  Constant,
  Container,
  ContainerAction,
  ContainerError,
  ContainerEvent,
} from './container.ts';
import { crc32 } from './crc32.ts';
import { decodeContainer } from './decode-container.ts';
import {
  CONTAINER_VERSION,
  CRC_BYTES,
  EXPORT_KINDS,
  GAS_LIMIT_FLAG,
  HEADER_BYTES,
  MUTABILITIES,
  SECTIONS,
  ZEXUS_PREFIX,
} from './format.ts';
import { type Instruction, opcodeByCode, operandCount } from './opcodes.ts';
import { functionSelector } from './selector.ts';
import { writeVariable } from './shape-codes.ts';
import { isOfOneFile, writeSourceMap } from './source-map.ts';

/**
 * The one encoding of a contract, which is what is deployed. What a compiler's bug makes wrong, such
 * as an unknown opcode, is an assertion; what a source text can make wrong is an error.
 *
 * @throws as {@link decodeContainer}: the rules and limits that the content breaks
 */
export function encodeContainer(container: Container): Uint8Array {
  const body = concatBytes(
    section(SECTIONS.contract, (out) => out.counted(encodeUtf8(container.name))),
    section(SECTIONS.constants, (out) => writeList(out, container.constants, writeConstant)),
    section(SECTIONS.state, (out) => writeList(out, container.schema, writeVariable)),
    section(SECTIONS.events, (out) => writeList(out, container.events, writeEvent)),
    section(SECTIONS.actions, (out) => writeList(out, container.actions, writeSignature)),
    section(SECTIONS.code, (out) => writeCode(out, container)),
    section(SECTIONS.metadata, (out) => writeList(out, container.metadata, writeMetadata)),
    optionalSections(container),
  );
  const total = HEADER_BYTES + body.length + CRC_BYTES;
  const unchecked = concatBytes(
    ZEXUS_PREFIX,
    Uint8Array.of(CONTAINER_VERSION),
    fixedBytes(BigInt(total), 4),
    keccak256(body),
    body,
  );
  const encoded = concatBytes(unchecked, fixedBytes(BigInt(crc32(unchecked)), CRC_BYTES));
  // Nothing leaves that a node would refuse.
  decodeContainer(encoded);
  return encoded;
}

/** The sections that are left out when they say nothing. */
function optionalSections({ sourceMap, errors, fallback, receive }: Container): Uint8Array {
  const map =
    sourceMap === undefined
      ? EMPTY_BYTES
      : section(isOfOneFile(sourceMap) ? SECTIONS.sourceMap : SECTIONS.filesMap, (out) =>
          writeSourceMap(out, sourceMap),
        );
  const isFirst = map[0] === SECTIONS.sourceMap;
  return concatBytes(
    isFirst ? map : EMPTY_BYTES,
    errors.length === 0
      ? EMPTY_BYTES
      : section(SECTIONS.errors, (out) => writeList(out, errors, writeError)),
    fallback === undefined && receive === undefined
      ? EMPTY_BYTES
      : section(SECTIONS.entryPoints, (out) => {
          writeActionIndex(out, fallback);
          writeActionIndex(out, receive);
        }),
    isFirst ? EMPTY_BYTES : map,
  );
}

function section(id: number, write: (out: ByteWriter) => void): Uint8Array {
  const content = new ByteWriter();
  write(content);
  const whole = new ByteWriter();
  whole.byte(id);
  whole.counted(content.finish());
  return whole.finish();
}

function writeList<T>(
  out: ByteWriter,
  items: readonly T[],
  write: (out: ByteWriter, item: T) => void,
): void {
  out.number(items.length);
  for (const item of items) write(out, item);
}

function writeText(out: ByteWriter, text: string): void {
  out.counted(encodeUtf8(text));
}

function writeConstant(out: ByteWriter, constant: Constant): void {
  switch (constant.kind) {
    case 'null':
      out.byte(VALUE_TAGS.null);
      return;
    case 'boolean':
      out.byte(VALUE_TAGS.boolean);
      out.byte(constant.value ? 1 : 0);
      return;
    case 'integer': {
      const isNegative = constant.value < 0n;
      out.byte(isNegative ? VALUE_TAGS.negative : VALUE_TAGS.natural);
      out.counted(minimalBytes(isNegative ? -constant.value : constant.value));
      return;
    }
    case 'string':
      out.byte(VALUE_TAGS.string);
      writeText(out, constant.value);
      return;
    case 'bytes':
      out.byte(VALUE_TAGS.bytes);
      out.counted(constant.value);
      return;
    case 'address':
      assert(constant.value.length === 20, 'an address has 20 bytes');
      out.byte(VALUE_TAGS.address);
      out.raw(constant.value);
  }
}

function writeEvent(out: ByteWriter, event: ContainerEvent): void {
  writeText(out, event.name);
  writeList(out, event.fields, (_, field) => {
    writeText(out, field.name);
    writeType(out, field);
    out.byte(field.indexed ? 1 : 0);
  });
}

function writeError(out: ByteWriter, error: ContainerError): void {
  writeText(out, error.name);
  writeFields(out, error.fields);
}

function writeSignature(out: ByteWriter, action: ContainerAction): void {
  const { gasLimit } = action;
  writeText(out, action.name);
  const flag = gasLimit === undefined ? 0 : GAS_LIMIT_FLAG;
  out.byte(MUTABILITIES.indexOf(action.mutability) + flag);
  writeExport(out, action);
  writeFields(out, action.parameters);
  assert((action.result?.name ?? '') === '', 'a result has no name');
  writeType(out, action.result ?? { type: '' });
  if (gasLimit !== undefined) out.number(gasLimit);
}

function writeExport(out: ByteWriter, action: ContainerAction): void {
  if (action.exportedAs === undefined) {
    out.byte(EXPORT_KINDS.none);
    return;
  }
  if (action.exportedAs === action.name) {
    out.byte(EXPORT_KINDS.ownName);
  } else {
    out.byte(EXPORT_KINDS.otherName);
    writeText(out, action.exportedAs);
  }
  out.raw(functionSelector(action.exportedAs, action.parameters));
}

function writeCode(out: ByteWriter, container: Container): void {
  writeActionIndex(out, container.init);
  for (const action of container.actions) writeList(out, action.code, writeInstruction);
}

/** 0 for none, otherwise one more than the index. */
function writeActionIndex(out: ByteWriter, index: number | undefined): void {
  out.number(index === undefined ? 0 : index + 1);
}

function writeInstruction(out: ByteWriter, instruction: Instruction): void {
  const { operand } = present(opcodeByCode(instruction.opcode), 'an opcode of contracts');
  assert(instruction.operands.length === operandCount(operand), 'the operands of the opcode');
  out.number(instruction.opcode);
  for (const value of instruction.operands) out.number(value);
}

function writeMetadata(out: ByteWriter, [key, value]: readonly [string, string]): void {
  writeText(out, key);
  writeText(out, value);
}
