import { type Log as EthersLog, JsonRpcProvider, WebSocketProvider } from 'ethers';
import {
  type Address,
  type Block,
  createPublicClient,
  createWalletClient,
  erc20Abi,
  type Hash,
  type Hex,
  type Log,
  type PublicClient,
  webSocket,
} from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Web3, WebSocketProvider as Web3SocketProvider } from 'web3';
import { TOKEN } from '../contracts/artifacts.ts';
import { deployment, send } from '../contracts/dev-contract.ts';
import { SUPPLY, TRANSFER_TOPIC } from '../contracts/erc20-standard.ts';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { closeSocket } from '../support/close-socket.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { countSchemaChecked, noticeFindings } from '../support/rpc-conformance.ts';
import type { RpcReceipt } from '../support/rpc-types.ts';
import { waitUntil } from '../support/wait-until.ts';

// What clients are told without asking, over WebSocket: at the moment at which they are told, all of
// it can be asked for.

const sender = devAccount(0);
const recipient: Address = '0x00000000000000000000000000000000000a11ce';
const TOPICS: readonly string[] = ['newHeads', 'logs', 'newPendingTransactions'];

let stage: ClientStage;
let token: Address;

beforeAll(async () => {
  stage = await openClientStage();
  const request = ({ method, params }: { method: string; params?: unknown }): Promise<unknown> =>
    stage.rpc.call(method, ...((params ?? []) as readonly unknown[]));
  const receipt = await send(request, deployment(TOKEN, [SUPPLY], { from: sender.address }));
  token = receipt.contractAddress as Address;
});
afterEach(() => {
  expect(stage.findings()).toEqual([]);
});
afterAll(() => stage.close());

/** Sends wei, past the record. */
function transfer(value: Hex): Promise<Hash> {
  return stage.rpc.call('eth_sendTransaction', { from: sender.address, to: recipient, value });
}

/** Sends tokens, past the record. */
function transferTokens(value: bigint): Promise<Hash> {
  const amount = value.toString(16).padStart(64, '0');
  const data: Hex = `0xa9059cbb${recipient.slice(2).padStart(64, '0')}${amount}`;
  return stage.rpc.call('eth_sendTransaction', { from: sender.address, to: token, data });
}

/** Has a client subscribe and waits for the answer: what happens before it is not told. */
async function subscribing(topic: string, listen: () => unknown): Promise<void> {
  const count = (): number =>
    stage
      .exchanges()
      .filter(({ method, params }) => method === 'eth_subscribe' && params[0] === topic).length;
  const before = count();
  await listen();
  await waitUntil(`a subscription to ${topic}`, () => (count() > before ? true : undefined));
}

/** What a listener has been told. */
class Told<T> {
  readonly all: T[] = [];
  readonly add = (what: T): void => {
    this.all.push(what);
  };

  /** The first of it that is `wanted`. */
  first(what: string, wanted: (told: T) => boolean): Promise<T> {
    return waitUntil(what, () => this.all.find(wanted));
  }
}

