import { type Clock, type Durability, SILENT_LOG } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import { createNode, DEV_PRIVATE_KEYS, devSealer, type Node } from '@lucerna/node';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import { type CrashKind, type FailureMode, FaultyDisk } from '@lucerna/storage/faulty';
import type { Hex } from 'viem';
import { beforeAll, describe, expect, test } from 'vitest';
import { DEV_ACCOUNT_COUNT, DEV_BALANCE, devAccount } from '../support/dev-accounts.ts';
import type { RpcReceipt } from '../support/rpc-types.ts';

// A whole node on a disk that fails on purpose, seen through JSON-RPC as a client sees it: what was
// answered is there after the crash, what failed was said to fail, and the node goes on.

const GENESIS_SUPPLY = BigInt(DEV_ACCOUNT_COUNT) * DEV_BALANCE;
const TRANSFERS = 6;
/** A disk that fails for good must not keep the client for ever. */
const ATTEMPTS = TRANSFERS + 3;
const FLUSH_AFTER = 3;

let transfers: readonly Hex[];
let signatures: SignatureEngine;

beforeAll(async () => {
  signatures = await loadSignatureEngine(SILENT_LOG);
  transfers = await Promise.all(Array.from({ length: TRANSFERS + 1 }, (_, nonce) => sign(nonce)));
});

function sign(nonce: number): Promise<Hex> {
  return devAccount(0).signTransaction({
    type: 'eip1559',
    chainId: 31_337,
    nonce,
    to: devAccount(1).address,
    value: BigInt(nonce) + 1n,
    gas: 21_000n,
    maxFeePerGas: 20_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
  });
}

/** A clock that only the number of looks moves on. */
function steppingClock(): Clock {
  let nowMs = 1_700_000_000_000;
  return {
    nowMs: () => {
      nowMs += 100;
      return nowMs;
    },
    schedule: (delayMs, task) => {
      // Only who lets others go first is waited for.
      if (delayMs === 0) queueMicrotask(task);
      return () => undefined;
    },
  };
}

function startOn(disk: FaultyDisk, durability: Durability): Promise<Node> {
  return createNode(
    {
      clock: steppingClock(),
      log: SILENT_LOG,
      signatures,
      blockLog: disk.openFile('blocks.log'),
      store: disk.openStore('store'),
    },
    { privateKeys: DEV_PRIVATE_KEYS, sealer: devSealer({ mode: 'automine' }), durability },
  );
}

/** What a client knows when the node dies. */
type Seen = {
  readonly receipts: ReadonlyMap<string, RpcReceipt>;
  /** How many requests were answered with an error. */
  readonly refused: number;
};

async function receiptOf(node: Node, hash: string): Promise<RpcReceipt | null> {
  const method = 'eth_getTransactionReceipt';
  return (await node.rpc.request(method, [hash])) as RpcReceipt | null;
}

/** Sends one transfer after the other; one that fails is sent again. */
async function useNode(node: Node): Promise<Seen> {
  const receipts = new Map<string, RpcReceipt>();
  let refused = 0;
  for (let attempt = 0; attempt < ATTEMPTS && receipts.size < TRANSFERS; attempt += 1) {
    if (attempt === FLUSH_AFTER) await node.chain.flush().catch(() => undefined);
    const seen = await sendOnce(node, transfers[receipts.size] as Hex);
    if (seen === undefined) refused += 1;
    else receipts.set(seen.transactionHash, seen);
    // Reading what is in memory does not need the disk.
    expect(await node.rpc.request('eth_blockNumber')).toMatch(/^0x/);
  }
  return { receipts, refused };
}

/** The receipt; undefined when the node, or the disk below it, says no. */
async function sendOnce(node: Node, raw: Hex): Promise<RpcReceipt | undefined> {
  let receipt: RpcReceipt | null;
  try {
    const hash = await node.rpc.request('eth_sendRawTransaction', [raw]);
    receipt = await receiptOf(node, hash as string);
  } catch (error) {
    expect(error).toMatchObject({ name: 'RpcError', code: expect.any(Number) });
    return undefined;
  }
  // With automine an answer means that the block is there.
  expect(receipt).toMatchObject({ status: '0x1' });
  return receipt ?? undefined;
}

