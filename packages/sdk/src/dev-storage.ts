import type { DataDirectoryOptions } from '@lucerna/platform-node/directory';
import type { AppendFile } from '@lucerna/storage';
import type { NodeStorage } from './memory-storage.ts';

/**
 * Storage in a directory, claimed for this process.
 *
 * @throws `DATA_DIRECTORY_IN_USE` while another process has it; `DATA_DIRECTORY_DATABASE` when it has
 *   another database; `STORE_UNAVAILABLE` where the database has no build for this platform
 */
export async function directoryStorage(
  path: string,
  options: DataDirectoryOptions,
): Promise<NodeStorage> {
  // Loaded here because a node in memory needs none of it.
  const [{ openDataDirectory, openDirectoryStore }, { openFile }] = await Promise.all([
    import('@lucerna/platform-node/directory'),
    import('@lucerna/platform-node/files'),
  ]);
  const directory = await openDataDirectory(path, options);
  const files: AppendFile[] = [];
  const open = async (file: string): Promise<AppendFile> => {
    const opened = await openFile(file);
    files.push(opened);
    return opened;
  };
  try {
    const { blockLogPath, poolJournalPaths } = directory;
    const blockLog = await open(blockLogPath);
    const poolJournal = [await open(poolJournalPaths[0]), await open(poolJournalPaths[1])] as const;
    const store = await openDirectoryStore(directory);
    return {
      blockLog,
      store,
      poolJournal,
      vectorLocation: directory.vectorPath,
      release: () => directory.close(),
    };
  } catch (error) {
    for (const file of files) await file.close();
    await directory.close();
    throw error;
  }
}
