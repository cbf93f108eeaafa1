import { toHex } from '@lucerna/base';
import { abiValueToJson, decodeAbi, parameterType, parseAddress } from '@lucerna/protocol';
import { type AbiField, contractAbi } from '@lucerna/zexus';
import { encodeCall, findAction, requirePayable } from '../contract/action.ts';
import { calledContract, loadContract } from '../contract/load-contract.ts';
import { printable } from '../contract/printable.ts';
import { bytesAnswer, connectRpc, withErrorsOf } from '../contract/rpc-client.ts';
import { callerOf, requestOf } from '../contract/sender.ts';
import { isUntyped, untypedToJson, untypedToText } from '../contract/untyped-values.ts';
import { valueText } from '../contract/value-text.ts';
import { writeResult } from '../output.ts';
import type { CalledOptions, ConnectionOptions, EncodeOptions } from './contract-options.ts';

/** `lucerna contract query`. */
export async function runQuery(
  addressText: string,
  name: string,
  texts: readonly string[],
  options: ConnectionOptions & CalledOptions,
): Promise<void> {
  const to = parseAddress(addressText);
  const rpc = connectRpc(options.rpc);
  const { container } = await calledContract(rpc, addressText, options);
  const exported = findAction(container, name, texts.length);
  const value = options.value ?? 0n;
  requirePayable(name, exported.item.stateMutability, value);
  const data = encodeCall(exported, texts);
  const from = await callerOf(rpc, { privateKey: options.privateKey, from: options.from });
  const request = requestOf(from, { to, data, value, gas: options.gas });
  const named = withErrorsOf(rpc, contractAbi(container));
  const answer = bytesAnswer('eth_call', await named.request('eth_call', [request, 'latest']));
  writeResult(formatResult(exported.action.result, answer, options.json ?? false));
}

/** `lucerna contract encode`. */
export async function runEncode(
  input: string,
  name: string,
  texts: readonly string[],
  { contract, rpc, cache }: EncodeOptions,
): Promise<void> {
  const { container } = await loadContract(input, { contract, json: false, rpc, cache });
  writeResult(toHex(encodeCall(findAction(container, name, texts.length), texts)));
}

/** The result of a call; nothing, or null in JSON, for an action that returns none. */
function formatResult(output: AbiField | undefined, data: Uint8Array, json: boolean): string {
  if (output === undefined) return json ? JSON.stringify({ type: null, result: null }) : '';
  const type = parameterType(output);
  const [value = ''] = decodeAbi([type], data);
  if (isUntyped(output)) {
    if (!json) return untypedToText(output, value);
    return JSON.stringify({ type: type.text, result: untypedToJson(output, value) });
  }
  if (json) return JSON.stringify({ type: type.text, result: abiValueToJson(type, value) });
  // Text alone needs no quotes; what a terminal would obey is replaced, --json has all of it.
  return typeof value === 'string' ? printable(value) : valueText(type, value);
}
