/** What the compiler knows about a scalar value; `bytes4` and the like know the length too. */
export type ScalarType =
  | 'integer'
  | 'signed'
  | 'bool'
  | 'address'
  | 'string'
  | 'bytes'
  | `bytes${number}`;

/** What the compiler knows about an expression. `unknown` may be any scalar, or null. */
export type StaticType = ScalarType | 'null' | 'unknown';

/**
 * The type of a cell, parameter, result or local variable while inference runs. Types only climb:
 * unknown, then a scalar or a map, then within the scalars integer to signed and bytesN to bytes.
 */
export type TypeVariable = {
  type: ScalarType | 'map' | 'unknown';
  /** Written in the source: nothing changes it. */
  readonly isDeclared: boolean;
  /** The declared type as the ABI spells it, such as `uint8`. */
  readonly abiType: string | undefined;
  /** What a map leads to; present exactly when `type` is `map`. */
  entries: MapEntries | undefined;
  /** Null was assigned or is asked for: a cell of such an inferred type must be able to hold it. */
  isNullable: boolean;
  /** Something compares the value with null, so that what flows in must keep null apart from zero. */
  isNullCompared: boolean;
};

/** The types of the keys and of the values of a map. */
export type MapEntries = { readonly key: TypeVariable; readonly value: TypeVariable };

/** A type that inference is to find. */
export function unknownType(): TypeVariable {
  return {
    type: 'unknown',
    isDeclared: false,
    abiType: undefined,
    entries: undefined,
    isNullable: false,
    isNullCompared: false,
  };
}

/** What an error was reported for: nothing is inferred for it and nothing more said about it. */
export function failedType(): TypeVariable {
  return { ...unknownType(), isDeclared: true };
}

/** A type that the source states. */
export function declaredType(type: ScalarType, abiType: string): TypeVariable {
  return { ...unknownType(), type, isDeclared: true, abiType };
}

/** A map whose types the source states. */
export function declaredMap(key: TypeVariable, value: TypeVariable): TypeVariable {
  return { ...unknownType(), type: 'map', isDeclared: true, entries: { key, value } };
}

export function isIntegral(type: string): type is 'integer' | 'signed' {
  return type === 'integer' || type === 'signed';
}

export function isBytes(type: string): type is 'bytes' | `bytes${number}` {
  return type.startsWith('bytes');
}

/** The bytes of a `bytesN`; undefined for other types. */
function fixedLength(type: string): number | undefined {
  return isBytes(type) && type !== 'bytes' ? Number(type.slice('bytes'.length)) : undefined;
}

/** Whether a cell of the type can hold null beside its values: text and bytes stay untyped. */
export function holdsNull(type: ScalarType | 'map' | 'unknown'): boolean {
  return type === 'unknown' || type === 'string' || type === 'bytes';
}

/**
 * The smallest type of both, as far as inference lets one variable have both; else the first, and
 * the check after inference reports the second.
 */
export function join(first: ScalarType, second: ScalarType): ScalarType {
  if (first === second) return first;
  if (isIntegral(first) && isIntegral(second)) return 'signed';
  if (isBytes(first) && isBytes(second)) return 'bytes';
  return first;
}

/**
 * Whether a value of one type can be where the other is expected. What only running can tell, such
 * as a sign or the length of bytes, is left to running.
 */
export function isCompatible(from: StaticType, to: StaticType | 'map'): boolean {
  if (from === to || from === 'unknown' || to === 'unknown' || from === 'null') return true;
  if (isIntegral(from) && isIntegral(to)) return true;
  if (isBytes(from) && isBytes(to)) return from === 'bytes' || to === 'bytes';
  return false;
}

/** The type in the ABI of a variable: as declared, else the widest of its kind. */
export function abiTypeOf(variable: TypeVariable): string | undefined {
  if (variable.abiType !== undefined) return variable.abiType;
  switch (variable.type) {
    case 'unknown':
    case 'map':
      return undefined;
    case 'integer':
      return 'uint256';
    case 'signed':
      return 'int256';
    default:
      return variable.type;
  }
}

/** The type in words, for messages. */
export function describeType(type: StaticType | 'map'): string {
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
      return isBytes(type) ? `${fixedLength(type)} bytes` : `a ${type}`;
  }
}
