import { concatBytes, fromHex, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { NATIVE_ADDRESSES, nativeCode } from '@lucerna/protocol';
import type { Account, StateReader } from '@lucerna/state';
import { type Abi, decodeFunctionResult, encodeFunctionData, type Hex, parseAbi } from 'viem';
import { stateOf } from './support.ts';

/** All of the published contract, from its source. */
export const MULTICALL_ABI: Abi = parseAbi([
  'struct Call { address target; bytes callData; }',
  'struct Call3 { address target; bool allowFailure; bytes callData; }',
  'struct Call3Value { address target; bool allowFailure; uint256 value; bytes callData; }',
  'struct Result { bool success; bytes returnData; }',
  'function aggregate(Call[] calls) payable returns (uint256 blockNumber, bytes[] returnData)',
  'function tryAggregate(bool requireSuccess, Call[] calls) payable returns (Result[] returnData)',
  'function tryBlockAndAggregate(bool requireSuccess, Call[] calls) payable returns (uint256 blockNumber, bytes32 blockHash, Result[] returnData)',
  'function blockAndAggregate(Call[] calls) payable returns (uint256 blockNumber, bytes32 blockHash, Result[] returnData)',
  'function aggregate3(Call3[] calls) payable returns (Result[] returnData)',
  'function aggregate3Value(Call3Value[] calls) payable returns (Result[] returnData)',
  'function getBlockHash(uint256 blockNumber) view returns (bytes32 blockHash)',
  'function getBlockNumber() view returns (uint256 blockNumber)',
  'function getCurrentBlockCoinbase() view returns (address coinbase)',
  'function getCurrentBlockDifficulty() view returns (uint256 difficulty)',
  'function getCurrentBlockGasLimit() view returns (uint256 gaslimit)',
  'function getCurrentBlockTimestamp() view returns (uint256 timestamp)',
  'function getEthBalance(address addr) view returns (uint256 balance)',
  'function getLastBlockHash() view returns (bytes32 blockHash)',
  'function getBasefee() view returns (uint256 basefee)',
  'function getChainId() view returns (uint256 chainid)',
]);

export const MULTICALL: Uint8Array = NATIVE_ADDRESSES.multicall3;
export const FACTORY: Uint8Array = NATIVE_ADDRESSES['create2-factory'];

/** Calldata of a function of Multicall3, as viem encodes it. */
export function multicallData(functionName: string, ...args: readonly unknown[]): Uint8Array {
  return fromHex(encodeFunctionData({ abi: MULTICALL_ABI, functionName, args }));
}

/** What a function of Multicall3 has returned, as viem reads it. */
export function multicallResult(functionName: string, returnData: Uint8Array): unknown {
  return decodeFunctionResult({ abi: MULTICALL_ABI, functionName, data: toHex(returnData) });
}

/** An entry of `aggregate3`. */
export function call3(
  target: Uint8Array,
  callData: Uint8Array,
  allowFailure = false,
): { readonly target: Hex; readonly allowFailure: boolean; readonly callData: Hex } {
  return { target: toHex(target), allowFailure, callData: toHex(callData) };
}

/** An entry of `aggregate3Value`. */
export function call3Value(
  target: Uint8Array,
  value: bigint,
  callData: Uint8Array,
  allowFailure = false,
): { readonly value: bigint } & ReturnType<typeof call3> {
  return { ...call3(target, callData, allowFailure), value };
}

/** A state with both native contracts and these accounts. */
export function nativeState(
  accounts: readonly (readonly [Uint8Array, Partial<Account>])[],
  codes: readonly Uint8Array[] = [],
): StateReader {
  const natives = (['multicall3', 'create2-factory'] as const).map((name) => nativeCode(name));
  const [multicall, factory] = natives.map((code) => ({ nonce: 1n, codeHash: keccak256(code) }));
  return stateOf(
    [[MULTICALL, multicall ?? {}], [FACTORY, factory ?? {}], ...accounts],
    [...natives, ...codes],
  );
}

/** Calldata of the CREATE2 factory. */
export function factoryData(salt: Uint8Array, initData: Uint8Array): Uint8Array {
  return concatBytes(salt, initData);
}
