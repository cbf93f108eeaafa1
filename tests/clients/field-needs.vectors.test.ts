import { toHex } from '@lucerna/base';
import { selectorOfSignature } from '@lucerna/protocol';
import { createDevNode, type DevNode } from '@lucerna/sdk';
import { compile } from '@lucerna/zexus';
import { afterAll, beforeAll, expect } from 'vitest';
import { vectorSuite } from '../../tools/src/vectors.ts';
import { devAccount } from '../support/dev-accounts.ts';
import type { Exchange } from '../support/recording-proxy.ts';
import { conformanceFindings } from '../support/rpc-conformance.ts';

// Every field whose removal broke a client is in our answers, in a form that works, and the
// comparison that the client tests rely on notices when it is not.

const EMITTER = {
  name: 'emitter.zx',
  text: `contract Emitter {
    data calls: integer
    event Made(by: address indexed, calls: integer)
    init() { emit Made(TX.caller, calls) }
    action refuse() { require(false, "refused") }
  }`,
};

let node: DevNode;
let hash: unknown;
let emitter: unknown;
const refusal = toHex(selectorOfSignature('refuse()'));

beforeAll(async () => {
  node = await createDevNode();
  const [contract] = compile(EMITTER).contracts;
  if (contract === undefined) throw new Error('the contract of this test does not compile');
  // Its constructor makes the log that the receipt and eth_getLogs answer with.
  const deployment = { from: devAccount(0).address, data: toHex(contract.bytecode) };
  hash = await node.provider.request({ method: 'eth_sendTransaction', params: [deployment] });
  const receipt = await node.provider.request({
    method: 'eth_getTransactionReceipt',
    params: [hash],
  });
  emitter = (receipt as { readonly contractAddress: string }).contractAddress;
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
    eth_call: [{ to: emitter, data: refusal }],
    eth_getLogs: [{ fromBlock: 'earliest', toBlock: 'latest' }],
  };
  const asked = params[method] ?? [];
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: asked });
  return { method, params: asked, answer: JSON.parse((await node.rpc.handle(body, {})) ?? '') };
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

/** What was changed of the error of a revert. */
const revertChanges: Readonly<Record<string, object>> = {
  'revert error code -32000 with data': { code: -32_000 },
  'revert error code 3 without data': { data: undefined },
  'revert error data as object {data:0x}': { data: { data: '0x' } },
  'revert message "oops" (no word revert) code 3 + data': { message: 'oops' },
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
  const revertChange = revertChanges[name];
  if (revertChange !== undefined) {
    const exchange = await ask('eth_call');
    return {
      ...exchange,
      answer: { error: { ...exchange.answer.error, ...revertChange } } as never,
    };
  }
  const inBlock = /^block\.transactions\[\]\.(\w+)$/.exec(name)?.[1];
  if (inBlock !== undefined) {
    return withResult(await ask('eth_getBlockByNumber'), (result) => {
      const [first] = result['transactions'] as Record<string, Json>[];
      remove(first ?? {}, inBlock);
    });
  }
  const inReceipt = /^receipt\.logs\[\]\.(\w+)$/.exec(name)?.[1];
  if (inReceipt !== undefined) {
    return withResult(await ask('eth_getTransactionReceipt'), (result) => {
      const [first] = result['logs'] as Record<string, Json>[];
      remove(first ?? {}, inReceipt);
    });
  }
  const [method = '', field = ''] = name.split('.');
  return withResult(await ask(method), (result) => {
    remove(Array.isArray(result) ? (result[0] ?? {}) : result, field);
  });
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

/** The method whose answer the mutation changes. */
function methodOf(name: string): string {
  if (name.startsWith('revert ')) return 'eth_call';
  if (name.startsWith('receipt.logs[]')) return 'eth_getTransactionReceipt';
  const intact = valueChanges[name]?.[0] ?? name.split('.')[0] ?? '';
  return intact.startsWith('eth_') ? intact : 'eth_getBlockByNumber';
}

type NeedsFile = { readonly breaks: Readonly<Record<string, unknown>> };

vectorSuite<NeedsFile, unknown>('rpc/client-field-needs.json', {
  cases: (document) => Object.entries(document.breaks),
  check: async (_clients, name) => {
    expect(conformanceFindings([await ask(methodOf(name))])).toEqual([]);
    expect(conformanceFindings([await mutate(name)])).not.toEqual([]);
  },
  notApplicable: {
    'response id as string': 'ids belong to the transport: tests/protocol sends ids of every kind',
  },
});
