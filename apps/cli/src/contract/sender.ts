import { fromHex, type Hex, toHex, toQuantity } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import {
  encodeTransaction,
  parseAddress,
  publicKeyToAddress,
  signTransaction,
} from '@lucerna/protocol';
import { cliErrors } from '../errors.ts';
import { fieldOf, hexAnswer, invalidAnswer, quantityAnswer, type RpcClient } from './rpc-client.ts';

/** Who sends: a private key, or an account that the node signs for. */
export type SenderOptions = {
  /** 0x and 64 digits. */
  readonly privateKey: string | undefined;
  /** Default: the node's first account. */
  readonly from: string | undefined;
};

/** A message call, or a deployment when `to` is null. */
export type Message = {
  readonly to: Uint8Array | null;
  readonly data: Uint8Array;
  /** Wei. */
  readonly value: bigint;
  /** Undefined: as much as is needed. */
  readonly gas: bigint | undefined;
};

/** An account that can send transactions. */
export type Sender = {
  readonly address: Hex;
  /** Sends a transaction; its hash. @throws as {@link RpcClient} */
  readonly send: (message: Message & { readonly gas: bigint }) => Promise<Hex>;
};

/**
 * The account that is to send. A private key never leaves this process.
 *
 * @throws `KEY_INVALID`, `SENDER_MISSING`, `ADDRESS_INVALID`, `ADDRESS_CHECKSUM`
 */
export async function openSender(rpc: RpcClient, options: SenderOptions): Promise<Sender> {
  if (options.privateKey !== undefined) return signingSender(rpc, fromHex(options.privateKey));
  const address =
    options.from === undefined ? await firstAccount(rpc) : toHex(parseAddress(options.from));
  if (address === undefined) throw cliErrors.create('SENDER_MISSING', rpc.url);
  return {
    address,
    send: async (message): Promise<Hex> => {
      const hash = await rpc.request('eth_sendTransaction', [requestOf(address, message)]);
      return hexAnswer('eth_sendTransaction', hash);
    },
  };
}

/** Who a simulated call comes from: as {@link openSender}, or nobody on a node without accounts. */
export async function callerOf(rpc: RpcClient, options: SenderOptions): Promise<Hex | undefined> {
  const isNamed = options.privateKey !== undefined || options.from !== undefined;
  return isNamed ? (await openSender(rpc, options)).address : firstAccount(rpc);
}

/** A message as the parameter of eth_call, eth_estimateGas and eth_sendTransaction. */
export function requestOf(
  from: Hex | undefined,
  { to, data, value, gas }: Message,
): Readonly<Record<string, Hex>> {
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === null ? {} : { to: toHex(to) }),
    data: toHex(data),
    value: toQuantity(value),
    ...(gas === undefined ? {} : { gas: toQuantity(gas) }),
  };
}

/** The first account that a node signs for. @throws as {@link RpcClient} */
export async function firstAccount(rpc: RpcClient): Promise<Hex | undefined> {
  const accounts = await rpc.request('eth_accounts', []);
  if (!Array.isArray(accounts)) throw invalidAnswer('eth_accounts did not answer a list');
  const [first] = accounts;
  if (first === undefined) return undefined;
  const address = hexAnswer('eth_accounts', first);
  if (fromHex(address).length === 20) return address;
  throw invalidAnswer('eth_accounts did not answer addresses');
}

/** The nonce behind all that an account has sent. @throws as {@link RpcClient} */
export async function nextNonce(rpc: RpcClient, address: Hex): Promise<bigint> {
  const method = 'eth_getTransactionCount';
  return quantityAnswer(method, await rpc.request(method, [address, 'pending']), 64);
}

function signingSender(rpc: RpcClient, privateKey: Uint8Array): Sender {
  const address = toHex(publicKeyToAddress(pureSignatureEngine.publicKey(privateKey)));
  return {
    address,
    send: async ({ to, data, value, gas }): Promise<Hex> => {
      const transaction = {
        type: 2,
        chainId: await quantity(rpc, 'eth_chainId'),
        nonce: await nextNonce(rpc, address),
        ...(await feeCaps(rpc)),
        gasLimit: gas,
        to,
        value,
        data,
        accessList: [],
      } as const;
      const signed = signTransaction(transaction, privateKey, pureSignatureEngine);
      const raw = toHex(encodeTransaction(signed));
      return hexAnswer(
        'eth_sendRawTransaction',
        await rpc.request('eth_sendRawTransaction', [raw]),
      );
    },
  };
}

/** What is paid for a unit of gas at most, in wei. */
export type FeeCaps = { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

/** The most that a transaction can offer for a unit of gas, in wei. */
export const MAX_FEE_PER_GAS: bigint = 2n ** 256n - 1n;

/** Caps that hold while the base fee doubles, which takes six full blocks: what wallets do. */
export async function feeCaps(rpc: RpcClient): Promise<FeeCaps> {
  const maxPriorityFeePerGas = await quantity(rpc, 'eth_maxPriorityFeePerGas');
  const method = 'eth_getBlockByNumber';
  const block = await rpc.request(method, ['latest', false]);
  const baseFee = quantityAnswer(method, fieldOf(method, block, 'baseFeePerGas'));
  const maxFeePerGas = 2n * baseFee + maxPriorityFeePerGas;
  if (maxFeePerGas > MAX_FEE_PER_GAS) throw invalidAnswer('it asks for more than there can be');
  return { maxFeePerGas, maxPriorityFeePerGas };
}

/** The number that a method answers. @throws as {@link RpcClient} */
export async function quantity(
  rpc: RpcClient,
  method: string,
  ...params: readonly string[]
): Promise<bigint> {
  return quantityAnswer(method, await rpc.request(method, params));
}
