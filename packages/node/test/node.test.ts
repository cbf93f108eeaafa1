import type { DevApi } from '@lucerna/api';
import { type Log, present, SILENT_LOG, toHex, toQuantity } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import type { Genesis } from '@lucerna/protocol';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import { devSealer } from '../src/dev/dev-sealer.ts';
import type { Mining } from '../src/dev/mining.ts';
import { DEV_PRIVATE_KEYS } from '../src/dev-accounts.ts';
import { devGenesis } from '../src/dev-genesis.ts';
import { createNode, type Node } from '../src/node.ts';
import { type ManualClock, manualClock } from './support/manual-clock.ts';

const START_MS = 1_700_000_000_500;
const STRANGER = `0x${'77'.repeat(20)}`;

type Harness = { readonly node: Node; readonly clock: ManualClock };

async function start(
  mining: Mining,
  {
    chainId,
    genesis,
    log = SILENT_LOG,
  }: { readonly chainId?: bigint; readonly genesis?: Genesis; readonly log?: Log } = {},
): Promise<Harness> {
  const clock = manualClock(START_MS);
  const node = await createNode(
    {
      clock,
      log,
      signatures: pureSignatureEngine,
      blockLog: createMemoryFile(),
      store: createMemoryStore(),
    },
    {
      privateKeys: DEV_PRIVATE_KEYS,
      sealer: devSealer(mining),
      durability: 'process',
      ...(chainId === undefined ? {} : { chainId }),
      ...(genesis === undefined ? {} : { genesis }),
    },
  );
  return { node, clock };
}

function send(node: Node, sender: number, fields: Record<string, string> = {}): Promise<unknown> {
  const from = node.accounts[sender]?.address;
  return node.rpc.request('eth_sendTransaction', [{ from, to: STRANGER, value: '0x1', ...fields }]);
}

const devOf = (node: Node): DevApi => present(node.api.dev, 'a dev chain');
const height = (node: Node): number => node.chain.head().header.height;

/** Lets the promises of a block that the clock has started run to their end. */
async function settle(node: Node, blocks: number): Promise<void> {
  while (height(node) < blocks) await Promise.resolve();
}

describe('a fork that raises the least gas limit of a block', () => {
  it('does not halt the chain', async () => {
    const timestamp = Math.floor(START_MS / 1_000);
    const roomy = { height: 2, name: 'roomy', parameters: { minimumGasLimit: 40_000_000n } };
    const genesis = devGenesis(pureSignatureEngine, { timestamp });
    const forks = [...genesis.forks, roomy];
    const { node } = await start({ mode: 'automine' }, { genesis: { ...genesis, forks } });
    for (const gas of ['0x5208', '0x5208', '0x2625a00']) await send(node, 0, { gas });
    const limits = [1, 2, 3].map((number) => node.chain.header(number)?.header.gasLimit);
    expect(limits).toEqual([30_000_000n, 40_000_000n, 40_000_000n]);
    await node.close();
  });
});

describe('automine', () => {
  it('answers when the receipt is there', async () => {
    const { node } = await start({ mode: 'automine' });
    const hash = await send(node, 0);
    const receipt = await node.rpc.request('eth_getTransactionReceipt', [hash]);
    expect(receipt).toMatchObject({ status: '0x1', blockNumber: '0x1', gasUsed: '0x5208' });
    await node.close();
  });

  it('puts what arrives together into few blocks and leaves nothing behind', async () => {
    const { node } = await start({ mode: 'automine' });
    const hashes = await Promise.all(DEV_PRIVATE_KEYS.map((_, sender) => send(node, sender)));
    const receipts = await Promise.all(
      hashes.map((hash) => node.rpc.request('eth_getTransactionReceipt', [hash])),
    );
    expect(receipts).not.toContain(null);
    expect(height(node)).toBeLessThanOrEqual(2);
    await node.close();
  });

  it('keeps a transaction with a later nonce until the gap is closed', async () => {
    const { node } = await start({ mode: 'automine' });
    const later = await send(node, 0, { nonce: '0x1' });
    expect(height(node)).toBe(0);
    expect(await node.rpc.request('eth_getTransactionByHash', [later])).toMatchObject({
      blockHash: null,
    });
    await send(node, 0, { nonce: '0x0' });
    expect(await node.rpc.request('eth_getTransactionReceipt', [later])).toMatchObject({
      status: '0x1',
    });
    await node.close();
  });

  it('acknowledges one of two transactions that race for a nonce', async () => {
    for (let head = 0; head < 40; head += 1) {
      const { node } = await start({ mode: 'automine' });
      const fees = { nonce: '0x0', maxFeePerGas: toQuantity(10n ** 11n) };
      const first = send(node, 0, { ...fees, maxPriorityFeePerGas: '0x1' });
      for (let turn = 0; turn < head; turn += 1) await Promise.resolve();
      const second = send(node, 0, {
        nonce: '0x0',
        maxFeePerGas: toQuantity(2n * 10n ** 11n),
        maxPriorityFeePerGas: '0x2',
      });
      const outcomes = await Promise.allSettled([first, second]);
      const hashes = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(hashes).toHaveLength(1);
      expect(
        await node.rpc.request('eth_getTransactionReceipt', [hashes[0]]),
        `head start of ${head}`,
      ).toMatchObject({ status: '0x1' });
      const refusals = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(refusals[0].message).toMatch(/^nonce too low/);
      await node.close();
    }
  });

  it('tells the sender of a transaction that could never be mined', async () => {
    const { node } = await start({ mode: 'automine' });
    await expect(send(node, 0, { gasPrice: '0x1' })).rejects.toThrow(
      'max fee per gas less than block base fee',
    );
    expect(height(node)).toBe(0);
    await node.close();
  });
});

