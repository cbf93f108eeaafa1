import {
  type Address,
  createPublicClient,
  createWalletClient,
  type Hash,
  http,
  type PublicClient,
  parseEther,
  parseGwei,
  type ReplacementReturnType,
  type TransactionReceipt,
  webSocket,
  zeroAddress,
} from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { closeSocket } from '../support/close-socket.ts';
import { DEV_BALANCE, devAccount } from '../support/dev-accounts.ts';
import { recomputeAllHashes } from '../support/recompute-hashes.ts';
import { countSchemaChecked } from '../support/rpc-conformance.ts';
import { waitUntil } from '../support/wait-until.ts';

const sender = devAccount(0);
const recipient: Address = '0x00000000000000000000000000000000000a11ce';

type Wire = 'HTTP' | 'WebSocket';

let stage: ClientStage;
let transport: ReturnType<typeof http> | ReturnType<typeof webSocket>;
let clients: ReturnType<typeof connect>;

/** Clients as a user makes them: an address and nothing else. viem's `foundry` is chain 31337. */
function connect() {
  return {
    reader: createPublicClient({ chain: foundry, transport }) as PublicClient,
    wallet: createWalletClient({ account: sender, chain: foundry, transport }),
  };
}

function startStage(args: readonly string[], wire: Wire = 'HTTP'): void {
  beforeAll(async () => {
    stage = await openClientStage(args);
    transport = wire === 'HTTP' ? http(stage.url) : webSocket(stage.webSocketUrl);
    clients = connect();
  });
  afterEach(() => {
    expect(stage.findings()).toEqual([]);
  });
  afterAll(async () => {
    // All clients share the one connection.
    await closeSocket(clients.reader);
    await stage.close();
  });
}

/** The receipt says what the transfer cost; the balances must agree. */
async function expectTransfer(hash: Hash, value: bigint): Promise<TransactionReceipt> {
  const { reader } = clients;
  const receipt = await reader.waitForTransactionReceipt({ hash });
  expect(receipt).toMatchObject({ status: 'success', gasUsed: 21_000n, logs: [] });
  expect(receipt.contractAddress ?? null).toBeNull();
  const at = receipt.blockNumber;
  const change = async (address: Address): Promise<bigint> =>
    (await reader.getBalance({ address, blockNumber: at })) -
    (await reader.getBalance({ address, blockNumber: at - 1n }));
  const fee = receipt.gasUsed * receipt.effectiveGasPrice;
  const block = await reader.getBlock({ blockNumber: at });
  const tip = receipt.effectiveGasPrice - (block.baseFeePerGas ?? 0n);
  expect(await change(receipt.from)).toBe(-value - fee);
  expect(await change(receipt.to ?? zeroAddress)).toBe(value);
  expect(await change(block.miner)).toBe(tip * receipt.gasUsed);
  return receipt;
}

