import { apiErrors, apiLimits, createJsonRpc, Departure } from '@lucerna/api';
import { type Clock, SILENT_LOG, toHex } from '@lucerna/base';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Client, createClient } from './support/client.ts';
import { coded, createFakeNode, type FakeNode, GIANT } from './support/fake-node.ts';

let node: FakeNode;
let client: Client;

beforeAll(async () => {
  node = await createFakeNode();
  client = createClient(node);
});

const chainId = (id: string): string => `{"jsonrpc":"2.0","id":${id},"method":"eth_chainId"}`;
const invalid = (id: unknown): Answer => ({
  jsonrpc: '2.0',
  id,
  error: { code: -32600, message: expect.any(String) },
});

describe('a single request', () => {
  it('is answered with its id and result only', async () => {
    expect(await client.send(chainId('7'))).toEqual({ jsonrpc: '2.0', id: 7, result: '0x7a69' });
  });

  it.each([
    ['', 'nothing'],
    ['{"jsonrpc":"2.0","id":1,"method":"eth_chainId"', 'truncated'],
    ["{'jsonrpc':'2.0'}", 'not JSON'],
    ['{} {}', 'two values'],
  ])('that does not parse is -32700 with id null: %s (%s)', async (body) => {
    const { id, error } = await client.send(body);
    expect({ id, code: error.code }).toEqual({ id: null, code: -32700 });
  });

  it('that is not UTF-8 is -32700', async () => {
    const { error } = await client.send(Uint8Array.of(0x22, 0xff, 0x22));
    expect(error.code).toBe(-32700);
  });

  it('may come as bytes', async () => {
    const { result } = await client.send(new TextEncoder().encode(chainId('"ü"')));
    expect(result).toBe('0x7a69');
  });

  it.each([
    ['1', null],
    ['"eth_chainId"', null],
    ['null', null],
    ['true', null],
    ['{}', null],
    ['{"id":4}', 4],
    ['{"id":"a","jsonrpc":"1.0","method":"eth_chainId"}', 'a'],
    ['{"id":4,"method":"eth_chainId"}', 4],
    ['{"id":4,"jsonrpc":2.0,"method":"eth_chainId"}', 4],
    ['{"id":4,"jsonrpc":"2.0"}', 4],
    ['{"id":4,"jsonrpc":"2.0","method":1}', 4],
    ['{"id":{},"jsonrpc":"2.0","method":"eth_chainId"}', null],
    ['{"id":[1],"jsonrpc":"2.0","method":"eth_chainId"}', null],
    ['{"id":true,"jsonrpc":"2.0","method":"eth_chainId"}', null],
  ])('that is no request is -32600: %s', async (body, id) => {
    expect(await client.send(body)).toEqual(invalid(id));
  });

  it('with an unreasonably long id, method name or nesting is -32600', async () => {
    const { requestIdChars, methodNameChars, jsonDepth } = apiLimits.values;
    const long = 'x'.repeat(requestIdChars);
    expect(await client.send(chainId(`"${long}"`))).toEqual(invalid(null));
    const name = 'x'.repeat(methodNameChars + 1);
    expect(await client.call(name)).toEqual(invalid(1));
    expect((await client.error('x'.repeat(methodNameChars))).code).toBe(-32601);
    const nest = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    const body = (depth: number): string =>
      `{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":${nest(depth - 1)}}`;
    expect((await client.send(body(jsonDepth))).error.code).toBe(-32602);
    expect(await client.send(body(jsonDepth + 1))).toEqual(invalid(null));
    expect(await client.send(body(1_000_000))).toEqual(invalid(null));
  });

  it('longer than the limit is -32600', async () => {
    const body = ' '.repeat(apiLimits.values.bodyBytes + 1);
    expect(await client.send(body)).toEqual(invalid(null));
  });
});

describe('the id', () => {
  it.each([
    'null',
    '0',
    '-1',
    '"1"',
    '""',
    '"\\u0000\\n\\"é"',
    '1.5',
    '-0.125',
    '9007199254740991',
    '9007199254740993',
    '12345678901234567890',
    '0.1000000000000000055511151231257827',
    '1e400',
  ])('is repeated as it is: %s', async (id) => {
    const expected = (text: string): string => `{"jsonrpc":"2.0","id":${text},"result":"0x7a69"}`;
    expect(await client.rpc.handle(chainId(id), {})).toBe(expected(JSON_TEXT[id] ?? id));
    const batch = `[${chainId('1')},${chainId(id)}]`;
    expect(await client.rpc.handle(batch, {})).toBe(
      `[${expected('1')},${expected(JSON_TEXT[id] ?? id)}]`,
    );
  });

  it('is not confused with an id among the parameters', async () => {
    const body = `{"jsonrpc":"2.0","params":[{"id":1.25}],"id":2.75,"method":"eth_accounts"}`;
    expect((await client.send(body)).id).toBe(2.75);
  });
});

