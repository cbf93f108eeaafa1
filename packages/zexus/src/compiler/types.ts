import type { AbiField } from '../bytecode/container.ts';
import { zexusLimits } from '../limits.ts';

/** What the compiler knows about a scalar value; `bytes4` and the like know the length too. */
export type ScalarType =
  | 'integer'
  | 'signed'
  | 'bool'
  | 'address'
  | 'string'
  | 'bytes'
  | `bytes${number}`;

/** Values that are no scalars: an entity is a map, a contract an address whose actions are known. */
export type CompositeType = 'function' | 'list' | 'map' | `contract ${string}` | `entity ${string}`;

/** What the compiler knows about an expression. `unknown` may be any value, or null. */
export type StaticType = ScalarType | CompositeType | 'null' | 'unknown';

/**
 * The type of a cell, parameter, result or local variable while inference runs. Types only climb:
 * unknown, then a kind of value, then within the kinds integer to signed, bytesN to bytes, a contract to
 * an address, an entity to a map; {@link isMixed} is above them all.
 */
export type TypeVariable = {
  type: ScalarType | CompositeType | 'unknown';
  /** Written in the source: nothing changes it. */
  readonly isDeclared: boolean;
  /** The declared type as the ABI spells it, such as `uint8`. */
  readonly abiType: string | undefined;
  /**
   * What a map of the state, a declared map or list, or one that only its variable holds leads to; the keys
   * of a list are integers. Undefined for scalars, and for maps and lists of whose entries nothing is known.
   */
  entries: MapEntries | undefined;
  /** Of an entity. */
  fields: readonly TypedField[] | undefined;
  /**
   * Of a map or list of the state: it is counted, iterated, cleared, or used as a value somewhere, not
   * only entry by entry.
   */
  isWhole: boolean;
  /**
   * Of a map or list of the state: it is handed on as a value, so that writes can come from where
   * nothing is known about their types.
   */
  isShared: boolean;
  /** Of a place within a map or list of the state: a value is put there as a whole, a container too. */
  isAssigned: boolean;
  /**
   * Of a local variable or result: nobody else holds the maps and lists that it has, so that what their
   * entries are is known from what is put into them here.
   */
  tracksEntries: boolean;
  /** Null was assigned or is asked for: a cell of such an inferred type must be able to hold it. */
  isNullable: boolean;
  /** Something compares the value with null, so that what flows in must keep null apart from zero. */
  isNullCompared: boolean;
  /** Values about which nothing is known flow in too: running tells what they are. */
  isOpen: boolean;
  /** Values of different kinds may flow in, which then makes it {@link isMixed}; elsewhere an error. */
  isFlexible: boolean;
  /** Values of different kinds flow in: the type stays unknown. */
  isMixed: boolean;
};

/** The types of the keys and of the values of a map. */
export type MapEntries = { readonly key: TypeVariable; readonly value: TypeVariable };

/** A field of an entity. */
export type TypedField = { readonly name: string; readonly types: TypeVariable };

/** A type that inference is to find. */
export function unknownType(): TypeVariable {
  return {
    type: 'unknown',
    isDeclared: false,
    abiType: undefined,
    entries: undefined,
    fields: undefined,
    isWhole: false,
    isShared: false,
    isAssigned: false,
    tracksEntries: false,
    isNullable: false,
    isNullCompared: false,
    isOpen: false,
    isFlexible: false,
    isMixed: false,
  };
}

/** As {@link unknownType}, where values of different kinds are no mistake. */
function flexibleType(): TypeVariable {
  return { ...unknownType(), isFlexible: true };
}

/** What an error was reported for: nothing is inferred for it and nothing more said about it. */
export function failedType(): TypeVariable {
  return { ...unknownType(), isDeclared: true };
}

/** Declared to be a value of any kind. */
export function anyType(): TypeVariable {
  return failedType();
}

