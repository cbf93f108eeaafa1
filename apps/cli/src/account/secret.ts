import { fromHex } from '@lucerna/base';
import { type Keystore, parseKeystore } from '@lucerna/crypto/keystore';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { readSecretFile } from './secret-file.ts';
import { askOnTerminal, isInteractive } from './terminal.ts';

/** What an account can be made of. */
export type Secret =
  | { readonly kind: 'key'; readonly privateKey: Uint8Array }
  | { readonly kind: 'words'; readonly words: string }
  | { readonly kind: 'keystore'; readonly keystore: Keystore };

/**
 * The secret in the file, in standard input for `-`, or without a file what somebody types at the
 * terminal, where there is one.
 *
 * @throws `SECRET_INVALID`, `SECRET_AS_ARGUMENT`, `KEYSTORE_INVALID`, `KEYSTORE_UNSUPPORTED`, `INPUT_UNREADABLE`,
 *   `INPUT_TOO_LARGE`, `INTERRUPTED`; none of them repeats any of it
 */
export async function readSecret(file: string | undefined): Promise<Secret> {
  if (file !== undefined && looksSecret(file)) throw cliErrors.create('SECRET_AS_ARGUMENT');
  return parseSecret(file === undefined && isInteractive() ? await ask() : await read(file ?? '-'));
}

async function ask(): Promise<string> {
  const [text = ''] = await askOnTerminal([{ prompt: 'Private key or words: ', isHidden: true }]);
  return text;
}

async function read(file: string): Promise<string> {
  const limit = cliLimits.values.keystoreFileBytes;
  const what = file === '-' ? 'standard input' : 'the file with the key, words or keystore';
  return new TextDecoder().decode(await readSecretFile(file, what, limit));
}

/** A key, or words in quotes, where a path is expected; `./` before a file with such a name helps. */
function looksSecret(argument: string): boolean {
  return /^\s*((0x)?[0-9a-fA-F]{64}|[a-z]+(\s+[a-z]+){11,23})\s*$/.test(argument);
}

function parseSecret(given: string): Secret {
  const text = given.trim();
  if (text.startsWith('{')) return { kind: 'keystore', keystore: parseKeystore(text) };
  const digits = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(text)?.[1];
  if (digits !== undefined) return { kind: 'key', privateKey: fromHex(`0x${digits}`) };
  // Whether they are the right ones is known to whoever derives keys of them.
  if (/^\p{L}+(\s+\p{L}+)+$/u.test(text)) return { kind: 'words', words: text };
  throw cliErrors.create('SECRET_INVALID');
}
