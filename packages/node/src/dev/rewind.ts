import { isLucernaError } from '@lucerna/base';
import type { ChainPoint, Note } from '@lucerna/chain';
import type { DevCore } from './core.ts';

/**
 * Goes back to a point of the chain, however far, and writes `notes` with the last step. What is too
 * much for one step is done in several: after a crash in between the chain is at a block on the way,
 * and the notes are as before, so that the same can be asked for again.
 *
 * @throws as `Chain.rewind`, but for `REORG_TOO_DEEP` only when one block is too much
 */
export async function rewindTo(
  { chain, takeTurn }: Pick<DevCore, 'chain' | 'takeTurn'>,
  to: { readonly height: number; readonly ordinal?: ChainPoint['ordinal'] },
  notes: readonly Note[],
): Promise<void> {
  let span = Math.max(1, chain.head().header.height - to.height);
  for (;;) {
    const height = Math.max(to.height, chain.head().header.height - span);
    try {
      if (height === to.height) {
        await chain.rewind(to, { notes, takeTurn });
        return;
      }
      await chain.rewind({ height }, { takeTurn });
    } catch (error) {
      if (!isLucernaError(error, 'REORG_TOO_DEEP') || span === 1) throw error;
      span = Math.ceil(span / 2);
    }
  }
}
