import { browser, type FolderHandle } from './browser.ts';
import { isMissing, writeError } from './file-errors.ts';
import { openHandle, writeAll } from './files.ts';

/** The file that says what a folder is. */
export type FolderMarker = {
  readonly name: string;
  readonly text: string;
};

/** Whether files can be written here: in dedicated workers only. */
export function hasSyncHandles(): boolean {
  const prototype = browser.FileSystemFileHandle?.prototype;
  return prototype !== undefined && 'createSyncAccessHandle' in prototype;
}

/** The folder `name/of/folder` of the origin private file system. @throws what the browser says */
export async function findFolder(path: string, create: boolean): Promise<FolderHandle> {
  const { storage } = browser.navigator;
  if (storage?.getDirectory === undefined) {
    throw new Error('there is no origin private file system here');
  }
  let folder = await storage.getDirectory();
  for (const name of path.split('/')) {
    if (name !== '') folder = await folder.getDirectoryHandle(name, { create });
  }
  return folder;
}

/** What the marker of the folder holds; undefined when it has none. */
export async function readMarker(folder: FolderHandle, name: string): Promise<string | undefined> {
  try {
    const file = await folder.getFileHandle(name);
    return await (await file.getFile()).text();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A file that the folder has although it has no marker; what a cut short `writeMarker` leaves is none. */
export async function foreignFile(
  folder: FolderHandle,
  marker: FolderMarker,
): Promise<string | undefined> {
  for await (const [name] of folder.entries()) if (name !== newName(marker)) return name;
  return undefined;
}

/** Makes the folder what the marker says. @throws `FILE_WRITE_FAILED`, `FILE_DISK_FULL` */
export async function writeMarker(
  folder: FolderHandle,
  marker: FolderMarker,
  path: string,
): Promise<void> {
  try {
    const file = await folder.getFileHandle(newName(marker), { create: true });
    const handle = await openHandle(file);
    try {
      handle.truncate(0);
      writeAll(handle, new TextEncoder().encode(marker.text), 0, () => undefined);
      handle.flush();
    } finally {
      handle.close();
    }
    await file.move(marker.name);
  } catch (error) {
    throw writeError(error, { path });
  }
}

/** The marker while it is being written. */
function newName({ name }: FolderMarker): string {
  return `${name}.new`;
}
