import { EMPTY_BYTES, joinBytes, type Log, toHexKey } from '@lucerna/base';
import type { RecoveredTransaction } from '@lucerna/protocol';
import type { AppendFile } from '@lucerna/storage';
import {
  acceptedRecordBytes,
  encodeRecord,
  type JournalRecord,
  readRecords,
} from './journal-record.ts';
import { type JournalLimits, mempoolLimits } from './limits.ts';
import type { Mempool } from './mempool.ts';
import type { PoolEffect, PoolEvent } from './pool-event.ts';

/**
 * Where a journal is kept. One file is in use; the other one is empty but while what is alive is
 * copied to it, so that a crash at any moment leaves one that is whole.
 */
export type JournalFiles = readonly [AppendFile, AppendFile];

/** What a journal works with. */
export type JournalOptions = {
  readonly log: Log;
  readonly limits?: Partial<JournalLimits>;
};

/** Records that go to the file together, and who waits for them. */
type Batch = {
  readonly parts: Uint8Array[];
  /** By hash, where in the parts it is said that a transaction was accepted. */
  readonly accepted: Map<string, number>;
  readonly written: PromiseWithResolvers<void>;
};

/**
 * The transactions of this node's users that wait in the pool, so that they outlive the process:
 * records of what was accepted and what left, one after the other. What peers sent is not kept: they
 * still have it. When most of a file is about transactions that are gone, the others are copied to
 * the other file.
 *
 * ```ts
 * const journal = await PoolJournal.open(files, { log });
 * await journal.replay(pool, clock.nowMs());
 * const effects = pool.step(event);
 * await journal.record(event, effects);
 * ```
 */
export class PoolJournal {
  readonly #files: JournalFiles;
  readonly #log: Log;
  readonly #limits: JournalLimits;
  /** By hash, in the order in which they were accepted: what a replay of the file gives. */
  readonly #alive: Map<string, RecoveredTransaction>;
  #aliveBytes = 0;
  /** Index of the file in use; undefined until the first record. */
  #current: 0 | 1 | undefined;
  #generation = 0;
  #batch: Batch | undefined;
  #writer: Promise<void> = Promise.resolve();
  #stopped = false;

  private constructor(
    files: JournalFiles,
    alive: Map<string, RecoveredTransaction>,
    options: JournalOptions,
  ) {
    this.#files = files;
    this.#alive = alive;
    this.#log = options.log;
    this.#limits = limitsOf(options);
    for (const transaction of alive.values()) this.#aliveBytes += acceptedRecordBytes(transaction);
  }

  /**
   * Reads what the files hold and cuts off what is damaged, with a warning. Closes the files when it
   * fails.
   *
   * @throws `POOL_JOURNAL_VERSION`; `FILE_*`
   */
  static async open(files: JournalFiles, options: JournalOptions): Promise<PoolJournal> {
    const { journalChunkBytes } = limitsOf(options);
    try {
      const first = await readJournal(files[0], journalChunkBytes);
      const second = await readJournal(files[1], journalChunkBytes);
      const current = comesAfter(second, first) ? 1 : 0;
      const contents = current === 0 ? first : second;
      const journal = new PoolJournal(files, contents.alive, options);
      await journal.#repair(current, contents);
      return journal;
    } catch (error) {
      for (const file of files) await file.close();
      throw error;
    }
  }

  /** Number of transactions that a replay would give. */
  get size(): number {
    return this.#alive.size;
  }

