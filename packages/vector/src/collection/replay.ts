import { present } from '@lucerna/base';
import type { SnapshotPiece } from '../log/snapshot.ts';
import type { CollectionState } from './collection-state.ts';
import { decodeEntry } from './entry-codec.ts';
import { Salvage } from './salvage.ts';
import { restoreState } from './snapshot-codec.ts';

/**
 * What a log hands out, on its way into a state. It may begin again at any time, and fail at any place:
 * what is searched meanwhile stays as it was until `finish`.
 */
export class Replay {
  readonly #newState: () => CollectionState;
  readonly #turn: () => Promise<void>;
  /** Made from the beginning, where the log began again. */
  #fresh: CollectionState | undefined;
  /** States that are not needed any more. */
  #dropped: CollectionState[] = [];
  /** Entries that follow on what was read before. */
  #following: Uint8Array[] = [];
  /** Where the snapshot was damaged. */
  #salvage: Salvage | undefined;

  /** @param turn awaited in long work, so that others may go first */
  constructor(newState: () => CollectionState, turn: () => Promise<void>) {
    this.#newState = newState;
    this.#turn = turn;
  }

  /** Where the snapshot that was read last is damaged: what became of it. */
  get salvage(): Salvage | undefined {
    return this.#salvage;
  }

  start(): void {
    this.#salvage = undefined;
    if (this.#fresh !== undefined) this.#dropped.push(this.#fresh);
    this.#fresh = this.#newState();
    this.#following = [];
  }

  /** @throws `VECTOR_SNAPSHOT_CORRUPT` */
  async snapshot(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const state = present(this.#fresh, 'a snapshot comes at the beginning');
    await restoreState(state, chunks, this.#turn);
  }

  /** What can be read of a damaged snapshot. */
  async damagedSnapshot(pieces: AsyncIterable<SnapshotPiece>): Promise<void> {
    const state = present(this.#fresh, 'a snapshot comes at the beginning');
    this.#salvage = new Salvage(state);
    await this.#salvage.snapshot(pieces);
  }

  /** @throws `VECTOR_LOG_CORRUPT`, `VECTOR_FORMAT_UNKNOWN` */
  async entry(bytes: Uint8Array): Promise<void> {
    if (this.#fresh === undefined) {
      this.#following.push(bytes);
      return;
    }
    const entry = decodeEntry(bytes);
    if (this.#salvage === undefined) this.#fresh.apply(entry);
    else this.#salvage.apply(entry);
    await this.#turn();
  }

  /**
   * The state after everything that was handed out: `old`, changed, or another in its place. Whoever
   * called has to use it from now on, and then to call `drop`.
   */
  async finish(old: CollectionState): Promise<CollectionState> {
    const fresh = this.#fresh;
    this.#fresh = undefined;
    if (fresh !== undefined) this.#dropped.push(old);
    const state = fresh ?? old;
    const following = this.#following;
    this.#following = [];
    for (const bytes of following) {
      await state.change(decodeEntry(bytes));
      await this.#turn();
    }
    return state;
  }

  /** Forgets what was handed out. */
  async discard(): Promise<void> {
    if (this.#fresh !== undefined) this.#dropped.push(this.#fresh);
    this.#fresh = undefined;
    this.#following = [];
    await this.drop();
  }

  /** Closes the states that have been replaced, once nobody searches in them. */
  async drop(): Promise<void> {
    const dropped = this.#dropped;
    this.#dropped = [];
    for (const state of dropped) await state.close();
  }
}
