import { isRestrictedMethod, METHODS, UNSUPPORTED_METHODS } from '@lucerna/api';
import { fromHex, toHex, toQuantity } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { recoverTransaction } from '@lucerna/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, createClient } from './support/client.ts';
import { FakeDev } from './support/fake-dev.ts';
import {
  ACCOUNTS,
  ALICE,
  BOB,
  COIN,
  coded,
  createFakeNode,
  type FakeNode,
  signed,
  transfer,
} from './support/fake-node.ts';

const alice = toHex(ALICE);
const word = `0x${'0a'.repeat(32)}`;

let node: FakeNode;
let dev: FakeDev;
let client: Client;

beforeEach(async () => {
  node = await createFakeNode();
  dev = new FakeDev(node);
  node.dev = dev;
  client = createClient(node);
});

/** What a call made the dev chain do, and its answer. */
async function tell(method: string, ...params: readonly unknown[]): Promise<unknown> {
  dev.told.length = 0;
  const result = await client.result(method, ...params);
  return { result, told: [...dev.told] };
}

// Every name of these families that anvil 1.7.1 knows.
const ANVIL_NAMES: Readonly<Record<string, string>> = {
  anvil:
    'impersonateAccount stopImpersonatingAccount autoImpersonateAccount getAutomine setAutomine mine setIntervalMining getIntervalMining dropTransaction dropAllTransactions removePoolTransactions reset setChainId setRpcUrl setBalance addBalance dealERC20 setERC20Allowance setERC20Balance setCode setNonce setStorageAt setLoggingEnabled setMinGasPrice setNextBlockBaseFeePerGas setCoinbase dumpState loadState nodeInfo metadata snapshot revert increaseTime setNextBlockTimestamp setTime setBlockTimestampInterval removeBlockTimestampInterval setBlockGasLimit mine_detailed reorg rollback getBlobByHash getBlobsByTransactionHash getGenesisTime impersonateSignature setFeeToken setValidatorFeeToken setFeeAmmLiquidity',
  hardhat:
    'impersonateAccount stopImpersonatingAccount autoImpersonateAccount getAutomine mine dropTransaction dropAllTransactions reset setBalance addBalance dealERC20 setCode setNonce setStorageAt setLoggingEnabled setMinGasPrice setNextBlockBaseFeePerGas setCoinbase setPrevRandao dumpState loadState metadata',
  evm: 'setAutomine mine setIntervalMining setAccountNonce snapshot revert increaseTime setNextBlockTimestamp setTime setBlockGasLimit mine_detailed',
  tenderly: 'setBalance addBalance',
  ots: 'getApiLevel getInternalOperations hasCode traceTransaction getTransactionError getBlockDetails getBlockDetailsByHash getBlockTransactions searchTransactionsBefore searchTransactionsAfter getTransactionBySenderAndNonce getContractCreator',
  debug:
    'traceTransaction traceCall traceBlockByHash traceBlockByNumber getRawTransaction codeByHash dbGet',
};

describe('names', () => {
  it('knows every name of anvil, or says why not', () => {
    const names = Object.entries(ANVIL_NAMES).flatMap(([prefix, list]) =>
      list.split(' ').map((name) => `${prefix}_${name}`),
    );
    const missing = names.filter((name) => !METHODS.has(name) && !(name in UNSUPPORTED_METHODS));
    expect(missing).toEqual([]);
  });

  it('serves nothing of what it says it does not', () => {
    expect(Object.keys(UNSUPPORTED_METHODS).filter((name) => METHODS.has(name))).toEqual([]);
  });

  it('restricts a method under all of its names', () => {
    for (const [name, method] of METHODS) {
      expect(isRestrictedMethod(name), name).toBe(method.restricted);
    }
  });

  it('names the reason why there is no such method', async () => {
    expect(await client.error('anvil_setRpcUrl', 'http://localhost')).toEqual({
      code: -32601,
      message: 'the method anvil_setRpcUrl does not exist/is not available: there is no forking',
    });
    expect((await client.error('constructor')).message).not.toContain('function');
  });
});

