import { type FileHandle, open } from 'node:fs/promises';
import { readFrom } from '@lucerna/platform-node/files';
import { type AppendFile, checkReadRange } from '@lucerna/storage';
import { cliErrors } from '../errors.ts';

/** An archive that is read. */
export type ArchiveInput = Pick<AppendFile, 'size' | 'read' | 'close'>;

/** The file at `path`, which is not written to. @throws `INPUT_UNREADABLE` */
export async function openArchiveInput(path: string): Promise<ArchiveInput> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const found = await handle.stat();
    if (!found.isFile()) throw new Error(`${path} is no file`);
    return archiveOf(handle, path, found.size);
  } catch (error) {
    await handle?.close();
    const why = error instanceof Error ? error.message : String(error);
    throw cliErrors.create('INPUT_UNREADABLE', why, { path }, error);
  }
}

function archiveOf(handle: FileHandle, path: string, size: number): ArchiveInput {
  return {
    size: () => size,
    read: async (offset, length): Promise<Uint8Array> => {
      checkReadRange(offset, length, size);
      return readFrom(handle, offset, length, path);
    },
    close: () => handle.close(),
  };
}
