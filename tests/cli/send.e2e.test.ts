import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Transaction, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import { type CliReport, contractFile, resultJson } from '../support/contract-cli.ts';
import { DEV_BALANCE, devAccount } from '../support/dev-accounts.ts';
import { type RpcClient, rpcClient } from '../support/json-rpc.ts';
import type { RpcReceipt } from '../support/rpc-types.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';
import { hasTerminal, type WalletRun, walletCli } from '../support/wallet-cli.ts';

const ETH = 10n ** 18n;
const PASSWORD = 'correct horse battery';
const wallet = new Wallet('0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318');
const [dev, other] = [devAccount(0).address, devAccount(1).address];

const directory = makeTemporaryDirectory();
const cli = walletCli(join(directory.path, 'keystore'));
const { failure, run, text } = cli;
const withPassword: WalletRun = { env: { LUCERNA_PASSWORD: PASSWORD } };

let node: NodeProcess;
let rpc: RpcClient;
let send: (...args: readonly string[]) => readonly string[];
/** A contract that takes no coins. */
let vault: string;

beforeAll(async () => {
  node = await startNode(join(directory.path, 'data'));
  rpc = rpcClient(node.endpoint);
  send = (...args) => ['send', ...args, '--rpc', node.endpoint];
  await text(['account', 'import', '--lightkdf'], { ...withPassword, input: wallet.privateKey });
  const args = [contractFile('vault.zx'), 'first', '--rpc', node.endpoint];
  vault = (await resultJson<CliReport>('deploy', ...args)).contractAddress ?? '';
});

afterAll(async () => {
  await node.kill('SIGTERM');
  directory.remove();
});

const balanceOf = async (address: string): Promise<bigint> =>
  BigInt(await rpc.call<string>('eth_getBalance', address, 'latest'));
const receiptOf = (hash: string): Promise<RpcReceipt> =>
  rpc.call('eth_getTransactionReceipt', hash);

test("an unlocked account of the node's own sends", async () => {
  const hash = await text(send(wallet.address, '100eth', '--unlocked'));
  expect(await receiptOf(hash)).toMatchObject({ status: '0x1', from: dev.toLowerCase() });
  expect(await balanceOf(wallet.address)).toBe(100n * ETH);
  const from = ['--from', other, '--nonce', '0', '--max-fee', '5gwei', '--tip', '2gwei'];
  const json = JSON.parse(await text([...send('alice', '3eth', '--unlocked', '--json'), ...from]));
  expect(json).toMatchObject({ from: other, value: `${3n * ETH}`, chainId: '31337' });
  expect(await rpc.call('eth_getTransactionByHash', json.transactionHash)).toMatchObject({
    nonce: '0x0',
    maxFeePerGas: '0x12a05f200',
    maxPriorityFeePerGas: '0x77359400',
  });
  expect(await failure(send(dev, '1', '--unlocked', '--from', wallet.address))).toBe(
    'NODE_REFUSED',
  );
});