describe('a network node', () => {
  it('has none of the dev methods', async () => {
    node.dev = undefined;
    for (const name of ['anvil_nodeInfo', 'evm_mine', 'hardhat_mine', 'evm_snapshot']) {
      const error = await client.error(name);
      expect(error.code, name).toBe(-32601);
      expect(error.message).toContain('does not exist/is not available');
      expect(error.message).toContain('dev chain');
    }
  });
});

describe('numbers', () => {
  it.each(['0x3e8', '1000', 1_000])('takes %j', async (given) => {
    expect(await tell('anvil_setBalance', alice, given)).toEqual({
      result: null,
      told: [['setBalance', alice, 1_000n]],
    });
    expect(await tell('evm_setNextBlockTimestamp', given)).toEqual({
      result: null,
      told: [['setNextBlockTimestamp', 1_000]],
    });
    expect(await tell('anvil_setStorageAt', alice, given, word)).toEqual({
      result: true,
      told: [['setStorage', alice, `0x${'3e8'.padStart(64, '0')}`, word]],
    });
  });

  it.each(['-1', -1, 1.5, '', '0x', 'ten', 1e21, null, true, '0x1g', `0x1${'0'.repeat(64)}`])(
    'refuses %j',
    async (given) => {
      expect((await client.error('anvil_setBalance', alice, given)).code).toBe(-32602);
    },
  );

  it('takes 256 bits of wei and 64 bits of a nonce', async () => {
    const most = 2n ** 256n - 1n;
    expect(await tell('hardhat_setBalance', alice, most.toString())).toMatchObject({
      told: [['setBalance', alice, most]],
    });
    expect((await client.error('hardhat_setBalance', alice, (most + 1n).toString())).code).toBe(
      -32602,
    );
    expect((await client.error('anvil_setNonce', alice, '0x10000000000000000')).code).toBe(-32602);
  });
});

describe('mining', () => {
  it('answers as anvil does', async () => {
    expect(await tell('anvil_mine')).toEqual({ result: null, told: [['mine', { blocks: 1 }]] });
    expect(await tell('hardhat_mine', '0x2', '10')).toEqual({
      result: null,
      told: [['mine', { blocks: 2, intervalSeconds: 10 }]],
    });
    expect(await tell('anvil_mine', 0)).toEqual({ result: null, told: [] });
    expect(await tell('evm_mine', 5)).toEqual({
      result: '0x0',
      told: [['mine', { timestamp: 5 }]],
    });
    expect(await tell('evm_mine', { blocks: 2, timestamp: null })).toEqual({
      result: '0x0',
      told: [['mine', { blocks: 2 }]],
    });
  });

  it('tells the blocks it has made, with output and reason', async () => {
    await node.sendRaw(signed(1, transfer({ nonce: 2n })).raw);
    const blocks = await client.result('evm_mine_detailed', { blocks: 2 });
    expect(blocks.map(({ number }: { number: string }) => number)).toEqual(['0x4', '0x5']);
    expect(blocks[0].transactions).toHaveLength(2);
    expect(blocks[0].transactions[0]).toMatchObject({ from: alice, output: '0x' });
    expect((await client.error('anvil_mine_detailed', { blocks: 257 })).code).toBe(-32602);
  });

  it('has modes that can be asked for', async () => {
    expect(await client.result('hardhat_getAutomine')).toBe(true);
    expect(await client.result('anvil_getIntervalMining')).toBeNull();
    await client.result('evm_setAutomine', false);
    await client.result('evm_setIntervalMining', '0x5');
    expect(dev.mode).toEqual({ automine: false, intervalMs: 5_000 });
    expect(await client.result('anvil_getAutomine')).toBe(false);
    expect(await client.result('anvil_getIntervalMining')).toBe(5);
    await client.result('anvil_setIntervalMining', 0);
    expect(await client.result('anvil_getIntervalMining')).toBeNull();
  });

  it('answers the hash of what it has dropped', async () => {
    const waiting = toHex(signed(0, transfer({ nonce: 2n })).hash);
    expect(await client.result('anvil_dropTransaction', waiting)).toBe(waiting);
    expect(await client.result('hardhat_dropTransaction', word)).toBeNull();
    expect(await tell('anvil_dropAllTransactions')).toMatchObject({ result: null });
    expect(await tell('anvil_removePoolTransactions', alice)).toEqual({
      result: null,
      told: [['dropTransactionsOf', alice]],
    });
  });
});

