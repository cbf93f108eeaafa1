import {
  type Address,
  createTestClient,
  http,
  numberToHex,
  pad,
  parseEther,
  parseGwei,
  publicActions,
  walletActions,
} from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { compileFixture } from '../contracts/artifacts.ts';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { DEV_BALANCE, devAccount } from '../support/dev-accounts.ts';

// Every action of viem's test client, as scripts written for anvil and for hardhat use them.

const sender = devAccount(0);
const recipient: Address = '0x00000000000000000000000000000000000a11ce';

let stage: ClientStage;

beforeAll(async () => {
  stage = await openClientStage();
});
afterEach(() => {
  expect(stage.findings()).toEqual([]);
});
afterAll(() => stage.close());

function connect(mode: 'anvil' | 'hardhat') {
  return createTestClient({
    mode,
    account: sender,
    chain: foundry,
    transport: http(stage.url),
    // Only the heights of the moment will do.
    cacheTime: 0,
    pollingInterval: 20,
  })
    .extend(publicActions)
    .extend(walletActions);
}

describe.each(['anvil', 'hardhat'] as const)('scripts for %s', (mode) => {
  let client: ReturnType<typeof connect>;

  // Intervals are seconds, as anvil has them; for hardhat viem makes milliseconds of what it is given.
  const secondsInUnit = mode === 'hardhat' ? 0.001 : 1;

  /** The block that is made now. */
  const mineOne = async () => {
    await client.mine({ blocks: 1 });
    return client.getBlock();
  };
  const transfer = { to: recipient, value: 1n } as const;

  beforeAll(() => {
    client = connect(mode);
  });

  test('set what accounts have', async () => {
    const address = '0x00000000000000000000000000000000000c0ffe';
    await client.setBalance({ address, value: parseEther('3') });
    expect(await client.getBalance({ address })).toBe(parseEther('3'));
    await client.setNonce({ address, nonce: 7 });
    expect(await client.getTransactionCount({ address })).toBe(7);
    const { bytecode } = compileFixture('failing');
    await client.setCode({ address, bytecode });
    expect(await client.getCode({ address })).toBe(bytecode);
    const value = pad('0x2a');
    await client.setStorageAt({ address, index: 3, value });
    expect(await client.getStorageAt({ address, slot: '0x3' })).toBe(value);
    await client.setStorageAt({ address, index: numberToHex(4, { size: 32 }), value });
    expect(await client.getStorageAt({ address, slot: '0x4' })).toBe(value);
  });

  test('send in the name of others', async () => {
    const address = '0x00000000000000000000000000000000000b0b0b';
    await client.setBalance({ address, value: parseEther('1') });
    const request = { ...transfer, account: address } as const;
    await expect(client.sendTransaction(request)).rejects.toThrow();
    await client.impersonateAccount({ address });
    const hash = await client.sendTransaction(request);
    const receipt = await client.getTransactionReceipt({ hash });
    expect(receipt).toMatchObject({ status: 'success', from: address });
    expect(await client.getTransaction({ hash })).toMatchObject({ from: address, value: 1n });
    await client.stopImpersonatingAccount({ address });
    await expect(client.sendTransaction(request)).rejects.toThrow();
    const unsigned = await client.sendUnsignedTransaction({ ...transfer, from: address });
    expect(await client.getTransactionReceipt({ hash: unsigned })).toMatchObject({
      status: 'success',
      from: address,
    });
  });

  test('mine, and move the time', async () => {
    const before = await client.getBlock();
    await client.mine({ blocks: 3, interval: 60 });
    const after = await client.getBlock();
    expect(after.number).toBe(before.number + 3n);
    expect(after.timestamp).toBeGreaterThanOrEqual(before.timestamp + 120n);
    await client.increaseTime({ seconds: 1_000 });
    expect((await mineOne()).timestamp).toBeGreaterThanOrEqual(after.timestamp + 1_000n);
    const timestamp = (await client.getBlock()).timestamp + 5_000n;
    await client.setNextBlockTimestamp({ timestamp });
    expect((await mineOne()).timestamp).toBe(timestamp);
    await client.setBlockTimestampInterval({ interval: 12 * secondsInUnit });
    expect((await mineOne()).timestamp).toBe(timestamp + 12n);
    expect((await mineOne()).timestamp).toBe(timestamp + 24n);
    await client.removeBlockTimestampInterval();
    expect((await mineOne()).timestamp).toBeLessThan(timestamp + 36n);
  });

  test('switch mining off and on', async () => {
    expect(await client.getAutomine()).toBe(true);
    await client.setAutomine(false);
    expect(await client.getAutomine()).toBe(false);
    const waiting = await client.sendTransaction(transfer);
    expect((await client.getTransaction({ hash: waiting })).blockNumber).toBeNull();
    await client.setIntervalMining({ interval: secondsInUnit });
    const receipt = await client.waitForTransactionReceipt({ hash: waiting });
    expect(receipt.status).toBe('success');
    await client.setIntervalMining({ interval: 0 });
    await client.setAutomine(true);
    const hash = await client.sendTransaction(transfer);
    expect((await client.getTransactionReceipt({ hash })).status).toBe('success');
  });

  test('look into the pool and take out of it', async () => {
    await client.setAutomine(false);
    const nonce = await client.getTransactionCount({ address: sender.address });
    const first = await client.sendTransaction(transfer);
    const second = await client.sendTransaction({ ...transfer, nonce: nonce + 1 });
    const far = await client.sendTransaction({ ...transfer, nonce: nonce + 9, gas: 21_000n });
    expect(await client.getTxpoolStatus()).toEqual({ pending: 2, queued: 1 });
    const { pending, queued } = await client.getTxpoolContent();
    const hashes = (of: typeof pending): readonly (readonly [string, string])[] =>
      Object.values(of).flatMap((byNonce) =>
        Object.entries(byNonce).map(([at, { hash }]) => [at, hash] as const),
      );
    expect(hashes(pending)).toEqual([
      [String(nonce), first],
      [String(nonce + 1), second],
    ]);
    expect(hashes(queued)).toEqual([[String(nonce + 9), far]]);
    const inspected = await client.inspectTxpool();
    expect(Object.values(inspected.queued)).toEqual([
      {
        [String(nonce + 9)]: expect.stringMatching(
          /^0x[0-9a-fA-F]{40}: 1 wei \+ 21000 gas × \d+ wei$/,
        ),
      },
    ]);
    await client.dropTransaction({ hash: second });
    await client.dropTransaction({ hash: far });
    expect(await client.getTxpoolStatus()).toEqual({ pending: 1, queued: 0 });
    await client.setAutomine(true);
    await mineOne();
    expect((await client.getTransactionReceipt({ hash: first })).status).toBe('success');
    await expect(client.getTransaction({ hash: second })).rejects.toThrow('could not be found');
  });

  test('set what blocks have', async () => {
    const before = await client.getBlock();
    await client.setBlockGasLimit({ gasLimit: 20_000_000n });
    await client.setCoinbase({ address: recipient });
    await client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('7') });
    await client.setLoggingEnabled(false);
    expect(await mineOne()).toMatchObject({
      gasLimit: 20_000_000n,
      miner: recipient,
      baseFeePerGas: parseGwei('7'),
    });
    await client.setLoggingEnabled(true);
    await client.setMinGasPrice({ gasPrice: parseGwei('9') });
    const cheap = { ...transfer, gas: 21_000n, gasPrice: parseGwei('8') };
    await expect(client.sendTransaction(cheap)).rejects.toThrow();
    await client.setMinGasPrice({ gasPrice: 0n });
    await client.setBlockGasLimit({ gasLimit: before.gasLimit });
    await client.setCoinbase({ address: before.miner });
  });

  test('go back to a snapshot', async () => {
    const id = await client.snapshot();
    const before = await client.getBlock();
    const balance = await client.getBalance({ address: recipient });
    await client.sendTransaction({ ...transfer, value: parseEther('2') });
    await client.increaseTime({ seconds: 100_000 });
    await client.setBalance({ address: sender.address, value: 5n });
    await client.revert({ id });
    expect(await client.getBlock()).toEqual(before);
    expect(await client.getBalance({ address: recipient })).toBe(balance);
    expect(await client.getBalance({ address: sender.address })).toBeGreaterThan(5n);
    expect((await mineOne()).timestamp).toBeLessThan(before.timestamp + 50_000n);
  });

  test('dump the state, start again, and load it', async () => {
    await client.sendTransaction({ ...transfer, value: parseEther('2') });
    const head = await client.getBlock();
    const balance = await client.getBalance({ address: recipient });
    const state = await client.dumpState();
    await client.reset();
    expect(await client.getBlockNumber()).toBe(0n);
    expect(await client.getBalance({ address: sender.address })).toBe(DEV_BALANCE);
    expect(await client.getBalance({ address: recipient })).toBe(0n);
    await client.loadState({ state });
    expect(await client.getBlock()).toEqual(head);
    expect(await client.getBalance({ address: recipient })).toBe(balance);
  });

  test('cannot fork', async () => {
    // Past the record: the one method that may be missing.
    const direct = createTestClient({ mode, chain: foundry, transport: http(stage.node.endpoint) });
    await expect(direct.setRpcUrl('http://127.0.0.1:1')).rejects.toThrow('does not exist');
  });
});
