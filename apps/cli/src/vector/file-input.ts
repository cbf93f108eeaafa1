import { openArchiveInput } from '../db/archive-input.ts';

/** A file that is read at any place. */
export type FileInput = {
  readonly path: string;
  readonly size: number;
  /** Bytes from `offset` on, as many as `length`. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
  readonly close: () => Promise<void>;
};

/** The file at `path`. @throws `INPUT_UNREADABLE` */
export async function openFileInput(path: string): Promise<FileInput> {
  const file = await openArchiveInput(path);
  return {
    path,
    size: file.size(),
    read: (offset, length) => file.read(offset, length),
    close: () => file.close(),
  };
}
