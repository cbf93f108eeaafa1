// What a test records of the calls by which the package changes the disk, in their order.
import { existsSync, readdirSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Durability } from '@lucerna/base';
import type { KvStore } from '@lucerna/storage';

/** A call that succeeded. `create` is the opening of a file that was not there. */
export type SystemCall =
  | {
      readonly call: 'create' | 'write' | 'sync' | 'mkdir' | 'remove' | 'databaseClose';
      readonly path: string;
    }
  | { readonly call: 'rename'; readonly path: string; readonly to: string }
  | { readonly call: 'databaseCommit'; readonly path: string; readonly level: Durability };

type FsPromises = typeof import('node:fs/promises');

/** All calls since the test has emptied it. */
export const systemCalls: SystemCall[] = [];

/** Calls that change something and that the trace does not know: who begins to use one adds it. */
const UNKNOWN = [
  'appendFile',
  'copyFile',
  'cp',
  'link',
  'mkdtemp',
  'symlink',
  'truncate',
] as const satisfies readonly (keyof FsPromises)[];

/** The module `node:fs/promises` with its changes recorded. Only paths that are texts. */
export function recordedFs(fs: FsPromises): FsPromises {
  const removing =
    (name: 'rm' | 'rmdir' | 'unlink') =>
    async (path: string, options?: object): Promise<void> => {
      const was = existsSync(path);
      await fs[name](path, options as never);
      if (was) systemCalls.push({ call: 'remove', path });
    };
  const unknown = Object.fromEntries(
    UNKNOWN.map((name) => [
      name,
      (): never => {
        throw new Error(`the trace does not know ${name}`);
      },
    ]),
  );
  return {
    ...fs,
    ...unknown,
    open: async (path: string, flags: string | number): Promise<FileHandle> => {
      const was = existsSync(path);
      const handle = await fs.open(path, flags);
      if (!was) systemCalls.push({ call: 'create', path });
      // Cut to nothing, which is a change as well.
      if (flags === 'w') systemCalls.push({ call: 'write', path });
      return recordedHandle(handle, path);
    },
    mkdir: async (path: string): Promise<void> => {
      await fs.mkdir(path);
      systemCalls.push({ call: 'mkdir', path });
    },
    rename: async (path: string, to: string): Promise<void> => {
      await fs.rename(path, to);
      systemCalls.push({ call: 'rename', path, to });
    },
    rm: removing('rm'),
    rmdir: removing('rmdir'),
    unlink: removing('unlink'),
    writeFile: async (path: string, data: string): Promise<void> => {
      if (!existsSync(path)) systemCalls.push({ call: 'create', path });
      await fs.writeFile(path, data);
      systemCalls.push({ call: 'write', path });
    },
  } as unknown as FsPromises;
}

function recordedHandle(handle: FileHandle, path: string): FileHandle {
  const record = (name: 'sync' | 'datasync' | 'write' | 'writeFile' | 'truncate'): void => {
    const run = handle[name].bind(handle) as (...args: unknown[]) => Promise<unknown>;
    const call = name === 'sync' || name === 'datasync' ? 'sync' : 'write';
    const recorded = async (...args: unknown[]): Promise<unknown> => {
      const result = await run(...args);
      systemCalls.push({ call, path });
      return result;
    };
    Object.assign(handle, { [name]: recorded });
  };
  for (const name of ['sync', 'datasync', 'write', 'writeFile', 'truncate'] as const) record(name);
  return handle;
}

/** A store in the folder `path` with its commits recorded; what it does itself is not seen. */
export function recordedStore(store: KvStore, path: string): KvStore {
  return {
    get: (keyspace, key) => store.get(keyspace, key),
    range: (keyspace, range) => store.range(keyspace, range),
    snapshot: () => store.snapshot(),
    commit: async (batch, level): Promise<void> => {
      await store.commit(batch, level);
      systemCalls.push({ call: 'databaseCommit', path, level });
    },
    close: async (): Promise<void> => {
      await store.close();
      if (readdirSync(path).length > 0) systemCalls.push({ call: 'databaseClose', path });
    },
  };
}
