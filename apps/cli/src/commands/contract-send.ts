import { concatBytes } from '@lucerna/base';
import { parseAddress } from '@lucerna/protocol';
import { contractAbi } from '@lucerna/zexus';
import { encodeArguments } from '../contract/abi-arguments.ts';
import { encodeCall, findAction, requirePayable } from '../contract/action.ts';
import { calledContract, type LoadedContract, loadContract } from '../contract/load-contract.ts';
import { sendAndReport } from '../contract/outcome.ts';
import { connectRpc, withErrorsOf } from '../contract/rpc-client.ts';
import { openSender } from '../contract/sender.ts';
import type { CalledOptions, DeployOptions, TransactionOptions } from './contract-options.ts';

/** `lucerna contract deploy`. */
export async function runDeploy(
  file: string,
  texts: readonly string[],
  options: DeployOptions,
): Promise<void> {
  const json = options.json ?? false;
  const loaded = await loadContract(file, {
    contract: options.contract,
    json,
    cache: options.cache,
  });
  const abi = contractAbi(loaded.container);
  const value = options.value ?? 0n;
  const args = constructorArguments(loaded, texts, value);
  const rpc = withErrorsOf(connectRpc(options.rpc), abi);
  const sender = await openSender(rpc, { privateKey: options.privateKey, from: options.from });
  const message = { to: null, data: concatBytes(loaded.code, args), value, gas: options.gas };
  await sendAndReport(rpc, sender, message, abi, { json, timeoutMs: options.timeout });
}

/** `lucerna contract call`. */
export async function runCall(
  addressText: string,
  name: string,
  texts: readonly string[],
  options: TransactionOptions & CalledOptions,
): Promise<void> {
  const to = parseAddress(addressText);
  const rpc = connectRpc(options.rpc);
  const { container } = await calledContract(rpc, addressText, options);
  const exported = findAction(container, name, texts.length);
  const value = options.value ?? 0n;
  requirePayable(name, exported.item.stateMutability, value);
  const data = encodeCall(exported, texts);
  const sender = await openSender(rpc, { privateKey: options.privateKey, from: options.from });
  const abi = contractAbi(container);
  const message = { to, data, value, gas: options.gas };
  await sendAndReport(withErrorsOf(rpc, abi), sender, message, abi, {
    json: options.json ?? false,
    timeoutMs: options.timeout,
  });
}

/** What follows the container: arguments as given, or those that deployment data brought along. */
function constructorArguments(
  { container, constructorArguments: embedded }: LoadedContract,
  texts: readonly string[],
  value: bigint,
): Uint8Array {
  const item = contractAbi(container).find(({ type }) => type === 'constructor');
  const declared = item?.type === 'constructor' ? item : undefined;
  requirePayable('the constructor', declared?.stateMutability ?? 'nonpayable', value);
  if (embedded.length > 0 && texts.length === 0) return embedded;
  const init = container.init === undefined ? undefined : container.actions[container.init];
  return encodeArguments(container.name, init?.parameters ?? [], texts);
}
