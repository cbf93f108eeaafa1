import { EMPTY_KECCAK } from '@lucerna/crypto';
import { type AccountProof, EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import { confirmedState, proveAccount, proveStorage } from '@lucerna/state';
import { DiffLayer, type KvReader, type OverlayStore, storageErrors } from '@lucerna/storage';
import type { BlockBodies } from './block-bodies.ts';
import { blocksPruned, type CanonicalIndex, stateFuture } from './canonical-index.ts';
import { checkRewind, Rewind } from './rewind.ts';

type Parts = {
  readonly overlay: OverlayStore;
  readonly index: CanonicalIndex;
  readonly bodies: BlockBodies;
};

/**
 * As `Chain.prove`.
 *
 * @param takeTurn awaited before each older block
 * @param checkSame throws when what was read so far is no longer part of the chain
 */
export async function proveAt(
  { overlay, index, bodies }: Parts,
  height: number,
  address: Uint8Array,
  slots: readonly Uint8Array[],
  { takeTurn, checkSame }: { takeTurn: () => Promise<void>; checkSame: () => void },
): Promise<AccountProof> {
  const head = (): number => index.head.header.height;
  if (height > head()) throw stateFuture(`block ${height}`, index.point, { height });
  if (height < index.firstHeight) throw blocksPruned(index, height);
  const stateRoot = index.stateRootAt(height);
  const rewind = new Rewind();
  // Head and patches may come while the log is read; at the end of the loop this is the last of them.
  const passed = { height, ordinal: index.ordinalAt(height) };
  while (passed.height !== head() || passed.ordinal !== index.point.ordinal) {
    checkRewind(height, head() - height, rewind.size);
    await takeTurn();
    checkSame();
    const before = passed.ordinal;
    for await (const { diff, ordinal } of bodies.patches(passed)) {
      checkSame();
      rewind.pass(diff);
      passed.ordinal = ordinal;
      checkRewind(height, head() - height, rewind.size);
    }
    if (passed.ordinal > before) continue;
    const next = passed.height + 1;
    if (next > head()) throw storageErrors.create('STORE_CORRUPT', 'a patch is missing', passed);
    rewind.pass(await bodies.diff(next));
    checkSame();
    Object.assign(passed, { height: next, ordinal: 0 });
  }
  checkRewind(height, head() - height, rewind.size);
  const reader = new DiffLayer(overlay);
  if (rewind.size > 0)
    reader.publish(rewind.batch(overlay, index.stateRoot, { height, stateRoot }));
  return proveLatest(reader, stateRoot, address, slots);
}

/** What the latest state of `reader`, whose root is `stateRoot`, says about an account, with proofs. */
function proveLatest(
  reader: KvReader,
  stateRoot: Uint8Array,
  address: Uint8Array,
  slots: readonly Uint8Array[],
): AccountProof {
  const state = confirmedState(reader, () => stateRoot);
  const account = state.account(address);
  return {
    address,
    nonce: account?.nonce ?? 0n,
    balance: account?.balance ?? 0n,
    storageRoot: account?.storageRoot ?? EMPTY_TRIE_ROOT,
    codeHash: account?.codeHash ?? EMPTY_KECCAK,
    accountProof: proveAccount(reader, stateRoot, address),
    storageProofs: slots.map((slot) => ({
      slot,
      word: state.storage(address, slot),
      proof: proveStorage(reader, address, slot),
    })),
  };
}