describe('with a key that stays here', () => {
  test('the only account sends unless another is named; the hash is what ethers says', async () => {
    const hash = await text(send(other, '1.5eth'), withPassword);
    expect(hash).toMatch(/^0x[0-9a-f]{64}$/);
    expect(await balanceOf(other)).toBeGreaterThan(DEV_BALANCE - 2n * ETH);
    const sent = await rpc.call<Record<string, string>>('eth_getTransactionByHash', hash);
    expect(sent).toMatchObject({
      from: wallet.address.toLowerCase(),
      to: other.toLowerCase(),
      type: '0x2',
      chainId: '0x7a69',
      gas: '0x5208',
      nonce: '0x0',
    });
    const raw = await rpc.call<string>('eth_getRawTransactionByHash', hash);
    expect(Transaction.from(raw)).toMatchObject({
      hash,
      from: wallet.address,
      value: (15n * ETH) / 10n,
    });
  });

  test('what the options say is what is signed', async () => {
    const nonce = await rpc.call<string>('eth_getTransactionCount', wallet.address, 'pending');
    const options = ['--nonce', String(Number(nonce)), '--gas', '60000', '--data', '0x0102'];
    const fees = ['--max-fee', '30gwei', '--tip', '3gwei', '--chain-id', '31337'];
    const args = send(other, '7', '--from', wallet.address, ...options, ...fees);
    const sent = Transaction.from(
      await rpc.call<string>('eth_getRawTransactionByHash', await text(args, withPassword)),
    );
    expect(sent).toMatchObject({
      value: 7n,
      data: '0x0102',
      gasLimit: 60_000n,
      nonce: Number(nonce),
      maxFeePerGas: 30n * 10n ** 9n,
      maxPriorityFeePerGas: 3n * 10n ** 9n,
    });
    const low = send(other, '7', '--max-fee', '1gwei', '--tip', '2gwei');
    expect(await failure(low, withPassword)).toBe('OPTIONS_CONFLICT');
  });

  test.each([
    ['1wei', 1n],
    ['0x10', 16n],
    ['100gwei', 10n ** 11n],
    ['0.000000001gwei', 1n],
    ['0.000000000000000001ETH', 1n],
    ['0', 0n],
  ])('the amount %s', async (amount, wei) => {
    const hash = await text(send(other, amount), withPassword);
    const sent = await rpc.call<Record<string, string>>('eth_getTransactionByHash', hash);
    expect(BigInt(sent['value'] ?? '')).toBe(wei);
  });

  test.each([
    '1.5',
    '-1',
    '1.5wei',
    '0.0000000001gwei',
    '1 000',
    '1e18',
    'eth',
    '5btc',
    `1${'0'.repeat(60)}eth`,
  ])('the amount %s is not one', async (amount) => {
    const args = ['send', '--rpc', node.endpoint, other, '--', amount];
    const ended = await run(args, withPassword);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('An amount is');
  });

  test('names are accounts of a dev chain', async () => {
    const alice = JSON.parse(await text(send('bob', '1eth', '--from', 'alice', '--json')));
    expect(await balanceOf(alice.to)).toBe(ETH);
    expect(await receiptOf(alice.transactionHash)).toMatchObject({ status: '0x1' });
  });

  test('what would fail is not sent', async () => {
    const before = await rpc.call('eth_getTransactionCount', wallet.address, 'pending');
    expect(await failure(send(vault, '1'), withPassword)).toBe('CONTRACT_REVERTED');
    expect(await failure(send(other, '1000eth'), withPassword)).toBe('NODE_REFUSED');
    expect(await failure(send(other, '1', '--nonce', '0'), withPassword)).toBe('NODE_REFUSED');
    expect(await failure(send(other, '1', '--chain-id', '1'), withPassword)).toBe(
      'CHAIN_ID_UNEXPECTED',
    );
    expect(await failure(send(other, '1'), { env: { LUCERNA_PASSWORD: 'x' } })).toBe(
      'KEYSTORE_PASSWORD_WRONG',
    );
    expect(await failure(send(other, '1'))).toBe('PASSWORD_MISSING');
    expect(await failure(send(other, '1', '--from', dev), withPassword)).toBe(
      'KEYSTORE_ACCOUNT_UNKNOWN',
    );
    expect(await failure(send('0x1234', '1'), withPassword)).toBe('ACCOUNT_INVALID');
    const none = ['--keystore', join(directory.path, 'none')];
    expect(await failure([...send(other, '1'), ...none])).toBe('ACCOUNT_NOT_CHOSEN');
    const damaged = join(directory.path, 'damaged');
    const [name = ''] = readdirSync(join(directory.path, 'keystore'));
    mkdirSync(damaged);
    copyFileSync(join(directory.path, 'keystore', name), join(damaged, name));
    writeFileSync(join(damaged, `UTC--${name}`), '{');
    // It may be the other one that is meant.
    const ambiguous = [...send(other, '1'), '--keystore', damaged];
    expect(await failure(ambiguous, withPassword)).toBe('KEYSTORE_INVALID');
    expect(await rpc.call('eth_getTransactionCount', wallet.address, 'pending')).toBe(before);
  });
});

