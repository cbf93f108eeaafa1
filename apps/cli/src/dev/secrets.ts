import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { readBounded } from '../read-bounded.ts';

/** What HTTP can carry as a bearer token (RFC 6750 §2.1), long enough that nobody guesses it. */
const TOKEN = /^[\w.~+/-]{16,1024}=*$/;

/**
 * The token that requests have to show: from the file, or else from LUCERNA_TOKEN. Undefined: none.
 * There is no option for the token itself: every program on the machine can read command lines.
 *
 * @throws `TOKEN_INVALID`, `INPUT_UNREADABLE`, `INPUT_TOO_LARGE`
 */
export async function readToken(file: string | undefined): Promise<string | undefined> {
  const text = file === undefined ? process.env['LUCERNA_TOKEN'] : await readSecret(file);
  const token = text?.trim();
  if (token === undefined || TOKEN.test(token)) return token;
  // Not the token itself: errors end up in logs.
  throw cliErrors.create('TOKEN_INVALID', file ?? 'LUCERNA_TOKEN');
}

/** Where a mnemonic may come from. */
export type MnemonicOptions = { readonly mnemonic?: string; readonly mnemonicFile?: string };

/**
 * The words that the accounts come from: from the command line, from a file, or else from
 * LUCERNA_MNEMONIC. Undefined: those that everybody knows.
 *
 * @throws `INPUT_UNREADABLE`, `INPUT_TOO_LARGE`
 */
export async function readMnemonic({
  mnemonic,
  mnemonicFile,
}: MnemonicOptions): Promise<string | undefined> {
  const text =
    mnemonicFile === undefined
      ? (mnemonic ?? process.env['LUCERNA_MNEMONIC'])
      : await readSecret(mnemonicFile);
  return text?.trim();
}

async function readSecret(file: string): Promise<string> {
  return new TextDecoder().decode(await readBounded(file, cliLimits.values.secretFileBytes));
}
