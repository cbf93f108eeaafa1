import { AssertionError, EMPTY_BYTES, LucernaError } from '@lucerna/base';
import {
  type Header,
  headerHash,
  NATIVE_ADDRESSES,
  nativeCode,
  type RecoveredBlock,
} from '@lucerna/protocol';
import { latestState, StateJournal, stateAt } from '@lucerna/state';
import { KEYSPACES } from '@lucerna/storage';
import { beforeAll, describe, expect, it } from 'vitest';
import { executeBlock } from '../src/block.ts';
import type { ExecutedBlock } from '../src/block-run.ts';
import { buildBlock } from '../src/builder.ts';
import { call3, multicallData } from './natives.ts';
import { ETHER, ListSource, signer, strangerAddress, TestChain, transfer } from './support.ts';

const ALICE = signer(1);
const alloc = [{ address: ALICE.address, balance: ETHER, nonce: 0n }];
let chain: TestChain;
let executed: ExecutedBlock;

beforeAll(async () => {
  chain = await TestChain.open({ alloc });
  const transactions = [transfer(ALICE), transfer(ALICE, { nonce: 1n })];
  executed = buildBlock(
    chain.environment(),
    chain.attributes(),
    new ListSource(transactions),
  ).executed;
});

/** The built block with another header, and the hash that goes with it. */
function withHeader(change: Partial<Header>): RecoveredBlock {
  const header = { ...executed.block.header, ...change };
  return { ...executed.block, header, hash: headerHash(header) };
}

function errorOf(block: RecoveredBlock): LucernaError {
  try {
    executeBlock(chain.environment(), block);
  } catch (error) {
    if (error instanceof LucernaError) return error;
    throw error;
  }
  throw new AssertionError('the block was accepted');
}

describe('executeBlock', () => {
  it('gives what the builder gave', () => {
    const { block, receipts, diff, batch } = executeBlock(chain.environment(), executed.block);
    expect(block).toBe(executed.block);
    expect(receipts).toEqual(executed.receipts);
    expect(diff).toEqual(executed.diff);
    expect(batch.writes()).toEqual(executed.batch.writes());
    expect(receipts.map(({ cumulativeGasUsed }) => cumulativeGasUsed)).toEqual([21_000n, 42_000n]);
  });

  it('writes the rows from which the state before the block is read, when asked to', async () => {
    const recorder = await TestChain.open({ alloc });
    const environment = recorder.environment({ history: true });
    await recorder.publish(executeBlock(environment, executed.block));
    expect(latestState(recorder.store).account(ALICE.address)?.nonce).toBe(2n);
    expect(stateAt(recorder.store, 0).account(ALICE.address)?.nonce).toBe(0n);
    expect(stateAt(recorder.store, 1).account(ALICE.address)?.nonce).toBe(2n);
    const plain = executeBlock(chain.environment(), executed.block).batch.writes();
    expect(plain.some(({ keyspace }) => keyspace === KEYSPACES.accountHistory)).toBe(false);
  });

  const other = new Uint8Array(32).fill(7);
  it.each<[string, Partial<Header>]>([
    ['BLOCK_PARENT_HASH', { parentHash: other }],
    ['BLOCK_OMMERS', { ommersHash: other }],
    ['BLOCK_STATE_ROOT', { stateRoot: other }],
    ['BLOCK_STATE_ROOT', { coinbase: new Uint8Array(20).fill(1) }],
    ['BLOCK_TRANSACTIONS_ROOT', { transactionsRoot: other }],
    ['BLOCK_RECEIPTS_ROOT', { receiptsRoot: other }],
    ['BLOCK_LOGS_BLOOM', { logsBloom: new Uint8Array(256).fill(1) }],
    ['BLOCK_DIFFICULTY', { difficulty: 1n }],
    ['BLOCK_HEIGHT', { height: 2 }],
    ['BLOCK_GAS_LIMIT', { gasLimit: 60_000_000n }],
    ['BLOCK_GAS_USED', { gasUsed: 30_000_001n }],
    ['BLOCK_GAS_EXECUTED', { gasUsed: 41_999n }],
    ['BLOCK_GAS_EXECUTED', { gasUsed: 42_001n }],
    ['BLOCK_TIMESTAMP', { timestamp: 0 }],
    ['BLOCK_NONCE', { nonce: new Uint8Array(8).fill(1) }],
    ['BLOCK_BASE_FEE', { baseFeePerGas: 1n }],
    ['BLOCK_EXTRA_DATA', { extraData: other }],
  ])('%s', (code, change) => {
    const error = errorOf(withHeader(change));
    expect(error.code).toBe(code);
    expect(error.fields).toHaveProperty('expected');
    expect(error.fields).toHaveProperty('actual');
    expect(error.fields['expected']).not.toEqual(error.fields['actual']);
  });

  it('accepts any mixHash and passing of time: others decide those', () => {
    const block = withHeader({ mixHash: other, timestamp: 2_000_000_000 });
    expect(executeBlock(chain.environment(), block).block).toBe(block);
  });

  it('refuses a list of transactions other than the one that the header commits to', () => {
    const { transactions } = executed.block;
    for (const tampered of [transactions.slice(0, 1), [...transactions].reverse(), []]) {
      const block = { ...executed.block, transactions: tampered };
      expect(errorOf(block).code).toBe('BLOCK_TRANSACTIONS_ROOT');
    }
  });

  it('names the transaction that cannot be included, and why', async () => {
    const poor = await TestChain.open({
      alloc: [{ address: ALICE.address, balance: ETHER, nonce: 1n }],
    });
    const header = { ...executed.block.header, parentHash: poor.head.hash };
    const block = { ...executed.block, header, hash: headerHash(header) };
    expect(() => executeBlock(poor.environment(), block)).toThrow(
      expect.objectContaining({
        code: 'BLOCK_TRANSACTION',
        fields: expect.objectContaining({ index: 0, code: 'TX_NONCE_TOO_LOW' }),
        cause: expect.objectContaining({ code: 'TX_NONCE_TOO_LOW' }),
      }),
    );
  });

  it('does not hold a damaged state against the block', () => {
    const { store } = chain;
    const reader: typeof store = { ...store, get: () => Uint8Array.of(1) };
    expect(() => executeBlock(chain.environment({ reader }), executed.block)).toThrow(
      expect.objectContaining({ code: 'STATE_CORRUPT' }),
    );
  });
});

