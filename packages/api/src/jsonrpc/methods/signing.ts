import { concatBytes, isLucernaError, toHex, toQuantity } from '@lucerna/base';
import { messageDigest } from '@lucerna/crypto';
import {
  encodeTransaction,
  type JsonObject,
  transactionHash,
  transactionToJson,
  typedDataDigest,
  type UnsignedTransaction,
} from '@lucerna/protocol';
import type { NodeApi } from '../../node-api.ts';
import { address, data } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { optional, type Param, type ParamSchema, paramError, required } from '../params.ts';
import { sendRequest, transactionRequest } from '../transaction-request.ts';
import { requireChain } from './call.ts';

const signer: Param<Uint8Array> = required('address', address, 'One of eth_accounts.');
const message: Param<Uint8Array> = required('message', data, 'The message as bytes.');
const signatureResult = { name: 'signature', summary: '65 bytes: r, s, and v of 27 or 28.' };

/** Of old wallets; the node's own keys have none. */
const password: ParamSchema<unknown> = {
  expected: 'anything',
  schema: {},
  parse: () => undefined,
};

/** Typed data as the digest that is signed. They come as an object, or as its JSON text. */
const typedData: ParamSchema<Uint8Array> = {
  expected: 'typed data: an object with types, primaryType, domain and message, or its JSON text',
  schema: {
    oneOf: [
      {
        type: 'object',
        required: ['types', 'primaryType', 'domain', 'message'],
        properties: {
          types: { type: 'object' },
          primaryType: { type: 'string' },
          domain: { type: 'object' },
          message: { type: 'object' },
        },
      },
      { type: 'string' },
    ],
  },
  parse: (value, path): Uint8Array => {
    try {
      return typedDataDigest(value);
    } catch (error) {
      if (!isLucernaError(error, 'TYPED_DATA_INVALID')) throw error;
      throw paramError(`${path}: ${error.message}`);
    }
  },
};

/** What the node does with the keys of its own accounts, except sending. */
export const signingMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_sign',
    summary: 'Signs a message as wallets do (EIP-191).',
    params: [signer, message],
    result: signatureResult,
    handler: signMessage,
  }),
  defineMethod({
    name: 'personal_sign',
    summary: 'Signs a message as wallets do (EIP-191); eth_sign with its arguments the other way.',
    params: [message, signer, optional('password', password, undefined, 'Ignored.')],
    result: signatureResult,
    handler: (node, text, account) => signMessage(node, account, text),
  }),
  defineMethod({
    name: 'eth_signTypedData_v4',
    aliases: ['eth_signTypedData'],
    summary: 'Signs typed data (EIP-712).',
    params: [signer, required('typedData', typedData, 'The data, or their JSON text.')],
    result: signatureResult,
    handler: signDigest,
  }),
  defineMethod({
    name: 'eth_signTransaction',
    summary: "Completes and signs a transaction of one of the node's accounts; nothing is sent.",
    params: [
      required('transaction', sendRequest, 'The transaction; `from` is one of eth_accounts.'),
    ],
    result: { name: 'signed', summary: 'Bytes for eth_sendRawTransaction, as anvil answers.' },
    // The specification and geth have `{raw, tx}`, which ethers, viem and alloy cannot send.
    handler: async (node, request) => {
      requireChain(node, request);
      return toHex((await node.signTransaction(request)).raw);
    },
  }),
  defineMethod({
    name: 'eth_fillTransaction',
    summary: 'A transaction with its open fields filled in: nonce, gas, fees, chain id.',
    params: [required('transaction', transactionRequest, 'The transaction.')],
    result: { name: 'filled', summary: '`tx`, unsigned: r, s and v are 0; `raw` its encoding.' },
    handler: async (node, request) => {
      requireChain(node, request);
      return formatFilled(await node.fillTransaction(request), request.from);
    },
  }),
];

function signMessage(node: NodeApi, account: Uint8Array, text: Uint8Array): string {
  return signDigest(node, account, messageDigest(text));
}

function signDigest(node: NodeApi, account: Uint8Array, digest: Uint8Array): string {
  const { bytes, recovery } = node.signDigest(account, digest);
  return toHex(concatBytes(bytes, Uint8Array.of(27 + recovery)));
}

/** go-ethereum's form: as if it were signed with zeros. */
function formatFilled(unsigned: UnsignedTransaction, sender: Uint8Array): JsonObject {
  const transaction = { ...unsigned, signature: { r: 0n, s: 0n, yParity: 0 as const } };
  const raw = encodeTransaction(transaction);
  const tx = transactionToJson({ transaction, raw, hash: transactionHash(raw), sender });
  return { raw: toHex(raw), tx: unsigned.type === 0 ? { ...tx, v: toQuantity(0) } : tx };
}
