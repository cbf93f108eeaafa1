import { METHODS } from '@lucerna/api';
import { fromHex, toHex } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { recoverTransaction, transactionToJson } from '@lucerna/protocol';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { expect } from 'vitest';
import { vectorSuite } from '../../../tools/src/vectors.ts';
import { type Answer, type Client, createClient } from './support/client.ts';
import {
  ALICE,
  BURNER,
  createFakeNode,
  ECHO,
  LOGGER,
  REVERTER,
  signed,
  transfer,
} from './support/fake-node.ts';

type MethodEntry = { readonly result?: { readonly schema: object } };
type Document = {
  readonly methods: Readonly<Record<string, MethodEntry>>;
  readonly supplement: {
    readonly methods: Readonly<Record<string, MethodEntry>>;
    readonly notifications: Readonly<Record<string, object>>;
    readonly response: object;
    readonly revertError: object;
  };
};
type Needs = { readonly breaks: Readonly<Record<string, object>> };

// One property whose schemas come from elsewhere: the strict mode of ajv would refuse some of them.
const ajv = new Ajv2019({ strict: false });
const alice = toHex(ALICE);
const echo = toHex(ECHO);
const HEIGHTS = ['0x0', '0x1', '0x2', '0x3'];

let document: Document | undefined;

// Every method of the specification: what is served answers by its schema, the rest is refused.
vectorSuite<Document, MethodEntry>('rpc/openrpc-schemas.json', {
  cases: (read) => {
    document = read;
    return Object.entries(read.methods);
  },
  check: async (entry, name) => {
    const client = createClient(await createFakeNode());
    if (METHODS.has(name)) await checkAnswers(client, name, entry);
    else expect((await client.error(name)).code).toBe(-32601);
    // These are specified nowhere else; they ride on one of the cases.
    if (name === 'net_version') await checkSupplement(client);
  },
});

async function checkSupplement(client: Client): Promise<void> {
  const { methods, response, revertError } = (document as Document).supplement;
  for (const [name, entry] of Object.entries(methods)) {
    if (!name.endsWith('subscribe')) await checkAnswers(client, name, entry);
  }
  await checkNotifications();
  const reverted = await client.call('eth_call', [{ to: toHex(REVERTER), data: '0x12' }]);
  expectValid(response, reverted, 'a response with an error');
  expectValid(revertError, reverted.error, 'the error of a revert');
  expectValid(response, await client.call('eth_chainId'), 'a response with a result');
}

