import { assert } from '@lucerna/base';
import { storageErrors } from './errors.ts';
import { keyText } from './key-text.ts';
import type { Keyspace } from './keyspaces.ts';
import type { KvEntry, KvRange, KvReader, KvSnapshot, KvStore } from './kv-store.ts';
import { OrderedMap, type OrderedView, type TextRange } from './ordered-map.ts';

/**
 * A key-value store in memory, for tests, for browsers and for dev chains that keep nothing.
 * Nothing outlives it, whatever the durability level asked for.
 */
export function createMemoryStore(): KvStore {
  const keyspaces = new Map<number, OrderedMap<KvEntry>>();
  let closed = false;

  const checkOpen = (): void => {
    if (closed) throw storageErrors.create('STORE_CLOSED');
  };
  const mapOf = (keyspace: Keyspace): OrderedMap<KvEntry> => {
    let map = keyspaces.get(keyspace.id);
    if (map === undefined) {
      map = new OrderedMap();
      keyspaces.set(keyspace.id, map);
    }
    return map;
  };

  return {
    get: (keyspace, key): Uint8Array | undefined => {
      checkOpen();
      return mapOf(keyspace).get(keyText(key))?.[1];
    },
    *range(keyspace, range = {}): Generator<KvEntry, void, undefined> {
      checkOpen();
      yield* limited(mapOf(keyspace).view(), range);
    },
    snapshot: (): KvSnapshot => {
      checkOpen();
      const views = new Map([...keyspaces].map(([id, map]) => [id, map.view()]));
      return snapshotOf(views, checkOpen);
    },
    commit: async (batch): Promise<void> => {
      checkOpen();
      for (const { keyspace, key, value } of batch.writes()) {
        const map = mapOf(keyspace);
        if (value === undefined) map.delete(keyText(key));
        else map.set(keyText(key), [key, value]);
      }
    },
    close: async (): Promise<void> => {
      closed = true;
      keyspaces.clear();
    },
  };
}

function snapshotOf(views: Map<number, OrderedView<KvEntry>>, checkOpen: () => void): KvSnapshot {
  let released = false;
  const view = (keyspace: Keyspace): OrderedView<KvEntry> | undefined => {
    assert(!released, 'a snapshot is not read after its release');
    checkOpen();
    return views.get(keyspace.id);
  };
  const reader: KvReader = {
    get: (keyspace, key) => view(keyspace)?.get(keyText(key))?.[1],
    *range(keyspace, range = {}): Generator<KvEntry, void, undefined> {
      const entries = view(keyspace);
      if (entries !== undefined) yield* limited(entries, range);
    },
  };
  return {
    ...reader,
    release: (): void => {
      released = true;
      views.clear();
    },
  };
}

function* limited(view: OrderedView<KvEntry>, range: KvRange): Generator<KvEntry, void, undefined> {
  let left = range.limit ?? Number.POSITIVE_INFINITY;
  if (left <= 0) return;
  for (const entry of view.values(textRange(range))) {
    yield entry;
    left -= 1;
    if (left === 0) return;
  }
}

/** The bounds of `range` as keys of an `OrderedMap`. */
function textRange(range: KvRange): TextRange {
  return {
    from: range.from === undefined ? undefined : keyText(range.from),
    to: range.to === undefined ? undefined : keyText(range.to),
    reverse: range.reverse ?? false,
  };
}
