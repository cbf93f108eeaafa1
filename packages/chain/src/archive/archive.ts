import type { Progress } from '@lucerna/base';
import type { Genesis } from '@lucerna/protocol';

/** What long work on an archive has at hand. */
export type ArchiveWork = {
  /** Awaited again and again; what it throws ends the work. */
  readonly takeTurn: () => Promise<void>;
  /** In units that each work names. */
  readonly onProgress?: Progress | undefined;
};

/** An archive of blocks: to be executed by whoever has the same genesis. */
export type BlocksArchive = {
  readonly kind: 'blocks';
  readonly genesis: Genesis;
  /** Of block 0. */
  readonly genesisHash: Uint8Array;
};

/** An archive of a state: a block log that begins with the state after this block. */
export type StateArchive = {
  readonly kind: 'state';
  readonly genesis: Genesis;
  readonly genesisHash: Uint8Array;
  /** Of the block whose state it is. */
  readonly height: number;
  readonly hash: Uint8Array;
  /** How many patches of that block it is behind. */
  readonly ordinal: number;
  readonly stateRoot: Uint8Array;
};

/** What the first record of an archive says. */
export type ArchiveInfo = BlocksArchive | StateArchive;

/** Heights of the blocks of an archive, both inclusive. */
export type BlockRange = { readonly from?: number | undefined; readonly to?: number | undefined };
