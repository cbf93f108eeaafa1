import { present } from '@lucerna/base';
import { BUILTINS, builtinPosition } from '../vm/builtin-table.ts';
import {
  METHOD_ALIASES,
  METHODS,
  methodCounts,
  RECEIVERS,
  type Receiver,
} from '../vm/method-table.ts';
import { BUILTIN_SIGNATURES, type ResultRelation } from './builtin-signatures.ts';
import { isBytes, type StaticType } from './types.ts';

/** What a method takes and gives, beside the value before the dot. */
export type MethodSignature = {
  /** Also the name of the builtin that it is. */
  readonly name: string;
  readonly receiver: Receiver;
  readonly parameterNames: readonly string[];
  /** As in `BuiltinSignature`. */
  readonly parameters: readonly (readonly StaticType[] | undefined)[];
  readonly optional: number;
  readonly result: StaticType;
  /** Said of the value before the dot. */
  readonly resultOf: ResultRelation | undefined;
  /** As in `BuiltinSignature`. */
  readonly isNullable: boolean;
  /** Changes the value before the dot: a write when that is of the state. */
  readonly mutates: boolean;
  /** Of a map or list of the state: it needs more of it than one entry, so the map is not a plain one. */
  readonly isWhole: boolean;
};

/** Methods that touch one entry, which they are given the key of. */
const entryMethods: ReadonlySet<string> = new Set(['get', 'set']);

/** The types of results that follow from the kind of the value before the dot alone. */
const ownResult: Readonly<Record<Receiver, StaticType>> = {
  string: 'string',
  bytes: 'bytes',
  list: 'list',
  map: 'map',
};

/** The methods by kind of value and name, without other names. */
export const METHOD_SIGNATURES: ReadonlyMap<
  Receiver,
  ReadonlyMap<string, MethodSignature>
> = new Map(
  RECEIVERS.map((receiver) => [
    receiver,
    new Map(METHODS[receiver].map((name) => [name, signatureOf(receiver, name)])),
  ]),
);

/** The method that a source calls by one of its names on a value of a kind; undefined when there is none. */
export function methodSignature(receiver: Receiver, name: string): MethodSignature | undefined {
  const methods = METHOD_SIGNATURES.get(receiver);
  return methods?.get(name) ?? methods?.get(METHOD_ALIASES.get(name) ?? name);
}

/** The kind of values that have methods to which a type belongs; undefined for other types. */
export function receiverOf(type: StaticType): Receiver | undefined {
  if (type === 'string' || type === 'list' || type === 'map') return type;
  if (isBytes(type)) return 'bytes';
  return type.startsWith('entity ') ? 'map' : undefined;
}

function signatureOf(receiver: Receiver, name: string): MethodSignature {
  const builtin = present(BUILTIN_SIGNATURES.get(name), `the method ${name} is a builtin`);
  const { fewest, most } = methodCounts(present(BUILTINS[builtinPosition(name) ?? -1], name));
  const isOwnKind = builtin.resultOf === 'receiver' && builtin.result === 'unknown';
  return {
    name,
    receiver,
    parameterNames: builtin.parameterNames.slice(1, most + 1),
    parameters: builtin.parameters.slice(1, most + 1),
    optional: most - fewest,
    result: isOwnKind ? ownResult[receiver] : builtin.result,
    resultOf: builtin.resultOf,
    isNullable: builtin.isNullable && !isOwnKind,
    mutates: builtin.mutates,
    isWhole: !entryMethods.has(name),
  };
}