it('sends for an account and answers the receipt', async () => {
  node.automine = true;
  const request = { from: toHex(BOB), to: alice, value: '0x1' };
  const receipt = await client.result('eth_sendTransactionSync', request);
  expect(receipt).toMatchObject({ status: '0x1', from: toHex(BOB), to: alice });
  node.automine = false;
  expect((await client.error('eth_sendTransactionSync', request, 0)).code).toBe(4);
});

describe('time', () => {
  it('answers seconds as JSON numbers', async () => {
    expect(await client.result('evm_increaseTime', '10')).toBe(10);
    expect(await client.result('anvil_increaseTime', '0xa')).toBe(20);
    expect(await client.result('evm_setTime', 1_700_000_005)).toBe(5);
    expect(await client.result('anvil_setTime', 5)).toBe(0);
  });

  it('takes milliseconds where seconds would be absurd', async () => {
    expect(await tell('evm_setTime', 1_800_000_000_000)).toMatchObject({
      told: [['setTime', 1_800_000_000]],
    });
    expect(await tell('evm_setTime', 1_000_000_000_000)).toMatchObject({
      told: [['setTime', 1_000_000_000_000]],
    });
  });

  it('says whether there was an interval', async () => {
    expect(await client.result('anvil_removeBlockTimestampInterval')).toBe(false);
    expect(await tell('anvil_setBlockTimestampInterval', 10)).toMatchObject({ result: null });
    expect(await client.result('anvil_removeBlockTimestampInterval')).toBe(true);
    expect(await client.result('anvil_removeBlockTimestampInterval')).toBe(false);
  });
});

describe('setters', () => {
  const address = toHex(BOB);

  it.each<readonly [readonly unknown[], unknown, readonly unknown[]]>([
    [['evm_setAccountNonce', address, 3], null, ['setNonce', address, 3n]],
    [['hardhat_setCode', address, '0xef'], null, ['setCode', address, '0xef']],
    [['hardhat_impersonateAccount', address], null, ['impersonate', address]],
    [['anvil_stopImpersonatingAccount', address], null, ['stopImpersonating', address]],
    [['anvil_autoImpersonateAccount', true], null, ['autoImpersonate', true]],
    [['anvil_setNextBlockBaseFeePerGas', 16], null, ['setNextBlockBaseFee', 16n]],
    [['hardhat_setMinGasPrice', '0x1'], null, ['setMinGasPrice', 1n]],
    [['anvil_setCoinbase', address], null, ['setCoinbase', address]],
    [['hardhat_setPrevRandao', '0x7'], true, ['setPrevRandao', `0x${'7'.padStart(64, '0')}`]],
    [['evm_setBlockGasLimit', '30000000'], true, ['setBlockGasLimit', 30_000_000n]],
    [['hardhat_setLoggingEnabled', false], null, ['setLogging', false]],
  ])('%j answers %j', async ([method, ...params], result, told) => {
    expect(await tell(method as string, ...params)).toEqual({ result, told: [told] });
  });

  it('adds to a balance, which stays within 256 bits', async () => {
    const before = node.account(3, ALICE).balance;
    expect(await tell('tenderly_addBalance', alice, toQuantity(COIN))).toEqual({
      result: null,
      told: [['setBalance', alice, before + COIN]],
    });
    const most = `0x${'f'.repeat(64)}`;
    expect((await client.error('anvil_addBalance', alice, most)).code).toBe(-32602);
  });

  it('passes on what the chain refuses', async () => {
    dev.setCode = () => Promise.reject(coded('PROGRAM_REFUSED', 'program refused'));
    const error = await client.error('anvil_setCode', alice, '0x60');
    expect(error).toEqual({ code: -32000, message: 'program refused' });
  });
});

