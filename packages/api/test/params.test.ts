import { apiLimits } from '@lucerna/api';
import { toHex } from '@lucerna/base';
import { protocolLimits } from '@lucerna/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from './support/client.ts';
import { ALICE, createFakeNode, ECHO } from './support/fake-node.ts';

let client: Client;

beforeAll(async () => {
  client = createClient(await createFakeNode());
});

const alice = toHex(ALICE);
const echo = toHex(ECHO);

describe('arguments', () => {
  it.each([[undefined], [null], [[]], [[null]]])('may be absent or null: %j', async (params) => {
    expect((await client.call('eth_chainId', params)).result).toBe('0x7a69');
  });

  it.each([[{}], [{ address: alice }], ['0x'], [1], [true]])(
    'that are not an array are -32602: %j',
    async (params) => {
      expect((await client.call('eth_getBalance', params)).error.code).toBe(-32602);
    },
  );

  it('missing, too many or wrong are -32602 and named', async () => {
    const missing = await client.error('eth_getBalance');
    expect(missing.code).toBe(-32602);
    expect(missing.message).toContain('argument 0 (address)');
    const many = await client.error('eth_getBalance', alice, 'latest', 1);
    expect(many.code).toBe(-32602);
    expect(many.message).toContain('at most 2');
    const wrong = await client.error('eth_getBalance', alice, { blockHash: '0x12' });
    expect(wrong.code).toBe(-32602);
    expect(wrong.message).toContain('argument 1 (block).blockHash');
  });

  it('that are left out at the end, or null, have their default', async () => {
    const balance = await client.result('eth_getBalance', alice);
    expect(await client.result('eth_getBalance', alice, null)).toBe(balance);
    expect(await client.result('eth_getBalance', alice, 'latest', null)).toBe(balance);
    const block = await client.result('eth_getBlockByNumber', 'latest');
    expect(await client.result('eth_getBlockByNumber', 'latest', false)).toEqual(block);
  });

  it('are not repeated in the error', async () => {
    const { message } = await client.error('eth_getBalance', '<script>alert(1)</script>');
    expect(message).not.toContain('script');
  });
});

