import {
  ethers,
  JsonRpcProvider,
  NonceManager,
  type TransactionReceipt,
  type TransactionRequest,
  type TransactionResponse,
  Wallet,
  WebSocketProvider,
} from 'ethers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { DEV_BALANCE, devAccount, privateKeyOf } from '../support/dev-accounts.ts';
import { recomputeAllHashes } from '../support/recompute-hashes.ts';
import { countSchemaChecked } from '../support/rpc-conformance.ts';
import { waitUntil } from '../support/wait-until.ts';

const sender = devAccount(0).address;
const recipient = '0x00000000000000000000000000000000000A11cE';

let stage: ClientStage;
let provider: JsonRpcProvider | WebSocketProvider;
let wallet: Wallet;

function startStage(args: readonly string[], wire: 'HTTP' | 'WebSocket' = 'HTTP'): void {
  beforeAll(async () => {
    stage = await openClientStage(args);
    provider =
      wire === 'HTTP' ? new JsonRpcProvider(stage.url) : new WebSocketProvider(stage.webSocketUrl);
    wallet = new Wallet(privateKeyOf(devAccount(0)), provider);
  });
  afterEach(() => {
    expect(stage.findings()).toEqual([]);
  });
  afterAll(async () => {
    await provider.destroy();
    await stage.close();
  });
}

async function mined(response: TransactionResponse): Promise<TransactionReceipt> {
  const receipt = await response.wait();
  expect(receipt).not.toBeNull();
  return receipt as TransactionReceipt;
}

/**
 * The nonce that ethers would sign with. It repeats an answer for a quarter of a second, whatever has
 * been mined meanwhile, so that quick transfers need this or a NonceManager on every node.
 */
function caughtUpNonce(): Promise<number> {
  return waitUntil('ethers asks for the nonce again', async () => {
    const nonce = await provider.getTransactionCount(sender, 'pending');
    const actual = await stage.rpc.call<string>('eth_getTransactionCount', sender, 'pending');
    return nonce === Number(actual) ? nonce : undefined;
  });
}

async function sendWhenCaughtUp(request: TransactionRequest): Promise<TransactionResponse> {
  await caughtUpNonce();
  return wallet.sendTransaction(request);
}

/** What the receipt says must be what the balances say. */
async function expectTransfer(response: TransactionResponse, value: bigint): Promise<void> {
  const receipt = await mined(response);
  expect(receipt).toMatchObject({ status: 1, gasUsed: 21_000n, contractAddress: null });
  expect(receipt.fee).toBe(receipt.gasUsed * receipt.gasPrice);
  const change = async (address: string): Promise<bigint> =>
    (await provider.getBalance(address, receipt.blockNumber)) -
    (await provider.getBalance(address, receipt.blockNumber - 1));
  expect(await change(receipt.from)).toBe(-value - receipt.fee);
  expect(await change(recipient)).toBe(value);
}

describe.each(['HTTP', 'WebSocket'] as const)('a node that mines at once, over %s', (wire) => {
  startStage([], wire);

  test('reads a new chain', async () => {
    expect(await provider.getNetwork()).toMatchObject({ chainId: 31_337n });
    expect(await provider.getBlockNumber()).toBe(0);
    expect(await provider.getBalance(sender)).toBe(DEV_BALANCE);
    expect(await provider.getTransactionCount(sender)).toBe(0);
    expect(await provider.getCode(sender)).toBe('0x');
    expect(await provider.getStorage(sender, 0)).toBe(ethers.ZeroHash);
    const genesis = await provider.getBlock(0);
    expect(genesis).toMatchObject({
      number: 0,
      gasLimit: 30_000_000n,
      nonce: '0x0000000000000000',
    });
    expect(await provider.getBlock(genesis?.hash ?? '')).toEqual(genesis);
    expect(await provider.getBlock(99)).toBeNull();
    expect(await provider.getTransaction(ethers.ZeroHash)).toBeNull();
    expect(await provider.getTransactionReceipt(ethers.ZeroHash)).toBeNull();
  });

  test('estimates fees and gas', async () => {
    const fees = await provider.getFeeData();
    expect(fees.gasPrice).toBeGreaterThan(0n);
    expect(fees.maxFeePerGas).toBeGreaterThan(fees.maxPriorityFeePerGas ?? 0n);
    const transfer = { from: sender, to: recipient, value: 1n };
    expect(await provider.estimateGas(transfer)).toBe(21_000n);
    expect(await provider.estimateGas({ ...transfer, data: '0x00ff' })).toBe(21_020n);
    expect(await provider.call(transfer)).toBe('0x');
  });

  test.each([0, 1, 2])('sends a transfer of type %i', async (type) => {
    const value = ethers.parseEther('1.5');
    const response = await sendWhenCaughtUp({ type, to: recipient, value });
    await expectTransfer(response, value);
    const read = await provider.getTransaction(response.hash);
    expect(read).toMatchObject({ type, from: sender, to: recipient, value, chainId: 31_337n });
    const block = await provider.getBlock(read?.blockNumber ?? 0, true);
    expect(block?.prefetchedTransactions.map(({ hash }) => hash)).toEqual([response.hash]);
  });

  test('pays for an access list and for data', async () => {
    const storageKeys = [ethers.zeroPadValue('0x01', 32), ethers.zeroPadValue('0x02', 32)];
    const response = await sendWhenCaughtUp({
      to: recipient,
      data: '0x0001',
      accessList: [{ address: recipient, storageKeys }],
    });
    expect(await mined(response)).toMatchObject({ gasUsed: 21_000n + 20n + 2_400n + 3_800n });
    const read = await provider.getTransaction(response.hash);
    expect(read?.accessList).toEqual([{ address: recipient, storageKeys }]);
  });

  test('sends from an account that the node signs for', async () => {
    const signer = await provider.getSigner(4);
    expect(signer.address).toBe(devAccount(4).address);
    await expectTransfer(await signer.sendTransaction({ to: recipient, value: 7n }), 7n);
    expect(await provider.getTransactionCount(signer.address)).toBe(1);
  });

  test('keeps its own nonces for transfers that are sent at the same time', async () => {
    const manager = new NonceManager(new Wallet(privateKeyOf(devAccount(1)), provider));
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => manager.sendTransaction({ to: recipient, value: 1n })),
    );
    const receipts = await Promise.all(responses.map(mined));
    expect(receipts.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 1));
    expect(await provider.getTransactionCount(await manager.getAddress())).toBe(20);
  });

  test('tells apart what is wrong with a transaction', async () => {
    const broke = new Wallet(privateKeyOf(devAccount(20)), provider);
    const transfer = { to: recipient, value: 1n, gasLimit: 21_000n };
    await expect(broke.sendTransaction(transfer)).rejects.toMatchObject({
      code: 'INSUFFICIENT_FUNDS',
    });
    await expect(wallet.sendTransaction({ ...transfer, nonce: 0 })).rejects.toMatchObject({
      code: 'NONCE_EXPIRED',
    });
  });

  test('has hashes, roots and senders that @ethereumjs computes too', async () => {
    const counts = await recomputeAllHashes(stage.node.endpoint);
    expect(counts.transactions).toBe(25);
    expect(countSchemaChecked(stage.exchanges()) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(100);
  });
});

