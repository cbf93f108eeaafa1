import type { Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import { devAccount, privateKeyOf } from '../support/dev-accounts.ts';
import { type HttpAnswer, type RpcAnswer, type RpcClient, rpcClient } from '../support/json-rpc.ts';
import type { RpcBlock } from '../support/rpc-types.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';
import {
  asType,
  signTipAboveCap,
  signTransfer,
  signUnprotected,
  truncated,
  withHighS,
  withZeroR,
} from './raw-transactions.ts';

const sender = devAccount(0);
const pauper = devAccount(20);

const directory = makeTemporaryDirectory();
let node: NodeProcess;
let rpc: RpcClient;

function useNode(args: readonly string[]): void {
  beforeAll(async () => {
    node = await startNode(directory.path, ['--reset', ...args]);
    rpc = rpcClient(node.endpoint);
  });
  afterAll(() => node.kill('SIGTERM'));
}

afterAll(() => directory.remove());

/** What a refused request may not change. That it can be read says that the node still serves. */
async function readLedger(): Promise<unknown> {
  const { number, hash, stateRoot } = await rpc.call<RpcBlock>('eth_getBlockByNumber', 'latest');
  const nonces: string[] = [];
  for (const account of [sender, pauper]) {
    for (const tag of ['latest', 'pending']) {
      nonces.push(await rpc.call('eth_getTransactionCount', account.address, tag));
    }
  }
  const pending = await rpc.call<RpcBlock>('eth_getBlockByNumber', 'pending');
  return { number, hash, stateRoot, nonces, pooled: pending.transactions };
}

async function expectNoEffect<T>(request: () => Promise<T>): Promise<T> {
  const before = await readLedger();
  const answer = await request();
  expect(await readLedger()).toEqual(before);
  return answer;
}

async function expectRefused(raw: Hex, wording: RegExp, code = -32_000): Promise<void> {
  const answer = await expectNoEffect(() => rpc.ask('eth_sendRawTransaction', raw));
  expect(answer.result).toBeUndefined();
  expect(answer.error).toMatchObject({ code, message: expect.stringMatching(wording) });
}

/** Sends `body` as it is. */
async function expectAnswer(body: string, expected: unknown): Promise<HttpAnswer> {
  const answer = await expectNoEffect(() => rpc.post(body));
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toEqual(expected);
  return answer;
}

const errorAnswer = (id: unknown, code: number, message: RegExp = /./): unknown => ({
  jsonrpc: '2.0',
  id,
  error: { code, message: expect.stringMatching(message) },
});

describe.each([
  ['at once', []],
  ['when told to', ['--no-mining']],
] as const)('transactions for a node that mines %s', (_name, args) => {
  useNode(args);

  beforeAll(async () => {
    await rpc.call('eth_sendRawTransaction', await signTransfer(sender));
    await rpc.call('evm_mine');
  });

  /** Fine but for the changes: the next nonce is 1. */
  const next = (changes: Parameters<typeof signTransfer>[1] = {}): Promise<Hex> =>
    signTransfer(sender, { nonce: 1, ...changes });

  test.each([
    ['nothing', async () => '0x' as Hex],
    ['a truncated one', async () => truncated(await next(), 3)],
    ['one with bytes behind it', async () => `${await next()}00` as Hex],
    ['an RLP string instead of a list', async () => '0x8412345678' as Hex],
    ['a list that is too short', async () => '0xc3010203' as Hex],
    ['a typed one with an empty list', async () => '0x02c0' as Hex],
    ['a length that is not the shortest', async () => '0xf80101' as Hex],
    ['random bytes', async () => '0xdeadbeefdeadbeef' as Hex],
  ])('refuses malformed RLP: %s', async (_case, makeRaw) => {
    await expectRefused(await makeRaw(), /./);
  });

  test('refuses what is not hex', async () => {
    await expectRefused('0x0' as Hex, /./, -32_602);
    await expectRefused('0xzz' as Hex, /./, -32_602);
    await expectRefused('deadbeef' as Hex, /./, -32_602);
  });

  test.each([3, 4, 0x7f])('refuses type %i by name', async (type) => {
    await expectRefused(asType(await next(), type), /^transaction type not supported/);
  });

  test('refuses another chain, and all chains at once', async () => {
    await expectRefused(await next({ chainId: 1 }), /^invalid chain id for signer/);
    await expectRefused(
      await signUnprotected(sender, 1),
      /^only replay-protected \(EIP-155\) transactions allowed over RPC/,
    );
  });

  test('refuses signatures that EIP-2 forbids or that are none', async () => {
    await expectRefused(await withHighS(next()), /^invalid sender/);
    await expectRefused(await withZeroR(next()), /^invalid (sender|transaction v, r, s values)/);
  });

  test('refuses nonces that are used or too far away', async () => {
    await expectRefused(await next({ nonce: 0 }), /^nonce too low/);
    await expectRefused(await next({ nonce: 1 + 4_096 }), /^nonce too high/);
    await expectRefused(await next({ nonce: 2 ** 40 }), /^nonce too high/);
  });

  test('refuses what cannot be paid', async () => {
    const wording = /^insufficient funds for gas \* price \+ value/;
    await expectRefused(await signTransfer(pauper), wording);
    await expectRefused(await next({ value: 10_001n * 10n ** 18n }), wording);
    await expectRefused(await next({ maxFeePerGas: 10n ** 30n }), wording);
    await expectRefused(await next({ value: 2n ** 256n - 1n }), wording);
  });

  test('refuses gas that is too little or too much', async () => {
    await expectRefused(await next({ gas: 20_999n }), /^intrinsic gas too low/);
    await expectRefused(await next({ data: '0x01' }), /^intrinsic gas too low/);
    await expectRefused(await next({ gas: 30_000_001n }), /^exceeds block gas limit/);
  });

  test('refuses a tip above the fee cap', async () => {
    const raw = await signTipAboveCap(privateKeyOf(sender), { chainId: 31_337, nonce: 1 });
    await expectRefused(raw, /^max priority fee per gas higher than max fee per gas/);
  });

  test('refuses more than 128 KiB', async () => {
    const data: Hex = `0x${'00'.repeat(131_072)}`;
    await expectRefused(await next({ data, gas: 1_000_000n }), /^oversized data/);
  });

  test('takes the transaction that was right', async () => {
    const hash = await rpc.call('eth_sendRawTransaction', await next());
    await rpc.call('evm_mine');
    expect(await rpc.call('eth_getTransactionReceipt', hash)).toMatchObject({ status: '0x1' });
  });
});

describe('transactions that depend on when blocks are made', () => {
  useNode(['--no-mining']);

  test('refuses what is pending already, and a replacement that pays too little more', async () => {
    const raw = await signTransfer(sender);
    await rpc.call('eth_sendRawTransaction', raw);
    await expectRefused(raw, /^already known/);
    const wording = /^replacement transaction underpriced/;
    await expectRefused(await signTransfer(sender, { value: 2n }), wording);
    await expectRefused(await signTransfer(sender, { maxFeePerGas: 30_000_000_000n }), wording);
    await expectRefused(
      await signTransfer(sender, { maxPriorityFeePerGas: 2_000_000_000n }),
      wording,
    );
  });

  test('keeps a fee cap below the base fee for later', async () => {
    const cheap = { maxFeePerGas: 100n, maxPriorityFeePerGas: 1n, nonce: 1 };
    const hash = await rpc.call('eth_sendRawTransaction', await signTransfer(sender, cheap));
    await rpc.call('evm_mine');
    expect(await rpc.call('eth_getTransactionByHash', hash)).toMatchObject({ blockHash: null });
    expect(await rpc.call('eth_getTransactionReceipt', hash)).toBeNull();
  });
});

describe('a fee cap below the base fee', () => {
  useNode([]);

  test('is refused where no other block would ever come', async () => {
    const cheap = { maxFeePerGas: 100n, maxPriorityFeePerGas: 1n };
    await expectRefused(
      await signTransfer(sender, cheap),
      /^max fee per gas less than block base fee/,
    );
  });
});

describe('JSON-RPC requests', () => {
  useNode([]);

  test.each([
    ['{', /parse error/],
    ['', /parse error/],
    ['{"jsonrpc":"2.0","id":1,"method":"eth_chainId"', /parse error/],
    ["{'jsonrpc':'2.0'}", /parse error/],
  ])('answers %j as invalid JSON', async (body, message) => {
    await expectAnswer(body, errorAnswer(null, -32_700, message));
  });

  test.each([
    ['1', null],
    ['"eth_chainId"', null],
    ['null', null],
    ['{}', null],
    ['{"id":7,"method":"eth_chainId"}', 7],
    ['{"jsonrpc":"1.0","id":"x","method":"eth_chainId"}', 'x'],
    ['{"jsonrpc":"2.0","id":7}', 7],
    ['{"jsonrpc":"2.0","id":7,"method":5}', 7],
    ['{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}', null],
    ['[]', null],
  ])('answers %s as no request', async (body, id) => {
    await expectAnswer(body, errorAnswer(id, -32_600));
  });

  test.each([
    ['eth_unheardOf', []],
    ['', []],
    ['toString', []],
    ['__proto__', []],
    ['eth_getWork', []],
    ['trace_block', ['latest']],
  ])('names the unknown method %j', async (method, params) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 3, method, params });
    const answer = await expectAnswer(
      body,
      errorAnswer(3, -32_601, /does not exist\/is not available/),
    );
    expect(answer.text).toContain(method);
  });

  test.each([
    ['eth_getBalance', []],
    ['eth_getBalance', ['0x12']],
    ['eth_getBalance', [5]],
    ['eth_getBalance', [sender.address, 'newest']],
    ['eth_getBalance', [sender.address, '0x01']],
    ['eth_getBalance', [sender.address, 'latest', 'more']],
    ['eth_getBlockByNumber', ['latest', 'yes']],
    ['eth_getBlockByHash', ['0x1234', false]],
    ['eth_getTransactionReceipt', [null]],
    ['eth_sendRawTransaction', [{}]],
    ['eth_feeHistory', ['x', 'latest', []]],
    ['eth_feeHistory', ['0x1', 'latest', [101]]],
    ['eth_feeHistory', ['0x1', 'latest', [50, 25]]],
    ['eth_call', ['latest']],
    ['eth_chainId', ['surplus']],
    ['eth_chainId', { named: true }],
    ['eth_getStorageAt', [sender.address]],
  ])('refuses %s with %j', async (method, params) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 3, method, params });
    await expectAnswer(body, errorAnswer(3, -32_602));
  });

  test('tells an unknown block from a future one', async () => {
    const { address } = sender;
    const unknown = { code: -32_000, message: 'header not found' };
    const answer = (...params: unknown[]): Promise<RpcAnswer> =>
      expectNoEffect(() => rpc.ask('eth_getBalance', ...params));
    expect((await answer(address, '0x63')).error).toMatchObject(unknown);
    const blockHash = `0x${'ab'.repeat(32)}`;
    expect((await answer(address, { blockHash })).error).toMatchObject(unknown);
    expect(await rpc.call('eth_getBlockByNumber', '0x63', false)).toBeNull();
    expect(await rpc.call('eth_getBlockByHash', blockHash, false)).toBeNull();
    expect(await rpc.call('eth_getTransactionByHash', blockHash)).toBeNull();
    expect(await rpc.call('eth_getTransactionReceipt', blockHash)).toBeNull();
  });

  test('takes parameters that are absent, null or given in any of their forms', async () => {
    for (const params of ['', ',"params":null', ',"params":[]']) {
      await expectAnswer(`{"jsonrpc":"2.0","id":1,"method":"eth_chainId"${params}}`, {
        jsonrpc: '2.0',
        id: 1,
        result: '0x7a69',
      });
    }
    const { hash } = await rpc.call<RpcBlock>('eth_getBlockByNumber', '0x0', false);
    const balance = await rpc.call('eth_getBalance', sender.address);
    for (const block of [null, 'safe', { blockNumber: '0x0' }, { blockHash: hash }]) {
      expect(await rpc.call('eth_getBalance', sender.address, block)).toBe(balance);
    }
  });

  test.each(['null', '"text"', '""', '0', '-1', '1.5', '12345678901234567890'])(
    'repeats the id %s as it is',
    async (id) => {
      const body = `{"jsonrpc":"2.0","method":"eth_chainId","id":${id}}`;
      const answer = await expectNoEffect(() => rpc.post(body));
      expect(answer.text.replaceAll(' ', '')).toContain(`"id":${id}`);
      expect(JSON.parse(answer.text)).toMatchObject({ result: '0x7a69' });
    },
  );

  test('answers a batch in its order, without its notifications', async () => {
    const members = [
      '{"jsonrpc":"2.0","id":2,"method":"eth_chainId"}',
      '{"jsonrpc":"2.0","method":"eth_chainId"}',
      '5',
      '{"jsonrpc":"2.0","id":"1","method":"eth_unheardOf"}',
      '{"jsonrpc":"2.0","id":1,"method":"net_version","params":[]}',
    ];
    await expectAnswer(`[${members.join(',')}]`, [
      { jsonrpc: '2.0', id: 2, result: '0x7a69' },
      errorAnswer(null, -32_600),
      errorAnswer('1', -32_601),
      { jsonrpc: '2.0', id: 1, result: '31337' },
    ]);
  });

  test('answers notifications with nothing', async () => {
    const notification = '{"jsonrpc":"2.0","method":"eth_chainId"}';
    for (const body of [notification, `[${notification},${notification}]`]) {
      const answer = await rpc.post(body);
      expect(answer).toMatchObject({ status: 204, text: '' });
    }
  });

  test('carries a notification out', async () => {
    const before = Number(await rpc.call<string>('eth_blockNumber'));
    await rpc.post('{"jsonrpc":"2.0","method":"evm_mine","params":[]}');
    expect(Number(await rpc.call<string>('eth_blockNumber'))).toBe(before + 1);
  });

  test('refuses what is too large and goes on', async () => {
    const huge = `{"jsonrpc":"2.0","id":1,"method":"web3_sha3","params":["0x${'00'.repeat(3_000_000)}"]}`;
    const tooLong = await expectNoEffect(() => rpc.post(huge));
    expect(tooLong.status).toBe(413);
    expect(JSON.parse(tooLong.text)).toEqual(errorAnswer(null, -32_600));
    const member = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
    const tooMany = await expectNoEffect(() =>
      rpc.post(`[${`${member},`.repeat(1_000)}${member}]`),
    );
    expect(JSON.parse(tooMany.text)).toEqual(errorAnswer(null, -32_600));
    const deep = `{"jsonrpc":"2.0","id":1,"method":"eth_call","params":${'['.repeat(1e5)}${']'.repeat(1e5)}}`;
    const tooDeep = await expectNoEffect(() => rpc.post(deep));
    expect(JSON.parse(tooDeep.text)).toEqual(errorAnswer(null, -32_600));
  });

  test('refuses a body that is not declared as JSON', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
    const answer = await expectNoEffect(() => rpc.post(body, { 'content-type': 'text/plain' }));
    expect(answer.status).toBe(415);
    expect(JSON.parse(answer.text)).toEqual(errorAnswer(null, -32_600));
  });
});
