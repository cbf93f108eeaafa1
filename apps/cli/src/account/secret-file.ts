import { isLucernaError } from '@lucerna/base';
import { errorCode } from '@lucerna/platform-node/files';
import { cliErrors } from '../errors.ts';
import { readBounded } from '../read-bounded.ts';

/**
 * The bytes of a file with a secret, or of standard input for `-`. An error does not repeat the path:
 * somebody may have given the secret itself in its place.
 *
 * @param what the file is for, for messages
 * @throws `INPUT_UNREADABLE`, `INPUT_TOO_LARGE`
 */
export async function readSecretFile(
  path: string,
  what: string,
  limit: number,
): Promise<Uint8Array> {
  // What is typed there would be shown.
  if (path === '-' && process.stdin.isTTY) {
    throw cliErrors.create('INPUT_UNREADABLE', `${what}: standard input is a terminal`);
  }
  try {
    return await readInput(path, limit);
  } catch (error) {
    if (isLucernaError(error, 'INPUT_TOO_LARGE')) {
      throw cliErrors.create('INPUT_TOO_LARGE', `${what}, more than ${limit} bytes`);
    }
    if (!isLucernaError(error, 'INPUT_UNREADABLE')) throw error;
    const why = errorCode(error.cause);
    throw cliErrors.create('INPUT_UNREADABLE', why === '' ? what : `${what}: ${why}`);
  }
}

/** The bytes of a file, or of standard input for `-`. @throws `INPUT_UNREADABLE`, `INPUT_TOO_LARGE` */
export async function readInput(path: string, limit: number): Promise<Uint8Array> {
  if (path !== '-') return readBounded(path, limit);
  // An empty password, say, would be taken from behind a key.
  if (process.stdin.readableEnded) {
    throw cliErrors.create('INPUT_UNREADABLE', 'standard input was read before', { path });
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of process.stdin as AsyncIterable<Uint8Array>) {
      length += part.length;
      if (length > limit) break;
      parts.push(part);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw cliErrors.create('INPUT_UNREADABLE', why, { path }, error);
  }
  if (length <= limit) return Buffer.concat(parts);
  throw cliErrors.create('INPUT_TOO_LARGE', `standard input, more than ${limit} bytes`, { path });
}

/** Text of a file. @throws `INPUT_UNREADABLE` when it is not UTF-8, rather than read another text */
export function decodeText(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw cliErrors.create('INPUT_UNREADABLE', `${what} is not UTF-8 text`, {}, error);
  }
}
