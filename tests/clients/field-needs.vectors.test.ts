import { createDevNode, type DevNode } from '@lucerna/sdk';
import { afterAll, beforeAll, expect } from 'vitest';
import { vectorSuite } from '../../tools/src/vectors.ts';
import { devAccount } from '../support/dev-accounts.ts';
import type { Exchange } from '../support/recording-proxy.ts';
import { conformanceFindings } from '../support/rpc-conformance.ts';

// Every field whose removal broke a client is in our answers, in a form that works, and the
// comparison that the client tests rely on notices when it is not.

let node: DevNode;
let hash: unknown;

beforeAll(async () => {
  node = await createDevNode();
  const transfer = { from: devAccount(0).address, to: devAccount(1).address, value: '0x1' };
  hash = await node.provider.request({ method: 'eth_sendTransaction', params: [transfer] });
});

afterAll(() => node.close());

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** How to ask for each object that was mutated. */
async function ask(method: string): Promise<Exchange> {
  const block = (await node.provider.request({
    method: 'eth_getBlockByNumber',
    params: ['latest', true],
  })) as { readonly hash: string };
  const params: Readonly<Record<string, readonly unknown[]>> = {
    eth_getBlockByNumber: ['latest', true],
    eth_getBlockByHash: [block.hash, true],
    eth_getTransactionByHash: [hash],
    eth_getTransactionReceipt: [hash],
    eth_feeHistory: ['0x1', 'latest', [25]],
  };
  const asked = params[method] ?? [];
  const result = await node.provider.request({ method, params: asked });
  return { method, params: asked, answer: { result } };
}

/** Changes that are described in words instead of by a path. */
const valueChanges: Readonly<Record<string, readonly [method: string, path: string, value: Json]>> =
  {
    'receipt.status as JSON boolean': ['eth_getTransactionReceipt', 'status', true],
    'tx.type 0x2a unknown': ['eth_getTransactionByHash', 'type', '0x2a'],
    'block.nonce 0x0 (short)': ['eth_getBlockByNumber', 'nonce', '0x0'],
    'block.logsBloom null': ['eth_getBlockByNumber', 'logsBloom', null],
    'block.logsBloom 0x': ['eth_getBlockByNumber', 'logsBloom', '0x'],
    'block.miner null': ['eth_getBlockByNumber', 'miner', null],
  };

/** The exchange with the mutation that `name` describes. */
async function mutate(name: string): Promise<Exchange> {
  const change = valueChanges[name];
  if (change !== undefined) {
    const [method, path, value] = change;
    return withResult(await ask(method), (result) => {
      result[path] = value;
    });
  }
  if (name === 'both result and error:null present') {
    const exchange = await ask('eth_getBlockByNumber');
    return { ...exchange, answer: { ...exchange.answer, error: null } as never };
  }
  const inBlock = /^block\.transactions\[\]\.(\w+)$/.exec(name)?.[1];
  if (inBlock !== undefined) {
    return withResult(await ask('eth_getBlockByNumber'), (result) => {
      const [first] = result['transactions'] as Record<string, Json>[];
      remove(first ?? {}, inBlock);
    });
  }
  const [method = '', field = ''] = name.split('.');
  return withResult(await ask(method), (result) => remove(result, field));
}

function withResult(exchange: Exchange, edit: (result: Record<string, Json>) => void): Exchange {
  const result = structuredClone(exchange.answer.result) as Record<string, Json>;
  edit(result);
  return { ...exchange, answer: { result } };
}

function remove(object: Record<string, Json>, field: string): void {
  expect(object).toHaveProperty(field);
  delete object[field];
}

const noLogs = 'nothing emits logs before contracts exist';
const noReverts = 'nothing reverts before contracts exist';
const logFields = ['address', 'topics', 'data', 'blockNumber', 'blockHash', 'transactionHash'];
const allLogFields = [...logFields, 'transactionIndex', 'logIndex'];

type NeedsFile = { readonly breaks: Readonly<Record<string, unknown>> };

vectorSuite<NeedsFile, unknown>('rpc/client-field-needs.json', {
  cases: (document) => Object.entries(document.breaks),
  check: async (_clients, name) => {
    const intact = valueChanges[name]?.[0] ?? name.split('.')[0] ?? '';
    const method = intact.startsWith('eth_') ? intact : 'eth_getBlockByNumber';
    expect(conformanceFindings([await ask(method)])).toEqual([]);
    expect(conformanceFindings([await mutate(name)])).not.toEqual([]);
  },
  notApplicable: {
    ...Object.fromEntries(allLogFields.map((field) => [`eth_getLogs.${field}`, noLogs])),
    ...Object.fromEntries(allLogFields.map((field) => [`receipt.logs[].${field}`, noLogs])),
    'revert error code -32000 with data': noReverts,
    'revert error code 3 without data': noReverts,
    'revert error data as object {data:0x}': noReverts,
    'revert message "oops" (no word revert) code 3 + data': noReverts,
    'response id as string': 'ids belong to the transport: tests/protocol sends ids of every kind',
  },
});
