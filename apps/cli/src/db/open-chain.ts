import { resolve } from 'node:path';
import { type Chain, chainErrors, openChain } from '@lucerna/chain';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import {
  type DataDirectory,
  type DataDirectoryOptions,
  isVacant,
  openDataDirectory,
  openDirectoryStore,
} from '@lucerna/platform-node/directory';
import { openFile } from '@lucerna/platform-node/files';
import type { Genesis } from '@lucerna/protocol';
import type { AppendFile, KvStore } from '@lucerna/storage';
import type { Work } from './work.ts';

/** Holds the data directory at `path` while `task` runs. A directory that is not there is not made. */
export async function withDirectory<T>(
  path: string,
  work: Work,
  task: (directory: DataDirectory) => Promise<T>,
  options: DataDirectoryOptions = {},
): Promise<T> {
  const directory = await openDataDirectory(resolve(path), {
    create: false,
    log: work.log,
    ...options,
  });
  try {
    return await task(directory);
  } finally {
    await directory.close();
  }
}

/** How the chain of a directory is opened. */
export type OpenOptions = {
  /** Begins a chain where there is none, or must be that of the chain. */
  readonly genesis?: Genesis;
  /** Blocks behind the head whose states are kept. Default: as many as there are. */
  readonly history?: number;
  /** Look through the files of the database before it reads them. */
  readonly checkFiles?: boolean;
  /** Is used, and not closed, in place of the directory's store. */
  readonly store?: KvStore;
};

/** An open chain and the database below it. */
export type OpenedChain = {
  readonly chain: Chain;
  /** For reading, once the chain was flushed. */
  readonly store: KvStore;
};

/** Makes nothing where there is nothing. @throws `CHAIN_GENESIS_MISSING` */
export async function checkNotVacant(directory: DataDirectory): Promise<void> {
  const { path } = directory;
  if (await isVacant(directory)) throw chainErrors.create('CHAIN_GENESIS_MISSING', path, { path });
}

/** Opens the chain of `directory` while `task` runs; what a crash has left is repaired first. */
export async function withChain<T>(
  directory: DataDirectory,
  work: Work,
  options: OpenOptions,
  task: (opened: OpenedChain) => Promise<T>,
): Promise<T> {
  const { log: sink } = work;
  const { genesis, history = Number.POSITIVE_INFINITY, checkFiles = false } = options;
  if (genesis === undefined) await checkNotVacant(directory);
  const signatures = await loadSignatureEngine(sink);
  const log = await openFile(directory.blockLogPath);
  let store: KvStore;
  try {
    store =
      options.store === undefined
        ? await openDirectoryStore(directory, { checkFiles })
        : withoutClose(options.store);
  } catch (error) {
    await log.close();
    throw error;
  }
  const chain = await openChain(
    {
      log: withTurns(log, work.takeTurn),
      store,
      signatures,
      sink,
    },
    {
      genesis,
      history,
      durability: 'process',
      // Whatever there is has to be looked after; who runs a network refuses it.
      cheats: 'allowed',
      onProgress: work.bar.step('Reading the log', 'bytes'),
    },
  );
  try {
    return await task({ chain, store });
  } finally {
    await chain.close();
  }
}

/** Whoever reads much of the log gives way between two records, and can be stopped there. */
function withTurns(file: AppendFile, takeTurn: () => Promise<void>): AppendFile {
  return {
    size: () => file.size(),
    append: (bytes) => file.append(bytes),
    read: async (offset, length): Promise<Uint8Array> => {
      await takeTurn();
      return file.read(offset, length);
    },
    sync: () => file.sync(),
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
  };
}

function withoutClose(store: KvStore): KvStore {
  return {
    get: (keyspace, key) => store.get(keyspace, key),
    range: (keyspace, range) => store.range(keyspace, range),
    snapshot: () => store.snapshot(),
    commit: (batch, level) => store.commit(batch, level),
    close: async () => undefined,
  };
}
