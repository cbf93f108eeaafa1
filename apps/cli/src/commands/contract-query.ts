import {
  type AbiParameter,
  abiValueToJson,
  decodeAbi,
  parameterType,
  parseAddress,
} from '@lucerna/protocol';
import { encodeCall, findAction, requirePayable } from '../contract/action.ts';
import { contractAt } from '../contract/load-contract.ts';
import { printable } from '../contract/printable.ts';
import { bytesAnswer, connectRpc } from '../contract/rpc-client.ts';
import { callerOf, requestOf } from '../contract/sender.ts';
import { valueText } from '../contract/value-text.ts';
import { writeResult } from '../output.ts';
import type { ConnectionOptions } from './contract-options.ts';

/** `lucerna contract query`. */
export async function runQuery(
  addressText: string,
  name: string,
  texts: readonly string[],
  options: ConnectionOptions,
): Promise<void> {
  const to = parseAddress(addressText);
  const rpc = connectRpc(options.rpc);
  const { container } = await contractAt(rpc, addressText);
  const exported = findAction(container, name);
  const value = options.value ?? 0n;
  requirePayable(name, exported.item.stateMutability, value);
  const data = encodeCall(exported, texts);
  const from = await callerOf(rpc, { privateKey: options.privateKey, from: options.from });
  const request = requestOf(from, { to, data, value, gas: options.gas });
  const answer = bytesAnswer('eth_call', await rpc.request('eth_call', [request, 'latest']));
  writeResult(formatResult(exported.item.outputs, answer, options.json ?? false));
}

/** The result of a call; nothing, or null in JSON, for an action that returns none. */
function formatResult(outputs: readonly AbiParameter[], data: Uint8Array, json: boolean): string {
  const [output] = outputs;
  if (output === undefined) return json ? JSON.stringify({ type: null, result: null }) : '';
  const type = parameterType(output);
  const [value = ''] = decodeAbi([type], data);
  if (json) return JSON.stringify({ type: type.text, result: abiValueToJson(type, value) });
  // Text alone needs no quotes; what a terminal would obey is replaced, --json has all of it.
  return typeof value === 'string' ? printable(value) : valueText(type, value);
}
