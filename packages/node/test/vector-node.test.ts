import { type Clock, SILENT_LOG } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';
import { DEFAULT_DATABASE, MemoryVectorDisk, type VectorPorts } from '@lucerna/vector';
import { describe, expect, it } from 'vitest';
import { devSealer } from '../src/dev/dev-sealer.ts';
import { DEV_PRIVATE_KEYS } from '../src/dev-accounts.ts';
import { createNode, type Node } from '../src/node.ts';
import type { VectorNode } from '../src/vector-node.ts';

const clock: Clock = {
  nowMs: () => Date.now(),
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

const COLLECTIONS = '/api/v2/tenants/default_tenant/databases/default_database/collections';

function portsOn(disk: MemoryVectorDisk): VectorPorts {
  const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
  return { folder: disk.open('write'), clock, random, log: SILENT_LOG };
}

type Chroma = VectorNode['chroma'];

async function ask(
  chroma: Chroma,
  method: string,
  target: string,
  body?: object,
): Promise<unknown> {
  const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
  const answer = await chroma.handle({ method, target, body: bytes });
  return [answer.status, JSON.parse(answer.body)];
}

describe('a node without a ledger', () => {
  it('is a vector database, which outlives it', async () => {
    const disk = new MemoryVectorDisk();
    const node = await createNode(portsOn(disk), { ledger: false, durability: 'process' });
    expect(node.health()).toEqual({ status: 'ok' });
    const [status] = (await ask(node.chroma, 'POST', COLLECTIONS, { name: 'notes' })) as [number];
    expect(status).toBe(200);
    const notes = node.database.findCollection(DEFAULT_DATABASE, 'notes');
    await notes?.add({ ids: ['a'], embeddings: Float32Array.of(1, 2), dimension: 2 });
    await node.close();
    const again = await createNode(portsOn(disk), { ledger: false, durability: 'power' });
    const path = `${COLLECTIONS}/${notes?.id}/count`;
    expect(await ask(again.chroma, 'GET', path)).toEqual([200, 1]);
    await again.close();
  });

  it('is reset only where that is allowed', async () => {
    for (const allowReset of [true, false]) {
      const options = { ledger: false, durability: 'process', allowReset } as const;
      const node = await createNode(portsOn(new MemoryVectorDisk()), options);
      const [status] = (await ask(node.chroma, 'POST', '/api/v2/reset')) as [number];
      expect(status).toBe(allowReset ? 200 : 403);
      await node.close();
    }
  });

  it('says that it is closed', async () => {
    const options = { ledger: false, durability: 'process' } as const;
    const node = await createNode(portsOn(new MemoryVectorDisk()), options);
    await node.close();
    await node.close();
    expect(node.health).toThrow(expect.objectContaining({ code: 'DATABASE_CLOSED' }));
    expect(await ask(node.chroma, 'GET', COLLECTIONS)).toMatchObject([503, {}]);
  });

  it('cannot be made where another one writes', async () => {
    const disk = new MemoryVectorDisk();
    const options = { ledger: false, durability: 'process' } as const;
    const node = await createNode(portsOn(disk), options);
    expect(() => disk.open('write')).toThrow(
      expect.objectContaining({ code: 'VECTOR_FOLDER_IN_USE' }),
    );
    await node.close();
  });
});

describe('a node with a ledger', () => {
  const start = (vector?: () => Promise<VectorPorts>): Promise<Node> =>
    createNode(
      {
        clock,
        log: SILENT_LOG,
        signatures: pureSignatureEngine,
        blockLog: createMemoryFile(),
        store: createMemoryStore(),
        vector,
      },
      {
        privateKeys: DEV_PRIVATE_KEYS,
        sealer: devSealer({ mode: 'manual' }),
        durability: 'process',
        vector: { allowReset: true },
      },
    );

  it('opens its vector database when somebody asks for it, and closes it', async () => {
    const disk = new MemoryVectorDisk();
    let opened = 0;
    const node = await start(async () => {
      opened += 1;
      return portsOn(disk);
    });
    const { vector } = node;
    expect(opened).toBe(0);
    const answers = await Promise.all([
      ask(vector?.chroma as Chroma, 'GET', COLLECTIONS),
      ask(vector?.chroma as Chroma, 'GET', COLLECTIONS),
      vector?.database(),
    ]);
    expect([opened, answers[0]]).toEqual([1, [200, []]]);
    expect(await ask(vector?.chroma as Chroma, 'POST', '/api/v2/reset')).toEqual([200, true]);
    await node.close();
    expect(await ask(vector?.chroma as Chroma, 'GET', COLLECTIONS)).toMatchObject([503, {}]);
    await disk.open('write').close();
  });

  it('tries again when it could not be opened', async () => {
    let isBroken = true;
    const node = await start(async () => {
      if (isBroken) throw new Error('the disk is asleep');
      return portsOn(new MemoryVectorDisk());
    });
    await expect(node.vector?.database()).rejects.toThrow('asleep');
    isBroken = false;
    expect((await node.vector?.database())?.access).toBe('write');
    await node.close();
  });

  it('can be closed when nobody has asked, and have none', async () => {
    const unasked = await start(() => Promise.reject(new Error('nobody asks')));
    await unasked.close();
    const without = await start();
    expect(without.vector).toBeUndefined();
    await without.close();
  });
});
