import { checkReadRange } from './append-file.ts';
import { type BlobDir, checkBlobName } from './blob-dir.ts';
import { storageErrors } from './errors.ts';
import { MAX_MEMORY_BLOB_BYTES } from './limits.ts';

/** A folder of blobs in memory. Nothing outlives it, whatever the durability level asked for. */
export function createMemoryBlobDir(): BlobDir {
  const blobs = new Map<string, Uint8Array>();
  let closed = false;

  const check = (name?: string): void => {
    if (closed) throw storageErrors.create('FILE_CLOSED');
    if (name !== undefined) checkBlobName(name);
  };
  const roomFor = (name: string): number => {
    let used = name.length;
    for (const [other, bytes] of blobs) {
      if (other !== name) used += other.length + bytes.length;
    }
    return MAX_MEMORY_BLOB_BYTES - used;
  };

  return {
    names: async (): Promise<readonly string[]> => {
      check();
      return [...blobs.keys()].sort();
    },
    size: async (name): Promise<number | undefined> => {
      check(name);
      return blobs.get(name)?.length;
    },
    read: async (name, offset, length): Promise<Uint8Array> => {
      check(name);
      return readBlob(blobs.get(name), name, offset, length);
    },
    write: async (name, parts): Promise<void> => {
      check(name);
      const bytes = await joinParts(parts, roomFor(name));
      check();
      blobs.set(name, bytes);
    },
    remove: async (name): Promise<void> => {
      check(name);
      blobs.delete(name);
    },
    close: async (): Promise<void> => {
      closed = true;
      blobs.clear();
    },
  };
}

/**
 * Part of a blob that is in memory, in an array of its own.
 *
 * @throws `BLOB_MISSING`, `FILE_READ_OUT_OF_RANGE`
 */
export function readBlob(
  bytes: Uint8Array | undefined,
  name: string,
  offset: number,
  length: number,
): Uint8Array {
  if (bytes === undefined) throw storageErrors.create('BLOB_MISSING', `"${name}"`, { name });
  checkReadRange(offset, length, bytes.length);
  return bytes.slice(offset, offset + length);
}

/** All parts in an array of its own. @throws `FILE_DISK_FULL` when they have more than `room` bytes */
export async function joinParts(
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  room: number,
): Promise<Uint8Array> {
  const copies: Uint8Array[] = [];
  let length = 0;
  for await (const part of parts) {
    length += part.length;
    if (length > room) {
      throw storageErrors.create('FILE_DISK_FULL', 'no room for the blob', { room });
    }
    if (part.length > 0) copies.push(part.slice());
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const copy of copies) {
    bytes.set(copy, offset);
    offset += copy.length;
  }
  return bytes;
}
