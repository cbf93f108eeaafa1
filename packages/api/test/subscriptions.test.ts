import { apiLimits, type RpcSession } from '@lucerna/api';
import { toHex } from '@lucerna/base';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Client, createClient } from './support/client.ts';
import {
  ALICE,
  BOB,
  createFakeNode,
  type FakeNode,
  LOGGER,
  signed,
  transfer,
} from './support/fake-node.ts';

let node: FakeNode;
let client: Client;
let connection: Connection;

/** A connection with everything that was sent on it, in order. */
type Connection = {
  readonly session: RpcSession;
  readonly sent: Answer[];
  readonly call: (method: string, ...params: readonly unknown[]) => Promise<Answer>;
};

function connect(origin?: string): Connection {
  const sent: Answer[] = [];
  const session = client.rpc.openSession({ origin }, (text) => sent.push(JSON.parse(text)));
  let id = 0;
  const call: Connection['call'] = async (method, ...params) => {
    id += 1;
    const text = await session.handle(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    if (text !== undefined) sent.push(JSON.parse(text));
    return sent.findLast((message) => message.id === id);
  };
  return { session, sent, call };
}

beforeEach(async () => {
  node = await createFakeNode();
  client = createClient(node);
  connection = connect();
});

async function subscribe(...params: readonly unknown[]): Promise<string> {
  const { result } = await connection.call('eth_subscribe', ...params);
  expect(result).toMatch(/^0x[1-9a-f][0-9a-f]{31}$/);
  return result;
}

/** What was told to a subscription. */
const told = (id: string): readonly Answer[] =>
  connection.sent
    .filter(({ params }) => params?.subscription === id)
    .map(({ params }) => params.result);

async function mineLogs(): Promise<void> {
  const nonce = node.pendingNonce(BOB);
  await node.sendRaw(signed(1, transfer({ nonce, to: LOGGER })).raw);
  await node.mine({});
}

describe('newHeads', () => {
  it('tells the header of each new block, whose receipts can be asked for at once', async () => {
    const id = await subscribe('newHeads');
    const seen: Promise<Answer>[] = [];
    node.onHead(({ view }) =>
      seen.push(client.result('eth_getBlockReceipts', toHex(view.block.hash))),
    );
    await mineLogs();
    const [header] = told(id);
    expect(header).toEqual(await client.result('eth_getHeaderByNumber', 'latest'));
    expect(header).not.toHaveProperty('transactions');
    expect(await seen[0]).toHaveLength(2);
  });

  it('tells of a shorter chain too', async () => {
    const id = await subscribe('newHeads');
    await node.mine({});
    node.reorganise(2, 0);
    node.reorganise(1, 2);
    expect(told(id).map(({ number }) => number)).toEqual(['0x4', '0x2', '0x2', '0x3']);
  });

  it('is an envelope without an id', async () => {
    const id = await subscribe('newHeads');
    await node.mine({});
    const { params, ...rest } = connection.sent.at(-1);
    expect(rest).toEqual({ jsonrpc: '2.0', method: 'eth_subscription' });
    expect(Object.keys(params)).toEqual(['subscription', 'result']);
    expect(params.subscription).toBe(id);
  });
});

describe('logs', () => {
  it('tells the logs that match, one by one', async () => {
    const all = await subscribe('logs');
    const some = await subscribe('logs', {
      address: toHex(LOGGER),
      topics: [`0x${'01'.repeat(32)}`],
    });
    const none = await subscribe('logs', { address: [toHex(ALICE)] });
    await mineLogs();
    const { logs } = (await client.result('eth_getBlockReceipts', 'latest'))[1];
    expect(told(all)).toEqual(logs);
    expect(told(some)).toEqual([logs[0]]);
    expect(told(none)).toEqual([]);
  });

  it('tells the logs that are gone before those that came', async () => {
    await mineLogs();
    await mineLogs();
    const id = await subscribe('logs', {});
    const gone = await client.result('eth_getLogs', { fromBlock: '0x4' });
    node.reorganise(2, 1);
    expect(told(id)).toHaveLength(4);
    const sameOrder = [...gone.slice(2), ...gone.slice(0, 2)];
    expect(told(id)).toEqual(sameOrder.map((log) => ({ ...log, removed: true })));
    await mineLogs();
    expect(
      told(id)
        .slice(4)
        .map(({ removed }) => removed),
    ).toEqual([false, false]);
  });

  it('does not tell the logs of an old block that is the head once more', async () => {
    await mineLogs();
    await node.mine({});
    const id = await subscribe('logs');
    node.reorganise(1, 0);
    expect(told(id)).toEqual([]);
  });
});

describe('newPendingTransactions', () => {
  it('tells hashes, or whole transactions', async () => {
    const hashes = await subscribe('newPendingTransactions');
    const plain = await subscribe('newPendingTransactions', false);
    const whole = await subscribe('newPendingTransactions', true);
    const { raw, hash } = signed(1, transfer({ nonce: 2n }));
    await node.sendRaw(raw);
    await node.sendRaw(signed(1, transfer({ nonce: 9n })).raw);
    expect(told(hashes)).toEqual([toHex(hash)]);
    expect(told(plain)).toEqual([toHex(hash)]);
    expect(told(whole)).toEqual([await client.result('eth_getTransactionByHash', toHex(hash))]);
  });
});

describe('syncing', () => {
  it('tells once that there is nothing to wait for', async () => {
    const id = await subscribe('syncing');
    await node.mine({});
    expect(told(id)).toEqual([false]);
  });
});

describe('a subscription', () => {
  it('is answered before it tells anything, also in a batch that makes blocks', async () => {
    const batch = ['eth_subscribe', 'evm_mine', 'eth_blockNumber'].map((method, id) => ({
      ...{ jsonrpc: '2.0', id, method },
      params: method === 'eth_subscribe' ? ['newHeads'] : [],
    }));
    expect(await connection.session.handle(JSON.stringify(batch))).toBeUndefined();
    const [answers, ...rest] = connection.sent;
    expect(answers.map(({ id }: Answer) => id)).toEqual([0, 1, 2]);
    expect(rest.map(({ params }) => params.subscription)).toEqual([answers[0].result]);
  });

  it('does not hold back without end', async () => {
    const held = apiLimits.values.heldNotifications;
    const entry = (id: number): object => ({ jsonrpc: '2.0', id, method: 'evm_mine' });
    const mines = Array.from({ length: 4 }, (_, id) => entry(id));
    const subscription = { jsonrpc: '2.0', id: 9, method: 'eth_subscribe', params: ['newHeads'] };
    const mine = node.mine.bind(node);
    node.mine = async (options) => {
      for (let count = 0; count <= held / 4; count += 1) await mine(options);
    };
    await connection.session.handle(JSON.stringify([subscription, ...mines]));
    const answered = connection.sent.findIndex(Array.isArray);
    expect(answered).toBeGreaterThan(held);
    expect(connection.sent).toHaveLength(1 + 4 * (Math.floor(held / 4) + 1));
  });

  it('ends when it is told to, or with its connection', async () => {
    const first = await subscribe('newHeads');
    const second = await subscribe('newPendingTransactions');
    expect(node.listeners()).toEqual([1, 1]);
    expect((await connection.call('eth_unsubscribe', first)).result).toBe(true);
    expect((await connection.call('eth_unsubscribe', first)).result).toBe(false);
    expect(node.listeners()).toEqual([0, 1]);
    await node.mine({});
    expect(told(first)).toEqual([]);
    connection.session.close();
    expect(node.listeners()).toEqual([0, 0]);
    await node.sendRaw(signed(1, transfer({ nonce: 2n })).raw);
    expect(told(second)).toEqual([]);
    expect((await connection.call('eth_subscribe', 'newHeads')).error.code).toBe(-32005);
  });

  it('belongs to its connection', async () => {
    const id = await subscribe('newHeads');
    const other = connect();
    expect((await other.call('eth_unsubscribe', id)).result).toBe(false);
    await node.mine({});
    expect(told(id)).toHaveLength(1);
    expect(other.sent).toHaveLength(1);
  });

  it('is refused where nothing can be told: -32601', async () => {
    for (const [method, ...params] of [
      ['eth_subscribe', 'newHeads'],
      ['eth_unsubscribe', '0x1'],
    ]) {
      const { code, message } = await client.error(method as string, ...params);
      expect({ code, message }).toEqual({ code: -32601, message: 'notifications not supported' });
    }
  });

  it.each([
    [[]],
    [['everything']],
    [[1]],
    [['logs', 'all']],
    [['logs', { topics: [1] }]],
    [['newPendingTransactions', 'yes']],
    [['newHeads', null, 1]],
  ])('of a wrong form is -32602: %j', async (params) => {
    const { error } = await connection.call('eth_subscribe', ...params);
    expect(error.code).toBe(-32602);
    expect(node.listeners()).toEqual([0, 0]);
  });

  it('counts against the limit of its connection and of all', async () => {
    const { connectionSubscriptions, subscriptions } = apiLimits.values;
    const connections = Array.from({ length: subscriptions / connectionSubscriptions }, () =>
      connect(),
    );
    for (const each of connections) {
      for (let count = 0; count < connectionSubscriptions; count += 1) {
        await each.session.handle(
          '{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["syncing"]}',
        );
      }
      expect((await each.call('eth_subscribe', 'newHeads')).error.code).toBe(-32005);
    }
    expect((await connection.call('eth_subscribe', 'newHeads')).error.code).toBe(-32005);
    connections[0]?.session.close();
    await subscribe('newHeads');
  });

  it('counts with all that it looks for', async () => {
    const { subscriptionCriteria, logTopicChoices } = apiLimits.values;
    const choices = Array(logTopicChoices).fill(`0x${'11'.repeat(32)}`);
    const wide = { topics: [choices, choices, null, choices] };
    const fitting = Math.floor(subscriptionCriteria / (3 * logTopicChoices));
    const other = connect();
    const id = await subscribe('logs', wide);
    for (let count = 1; count < fitting; count += 1)
      await other.call('eth_subscribe', 'logs', wide);
    expect((await connection.call('eth_subscribe', 'logs', wide)).error.code).toBe(-32005);
    await connection.call('eth_unsubscribe', id);
    await subscribe('logs', wide);
    other.session.close();
    for (let count = 1; count < fitting; count += 1) await subscribe('logs', wide);
  });
});

describe('a connection', () => {
  it('answers everything else as a request would be answered', async () => {
    expect(await connection.call('eth_chainId')).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: '0x7a69',
    });
    expect(JSON.parse((await connection.session.handle('{')) ?? '').error.code).toBe(-32700);
    expect(
      await connection.session.handle('{"jsonrpc":"2.0","method":"eth_chainId"}'),
    ).toBeUndefined();
  });

  it('of a foreign page may watch, but not control', async () => {
    const foreign = connect('https://attacker.example');
    expect((await foreign.call('eth_subscribe', 'newHeads')).result).toMatch(/^0x/);
    expect((await foreign.call('evm_mine')).error.code).toBe(-32000);
  });
});
