import type { Span } from '../syntax/source.ts';
import type { BuiltinSignature, ResultRelation } from './builtin-signatures.ts';
import { scalarOfAbiType } from './declared-types.ts';
import { checkLiteralRange } from './literal-range.ts';
import { METHOD_SIGNATURES, methodSignature, receiverOf } from './method-signatures.ts';
import { isPrelude } from './prelude.ts';
import { didYouMean } from './similar-names.ts';
import type {
  Action,
  ActionCallExpression,
  ContractCallExpression,
  Expression,
  FunctionExpression,
  MethodCall,
  ProtocolAction,
} from './tree.ts';
import type { TypeFlow } from './typer-flow.ts';
import { typeCaptures, typeLibraryCall } from './typer-library.ts';
import { mergeTypes } from './typer-operators.ts';
import { entriesOf, isStatePlace, readType, typesOf } from './typer-places.ts';
import { placeName, typeKey } from './typer-values.ts';
import {
  describeType,
  isBytes,
  isCompatible,
  isContract,
  isEntity,
  isIntegral,
  type StaticType,
  typeName,
  unknownType,
} from './types.ts';

type Kinds = readonly StaticType[] | undefined;

/** What typing needs to know of a builtin or of a method, whose value before the dot is its first argument. */
type Signature = Pick<BuiltinSignature, 'name' | 'optional' | 'parameters' | 'result' | 'resultOf'>;

/** Which arguments of a builtin are a key of its first argument, or a value that is put into it. */
const ENTRY_ARGUMENTS: ReadonlyMap<string, { readonly key?: number; readonly value?: number }> =
  new Map([
    ['push', { value: 1 }],
    ['insert', { value: 2 }],
    ['set', { key: 1, value: 2 }],
    ['get', { key: 1 }],
    ['has', { key: 1 }],
    ['remove', { key: 1 }],
  ]);

/** Builtins that look for their second argument in the first. */
const SEARCHES: ReadonlySet<string> = new Set(['contains', 'index_of']);

export function typeBuiltin(
  flow: TypeFlow,
  { builtin, arguments: values }: Extract<Expression, { kind: 'builtin' }>,
): StaticType {
  return typeSignature(flow, builtin, values, 0);
}

/** @param typed how many of the first arguments have been looked at */
function typeSignature(
  flow: TypeFlow,
  signature: Signature,
  values: readonly Expression[],
  typed: number,
): StaticType {
  const { name, parameters, optional } = signature;
  const entryArguments = ENTRY_ARGUMENTS.get(name);
  const [first] = values;
  const entries = first && typesOf(first)?.entries;
  const isState = first !== undefined && isStatePlace(first);
  const types: StaticType[] = [];
  for (const [position, value] of values.entries()) {
    const kinds = parameters[position];
    if (position < typed) {
      types.push('unknown');
    } else if (entries !== undefined && position === entryArguments?.key) {
      typeKey(flow, value, entries.key, placeName(first ?? value));
      types.push('unknown');
    } else if (entries !== undefined && position === entryArguments?.value) {
      flow.flow(value, entries.value, `an entry of ${placeName(first ?? value)}`, {
        isState,
        mayBeNull: !isState,
      });
      types.push('unknown');
    } else if (entries !== undefined && position === 1 && SEARCHES.has(name)) {
      // What is looked for is like what is there; if it is not, it is not found.
      const inside = first && typesOf(first)?.type === 'map' ? entries.key : entries.value;
      types.push(flow.typeOf(value, readType(inside, isState)));
    } else {
      const isRequired = position < parameters.length - optional;
      types.push(typeArgument(flow, name, kinds, value, isRequired));
    }
  }
  return resultType(signature, values, types);
}