describe('interval', () => {
  it('makes a block at each tick, empty or not, and none in between', async () => {
    const { node, clock } = await start({ mode: 'interval', blockTimeMs: 2_000 });
    await send(node, 0);
    expect(height(node)).toBe(0);
    clock.advance(2_000);
    await settle(node, 1);
    expect(node.chain.head().header.timestamp).toBe(1_700_000_002);
    expect(node.chain.head().header.gasUsed).toBe(21_000n);
    // The next tick, the next line about blocks, and that of the pool.
    await expect.poll(() => clock.pending()).toBe(3);
    clock.advance(2_000);
    await settle(node, 2);
    expect(node.chain.head().header.gasUsed).toBe(0n);
    await node.close();
    expect(clock.pending()).toBe(0);
  });

  it('goes on at its pace when the clock is set back', async () => {
    const { node, clock } = await start({ mode: 'interval', blockTimeMs: 2_000 });
    clock.advance(2_000);
    clock.advance(-3_600_000);
    await settle(node, 1);
    // The next tick, the next line about blocks, and that of the pool.
    await expect.poll(() => clock.pending()).toBe(3);
    clock.advance(2_000);
    await expect.poll(() => height(node)).toBe(2);
    await node.close();
  });
});

describe('manual', () => {
  it('makes blocks when asked, at the time asked for', async () => {
    const { node } = await start({ mode: 'manual' });
    await send(node, 0);
    expect(height(node)).toBe(0);
    await devOf(node).mine({ timestamp: 1_800_000_000 });
    expect(node.chain.head().header).toMatchObject({ timestamp: 1_800_000_000, gasUsed: 21_000n });
    await devOf(node).mine({ blocks: 3 });
    expect(node.chain.head().header).toMatchObject({ height: 4, timestamp: 1_800_000_000 });
    await node.close();
  });

  it('refuses a time before the head and a senseless number of blocks', async () => {
    const { node } = await start({ mode: 'manual' });
    await expect(devOf(node).mine({ timestamp: 1 })).rejects.toMatchObject({
      code: 'TIMESTAMP_BEFORE_HEAD',
    });
    for (const blocks of [0, -1, 1.5, 1_000_001]) {
      await expect(devOf(node).mine({ blocks })).rejects.toMatchObject({
        code: 'BLOCK_COUNT_OUT_OF_RANGE',
      });
    }
    expect(height(node)).toBe(0);
    await node.close();
  });

  it('shows a preview of the next block without making it', async () => {
    const { node } = await start({ mode: 'manual' });
    const hash = await send(node, 0);
    const pending = node.api.pendingBlock();
    expect(pending.block.header.height).toBe(1);
    expect(pending.block.transactions.map((transaction) => toHex(transaction.hash))).toEqual([
      hash,
    ]);
    expect(height(node)).toBe(0);
    await node.close();
  });
});

describe('accounts and chain id', () => {
  it('signs for its own accounts only', async () => {
    const { node } = await start({ mode: 'automine' });
    await expect(
      node.rpc.request('eth_sendTransaction', [{ from: STRANGER, to: STRANGER, gas: '0x5208' }]),
    ).rejects.toThrow('unknown account');
    await node.close();
  });

  it('takes the chain id of a new chain from its user', async () => {
    const { node } = await start({ mode: 'automine' }, { chainId: 4_242n });
    expect(await node.rpc.request('eth_chainId', [])).toBe(toQuantity(4_242n));
    await node.close();
  });
});

describe('closing', () => {
  it('acknowledges nothing that it does not mine', async () => {
    const { node } = await start({ mode: 'automine' });
    const early = send(node, 0);
    const closed = node.close();
    const late = send(node, 1);
    await expect(late).rejects.toMatchObject({ code: -32000, message: 'the node is closed' });
    const mined = await early.then(
      () => true,
      () => false,
    );
    await closed;
    expect(height(node)).toBe(mined ? 1 : 0);
  });

  it('ends a long run of blocks', async () => {
    const { node } = await start({ mode: 'manual' });
    const mined = devOf(node).mine({ blocks: 1_000 });
    const refusal = expect(mined).rejects.toMatchObject({ code: 'NODE_CLOSED' });
    await node.close();
    await refusal;
    expect(height(node)).toBeLessThan(1_000);
  });

  it('says what it does not keep', async () => {
    const lines: unknown[] = [];
    const log: Log = { ...SILENT_LOG, warn: (...line) => lines.push(line) };
    const { node } = await start({ mode: 'manual' }, { log });
    await send(node, 0);
    await node.close();
    expect(lines).toEqual([['waiting transactions are not kept', { transactions: 1 }]]);
  });

  it('closes what it was given when it cannot be made', async () => {
    const ports = {
      clock: manualClock(START_MS),
      log: SILENT_LOG,
      signatures: pureSignatureEngine,
      blockLog: createMemoryFile(),
      store: createMemoryStore(),
    };
    const options = { sealer: devSealer({ mode: 'manual' }), durability: 'process' } as const;
    const noKey = createNode(ports, { ...options, privateKeys: [new Uint8Array(32)] });
    await expect(noKey).rejects.toMatchObject({ code: 'KEY_INVALID' });
    await expect(ports.blockLog.read(0, 0)).rejects.toMatchObject({ code: 'FILE_CLOSED' });
    expect(() => ports.store.snapshot()).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }));
  });
});
