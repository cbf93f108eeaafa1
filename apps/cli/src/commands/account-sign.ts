import { equalBytes, toHex } from '@lucerna/base';
import { checksumAddress } from '@lucerna/protocol';
import { keystoreFolder } from '../account/keystore-folder.ts';
import { digestToSign, hasMessage } from '../account/message.ts';
import { signDigest, signerOf } from '../account/signature.ts';
import { addressOfText, openWallet } from '../account/wallet.ts';
import { cliErrors } from '../errors.ts';
import { writeResult } from '../output.ts';
import type { SignOptions, VerifyOptions } from './account-options.ts';

/** `lucerna account sign`. */
export async function runAccountSign(
  text: string,
  message: string | undefined,
  options: SignOptions,
): Promise<void> {
  const json = options.json ?? false;
  const digest = await digestToSign(message, options);
  const folder = keystoreFolder(options.keystore);
  using wallet = await openWallet(text, { ...options, folder, json });
  const signature = signDigest(digest, await wallet.privateKey());
  const address = checksumAddress(await wallet.address());
  writeResult(json ? JSON.stringify({ address, digest: toHex(digest), signature }) : signature);
}

/**
 * `lucerna account verify`.
 *
 * @param rest the message, unless an option has it, and the signature
 * @throws `SIGNATURE_WRONG`
 */
export async function runAccountVerify(
  text: string,
  rest: readonly string[],
  options: VerifyOptions,
): Promise<void> {
  const [message, signature] = hasMessage(options) ? [undefined, ...rest] : rest;
  if (signature === undefined || rest.length > (hasMessage(options) ? 1 : 2)) {
    const detail = 'the message, or one of --hex, --file and --typed-data, then the signature';
    throw cliErrors.create('OPTIONS_CONFLICT', detail);
  }
  const { address } = await addressOfText(text);
  const signer = signerOf(await digestToSign(message, options), signature);
  const whose = checksumAddress(signer);
  if (!equalBytes(signer, address)) {
    throw cliErrors.create('SIGNATURE_WRONG', `signed by ${whose}`, { signer: whose });
  }
  writeResult(options.json ? JSON.stringify({ valid: true, address: whose }) : 'valid');
}
