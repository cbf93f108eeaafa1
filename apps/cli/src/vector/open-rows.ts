import { extname } from 'node:path';
import { cliErrors } from '../errors.ts';
import { openJsonlSource } from './jsonl-source.ts';
import { openNpySource } from './npy-source.ts';
import type { RowFormat, RowSource } from './row-source.ts';

const EXTENSIONS: ReadonlyMap<string, RowFormat> = new Map([
  ['.jsonl', 'jsonl'],
  ['.ndjson', 'jsonl'],
  ['.npy', 'npy'],
  ['.parquet', 'parquet'],
  ['.arrow', 'arrow'],
  ['.arrows', 'arrow'],
  ['.feather', 'arrow'],
  ['.ipc', 'arrow'],
]);

/**
 * The format of the file at `path`: what was said, or what its name ends in.
 *
 * @throws `FILE_FORMAT_UNKNOWN`
 */
export function formatOf(path: string, said: RowFormat | undefined): RowFormat {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  const format = said ?? EXTENSIONS.get(extname(name));
  if (format === undefined) throw cliErrors.create('FILE_FORMAT_UNKNOWN', path, { path });
  return format;
}

/** How a file is read. */
export type OpenRowsOptions = {
  readonly format?: RowFormat | undefined;
  /** Name of the column with the embeddings. */
  readonly embedding: string;
  /** A file of JSON lines with what an array of NumPy has not. */
  readonly records?: string | undefined;
};

/**
 * The file at `path` as rows. The libraries of a format are loaded only for it.
 *
 * @throws `FILE_FORMAT_UNKNOWN`, `INPUT_UNREADABLE`, `FILE_MALFORMED`
 */
export async function openRows(path: string, options: OpenRowsOptions): Promise<RowSource> {
  switch (formatOf(path, options.format)) {
    case 'jsonl':
      return openJsonlSource(path, options.embedding);
    case 'npy': {
      const { embedding } = options;
      const beside = options.records;
      const records = beside === undefined ? undefined : await openJsonlSource(beside, embedding);
      return openNpySource(path, { embedding, records });
    }
    case 'parquet':
      return (await import('./parquet-source.ts')).openParquetSource(path);
    case 'arrow':
      return (await import('./arrow-source.ts')).openArrowSource(path);
  }
}