  /** Whether nothing is taken down any more: the files are closed, or could not be written. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Offers the pool what was waiting when the process ended, in the order of that time, as if it had
   * been sent now; what it refuses leaves the journal.
   */
  async replay(pool: Mempool, nowMs: number): Promise<readonly PoolEffect[]> {
    const effects: PoolEffect[] = [];
    for (const transaction of [...this.#alive.values()]) {
      const event = { kind: 'transaction', transaction, nowMs, origin: 'local' } as const;
      const outcome = pool.step(event);
      this.#take(event, outcome);
      for (const effect of outcome) effects.push(effect);
    }
    await this.flush();
    return effects;
  }

  /**
   * Takes down what a step of the pool did. Resolves when it outlives the process; at once where
   * there is nothing to take down, as for transactions of peers. A file that cannot be written ends
   * the journal with an error in the log, and the pool goes on.
   */
  async record(event: PoolEvent, effects: readonly PoolEffect[]): Promise<void> {
    if (this.#take(event, effects)) await this.flush();
  }

  /**
   * As {@link PoolJournal.record}, but leaves the writing to whoever calls {@link PoolJournal.flush} or
   * records the next step: a transaction that is in a block by then is never written.
   */
  note(event: PoolEvent, effects: readonly PoolEffect[]): void {
    this.#take(event, effects);
  }

  /** Resolves when everything that was taken down so far is in the file, or never will be. */
  async flush(): Promise<void> {
    const batch = this.#batch;
    if (batch === undefined) return this.#writer;
    this.#writer = this.#writer.then(() => this.#writeNext(batch));
    return batch.written.promise;
  }

  /** Ends what is being written and closes the files. */
  async close(): Promise<void> {
    await this.flush();
    this.#stopped = true;
    for (const file of this.#files) await file.close();
  }

  /** Makes the file in use whole again and the other one empty. */
  async #repair(current: 0 | 1, contents: Contents): Promise<void> {
    const file = this.#files[current];
    const lostBytes = file.size() - contents.end;
    if (lostBytes > 0) {
      this.#log.warn('the end of the pool journal was damaged and is cut off', {
        lostBytes,
        kept: contents.alive.size,
      });
    }
    if (contents.complete) {
      this.#current = current;
      this.#generation = contents.generation;
      if (lostBytes > 0) await file.truncate(contents.end);
      const other = this.#files[1 - current] as AppendFile;
      if (other.size() > 0) await other.truncate(0);
      if (this.#isMostlyDead(0)) await this.#compact();
    } else if (this.#alive.size > 0) {
      // Never seen after a crash of the process alone: this was the only file.
      this.#current = current;
      this.#generation = contents.generation;
      await this.#compact();
    }
  }

  /** Puts the records of a step into the batch that is written next; whether there are any. */
  #take(event: PoolEvent, effects: readonly PoolEffect[]): boolean {
    if (this.#stopped) return false;
    let noted = false;
    for (const effect of effects) {
      if (effect.kind === 'accepted') {
        if (effect.replaced !== undefined) noted = this.#noteDropped(effect.replaced) || noted;
        const transaction = sentHere(event, effect.hash);
        if (transaction !== undefined) noted = this.#noteAccepted(transaction) || noted;
      } else if (isGone(effect)) {
        noted = this.#noteDropped(effect.hash) || noted;
      }
    }
    return noted;
  }

  #noteAccepted(transaction: RecoveredTransaction): boolean {
    const hashKey = toHexKey(transaction.hash);
    if (this.#alive.has(hashKey)) return false;
    this.#alive.set(hashKey, transaction);
    this.#aliveBytes += acceptedRecordBytes(transaction);
    const { parts, accepted } = this.#add({ kind: 'accepted', transaction });
    accepted.set(hashKey, parts.length - 1);
    return true;
  }

  #noteDropped(hash: Uint8Array): boolean {
    const hashKey = toHexKey(hash);
    const transaction = this.#alive.get(hashKey);
    if (transaction === undefined) return false;
    this.#alive.delete(hashKey);
    this.#aliveBytes -= acceptedRecordBytes(transaction);
    if (!this.#takeBack(hashKey)) this.#add({ kind: 'dropped', hash });
    return true;
  }

  #add(record: JournalRecord): Batch {
    this.#batch ??= { parts: [], accepted: new Map(), written: Promise.withResolvers() };
    this.#batch.parts.push(encodeRecord(record));
    return this.#batch;
  }

  /** Takes the record of an acceptance out of the batch, if it is still there. */
  #takeBack(hashKey: string): boolean {
    const place = this.#batch?.accepted.get(hashKey);
    if (this.#batch === undefined || place === undefined) return false;
    this.#batch.parts[place] = EMPTY_BYTES;
    this.#batch.accepted.delete(hashKey);
    return true;
  }

