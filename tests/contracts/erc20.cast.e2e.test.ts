import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CastOutcome, findCast, runCast } from '../support/cast.ts';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { devAccount, privateKeyOf } from '../support/dev-accounts.ts';
import { recomputeAllHashes } from '../support/recompute-hashes.ts';
import { countSchemaChecked } from '../support/rpc-conformance.ts';
import type { RpcReceipt } from '../support/rpc-types.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';
import { compileFixture, TOKEN } from './artifacts.ts';
import {
  APPROVAL_TOPIC,
  ERC20_SELECTORS,
  INFINITE,
  SUPPLY,
  TOKEN_NAME,
  TOKEN_SYMBOL,
  TRANSFER_TOPIC,
} from './erc20-standard.ts';
import { entrySlot } from './storage-slots.ts';

// token.zx as cast sees any ERC-20: by signatures that are typed on the command line.

const binary = findCast();
if (binary === undefined) {
  process.stdout.write(
    `cast: no binary for ${process.platform}-${process.arch}, its tests are skipped\n`,
  );
}

const [alice, bob, carol] = [0, 1, 2].map((index) => {
  const account = devAccount(index);
  return { address: account.address, key: ['--private-key', privateKeyOf(account)] as const };
}) as [Party, Party, Party];
/** Somebody without tokens and without wei. */
const stranger = '0x00000000000000000000000000000000000A11cE';

type Party = { readonly address: string; readonly key: readonly [string, string] };

type CastLog = {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly transactionHash: string;
  readonly logIndex: string;
};

const home = makeTemporaryDirectory();
let stage: ClientStage;

/** Runs a cast command against the node, however it ends. */
function tryCast(command: string, ...args: readonly string[]): Promise<CastOutcome> {
  // What follows `--create` belongs to it.
  return runCast(binary ?? '', home.path, [command, '--rpc-url', stage.url, ...args]);
}

/** What a cast command that succeeds prints. */
async function cast(command: string, ...args: readonly string[]): Promise<string> {
  const outcome = await tryCast(command, ...args);
  expect(outcome).toMatchObject({ failed: false });
  return outcome.stdout;
}

async function castJson<T>(command: string, ...args: readonly string[]): Promise<T> {
  return JSON.parse(await cast(command, '--json', ...args));
}

/** Sends the call in a transaction that succeeds. */
async function send(from: Party, to: string, ...call: readonly string[]): Promise<RpcReceipt> {
  const receipt = await castJson<RpcReceipt>('send', to, ...call, ...from.key);
  expect(receipt).toMatchObject({ status: '0x1' });
  return receipt;
}

async function deployToken(supply: bigint = SUPPLY): Promise<string> {
  const creation = ['--create', TOKEN.bytecode, 'constructor(uint256)', String(supply)];
  const receipt = await castJson<RpcReceipt>('send', ...alice.key, ...creation);
  expect(receipt).toMatchObject({ status: '0x1', to: null });
  return receipt.contractAddress ?? '';
}

/** A number as cast prints it, its order of magnitude behind it. */
async function callNumber(to: string, ...call: readonly string[]): Promise<bigint> {
  return BigInt((await cast('call', to, ...call)).replace(/ \[.*\]$/, ''));
}

const balanceOf = (token: string, owner: string): Promise<bigint> =>
  callNumber(token, 'balanceOf(address)(uint256)', owner);
const allowance = (token: string, owner: string, spender: string): Promise<bigint> =>
  callNumber(token, 'allowance(address,address)(uint256)', owner, spender);

