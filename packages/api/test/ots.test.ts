import { toHex, toQuantity } from '@lucerna/base';
import { type CallTrace, createAddress, type TransactionTrace } from '@lucerna/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Client, createClient } from './support/client.ts';
import {
  ALICE,
  BOB,
  CAROL,
  CREATED,
  coded,
  createFakeNode,
  ECHO,
  type FakeNode,
  GIANT,
} from './support/fake-node.ts';

const alice = toHex(ALICE);
const unknown = `0x${'ab'.repeat(32)}`;

let node: FakeNode;
let client: Client;

beforeEach(async () => {
  node = await createFakeNode();
  client = createClient(node);
});

const numbersOf = (page: Answer): readonly number[] =>
  page.txs.map(({ blockNumber }: Answer) => Number(blockNumber));

describe('the probe of Otterscan', () => {
  it('is answered', async () => {
    expect(await client.result('ots_getApiLevel')).toBe(8);
    const head = await client.result('erigon_getHeaderByNumber', 'latest');
    expect(head).toMatchObject(await client.result('eth_getBlockByNumber', 'latest', false));
    expect(await client.result('erigon_getHeaderByNumber', 3)).toEqual(head);
    expect(await client.result('erigon_getHeaderByNumber', '0x9')).toBeNull();
  });

  it('knows contracts', async () => {
    expect(await client.result('ots_hasCode', toHex(GIANT), 'latest')).toBe(true);
    expect(await client.result('ots_hasCode', toHex(ECHO), 0)).toBe(false);
    expect(await client.result('ots_hasCode', alice)).toBe(false);
    expect((await client.error('ots_hasCode', alice, 9)).message).toBe('header not found');
  });
});

describe('blocks', () => {
  it('have a count and fees in the place of transactions', async () => {
    const block = await client.result('eth_getBlockByNumber', '0x1', true);
    const receipts: readonly Answer[] = await client.result('eth_getBlockReceipts', '0x1');
    const { transactions, ...rest } = block;
    const fees = receipts.map(
      ({ gasUsed, effectiveGasPrice }) => BigInt(gasUsed) * BigInt(effectiveGasPrice),
    );
    const details = await client.result('ots_getBlockDetails', 1);
    expect(details).toEqual({
      block: { ...rest, totalDifficulty: '0x0', transactionCount: transactions.length },
      issuance: { blockReward: '0x0', uncleReward: '0x0', issuance: '0x0' },
      totalFees: toQuantity(fees.reduce((sum, fee) => sum + fee, 0n)),
    });
    expect(await client.result('ots_getBlockDetailsByHash', block.hash)).toEqual(details);
    expect(await client.result('ots_getBlockDetails', 0)).toMatchObject({ totalFees: '0x0' });
    expect(await client.result('ots_getBlockDetails', 9_999)).toBeNull();
    expect(await client.result('ots_getBlockDetailsByHash', unknown)).toBeNull();
  });

  it('have pages, of which the first has the last transactions', async () => {
    const { transactions, timestamp } = await client.result('eth_getBlockByNumber', '0x1', true);
    const receipts = await client.result('eth_getBlockReceipts', '0x1');
    const page = await client.result('ots_getBlockTransactions', 1, 0, 2);
    expect(page.fullblock.transactions).toEqual(transactions.slice(1));
    expect(page.fullblock.transactionCount).toBe(3);
    expect(page.receipts).toEqual(
      receipts.slice(1).map((receipt: object) => ({ ...receipt, timestamp })),
    );
    const next = await client.result('ots_getBlockTransactions', 1, 1, 2);
    expect(next.fullblock.transactions).toEqual(transactions.slice(0, 1));
    expect((await client.result('ots_getBlockTransactions', 1, 2, 2)).receipts).toEqual([]);
    expect(await client.result('ots_getBlockTransactions', 9_999, 0, 10)).toBeNull();
    for (const size of [0, 251]) {
      expect((await client.error('ots_getBlockTransactions', 1, 0, size)).code).toBe(-32602);
    }
  });
});

describe('the history of an account', () => {
  it('goes from the newest to the oldest, page by page, in whole blocks', async () => {
    const first = await client.result('ots_searchTransactionsBefore', alice, 0, 1);
    expect(numbersOf(first)).toEqual([2]);
    expect(first).toMatchObject({ firstPage: true, lastPage: false });
    const second = await client.result('ots_searchTransactionsBefore', alice, 2, 1);
    expect(numbersOf(second)).toEqual([1]);
    expect(second).toMatchObject({ firstPage: false, lastPage: true });
    const bob = await client.result('ots_searchTransactionsBefore', toHex(BOB), 2, 1);
    expect(numbersOf(bob)).toEqual([1, 1, 1]);
    expect(bob.txs.map(({ transactionIndex }: Answer) => transactionIndex)).toEqual([
      '0x2',
      '0x1',
      '0x0',
    ]);
    for (const [index, receipt] of bob.receipts.entries()) {
      expect(receipt.transactionHash).toBe(bob.txs[index].hash);
      expect(receipt.timestamp).toBe(bob.txs[index].blockTimestamp);
    }
  });

  it('goes up as well, still with the newest first', async () => {
    const last = await client.result('ots_searchTransactionsAfter', alice, 0, 1);
    expect(numbersOf(last)).toEqual([1]);
    expect(last).toMatchObject({ firstPage: false, lastPage: true });
    const all = await client.result('ots_searchTransactionsAfter', alice, 0, 9);
    expect(numbersOf(all)).toEqual([2, 1]);
    expect(all).toMatchObject({ firstPage: true, lastPage: true });
    const rest = await client.result('ots_searchTransactionsAfter', alice, 1, 9);
    expect(numbersOf(rest)).toEqual([2]);
    expect(rest).toMatchObject({ firstPage: true, lastPage: false });
  });

  it('is empty for who has none, and beyond the head', async () => {
    const nobody = `0x${'99'.repeat(20)}`;
    const empty = { txs: [], receipts: [] };
    expect(await client.result('ots_searchTransactionsBefore', nobody, 0, 5)).toEqual({
      ...empty,
      firstPage: true,
      lastPage: true,
    });
    expect(await client.result('ots_searchTransactionsAfter', alice, 9_999, 5)).toEqual({
      ...empty,
      firstPage: true,
      lastPage: false,
    });
  });

  it('is refused when the chain has lost a block meanwhile', async () => {
    node.transactionsOf = function* () {
      yield { height: 3, index: 0 };
    };
    const error = await client.error('ots_searchTransactionsBefore', alice, 0, 5);
    expect(error).toMatchObject({ code: -32000, message: expect.stringContaining('reorganised') });
  });
});

