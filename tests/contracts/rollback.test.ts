import {
  type Address,
  encodeErrorResult,
  getContractAddress,
  type Hex,
  parseAbi,
  parseEther,
  toHex,
} from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEV_ACCOUNT_COUNT, DEV_BALANCE, devAccount } from '../support/dev-accounts.ts';
import type { RpcBlock, RpcReceipt } from '../support/rpc-types.ts';
import { compileFixture } from './artifacts.ts';
import {
  DevContract,
  deployment,
  receiptOf,
  send,
  type TransactionRequest,
} from './dev-contract.ts';
import { changedRows, type MemoryNode, startMemoryNode } from './memory-node.ts';

// Whatever fails leaves nothing but a nonce and a fee: not a row of the state more or less than
// that, no log, no value moved.

const failing = compileFixture('failing');
const deployer = devAccount(0).address;
const sender = devAccount(1).address;
const stranger: Address = '0x00000000000000000000000000000000000a11ce';
const proposer: Address = `0x${'00'.repeat(20)}`;
const GENESIS_SUPPLY = BigInt(DEV_ACCOUNT_COUNT) * DEV_BALANCE;
const VALUE = parseEther('3');
const PLENTY = 600_000n;
const NO_BLOOM = `0x${'00'.repeat(256)}`;

const reasons = parseAbi(['error Error(string)', 'error Panic(uint256)']);
const error = (reason: string): Hex =>
  encodeErrorResult({ abi: reasons, errorName: 'Error', args: [reason] });
const panic = (code: bigint): Hex =>
  encodeErrorResult({ abi: reasons, errorName: 'Panic', args: [code] });

/** The error that the contract declares. */
const refused: Hex = encodeErrorResult({
  abi: failing.abi,
  errorName: 'Refused',
  args: [7n, stranger],
});

/** How a failure shows: data of a revert, or words about one that takes all the gas. */
type Expected = { readonly revert: Hex } | { readonly failure: string };

const OUT_OF_GAS: Expected = { failure: 'out of gas' };

/** What a failing message does, and how it must show. */
type Failure = readonly [title: string, tx: TransactionRequest, expected: Expected];

let stage: MemoryNode;
let contract: DevContract;

beforeAll(async () => {
  stage = await startMemoryNode();
  const options = { from: deployer };
  contract = await DevContract.deploy(stage.request, failing, [0n], options);
  // So that what fails overwrites something, and what it sends to exists.
  await contract.write('work', [stranger], { from: sender, value: 1_000n });
});

afterAll(() => stage.node.close());

const read = async (method: string, ...params: readonly unknown[]): Promise<bigint> =>
  BigInt((await stage.request({ method, params })) as Hex);
const nonceOf = (address: Address): Promise<bigint> =>
  read('eth_getTransactionCount', address, 'latest');
const balanceOf = (address: Address): Promise<bigint> => read('eth_getBalance', address, 'latest');

/** The answer of a simulation that must fail. */
async function expectRefused(method: string, tx: TransactionRequest, expected: Expected) {
  const limited = { gas: toHex(PLENTY), ...tx };
  const params = method === 'eth_call' ? [limited, 'latest'] : [limited];
  const refusal = stage.request({ method, params });
  if ('revert' in expected) {
    await expect(refusal).rejects.toMatchObject({
      code: 3,
      message: expect.stringMatching(/^execution reverted/),
      data: expected.revert,
    });
  } else {
    await expect(refusal).rejects.toMatchObject({
      code: -32_000,
      // An estimate that runs out of gas asks for more of it.
      message: expect.stringMatching(
        method === 'eth_call' ? expected.failure : `${expected.failure}|gas required exceeds`,
      ),
    });
  }
}

