import { equalBytes, toHex, toHexKey } from '@lucerna/base';
import type { Header } from '@lucerna/protocol';
import {
  type AccountChange,
  commitDiff,
  latestState,
  type StateDiff,
  type StorageChange,
} from '@lucerna/state';
import { type KvReader, type KvStore, OverlayStore } from '@lucerna/storage';
import { chainErrors } from './errors.ts';
import { chainLimits } from './limits.ts';

/**
 * What accounts and slots were before a run of blocks at the end of the chain, gathered from the
 * diffs of these blocks. The tries are overwritten in place, so a proof of an older state needs them
 * as they were: {@link Rewind.reader} makes the difference up in memory.
 */
export class Rewind {
  readonly #accounts = new Map<string, Pick<AccountChange, 'address' | 'before'>>();
  readonly #slots = new Map<string, Omit<StorageChange, 'after'>>();

  /** How many accounts and slots have changed. */
  get size(): number {
    return this.#accounts.size + this.#slots.size;
  }

  /** Takes note of what a block has changed. Blocks are given in the order of their heights. */
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
   * The state before the blocks that were passed. `latest` holds the state of `head`, and must not
   * change while the result is used.
   *
   * @throws `CHAIN_REPLAY_MISMATCH` when that is not the state which `target` names
   */
  reader(latest: ReadOnlyStore, head: Header, target: Header): KvReader {
    const { stateRoot, batch } = commitDiff(latest, this.#diffFrom(latest), {
      parentRoot: head.stateRoot,
      height: target.height,
      history: false,
    });
    if (!equalBytes(stateRoot, target.stateRoot)) {
      throw chainErrors.create('CHAIN_REPLAY_MISMATCH', `going back to height ${target.height}`, {
        height: target.height,
        expected: toHex(target.stateRoot),
        actual: toHex(stateRoot),
      });
    }
    const rewound = OverlayStore.open(neverWritten(latest));
    rewound.publish(batch);
    return rewound;
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

/** What a throwaway overlay is laid over. */
type ReadOnlyStore = Pick<KvStore, 'get' | 'range' | 'snapshot'>;

/** The values in the order of their keys, which are hex and so in the order of their bytes. */
function sorted<T>(entries: ReadonlyMap<string, T>): readonly T[] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, value]) => value);
}

/** A store for an overlay that is only read and never flushed. */
function neverWritten(reader: ReadOnlyStore): KvStore {
  const refuse = async (): Promise<void> => {
    throw new Error('an overlay that looks back is not flushed');
  };
  return {
    get: (keyspace, key) => reader.get(keyspace, key),
    range: (keyspace, range) => reader.range(keyspace, range),
    snapshot: () => reader.snapshot(),
    commit: refuse,
    close: refuse,
  };
}
