import { toHex } from '@lucerna/base';
import { EMPTY_TRIE_ROOT, encodeBlock, type RecoveredTransaction } from '@lucerna/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { executeBlock } from '../src/block.ts';
import { BlockRun } from '../src/block-run.ts';
import { type BlockAttributes, type BuiltBlock, buildBlock } from '../src/builder.ts';
import { BLOCK_FRAME_BYTES, fillBlock, TRANSACTION_FRAME_BYTES } from '../src/fill.ts';
import { CONTEXT, ETHER, ListSource, signer, TestChain, transfer } from './support.ts';

const ALICE = signer(1);
const BOB = signer(2);
const CAROL = signer(3);
let chain: TestChain;

beforeAll(async () => {
  const balance = ETHER;
  const alloc = [ALICE, BOB, CAROL].map(({ address }) => ({ address, balance, nonce: 0n }));
  // Room for two plain transfers and a half.
  chain = await TestChain.open({ alloc, gasLimit: 52_500n });
});

function build(source: ListSource, change: Partial<BlockAttributes> = {}): BuiltBlock {
  return buildBlock(chain.environment(), chain.attributes(change), source);
}

function included({ executed }: BuiltBlock): string[] {
  return executed.block.transactions.map(({ hash }) => toHex(hash));
}

const hashes = (...transactions: RecoveredTransaction[]): string[] =>
  transactions.map(({ hash }) => toHex(hash));

describe('buildBlock', () => {
  it('builds an empty block from an empty source', () => {
    const { executed, skipped } = build(new ListSource([]));
    const { header } = executed.block;
    expect(skipped).toEqual([]);
    expect(header.stateRoot).toEqual(chain.head.header.stateRoot);
    expect(header.transactionsRoot).toEqual(EMPTY_TRIE_ROOT);
    expect(executed.receipts).toEqual([]);
    expect(executeBlock(chain.environment(), executed.block).diff.accounts).toEqual([]);
  });

  it('takes transactions in the order of the source until the gas is used up', () => {
    const [a, b, c] = [transfer(BOB), transfer(ALICE), transfer(CAROL)];
    const source = new ListSource([a, b, c]);
    const built = build(source);
    expect(included(built)).toEqual(hashes(a, b));
    expect(built.skipped).toEqual([]);
    // Less gas is left than any transaction needs, so the third was not even asked for.
    expect(source.next()).toBe(c);
    expect(source.skips).toBe(0);
  });

  it('passes over what does not fit and goes on with other senders', () => {
    const first = transfer(ALICE, { gasLimit: 30_000n });
    const large = transfer(BOB, { gasLimit: 40_000n });
    const afterLarge = transfer(BOB, { nonce: 1n });
    const small = transfer(CAROL);
    const source = new ListSource([first, large, afterLarge, small]);
    const built = build(source);
    expect(included(built)).toEqual(hashes(first, small));
    expect(built.skipped).toEqual([]);
    expect(source.skips).toBe(1);
  });

  it('reports what cannot be included, and does not take its successors', () => {
    const gap = transfer(ALICE, { nonce: 1n });
    const afterGap = transfer(ALICE, { nonce: 2n });
    const never = transfer(CAROL, { gasLimit: 52_501n });
    const good = transfer(BOB);
    const source = new ListSource([gap, afterGap, never, good]);
    const built = build(source);
    expect(included(built)).toEqual(hashes(good));
    expect(built.skipped.map(({ hash, error }) => [toHex(hash), error.code])).toEqual([
      [toHex(gap.hash), 'TX_NONCE_TOO_HIGH'],
      [toHex(never.hash), 'TX_GAS_LIMIT'],
    ]);
    expect(source.skips).toBe(2);
  });

  it('gives back gas that a transaction did not use', () => {
    const wasteful = transfer(ALICE, { gasLimit: 31_500n });
    const other = transfer(BOB, { gasLimit: 31_500n });
    expect(included(build(new ListSource([wasteful, other])))).toEqual(hashes(wasteful, other));
  });

  it('refuses attributes that do not suit the parent', () => {
    const timestamp = chain.head.header.timestamp - 1;
    for (const [change, code] of [
      [{ timestamp }, 'BLOCK_TIMESTAMP'],
      [{ gasLimit: 60_000n }, 'BLOCK_GAS_LIMIT'],
    ] as const) {
      expect(() => build(new ListSource([]), change)).toThrow(expect.objectContaining({ code }));
    }
  });
});

describe('fillBlock', () => {
  const run = (): BlockRun =>
    new BlockRun(chain.environment(), {
      ...CONTEXT,
      gasLimit: 1_000_000n,
      timestamp: chain.head.header.timestamp,
    });
  const room = { gasTransaction: 21_000n, bytes: 100_000, transactions: 100, passedOver: 100 };
  const offers = [0n, 1n, 2n, 3n].map((nonce) => transfer(ALICE, { nonce }));

  it('takes no more transactions than a block may have', () => {
    const block = run();
    fillBlock(block, new ListSource(offers), { ...room, transactions: 3 });
    expect(block.transactions).toEqual(offers.slice(0, 3));
  });

  it('takes no more bytes than a block may have, and reports nothing for lack of room', () => {
    const frames = BLOCK_FRAME_BYTES + 2 * TRANSACTION_FRAME_BYTES;
    const bytes = frames + offers[0]!.raw.length + offers[1]!.raw.length;
    const fitting = run();
    expect(fillBlock(fitting, new ListSource(offers), { ...room, bytes })).toEqual([]);
    expect(fitting.transactions.length).toBe(2);
    const tight = run();
    expect(fillBlock(tight, new ListSource(offers), { ...room, bytes: bytes - 1 })).toEqual([]);
    expect(tight.transactions.length).toBe(1);
  });

  it('counts at least the bytes that the block takes', () => {
    const { block } = build(new ListSource(offers)).executed;
    const frames = BLOCK_FRAME_BYTES + block.transactions.length * TRANSACTION_FRAME_BYTES;
    const counted = block.transactions.reduce((sum, { raw }) => sum + raw.length, frames);
    expect(block.transactions.length).toBe(2);
    expect(encodeBlock(block).length).toBeLessThanOrEqual(counted);
  });

  it('stops searching after a bounded number of transactions that it cannot take', () => {
    const gap = transfer(ALICE, { nonce: 1n });
    let offered = 0;
    const endless = {
      next: (): RecoveredTransaction => {
        offered += 1;
        return gap;
      },
      skipSender: (): void => undefined,
    };
    const skipped = fillBlock(run(), endless, room);
    expect(offered).toBe(room.passedOver);
    expect(skipped.length).toBe(room.passedOver);
  });
});