/** Nonce and fee are the only things that a block with the failed transaction has changed. */
async function expectOnlyFee(tx: TransactionRequest, gas: bigint): Promise<RpcReceipt> {
  const state = await stage.dumpState();
  const nonce = await nonceOf(tx.from);
  const [balance, tips] = [await balanceOf(tx.from), await balanceOf(proposer)];

  const receipt = await send(stage.request, { ...tx, gas: toHex(gas) });
  expect(receipt).toMatchObject({ status: '0x0', logs: [], logsBloom: NO_BLOOM });

  const block = (await stage.request({
    method: 'eth_getBlockByHash',
    params: [receipt.blockHash, false],
  })) as RpcBlock;
  expect(block).toMatchObject({ gasUsed: receipt.gasUsed, logsBloom: NO_BLOOM });
  const filter = { blockHash: receipt.blockHash };
  expect(await stage.request({ method: 'eth_getLogs', params: [filter] })).toEqual([]);

  const gasUsed = BigInt(receipt.gasUsed);
  const price = BigInt(receipt.effectiveGasPrice);
  expect(changedRows(state, await stage.dumpState())).toEqual(
    [`accounts ${proposer}`, `accounts ${tx.from.toLowerCase()}`].sort(),
  );
  expect(await nonceOf(tx.from)).toBe(nonce + 1n);
  expect(await balanceOf(tx.from)).toBe(balance - gasUsed * price);
  const tip = price - BigInt(block.baseFeePerGas);
  expect(await balanceOf(proposer)).toBe(tips + gasUsed * tip);
  return receipt;
}

async function expectNothingLeft([, tx, expected]: Failure): Promise<void> {
  const state = await stage.dumpState();
  const height = await read('eth_blockNumber');
  await expectRefused('eth_call', tx, expected);
  await expectRefused('eth_estimateGas', tx, expected);
  expect(changedRows(state, await stage.dumpState())).toEqual([]);
  expect(await read('eth_blockNumber')).toBe(height);

  const receipt = await expectOnlyFee(tx, PLENTY);
  const gasUsed = BigInt(receipt.gasUsed);
  if ('revert' in expected) expect(gasUsed).toBeLessThan(PLENTY);
  else expect(gasUsed).toBe(PLENTY);
}

/** An action that fails, with value and without. */
function failingCalls(): readonly Failure[] {
  const anywhere = (name: string, args: readonly unknown[], value?: bigint): TransactionRequest => {
    const options = { from: sender, ...(value === undefined ? {} : { value }) };
    return new DevContract(stage.request, failing, contract.address).transaction(
      name,
      args,
      options,
    );
  };
  const actions: readonly (readonly [name: string, args: readonly unknown[], Expected])[] = [
    ['failRequire', [stranger, 'not today'], { revert: error('not today') }],
    ['failRequire', [stranger, ''], { revert: error('') }],
    ['failRequire', [stranger, 'é'.repeat(300)], { revert: error('é'.repeat(300)) }],
    ['failSilentRequire', [stranger], { revert: '0x' }],
    ['failRevert', [stranger, 'never'], { revert: error('never') }],
    ['failSilentRevert', [stranger], { revert: '0x' }],
    ['failError', [stranger], { revert: refused }],
    ['failOverflow', [stranger], { revert: panic(0x11n) }],
    ['failUnderflow', [stranger], { revert: panic(0x11n) }],
    ['failDivision', [stranger], { revert: panic(0x12n) }],
    ['failModulo', [stranger], { revert: panic(0x12n) }],
    ['failNarrow', [stranger], { revert: panic(0x11n) }],
    ['failTransfer', [stranger], { revert: error('transfer: insufficient balance') }],
    ['failOutOfGas', [stranger], OUT_OF_GAS],
    ['failDepth', [stranger], { failure: 'max call depth exceeded' }],
  ];
  return actions.flatMap(([name, args, expected]): readonly Failure[] => [
    [`${name} without value`, anywhere(name, args), expected],
    [`${name} with value`, anywhere(name, args, VALUE), expected],
  ]);
}

/** Messages that no action takes. */
function refusedMessages(): readonly Failure[] {
  const { data } = contract.transaction('work', [stranger], { from: sender });
  const selector = data.slice(0, 10);
  const message = (text: string, value?: bigint): TransactionRequest => ({
    from: sender,
    to: contract.address,
    data: text as Hex,
    ...(value === undefined ? {} : { value: toHex(value) }),
  });
  const silent: Expected = { revert: '0x' };
  const withoutValue = contract.transaction('onlyWithoutValue', [stranger], { from: sender });
  return [
    ['an unknown function', message('0xdeadbeef'), silent],
    ['an unknown function with value', message('0xdeadbeef', VALUE), silent],
    ['three bytes', message('0xdeadbe', VALUE), silent],
    ['value and nothing else', message('0x', VALUE), silent],
    ['arguments that end too early', message(data.slice(0, -2), VALUE), silent],
    ['no arguments', message(selector, VALUE), silent],
    ['an address with too many bytes', message(`${selector}${'11'.repeat(32)}`, VALUE), silent],
    ['value that the action does not take', { ...withoutValue, value: toHex(VALUE) }, silent],
  ];
}

