import { fromHex, toHex } from '@lucerna/base';
import { compile } from '@lucerna/zexus';
import { describe, expect, it } from 'vitest';
import {
  balanceOf,
  expectSound,
  heightOf,
  mineOne,
  OTHER,
  STRANGER,
  startDev,
} from './support/dev-chain.ts';

const SLOT = new Uint8Array(32).fill(1);
const WORD = new Uint8Array(32).fill(9);
const [contract] = compile({
  name: 'one.zx',
  text: 'contract One { view action one() -> integer { return 1 } }',
}).contracts;
const CODE = contract!.bytecode;

describe('the state', () => {
  it('is what was set, after the block that was the head, for ever', async () => {
    let chain = await startDev();
    const { dev } = chain;
    await mineOne(chain);
    await dev.setBalance(STRANGER, 10n ** 18n);
    await dev.setNonce(STRANGER, 7n);
    await dev.setCode(STRANGER, CODE);
    await dev.setStorage(STRANGER, SLOT, WORD);
    await dev.mine({ blocks: 2 });
    await dev.setBalance(STRANGER, 5n);
    for (const restart of [false, true]) {
      if (restart) chain = await chain.crash();
      const { api } = chain;
      expect(api.account(0, STRANGER)).toMatchObject({ balance: 0n, nonce: 0n });
      expect(api.account(2, STRANGER)).toMatchObject({ balance: 10n ** 18n, nonce: 7n });
      expect(api.code(1, STRANGER)).toEqual(CODE);
      expect(api.code(0, STRANGER)).toHaveLength(0);
      expect(api.storage(3, STRANGER, SLOT)).toEqual(WORD);
      expect(balanceOf(chain, STRANGER)).toBe(5n);
    }
    await expectSound(chain);
  });

  it('lets an account have storage before anything else', async () => {
    const chain = await startDev();
    await chain.dev.setStorage(OTHER, SLOT, WORD);
    await chain.send(0, { to: toHex(OTHER), value: '0x0' });
    await mineOne(chain);
    expect(chain.api.storage(1, OTHER, SLOT)).toEqual(WORD);
    // As a contract has it from its first moment on.
    expect(chain.api.account(1, OTHER).nonce).toBe(1n);
    await chain.dev.setStorage(OTHER, SLOT, new Uint8Array(32));
    expect(chain.api.storage(1, OTHER, SLOT)).toEqual(new Uint8Array(32));
  });

  it('takes only code that runs, and no code', async () => {
    const { dev, api } = await startDev();
    const evm = { code: 'ENGINE_MISSING' };
    await expect(dev.setCode(OTHER, fromHex('0x6001'))).rejects.toMatchObject(evm);
    await expect(dev.setCode(OTHER, CODE.subarray(0, 40))).rejects.toMatchObject({
      code: expect.stringMatching(/^ZXC_/),
    });
    const [multicall] = [fromHex('0xcA11bde05977b3631167028862bE2a173976CA11')];
    await dev.setCode(OTHER, api.code(0, multicall));
    await dev.setCode(OTHER, CODE);
    await dev.setCode(OTHER, new Uint8Array(0));
    expect(api.code(0, OTHER)).toHaveLength(0);
  });

  it('refuses what an account cannot have, and stays as it is', async () => {
    const chain = await startDev();
    const { hash } = chain.node.chain.head();
    await expect(chain.dev.setBalance(OTHER, 2n ** 256n)).rejects.toMatchObject({
      code: 'BALANCE_OVERFLOW',
    });
    await expect(chain.dev.setNonce(OTHER, 2n ** 64n)).rejects.toMatchObject({
      code: 'NONCE_OUT_OF_RANGE',
    });
    await chain.dev.setBalance(OTHER, 2n ** 256n - 1n);
    await expect(chain.send(0, { to: toHex(OTHER) })).rejects.toThrow(/256 bits/);
    await chain.send(0, { to: toHex(OTHER), gas: '0x5208' });
    await mineOne(chain);
    expect(balanceOf(chain, OTHER)).toBe(2n ** 256n - 1n);
    expect(chain.node.chain.header(0)?.hash).toEqual(hash);
  });

  it('makes blocks of what a change lets in', async () => {
    const chain = await startDev({ mining: { mode: 'automine' } });
    const waiting = await chain.send(0, { nonce: '0x3' });
    expect(heightOf(chain)).toBe(0);
    await chain.dev.setNonce(fromHex(chain.node.accounts[0]!.address), 3n);
    expect(await chain.request('eth_getTransactionReceipt', waiting)).toMatchObject({
      blockNumber: '0x1',
    });
  });
});