describe.skipIf(binary === undefined)('a token', () => {
  beforeAll(async () => {
    stage = await openClientStage();
  });

  afterEach(() => {
    expect(stage.findings()).toEqual([]);
  });

  afterAll(async () => {
    await stage.close();
    home.remove();
  });

  test('has the selectors and topics of the standard', async () => {
    const local = async (...args: readonly string[]): Promise<string> =>
      (await runCast(binary ?? '', home.path, args)).stdout;
    for (const [signature, selector] of Object.entries(ERC20_SELECTORS)) {
      expect(await local('sig', signature)).toBe(selector);
    }
    expect(await local('sig-event', 'Transfer(address,address,uint256)')).toBe(TRANSFER_TOPIC);
    expect(await local('sig-event', 'Approval(address,address,uint256)')).toBe(APPROVAL_TOPIC);
    const path = join(home.path, 'token.json');
    writeFileSync(path, JSON.stringify({ abi: TOKEN.abi }));
    const source = await local('interface', path);
    for (const line of [
      'function balanceOf(address owner) external view returns (uint256);',
      'function transfer(address to, uint256 value) external returns (bool);',
      'event Transfer(address indexed from, address indexed to, uint256 value);',
    ]) {
      expect(source).toContain(line);
    }
  });

  test('is deployed where cast expects it', async () => {
    const nonce = await cast('nonce', alice.address);
    const expected = await cast('compute-address', alice.address, '--nonce', nonce);
    const token = await deployToken();
    expect(expected.toLowerCase()).toContain(token.toLowerCase());
    expect(await cast('code', token)).toBe(TOKEN.bytecode);
    expect(await cast('nonce', token)).toBe('1');
  });

  test('is read', async () => {
    const token = await deployToken();
    expect(await cast('call', token, 'name()(string)')).toBe(`"${TOKEN_NAME}"`);
    expect(await cast('call', token, 'symbol()(string)')).toBe(`"${TOKEN_SYMBOL}"`);
    expect(await cast('call', token, 'decimals()(uint8)')).toBe('18');
    expect(await callNumber(token, 'totalSupply()(uint256)')).toBe(SUPPLY);
    expect(await balanceOf(token, alice.address)).toBe(SUPPLY);
    expect(await balanceOf(token, stranger)).toBe(0n);
    const slot = entrySlot('balances', { address: alice.address as `0x${string}` });
    expect(BigInt(await cast('storage', token, slot))).toBe(SUPPLY);
  });

  test('is transferred, and tells of it', async () => {
    const token = await deployToken();
    const call = ['transfer(address,uint256)', bob.address, '7'] as const;
    expect(await cast('call', token, ...call, '--from', alice.address)).toMatch(/1$/);
    const estimate = BigInt(await cast('estimate', token, ...call, '--from', alice.address));
    const receipt = await send(alice, token, ...call);
    expect(BigInt(receipt.gasUsed)).toBe(estimate);
    const [log] = receipt.logs as readonly CastLog[];
    expect(log?.topics[0]).toBe(TRANSFER_TOPIC);
    expect(await balanceOf(token, bob.address)).toBe(7n);
    const input = await cast('tx', receipt.transactionHash, 'input');
    expect(input.slice(0, 10)).toBe(ERC20_SELECTORS['transfer(address,uint256)']);
    const block = String(Number(receipt.blockNumber) - 1);
    const before = ['balanceOf(address)(uint256)', bob.address, '--block', block] as const;
    expect(await callNumber(token, ...before)).toBe(0n);
  });

  test('lets somebody without tokens transfer nothing', async () => {
    const token = await deployToken();
    const receipt = await send(carol, token, 'transfer(address,uint256)', stranger, '0');
    expect(receipt.logs).toHaveLength(1);
    const call = ['transfer(address,uint256)(bool)', bob.address, '0', '--from', stranger] as const;
    expect(await cast('call', token, ...call)).toBe('true');
  });

  test('is spent by whom its owner has approved; approvals without end stay', async () => {
    const token = await deployToken();
    const spend = (value: bigint): Promise<RpcReceipt> => {
      const args = [alice.address, carol.address, String(value)] as const;
      return send(bob, token, 'transferFrom(address,address,uint256)', ...args);
    };
    const approve = (value: bigint): Promise<RpcReceipt> =>
      send(alice, token, 'approve(address,uint256)', bob.address, String(value));
    const [log] = (await approve(100n)).logs as readonly CastLog[];
    expect(log?.topics[0]).toBe(APPROVAL_TOPIC);
    await spend(60n);
    expect(await allowance(token, alice.address, bob.address)).toBe(40n);
    await approve(INFINITE);
    await spend(10n ** 18n);
    expect(await allowance(token, alice.address, bob.address)).toBe(INFINITE);
    expect(await balanceOf(token, carol.address)).toBe(10n ** 18n + 60n);
  });

  test('reverts in words that cast understands', async () => {
    const token = await deployToken();
    const tooMuch = ['transfer(address,uint256)', bob.address, String(SUPPLY + 1n)] as const;
    const reason = 'Token: insufficient balance';
    for (const command of ['call', 'estimate']) {
      const outcome = await tryCast(command, token, ...tooMuch, '--from', alice.address);
      expect(outcome.failed).toBe(true);
      expect(outcome.stderr).toContain(reason);
    }
    const sent = await tryCast('send', token, ...tooMuch, ...alice.key);
    expect(sent.failed).toBe(true);
    expect(sent.stderr).toContain(reason);
    // With a gas limit nobody asks before: it gets into a block and fails there.
    const options = [...alice.key, '--gas-limit', '100000', '--json'] as const;
    const limited = await tryCast('send', token, ...tooMuch, ...options);
    const receipt: RpcReceipt = JSON.parse(limited.stdout);
    expect(receipt).toMatchObject({ status: '0x0', logs: [] });
    expect(await balanceOf(token, alice.address)).toBe(SUPPLY);
  });

  test('shows panics as Solidity does', async () => {
    const { bytecode } = compileFixture('failing');
    const creation = ['--create', bytecode, 'constructor(uint256)', '0'];
    const receipt = await castJson<RpcReceipt>('send', ...alice.key, ...creation);
    const address = receipt.contractAddress ?? '';
    const errorOf = async (name: string): Promise<string> =>
      (await tryCast('call', address, `${name}(address)`, stranger)).stderr;
    expect(await errorOf('failOverflow')).toContain('overflow');
    expect(await errorOf('failDivision')).toMatch(/division or modulo by zero/);
    expect(await errorOf('failSilentRevert')).toContain('execution reverted');
  });

  test('has events that can be asked for', async () => {
    const token = await deployToken();
    const first = await send(alice, token, 'transfer(address,uint256)', bob.address, '1');
    await send(alice, token, 'transfer(address,uint256)', carol.address, '2');
    const last = await send(bob, token, 'transfer(address,uint256)', carol.address, '1');
    const signature = 'Transfer(address indexed,address indexed,uint256)';
    const values = async (...args: readonly string[]): Promise<readonly number[]> => {
      const logs = await castJson<readonly CastLog[]>('logs', '--address', token, ...args);
      return logs.map(({ data }) => Number(data));
    };
    const everything = ['--from-block', '0', signature] as const;
    expect((await values(...everything)).slice(1)).toEqual([1, 2, 1]);
    expect(await values(...everything, alice.address)).toEqual([1, 2]);
    expect(await values(...everything, '', carol.address)).toEqual([2, 1]);
    expect(await values(...everything, stranger)).toEqual([]);
    const range = ['--from-block', first.blockNumber, '--to-block', last.blockNumber] as const;
    expect(await values(...range)).toEqual([1, 2, 1]);
  });

  test('has proofs of its balances', async () => {
    const token = await deployToken();
    const slot = entrySlot('balances', { address: alice.address as `0x${string}` });
    const proof = await castJson<{
      readonly storageProof: readonly { readonly value: string; readonly proof: string[] }[];
    }>('proof', token, slot);
    expect(BigInt(proof.storageProof[0]?.value ?? 0)).toBe(SUPPLY);
  });

  test('was on a chain that @ethereumjs computes too, in answers that fit their schemas', async () => {
    expect((await recomputeAllHashes(stage.node.endpoint)).transactions).toBeGreaterThan(15);
    expect(countSchemaChecked(stage.exchanges()) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(100);
  });
});
