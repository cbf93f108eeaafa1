import { fromHex, toHex } from '@lucerna/base';
import type { LogFilter, LogView } from '@lucerna/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { apiLimits } from '../src/limits.ts';
import { type Answer, type Client, createClient } from './support/client.ts';
import { createFakeNode, ECHO, type FakeNode, LOGGER } from './support/fake-node.ts';

let node: FakeNode;
let client: Client;

beforeEach(async () => {
  node = await createFakeNode();
  client = createClient(node);
});

const HEAD = 3;
const A = `0x${'0a'.repeat(32)}`;
const B = `0x${'0b'.repeat(32)}`;
const logger = toHex(LOGGER);
const echo = toHex(ECHO);

/** The filter that the node is asked with. */
async function filterOf(query: Answer): Promise<LogFilter> {
  await client.result('eth_getLogs', query);
  return node.logFilters.at(-1) as LogFilter;
}

describe('eth_getLogs asks for', () => {
  it.each([
    [{}, HEAD, HEAD],
    [{ fromBlock: null, toBlock: null, blockHash: null, address: null, topics: null }, HEAD, HEAD],
    [{ fromBlock: 'earliest' }, 0, HEAD],
    [{ fromBlock: '0x1', toBlock: '0x2' }, 1, 2],
    [{ fromBlock: '0x2', toBlock: '0x2' }, 2, 2],
    [{ fromBlock: '0x0', toBlock: 'pending' }, 0, HEAD],
    [{ fromBlock: 'safe', toBlock: 'finalized' }, HEAD, HEAD],
  ])('blocks: %j', async (query, fromHeight, toHeight) => {
    expect(await filterOf(query)).toEqual({ fromHeight, toHeight, addresses: [], topics: [] });
  });

  it('one block by its hash', async () => {
    const blockHash = toHex(node.header(2)!.hash);
    expect(await filterOf({ blockHash })).toMatchObject({ fromHeight: 2, toHeight: 2 });
  });

  it('contracts: none, one or several', async () => {
    const addressesOf = async (address: Answer): Promise<readonly string[]> =>
      (await filterOf({ address })).addresses.map(toHex);
    expect(await addressesOf([])).toEqual([]);
    expect(await addressesOf(logger)).toEqual([logger]);
    expect(await addressesOf(logger.toUpperCase().replace('0X', '0x'))).toEqual([logger]);
    expect(await addressesOf([logger, echo])).toEqual([logger, echo]);
  });

  it.each([
    [[], []],
    [[A], [[A]]],
    [
      [null, A],
      [[], [A]],
    ],
    [
      [[A, B], null, [], B],
      [[A, B], [], [], [B]],
    ],
    [[[A, null]], [[]]],
  ])('topics: %j', async (topics, expected) => {
    const found = (await filterOf({ topics })).topics;
    expect(found.map((choices) => choices.map(toHex))).toEqual(expected);
  });
});