/** What the client saw is there, everything fits together, and the node takes the next transfer. */
async function checkRestart(disk: FaultyDisk, seen: Seen, isKept: boolean): Promise<void> {
  const node = await startOn(disk, 'process');
  const figures = await node.chain.verify();
  expect(figures.totalBalance + figures.burned).toBe(GENESIS_SUPPLY);
  for (const [hash, receipt] of seen.receipts) {
    const found = await receiptOf(node, hash);
    if (isKept || found !== null) expect(found).toEqual(receipt);
  }
  const params = [devAccount(0).address, 'latest'];
  const nonce = Number(await node.rpc.request('eth_getTransactionCount', params));
  const hash = await node.rpc.request('eth_sendRawTransaction', [await sign(nonce)]);
  expect(await receiptOf(node, hash as string)).toMatchObject({ status: '0x1' });
  await node.close();
}

/** The operations of a run in which nothing fails. */
async function countOperations(durability: Durability): Promise<number> {
  const disk = new FaultyDisk();
  const node = await startOn(disk, durability);
  expect(await useNode(node)).toMatchObject({ refused: 0 });
  await node.close();
  return disk.operations;
}

const levels: readonly Durability[] = ['process', 'power'];
const crashes: readonly CrashKind[] = ['process', 'power'];
const modes: readonly FailureMode[] = ['once', 'forever'];
const sweeps = levels.flatMap((level) =>
  crashes.flatMap((crash) => modes.map((mode) => [level, crash, mode] as const)),
);

describe('every operation of the disk fails once', () => {
  test.each(sweeps)('durability %s, %s crash, failing %s', async (level, crash, mode) => {
    const operations = await countOperations(level);
    let troubled = 0;
    for (let failAt = 1; failAt <= operations; failAt += 1) {
      const powerLoss = failAt % 2 === 0 ? 'prefix' : 'sectors';
      const disk = new FaultyDisk({ seed: failAt, failAt, mode, powerLoss });
      const node = await startOn(disk, level).catch(() => undefined);
      // A node that does not even start has promised nothing.
      const seen: Seen =
        node === undefined ? { receipts: new Map(), refused: 1 } : await useNode(node);
      if (seen.refused > 0) troubled += 1;
      await disk.crash(crash);
      await checkRestart(disk, seen, level === 'power' || crash === 'process');
      await node?.close().catch(() => undefined);
    }
    expect(troubled).toBeGreaterThan(0);
  });
});

describe('a disk that fills up', () => {
  test('keeps what was answered, refuses the rest and goes on reading', async () => {
    const roomy = new FaultyDisk();
    const probe = await startOn(roomy, 'process');
    await useNode(probe);
    const fullBytes = (await probe.chain.verify()).logBytes;
    await probe.close();
    for (const share of [0.3, 0.5, 0.7, 0.9]) {
      const disk = new FaultyDisk({ capacityBytes: Math.floor(fullBytes * share) });
      const node = await startOn(disk, 'process');
      const seen = await useNode(node);
      expect(seen.refused).toBeGreaterThan(0);
      expect(await node.rpc.request('eth_getBalance', [devAccount(1).address])).toMatch(/^0x/);
      await disk.crash('process');
      await node.close().catch(() => undefined);

      // There is still no room: it starts, has everything, and says no to what is new.
      const again = await startOn(disk, 'process');
      await again.chain.verify();
      for (const [hash, receipt] of seen.receipts) {
        expect(await receiptOf(again, hash)).toEqual(receipt);
      }
      const raw = await sign(seen.receipts.size);
      await expect(again.rpc.request('eth_sendRawTransaction', [raw])).rejects.toMatchObject({
        name: 'RpcError',
      });
      await again.close();
    }
  });
});

describe('an operation that fails once under a client that tries again', () => {
  test('takes the transfer at the second attempt', async () => {
    const disk = new FaultyDisk();
    const node = await startOn(disk, 'process');
    const [raw = '0x'] = transfers;
    disk.failAt(disk.operations + 1);
    await expect(node.rpc.request('eth_sendRawTransaction', [raw])).rejects.toMatchObject({
      code: -32_603,
    });
    const hash = await node.rpc.request('eth_sendRawTransaction', [raw]);
    expect(await receiptOf(node, hash as string)).toMatchObject({ status: '0x1' });
    await node.close();
  });
});
