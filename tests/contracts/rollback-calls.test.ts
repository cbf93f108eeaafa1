import {
  type Address,
  createPublicClient,
  createWalletClient,
  custom,
  encodeErrorResult,
  type Hex,
  parseAbi,
  type TransactionReceipt,
  zeroAddress,
} from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEV_ACCOUNT_COUNT, DEV_BALANCE, devAccount } from '../support/dev-accounts.ts';
import { type Artifact, compileFixture } from './artifacts.ts';
import { changedRows, type MemoryNode, startMemoryNode } from './memory-node.ts';

// What fails in a contract that calls others leaves nothing but a nonce and a fee; and caught by the
// contract, nothing but what the contract did around it. All of it through viem.

const CALLING = compileFixture('calling', 'Calling');
const TARGET = compileFixture('calling', 'Target');
const STRANGER = compileFixture('calling', 'Stranger');
const VALUE = 10n;
const GAS = 2_000_000n;
const GENESIS_SUPPLY = BigInt(DEV_ACCOUNT_COUNT) * DEV_BALANCE;

const sender = devAccount(1).address;
const receiver: Address = '0x00000000000000000000000000000000000a11ce';

const standard = parseAbi(['error Error(string)', 'error Panic(uint256)']);
const words = (reason: string): Hex =>
  encodeErrorResult({ abi: standard, errorName: 'Error', args: [reason] });
const panic = (code: bigint): Hex =>
  encodeErrorResult({ abi: standard, errorName: 'Panic', args: [code] });
const refused = encodeErrorResult({
  abi: CALLING.abi,
  errorName: 'Refused',
  args: [7n, receiver],
});

/** How it fails, the data of the revert, and what a handler is told. */
const FAILURES: readonly (readonly [how: string, data: Hex, caught: string])[] = [
  ['require', words('not today'), 'not today'],
  ['revert', words('never'), 'never'],
  ['throw', words('thrown'), 'thrown'],
  ['error', refused, `{error: Refused, code: 7, who: ${receiver}}`],
  ['division', panic(0x12n), 'division by zero'],
  ['overflow', panic(0x11n), 'arithmetic overflow'],
  ['index', panic(0x32n), 'index out of range'],
  ['limit', words('gas limit of spin used up'), 'gas limit of spin used up'],
  ['callee', words('the target refuses'), 'the target refuses'],
  ['callee panic', panic(0x12n), 'division by zero'],
  ['callee gas', words('the call used up its gas'), 'the call used up its gas'],
  ['no code', words('no contract at the address'), 'no contract at the address'],
  ['too much', words('the call sends more than there is'), 'the call sends more than there is'],
  ['transfer', words('transfer: insufficient balance'), 'transfer: insufficient balance'],
  [
    'static write',
    words('the call writes, which it must not'),
    'the call writes, which it must not',
  ],
  ['reentry', words('reentrant call'), 'reentrant call'],
  ['delegated', words('the target refuses'), 'the target refuses'],
  ['layout', words('incompatible state layout: count'), 'incompatible state layout: count'],
];

let stage: MemoryNode;
let calling: Address;
let target: Address;

const connected = () => {
  const transport = custom({ request: stage.request }, { retryCount: 0 });
  const options = { chain: foundry, transport } as const;
  return {
    reader: createPublicClient(options),
    writer: createWalletClient({ ...options, account: sender }),
  };
};
let clients: ReturnType<typeof connected>;

async function deploy({ abi, bytecode }: Artifact): Promise<Address> {
  const hash = await clients.writer.deployContract({ abi, bytecode, args: [], gas: 10_000_000n });
  const { contractAddress, status } = await clients.reader.getTransactionReceipt({ hash });
  if (status !== 'success') throw new Error('the contract is not deployed');
  return contractAddress as Address;
}

/** An action of the calling contract, in a block. */
async function act(
  functionName: string,
  args: readonly unknown[],
  value = 0n,
): Promise<TransactionReceipt> {
  const call = { address: calling, abi: CALLING.abi, functionName, args, value, gas: GAS };
  const hash = await clients.writer.writeContract(call);
  return clients.reader.getTransactionReceipt({ hash });
}

const read = (artifact: Artifact, address: Address, functionName: string, args: unknown[] = []) =>
  clients.reader.readContract({ address, abi: artifact.abi, functionName, args });

beforeAll(async () => {
  stage = await startMemoryNode();
  clients = connected();
  target = await deploy(TARGET);
  calling = await deploy(CALLING);
  await act('know', [await deploy(STRANGER)]);
  // So that what fails overwrites something, and what it sends to exists.
  await act('work', [receiver], 1_000n);
});
afterAll(() => stage.node.close());