// The same text with other escapes.
const JSON_TEXT: Readonly<Record<string, string>> = { '"\\u0000\\n\\"é"': '"\\u0000\\n\\"é"' };

describe('a notification', () => {
  it('is executed and not answered', async () => {
    const before = node.mined.length;
    expect(await client.send('{"jsonrpc":"2.0","method":"evm_mine"}')).toBeUndefined();
    expect(node.mined.length).toBe(before + 1);
  });

  it('is not answered when it fails either', async () => {
    expect(await client.send('{"jsonrpc":"2.0","method":"eth_nothing"}')).toBeUndefined();
    expect(
      await client.send('{"jsonrpc":"2.0","method":"eth_getBalance","params":[]}'),
    ).toBeUndefined();
  });
});

describe('a batch', () => {
  it('of nothing is a single -32600', async () => {
    expect(await client.send('[]')).toEqual(invalid(null));
  });

  it('is answered in the order of its requests; notifications have no entry', async () => {
    const body = `[${chainId('"b"')},1,{"jsonrpc":"2.0","method":"eth_chainId"},{"id":3},${chainId('"a"')}]`;
    const answers = await client.send(body);
    expect(answers.map(({ id }: Answer) => id)).toEqual(['b', null, 3, 'a']);
    expect(answers[1]).toEqual(invalid(null));
    expect(answers[2]).toEqual(invalid(3));
  });

  it('runs one request after the other', async () => {
    const head = await client.result('eth_blockNumber');
    const number = '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber"}';
    const mine = '{"jsonrpc":"2.0","id":2,"method":"evm_mine"}';
    const [before, , after] = await client.send(`[${number},${mine},${number}]`);
    expect([before.result, after.result].map(Number)).toEqual([Number(head), Number(head) + 1]);
  });

  it('lets the rest of the process go first when it has been at it for long', async () => {
    const turnMs = apiLimits.values.batchTurnMs;
    const batch = `[${Array(10).fill(chainId('1')).join(',')}]`;
    const pausesWhen = async (stepMs: number): Promise<number> => {
      let nowMs = 0;
      let pauses = 0;
      const clock: Clock = {
        nowMs: () => {
          nowMs += stepMs;
          return nowMs;
        },
        schedule: (delayMs, task) => {
          expect(delayMs).toBe(0);
          pauses += 1;
          setTimeout(task);
          return () => undefined;
        },
      };
      const rpc = createJsonRpc(node, { log: SILENT_LOG, clock });
      expect(JSON.parse((await rpc.handle(batch, {})) ?? '')).toHaveLength(10);
      return pauses;
    };
    expect(await pausesWhen(0)).toBe(0);
    expect(await pausesWhen(turnMs / 4)).toBe(2);
    expect(await pausesWhen(turnMs)).toBe(10);
    expect(await pausesWhen(-turnMs)).toBe(10);
  });

  it('is not run further when its caller has gone', async () => {
    const mine = '{"jsonrpc":"2.0","id":1,"method":"evm_mine"}';
    const run = async (begin: (body: string) => Promise<string | undefined>): Promise<number> => {
      const before = node.head().header.height;
      expect(await begin(`[${mine},${mine},${mine}]`)).toBeUndefined();
      return node.head().header.height - before;
    };
    const departure = new Departure();
    const leave = node.onHead(() => departure.announce());
    expect(await run((body) => client.rpc.handle(body, {}, departure))).toBe(1);
    expect(await run((body) => client.rpc.handle(body, {}, departure))).toBe(0);
    leave();
    const session = client.rpc.openSession({}, () => undefined);
    node.onHead(() => session.close());
    expect(await run((body) => session.handle(body))).toBe(1);
  });

  it('of notifications only is not answered', async () => {
    const notification = '{"jsonrpc":"2.0","method":"eth_chainId"}';
    expect(await client.send(`[${notification},${notification}]`)).toBeUndefined();
  });

  it('of too many requests is a single -32600', async () => {
    const max = apiLimits.values.batchEntries;
    const body = (count: number): string => `[${Array(count).fill(chainId('1')).join(',')}]`;
    expect(await client.send(body(max))).toHaveLength(max);
    expect(await client.send(body(max + 1))).toEqual(invalid(null));
  });

  it('whose answers grow too large ends with -32005', async () => {
    const params = [toHex(GIANT)];
    const code = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getCode', params });
    const mine = '{"jsonrpc":"2.0","method":"evm_mine"}';
    const fitting = Math.ceil(apiLimits.values.batchAnswerChars / (2 * 2 ** 20));
    const before = node.mined.length;
    const answers = await client.send(
      `[${Array(fitting + 1)
        .fill(code)
        .join(',')},${mine},${code}]`,
    );
    expect(answers.map(({ error }: Answer) => error?.code)).toEqual([
      ...Array(fitting).fill(undefined),
      -32005,
      -32005,
    ]);
    expect(node.mined.length).toBe(before + 1);
  });
});

