import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const CHAIN_ID = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}';

function errorOf(text: string): { readonly code: number; readonly message: string } {
  return JSON.parse(text).error;
}

describe('bodies that nobody should send', () => {
  it('JSON that is nested a million levels deep', async () => {
    const depth = 1_000_000;
    const params = '['.repeat(depth) + ']'.repeat(depth);
    const body = `{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":${params}}`;
    await expectFlatMemory(node, 6, async () => {
      const answer = await postRaw(node.endpoint, body);
      expect(answer.status).toBe(200);
      expect([-32_600, -32_700]).toContain(errorOf(answer.body).code);
    });
  });

  it('objects that are nested as deep, and arrays that never end', async () => {
    const open = '{"a":'.repeat(500_000);
    await expectFlatMemory(node, 6, async () => {
      for (const body of [open, `${open}1${'}'.repeat(500_000)}`, '['.repeat(2_000_000)]) {
        const answer = await postRaw(node.endpoint, body);
        expect(answer.status).toBe(200);
        expect([-32_600, -32_700]).toContain(errorOf(answer.body).code);
      }
    });
  });

  it('a body of 100 MB, announced and not', async () => {
    const body = Buffer.alloc(100_000_000, ' ');
    await expectFlatMemory(node, 2, async () => {
      expect([0, 413]).toContain((await postRaw(node.endpoint, body)).status);
      const chunked = await postRaw(node.endpoint, body, { 'transfer-encoding': 'chunked' });
      expect([0, 413]).toContain(chunked.status);
    });
  });

  it('a batch of 10,000 requests', async () => {
    const body = `[${Array.from({ length: 10_000 }, () => CHAIN_ID).join()}]`;
    await expectFlatMemory(node, 10, async () => {
      const answer = await postRaw(node.endpoint, body);
      expect(answer.status).toBe(200);
      expect(errorOf(answer.body).message).toContain('1000');
    });
  });

  it('bytes that are not UTF-8', async () => {
    const invalid = [
      [0xff],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
      [0xe2, 0x28],
    ];
    await expectFlatMemory(node, 25, async () => {
      for (const bytes of invalid) {
        const body = Buffer.concat([Buffer.from('{"id":"'), Buffer.from(bytes), Buffer.from('"}')]);
        const answer = await postRaw(node.endpoint, body);
        expect(answer.status).toBe(200);
        expect(errorOf(answer.body).code).toBe(-32_700);
      }
    });
  });

  it('requests that are none, and names that are too long', async () => {
    const bodies = [
      '',
      'null',
      '1',
      '"x"',
      '[]',
      '[1,2]',
      '{}',
      '\0',
      `{"id":${'9'.repeat(50_000)}}`,
    ];
    await expectFlatMemory(node, 10, async () => {
      for (const body of bodies) {
        const { status, body: text } = await postRaw(node.endpoint, body);
        expect(status).toBe(200);
        const answers = [JSON.parse(text)].flat();
        for (const { error } of answers) expect([-32_600, -32_700]).toContain(error.code);
      }
      const method = 'x'.repeat(4_000_000);
      const { body } = await postRaw(
        node.endpoint,
        JSON.stringify({ jsonrpc: '2.0', id: 1, method }),
      );
      expect(body.length).toBeLessThan(1_000);
    });
  });
});

describe('requests from where none should come', () => {
  it('a wrong Host header, as a rebound name sends it', async () => {
    for (const host of [
      'attacker.example',
      'localhost.attacker.example',
      '127.0.0.1.attacker.example',
    ]) {
      const answer = await postRaw(node.endpoint, CHAIN_ID, { host });
      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain('"result"');
    }
    await expectServing(node);
  });

  it('a page of elsewhere neither mines nor spends', async () => {
    const headers = { origin: 'https://attacker.example' };
    for (const method of ['evm_mine', 'anvil_setBalance', 'hardhat_reset', 'eth_sendTransaction']) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] });
      const answer = await postRaw(node.endpoint, body, headers);
      expect(answer.body).not.toContain('"result"');
      expect(errorOf(answer.body).message).toMatch(/origin/i);
    }
    await expectServing(node);
  });

  it('a form that a page posts without asking first', async () => {
    const headers = { origin: 'https://attacker.example', 'content-type': 'text/plain' };
    expect((await postRaw(node.endpoint, CHAIN_ID, headers)).status).toBe(415);
  });
});

describe('connections that are held open', () => {
  it('500 that never say anything, and 500 that stop in the middle', async () => {
    const part = 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
    const parts = ['', 'POST', part, `${part}Content-Length: 4000000\r\n\r\n{"jsonrpc":`];
    await expectFlatMemory(node, 2, async () => {
      const sockets: Socket[] = [];
      for (let opened = 0; opened < 1_000; opened += 1) {
        const socket = await openSocket(node.endpoint);
        const text = opened < 500 ? '' : (parts[opened % parts.length] as string);
        if (text !== '') socket.write(text);
        sockets.push(socket);
      }
      await expectServing(node);
      await dropAll(sockets);
    });
  });

  it('what is no HTTP is answered with 400 and closed', async () => {
    for (const text of ['\0\0\0\0', 'GET / HTTP/9.9\r\n\r\n', 'x'.repeat(100_000)]) {
      const socket = await openSocket(node.endpoint);
      socket.resume();
      const closed = closing(socket);
      socket.write(text);
      await closed;
    }
    await expectServing(node);
  });

  it('clients that ask for much and read nothing', async () => {
    const request = '{"jsonrpc":"2.0","id":1,"method":"rpc.discover","params":[]}';
    const batch = `[${Array.from({ length: 200 }, () => request).join()}]`;
    const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${batch.length}\r\n\r\n`;
    await expectFlatMemory(node, 3, async () => {
      const sockets = await Promise.all(
        Array.from({ length: 12 }, () => openSocket(node.endpoint)),
      );
      for (const socket of sockets) socket.pause().write(head + batch);
      await expectServing(node);
      await dropAll(sockets);
    });
  });
});