describe.each(FAILURES)('a failure by %s', (how, data, caught) => {
  test('leaves no trace but nonce and fee', async () => {
    const before = await stage.dumpState();
    const call = {
      address: calling,
      abi: CALLING.abi,
      functionName: 'fail',
      value: VALUE,
    } as const;
    const simulated = clients.reader.simulateContract({
      ...call,
      args: [how, target, receiver],
      account: sender,
    });
    await expect(simulated).rejects.toMatchObject({ cause: { raw: data } });
    expect(changedRows(before, await stage.dumpState())).toEqual([]);

    const { reader } = clients;
    const accounts = [sender, zeroAddress] as const;
    const balances = await Promise.all(accounts.map((address) => reader.getBalance({ address })));
    const nonce = await reader.getTransactionCount({ address: sender });
    const receipt = await act('fail', [how, target, receiver], VALUE);
    expect(receipt).toMatchObject({ status: 'reverted', logs: [] });
    expect(receipt.gasUsed).toBeLessThan(GAS);
    expect(changedRows(before, await stage.dumpState())).toEqual(
      accounts.map((address) => `accounts ${address.toLowerCase()}`).sort(),
    );
    expect(await reader.getTransactionCount({ address: sender })).toBe(nonce + 1);
    const fee = receipt.gasUsed * receipt.effectiveGasPrice;
    expect(await reader.getBalance({ address: sender })).toBe((balances[0] as bigint) - fee);
  });

  test('leaves what was done around it where it is caught', async () => {
    const { reader } = clients;
    const state = async () => ({
      numbers: (await read(CALLING, calling, 'numbers')) as bigint,
      paid: await read(CALLING, calling, 'paidBy', [sender]),
      seen: await read(TARGET, target, 'seen'),
      received: await reader.getBalance({ address: receiver }),
      target: await reader.getBalance({ address: target }),
      calling: await reader.getBalance({ address: calling }),
    });
    const before = await state();
    const receipt = await act('survive', [how, target, receiver], VALUE);
    expect(receipt.status).toBe('success');
    expect(receipt.logs.map(({ address }) => address)).toEqual([calling, calling].map(lower));
    expect(await state()).toEqual({
      ...before,
      numbers: before.numbers + 100_000n,
      calling: before.calling + VALUE,
    });
    expect(String(await read(CALLING, calling, 'words')).split('|')[1]).toBe(caught);
  });
});

const lower = (address: Address): string => address.toLowerCase();

test('gas that ends cannot be caught', async () => {
  const before = await stage.dumpState();
  for (const action of ['fail', 'survive']) {
    const receipt = await act(action, ['gas', target, receiver], VALUE);
    expect(receipt).toMatchObject({ status: 'reverted', logs: [], gasUsed: GAS });
  }
  expect(changedRows(before, await stage.dumpState())).toEqual(
    [sender, zeroAddress].map((address) => `accounts ${lower(address)}`).sort(),
  );
});

test('without a failure everything changes', async () => {
  const before = await stage.dumpState();
  const receipt = await act('fail', ['nothing', target, receiver], VALUE);
  expect(receipt.status).toBe('success');
  expect(receipt.logs).toHaveLength(2);
  const changed = changedRows(before, await stage.dumpState());
  // Both contracts, sender, receiver, proposer.
  expect(changed.filter((row) => row.startsWith('accounts'))).toHaveLength(5);
  expect(changed.filter((row) => row.startsWith('storage')).length).toBeGreaterThanOrEqual(5);
});

test('a trace tells what a contract has taken back', async () => {
  const { transactionHash } = await act('survive', ['callee', target, receiver], VALUE);
  const trace = (await stage.request({
    method: 'debug_traceTransaction',
    params: [transactionHash, { tracer: 'callTracer', tracerConfig: { withLog: true } }],
  })) as { readonly logs?: unknown[]; readonly calls: readonly Record<string, unknown>[] };
  expect(trace.logs).toHaveLength(2);
  expect(trace.calls).toMatchObject([
    { type: 'CALL', from: lower(calling), to: receiver, value: '0x1' },
    { type: 'CALL', from: lower(calling), to: lower(target), value: '0x2' },
    {
      type: 'CALL',
      to: lower(target),
      error: 'execution reverted',
      revertReason: 'the target refuses',
    },
  ]);
  expect(trace.calls.flatMap(({ logs = [] }) => logs)).toEqual([]);
  const operations = await stage.request({
    method: 'ots_getInternalOperations',
    params: [transactionHash],
  });
  expect(operations).toEqual([]);
  const kept = await act('fail', ['nothing', target, receiver], VALUE);
  const moved = await stage.request({
    method: 'ots_getInternalOperations',
    params: [kept.transactionHash],
  });
  expect(moved).toMatchObject([
    { type: 0, to: receiver, value: '0x1' },
    { type: 0, to: lower(target), value: '0x2' },
    { type: 0, from: lower(target), to: receiver, value: '0x1' },
  ]);
});

test('a trace names delegated and static calls, with the lines that failed in them', async () => {
  const trace = async (how: string) => {
    const { transactionHash } = await act('fail', [how, target, receiver]);
    const params = [transactionHash, { tracer: 'callTracer' }];
    const top = await stage.request({ method: 'debug_traceTransaction', params });
    return (top as { readonly calls: readonly object[] }).calls.at(-1);
  };
  expect(await trace('delegated')).toMatchObject({
    type: 'DELEGATECALL',
    from: lower(calling),
    to: lower(target),
    location: { action: 'hit', file: expect.stringMatching(/calling\.zx$/) },
  });
  const still = await trace('static write');
  expect(still).toMatchObject({ type: 'STATICCALL', location: { action: 'hit' } });
  expect(still).not.toHaveProperty('value');
});

test('the supply is what it was at genesis', async () => {
  const figures = await stage.node.chain.verify();
  expect(figures.totalBalance + figures.burned).toBe(GENESIS_SUPPLY);
});