describe('with --wait', () => {
  test('it prints what came of it', async () => {
    const ended = await run(send(other, '1gwei', '--wait'), withPassword);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toMatch(
      /^Transaction {2}0x[0-9a-f]{64}\nBlock {8}\d+\nStatus {7}success\n/,
    );
    const json = JSON.parse(await text(send(other, '1', '--wait', '--json'), withPassword));
    expect(json).toMatchObject({ status: 'success', gasUsed: 21_000, logs: [] });
  });

  test('one that failed in its block is reported, with the exit code of a failure', async () => {
    const args = send(vault, '5', '--gas', '100000', '--wait', '--json');
    const ended = await run(args, withPassword);
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({ status: 'failed' });
    expect(JSON.parse(ended.stderr).error.code).toMatch(/^(CONTRACT_REVERTED|TRANSACTION_FAILED)$/);
  });

  test('one that no block takes is named', async () => {
    await rpc.call('evm_setAutomine', false);
    const args = send(other, '1', '--wait', '--timeout', '0.3', '--json');
    const ended = await run(args, withPassword);
    const { code, fields } = JSON.parse(ended.stderr).error;
    expect(code).toBe('RECEIPT_TIMEOUT');
    // The next one has the next nonce, though none is in a block.
    const next = await text(send(other, '1'), withPassword);
    await rpc.call('evm_setAutomine', true);
    await rpc.call('evm_mine');
    for (const hash of [fields.transactionHash, next]) {
      expect(await receiptOf(hash)).toMatchObject({ status: '0x1' });
    }
  });
});

test('names are refused on any other chain', async () => {
  const chain = await startNode(join(directory.path, 'chain-5'), ['--chain-id', '5']);
  const args = ['--rpc', chain.endpoint];
  try {
    expect(await failure(['send', 'bob', '1', '--unlocked', ...args])).toBe('NAME_NOT_SECRET');
    expect(await failure(['send', other, '1', '--from', 'bob', ...args])).toBe('NAME_NOT_SECRET');
    expect(await text(['send', other, '1', '--unlocked', ...args])).toMatch(/^0x/);
  } finally {
    await chain.kill('SIGTERM');
  }
});

