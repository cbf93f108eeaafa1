import { SILENT_LOG } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { encodeBlock } from '@lucerna/protocol';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import { devSealer } from '../src/dev/dev-sealer.ts';
import { DEV_PRIVATE_KEYS } from '../src/dev-accounts.ts';
import { createNode, type Node } from '../src/node.ts';
import { manualClock } from './support/manual-clock.ts';

const STRANGER = `0x${'77'.repeat(20)}`;

async function start(history?: number): Promise<Node> {
  return createNode(
    {
      clock: manualClock(1_700_000_000_500),
      log: SILENT_LOG,
      signatures: pureSignatureEngine,
      blockLog: createMemoryFile(),
      store: createMemoryStore(),
    },
    {
      privateKeys: DEV_PRIVATE_KEYS,
      sealer: devSealer({ mode: 'manual' }),
      durability: 'process',
      ...(history === undefined ? {} : { history }),
    },
  );
}

const ask = (node: Node, method: string, ...params: unknown[]): Promise<unknown> =>
  node.rpc.request(method, params);

function send(node: Node, sender: number, fields: Record<string, string> = {}): Promise<unknown> {
  const from = node.accounts[sender]?.address;
  return ask(node, 'eth_sendTransaction', { from, to: STRANGER, value: '0x1', ...fields });
}

/** What clients see of the chain and of one sender. */
async function view(node: Node): Promise<unknown> {
  const from = node.accounts[0]?.address;
  return {
    latest: await ask(node, 'eth_getBlockByNumber', 'latest', true),
    third: await ask(node, 'eth_getBlockByNumber', '0x3', true),
    balance: await ask(node, 'eth_getBalance', STRANGER, 'latest'),
    nonce: await ask(node, 'eth_getTransactionCount', from, 'latest'),
    pendingNonce: await ask(node, 'eth_getTransactionCount', from, 'pending'),
    pending: await ask(node, 'eth_getBlockByNumber', 'pending', true),
  };
}

describe('after a rewind', () => {
  it('clients see the chain as it was, and what was removed nowhere', async () => {
    const node = await start();
    await send(node, 0);
    await ask(node, 'evm_mine');
    const before = await view(node);
    const removed: unknown[] = [];
    for (let made = 0; made < 3; made += 1) {
      removed.push(await send(node, 0));
      await ask(node, 'evm_mine');
    }
    const { hash } = (await ask(node, 'eth_getBlockByNumber', '0x3', false)) as { hash: string };
    expect(await view(node)).not.toEqual(before);
    await node.chain.rewind({ height: 1 });
    expect(await view(node)).toEqual(before);
    for (const transaction of removed) {
      expect(await ask(node, 'eth_getTransactionReceipt', transaction)).toBeNull();
      expect(await ask(node, 'eth_getTransactionByHash', transaction)).toBeNull();
    }
    expect(await ask(node, 'eth_getBlockByHash', hash, false)).toBeNull();
    await node.close();
  });

  it('the pool knows the nonces and balances of senders that only removed blocks had', async () => {
    const node = await start();
    await send(node, 0);
    await ask(node, 'evm_mine');
    const waiting = await send(node, 0);
    await node.chain.rewind({ height: 0 });
    // Its nonce is 1, and 0 is free again.
    expect(await ask(node, 'eth_getTransactionCount', node.accounts[0]?.address, 'pending')).toBe(
      '0x0',
    );
    await ask(node, 'evm_mine');
    expect(await ask(node, 'eth_getTransactionReceipt', waiting)).toBeNull();
    const again = await send(node, 0);
    await ask(node, 'evm_mine');
    for (const transaction of [again, waiting]) {
      expect(await ask(node, 'eth_getTransactionReceipt', transaction)).toMatchObject({
        status: '0x1',
        blockNumber: '0x2',
      });
    }
    await node.close();
  });
});

describe('after a reorganisation', () => {
  it('the pool has dropped what the new blocks include, and the rest is mined', async () => {
    const [node, other] = [await start(), await start()];
    const transaction = await send(other, 0);
    await send(other, 1, { value: '0x5' });
    await ask(other, 'evm_mine');
    await ask(other, 'evm_mine');
    expect(await send(node, 0)).toBe(transaction);
    const kept = await send(node, 2);
    // The same genesis, and a block of its own that has neither of the two.
    const first = node.chain.build(
      { ...(await attributes(node)), mixHash: new Uint8Array(32) },
      { next: () => undefined, skipSender: () => undefined },
    );
    await node.chain.commit(first.executed);
    const branch = [];
    for (const height of [1, 2]) branch.push(encodeBlock((await other.chain.block(height))!.block));
    await node.chain.reorganise(branch);
    expect(node.chain.head()).toEqual(other.chain.head());
    expect(await ask(node, 'eth_getTransactionReceipt', transaction)).toMatchObject({
      blockNumber: '0x1',
    });
    expect(await ask(node, 'eth_getTransactionReceipt', kept)).toBeNull();
    await ask(node, 'evm_mine');
    expect(await ask(node, 'eth_getTransactionReceipt', kept)).toMatchObject({
      blockNumber: '0x3',
    });
    expect(await ask(node, 'eth_getBalance', STRANGER, 'latest')).toBe('0x7');
    await node.close();
    await other.close();
  });
});

async function attributes(node: Node) {
  const { header } = node.chain.head();
  const { coinbase, gasLimit, timestamp } = header;
  return { coinbase, gasLimit, timestamp };
}

describe('a node that keeps little history', () => {
  it('answers 4444 for older states, and everything else', async () => {
    const node = await start(2);
    for (let made = 0; made < 5; made += 1) {
      await send(node, 0);
      await ask(node, 'evm_mine');
    }
    expect(await ask(node, 'eth_getBalance', STRANGER, '0x3')).toBe('0x3');
    const older = ask(node, 'eth_getBalance', STRANGER, '0x2');
    await expect(older).rejects.toMatchObject({ code: 4444 });
    expect(await ask(node, 'eth_getBlockByNumber', '0x1', true)).toMatchObject({ number: '0x1' });
    await node.close();
  });
});
