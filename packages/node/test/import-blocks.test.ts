import { concatBytes, SILENT_LOG } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import type { Genesis } from '@lucerna/protocol';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';
import { afterEach, describe, expect, it } from 'vitest';
import { devSealer } from '../src/dev/dev-sealer.ts';
import { DEV_PRIVATE_KEYS } from '../src/dev-accounts.ts';
import { createNode, type Node } from '../src/node.ts';
import { manualClock } from './support/manual-clock.ts';

const STRANGER = `0x${'77'.repeat(20)}`;

let nodes: Node[] = [];

afterEach(async () => {
  for (const node of nodes) await node.close();
  nodes = [];
});

async function start(genesis?: Genesis): Promise<Node> {
  const node = await createNode(
    {
      clock: manualClock(1_700_000_000_000),
      log: SILENT_LOG,
      signatures: pureSignatureEngine,
      blockLog: createMemoryFile(),
      store: createMemoryStore(),
    },
    {
      privateKeys: DEV_PRIVATE_KEYS,
      sealer: devSealer({ mode: 'automine' }),
      durability: 'process',
      ...(genesis === undefined ? {} : { genesis }),
    },
  );
  nodes.push(node);
  return node;
}

async function send(node: Node, sender: number): Promise<unknown> {
  const from = node.accounts[sender]?.address;
  return node.rpc.request('eth_sendTransaction', [{ from, to: STRANGER, value: '0x1' }]);
}

async function archiveOf(node: Node): Promise<ReturnType<typeof createMemoryFile>> {
  const parts: Uint8Array[] = [];
  const work = { takeTurn: async () => undefined };
  for await (const part of node.chain.exportBlocks({}, work)) parts.push(part);
  return createMemoryFile(concatBytes(...parts));
}

describe('a node that takes in blocks', () => {
  it('has the head of the other one, and its pool goes by that', async () => {
    const first = await start();
    for (const sender of [0, 0, 1]) await send(first, sender);
    const other = await start(first.chain.genesis);
    const told: [number, number][] = [];
    const imported = await other.importBlocks(await archiveOf(first), (done, total = 0) => {
      told.push([done, total]);
    });
    expect(imported).toEqual({ imported: 3, known: 0 });
    expect(other.chain.head()).toEqual(first.chain.head());
    const [done, total] = told.at(-1) ?? [];
    expect(done).toBe(total);
    // The next nonce follows from what came in.
    await send(other, 0);
    expect(other.chain.head().header.height).toBe(4);
  });

  it('makes no block meanwhile: neither gets in the way of the other', async () => {
    const first = await start();
    for (let block = 0; block < 10; block += 1) await send(first, 0);
    const other = await start(first.chain.genesis);
    const archive = await archiveOf(first);
    const importing = other.importBlocks(archive);
    const sent = [send(other, 1), send(other, 2)];
    expect(await importing).toEqual({ imported: 10, known: 0 });
    await Promise.all(sent);
    expect(other.chain.heightOf(first.chain.head().hash)).toBe(10);
    expect(other.chain.head().header.height).toBeGreaterThan(10);
    expect(await other.importBlocks(archive)).toEqual({ imported: 0, known: 10 });
  });

  it('takes none once it is closed', async () => {
    const first = await start();
    await send(first, 0);
    const archive = await archiveOf(first);
    const other = await start(first.chain.genesis);
    await other.close();
    await expect(other.importBlocks(archive)).rejects.toMatchObject({ code: 'NODE_CLOSED' });
  });
});
