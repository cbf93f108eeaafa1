import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileContract } from '@lucerna/sdk';
import {
  type Abi,
  type Address,
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  keccak256,
  pad,
  parseAbi,
  toHex,
} from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { Connection, prepareRequest } from './connection.ts';
import type { RunningNode } from './nodes.ts';

const MNEMONIC = 'test test test test test test test test test test test junk';
const CHAIN_ID = 31_337;
const GWEI = 10n ** 9n;
const SUPPLY = 10n ** 24n;

/** Where anvil's token is put. */
const EVM_TOKEN: Address = '0x00000000000000000000000000000000000c0de1';

/**
 * `balanceOf(address)` of a token that keeps balances in its first mapping, as a compiler of the EVM
 * makes it: selector, hash of holder and slot, one read, the answer.
 */
const EVM_TOKEN_CODE: Hex =
  '0x60003560e01c6370a0823114601357600080fd5b600435600052600060205260406000205460005260206000f3';

/** An account that both nodes have unlocked and funded. */
export function devAddress(index: number): Address {
  return mnemonicToAccount(MNEMONIC, { addressIndex: index }).address;
}

/** Signed transfers of one account with the nonces from `first` on. */
export async function signTransfers(first: number, count: number): Promise<readonly Hex[]> {
  const account = mnemonicToAccount(MNEMONIC, { addressIndex: 0 });
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      account.signTransaction({
        type: 'eip1559',
        chainId: CHAIN_ID,
        nonce: first + index,
        to: devAddress(1),
        value: 1n,
        gas: 21_000n,
        maxFeePerGas: 100n * GWEI,
        maxPriorityFeePerGas: GWEI,
      }),
    ),
  );
}

/** Puts `raws` into one block. */
export async function mineTogether(node: RunningNode, raws: readonly Hex[]): Promise<void> {
  const connection = await Connection.open(node.endpoint);
  await connection.call('evm_setAutomine', false);
  for (const raw of raws) await connection.call('eth_sendRawTransaction', raw);
  await connection.call('evm_mine');
  await connection.call('evm_setAutomine', true);
  const { transactions } = await connection.call<{ readonly transactions: readonly unknown[] }>(
    'eth_getBlockByNumber',
    'latest',
    false,
  );
  connection.close();
  if (transactions.length !== raws.length) throw new Error('the block has other transactions');
}

/** `eth_call` parameters that ask a token for the balance of its only holder. */
export function balanceOfCall(token: Address): readonly unknown[] {
  const abi = parseAbi(['function balanceOf(address) view returns (uint256)']);
  const data = encodeFunctionData({ abi, args: [devAddress(0)] });
  return [{ to: token, data }, 'latest'];
}

/** Deploys the quickstart's token. */
export async function deployToken(node: RunningNode): Promise<Address> {
  const file = new URL('../../../../examples/quickstart/token.zx', import.meta.url);
  const sourceName = fileURLToPath(file);
  const { abi, bytecode } = compileContract(readFileSync(file, 'utf8'), { sourceName });
  const data = encodeDeployData({ abi: abi as Abi, bytecode, args: [SUPPLY] });
  const connection = await Connection.open(node.endpoint);
  const transaction = { from: devAddress(0), data };
  const hash = await connection.call<Hex>('eth_sendTransaction', transaction);
  const receipt = await connection.call<{ readonly contractAddress: Address }>(
    'eth_getTransactionReceipt',
    hash,
  );
  connection.close();
  return receipt.contractAddress;
}

/** Puts the same kind of token on anvil. */
export async function placeEvmToken(node: RunningNode): Promise<Address> {
  const holder = encodeAbiParameters(
    [{ type: 'address' }, { type: 'uint256' }],
    [devAddress(0), 0n],
  );
  const supply = pad(toHex(SUPPLY));
  const connection = await Connection.open(node.endpoint);
  await connection.exchange(prepareRequest('anvil_setCode', [EVM_TOKEN, EVM_TOKEN_CODE]));
  await connection.call('anvil_setStorageAt', EVM_TOKEN, keccak256(holder), supply);
  connection.close();
  return EVM_TOKEN;
}
