import { mkdir, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { equalBytes, fromHex, isLucernaError, toHexKey } from '@lucerna/base';
import { cryptoErrors } from '@lucerna/crypto';
import { type Keystore, parseKeystore } from '@lucerna/crypto/keystore';
import { errorCode, makeFolder } from '@lucerna/platform-node/files';
import { checksumAddress } from '@lucerna/protocol';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { readBounded } from '../read-bounded.ts';
import { writeNewFile } from './new-file.ts';

/** A keystore and where it lies. */
export type KeystoreFile = {
  readonly path: string;
  /** 20 bytes; undefined where the file does not say whose key it has. */
  readonly address: Uint8Array | undefined;
  readonly keystore: Keystore;
  /** What is in the file: it may be a pipe, which is read once. */
  readonly text: string;
};

/** What is in a folder. */
export type KeystoreFolder = {
  /** By name, which for files of geth is by age. */
  readonly files: readonly KeystoreFile[];
  /** Those that ought to be keystores and cannot be read, and why. */
  readonly damaged: readonly { readonly path: string; readonly error: Error }[];
};

/**
 * Where keystores lie: the folder that was named, or that of the user's state (XDG Base Directory
 * Specification).
 */
export function keystoreFolder(named: string | undefined): string {
  if (named !== undefined && named !== '') return resolve(named);
  const state = process.env['XDG_STATE_HOME'] ?? '';
  // The specification has relative ones ignored.
  const base = isAbsolute(state) ? state : join(homedir(), '.local', 'state');
  return join(base, 'lucerna', 'keystore');
}

/**
 * All keystores in the folder, also those that other programs have put there. Without a folder there
 * are none.
 *
 * @throws `KEYSTORE_FOLDER_UNREADABLE`
 */
export async function readKeystores(folder: string): Promise<KeystoreFolder> {
  const files: KeystoreFile[] = [];
  const damaged: { path: string; error: Error }[] = [];
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    try {
      if ((await stat(path)).isFile()) files.push(await readKeystore(path));
    } catch (error) {
      // A folder may have other files, of which nothing is expected.
      if (!isKeystoreName(name) || errorCode(error) === 'ENOENT') continue;
      damaged.push({ path, error: isLucernaError(error) ? error : unreadable(path, error) });
    }
  }
  return { files, damaged };
}

/**
 * The keystore of an account.
 *
 * @param address 20 bytes
 * @throws `KEYSTORE_ACCOUNT_UNKNOWN`, `ACCOUNT_AMBIGUOUS`, `KEYSTORE_FOLDER_UNREADABLE`; for a file with the
 *   account's name as {@link readKeystore}
 */
export async function findKeystore(folder: string, address: Uint8Array): Promise<KeystoreFile> {
  const { files, damaged } = await readKeystores(folder);
  const [found, ...others] = files.filter((file) => isOf(file, address));
  if (found !== undefined && others.length === 0) return found;
  if (found !== undefined) {
    const names = [found, ...others].map(({ path }) => basename(path));
    throw cliErrors.create('ACCOUNT_AMBIGUOUS', names.join(', '), { folder });
  }
  const ending = toHexKey(address);
  const broken = damaged.find(({ path }) => path.toLowerCase().endsWith(ending));
  if (broken !== undefined) throw broken.error;
  const account = checksumAddress(address);
  throw cliErrors.create('KEYSTORE_ACCOUNT_UNKNOWN', `${account} in ${folder}`, {
    account,
    folder,
  });
}

/** @throws `ACCOUNT_EXISTS`, `KEYSTORE_FOLDER_UNREADABLE` */
export async function requireNoKeystore(folder: string, address: Uint8Array): Promise<void> {
  const { files } = await readKeystores(folder);
  const found = files.find((file) => isOf(file, address));
  if (found === undefined) return;
  const { path } = found;
  throw cliErrors.create('ACCOUNT_EXISTS', `${checksumAddress(address)}, ${path}`, { path });
}

/**
 * The keystore in the file at `path`.
 *
 * @throws `KEYSTORE_INVALID` and `KEYSTORE_UNSUPPORTED` with the path; `INPUT_UNREADABLE`,
 *   `INPUT_TOO_LARGE`
 */
export async function readKeystore(path: string): Promise<KeystoreFile> {
  const bytes = await readBounded(path, cliLimits.values.keystoreFileBytes);
  try {
    const text = new TextDecoder().decode(bytes);
    const keystore = parseKeystore(text);
    const { address } = keystore;
    return { path, keystore, text, address: address === undefined ? undefined : fromHex(address) };
  } catch (error) {
    for (const code of ['KEYSTORE_INVALID', 'KEYSTORE_UNSUPPORTED'] as const) {
      if (!isLucernaError(error, code)) continue;
      const why = error.message.replace(/^[^:]*: /, '');
      throw cryptoErrors.create(code, `${path}: ${why}`, { ...error.fields, path }, error);
    }
    throw error;
  }
}

/** Makes the folder, for its owner only, and those above it. @throws `OUTPUT_UNWRITABLE` */
export async function makeKeystoreFolder(folder: string): Promise<void> {
  try {
    await makeFolder(dirname(folder));
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    const why = error instanceof Error ? error.message : String(error);
    throw cliErrors.create('OUTPUT_UNWRITABLE', why, { path: folder }, error);
  }
}

/**
 * Puts a keystore into a new file of the folder, named as geth does.
 *
 * @param nowMs since 1970, a part of the name
 * @returns the path
 * @throws `KEY_FILE_EXISTS`, `OUTPUT_UNWRITABLE`
 */
export async function addKeystore(
  folder: string,
  { address, text }: { readonly address: Uint8Array; readonly text: string },
  nowMs: number,
): Promise<string> {
  // Nanoseconds, as far as the clock tells.
  const time = new Date(nowMs).toISOString().replaceAll(':', '-').replace('Z', '000000Z');
  const path = join(folder, `UTC--${time}--${toHexKey(address)}`);
  await writeNewFile(path, text);
  return path;
}

/** Files whose names begin with a dot or end with a tilde are those that editors and we are writing. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => !/^\.|~$/.test(name));
    const { keystoreFiles } = cliLimits.values;
    if (names.length <= keystoreFiles) return names.sort();
    const why = `${folder} has more than ${keystoreFiles} files`;
    throw cliErrors.create('KEYSTORE_FOLDER_UNREADABLE', why, { path: folder });
  } catch (error) {
    if (isLucernaError(error)) throw error;
    if (errorCode(error) === 'ENOENT') return [];
    const why = error instanceof Error ? error.message : String(error);
    throw cliErrors.create('KEYSTORE_FOLDER_UNREADABLE', why, { path: folder }, error);
  }
}

function isKeystoreName(name: string): boolean {
  return name.startsWith('UTC--') || name.endsWith('.json');
}

function isOf(file: KeystoreFile, address: Uint8Array): boolean {
  return file.address !== undefined && equalBytes(file.address, address);
}

function unreadable(path: string, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return cliErrors.create('INPUT_UNREADABLE', why, { path }, error);
}
