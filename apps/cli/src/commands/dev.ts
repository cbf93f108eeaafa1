import { type Command, Option } from 'commander';
import {
  collect,
  parseAccounts,
  parseBlockTimeMs,
  parseChainId,
  parseCoins,
  parseGas,
  parseHistory,
  parsePort,
  parseTimestamp,
  parseWei,
} from '../arguments.ts';
import type { DevOptions } from './run-dev.ts';

/** Adds `lucerna dev`: a development chain on a port, kept in a directory. */
export function addDevCommand(program: Command): void {
  const command = program
    .command('dev')
    .description('Run a development chain that keeps its state.');
  addStorageOptions(command);
  addChainOptions(command);
  addMiningOptions(command);
  addServerOptions(command);
  command
    .option('-q, --quiet', 'print warnings and errors only')
    .option('--json', 'print what was started, and the log, as JSON lines')
    .action(async (options: DevOptions) => {
      // Loaded here because the other commands need no node.
      const { runDev } = await import('./run-dev.ts');
      await runDev(options);
    });
}

function addStorageOptions(command: Command): void {
  command
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
    .option('--reset', 'delete the chain in the data directory first')
    .option('--load-state <file>', 'begin a new chain with a state that was dumped')
    .option('--dump-state <file>', 'write the state to a file at the end')
    .addOption(
      new Option('--durability <level>', 'what an answered transaction outlives')
        .choices(['process', 'power'])
        .default('process'),
    )
    .option(
      '--history <blocks>',
      'how many blocks behind the head older states are kept (default: all)',
      parseHistory,
    );
}

function addChainOptions(command: Command): void {
  command
    .option('--chain-id <id>', "chain id (default: the directory's, or 31337)", parseChainId)
    .option(
      '--timestamp <seconds>',
      'time at which a new chain begins (default: now)',
      parseTimestamp,
    )
    .option('-a, --accounts <number>', 'how many unlocked accounts (default: 10)', parseAccounts)
    .option('--balance <coins>', 'what each has on a new chain (default: 10000)', parseCoins)
    .option(
      '-m, --mnemonic <words>',
      'what their keys come from (default: the one that all tools know)',
    )
    .addOption(
      new Option(
        '--mnemonic-file <file>',
        'the same from a file; or set LUCERNA_MNEMONIC',
      ).conflicts('mnemonic'),
    );
}

function addMiningOptions(command: Command): void {
  command
    .addOption(
      new Option('-b, --block-time <seconds>', 'make a block at this interval, empty or not')
        .argParser(parseBlockTimeMs)
        .conflicts('mining'),
    )
    .addOption(
      new Option(
        '--automine',
        'make a block for every transaction, also beside --block-time (default of a new chain)',
      ).conflicts('mining'),
    )
    .addOption(
      new Option('--mixed-mining', 'the same as --automine, for --block-time').implies({
        automine: true,
      }),
    )
    .option('--no-mining', 'make blocks only when evm_mine asks for one')
    .option('--gas-limit <gas>', 'gas limit of the blocks from now on', parseGas)
    .option('--base-fee <wei>', 'base fee of the next block; the others follow from it', parseWei);
}

function addServerOptions(command: Command): void {
  command
    .option('-p, --port <port>', 'port to listen on, 0 for any free one', parsePort, 8545)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--allow-host <name>', 'also accept this Host header (repeatable)', collect)
    .option(
      '--allow-origin <origin>',
      'let pages of this origin use development methods (repeatable)',
      collect,
    )
    .option(
      '--token-file <file>',
      'serve only requests with the bearer token in this file; or set LUCERNA_TOKEN',
    )
    .option('--no-vector', 'do not serve the vector database (the Chroma protocol, at /api/v2)');
}