/** A type that the source states. */
export function declaredType(type: ScalarType, abiType: string): TypeVariable {
  return { ...unknownType(), type, isDeclared: true, abiType };
}

/** A map whose types the source states. */
export function declaredMap(key: TypeVariable, value: TypeVariable): TypeVariable {
  return { ...unknownType(), type: 'map', isDeclared: true, entries: { key, value } };
}

/** A list whose items' type the source states. */
export function declaredList(element: TypeVariable): TypeVariable {
  return { ...declaredMap(listKey(), element), type: 'list' };
}

/** A map of which only that is known, such as the one that `{}` begins. */
export function inferredMap(): TypeVariable {
  return { ...unknownType(), type: 'map', entries: inferredEntries() };
}

/** A list of which only that is known, such as the one that `[]` begins. */
export function inferredList(): TypeVariable {
  return { ...unknownType(), type: 'list', entries: inferredEntries('list') };
}

/** Entries of a container about which nothing is known yet. */
export function inferredEntries(kind: 'list' | 'map' = 'map'): MapEntries {
  return { key: kind === 'list' ? listKey() : flexibleType(), value: flexibleType() };
}

/** The type of the positions in a list. */
export function listKey(): TypeVariable {
  return declaredType('integer', 'uint256');
}

/** An entity; its fields may be filled in later, for entities can contain each other. */
export function declaredEntity(name: string, fields: readonly TypedField[]): TypeVariable {
  return { ...unknownType(), type: `entity ${name}`, isDeclared: true, fields };
}

/** The address of a contract that keeps to a protocol. */
export function declaredContract(name: string): TypeVariable {
  return { ...unknownType(), type: `contract ${name}`, isDeclared: true, abiType: 'address' };
}

/** A function as a value. */
export function declaredFunction(): TypeVariable {
  return { ...unknownType(), type: 'function', isDeclared: true };
}

export function isIntegral(type: string): type is 'integer' | 'signed' {
  return type === 'integer' || type === 'signed';
}

export function isBytes(type: string): type is 'bytes' | `bytes${number}` {
  return type.startsWith('bytes');
}

export function isContract(type: string): type is `contract ${string}` {
  return type.startsWith('contract ');
}

export function isEntity(type: string): type is `entity ${string}` {
  return type.startsWith('entity ');
}

/** Whether values of the type are maps or lists; an entity is a map. */
export function isContainerType(type: string): boolean {
  return type === 'list' || type === 'map' || isEntity(type);
}

/** What is behind the word in `entity X` and `contract X`. */
export function typeName(type: CompositeType): string {
  return type.slice(type.indexOf(' ') + 1);
}

/** The bytes of a `bytesN`; undefined for other types. */
function fixedLength(type: string): number | undefined {
  return isBytes(type) && type !== 'bytes' ? Number(type.slice('bytes'.length)) : undefined;
}

/**
 * Whether a cell of the type can hold null beside its values: text, bytes, entities and what has no type
 * stay untyped.
 */
export function holdsNull(type: StaticType): boolean {
  return type === 'unknown' || type === 'string' || type === 'bytes' || isEntity(type);
}

/** The smallest type of both; undefined when they are of different kinds. */
export function join(first: StaticType, second: StaticType): StaticType | undefined {
  if (first === second) return first;
  if (isIntegral(first) && isIntegral(second)) return 'signed';
  if (isBytes(first) && isBytes(second)) return 'bytes';
  if (isAddressLike(first) && isAddressLike(second)) return 'address';
  if (isMapLike(first) && isMapLike(second)) return 'map';
  return undefined;
}

function isAddressLike(type: StaticType): boolean {
  return type === 'address' || isContract(type);
}

function isMapLike(type: StaticType): boolean {
  return type === 'map' || isEntity(type);
}

/**
 * Whether a value of one type can be where the other is expected. What only running can tell, such
 * as a sign, the length of bytes or what a contract can do, is left to running.
 */
