import { apiErrors, apiLimits, createFilters, createJsonRpc, type Filters } from '@lucerna/api';
import { type Clock, isLucernaError, SILENT_LOG, toHex } from '@lucerna/base';
import type { JsonValue } from '@lucerna/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Client, clientOf } from './support/client.ts';
import {
  BOB,
  createFakeNode,
  type FakeNode,
  LOGGER,
  signed,
  transfer,
} from './support/fake-node.ts';

let node: FakeNode;
let client: Client;
let filters: Filters;
let nowMs: number;

const clock: Clock = {
  nowMs: () => nowMs,
  schedule: () => () => undefined,
};

beforeEach(async () => {
  node = await createFakeNode();
  nowMs = 1_700_000_000_000;
  filters = createFilters({ node, clock });
  client = clientOf(createJsonRpc(node, { log: SILENT_LOG, clock, filters }));
});

const missing = `0x${'ab'.repeat(16)}`;
const notFound = { code: -32000, message: 'filter not found' };

const changes = (id: string): Promise<Answer> => client.result('eth_getFilterChanges', id);
const newFilter = (query: object = {}): Promise<string> => client.result('eth_newFilter', query);

/** A block with one transaction that makes two logs. */
async function mineLogs(): Promise<string> {
  const nonce = node.pendingNonce(BOB);
  const { raw, hash } = signed(1, transfer({ nonce, to: LOGGER }));
  await node.sendRaw(raw);
  await node.mine({});
  return toHex(hash);
}

const hashAt = (height: number): string => toHex(node.header(height)!.hash);
const places = (logs: Answer): readonly string[] =>
  logs.map(
    (log: Answer) => `${log.removed ? '-' : '+'}${Number(log.blockNumber)}.${Number(log.logIndex)}`,
  );

describe('every filter', () => {
  it('has a name of its own: a quantity of 16 bytes', async () => {
    const ids = [
      await newFilter(),
      await newFilter(),
      await client.result('eth_newBlockFilter'),
      await client.result('eth_newPendingTransactionFilter'),
    ];
    for (const id of ids) expect(id).toMatch(/^0x[1-9a-f][0-9a-f]{31}$/);
    expect(new Set(ids).size).toBe(4);
  });

  it('is unknown after it was removed, and if it never was', async () => {
    const id = await newFilter();
    expect(await client.result('eth_uninstallFilter', id)).toBe(true);
    expect(await client.result('eth_uninstallFilter', id)).toBe(false);
    for (const unknown of [id, missing, '0x1']) {
      expect(await client.error('eth_getFilterChanges', unknown)).toEqual(notFound);
      expect(await client.error('eth_getFilterLogs', unknown)).toEqual(notFound);
    }
  });

  it('is forgotten when nobody asks for it for five minutes, whatever the clock does', async () => {
    const kept = await newFilter();
    const left = await newFilter();
    nowMs += apiLimits.values.filterIdleMs - 1;
    expect(await changes(kept)).toEqual([]);
    nowMs += 1;
    expect(await client.error('eth_getFilterChanges', left)).toEqual(notFound);
    expect(await changes(kept)).toEqual([]);
    nowMs -= 10 * apiLimits.values.filterIdleMs;
    expect(await client.error('eth_getFilterChanges', kept)).toEqual(notFound);
  });

  it('counts against a limit, which idle ones leave', async () => {
    for (let count = 0; count < apiLimits.values.filters; count += 1) {
      await client.result('eth_newBlockFilter');
    }
    expect((await client.error('eth_newFilter', {})).code).toBe(-32005);
    nowMs += apiLimits.values.filterIdleMs;
    await newFilter();
  });

  it('counts with all that it looks for', async () => {
    const { filterCriteria, logTopicChoices } = apiLimits.values;
    const choices = Array(logTopicChoices).fill(`0x${'11'.repeat(32)}`);
    const address = Array(logTopicChoices).fill(toHex(LOGGER));
    const wide = { address, topics: [choices, null, choices, choices] };
    const fitting = Math.floor(filterCriteria / (4 * logTopicChoices));
    const ids: string[] = [];
    for (let count = 0; count < fitting; count += 1) ids.push(await newFilter(wide));
    expect((await client.error('eth_newFilter', wide)).code).toBe(-32005);
    await newFilter();
    await client.result('eth_uninstallFilter', ids[0]);
    await newFilter(wide);
  });

  it('makes the node talk only while there is one', async () => {
    expect(node.listeners()).toEqual([0, 0]);
    const id = await newFilter();
    expect(node.listeners()).toEqual([1, 1]);
    await client.result('eth_uninstallFilter', id);
    expect(node.listeners()).toEqual([0, 0]);
  });
});

