import { createMemoryFile } from '@lucerna/storage';

/** A file whose parts can be read in any order. */
export type ArchiveFile = {
  readonly size: () => number;
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
};

/** Where an archive of blocks comes from: a file of the browser, bytes, or a stream of them. */
export type ArchiveBytes = AsyncIterable<Uint8Array> | Blob | Uint8Array;

/**
 * The archive as a file. A stream is taken into memory.
 *
 * @throws `FILE_DISK_FULL` for a stream of more than a file in memory may hold, and what it throws
 */
export async function archiveFile(source: ArchiveBytes): Promise<ArchiveFile> {
  if (source instanceof Uint8Array) return createMemoryFile(source);
  if (source instanceof Blob) {
    return {
      size: () => source.size,
      read: async (offset, length) =>
        new Uint8Array(await source.slice(offset, offset + length).arrayBuffer()),
    };
  }
  const file = createMemoryFile();
  for await (const part of source) await file.append(part);
  return file;
}

/** Writes all parts and closes the stream; after an error it is aborted. @returns bytes */
export async function writeToStream(
  parts: AsyncIterable<Uint8Array>,
  target: WritableStream<Uint8Array>,
): Promise<number> {
  const writer = target.getWriter();
  let bytes = 0;
  try {
    for await (const part of parts) {
      await writer.ready;
      await writer.write(part);
      bytes += part.length;
    }
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    throw error;
  }
  return bytes;
}
