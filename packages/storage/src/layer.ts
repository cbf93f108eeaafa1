import { compareBytes } from '@lucerna/base';
import { keyText } from './key-text.ts';
import type { Keyspace } from './keyspaces.ts';
import {
  type KvEntry,
  type KvRange,
  type KvReader,
  type KvSnapshot,
  type KvWrite,
  WriteBatch,
} from './kv-store.ts';
import { OrderedMap, type OrderedView } from './ordered-map.ts';

/** The changes of one layer at one moment, by number of keyspace. */
export type LayerView = ReadonlyMap<number, OrderedView<KvWrite>>;

/** Changes that lie over a state: the last one of every changed key. It hides that key below it. */
export class Layer {
  readonly #keyspaces = new Map<number, OrderedMap<KvWrite>>();
  #size = 0;
  #bytes = 0;

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(keyspace: Keyspace, text: string): KvWrite | undefined {
    return this.#keyspaces.get(keyspace.id)?.get(text);
  }

  apply(write: KvWrite): void {
    let map = this.#keyspaces.get(write.keyspace.id);
    if (map === undefined) {
      map = new OrderedMap();
      this.#keyspaces.set(write.keyspace.id, map);
    }
    const previous = map.set(keyText(write.key), write);
    if (previous === undefined) this.#size += 1;
    else this.#bytes -= writeBytes(previous);
    this.#bytes += writeBytes(write);
  }

  view(): LayerView {
    return new Map([...this.#keyspaces].map(([id, map]) => [id, map.view()]));
  }

  /** All changes, keyspace by keyspace in the order of their keys. */
  *writes(): Generator<KvWrite, void, undefined> {
    for (const map of this.#keyspaces.values()) {
      yield* map.view().values({ from: undefined, to: undefined, reverse: false });
    }
  }

  toBatch(): WriteBatch {
    const batch = new WriteBatch();
    for (const { keyspace, key, value } of this.writes()) {
      if (value === undefined) batch.delete(keyspace, key);
      else batch.put(keyspace, key, value);
    }
    return batch;
  }
}

function writeBytes(write: KvWrite): number {
  return write.key.length + (write.value?.length ?? 0);
}

/**
 * What is visible through `layers` over `base`, all of one moment.
 *
 * @param layers the upper one first
 * @param base released with the result
 */
export function layeredSnapshot(layers: readonly LayerView[], base: KvSnapshot): KvSnapshot {
  return {
    get: (keyspace, key): Uint8Array | undefined => {
      const text = keyText(key);
      for (const layer of layers) {
        const write = layer.get(keyspace.id)?.get(text);
        if (write !== undefined) return write.value;
      }
      return base.get(keyspace, key);
    },
    range: (keyspace, range) => layeredRange(layers, base, keyspace, range),
    release: () => base.release(),
  };
}

/**
 * The rows that are visible through `layers` over `base`.
 *
 * @param layers the upper one first
 */
export function* layeredRange(
  layers: readonly LayerView[],
  base: KvReader,
  keyspace: Keyspace,
  range: KvRange = {},
): Generator<KvEntry, void, undefined> {
  let left = range.limit ?? Number.POSITIVE_INFINITY;
  if (left <= 0) return;
  for (const entry of mergedRange(layers, base, keyspace, range)) {
    yield entry;
    left -= 1;
    if (left === 0) return;
  }
}

/** Merges the layers and the base; the uppermost that has a key decides on it. */
function* mergedRange(
  layers: readonly LayerView[],
  base: KvReader,
  keyspace: Keyspace,
  range: KvRange,
): Generator<KvEntry, void, undefined> {
  const direction = range.reverse === true ? -1 : 1;
  const textRange = {
    from: range.from === undefined ? undefined : keyText(range.from),
    to: range.to === undefined ? undefined : keyText(range.to),
    reverse: range.reverse ?? false,
  };
  // Deleted keys hide entries of the base, so the limit cannot be passed down to it.
  const { limit: _, ...bounds } = range;
  const sources: Cursor[] = [];
  for (const layer of layers) {
    const view = layer.get(keyspace.id);
    if (view !== undefined) sources.push(new Cursor(changesOf(view.values(textRange))));
  }
  sources.push(new Cursor(base.range(keyspace, bounds)));
  try {
    for (;;) {
      const next = firstOf(sources, direction);
      if (next === undefined) return;
      for (const source of sources) {
        if (source.head !== undefined && compareBytes(source.head[0], next[0]) === 0) source.step();
      }
      if (next[1] !== undefined) yield [next[0], next[1]];
    }
  } finally {
    for (const source of sources) source.close();
  }
}

/** A key, and its value unless it is deleted. */
type Change = readonly [key: Uint8Array, value: Uint8Array | undefined];

function* changesOf(writes: Iterable<KvWrite>): Generator<Change, void, undefined> {
  for (const { key, value } of writes) yield [key, value];
}

/** The head with the first key; among equal keys the one of the uppermost source. */
function firstOf(sources: readonly Cursor[], direction: 1 | -1): Change | undefined {
  let first: Change | undefined;
  for (const { head } of sources) {
    if (head === undefined) continue;
    if (first === undefined || direction * compareBytes(head[0], first[0]) < 0) first = head;
  }
  return first;
}

/** An iteration whose next element can be looked at. */
class Cursor {
  readonly #iterator: Iterator<Change>;
  #head: Change | undefined;

  constructor(changes: Iterable<Change>) {
    this.#iterator = changes[Symbol.iterator]();
    this.step();
  }

  get head(): Change | undefined {
    return this.#head;
  }

  step(): void {
    const result = this.#iterator.next();
    this.#head = result.done === true ? undefined : result.value;
  }

  close(): void {
    this.#iterator.return?.();
  }
}
