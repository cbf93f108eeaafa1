import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { basename, join } from 'node:path';
import { keccak256, stringToHex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import {
  type CliReport,
  contractFile,
  failure,
  resultJson,
  resultText,
  runContract,
  tokenFile,
} from '../support/contract-cli.ts';
import { devAccount, privateKeyOf } from '../support/dev-accounts.ts';
import { type RpcClient, rpcClient } from '../support/json-rpc.ts';
import type { RpcReceipt } from '../support/rpc-types.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';
import { waitUntil } from '../support/wait-until.ts';

const [alice, bob, carol] = [0, 1, 2].map((index) => devAccount(index).address) as [
  string,
  string,
  string,
];
const vaultFile = contractFile('vault.zx');

/** How the command line names the line of a source on which `text` stands. */
function placeOf(file: string, text: string, action: string): string {
  const lines = readFileSync(file, 'utf8').split('\n');
  const index = lines.findIndex((line) => line.includes(text));
  const column = (lines[index] ?? '').search(/\S/) + 1;
  return `${basename(file)}:${index + 1}:${column}, in ${action}`;
}

const insufficient = placeOf(tokenFile, 'insufficient balance', 'move');

let directory: TemporaryDirectory;
let node: NodeProcess;
let rpc: RpcClient;
/** The option that leads to the node. */
let at: readonly string[];
let token: string;
let vault: string;

beforeAll(async () => {
  directory = makeTemporaryDirectory();
  node = await startNode(join(directory.path, 'data'));
  rpc = rpcClient(node.endpoint);
  at = ['--rpc', node.endpoint];
  token = await deploy(tokenFile, '1000');
  vault = await deploy(vaultFile, 'first', '--value', '7');
});

afterAll(async () => {
  await node.kill('SIGTERM');
  directory.remove();
});

async function deploy(...args: readonly string[]): Promise<string> {
  const { contractAddress } = await resultJson<CliReport>('deploy', ...args, ...at);
  return contractAddress ?? '';
}

const call = (...args: readonly string[]): Promise<CliReport> =>
  resultJson<CliReport>('call', ...args, ...at);
const query = (...args: readonly string[]): Promise<string> => resultText('query', ...args, ...at);
const receiptOf = (hash: string): Promise<RpcReceipt> =>
  rpc.call('eth_getTransactionReceipt', hash);

describe('deploy', () => {
  test("reports what the receipt says; the sender is the node's first account", async () => {
    const report = await resultJson<CliReport>('deploy', tokenFile, '5', ...at);
    const receipt = await receiptOf(report.transactionHash);
    expect(receipt).toMatchObject({ status: '0x1', from: alice.toLowerCase(), to: null });
    expect(report).toEqual({
      contractAddress: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/),
      transactionHash: receipt.transactionHash,
      blockNumber: Number(receipt.blockNumber),
      status: 'success',
      gasUsed: Number(receipt.gasUsed),
      logs: [
        {
          address: report.contractAddress,
          event: 'Transfer',
          arguments: [
            { name: 'from', type: 'address', value: `0x${'0'.repeat(40)}` },
            { name: 'to', type: 'address', value: alice },
            { name: 'value', type: 'uint256', value: '5' },
          ],
        },
      ],
    });
    expect(report.contractAddress?.toLowerCase()).toBe(receipt.contractAddress);
  });

  test('reports the same for people', async () => {
    const text = await resultText('deploy', tokenFile, '5', ...at, '--from', bob);
    expect(text).toMatch(/^Contract {5}0x[0-9a-fA-F]{40}\nTransaction {2}0x[0-9a-f]{64}\nBlock /);
    expect(text).toMatch(/^Status {7}success$/m);
    expect(text).toContain(
      `Logs         Transfer(from: 0x${'0'.repeat(40)}, to: ${bob}, value: 5)`,
    );
  });

  test('takes compiled JSON, and signs with a key that the node does not have', async () => {
    const key = keccak256(stringToHex('a key of its own'));
    const artifact = join(directory.path, 'token.json');
    await resultText('compile', tokenFile, '--out', artifact);
    const args = ['deploy', artifact, '5', ...at, '--private-key', key];
    expect(await failure(...args)).toMatchObject({
      code: 'NODE_REFUSED',
      message: expect.stringContaining('insufficient funds'),
    });
    const bobs = await resultJson<CliReport>(
      ...(['deploy', artifact, '5', ...at, '--private-key'] as const),
      privateKeyOf(devAccount(1)),
    );
    expect(await receiptOf(bobs.transactionHash)).toMatchObject({
      status: '0x1',
      from: bob.toLowerCase(),
      type: '0x2',
    });
  });

  test('sends value to a constructor that takes it', async () => {
    expect(await rpc.call('eth_getBalance', vault, 'latest')).toBe('0x7');
    expect(await query(vault, 'first_note')).toBe('first');
    expect(await failure('deploy', tokenFile, '5', '--value', '1', ...at)).toMatchObject({
      code: 'ACTION_NOT_PAYABLE',
    });
  });

  test('creates nothing when the constructor reverts', async () => {
    const args = ['deploy', vaultFile, 'x', '--value', '1000', ...at];
    expect(await failure(...args)).toMatchObject({
      code: 'CONTRACT_REVERTED',
      message: `execution reverted: Vault: too much (${placeOf(vaultFile, 'Vault: too much', 'init')})`,
    });
    const sent = await runContract(...args, '--gas', '1000000', '--json');
    expect(sent.code).toBe(1);
    const report: CliReport = JSON.parse(sent.stdout);
    expect(report).toMatchObject({
      status: 'failed',
      reason: 'Vault: too much',
      location: { file: 'vault.zx', action: 'init' },
      logs: [],
    });
    expect(report).not.toHaveProperty('contractAddress');
  });

  test('wants the arguments of the constructor', async () => {
    expect(await failure('deploy', tokenFile, ...at)).toMatchObject({
      code: 'ARGUMENT_COUNT',
      message: expect.stringContaining('supply: uint256'),
    });
    expect(await failure('deploy', tokenFile, 'many', ...at)).toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: expect.stringContaining('supply'),
    });
    expect(await failure('deploy', contractFile('doubtful.zx'), '1', ...at)).toMatchObject({
      code: 'ARGUMENT_COUNT',
    });
    expect(await failure('deploy', token, ...at)).toMatchObject({ code: 'INPUT_UNREADABLE' });
  });
});