describe('a filter for blocks', () => {
  it('tells each new block once', async () => {
    const id = await client.result('eth_newBlockFilter');
    expect(await changes(id)).toEqual([]);
    await node.mine({});
    await node.mine({});
    expect(await changes(id)).toEqual([hashAt(4), hashAt(5)]);
    expect(await changes(id)).toEqual([]);
  });

  it('tells the blocks that took the place of others', async () => {
    const id = await client.result('eth_newBlockFilter');
    await node.mine({});
    await changes(id);
    node.reorganise(2, 3);
    expect(await changes(id)).toEqual([hashAt(3), hashAt(4), hashAt(5)]);
    node.reorganise(1, 0);
    expect(await changes(id)).toEqual([]);
    await node.mine({});
    expect(await changes(id)).toEqual([hashAt(5)]);
  });

  it('has no logs to give', async () => {
    const id = await client.result('eth_newBlockFilter');
    expect(await client.error('eth_getFilterLogs', id)).toEqual(notFound);
  });
});

describe('a filter for pending transactions', () => {
  it('tells the hash of each once', async () => {
    const id = await client.result('eth_newPendingTransactionFilter');
    expect(await changes(id)).toEqual([]);
    const first = signed(1, transfer({ nonce: 2n }));
    const gap = signed(1, transfer({ nonce: 9n }));
    await node.sendRaw(first.raw);
    await node.sendRaw(gap.raw);
    expect(await changes(id)).toEqual([toHex(first.hash)]);
    expect(await changes(id)).toEqual([]);
    await node.mine({});
    expect(await changes(id)).toEqual([]);
  });

  it('does not tell what was there before', async () => {
    const early = await client.result('eth_newPendingTransactionFilter');
    await node.sendRaw(signed(1, transfer({ nonce: 2n })).raw);
    const late = await client.result('eth_newPendingTransactionFilter');
    expect(await changes(late)).toEqual([]);
    expect(await changes(early)).toHaveLength(1);
  });

  it('misses the oldest when nobody asks for long, and needs no more memory', async () => {
    const id = await client.result('eth_newPendingTransactionFilter');
    const limit = apiLimits.values.filterPending;
    for (let count = 0; count < 2 * limit + 5; count += 1) node.announcePooled(hashOf(count));
    const told = await changes(id);
    expect(told.length).toBeLessThan(2 * limit);
    expect(told.slice(-1)).toEqual([toHex(hashOf(2 * limit + 4))]);
    node.announcePooled(hashOf(7));
    expect(await changes(id)).toEqual([toHex(hashOf(7))]);
  });
});

const hashOf = (number: number): Uint8Array => {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(28, number);
  return hash;
};

