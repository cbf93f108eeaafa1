import type { AppendFile } from '@lucerna/storage';
import { vectorLimits } from '../limits.ts';
import type { VectorFolder } from '../ports.ts';
import { type Generations, groupFiles, NO_GENERATIONS } from './log-names.ts';

/** A log that is open, or about to be. */
type OpenLog = {
  readonly opening: Promise<AppendFile>;
  /** Tasks that use it now. */
  users: number;
};

/**
 * The logs of a folder, of which many thousand may be there: of a writer, those that were used last stay
 * open. Each log has one user at a time, its store.
 */
export class LogFiles {
  readonly folder: VectorFolder;
  /** The one that was used longest ago comes first. */
  readonly #open = new Map<string, OpenLog>();
  /** Logs that are being closed: some systems refuse to open a file twice. */
  readonly #closing = new Map<string, Promise<void>>();
  #listing: Map<string, Generations> | undefined;

  constructor(folder: VectorFolder) {
    this.folder = folder;
  }

  /**
   * Runs `task` with the log of that name, which is opened for it where it is not open.
   *
   * @throws `FILE_OPEN_FAILED`, and what `task` throws
   */
  async use<T>(fileName: string, task: (file: AppendFile) => Promise<T>): Promise<T> {
    const log = this.#open.get(fileName) ?? { opening: this.#openNow(fileName), users: 0 };
    this.#open.delete(fileName);
    this.#open.set(fileName, log);
    log.users += 1;
    try {
      const file = await log.opening.catch((error: unknown) => {
        // Whoever comes next tries again.
        if (this.#open.get(fileName) === log) this.#open.delete(fileName);
        throw error;
      });
      return await task(file);
    } finally {
      log.users -= 1;
      // What a reader has opened does not show what is appended later.
      const closing =
        this.folder.access === 'read' && log.users === 0
          ? this.close(fileName)
          : this.#closeSurplus();
      // The task has done what it was to do, whatever becomes of the handle.
      await closing.catch(() => undefined);
    }
  }

  /** Closes a log that nobody uses now. */
  async close(fileName: string): Promise<void> {
    const log = this.#open.get(fileName);
    if (log !== undefined) this.#closeNow(fileName, log);
    await this.#closing.get(fileName);
  }

  /** Closes all logs; nobody may use one. */
  async closeAll(): Promise<void> {
    for (const fileName of [...this.#open.keys(), ...this.#closing.keys()]) {
      await this.close(fileName);
    }
  }

  /**
   * Which files the store of that name has: by the last {@link LogFiles.list}, else by looking now.
   */
  async generations(name: string): Promise<Generations> {
    const listing = this.#listing ?? (await this.#read());
    return listing.get(name) ?? NO_GENERATIONS;
  }

  /** Looks which files there are, once for many stores, until {@link LogFiles.forget}. */
  async list(): Promise<ReadonlyMap<string, Generations>> {
    this.#listing = await this.#read();
    return this.#listing;
  }

  /** From now on, every store looks for itself. */
  forget(): void {
    this.#listing = undefined;
  }

  async #read(): Promise<Map<string, Generations>> {
    // Blobs first: a log that begins where a snapshot was taken is there before the snapshot is.
    const blobNames = await this.folder.blobs.names();
    return groupFiles(await this.folder.logNames(), blobNames);
  }

  async #openNow(fileName: string): Promise<AppendFile> {
    await this.#closing.get(fileName);
    return this.folder.openLog(fileName);
  }

  #closeNow(fileName: string, log: OpenLog): void {
    this.#open.delete(fileName);
    const closing = log.opening
      .then((file) => file.close())
      .finally(() => this.#closing.delete(fileName));
    this.#closing.set(fileName, closing);
  }

  async #closeSurplus(): Promise<void> {
    if (this.#open.size <= vectorLimits.values.openLogs) return;
    for (const [fileName, log] of this.#open) {
      if (log.users > 0) continue;
      // What was not synced is not lost: the system writes it whether or not the file is open, and a
      // sync through another handle waits for it.
      await this.close(fileName);
      return;
    }
  }
}
