import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createDevNode, type DevNode, type DevNodeOptions } from '@lucerna/sdk';
import { BrowserProvider } from 'ethers';
import {
  type Address,
  createPublicClient,
  createWalletClient,
  custom,
  type Hash,
  type PublicClient,
  parseEther,
  zeroAddress,
} from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { databasesHere } from '../support/databases.ts';
import { DEV_BALANCE, devAccount, privateKeyOf } from '../support/dev-accounts.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

const sender = devAccount(0);
const recipient = '0x00000000000000000000000000000000000A11cE';

let directory: TemporaryDirectory;
let open: DevNode[];

beforeEach(() => {
  directory = makeTemporaryDirectory();
  open = [];
});

afterEach(async () => {
  for (const node of open) await node.close();
  directory.remove();
});

async function start(options: DevNodeOptions = {}): Promise<DevNode> {
  const node = await createDevNode(options);
  open.push(node);
  return node;
}

async function stop(node: DevNode): Promise<void> {
  open = open.filter((one) => one !== node);
  await node.close();
}

/** viem over the node's provider, as a program in the same process uses it. */
function viemOver(node: DevNode): PublicClient {
  return createPublicClient({ chain: foundry, transport: custom(node.provider) }) as PublicClient;
}

async function sendOver(node: DevNode, value: bigint): Promise<Hash> {
  const wallet = createWalletClient({
    account: sender,
    chain: foundry,
    transport: custom(node.provider),
  });
  return wallet.sendTransaction({ to: recipient, value });
}