describe('a node that cannot be relied on', () => {
  let server: Server;
  let answerRaw: string | undefined;
  let sentRaw = '';
  let chainId = '0x7a69';
  let lies: Readonly<Record<string, unknown>> = {};
  let at: readonly string[];

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      const { id, method, params } = JSON.parse(body);
      if (method === 'eth_sendRawTransaction') sentRaw = params[0];
      const results: Readonly<Record<string, unknown>> = {
        eth_chainId: chainId,
        eth_getTransactionCount: '0x0',
        eth_maxPriorityFeePerGas: '0x1',
        eth_getBlockByNumber: { baseFeePerGas: '0x1' },
        eth_estimateGas: '0x5208',
        eth_sendRawTransaction: answerRaw,
        ...lies,
      };
      const result = results[method];
      if (result === undefined) response.destroy();
      else response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    at = ['--rpc', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, '--json'];
  });
  afterAll(() => server.close());

  test('leaves it open whether the transaction was sent, and the hash is told', async () => {
    for (const answer of [undefined, `0x${'11'.repeat(32)}`, 'nothing']) {
      answerRaw = answer;
      const ended = await run(['send', other, '1', ...at], withPassword);
      const { code, fields } = JSON.parse(ended.stderr).error;
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect([code, fields.transactionHash]).toEqual([
        'SEND_UNCERTAIN',
        expect.stringMatching(/^0x[0-9a-f]{64}$/),
      ]);
      expect(fields.transactionHash).not.toBe(answer);
    }
  });

  test.each<[string, unknown]>([
    ['eth_getTransactionCount', '0x10000000000000000'],
    ['eth_estimateGas', '0x10000000000000000'],
    ['eth_maxPriorityFeePerGas', `0x${'f'.repeat(64)}`],
    ['eth_getBlockByNumber', { baseFeePerGas: `0x8${'0'.repeat(63)}` }],
  ])('gets no signature for what %s has made up', async (method, answer) => {
    lies = { [method]: answer };
    expect(await failure(['send', other, '1', ...at], withPassword)).toBe('NODE_ANSWER_INVALID');
    lies = {};
  });

  test.each<[unknown, string]>([
    ['none', 'NODE_ANSWER_INVALID'],
    [['0x1234'], 'NODE_ANSWER_INVALID'],
    [[], 'SENDER_MISSING'],
  ])('has no accounts when it answers %j', async (accounts, code) => {
    lies = { eth_accounts: accounts };
    expect(await failure(['send', other, '1', '--unlocked', ...at])).toBe(code);
    lies = {};
  });

  test('has sent nothing that it can name when it answers no hash', async () => {
    lies = { eth_sendTransaction: '0x', eth_accounts: [dev] };
    expect(await failure(['send', other, '1', '--unlocked', ...at])).toBe('SEND_UNCERTAIN');
    lies = {};
  });

  const most = 2n ** 256n - 1n;
  test.each([
    [['--max-fee', '0'], 0n, 0n],
    [['--tip', '3'], 5n, 3n],
    // It does not overflow.
    [['--tip', `${most}`], most, most],
  ])('gets fees with %j that go together', async (args, maxFeePerGas, maxPriorityFeePerGas) => {
    answerRaw = undefined;
    const code = await failure(['send', other, '1', ...args, ...at], withPassword);
    expect(code).toBe('SEND_UNCERTAIN');
    expect(Transaction.from(sentRaw)).toMatchObject({ maxFeePerGas, maxPriorityFeePerGas });
  });

  test('gets no signature for every chain', async () => {
    for (const id of ['0x0', 'zero']) {
      chainId = id;
      expect(await failure(['send', other, '1', ...at], withPassword)).toBe('NODE_ANSWER_INVALID');
    }
  });

  test('or is not there', async () => {
    const nowhere = ['--rpc', 'http://127.0.0.1:1'];
    expect(await failure(['send', other, '1', ...nowhere], withPassword)).toBe('NODE_UNREACHABLE');
  });
});

describe.skipIf(!hasTerminal)('at a terminal', () => {
  test('it shows what it is going to send, and asks', async () => {
    const before = await balanceOf(wallet.address);
    const asked = ['Send it? [y/N] ', 'n\r'] as const;
    const declined = await cli.onTerminal(send(other, '1.5eth'), [asked]);
    expect(declined.code).toBe(1);
    expect(declined.stdout).toContain('NOT_CONFIRMED');
    expect(declined.stdout).toMatch(/Amount +1\.5 eth/);
    expect(declined.stdout).toMatch(new RegExp(`From +${wallet.address}`));
    expect(declined.stdout).toMatch(/Chain +31337/);
    expect(await balanceOf(wallet.address)).toBe(before);
    const agreed = await cli.onTerminal(send(other, '1.5eth'), [
      ['Send it? [y/N] ', 'y\r'],
      [`Password of 0x`, `${PASSWORD}\r`],
    ]);
    expect(agreed.code).toBe(0);
    expect(await balanceOf(wallet.address)).toBeLessThan(before - ETH);
    const unasked = await cli.onTerminal(send(other, '1', '--yes'), [], withPassword);
    expect(unasked.code).toBe(0);
    expect(unasked.stdout).not.toContain('Send it?');
  });
});

test('nothing that was printed has the key or the password in it', () => {
  const printed = cli.printed().toLowerCase();
  expect(printed.length).toBeGreaterThan(5_000);
  expect(printed).not.toContain(wallet.privateKey.slice(2));
  expect(printed).not.toContain(PASSWORD);
});