describe('transactions', () => {
  it('are found by sender and nonce', async () => {
    const { transactions } = await client.result('eth_getBlockByNumber', '0x1', true);
    for (const { from, hash } of transactions) {
      expect(await client.result('ots_getTransactionBySenderAndNonce', from, 0)).toBe(hash);
      expect(await client.result('ots_getTransactionBySenderAndNonce', from, '0x0')).toBe(hash);
    }
    expect(await client.result('ots_getTransactionBySenderAndNonce', alice, 999)).toBeNull();
  });

  it('have created contracts', async () => {
    const { transactions } = await client.result('eth_getBlockByNumber', '0x2', false);
    const creation = { hash: transactions[0], creator: alice };
    expect(await client.result('ots_getContractCreator', toHex(CREATED))).toEqual(creation);
    expect(await client.result('ots_getContractCreator', alice)).toBeNull();
    // A contract that a contract has made.
    const inner = createAddress(ECHO, 1n);
    node.creationOf = () => ({ height: 1, index: 2 });
    node.traceTransaction = () =>
      traceOf(frame({ calls: [frame({ kind: 'create2', from: ECHO, to: inner })] }));
    expect(await client.result('ots_getContractCreator', toHex(inner))).toMatchObject({
      creator: toHex(ECHO),
    });
  });

  it('list what contracts have sent and created, but nothing that failed', async () => {
    const error = coded('CALL_REVERTED', 'execution reverted');
    node.traceTransaction = () =>
      traceOf(
        frame({
          value: 9n,
          calls: [
            frame({ kind: 'transfer', from: ECHO, to: BOB, value: 5n }),
            frame({ from: ECHO, to: BOB }),
            frame({ kind: 'delegate', from: ECHO, to: BOB, value: 9n }),
            frame({
              from: ECHO,
              to: CAROL,
              calls: [frame({ kind: 'create', from: CAROL, to: BOB })],
            }),
            frame({ from: ECHO, to: BOB, value: 7n, error }),
            frame({ kind: 'create2', from: ECHO, to: CAROL, value: 1n }),
          ],
        }),
      );
    const [echo, bob, carol] = [ECHO, BOB, CAROL].map(toHex);
    expect(await client.result('ots_getInternalOperations', unknown)).toEqual([
      { type: 0, from: echo, to: bob, value: '0x5' },
      { type: 2, from: carol, to: bob, value: '0x0' },
      { type: 3, from: echo, to: carol, value: '0x1' },
    ]);
    const calls = await client.result('ots_traceTransaction', unknown);
    expect(calls.map(({ type, depth, value }: Answer) => [type, depth, value])).toEqual([
      ['CALL', 0, '0x9'],
      ['CALL', 1, '0x5'],
      ['CALL', 1, '0x0'],
      ['DELEGATECALL', 1, null],
      ['CALL', 1, '0x0'],
      ['CREATE', 2, '0x0'],
      ['CALL', 1, '0x7'],
      ['CREATE2', 1, '0x1'],
    ]);
    node.traceTransaction = () =>
      traceOf(frame({ error, output: Uint8Array.of(0xde, 0xad), calls: [frame({ value: 5n })] }));
    expect(await client.result('ots_getInternalOperations', unknown)).toEqual([]);
    expect(await client.result('ots_getTransactionError', unknown)).toBe('0xdead');
    node.traceTransaction = () => traceOf(frame({ error: coded('OUT_OF_GAS', 'out of gas') }));
    expect(await client.result('ots_getTransactionError', unknown)).toBe('0x');
  });

  it('that are unknown have nothing', async () => {
    expect(await client.result('ots_traceTransaction', unknown)).toEqual([]);
    expect(await client.result('ots_getInternalOperations', unknown)).toEqual([]);
    expect(await client.result('ots_getTransactionError', unknown)).toBe('0x');
  });
});

function frame(fields: Partial<CallTrace>): CallTrace {
  const nothing = new Uint8Array(0);
  return {
    ...{ kind: 'call', from: ALICE, to: ECHO, value: 0n, gas: 50_000n, gasUsed: 30_000n },
    ...{ input: nothing, output: nothing, error: undefined, location: undefined },
    ...{ logs: [], calls: [] },
    ...fields,
  };
}

function traceOf(calls: CallTrace): TransactionTrace {
  return { transactionHash: undefined, calls, steps: undefined, isTruncated: false };
}
