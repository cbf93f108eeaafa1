import { type Chain, chainErrors } from '@lucerna/chain';
import { describe, expect, it } from 'vitest';
import { rewindTo } from '../src/dev/rewind.ts';
import { type DevChain, heightOf, OTHER, startDev } from './support/dev-chain.ts';

/** The chain, but for a smaller limit on how many blocks go in one step. */
function limited({ node }: DevChain, depth: number): { chain: Chain; steps: number[] } {
  const { chain } = node;
  const steps: number[] = [];
  const rewind: Chain['rewind'] = async (to, options) => {
    const span = chain.head().header.height - to.height;
    if (span > depth) throw chainErrors.create('REORG_TOO_DEEP');
    await chain.rewind(to, options);
    steps.push(span);
  };
  const view = { head: () => chain.head(), rewind } as unknown as Chain;
  return { chain: view, steps };
}

const takeTurn = async (): Promise<void> => undefined;
const note = { key: 'test', value: Uint8Array.of(1) };

describe('going back further than one step takes', () => {
  it('is done in several, and the notes go with the last', async () => {
    const made = await startDev();
    await made.dev.setBalance(OTHER, 1n);
    await made.dev.setBalance(OTHER, 2n);
    await made.dev.mine({ blocks: 20 });
    const { chain, steps } = limited(made, 6);
    const done = rewindTo({ chain, takeTurn }, { height: 0, ordinal: 1 }, [note]);
    expect(made.node.chain.note('test')).toBeUndefined();
    await done;
    expect(steps.reduce((sum, span) => sum + span)).toBe(20);
    expect(steps.length).toBeGreaterThan(3);
    expect(heightOf(made)).toBe(0);
    expect(made.node.chain.point().ordinal).toBe(1);
    expect(made.node.chain.note('test')).toEqual(note.value);
  });

  it('fails when one block is too much, and says so', async () => {
    const made = await startDev();
    await made.dev.mine({ blocks: 3 });
    const { chain } = limited(made, 0);
    const refused = rewindTo({ chain, takeTurn }, { height: 1 }, [note]);
    await expect(refused).rejects.toMatchObject({ code: 'REORG_TOO_DEEP' });
    expect(heightOf(made)).toBe(3);
    expect(made.node.chain.note('test')).toBeUndefined();
  });
});