describe('a filter for logs', () => {
  it('tells new logs once', async () => {
    const id = await newFilter();
    expect(await changes(id)).toEqual([]);
    const transactionHash = await mineLogs();
    const told = await changes(id);
    expect(places(told)).toEqual(['+4.0', '+4.1']);
    expect(told[0]).toMatchObject({ transactionHash, blockHash: hashAt(4) });
    expect(await changes(id)).toEqual([]);
  });

  it('passes on what it was asked for', async () => {
    const topics = [null, [`0x${'02'.repeat(32)}`]];
    const id = await newFilter({ address: toHex(LOGGER), topics });
    await mineLogs();
    node.logFilters.length = 0;
    await changes(id);
    expect(node.logFilters).toEqual([
      {
        fromHeight: 4,
        toHeight: 4,
        addresses: [LOGGER],
        topics: [[], [new Uint8Array(32).fill(2)]],
      },
    ]);
  });

  it('begins in the past when it names a block there', async () => {
    const id = await newFilter({ fromBlock: '0x2' });
    expect(places(await changes(id))).toEqual(['+2.0', '+2.1', '+2.2', '+2.3']);
    const all = await newFilter({ fromBlock: 'earliest' });
    expect(await changes(all)).toHaveLength(4);
    const fresh = await newFilter({ fromBlock: 'latest' });
    expect(await changes(fresh)).toEqual([]);
  });

  it('ends where its range ends, and begins where it begins', async () => {
    const id = await newFilter({ fromBlock: '0x5', toBlock: '0x6' });
    for (let count = 0; count < 4; count += 1) await mineLogs();
    expect(places(await changes(id))).toEqual(['+5.0', '+5.1', '+6.0', '+6.1']);
    node.reorganise(4, 0);
    expect(places(await changes(id))).toEqual(['-6.0', '-6.1', '-5.0', '-5.1']);
  });

  it('tells what is gone first, the newest block first, then what came', async () => {
    const id = await newFilter();
    await mineLogs();
    await mineLogs();
    const gone = (await changes(id)).map(({ blockHash }: Answer) => blockHash);
    node.reorganise(2, 1);
    await mineLogs();
    const told = await changes(id);
    expect(places(told)).toEqual(['-5.0', '-5.1', '-4.0', '-4.1', '+5.0', '+5.1']);
    expect(
      told
        .slice(0, 4)
        .map(({ blockHash }: Answer) => blockHash)
        .sort(),
    ).toEqual(gone.sort());
    expect(await changes(id)).toEqual([]);
  });

  it('does not tell that something is gone that it has not told', async () => {
    const id = await newFilter();
    await mineLogs();
    node.reorganise(1, 1);
    expect(await changes(id)).toEqual([]);
  });

  it('tells nothing twice when it is asked several times at once', async () => {
    const id = await newFilter();
    await mineLogs();
    const answers = await Promise.all([changes(id), changes(id), changes(id)]);
    expect(answers.map((each) => each.length)).toEqual([2, 0, 0]);
  });

  it('reads anew when blocks are reverted while it reads', async () => {
    const id = await newFilter();
    await mineLogs();
    const read = node.logs.bind(node);
    let times = 0;
    node.logs = async function* (filter) {
      times += 1;
      for await (const log of read(filter)) {
        yield log;
        if (times === 1) node.reorganise(1, 2);
      }
    };
    expect(await changes(id)).toEqual([]);
    expect(times).toBe(2);
  });

  it('gives up when the chain does not stand still, and tells all of it later', async () => {
    const id = await newFilter();
    const read = node.logs.bind(node);
    await mineLogs();
    node.logs = async function* (filter) {
      node.reorganise(1, 1);
      yield* read(filter);
    };
    expect((await client.error('eth_getFilterChanges', id)).code).toBe(-32000);
    node.logs = read;
    await mineLogs();
    expect(places(await changes(id))).toEqual(['+5.0', '+5.1']);
  });

  it('tells too many logs in parts, block by block', async () => {
    const id = await newFilter();
    const { logResults } = apiLimits.values;
    const [one] = (await client.result('eth_getLogs', {
      fromBlock: '0x2',
      toBlock: '0x2',
    })) as Answer;
    expect(one.blockNumber).toBe('0x2');
    for (let count = 0; count < 4; count += 1) await node.mine({});
    const view = await firstLog();
    node.logs = async function* ({ fromHeight, toHeight }) {
      for (let height = fromHeight; height <= toHeight; height += 1) {
        for (let index = 0; index < logResults / 2 + 1; index += 1) yield { ...view, height };
      }
    };
    const heights = async (): Promise<readonly number[]> => [
      ...new Set<number>((await changes(id)).map((log: Answer) => Number(log.blockNumber))),
    ];
    expect(await heights()).toEqual([4, 5]);
    expect(await heights()).toEqual([6, 7]);
    expect(await heights()).toEqual([]);
  });

  it('is forgotten when it cannot be told all that is gone', async () => {
    const id = await newFilter();
    for (let count = 0; count <= apiLimits.values.filterReverts; count += 1) {
      node.reorganise(1, 1);
    }
    expect(await client.error('eth_getFilterChanges', id)).toEqual(notFound);
  });

  it('goes on with what there is when its place was pruned', async () => {
    const id = await newFilter({ fromBlock: '0x1' });
    node.first = 3;
    await mineLogs();
    expect(places(await changes(id))).toEqual(['+4.0', '+4.1']);
  });

  it('cannot be about one block', async () => {
    expect((await client.error('eth_newFilter', { blockHash: hashAt(2) })).code).toBe(-32602);
  });

  it('gives all that it matches as often as it is asked', async () => {
    const id = await newFilter({ fromBlock: '0x0' });
    for (const _ of [1, 2]) expect(await client.result('eth_getFilterLogs', id)).toHaveLength(4);
    const head = await newFilter();
    expect(await client.result('eth_getFilterLogs', head)).toEqual([]);
    await mineLogs();
    expect(await client.result('eth_getFilterLogs', head)).toHaveLength(2);
    const ahead = await newFilter({ fromBlock: '0x2', toBlock: '0x99' });
    expect(await client.result('eth_getFilterLogs', ahead)).toHaveLength(6);
    const future = await newFilter({ fromBlock: '0x98', toBlock: '0x99' });
    expect(await client.result('eth_getFilterLogs', future)).toEqual([]);
  });

  async function firstLog(): Promise<Answer> {
    for await (const view of node.logs({ fromHeight: 2, toHeight: 2, addresses: [], topics: [] })) {
      return view;
    }
    throw new Error('the block has logs');
  }
});