describe('call', () => {
  test('by the name in the source and in the ABI', async () => {
    const own = await deploy(tokenFile, '1000');
    const approved = await call(own, 'approve', bob, '0x64');
    expect(approved).toMatchObject({ status: 'success', logs: [{ event: 'Approval' }] });
    const key = ['--private-key', privateKeyOf(devAccount(1))];
    expect(await call(own, 'transfer_from', alice, carol, '40', ...key)).toMatchObject({
      logs: [
        { event: 'Transfer', arguments: [{ value: alice }, { value: carol }, { value: '40' }] },
      ],
    });
    await call(own, 'transferFrom', alice, carol, '2', ...key);
    expect(await query(own, 'balance_of', carol)).toBe('42');
    expect(await query(own, 'balanceOf', alice)).toBe('958');
    expect(await query(own, 'allowance', alice, bob)).toBe('58');
  });

  test('with value; of indexed text the log has the hash', async () => {
    const own = await deploy(vaultFile, '');
    const { logs } = await call(own, 'deposit', 'for later: 5 €', '--value', '0x10');
    expect(logs).toEqual([
      {
        address: own,
        event: 'Deposited',
        arguments: [
          { name: 'from', type: 'address', value: alice },
          { name: 'amount', type: 'uint256', value: '16' },
          { name: 'memo', type: 'string', value: 'for later: 5 €' },
        ],
      },
      {
        address: own,
        event: 'Tagged',
        arguments: [
          { name: 'memo', type: 'bytes32', value: keccak256(stringToHex('for later: 5 €')) },
          { name: 'tag', type: 'bytes4', value: '0x01020304' },
        ],
      },
    ]);
    expect(await query(own, 'deposits_of', alice)).toBe('1');
    const text = await resultText('call', own, 'deposit', 'twice', ...at);
    expect(text).toContain(`Logs         Deposited(from: ${alice}, amount: 0, memo: "twice")`);
    expect(text).toMatch(/\n {13}Tagged\(memo: 0x[0-9a-f]{64}, tag: 0x01020304\)$/);
  });

  test('that would fail is not sent', async () => {
    const before = await rpc.call('eth_blockNumber');
    expect(await failure('call', token, 'transfer', bob, '9999', ...at)).toMatchObject({
      code: 'CONTRACT_REVERTED',
      message: `execution reverted: Token: insufficient balance (${insufficient})`,
    });
    expect(await failure('call', vault, 'divide', '1', '0', ...at)).toMatchObject({
      code: 'CONTRACT_REVERTED',
      message: expect.stringContaining('0x12'),
    });
    expect(await rpc.call('eth_blockNumber')).toBe(before);
  });

  test('that fails although it was sent says so on both channels', async () => {
    const args = ['call', token, 'transfer', bob, '9999', '--gas', '100000', ...at];
    const { code, stdout, stderr } = await runContract(...args);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Status {7}failed\nReason {7}Token: insufficient balance$/m);
    expect(stdout).toContain(`\nAt           ${insufficient}\n`);
    expect(stderr).toContain('[CONTRACT_REVERTED]');
    const asJson = await runContract(...args, '--json');
    expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { code: 'CONTRACT_REVERTED' } });
    const report: CliReport = JSON.parse(asJson.stdout);
    expect(report).toMatchObject({ status: 'failed', reason: 'Token: insufficient balance' });
    expect(await receiptOf(report.transactionHash)).toMatchObject({ status: '0x0' });
  });

  test('that runs out of gas is told apart from one that the contract refuses', async () => {
    const args = ['call', token, 'transfer', bob, '1', '--gas', '25000', ...at, '--json'];
    const { code, stdout, stderr } = await runContract(...args);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'failed', reason: 'out of gas' });
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'TRANSACTION_FAILED' } });
  });

  test('of what cannot be called', async () => {
    expect(await failure('call', vault, 'hidden', ...at)).toMatchObject({
      code: 'ACTION_UNKNOWN',
      message: expect.stringContaining('not callable from outside'),
    });
    expect(await failure('call', vault, 'init', 'x', ...at)).toMatchObject({
      code: 'ACTION_UNKNOWN',
    });
    expect(await failure('call', vault, 'withdraw', ...at)).toMatchObject({
      code: 'ACTION_UNKNOWN',
      message: expect.stringContaining('deposit'),
    });
    expect(await failure('call', vault, 'nothing', '--value', '1', ...at)).toMatchObject({
      code: 'ACTION_NOT_PAYABLE',
    });
    expect(await failure('call', bob, 'transfer', ...at)).toMatchObject({
      code: 'CONTRACT_UNKNOWN',
    });
    expect(await failure('call', '0x12', 'transfer', ...at)).toMatchObject({
      code: 'ADDRESS_INVALID',
    });
    const stranger = ['--from', `0x${'17'.repeat(20)}`];
    expect(await failure('call', vault, 'nothing', ...stranger, ...at)).toMatchObject({
      code: 'NODE_REFUSED',
    });
  });

  test('waits no longer than it is told', async () => {
    const manual = await startNode(join(directory.path, 'manual'), ['--no-mining']);
    try {
      const args = ['deploy', tokenFile, '1', '--rpc', manual.endpoint, '--timeout'];
      const { code, message } = await failure(...args, '0.2');
      expect(code).toBe('RECEIPT_TIMEOUT');
      const hash = /0x[0-9a-f]{64}/.exec(message)?.[0];
      const waiting = resultJson<CliReport>(...args, '30');
      const manualRpc = rpcClient(manual.endpoint);
      await waitUntil('both wait for a block', async () => {
        const count = await manualRpc.call('eth_getTransactionCount', alice, 'pending');
        return count === '0x2' ? true : undefined;
      });
      await manualRpc.call('evm_mine');
      expect(await waiting).toMatchObject({ status: 'success', blockNumber: 1 });
      expect(await manualRpc.call('eth_getTransactionReceipt', hash)).toMatchObject({
        blockNumber: '0x1',
      });
    } finally {
      await manual.kill('SIGTERM');
    }
  });
});

