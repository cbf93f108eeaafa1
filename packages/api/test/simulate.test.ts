import { apiLimits } from '@lucerna/api';
import { toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Client, createClient } from './support/client.ts';
import {
  ALICE,
  BOB,
  BURNER,
  coded,
  createFakeNode,
  ECHO,
  type FakeNode,
  LOGGER,
  REVERTER,
} from './support/fake-node.ts';

let node: FakeNode;
let client: Client;

beforeEach(async () => {
  node = await createFakeNode();
  client = createClient(node);
});

const alice = toHex(ALICE);
const echo = toHex(ECHO);
const call = { from: alice, to: echo, data: '0x0102' };
const word = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const number = (value: number): Uint8Array => {
  const bytes = new Uint8Array(32);
  bytes[31] = value;
  return bytes;
};

const METHODS = ['eth_call', 'eth_estimateGas', 'eth_createAccessList'];

describe('the state of a simulation', () => {
  it.each(METHODS)('is that of the block, or of the pending one: %s', async (method) => {
    for (const [at, point] of [
      ['0x1', 1],
      ['latest', 3],
      ['pending', 'pending'],
    ]) {
      await client.result(method, call, at);
      expect(node.simulations.at(-1)?.at).toBe(point);
    }
  });

  it.each(METHODS)('may be overridden: %s', async (method) => {
    const account = { balance: '0x5', nonce: '0x6', code: '0x0102' };
    await client.result(method, call, 'latest', {
      [alice]: { ...account, state: { '0x1': '0x2', [toHex(word(3))]: toHex(word(4)) } },
      [echo]: { stateDiff: { '0x01': '0x00' } },
    });
    expect(node.simulations.at(-1)?.overrides?.state).toEqual([
      {
        address: ALICE,
        balance: 5n,
        nonce: 6n,
        code: Uint8Array.of(1, 2),
        state: [
          { slot: number(1), word: number(2) },
          { slot: word(3), word: word(4) },
        ],
      },
      { address: ECHO, stateDiff: [{ slot: number(1), word: number(0) }] },
    ]);
  });

  it.each(METHODS)('is not overridden by nothing: %s', async (method) => {
    for (const overrides of [undefined, null, {}]) {
      await client.result(method, call, 'latest', overrides);
      expect(node.simulations.at(-1)?.overrides).toBeUndefined();
    }
  });

  it.each(['eth_call', 'eth_estimateGas'])(
    'comes with a block, which may be overridden: %s',
    async (method) => {
      const feeRecipient = toHex(BOB);
      const block = {
        ...{ number: '0x10', time: '0x20', gasLimit: '0x30', feeRecipient },
        ...{ prevRandao: toHex(word(7)), baseFeePerGas: '0x40' },
      };
      await client.result(method, call, 'latest', {}, block);
      const parsed = {
        ...{ height: 16, timestamp: 32, gasLimit: 48n, coinbase: BOB },
        ...{ mixHash: word(7), baseFeePerGas: 64n },
      };
      expect(node.simulations.at(-1)?.overrides).toEqual({ state: [], block: parsed });
      const old = { coinbase: feeRecipient, random: toHex(word(7)), baseFee: '0x40' };
      await client.result(method, call, 'latest', {}, old);
      const { coinbase, mixHash, baseFeePerGas } = parsed;
      const block2 = { coinbase, mixHash, baseFeePerGas };
      expect(node.simulations.at(-1)?.overrides).toEqual({ state: [], block: block2 });
    },
  );

  it.each([
    ['a list', []],
    ['no address', { '0x1': {} }],
    ['no account', { [alice]: 1 }],
    ['both kinds of storage', { [alice]: { state: {}, stateDiff: {} } }],
    ['a long slot', { [alice]: { state: { [`0x${'1'.repeat(65)}`]: '0x1' } } }],
    ['a long word', { [alice]: { state: { '0x1': `0x${'1'.repeat(65)}` } } }],
    ['a decimal balance', { [alice]: { balance: 1 } }],
    ['what only the EVM has', { [alice]: { movePrecompileToAddress: echo } }],
  ])('is not overridden by %s: -32602', async (_name, overrides) => {
    expect((await client.error('eth_call', call, 'latest', overrides)).code).toBe(-32602);
  });

  it('has bounds on what is overridden', async () => {
    const { overriddenAccounts, overriddenSlots } = apiLimits.values;
    const hex = (value: number): string => `0x${value.toString(16)}`;
    const accounts = (count: number): object =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `0x${hex(index).slice(2).padStart(40, '0')}`,
          {},
        ]),
      );
    const slots = (count: number): object => ({
      [alice]: {
        stateDiff: Object.fromEntries(
          Array.from({ length: count }, (_, index) => [hex(index), '0x1']),
        ),
      },
    });
    for (const fits of [accounts(overriddenAccounts), slots(overriddenSlots)]) {
      await client.result('eth_call', call, 'latest', fits);
    }
    for (const tooMuch of [accounts(overriddenAccounts + 1), slots(overriddenSlots + 1)]) {
      expect((await client.error('eth_call', call, 'latest', tooMuch)).code).toBe(-32602);
    }
  });
});

