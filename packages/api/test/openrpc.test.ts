import { distinctMethods, METHODS, resultSchema } from '@lucerna/api';
import { toHex } from '@lucerna/base';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Client, createClient } from './support/client.ts';
import { ALICE, createFakeNode, ECHO, REVERTER } from './support/fake-node.ts';

let client: Client;
let document: Answer;

beforeAll(async () => {
  client = createClient(await createFakeNode());
  document = await client.result('rpc.discover');
});

/** A check of answers against a schema of the document. */
function validator(schema: object): (value: unknown) => string {
  const ajv = new Ajv2019({ strict: false });
  const validate = ajv.compile({ ...schema, components: document.components });
  return (value) => (validate(value) ? '' : ajv.errorsText(validate.errors));
}

describe('rpc.discover', () => {
  it('describes every method once, in order, with its other names', () => {
    expect(document).toMatchObject({
      openrpc: '1.3.2',
      info: { title: expect.any(String), version: '0.0.0-test' },
    });
    const described = document.methods.flatMap((each: Answer) => [each.name, ...each['x-aliases']]);
    expect(described.sort()).toEqual([...METHODS.keys()].sort());
    const names = document.methods.map(({ name }: Answer) => name);
    expect(names).toEqual([...names].sort());
  });

  it('has a schema for every argument and every result, which refers to nothing else', () => {
    for (const method of document.methods) {
      for (const param of method.params) {
        expect(validator(param.schema)).toBeTypeOf('function');
      }
      expect(Object.keys(method.result.schema), `${method.name} result`).not.toEqual([]);
      expect(validator(method.result.schema)).toBeTypeOf('function');
    }
  });

  it('puts arguments that may be missing after those that may not', () => {
    for (const method of document.methods) {
      const required = method.params.map((param: Answer) => param.required);
      expect(required, method.name).toEqual([...required].sort().reverse());
    }
  });

  it('marks what foreign pages may not call', () => {
    const marks = new Map(
      document.methods.map((each: Answer) => [each.name, each['x-restricted']] as const),
    );
    expect(marks.get('anvil_setBalance')).toBe(true);
    expect(marks.get('evm_mine')).toBe(true);
    expect(marks.get('eth_call')).toBe(false);
  });

  it('is known by both of its names', async () => {
    expect(await client.result('rpc_discover')).toEqual(document);
  });
});

const alice = toHex(ALICE);
const hash = `0x${'ab'.repeat(32)}`;

// Arguments for those that need some; the others are called without.
const SAMPLES: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  eth_getBlockByNumber: [['0x1', true], ['0x1', false], ['0x9'], ['latest', true]],
  eth_getBlockReceipts: [['0x1'], ['0x9']],
  eth_call: [[{ to: toHex(ECHO), data: '0x01' }]],
  eth_estimateGas: [[{ to: alice }]],
  eth_getBalance: [[alice]],
  eth_getProof: [[toHex(ECHO), ['0x1']]],
  eth_getStorageAt: [[toHex(ECHO), '0x1']],
  eth_getLogs: [[{ fromBlock: 'earliest' }]],
  eth_feeHistory: [['0x3', 'latest', [50]], ['0x1']],
  eth_getTransactionByHash: [[hash]],
  eth_getTransactionByBlockNumberAndIndex: [
    ['0x1', '0x1'],
    ['pending', '0x0'],
    ['0x1', '0x9'],
  ],
  eth_sign: [[alice, '0x01']],
  personal_sign: [['0x01', alice]],
  eth_signTransaction: [[{ from: alice, to: alice }]],
  eth_fillTransaction: [[{ from: alice, to: alice }]],
  eth_createAccessList: [[{ from: alice, to: toHex(ECHO) }], [{ to: toHex(REVERTER) }]],
  eth_getAccount: [[alice]],
  eth_getAccountInfo: [[alice]],
  eth_getHeaderByNumber: [['0x1'], ['0x9']],
  eth_getRawTransactionByHash: [[hash]],
  eth_getRawTransactionByBlockNumberAndIndex: [['0x1', '0x1']],
  eth_getStorageValues: [[{ [toHex(ECHO)]: ['0x1'] }]],
  eth_getTransactionBySenderAndNonce: [
    [alice, '0x0'],
    [alice, '0x63'],
  ],
  eth_getUncleByBlockNumberAndIndex: [['0x1', '0x0']],
  eth_getUncleCountByBlockNumber: [['0x1'], ['0x9']],
  eth_newFilter: [[{}]],
  eth_uninstallFilter: [['0x1']],
  eth_simulateV1: [
    [{ blockStateCalls: [{ calls: [{ to: toHex(ECHO) }, { to: toHex(REVERTER) }] }] }],
  ],
  txpool_contentFrom: [[alice]],
  anvil_setBalance: [[alice, 1]],
  anvil_setStorageAt: [[alice, 1, hash]],
  anvil_setPrevRandao: [['0x1']],
  anvil_dropTransaction: [[hash]],
  anvil_setTime: [[5]],
  anvil_increaseTime: [[5]],
  anvil_loadState: [['0x01']],
  evm_revert: [['0x5']],
  debug_traceTransaction: [],
  debug_traceCall: [[{ to: alice }], [{ to: alice }, 'latest', { tracer: 'callTracer' }]],
  debug_traceBlockByNumber: [
    ['0x1'],
    ['0x2', { tracer: 'callTracer' }],
    ['0x1', { tracer: '4byteTracer' }],
  ],
  debug_getRawTransaction: [[hash]],
  debug_getRawReceipts: [['0x1']],
  ots_getBlockDetails: [[1], [99]],
  ots_getBlockTransactions: [
    [1, 0, 2],
    [99, 0, 2],
  ],
  ots_searchTransactionsBefore: [[alice, 0, 5]],
  ots_searchTransactionsAfter: [[alice, 0, 5]],
  ots_getTransactionBySenderAndNonce: [
    [alice, 0],
    [alice, 99],
  ],
  ots_getContractCreator: [[alice]],
  ots_hasCode: [[alice]],
};

it('answers have the form of their schemas', async () => {
  let checked = 0;
  for (const method of distinctMethods(METHODS.values())) {
    const isCallable = method.params.every(({ required }) => !required);
    for (const params of SAMPLES[method.name] ?? (isCallable ? [[]] : [])) {
      const answer = await client.call(method.name, params);
      // What sessions alone can do, or what there is no fake for.
      if (!('result' in answer)) continue;
      const judge = validator(resultSchema(method) as object);
      expect(judge(answer.result), `${method.name} ${JSON.stringify(params)}`).toBe('');
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(60);
  const traced = await client.result('eth_getBlockByNumber', '0x1', false);
  for (const options of [{}, { tracer: 'callTracer', tracerConfig: { withLog: true } }]) {
    const answer = await client.result('debug_traceTransaction', traced.transactions[1], options);
    const schema = document.methods.find(({ name }: Answer) => name === 'debug_traceTransaction');
    expect(validator(schema.result.schema)(answer)).toBe('');
  }
});
