import { type AppendFile, type BlobDir, storageErrors } from '@lucerna/storage';
import type { CrashKind, FaultyDisk } from '@lucerna/storage/faulty';
import type { VectorFolderPlace } from '../../src/compliance/vector-folder-compliance.ts';
import { vectorErrors } from '../../src/errors.ts';
import { readOnlyBlobs, readOnlyFile } from '../../src/folder-layout.ts';
import type { VectorFolder } from '../../src/ports.ts';

/**
 * A folder on a disk that fails on purpose. Which logs there are is kept in a folder of blobs of its own,
 * one for each name: a new log's name is hardened when it is made, as on a disk of Node, and a removed one
 * may come back after a power loss.
 */
export class FaultyPlace implements VectorFolderPlace {
  readonly disk: FaultyDisk;
  /** Appends to logs so far. */
  #appends = 0;
  #refuseAppend: number | undefined;
  /** Each log that is made has a file of its own, whatever its name. */
  #made = 0;
  #hasWriter = false;

  /** @param refuseAppend this append to a log writes everything, and then says that it has failed */
  constructor(disk: FaultyDisk, refuseAppend?: number) {
    this.disk = disk;
    this.#refuseAppend = refuseAppend;
  }

  async open(access: 'write' | 'read'): Promise<VectorFolder> {
    const isWriter = access === 'write';
    if (isWriter && this.#hasWriter) throw vectorErrors.create('VECTOR_FOLDER_IN_USE');
    this.#hasWriter ||= isWriter;
    const names = this.disk.openBlobDir('names');
    const blobs = this.disk.openBlobDir('blobs');
    let isClosed = false;
    const checkWritable = (): void => {
      if (isClosed) throw storageErrors.create('FILE_CLOSED');
      if (!isWriter) throw vectorErrors.create('DATABASE_READ_ONLY');
    };
    return {
      access,
      openLog: async (name) => {
        if ((await names.size(name)) === undefined) {
          if (!isWriter) throw storageErrors.create('FILE_OPEN_FAILED', name);
          this.#made += 1;
          await names.write(name, [encoder.encode(`${name}#${this.#made}`)], 'power');
        }
        const file = this.disk.openFile(await fileOf(names, name));
        if (isWriter) return this.#refusing(file);
        const size = file.size();
        return { ...readOnlyFile(file), size: () => size };
      },
      logNames: () => names.names(),
      removeLog: async (name) => {
        if (!isClosed) await names.size(name);
        checkWritable();
        await names.remove(name, 'process');
      },
      blobs: isWriter ? blobs : readOnlyBlobs(blobs),
      close: async () => {
        if (isClosed) return;
        isClosed = true;
        await names.close();
        await blobs.close();
        if (isWriter) this.#hasWriter = false;
      },
    };
  }

  #refusing(file: AppendFile): AppendFile {
    return {
      size: () => file.size(),
      read: (offset, length) => file.read(offset, length),
      sync: () => file.sync(),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
      append: async (bytes) => {
        await file.append(bytes);
        this.#appends += 1;
        if (this.#appends !== this.#refuseAppend) return;
        throw storageErrors.create('FILE_WRITE_FAILED', 'but all is there');
      },
    };
  }

  async crash(kind: CrashKind): Promise<void> {
    await this.disk.crash(kind);
    this.#refuseAppend = undefined;
    this.#hasWriter = false;
  }
}

const encoder = new TextEncoder();

async function fileOf(names: BlobDir, name: string): Promise<string> {
  return new TextDecoder().decode(await names.read(name, 0, (await names.size(name)) ?? 0));
}
