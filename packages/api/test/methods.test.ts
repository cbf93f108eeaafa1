import { isRestrictedMethod, METHODS } from '@lucerna/api';
import { type ErrorRegistry, toHex } from '@lucerna/base';
import { chainErrors } from '@lucerna/chain';
import { keccak256 } from '@lucerna/crypto';
import { executionErrors } from '@lucerna/execution';
import { mempoolErrors } from '@lucerna/mempool';
import { headerHash, protocolErrors } from '@lucerna/protocol';
import { zexusErrors } from '@lucerna/zexus';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Client, createClient } from './support/client.ts';
import {
  ACCOUNTS,
  ALICE,
  BOB,
  BURNER,
  CODE,
  COIN,
  CREATED,
  coded,
  createFakeNode,
  ECHO,
  type FakeNode,
  GWEI,
  LOGGER,
  REVERTER,
  signed,
  transfer,
} from './support/fake-node.ts';

let node: FakeNode;
let client: Client;

beforeEach(async () => {
  node = await createFakeNode();
  client = createClient(node);
});

const alice = toHex(ALICE);
const bob = toHex(BOB);
const echo = toHex(ECHO);
const quantity = (value: bigint | number): string => `0x${value.toString(16)}`;
const missingHash = `0x${'ab'.repeat(32)}`;

describe('the table', () => {
  it('marks as restricted what the prefixes say', () => {
    for (const [name, method] of METHODS) {
      expect(method.restricted, name).toBe(isRestrictedMethod(name));
    }
    const restricted = [...METHODS.keys()].filter(isRestrictedMethod);
    const signing = restricted.filter((name) => /^(?:eth|personal)_/.test(name));
    expect(signing.sort()).toEqual([
      'eth_sendTransaction',
      'eth_sendTransactionSync',
      'eth_sendUnsignedTransaction',
      'eth_sign',
      'eth_signTransaction',
      'eth_signTypedData',
      'eth_signTypedData_v4',
      'personal_sign',
    ]);
  });

  it('has required parameters before optional ones', () => {
    for (const { name, params } of METHODS.values()) {
      const flags = params.map((param) => Number(param.required));
      expect(flags, name).toEqual([...flags].sort().reverse());
    }
  });

  it.each(['eth_nothing', 'constructor', '__proto__', '', 'eth_chainid', 'engine_newPayloadV1'])(
    'answers -32601 and names what is not in it: %s',
    async (name) => {
      const { code, message } = await client.error(name);
      expect(code).toBe(-32601);
      expect(message).toBe(`the method ${name} does not exist/is not available`);
    },
  );
});

describe('chain and network', () => {
  it('describes itself', async () => {
    expect(await client.result('eth_chainId')).toBe('0x7a69');
    expect(await client.result('net_version')).toBe('31337');
    expect(await client.result('net_listening')).toBe(true);
    expect(await client.result('eth_syncing')).toBe(false);
    expect(await client.result('web3_clientVersion')).toBe('lucerna/v0.0.0-test');
    expect(await client.result('eth_blockNumber')).toBe('0x3');
    expect(await client.result('eth_accounts')).toEqual(ACCOUNTS.map(toHex));
  });

  it('hashes', async () => {
    expect(await client.result('web3_sha3', '0x')).toBe(toHex(keccak256(new Uint8Array(0))));
  });
});

