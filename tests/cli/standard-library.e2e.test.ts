import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileStandardContract } from '@lucerna/sdk';
import { type Abi, encodeFunctionData } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import {
  type CliReport,
  failure,
  resultJson,
  resultText,
  runContract,
} from '../support/contract-cli.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// `lucerna contract` with the standard library, with names that the ABI has twice, and behind a proxy.

const alice = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const bob = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const directory = makeTemporaryDirectory();
let node: NodeProcess;
let rpc: readonly [string, string];

beforeAll(async () => {
  node = await startNode(directory.path);
  rpc = ['--rpc', node.endpoint];
});
afterAll(async () => {
  await node.kill('SIGTERM');
  directory.remove();
});

async function deploy(...args: readonly string[]): Promise<string> {
  const report = await resultJson<CliReport>('deploy', ...args, ...rpc);
  expect(report.status).toBe('success');
  return report.contractAddress ?? '';
}

describe('a file of the standard library', () => {
  test('is compiled and inspected like one of the user’s', async () => {
    const artifact = await resultJson<{ readonly sourceName: string; readonly bytecode: string }>(
      'compile',
      'zexus:zx721',
    );
    expect(artifact.sourceName).toBe('zexus:zx721');
    expect(artifact.bytecode).toBe(compileStandardContract('zx721').bytecode);
    expect(await resultText('inspect', 'zexus:proxy')).toContain('upgradeToAndCall(');
    expect(await resultJson<Abi>('abi', 'zexus:zx20')).toEqual(compileStandardContract('zx20').abi);
  });

  test('that does not exist is told with those that do', async () => {
    const { code, message } = await failure('compile', 'zexus:zx2');
    expect(code).toBe('INPUT_UNREADABLE');
    expect(message).toMatch(/zexus:zx2 is not in the standard library, which has .*zexus:zx20/);
    expect((await failure('compile', 'zexus:ownable')).code).toBe('CONTRACT_MISSING');
  });

  test('can be used by a file of the user’s', async () => {
    const path = join(directory.path, 'uses.zx');
    writeFileSync(
      path,
      `use { IZX20 } from "zexus:zx20"
contract Uses {
  view action supply(token: IZX20) -> integer { return token.total_supply() }
}`,
    );
    const token = await deploy('zexus:zx20', 'Gold', 'GLD', '18', '77');
    const uses = await deploy(path);
    expect(await resultText('query', uses, 'supply', token, ...rpc)).toBe('77');
  });
});

test('a declared error is called by its name, before sending, in a block and of a query', async () => {
  const token = await deploy('zexus:zx20', 'Gold', 'GLD', '18', '5');
  const reason = `ERC20InsufficientBalance(sender: ${alice}, balance: 5, needed: 6)`;
  const call = ['call', token, 'transfer', bob, '6', ...rpc];
  expect(await failure(...call)).toMatchObject({
    code: 'CONTRACT_REVERTED',
    message: expect.stringContaining(`${reason} (zexus:zx20:`),
  });
  const sent = await runContract(...call, '--gas', '200000');
  expect(sent.code).toBe(1);
  expect(sent.stdout).toMatch(/Reason +ERC20InsufficientBalance/);
  const deeds = await deploy('zexus:zx721', 'Deeds', 'DEED', '');
  const query = await failure('query', deeds, 'owner_of', '9', ...rpc);
  expect(query.message).toContain('ERC721NonexistentToken(token_id: 9)');
});

test('of two actions of one name in the ABI the number of arguments tells which', async () => {
  const deeds = await deploy('zexus:zx721', 'Deeds', 'DEED', '');
  const call = (...args: readonly string[]) =>
    resultJson<CliReport>('call', deeds, ...args, ...rpc);
  for (const id of ['1', '2', '3']) await call('mint', alice, id);
  await call('safeTransferFrom', alice, bob, '1');
  await call('safeTransferFrom', alice, bob, '2', '0xff');
  await call('safe_transfer_with_data', alice, bob, '3', '0xff');
  expect(await resultText('query', deeds, 'balance_of', bob, ...rpc)).toBe('3');
  expect((await failure('call', deeds, 'safeTransferFrom', alice, ...rpc)).code).toBe(
    'ARGUMENT_COUNT',
  );
});

test('what is behind a proxy is called with its ABI', async () => {
  const args = ['Gold', 'GLD', '18', '5', alice];
  const data = await resultText('encode', 'zexus:zx20', 'initialize', ...args);
  const { abi } = compileStandardContract('zx20');
  expect(data).toBe(
    encodeFunctionData({
      abi: abi as Abi,
      functionName: 'initialize',
      args: ['Gold', 'GLD', 18, 5n, alice],
    }),
  );
  const code = await deploy('zexus:zx20', '', '', '0', '0');
  const proxy = await deploy('zexus:proxy', code, data);
  expect((await failure('call', proxy, 'transfer', bob, '1', ...rpc)).code).toBe('ACTION_UNKNOWN');
  for (const behind of ['zexus:zx20', code]) {
    const { logs } = await resultJson<CliReport>(
      ...['call', proxy, 'transfer', bob, '1', '--abi', behind, ...rpc],
    );
    expect(logs).toMatchObject([{ event: 'Transfer', address: proxy }]);
  }
  const balance = ['query', proxy, 'balance_of', bob, '--abi', 'zexus:zx20', ...rpc];
  expect(await resultText(...balance)).toBe('2');
  const history = await resultText('query', proxy, 'proxy_history', ...rpc);
  expect(history).toContain(code);
});
