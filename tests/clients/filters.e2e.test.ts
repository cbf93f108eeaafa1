import { type Log as EthersLog, JsonRpcProvider } from 'ethers';
import {
  type Address,
  createPublicClient,
  erc20Abi,
  type Hash,
  type Hex,
  http,
  type Log,
  type PublicClient,
  parseAbiItem,
  toHex,
} from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TOKEN } from '../contracts/artifacts.ts';
import { deployment, send } from '../contracts/dev-contract.ts';
import { SUPPLY, TRANSFER_TOPIC } from '../contracts/erc20-standard.ts';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { devAccount } from '../support/dev-accounts.ts';
import type { RpcReceipt } from '../support/rpc-types.ts';
import { waitUntil } from '../support/wait-until.ts';

// What clients over HTTP ask for again and again, with filters.

const alice = devAccount(0).address;
const recipient: Address = '0x00000000000000000000000000000000000a11ce';
const transferEvent = parseAbiItem(
  'event Transfer(address indexed from, address indexed to, uint256 value)',
);

let stage: ClientStage;
let token: Address;
let reader: PublicClient;

beforeAll(async () => {
  stage = await openClientStage();
  const request = ({ method, params }: { method: string; params?: unknown }): Promise<unknown> =>
    stage.rpc.call(method, ...((params ?? []) as readonly unknown[]));
  const receipt = await send(request, deployment(TOKEN, [SUPPLY], { from: alice }));
  token = receipt.contractAddress as Address;
  const transport = http(stage.url);
  reader = createPublicClient({ chain: foundry, transport, pollingInterval: 20 }) as PublicClient;
});
afterEach(() => {
  expect(stage.findings()).toEqual([]);
});
afterAll(() => stage.close());

/** Sends, past the record. */
const transfer = (): Promise<Hash> =>
  stage.rpc.call('eth_sendTransaction', { from: alice, to: recipient, value: '0x1' });
const transferTokens = (value: bigint): Promise<Hash> => {
  const amount = toHex(value, { size: 32 }).slice(2);
  const data = `0xa9059cbb${recipient.slice(2).padStart(64, '0')}${amount}`;
  return stage.rpc.call('eth_sendTransaction', { from: alice, to: token, data });
};
const receiptOf = (hash: Hash): Promise<RpcReceipt> =>
  stage.rpc.call('eth_getTransactionReceipt', hash);

/** Answers of the node to the client, of one method. */
const answersTo = (wanted: string): readonly unknown[] =>
  stage.exchanges().flatMap(({ method, answer }) => (method === wanted ? [answer.result] : []));

