import { type Command, Option } from 'commander';
import { collect, parseNumber, parsePort } from '../arguments.ts';
import { ROW_FORMATS } from '../vector/row-source.ts';
import type {
  ExportOptions,
  ImportOptions,
  QueryOptions,
  ServeOptions,
  VectorOptions,
  VerifyOptions,
} from './vector-options.ts';

/** Adds `lucerna vector` and its commands. What they run is loaded only when they run. */
export function addVectorCommand(program: Command): void {
  const vector = program
    .command('vector')
    .description('Fill, search, move, check and serve a vector database.');
  addImportCommand(vector);
  addQueryCommand(vector);
  addExportCommand(vector);
  addLookCommands(vector);
  addServeCommand(vector);
}

function addImportCommand(vector: Command): void {
  const command = withCollection(vector.command('import'))
    .description('Add the rows of a file to a collection, which is made where it is missing.')
    .argument(
      '<file>',
      'JSON lines (also packed by gzip), .npy, Parquet or Arrow; - is standard input',
    )
    .addOption(formatOption())
    .option(
      '--records <file>',
      'JSON lines with id, document and metadata for the rows of a .npy file',
    )
    .option('--id-column <name>', 'column with the id', 'id')
    .option('--embedding-column <name>', 'column with the embedding', 'embedding')
    .option('--document-column <name>', 'column with the text', 'document')
    .option('--uri-column <name>', 'column with the address', 'uri')
    .option('--metadata-column <name>', 'column with an object; other columns join it', 'metadata')
    .option('--row-ids [prefix]', "take the row's number, behind the prefix, as its id")
    .addOption(
      new Option('--existing <what>', 'what to do with a row whose id is there')
        .choices(['refuse', 'skip', 'update'])
        .default('refuse'),
    );
  addNewCollectionOptions(command);
  command.action(async (file: string, options: ImportOptions) => {
    const { runVectorImport } = await import('./vector-import.ts');
    await runVectorImport(file, options);
  });
}

function addNewCollectionOptions(command: Command): void {
  command
    .addOption(
      new Option('--metric <metric>', 'distance of a new collection (default: cosine)').choices([
        'cosine',
        'l2',
        'ip',
      ]),
    )
    .addOption(modeOption('how a new collection is searched (default: auto)'))
    .option('--model <name>', 'what has made the embeddings; others are refused')
    .option('--normalised', 'refuse embeddings that have not length 1')
    .option('--max-neighbors <number>', 'links in the graph (default: 16)', parseNumber)
    .option('--ef-construction <number>', 'candidates of an insertion (default: 200)', parseNumber);
}

function addQueryCommand(vector: Command): void {
  withFilter(withCollection(vector.command('query')))
    .description('Print the records that are nearest to an embedding.')
    .argument('[embedding]', 'a list of numbers in JSON; - reads it from standard input')
    .addOption(
      new Option('--file <file>', 'search for every embedding of a file instead').conflicts('id'),
    )
    .addOption(formatOption())
    .option('--embedding-column <name>', 'column of the file', 'embedding')
    .option('--id <id>', 'search for the embedding of this record instead')
    .option('-k, --limit <number>', 'how many records of each', parseNumber, 10)
    .option('--ef-search <number>', 'candidates in the graph', parseNumber)
    .addOption(modeOption('how to search (default: as the collection does)'))
    .option('--model <name>', 'what has made the embedding')
    .action(async (embedding: string | undefined, options: QueryOptions) => {
      const { runVectorQuery } = await import('./vector-query.ts');
      await runVectorQuery(embedding, options);
    });
}

function addExportCommand(vector: Command): void {
  withFilter(withCollection(vector.command('export')))
    .description('Write the records of a collection to a file.')
    .argument('<file>', 'where to; its name says the format; - is standard output')
    .addOption(formatOption())
    .option('--records <file>', 'JSON lines for what a .npy file does not hold')
    .option('--force', 'replace the files if there are some')
    .option('--salvage', 'of a damaged database, write what can be read')
    .action(async (file: string, options: ExportOptions) => {
      const { runVectorExport } = await import('./vector-export.ts');
      await runVectorExport(file, options);
    });
}

function addLookCommands(vector: Command): void {
  withPath(vector.command('stats'))
    .description('Print which collections there are and how much room they take.')
    .action(async (options: VectorOptions) => {
      const { runVectorStats } = await import('./vector-stats.ts');
      await runVectorStats(options);
    });
  withPath(vector.command('verify'))
    .description('Read everything again, check it, and compare searches with exact ones.')
    .option('--queries <number>', 'how many searches of each collection', parseNumber, 100)
    .action(async (options: VerifyOptions) => {
      const { runVectorVerify } = await import('./vector-verify.ts');
      await runVectorVerify(options);
    });
}

function addServeCommand(vector: Command): void {
  withPath(vector.command('serve'))
    .description("Answer Chroma's clients over HTTP.")
    .addOption(
      new Option('--in-memory', 'keep everything in memory: it ends with the process').conflicts(
        'path',
      ),
    )
    .option('-p, --port <port>', 'port to listen on, 0 for any free one', parsePort, 8000)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(
      new Option('--durability <level>', 'what an answered write outlives')
        .choices(['process', 'power'])
        .default('process'),
    )
    .option('--allow-reset', 'let clients delete everything at once')
    .option('--allow-host <name>', 'also accept this Host header (repeatable)', collect)
    .option('--allow-origin <origin>', 'let pages of this origin in (repeatable)', collect)
    .option(
      '--token-file <file>',
      'serve only requests with the token in this file; or set LUCERNA_TOKEN',
    )
    .option('-q, --quiet', 'print warnings and errors only')
    .action(async (options: ServeOptions) => {
      const { runVectorServe } = await import('./vector-serve.ts');
      await runVectorServe(options);
    });
}

function withPath(command: Command): Command {
  return command
    .option('--path <folder>', 'where the database is kept', '.lucerna/vector')
    .option('--json', 'print the result in one line of JSON, diagnostics as JSON lines');
}

function withCollection(command: Command): Command {
  return withPath(command)
    .option('-c, --collection <name>', 'which collection', 'vectors')
    .option('--tenant <name>', "of Chroma's name spaces", 'default_tenant')
    .option('--database <name>', "of Chroma's name spaces", 'default_database');
}

function withFilter(command: Command): Command {
  return command
    .option('--where <json>', 'only records whose metadata fit: {"year": {"$gte": 2020}}')
    .option('--where-document <json>', 'only records whose document fits: {"$contains": "text"}');
}

function formatOption(): Option {
  return new Option('--format <format>', 'of the file (default: by its name)').choices(ROW_FORMATS);
}

function modeOption(description: string): Option {
  return new Option('--mode <mode>', description).choices(['exact', 'hnsw', 'auto', 'binary']);
}