describe('query', () => {
  test.each([
    ['echo_bytes', '0x', '0x'],
    ['echo_bytes', '0xC0ffee', '0xc0ffee'],
    ['echo_tag', '0x01020304', '0x01020304'],
    ['echo_flag', 'true', 'true'],
    ['echo_flag', 'false', 'false'],
    ['echo_signed', '-128', '-128'],
    ['echo_signed', '0x7f', '127'],
    ['echo_any', '{"a": [1, "b", null]}', '{"a": [1, "b", null]}'],
    ['echo_any', 'text', 'text'],
    ['echo_any', alice.toLowerCase(), alice],
    ['deposits_of', alice.toLowerCase(), '0'],
    ['deposits_of', alice, '0'],
  ])('%s %s', async (action, argument, result) => {
    expect(await query(vault, action, argument)).toBe(result);
  });

  test.each([
    ['echo_bytes', '0xc0f'],
    ['echo_bytes', 'c0ff'],
    ['echo_tag', '0x010203'],
    ['echo_tag', '0x0102030405'],
    ['echo_flag', 'yes'],
    ['echo_flag', '1'],
    ['echo_any', '[1'],
    ['echo_signed', '128'],
    ['echo_signed', '-129'],
    ['echo_signed', '1.5'],
    ['echo_signed', ''],
    ['deposits_of', alice.slice(0, -1)],
    ['deposits_of', alice.replace(/f/, 'F')],
    ['deposits_of', '5'],
  ])('%s does not take "%s"', async (action, argument) => {
    const refused = await failure('query', vault, action, argument, ...at);
    expect(refused.code).toBe('ARGUMENT_INVALID');
    expect(refused.message).toContain('argument 1');
  });

  test('answers JSON with the type, and nothing for an action without result', async () => {
    expect(await resultJson('query', vault, 'echo_any', '[1, true]', ...at)).toEqual({
      type: 'bytes',
      result: ['1', true],
    });
    expect(await resultJson('query', token, 'total_supply', ...at)).toEqual({
      type: 'uint256',
      result: '1000',
    });
    expect(await resultJson('query', vault, 'echo_flag', 'true', ...at)).toEqual({
      type: 'bool',
      result: true,
    });
    expect(await resultJson('query', vault, 'nothing', ...at)).toEqual({
      type: null,
      result: null,
    });
    expect(await query(vault, 'nothing')).toBe('');
  });

  test('asks as whom it is told', async () => {
    expect(await query(vault, 'caller_of')).toBe(alice);
    expect(await query(vault, 'caller_of', '--from', carol)).toBe(carol);
    const key = privateKeyOf(devAccount(1));
    expect(await query(vault, 'caller_of', '--private-key', key)).toBe(bob);
  });

  test('changes nothing, and tells why it fails', async () => {
    const before = await rpc.call('eth_blockNumber');
    expect(await query(token, 'transfer', bob, '1000')).toBe('true');
    expect(await failure('query', vault, 'fail_with', 'no luck', ...at)).toMatchObject({
      code: 'CONTRACT_REVERTED',
      message: 'execution reverted: no luck',
    });
    expect(await failure('query', token, 'name', '--gas', '21500', ...at)).toMatchObject({
      code: 'NODE_REFUSED',
      message: expect.stringContaining('out of gas'),
    });
    expect(await rpc.call('eth_blockNumber')).toBe(before);
  });

  test('shows text that a terminal would obey, but --json has it as it is', async () => {
    const evil = 'red \u001b[31malert\u202e';
    const own = await deploy(vaultFile, evil);
    expect(await query(own, 'first_note')).toBe('red \ufffd[31malert\ufffd');
    expect(await resultJson('query', own, 'first_note', ...at)).toMatchObject({ result: evil });
    const reverted = await runContract('query', own, 'fail_with', evil, ...at);
    expect(reverted.stderr).not.toContain('\u001b');
  });

  test('takes text that begins with a dash behind two', async () => {
    const text = await resultText('deploy', vaultFile, ...at, '--', '--json');
    const own = /0x[0-9a-fA-F]{40}/.exec(text)?.[0] ?? '';
    expect(await query(own, 'first_note')).toBe('--json');
    const refused = await runContract('deploy', vaultFile, ...at, '--', 'one', '--json');
    expect(refused.stderr).toMatch(/^error: .*\[ARGUMENT_COUNT\]$/m);
  });
});

