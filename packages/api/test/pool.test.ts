import { createJsonRpc, Departure } from '@lucerna/api';
import { type Clock, SILENT_LOG, toHex } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { recoverTransaction } from '@lucerna/protocol';
import { Transaction } from 'ethers';
import { hashMessage, recoverAddress } from 'viem';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Client, clientOf, createClient } from './support/client.ts';
import {
  ALICE,
  BOB,
  CAROL,
  createFakeNode,
  ECHO,
  type FakeNode,
  GIANT,
  GWEI,
  signed,
  transfer,
} from './support/fake-node.ts';

let node: FakeNode;
let client: Client;

beforeEach(async () => {
  node = await createFakeNode();
  client = createClient(node);
});

const alice = toHex(ALICE);
const bob = toHex(BOB);
const missing = `0x${'ab'.repeat(32)}`;

describe('txpool', () => {
  const queued = signed(1, transfer({ nonce: 9n, to: null, gasLimit: 60_000n }));

  beforeEach(async () => {
    await node.sendRaw(queued.raw);
    await node.sendRaw(signed(0, transfer({ nonce: 3n })).raw);
  });

  it('is counted', async () => {
    expect(await client.result('txpool_status')).toEqual({ pending: '0x2', queued: '0x1' });
  });

  it('is told by sender and nonce', async () => {
    const content = await client.result('txpool_content');
    expect(Object.keys(content.pending)).toEqual([alice]);
    expect(Object.keys(content.pending[alice])).toEqual(['2', '3']);
    expect(Object.keys(content.queued)).toEqual([bob]);
    const hash = toHex(queued.hash);
    expect(content.queued[bob]['9']).toEqual(await client.result('eth_getTransactionByHash', hash));
    expect(await client.result('txpool_contentFrom', alice)).toEqual({
      pending: content.pending[alice],
      queued: {},
    });
    expect(await client.result('eth_pendingTransactions')).toEqual(
      Object.values(content.pending[alice]),
    );
  });

  it('is told in lines', async () => {
    const { pending, queued: waiting } = await client.result('txpool_inspect');
    expect(pending[alice]['2']).toBe(`${bob}: 1 wei + 21000 gas × ${10n * GWEI} wei`);
    expect(waiting[bob]['9']).toBe(`contract creation: 1 wei + 60000 gas × ${10n * GWEI} wei`);
  });

  it('is not told when it is too large for an answer', async () => {
    const transaction = { ...queued, raw: new Uint8Array(13_000_000) };
    node.poolContent = () => [{ transaction, status: 'queued' }];
    expect((await client.error('txpool_content')).code).toBe(-32005);
    expect(await client.result('txpool_status')).toEqual({ pending: '0x0', queued: '0x1' });
  });
});

describe('a transaction', () => {
  it('is found by sender and nonce, in the chain and in the pool', async () => {
    const at = (sender: string, nonce: string): Promise<Answer> =>
      client.result('eth_getTransactionBySenderAndNonce', sender, nonce);
    const mined = await at(alice, '0x1');
    expect(mined).toEqual(await client.result('eth_getTransactionByHash', mined.hash));
    expect(mined.blockNumber).toBe('0x2');
    expect(await at(alice, '0x2')).toMatchObject({ nonce: '0x2', blockNumber: null });
    expect(await at(alice, '0x3')).toBeNull();
  });

  it('is told as it was signed', async () => {
    const block = await client.result('eth_getBlockByNumber', '0x1', false);
    const [hash] = block.transactions;
    const raw = await client.result('eth_getRawTransactionByHash', hash);
    expect(toHex(recoverTransaction(bytesOf(raw), pureSignatureEngine).hash)).toBe(hash);
    const byHash = 'eth_getRawTransactionByBlockHashAndIndex';
    expect(await client.result(byHash, block.hash, '0x0')).toBe(raw);
    const byNumber = 'eth_getRawTransactionByBlockNumberAndIndex';
    expect(await client.result(byNumber, '0x1', '0x0')).toBe(raw);
    expect(await client.result(byNumber, '0x1', '0x9')).toBeNull();
    const waiting = (await client.result('eth_pendingTransactions'))[0].hash;
    expect(await client.result('eth_getRawTransactionByHash', waiting)).toMatch(/^0x02/);
    expect(await client.result('eth_getRawTransactionByHash', missing)).toBeNull();
  });
});

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'));

