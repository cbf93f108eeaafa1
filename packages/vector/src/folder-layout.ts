import type { AppendFile, BlobDir } from '@lucerna/storage';
import { vectorErrors } from './errors.ts';

/** File that says that a folder is one of a vector database, and in which layout: 1 is the only one. */
export const FOLDER_MARKER_NAME = 'lucerna-vector';

/** What that file holds. */
export const FOLDER_MARKER: string = '1\n';

/** Subfolders of that layout, with a file for each log and each blob. */
export const FOLDER_NAMES: { readonly logs: string; readonly blobs: string } = {
  logs: 'logs',
  blobs: 'blobs',
};

/** Characters of an unknown marker that an error shows. */
const MARKER_SHOWN = 16;

/** Checks what the marker of the folder at `path` holds. @throws `VECTOR_FORMAT_UNKNOWN` */
export function checkFolderMarker(text: string, path: string): void {
  if (text.trim() === FOLDER_MARKER.trim()) return;
  const detail = `${path} has layout ${JSON.stringify(text.slice(0, MARKER_SHOWN))}`;
  throw vectorErrors.create('VECTOR_FORMAT_UNKNOWN', detail, { path });
}

/** The file without what changes it: those calls throw `DATABASE_READ_ONLY`. */
export function readOnlyFile(file: AppendFile): AppendFile {
  return {
    size: () => file.size(),
    read: (offset, length) => file.read(offset, length),
    close: () => file.close(),
    append: refuse,
    sync: refuse,
    truncate: refuse,
  };
}

/** The blobs without what changes them: those calls throw `DATABASE_READ_ONLY`. */
export function readOnlyBlobs(blobs: BlobDir): BlobDir {
  return {
    names: () => blobs.names(),
    size: (name) => blobs.size(name),
    read: (name, offset, length) => blobs.read(name, offset, length),
    close: () => blobs.close(),
    write: refuse,
    remove: refuse,
  };
}

async function refuse(): Promise<never> {
  throw vectorErrors.create('DATABASE_READ_ONLY');
}