describe('blocks', () => {
  it('are found by number, tag and hash', async () => {
    const latest = await client.result('eth_getBlockByNumber', 'latest', true);
    expect(latest.number).toBe('0x3');
    expect(latest.hash).toBe(toHex(headerHash(node.head().header)));
    for (const name of ['0x3', 'safe', 'finalized']) {
      expect(await client.result('eth_getBlockByNumber', name, true)).toEqual(latest);
    }
    expect(await client.result('eth_getBlockByHash', latest.hash, true)).toEqual(latest);
    expect((await client.result('eth_getBlockByNumber', 'earliest', true)).number).toBe('0x0');
  });

  it('have hashes or whole transactions', async () => {
    const hashes = (await client.result('eth_getBlockByNumber', '0x1', false)).transactions;
    const full = (await client.result('eth_getBlockByNumber', '0x1', true)).transactions;
    expect(full.map(({ hash }: Answer) => hash)).toEqual(hashes);
    expect(full.map(({ type }: Answer) => type)).toEqual(['0x0', '0x1', '0x2']);
    expect(full.map(({ from }: Answer) => from)).toEqual(ACCOUNTS.map(toHex));
  });

  it('that do not exist are null', async () => {
    for (const number of ['0x4', '0xffffffffffffffff']) {
      expect(await client.result('eth_getBlockByNumber', number, false)).toBeNull();
      expect(await client.result('eth_getBlockReceipts', number)).toBeNull();
      expect(await client.result('eth_getBlockTransactionCountByNumber', number)).toBeNull();
      const at = 'eth_getTransactionByBlockNumberAndIndex';
      expect(await client.result(at, number, '0x0')).toBeNull();
    }
    expect(await client.result('eth_getBlockByHash', missingHash, false)).toBeNull();
    expect(await client.result('eth_getBlockReceipts', missingHash)).toBeNull();
    expect(await client.result('eth_getBlockTransactionCountByHash', missingHash)).toBeNull();
    const at = 'eth_getTransactionByBlockHashAndIndex';
    expect(await client.result(at, missingHash, '0x0')).toBeNull();
  });

  it('that others replace while they are read are null by their hash', async () => {
    const { hash } = await client.result('eth_getBlockByNumber', '0x1', false);
    const read = node.block.bind(node);
    node.block = (height) => read(height + 1);
    for (const method of ['eth_getBlockByHash', 'eth_getBlockReceipts']) {
      const rest = method === 'eth_getBlockByHash' ? [false] : [];
      expect(await client.result(method, hash, ...rest)).toBeNull();
    }
    expect((await client.result('eth_getBlockByNumber', '0x1', false)).number).toBe('0x2');
  });

  it('count their transactions', async () => {
    const { hash } = await client.result('eth_getBlockByNumber', '0x1', false);
    expect(await client.result('eth_getBlockTransactionCountByHash', hash)).toBe('0x3');
    const byNumber = 'eth_getBlockTransactionCountByNumber';
    expect(await client.result(byNumber, '0x1')).toBe('0x3');
    expect(await client.result(byNumber, 'latest')).toBe('0x0');
    expect(await client.result(byNumber, 'pending')).toBe('0x1');
  });

  it('that are pending preview the pool, whose transactions stay pending', async () => {
    const pending = await client.result('eth_getBlockByNumber', 'pending', true);
    expect(pending.number).toBe('0x4');
    expect(pending.parentHash).toBe(toHex(node.head().hash));
    const [transaction] = pending.transactions;
    expect(transaction).toMatchObject({
      blockHash: null,
      blockNumber: null,
      transactionIndex: null,
    });
    expect(await client.result('eth_getTransactionByHash', transaction.hash)).toEqual(transaction);
    const at = 'eth_getTransactionByBlockNumberAndIndex';
    expect(await client.result(at, 'pending', '0x0')).toEqual(transaction);
    expect(await client.result('eth_getBlockReceipts', 'pending')).toBeNull();
    expect(await client.result('eth_getTransactionReceipt', transaction.hash)).toBeNull();
    expect(await client.result('eth_blockNumber')).toBe('0x3');
  });
});

