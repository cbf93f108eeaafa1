import type { Progress } from '@lucerna/base';
import { equalBytes } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import {
  decryptKeystore,
  encryptKeystore,
  type ScryptCost,
  STANDARD_SCRYPT,
} from '@lucerna/crypto/keystore';
import { systemRandom } from '@lucerna/platform-node/random';
import { checksumAddress, publicKeyToAddress } from '@lucerna/protocol';
import { withWork } from '../db/work.ts';
import { cliErrors } from '../errors.ts';
import type { KeystoreFile } from './keystore-folder.ts';

/** What geth takes with the same option: a tenth of a second and 4 MiB. */
const LIGHT_SCRYPT: ScryptCost = { n: 2 ** 12, r: 8, p: 6 };

/** How an account is put under its password. */
export type EncryptOptions = {
  /** Less time and memory, for whoever guesses as well. */
  readonly isLight: boolean;
  readonly json: boolean;
};

/** The address of a private key, 20 bytes. @throws `KEY_INVALID` */
export function addressOfKey(privateKey: Uint8Array): Uint8Array {
  return publicKeyToAddress(pureSignatureEngine.publicKey(privateKey));
}

/** The text of a keystore file, with a bar while it is made. @throws `KEY_INVALID` */
export async function encryptKey(
  privateKey: Uint8Array,
  password: Uint8Array,
  { isLight, json }: EncryptOptions,
): Promise<string> {
  const scrypt = isLight ? LIGHT_SCRYPT : STANDARD_SCRYPT;
  return withWork({ json, endsAtTurn: false }, ({ bar }) =>
    encryptKeystore(privateKey, password, systemRandom, {
      address: addressOfKey(privateKey),
      scrypt,
      onProgress: inSteps(bar.step('Encrypting the key', 'steps'), scrypt),
    }),
  );
}

/**
 * The private key of a keystore, with a bar while the password is tried.
 *
 * @throws `KEYSTORE_PASSWORD_WRONG`; `KEYSTORE_ADDRESS_WRONG` when it is not the key that the file says
 */
export async function decryptKey(
  file: Pick<KeystoreFile, 'address' | 'keystore'>,
  password: Uint8Array,
  json: boolean,
): Promise<Uint8Array> {
  const { kdf } = file.keystore;
  const privateKey = await withWork({ json, endsAtTurn: false }, ({ bar }) => {
    const progress = bar.step('Trying the password', 'steps');
    const onProgress = kdf.kind === 'scrypt' ? inSteps(progress, kdf) : undefined;
    return decryptKeystore(file.keystore, password, onProgress);
  });
  const address = addressOfKey(privateKey);
  if (file.address === undefined || equalBytes(file.address, address)) return privateKey;
  privateKey.fill(0);
  const detail = `${checksumAddress(address)} in place of ${checksumAddress(file.address)}`;
  throw cliErrors.create('KEYSTORE_ADDRESS_WRONG', detail);
}

function inSteps(progress: Progress, { n, r, p }: ScryptCost): (part: number) => void {
  const total = n * r * p;
  return (part) => progress(Math.floor(part * total), total);
}