describe('a dump', () => {
  it('takes filters back to their places, also on another node', async () => {
    const query = { fromBlock: '0x1', address: toHex(LOGGER), topics: [null] };
    const logs = await newFilter(query);
    const blocks = await client.result('eth_newBlockFilter');
    await mineLogs();
    const dump = JSON.parse(JSON.stringify(filters.dump()));
    expect(await changes(logs)).toHaveLength(6);
    await client.result('eth_uninstallFilter', blocks);
    filters.restore(dump);
    expect(await changes(logs)).toHaveLength(6);
    expect(await changes(blocks)).toEqual([hashAt(4)]);
    const other = createFilters({ node, clock });
    other.restore(dump);
    expect(await other.changes(logs)).toHaveLength(6);
    expect(other.dump()).not.toEqual(dump);
  });

  it('does not tell what was reverted on the way back to it', async () => {
    const logs = await newFilter();
    const dump = filters.dump();
    await mineLogs();
    const later = await newFilter();
    expect(await changes(logs)).toHaveLength(2);
    node.reorganise(1, 0);
    filters.restore(dump);
    expect(await changes(logs)).toEqual([]);
    expect(await changes(later)).toEqual([]);
    await mineLogs();
    expect(places(await changes(logs))).toEqual(['+4.0', '+4.1']);
    expect(places(await changes(later))).toEqual(['+4.0', '+4.1']);
  });

  it('takes the place of newer filters when there is no room for both', async () => {
    const { filters: max } = apiLimits.values;
    const old = await Promise.all(Array.from({ length: max - 1 }, () => newFilter()));
    const dump = filters.dump();
    for (const id of old) await client.result('eth_uninstallFilter', id);
    const unused = await newFilter();
    nowMs += 1;
    const used = await newFilter();
    filters.restore(dump);
    expect(await client.error('eth_getFilterChanges', unused)).toEqual(notFound);
    for (const id of [used, ...old]) expect(await changes(id)).toEqual([]);
    filters.restore(filters.dump());
    expect(await changes(used)).toEqual([]);
  });

  it.each<[string, JsonValue]>([
    ['nothing', null],
    ['a list', []],
    ['another version', { version: 2, filters: [] }],
    ['no filters', { version: 1 }],
    ['a wrong id', { version: 1, filters: [{ id: '0x1', kind: 'blocks', position: 1 }] }],
    ['a wrong kind', { version: 1, filters: [{ id: missing, kind: 'all', position: 1 }] }],
    ['a wrong place', { version: 1, filters: [{ id: missing, kind: 'blocks', position: 0.5 }] }],
    [
      'a wrong query',
      { version: 1, filters: [{ id: missing, kind: 'logs', position: 1, query: 1 }] },
    ],
    ['too many', { version: 1, filters: Array(apiLimits.values.filters + 1).fill({}) }],
  ])('of %s is refused and changes nothing', async (_name, dump) => {
    const id = await newFilter();
    const before = filters.dump();
    let code: string | undefined;
    try {
      filters.restore(dump);
    } catch (error) {
      code = isLucernaError(error) ? error.code : undefined;
    }
    expect(code).toBe('FILTER_DUMP_INVALID');
    expect(Object.keys(apiErrors.definitions)).toContain(code);
    expect(filters.dump()).toEqual(before);
    expect(await changes(id)).toEqual([]);
  });
});
