import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@lucerna/base';
import { directoryError, NEW_SCHEMA_NAME, SCHEMA_NAME, STORE_NAME } from './directory-layout.ts';
import { directoryErrors } from './errors.ts';
import { errorCode } from './files.ts';
import { replaceFile } from './replace-file.ts';
import { emptyDatabase } from './store-folder.ts';

/** The step from one schema to the next. */
type Migration = {
  /** What the log says when it is done. */
  readonly message: string;
  /** Begun again from the start after a crash in the middle. What it did is on the disk at its end. */
  readonly run: (path: string) => Promise<void>;
};

/** The first step is from schema 1 to 2, and so on. */
const MIGRATIONS: readonly Migration[] = [
  {
    message: 'values of the store have checksums now: it is built again from the block log',
    run: (path) => emptyDatabase(join(path, STORE_NAME)),
  },
  {
    message:
      'the store finds transactions by address, nonce and new contract now: it is built again from the block log',
    run: (path) => emptyDatabase(join(path, STORE_NAME)),
  },
];

/** Number of the layout of the directory and of all formats in it. */
export const DATA_SCHEMA: number = 1 + MIGRATIONS.length;

/**
 * The schema number of the directory, which this version can bring to its own; undefined for a new
 * directory.
 *
 * @throws `DATA_DIRECTORY_SCHEMA` for any other number
 */
export async function readSchema(path: string): Promise<number | undefined> {
  const text = await readIfThere(join(path, SCHEMA_NAME));
  if (text === undefined) return undefined;
  const found = text.trim().slice(0, 20);
  const schema = /^[1-9]\d*$/.test(found) ? Number(found) : 0;
  if (schema >= 1 && schema <= DATA_SCHEMA) return schema;
  throw directoryErrors.create(
    'DATA_DIRECTORY_SCHEMA',
    `${path} has schema ${JSON.stringify(found)}, this version has ${DATA_SCHEMA}`,
    { path, found, expected: DATA_SCHEMA },
  );
}

/**
 * Brings the directory from `schema` to {@link DATA_SCHEMA}. Each step is on the disk before the
 * number that says so, so a crash at any moment repeats a step or goes on with the next.
 */
export async function migrate(path: string, schema: number, log: Log): Promise<void> {
  for (const [index, { message, run }] of MIGRATIONS.entries()) {
    const from = index + 1;
    if (from < schema) continue;
    log.info(message, { path, schema: from, newSchema: from + 1 });
    await run(path);
    await writeSchema(path, from + 1);
  }
}

/**
 * The file is there with its content or not at all.
 *
 * @throws `DATA_DIRECTORY_UNUSABLE`
 */
export async function writeSchema(path: string, schema: number): Promise<void> {
  await replaceFile(join(path, SCHEMA_NAME), [new TextEncoder().encode(`${schema}\n`)], {
    newPath: join(path, NEW_SCHEMA_NAME),
    level: 'power',
    failed: (error) => directoryError(path, error),
  });
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