describe('viem', () => {
  test('asks what is new in a contract', async () => {
    const filter = await reader.createContractEventFilter({
      address: token,
      abi: erc20Abi,
      eventName: 'Transfer',
      args: { to: recipient },
    });
    expect(await reader.getFilterChanges({ filter })).toEqual([]);
    await transfer();
    const hash = await transferTokens(3n);
    const changes = await reader.getFilterChanges({ filter });
    expect(changes).toMatchObject([
      { eventName: 'Transfer', args: { from: alice, value: 3n }, transactionHash: hash },
    ]);
    expect(await reader.getFilterChanges({ filter })).toEqual([]);
    // Without a range these are the logs of the latest block.
    expect(await reader.getFilterLogs({ filter })).toEqual(changes);
    expect(await reader.uninstallFilter({ filter })).toBe(true);
    expect(await reader.uninstallFilter({ filter })).toBe(false);
    await expect(reader.getFilterChanges({ filter })).rejects.toThrow('filter not found');
  });

  test('asks for the logs of a range in a filter', async () => {
    const filter = await reader.createEventFilter({
      address: token,
      event: transferEvent,
      fromBlock: 0n,
    });
    const logs = await reader.getFilterLogs({ filter });
    expect(logs[0]).toMatchObject({ args: { to: alice, value: SUPPLY } });
    expect(logs).toEqual(
      await reader.getLogs({ address: token, event: transferEvent, fromBlock: 0n }),
    );
  });

  test('asks for blocks and for transactions that wait', async () => {
    const blocks = await reader.createBlockFilter();
    const pending = await reader.createPendingTransactionFilter();
    const hash = await transfer();
    const { blockHash } = await receiptOf(hash);
    expect(await reader.getFilterChanges({ filter: blocks })).toEqual([blockHash]);
    expect(await reader.getFilterChanges({ filter: pending })).toEqual([hash]);
    expect(await reader.getFilterChanges({ filter: pending })).toEqual([]);
  });

  test('watches, and begins anew when the node has forgotten its filter', async () => {
    const told: Log[] = [];
    const failures: Error[] = [];
    const stop = reader.watchEvent({
      address: token,
      onLogs: (logs) => told.push(...logs),
      onError: (error) => failures.push(error),
    });
    const filters = (): readonly unknown[] => answersTo('eth_newFilter');
    const tell = async (value: bigint): Promise<void> => {
      const known = filters().length;
      const hash = await transferTokens(value);
      await waitUntil('the client hears of it', () =>
        told.some(({ transactionHash }) => transactionHash === hash) ? true : undefined,
      );
      expect(filters()).toHaveLength(known);
    };
    const before = filters().length;
    const created = (count: number): Promise<unknown> =>
      waitUntil('a filter is there', () => filters()[before + count - 1]);
    const id = await created(1);
    await tell(5n);
    expect(await stage.rpc.call('eth_uninstallFilter', id)).toBe(true);
    await created(2);
    await tell(6n);
    expect(failures).toMatchObject([{ details: expect.stringContaining('filter not found') }]);
    stop();
    await waitUntil('the filter is given back', () =>
      answersTo('eth_uninstallFilter').includes(true) ? true : undefined,
    );
  });

  test('waits for a transaction that is not there yet', async () => {
    await stage.rpc.call('evm_setAutomine', false);
    const hash = await transfer();
    const receipt = reader.waitForTransactionReceipt({ hash });
    await waitUntil('the client looks', () =>
      answersTo('eth_getTransactionReceipt').includes(null) ? true : undefined,
    );
    await stage.rpc.call('evm_setAutomine', true);
    expect(await receipt).toMatchObject({ status: 'success', transactionHash: hash });
  });
});

describe('ethers', () => {
  let provider: JsonRpcProvider;

  beforeAll(() => {
    provider = new JsonRpcProvider(stage.url, undefined, { cacheTimeout: -1 });
    provider.pollingInterval = 20;
  });
  afterAll(() => provider.destroy());

  /** Does something after which ethers makes or gives back a filter, and waits for that. */
  async function until(method: string, act: () => unknown): Promise<void> {
    const before = answersTo(method).length;
    await act();
    await waitUntil(method, () => answersTo(method)[before]);
  }

  test('hears of logs', async () => {
    const told: EthersLog[] = [];
    const filter = { address: token, topics: [TRANSFER_TOPIC] };
    await until('eth_newFilter', () => provider.on(filter, (log) => told.push(log)));
    const hash = await transferTokens(9n);
    const log = await waitUntil('the log', () => told[0]);
    expect(log).toMatchObject({ transactionHash: hash, removed: false });
    expect(log.address.toLowerCase()).toBe(token);
    await until('eth_uninstallFilter', () => provider.off(filter));
  });

  test('hears of transactions and blocks', async () => {
    const told: string[] = [];
    const heights: number[] = [];
    await provider.on('block', (height) => heights.push(height));
    await until('eth_newPendingTransactionFilter', () =>
      provider.on('pending', (hash: Hex) => told.push(hash)),
    );
    const hash = await transfer();
    await waitUntil('the transaction', () => (told.includes(hash) ? true : undefined));
    const height = Number((await receiptOf(hash)).blockNumber);
    await waitUntil('the block', () => (heights.includes(height) ? true : undefined));
    await until('eth_uninstallFilter', () => provider.removeAllListeners());
  });
});
