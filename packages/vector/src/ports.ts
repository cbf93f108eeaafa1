import type { Clock, Log, Random, Threads } from '@lucerna/base';
import type { AppendFile, BlobDir } from '@lucerna/storage';

/**
 * The folder of one database: logs that grow, and blobs that are replaced as a whole. Names are those
 * of `BlobDir`; logs and blobs have names of their own. Whoever opens it to write is its only writer
 * (`VECTOR_FOLDER_IN_USE` otherwise); readers may come and go.
 */
export type VectorFolder = {
  readonly access: 'write' | 'read';
  /** True: nothing outlives the folder, so that whoever would write to it may leave that out. */
  readonly isVolatile?: boolean;
  /**
   * The log of that name; made where it is missing and may be written. Its size is that of this moment:
   * a reader opens it again to see what was appended since.
   *
   * @throws `FILE_OPEN_FAILED`, also for a reader where it is missing
   */
  readonly openLog: (name: string) => Promise<AppendFile>;
  /** Names of all logs, sorted by unsigned bytes. */
  readonly logNames: () => Promise<readonly string[]>;
  /** Takes a log away, which is closed. When there is none of that name, nothing happens. */
  readonly removeLog: (name: string) => Promise<void>;
  readonly blobs: BlobDir;
  /** Gives up the claim to write; closes the blobs. Logs are closed by who opened them. */
  readonly close: () => Promise<void>;
};

/** What a database needs from the platform. It closes the folder. */
export type VectorPorts = {
  readonly folder: VectorFolder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Without them everything runs on the caller's thread. */
  readonly threads?: Threads;
};