describe('a message that fails', () => {
  // The cases need the contract's address, which is that of the deployer's first transaction.
  const named = (cases: () => readonly Failure[], title: string): Failure => {
    const found = cases().find(([each]) => each === title);
    if (found === undefined) throw new Error(title);
    return found;
  };

  beforeAll(() => {
    expect(contract.address).toBe(getContractAddress({ from: deployer, nonce: 0n }).toLowerCase());
  });

  test('leaves nothing but nonce and fee, in a block and in eth_call', async () => {
    const failures = [...failingCalls(), ...refusedMessages()];
    for (const failure of failures) {
      await expectNothingLeft(failure).catch((cause: unknown) => {
        throw new Error(failure[0], { cause });
      });
    }
    expect(failures.length).toBe(38);
  });

  test('is one that would have changed everything', async () => {
    const [, tx] = named(failingCalls, 'failRequire with value');
    const before = await stage.dumpState();
    await contract.write('work', [stranger], { from: sender, value: VALUE });
    const changed = changedRows(before, await stage.dumpState());
    // Contract, stranger, sender, proposer; count, note and its tail, paid, marks.
    expect(changed.filter((row) => row.startsWith('accounts'))).toHaveLength(4);
    expect(changed.filter((row) => row.startsWith('storage')).length).toBeGreaterThanOrEqual(3);
    await expectOnlyFee(tx, PLENTY);
  });

  test('leaves nothing wherever its gas ends', async () => {
    const tx = contract.transaction('work', [stranger], { from: sender, value: VALUE });
    const estimate = await read('eth_estimateGas', tx);
    const intrinsic = 22_000n;
    const steps = 40n;
    for (let step = 0n; step <= steps; step += 1n) {
      const gas = intrinsic + ((estimate - 1n - intrinsic) * step) / steps;
      const call = { ...tx, gas: toHex(gas) };
      await expectRefused('eth_call', call, OUT_OF_GAS);
      const receipt = await expectOnlyFee(tx, gas);
      expect(BigInt(receipt.gasUsed)).toBe(gas);
    }
    expect((await send(stage.request, { ...tx, gas: toHex(estimate) })).status).toBe('0x1');
  });
});

describe('a deployment that fails', () => {
  const how = (mode: bigint, value?: bigint): TransactionRequest =>
    deployment(failing, [mode], { from: sender, ...(value === undefined ? {} : { value }) });
  const replaced = (tx: TransactionRequest, from: number, text: string): TransactionRequest => ({
    ...tx,
    data: `${tx.data.slice(0, from)}${text}${tx.data.slice(from + text.length)}` as Hex,
  });
  const silent: Expected = { revert: '0x' };
  const failures: readonly Failure[] = [
    ['require', how(1n, VALUE), { revert: error('not today') }],
    ['revert', how(2n, VALUE), silent],
    ['division by zero', how(3n, VALUE), { revert: panic(0x12n) }],
    ['overflow', how(4n, VALUE), { revert: panic(0x11n) }],
    ['out of gas', how(5n, VALUE), OUT_OF_GAS],
    ['no arguments', { ...how(0n, VALUE), data: failing.bytecode }, silent],
    ['too many arguments', { ...how(0n), data: `${how(0n).data}00` }, silent],
    [
      'a damaged container',
      replaced(how(0n, VALUE), 200, 'ff00ff'),
      { failure: 'checksum does not match' },
    ],
    [
      'no container',
      { from: sender, data: '0x600160025500', value: toHex(VALUE) },
      { failure: 'engine' },
    ],
  ];

  test.each(failures)('by %s leaves nothing but nonce and fee', async (...failure) => {
    const nonce = await nonceOf(sender);
    const address = getContractAddress({ from: sender, nonce }).toLowerCase();
    await expectNothingLeft(failure);
    expect(await stage.request({ method: 'eth_getCode', params: [address, 'latest'] })).toBe('0x');
  });

  test('wherever its gas ends leaves nothing but nonce and fee', async () => {
    const tx = how(0n, VALUE);
    const estimate = await read('eth_estimateGas', tx);
    // The last 200 gas are for the last byte of the code.
    for (const missing of [1n, 199n, 200n, 100_000n, 200_000n, 300_000n]) {
      const receipt = await expectOnlyFee(tx, estimate - missing);
      expect(receipt.contractAddress).toMatch(/^0x[0-9a-f]{40}$/);
    }
    const receipt = await send(stage.request, { ...tx, gas: toHex(estimate) });
    expect(receipt.status).toBe('0x1');
  });
});

