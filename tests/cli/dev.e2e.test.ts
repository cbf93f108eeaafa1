import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPublicClient, createWalletClient, webSocket } from 'viem';
import { foundry } from 'viem/chains';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type CliProcess,
  type Finished,
  type NodeProcess,
  startCli,
  startNode,
} from '../support/cli-process.ts';
import { databasesHere } from '../support/databases.ts';
import { DEV_BALANCE, devAccount, privateKeyOf } from '../support/dev-accounts.ts';
import { rpcClient } from '../support/json-rpc.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';
import { waitUntil } from '../support/wait-until.ts';

const recipient = '0x00000000000000000000000000000000000a11ce';

let directory: TemporaryDirectory;
let running: CliProcess[];

beforeEach(() => {
  directory = makeTemporaryDirectory();
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((child) => child.kill('SIGKILL')));
  directory.remove();
});

const dataPath = (name = 'data'): string => join(directory.path, name);

/** `lucerna dev` on a free port in the test's directory, with what the test adds. */
function startDev(...args: readonly string[]): CliProcess {
  const child = startCli(['dev', '--port', '0', '--data-dir', dataPath(), ...args]);
  running.push(child);
  return child;
}

async function startJsonNode(...args: readonly string[]): Promise<NodeProcess> {
  const node = await startNode(dataPath(), args);
  running.push(node);
  return node;
}

function runCli(...args: readonly string[]): Promise<Finished> {
  const child = startCli(args);
  running.push(child);
  return child.finished;
}

/** Sends a wei from the first account; the hash. */
function sendOne({ endpoint }: NodeProcess): Promise<string> {
  const transfer = { from: devAccount(0).address, to: recipient, value: '0x1' };
  return rpcClient(endpoint).call('eth_sendTransaction', transfer);
}

/** Everything that is said about every block. */
async function readChain({ endpoint }: NodeProcess): Promise<unknown> {
  const rpc = rpcClient(endpoint);
  const head = Number(await rpc.call<string>('eth_blockNumber'));
  const blocks: unknown[] = [];
  for (let height = 0; height <= head; height += 1) {
    const number = `0x${height.toString(16)}`;
    blocks.push(
      await rpc.call('eth_getBlockByNumber', number, true),
      await rpc.call('eth_getBlockReceipts', number),
      await rpc.call('eth_getBalance', recipient, number),
      await rpc.call('eth_getTransactionCount', devAccount(0).address, number),
    );
  }
  return { head, blocks };
}

