import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseBytes } from '../account/message.ts';
import type {
  ExportOptions,
  FolderOptions,
  ImportOptions,
  MakeOptions,
  SignOptions,
  VerifyOptions,
} from './account-options.ts';

/** How many words a mnemonic has (BIP-39). */
const WORD_COUNTS: readonly number[] = [12, 15, 18, 21, 24];
/** Path of the accounts of Ethereum wallets. */
const DEFAULT_PATH = "m/44'/60'/0'/0";
/** An index from here on is of a hardened key (BIP-32). */
const MAX_INDEX = 2 ** 31 - 1;

export const ACCOUNT = 'an address, a name such as alice, or the path of a keystore file';

/** Adds `lucerna account` and its commands. What they run is loaded only when they run. */
export function addAccountCommand(program: Command): void {
  const account = keepSecrets(program.command('account')).description(
    'Keep keys under passwords, and sign with them.',
  );
  addNewCommand(account);
  addImportCommand(account);
  addListCommand(account);
  addExportCommand(account);
  addSignCommand(account);
  addVerifyCommand(account);
}

/** Messages about wrong arguments repeat them; what may be a key or words is left out of them. */
export function keepSecrets(command: Command): Command {
  const { outputError } = command.configureOutput();
  return command.configureOutput({
    outputError: (text, write) => outputError?.(withoutSecrets(text), write),
  });
}

function withoutSecrets(text: string): string {
  return (
    text
      .replace(/[0-9a-fA-F]{48,}/g, '…')
      // A value with its option: --password=…, of which there is none.
      .replace(/(unknown option '(?:--[^=']*=|-[^-']))[^\n]*'/, "$1…'")
      // Many words in one argument.
      .replace(/'[^']*(?:\s+[^'\s]+){5,}[^']*'/g, "'…'")
      // Each of them an argument.
      .replace(/(but got \d+): [\s\S]*$/, '$1.\n')
  );
}

export function keystoreOption(): Option {
  return new Option(
    '--keystore <folder>',
    'where keystores lie (default: ~/.local/state/lucerna/keystore)',
  ).env('LUCERNA_KEYSTORE');
}

export function withPassword(command: Command): Command {
  return command
    .option(
      '--password-file <file>',
      'the password; or set LUCERNA_PASSWORD (default: ask at the terminal)',
    )
    .option('--allow-empty-password', 'take an empty password for one');
}

function addNewCommand(account: Command): void {
  withNew(account.command('new'))
    .description('Make an account with a random key.')
    .addOption(
      new Option(
        '--mnemonic [count]',
        'make words, 12 unless so many are said, and the key of them; shown once',
      ).argParser(parseWordCount),
    )
    .option('--show', 'print the words also where standard output is no terminal')
    .action(async (options: MakeOptions) => {
      const { runAccountNew } = await import('./account-new.ts');
      await runAccountNew(options);
    });
}

function addImportCommand(account: Command): void {
  withNew(account.command('import'))
    .description('Put a private key, the key of words, or a keystore of another program in.')
    .argument('[file]', 'where it is; - is standard input (default: ask at the terminal)')
    .option('--path <path>', 'of the keys of words, without the last index', DEFAULT_PATH)
    .addOption(
      new Option('--index <number>', 'which of the keys of words').argParser(parseIndex).default(0),
    )
    .option('--passphrase-file <file>', 'the "25th word", for words that have one')
    .action(async (file: string | undefined, options: ImportOptions) => {
      const { runAccountImport } = await import('./account-new.ts');
      await runAccountImport(file, options);
    });
}

function addListCommand(account: Command): void {
  account
    .command('list')
    .description('Print the addresses of the accounts in the folder.')
    .addOption(keystoreOption())
    .option('--json', 'print addresses and files in one line of JSON')
    .action(async (options: FolderOptions) => {
      const { runAccountList } = await import('./account-list.ts');
      await runAccountList(options);
    });
}

function addExportCommand(account: Command): void {
  withPassword(account.command('export'))
    .description('Print the keystore of an account, which stays under its password, or its key.')
    .argument('<account>', ACCOUNT)
    .addOption(keystoreOption())
    .addOption(
      new Option('--show-private-key', 'print the private key itself').conflicts('privateKeyFile'),
    )
    .option('--private-key-file <file>', 'write the private key to a new file, for you alone')
    .option('--json', 'print the result in one line of JSON, diagnostics as JSON lines')
    .action(async (text: string, options: ExportOptions) => {
      const { runAccountExport } = await import('./account-list.ts');
      await runAccountExport(text, options);
    });
}

function addSignCommand(account: Command): void {
  withMessage(withPassword(account.command('sign')))
    .description('Sign a message (EIP-191) or typed data (EIP-712).')
    .argument('<account>', ACCOUNT)
    .argument('[message]', 'text; -- before one that begins with a dash')
    .addOption(keystoreOption())
    .action(async (text: string, message: string | undefined, options: SignOptions) => {
      const { runAccountSign } = await import('./account-sign.ts');
      await runAccountSign(text, message, options);
    });
}

function addVerifyCommand(account: Command): void {
  withMessage(account.command('verify'))
    .description('Check who has signed a message or typed data; 1 is the exit code if another.')
    .usage('[options] <address> [message] <signature>')
    .argument('<address>', 'who is to have signed: an address or a name')
    .argument('<message>', 'text; left out where an option says what was signed')
    .argument('[signature]', '0x and 130 hex digits, or 128 (EIP-2098)')
    .action(
      async (
        text: string,
        message: string,
        signature: string | undefined,
        options: VerifyOptions,
      ) => {
        const { runAccountVerify } = await import('./account-sign.ts');
        await runAccountVerify(
          text,
          signature === undefined ? [message] : [message, signature],
          options,
        );
      },
    );
}

function withNew(command: Command): Command {
  return withPassword(command)
    .addOption(keystoreOption())
    .option('--lightkdf', 'a tenth of the time and little memory, for whoever guesses as well')
    .option('--json', 'print the result in one line of JSON, diagnostics as JSON lines');
}

function withMessage(command: Command): Command {
  return command
    .option('--hex <bytes>', 'the message as 0x-hex', parseBytes)
    .option('--file <file>', 'the message in a file, to its last byte; - is standard input')
    .option('--typed-data <file>', 'typed data as JSON; - is standard input')
    .option('--json', 'print the result in one line of JSON, diagnostics as JSON lines');
}

function parseWordCount(text: string): number {
  const count = WORD_COUNTS.find((allowed) => String(allowed) === text);
  if (count === undefined) throw new InvalidArgumentError(`It is ${WORD_COUNTS.join(', ')}.`);
  return count;
}

function parseIndex(text: string): number {
  const index = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(index <= MAX_INDEX)) throw new InvalidArgumentError(`An index is 0 to ${MAX_INDEX}.`);
  return index;
}
