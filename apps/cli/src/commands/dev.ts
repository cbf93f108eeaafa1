import { type Command, Option } from 'commander';
import { collect, parseBlockTimeMs, parseChainId, parseHistory, parsePort } from '../arguments.ts';
import type { DevOptions } from './run-dev.ts';

/** Adds `lucerna dev`: a development chain on a port, kept in a directory. */
export function addDevCommand(program: Command): void {
  program
    .command('dev')
    .description('Run a development chain that keeps its state.')
    .option('-p, --port <port>', 'port to listen on, 0 for any free one', parsePort, 8545)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data-dir <directory>', 'where the chain is kept', '.lucerna')
    .addOption(
      new Option('--in-memory', 'keep the chain in memory: it ends with the process').conflicts([
        'dataDir',
        'db',
        'reset',
      ]),
    )
    .addOption(
      new Option(
        '--db <database>',
        "what keeps state and indexes (default: the directory's, or lmdb)",
      ).choices(['lmdb', 'rocksdb']),
    )
    .option('--chain-id <id>', "chain id (default: the directory's, or 31337)", parseChainId)
    .option('--reset', 'delete the chain in the data directory first')
    .addOption(
      new Option('-b, --block-time <seconds>', 'make a block at this interval, empty or not')
        .argParser(parseBlockTimeMs)
        .conflicts('mining'),
    )
    .option('--no-mining', 'make blocks only when evm_mine asks for one')
    .addOption(
      new Option('--durability <level>', 'what an answered transaction outlives')
        .choices(['process', 'power'])
        .default('process'),
    )
    .option(
      '--history <blocks>',
      'how many blocks behind the head older states are kept (default: all)',
      parseHistory,
    )
    .option('--allow-host <name>', 'also accept this Host header (repeatable)', collect)
    .option(
      '--allow-origin <origin>',
      'let pages of this origin use development methods (repeatable)',
      collect,
    )
    .option('-q, --quiet', 'print warnings and errors only')
    .option('--json', 'print what was started, and the log, as JSON lines')
    .action(async (options: DevOptions) => {
      // Loaded here because the other commands need no node.
      const { runDev } = await import('./run-dev.ts');
      await runDev(options);
    });
}
