import { resolve } from 'node:path';
import { toHex } from '@lucerna/base';
import { checksumAddress } from '@lucerna/protocol';
import {
  findKeystore,
  type KeystoreFile,
  keystoreFolder,
  readKeystore,
  readKeystores,
} from '../account/keystore-folder.ts';
import { writeNewFile } from '../account/new-file.ts';
import { openWallet, parseAccount } from '../account/wallet.ts';
import { cliErrors } from '../errors.ts';
import { writeNote, writeResult } from '../output.ts';
import type { ExportOptions, FolderOptions } from './account-options.ts';

/** `lucerna account list`. @throws the error of the first file that is damaged, after printing the others */
export async function runAccountList({ keystore, json = false }: FolderOptions): Promise<void> {
  const folder = keystoreFolder(keystore);
  const { files, damaged } = await readKeystores(folder);
  const rows = files.map(({ address, path }) => ({
    address: address === undefined ? null : checksumAddress(address),
    file: path,
  }));
  if (json) writeResult(JSON.stringify(rows));
  for (const { address, file } of json ? [] : rows) {
    writeResult(address ?? file);
  }
  if (rows.length === 0 && damaged.length === 0 && !json) writeNote(`No accounts in ${folder}.`);
  const [first] = damaged;
  if (first !== undefined) throw first.error;
}

/** `lucerna account export`. */
export async function runAccountExport(text: string, options: ExportOptions): Promise<void> {
  const { showPrivateKey = false, privateKeyFile, json = false } = options;
  const folder = keystoreFolder(options.keystore);
  if (!showPrivateKey && privateKeyFile === undefined) {
    exportKeystore(await keystoreOf(text, folder), json);
    return;
  }
  using wallet = await openWallet(text, { ...options, folder, json });
  const privateKey = toHex(await wallet.privateKey());
  const address = checksumAddress(await wallet.address());
  if (privateKeyFile === undefined) {
    writeResult(json ? JSON.stringify({ address, privateKey }) : privateKey);
    return;
  }
  const file = resolve(privateKeyFile);
  await writeNewFile(file, `${privateKey}\n`);
  writeResult(json ? JSON.stringify({ address, file }) : file);
}

async function keystoreOf(text: string, folder: string): Promise<KeystoreFile> {
  const account = parseAccount(text);
  if (account.kind === 'address') return findKeystore(folder, account.address);
  if (account.kind === 'file') return readKeystore(account.path);
  throw cliErrors.create(
    'KEYSTORE_ACCOUNT_UNKNOWN',
    `${account.name} is a name and has no keystore`,
  );
}

function exportKeystore({ address, text }: KeystoreFile, json: boolean): void {
  const keystore: unknown = JSON.parse(text);
  const whose = address === undefined ? null : checksumAddress(address);
  writeResult(JSON.stringify(json ? { address: whose, keystore } : keystore));
}
