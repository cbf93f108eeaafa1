import { toHexKey } from '@lucerna/base';
import { parseAddress } from '@lucerna/protocol';
import { cliErrors } from '../errors.ts';
import { findKeystore, type KeystoreFile, readKeystore, readKeystores } from './keystore-folder.ts';
import { addressOfKey, decryptKey } from './keystore-work.ts';
import { type PasswordOptions, readPassword } from './password.ts';

/** An account of which the key is at hand, or behind a password. */
export type Wallet = Disposable & {
  /** Undefined for a keystore. */
  readonly name: string | undefined;
  /** 20 bytes. Asks for the password only where the file does not say whose key it has. */
  readonly address: () => Promise<Uint8Array>;
  /** 32 bytes, overwritten when the wallet is disposed of. Asks for the password once. */
  readonly privateKey: () => Promise<Uint8Array>;
};

/** How a wallet is opened. */
export type WalletOptions = PasswordOptions & { readonly folder: string; readonly json: boolean };

/** An account as somebody writes it. */
export type AccountText =
  | { readonly kind: 'address'; readonly address: Uint8Array }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'name'; readonly name: string };

/**
 * What an argument says of an account: 40 hex digits with or without 0x, the path of a keystore file
 * (with a slash, or ending in .json), or a name.
 *
 * @throws `ACCOUNT_INVALID`, which does not repeat it: it may be a key in the wrong place;
 *   `ADDRESS_CHECKSUM`
 */
export function parseAccount(text: string): AccountText {
  const digits = /^(?:0x)?([0-9a-fA-F]{40})$/.exec(text)?.[1];
  if (digits !== undefined) return { kind: 'address', address: parseAddress(`0x${digits}`) };
  if (/[\\/]|\.json$|^UTC--/.test(text)) return { kind: 'file', path: text };
  const isName = /^[A-Za-z][A-Za-z0-9_.-]*$/.test(text);
  if (isName && !/^(0x)?[0-9a-fA-F]{32,}$/.test(text)) return { kind: 'name', name: text };
  throw cliErrors.create('ACCOUNT_INVALID');
}

/** The address that an argument names, and the name if it was one. @throws as {@link parseAccount} */
export async function addressOfText(
  text: string,
): Promise<{ readonly address: Uint8Array; readonly name: string | undefined }> {
  const account = parseAccount(text);
  if (account.kind === 'address') return { address: account.address, name: undefined };
  if (account.kind === 'name') {
    const { address } = await named(account.name);
    return { address, name: account.name };
  }
  const { address } = await readKeystore(account.path);
  if (address === undefined) throw cliErrors.create('ACCOUNT_INVALID', 'the file has no address');
  return { address, name: undefined };
}

/**
 * The account that is to sign.
 *
 * @param text undefined: the only one in the folder
 * @throws `ACCOUNT_NOT_CHOSEN`, the error of a damaged file among several, and as {@link parseAccount}, `findKeystore`, `readKeystore`
 */
export async function openWallet(
  text: string | undefined,
  options: WalletOptions,
): Promise<Wallet> {
  if (text === undefined) return keystoreWallet(await onlyKeystore(options.folder), options);
  const account = parseAccount(text);
  switch (account.kind) {
    case 'address':
      return keystoreWallet(await findKeystore(options.folder, account.address), options);
    case 'file':
      return keystoreWallet(await readKeystore(account.path), options);
    case 'name': {
      const { address, privateKey } = await named(account.name);
      return {
        name: account.name,
        address: async () => address,
        privateKey: async () => privateKey,
        // Everybody knows it.
        [Symbol.dispose]: () => undefined,
      };
    }
  }
}

async function onlyKeystore(folder: string): Promise<KeystoreFile> {
  const { files, damaged } = await readKeystores(folder);
  const [file] = files;
  // It may be that one which is meant.
  if (damaged[0] !== undefined) throw damaged[0].error;
  if (file !== undefined && files.length === 1) return file;
  throw cliErrors.create('ACCOUNT_NOT_CHOSEN', `${files.length} in ${folder}`, { folder });
}

function keystoreWallet(file: KeystoreFile, options: WalletOptions): Wallet {
  let key: Uint8Array | undefined;
  const privateKey = async (): Promise<Uint8Array> => {
    const who = file.address === undefined ? file.path : `0x${toHexKey(file.address)}`;
    const use = { prompt: `Password of ${who}`, isNew: false };
    key ??= await decryptKey(file, await readPassword(options, use), options.json);
    return key;
  };
  return {
    name: undefined,
    address: async () => file.address ?? addressOfKey(await privateKey()),
    privateKey,
    [Symbol.dispose]: () => {
      key?.fill(0);
    },
  };
}

/** Loaded late: the library brings a node with it, and few commands need a name. */
async function named(
  name: string,
): Promise<{ readonly address: Uint8Array; readonly privateKey: Uint8Array }> {
  const { namedAccount } = await import('@lucerna/sdk');
  return namedAccount(name);
}
