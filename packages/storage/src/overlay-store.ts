import { assert, compareBytes, type Durability, SerialQueue } from '@lucerna/base';
import { keyText } from './key-text.ts';
import type { Keyspace } from './keyspaces.ts';
import {
  type KvEntry,
  type KvRange,
  type KvReader,
  type KvSnapshot,
  type KvStore,
  type KvWrite,
  WriteBatch,
} from './kv-store.ts';
import { MAX_WAITING_FLUSHES } from './limits.ts';
import { OrderedMap, type OrderedView } from './ordered-map.ts';

/**
 * A write-behind store: batches are visible as soon as they are published and reach the store below
 * later, many at a time. What was published and not flushed is lost with the process, so whoever
 * publishes must be able to make it again (the chain does, from its block log).
 *
 * Two layers lie over the base: `top` takes what is published, `flushing` is what a running flush
 * writes. A layer hides the same keys below it, so readers see the same before and after the moment
 * in which the base takes the batch.
 */
export class OverlayStore implements KvReader {
  readonly #base: KvStore;
  readonly #flushes = new SerialQueue(MAX_WAITING_FLUSHES);
  #top = new Layer();
  #flushing = new Layer();
  /** The last commit was only as durable as the process. */
  #baseIsVolatile = false;

  private constructor(base: KvStore) {
    this.#base = base;
  }

  /** An empty overlay over `base`. Nobody else writes to `base` from now on. */
  static open(base: KvStore): OverlayStore {
    return new OverlayStore(base);
  }

  /** Bytes of keys and values that are not in the base yet. */
  get pendingBytes(): number {
    return this.#top.bytes + this.#flushing.bytes;
  }

  /** Changed keys that are not in the base yet; one that changed during a flush may count twice. */
  get pendingWrites(): number {
    return this.#top.size + this.#flushing.size;
  }

  get(keyspace: Keyspace, key: Uint8Array): Uint8Array | undefined {
    const text = keyText(key);
    const write = this.#top.get(keyspace, text) ?? this.#flushing.get(keyspace, text);
    return write === undefined ? this.#base.get(keyspace, key) : write.value;
  }

  *range(keyspace: Keyspace, range: KvRange = {}): Generator<KvEntry, void, undefined> {
    // The base's own range would begin now as well, but after a flush it has to be this moment's.
    const snapshot = this.snapshot();
    try {
      yield* snapshot.range(keyspace, range);
    } finally {
      snapshot.release();
    }
  }

  /** What is visible now. Neither a later batch nor a flush changes it. */
  snapshot(): KvSnapshot {
    const layers = [this.#top.view(), this.#flushing.view()];
    return overlaySnapshot(layers, this.#base.snapshot());
  }

  /** Makes all of `batch` visible at once. Its bytes belong to the store from now on. */
  publish(batch: WriteBatch): void {
    for (const write of batch.writes()) this.#top.apply(write);
  }

  /**
   * Writes everything that is published so far as one commit, and forgets it here. Flushes run one
   * after the other. After a failure everything is still visible, and the next flush tries again.
   *
   * @throws `STORE_WRITE_FAILED`
   */
  async flush(level: Durability): Promise<void> {
    await this.#flushes.run(() => this.#flushNow(level));
  }

  async #flushNow(level: Durability): Promise<void> {
    assert(this.#flushing.size === 0, 'one flush at a time');
    const hardens = level === 'power' && this.#baseIsVolatile;
    if (this.#top.size === 0 && !hardens) return;
    this.#flushing = this.#top;
    this.#top = new Layer();
    try {
      await this.#base.commit(this.#flushing.toBatch(), level);
    } catch (error) {
      const since = this.#top;
      this.#top = this.#flushing;
      for (const write of since.writes()) this.#top.apply(write);
      this.#flushing = new Layer();
      throw error;
    }
    this.#flushing = new Layer();
    this.#baseIsVolatile = level === 'process';
  }
}

/** The changes of one layer at one moment, by number of keyspace. */
type LayerView = ReadonlyMap<number, OrderedView<KvWrite>>;

/** The last change of every changed key. */
class Layer {
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

/** @param layers the upper one first */
function overlaySnapshot(layers: readonly LayerView[], base: KvSnapshot): KvSnapshot {
  const reader: KvReader = {
    get: (keyspace, key): Uint8Array | undefined => {
      const text = keyText(key);
      for (const layer of layers) {
        const write = layer.get(keyspace.id)?.get(text);
        if (write !== undefined) return write.value;
      }
      return base.get(keyspace, key);
    },
    *range(keyspace, range = {}): Generator<KvEntry, void, undefined> {
      let left = range.limit ?? Number.POSITIVE_INFINITY;
      if (left <= 0) return;
      for (const entry of mergedRange(layers, base, keyspace, range)) {
        yield entry;
        left -= 1;
        if (left === 0) return;
      }
    },
  };
  return { ...reader, release: () => base.release() };
}

/** Merges two layers and the base; the uppermost that has a key decides on it. */
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