describe('transactions', () => {
  it('are the same by hash and by place', async () => {
    const block = await client.result('eth_getBlockByNumber', '0x1', true);
    for (const [index, transaction] of block.transactions.entries()) {
      const place = quantity(index);
      expect(await client.result('eth_getTransactionByHash', transaction.hash)).toEqual(
        transaction,
      );
      const byNumber = 'eth_getTransactionByBlockNumberAndIndex';
      expect(await client.result(byNumber, '0x1', place)).toEqual(transaction);
      const byHash = 'eth_getTransactionByBlockHashAndIndex';
      expect(await client.result(byHash, block.hash, place)).toEqual(transaction);
      expect(transaction).toMatchObject({
        blockHash: block.hash,
        blockNumber: '0x1',
        blockTimestamp: block.timestamp,
        transactionIndex: place,
      });
    }
    expect(
      await client.result('eth_getTransactionByBlockHashAndIndex', block.hash, '0x3'),
    ).toBeNull();
    expect(await client.result('eth_getTransactionByHash', missingHash)).toBeNull();
  });

  it('have the fields of their type', async () => {
    const { transactions } = await client.result('eth_getBlockByNumber', '0x1', true);
    const [legacy, listed, feeMarket] = transactions;
    expect(legacy.v).toMatch(/^0xf4f[56]$/);
    expect(legacy).not.toHaveProperty('yParity');
    expect(legacy).not.toHaveProperty('accessList');
    expect(listed.accessList).toEqual([{ address: echo, storageKeys: [`0x${'07'.repeat(32)}`] }]);
    expect(listed.yParity).toBe(listed.v);
    expect(listed).not.toHaveProperty('maxFeePerGas');
    expect(feeMarket).toMatchObject({ maxFeePerGas: quantity(10n * GWEI), to: bob, value: '0x1' });
  });

  it('say what they paid once mined, and the most that they would pay before', async () => {
    const block = await client.result('eth_getBlockByNumber', '0x1', true);
    const paid = BigInt(block.baseFeePerGas) + GWEI;
    expect(block.transactions[2].gasPrice).toBe(quantity(paid));
    expect(block.transactions[0].gasPrice).toBe(quantity(3n * GWEI));
    const pending = await client.result('eth_getBlockByNumber', 'pending', true);
    expect(pending.transactions[0].gasPrice).toBe(quantity(10n * GWEI));
  });

  it('that create a contract have no recipient', async () => {
    const at = 'eth_getTransactionByBlockNumberAndIndex';
    expect((await client.result(at, '0x2', '0x0')).to).toBeNull();
  });
});

