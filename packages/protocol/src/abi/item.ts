import { protocolErrors } from '../errors.ts';
import { protocolLimits } from '../limits.ts';
import { type AbiEventLayout, eventLayout } from './event.ts';
import { isAbiName, selectorOfSignature, signatureText } from './signature.ts';
import { type AbiType, abiArray, abiTuple, parseAbiType } from './type.ts';

/** A parameter, a result or a component of a tuple. */
export type AbiParameter = {
  /** Empty for what has no name. */
  readonly name: string;
  /** As `parseAbiType` takes it, with `tuple` for a tuple: `uint256`, `tuple[2]`. */
  readonly type: string;
  /** Of a tuple, and there only. */
  readonly components?: readonly AbiParameter[];
};

/** What a function does with the state and with value that is sent to it. */
export type StateMutability = 'nonpayable' | 'payable' | 'pure' | 'view';

export type AbiFunction = {
  readonly type: 'function';
  readonly name: string;
  readonly inputs: readonly AbiParameter[];
  readonly outputs: readonly AbiParameter[];
  readonly stateMutability: StateMutability;
};

/** What runs at deployment. */
export type AbiConstructor = {
  readonly type: 'constructor';
  readonly inputs: readonly AbiParameter[];
  readonly stateMutability: 'nonpayable' | 'payable';
};

export type AbiEvent = {
  readonly type: 'event';
  readonly name: string;
  readonly inputs: readonly (AbiParameter & { readonly indexed: boolean })[];
  readonly anonymous: boolean;
};

/** Data of a revert that the contract declares. */
export type AbiError = {
  readonly type: 'error';
  readonly name: string;
  readonly inputs: readonly AbiParameter[];
};

/** What runs for an unknown selector. */
export type AbiFallback = {
  readonly type: 'fallback';
  readonly stateMutability: 'nonpayable' | 'payable';
};

/** What runs for value without calldata. */
export type AbiReceive = { readonly type: 'receive'; readonly stateMutability: 'payable' };

/** One entry of a contract's JSON ABI (Solidity, "JSON"): what viem, ethers and web3 take. */
export type AbiItem = AbiConstructor | AbiError | AbiEvent | AbiFallback | AbiFunction | AbiReceive;

/** The type of a parameter. @throws `ABI_ITEM_INVALID`, `ABI_TYPE_INVALID`, `ABI_TYPE_LIMIT` */
export function parameterType(parameter: AbiParameter): AbiType {
  return typeOf(parameter, 0);
}

/** The types of parameters. @throws as {@link parameterType} */
function parameterTypes(parameters: readonly AbiParameter[]): readonly AbiType[] {
  return typesOf(parameters, 0);
}

/** `transfer(address,uint256)` for the entry. @throws `ABI_ITEM_INVALID` and as {@link parameterType} */
export function itemSignature(item: AbiError | AbiEvent | AbiFunction): string {
  if (!isAbiName(item.name)) throw invalidItem(item.name, 'it cannot be called that');
  return signatureText(item.name, parameterTypes(item.inputs));
}

/** The 4 bytes with which calldata of the function or data of the error begin. @throws as {@link itemSignature} */
export function itemSelector(item: AbiError | AbiFunction): Uint8Array {
  return selectorOfSignature(itemSignature(item));
}

/** How the event is laid out in a log. @throws `ABI_EVENT_TOPICS` and as {@link itemSignature} */
export function itemEventLayout(item: AbiEvent): AbiEventLayout {
  if (!isAbiName(item.name)) throw invalidItem(item.name, 'it cannot be called that');
  const fields = item.inputs.map((input) => ({
    type: parameterType(input),
    indexed: input.indexed,
  }));
  return eventLayout(item.name, fields, item.anonymous);
}

function typesOf(parameters: readonly AbiParameter[], depth: number): readonly AbiType[] {
  if (parameters.length > protocolLimits.values.abiComponents) {
    throw protocolErrors.create('ABI_TYPE_LIMIT', `${parameters.length} parameters`);
  }
  return parameters.map((parameter) => typeOf(parameter, depth));
}

function typeOf(parameter: AbiParameter, depth: number): AbiType {
  const { components, name, type } = parameter;
  const brackets = /^tuple((?:\[[0-9]*\])*)$/.exec(type)?.[1];
  if (brackets === undefined) {
    if (components !== undefined) throw invalidItem(name, `${type} has no components`);
    return parseAbiType(type);
  }
  if (components === undefined || components.length === 0) {
    throw invalidItem(name, 'a tuple needs components');
  }
  if (depth >= protocolLimits.values.abiTypeDepth) {
    throw protocolErrors.create('ABI_TYPE_LIMIT', `${depth + 1} levels of tuples`);
  }
  const tuple = abiTuple(typesOf(components, depth + 1));
  return withBrackets(tuple, brackets);
}

/** The type with the brackets of `tuple[2][]` behind it; their own syntax is that of `bool[2][]`. */
function withBrackets(element: AbiType, brackets: string): AbiType {
  const lengths: (number | undefined)[] = [];
  for (let type = parseAbiType(`bool${brackets}`); type.kind === 'array'; type = type.element) {
    lengths.unshift(type.length);
  }
  return lengths.reduce<AbiType>((type, length) => abiArray(type, length), element);
}

function invalidItem(name: string, detail: string): ReturnType<typeof protocolErrors.create> {
  return protocolErrors.create('ABI_ITEM_INVALID', `"${name.slice(0, 80)}": ${detail}`);
}