describe('eth_sendRawTransactionSync', () => {
  const { raw, hash } = signed(1, transfer({ nonce: 2n }));
  let tasks: { readonly delayMs: number; readonly run: () => void }[];
  let patient: Client;

  beforeEach(() => {
    tasks = [];
    const clock: Clock = {
      nowMs: () => 0,
      schedule: (delayMs, run) => {
        const task = { delayMs, run };
        tasks.push(task);
        return () => {
          tasks = tasks.filter((each) => each !== task);
        };
      },
    };
    patient = clientOf(createJsonRpc(node, { log: SILENT_LOG, clock }));
  });

  const send = (...timeout: readonly unknown[]): Promise<Answer> =>
    patient.call('eth_sendRawTransactionSync', [toHex(raw), ...timeout]);

  async function settled(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }

  it('answers with the receipt at once when blocks are made at once', async () => {
    node.automine = true;
    const { result } = await send();
    expect(result).toEqual(await client.result('eth_getTransactionReceipt', toHex(hash)));
  });

  it('waits for the block', async () => {
    const answer = send();
    await settled();
    expect(tasks.map(({ delayMs }) => delayMs)).toEqual([20_000]);
    await node.mine({});
    expect((await answer).result.transactionHash).toBe(toHex(hash));
    expect(tasks).toEqual([]);
    expect(node.listeners()).toEqual([0, 0]);
  });

  it('gives up in time with error 4 and the hash', async () => {
    const answer = send(1_500);
    await settled();
    expect(tasks.map(({ delayMs }) => delayMs)).toEqual([1_500]);
    tasks[0]?.run();
    expect((await answer).error).toMatchObject({ code: 4, data: toHex(hash) });
    expect(node.listeners()).toEqual([0, 0]);
  });

  it('does not wait for a caller that has gone, or goes', async () => {
    const request = { jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransactionSync' };
    const body = JSON.stringify({ ...request, params: [toHex(raw)] });
    const departure = new Departure();
    const answer = patient.rpc.handle(body, {}, departure);
    await settled();
    expect(tasks).toHaveLength(1);
    departure.announce();
    await answer;
    expect([tasks.length, ...node.listeners()]).toEqual([0, 0, 0]);
    const other = toHex(signed(2, transfer({ nonce: 2n })).raw);
    await patient.rpc.handle(JSON.stringify({ ...request, params: [other] }), {}, departure);
    expect([tasks.length, ...node.listeners()]).toEqual([0, 0, 0]);
  });

  it('does not wait when it is told so, or has no clock', async () => {
    expect((await send('0x0')).error.code).toBe(4);
    const other = toHex(signed(2, transfer({ nonce: 2n })).raw);
    expect((await client.error('eth_sendRawTransactionSync', other)).code).toBe(4);
  });

  it('refuses what cannot be sent, and unreasonable patience', async () => {
    expect((await patient.error('eth_sendRawTransactionSync', '0x00')).code).toBe(-32000);
    expect((await send(60_001)).error.code).toBe(-32602);
  });
});

describe('the keys of the node', () => {
  it.each([
    ['eth_sign', (text: string) => [alice, text]],
    ['personal_sign', (text: string) => [text, alice]],
    ['personal_sign', (text: string) => [text, alice, 'password']],
  ])('sign messages as wallets do: %s', async (method, params) => {
    const message = 'héllo';
    const signature = await client.result(
      method,
      ...params(toHex(new TextEncoder().encode(message))),
    );
    expect(signature).toMatch(/^0x[0-9a-f]{128}1[bc]$/);
    const address = await recoverAddress({ hash: hashMessage(message), signature });
    expect(address.toLowerCase()).toBe(alice);
  });

  it('sign transactions without sending them', async () => {
    const request = { from: alice, to: bob, value: '0x5', chainId: '0x7a69' };
    const bytes = await client.result('eth_signTransaction', request);
    const tx = Transaction.from(bytes);
    expect([tx.from?.toLowerCase(), tx.to?.toLowerCase()]).toEqual([alice, bob]);
    expect(tx).toMatchObject({ value: 5n, nonce: 3, chainId: 31_337n });
    expect(await client.result('eth_getTransactionByHash', tx.hash)).toBeNull();
    expect(await client.result('eth_sendRawTransaction', bytes)).toBe(tx.hash);
  });

  it('are those of its own accounts only', async () => {
    const stranger = toHex(ECHO);
    const unknown = { code: -32000, message: 'unknown account' };
    expect(await client.error('eth_sign', stranger, '0x')).toEqual(unknown);
    expect(await client.error('eth_signTransaction', { from: stranger })).toEqual(unknown);
    expect((await client.error('eth_signTransaction', { to: bob })).code).toBe(-32602);
  });

  it('are not needed to fill in what is missing', async () => {
    const { tx, raw } = await client.result('eth_fillTransaction', { from: toHex(ECHO), to: bob });
    expect(tx).toMatchObject({ from: toHex(ECHO), to: bob, nonce: '0x0', gas: '0x5208', r: '0x0' });
    expect(raw).toMatch(/^0x02/);
    const wrong = { from: alice, to: bob, chainId: '0x1' };
    for (const method of ['eth_fillTransaction', 'eth_signTransaction']) {
      expect((await client.error(method, wrong)).code).toBe(-32602);
    }
  });
});

describe('small questions', () => {
  it('have answers', async () => {
    expect(await client.result('net_peerCount')).toBe('0x0');
    expect(await client.result('eth_protocolVersion')).toBe('0x1');
    expect(await client.result('eth_mining')).toBe(false);
    expect(await client.result('eth_hashrate')).toBe('0x0');
    expect(await client.result('eth_coinbase')).toBe(`0x${'cb'.repeat(20)}`);
    const { baseFeePerGas } = await client.result('eth_getBlockByNumber', 'pending', false);
    expect(await client.result('eth_baseFee')).toBe(baseFeePerGas);
  });

  it('about uncles have empty answers', async () => {
    const { hash } = await client.result('eth_getBlockByNumber', '0x1', false);
    expect(await client.result('eth_getUncleCountByBlockNumber', '0x1')).toBe('0x0');
    expect(await client.result('eth_getUncleCountByBlockNumber', '0x9')).toBeNull();
    expect(await client.result('eth_getUncleCountByBlockHash', hash)).toBe('0x0');
    expect(await client.result('eth_getUncleCountByBlockHash', missing)).toBeNull();
    expect(await client.result('eth_getUncleByBlockNumberAndIndex', '0x1', '0x0')).toBeNull();
    expect(await client.result('eth_getUncleByBlockHashAndIndex', hash, '0x0')).toBeNull();
  });

  it('about headers are answered like blocks, without transactions', async () => {
    for (const at of ['0x0', 'latest', 'pending']) {
      const block = await client.result('eth_getBlockByNumber', at, false);
      const { transactions: _, uncles: __, size: ___, ...header } = block;
      expect(await client.result('eth_getHeaderByNumber', at)).toEqual(header);
      if (at === 'pending') continue;
      expect(await client.result('eth_getHeaderByHash', block.hash)).toEqual(header);
    }
    expect(await client.result('eth_getHeaderByNumber', '0x9')).toBeNull();
    expect(await client.result('eth_getHeaderByHash', missing)).toBeNull();
  });

  it('about accounts are answered in one', async () => {
    const info = await client.result('eth_getAccountInfo', toHex(CAROL), 'pending');
    expect(info).toMatchObject({ nonce: '0x2', code: '0x' });
    const account = await client.result('eth_getAccount', toHex(CAROL));
    expect(Object.keys(account)).toEqual(['codeHash', 'storageRoot', 'balance', 'nonce']);
    expect(account.nonce).toBe('0x2');
    expect((await client.result('eth_getAccountInfo', toHex(GIANT))).code).toHaveLength(
      2 + 2 ** 21,
    );
  });

  it.each(['eth_blobBaseFee', 'eth_config', 'eth_capabilities', 'eth_getWork'])(
    'that have no honest answer are -32601 with the reason: %s',
    async (method) => {
      const { code, message } = await client.error(method);
      expect(code).toBe(-32601);
      expect(message).toMatch(/does not exist\/is not available: \w/);
    },
  );
});
