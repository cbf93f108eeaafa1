import { fromHex } from '@lucerna/base';
import { cryptoErrors } from '@lucerna/crypto';
import { createMnemonic, deriveKeys, ETHEREUM_PATH } from '@lucerna/crypto/mnemonic';
import { systemRandom } from '@lucerna/platform-node/random';
import { checksumAddress } from '@lucerna/protocol';
import {
  addKeystore,
  keystoreFolder,
  makeKeystoreFolder,
  requireNoKeystore,
} from '../account/keystore-folder.ts';
import { addressOfKey, decryptKey, encryptKey } from '../account/keystore-work.ts';
import { readPassword } from '../account/password.ts';
import { readSecret, type Secret } from '../account/secret.ts';
import { decodeText, readSecretFile } from '../account/secret-file.ts';
import { formatLabelled } from '../db/format.ts';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { writeNote, writeResult } from '../output.ts';
import type { ImportOptions, MakeOptions, NewOptions } from './account-options.ts';

const USUAL_WORDS = 12;

/** What is said of an account that was added. */
type Report = {
  readonly address: string;
  readonly file: string;
  readonly mnemonic?: string;
  /** The path of the key of the words. */
  readonly path?: string;
};

/** `lucerna account new`. */
export async function runAccountNew(options: MakeOptions): Promise<void> {
  const { mnemonic, show = false } = options;
  if (mnemonic === undefined) {
    const privateKey = randomKey();
    const password = await newPassword(options);
    writeReport(await addAccount(privateKey, password, options), options);
    return;
  }
  // Words that nobody sees are lost.
  if (!show && !process.stdout.isTTY) {
    const detail = '--mnemonic shows the words on a terminal, or anywhere with --show';
    throw cliErrors.create('OPTIONS_CONFLICT', detail);
  }
  const words = createMnemonic(systemRandom.bytes(bytesOfWords(mnemonic)));
  const privateKey = keyOfWords(words, ETHEREUM_PATH, 0);
  const report = await addAccount(privateKey, await newPassword(options), options);
  writeReport({ ...report, mnemonic: words, path: `${ETHEREUM_PATH}/0` }, options);
  if (options.json) return;
  writeNote('Write the words down: they are the key, and they are not shown again.');
}

/** `lucerna account import`. */
export async function runAccountImport(
  file: string | undefined,
  options: ImportOptions,
): Promise<void> {
  const secret = await readSecret(file);
  if (secret.kind !== 'keystore') {
    const privateKey = await keyOfSecret(secret, options);
    await requireNoKeystore(keystoreFolder(options.keystore), addressOfKey(privateKey));
    writeReport(await addAccount(privateKey, await newPassword(options), options), options);
    return;
  }
  const { keystore } = secret;
  // Whoever wrote the file may have left it out.
  const address = keystore.address === undefined ? undefined : fromHex(keystore.address);
  if (address !== undefined) await requireNoKeystore(keystoreFolder(options.keystore), address);
  const use = { prompt: 'Password of the keystore', isNew: false };
  const password = await readPassword(options, use);
  const privateKey = await decryptKey({ keystore, address }, password, isJson(options));
  writeReport(await addAccount(privateKey, password, options), options);
}

async function keyOfSecret(
  secret: Exclude<Secret, { readonly kind: 'keystore' }>,
  { path, index, passphraseFile }: ImportOptions,
): Promise<Uint8Array> {
  if (secret.kind === 'key') return secret.privateKey;
  const passphrase = passphraseFile === undefined ? undefined : await readLine(passphraseFile);
  return keyOfWords(secret.words, path, index, passphrase);
}

async function readLine(file: string): Promise<string> {
  const limit = cliLimits.values.secretFileBytes;
  const what = 'the file of --passphrase-file';
  return decodeText(await readSecretFile(file, what, limit), what).replace(/\r?\n$/, '');
}

function keyOfWords(words: string, path: string, first: number, passphrase?: string): Uint8Array {
  const [key] = deriveKeys(words, {
    count: 1,
    path,
    first,
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  // One was asked for.
  if (key === undefined) throw cryptoErrors.create('KEY_INVALID');
  return key;
}

/** A key that nobody can guess: of 2^256 texts of 32 bytes, all but 2^128 are one. */
function randomKey(): Uint8Array {
  return systemRandom.bytes(32);
}

/** 12 words are 16 bytes, and each 3 more are 4 more. */
function bytesOfWords(count: number | true): number {
  return ((count === true ? USUAL_WORDS : count) / 3) * 4;
}

async function newPassword(options: NewOptions): Promise<Uint8Array> {
  // A folder that cannot be written to is known before somebody has thought of a password.
  await makeKeystoreFolder(keystoreFolder(options.keystore));
  return readPassword(options, { prompt: 'New password', isNew: true });
}

/** Writes the keystore; the key is overwritten, whatever comes of it. */
async function addAccount(
  privateKey: Uint8Array,
  password: Uint8Array,
  options: NewOptions,
): Promise<Report> {
  try {
    const folder = keystoreFolder(options.keystore);
    const address = addressOfKey(privateKey);
    await makeKeystoreFolder(folder);
    await requireNoKeystore(folder, address);
    const text = await encryptKey(privateKey, password, {
      isLight: options.lightkdf ?? false,
      json: isJson(options),
    });
    const file = await addKeystore(folder, { address, text }, Date.now());
    return { address: checksumAddress(address), file };
  } finally {
    privateKey.fill(0);
  }
}

function writeReport(report: Report, options: NewOptions): void {
  const { address, file, mnemonic, path } = report;
  const lines: (readonly [string, string])[] = [
    ['Address', address],
    ['File', file],
  ];
  if (mnemonic !== undefined && path !== undefined) lines.push(['Words', mnemonic], ['Path', path]);
  writeResult(isJson(options) ? JSON.stringify(report) : formatLabelled(lines));
}

function isJson({ json = false }: NewOptions): boolean {
  return json;
}
