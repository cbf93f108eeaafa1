import { type Command, Option } from 'commander';
import { parseBlockHash, parseHeight, parseHistory } from '../arguments.ts';
import type {
  CompactOptions,
  DbOptions,
  ExportOptions,
  ImportOptions,
  SnapshotOptions,
} from './db-options.ts';

/** Adds `lucerna db` and its commands. What they run is loaded only when they run. */
export function addDbCommand(program: Command): void {
  const db = program
    .command('db')
    .description('Check, measure, move and shrink a chain that no node is running.');
  addCheckCommands(db);
  addExportCommands(db);
  addImportCommand(db);
  addCompactCommand(db);
}

function addCheckCommands(db: Command): void {
  withDirectory(db.command('verify'))
    .description('Read everything again and check that blocks, indexes, state and supply agree.')
    .action(async (options: DbOptions) => {
      const { runVerify } = await import('./db-verify.ts');
      await runVerify(options);
    });
  withDirectory(db.command('stats'))
    .description('Print what the chain holds and how much room it takes.')
    .action(async (options: DbOptions) => {
      const { runStats } = await import('./db-stats.ts');
      await runStats(options);
    });
}

function addExportCommands(db: Command): void {
  withDirectory(db.command('export'))
    .description('Write the blocks to a file, for another node to execute.')
    .argument('<file>', 'where to; - is standard output')
    .option('--from <height>', 'first block (default: the first that there is)', parseHeight)
    .option('--to <height>', 'last block (default: the head)', parseHeight)
    .option('--force', 'replace the file if there is one')
    .action(async (file: string, options: ExportOptions) => {
      const { runExport } = await import('./db-export.ts');
      await runExport(file, options);
    });
  withDirectory(db.command('snapshot'))
    .description('Write the state of the head to a file, from which a chain can go on.')
    .argument('<file>', 'where to; - is standard output')
    .option('--force', 'replace the file if there is one')
    .action(async (file: string, options: SnapshotOptions) => {
      const { runSnapshot } = await import('./db-export.ts');
      await runSnapshot(file, options);
    });
}

function addImportCommand(db: Command): void {
  withDirectory(db.command('import'))
    .description('Take in a file with blocks, or begin a chain with a file with a state.')
    .argument('<file>', 'what db export or db snapshot wrote')
    .option('--expect-hash <hash>', 'fail unless the file leads to this block', parseBlockHash)
    .addOption(databaseOption("what keeps state and indexes (default: the directory's, or lmdb)"))
    .addOption(
      historyOption('how many blocks behind the head older states are kept (default: all)'),
    )
    .action(async (file: string, options: ImportOptions) => {
      const { runImport } = await import('./db-import.ts');
      await runImport(file, options);
    });
}

function addCompactCommand(db: Command): void {
  withDirectory(db.command('compact'))
    .description('Make the database anew without what is no longer used.')
    .addOption(databaseOption('make it another database'))
    .addOption(historyOption('keep the older states of so many blocks (default: those there are)'))
    .action(async (options: CompactOptions) => {
      const { runCompact } = await import('./db-compact.ts');
      await runCompact(options);
    });
}

function withDirectory(command: Command): Command {
  return command
    .option('--data-dir <directory>', 'where the chain is kept', '.lucerna')
    .option('--json', 'print the result in one line of JSON, diagnostics as JSON lines');
}

function databaseOption(description: string): Option {
  return new Option('--db <database>', description).choices(['lmdb', 'rocksdb']);
}

function historyOption(description: string): Option {
  return new Option('--history <blocks>', description).argParser(parseHistory);
}