describe('eth_createAccessList', () => {
  it('names what the call uses', async () => {
    const accessList = [{ address: echo, storageKeys: [`0x${'05'.repeat(32)}`] }];
    expect(await client.result('eth_createAccessList', call)).toEqual({
      accessList,
      gasUsed: '0x5208',
    });
  });

  it('says why a call fails in its answer', async () => {
    const result = await client.result('eth_createAccessList', { to: toHex(REVERTER) });
    expect(result).toEqual({ accessList: [], gasUsed: '0x7530', error: 'execution reverted' });
  });
});

describe('eth_simulateV1', () => {
  const simulate = (options: object, ...at: readonly string[]): Promise<Answer> =>
    client.result('eth_simulateV1', options, ...at);

  it('tells the blocks and what came of their calls', async () => {
    const calls = [call, { to: toHex(REVERTER), data: '0x' }, { to: toHex(BURNER) }];
    const [block, next] = await simulate({
      blockStateCalls: [
        { calls, blockOverrides: { number: '0x9' } },
        { calls: [{ to: toHex(LOGGER) }, { to: toHex(LOGGER) }] },
      ],
    });
    expect(block.number).toBe('0x9');
    expect(next.parentHash).toBe(block.hash);
    expect(block.transactions).toHaveLength(3);
    expect(block.calls).toEqual([
      { returnData: '0x0102', logs: [], gasUsed: '0x5208', status: '0x1' },
      {
        ...{ returnData: '0x', logs: [], gasUsed: '0x7530', status: '0x0' },
        error: { code: 3, message: 'execution reverted', data: '0x' },
      },
      {
        ...{ returnData: '0x', logs: [], gasUsed: '0x7530', status: '0x0' },
        error: { code: -32015, message: 'vm execution error: out of gas' },
      },
    ]);
    const logs = next.calls.flatMap((each: Answer) => each.logs);
    expect(logs.map(({ logIndex }: Answer) => logIndex)).toEqual(['0x0', '0x1', '0x2', '0x3']);
    expect(logs.at(-1)).toMatchObject({
      transactionHash: next.transactions[1],
      transactionIndex: '0x1',
      blockHash: next.hash,
    });
  });

  it('tells whole transactions with their senders when it is asked to', async () => {
    const blockStateCalls = [{ calls: [call] }];
    const [block] = await simulate({ blockStateCalls, returnFullTransactions: true });
    expect(block.transactions[0]).toMatchObject({ from: alice, to: echo, blockHash: block.hash });
  });

  it('passes on its options and its block', async () => {
    const blockStateCalls = [{}];
    await simulate({ blockStateCalls });
    await simulate({ blockStateCalls, validation: true, traceTransfers: true }, '0x1');
    expect(node.simulations).toEqual([
      { at: 3, options: { validation: false, traceTransfers: false } },
      { at: 1, options: { validation: true, traceTransfers: true } },
    ]);
  });

  it.each([[{}], [{ blockStateCalls: [] }], [[]], [{ blockStateCalls: [{ calls: [1] }] }]])(
    'is -32602 without anything to do: %j',
    async (options) => {
      expect((await client.error('eth_simulateV1', options)).code).toBe(-32602);
    },
  );

  it('has a bound on its calls', async () => {
    const { simulatedCalls } = apiLimits.values;
    const blockStateCalls = [{ calls: [{}] }, { calls: Array(simulatedCalls).fill({}) }];
    expect((await client.error('eth_simulateV1', { blockStateCalls })).code).toBe(-38026);
  });

  it.each([
    ['TX_NONCE_TOO_LOW', -38010],
    ['TX_NONCE_TOO_HIGH', -38011],
    ['TX_FEE_CAP_TOO_LOW', -38012],
    ['TX_INTRINSIC_GAS', -38013],
    ['TX_INSUFFICIENT_FUNDS', -38014],
    ['SIMULATION_BLOCK_GAS', -38015],
    ['SIMULATION_BLOCK_NUMBER', -38020],
    ['SIMULATION_TIMESTAMP', -38021],
    ['SENDER_HAS_CODE', -38024],
    ['INIT_DATA_TOO_LARGE', -38025],
    ['SIMULATION_BLOCKS', -38026],
    ['TX_CHAIN_ID', -32000],
    ['STATE_PRUNED', 4444],
  ])('is refused for %s with %d', async (code, number) => {
    node.failure = coded(code, 'words');
    node.head = () => ({ ...node.header(3)! });
    expect(await client.error('eth_simulateV1', { blockStateCalls: [{}] })).toEqual({
      code: number,
      message: 'words',
    });
  });
});

describe('words of several accounts', () => {
  it('are read at once', async () => {
    const requests = { [alice]: ['0x1'], [echo]: ['0x5', toHex(word(1))], [toHex(BOB)]: [] };
    expect(await client.result('eth_getStorageValues', requests)).toEqual({
      [alice]: [toHex(word(0))],
      [echo]: [toHex(keccak256(number(5))), toHex(keccak256(word(1)))],
      [toHex(BOB)]: [],
    });
  });

  it('are bounded', async () => {
    const slots = Array(apiLimits.values.proofSlots).fill('0x1');
    await client.result('eth_getStorageValues', { [alice]: slots });
    const tooMany = { [alice]: slots, [echo]: [] };
    expect((await client.error('eth_getStorageValues', tooMany)).code).toBe(-32602);
    expect((await client.error('eth_getStorageValues', [])).code).toBe(-32602);
  });
});
