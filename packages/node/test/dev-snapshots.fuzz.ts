import { fromHex, toHexKey } from '@lucerna/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { type DevChain, expectSound, START_SECONDS, startDev } from './support/dev-chain.ts';

// Any history of blocks, cheats, snapshots, going back and restarts against a model that keeps a copy
// of everything in a list.

const ADDRESSES = [1, 2, 3].map((byte) => new Uint8Array(20).fill(byte));

type Step =
  | { readonly kind: 'balance' | 'nonce' | 'slot'; readonly who: number; readonly value: number }
  | { readonly kind: 'send' | 'mine' | 'time' | 'rollback'; readonly value: number }
  | { readonly kind: 'snapshot' | 'restart' | 'crash' }
  | { readonly kind: 'revert'; readonly value: number };

const small = fc.integer({ min: 0, max: 4 });
const who = fc.integer({ min: 0, max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('balance' as const, 'nonce' as const, 'slot' as const),
      who,
      value: small,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('send' as const, 'mine' as const, 'time' as const),
      value: small,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('snapshot' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('revert' as const), value: small }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'crash' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback' as const), value: small }) },
);

/** What an observer sees; every value that a test can compare. */
type Seen = {
  readonly hashes: readonly string[];
  readonly accounts: readonly unknown[];
  readonly slots: readonly unknown[];
  readonly pool: number;
  readonly chainSeconds: number;
};

function look({ node, api, dev }: DevChain): Seen {
  const { height } = node.chain.head().header;
  const heights = Array.from({ length: height + 1 }, (_, index) => index);
  return {
    hashes: heights.map((at) => toHexKey(node.chain.header(at)!.hash)),
    accounts: heights.flatMap((at) => ADDRESSES.map((address) => api.account(at, address))),
    slots: heights.flatMap((at) =>
      ADDRESSES.map((address) => toHexKey(api.storage(at, address, new Uint8Array(32)))),
    ),
    pool: api.poolContent().length,
    chainSeconds: START_SECONDS + dev.info().timeOffsetSeconds,
  };
}

async function take(chain: DevChain, one: Step): Promise<DevChain> {
  const { dev } = chain;
  switch (one.kind) {
    case 'balance':
      await dev.setBalance(ADDRESSES[one.who]!, BigInt(one.value));
      return chain;
    case 'nonce':
      await dev.setNonce(ADDRESSES[one.who]!, BigInt(one.value));
      return chain;
    case 'slot':
      await dev.setStorage(
        ADDRESSES[one.who]!,
        new Uint8Array(32),
        new Uint8Array(32).fill(one.value),
      );
      return chain;
    case 'send':
      await chain.send(one.value, { to: `0x${'01'.repeat(20)}`, gas: '0x5208' });
      return chain;
    case 'mine':
      await dev.mine({ blocks: one.value + 1 });
      return chain;
    case 'time':
      await dev.increaseTime(one.value);
      return chain;
    case 'rollback':
      await dev.rollback(Math.min(one.value, chain.node.chain.head().header.height));
      return chain;
    case 'restart':
      return chain.reopen();
    case 'crash':
      return chain.crash();
    default:
      throw new Error('the model knows about snapshots');
  }
}

it('going back to a snapshot is as if nothing had been since', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
      let chain = await startDev();
      /** Snapshots that can be reverted to, with what was seen then. */
      let kept: { readonly id: bigint; readonly seen: Seen }[] = [];
      for (const one of steps) {
        if (one.kind === 'snapshot') {
          kept.push({ id: await chain.dev.snapshot(), seen: look(chain) });
        } else if (one.kind === 'revert') {
          const index = one.value;
          const target = kept[index];
          expect(await chain.dev.revert(target?.id ?? 10_000n)).toBe(target !== undefined);
          if (target === undefined) continue;
          expect(look(chain)).toEqual(target.seen);
          kept = kept.slice(0, index);
        } else {
          chain = await take(chain, one);
          if (one.kind === 'rollback') {
            const { height } = chain.node.chain.head().header;
            if (one.value > 0) kept = kept.filter(({ seen }) => seen.hashes.length <= height + 1);
          }
        }
        expect(chain.dev.info().snapshots.map(({ id }) => id)).toEqual(kept.map(({ id }) => id));
      }
      await expectSound(chain);
      await chain.node.close();
    }),
    runs(100),
  );
});

it('finds no dump that makes another chain', async () => {
  const changes = fc.array(step, { minLength: 1, maxLength: 15 });
  await fc.assert(
    fc.asyncProperty(changes, async (steps) => {
      let source = await startDev();
      for (const one of steps) {
        if (one.kind !== 'snapshot' && one.kind !== 'revert') source = await take(source, one);
      }
      const target = await startDev();
      await target.dev.loadState(await source.dev.dumpState());
      expect(look(target)).toEqual(look(source));
      await expectSound(target);
      await source.node.close();
      await target.node.close();
    }),
    runs(100),
  );
});

it('refuses dumps that were changed anywhere', async () => {
  const source = await startDev();
  await source.send(0, { gas: '0x5208' });
  await source.dev.mine({});
  await source.dev.setBalance(fromHex(`0x${'05'.repeat(20)}`), 5n);
  const dump = await source.dev.dumpState();
  const before = look(source);
  const place = fc.integer({ min: 0, max: dump.length - 1 });
  await fc.assert(
    fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const changed = dump.slice();
      changed[at] = (changed[at] as number) ^ mask;
      const refused = { code: 'DUMP_INVALID' };
      await expect(source.dev.loadState(changed)).rejects.toMatchObject(refused);
      expect(look(source)).toEqual(before);
    }),
    runs(200),
  );
});