/** An argument that may be of several kinds; a single one is also what an unknown value is taken for. */
function typeArgument(
  flow: TypeFlow,
  name: string,
  kinds: Kinds,
  value: Expression,
  isRequired: boolean,
): StaticType {
  const type = flow.typeOf(value, expectedOf(kinds, value));
  if (kinds === undefined) return type;
  if (type === 'null' ? !isRequired : kinds.some((kind) => isCompatible(type, kind))) {
    const only = kinds.length === 1 ? kinds[0] : undefined;
    if (only === 'integer' || only === 'signed') {
      const problem = checkLiteralRange(value, { ...unknownType(), type: only });
      if (problem !== undefined) flow.report('LITERAL_RANGE', value.span, `${name} ${problem}`);
    }
    return type;
  }
  const wanted = kinds.map((kind) => describeType(kind)).join(' or ');
  const message = `${name} takes ${wanted}, and this is ${describeType(type)}`;
  flow.report('TYPE_MISMATCH', value.span, message);
  return type;
}

/** Hex literals with 40 digits are bytes where a builtin takes bytes; other arguments are left open. */
function expectedOf(kinds: Kinds, value: Expression): StaticType {
  if (kinds === undefined) return 'unknown';
  if (kinds.every(isIntegral)) return 'integer';
  if (kinds.length === 1) return kinds[0] ?? 'unknown';
  return value.kind === 'hex' && kinds.includes('bytes') && !kinds.includes('address')
    ? 'bytes'
    : 'unknown';
}

function resultType(
  { result, resultOf }: Signature,
  values: readonly Expression[],
  types: readonly StaticType[],
): StaticType {
  const [first] = values;
  const relation: ResultRelation | undefined = resultOf;
  if (relation === undefined || first === undefined) return result;
  const variable = typesOf(first);
  switch (relation) {
    case 'receiver': {
      const type = variable === undefined ? (types[0] ?? 'unknown') : readType(variable, true);
      if (result !== 'unknown') return result;
      if (isBytes(type)) return 'bytes';
      return type === 'null' ? 'unknown' : type;
    }
    case 'entry': {
      const entry = entriesOf(first)?.value;
      // A value that stands for a missing entry may be of another type.
      return entry === undefined ? result : mergeTypes(readType(entry, true), types[2] ?? 'null');
    }
    case 'arguments':
      return types.includes('signed') ? 'signed' : result;
    default:
      return result;
  }
}

/** What a call's arguments have to be; its result, where more is known of it than its action says. */
export function typeActionCall(flow: TypeFlow, call: ActionCallExpression): StaticType | undefined {
  const { action, arguments: values } = call;
  const f = values[1];
  if (f?.kind === 'function' && isPrelude(action.source)) return typeLibraryCall(flow, call, f);
  typeArguments(flow, action, values, 0);
  return undefined;
}

/** @param bound how many of the first parameters are given before the dot */
function typeArguments(
  flow: TypeFlow,
  { parameters, isExported, isInit }: Action,
  values: readonly Expression[],
  bound: number,
): void {
  for (const [position, value] of values.entries()) {
    const parameter = parameters[position + bound];
    if (parameter === undefined) {
      flow.typeOf(value);
      continue;
    }
    // What callers from outside send is what the ABI says, whatever others give.
    const opens = !isExported && !isInit;
    flow.flow(value, parameter.types, `the parameter ${parameter.name}`, { opens });
  }
}

export function typeActionResult(
  flow: TypeFlow,
  call: ActionCallExpression,
  expected: StaticType,
): StaticType {
  const type = typeActionCall(flow, call);
  if (type !== undefined) return type;
  return resultOf(flow, call.action, call.span, expected);
}

function resultOf(
  flow: TypeFlow,
  { name, result, returnsValue }: Action,
  span: Span,
  expected: StaticType,
): StaticType {
  if (!returnsValue) {
    flow.report('NO_RESULT', span, `${name} returns nothing`, {
      hint: `write return with a value in ${name}, or call it as a statement`,
    });
    return 'unknown';
  }
  flow.suggestFor(result, expected);
  return readType(result, false);
}

