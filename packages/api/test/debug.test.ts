import { fromHex, toHex } from '@lucerna/base';
import { keccak256, pureSignatureEngine } from '@lucerna/crypto';
import {
  type CallTrace,
  decodeHeader,
  decodeReceipt,
  encodeErrorString,
  headerHash,
  recoverBlock,
  type TransactionTrace,
} from '@lucerna/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Client, createClient } from './support/client.ts';
import {
  ALICE,
  BOB,
  coded,
  createFakeNode,
  ECHO,
  type FakeNode,
  REVERTER,
} from './support/fake-node.ts';

const hash = `0x${'77'.repeat(32)}`;
const unknown = `0x${'ab'.repeat(32)}`;

let node: FakeNode;
let client: Client;

beforeEach(async () => {
  node = await createFakeNode();
  client = createClient(node);
});

const reason = encodeErrorString('no funds');

function frame(fields: Partial<CallTrace> = {}): CallTrace {
  return {
    ...{ kind: 'call', from: ALICE, to: ECHO, value: 0n, gas: 50_000n, gasUsed: 30_000n },
    ...{ input: fromHex('0xa9059cbb01'), output: new Uint8Array(0) },
    ...{ error: undefined, location: undefined, logs: [], calls: [] },
    ...fields,
  };
}

const log = { address: ECHO, topics: [new Uint8Array(32).fill(1)], data: fromHex('0x05') };
const location = { file: 'token.zx', line: 7, column: 3, action: 'transfer' };

/** A call that sends value, looks something up and survives the failure of a third one. */
const nested: TransactionTrace = {
  transactionHash: fromHex(hash),
  isTruncated: false,
  calls: frame({
    logs: [log],
    calls: [
      frame({ kind: 'transfer', from: ECHO, to: BOB, value: 5n, input: new Uint8Array(0) }),
      frame({ kind: 'static', from: ECHO, to: BOB, output: fromHex('0x01') }),
      frame({
        ...{ from: ECHO, to: REVERTER, output: reason, location, logs: [log] },
        error: coded('CALL_REVERTED', 'execution reverted: no funds'),
        calls: [frame({ kind: 'create2', from: REVERTER, to: BOB, logs: [log] })],
      }),
      frame({ kind: 'create', from: ECHO, to: BOB, error: coded('OUT_OF_GAS', 'out of gas') }),
    ],
  }),
  steps: {
    isTruncated: false,
    steps: [
      step({ pc: 1, op: 'push', stack: [] }),
      step({ pc: 3, op: 'add', stack: ['1', '"two"'], location }),
      step({ pc: 4, op: 'fail', stack: undefined, error: 'type mismatch' }),
    ],
  },
};

function step(fields: object): NonNullable<TransactionTrace['steps']>['steps'][number] {
  return {
    ...{ pc: 0, op: '', gas: 1_000n, gasCost: 3n, depth: 1, address: ECHO },
    ...{ stack: undefined, location: undefined, error: undefined },
    ...fields,
  };
}

describe('debug_traceTransaction', () => {
  beforeEach(() => {
    node.traceTransaction = (wanted) => (toHex(wanted) === hash ? nested : undefined);
  });

  it('answers as the callTracer of geth does', async () => {
    const traced = await client.result('debug_traceTransaction', hash, { tracer: 'callTracer' });
    const [sent, read, failed, created] = traced.calls;
    expect(traced).toMatchObject({ type: 'CALL', gas: '0xc350', gasUsed: '0x7530', value: '0x0' });
    expect(Object.keys(traced)).not.toContain('output');
    expect(Object.keys(traced)).not.toContain('logs');
    expect(sent).toMatchObject({ type: 'CALL', to: toHex(BOB), value: '0x5', input: '0x' });
    expect(read).toMatchObject({ type: 'STATICCALL', output: '0x01' });
    expect(Object.keys(read)).not.toContain('value');
    expect(failed).toMatchObject({
      error: 'execution reverted',
      revertReason: 'no funds',
      output: toHex(reason),
      location,
    });
    expect(failed.calls).toMatchObject([{ type: 'CREATE2', to: toHex(BOB) }]);
    expect(created).toMatchObject({ type: 'CREATE', error: 'out of gas' });
    expect(Object.keys(created)).not.toContain('to');
  });

  it('leaves out the calls, and the logs of what has failed', async () => {
    const tracer = 'callTracer';
    const top = { tracer, tracerConfig: { onlyTopCall: true } };
    expect(await client.result('debug_traceTransaction', hash, top)).not.toHaveProperty('calls');
    const withLog = { tracer, tracerConfig: { withLog: true } };
    const traced = await client.result('debug_traceTransaction', hash, withLog);
    expect(traced.logs).toEqual([
      { address: toHex(ECHO), topics: log.topics.map(toHex), data: '0x05' },
    ]);
    expect(JSON.stringify(traced.calls)).not.toContain('logs');
  });

  it('says when calls are missing', async () => {
    node.traceTransaction = () => ({ ...nested, isTruncated: true });
    const traced = await client.result('debug_traceTransaction', hash, { tracer: 'callTracer' });
    expect(traced.truncated).toBe(true);
  });

  it('answers as the struct logger of geth does, operands apart', async () => {
    expect(await client.result('debug_traceTransaction', hash)).toEqual({
      gas: 30_000,
      failed: false,
      returnValue: '0x',
      structLogs: [
        { pc: 1, op: 'push', gas: 1_000, gasCost: 3, depth: 1, operands: [] },
        { pc: 3, op: 'add', gas: 1_000, gasCost: 3, depth: 1, operands: ['1', '"two"'], location },
        { pc: 4, op: 'fail', gas: 1_000, gasCost: 3, depth: 1, error: 'type mismatch' },
      ],
    });
    const short = await client.result('debug_traceTransaction', hash, { tracer: '', limit: 1 });
    expect(short.structLogs).toHaveLength(1);
    expect(short.truncated).toBe(true);
  });

  it('asks the node for no more than it shows', async () => {
    const asked: unknown[] = [];
    node.traceTransaction = (_hash, options) => {
      asked.push(options);
      return nested;
    };
    for (const options of [{}, { disableStack: true }, { tracer: 'callTracer' }]) {
      await client.result('debug_traceTransaction', hash, options);
    }
    expect(asked).toEqual([{ steps: true, stack: true }, { steps: true, stack: false }, {}]);
  });

  it('counts selectors, and does nothing', async () => {
    expect(await client.result('debug_traceTransaction', hash, { tracer: '4byteTracer' })).toEqual({
      '0xa9059cbb-1': 3,
    });
    expect(await client.result('debug_traceTransaction', hash, { tracer: 'noopTracer' })).toEqual(
      {},
    );
  });

  it('refuses tracers it does not have, and transactions without a block', async () => {
    for (const tracer of ['prestateTracer', 'flatCallTracer', '{step: ()=>{}}', 5]) {
      const error = await client.error('debug_traceTransaction', hash, { tracer });
      expect(error.code).toBe(-32602);
      expect(error.message).toContain('callTracer');
    }
    expect(await client.error('debug_traceTransaction', unknown)).toEqual({
      code: -32000,
      message: 'transaction not found',
    });
  });
});

