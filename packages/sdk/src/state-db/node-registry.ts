import { assert, bytesToBigInt, concatBytes, fixedBytes, fromHex, toHex } from '@lucerna/base';
import type { StateReader } from '@lucerna/state';
import {
  Address,
  type ContainerAction,
  decodeContainer,
  lowerContainer,
  type Program,
  readVariable,
  selectorOf,
} from '@lucerna/zexus';
import { compileContract } from '../compile.ts';
import { sdkErrors } from '../errors.ts';
import { NODE_REGISTRY_SOURCE } from './node-registry.zx.ts';

/** What kind of node an account is. */
export type NodeType = 'light' | 'full' | 'super';

/** What the registry says of an account. */
export type NodeStatus = {
  /** Undefined: the account is no node. */
  readonly nodeType: NodeType | undefined;
  /** What it gave when it was activated. */
  readonly stake: bigint;
  /** 0 for what is no node, 100 for a new one. */
  readonly reputation: number;
};

/** In the order of the numbers that stand for them, from 1 on. */
const NODE_TYPES: readonly NodeType[] = ['light', 'full', 'super'];

/** Where the registry is: an address that no key and no contract of the chain leads to. */
export const NODE_REGISTRY_ADDRESS: Uint8Array = fromHex(
  '0x0000000000000000000000000000006e6f646573',
);

type Registry = {
  readonly code: Uint8Array;
  readonly program: Program;
  /** Of the action `activate`. */
  readonly selector: Uint8Array;
};

let compiled: Registry | undefined;

/** The registry, compiled when it is first needed: that takes some milliseconds. */
function registry(): Registry {
  if (compiled !== undefined) return compiled;
  const options = { sourceName: 'node-registry.zx', sourceMap: false };
  const code = fromHex(compileContract(NODE_REGISTRY_SOURCE, options).bytecode);
  const container = decodeContainer(code);
  const activate = container.actions.find(({ name }: ContainerAction) => name === 'activate');
  const selector = activate === undefined ? undefined : selectorOf(activate);
  assert(selector !== undefined, 'the registry activates nodes');
  compiled = { code, program: lowerContainer(container), selector };
  return compiled;
}

/** What the genesis of a StateDB has at {@link NODE_REGISTRY_ADDRESS}. */
export function nodeRegistryCode(): Uint8Array {
  return registry().code;
}

/** Calldata that make the sender a node. @throws `NODE_TYPE_UNKNOWN` */
export function activationCall(nodeType: string): Uint8Array {
  const number = NODE_TYPES.indexOf(nodeType as NodeType) + 1;
  if (number === 0) {
    throw sdkErrors.create('NODE_TYPE_UNKNOWN', JSON.stringify(nodeType), { nodeType });
  }
  return concatBytes(registry().selector, fixedBytes(BigInt(number), 32));
}

/** Which type calldata of {@link activationCall} ask for; undefined for others. */
export function activationOf(data: Uint8Array): NodeType | undefined {
  const { selector } = registry();
  if (data.length !== selector.length + 32) return undefined;
  if (toHex(data.subarray(0, selector.length)) !== toHex(selector)) return undefined;
  return NODE_TYPES[Number(bytesToBigInt(data.subarray(selector.length))) - 1];
}

/** What the state says of an account, as `readVariable` reads contracts. */
export function nodeStatusOf(state: Pick<StateReader, 'storage'>, account: Uint8Array): NodeStatus {
  const load = (slot: Uint8Array): Uint8Array => state.storage(NODE_REGISTRY_ADDRESS, slot);
  const read = (variable: string): bigint => {
    const value = readVariable(registry().program, variable, [new Address(account)], load);
    assert(typeof value === 'number' || typeof value === 'bigint', 'the registry keeps integers');
    return BigInt(value);
  };
  return {
    nodeType: NODE_TYPES[Number(read('node_types')) - 1],
    stake: read('stakes'),
    reputation: Number(read('reputations')),
  };
}
