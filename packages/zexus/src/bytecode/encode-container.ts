import { assert, concatBytes, EMPTY_BYTES, fixedBytes, minimalBytes, present } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { StateSchema } from '../layout/schema.ts';
import { VALUE_TAGS } from '../layout/value-tags.ts';
import { encodeUtf8 } from '../utf8.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Constant, Container, ContainerAction, ContainerEvent } from './container.ts';
import { crc32 } from './crc32.ts';
import { decodeContainer } from './decode-container.ts';
import {
  CONTAINER_VERSION,
  CRC_BYTES,
  EXPORT_KINDS,
  HEADER_BYTES,
  MUTABILITIES,
  SECTIONS,
  VARIABLE_KINDS,
  ZEXUS_PREFIX,
} from './format.ts';
import { type Instruction, opcodeByCode, operandCount } from './opcodes.ts';
import { functionSelector } from './selector.ts';
import { writeSourceMap } from './source-map.ts';
import { cellTypeCode, NO_TYPE, typeCode } from './type-codes.ts';

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
    sourceMapSection(container),
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

function sourceMapSection({ sourceMap }: Container): Uint8Array {
  if (sourceMap === undefined) return EMPTY_BYTES;
  return section(SECTIONS.sourceMap, (out) => writeSourceMap(out, sourceMap));
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

function writeVariable(out: ByteWriter, variable: StateSchema[number]): void {
  writeText(out, variable.name);
  out.byte(VARIABLE_KINDS[variable.kind === 'map' ? 'plainMap' : 'cell']);
  if (variable.kind === 'map') out.number(variable.depth);
  out.byte(present(cellTypeCode(variable.type), 'a type of cells'));
}

function writeEvent(out: ByteWriter, event: ContainerEvent): void {
  writeText(out, event.name);
  writeList(out, event.fields, (_, field) => {
    writeText(out, field.name);
    writeType(out, field.type);
    out.byte(field.indexed ? 1 : 0);
  });
}

function writeSignature(out: ByteWriter, action: ContainerAction): void {
  writeText(out, action.name);
  out.byte(MUTABILITIES.indexOf(action.mutability));
  writeExport(out, action);
  writeList(out, action.parameters, (_, parameter) => {
    writeText(out, parameter.name);
    writeType(out, parameter.type);
  });
  writeType(out, action.result ?? '');
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
  const types = action.parameters.map(({ type }) => type);
  out.raw(functionSelector(action.exportedAs, types));
}

function writeType(out: ByteWriter, type: string): void {
  out.byte(type === '' ? NO_TYPE : present(typeCode(type), 'a type of the ABI'));
}

function writeCode(out: ByteWriter, container: Container): void {
  out.number(container.init === undefined ? 0 : container.init + 1);
  for (const action of container.actions) writeList(out, action.code, writeInstruction);
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
