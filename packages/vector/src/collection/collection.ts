import { type Cancel, SerialQueue, turnTaker } from '@lucerna/base';
import type {
  Collection,
  CollectionStatistics,
  GetRequest,
  QueryHit,
  QueryRequest,
  SalvageLoss,
  Selection,
} from '../collection-api.ts';
import type { EmbeddingIdentity, IndexConfiguration } from '../configuration.ts';
import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import { type GenerationalLog, openGenerationalLog } from '../log/generations.ts';
import type { Metadata } from '../metadata.ts';
import type { RecordBatch, StoredRecord } from '../record.ts';
import { checkModel, checkQueries } from './check-embeddings.ts';
import {
  checkBatch,
  checkHits,
  checkQueryOptions,
  checkSelection,
  pageOf,
} from './check-request.ts';
import { CollectionState } from './collection-state.ts';
import { type CollectionEntry, encodeEntry } from './entry-codec.ts';
import type { CollectionDefinition, CollectionParts, OwnedCollection } from './parts.ts';
import { planWrite, type WriteKind, type WritePlan } from './plan-write.ts';
import { Replay } from './replay.ts';
import { allowedRows, selectRecords } from './select.ts';
import { momentOf, snapshotChunks } from './snapshot-codec.ts';

/** How long reading a snapshot keeps others waiting. */
const TURN_MS = 10;

/**
 * Opens a collection: reads its newest snapshot and what the log has since then.
 *
 * @throws `VECTOR_SNAPSHOT_CORRUPT`, `VECTOR_LOG_CORRUPT`, `VECTOR_FORMAT_UNKNOWN`, `FILE_*`
 */
export async function openCollection(parts: CollectionParts): Promise<OwnedCollection> {
  return StoredCollection.open(parts);
}

/**
 * A collection over its log. Writes go through a queue: each is checked against the state, appended to
 * the log, and then applied to the state, all at once and while nobody searches. What is read again
 * after a restart goes through the same code.
 */
class StoredCollection implements OwnedCollection {
  readonly id: string;
  readonly tenant: string;
  readonly database: string;
  readonly #parts: CollectionParts;
  readonly #replay: Replay;
  /** Salvage: what was left out of the logs, and why. */
  #lostEntries: string[] = [];
  readonly #writes: SerialQueue = new SerialQueue(vectorLimits.values.collectionWrites);
  #state: CollectionState;
  #log: GenerationalLog | undefined;
  #compaction: Promise<void> | undefined;
  #endSettling: (() => void) | undefined;
  /** Set once it is closed: what was asked for before is still done. */
  #closed: (() => Error) | undefined;
  /** Set when memory and log are not the same any more: nothing is done. */
  #failure: unknown;

  private constructor(parts: CollectionParts) {
    const { id, tenant, database } = parts.definition();
    this.id = id;
    this.tenant = tenant;
    this.database = database;
    this.#parts = parts;
    const { clock } = parts.ports;
    this.#replay = new Replay(() => this.#newState(), turnTaker(clock, TURN_MS));
    this.#state = this.#newState();
  }

