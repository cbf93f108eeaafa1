import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { readSecretFile } from './secret-file.ts';
import { askOnTerminal, isInteractive } from './terminal.ts';

/** Where a password may come from. */
export type PasswordOptions = {
  readonly passwordFile?: string;
  readonly allowEmptyPassword?: boolean;
};

/** What a password is wanted for. */
export type PasswordUse = {
  /** What stands before the place where it is typed. */
  readonly prompt: string;
  /** One that was never typed before is typed twice. */
  readonly isNew: boolean;
};

/**
 * The password as bytes: from the file, without the line end behind it; or else from LUCERNA_PASSWORD;
 * or else from who sits at the terminal. There is no option for the password itself: every program on
 * the machine can read command lines.
 *
 * @throws `PASSWORD_MISSING`, `PASSWORD_EMPTY`, `PASSWORDS_DIFFER`, `INTERRUPTED`, `INPUT_UNREADABLE`,
 *   `INPUT_TOO_LARGE`
 */
export async function readPassword(
  options: PasswordOptions,
  use: PasswordUse,
): Promise<Uint8Array> {
  const password = await givenPassword(options.passwordFile, use);
  if (password.length > 0 || options.allowEmptyPassword === true) return password;
  throw cliErrors.create('PASSWORD_EMPTY');
}

async function givenPassword(file: string | undefined, use: PasswordUse): Promise<Uint8Array> {
  if (file !== undefined) {
    const limit = cliLimits.values.secretFileBytes;
    return withoutLineEnd(await readSecretFile(file, 'the file of --password-file', limit));
  }
  const text = process.env['LUCERNA_PASSWORD'] ?? (await askPassword(use));
  return new TextEncoder().encode(text);
}

async function askPassword({ prompt, isNew }: PasswordUse): Promise<string> {
  if (!isInteractive()) throw cliErrors.create('PASSWORD_MISSING');
  const question = { prompt: `${prompt}: `, isHidden: true };
  const again = { prompt: `${prompt}, again: `, isHidden: true };
  const [first = '', second] = await askOnTerminal(isNew ? [question, again] : [question]);
  if (isNew && first !== second) throw cliErrors.create('PASSWORDS_DIFFER');
  return first;
}

/** Editors and `echo` put one there; others belong to the password. */
function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== 0x0a) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1);
}