describe('a dev node in memory', () => {
  test('serves viem', async () => {
    const node = await start();
    const client = viemOver(node);
    const hash = await sendOver(node, parseEther('2'));
    const receipt = await client.waitForTransactionReceipt({ hash });
    expect(receipt).toMatchObject({ status: 'success', blockNumber: 1n, gasUsed: 21_000n });
    expect(await client.getBalance({ address: recipient })).toBe(parseEther('2'));
    const paid = receipt.gasUsed * receipt.effectiveGasPrice + parseEther('2');
    expect(await client.getBalance({ address: sender.address })).toBe(DEV_BALANCE - paid);
  });

  test('serves ethers, which signs nothing itself', async () => {
    const node = await start();
    const provider = new BrowserProvider(node.provider);
    const signer = await provider.getSigner(2);
    expect(signer.address).toBe(devAccount(2).address);
    const response = await signer.sendTransaction({ to: recipient, value: 5n });
    expect(await response.wait()).toMatchObject({ status: 1, blockNumber: 1 });
    expect(await provider.getBalance(recipient)).toBe(5n);
    provider.destroy();
  });

  test('names the accounts that it signs for', async () => {
    const node = await start();
    expect(node.accounts).toEqual(
      Array.from({ length: 10 }, (_, index) => {
        const account = devAccount(index);
        return { address: account.address, privateKey: privateKeyOf(account) };
      }),
    );
    for (const { address: from } of node.accounts) {
      const call = {
        method: 'eth_sendTransaction',
        params: [{ from, to: recipient, value: '0x1' }],
      };
      const hash = await node.provider.request(call);
      const receipt = await node.provider.request({
        method: 'eth_getTransactionReceipt',
        params: [hash],
      });
      expect(receipt).toMatchObject({ status: '0x1', from: from.toLowerCase() });
    }
    expect(await viemOver(node).getBalance({ address: recipient })).toBe(10n);
    const stranger = { from: recipient, to: recipient, value: '0x0' };
    const refused = node.provider.request({ method: 'eth_sendTransaction', params: [stranger] });
    await expect(refused).rejects.toMatchObject({ code: -32_000 });
  });

  test('has the accounts of a mnemonic, and what they are to have', async () => {
    const mnemonic = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
    const node = await start({ mnemonic, accounts: 12, balance: 5n });
    const addresses = Array.from(
      { length: 12 },
      (_, addressIndex) => mnemonicToAccount(mnemonic, { addressIndex }).address,
    );
    expect(node.accounts.map(({ address }) => address)).toEqual(addresses);
    const address = addresses[11] as Address;
    expect(await viemOver(node).getBalance({ address })).toBe(5n);
    expect(await viemOver(node).getBalance({ address: sender.address })).toBe(0n);
    await expect(start({ mnemonic: 'no words' })).rejects.toMatchObject({
      code: 'MNEMONIC_INVALID',
    });
  });

  test('keeps pool, snapshots and settings in its directory', async () => {
    const options: DevNodeOptions = { dataDirectory: directory.path };
    const ask = (node: DevNode, method: string, ...params: unknown[]): Promise<unknown> =>
      node.provider.request({ method, params });
    let node = await start(options);
    await ask(node, 'evm_setAutomine', false);
    await ask(node, 'evm_increaseTime', 5_000);
    const hash = await sendOver(node, 1n);
    await ask(node, 'evm_snapshot');
    await ask(node, 'anvil_setBalance', recipient, '0x7');
    await ask(node, 'anvil_dropAllTransactions');
    await stop(node);
    node = await start(options);
    expect(await ask(node, 'anvil_getAutomine')).toBe(false);
    expect(await ask(node, 'eth_getTransactionByHash', hash)).toBeNull();
    expect(await ask(node, 'evm_revert', '0x0')).toBe(true);
    await stop(node);
    node = await start(options);
    expect(await viemOver(node).getBalance({ address: recipient })).toBe(0n);
    await node.mine();
    const { timestamp } = await viemOver(node).getBlock();
    expect(timestamp).toBeGreaterThan(BigInt(Math.floor(Date.now() / 1_000) + 4_000));
    expect(await viemOver(node).getTransactionReceipt({ hash })).toMatchObject({ blockNumber: 1n });
  });

  test('mines on demand', async () => {
    const node = await start({ mining: { mode: 'manual' } });
    const client = viemOver(node);
    const height = (): Promise<bigint> => client.getBlockNumber({ cacheTime: 0 });
    await node.mine();
    await node.mine(5);
    expect(await height()).toBe(6n);
    const hash = await sendOver(node, 1n);
    expect(await client.getTransaction({ hash })).toMatchObject({ blockNumber: null });
    await node.mine(3);
    expect(await height()).toBe(9n);
    expect(await client.getTransactionReceipt({ hash })).toMatchObject({ blockNumber: 7n });
    await expect(node.mine(0)).rejects.toMatchObject({ code: 'BLOCK_COUNT_OUT_OF_RANGE' });
  });

  test('keeps as much history as it is asked for', async () => {
    const node = await start({ history: 1 });
    for (let made = 0; made < 3; made += 1) await sendOver(node, 1n);
    const client = viemOver(node);
    expect(await client.getBalance({ address: recipient, blockNumber: 2n })).toBe(2n);
    const params = [recipient, '0x1'];
    const older = node.provider.request({ method: 'eth_getBalance', params });
    await expect(older).rejects.toMatchObject({ code: 4444 });
  });

  test('mines at an interval', async () => {
    const node = await start({ mining: { mode: 'interval', blockTimeMs: 50 } });
    const hash = await sendOver(node, 1n);
    const client = viemOver(node);
    const receipt = await client.waitForTransactionReceipt({ hash, pollingInterval: 20 });
    expect(receipt.status).toBe('success');
  });

  test('mines again after more was asked of it than it takes', async () => {
    const node = await start();
    const requests = Array.from({ length: 3_000 }, () => node.mine());
    const hashes = Array.from({ length: 3 }, (_, nonce) =>
      node.provider.request({
        method: 'eth_sendTransaction',
        params: [{ from: sender.address, to: recipient, value: '0x1', nonce: `0x${nonce}` }],
      }),
    );
    const outcomes = await Promise.allSettled([...requests, ...hashes]);
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
    const params = [sender.address, 'pending'];
    const nonce = Number(
      await node.provider.request({ method: 'eth_getTransactionCount', params }),
    );
    const hash = await sendOver(node, 1n);
    const mined = await viemOver(node).getTransactionReceipt({ hash });
    expect(mined).toMatchObject({ status: 'success' });
    expect(await viemOver(node).getTransactionCount({ address: sender.address })).toBe(nonce + 1);
  });

  test('throws EIP-1193 errors', async () => {
    const { provider } = await start();
    await expect(provider.request({ method: 'eth_nothing' })).rejects.toMatchObject({
      code: -32_601,
      message: expect.stringContaining('eth_nothing'),
    });
    await expect(
      provider.request({ method: 'eth_getBalance', params: ['0x12'] }),
    ).rejects.toMatchObject({ code: -32_602 });
  });

  test('has the chain id that it is given', async () => {
    const node = await start({ chainId: 1_337n });
    expect(node.chainId).toBe(1_337n);
    expect(await node.provider.request({ method: 'eth_chainId' })).toBe('0x539');
    expect(await node.provider.request({ method: 'net_version' })).toBe('1337');
  });

  test('is a chain of its own beside another one', async () => {
    const [first, second] = await Promise.all([start(), start({ chainId: 4_242n })]);
    await sendOver(first, 1n);
    await second.mine(3);
    expect(await viemOver(first).getBlockNumber()).toBe(1n);
    expect(await viemOver(second).getBlockNumber()).toBe(3n);
    expect(await viemOver(second).getBalance({ address: recipient })).toBe(0n);
  });
});

