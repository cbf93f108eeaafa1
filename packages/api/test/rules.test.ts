import { apiLimits, createFilters, createJsonRpc } from '@lucerna/api';
import { SILENT_LOG, toHex } from '@lucerna/base';
import { encodeErrorString } from '@lucerna/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Client, clientOf, createClient } from './support/client.ts';
import {
  ALICE,
  coded,
  createFakeNode,
  ECHO,
  type FakeNode,
  REVERTER,
  signed,
  transfer,
} from './support/fake-node.ts';

// The rules of JSON-RPC 2.0 and of Ethereum clients, one test for each.
let node: FakeNode;
let client: Client;

beforeEach(async () => {
  node = await createFakeNode();
  client = createClient(node);
});

const alice = toHex(ALICE);
const request = (fields: object): string => JSON.stringify({ jsonrpc: '2.0', ...fields });

describe('JSON-RPC 2.0', () => {
  it('invalid JSON is -32700 with id null', async () => {
    const answer = await client.send('{"jsonrpc":"2.0","id":1,"method":');
    expect({ id: answer.id, code: answer.error.code }).toEqual({ id: null, code: -32700 });
  });

  it.each([
    ['1', null],
    ['{"id":5,"method":"eth_chainId"}', 5],
    ['{"jsonrpc":"2.0","id":"x"}', 'x'],
    ['{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}', null],
  ])('what is no request is -32600 with its id when it has one: %s', async (body, id) => {
    const answer = await client.send(body);
    expect({ id: answer.id, code: answer.error.code }).toEqual({ id, code: -32600 });
  });

  it('an unknown method is -32601 and is named', async () => {
    const { code, message } = await client.error('eth_whatever');
    expect(code).toBe(-32601);
    expect(message).toContain('eth_whatever does not exist/is not available');
  });

  it.each([
    ['wrong', ['0x1']],
    ['too few', []],
    ['too many', [alice, 'latest', 'x']],
    ['named', { address: alice }],
  ])('%s params are -32602', async (_name, params) => {
    expect((await client.call('eth_getBalance', params)).error.code).toBe(-32602);
  });

  it('a failure of the node is -32603', async () => {
    node.failure = new Error('broken');
    expect((await client.error('eth_blockNumber')).code).toBe(-32603);
  });

  it('an empty batch is one -32600', async () => {
    expect((await client.send('[]')).error.code).toBe(-32600);
  });

  it('a batch is answered in order, with a -32600 for what is no request and nothing for notifications', async () => {
    const batch = [
      request({ id: 1, method: 'eth_chainId' }),
      '1',
      request({ method: 'eth_chainId' }),
      request({ id: 2, method: 'eth_whatever' }),
    ];
    const answers = await client.send(`[${batch.join(',')}]`);
    expect(answers.map(({ id, error }: Answer) => [id, error?.code])).toEqual([
      [1, undefined],
      [null, -32600],
      [2, -32601],
    ]);
  });

  it('a batch of notifications is not answered', async () => {
    const notification = request({ method: 'eth_chainId' });
    expect(await client.send(`[${notification},${notification}]`)).toBeUndefined();
  });

  it('a notification runs and is not answered', async () => {
    expect(await client.send(request({ method: 'evm_mine' }))).toBeUndefined();
    expect(node.mined).not.toHaveLength(0);
  });

  it.each([null, 'text', 7, 1.5])('the id %j comes back as it is', async (id) => {
    expect((await client.send(request({ id, method: 'eth_chainId' }))).id).toEqual(id);
  });

  it('an answer has a result or an error, never both', async () => {
    expect(Object.keys(await client.call('eth_chainId'))).toEqual(['jsonrpc', 'id', 'result']);
    expect(Object.keys(await client.call('eth_x'))).toEqual(['jsonrpc', 'id', 'error']);
  });
});