/**
 * `object.name(…)`: a method of the value, an action of an entity, or a call of another contract; when the
 * types are final, says which in the tree.
 */
export function typeMethodCall(
  flow: TypeFlow,
  call: MethodCall,
  isUsed: boolean,
  expected: StaticType = 'unknown',
): StaticType {
  const type = flow.typeOf(call.object);
  if (call.value !== undefined) typeArgument(flow, 'value', ['integer'], call.value, true);
  if (call.gas !== undefined) typeArgument(flow, 'gas', ['integer'], call.gas, true);
  if (isContract(type)) return typePromised(flow, call, typeName(type), isUsed);
  const action = targetAction(flow, call, type);
  if (action !== undefined) {
    typeArguments(flow, action, call.arguments, 1);
    if (flow.sink !== undefined) call.target = action;
    checkCount(flow, call, action.parameters.length - 1);
    return isUsed ? resultOf(flow, action, call.span, expected) : 'unknown';
  }
  if (type === 'unknown' || type === 'address') {
    for (const value of call.arguments) flow.typeOf(value);
    return 'unknown';
  }
  return typeMethod(flow, call, type);
}

/** The action of an entity, or one of the compiler's own that stands for a method. */
function targetAction(
  flow: TypeFlow,
  { target, name }: MethodCall,
  type: StaticType,
): Action | undefined {
  if (isEntity(type)) return flow.contract.entities.get(typeName(type))?.actions.get(name);
  return target !== undefined && 'body' in target ? target : undefined;
}

function typeMethod(flow: TypeFlow, call: MethodCall, type: StaticType): StaticType {
  const { object, name, nameSpan, arguments: values, value, gas, span } = call;
  const receiver = receiverOf(type);
  const signature = receiver === undefined ? undefined : methodSignature(receiver, name);
  if (signature === undefined) {
    for (const argument of values) flow.typeOf(argument);
    flow.report('METHOD_UNKNOWN', nameSpan, `${describeType(type)} has no method ${name}`, {
      hint:
        receiver === undefined
          ? 'actions are called on an address, or on a contract of a declared protocol'
          : (didYouMean(name, METHOD_SIGNATURES.get(receiver)?.keys() ?? []) ??
            (receiver === 'map'
              ? `a function in a map is called by map["${name}"](…)`
              : undefined)),
    });
    return 'unknown';
  }
  if (value !== undefined || gas !== undefined) {
    flow.report('CALL_OPTION', span, `only calls of contracts have value and gas`);
  }
  const most = signature.parameters.length;
  checkCount(flow, call, most, most - signature.optional);
  const { parameters, optional, result, resultOf: relation } = signature;
  return typeSignature(
    flow,
    {
      name: signature.name,
      parameters: [undefined, ...parameters],
      optional,
      // What is of the kind of the value before the dot is of its type.
      result: relation === 'receiver' && isBytes(type) ? 'bytes' : result,
      resultOf: relation,
    },
    [object, ...values],
    1,
  );
}

/** A call of a contract whose protocol is known. */
function typePromised(
  flow: TypeFlow,
  call: MethodCall,
  protocolName: string,
  isUsed: boolean,
): StaticType {
  const protocol = flow.contract.protocols.get(protocolName);
  const action = protocol?.actions.get(call.name);
  if (protocol === undefined || action === undefined) {
    for (const value of call.arguments) flow.typeOf(value);
    if (protocol === undefined) return 'unknown';
    flow.report('METHOD_UNKNOWN', call.nameSpan, `${protocolName} has no action ${call.name}`, {
      hint: `its actions are ${[...protocol.actions.keys()].join(', ')}`,
    });
    return 'unknown';
  }
  if (flow.sink !== undefined) call.target = action;
  for (const [position, value] of call.arguments.entries()) {
    const parameter = action.parameters[position];
    if (parameter === undefined) flow.typeOf(value);
    else flow.flow(value, parameter.types, `the parameter ${parameter.name}`);
  }
  checkCount(flow, call, action.parameters.length);
  checkValue(flow, call, action);
  if (action.result !== undefined) return action.result.type;
  if (isUsed) {
    flow.report('NO_RESULT', call.span, `${call.name} of ${protocolName} returns nothing`, {
      hint: 'write its result in the protocol, or call it as a statement',
    });
  }
  return 'unknown';
}

