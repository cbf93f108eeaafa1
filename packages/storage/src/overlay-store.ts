import { assert, type Durability, SerialQueue } from '@lucerna/base';
import { keyText } from './key-text.ts';
import type { Keyspace } from './keyspaces.ts';
import type { KvEntry, KvRange, KvReader, KvSnapshot, KvStore, WriteBatch } from './kv-store.ts';
import { Layer, layeredSnapshot } from './layer.ts';
import { MAX_WAITING_FLUSHES } from './limits.ts';

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
    return layeredSnapshot(layers, this.#base.snapshot());
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