export function isCompatible(from: StaticType, to: StaticType): boolean {
  if (from === to || from === 'unknown' || to === 'unknown' || from === 'null') return true;
  if (isIntegral(from) && isIntegral(to)) return true;
  if (isBytes(from) && isBytes(to)) return from === 'bytes' || to === 'bytes';
  if (from === 'address' || to === 'address') return isContract(from) || isContract(to);
  return (from === 'map' && isEntity(to)) || (to === 'map' && isEntity(from));
}

/** Whether inference found what the values are, or the source says it. */
export function isKnown({ type, isDeclared, isOpen }: TypeVariable): boolean {
  return type !== 'unknown' && (isDeclared || !isOpen);
}

/** The type in the ABI: as declared, else the widest of its kind; undefined when that is not known. */
export function abiTypeOf(types: TypeVariable): string | undefined {
  return abiField('', types)?.type;
}

/**
 * The parameter, result or field in the ABI. Undefined when the ABI has no type for it: then the canonical
 * encoding of its value is passed as `bytes`.
 */
export function abiField(name: string, types: TypeVariable): AbiField | undefined {
  const left = { fields: zexusLimits.values.abiTypeFields };
  const field = fieldWithin(types, [], left);
  return field === undefined ? undefined : { name, ...field };
}

type UnnamedField = Omit<AbiField, 'name'>;

const ENCODED: UnnamedField = { type: 'bytes', isEncoded: true };

/** Fields that a type may still have. */
type FieldsLeft = { fields: number };

/** @param outer the lists and tuples around it: an entity within itself has no type in the ABI */
function fieldWithin(
  types: TypeVariable,
  outer: readonly string[],
  left: FieldsLeft,
): UnnamedField | undefined {
  const { type, abiType } = types;
  if (!isKnown(types)) return undefined;
  if (abiType !== undefined) return { type: abiType };
  if (isContract(type)) return { type: 'address' };
  if (isContainerType(type)) return containerField(types, outer, left);
  if (type === 'integer') return { type: 'uint256' };
  if (type === 'signed') return { type: 'int256' };
  return type === 'function' ? undefined : { type };
}

function containerField(
  { type, isDeclared, entries, fields }: TypeVariable,
  outer: readonly string[],
  left: FieldsLeft,
): UnnamedField | undefined {
  const { containerTypeDepth, containerTupleFields } = zexusLimits.values;
  if (outer.length >= containerTypeDepth) return undefined;
  if (type === 'list') {
    // An item that is null would not be told from a zero.
    const isLost = entries !== undefined && !entries.value.isDeclared && entries.value.isNullable;
    const element = entries && !isLost && fieldWithin(entries.value, [...outer, type], left);
    if (element) return { ...element, type: `${element.type}[]` };
    return isDeclared && entries?.value.isDeclared ? { ...ENCODED, type: 'bytes[]' } : undefined;
  }
  if (fields === undefined || outer.includes(type)) return undefined;
  if (fields.length === 0 || fields.length > containerTupleFields) return undefined;
  if (fields.length > left.fields) return undefined;
  left.fields -= fields.length;
  const components = fields.map((field) => ({
    name: field.name,
    ...(fieldWithin(field.types, [...outer, type], left) ?? ENCODED),
  }));
  return { type: 'tuple', components };
}

/** The type in words, for messages. */
export function describeType(type: StaticType): string {
  switch (type) {
    case 'integer':
    case 'address':
      return `an ${type}`;
    case 'signed':
      return 'a signed integer';
    case 'null':
      return 'null';
    case 'bytes':
      return 'bytes';
    case 'unknown':
      return 'a value of unknown type';
    default:
      if (isBytes(type)) return `${fixedLength(type)} bytes`;
      return withArticle(isEntity(type) || isContract(type) ? typeName(type) : type);
  }
}

function withArticle(noun: string): string {
  return `${/^[aeio]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}