  /** What came while an earlier batch was written goes to the file in one piece. */
  async #writeNext(batch: Batch): Promise<void> {
    // Another flush of the same batch was first.
    if (this.#batch !== batch) return;
    this.#batch = undefined;
    try {
      const bytes = joinBytes(batch.parts);
      if (!this.#stopped && bytes.length > 0) await this.#write(bytes);
    } catch (error) {
      this.#stopped = true;
      this.#log.error('the pool journal ends: waiting transactions are lost at the next start', {
        reason: String(error),
      });
    }
    batch.written.resolve();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    // What is alive has the changes of this batch, so that a copy of it makes them superfluous.
    if (this.#current === undefined || this.#isMostlyDead(bytes.length)) await this.#compact();
    else await this.#files[this.#current].append(bytes);
  }

  #isMostlyDead(addedBytes: number): boolean {
    if (this.#current === undefined) return false;
    const bytes = this.#files[this.#current].size() + addedBytes;
    return bytes > 2 * this.#aliveBytes + this.#limits.journalSlackBytes;
  }

  /** Copies what is alive to the other file, which is in use from then on. */
  async #compact(): Promise<void> {
    const next = this.#current === 0 ? 1 : 0;
    const file = this.#files[next];
    const generation = this.#generation + 1;
    if (file.size() > 0) await file.truncate(0);
    let parts = [encodeRecord({ kind: 'begin', generation })];
    let bytes = 0;
    for (const transaction of [...this.#alive.values()]) {
      const record = encodeRecord({ kind: 'accepted', transaction });
      parts.push(record);
      bytes += record.length;
      if (bytes < this.#limits.journalChunkBytes) continue;
      await file.append(joinBytes(parts));
      parts = [];
      bytes = 0;
    }
    parts.push(encodeRecord({ kind: 'complete' }));
    await file.append(joinBytes(parts));
    const last = this.#current;
    this.#current = next;
    this.#generation = generation;
    if (last !== undefined) await this.#files[last].truncate(0);
  }
}

function limitsOf({ limits }: JournalOptions): JournalLimits {
  return { ...mempoolLimits.values, ...limits };
}

/** What a file of a journal says. */
type Contents = {
  readonly alive: Map<string, RecoveredTransaction>;
  /** 0 without a beginning that can be read. */
  readonly generation: number;
  /** Whether all that was alive when the file was begun is in it. */
  readonly complete: boolean;
  /** Offset behind the last record that can be read. */
  readonly end: number;
};

async function readJournal(file: AppendFile, chunkBytes: number): Promise<Contents> {
  const alive = new Map<string, RecoveredTransaction>();
  let generation = 0;
  let complete = false;
  let end = 0;
  for await (const { record, end: recordEnd } of readRecords(file, chunkBytes)) {
    const isFirst = end === 0;
    if (isFirst !== (record.kind === 'begin')) break;
    if (record.kind === 'begin') generation = record.generation;
    else if (record.kind === 'complete') complete = true;
    else if (record.kind === 'dropped') alive.delete(toHexKey(record.hash));
    else alive.set(toHexKey(record.transaction.hash), record.transaction);
    end = recordEnd;
  }
  return { alive, generation, complete, end };
}

/** Whether `left` is the one to go on with: the last one that is complete. */
function comesAfter(left: Contents, right: Contents): boolean {
  if (left.complete !== right.complete) return left.complete;
  return left.generation > right.generation;
}

/** The transaction, if a user of this node sent it or it was in a block of the chain. */
function sentHere(event: PoolEvent, hash: Uint8Array): RecoveredTransaction | undefined {
  if (event.kind === 'transaction') {
    return event.origin === 'local' ? event.transaction : undefined;
  }
  if (event.kind !== 'head') return undefined;
  const hashKey = toHexKey(hash);
  return event.reverted?.find((transaction) => toHexKey(transaction.hash) === hashKey);
}

/** Dropped, or refused when it was replayed. */
function isGone(effect: PoolEffect): effect is Extract<PoolEffect, { readonly hash: Uint8Array }> {
  if (effect.kind === 'rejected') return effect.error.code !== 'POOL_ALREADY_KNOWN';
  return effect.kind === 'dropped';
}
