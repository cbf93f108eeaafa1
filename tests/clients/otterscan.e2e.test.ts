import { JsonRpcProvider } from 'ethers';
import {
  type Address,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  parseAbi,
} from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { compileFixture } from '../contracts/artifacts.ts';
import { deployment } from '../contracts/dev-contract.ts';
import { type AnvilProcess, findAnvil, startAnvil } from '../support/anvil.ts';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { devAccount } from '../support/dev-accounts.ts';
import type { RpcBlock, RpcReceipt } from '../support/rpc-types.ts';

// The requests of the explorer Otterscan, sent as it sends them: by ethers, which puts those of one
// moment into one batch. anvil shows which fields it reads.

const alice = devAccount(0).address.toLowerCase();
const bob = devAccount(1).address.toLowerCase();
const FAILING = compileFixture('failing');
const MULTICALL: Address = '0xcA11bde05977b3631167028862bE2a173976CA11';
/** Runs on anvil, and is deployed there: it stores nothing and does nothing. */
const EVM_CODE: Hex = '0x6001600c60003960016000f300';

const binary = findAnvil();
if (binary === undefined) {
  process.stdout.write(
    `anvil: no binary for ${process.platform}-${process.arch}, shapes are not compared with its\n`,
  );
}

let stage: ClientStage;
let provider: JsonRpcProvider;
let anvil: AnvilProcess | undefined;

/** What has happened on the chain, one block each. */
type History = {
  readonly transfers: readonly Hex[];
  readonly creation: Hex;
  readonly contract: Address;
};

let history: History;

const sendOn = (client: JsonRpcProvider, request: object): Promise<Hex> =>
  client.send('eth_sendTransaction', [request]);

/** Three transfers and a contract. */
async function makeHistory(client: JsonRpcProvider, creation: object): Promise<History> {
  const transfers = [
    await sendOn(client, { from: alice, to: bob, value: '0x1' }),
    await sendOn(client, { from: bob, to: alice, value: '0x2' }),
    await sendOn(client, { from: alice, to: bob, value: '0x3' }),
  ];
  const hash = await sendOn(client, creation);
  const receipt: RpcReceipt = await client.send('eth_getTransactionReceipt', [hash]);
  return { transfers, creation: hash, contract: receipt.contractAddress as Address };
}

beforeAll(async () => {
  stage = await openClientStage();
  provider = new JsonRpcProvider(stage.url);
  history = await makeHistory(provider, deployment(FAILING, [0n], { from: alice as Address }));
});
afterEach(() => {
  expect(stage.findings()).toEqual([]);
});
afterAll(async () => {
  provider.destroy();
  await anvil?.close();
  await stage.close();
});

const ask = <T>(method: string, ...params: readonly unknown[]): Promise<T> =>
  provider.send(method, [...params]);

type Page = {
  readonly txs: readonly { readonly hash: Hex; readonly blockNumber: Hex }[];
  readonly receipts: readonly (RpcReceipt & { readonly timestamp: Hex })[];
  readonly firstPage: boolean;
  readonly lastPage: boolean;
};

const hashesOf = ({ txs }: Page): readonly Hex[] => txs.map(({ hash }) => hash);

test('is found at start', async () => {
  const [height, header, level, chainId] = await Promise.all([
    ask('eth_blockNumber'),
    ask('erigon_getHeaderByNumber', 'latest'),
    ask('ots_getApiLevel'),
    ask('eth_chainId'),
  ]);
  expect([height, level, chainId]).toEqual(['0x4', 8, '0x7a69']);
  expect(header).toMatchObject({ number: '0x4', hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) });
});

test('shows a block and its transactions', async () => {
  const block = await ask<RpcBlock>('eth_getBlockByNumber', '0x2', false);
  type Details = { readonly block: object; readonly totalFees: Hex };
  const [details, byHash, page] = await Promise.all([
    ask<Details>('ots_getBlockDetails', 2),
    ask('ots_getBlockDetailsByHash', block.hash),
    ask('ots_getBlockTransactions', 2, 0, 25),
  ]);
  const { transactions, ...rest } = block;
  expect(details).toMatchObject({
    block: { ...rest, transactionCount: 1 },
    issuance: { blockReward: '0x0', uncleReward: '0x0', issuance: '0x0' },
  });
  expect(details.block).not.toHaveProperty('transactions');
  expect(byHash).toEqual(details);
  const hash = history.transfers[1];
  const receipt = await ask<RpcReceipt>('eth_getTransactionReceipt', hash);
  const fees = BigInt(receipt.gasUsed) * BigInt(receipt.effectiveGasPrice);
  expect(BigInt(details.totalFees)).toBe(fees);
  expect(transactions).toEqual([hash]);
  expect(page).toMatchObject({
    fullblock: { hash: block.hash, transactionCount: 1, transactions: [{ hash, from: bob }] },
    receipts: [{ transactionHash: hash, status: '0x1' }],
  });
  expect(await ask('ots_getBlockDetails', 99)).toBeNull();
});

