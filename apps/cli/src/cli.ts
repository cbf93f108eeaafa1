import { isLucernaError } from '@lucerna/base';
import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { addAccountCommand } from './commands/account.ts';
import { addContractCommand } from './commands/contract.ts';
import { addDbCommand } from './commands/db.ts';
import { addDevCommand } from './commands/dev.ts';
import { addQ64Command } from './commands/q64.ts';
import { addSendCommand } from './commands/send.ts';
import { addVectorCommand } from './commands/vector.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { outliveReaders, writeFailure, writeUsageError } from './output.ts';

/** Runs the command line `args` (without node and script) and gives the process's exit code. */
export async function runCli(args: readonly string[]): Promise<number> {
  // What follows -- is no option, whatever it looks like.
  const end = args.indexOf('--');
  const json = args.slice(0, end < 0 ? args.length : end).includes('--json');
  outliveReaders(json);
  const program = new Command('lucerna')
    .description('A local-first chain with a memory.')
    .version(manifest.version)
    .configureOutput({ outputError: (text) => writeUsageError(text, json) })
    .exitOverride();
  addDevCommand(program);
  addContractCommand(program);
  addAccountCommand(program);
  addSendCommand(program);
  addDbCommand(program);
  addVectorCommand(program);
  addQ64Command(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT_CODES.ok;
  } catch (error) {
    // Commander has already written its help or what it did not understand.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    }
    if (isLucernaError(error, 'STDOUT_CLOSED')) return EXIT_CODES.unread;
    // Whoever watches standard output has said so.
    if (isLucernaError(error, 'STDOUT_UNWRITABLE')) return EXIT_CODES.failed;
    writeFailure(error, json);
    if (isLucernaError(error, 'OPTIONS_CONFLICT')) return EXIT_CODES.usage;
    if (isLucernaError(error, 'EXPORT_INCOMPLETE')) return EXIT_CODES.incomplete;
    return isLucernaError(error, 'INTERRUPTED', 'IMPORT_INTERRUPTED')
      ? EXIT_CODES.interrupted
      : EXIT_CODES.failed;
  }
}
