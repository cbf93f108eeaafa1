import { setTimeout as delay } from 'node:timers/promises';
import { fromHex, type Hex, isLucernaError, toQuantity } from '@lucerna/base';
import { cliErrors } from '../errors.ts';
import {
  bytesAnswer,
  fieldOf,
  hexAnswer,
  invalidAnswer,
  quantityAnswer,
  type RpcClient,
} from './rpc-client.ts';

const POLL_INTERVAL_MS = 100;
const METHOD = 'eth_getTransactionReceipt';

/** A log as its receipt has it. */
export type ReceiptLog = {
  readonly address: Uint8Array;
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
};

/** What came of a transaction. */
export type Receipt = {
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
  readonly isSuccess: boolean;
  readonly gasUsed: bigint;
  /** Null unless a contract was created. */
  readonly contractAddress: Uint8Array | null;
  readonly logs: readonly ReceiptLog[];
};

/**
 * Waits until the transaction is in a block.
 *
 * @throws `RECEIPT_TIMEOUT`, `RECEIPT_UNREADABLE`; both name the transaction, which was sent
 */
export async function waitForReceipt(
  rpc: RpcClient,
  transactionHash: Hex,
  timeoutMs: number,
): Promise<Receipt> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const receipt = await readReceipt(rpc, transactionHash);
    if (receipt !== undefined) return receipt;
    if (performance.now() >= deadline) {
      throw cliErrors.create('RECEIPT_TIMEOUT', transactionHash, { transactionHash, timeoutMs });
    }
    await delay(POLL_INTERVAL_MS);
  }
}

async function readReceipt(rpc: RpcClient, transactionHash: Hex): Promise<Receipt | undefined> {
  try {
    const answer = await rpc.request(METHOD, [transactionHash]);
    return answer === null ? undefined : parseReceipt(transactionHash, answer);
  } catch (error) {
    if (!isLucernaError(error)) throw error;
    const detail = `${transactionHash}: ${error.message}`;
    throw cliErrors.create('RECEIPT_UNREADABLE', detail, { transactionHash }, error);
  }
}

/** Why a transaction failed: the contract said so, or the chain. */
export type TransactionFailure = { readonly isRevert: boolean; readonly reason: string };

/**
 * Why the transaction of `receipt` failed: what the same call says on the state before its block.
 *
 * @param request the transaction as a call
 */
export async function failureOf(
  rpc: RpcClient,
  receipt: Receipt,
  request: Readonly<Record<string, Hex>>,
): Promise<TransactionFailure> {
  try {
    await rpc.request('eth_call', [request, toQuantity(receipt.blockNumber - 1n)]);
  } catch (error) {
    if (!isLucernaError(error)) throw error;
    const reason = error.message.replace(/^[^:]*: /, '');
    return { isRevert: error.code === 'CONTRACT_REVERTED', reason };
  }
  const reason = 'not known: repeated on the state before its block, it does not fail';
  return { isRevert: false, reason };
}

function parseReceipt(transactionHash: Hex, answer: unknown): Receipt {
  const field = (name: string): unknown => fieldOf(METHOD, answer, name);
  const address = field('contractAddress');
  const logs = field('logs');
  if (!Array.isArray(logs)) throw invalidAnswer(`${METHOD} did not answer a list of logs`);
  return {
    transactionHash,
    blockNumber: quantityAnswer(METHOD, field('blockNumber')),
    isSuccess: quantityAnswer(METHOD, field('status')) === 1n,
    gasUsed: quantityAnswer(METHOD, field('gasUsed')),
    contractAddress: address === null ? null : bytesAnswer(METHOD, address),
    logs: logs.map(parseLog),
  };
}

function parseLog(log: unknown): ReceiptLog {
  const topics = fieldOf(METHOD, log, 'topics');
  if (!Array.isArray(topics)) throw invalidAnswer(`${METHOD} did not answer a list of topics`);
  return {
    address: bytesAnswer(METHOD, fieldOf(METHOD, log, 'address')),
    topics: topics.map((topic) => fromHex(hexAnswer(METHOD, topic))),
    data: bytesAnswer(METHOD, fieldOf(METHOD, log, 'data')),
  };
}
