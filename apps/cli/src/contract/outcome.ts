import { type Hex, isLucernaError } from '@lucerna/base';
import { type AbiItem, checksumAddress } from '@lucerna/protocol';
import { cliErrors } from '../errors.ts';
import { writeResult } from '../output.ts';
import { showLogs } from './decoded-log.ts';
import { locationOfCall, locationOfTransaction, locationText } from './failure-location.ts';
import { failureOf, waitForReceipt } from './receipt.ts';
import { quantityAnswer, type RpcClient } from './rpc-client.ts';
import { type Message, requestOf, type Sender } from './sender.ts';

export type SendOptions = {
  readonly json: boolean;
  readonly timeoutMs: number;
};

/**
 * Sends a transaction, waits for its block and prints what came of it. Without a gas limit it is
 * estimated first: a call that would fail is then not sent at all.
 *
 * @throws `CONTRACT_REVERTED`, `TRANSACTION_FAILED` after printing; `NODE_REFUSED`, `RECEIPT_TIMEOUT`
 */
export async function sendAndReport(
  rpc: RpcClient,
  sender: Sender,
  message: Message,
  abi: readonly AbiItem[],
  options: SendOptions,
): Promise<void> {
  const gas = message.gas ?? (await estimateGas(rpc, requestOf(sender.address, message)));
  const hash = await sender.send({ ...message, gas });
  await reportTransaction(
    rpc,
    { hash, from: sender.address, message: { ...message, gas } },
    abi,
    options,
  );
}

/** A transaction that was sent. */
export type SentTransaction = {
  readonly hash: Hex;
  readonly from: Hex;
  readonly message: Message;
};

/**
 * Waits for the block of a transaction and prints what came of it.
 *
 * @throws `CONTRACT_REVERTED`, `TRANSACTION_FAILED` after printing; `NODE_REFUSED`, `RECEIPT_TIMEOUT`,
 *   `RECEIPT_UNREADABLE`
 */
export async function reportTransaction(
  rpc: RpcClient,
  { hash, from, message }: SentTransaction,
  abi: readonly AbiItem[],
  options: SendOptions,
): Promise<void> {
  const receipt = await waitForReceipt(rpc, hash, options.timeoutMs);
  const failure = receipt.isSuccess
    ? undefined
    : await failureOf(rpc, receipt, requestOf(from, message));
  const location =
    failure === undefined ? undefined : await locationOfTransaction(rpc, receipt.transactionHash);
  const contract = message.to ?? receipt.contractAddress;
  const logs = contract === null ? [] : showLogs(receipt.logs, contract, abi);
  // A deployment that failed has a receipt with an address at which there is nothing.
  const created = message.to === null && receipt.isSuccess ? receipt.contractAddress : null;
  const report = {
    ...(created === null ? {} : { contractAddress: checksumAddress(created) }),
    transactionHash: receipt.transactionHash,
    blockNumber: Number(receipt.blockNumber),
    status: receipt.isSuccess ? 'success' : 'failed',
    ...(failure === undefined ? {} : { reason: failure.reason }),
    ...(location === undefined ? {} : { location: locationText(location) }),
    gasUsed: Number(receipt.gasUsed),
  };
  if (options.json) {
    const facts = location === undefined ? report : { ...report, location };
    writeResult(JSON.stringify({ ...facts, logs: logs.map(({ json }) => json) }));
  } else {
    writeResult(
      formatReport(
        report,
        logs.map(({ text }) => text),
      ),
    );
  }
  if (failure === undefined) return;
  const code = failure.isRevert ? 'CONTRACT_REVERTED' : 'TRANSACTION_FAILED';
  throw cliErrors.create(code, failure.reason);
}

/** The error of a call that fails, and where in the source it does. */
async function withLocation(rpc: RpcClient, request: unknown, error: unknown): Promise<unknown> {
  if (!isLucernaError(error, 'CONTRACT_REVERTED')) return error;
  const location = await locationOfCall(rpc, request);
  if (location === undefined) return error;
  const reason = error.message.replace(/^[^:]*: /, '');
  const fields = { ...error.fields, ...location };
  return cliErrors.create(
    'CONTRACT_REVERTED',
    `${reason} (${locationText(location)})`,
    fields,
    error,
  );
}

/**
 * The gas that a transaction needs.
 *
 * @throws `CONTRACT_REVERTED` with the line of the source where that is known; `NODE_REFUSED`
 */
export async function estimateGas(
  rpc: RpcClient,
  request: Readonly<Record<string, Hex>>,
): Promise<bigint> {
  try {
    return quantityAnswer('eth_estimateGas', await rpc.request('eth_estimateGas', [request]), 64);
  } catch (error) {
    throw await withLocation(rpc, request, error);
  }
}

const LABELS = {
  contractAddress: 'Contract',
  transactionHash: 'Transaction',
  blockNumber: 'Block',
  status: 'Status',
  reason: 'Reason',
  location: 'At',
  gasUsed: 'Gas used',
} as const;

function formatReport(
  report: Readonly<Partial<Record<keyof typeof LABELS, string | number>>>,
  logs: readonly string[],
): string {
  const line = (label: string, value: string | number): string => `${label.padEnd(13)}${value}`;
  const names = Object.keys(LABELS) as (keyof typeof LABELS)[];
  return [
    ...names.flatMap((name) => {
      const value = report[name];
      return value === undefined ? [] : [line(LABELS[name], value)];
    }),
    ...logs.map((log, index) => line(index === 0 ? 'Logs' : '', log)),
  ].join('\n');
}