test('turns the pages of an account', async () => {
  const search = (direction: 'After' | 'Before', block: number, size: number): Promise<Page> =>
    ask(`ots_searchTransactions${direction}`, alice, block, size);
  const [first, second, third] = history.transfers;
  const newest = await search('Before', 0, 2);
  expect(hashesOf(newest)).toEqual([history.creation, third]);
  expect(newest).toMatchObject({ firstPage: true, lastPage: false });
  const { timestamp } = await ask<RpcBlock>('eth_getBlockByNumber', '0x4', false);
  expect(newest.receipts[0]).toMatchObject({ transactionHash: history.creation, timestamp });
  const next = await search('Before', 3, 25);
  expect(hashesOf(next)).toEqual([second, first]);
  expect(next).toMatchObject({ firstPage: false, lastPage: true });
  const oldest = await search('After', 0, 2);
  expect(hashesOf(oldest)).toEqual([second, first]);
  expect(oldest).toMatchObject({ firstPage: false, lastPage: true });
  const latest = await search('After', 2, 25);
  expect(hashesOf(latest)).toEqual([history.creation, third]);
  expect(latest).toMatchObject({ firstPage: true, lastPage: false });
});

test('finds transactions by nonce, and who has made a contract', async () => {
  const byNonce = (nonce: number): Promise<Hex | null> =>
    ask('ots_getTransactionBySenderAndNonce', alice, nonce);
  expect(await byNonce(0)).toBe(history.transfers[0]);
  expect(await byNonce(1)).toBe(history.transfers[2]);
  expect(await byNonce(99)).toBeNull();
  const creator = { hash: history.creation, creator: alice };
  expect(await ask('ots_getContractCreator', history.contract)).toEqual(creator);
  expect(await ask('ots_getContractCreator', bob)).toBeNull();
  expect(await ask('ots_hasCode', history.contract, 'latest')).toBe(true);
  expect(await ask('ots_hasCode', history.contract, 3)).toBe(false);
  expect(await ask('ots_hasCode', bob, 'latest')).toBe(false);
});

describe('what happens inside of a transaction', () => {
  test('is told in calls and in transfers', async () => {
    const inner = {
      target: bob as Address,
      allowFailure: false,
      value: 9n,
      callData: '0x',
    } as const;
    const aggregate = parseAbi([
      'function aggregate3Value((address target, bool allowFailure, uint256 value, bytes callData)[] calls) payable',
    ]);
    const data = encodeFunctionData({ abi: aggregate, args: [[inner]] });
    const hash = await sendOn(provider, { from: alice, to: MULTICALL, data, value: '0x9' });
    const multicall = MULTICALL.toLowerCase();
    expect(await ask('ots_getInternalOperations', hash)).toEqual([
      { type: 0, from: multicall, to: bob, value: '0x9' },
    ]);
    expect(await ask('ots_traceTransaction', hash)).toMatchObject([
      { type: 'CALL', depth: 0, from: alice, to: multicall, value: '0x9', input: data },
      { type: 'CALL', depth: 1, from: multicall, to: bob, value: '0x9', input: '0x', output: '0x' },
    ]);
    expect(await ask('ots_getTransactionError', hash)).toBe('0x');
  });

  test('is told when it has failed', async () => {
    const wallet = createWalletClient({ chain: foundry, transport: http(stage.url) });
    const hash = await wallet.writeContract({
      account: bob as Address,
      address: history.contract,
      abi: FAILING.abi,
      functionName: 'failRequire',
      args: [bob, 'not today'],
      gas: 200_000n,
    });
    const data = await ask<Hex>('ots_getTransactionError', hash);
    expect(data.slice(0, 10)).toBe('0x08c379a0');
    expect(Buffer.from(data.slice(2), 'hex').toString()).toContain('not today');
    expect(await ask('ots_getInternalOperations', hash)).toEqual([]);
  });
});

/** Every path of an object that leads to a value, places in a list not told apart. */
function pathsOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => pathsOf(entry, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, entry]) => pathsOf(entry, `${path}.${key}`));
}

/** What only chains with these features have. */
const NOT_HERE = /blobGas|blobGasPrice|excessBlobGas|withdrawals|parentBeacon|requestsHash/;

test.skipIf(binary === undefined)('has every field that anvil has', async () => {
  anvil = await startAnvil(binary ?? '');
  const oracle = new JsonRpcProvider(anvil.endpoint);
  const theirs = await makeHistory(oracle, { from: alice, data: EVM_CODE });
  const requests = ({ creation, contract }: History): readonly (readonly [string, unknown[]])[] => [
    ['ots_getApiLevel', []],
    ['erigon_getHeaderByNumber', ['0x2']],
    ['ots_getBlockDetails', [2]],
    ['ots_getBlockTransactions', [2, 0, 25]],
    ['ots_searchTransactionsBefore', [alice, 0, 25]],
    ['ots_searchTransactionsAfter', [alice, 0, 25]],
    ['ots_getTransactionBySenderAndNonce', [alice, 0]],
    ['ots_getContractCreator', [contract]],
    ['ots_hasCode', [contract, 'latest']],
    // Not ots_getInternalOperations: anvil has the transaction itself among them, Erigon has not.
    ['ots_traceTransaction', [creation]],
    ['ots_getTransactionError', [creation]],
  ];
  const missing: string[] = [];
  for (const [index, [method, params]] of requests(theirs).entries()) {
    const ours = pathsOf(await provider.send(method, requests(history)[index]?.[1] ?? []));
    const lacking = new Set(
      pathsOf(await oracle.send(method, params)).filter((path) => !ours.includes(path)),
    );
    for (const path of lacking) if (!NOT_HERE.test(path)) missing.push(`${method}${path}`);
  }
  oracle.destroy();
  expect(missing).toEqual([]);
});
