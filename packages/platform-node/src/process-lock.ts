import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { directoryErrors } from './errors.ts';
import { errorCode } from './files.ts';
import { LOCK_ATTEMPTS } from './limits.ts';

/** Name of the lock in its folder. Everything else that begins with it and a dot is the lock's too. */
const LOCK_NAME = 'lock';

/** A process and not only its number, which the system gives to another one later. */
type Owner = {
  readonly pid: number;
  /** Linux: start of the process in clock ticks since the boot. Empty where it is not known. */
  readonly start: string;
};

/**
 * Makes this process the only owner of `folder`, and returns what gives it up again.
 *
 * The lock is a folder `lock` with one file whose name says who owns it. Two steps that the file
 * system does at once make it safe without anybody cleaning up after a crash:
 *
 * - It is taken by renaming a finished folder, with its file, to `lock`. That fails while `lock` is
 *   there and not empty, so one of many takers wins, and nobody sees a lock without an owner.
 * - A dead owner's lock is broken by deleting the file with that owner's name, then the empty folder.
 *   The name is used once only, so a slow taker cannot delete the lock of a faster one.
 *
 * Processes see each other by number: two containers that share a folder are not kept apart.
 *
 * @throws `DATA_DIRECTORY_IN_USE` when a living process owns it; the system's error when it refuses
 */
export async function takeProcessLock(folder: string): Promise<() => Promise<void>> {
  const start = processStat(process.pid)?.start ?? '';
  const ownFile = fileNameOf({ pid: process.pid, start });
  const lock = join(folder, LOCK_NAME);
  const prepared = join(folder, `${LOCK_NAME}.${ownFile}`);
  await mkdir(prepared);
  try {
    await writeFile(join(prepared, ownFile), '');
    await moveIntoPlace(prepared, lock, folder);
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    throw error;
  }
  await removeRemains(folder);
  return async (): Promise<void> => {
    await ignoring(unlink(join(lock, ownFile)), 'ENOENT');
    await removeIfEmpty(lock);
  };
}

/** True for a name that the lock uses in its folder. */
export function isLockName(name: string): boolean {
  return name === LOCK_NAME || preparedOwner(name) !== undefined;
}

async function moveIntoPlace(prepared: string, lock: string, folder: string): Promise<void> {
  for (let attempt = 0; attempt < LOCK_ATTEMPTS; attempt += 1) {
    if (await renamed(prepared, lock)) return;
    for (const file of await namesIn(lock)) {
      const owner = ownerOf(file);
      if (owner === undefined) throw new Error(`${join(lock, file)} is not from Lucerna`);
      if (isAlive(owner)) throw inUse(folder, owner.pid);
      await ignoring(unlink(join(lock, file)), 'ENOENT');
    }
    await removeIfEmpty(lock);
  }
  throw directoryErrors.create('DATA_DIRECTORY_IN_USE', 'its owner keeps changing', { folder });
}

function inUse(folder: string, pid: number): Error {
  const who = pid === process.pid ? 'this process itself' : `process ${pid}`;
  return directoryErrors.create('DATA_DIRECTORY_IN_USE', `${who} uses ${folder}`, { pid, folder });
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    // Windows refuses any folder that is there, and says so in this way.
    const taken = ['ENOTEMPTY', 'EEXIST'];
    if (process.platform === 'win32') taken.push('EPERM', 'EACCES');
    if (taken.includes(errorCode(error))) return false;
    throw error;
  }
}

/** Prepared folders of processes that died before they had the lock. */
async function removeRemains(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const owner = preparedOwner(name);
    if (owner === undefined || isAlive(owner)) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Never removes a lock: the system refuses to remove a folder that has files. */
async function removeIfEmpty(folder: string): Promise<void> {
  await ignoring(rmdir(folder), 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM', 'EBUSY');
}

async function ignoring(task: Promise<void>, ...codes: readonly string[]): Promise<void> {
  try {
    await task;
  } catch (error) {
    if (!codes.includes(errorCode(error))) throw error;
  }
}

function fileNameOf(owner: Owner): string {
  return `pid-${owner.pid}-start-${owner.start}-${randomUUID()}`;
}

function ownerOf(file: string): Owner | undefined {
  const match = /^pid-(\d+)-start-(\d*)-[\da-f-]{36}$/.exec(file);
  if (match === null) return undefined;
  return { pid: Number(match[1]), start: match[2] as string };
}

/** The process that prepares, or prepared, the lock in the folder `name`. */
function preparedOwner(name: string): Owner | undefined {
  const prefix = `${LOCK_NAME}.`;
  return name.startsWith(prefix) ? ownerOf(name.slice(prefix.length)) : undefined;
}

function isAlive(owner: Owner): boolean {
  if (!hasProcess(owner.pid)) return false;
  if (owner.start === '') return true;
  const found = processStat(owner.pid);
  // Gone since the first look, or another user's and hidden: then it counts as alive.
  if (found === undefined) return hasProcess(owner.pid);
  // Z: dead, but its parent has not asked for the exit code yet.
  return found.start === owner.start && found.state !== 'Z' && found.state !== 'X';
}

function hasProcess(pid: number): boolean {
  try {
    // Signal 0 is not delivered: the system only checks that there is somebody to deliver it to.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** State and start of a process, from `/proc/PID/stat` (proc(5), fields 3 and 22), where there is one. */
function processStat(pid: number): { state: string; start: string } | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Field 2 is the program's name in parentheses and may hold anything; count from its end.
    const [state, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const start = rest[18];
    return state === undefined || start === undefined ? undefined : { state, start };
  } catch {
    return undefined;
  }
}
