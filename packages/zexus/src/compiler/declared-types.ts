import type { TypeReference } from '../syntax/ast.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import {
  declaredMap,
  declaredType,
  failedType,
  type ScalarType,
  type TypeVariable,
} from './types.ts';

/** Other names of types: what stands for what in the ABI. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['integer', 'uint256'],
  ['int', 'uint256'],
  ['signed', 'int256'],
  ['boolean', 'bool'],
  ['Address', 'address'],
  ['hash', 'bytes32'],
]);

/** Types that upstream has and this version does not, with what to write instead. */
const MISSING: ReadonlyMap<string, string> = new Map([
  ['any', 'write the type that the values have'],
  ['float', 'use an integer in a smaller unit, as wei is to ether'],
  ['list', 'lists are not supported yet: use a map<integer, …> and a counter'],
  ['array', 'lists are not supported yet: use a map<integer, …> and a counter'],
]);

const KNOWN =
  'integer, signed, bool, address, string, bytes, bytes1 … bytes32, uint8 … int256, map<K, V>';

/** The type of a variable of the state: a scalar or a map. */
export function stateType(reference: TypeReference, sink: DiagnosticSink): TypeVariable {
  if (reference.name !== 'map') return scalarType(reference, sink);
  const [key, value, ...rest] = reference.arguments;
  if (key === undefined || value === undefined || rest.length > 0) {
    sink.report('TYPE_ARGUMENTS', reference.span, 'a map has the types of its keys and values', {
      hint: 'write map<address, integer>',
    });
    return failedType();
  }
  return declaredMap(scalarType(key, sink), stateType(value, sink));
}

/** The type of what is passed, returned or kept in a local variable. */
export function scalarType(reference: TypeReference, sink: DiagnosticSink): TypeVariable {
  const { name, span } = reference;
  if (name === 'map') {
    sink.report('MAP_VALUE', span, 'a map is no value that can be passed, kept or used as a key', {
      hint: 'keep maps in the state and pass keys',
    });
    return failedType();
  }
  const abiType = SYNONYMS.get(name) ?? name;
  const type = scalarOfAbiType(abiType);
  if (type === undefined) {
    const hint = MISSING.get(name) ?? `the types are ${KNOWN}`;
    sink.report('TYPE_UNKNOWN', span, `there is no type ${name}`, { hint });
    return failedType();
  }
  if (reference.arguments.length > 0) {
    sink.report('TYPE_ARGUMENTS', span, `${name} takes no types in angle brackets`);
  }
  return declaredType(type, abiType);
}

/** The kind of value behind a type of the ABI; undefined when the language has none such. */
function scalarOfAbiType(abiType: string): ScalarType | undefined {
  switch (abiType) {
    case 'bool':
    case 'address':
    case 'string':
    case 'bytes':
      return abiType;
  }
  const [, family, digits] = /^(uint|int|bytes)([1-9][0-9]{0,2})$/.exec(abiType) ?? [];
  const size = Number(digits);
  if (family === 'bytes') return size <= 32 ? `bytes${size}` : undefined;
  if (family === undefined || size % 8 !== 0 || size > 256) return undefined;
  return family === 'uint' ? 'integer' : 'signed';
}
