import { fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { isLucernaError, type Progress } from '@lucerna/base';
import type { Work } from '../db/work.ts';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';

/** The file descriptor of standard input. */
const STDIN = 0;

/** A file, a pipe or standard input. */
export type ByteInput = {
  /** `-`: standard input. */
  readonly path: string;
  /**
   * Its bytes, some at a time; each array holds until the next one is asked for. Closes the input.
   *
   * @throws `INPUT_UNREADABLE`, `INTERRUPTED`
   */
  readonly chunks: (onProgress: Progress) => AsyncGenerator<Uint8Array, void, undefined>;
};

/** The input that `path` names, or standard input for `-`. @throws `INPUT_UNREADABLE` */
export async function openByteInput(path: string, work: Work): Promise<ByteInput> {
  if (path === '-') {
    const size = stdinSize();
    return { path, chunks: (onProgress) => readStdin(size, work, onProgress) };
  }
  let handle: FileHandle | undefined;
  try {
    const opened = await open(path, 'r');
    handle = opened;
    const found = await opened.stat();
    if (found.isDirectory()) throw new Error(`${path} is a folder`);
    // A pipe says nothing of its size, nor do the files of /proc.
    const size = found.isFile() && found.size > 0 ? found.size : undefined;
    return {
      path,
      chunks: (onProgress) => readFile({ path, handle: opened, size }, work, onProgress),
    };
  } catch (error) {
    await handle?.close();
    throw unreadable(path, error);
  }
}

type OpenFile = {
  readonly path: string;
  readonly handle: FileHandle;
  readonly size: number | undefined;
};

async function* readFile(
  { path, handle, size }: OpenFile,
  { takeTurn }: Work,
  onProgress: Progress,
): AsyncGenerator<Uint8Array, void, undefined> {
  const room = new Uint8Array(cliLimits.values.archivePartBytes);
  let done = 0;
  try {
    for (;;) {
      await takeTurn();
      const { bytesRead } = await readInto(handle, room, path);
      if (bytesRead === 0) return;
      yield room.subarray(0, bytesRead);
      done += bytesRead;
      onProgress(done, size);
    }
  } finally {
    await handle.close();
  }
}

async function readInto(
  handle: FileHandle,
  room: Uint8Array,
  path: string,
): Promise<{ readonly bytesRead: number }> {
  try {
    return await handle.read(room, 0, room.length);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** How long standard input is, where it is a file. @throws `INPUT_UNREADABLE` for a folder */
function stdinSize(): number | undefined {
  const found = fstatSync(STDIN);
  // The system's own stream of a folder just ends.
  if (found.isDirectory()) throw unreadable('-', new Error('standard input is a folder'));
  return found.isFile() && found.size > 0 ? found.size : undefined;
}

async function* readStdin(
  size: number | undefined,
  { takeTurn, stopped }: Work,
  onProgress: Progress,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { stdin } = process;
  // Somebody who types, or a program that has nothing to say, would keep Ctrl-C waiting.
  addAbortSignal(stopped, stdin);
  let done = 0;
  try {
    for await (const chunk of stdin as AsyncIterable<Uint8Array>) {
      await takeTurn();
      yield chunk;
      done += chunk.length;
      onProgress(done, size);
    }
  } catch (error) {
    if (isLucernaError(error)) throw error;
    if (stopped.aborted) throw cliErrors.create('INTERRUPTED');
    throw unreadable('-', error);
  }
}

function unreadable(path: string, error: unknown): Error {
  if (isLucernaError(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  return cliErrors.create('INPUT_UNREADABLE', why, { path }, error);
}