describe('forms', () => {
  const upper = `0x${alice.slice(2).toUpperCase()}`;

  it('takes addresses of any case', async () => {
    const balance = await client.result('eth_getBalance', alice);
    expect(await client.result('eth_getBalance', upper)).toBe(balance);
  });

  it.each([
    ['eth_getBalance', [alice.slice(2)]],
    ['eth_getBalance', [`${alice}00`]],
    ['eth_getBalance', ['0x']],
    ['eth_getBalance', [1]],
    ['eth_getBalance', [`0X${alice.slice(2)}`]],
    ['eth_getBalance', [alice, '0x01']],
    ['eth_getBalance', [alice, '1']],
    ['eth_getBalance', [alice, 1]],
    ['eth_getBalance', [alice, '']],
    ['eth_getBalance', [alice, '0x']],
    ['eth_getBalance', [alice, 'Latest']],
    ['eth_getBalance', [alice, `0x1${'0'.repeat(16)}`]],
    ['eth_getBalance', [alice, {}]],
    ['eth_getBalance', [alice, []]],
    ['eth_getBalance', [alice, { blockHash: `0x${'00'.repeat(32)}`, blockNumber: '0x0' }]],
    ['eth_getBalance', [alice, { blockNumber: '0x0', requireCanonical: 'yes' }]],
    ['eth_getBalance', [alice, { blockNumber: 'latest' }]],
    ['eth_getTransactionByHash', ['0x1234']],
    ['eth_getTransactionByHash', [`0x${'0g'.repeat(32)}`]],
    ['eth_getBlockByNumber', [`0x${'00'.repeat(32)}`]],
    ['eth_getBlockByNumber', ['latest', 'true']],
    ['eth_getBlockByNumber', ['latest', 1]],
    ['eth_getTransactionByBlockNumberAndIndex', ['latest', 0]],
    ['eth_getTransactionByBlockNumberAndIndex', ['latest', '0x00']],
    ['eth_getStorageAt', [echo, `0x${'0'.repeat(65)}`]],
    ['eth_getStorageAt', [echo, '0x']],
    ['eth_getStorageAt', [echo, '1']],
    ['eth_sendRawTransaction', ['0x0']],
    ['eth_sendRawTransaction', ['00']],
    ['web3_sha3', ['0xabc']],
    ['eth_call', ['0x']],
    ['eth_call', [[]]],
    ['eth_call', [{ to: 'alice' }]],
    ['eth_call', [{ to: '' }]],
    ['eth_call', [{ data: '0x01', input: '0x02' }]],
    ['eth_call', [{ gas: 21_000 }]],
    ['eth_call', [{ gas: '21000' }]],
    ['eth_call', [{ gasPrice: '0x1', maxFeePerGas: '0x1' }]],
    ['eth_call', [{ type: '0x0', maxFeePerGas: '0x1' }]],
    ['eth_call', [{ type: '0x3' }]],
    ['eth_call', [{ type: '0x4' }]],
    ['eth_call', [{ type: 2 }]],
    ['eth_call', [{ blobVersionedHashes: [`0x${'01'.repeat(32)}`] }]],
    ['eth_call', [{ authorizationList: [{}] }]],
    ['eth_call', [{ accessList: [{}] }]],
    ['eth_call', [{ accessList: [{ address: alice, storageKeys: ['0x0'] }] }]],
    ['eth_call', [{ type: '0x0', accessList: [{ address: alice, storageKeys: [] }] }]],
    ['eth_call', [{ chainId: '0x1' }]],
    ['eth_estimateGas', [{ chainId: '0x1' }]],
    ['eth_sendTransaction', [{ from: alice, chainId: '0x1' }]],
    ['eth_sendTransaction', [{ to: alice }]],
    ['evm_mine', ['soon']],
    ['evm_mine', [-1]],
    ['evm_mine', [1.5]],
    ['evm_mine', [{ blocks: 'many' }]],
    ['evm_mine', [[]]],
    ['evm_mine', [apiLimits.values.timestampSeconds + 1]],
    ['evm_mine', ['0xffffffffffffffff']],
    ['evm_mine', [{ timestamp: '0xffffffffffffffff' }]],
    ['eth_feeHistory', ['0x0']],
    ['eth_feeHistory', [-1]],
    ['eth_feeHistory', ['0x1', 'latest', [101]]],
    ['eth_feeHistory', ['0x1', 'latest', [-1]]],
    ['eth_feeHistory', ['0x1', 'latest', [50, 20]]],
    ['eth_feeHistory', ['0x1', 'latest', ['50']]],
    ['eth_feeHistory', ['0x1', 'latest', 50]],
    ['eth_feeHistory', ['0x1', 'latest', Array(101).fill(50)]],
  ])('refuses %s %j', async (method, params) => {
    expect((await client.call(method, params)).error?.code).toBe(-32602);
  });

  it('bounds data, access lists and keys', async () => {
    const { paramDataBytes } = apiLimits.values;
    const { accessListEntries, accessListStorageKeys } = protocolLimits.values;
    const data = (bytes: number): string => `0x${'00'.repeat(bytes)}`;
    expect((await client.call('eth_call', [{ data: data(paramDataBytes) }])).result).toBe('0x');
    const long = await client.call('eth_call', [{ data: data(paramDataBytes + 1) }]);
    expect(long.error.code).toBe(-32602);
    const list = (entries: number): object => ({
      accessList: Array(entries).fill({ address: alice, storageKeys: [] }),
    });
    expect((await client.call('eth_call', [list(accessListEntries)])).result).toBe('0x');
    expect((await client.call('eth_call', [list(accessListEntries + 1)])).error.code).toBe(-32602);
    const storageKeys = Array(accessListStorageKeys + 1).fill(`0x${'00'.repeat(32)}`);
    const keys = { accessList: [{ address: alice, storageKeys }] };
    expect((await client.call('eth_call', [keys])).error.code).toBe(-32602);
  });

  it.each([
    [{ to: echo, data: '0x0102' }],
    [{ to: echo, input: '0x0102' }],
    [{ to: echo, data: '0x0102', input: '0x0102' }],
    [{ to: echo, data: '0x0102', input: null, chainId: '0x7a69', unknown: 1, blobs: [] }],
    [{ to: echo, data: '0x0102', authorizationList: [], from: null, type: '0x2' }],
  ])('takes calls as clients send them: %j', async (call) => {
    expect(await client.result('eth_call', call)).toBe('0x0102');
  });

  it.each([['0x0'], ['0x00'], [`0x${'0'.repeat(64)}`]])(
    'takes storage slots of any length: %s',
    async (slot) => {
      const word = await client.result('eth_getStorageAt', echo, slot, 'latest');
      expect(word).toBe(await client.result('eth_getStorageAt', echo, '0x0'));
      expect(word).toMatch(/^0x[0-9a-f]{64}$/);
    },
  );
});