test('abi, inspect and disasm read a contract at an address', async () => {
  expect(await resultJson('abi', token, ...at)).toEqual(await resultJson('abi', tokenFile));
  expect(await resultText('disasm', token.toLowerCase(), ...at)).toBe(
    await resultText('disasm', tokenFile),
  );
  expect(await resultJson('inspect', token, ...at)).toMatchObject({
    contractName: 'Token',
    address: token,
  });
  expect(await failure('inspect', bob, ...at)).toMatchObject({ code: 'CONTRACT_UNKNOWN' });
});

/** A port on which something answers that is no node. */
async function serve(answer: (method: string, id: unknown) => string): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const { method, id } = JSON.parse(body);
      response.end(answer(method, id));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const urlOf = (server: { readonly address: () => unknown }): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe('what is no node', () => {
  test('nobody listens', async () => {
    const probe = createTcpServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const url = urlOf(probe);
    await new Promise((resolve) => probe.close(resolve));
    expect(await failure('query', token, 'name', '--rpc', url)).toMatchObject({
      code: 'NODE_UNREACHABLE',
      message: expect.stringContaining(url),
      remedy: expect.stringContaining('lucerna dev'),
    });
  });

  test.each([
    ['a web page', (): string => '<html></html>'],
    ['another protocol', (): string => '{"ok":true}'],
    ['another question', (): string => '{"jsonrpc":"2.0","id":77,"result":"0x"}'],
    [
      'no hex',
      (_: string, id: unknown): string => JSON.stringify({ jsonrpc: '2.0', id, result: 7 }),
    ],
  ])('%s', async (_name, answer) => {
    const server = await serve(answer);
    try {
      const refused = await failure('query', token, 'name', '--rpc', urlOf(server));
      expect(refused.code).toBe('NODE_ANSWER_INVALID');
    } finally {
      server.close();
    }
  });

  test('a node that forgets what was sent', async () => {
    const code = await rpc.call('eth_getCode', token, 'latest');
    const hash = `0x${'5e'.repeat(32)}`;
    const results: Readonly<Record<string, unknown>> = {
      eth_accounts: [alice],
      eth_getCode: code,
      eth_estimateGas: '0x5208',
      eth_sendTransaction: hash,
      eth_getTransactionReceipt: {},
    };
    const server = await serve((method, id) =>
      JSON.stringify({ jsonrpc: '2.0', id, result: results[method] }),
    );
    try {
      const there = ['--rpc', urlOf(server)];
      expect(await failure('call', token, 'transfer', bob, '1', ...there)).toMatchObject({
        code: 'RECEIPT_UNREADABLE',
        message: expect.stringContaining(hash),
      });
    } finally {
      server.close();
    }
  });

  test('a node without accounts can be asked but signs nothing', async () => {
    const code = await rpc.call('eth_getCode', token, 'latest');
    const results: Readonly<Record<string, unknown>> = {
      eth_accounts: [],
      eth_getCode: code,
      eth_call: `0x${'0'.repeat(63)}9`,
    };
    const server = await serve((method, id) =>
      JSON.stringify({ jsonrpc: '2.0', id, result: results[method] }),
    );
    try {
      const there = ['--rpc', urlOf(server)];
      expect(await resultText('query', token, 'total_supply', ...there)).toBe('9');
      expect(await failure('call', token, 'transfer', bob, '1', ...there)).toMatchObject({
        code: 'SENDER_MISSING',
        remedy: expect.stringContaining('--private-key'),
      });
    } finally {
      server.close();
    }
  });
});
