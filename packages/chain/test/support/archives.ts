import { concatBytes } from '@lucerna/base';
import { createMemoryFile, createMemoryStore, KEYSPACES, type KvStore } from '@lucerna/storage';
import { expect } from 'vitest';
import type { ArchiveWork, BlockRange } from '../../src/archive/archive.ts';
import { ArchiveWriter } from '../../src/archive/archive-writer.ts';
import type { Chain } from '../../src/chain.ts';
import {
  LOG_START,
  type LogRecord,
  type RecordFile,
  readRecordAfter,
} from '../../src/log-record.ts';
import type { ChainOptions } from '../../src/open-chain.ts';
import { branchOn, follow } from './branches.ts';
import { type Disk, memoryDisk, openOn } from './ledger.ts';

/** Work that never gives way. */
export const WORK: ArchiveWork = { takeTurn: async () => undefined };

/** So small that every state has many chunks. */
const CHUNK_BYTES = 120;

export async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return concatBytes(...all);
}

export async function stateOf(chain: Chain, chunkBytes: number = CHUNK_BYTES): Promise<Uint8Array> {
  return collect(chain.exportState({ ...WORK, chunkBytes }));
}

export async function blocksOf(chain: Chain, range: BlockRange = {}): Promise<Uint8Array> {
  return collect(chain.exportBlocks(range, WORK));
}

export function fileOf(bytes: Uint8Array): RecordFile {
  return {
    size: () => bytes.length,
    read: async (offset, length) => bytes.slice(offset, offset + length),
  };
}

/** A store as a crash in the middle of the state of `base` leaves it. */
export async function storeWithPart(
  base: Uint8Array,
  options: Partial<ChainOptions> = {},
): Promise<KvStore> {
  const store = createMemoryStore();
  let commits = 0;
  const failing: KvStore = {
    ...store,
    commit: async (batch, level) => {
      commits += 1;
      if (commits > 1) throw new Error('the power is gone');
      await store.commit(batch, level);
    },
    close: async () => undefined,
  };
  const disk = await diskWith(base, failing);
  await (await openOn(disk, { ...options, writeBehind: { flushBlocks: 1 } })).close();
  expect([...store.range(KEYSPACES.accounts)].length).toBeGreaterThan(0);
  expect([...store.range(KEYSPACES.blocks)].length).toBe(0);
  return store;
}

/** A disk whose log has these bytes and whose store has nothing. */
export async function diskWith(
  log: Uint8Array,
  store: KvStore = createMemoryStore(),
): Promise<Disk> {
  const file = createMemoryFile();
  await file.append(log);
  return memoryDisk(file, store);
}

export async function recordsOf(bytes: Uint8Array): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  for (let position = LOG_START; position.offset < bytes.length; ) {
    const read = await readRecordAfter(fileOf(bytes), position);
    if ('reason' in read) throw new Error(`${read.reason} at ${read.offset}`);
    records.push(read);
    position = read.end;
  }
  return records;
}

/** An intact archive of these records. */
export function archiveFrom(records: readonly Pick<LogRecord, 'kind' | 'payload'>[]): Uint8Array {
  const writer = new ArchiveWriter();
  return concatBytes(...records.map(({ kind, payload }) => writer.record(kind, payload)));
}

/** A chain from its genesis, one from the state after its first blocks, and the blocks. */
export type Pair = {
  readonly whole: { readonly chain: Chain; readonly store: KvStore };
  readonly late: { readonly chain: Chain; readonly store: KvStore };
  /** The snapshot with which the late one began. */
  readonly snapshot: Uint8Array;
  readonly blocks: readonly Uint8Array[];
};

/** Both at height `first`; blocks, which have contracts and transfers, go on behind it. */
export async function pairAt(
  first: number,
  blocks: readonly Uint8Array[],
  options: Partial<ChainOptions> = {},
): Promise<Pair> {
  const whole = await follow(blocks.slice(0, first), options);
  const snapshot = await stateOf(whole.chain);
  const store = createMemoryStore();
  const chain = await openOn(await diskWith(snapshot, store), options);
  return { whole, late: { chain, store }, snapshot, blocks };
}

/** Blocks on the genesis, always the same ones. */
export async function trunk(): Promise<readonly Uint8Array[]> {
  return branchOn([], 9, 44);
}