describe('impersonation', () => {
  const from = toHex(STRANGER);
  const transfer = { from, to: toHex(OTHER), value: '0x5', gas: '0x5208' };

  it('sends without a key, for one address or for all', async () => {
    let chain = await startDev({ mining: { mode: 'automine' } });
    await chain.dev.setBalance(STRANGER, 10n ** 18n);
    const refused = (): Promise<unknown> => chain.request('eth_sendTransaction', transfer);
    await expect(refused()).rejects.toThrow('unknown account');
    await chain.dev.impersonate(STRANGER);
    const hash = await chain.request('eth_sendTransaction', transfer);
    chain = await chain.crash();
    expect(await chain.request('eth_getTransactionByHash', hash)).toMatchObject({ from });
    await chain.request('eth_sendTransaction', transfer);
    await chain.dev.stopImpersonating(STRANGER);
    await expect(refused()).rejects.toThrow('unknown account');
    await chain.dev.autoImpersonate(true);
    await chain.request('eth_sendTransaction', transfer);
    await chain.dev.autoImpersonate(false);
    await expect(refused()).rejects.toThrow('unknown account');
    expect(balanceOf(chain, OTHER)).toBe(15n);
    await expectSound(chain);
  });

  it('also of a contract, and its transactions wait in the pool over a restart', async () => {
    let chain = await startDev();
    await chain.dev.setCode(STRANGER, CODE);
    await chain.dev.setBalance(STRANGER, 10n ** 18n);
    await chain.dev.impersonate(STRANGER);
    const hash = await chain.request('eth_sendTransaction', transfer);
    chain = await chain.crash();
    await mineOne(chain);
    expect(await chain.request('eth_getTransactionReceipt', hash)).toMatchObject({ status: '0x1' });
    await expectSound(chain);
  });
});

describe('headers', () => {
  it('have what was set, once or from then on', async () => {
    let chain = await startDev();
    const mix = new Uint8Array(32).fill(3);
    await chain.dev.setNextBlockBaseFee(2_000_000_000n);
    await chain.dev.setPrevRandao(mix);
    await chain.dev.setCoinbase(OTHER);
    await chain.dev.setBlockGasLimit(100_000_000n);
    chain = await chain.crash();
    expect(chain.dev.info()).toMatchObject({
      baseFeePerGas: 2_000_000_000n,
      gasLimit: 100_000_000n,
    });
    expect(chain.api.nextBaseFee()).toBe(2_000_000_000n);
    const pending = chain.api.pendingBlock().block.header;
    await mineOne(chain);
    const { header } = chain.node.chain.head();
    expect(header).toEqual(pending);
    expect(header).toMatchObject({
      baseFeePerGas: 2_000_000_000n,
      mixHash: mix,
      coinbase: OTHER,
      gasLimit: 100_000_000n,
    });
    await mineOne(chain);
    const next = chain.node.chain.head().header;
    expect(next).toMatchObject({ baseFeePerGas: 1_750_000_000n, coinbase: OTHER });
    expect(next.gasLimit).toBe(100_000_000n);
    expect(next.mixHash).not.toEqual(mix);
    await expectSound(chain);
  });

  it('refuse what no header can have', async () => {
    const { dev } = await startDev();
    const refused = { code: 'HEADER_VALUE_OUT_OF_RANGE' };
    await expect(dev.setBlockGasLimit(1n)).rejects.toMatchObject(refused);
    await expect(dev.setBlockGasLimit(2n ** 63n)).rejects.toMatchObject(refused);
    await expect(dev.setNextBlockBaseFee(2n ** 256n)).rejects.toMatchObject(refused);
    await expect(dev.setMinGasPrice(2n ** 256n)).rejects.toMatchObject(refused);
    await dev.mine({});
  });

  it('decide what gets into the pool and out of it', async () => {
    const chain = await startDev();
    await chain.dev.setBlockGasLimit(21_000n);
    await expect(chain.send(0, { gas: '0x5209' })).rejects.toThrow(/gas limit/);
    await chain.dev.setNextBlockBaseFee(10n ** 12n);
    const waiting = await chain.send(0, { gas: '0x5208', gasPrice: '0x77359400' });
    await mineOne(chain);
    expect(await chain.request('eth_getTransactionReceipt', waiting)).toBeNull();
    await chain.dev.setNextBlockBaseFee(1n);
    await mineOne(chain);
    expect(await chain.request('eth_getTransactionReceipt', waiting)).toMatchObject({
      effectiveGasPrice: '0x77359400',
    });
    await chain.dev.setMinGasPrice(10n ** 11n);
    await expect(chain.send(1, { gas: '0x5208', gasPrice: '0x77359400' })).rejects.toThrow();
  });
});