describe('a lifted block', () => {
  it('may have any gas limit and base fee that rules and header allow, and says that it is one', async () => {
    const own = await TestChain.open({ alloc });
    const change = { gasLimit: 60_000_000n, baseFeePerGas: 7n, lifted: true } as const;
    const source = new ListSource([transfer(ALICE)]);
    const built = buildBlock(own.environment(), own.attributes(change), source).executed;
    expect(built.lifted).toBe(true);
    expect(built.block.header).toMatchObject({ gasLimit: 60_000_000n, baseFeePerGas: 7n });
    expect(built.block.transactions).toHaveLength(1);
    const plain = expect.objectContaining({ code: 'BLOCK_GAS_LIMIT' });
    expect(() => executeBlock(own.environment(), built.block)).toThrow(plain);
    const imported = executeBlock(own.environment(), built.block, { lifted: true });
    expect(imported.lifted).toBe(true);
    expect(imported.diff).toEqual(built.diff);
    await own.publish(built);
    // The next one follows it like any parent.
    const next = buildBlock(own.environment(), own.attributes(), new ListSource([])).executed;
    expect(next.lifted).toBe(false);
    expect(next.block.header.baseFeePerGas).toBe(7n);
    expect(executeBlock(own.environment(), next.block).block).toBe(next.block);
  });

  it('has the base fee that follows unless another is named', () => {
    const { header } = buildBlock(
      chain.environment(),
      chain.attributes({ lifted: true }),
      new ListSource([]),
    ).executed.block;
    expect(header.baseFeePerGas).toBe(executed.block.header.baseFeePerGas);
    expect(() =>
      buildBlock(chain.environment(), chain.attributes({ baseFeePerGas: 1n }), new ListSource([])),
    ).toThrow(AssertionError);
  });
});

describe('a block on a state that was changed after its parent', () => {
  it('is executed on that state and its root', async () => {
    const patched = await TestChain.open({ alloc });
    const journal = new StateJournal(latestState(patched.store));
    journal.setBalance(ALICE.address, 3n * ETHER);
    journal.endTransaction();
    const parentRoot = patched.head.header.stateRoot;
    const options = { parentRoot, height: 0, history: false };
    const patch = patched.committer.commit(patched.store, journal.diff(), options);
    await patched.store.commit(patch.batch, 'process');
    const environment = patched.environment({ stateRoot: patch.stateRoot });
    const source = (): ListSource => new ListSource([transfer(ALICE, { value: 2n * ETHER })]);
    const built = buildBlock(environment, patched.attributes(), source()).executed;
    expect(built.receipts.map(({ status }) => status)).toEqual([1]);
    expect(executeBlock(environment, built.block).diff).toEqual(built.diff);
    const empty = buildBlock(environment, patched.attributes(), new ListSource([])).executed;
    expect(empty.block.header.stateRoot).toEqual(patch.stateRoot);
  });
});

describe('a block with transactions of contracts that call others', () => {
  it('knows whom they called, and the hashes of the blocks before it', async () => {
    const code = nativeCode('multicall3');
    const address = NATIVE_ADDRESSES.multicall3;
    const own = await TestChain.open({
      alloc: [...alloc, { address, balance: 0n, nonce: 1n, code }],
    });
    await own.publish(buildBlock(own.environment(), own.attributes(), new ListSource([])).executed);
    const bob = strangerAddress(1);
    const data = multicallData('aggregate3', [
      call3(bob, EMPTY_BYTES),
      call3(ALICE.address, EMPTY_BYTES),
      call3(address, multicallData('getBlockHash', 0n)),
      call3(bob, EMPTY_BYTES),
    ]);
    const gasLimit = 1_000_000n;
    const source = new ListSource([
      transfer(ALICE),
      transfer(ALICE, { nonce: 1n, to: address, value: 0n, data, gasLimit }),
    ]);
    let asked: number | undefined;
    const environment = own.environment({
      hashAt: (height) => {
        asked = height;
        return own.hashes[height];
      },
    });
    const built = buildBlock(environment, own.attributes(), source).executed;
    expect(built.participants).toEqual([[], [bob]]);
    expect(built.receipts.map(({ status }) => status)).toEqual([1, 1]);
    expect(asked).toBe(0);
    expect(executeBlock(environment, built.block).participants).toEqual(built.participants);
    // Without the hash nobody can say what the block does: not that it is wrong, either.
    const ignorant = own.environment({ hashAt: () => undefined });
    expect(() => executeBlock(ignorant, built.block)).toThrow(
      expect.objectContaining({ code: 'BLOCK_HASH_MISSING' }),
    );
  });
});
