import { assert, present } from '@lucerna/base';
import { zexusLimits } from '../limits.ts';
import { encodeUtf8 } from '../utf8.ts';
import { type ByteReader, malformed, type ZxcLimit } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { AbiField } from './container.ts';
import {
  ENCODED_TYPE,
  LIST_TYPE,
  NO_TYPE,
  TUPLE_TYPE,
  typeCode,
  typeOfCode,
} from './type-codes.ts';

// Types of the ABI in a container: docs/spec/zxc.md, "Types".

/** What of a field its type is. */
export type FieldType = Pick<AbiField, 'components' | 'isEncoded' | 'type'>;

/** How a JSON ABI spells the type of a tuple, and begins that of lists of it. */
const TUPLE = 'tuple';
const LIST = '[]';
/** The type of what is encoded. */
const ENCODED = 'bytes';

/** The type as signatures spell it: `(uint256,address)[]` for a list of tuples. */
export function canonicalType({ type, components }: FieldType): string {
  if (components === undefined) return type;
  return `(${components.map(canonicalType).join(',')})${type.slice(TUPLE.length)}`;
}

/** Writes a type: a code, behind it what lists and tuples are of. An empty type is none. */
export function writeType(out: ByteWriter, field: FieldType): void {
  const { type, components, isEncoded } = field;
  if (type === '') {
    out.byte(NO_TYPE);
  } else if (type.endsWith(LIST)) {
    out.byte(LIST_TYPE);
    const element = type.slice(0, -LIST.length);
    assert(element !== '', 'a list has a type of elements');
    writeType(out, { ...field, type: element });
  } else if (isEncoded === true) {
    assert(type === ENCODED, 'what is encoded is bytes');
    out.byte(ENCODED_TYPE);
  } else if (type === TUPLE) {
    out.byte(TUPLE_TYPE);
    writeFields(out, present(components, 'the components of a tuple'));
  } else {
    assert(components === undefined, 'tuples alone have components');
    out.byte(present(typeCode(type), 'a type of the ABI'));
  }
}

/** Writes names and types of parameters, fields or components. */
export function writeFields(out: ByteWriter, fields: readonly AbiField[]): void {
  out.number(fields.length);
  for (const field of fields) {
    out.counted(encodeUtf8(field.name));
    writeType(out, field);
  }
}

/** A type that is there. @throws `ZXC_TYPE`, `ZXC_LIMIT` */
export function readType(reader: ByteReader): FieldType {
  const offset = reader.position;
  const type = readOptionalType(reader);
  if (type === undefined) throw malformed('ZXC_TYPE', offset);
  return type;
}

/** A type; undefined for none. @throws `ZXC_TYPE`, `ZXC_LIMIT` */
export function readOptionalType(reader: ByteReader): FieldType | undefined {
  return readNested(reader, 0);
}

/** Reads a type within as many lists and tuples as `levels` says. */
function readNested(reader: ByteReader, levels: number): FieldType | undefined {
  const offset = reader.position;
  const code = reader.byte();
  if (code === NO_TYPE && levels === 0) return undefined;
  if (code === LIST_TYPE || code === TUPLE_TYPE) {
    const max = zexusLimits.values.containerTypeDepth;
    if (levels >= max) throw malformed('ZXC_LIMIT', offset, `containerTypeDepth: more than ${max}`);
    return code === LIST_TYPE ? readListType(reader, levels + 1) : readTuple(reader, levels + 1);
  }
  if (code === ENCODED_TYPE) return { type: ENCODED, isEncoded: true };
  const type = typeOfCode(code);
  if (type === undefined) throw malformed('ZXC_TYPE', offset, `code ${code}`);
  return { type };
}

function readListType(reader: ByteReader, levels: number): FieldType {
  const element = present(readNested(reader, levels), 'an element has a type');
  return { ...element, type: `${element.type}${LIST}` };
}

function readTuple(reader: ByteReader, levels: number): FieldType {
  const offset = reader.position;
  const components = readFields(reader, 'containerTupleFields', () =>
    present(readNested(reader, levels), 'a component has a type'),
  );
  if (components.length === 0) throw malformed('ZXC_TYPE', offset, 'an empty tuple');
  return { type: TUPLE, components };
}

/** A list of fields whose names are unique; `read` reads what stands behind a name. */
export function readFields<T>(
  reader: ByteReader,
  limit: ZxcLimit,
  read: () => T,
): ({ readonly name: string } & T)[] {
  const seen = new Set<string>();
  const fields: ({ readonly name: string } & T)[] = [];
  for (let rest = reader.count(limit); rest > 0; rest -= 1) {
    const offset = reader.position;
    const name = reader.name();
    reader.unique(seen, name, offset);
    fields.push({ name, ...read() });
  }
  return fields;
}

/**
 * Whether containers can hold the type: what the verifier asks, and a decoded one obeys already.
 * Names of components are looked at as well.
 */
export function isFieldType(field: FieldType): boolean {
  return isNestedType(field, 0);
}

function isNestedType({ type, components, isEncoded }: FieldType, outerLevels: number): boolean {
  const lists = /(?:\[\])*$/.exec(type)?.[0] ?? '';
  const element = type.slice(0, type.length - lists.length);
  const levels = outerLevels + lists.length / LIST.length;
  const { containerTupleFields, containerTypeDepth } = zexusLimits.values;
  if (isEncoded === true && (element !== ENCODED || components !== undefined)) return false;
  if (components === undefined) {
    return levels <= containerTypeDepth && typeCode(element) !== undefined;
  }
  const isTuple = element === TUPLE && levels < containerTypeDepth;
  const isSized = components.length > 0 && components.length <= containerTupleFields;
  const names = new Set(components.map(({ name }) => name));
  return (
    isTuple &&
    isSized &&
    names.size === components.length &&
    components.every((component) => isNestedType(component, levels + 1))
  );
}