  static async open(parts: CollectionParts): Promise<OwnedCollection> {
    const collection = new StoredCollection(parts);
    const { folder, log } = parts.ports;
    try {
      collection.#log = await openGenerationalLog(folder, parts.logName, {
        log,
        files: parts.files,
        salvage: parts.salvage,
        onStart: () => {
          collection.#lostEntries = [];
          collection.#replay.start();
        },
        onSnapshot: (chunks) => collection.#replay.snapshot(chunks),
        onEntry: (bytes) => collection.#replay.entry(bytes),
        onDamagedSnapshot: (pieces) => collection.#replay.damagedSnapshot(pieces),
        onLoss: (reason) => collection.#lostEntries.push(reason),
      });
      await collection.#finishReplay();
    } catch (error) {
      await collection.#replay.discard();
      throw error;
    }
    return collection;
  }

  get name(): string {
    return this.#definition.name;
  }

  get metadata(): Metadata | undefined {
    return this.#definition.metadata;
  }

  get attributes(): string | undefined {
    return this.#definition.attributes;
  }

  get index(): IndexConfiguration {
    return this.#definition.index;
  }

  get identity(): EmbeddingIdentity {
    return this.#state.identity;
  }

  get #definition(): CollectionDefinition {
    return this.#parts.definition();
  }

  count(): number {
    return this.#opened().table.size;
  }

  has(id: string): boolean {
    return this.#opened().table.has(id);
  }

  ids(): IterableIterator<string> {
    return this.#opened().table.ids();
  }

  record(id: string): StoredRecord | undefined {
    return this.#opened().table.record(id);
  }

  embedding(id: string): Float32Array | undefined {
    const { table, vectors } = this.#opened();
    const row = table.row(id);
    if (row === undefined || vectors === undefined) return undefined;
    const values = new Float32Array(vectors.dimension);
    vectors.read(row, values, 0);
    return values;
  }

  get(request: GetRequest = {}): readonly StoredRecord[] {
    const state = this.#opened();
    checkSelection(request);
    const { offset, limit } = pageOf(request);
    return selectRecords(state, request, offset, limit);
  }

  async query(request: QueryRequest): Promise<readonly (readonly QueryHit[])[]> {
    const state = this.#opened();
    checkSelection(request);
    const { index } = this.#definition;
    const options = checkQueryOptions(request, index);
    checkModel(request.model, state.identity);
    const count = checkQueries(request.embeddings, request.dimension, state.identity);
    const { vectors, table } = state;
    if (vectors === undefined || count === 0) return noHits(count);
    checkHits(count, options, table.size);
    return vectors.reading(async (search) => {
      const allowed = allowedRows(state, request);
      if (allowed?.size === 0) return noHits(count);
      const found = await search(request.embeddings, { ...options, allowed });
      return found.map(({ rows, distances }) =>
        Array.from(rows, (row, place) => ({
          record: table.at(row),
          distance: distances[place] as number,
        })),
      );
    });
  }

  async add(batch: RecordBatch, options: AddOptions = {}): Promise<number> {
    const kind = options.onExisting === 'ignore' ? 'addMissing' : 'add';
    return (await this.#put(kind, batch, options.model)).added;
  }

  async update(batch: RecordBatch, options: ModelOption = {}): Promise<number> {
    return (await this.#put('update', batch, options.model)).changed;
  }

  async upsert(batch: RecordBatch, options: ModelOption = {}): Promise<number> {
    return (await this.#put('upsert', batch, options.model)).added;
  }

  async delete(selection: Selection & { readonly limit?: number }): Promise<number> {
    this.#writable();
    checkSelection(selection);
    const { limit } = pageOf({ limit: selection.limit });
    return this.#writes.run(async () => {
      const found = selectRecords(this.#whole(), selection, 0, limit);
      if (found.length === 0) return 0;
      await this.#commit({ kind: 'delete', ids: found.map(({ id }) => id) });
      return found.length;
    });
  }

  async settled(): Promise<void> {
    await this.#opened().vectors?.settled();
  }

  async compact(): Promise<void> {
    this.#writable();
    this.#compaction ??= this.#compact().finally(() => {
      this.#compaction = undefined;
    });
    return this.#compaction;
  }

  statistics(): CollectionStatistics {
    if (this.#closed !== undefined) throw this.#closed();
    const { table, vectors } = this.#state;
    const index = vectors?.statistics();
    return {
      records: table.size,
      indexed: index?.indexed ?? 0,
      waiting: index?.waiting ?? 0,
      dead: index?.dead ?? 0,
      memoryBytes: index?.memoryBytes ?? 0,
      segments: index?.segments ?? 0,
      logBytes: this.#logged().logBytes,
      snapshotBytes: this.#logged().snapshotBytes,
      generation: this.#logged().generation,
    };
  }

  loss(): SalvageLoss | undefined {
    const { salvage } = this.#replay;
    const { records, incomplete } = salvage?.losses ?? { records: 0, incomplete: 0 };
    if (records === 0 && incomplete === 0 && this.#lostEntries.length === 0) return undefined;
    const damages = [...(salvage?.damages ?? []), ...this.#lostEntries];
    return { collection: this.id, damages, records, incomplete };
  }

  hasWork(): boolean {
    return this.#closed === undefined && this.#state.vectors?.hasWork() === true;
  }

  work(): void {
    if (this.#closed === undefined) this.#state.vectors?.work();
  }

  async persist(): Promise<void> {
    this.#opened();
    await this.#writes.run(() => this.#logged().sync());
  }

  async refresh(): Promise<void> {
    this.#opened();
    if (this.#parts.ports.folder.access === 'write') return;
    await this.#writes.run(async () => {
      try {
        await this.#logged().refresh();
      } catch (error) {
        await this.#replay.discard();
        throw error;
      }
      await this.#finishReplay();
    });
  }

  async close(reason?: () => Error): Promise<void> {
    if (this.#closed !== undefined) return;
    this.#closed = reason ?? (() => vectorErrors.create('DATABASE_CLOSED'));
    this.#endSettling?.();
    await this.#writes.idle();
    // Whoever asked for the compaction is told how it ended.
    await this.#compaction?.catch(() => undefined);
    await this.#state.close();
    await this.#log?.close();
  }

  #newState(): CollectionState {
    const { identity, index } = this.#definition;
    const { clock, log, threads } = this.#parts.ports;
    return new CollectionState({ identity, index, clock, log, threads });
  }

  async #finishReplay(): Promise<void> {
    try {
      this.#state = await this.#replay.finish(this.#state);
    } catch (error) {
      // Some of what was read has been applied, and cannot be read again.
      this.#failure ??= error;
      throw error;
    }
    await this.#replay.drop();
  }

  async #put(kind: WriteKind, batch: RecordBatch, model: string | undefined): Promise<WritePlan> {
    this.#writable();
    checkBatch(batch);
    return this.#writes.run(async () => {
      const plan = planWrite(this.#whole(), kind, batch, model);
      if (plan.entry !== undefined) await this.#commit(plan.entry);
      return plan;
    });
  }

  async #commit(entry: CollectionEntry): Promise<void> {
    const bytes = encodeEntry(entry);
    await this.#state.prepare(entry);
    await this.#logged().append(bytes, this.#parts.durability);
    try {
      await this.#state.change(entry);
    } catch (error) {
      // The log has it and the memory has not: only what a restart reads is right.
      this.#failure ??= error;
      throw error;
    }
    this.#parts.onChange?.();
  }

  async #compact(): Promise<void> {
    if (this.#parts.ports.folder.isVolatile === true) return;
    await this.#settleFor(vectorLimits.values.compactionSettleMs);
    this.#writable();
    // Through the queue: an entry is either in the old log and applied, or in the new one.
    const moment = await this.#writes.run(() =>
      this.#logged().rotate(() => momentOf(this.#whole())),
    );
    try {
      await this.#logged().writeSnapshot(snapshotChunks(moment));
    } finally {
      moment.index?.release();
    }
  }

  /**
   * Waits until the graph is whole, so that it is written whole: links to deleted rows that still hold a
   * place would be lost. Not for ever: while writes go on faster than the graph grows, it never is.
   */
  async #settleFor(mostMs: number): Promise<void> {
    const { vectors } = this.#whole();
    if (vectors === undefined) return;
    let cancel: Cancel | undefined;
    let isOver = false;
    const enough = new Promise<void>((resolve) => {
      cancel = this.#parts.ports.clock.schedule(mostMs, resolve);
      this.#endSettling = resolve;
    });
    try {
      await Promise.race([vectors.settled(() => !isOver), enough]);
    } finally {
      cancel?.();
      // Else one that was given up would go on beside the next one.
      isOver = true;
    }
  }

  #opened(): CollectionState {
    if (this.#closed !== undefined) throw this.#closed();
    return this.#whole();
  }

  #whole(): CollectionState {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#state;
  }

  #writable(): CollectionState {
    const state = this.#opened();
    if (this.#parts.ports.folder.access === 'write') return state;
    throw vectorErrors.create('DATABASE_READ_ONLY');
  }

  #logged(): GenerationalLog {
    if (this.#log === undefined) throw vectorErrors.create('DATABASE_CLOSED');
    return this.#log;
  }
}

type AddOptions = NonNullable<Parameters<Collection['add']>[1]>;
type ModelOption = NonNullable<Parameters<Collection['update']>[1]>;

function noHits(count: number): readonly (readonly QueryHit[])[] {
  return Array.from({ length: count }, () => []);
}
