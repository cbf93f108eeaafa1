import type { DevApi } from '@lucerna/api';
import type { FailureMode } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import {
  type DevChain,
  expectSound,
  mineOne,
  OTHER,
  START_SECONDS,
  STRANGER,
  startDev,
  viewOf,
} from './support/dev-chain.ts';

/** Each is one thing that a user does: after a crash it was done, or it was not. */
const CHEATS: readonly (readonly [string, (dev: DevApi) => Promise<unknown>])[] = [
  ['setBalance', (dev) => dev.setBalance(OTHER, 5n)],
  ['setNonce', (dev) => dev.setNonce(OTHER, 5n)],
  ['setStorage', (dev) => dev.setStorage(OTHER, new Uint8Array(32), new Uint8Array(32).fill(5))],
  ['impersonate', (dev) => dev.impersonate(OTHER)],
  ['increaseTime', (dev) => dev.increaseTime(5)],
  ['setNextBlockTimestamp', (dev) => dev.setNextBlockTimestamp(START_SECONDS + 9_000)],
  ['setNextBlockBaseFee', (dev) => dev.setNextBlockBaseFee(5n)],
  ['setBlockGasLimit', (dev) => dev.setBlockGasLimit(50_000_000n)],
  ['setIntervalMining', (dev) => dev.setIntervalMining(5_000)],
  ['snapshot', (dev) => dev.snapshot()],
  ['revert', (dev) => dev.revert(0n)],
  ['rollback', (dev) => dev.rollback(2)],
  ['reset', (dev) => dev.reset()],
];

/** A chain that every cheat finds something to do on. */
async function prepared(): Promise<DevChain> {
  const chain = await startDev({ mining: null });
  await chain.dev.setAutomine(false);
  await chain.dev.setBalance(STRANGER, 3n);
  await chain.send(0, { gas: '0x5208' });
  await mineOne(chain);
  await chain.dev.snapshot();
  await chain.send(1, { gas: '0x5208' });
  await chain.dev.mine({ blocks: 3 });
  await chain.dev.setBalance(STRANGER, 4n);
  // Some of what follows meets the database too.
  await chain.node.chain.flush();
  return chain;
}

/** What a start shows. What waits in the pool is kept apart from the chain, and is compared elsewhere. */
async function shown(chain: DevChain): Promise<unknown> {
  const { pool: _, pending: __, ...view } = (await viewOf(chain)) as Record<string, unknown>;
  return view;
}

/** Puts another pool in the place of the one that there is: on what, and what the pool is then. */
const REFILLS: readonly (readonly [string, (chain: DevChain) => Promise<unknown>, number])[] = [
  ['revert', ({ dev }) => dev.revert(0n), 0],
  ['reset', ({ dev }) => dev.reset(), -1],
  ['loadState', async ({ dev }) => dev.loadState(await dumpOf(3)), 3],
];

async function dumpOf(sender: number): Promise<Uint8Array> {
  const chain = await startDev();
  await chain.send(sender, { gas: '0x5208' });
  return chain.dev.dumpState();
}

/** What waits, of whom. */
async function poolOf({ request }: DevChain): Promise<unknown> {
  const { pending = {}, queued = {} } = (await request('txpool_inspect')) as Record<string, object>;
  const senders = (part: object): readonly string[] =>
    Object.keys(part).map((address) => address.toLowerCase());
  return { pending: senders(pending), queued: senders(queued) };
}

describe.each(['once', 'forever'] satisfies FailureMode[])(
  'a pool, by a disk that fails %s',
  (mode) => {
    it.each(REFILLS)('goes with the chain that %s makes', async (_, refill, sender) => {
      /** A snapshot has a transaction of account 0; two others wait instead. */
      const refillable = async (): Promise<DevChain> => {
        const chain = await startDev();
        await chain.send(0, { gas: '0x5208' });
        await chain.dev.snapshot();
        await chain.dev.dropAllTransactions();
        await chain.send(1, { gas: '0x5208' });
        await chain.send(2, { gas: '0x5208' });
        return chain;
      };
      let chain = await refillable();
      const old = await poolOf(chain);
      const address = chain.node.accounts[sender]?.address.toLowerCase();
      const next = { pending: address === undefined ? [] : [address], queued: [] };
      for (let operation = 1; ; operation += 1) {
        chain = await refillable();
        const last = chain.disk.operations + operation;
        chain.disk.failAt(last, mode);
        const failed = await refill(chain).then(
          () => false,
          () => true,
        );
        const done = chain.disk.operations < last;
        for (const restart of ['crash', 'reopen', 'crash'] as const) {
          chain = await chain[restart]();
          const shownPool = await poolOf(chain);
          if (failed) expect([old, next, { pending: [], queued: [] }]).toContainEqual(shownPool);
          else expect(shownPool).toEqual(next);
        }
        await chain.node.close();
        if (done) break;
      }
    });
  },
);

describe.each(['once', 'forever'] satisfies FailureMode[])('a disk that fails %s', (mode) => {
  it.each(CHEATS)('leaves all or nothing of %s', async (_, cheat) => {
    const old = await shown(await prepared());
    const done = await prepared();
    await cheat(done.dev);
    const next = await shown(done);
    for (let operation = 1; ; operation += 1) {
      let chain = await prepared();
      chain.disk.failAt(chain.disk.operations + operation, mode);
      const failed = await cheat(chain.dev).then(
        () => false,
        () => true,
      );
      if (failed && mode === 'once') expect(await shown(chain)).toEqual(old);
      chain = await chain.crash();
      const after = await shown(chain);
      if (failed) expect([old, next]).toContainEqual(after);
      else expect(after).toEqual(next);
      await expectSound(chain);
      await mineOne(chain);
      await chain.node.close();
      if (!failed) break;
    }
  });
});