describe('viem', () => {
  let reader: PublicClient;
  const stops: (() => void)[] = [];

  beforeAll(() => {
    reader = createPublicClient({ chain: foundry, transport: webSocket(stage.webSocketUrl) });
  });
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });
  afterAll(() => closeSocket(reader));

  test('asks for the receipt as soon as it hears of the block', async () => {
    const told = new Told<readonly [Hash, RpcReceipt | null]>();
    const heights = new Told<bigint>();
    const onBlock = ({ number, transactions }: Block<bigint, false, 'latest'>): void => {
      heights.add(number);
      for (const hash of transactions) {
        reader
          .request({ method: 'eth_getTransactionReceipt', params: [hash] })
          .then((receipt) => told.add([hash, receipt as RpcReceipt | null]));
      }
    };
    await subscribing('newHeads', () => stops.push(reader.watchBlocks({ onBlock })));
    for (let value = 1; value <= 20; value += 1) {
      const hash = await transfer(`0x${value.toString(16)}`);
      const [, receipt] = await told.first('the receipt', ([of]) => of === hash);
      expect(receipt).toMatchObject({ status: '0x1', transactionHash: hash });
    }
    const [first = 0n] = heights.all;
    expect(heights.all).toEqual(heights.all.map((_, index) => first + BigInt(index)));
  });

  test('hears of the events of a contract', async () => {
    const told = new Told<Log<bigint, number, false>>();
    const onLogs = (logs: readonly Log[]): void => {
      for (const log of logs) told.add(log as Log<bigint, number, false>);
    };
    const watched = { address: token, abi: erc20Abi, eventName: 'Transfer', onLogs } as const;
    await subscribing('logs', () => stops.push(reader.watchContractEvent(watched)));
    const hash = await transferTokens(77n);
    const log = await told.first('the log', ({ transactionHash }) => transactionHash === hash);
    expect(log).toMatchObject({ args: { from: sender.address, value: 77n }, removed: false });
    expect(told.all).toHaveLength(1);
    const [asked] = await reader.getLogs({ address: token, fromBlock: log.blockNumber });
    expect(log).toMatchObject({ ...asked });
  });

  test('hears of transactions before they are in a block', async () => {
    const told = new Told<Hash>();
    const onTransactions = (hashes: readonly Hash[]): void => {
      for (const hash of hashes) told.add(hash);
    };
    await subscribing('newPendingTransactions', () =>
      stops.push(reader.watchPendingTransactions({ onTransactions })),
    );
    await stage.rpc.call('evm_setAutomine', false);
    const hash = await transfer('0x9');
    expect(await told.first('the transaction', (of) => of === hash)).toBe(hash);
    expect(await reader.getTransaction({ hash })).toMatchObject({ blockNumber: null });
    await stage.rpc.call('evm_setAutomine', true);
    expect(await reader.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'success' });
  });

  test('waits for a receipt, and sends', async () => {
    const transport = webSocket(stage.webSocketUrl);
    const wallet = createWalletClient({ account: devAccount(1), chain: foundry, transport });
    const hashes: Hash[] = [];
    for (let value = 1n; value <= 5n; value += 1n) {
      hashes.push(await wallet.sendTransaction({ to: recipient, value }));
    }
    for (const hash of hashes) {
      expect((await reader.waitForTransactionReceipt({ hash })).status).toBe('success');
    }
    await closeSocket(wallet);
  });
});

describe('ethers', () => {
  let provider: WebSocketProvider;

  beforeAll(() => {
    provider = new WebSocketProvider(stage.webSocketUrl);
  });
  afterAll(() => provider.destroy());

  test('asks for the receipt as soon as it hears of the block', async () => {
    const told = new Told<readonly [number, unknown]>();
    const onBlock = async (height: number): Promise<void> => {
      const block = await provider.getBlock(height);
      told.add([height, await provider.getTransactionReceipt(block?.transactions[0] ?? '')]);
    };
    await subscribing('newHeads', () => provider.on('block', onBlock));
    for (let round = 0; round < 5; round += 1) {
      const hash = await transfer('0x1');
      const receipt = await stage.rpc.call<RpcReceipt>('eth_getTransactionReceipt', hash);
      const height = Number(receipt.blockNumber);
      const [, seen] = await told.first('the block', ([of]) => of === height);
      expect(seen).toMatchObject({ hash, status: 1, blockNumber: height });
    }
    await provider.off('block');
  });

  test('hears of logs', async () => {
    const told = new Told<EthersLog>();
    const filter = { address: token, topics: [TRANSFER_TOPIC] };
    await subscribing('logs', () => provider.on(filter, told.add));
    const hash = await transferTokens(5n);
    const log = await told.first('the log', ({ transactionHash }) => transactionHash === hash);
    const direct = new JsonRpcProvider(stage.url);
    expect((await direct.getTransactionReceipt(hash))?.logs).toEqual([
      expect.objectContaining({ index: log.index, data: log.data, blockHash: log.blockHash }),
    ]);
    direct.destroy();
    await provider.off(filter);
  });

  test('hears of transactions before they are in a block', async () => {
    const told = new Told<string>();
    await subscribing('newPendingTransactions', () => provider.on('pending', told.add));
    await stage.rpc.call('evm_setAutomine', false);
    const hash = await transfer('0xa');
    await told.first('the transaction', (of) => of === hash);
    await stage.rpc.call('evm_setAutomine', true);
    await provider.off('pending');
  });

  test('waits for a receipt', async () => {
    const signer = await provider.getSigner(2);
    const response = await signer.sendTransaction({ to: recipient, value: 1n });
    expect(await response.wait()).toMatchObject({ status: 1 });
  });
});