describe('receipts', () => {
  it('are the same one by one and by block', async () => {
    for (const number of ['0x0', '0x1', '0x2', '0x3']) {
      const block = await client.result('eth_getBlockByNumber', number, false);
      const receipts = await client.result('eth_getBlockReceipts', number);
      expect(await client.result('eth_getBlockReceipts', block.hash)).toEqual(receipts);
      expect(await client.result('eth_getBlockReceipts', { blockHash: block.hash })).toEqual(
        receipts,
      );
      const single = await Promise.all(
        block.transactions.map((hash: string) => client.result('eth_getTransactionReceipt', hash)),
      );
      expect(single).toEqual(receipts);
    }
    expect(await client.result('eth_getTransactionReceipt', missingHash)).toBeNull();
  });

  it('split the gas of the block', async () => {
    const receipts = await client.result('eth_getBlockReceipts', '0x1');
    expect(receipts.map(({ gasUsed }: Answer) => BigInt(gasUsed))).toEqual([
      21_000n,
      21_000n + 2_400n + 1_900n,
      21_000n,
    ]);
    const block = await client.result('eth_getBlockByNumber', '0x1', false);
    expect(receipts.at(-1).cumulativeGasUsed).toBe(block.gasUsed);
  });

  it('say what was paid for a unit of gas', async () => {
    const receipts = await client.result('eth_getBlockReceipts', '0x1');
    const { transactions } = await client.result('eth_getBlockByNumber', '0x1', true);
    expect(receipts.map((each: Answer) => each.effectiveGasPrice)).toEqual(
      transactions.map((each: Answer) => each.gasPrice),
    );
  });

  it('name a created contract, also when its creation failed', async () => {
    const [creation, call] = await client.result('eth_getBlockReceipts', '0x2');
    expect(creation).toMatchObject({
      to: null,
      from: alice,
      status: '0x0',
      contractAddress: toHex(CREATED),
    });
    expect(call).toMatchObject({ to: toHex(LOGGER), status: '0x1', contractAddress: null });
  });

  it('number the logs through the block', async () => {
    const block = await client.result('eth_getBlockByNumber', '0x2', false);
    const receipts = await client.result('eth_getBlockReceipts', '0x2');
    const logs = receipts.flatMap((receipt: Answer) => receipt.logs);
    expect(logs.map((log: Answer) => log.logIndex)).toEqual(['0x0', '0x1', '0x2', '0x3']);
    expect(logs.map((log: Answer) => log.transactionIndex)).toEqual(['0x1', '0x1', '0x2', '0x2']);
    expect(logs[2]).toEqual({
      address: toHex(LOGGER),
      topics: [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`],
      data: '0x0102',
      blockHash: block.hash,
      blockNumber: '0x2',
      blockTimestamp: block.timestamp,
      transactionHash: block.transactions[2],
      transactionIndex: '0x2',
      logIndex: '0x2',
      removed: false,
    });
  });
});

describe('accounts', () => {
  const value = 1n;

  it('are read at any block, by number, tag, hash and EIP-1898 object', async () => {
    const first = quantity(10_000n * COIN);
    const later = quantity(10_000n * COIN - value);
    expect(await client.result('eth_getBalance', alice, 'earliest')).toBe(first);
    const { hash } = await client.result('eth_getBlockByNumber', '0x0', false);
    for (const at of ['0x0', hash, { blockHash: hash }, { blockNumber: '0x0' }]) {
      expect(await client.result('eth_getBalance', alice, at)).toBe(first);
    }
    const strict = { blockHash: hash, requireCanonical: true };
    expect(await client.result('eth_getBalance', alice, strict)).toBe(first);
    for (const at of ['latest', 'safe', 'finalized', 'pending', '0x1', undefined]) {
      expect(await client.result('eth_getBalance', alice, at)).toBe(later);
    }
  });

  it('count their transactions: latest, pending, in the past', async () => {
    const nonce = (at?: string): Promise<Answer> =>
      client.result('eth_getTransactionCount', alice, at);
    expect(await nonce()).toBe('0x2');
    expect(await nonce('latest')).toBe('0x2');
    expect(await nonce('pending')).toBe('0x3');
    expect(await nonce('0x1')).toBe('0x1');
    expect(await nonce('earliest')).toBe('0x0');
  });

  it('have code and storage', async () => {
    expect(await client.result('eth_getCode', echo)).toBe(toHex(CODE));
    expect(await client.result('eth_getCode', echo, 'earliest')).toBe('0x');
    expect(await client.result('eth_getCode', alice)).toBe('0x');
    const slot = `0x${'00'.repeat(31)}05`;
    const word = toHex(keccak256(Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? 5 : 0))));
    expect(await client.result('eth_getStorageAt', echo, slot)).toBe(word);
    expect(await client.result('eth_getStorageAt', echo, '0x5')).toBe(word);
    expect(await client.result('eth_getStorageAt', alice, '0x5')).toBe(`0x${'00'.repeat(32)}`);
  });

  it.each([
    ['eth_getBalance', []],
    ['eth_getTransactionCount', []],
    ['eth_getCode', []],
    ['eth_getStorageAt', ['0x0']],
  ])('at an unknown block are -32000 "header not found": %s', async (method, params) => {
    for (const at of ['0x4', missingHash, { blockHash: missingHash }, { blockNumber: '0x4' }]) {
      expect(await client.error(method, alice, ...params, at)).toEqual({
        code: -32000,
        message: 'header not found',
      });
    }
  });

  it('before the first block there is are null, and "earliest" is that block', async () => {
    node.first = 2;
    expect(await client.result('eth_getBlockByNumber', '0x1', false)).toBeNull();
    const earliest = await client.result('eth_getBlockByNumber', 'earliest', false);
    expect(earliest).toMatchObject({ number: '0x2' });
    expect(await client.result('eth_getBlockReceipts', 'earliest')).toBeInstanceOf(Array);
  });

  it('whose history is gone are 4444', async () => {
    node.prunedBelow = 2;
    expect((await client.error('eth_getBalance', alice, '0x1')).code).toBe(4444);
    expect(await client.result('eth_getBalance', alice, '0x2')).toMatch(/^0x/);
  });
});

describe('calls', () => {
  const call = (to: Uint8Array, data: string): object => ({ from: alice, to: toHex(to), data });
  const word = (value: number): string => value.toString(16).padStart(64, '0');
  const errorString = (text: string): string => {
    const hex = toHex(new TextEncoder().encode(text)).slice(2);
    const padded = hex.padEnd(64 * Math.ceil(hex.length / 64), '0');
    return `0x08c379a0${word(32)}${word(hex.length / 2)}${padded}`;
  };

  it('return data', async () => {
    expect(await client.result('eth_call', call(ECHO, '0x010203'))).toBe('0x010203');
    expect(await client.result('eth_call', { to: bob }, 'pending')).toBe('0x');
    expect(await client.result('eth_call', {})).toBe('0x');
  });

  it.each([
    ['Error(string)', errorString('insufficient'), 'execution reverted: insufficient'],
    ['an empty Error(string)', errorString(''), 'execution reverted: '],
    ['a long Error(string)', errorString('é'.repeat(40)), `execution reverted: ${'é'.repeat(40)}`],
    [
      'Panic(0x11)',
      `0x4e487b71${word(0x11)}`,
      'execution reverted: arithmetic underflow or overflow',
    ],
    ['an unknown panic', `0x4e487b71${word(0x99)}`, 'execution reverted: unknown panic code: 0x99'],
    ['a custom error', `0xdeadbeef${word(1)}`, 'execution reverted'],
    ['nothing', '0x', 'execution reverted'],
    ['a selector only', '0x08c379a0', 'execution reverted'],
    ['a wrong offset', `0x08c379a0${word(64)}${word(1)}${word(0)}`, 'execution reverted'],
    ['a length beyond the end', `0x08c379a0${word(32)}${'f'.repeat(64)}`, 'execution reverted'],
    ['text that is not UTF-8', `0x08c379a0${word(32)}${word(1)}ff`, 'execution reverted'],
  ])('that revert with %s are code 3 with the raw data', async (_name, data, message) => {
    const error = await client.error('eth_call', call(REVERTER, data));
    expect(error).toEqual({ code: 3, message, data });
    node.failure = coded('CALL_REVERTED', 'execution reverted', { data });
    const estimate = await client.error('eth_estimateGas', call(REVERTER, data));
    expect(estimate).toEqual({ code: 3, message, data });
  });

  it('that fail otherwise are -32000 without data', async () => {
    expect(await client.error('eth_call', call(BURNER, '0x'))).toEqual({
      code: -32000,
      message: 'out of gas',
    });
  });

  it('at an unknown block are -32000 "header not found"', async () => {
    for (const method of ['eth_call', 'eth_estimateGas']) {
      const error = await client.error(method, call(ECHO, '0x'), '0x4');
      expect(error).toEqual({ code: -32000, message: 'header not found' });
    }
  });

  it('are estimated', async () => {
    expect(await client.result('eth_estimateGas', { from: alice, to: bob })).toBe('0x5208');
    const at = [{ from: alice, to: bob, data: '0x01' }, 'latest'];
    expect(await client.result('eth_estimateGas', ...at)).toBe(quantity(21_016));
  });
});

describe('sending', () => {
  it('takes a raw transaction and answers with its hash', async () => {
    node.automine = true;
    const { raw, hash } = signed(1, transfer({ nonce: 2n }));
    expect(await client.result('eth_sendRawTransaction', toHex(raw))).toBe(toHex(hash));
    const receipt = await client.result('eth_getTransactionReceipt', toHex(hash));
    expect(receipt).toMatchObject({ status: '0x1', blockNumber: '0x4' });
  });

  it.each([
    ['another chain', { chainId: 1n }, 'invalid chain id for signer'],
    ['too little gas', { gasLimit: 20_999n }, 'intrinsic gas too low'],
    ['too much gas', { gasLimit: 30_000_001n }, 'exceeds block gas limit'],
    [
      'a tip above the cap',
      { maxPriorityFeePerGas: 11n * GWEI },
      'max priority fee per gas higher than max fee per gas',
    ],
  ])('refuses %s with -32000 in geth’s words', async (_name, fields, words) => {
    const { raw } = signed(0, transfer(fields));
    const error = await client.error('eth_sendRawTransaction', toHex(raw));
    expect(error.code).toBe(-32000);
    expect(error.message).toContain(words);
  });

  it.each(['0x', '0x00', '0x03c0', '0x02c0', '0xc0', `0x02${'ff'.repeat(40)}`])(
    'refuses what is no transaction with -32000: %s',
    async (raw) => {
      expect((await client.error('eth_sendRawTransaction', raw)).code).toBe(-32000);
    },
  );

  it('signs for the node’s own accounts', async () => {
    const hash = await client.result('eth_sendTransaction', { from: bob, to: alice, value: '0x5' });
    const transaction = await client.result('eth_getTransactionByHash', hash);
    expect(transaction).toMatchObject({ from: bob, to: alice, value: '0x5', nonce: '0x2' });
    const stranger = await client.error('eth_sendTransaction', { from: echo, to: alice });
    expect(stranger).toEqual({ code: -32000, message: 'unknown account' });
  });

  it('mines on demand in all forms of the parameters', async () => {
    node.mined.length = 0;
    expect(await client.result('evm_mine')).toBe('0x0');
    await client.result('evm_mine', null);
    await client.result('evm_mine', '0x6553f200');
    await client.result('evm_mine', '1700000768');
    await client.result('evm_mine', 1_700_000_768);
    await client.result('evm_mine', {});
    const timestamp = 1_700_000_768;
    expect(node.mined).toEqual([
      {},
      {},
      { timestamp: 0x6553f200 },
      { timestamp },
      { timestamp },
      {},
    ]);
  });
});

// A revert comes as CALL_REVERTED: the machine does not know the field that clients decode.
const VM_FAILURES = new Set(['CALL_DEPTH', 'OUT_OF_GAS', 'PROGRAM_REFUSED', 'STATIC_WRITE']);

describe('coded errors of the layers below', () => {
  const words = (
    registry: Pick<ErrorRegistry, 'definitions'>,
    prefix: string,
  ): readonly [string, string][] =>
    Object.entries(registry.definitions)
      .filter(([code]) => code.startsWith(prefix))
      .map(([code, { summary }]) => [code, summary]);

  it.each([
    ...words(mempoolErrors, ''),
    ...words(protocolErrors, 'TX_'),
    ...words(executionErrors, 'TX_'),
    ...words(executionErrors, 'SENDER_'),
    ...words(executionErrors, 'CALL_').filter(([code]) => code !== 'CALL_REVERTED'),
  ])('that refuse a transaction are -32000 in their words: %s', async (code, summary) => {
    node.failure = coded(code, `${summary}: detail`);
    const { raw } = signed(0, transfer());
    expect(await client.error('eth_sendRawTransaction', toHex(raw))).toEqual({
      code: -32000,
      message: `${summary}: detail`,
    });
  });

  it.each([
    ...words(executionErrors, '').filter(([code]) => !code.startsWith('BLOCK_')),
    ...words(zexusErrors, 'ZXC_'),
    ...words(zexusErrors, '').filter(([code]) => VM_FAILURES.has(code)),
  ])('that fail a call are their sender’s: %s', async (code, summary) => {
    node.failure = coded(code, summary, { data: '0x' });
    const error = await client.error('eth_call', { to: bob });
    expect(error.code).toBe(code === 'CALL_REVERTED' ? 3 : -32000);
    expect(error.message).toBe(summary);
  });

  // What wallets and libraries look for in the message of an error.
  it.each([
    'nonce too low',
    'nonce too high',
    'already known',
    'replacement transaction underpriced',
    'insufficient funds for gas * price + value',
    'intrinsic gas too low',
    'exceeds block gas limit',
    'max fee per gas less than block base fee',
    'out of gas',
    'execution reverted',
    'invalid sender',
    'invalid chain id for signer',
  ])('have the words of go-ethereum: %s', (text) => {
    const all = [mempoolErrors, protocolErrors, executionErrors, zexusErrors].flatMap((each) =>
      words(each, ''),
    );
    expect(all.some(([, summary]) => summary.startsWith(text))).toBe(true);
  });

  it('about state are 4444 for the past and "header not found" for the future', async () => {
    expect(Object.keys(chainErrors.definitions)).toEqual(
      expect.arrayContaining(['STATE_PRUNED', 'STATE_FUTURE', 'BLOCKS_PRUNED']),
    );
    node.failure = coded('STATE_FUTURE', 'no block of this height');
    const future = await client.error('eth_getTransactionCount', alice, 'pending');
    expect(future).toEqual({ code: -32000, message: 'header not found' });
    for (const code of ['STATE_PRUNED', 'BLOCKS_PRUNED']) {
      node.failure = coded(code, 'no longer kept');
      const pruned = await client.error('eth_getTransactionCount', alice, 'pending');
      expect(pruned).toEqual({ code: 4444, message: 'no longer kept' });
    }
  });

  it('about blocks and storage are our own failure: -32603', async () => {
    const own = [...words(executionErrors, 'BLOCK_'), ...words(protocolErrors, 'BLOCK_')];
    for (const [code] of own) {
      node.failure = coded(code, 'inside');
      expect((await client.error('eth_blockNumber')).code, code).toBe(-32603);
    }
  });
});
