import {
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  encodeFunctionData,
  erc20Abi,
  type Hash,
  http,
  type PublicClient,
  toHex,
} from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TOKEN } from '../contracts/artifacts.ts';
import { SUPPLY } from '../contracts/erc20-standard.ts';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { rpcClient } from '../support/json-rpc.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';
import { waitUntil } from '../support/wait-until.ts';

// A node that ends in any way and starts again on its directory answers as it did before.

const alice = devAccount(0);
const bob: Address = devAccount(1).address;
const stranger: Address = '0x00000000000000000000000000000000000a11ce';

const directory = makeTemporaryDirectory();
let node: NodeProcess;
let token: Address;

beforeAll(async () => {
  node = await startNode(directory.path);
  token = await makeHistory();
});
afterAll(async () => {
  await node.kill('SIGTERM');
  directory.remove();
});

const readerOf = (endpoint: string): PublicClient =>
  createPublicClient({ chain: foundry, transport: http(endpoint), cacheTime: 0 }) as PublicClient;
const walletOf = (endpoint: string) =>
  createWalletClient({ account: alice, chain: foundry, transport: http(endpoint) });

/** A contract, its events, transfers, what the user has set, and a transaction that waits. */
async function makeHistory(): Promise<Address> {
  const reader = readerOf(node.endpoint);
  const wallet = walletOf(node.endpoint);
  const cheats = createTestClient({ mode: 'anvil', transport: http(node.endpoint) });
  const { abi, bytecode } = TOKEN;
  const hash = await wallet.deployContract({ abi, bytecode, args: [SUPPLY] });
  const { contractAddress } = await reader.getTransactionReceipt({ hash });
  const address = contractAddress as Address;
  for (let value = 1n; value <= 5n; value += 1n) {
    const call = { abi: erc20Abi, functionName: 'transfer', args: [bob, value] } as const;
    await wallet.sendTransaction({ to: address, data: encodeFunctionData(call) });
    await wallet.sendTransaction({ to: stranger, value });
  }
  await cheats.setBalance({ address: stranger, value: 12_345n });
  await cheats.mine({ blocks: 3, interval: 100 });
  await cheats.impersonateAccount({ address: stranger });
  const transfer = { account: stranger, to: bob, value: 1n, gasPrice: 0n } as const;
  await cheats.setNextBlockBaseFeePerGas({ baseFeePerGas: 0n });
  await wallet.sendTransaction(transfer);
  await cheats.setAutomine(false);
  await wallet.sendTransaction({ to: bob, value: 42n });
  return address;
}

/** Everything that a client can ask for, as the node says it. */
async function answers(endpoint: string): Promise<readonly unknown[]> {
  const rpc = rpcClient(endpoint);
  const head = Number(await rpc.call('eth_blockNumber'));
  const heights = Array.from({ length: head + 1 }, (_, height) => toHex(height));
  const accounts = [alice.address, bob, stranger, token];
  const held = { to: token, data: encodeFunctionData(balanceOfBob) };
  const perHeight = heights.flatMap((at) => [
    { method: 'eth_getBlockByNumber', params: [at, true] },
    { method: 'eth_getBlockReceipts', params: [at] },
    { method: 'eth_call', params: [held, at] },
    ...accounts.flatMap((account) => [
      { method: 'eth_getBalance', params: [account, at] },
      { method: 'eth_getTransactionCount', params: [account, at] },
      { method: 'eth_getCode', params: [account, at] },
    ]),
  ]);
  const requests = [
    { method: 'eth_getLogs', params: [{ fromBlock: '0x0', toBlock: 'latest' }] },
    { method: 'eth_getTransactionCount', params: [alice.address, 'pending'] },
    { method: 'ots_searchTransactionsBefore', params: [bob, 0, 100] },
    { method: 'txpool_content' },
    { method: 'anvil_getAutomine' },
    ...perHeight,
  ];
  const batches: (typeof requests)[] = [];
  for (let at = 0; at < requests.length; at += 100) batches.push(requests.slice(at, at + 100));
  const answered: unknown[] = [];
  for (const batch of batches) {
    for (const { result, error } of await rpc.batch(batch)) answered.push(result ?? error);
  }
  return answered;
}

const balanceOfBob = { abi: erc20Abi, functionName: 'balanceOf', args: [bob] } as const;

describe.each(['SIGTERM', 'SIGKILL'] as const)('after %s', (signal) => {
  test('blocks, receipts, logs, old states, cheats and the pool are as they were', async () => {
    const before = await answers(node.endpoint);
    expect(before.length).toBeGreaterThan(200);
    await node.kill(signal);
    node = await startNode(directory.path);
    expect(await answers(node.endpoint)).toEqual(before);
  });
});

test('what was answered before a kill in the middle of a stream is there', async () => {
  const cheats = createTestClient({ mode: 'anvil', transport: http(node.endpoint) });
  await cheats.setAutomine(true);
  const wallet = walletOf(node.endpoint);
  const nonce = await readerOf(node.endpoint).getTransactionCount({ address: alice.address });
  const answered: Hash[] = [];
  const stream = async (): Promise<void> => {
    const fees = { gas: 21_000n, gasPrice: 10n ** 12n, type: 'legacy' } as const;
    for (let next = nonce; ; next += 1) {
      answered.push(await wallet.sendTransaction({ to: bob, value: 1n, nonce: next, ...fees }));
    }
  };
  const ended = stream().catch(() => {});
  await waitUntil('some are answered', () => (answered.length >= 50 ? true : undefined));
  await node.kill('SIGKILL');
  await ended;
  node = await startNode(directory.path);
  const reader = readerOf(node.endpoint);
  for (const hash of answered) {
    expect(await reader.getTransactionReceipt({ hash })).toMatchObject({ status: 'success' });
  }
  // The one that was not answered may be there or not.
  const after = await reader.getTransactionCount({ address: alice.address });
  expect(after - nonce - answered.length).toBeLessThanOrEqual(1);
  expect(after).toBeGreaterThanOrEqual(nonce + answered.length);
});