/** Sends a transfer, waits with ethers, and sends the same nonce again at twice the price. */
async function replaceWhileWaiting(): Promise<{
  readonly replacement: string;
  readonly outcome: Promise<unknown>;
}> {
  const nonce = await caughtUpNonce();
  const transfer = { to: recipient, value: 3n, nonce, gasLimit: 21_000n };
  const price = {
    maxFeePerGas: ethers.parseUnits('10', 'gwei'),
    maxPriorityFeePerGas: ethers.parseUnits('1', 'gwei'),
  };
  const first = await wallet.sendTransaction({ ...transfer, ...price });
  // Of a replaced transaction ethers tells by throwing.
  const outcome = first.wait().catch((error: unknown) => error);
  await waitUntil('ethers asks for the receipt', () =>
    stage
      .exchanges()
      .find(
        ({ method, params }) => method === 'eth_getTransactionReceipt' && params[0] === first.hash,
      ),
  );
  await expect(
    wallet.sendTransaction({ ...transfer, ...price, data: '0x00', gasLimit: 30_000n }),
  ).rejects.toMatchObject({ code: 'REPLACEMENT_UNDERPRICED' });
  const second = await wallet.sendTransaction({
    ...transfer,
    maxFeePerGas: price.maxFeePerGas * 2n,
    maxPriorityFeePerGas: price.maxPriorityFeePerGas * 2n,
  });
  return { replacement: second.hash, outcome };
}

/**
 * Makes a block, and one more whenever ethers has asked for the height, until `outcome` is there:
 * ethers looks for a receipt again only when it notices a new block.
 */
async function mineUntil<T>(outcome: Promise<T>): Promise<T> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  outcome.then(settle, settle);
  const asked = (): number =>
    stage.exchanges().filter(({ method }) => method === 'eth_blockNumber').length;
  while (!settled) {
    const before = asked();
    await stage.rpc.call('evm_mine');
    await waitUntil('ethers looks', () => (settled || asked() > before ? true : undefined));
  }
  return outcome;
}

const replacedBy = (hash: string): object => ({
  code: 'TRANSACTION_REPLACED',
  reason: 'repriced',
  replacement: { hash },
  receipt: { status: 1 },
});

describe('a node that mines when told to', () => {
  startStage(['--no-mining']);

  test('keeps a transaction pending until evm_mine', async () => {
    const response = await sendWhenCaughtUp({ to: recipient, value: 5n });
    expect(await provider.getTransaction(response.hash)).toMatchObject({ blockNumber: null });
    expect(await provider.getTransactionReceipt(response.hash)).toBeNull();
    expect(await provider.getTransactionCount(sender, 'latest')).toBe(0);
    expect(await caughtUpNonce()).toBe(1);
    await mineUntil(expectTransfer(response, 5n));
  });

  test('reports a transaction that was replaced while pending', async () => {
    const { replacement, outcome } = await replaceWhileWaiting();
    expect(await mineUntil(outcome)).toMatchObject(replacedBy(replacement));
  });
});

describe('a node that mines every two seconds', () => {
  startStage(['--block-time', '2']);

  test('reports a transaction that was replaced between two blocks', async () => {
    const height = async (): Promise<number> =>
      Number(await stage.rpc.call<string>('eth_blockNumber'));
    const before = await height();
    await waitUntil('a block begins', async () => ((await height()) > before ? true : undefined));
    const { replacement, outcome } = await replaceWhileWaiting();
    expect(await outcome).toMatchObject(replacedBy(replacement));
  });

  test('tells of new blocks and mines without being asked', async () => {
    const numbers: number[] = [];
    await provider.on('block', (number: number) => numbers.push(number));
    await expectTransfer(await sendWhenCaughtUp({ to: recipient, value: 11n }), 11n);
    await waitUntil('ethers has told of a block', () => (numbers.length > 0 ? true : undefined));
    await provider.off('block');
  });

  test('has hashes, roots and senders that @ethereumjs computes too', async () => {
    const counts = await recomputeAllHashes(stage.node.endpoint);
    expect(counts.transactions).toBe(2);
  });
});