function checkValue(flow: TypeFlow, { value, name }: MethodCall, action: ProtocolAction): void {
  if (value === undefined || action.isPayable) return;
  flow.report('VALUE_NOT_PAYABLE', value.span, `${name} takes no value: it is not payable`, {
    hint: 'write payable before the action in its protocol, or send no value',
  });
}

function checkCount(
  flow: TypeFlow,
  { name, arguments: { length }, span }: MethodCall,
  most: number,
  least: number = most,
): void {
  if (length >= least && length <= most) return;
  const expected = least === most ? String(most) : `${least} to ${most}`;
  const noun = most === 1 ? 'argument' : 'arguments';
  flow.report('ARGUMENT_COUNT', span, `${name} takes ${expected} ${noun}, not ${length}`);
}

/** `contract_call(…)` and the like; the types of the result are those of a signature that is written. */
export function typeContractCall(flow: TypeFlow, call: ContractCallExpression): StaticType {
  const { target, signature, arguments: values, value, gas } = call;
  typeArgument(flow, 'a call of a contract', ['address'], target, true);
  typeArgument(flow, 'the signature of a call', ['string'], signature, false);
  const isRaw = signature.kind === 'literal' && signature.value === null;
  const kinds: Kinds = isRaw ? ['bytes', 'string'] : ['list', 'bytes'];
  typeArgument(flow, 'a call of a contract', kinds, values, false);
  if (value !== undefined) typeArgument(flow, 'value', ['integer'], value, false);
  if (gas !== undefined) typeArgument(flow, 'gas', ['integer'], gas, false);
  if (isRaw) return 'bytes';
  if (signature.kind !== 'literal' || typeof signature.value !== 'string') return 'unknown';
  const [, type = ''] = /->\(?([a-z0-9]+)\)?$/.exec(signature.value) ?? [];
  return scalarOfAbiType(type) ?? 'unknown';
}

/** A call of a function as a value. */
export function typeInvoke(
  flow: TypeFlow,
  { callee, arguments: values, span }: Extract<Expression, { kind: 'invoke' }>,
): StaticType {
  const type = flow.typeOf(callee);
  for (const value of values) flow.typeOf(value);
  if (type === 'function' || type === 'unknown') return 'unknown';
  flow.report('CALL_INVALID', span, `${describeType(type)} cannot be called`);
  return 'unknown';
}

/** A function as a value: whoever calls it gives what it likes. */
export function typeFunction(flow: TypeFlow, expression: FunctionExpression): StaticType {
  typeCaptures(flow, expression);
  for (const { types } of expression.action.parameters.slice(expression.captures.length)) {
    if (!types.isDeclared) types.isOpen = true;
  }
  return 'function';
}

/** `Protocol(address)` */
export function typeCast(
  flow: TypeFlow,
  { protocol, value }: Extract<Expression, { kind: 'cast' }>,
): StaticType {
  const type = flow.typeOf(value, 'address');
  if (!isContract(type) && !isCompatible(type, 'address')) {
    const message = `${protocol.name}(…) takes an address, and this is ${describeType(type)}`;
    flow.report('TYPE_MISMATCH', value.span, message);
  }
  return `contract ${protocol.name}`;
}

/** An operation of the machine; it takes values of any kind. */
export function typeOperation(flow: TypeFlow, values: readonly Expression[]): void {
  for (const value of values) {
    const type = flow.typeOf(value);
    if (type !== 'function') continue;
    flow.report('TYPE_MISMATCH', value.span, 'a function has no bytes that it is made of');
  }
}
