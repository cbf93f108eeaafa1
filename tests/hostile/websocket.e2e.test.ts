import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../support/wait-until.ts';
import {
  closing,
  dropAll,
  expectFlatMemory,
  expectServing,
  type HostileNode,
  openSocket,
  postRaw,
  startHostileNode,
} from './hostile-node.ts';

let node: HostileNode;

beforeAll(async () => {
  node = await startHostileNode();
});
afterAll(async () => {
  await node.close();
});

type Answer = {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number };
};

/** A client that counts what it is told and hands on the answers. */
async function connect(): Promise<{
  readonly ask: (
    count: number,
    method: string,
    params: readonly unknown[],
  ) => Promise<readonly Answer[]>;
  readonly notified: () => number;
  readonly close: () => Promise<void>;
}> {
  const socket = new WebSocket(node.endpoint.replace('http', 'ws'));
  const waiting = new Map<number, (answer: Answer) => void>();
  let notifications = 0;
  socket.addEventListener('message', ({ data }) => {
    const message: Answer = JSON.parse(String(data));
    if (message.id === undefined) notifications += 1;
    else waiting.get(message.id)?.(message);
  });
  await once(socket, 'open');
  return {
    ask: async (count, method, params): Promise<readonly Answer[]> => {
      const answers: Answer[] = [];
      while (answers.length < count) {
        // More at a time than a connection may have is refused.
        const group = Array.from({ length: Math.min(16, count - answers.length) }, (_, index) => {
          const id = answers.length + index + 1;
          const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
          socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
          return answered;
        });
        answers.push(...(await Promise.all(group)));
      }
      return answers;
    },
    notified: () => notifications,
    close: async (): Promise<void> => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

/** A WebSocket connection as bytes: nothing is read, and no ping is answered. */
async function upgrade(headers: readonly string[] = []): Promise<Socket> {
  const socket = await openSocket(node.endpoint);
  const lines = [
    'GET / HTTP/1.1',
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    ...headers,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await once(socket, 'readable');
  return socket;
}

/** A masked frame of a client with less than 64 KiB (RFC 6455 §5.2); the mask is zero. */
function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.from([
    0x81,
    0x80 | 126,
    payload.length >> 8,
    payload.length & 0xff,
    0,
    0,
    0,
    0,
  ]);
  return Buffer.concat([head, payload]);
}

describe('subscriptions', () => {
  it('2,000 idle ones cost little and go with their connections', async () => {
    await expectFlatMemory(node, 3, async () => {
      const clients = await Promise.all([connect(), connect()]);
      for (const client of clients) {
        const answers = await client.ask(1_000, 'eth_subscribe', ['newHeads']);
        expect(answers.every(({ result }) => typeof result === 'string')).toBe(true);
      }
      await expectServing(node);
      for (const client of clients) {
        await waitUntil('a head for each', () => (client.notified() >= 1_000 ? true : undefined));
        await client.close();
      }
    });
  });

  it('a flood of them is refused, and the connection goes on', async () => {
    await expectFlatMemory(node, 2, async () => {
      const client = await connect();
      const answers = await client.ask(3_000, 'eth_subscribe', ['logs', {}]);
      const refused = answers.filter(({ error }) => error !== undefined);
      expect(refused.length).toBeGreaterThan(1_000);
      expect(refused.length).toBeLessThan(3_000);
      const [answer] = await client.ask(1, 'eth_chainId', []);
      expect(answer?.result).toBe('0x7a69');
      await client.close();
    });
  });

  it('a flood of requests without waiting leaves others served', async () => {
    await expectFlatMemory(node, 3, async () => {
      const socket = await upgrade();
      const request =
        '{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["latest",true]}';
      const flood = Buffer.concat(Array.from({ length: 5_000 }, () => frame(request)));
      socket.write(flood);
      await expectServing(node);
      await dropAll([socket]);
    });
  });
});

describe('filters', () => {
  it('a flood of them is refused at a limit', async () => {
    let refused = 0;
    await expectFlatMemory(node, 3, async () => {
      const filters = { jsonrpc: '2.0', id: 1, method: 'eth_newFilter', params: [{}] };
      const body = JSON.stringify(Array.from({ length: 1_000 }, () => filters));
      const answers: readonly Answer[] = JSON.parse((await postRaw(node.endpoint, body)).body);
      refused += answers.filter(({ error }) => error !== undefined).length;
    });
    expect(refused).toBeGreaterThan(0);
  });
});

describe('clients that do not read', () => {
  it('of notifications and answers do not hold the node up', async () => {
    const ask = '{"jsonrpc":"2.0","id":1,"method":"rpc.discover","params":[]}';
    const subscribe = '{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}';
    await expectFlatMemory(node, 3, async () => {
      const sockets = await Promise.all(Array.from({ length: 20 }, () => upgrade()));
      for (const socket of sockets) {
        socket.write(frame(subscribe));
        for (let asked = 0; asked < 50; asked += 1) socket.write(frame(ask));
      }
      for (let block = 0; block < 20; block += 1) await expectServing(node);
      await dropAll(sockets);
    });
  });
});

describe('upgrades from where none should come', () => {
  it('with a wrong Host, and of pages that then control nothing', async () => {
    const wrong = await openSocket(node.endpoint);
    wrong.write(
      'GET / HTTP/1.1\r\nHost: attacker.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await once(wrong, 'readable');
    expect(String(wrong.read())).toMatch(/^HTTP\/1\.1 403 /);
    const page = await upgrade(['Origin: https://attacker.example']);
    expect(String(page.read())).toMatch(/^HTTP\/1\.1 101 /);
    page.write(frame('{"jsonrpc":"2.0","id":1,"method":"evm_mine","params":[]}'));
    await once(page, 'readable');
    expect(String(page.read())).toMatch(/origin/i);
    await dropAll([wrong, page]);
    await expectServing(node);
  });

  it('frames that are too large, or are of no kind that there is', async () => {
    await expectFlatMemory(node, 3, async () => {
      const large = await upgrade();
      const head = Buffer.alloc(14);
      head.set([0x81, 0x80 | 127]);
      head.writeBigUInt64BE(100_000_000n, 2);
      const unknown = await upgrade();
      const ended = [large, unknown].map((socket) => closing(socket.resume()));
      large.write(head);
      // Operation 3 is reserved (RFC 6455, 5.2).
      unknown.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
      await Promise.all(ended);
    });
  });
});
