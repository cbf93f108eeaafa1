import { equalBytes, toHex, toHexKey } from '@lucerna/base';
import {
  type AccountChange,
  commitDiff,
  latestState,
  type StateDiff,
  type StorageChange,
} from '@lucerna/state';
import type { KvReader, WriteBatch } from '@lucerna/storage';
import { chainErrors } from './errors.ts';
import { chainLimits } from './limits.ts';

/** The state at some height. */
type StateOfHeight = { readonly height: number; readonly stateRoot: Uint8Array };

/**
 * What accounts and slots were before a run of blocks at the end of the chain, gathered from the
 * diffs of these blocks. The tries are overwritten in place, so a proof of an older state needs them
 * as they were, and so does a block on an older parent: {@link Rewind.batch} is the difference.
 */
export class Rewind {
  readonly #accounts = new Map<string, Pick<AccountChange, 'address' | 'before'>>();
  readonly #slots = new Map<string, Omit<StorageChange, 'after'>>();

  /** How many accounts and slots have changed. */
  get size(): number {
    return this.#accounts.size + this.#slots.size;
  }

  /** Takes note of what a block or a patch has changed. They are given in their order. */
  pass({ accounts, storage }: StateDiff): void {
    for (const { address, before } of accounts) {
      const key = toHexKey(address);
      if (!this.#accounts.has(key)) this.#accounts.set(key, { address, before });
    }
    for (const { address, slot, before } of storage) {
      const key = `${toHexKey(address)}${toHexKey(slot)}`;
      if (!this.#slots.has(key)) this.#slots.set(key, { address, slot, before });
    }
  }

  /**
   * What leads from the state of root `from`, which `latest` holds, back to that before all that was
   * passed.
   *
   * @throws `CHAIN_REPLAY_MISMATCH` when that is not the state which `target` names
   */
  batch(latest: KvReader, from: Uint8Array, target: StateOfHeight): WriteBatch {
    const { height } = target;
    const { stateRoot, batch } = commitDiff(latest, this.#diffFrom(latest), {
      parentRoot: from,
      height,
      history: false,
    });
    if (!equalBytes(stateRoot, target.stateRoot)) {
      throw chainErrors.create('CHAIN_REPLAY_MISMATCH', `going back to height ${height}`, {
        height,
        expected: toHex(target.stateRoot),
        actual: toHex(stateRoot),
      });
    }
    return batch;
  }

  /** The one change that leads back from the latest state. */
  #diffFrom(latest: KvReader): StateDiff {
    const now = latestState(latest);
    const accounts = sorted(this.#accounts).map(({ address, before }) => ({
      address,
      before: now.account(address),
      after: before,
      storageCleared: false,
    }));
    const storage = sorted(this.#slots).map(({ address, slot, before }) => ({
      address,
      slot,
      before: now.storage(address, slot),
      after: before,
    }));
    return { accounts, storage, code: [] };
  }
}

/** @throws `PROOF_PRUNED` when going back to `height` takes more than the limits allow */
export function checkRewind(height: number, blocks: number, entries: number): void {
  const { proofRewindBlocks, proofRewindEntries } = chainLimits.values;
  if (blocks <= proofRewindBlocks && entries <= proofRewindEntries) return;
  throw chainErrors.create('PROOF_PRUNED', undefined, { height, blocks, entries });
}

/** The values in the order of their keys, which are hex and so in the order of their bytes. */
function sorted<T>(entries: ReadonlyMap<string, T>): readonly T[] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, value]) => value);
}
