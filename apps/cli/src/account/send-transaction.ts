import { equalBytes, fromHex, type Hex, isLucernaError, toHex, toQuantity } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { encodeTransaction, signTransaction, transactionHash } from '@lucerna/protocol';
import { hexAnswer, invalidAnswer, type RpcClient } from '../contract/rpc-client.ts';
import { type FeeCaps, requestOf } from '../contract/sender.ts';
import { cliErrors } from '../errors.ts';

const HASH_BYTES = 32;

/** A transfer with all that is signed of it but the chain and the nonce. */
type Transfer = FeeCaps & {
  readonly to: Uint8Array;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly gasLimit: bigint;
};

/**
 * Signs a transaction here and sends it.
 *
 * @returns its hash
 * @throws `NODE_REFUSED`, and then it was not sent; `SEND_UNCERTAIN` with the field `transactionHash`
 */
export async function sendSigned(
  rpc: RpcClient,
  plan: Transfer & { readonly chainId: bigint; readonly nonce: bigint },
  privateKey: Uint8Array,
): Promise<Hex> {
  const { chainId, nonce, maxFeePerGas, maxPriorityFeePerGas, gasLimit, to, value, data } = plan;
  const fees = { maxFeePerGas, maxPriorityFeePerGas };
  const signed = signTransaction(
    { type: 2, chainId, nonce, ...fees, gasLimit, to, value, data, accessList: [] },
    privateKey,
    pureSignatureEngine,
  );
  const raw = encodeTransaction(signed);
  const hash = transactionHash(raw);
  const answer = await send(rpc, 'eth_sendRawTransaction', toHex(raw), toHex(hash));
  if (equalBytes(fromHex(answer), hash)) return answer;
  throw uncertain(invalidAnswer(`the node calls the transaction ${answer}`), toHex(hash));
}

/**
 * Has a node sign and send from an account of its own.
 *
 * @param nonce undefined: the next one, which the node knows best
 * @returns the hash
 * @throws `NODE_REFUSED`, and then it was not sent; `SEND_UNCERTAIN`
 */
export async function sendUnlocked(
  rpc: RpcClient,
  plan: Transfer & { readonly from: Uint8Array },
  nonce: bigint | undefined,
): Promise<Hex> {
  const { from, to, value, data, gasLimit } = plan;
  const request = {
    ...requestOf(toHex(from), { to, value, data, gas: gasLimit }),
    maxFeePerGas: toQuantity(plan.maxFeePerGas),
    maxPriorityFeePerGas: toQuantity(plan.maxPriorityFeePerGas),
    ...(nonce === undefined ? {} : { nonce: toQuantity(nonce) }),
  };
  return send(rpc, 'eth_sendTransaction', request, undefined);
}

async function send(
  rpc: RpcClient,
  method: string,
  param: unknown,
  transactionHash: Hex | undefined,
): Promise<Hex> {
  try {
    const hash = hexAnswer(method, await rpc.request(method, [param]));
    if (fromHex(hash).length === HASH_BYTES) return hash;
    throw invalidAnswer(`${method} did not answer a hash`);
  } catch (error) {
    if (isLucernaError(error, 'NODE_REFUSED', 'CONTRACT_REVERTED')) throw error;
    throw isLucernaError(error) ? uncertain(error, transactionHash) : error;
  }
}

/** The node may have it all the same. */
function uncertain(cause: Error, transactionHash: Hex | undefined): Error {
  const known = transactionHash === undefined ? '' : `${transactionHash}: `;
  const fields = { transactionHash };
  return cliErrors.create('SEND_UNCERTAIN', `${known}${cause.message}`, fields, cause);
}