describe('what it prints', () => {
  test('a banner that ends with where it listens', async () => {
    const child = startDev();
    const last = await child.line((line) => line.startsWith('Listening on '));
    const { stdout } = child.output();
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(last);
    expect(stdout).toMatch(/^\s+Lucerna \d+\.\d+\.\d+$/m);
    for (let index = 0; index < 10; index += 1) {
      const account = devAccount(index);
      expect(stdout).toContain(`(${index}) ${account.address}  10,000 coins`);
      expect(stdout).toContain(`(${index}) ${privateKeyOf(account)}`);
    }
    expect(stdout).toMatch(/^\s+Chain id\s+31337$/m);
    expect(stdout).toMatch(/^\s+Head\s+block 0$/m);
    expect(stdout).toMatch(/^\s+Mining\s+a block for every transaction$/m);
    expect(stdout).toContain(dataPath());
    const endpoint = last.replace('Listening on ', '');
    expect(await rpcClient(endpoint).call('eth_chainId')).toBe('0x7a69');
  });

  test('one line of JSON on stdout, the log as JSON lines on stderr', async () => {
    const child = startDev('--json', '--block-time', '0.05', '--chain-id', '0x539');
    const report = JSON.parse(await child.line());
    expect(report).toMatchObject({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      chainId: '1337',
      dataDirectory: dataPath(),
      mining: 'a block every 0.05 s',
      pid: child.pid,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
    expect(report.accounts).toHaveLength(10);
    expect(report.accounts[9]).toEqual({
      address: devAccount(9).address,
      privateKey: privateKeyOf(devAccount(9)),
    });
    await waitUntil('blocks are logged', () =>
      child.output().stderr.split('\n').length > 3 ? true : undefined,
    );
    const { stdout, stderr } = await child.kill('SIGINT');
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(expect.objectContaining({ level: 'info', message: 'block' }));
  });

  test('nothing but warnings when it is to be quiet', async () => {
    // The port must be known beforehand, since nobody tells it.
    const probe = await startJsonNode();
    const { port } = new URL(probe.endpoint);
    await probe.kill('SIGINT');
    const child = startDev('--quiet', '--port', port);
    const rpc = rpcClient(probe.endpoint);
    await waitUntil('it answers', () => rpc.call('eth_chainId').catch(() => undefined));
    expect(await child.kill('SIGINT')).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  });

  test('help and version on stdout', async () => {
    const help = await runCli('dev', '--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const option of ['--port', '--data-dir', '--reset', '--no-mining', '--json']) {
      expect(help.stdout).toContain(option);
    }
    const version = await runCli('--version');
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('what it refuses', () => {
  test('a port that is taken, and gives its directory back', async () => {
    const first = await startJsonNode();
    const { port } = new URL(first.endpoint);
    const args = ['dev', '--port', port, '--data-dir', dataPath('second')];
    const refused = await runCli(...args);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('HTTP_PORT_IN_USE');
    expect(refused.stderr).toContain(port);
    expect(refused.stderr).toContain('--port');
    const asJson = await runCli(...args, '--json');
    expect(asJson).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(asJson.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'HTTP_PORT_IN_USE', remedy: expect.stringContaining('--port') },
    });
    const second = await startNode(dataPath('second'));
    running.push(second);
  });

  test('a directory that another process uses', async () => {
    const first = await startJsonNode();
    await sendOne(first);
    const refused = await startDev().finished;
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('DATA_DIRECTORY_IN_USE');
    expect(refused.stderr).toContain(String(first.pid));
    expect(refused.stderr).toContain('--data-dir');
    const resetting = await startDev('--reset').finished;
    expect(resetting).toMatchObject({ code: 1, stdout: '' });
    await sendOne(first);
    expect(await rpcClient(first.endpoint).call('eth_blockNumber')).toBe('0x2');
  });

  test("a directory with somebody else's files", async () => {
    const file = join(directory.path, 'thesis.txt');
    writeFileSync(file, 'twenty years of work');
    const refused = await runCli('dev', '--port', '0', '--data-dir', directory.path, '--reset');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('DATA_DIRECTORY_FOREIGN');
    expect(refused.stderr).toContain('--data-dir');
    expect(readFileSync(file, 'utf8')).toBe('twenty years of work');
  });

  test('a chain id that is not the stored one', async () => {
    const first = await startJsonNode('--chain-id', '77');
    await first.kill('SIGINT');
    const refused = await startDev('--chain-id', '78').finished;
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('CHAIN_ID_DIFFERS');
    expect(refused.stderr).toContain('--reset');
    const again = await startJsonNode();
    expect(again.report.chainId).toBe('77');
  });

  test.runIf(databasesHere().includes('rocksdb'))(
    'a database that is not the one of the directory',
    async () => {
      const first = await startJsonNode('--db', 'rocksdb');
      const hash = await sendOne(first);
      await first.kill('SIGKILL');
      const refused = await startDev('--db', 'lmdb').finished;
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain('DATA_DIRECTORY_DATABASE');
      expect(refused.stderr).toContain('rocksdb');
      expect(refused.stderr).toContain('--db');
      const again = await startJsonNode();
      const receipt = await rpcClient(again.endpoint).call('eth_getTransactionReceipt', hash);
      expect(receipt).toMatchObject({ status: '0x1' });
    },
  );

  test.each([
    '--blocktime 2',
    '--port 65536',
    '--port http',
    '--port',
    '--chain-id 0',
    '--chain-id 99999999999999999',
    '--block-time 0',
    '--block-time often',
    '--block-time 2 --no-mining',
    '--durability wishful',
    '--history some',
    '--accounts many',
    '--accounts -1',
    '--balance 1e3',
    '--balance 0.0000000000000000001',
    '--timestamp yesterday',
    '--gas-limit all',
    '--base-fee -1',
    '--automine --no-mining',
    '--mnemonic-file words --mnemonic words',
    '--db sqlite',
    'surplus',
  ])('the command line `dev %s`', async (line) => {
    const refused = await startDev(...line.split(' ')).finished;
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^error: .*\n(?:.*\n)?.*--help/);
    expect(existsSync(dataPath())).toBe(false);
  });

  test('a database for a chain in memory', async () => {
    const refused = await runCli('dev', '--port', '0', '--in-memory', '--db', 'rocksdb');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('--db');
  });

  test('a command line, as JSON where that is asked for', async () => {
    const refused = await startDev('--json', '--port', 'http').finished;
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(JSON.parse(refused.stderr)).toMatchObject({
      error: { message: expect.stringContaining('--port'), remedy: expect.any(String) },
    });
  });

  test('a command that does not exist', async () => {
    expect(await runCli('mine')).toMatchObject({ code: 2, stdout: '' });
    expect(await runCli('--fast')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('what its new chain has', () => {
  const words = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

  test('accounts, balances and time as they were asked for', async () => {
    const child = startDev(
      '-a',
      '12',
      '-m',
      words,
      '--balance',
      '2.5',
      '--timestamp',
      '1600000000',
    );
    const last = await child.line((line) => line.startsWith('Listening on '));
    const { stdout } = child.output();
    expect(stdout).toContain(`(11) ${devAccount(11, words).address}  2.5 coins`);
    expect(stdout).not.toContain(words);
    const rpc = rpcClient(last.replace('Listening on ', ''));
    expect(await rpc.call('eth_accounts')).toHaveLength(12);
    expect(await rpc.call('eth_getBlockByNumber', '0x0', false)).toMatchObject({
      timestamp: '0x5f5e1000',
    });
    await rpc.call('evm_mine');
    const { timestamp } = await rpc.call<{ timestamp: string }>(
      'eth_getBlockByNumber',
      'latest',
      false,
    );
    expect(Number(timestamp)).toBeLessThan(1_600_000_600);
    await child.kill('SIGINT');
    const again = await startJsonNode('--timestamp', '1600000000', '-m', words);
    await rpcClient(again.endpoint).call('evm_mine');
    const later = await rpcClient(again.endpoint).call<{ timestamp: string }>(
      'eth_getBlockByNumber',
      'latest',
      false,
    );
    expect(Number(later.timestamp)).toBeLessThan(1_600_000_600);
    await again.kill('SIGINT');
    const refused = await startDev('--timestamp', '1600000001').finished;
    expect(refused.stderr).toContain('GENESIS_TIME_DIFFERS');
  });

  test('the words of the environment, unless there are others', async () => {
    const env = { LUCERNA_MNEMONIC: words };
    const addressOf = async (...args: readonly string[]): Promise<string> => {
      const child = startCli(['dev', '--port', '0', '--in-memory', '--json', ...args], { env });
      running.push(child);
      return JSON.parse(await child.line()).accounts[0].address;
    };
    expect(await addressOf()).toBe(devAccount(0, words).address);
    const known = 'test test test test test test test test test test test junk';
    expect(await addressOf('-m', known)).toBe(devAccount(0).address);
    const refused = await runCli('dev', '--port', '0', '--in-memory', '-m', 'no such words');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('MNEMONIC_INVALID');
    expect(refused.stderr).not.toContain('no such words');
  });

  test('no unlocked accounts at all', async () => {
    const child = startDev('--accounts', '0');
    const last = await child.line((line) => line.startsWith('Listening on '));
    expect(await rpcClient(last.replace('Listening on ', '')).call('eth_accounts')).toEqual([]);
  });
});

describe('how it makes blocks', () => {
  const modeOf = async ({ endpoint }: NodeProcess): Promise<readonly unknown[]> => {
    const rpc = rpcClient(endpoint);
    return [await rpc.call('anvil_getAutomine'), await rpc.call('anvil_getIntervalMining')];
  };

  test('as the command line says, and else as it was told before', async () => {
    const first = await startJsonNode();
    expect(await modeOf(first)).toEqual([true, null]);
    await rpcClient(first.endpoint).call('evm_setAutomine', false);
    await first.kill('SIGINT');
    const second = await startJsonNode();
    expect(await modeOf(second)).toEqual([false, null]);
    expect(second.report.mining).toBe('on evm_mine only');
    await second.kill('SIGINT');
    const third = await startJsonNode('--automine');
    expect(await modeOf(third)).toEqual([true, null]);
    await third.kill('SIGINT');
    for (const flag of ['--automine', '--mixed-mining']) {
      const both = await startJsonNode('--block-time', '60', flag);
      expect(await modeOf(both)).toEqual([true, 60]);
      expect(both.report.mining).toBe('a block for every transaction, and one every 60 s');
      await both.kill('SIGINT');
    }
  });

  test('with the gas limit and the base fee that were asked for', async () => {
    const node = await startJsonNode('--gas-limit', '12345678', '--base-fee', '77');
    const rpc = rpcClient(node.endpoint);
    await rpc.call('evm_mine');
    const block = await rpc.call('eth_getBlockByNumber', 'latest', false);
    expect(block).toMatchObject({ gasLimit: '0xbc614e', baseFeePerGas: '0x4d' });
  });
});

describe('state files', () => {
  test('take a chain elsewhere, but not over another one', async () => {
    const file = join(directory.path, 'chain.state');
    const first = await startJsonNode('--dump-state', file);
    const hash = await sendOne(first);
    expect(existsSync(file)).toBe(false);
    const before = await readChain(first);
    expect(await first.kill('SIGTERM')).toMatchObject({ code: 0 });
    expect(existsSync(file)).toBe(true);

    const elsewhere = await startNode(dataPath('elsewhere'), ['--load-state', file]);
    running.push(elsewhere);
    const receipt = await rpcClient(elsewhere.endpoint).call('eth_getTransactionReceipt', hash);
    expect(receipt).toMatchObject({ status: '0x1', blockNumber: '0x1' });
    const block = await rpcClient(elsewhere.endpoint).call('eth_getBlockByNumber', '0x1', true);
    const [, , , , known] = (before as { blocks: readonly { stateRoot: string }[] }).blocks;
    expect(block).toMatchObject({ stateRoot: known?.stateRoot });
    await elsewhere.kill('SIGINT');

    const refused = await startDev('--load-state', file).finished;
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('CHAIN_STARTED');
    expect(refused.stderr).toContain('--reset');
    const again = await startJsonNode();
    expect(await readChain(again)).toEqual(before);
    await again.kill('SIGINT');
    const replaced = await startJsonNode('--load-state', file, '--reset');
    expect(await rpcClient(replaced.endpoint).call('eth_blockNumber')).toBe('0x1');
  });

  test('that cannot be read or written later are refused at once', async () => {
    const missing = await startDev('--load-state', join(directory.path, 'none')).finished;
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toContain('INPUT_UNREADABLE');
    const wrong = await startDev('--load-state', fileURLToPath(import.meta.url)).finished;
    expect(wrong.stderr).toContain('DUMP_INVALID');
    const nowhere = await startDev('--dump-state', join(directory.path, 'no/folder')).finished;
    expect(nowhere).toMatchObject({ code: 1, stdout: '' });
    expect(nowhere.stderr).toContain('OUTPUT_UNWRITABLE');
  });
});

describe('a token', () => {
  const token = 'a-token.of~some+length/in_base64=';

  test('from a file or the environment is asked for, over HTTP and WebSocket', async () => {
    const file = join(directory.path, 'token');
    writeFileSync(file, `${token}\n`);
    const node = await startJsonNode('--token-file', file);
    expect(node.report).toMatchObject({ token: true });
    expect(node.output().stdout).not.toContain(token);
    const authorization = `Bearer ${token}`;
    expect(await rawRequest(node.endpoint, {}, chainId)).toMatchObject({ status: 401 });
    const served = await rawRequest(node.endpoint, { authorization }, chainId);
    expect(served).toMatchObject({ status: 200 });
    expect(await rawRequest(`${node.endpoint}/healthz`, {}, 'GET')).toMatchObject({ status: 200 });
    const handshake = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    expect(await rawRequest(node.endpoint, handshake, 'GET')).toMatchObject({ status: 401 });
    await node.kill('SIGINT');

    const child = startCli(['dev', '--port', '0', '--in-memory', '--json'], {
      env: { LUCERNA_TOKEN: token },
    });
    running.push(child);
    const { endpoint } = JSON.parse(await child.line());
    expect(await rawRequest(endpoint, {}, chainId)).toMatchObject({ status: 401 });
  });

  test('that could not be sent or could be guessed is refused, and not repeated', async () => {
    for (const bad of ['', 'short', 'with spaces in its middle', 'Umlaute-sind-nicht-erlaubt-ä']) {
      const child = startCli(['dev', '--port', '0', '--in-memory'], {
        env: { LUCERNA_TOKEN: bad },
      });
      running.push(child);
      const refused = await child.finished;
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain('TOKEN_INVALID');
      if (bad !== '') expect(refused.stderr).not.toContain(bad);
    }
    const missing = await startDev('--token-file', join(directory.path, 'none')).finished;
    expect(missing.stderr).toContain('INPUT_UNREADABLE');
    expect(missing.stderr).not.toContain('bytecode');
    expect(existsSync(dataPath())).toBe(false);
  });
});

describe('WebSocket', () => {
  test('viem subscribes, sends and reads over it', async () => {
    const node = await startJsonNode();
    const transport = webSocket(node.endpoint.replace('http', 'ws'), { reconnect: false });
    const client = createPublicClient({ chain: foundry, transport });
    const wallet = createWalletClient({ account: devAccount(0), chain: foundry, transport });
    const heads: bigint[] = [];
    const stop = client.watchBlockNumber({ onBlockNumber: (height) => void heads.push(height) });
    await waitUntil('the subscription is there', async () => {
      await client.request({ method: 'evm_mine' } as never);
      return heads.length > 0 ? true : undefined;
    });
    const hash = await wallet.sendTransaction({ to: recipient, value: 1n });
    const receipt = await client.waitForTransactionReceipt({ hash });
    expect(receipt.status).toBe('success');
    await waitUntil('its head is told', () =>
      heads.includes(receipt.blockNumber) ? true : undefined,
    );
    stop();
    expect(await node.kill('SIGINT')).toMatchObject({ code: 0, signal: null });
  });

  test('a client that stays connected does not keep the node from ending', async () => {
    const node = await startJsonNode();
    const client = new WebSocket(node.endpoint.replace('http', 'ws'));
    await once(client, 'open');
    const closed = once(client, 'close');
    const started = performance.now();
    expect(await node.kill('SIGINT')).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - started).toBeLessThan(3_000);
    const [{ code }] = (await closed) as [CloseEvent];
    expect(code).toBe(1001);
  });
});

describe('what it keeps', () => {
  test('blocks, receipts and balances of all heights', async () => {
    const first = await startJsonNode();
    for (let index = 0; index < 5; index += 1) await sendOne(first);
    await rpcClient(first.endpoint).call('evm_mine');
    const before = await readChain(first);
    await first.kill('SIGINT');

    const second = await startJsonNode();
    expect(await readChain(second)).toEqual(before);
    expect(before).toMatchObject({ head: 6 });
    const hash = await sendOne(second);
    expect(await rpcClient(second.endpoint).call('eth_getTransactionReceipt', hash)).toMatchObject({
      blockNumber: '0x7',
      status: '0x1',
    });
  });

  test('nothing after a reset', async () => {
    const first = await startJsonNode();
    await sendOne(first);
    await first.kill('SIGINT');
    const second = await startJsonNode('--reset');
    const rpc = rpcClient(second.endpoint);
    expect(await rpc.call('eth_blockNumber')).toBe('0x0');
    expect(BigInt(await rpc.call('eth_getBalance', devAccount(0).address))).toBe(DEV_BALANCE);
  });
});

describe('how it ends', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends it cleanly although a client stays connected',
    async (signal) => {
      const node = await startJsonNode('--block-time', '0.05');
      // fetch keeps the connection for the next request.
      await rpcClient(node.endpoint).call('eth_chainId');
      const started = performance.now();
      expect(await node.kill(signal)).toMatchObject({ code: 0, signal: null, stderr: '' });
      expect(performance.now() - started).toBeLessThan(3_000);
      await expect(rpcClient(node.endpoint).call('eth_chainId')).rejects.toThrow();
    },
  );

  test('cleanly, and only when it is asked to, although nobody reads its log any more', async () => {
    const child = startDev('--json', '--block-time', '0.05');
    const { endpoint } = JSON.parse(await child.line());
    child.stopReading();
    const rpc = rpcClient(endpoint);
    await waitUntil('blocks go on', async () =>
      Number(await rpc.call('eth_blockNumber')) > 5 ? true : undefined,
    );
    expect(await child.kill('SIGINT')).toMatchObject({ code: 0, signal: null });
  });

  test('a transfer that was acknowledged before Ctrl-C is there afterwards', async () => {
    const first = await startJsonNode();
    const hash = await sendOne(first);
    await first.kill('SIGINT');
    const second = await startJsonNode();
    const receipt = await rpcClient(second.endpoint).call('eth_getTransactionReceipt', hash);
    expect(receipt).toMatchObject({ status: '0x1' });
  });
});

type RawAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
};

/** A request whose Host and Origin the test decides, which `fetch` does not allow. */
function rawRequest(
  endpoint: string,
  headers: Readonly<Record<string, string>>,
  call: string | { readonly method: string; readonly params?: readonly unknown[] } = 'OPTIONS',
): Promise<RawAnswer> {
  const verb = typeof call === 'string' ? call : 'POST';
  const body = typeof call === 'string' ? '' : JSON.stringify({ jsonrpc: '2.0', id: 1, ...call });
  return new Promise((resolve, reject) => {
    const outgoing = request(endpoint, {
      method: verb,
      headers: verb === 'POST' ? { 'content-type': 'application/json', ...headers } : headers,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    outgoing.end(body);
  });
}

const chainId = { method: 'eth_chainId' } as const;
const mine = { method: 'evm_mine' } as const;

describe('whom it serves', () => {
  test('requests whose Host is this machine, or was allowed', async () => {
    const { endpoint } = await startJsonNode('--allow-host', 'dev.example');
    const { port } = new URL(endpoint);
    for (const host of ['localhost', `localhost:${port}`, '127.0.0.1', '[::1]', 'dev.example']) {
      expect(await rawRequest(endpoint, { host }, chainId)).toMatchObject({ status: 200 });
    }
    for (const host of [
      'attacker.example',
      `attacker.example:${port}`,
      '127.0.0.1.attacker.example',
    ]) {
      const refused = await rawRequest(endpoint, { host }, chainId);
      expect(refused.status).toBe(403);
      expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
      expect(JSON.parse(refused.text)).toMatchObject({ error: { code: -32_600 } });
    }
  });

  test('every page reads, but only pages of this machine control', async () => {
    const { endpoint } = await startJsonNode();
    const far = { origin: 'https://page.example' };
    const read = await rawRequest(endpoint, far, chainId);
    expect(JSON.parse(read.text)).toMatchObject({ result: '0x7a69' });
    expect(read.headers).toMatchObject({ 'access-control-allow-origin': '*' });
    const transfer = { from: devAccount(0).address, to: recipient, value: '0x1' };
    const restricted = [mine, { method: 'eth_sendTransaction', params: [transfer] }];
    for (const origin of ['https://page.example', 'null', 'http://localhost.page.example']) {
      for (const call of restricted) {
        const refused = await rawRequest(endpoint, { origin }, call);
        expect(refused.status).toBe(200);
        expect(JSON.parse(refused.text)).toMatchObject({
          error: { code: -32_000, message: expect.stringContaining('not allowed from origin') },
        });
      }
    }
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:3000', 'https://[::1]:8080']) {
      const allowed = await rawRequest(endpoint, { origin }, mine);
      expect(JSON.parse(allowed.text)).toMatchObject({ result: '0x0' });
    }
    expect(await rpcClient(endpoint).call('eth_blockNumber')).toBe('0x3');
  });

  test('pages that were allowed control, too', async () => {
    const { endpoint } = await startJsonNode('--allow-origin', 'https://page.example');
    const allowed = await rawRequest(endpoint, { origin: 'https://page.example' }, mine);
    expect(JSON.parse(allowed.text)).toMatchObject({ result: '0x0' });
    const other = await rawRequest(endpoint, { origin: 'https://other.example' }, mine);
    expect(JSON.parse(other.text)).toMatchObject({ error: { code: -32_000 } });
  });

  test('browsers that ask before they post, and people who look', async () => {
    const { endpoint } = await startJsonNode();
    const preflight = await rawRequest(endpoint, {
      origin: 'https://page.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    });
    expect(preflight).toMatchObject({ status: 204, text: '' });
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': expect.stringContaining('content-type'),
    });
    expect(await rawRequest(endpoint, {}, 'GET')).toMatchObject({ status: 200 });
    expect(await rawRequest(`${endpoint}/other`, {}, chainId)).toMatchObject({ status: 404 });
    expect(await rawRequest(endpoint, {}, 'DELETE')).toMatchObject({ status: 405 });
  });

  test('warns when others can reach it', async () => {
    const child = startDev('--json', '--host', '0.0.0.0');
    await child.line();
    const { stderr } = await child.kill('SIGINT');
    expect(stderr).toContain('listening on 0.0.0.0');
  });
});