describe('history', () => {
  it('gives ids out and uses them up', async () => {
    expect(await client.result('evm_snapshot')).toBe('0x0');
    expect(await client.result('anvil_snapshot')).toBe('0x1');
    expect(await client.result('evm_revert', '0x0')).toBe(true);
    expect(await client.result('anvil_revert', '1')).toBe(false);
    expect(await client.result('evm_revert', 77)).toBe(false);
  });

  it('rolls back no further than there are blocks', async () => {
    expect(await tell('anvil_rollback')).toEqual({ result: null, told: [['rollback', 1]] });
    expect(await tell('anvil_rollback', '0x3')).toMatchObject({ told: [['rollback', 3]] });
    expect(await client.error('anvil_rollback', 4)).toMatchObject({
      code: -32602,
      message: expect.stringContaining('must not exceed current chain height'),
    });
  });

  it('signs the requests of a reorganisation with the nonces after the ancestor', async () => {
    const request = { from: alice, to: toHex(BOB), value: '0x1' };
    const { raw } = signed(1, transfer({ nonce: 9n }));
    dev.told.length = 0;
    await client.result('anvil_reorg', 2, [
      [request, 1],
      [toHex(raw), 1],
      [request, 0],
    ]);
    const [name, depth, transactions] = dev.told[0] as [string, number, [number, string][]];
    expect([name, depth]).toEqual(['reorg', 2]);
    expect(transactions.map(([offset]) => offset)).toEqual([0, 1, 1]);
    expect(transactions[2]?.[1]).toBe(toHex(raw));
    const nonces = transactions
      .slice(0, 2)
      .map(([, each]) => recoverTransaction(fromHex(each), pureSignatureEngine).transaction.nonce);
    const first = node.account(1, ALICE).nonce;
    expect(nonces).toEqual([first, first + 1n]);
  });

  it('refuses what does not fit a reorganisation', async () => {
    const request = { from: alice, to: toHex(BOB), value: '0x1' };
    const cases = [[4], [1, [[request, 1]]], [1, [[request]]], [1, [['0x1', 0]]], [1, [[{}, 0]]]];
    for (const params of cases) {
      expect((await client.error('anvil_reorg', ...params)).code, JSON.stringify(params)).toBe(
        -32602,
      );
    }
    expect(await tell('anvil_reorg', 0)).toEqual({ result: null, told: [] });
  });

  it('dumps, loads and resets', async () => {
    expect(await client.result('anvil_dumpState', true)).toBe('0x010203');
    expect(await tell('hardhat_loadState', '0x0102')).toEqual({
      result: true,
      told: [['loadState', '0x0102']],
    });
    for (const wrong of ['0x123', '12', 5, `0x${'00'.repeat(2_621_001)}`]) {
      expect((await client.error('anvil_loadState', wrong)).code).toBe(-32602);
    }
    for (const params of [[], [{}], [{ forking: null }], [{ forking: {} }]]) {
      expect(await tell('anvil_reset', ...params)).toEqual({ result: null, told: [['reset']] });
    }
    const fork = { forking: { jsonRpcUrl: 'http://localhost:1' } };
    expect((await client.error('hardhat_reset', fork)).code).toBe(-32602);
  });
});

describe('information', () => {
  it('has the fields of anvil', async () => {
    await client.result('evm_snapshot');
    const head = node.head();
    expect(await client.result('anvil_nodeInfo')).toEqual({
      currentBlockNumber: '0x3',
      currentBlockTimestamp: head.header.timestamp,
      currentBlockHash: toHex(head.hash),
      hardFork: 'Paris',
      transactionOrder: 'fees',
      environment: {
        baseFee: '0x7',
        chainId: 31337,
        gasLimit: '0x1c9c380',
        gasPrice: '0x3b9aca07',
      },
      forkConfig: { forkUrl: null, forkBlockNumber: null, forkRetryBackoff: null },
    });
    expect(await client.result('hardhat_metadata')).toEqual({
      clientVersion: 'lucerna/v0.0.0-test',
      clientSemver: '0.0.0-test',
      clientCommitSha: null,
      chainId: 31337,
      instanceId: `0x${'1d'.repeat(32)}`,
      latestBlockNumber: 3,
      latestBlockHash: toHex(head.hash),
      forkedNetwork: null,
      snapshots: { '0x0': [3, toHex(head.hash)] },
    });
    expect(await client.result('anvil_getGenesisTime')).toBe(1_700_000_000);
    node.first = 1;
    expect((await client.error('anvil_getGenesisTime')).code).toBe(-32000);
  });

  it('knows its accounts', async () => {
    expect(await client.result('eth_accounts')).toEqual(ACCOUNTS.map(toHex));
  });
});
