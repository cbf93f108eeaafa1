import { METHODS } from '@lucerna/api';
import { toHex } from '@lucerna/base';
import Ajv from 'ajv/dist/2019.js';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { type Answer, type Client, createClient } from './support/client.ts';
import { ACCOUNTS, createFakeNode } from './support/fake-node.ts';

let client: Client;

beforeAll(async () => {
  client = createClient(await createFakeNode());
});

const isResponse = new Ajv.Ajv2019({ strict: false }).compile({
  type: 'object',
  required: ['jsonrpc', 'id'],
  properties: {
    jsonrpc: { const: '2.0' },
    id: { type: ['string', 'number', 'null'] },
    result: {},
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'integer' },
        message: { type: 'string' },
        data: { type: 'string' },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
  oneOf: [{ required: ['result'] }, { required: ['error'] }],
});

function expectWellFormed(answer: Answer): void {
  if (answer === undefined) return;
  const responses: readonly Answer[] = Array.isArray(answer) ? answer : [answer];
  expect(responses.length).toBeGreaterThan(0);
  for (const response of responses) {
    expect(isResponse(response), JSON.stringify(response)).toBe(true);
    expect(response.error?.code, JSON.stringify(client.lines.at(-1))).not.toBe(-32603);
  }
}

const methodName = fc.constantFrom(...METHODS.keys());
const hexArgument = fc.oneof(
  fc.constantFrom(...ACCOUNTS.map(toHex)),
  fc.constantFrom('latest', 'pending', 'earliest', 'safe', 'finalized', '0x0', '0x1', '0x2', '0x9'),
  fc.uint8Array({ maxLength: 40 }).map(toHex),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex),
);
const requestFields = fc.record(
  {
    from: hexArgument,
    to: hexArgument,
    data: hexArgument,
    input: hexArgument,
    value: hexArgument,
    gas: hexArgument,
    gasPrice: hexArgument,
    maxFeePerGas: hexArgument,
    type: fc.constantFrom('0x0', '0x1', '0x2', '0x3'),
    nonce: hexArgument,
    accessList: fc.array(fc.record({ address: hexArgument, storageKeys: fc.array(hexArgument) })),
    blockHash: hexArgument,
    blockNumber: hexArgument,
    timestamp: fc.integer(),
    // Real nodes bound the number of blocks; the fake one mines one whatever is asked.
    blocks: fc.nat(),
  },
  { requiredKeys: [] },
);
const argument = fc.oneof(
  hexArgument,
  requestFields,
  fc.boolean(),
  fc.double(),
  fc.array(fc.double({ min: 0, max: 100, noNaN: true })),
  fc.jsonValue(),
);
const call = fc.record(
  {
    jsonrpc: fc.constantFrom('2.0', '2.0', '2.0', '1.0'),
    id: fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.string(),
      fc.constant(null),
      fc.jsonValue(),
    ),
    method: fc.oneof({ weight: 5, arbitrary: methodName }, { weight: 1, arbitrary: fc.string() }),
    params: fc.oneof(
      { weight: 5, arbitrary: fc.array(argument, { maxLength: 4 }) },
      fc.jsonValue(),
    ),
  },
  { requiredKeys: ['jsonrpc', 'method'] },
);

describe('the engine', () => {
  it('answers any bytes in proper form', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (body) => {
        expectWellFormed(await client.send(body));
      }),
      runs(300),
    );
  });

  it('answers any JSON in proper form', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 5 }), async (body) => {
        expectWellFormed(await client.send(body));
      }),
      runs(300),
    );
  });

  it('answers any call of its methods in proper form, and never as its own failure', async () => {
    await fc.assert(
      fc.asyncProperty(call, async (body) => {
        expectWellFormed(await client.send(JSON.stringify(body)));
      }),
      runs(1_200),
    );
  });

  it('answers a batch with one answer for every call that is no notification', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(call, fc.jsonValue()), { minLength: 1, maxLength: 6 }),
        async (calls) => {
          const answer = await client.send(JSON.stringify(calls));
          expectWellFormed(answer);
          const silent = calls.filter(isNotification).length;
          expect(answer?.length ?? 0).toBe(calls.length - silent);
        },
      ),
      runs(300),
    );
  });
});

function isNotification(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || 'id' in value) return false;
  return (
    'jsonrpc' in value &&
    value.jsonrpc === '2.0' &&
    'method' in value &&
    typeof value.method === 'string'
  );
}
