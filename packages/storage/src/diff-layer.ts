import { keyText } from './key-text.ts';
import type { Keyspace } from './keyspaces.ts';
import type { KvEntry, KvRange, KvSnapshot, SnapshotReader, WriteBatch } from './kv-store.ts';
import { Layer, layeredRange, layeredSnapshot } from './layer.ts';

/**
 * Changes in memory over a state, which never reach it: what the state was, would be, or is to become.
 * It reads as the state with the changes, and may be the state of another one:
 * `new DiffLayer(new DiffLayer(store))`. Nothing has to be released when it is dropped.
 *
 * It holds all that is published to it and has no bound of its own: whoever publishes sees to that, as
 * the chain does by its limits of a reorganisation and of going back for a proof.
 *
 * What changes below shows through wherever the layer has no change of its own.
 */
export class DiffLayer implements SnapshotReader {
  readonly #base: SnapshotReader;
  readonly #changes = new Layer();

  constructor(base: SnapshotReader) {
    this.#base = base;
  }

  /** Makes all of `batch` visible at once. Its bytes belong to the layer from now on. */
  publish(batch: WriteBatch): void {
    for (const write of batch.writes()) this.#changes.apply(write);
  }

  get(keyspace: Keyspace, key: Uint8Array): Uint8Array | undefined {
    const write = this.#changes.get(keyspace, keyText(key));
    return write === undefined ? this.#base.get(keyspace, key) : write.value;
  }

  *range(keyspace: Keyspace, range: KvRange = {}): Generator<KvEntry, void, undefined> {
    // Both begin at the first step, so they are of one moment.
    yield* layeredRange([this.#changes.view()], this.#base, keyspace, range);
  }

  /** What is visible now: neither a later batch nor a change below is seen. */
  snapshot(): KvSnapshot {
    return layeredSnapshot([this.#changes.view()], this.#base.snapshot());
  }
}
