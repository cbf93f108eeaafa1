import { assert } from '@lucerna/base';
import { type AppendFile, checkReadRange } from './append-file.ts';
import { storageErrors } from './errors.ts';
import { MAX_MEMORY_FILE_BYTES } from './limits.ts';

const FIRST_CAPACITY_BYTES = 4096;

/**
 * An append file in memory. Nothing outlives it.
 *
 * @param contents what the file holds at first; copied
 */
export function createMemoryFile(contents: Uint8Array = new Uint8Array(0)): AppendFile {
  let buffer = contents.slice();
  let size = contents.length;
  let closed = false;

  const checkOpen = (): void => {
    if (closed) throw storageErrors.create('FILE_CLOSED');
  };

  return {
    size: () => size,
    append: async (bytes): Promise<void> => {
      checkOpen();
      const needed = size + bytes.length;
      if (needed > MAX_MEMORY_FILE_BYTES) {
        throw storageErrors.create('FILE_DISK_FULL', 'a file in memory has a limit', {
          limit: MAX_MEMORY_FILE_BYTES,
        });
      }
      if (needed > buffer.length) {
        const grown = new Uint8Array(Math.max(needed, 2 * buffer.length, FIRST_CAPACITY_BYTES));
        grown.set(buffer.subarray(0, size));
        buffer = grown;
      }
      buffer.set(bytes, size);
      size = needed;
    },
    read: async (offset, length): Promise<Uint8Array> => {
      checkOpen();
      checkReadRange(offset, length, size);
      return buffer.slice(offset, offset + length);
    },
    sync: async (): Promise<void> => {
      checkOpen();
    },
    truncate: async (newSize): Promise<void> => {
      checkOpen();
      assert(newSize >= 0 && newSize <= size, 'a file is only cut where it has bytes');
      size = newSize;
    },
    close: async (): Promise<void> => {
      closed = true;
    },
  };
}
