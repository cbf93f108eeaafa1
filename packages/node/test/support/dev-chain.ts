import type { DevApi, NodeApi } from '@lucerna/api';
import {
  type Cancel,
  type Clock,
  type Log,
  present,
  SILENT_LOG,
  toHex,
  toQuantity,
} from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { FaultyDisk } from '@lucerna/storage/faulty';
import { expect } from 'vitest';
import { devSealer } from '../../src/dev/dev-sealer.ts';
import type { Mining } from '../../src/dev/mining.ts';
import { DEV_PRIVATE_KEYS } from '../../src/dev-accounts.ts';
import { createNode, type Node, type NodeOptions } from '../../src/node.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

/** The second in which the chains of these tests begin. */
export const START_SECONDS = 1_700_000_000;

/** Somebody without a key, and without anything. */
export const STRANGER: Uint8Array = new Uint8Array(20).fill(0x77);
export const OTHER: Uint8Array = new Uint8Array(20).fill(0x88);

/** How a chain of a test is to be. */
export type DevChainOptions = Partial<NodeOptions> & {
  /** Default: only when asked to; null: what the chain was last told. */
  readonly mining?: Mining | null;
  readonly log?: Log;
  readonly disk?: FaultyDisk;
  readonly clock?: ManualClock;
};

/** A dev chain on a disk that can be crashed. */
export type DevChain = {
  readonly node: Node;
  readonly api: NodeApi;
  readonly dev: DevApi;
  readonly clock: ManualClock;
  readonly disk: FaultyDisk;
  readonly request: (method: string, ...params: unknown[]) => Promise<unknown>;
  /** Sends one wei, or as `fields` say, from a dev account; the hash. */
  readonly send: (sender: number, fields?: Record<string, unknown>) => Promise<string>;
  /** The same chain after `kill -9`, as the options now say. */
  readonly crash: (options?: DevChainOptions) => Promise<DevChain>;
  /** The same chain after an orderly end. */
  readonly reopen: (options?: DevChainOptions) => Promise<DevChain>;
};

export async function startDev(options: DevChainOptions = {}): Promise<DevChain> {
  const {
    mining = { mode: 'manual' },
    log = SILENT_LOG,
    disk = new FaultyDisk(),
    clock = manualClock(START_SECONDS * 1_000 + 500),
    ...nodeOptions
  } = options;
  const node = await createNode(
    {
      clock: { ...clock, schedule: (delayMs, task) => scheduleOn(clock, delayMs, task) },
      log,
      signatures: pureSignatureEngine,
      blockLog: disk.openFile('blocks.log'),
      store: disk.openStore('store'),
      poolJournal: [disk.openFile('pool.0.log'), disk.openFile('pool.1.log')],
    },
    {
      privateKeys: DEV_PRIVATE_KEYS,
      sealer: devSealer(mining ?? undefined),
      durability: 'process',
      ...nodeOptions,
    },
  );
  const request = (method: string, ...params: unknown[]): Promise<unknown> =>
    node.rpc.request(method, params);
  const again = { disk, clock, mining };
  return {
    node,
    api: node.api,
    dev: present(node.api.dev, 'a dev chain'),
    clock,
    disk,
    request,
    send: async (sender, fields = {}) => {
      const from = node.accounts[sender]?.address;
      const transaction = { from, to: toHex(STRANGER), value: '0x1', ...fields };
      return (await request('eth_sendTransaction', transaction)) as string;
    },
    crash: async (changed = {}) => {
      await disk.crash('process');
      return startDev({ ...again, ...changed });
    },
    reopen: async (changed = {}) => {
      await node.close();
      return startDev({ ...again, ...changed });
    },
  };
}

/** What only lets others go first does not wait for the clock to move. */
function scheduleOn(clock: Clock, delayMs: number, task: () => void): Cancel {
  if (delayMs > 0) return clock.schedule(delayMs, task);
  const immediate = setImmediate(task);
  return () => clearImmediate(immediate);
}

/** Time of the head after one more block. */
export async function mineOne({ dev, node }: DevChain): Promise<number> {
  await dev.mine({});
  return node.chain.head().header.timestamp;
}

export const heightOf = ({ node }: DevChain): number => node.chain.head().header.height;

export const balanceOf = ({ api }: DevChain, address: Uint8Array): bigint =>
  api.account(api.head().header.height, address).balance;

/** All that clients see of a chain, its pool and its clock. */
export async function viewOf(chain: DevChain): Promise<unknown> {
  const { node, dev, request } = chain;
  const { instanceId: _, snapshots, ...info } = dev.info();
  const blocks: unknown[] = [];
  for (let height = 0; height <= heightOf(chain); height += 1) {
    const block = await request('eth_getBlockByNumber', toQuantity(height), true);
    blocks.push(block, await request('eth_getBlockReceipts', toQuantity(height)));
  }
  const states = [];
  for (let height = 0; height <= heightOf(chain); height += 1) {
    for (const address of [STRANGER, OTHER, ...node.api.accounts()]) {
      const account = node.api.account(height, address);
      const slot = node.api.storage(height, address, new Uint8Array(32));
      states.push([height, account, slot, node.api.code(height, address)]);
    }
  }
  return {
    info,
    snapshots,
    blocks,
    states,
    pool: await request('txpool_content'),
    pending: await request('eth_getBlockByNumber', 'pending', true),
  };
}

/** The whole chain holds together. */
export async function expectSound({ node }: DevChain): Promise<void> {
  await expect(node.chain.verify()).resolves.toBeDefined();
}
