import { type Durability, joinBytes, type Log, type LucernaError } from '@lucerna/base';
import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import { type GenerationalLog, openGenerationalLog } from '../log/generations.ts';
import type { LogFiles } from '../log/log-files.ts';
import { type CatalogChange, decodeChanges, encodeChanges } from './catalog-change.ts';
import { CatalogState } from './catalog-state.ts';
import { fittingChanges } from './salvage-catalog.ts';

/** Name of the catalog among the stores of a folder; the others have UUIDs. */
export const CATALOG_NAME = 'catalog';

/** Least length of a chunk of a snapshot that is not the last. */
const CHUNK_BYTES = 65_536;

/** What the catalog works with. */
export type CatalogOptions = {
  readonly files: LogFiles;
  readonly log: Log;
  readonly salvage: boolean;
};

/** Which collections there are: a state in memory behind a log of its own. */
export class Catalog {
  readonly #log: Log;
  #state: CatalogState = new CatalogState();
  /** Takes the place of the state when it has been read. */
  #loading: CatalogState | undefined;
  #store: GenerationalLog | undefined;
  #damages: string[] = [];
  /** Whether the snapshot was damaged, so that changes may be about what is lost. */
  #isPartial = false;

  private constructor(log: Log) {
    this.#log = log;
  }

  /** @throws as `openGenerationalLog` */
  static async open({ files, log, salvage }: CatalogOptions): Promise<Catalog> {
    const catalog = new Catalog(log);
    catalog.#store = await openGenerationalLog(files.folder, CATALOG_NAME, {
      log,
      files,
      salvage,
      onStart: () => {
        catalog.#loading = new CatalogState();
        catalog.#damages = [];
        catalog.#isPartial = false;
      },
      onSnapshot: async (chunks) => {
        for await (const chunk of chunks) catalog.#take(chunk, 'VECTOR_SNAPSHOT_CORRUPT');
      },
      onEntry: (entry) => catalog.#take(entry, 'VECTOR_LOG_CORRUPT'),
      onDamagedSnapshot: async (pieces) => {
        catalog.#isPartial = true;
        for await (const piece of pieces) {
          if (piece.kind === 'lost') catalog.#damages.push(piece.reason);
          else catalog.#take(piece.bytes, 'VECTOR_SNAPSHOT_CORRUPT');
        }
      },
      onLoss: (reason) => catalog.#damages.push(reason),
    });
    catalog.#finishLoading();
    return catalog;
  }

  /** As of now; a refresh may put another one in its place. */
  get state(): CatalogState {
    return this.#state;
  }

  /** Salvage: what is damaged. */
  get damages(): readonly string[] {
    return this.#damages;
  }

  /** Set when nothing can be written any more, and the last change may be in the log or not. */
  get failure(): LucernaError | undefined {
    return this.#store?.failure;
  }

  /**
   * Makes changes, all of them or none: in the log at the level, then in memory. They were checked
   * against the state, and nobody makes others meanwhile.
   *
   * @throws as `GenerationalLog.append`; then nothing has changed
   */
  async change(changes: readonly CatalogChange[], level: Durability): Promise<void> {
    await this.#opened().append([encodeChanges(changes)], level);
    for (const change of changes) this.#state.apply(change);
  }

  /** Makes the log short again when it has become long; nobody changes anything meanwhile. */
  async compactWhenLong(): Promise<void> {
    const store = this.#opened();
    const { catalogLogBytes } = vectorLimits.values;
    if (store.logBytes < Math.max(catalogLogBytes, 2 * store.snapshotBytes)) return;
    try {
      await store.compact(() => this.#chunks());
    } catch (error) {
      // Everything is in the log still; the next change tries again.
      this.#log.warn('the catalog could not be compacted', { reason: String(error) });
    }
  }

  async persist(): Promise<void> {
    await this.#opened().sync();
  }

  /** Readers: takes in what the writer has changed. */
  async refresh(): Promise<void> {
    try {
      await this.#opened().refresh();
      this.#finishLoading();
    } finally {
      this.#loading = undefined;
    }
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }

  #take(bytes: Uint8Array, code: 'VECTOR_LOG_CORRUPT' | 'VECTOR_SNAPSHOT_CORRUPT'): void {
    const state = this.#loading ?? this.#state;
    for (const change of decodeChanges(bytes, code)) {
      if (!this.#isPartial) state.apply(change);
      else for (const each of fittingChanges(state, change)) state.apply(each);
    }
  }

  #finishLoading(): void {
    this.#state = this.#loading ?? this.#state;
    this.#loading = undefined;
  }

  /** The state as chunks of whole changes. */
  *#chunks(): Generator<Uint8Array> {
    let parts: Uint8Array[] = [];
    let bytes = 0;
    for (const change of this.#state.changes()) {
      const part = encodeChanges([change]);
      parts.push(part);
      bytes += part.length;
      if (bytes < CHUNK_BYTES) continue;
      yield joinBytes(parts);
      parts = [];
      bytes = 0;
    }
    if (bytes > 0) yield joinBytes(parts);
  }

  #opened(): GenerationalLog {
    if (this.#store === undefined) throw vectorErrors.create('DATABASE_CLOSED');
    return this.#store;
  }
}
