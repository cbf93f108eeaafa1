import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { type DevChain, expectSound, OTHER, startDev, viewOf } from './support/dev-chain.ts';

const GAS = '0x5208';
const account = fc.nat({ max: 3 });
const REFUSALS = [
  /^transaction was dropped before it was in a block/,
  /^nonce too low/,
  /^already known/,
  /^replacement transaction underpriced/,
  /^Depth must not exceed current chain height/,
];

type Ask = (chain: DevChain) => Promise<unknown>;

/** What clients ask of a node at the same time. */
const ask: fc.Arbitrary<Ask> = fc.oneof(
  {
    weight: 4,
    arbitrary: account.map(
      (from): Ask =>
        ({ send }) =>
          send(from, { gas: GAS }),
    ),
  },
  fc.constant<Ask>(({ dev }) => dev.snapshot()),
  account.map(
    (id): Ask =>
      ({ dev }) =>
        dev.revert(BigInt(id)),
  ),
  fc.nat({ max: 2 }).map(
    (more): Ask =>
      ({ dev }) =>
        dev.mine({ blocks: more + 1 }),
  ),
  account.map(
    (wei): Ask =>
      ({ dev }) =>
        dev.setBalance(OTHER, BigInt(wei)),
  ),
  fc.constant<Ask>(({ dev }) => dev.rollback(1)),
  fc.boolean().map(
    (on): Ask =>
      ({ dev }) =>
        dev.setAutomine(on),
  ),
  fc.constant<Ask>(({ dev }) => dev.dropAllTransactions()),
  fc.constant<Ask>(async ({ clock }) => clock.advance(1_000)),
);
/** With how many steps of others between it and the next. */
const asks = fc.array(fc.tuple(ask, fc.nat({ max: 30 })), { minLength: 2, maxLength: 40 });

/** All that outlives the process: how blocks are made is what a start is told. */
async function lasting(chain: DevChain): Promise<unknown> {
  const { info, ...view } = (await viewOf(chain)) as {
    readonly info: { readonly mining: unknown };
  };
  return { ...view, info: { ...info, mining: undefined } };
}

it('whatever is asked for at once, the chain is sound, and a start finds it', async () => {
  await fc.assert(
    fc.asyncProperty(asks, async (all) => {
      const chain = await startDev({ mining: { mode: 'mixed', blockTimeMs: 1_000 } });
      const answers: Promise<unknown>[] = [];
      for (const [one, turns] of all) {
        answers.push(one(chain));
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      }
      for (const answer of await Promise.allSettled(answers)) {
        if (answer.status === 'fulfilled') continue;
        const { message } = answer.reason as Error;
        expect(
          REFUSALS.some((refusal) => refusal.test(message)),
          message,
        ).toBe(true);
      }
      // A tick that has begun ends before this does.
      await chain.dev.setBalance(OTHER, 1n);
      await expectSound(chain);
      const view = await lasting(chain);
      const again = await chain.crash({ mining: { mode: 'manual' } });
      expect(await lasting(again)).toEqual(view);
      await again.node.close();
    }),
    runs(60),
  );
});