describe('Ethereum', () => {
  it.each(['eth_call', 'eth_estimateGas'])(
    'a revert of %s is 3 with its reason and data',
    async (method) => {
      const data = toHex(encodeErrorString('no'));
      const call = { to: toHex(REVERTER), data };
      if (method === 'eth_estimateGas') {
        node.failure = coded('CALL_REVERTED', 'execution reverted', { data });
      }
      expect(await client.error(method, call)).toEqual({
        code: 3,
        message: 'execution reverted: no',
        data,
      });
    },
  );

  it('state at an unknown block is -32000 "header not found"; the block itself is null', async () => {
    expect(await client.error('eth_getBalance', alice, '0x77')).toEqual({
      code: -32000,
      message: 'header not found',
    });
    expect(await client.result('eth_getBlockByNumber', '0x77', false)).toBeNull();
  });

  it.each([
    [{ fromBlock: '0x2', toBlock: '0x1' }],
    [{ fromBlock: '0x0', toBlock: '0x77' }],
    [{ fromBlock: '0x0', blockHash: `0x${'ab'.repeat(32)}` }],
  ])('a wrong range of logs is -32602: %j', async (filter) => {
    expect((await client.error('eth_getLogs', filter)).code).toBe(-32602);
  });

  it('too many results are -32005 in the words that indexers read', async () => {
    const [log] = await logsOf(node);
    node.logs = async function* () {
      for (let count = 0; count <= apiLimits.values.logResults; count += 1) yield log;
    };
    const { code, message } = await client.error('eth_getLogs', { fromBlock: '0x0' });
    expect(code).toBe(-32005);
    expect(message).toMatch(/^query returned more than 10000 results/);
  });

  it('an unknown filter is -32000 "filter not found"', async () => {
    for (const method of ['eth_getFilterChanges', 'eth_getFilterLogs']) {
      expect(await client.error(method, '0x1')).toEqual({
        code: -32000,
        message: 'filter not found',
      });
    }
  });

  it('a rejected transaction is -32000 in the words of geth', async () => {
    const { raw } = signed(0, transfer({ chainId: 1n }));
    const { code, message } = await client.error('eth_sendRawTransaction', toHex(raw));
    expect(code).toBe(-32000);
    expect(message).toContain('invalid chain id for signer');
  });

  it('pruned history is 4444', async () => {
    node.prunedBelow = 2;
    expect((await client.error('eth_getBalance', alice, '0x1')).code).toBe(4444);
  });

  it('errors of eth_simulateV1 have its numbers', async () => {
    const blocks = Array(apiLimits.values.simulatedBlocks + 1).fill({});
    expect((await client.error('eth_simulateV1', { blockStateCalls: blocks })).code).toBe(-38026);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty list', []],
  ])('params may be %s where none are needed', async (_name, params) => {
    expect((await client.call('eth_blockNumber', params)).result).toBe('0x3');
  });

  it('data and input are the same, and may both be there if they agree', async () => {
    const to = toHex(ECHO);
    expect(await client.result('eth_call', { to, data: '0x01' })).toBe('0x01');
    expect(await client.result('eth_call', { to, input: '0x01' })).toBe('0x01');
    expect(await client.result('eth_call', { to, data: '0x01', input: '0x01' })).toBe('0x01');
    expect((await client.error('eth_call', { to, data: '0x01', input: '0x02' })).code).toBe(-32602);
  });
});

describe('the number of requests that wait', () => {
  it('is bounded: one more is -32005, until others have ended', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const read = node.block.bind(node);
    node.block = async (height) => {
      await gate;
      return read(height);
    };
    const waiting = Array.from({ length: apiLimits.values.requestsInFlight }, () =>
      client.result('eth_getBlockByNumber', '0x1', false),
    );
    await Promise.resolve();
    expect((await client.error('eth_chainId')).code).toBe(-32005);
    release();
    await Promise.all(waiting);
    expect(await client.result('eth_chainId')).toBe('0x7a69');
  });

  it('does not count requests that failed', async () => {
    const small = clientOf(
      createJsonRpc(node, { log: SILENT_LOG, filters: createFilters({ node }) }),
    );
    for (let count = 0; count <= apiLimits.values.requestsInFlight; count += 1) {
      await small.call('eth_getFilterChanges', ['0x1']);
    }
    expect(await small.result('eth_chainId')).toBe('0x7a69');
  });
});

async function logsOf({ logs }: FakeNode): Promise<readonly Answer[]> {
  const found: Answer[] = [];
  const all = { fromHeight: 0, toHeight: 3, addresses: [], topics: [] };
  for await (const log of logs.call(node, all)) found.push(log);
  return found;
}
