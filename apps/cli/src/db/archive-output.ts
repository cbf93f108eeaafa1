import { rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCode } from '@lucerna/platform-node/files';
import { replaceFile } from '@lucerna/platform-node/replace-file';
import { cliErrors } from '../errors.ts';
import { stdoutError } from '../output.ts';

/** Where an archive is written to. */
export type ArchiveOutput = {
  readonly isStdout: boolean;
  /**
   * Bytes that were written.
   *
   * @throws `OUTPUT_EXISTS`, `OUTPUT_UNWRITABLE`, and what `parts` throws; for standard output
   *   `STDOUT_CLOSED` when its reader has gone, and `STDOUT_UNWRITABLE`
   */
  readonly write: (parts: AsyncIterable<Uint8Array>) => Promise<number>;
};

/**
 * The file that `target` names, or standard output for `-`. A file is there when it is whole and on
 * the disk, and not before; an interrupted one leaves what was there.
 *
 * @param isText whether a terminal can show it
 * @throws `OUTPUT_EXISTS` for a file that is there, without `force`; `OUTPUT_UNWRITABLE`
 */
export async function openArchiveOutput(
  target: string,
  force: boolean,
  isText = false,
): Promise<ArchiveOutput> {
  if (target === '-') {
    if (process.stdout.isTTY && !isText) throw unwritable(target, 'standard output is a terminal');
    return { isStdout: true, write: writeToStdout };
  }
  const path = resolve(target);
  await checkTarget(path, force);
  return { isStdout: false, write: (parts) => writeFile(path, force, parts) };
}

async function checkTarget(path: string, force: boolean): Promise<void> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw unwritable(path, 'it is no file');
    if (!force) throw cliErrors.create('OUTPUT_EXISTS', path, { path });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw asUnwritable(path, error);
  }
}

async function writeFile(
  path: string,
  force: boolean,
  parts: AsyncIterable<Uint8Array>,
): Promise<number> {
  // Always the same name, so that the next one replaces what a killed one has left.
  const newPath = join(dirname(path), `.${basename(path)}.new`);
  await removeLeftover(path, newPath);
  let own: bigint | undefined;
  async function* noted(): AsyncGenerator<Uint8Array, void, undefined> {
    own = await fileNumber(newPath);
    yield* parts;
  }
  return replaceFile(path, noted(), {
    newPath,
    level: 'power',
    beforeRename: async () => {
      // It took long: somebody else may have been faster, or be at it too.
      await checkTarget(path, force);
      if (own !== (await fileNumber(newPath))) {
        throw unwritable(path, 'another command writes to it as well');
      }
    },
    failed: (error) => asUnwritable(path, error),
  });
}

async function removeLeftover(path: string, newPath: string): Promise<void> {
  try {
    await rm(newPath, { force: true });
  } catch (error) {
    throw asUnwritable(path, error);
  }
}

/** What the system calls the file at `path`; undefined when there is none. */
async function fileNumber(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch {
    return undefined;
  }
}

async function writeToStdout(parts: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const part of parts) {
    await new Promise<void>((done, failed) => {
      process.stdout.write(part, (error) => {
        if (error === undefined || error === null) done();
        else failed(stdoutError(error));
      });
    });
    bytes += part.length;
  }
  return bytes;
}

/** What the system says, as a coded error; what is no word of the system stays as it is. */
function asUnwritable(path: string, error: unknown): unknown {
  const isSystemError = error instanceof Error && 'syscall' in error;
  return isSystemError ? unwritable(path, error.message, error) : error;
}

function unwritable(path: string, detail: string, cause?: unknown): Error {
  return cliErrors.create('OUTPUT_UNWRITABLE', detail, { path }, cause);
}
