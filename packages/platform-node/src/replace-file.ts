import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Durability } from '@lucerna/base';
import { syncFolder } from './files.ts';

/** What the system is asked for on the way. `write` also stands for making the new file. */
export type ReplaceStep = 'write' | 'sync' | 'rename' | 'syncFolder';

/** How a file is replaced. */
export type ReplaceFileOptions = {
  /**
   * Where the new file grows, in the folder of the other one: only within a file system is renaming
   * one step. What a crash has left there is written over; to remove it is the caller's.
   */
  readonly newPath: string;
  /** At `power` the new file outlives a power loss, at `process` there may be the old one again. */
  readonly level: Durability;
  /** A last look before the new file takes the place; what it throws is passed on. */
  readonly beforeRename?: () => Promise<void> | void;
  /** The error that is thrown for what the system says at a step. */
  readonly failed: (error: unknown, step: ReplaceStep) => unknown;
};

/**
 * Puts a file of all `parts`, one after the other, at `path`, in place of one that is there. At either
 * level it is on the disk before it gets the name, so whatever happens, `path` has the old file or the
 * new one, whole.
 *
 * @returns bytes that were written
 * @throws what `parts` and `beforeRename` throw and what `failed` makes of the system's errors; then
 *   nothing has changed, unless the step was `syncFolder`: then the new file is in place, and a power
 *   loss may bring back the old one
 */
export async function replaceFile(
  path: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { newPath, level, beforeRename, failed }: ReplaceFileOptions,
): Promise<number> {
  const ask: Ask = async (step, call) => {
    try {
      return await call();
    } catch (error) {
      throw failed(error, step);
    }
  };
  let bytes: number;
  try {
    bytes = await writeSynced(newPath, parts, ask);
    await beforeRename?.();
    await ask('rename', () => rename(newPath, path));
  } catch (error) {
    // It is the first error that says what is wrong.
    await rm(newPath, { force: true }).catch(() => undefined);
    throw error;
  }
  if (level === 'power') await ask('syncFolder', () => syncFolder(dirname(path)));
  return bytes;
}

type Ask = <T>(step: ReplaceStep, call: () => Promise<T>) => Promise<T>;

/** A file of all parts that is on the disk, though perhaps not its name. @returns its length */
async function writeSynced(
  path: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ask: Ask,
): Promise<number> {
  const handle: FileHandle = await ask('write', () => open(path, 'w'));
  let bytes = 0;
  try {
    for await (const part of parts) {
      await ask('write', () => handle.writeFile(part));
      bytes += part.length;
    }
    await ask('sync', () => handle.datasync());
  } finally {
    await ask('write', () => handle.close());
  }
  return bytes;
}