/** Every kind of subscription, with a new block that has a transaction with logs. */
async function checkNotifications(): Promise<void> {
  const { notifications, methods } = (document as Document).supplement;
  const node = await createFakeNode();
  const { rpc } = createClient(node);
  const texts: string[] = [];
  const session = rpc.openSession({}, (text) => texts.push(text));
  const call = async (method: string, ...params: readonly unknown[]): Promise<Answer> => {
    const before = texts.length;
    const text = await session.handle(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    const { result } = JSON.parse(text ?? texts[before] ?? '');
    expectValid(methods[method]?.result?.schema ?? {}, result, method);
    return result;
  };
  const schemas = new Map<string, object>();
  for (const kind of ['newHeads', 'logs', 'newPendingTransactions', 'syncing']) {
    schemas.set(await call('eth_subscribe', kind), notifications[kind] ?? {});
  }
  texts.splice(0, texts.length - 1);
  await node.sendRaw(signed(1, transfer({ nonce: 2n, to: LOGGER })).raw);
  await node.mine({});
  const told = new Set<string>();
  for (const text of texts) {
    const message = JSON.parse(text);
    expectValid(notifications['envelope'] ?? {}, message, 'a notification');
    const { subscription, result } = message.params;
    expectValid(schemas.get(subscription) ?? {}, result, text);
    told.add(subscription);
  }
  expect(told).toEqual(new Set(schemas.keys()));
  for (const id of schemas.keys()) expect(await call('eth_unsubscribe', id)).toBe(true);
}

async function checkAnswers(client: Client, name: string, entry: MethodEntry): Promise<void> {
  const calls = await sampleCalls(client, name);
  expect(calls.length).toBeGreaterThan(0);
  for (const params of calls) {
    const result = await client.result(name, ...params);
    const asSpecified = SPECIFIED_FORMS[name]?.(result) ?? result;
    expectValid(entry.result?.schema ?? {}, asSpecified, `${name} ${JSON.stringify(params)}`);
  }
}

// Where clients need another form than the specified one, what makes that of ours.
const SPECIFIED_FORMS: Readonly<Record<string, (ours: string) => object>> = {
  // ethers, viem and alloy send on what they get, so it is the bytes alone, as anvil answers.
  eth_signTransaction: (raw) => {
    const signedTransaction = recoverTransaction(fromHex(raw), pureSignatureEngine);
    return { raw, tx: transactionToJson(signedTransaction) };
  },
};

function expectValid(schema: object, value: unknown, what: string): void {
  const validate = ajv.compile(schema);
  validate(value);
  expect(validate.errors, `${what}: ${JSON.stringify(value)?.slice(0, 2_000)}`).toBeNull();
}

/** Arguments with which a method gives each kind of answer that it can give. */
async function sampleCalls(client: Client, name: string): Promise<readonly (readonly Answer[])[]> {
  const blocks = await Promise.all(
    HEIGHTS.map((height) => client.result('eth_getBlockByNumber', height, false)),
  );
  const hashes = blocks.map(({ hash }: Answer) => hash);
  const transactions: readonly string[] = blocks.flatMap((block: Answer) => block.transactions);
  const missing = `0x${'ab'.repeat(32)}`;
  const [logFilter, blockFilter, pendingFilter] = await Promise.all([
    client.result('eth_newFilter', { fromBlock: '0x0' }),
    client.result('eth_newBlockFilter'),
    client.result('eth_newPendingTransactionFilter'),
  ]);
  if (name === 'eth_getFilterChanges') {
    // An empty list would match the schema twice.
    await client.result('eth_sendRawTransaction', toHex(signed(2, transfer({ nonce: 2n })).raw));
    await client.result('evm_mine');
  }
  const account = [[alice], [alice, 'pending'], [echo, '0x1'], [echo, { blockHash: hashes[0] }]];
  const byHash = [...transactions, missing].map((hash) => [hash]);
  const call = { from: alice, to: echo, data: '0x01', input: '0x01', value: '0x0' };
  const { raw } = signed(1, transfer({ nonce: 2n }));
  const samples: Readonly<Record<string, readonly (readonly Answer[])[]>> = {
    eth_getBlockByNumber: [
      ...HEIGHTS.flatMap((height) => [
        [height, true],
        [height, false],
      ]),
      ['pending', false],
      ['0x9', true],
    ],
    eth_getBlockByHash: [...hashes, missing].flatMap((hash) => [
      [hash, true],
      [hash, false],
    ]),
    eth_getBlockReceipts: [...HEIGHTS, ...hashes, 'pending', '0x9'].map((block) => [block]),
    eth_getBlockTransactionCountByNumber: [...HEIGHTS, 'pending', '0x9'].map((block) => [block]),
    eth_getBlockTransactionCountByHash: [...hashes, missing].map((hash) => [hash]),
    eth_getTransactionByHash: byHash,
    eth_getTransactionReceipt: byHash,
    eth_getTransactionByBlockHashAndIndex: hashes.flatMap((hash) => [
      [hash, '0x0'],
      [hash, '0x2'],
    ]),
    eth_getTransactionByBlockNumberAndIndex: HEIGHTS.flatMap((height) => [[height, '0x1']]),
    eth_getBalance: account,
    eth_getTransactionCount: account,
    eth_getCode: account,
    eth_getStorageAt: [
      [alice, '0x0'],
      [echo, '0x1', 'latest'],
    ],
    eth_getProof: [
      [alice, []],
      [echo, ['0x0', missing], '0x1'],
      [`0x${'77'.repeat(20)}`, ['0x1'], 'pending'],
    ],
    eth_getLogs: [
      [{ fromBlock: 'earliest', toBlock: 'latest' }],
      // An empty list would match the schema twice: as logs and as the hashes of a block filter.
      [{ blockHash: hashes[2], address: echo, topics: [null, [missing]] }],
    ],
    eth_call: [[call], [{}], [call, 'pending']],
    eth_estimateGas: [[call], [call, 'latest']],
    eth_createAccessList: [[call], [call, 'pending'], [{ to: toHex(REVERTER) }]],
    eth_simulateV1: [
      [{ blockStateCalls: [{ calls: [call, { to: toHex(REVERTER), data: '0x01' }] }, {}] }],
      [{ blockStateCalls: [{ calls: [{ to: toHex(BURNER) }, { to: toHex(LOGGER) }] }] }, 'latest'],
    ],
    eth_fillTransaction: [[{ from: alice, to: echo }], [{ from: alice, data: '0x01' }]],
    eth_signTransaction: [[{ from: alice, to: echo, value: '0x1' }]],
    eth_sign: [[alice, '0x68656c6c6f']],
    eth_getStorageValues: [[{ [alice]: ['0x0'], [echo]: ['0x1', missing] }, 'latest'], [{}]],
    eth_newFilter: [[{}], [{ fromBlock: 'earliest', address: [echo], topics: [null] }]],
    eth_getFilterChanges: [[logFilter], [blockFilter], [pendingFilter]],
    eth_getFilterLogs: [[logFilter]],
    eth_uninstallFilter: [[blockFilter], [missing]],
    eth_getUncleCountByBlockNumber: [['0x1'], ['pending'], ['0x9']],
    eth_getUncleCountByBlockHash: [[hashes[1]], [missing]],
    eth_getUncleByBlockNumberAndIndex: [['0x1', '0x0']],
    txpool_contentFrom: [[alice], [echo]],
    debug_getRawHeader: [['0x1'], ['latest']],
    debug_getRawBlock: [['0x1'], ['latest']],
    debug_getRawReceipts: [['0x1'], ['latest']],
    debug_getRawTransaction: transactions.map((hash) => [hash]),
    debug_traceTransaction: transactions.map((hash) => [hash]),
    debug_traceBlockByHash: [[hashes[1]]],
    debug_traceBlockByNumber: [['0x1'], ['0x3']],
    eth_feeHistory: [
      ['0x4', 'latest', [0, 50, 100]],
      ['0x1', '0x1', []],
      ['0x2', 'pending'],
    ],
    eth_sendRawTransaction: [[toHex(raw)]],
    eth_sendTransaction: [[{ from: alice, to: echo, value: '0x1' }]],
    web3_sha3: [['0x00']],
  };
  return samples[name] ?? [[]];
}

// Every mutation of an answer that broke a client: ours has the form that works.
vectorSuite<Needs, object>('rpc/client-field-needs.json', {
  cases: (read) => Object.entries(read.breaks),
  check: async (_value, name) => {
    const client = createClient(await createFakeNode());
    const special = SPECIAL_NEEDS[name];
    if (special !== undefined) {
      await special(client);
      return;
    }
    const [subject, field] = splitNeed(name);
    const answers = await SUBJECTS[subject]?.(client);
    expect(answers?.length ?? 0, subject).toBeGreaterThan(0);
    for (const answer of answers ?? []) {
      expect(answer, `${subject} ${field}`).toHaveProperty(field);
      if (!NULLABLE.has(field)) expect(answer[field], `${subject} ${field}`).not.toBeNull();
    }
  },
});

// Null where a transaction creates nothing.
const NULLABLE: ReadonlySet<string> = new Set(['contractAddress']);

function splitNeed(name: string): readonly [subject: string, field: string] {
  const dot = name.lastIndexOf('.');
  return [name.slice(0, dot), name.slice(dot + 1)];
}

async function blocksOf(client: Client, full: boolean): Promise<readonly Answer[]> {
  return Promise.all(HEIGHTS.map((height) => client.result('eth_getBlockByNumber', height, full)));
}

async function transactionsOf(client: Client): Promise<readonly Answer[]> {
  return (await blocksOf(client, true)).flatMap(({ transactions }) => transactions);
}

async function receiptsOf(client: Client): Promise<readonly Answer[]> {
  const hashes = (await transactionsOf(client)).map(({ hash }) => hash);
  return Promise.all(hashes.map((hash) => client.result('eth_getTransactionReceipt', hash)));
}

async function foundLogsOf(client: Client): Promise<readonly Answer[]> {
  return client.result('eth_getLogs', { fromBlock: '0x0', toBlock: 'latest' });
}

async function logsOf(client: Client): Promise<readonly Answer[]> {
  return (await receiptsOf(client)).flatMap(({ logs }) => logs);
}

/** All answers of the kind that a need speaks about. */
const SUBJECTS: Readonly<Record<string, (client: Client) => Promise<readonly Answer[]>>> = {
  eth_getBlockByNumber: (client) => blocksOf(client, false),
  eth_getBlockByHash: async (client) =>
    Promise.all(
      (await blocksOf(client, false)).map(({ hash }) =>
        client.result('eth_getBlockByHash', hash, false),
      ),
    ),
  eth_getTransactionByHash: async (client) =>
    Promise.all(
      (await transactionsOf(client)).map(({ hash }) =>
        client.result('eth_getTransactionByHash', hash),
      ),
    ),
  eth_getTransactionReceipt: receiptsOf,
  eth_getLogs: foundLogsOf,
  'receipt.logs[]': logsOf,
  'block.transactions[]': transactionsOf,
  eth_feeHistory: async (client) => [await client.result('eth_feeHistory', '0x4', 'latest', [50])],
};

async function expectEach(
  answers: Promise<readonly Answer[]>,
  field: string,
  form: RegExp,
): Promise<void> {
  for (const answer of await answers) expect(answer[field]).toMatch(form);
}

async function expectRevert(client: Client): Promise<void> {
  for (const data of ['0x', '0x1234']) {
    const error = await client.error('eth_call', { to: toHex(REVERTER), data });
    expect(error).toEqual({ code: 3, message: expect.stringMatching(/revert/), data });
  }
}

const SPECIAL_NEEDS: Readonly<Record<string, (client: Client) => Promise<void>>> = {
  'receipt.status as JSON boolean': (client) =>
    expectEach(receiptsOf(client), 'status', /^0x[01]$/),
  'tx.type 0x2a unknown': (client) => expectEach(transactionsOf(client), 'type', /^0x[012]$/),
  'revert error code -32000 with data': expectRevert,
  'revert error code 3 without data': expectRevert,
  'revert error data as object {data:0x}': expectRevert,
  'revert message "oops" (no word revert) code 3 + data': expectRevert,
  'block.nonce 0x0 (short)': (client) =>
    expectEach(blocksOf(client, false), 'nonce', /^0x[0-9a-f]{16}$/),
  'block.logsBloom null': (client) =>
    expectEach(blocksOf(client, false), 'logsBloom', /^0x[0-9a-f]{512}$/),
  'block.logsBloom 0x': (client) =>
    expectEach(blocksOf(client, false), 'logsBloom', /^0x[0-9a-f]{512}$/),
  'block.miner null': (client) => expectEach(blocksOf(client, false), 'miner', /^0x[0-9a-f]{40}$/),
  'both result and error:null present': async (client) => {
    expect(Object.keys(await client.call('eth_chainId'))).toEqual(['jsonrpc', 'id', 'result']);
    expect(Object.keys(await client.call('eth_nothing'))).toEqual(['jsonrpc', 'id', 'error']);
  },
  'response id as string': async (client) => {
    expect((await client.call('eth_chainId')).id).toBe(1);
  },
};