describe('debug_traceBlock…', () => {
  it('answers every transaction with its hash', async () => {
    const traces = await client.result('debug_traceBlockByNumber', '0x1', { tracer: 'callTracer' });
    const block = await client.result('eth_getBlockByNumber', '0x1', false);
    expect(traces.map(({ txHash }: { txHash: string }) => txHash)).toEqual(block.transactions);
    expect(traces[2].result).toMatchObject({ type: 'CALL', to: toHex(BOB), gasUsed: '0x5208' });
    expect(
      await client.result('debug_traceBlockByHash', block.hash, { tracer: 'callTracer' }),
    ).toEqual(traces);
    expect(await client.result('debug_traceBlockByNumber', 'latest')).toEqual([]);
  });

  it('refuses unknown blocks, and answers that would be too large', async () => {
    expect((await client.error('debug_traceBlockByNumber', '0x9')).message).toBe(
      'header not found',
    );
    expect((await client.error('debug_traceBlockByHash', unknown)).message).toBe(
      'header not found',
    );
    const whole = { isTruncated: false, steps: [step({}), step({})] };
    const cut = { isTruncated: true, steps: [step({})] };
    node.traceBlock = () => [whole, cut].map((steps) => ({ ...nested, steps }));
    for (const limit of [undefined, 2]) {
      const { code } = await client.error('debug_traceBlockByNumber', '0x1', { limit });
      expect(code).toBe(-32005);
    }
    const short = await client.result('debug_traceBlockByNumber', '0x1', { limit: 1 });
    expect(short.map(({ result }: Answer) => result.structLogs.length)).toEqual([1, 1]);
    expect(
      await client.result('debug_traceBlockByNumber', '0x1', { tracer: 'callTracer' }),
    ).toHaveLength(2);
  });
});

it('traces calls that are no transactions', async () => {
  const call = { from: toHex(ALICE), to: toHex(REVERTER), data: toHex(reason) };
  const traced = await client.result('debug_traceCall', call, 'latest', { tracer: 'callTracer' });
  expect(traced).toMatchObject({ error: 'execution reverted', revertReason: 'no funds' });
  expect(await client.result('debug_traceCall', { to: toHex(ECHO) })).toMatchObject({
    failed: false,
    structLogs: [],
  });
  const stateOverrides = { [toHex(ALICE)]: { balance: '0x5' } };
  const options = { tracer: 'callTracer', stateOverrides, blockOverrides: { number: '0x7' } };
  await client.result('debug_traceCall', call, 'pending', options);
  expect(node.simulations.at(-1)).toMatchObject({
    at: 'pending',
    overrides: { state: [{ address: ALICE, balance: 5n }], block: { height: 7 } },
  });
  expect((await client.error('debug_traceCall', { to: toHex(ECHO), chainId: '0x1' })).code).toBe(
    -32602,
  );
});

describe('raw bytes', () => {
  it('hash to what the API says', async () => {
    const block = await client.result('eth_getBlockByNumber', '0x1', true);
    const header = fromHex(await client.result('debug_getRawHeader', '0x1'));
    expect(toHex(headerHash(decodeHeader(header)))).toBe(block.hash);
    const raw = fromHex(await client.result('debug_getRawBlock', block.hash));
    expect(toHex(recoverBlock(raw, pureSignatureEngine).hash)).toBe(block.hash);
    for (const { hash: each } of block.transactions) {
      const encoded = fromHex(await client.result('debug_getRawTransaction', each));
      expect(toHex(keccak256(encoded))).toBe(each);
    }
    const receipts: readonly string[] = await client.result('debug_getRawReceipts', '0x1');
    expect(receipts.map((each) => decodeReceipt(fromHex(each)).type)).toEqual([0, 1, 2]);
  });

  it('of what there is not are null or an error', async () => {
    const pool = await client.result('eth_getBlockByNumber', 'pending', false);
    expect(await client.result('debug_getRawTransaction', pool.transactions[0])).toMatch(/^0x02/);
    expect(await client.result('debug_getRawTransaction', unknown)).toBeNull();
    for (const method of ['debug_getRawHeader', 'debug_getRawBlock', 'debug_getRawReceipts']) {
      expect((await client.error(method, '0x9')).message, method).toBe('header not found');
    }
    expect(await client.result('debug_getBadBlocks')).toEqual([]);
  });
});