describe('web3.js', () => {
  let web3: Web3;

  beforeAll(() => {
    web3 = new Web3(stage.webSocketUrl);
  });
  afterAll(() => {
    if (web3.provider instanceof Web3SocketProvider) web3.provider.disconnect();
  });

  test('hears of blocks, logs and transactions', async () => {
    const heads = new Told<{ readonly number?: unknown; readonly hash?: unknown }>();
    const logs = new Told<{ readonly transactionHash?: unknown }>();
    const pending = new Told<string>();
    const subscriptions = [
      await web3.eth.subscribe('newHeads'),
      await web3.eth.subscribe('logs', { address: token }),
      await web3.eth.subscribe('pendingTransactions'),
    ] as const;
    subscriptions[0].on('data', heads.add);
    subscriptions[1].on('data', logs.add as never);
    subscriptions[2].on('data', pending.add as never);
    const hash = await transferTokens(6n);
    const receipt = await stage.rpc.call<RpcReceipt>('eth_getTransactionReceipt', hash);
    await heads.first('the block', (head) => head.hash === receipt.blockHash);
    await logs.first('the log', ({ transactionHash }) => transactionHash === hash);
    await pending.first('the transaction', (of) => of === hash);
    for (const subscription of subscriptions) await subscription.unsubscribe();
    const before = heads.all.length;
    await transfer('0x1');
    await web3.eth.getBlockNumber();
    expect(heads.all).toHaveLength(before);
  });
});

test('takes back the logs of blocks that go', async () => {
  const socket = new WebSocket(stage.webSocketUrl);
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  const told = new Told<{ readonly params?: { readonly result: { readonly removed: boolean } } }>();
  socket.addEventListener('message', ({ data }) => told.add(JSON.parse(String(data))));
  const ask = { jsonrpc: '2.0', id: 'mine', method: 'eth_subscribe', params: ['logs', {}] };
  socket.send(JSON.stringify(ask));
  await told.first('the answer', (message) => 'id' in message && message.id === 'mine');
  await transferTokens(8n);
  await stage.rpc.call('anvil_rollback', 1);
  await told.first('the log', ({ params }) => params?.result.removed === false);
  await told.first('its end', ({ params }) => params?.result.removed === true);
  socket.close();
});

test('every kind of message has come, in the form of its schema', () => {
  const topics = new Set(stage.notices().map(({ topic }) => topic));
  expect([...topics]).toEqual(expect.arrayContaining([...TOPICS]));
  expect(stage.notices().length).toBeGreaterThan(30);
});

test.skipIf(countSchemaChecked([]) === undefined).each(TOPICS)(
  'a damaged message of %s is found',
  (wanted) => {
    const told = stage.notices().find(({ topic }) => topic === wanted);
    const message = told?.message as { readonly params: { readonly result: unknown } };
    const judge = (damaged: unknown, topic: string | undefined = wanted): readonly string[] =>
      noticeFindings([{ topic, message: damaged }]);
    expect(judge(message)).toEqual([]);
    const { params } = message;
    expect(judge({ ...message, id: 1 })).not.toEqual([]);
    expect(judge({ ...message, params: { ...params, subscription: 1 } })).not.toEqual([]);
    const { result } = params;
    const without =
      typeof result === 'string'
        ? result.slice(1)
        : { ...(result as object), blockHash: 7, hash: 7 };
    expect(judge({ ...message, params: { ...params, result: without } })).not.toEqual([]);
    expect(noticeFindings([{ topic: undefined, message }])).not.toEqual([]);
  },
);
