import { equalBytes, present, toHexKey } from '@lucerna/base';
import type { Chain } from '@lucerna/chain';
import { nodeErrors } from '../errors.ts';
import { asciiJson } from './codecs.ts';
import { type DevCore, nowSeconds } from './core.ts';
import { chainTime } from './dev-clock.ts';
import { type DumpedChange, type DumpedPatch, DumpWriter } from './dump-format.ts';
import { keepPool, keepTransaction } from './pool-contents.ts';
import { encodeSettings } from './settings.ts';

/** `DevApi.dumpState`, in the queue. */
export async function dumpChain(core: DevCore): Promise<Uint8Array> {
  const { chain, settings, takeTurn } = core;
  if (chain.firstHeight() > 0) throw nodeErrors.create('DUMP_WITHOUT_GENESIS');
  const writer = new DumpWriter(chain.genesis, await dumpPatches(chain, 0));
  const head = chain.head().header.height;
  for (let height = 1; height <= head; height += 1) {
    await takeTurn();
    const { block } = present(await chain.block(height), 'nothing changes the chain meanwhile');
    writer.add({
      header: block.header,
      transactions: block.transactions.map(keepTransaction),
      patches: await dumpPatches(chain, height),
    });
  }
  return writer.finish({
    stateRoot: currentRoot(chain),
    settings: encodeSettings(settings.current),
    chainSeconds: Math.max(0, chainTime(settings.current, nowSeconds(core))),
    pool: keepPool(core.pool),
    filters: asciiJson(core.filters.dump()),
  });
}

/** Root of the state of the head, patches and all. */
export function currentRoot(chain: Chain): Uint8Array {
  return chain.patchedRoot(chain.point()) ?? chain.head().header.stateRoot;
}

async function dumpPatches(chain: Chain, height: number): Promise<readonly DumpedPatch[]> {
  const patches = await chain.patches(height);
  return patches.map(({ diff }) => dumpPatch(chain, diff));
}

type Diff = Awaited<ReturnType<Chain['patches']>>[number]['diff'];

function dumpPatch(chain: Chain, diff: Diff): DumpedPatch {
  const slots = new Map<string, DumpedChange['slots'][number][]>();
  for (const { address, slot, after } of diff.storage) {
    const key = toHexKey(address);
    const held = slots.get(key) ?? [];
    held.push({ slot, word: after });
    slots.set(key, held);
  }
  return diff.accounts.map(({ address, before, after, storageCleared: cleared }) => {
    // Of an account that is gone the diff lists what it has lost; nothing of that has to be said.
    if (after === undefined) return { address, after, cleared, slots: [] };
    const changes = { address, cleared, slots: slots.get(toHexKey(address)) ?? [] };
    const { nonce, balance, codeHash } = after;
    const isSame = before !== undefined && equalBytes(before.codeHash, codeHash) && !cleared;
    // Codes stay in the store for ever, so that of any state is found in that of the head.
    const code = isSame ? undefined : chain.state().code(codeHash);
    return { ...changes, after: { nonce, balance, code } };
  });
}