describe('a dev node in a directory', () => {
  test('goes on where it ended', async () => {
    const first = await start({ dataDirectory: directory.path });
    const hash = await sendOver(first, parseEther('3'));
    const before = await viemOver(first).getTransactionReceipt({ hash });
    const genesis = await viemOver(first).getBlock({ blockNumber: 0n });
    await stop(first);

    const second = await start({ dataDirectory: directory.path });
    const client = viemOver(second);
    expect(await client.getTransactionReceipt({ hash })).toEqual(before);
    expect(await client.getBlock({ blockNumber: 0n })).toEqual(genesis);
    expect(await client.getBalance({ address: recipient })).toBe(parseEther('3'));
    expect(await client.getBalance({ address: recipient, blockNumber: 0n })).toBe(0n);
    await sendOver(second, 1n);
    expect(await client.getTransactionCount({ address: sender.address })).toBe(2);
  });

  test('begins anew after a reset', async () => {
    const first = await start({ dataDirectory: directory.path });
    await sendOver(first, 1n);
    await stop(first);
    const second = await start({ dataDirectory: directory.path, reset: true });
    expect(await viemOver(second).getBlockNumber()).toBe(0n);
    expect(await viemOver(second).getBalance({ address: sender.address })).toBe(DEV_BALANCE);
  });

  test('keeps its chain id', async () => {
    const first = await start({ dataDirectory: directory.path, chainId: 77n });
    await stop(first);
    const options = { dataDirectory: directory.path, chainId: 78n };
    await expect(start(options)).rejects.toMatchObject({ code: 'CHAIN_ID_DIFFERS' });
    const second = await start({ dataDirectory: directory.path });
    expect(second.chainId).toBe(77n);
  });

  test('is alone in it', async () => {
    const first = await start({ dataDirectory: directory.path });
    const again = start({ dataDirectory: directory.path });
    await expect(again).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
    // The one that was there has not noticed.
    await sendOver(first, 1n);
    expect(await viemOver(first).getBalance({ address: zeroAddress })).toBeGreaterThan(0n);
  });

  test('acknowledges what outlives a power loss when asked to', async () => {
    const node = await start({ dataDirectory: directory.path, durability: 'power' });
    const hash = await sendOver(node, 1n);
    expect(await viemOver(node).getTransactionReceipt({ hash })).toMatchObject({ blockNumber: 1n });
  });
});

describe.runIf(databasesHere().includes('rocksdb'))('a dev node on RocksDB', () => {
  const dataDirectory = (): string => directory.path;

  test('goes on where it ended, without being told the database again', async () => {
    const first = await start({ dataDirectory: dataDirectory(), database: 'rocksdb' });
    const hash = await sendOver(first, parseEther('3'));
    const before = await viemOver(first).getTransactionReceipt({ hash });
    await stop(first);
    const second = await start({ dataDirectory: dataDirectory() });
    const client = viemOver(second);
    expect(await client.getTransactionReceipt({ hash })).toEqual(before);
    expect(await client.getBalance({ address: recipient, blockNumber: 0n })).toBe(0n);
    await sendOver(second, 1n);
    await stop(second);
    const other = start({ dataDirectory: dataDirectory(), database: 'lmdb' });
    await expect(other).rejects.toMatchObject({ code: 'DATA_DIRECTORY_DATABASE' });
  });

  test.each([
    ['lmdb', 'rocksdb'],
    ['rocksdb', 'lmdb'],
  ] as const)('moves from %s to %s by way of the block log', async (from, to) => {
    const first = await start({ dataDirectory: dataDirectory(), database: from });
    const hash = await sendOver(first, 7n);
    const before = await viemOver(first).getTransactionReceipt({ hash });
    await stop(first);
    rmSync(join(directory.path, 'store'), { recursive: true });
    const second = await start({ dataDirectory: dataDirectory(), database: to });
    expect(await viemOver(second).getTransactionReceipt({ hash })).toEqual(before);
    await sendOver(second, 1n);
  });

  test('begins anew with another database after a reset', async () => {
    const first = await start({ dataDirectory: dataDirectory(), database: 'rocksdb' });
    await sendOver(first, 1n);
    await stop(first);
    const second = await start({ dataDirectory: dataDirectory(), database: 'lmdb', reset: true });
    expect(await viemOver(second).getBlockNumber()).toBe(0n);
    expect(readdirSync(join(directory.path, 'store')).sort()).toEqual(['data.mdb', 'lock.mdb']);
  });

  test('acknowledges what outlives a power loss when asked to', async () => {
    const options = { database: 'rocksdb', durability: 'power' } as const;
    const node = await start({ dataDirectory: dataDirectory(), ...options });
    const hash = await sendOver(node, 1n);
    expect(await viemOver(node).getTransactionReceipt({ hash })).toMatchObject({ blockNumber: 1n });
  });
});

test('options that no node can have leave the directory as it is', async () => {
  const dataDirectory = join(directory.path, 'chain');
  const mining = { mode: 'interval', blockTimeMs: 0 } as const;
  const refused = createDevNode({ dataDirectory, mining });
  await expect(refused).rejects.toMatchObject({ code: 'BLOCK_INTERVAL_OUT_OF_RANGE' });
  expect(readdirSync(directory.path)).toEqual([]);
});