describe('failures between successes in one block', () => {
  /** The same work of two senders, with failures of a third between them or without. */
  async function play(withFailures: boolean) {
    const { node, request } = await startMemoryNode({ mode: 'manual' });
    const [worker, helper, loser] = [2, 3, 4].map((index) => devAccount(index).address) as [
      Address,
      Address,
      Address,
    ];
    const hashes: Hex[] = [];
    const submit = async (tx: TransactionRequest): Promise<void> => {
      const params = [{ ...tx, gas: toHex(PLENTY) }];
      hashes.push((await request({ method: 'eth_sendTransaction', params })) as Hex);
    };
    await submit(deployment(failing, [0n], { from: worker }));
    await node.api.dev!.mine({ blocks: 1 });
    const address = getContractAddress({ from: worker, nonce: 0n });
    const target = new DevContract(request, failing, address);
    const fail = async (name: string, ...args: readonly unknown[]): Promise<void> => {
      if (!withFailures) return;
      await submit(target.transaction(name, [stranger, ...args], { from: loser, value: VALUE }));
    };
    const work = (from: Address): Promise<void> =>
      submit(target.transaction('work', [stranger], { from, value: 5n }));
    hashes.length = 0;
    await fail('failRequire', 'no');
    await work(worker);
    await fail('failOverflow');
    await fail('failOutOfGas');
    await work(helper);
    await fail('failSilentRevert');
    await work(worker);
    await node.api.dev!.mine({ blocks: 1 });
    const receipts: RpcReceipt[] = [];
    for (const hash of hashes) receipts.push(await receiptOf(request, hash));
    const proof = (await request({
      method: 'eth_getProof',
      params: [address, [], 'latest'],
    })) as { readonly storageHash: Hex; readonly balance: Hex };
    const logs = (await request({
      method: 'eth_getLogs',
      params: [{ fromBlock: 'latest' }],
    })) as readonly {
      readonly logIndex: Hex;
      readonly data: Hex;
      readonly topics: readonly Hex[];
    }[];
    const block = (await request({
      method: 'eth_getBlockByNumber',
      params: ['latest', false],
    })) as RpcBlock;
    const figures = await node.chain.verify();
    expect(figures.totalBalance + figures.burned).toBe(GENESIS_SUPPLY);
    await node.close();
    return { receipts, proof, logs, block };
  }

  test('change nothing about what the others do', async () => {
    const [pure, mixed] = [await play(false), await play(true)];
    expect(pure.receipts.map(({ status }) => status)).toEqual(['0x1', '0x1', '0x1']);
    const statuses = mixed.receipts.map(({ status }) => status);
    expect(statuses.filter((status) => status === '0x0')).toHaveLength(4);
    expect(statuses.filter((status) => status === '0x1')).toHaveLength(3);
    expect(new Set(mixed.receipts.map(({ blockHash }) => blockHash)).size).toBe(1);
    expect(mixed.proof.storageHash).toBe(pure.proof.storageHash);
    expect(mixed.proof.balance).toBe(pure.proof.balance);
    expect(mixed.block.logsBloom).toBe(pure.block.logsBloom);
    const facts = ({ logs }: typeof pure) =>
      logs.map(({ logIndex, topics, data }) => ({ logIndex, topics, data }));
    expect(facts(mixed)).toEqual(facts(pure));
    expect(facts(pure).map(({ logIndex }) => logIndex)).toEqual(['0x0', '0x1', '0x2']);
  });
});

test('the supply is what it was at genesis', async () => {
  const figures = await stage.node.chain.verify();
  expect(figures.totalBalance + figures.burned).toBe(GENESIS_SUPPLY);
});