describe('eth_getLogs answers', () => {
  it('with the place of each log, numbered through its block, as the receipts do', async () => {
    const logs = await client.result('eth_getLogs', { fromBlock: '0x0' });
    expect(logs.map(({ logIndex }: Answer) => logIndex)).toEqual(['0x0', '0x1', '0x2', '0x3']);
    const receipts = await client.result('eth_getBlockReceipts', '0x2');
    expect(logs).toEqual(receipts.flatMap((receipt: Answer) => receipt.logs));
    expect(logs[2]).toEqual({
      address: logger,
      topics: [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`],
      data: '0x0102',
      blockNumber: '0x2',
      blockHash: toHex(node.header(2)!.hash),
      blockTimestamp: `0x${node.header(2)!.header.timestamp.toString(16)}`,
      transactionHash: receipts[2].transactionHash,
      transactionIndex: '0x2',
      logIndex: '0x2',
      removed: false,
    });
  });

  it.each([
    ['no filter', undefined],
    ['a range that ends before it begins', { fromBlock: '0x2', toBlock: '0x1' }],
    ['a tag behind the end', { fromBlock: 'latest', toBlock: '0x1' }],
    ['an end beyond the head', { fromBlock: '0x1', toBlock: '0x4' }],
    ['a range beyond the head', { fromBlock: '0x4', toBlock: '0x5' }],
    ['a hash and a start', { blockHash: A, fromBlock: '0x1' }],
    ['a hash and an end', { blockHash: A, toBlock: 'latest' }],
    ['a number with leading zeros', { fromBlock: '0x01' }],
    ['five topics', { topics: [A, A, A, A, A] }],
    ['a short topic', { topics: ['0x01'] }],
    ['topics that are nested deeper', { topics: [[[A]]] }],
    ['topics without a list', { topics: A }],
    ['a short address', { address: '0x01' }],
    ['null among addresses', { address: [null] }],
    ['too many addresses', { address: Array(apiLimits.values.logAddresses + 1).fill(logger) }],
    ['too many topics', { topics: [Array(apiLimits.values.logTopicChoices + 1).fill(A)] }],
  ])('-32602 to %s', async (_name, query) => {
    expect((await client.error('eth_getLogs', query)).code).toBe(-32602);
    expect(node.logFilters).toEqual([]);
  });

  it('in the words of go-ethereum', async () => {
    const messageOf = async (query: Answer): Promise<string> =>
      (await client.error('eth_getLogs', query)).message;
    expect(await messageOf({ fromBlock: '0x2', toBlock: '0x1' })).toMatch(
      /invalid block range params/,
    );
    expect(await messageOf({ fromBlock: '0x4' })).toMatch(
      /block range extends beyond current head block/,
    );
    expect(await messageOf({ blockHash: A, fromBlock: '0x1' })).toMatch(
      /can't specify fromBlock\/toBlock with blockHash/,
    );
    expect(await client.error('eth_getLogs', { blockHash: A })).toEqual({
      code: -32000,
      message: 'unknown block',
    });
  });
});

describe('the bounds of eth_getLogs', () => {
  /** Lets the chain have `perBlock` logs of `bytes` in each of its blocks. */
  function fill(perBlock: number, bytes: number): void {
    const log = { address: LOGGER, topics: [], data: new Uint8Array(bytes) };
    const hash = fromHex(A);
    const place = { blockHash: hash, transactionHash: hash, timestamp: 1, transactionIndex: 0 };
    node.logs = async function* ({ fromHeight, toHeight }): AsyncGenerator<LogView, void> {
      for (let height = fromHeight; height <= toHeight; height += 1) {
        for (let logIndex = 0; logIndex < perBlock; logIndex += 1) {
          yield { log, ...place, height, logIndex };
        }
      }
    };
  }
  const all = { fromBlock: '0x0', toBlock: '0x3' };

  it('are 10,000 results, with the range to try instead, which works', async () => {
    fill(4_000, 0);
    expect(await client.error('eth_getLogs', all)).toEqual({
      code: -32005,
      message: 'query returned more than 10000 results. Try with this block range [0x0, 0x1].',
    });
    const shorter = await client.result('eth_getLogs', { fromBlock: '0x0', toBlock: '0x1' });
    expect(shorter).toHaveLength(8_000);
    fill(2_500, 0);
    expect(await client.result('eth_getLogs', all)).toHaveLength(10_000);
  });

  it('name no range when one block has too many', async () => {
    fill(10_001, 0);
    const message = 'query returned more than 10000 results';
    expect(await client.error('eth_getLogs', all)).toEqual({ code: -32005, message });
    expect(await client.error('eth_getLogs', {})).toEqual({ code: -32005, message });
  });

  it('are also about the data of the logs', async () => {
    const bytes = apiLimits.values.logAnswerBytes / 4;
    fill(1, bytes + 1);
    expect(await client.error('eth_getLogs', all)).toEqual({
      code: -32005,
      message: `query returned more than ${4 * bytes} bytes of log data. Try with this block range [0x0, 0x2].`,
    });
  });

  it('are also about the number of blocks', async () => {
    const limit = apiLimits.values.logRangeBlocks;
    const { header, hash } = node.head();
    node.head = () => ({ header: { ...header, height: 2 * limit }, hash, transactions: [] });
    const end = (count: number): string => `0x${count.toString(16)}`;
    const query = { fromBlock: '0x1', toBlock: end(limit) };
    expect(await filterOf(query)).toMatchObject({ fromHeight: 1, toHeight: limit });
    const tooLong = { fromBlock: '0x0', toBlock: end(limit) };
    expect(await client.error('eth_getLogs', tooLong)).toEqual({
      code: -32005,
      message: `query exceeds max block range ${limit}`,
    });
  });
});