describe.each(['HTTP', 'WebSocket'] as const)('a node that mines at once, over %s', (wire) => {
  startStage([], wire);

  test('reads a new chain', async () => {
    const { reader } = clients;
    expect(await reader.getChainId()).toBe(31_337);
    expect(await reader.getBlockNumber()).toBe(0n);
    expect(await reader.getBalance({ address: sender.address })).toBe(DEV_BALANCE);
    expect(await reader.getTransactionCount({ address: sender.address })).toBe(0);
    expect(await reader.getCode({ address: sender.address })).toBeUndefined();
    expect(await reader.getStorageAt({ address: sender.address, slot: '0x0' })).toBe(
      `0x${'00'.repeat(32)}`,
    );
    const genesis = await reader.getBlock();
    expect(genesis).toMatchObject({ number: 0n, gasLimit: 30_000_000n, transactions: [] });
    expect(genesis.baseFeePerGas).toBe(parseGwei('1'));
    expect(await reader.getBlock({ blockHash: genesis.hash ?? '0x' })).toEqual(genesis);
    for (const blockTag of ['earliest', 'latest', 'safe', 'finalized'] as const) {
      expect(await reader.getBlock({ blockTag })).toEqual(genesis);
    }
    await expect(reader.getBlock({ blockNumber: 99n })).rejects.toThrow('could not be found');
  });

  test('estimates fees and gas', async () => {
    const { reader } = clients;
    const fees = await reader.estimateFeesPerGas();
    expect(fees.maxFeePerGas).toBeGreaterThan(fees.maxPriorityFeePerGas);
    expect(await reader.estimateMaxPriorityFeePerGas()).toBeGreaterThan(0n);
    const baseFee = (await reader.getBlock()).baseFeePerGas ?? 0n;
    expect(await reader.getGasPrice()).toBeGreaterThanOrEqual((baseFee * 7n) / 8n);
    const transfer = { account: sender.address, to: recipient, value: 1n };
    expect(await reader.estimateGas(transfer)).toBe(21_000n);
    expect(await reader.estimateGas({ ...transfer, data: '0x00ff' })).toBe(21_020n);
    expect(await reader.call(transfer)).toEqual({ data: undefined });
  });

  test.each(['legacy', 'eip2930', 'eip1559'] as const)(
    'sends a transfer of type %s',
    async (type) => {
      const { reader, wallet } = clients;
      const value = parseEther('1.5');
      const hash = await wallet.sendTransaction({ to: recipient, value, type });
      await expectTransfer(hash, value);
      const mined = await reader.getTransaction({ hash });
      expect(mined).toMatchObject({ type, hash, value, chainId: 31_337, input: '0x' });
      const position = { blockNumber: mined.blockNumber ?? 0n, index: 0 };
      expect(await reader.getTransaction(position)).toEqual(mined);
    },
  );

  test('pays for an access list and for data', async () => {
    const { reader, wallet } = clients;
    const storageKeys = [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`] as const;
    const hash = await wallet.sendTransaction({
      to: recipient,
      data: '0x0001',
      accessList: [{ address: recipient, storageKeys: [...storageKeys] }],
    });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    expect(receipt.gasUsed).toBe(21_000n + 4n + 16n + 2_400n + 2n * 1_900n);
    expect(await reader.getTransaction({ hash })).toMatchObject({
      type: 'eip1559',
      accessList: [{ address: recipient, storageKeys }],
    });
  });

  test('sends from an account that the node signs for', async () => {
    const { reader } = clients;
    const wallet = createWalletClient({ chain: foundry, transport });
    const addresses = await wallet.getAddresses();
    expect(addresses).toEqual(Array.from({ length: 10 }, (_, index) => devAccount(index).address));
    const account = addresses[3] ?? zeroAddress;
    const hash = await wallet.sendTransaction({ account, to: recipient, value: 7n });
    expect(await expectTransfer(hash, 7n)).toMatchObject({ from: account.toLowerCase() });
    expect(await reader.getTransactionCount({ address: account })).toBe(1);
  });

  test('mines a hundred nonces that arrive in reverse', async () => {
    const { reader } = clients;
    const account = devAccount(1);
    const wallet = createWalletClient({ account, chain: foundry, transport });
    const fees = { gas: 21_000n, maxFeePerGas: parseGwei('20'), maxPriorityFeePerGas: 1n };
    const hashes: Hash[] = [];
    for (let nonce = 99; nonce >= 0; nonce -= 1) {
      hashes.push(await wallet.sendTransaction({ to: recipient, value: 1n, nonce, ...fees }));
    }
    expect(await reader.getTransactionCount({ address: account.address })).toBe(100);
    for (const hash of hashes) {
      expect(await reader.getTransactionReceipt({ hash })).toMatchObject({ status: 'success' });
    }
  });

  test('has the receipt as soon as a transaction is answered', async () => {
    const { reader, wallet } = clients;
    for (let value = 1n; value <= 25n; value += 1n) {
      const hash = await wallet.sendTransaction({ to: recipient, value });
      expect(await reader.getTransactionReceipt({ hash })).toMatchObject({ status: 'success' });
    }
  });

  test('has the receipt with the answer, when it is asked to wait', async () => {
    const { wallet } = clients;
    const receipt = await wallet.sendTransactionSync({ to: recipient, value: 13n });
    expect(receipt).toMatchObject({ status: 'success', gasUsed: 21_000n });
    expect(await clients.reader.getTransactionReceipt({ hash: receipt.transactionHash })).toEqual(
      receipt,
    );
  });

  test('reads the fee history of what was mined', async () => {
    const { reader } = clients;
    const head = await reader.getBlockNumber({ cacheTime: 0 });
    const history = await reader.getFeeHistory({ blockCount: 4, rewardPercentiles: [25, 75] });
    expect(history.oldestBlock).toBe(head - 3n);
    expect(history.baseFeePerGas).toHaveLength(5);
    expect(history.reward?.map((row) => row.length)).toEqual([2, 2, 2, 2]);
    for (const [index, ratio] of history.gasUsedRatio.entries()) {
      const block = await reader.getBlock({ blockNumber: history.oldestBlock + BigInt(index) });
      expect(history.baseFeePerGas[index]).toBe(block.baseFeePerGas);
      expect(ratio).toBeCloseTo(Number(block.gasUsed) / Number(block.gasLimit), 12);
    }
  });

  test('tells apart what is wrong with a transaction', async () => {
    const { wallet } = clients;
    const broke = createWalletClient({
      account: devAccount(20),
      chain: foundry,
      transport,
    });
    await expect(
      broke.sendTransaction({ to: recipient, value: 1n, gas: 21_000n }),
    ).rejects.toMatchObject({ cause: { name: 'InsufficientFundsError' } });
    await expect(
      wallet.sendTransaction({ to: recipient, nonce: 0, gas: 21_000n }),
    ).rejects.toMatchObject({ cause: { name: 'NonceTooLowError' } });
    await expect(
      wallet.sendTransaction({ to: recipient, nonce: 1_000_000, gas: 21_000n }),
    ).rejects.toMatchObject({ cause: { name: 'NonceTooHighError' } });
    await expect(wallet.sendTransaction({ to: recipient, gas: 20_999n })).rejects.toMatchObject({
      cause: { name: 'IntrinsicGasTooLowError' },
    });
  });

  test('has hashes, roots and senders that @ethereumjs computes too', async () => {
    const counts = await recomputeAllHashes(stage.node.endpoint);
    expect(counts.transactions).toBeGreaterThan(100);
    expect(countSchemaChecked(stage.exchanges()) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(250);
  });
});

/** A transfer and the same nonce again at a higher price; resolves once the node saw viem look. */
async function replaceWhileWaiting(): Promise<{
  readonly replacement: Hash;
  readonly receipt: Promise<TransactionReceipt>;
  readonly notice: Promise<ReplacementReturnType>;
}> {
  const { reader, wallet } = clients;
  const nonce = await reader.getTransactionCount({ address: sender.address, blockTag: 'pending' });
  const transfer = { to: recipient, value: 3n, nonce, gas: 21_000n } as const;
  const price = { maxFeePerGas: parseGwei('10'), maxPriorityFeePerGas: parseGwei('1') };
  const hash = await wallet.sendTransaction({ ...transfer, ...price });
  const { promise: notice, resolve: onReplaced } = Promise.withResolvers<ReplacementReturnType>();
  const receipt = reader.waitForTransactionReceipt({ hash, onReplaced });
  // viem can only know a replacement when it has seen what was replaced.
  await waitUntil('viem has seen the pending transaction', () =>
    stage
      .exchanges()
      .find(
        (exchange) =>
          exchange.method === 'eth_getTransactionByHash' &&
          exchange.params[0] === hash &&
          exchange.answer.result !== null,
      ),
  );
  await expect(
    wallet.sendTransaction({ ...transfer, ...price, maxFeePerGas: parseGwei('10.5') }),
  ).rejects.toThrow('replacement transaction underpriced');
  const replacement = await wallet.sendTransaction({
    ...transfer,
    maxFeePerGas: price.maxFeePerGas * 2n,
    maxPriorityFeePerGas: price.maxPriorityFeePerGas * 2n,
  });
  return { replacement, receipt, notice };
}

describe('a node that mines when told to', () => {
  startStage(['--no-mining']);

  test('keeps a transaction pending until evm_mine', async () => {
    const { reader, wallet } = clients;
    const hash = await wallet.sendTransaction({ to: recipient, value: 5n });
    expect(await reader.getTransaction({ hash })).toMatchObject({ blockNumber: null, value: 5n });
    await expect(reader.getTransactionReceipt({ hash })).rejects.toThrow('could not be found');
    expect(await reader.getBlockNumber({ cacheTime: 0 })).toBe(0n);
    const count = (blockTag: 'latest' | 'pending'): Promise<number> =>
      reader.getTransactionCount({ address: sender.address, blockTag });
    expect([await count('latest'), await count('pending')]).toEqual([0, 1]);
    const pending = await reader.getBlock({ blockTag: 'pending' });
    expect(pending.transactions).toContain(hash);
    await stage.rpc.call('evm_mine');
    await expectTransfer(hash, 5n);
    expect([await count('latest'), await count('pending')]).toEqual([1, 1]);
  });

  test('reports a transaction that was replaced while pending', async () => {
    const { reader } = clients;
    const { replacement, receipt, notice } = await replaceWhileWaiting();
    await stage.rpc.call('evm_mine');
    expect((await receipt).transactionHash).toBe(replacement);
    expect(await notice).toMatchObject({
      reason: 'repriced',
      transaction: { hash: replacement, value: 3n },
    });
    expect(await reader.getTransactionCount({ address: sender.address })).toBe(2);
  });

  test('has hashes, roots and senders that @ethereumjs computes too', async () => {
    expect(await recomputeAllHashes(stage.node.endpoint)).toEqual({ blocks: 3, transactions: 2 });
  });
});

describe('a node that mines every two seconds', () => {
  startStage(['--block-time', '2']);

  test('reports a transaction that was replaced between two blocks', async () => {
    const { reader } = clients;
    const height = (): Promise<bigint> => reader.getBlockNumber({ cacheTime: 0 });
    const before = await height();
    await waitUntil('a block begins', async () => ((await height()) > before ? true : undefined));
    const { replacement, receipt, notice } = await replaceWhileWaiting();
    expect((await receipt).transactionHash).toBe(replacement);
    expect(await notice).toMatchObject({
      reason: 'repriced',
      transaction: { hash: replacement, value: 3n },
    });
  });

  test('mines a transaction without being asked', async () => {
    const hash = await clients.wallet.sendTransaction({ to: recipient, value: 11n });
    await expectTransfer(hash, 11n);
  });
});
