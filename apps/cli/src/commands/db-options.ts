import type { Database } from '@lucerna/platform-node/directory';

/** Options of every `lucerna db` command. */
export type DbOptions = {
  readonly dataDir: string;
  readonly json?: boolean;
};

/** Options of `db compact`. */
export type CompactOptions = DbOptions & {
  readonly db?: Database;
  /** Blocks. */
  readonly history?: number;
};

/** Options of `db snapshot`. */
export type SnapshotOptions = DbOptions & { readonly force?: boolean };

/** Options of `db export`. */
export type ExportOptions = SnapshotOptions & {
  /** Heights, both inclusive. */
  readonly from?: number;
  readonly to?: number;
};

/** Options of `db import`. */
export type ImportOptions = CompactOptions & { readonly expectHash?: Uint8Array };