describe('the pool', () => {
  it('loses what its owner drops', async () => {
    const chain = await startDev();
    const first = fromHex(await chain.send(0));
    await chain.send(1);
    await chain.send(1);
    await chain.send(2);
    expect(await chain.dev.dropTransaction(first)).toBe(true);
    expect(await chain.dev.dropTransaction(first)).toBe(false);
    await chain.dev.dropTransactionsOf(fromHex(chain.node.accounts[1]!.address));
    expect(await chain.request('txpool_status')).toMatchObject({ pending: '0x1' });
    await chain.dev.dropAllTransactions();
    expect(await chain.request('txpool_status')).toMatchObject({ pending: '0x0' });
  });

  it('is there again after a crash, without what was dropped or mined', async () => {
    let chain = await startDev();
    await chain.send(0);
    await mineOne(chain);
    const kept = await chain.send(1);
    const dropped = await chain.send(2);
    await chain.dev.dropTransaction(fromHex(dropped));
    chain = await chain.crash();
    const { pending } = (await chain.request('txpool_content')) as { pending: object };
    expect(Object.keys(pending)).toHaveLength(1);
    expect(await chain.request('eth_getTransactionByHash', kept)).not.toBeNull();
    chain = await chain.reopen({ mining: { mode: 'automine' } });
    expect(await chain.request('eth_getTransactionReceipt', kept)).toMatchObject({ status: '0x1' });
  });
});

describe('mining', () => {
  it('is switched on and off while the node runs, and stays so', async () => {
    let chain = await startDev({ mining: null });
    expect(chain.dev.mining()).toEqual({ automine: true, intervalMs: 0 });
    await chain.dev.setAutomine(false);
    await chain.send(0);
    expect(heightOf(chain)).toBe(0);
    chain = await chain.crash();
    expect(chain.dev.mining()).toEqual({ automine: false, intervalMs: 0 });
    await chain.dev.setIntervalMining(2_000);
    chain.clock.advance(2_000);
    await expect.poll(() => heightOf(chain)).toBe(1);
    await chain.dev.setAutomine(true);
    await chain.send(0);
    expect(heightOf(chain)).toBe(2);
    chain = await chain.reopen();
    expect(chain.dev.mining()).toEqual({ automine: true, intervalMs: 2_000 });
    chain.clock.advance(2_000);
    await expect.poll(() => heightOf(chain)).toBe(3);
    await chain.dev.setIntervalMining(0);
    chain.clock.advance(60_000);
    await chain.send(0);
    expect(heightOf(chain)).toBe(4);
    const interval = chain.dev.setIntervalMining(2 ** 31);
    await expect(interval).rejects.toMatchObject({ code: 'BLOCK_INTERVAL_OUT_OF_RANGE' });
    chain = await chain.reopen({ mining: { mode: 'mixed', blockTimeMs: 500 } });
    expect(chain.dev.mining()).toEqual({ automine: true, intervalMs: 500 });
    // Only what was set while it ran is kept.
    chain = await chain.reopen({ mining: null });
    expect(chain.dev.mining()).toEqual({ automine: true, intervalMs: 0 });
  });

  it('leaves nothing scheduled behind', async () => {
    const chain = await startDev({ mining: { mode: 'interval', blockTimeMs: 500 } });
    chain.clock.advance(500);
    await expect.poll(() => heightOf(chain)).toBe(1);
    await chain.node.close();
    expect(chain.clock.pending()).toBe(0);
  });

  it('leaves nothing scheduled behind what was set while it was closed', async () => {
    for (const cheat of ['setIntervalMining', 'reset'] as const) {
      for (let head = 0; head < 20; head += 1) {
        const chain = await startDev({ mining: { mode: 'interval', blockTimeMs: 5_000 } });
        const set = chain.dev[cheat](1_000).catch(() => undefined);
        for (let turn = 0; turn < head; turn += 1) await Promise.resolve();
        await chain.node.close();
        await set;
        expect(chain.clock.pending()).toBe(0);
      }
    }
  });

  it('makes blocks of what waits when it is switched on', async () => {
    const chain = await startDev();
    await chain.send(0);
    await chain.dev.setAutomine(true);
    expect(heightOf(chain)).toBe(1);
  });

  it('writes blocks to the log only while it is told to', async () => {
    const lines: string[] = [];
    const note = (message: string): number => lines.push(message);
    const log = { debug: note, info: note, warn: note, error: note };
    let chain = await startDev({ log });
    await chain.dev.setLogging(false);
    await mineOne(chain);
    chain = await chain.reopen({ log });
    await mineOne(chain);
    expect(lines).toEqual([]);
    await chain.dev.setLogging(true);
    await mineOne(chain);
    expect(lines).toEqual(['block']);
  });
});
