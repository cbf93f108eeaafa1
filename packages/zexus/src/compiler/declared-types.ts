import type * as Ast from '../syntax/ast.ts';
import type {
  Callable,
  CallableProtocol,
  ContractContext,
  ContractEntity,
} from './contract-context.ts';
import { type DeclaredOf, describeDeclared, type NameScope } from './names.ts';
import { didYouMean } from './similar-names.ts';
import type { Entity, Protocol } from './tree.ts';
import {
  anyType,
  declaredContract,
  declaredEntity,
  declaredFunction,
  declaredList,
  declaredMap,
  declaredType,
  failedType,
  isContainerType,
  type ScalarType,
  type TypeVariable,
  unknownType,
} from './types.ts';

/** Other names of types: what stands for what in the ABI. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['integer', 'uint256'],
  ['Integer', 'uint256'],
  ['int', 'uint256'],
  ['signed', 'int256'],
  ['boolean', 'bool'],
  ['Boolean', 'bool'],
  ['Address', 'address'],
  ['String', 'string'],
  ['text', 'string'],
  ['hash', 'bytes32'],
]);

const LISTS: ReadonlySet<string> = new Set(['list', 'List', 'array', 'Array']);
const MAPS: ReadonlySet<string> = new Set(['map', 'Map', 'dict', 'object']);
const FUNCTIONS: ReadonlySet<string> = new Set(['function', 'action', 'lambda']);

/** Types of other languages, with what to write instead. */
const MISSING: ReadonlyMap<string, string> = new Map([
  ['float', 'use an integer in a smaller unit, as wei is to ether'],
  ['number', 'write integer'],
  ['uint', 'write integer or uint256'],
  ['mapping', 'write map<address, integer>'],
  ['str', 'write string'],
  ['set', 'write a list, or a map whose values are true'],
  ['tuple', 'declare an entity'],
  ['void', 'leave the result out'],
]);

/** Names of types that slips of writing are compared with. */
const TYPE_NAMES: readonly string[] = [
  ...[
    'integer',
    'signed',
    'bool',
    'address',
    'string',
    'bytes',
    'bytes32',
    'uint8',
    'uint256',
    'int256',
  ],
  ...['list', 'map', 'any', 'function'],
];

const KNOWN =
  'integer, signed, bool, address, string, bytes, bytes1 … bytes32, uint8 … int256, list<T>, map<K, V>, any, function, and the names of entities, enums, protocols and contracts';

/** The type that the source states, in a contract's code whose names `scope` knows. */
export function typeIn(
  context: ContractContext,
  scope: NameScope,
  reference: Ast.TypeReference,
): TypeVariable {
  const { name, span, arguments: inner } = reference;
  if (MAPS.has(name)) return mapType(context, scope, reference);
  if (LISTS.has(name)) return listType(context, scope, reference);
  const type = plainType(context, scope, name);
  if (type === undefined) {
    const hint =
      MISSING.get(name) ??
      didYouMean(name, [...scope.known(), ...TYPE_NAMES]) ??
      `the types are ${KNOWN}`;
    const declared = scope.findPath(name.split('.'));
    const message =
      declared === undefined
        ? `there is no type ${name}`
        : `${name} is ${describeDeclared(declared)}, not a type`;
    context.sink.report('TYPE_UNKNOWN', span, message, { hint });
    return failedType();
  }
  if (inner.length > 0) {
    context.sink.report('TYPE_ARGUMENTS', span, `${name} takes no types in angle brackets`);
  }
  return type;
}

function mapType(
  context: ContractContext,
  scope: NameScope,
  { span, arguments: inner }: Ast.TypeReference,
): TypeVariable {
  if (inner.length === 0) return { ...unknownType(), type: 'map', isDeclared: true };
  const [key, value, ...rest] = inner;
  if (key === undefined || value === undefined || rest.length > 0) {
    context.sink.report('TYPE_ARGUMENTS', span, 'a map has the types of its keys and values', {
      hint: 'write map<address, integer>, or map alone for any',
    });
    return failedType();
  }
  return declaredMap(keyType(context, scope, key), typeIn(context, scope, value));
}

function keyType(
  context: ContractContext,
  scope: NameScope,
  reference: Ast.TypeReference,
): TypeVariable {
  const types = typeIn(context, scope, reference);
  if (!isContainerType(types.type) && types.type !== 'function') return types;
  context.sink.report('KEY_TYPE', reference.span, `${reference.name} cannot be the type of a key`, {
    hint: 'keys are integers, bools, addresses, strings or bytes',
  });
  return failedType();
}

function listType(
  context: ContractContext,
  scope: NameScope,
  { name, span, arguments: inner }: Ast.TypeReference,
): TypeVariable {
  const [element, ...rest] = inner;
  if (element === undefined) return { ...unknownType(), type: 'list', isDeclared: true };
  if (rest.length > 0) {
    context.sink.report('TYPE_ARGUMENTS', span, `${name} takes one type, that of its items`, {
      hint: 'write list<integer>, or list alone for any',
    });
    return failedType();
  }
  return declaredList(typeIn(context, scope, element));
}

/** A type without angle brackets; undefined when there is none of the name. */
function plainType(
  context: ContractContext,
  scope: NameScope,
  name: string,
): TypeVariable | undefined {
  // What the source declares comes first: a later version may have new types of its own.
  const declared = scope.findPath(name.split('.'));
  switch (declared?.kind) {
    case 'entity': {
      // Its fields may be filled in later, for entities can contain each other.
      const { entity, fields } = entityIn(context, declared);
      return declaredEntity(entity.name, fields);
    }
    case 'protocol':
    case 'contract':
      return declaredContract(protocolIn(context, declared).protocol.name);
    case 'enum':
      return enumType(context, declared);
  }
  if (name === 'any') return anyType();
  if (FUNCTIONS.has(name)) return declaredFunction();
  const abiType = SYNONYMS.get(name) ?? name;
  const type = scalarOfAbiType(abiType);
  return type === undefined ? undefined : declaredType(type, abiType);
}

/** Members are integers; a negative one makes the type signed. */
function enumType({ constants }: ContractContext, declared: DeclaredOf<'enum'>): TypeVariable {
  const isSigned = [...constants.members(declared).values()].some((value) => value < 0n);
  return isSigned ? declaredType('signed', 'int256') : declaredType('integer', 'uint256');
}

/** The entity in the contract's code; its fields may still have to be declared. */
export function entityIn(context: ContractContext, declared: DeclaredOf<'entity'>): ContractEntity {
  const known = context.entities.get(declared);
  if (known !== undefined) return known;
  const fields: ContractEntity['fields'] = [];
  const actions: ContractEntity['actions'] = new Map();
  const name = context.typeName(declared.name);
  const entity: Entity = { name, span: declared.declaration.name.span, fields, actions };
  const added: ContractEntity = { declared, entity, fields, actions, state: 'named' };
  context.entities.set(declared, added);
  return added;
}

/** The protocol in the contract's code; its actions are added later. */
export function protocolIn(context: ContractContext, declared: Callable): CallableProtocol {
  const known = context.protocols.get(declared);
  if (known !== undefined) return known;
  const actions: CallableProtocol['actions'] = new Map();
  const name = context.typeName(declared.name);
  const protocol: Protocol = { name, span: declared.declaration.name.span, actions };
  const added: CallableProtocol = { declared, protocol, actions };
  context.protocols.set(declared, added);
  return added;
}

/** The kind of value behind a type of the ABI; undefined when the language has none such. */
export function scalarOfAbiType(abiType: string): ScalarType | undefined {
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