describe('what goes wrong inside', () => {
  it('is -32603 and tells the log, not the caller', async () => {
    node.failure = new Error('secret: /home/user/key');
    const error = await client.error('eth_blockNumber');
    expect(error).toEqual({ code: -32603, message: 'internal error' });
    expect(client.lines.at(-1)?.fields['method']).toBe('eth_blockNumber');
    expect(client.lines.at(-1)?.fields['reason']).toContain('secret');
  });

  it('is -32603 for codes that are nobody’s input', async () => {
    node.failure = coded('STORE_WRITE_FAILED', 'The disk at /secret is gone');
    expect(await client.error('eth_blockNumber')).toEqual({
      code: -32603,
      message: 'internal error',
    });
  });

  it('is -32603 whatever is thrown', async () => {
    node.failure = 'text';
    expect((await client.error('eth_blockNumber')).code).toBe(-32603);
  });
});

describe('request(), for callers in the process', () => {
  it('gives the result', async () => {
    expect(await client.rpc.request('eth_chainId')).toBe('0x7a69');
    expect(await client.rpc.request('evm_mine', [])).toBe('0x0');
  });

  it('throws what JSON-RPC would answer', async () => {
    await expect(client.rpc.request('eth_nothing')).rejects.toMatchObject({
      name: 'RpcError',
      code: -32601,
    });
    const reverted = client.rpc.request('eth_call', [{ to: `0x${'ee'.repeat(20)}`, data: '0x01' }]);
    await expect(reverted).rejects.toMatchObject({ code: 3, data: '0x01' });
  });
});

describe('batches at a time', () => {
  it('end in errors when their answers would be too much together, and only then', async () => {
    const params = [toHex(GIANT)];
    const entry = { jsonrpc: '2.0', id: 1, method: 'eth_getCode', params };
    const body = JSON.stringify(Array(12).fill(entry));
    const errorsIn = (answers: Answer): readonly number[] =>
      answers.flatMap((each: Answer) => each.error?.code ?? []);
    const together = await Promise.all(Array.from({ length: 8 }, () => client.send(body)));
    const errors = together.flatMap(errorsIn);
    expect(new Set(errors)).toEqual(new Set([-32005]));
    const served = 8 * 12 - errors.length;
    const fitting = Math.ceil(apiLimits.values.batchesAnswerChars / (2 * 2 ** 20));
    expect(served).toBeGreaterThanOrEqual(fitting);
    // Each of the others may have begun an entry before the sum was reached.
    expect(served).toBeLessThan(fitting + 8);
    expect(errorsIn(await client.send(body))).toEqual([]);
  });
});

describe('a body that its transport does not let in', () => {
  const refuse = (body: string): Answer => {
    const text = client.rpc.refuse(body, apiErrors.create('RPC_SERVER_BUSY'));
    return text === undefined ? undefined : JSON.parse(text);
  };
  const busy = (id: unknown): Answer => ({
    jsonrpc: '2.0',
    id,
    error: { code: -32005, message: expect.stringContaining('too many requests') },
  });

  it('is answered with the ids of its requests, and nothing is run', () => {
    const before = node.mined.length;
    const mine = (id: string): string => `{"jsonrpc":"2.0","id":${id},"method":"evm_mine"}`;
    expect(refuse(mine('7'))).toEqual(busy(7));
    expect(refuse(`[${mine('"a"')},1,${mine('2')}]`)).toEqual([busy('a'), busy(null), busy(2)]);
    expect(node.mined.length).toBe(before);
  });

  it('is not answered when it is not to be', () => {
    const notification = '{"jsonrpc":"2.0","method":"evm_mine"}';
    expect(refuse(notification)).toBeUndefined();
    expect(refuse(`[${notification},${notification}]`)).toBeUndefined();
  });

  it('is told what else is wrong with it', () => {
    expect(refuse('{').error.code).toBe(-32700);
    expect(refuse('[]').error.code).toBe(-32600);
  });
});
