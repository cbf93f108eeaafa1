import { type Fields, isLucernaError } from '@lucerna/base';
import { printable } from './contract/printable.ts';
import { cliErrors } from './errors.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { cliLimits } from './limits.ts';

/** Writes a command's result: the only thing that goes to stdout. */
export function writeResult(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes what a person should know and a script should not have to skip, to stderr. */
export function writeNote(text: string): void {
  process.stderr.write(`${text}\n`);
}

/**
 * Keeps the process alive when nobody takes its output any more (a closed terminal, a pager that was
 * left, a log collector that died): a node serves on, and still ends cleanly when it is asked to. A
 * result that was lost for another reason, such as a full disk, is reported, and the exit code is that
 * of a failure.
 */
export function outliveReaders(json: boolean): void {
  process.stderr.on('error', () => undefined);
  let isReported = false;
  process.stdout.on('error', (error) => {
    const lost = stdoutError(error);
    if (isReported || isLucernaError(lost, 'STDOUT_CLOSED')) return;
    isReported = true;
    process.exitCode = EXIT_CODES.failed;
    writeFailure(lost, json);
  });
}

/** What the system says of standard output, as a coded error: `STDOUT_CLOSED`, `STDOUT_UNWRITABLE`. */
export function stdoutError(error: NodeJS.ErrnoException): Error {
  const code = error.code === 'EPIPE' ? 'STDOUT_CLOSED' : 'STDOUT_UNWRITABLE';
  return cliErrors.create(code, error.message, {}, error);
}

/** Reports on stderr what of the command line was not understood, in the words of its parser. */
export function writeUsageError(text: string, json: boolean): void {
  const message = text.trim().replace(/^error: /, '');
  const remedy = 'Add --help to see the options.';
  writeNote(
    json ? JSON.stringify({ error: { message, remedy } }) : `error: ${message}\n       ${remedy}`,
  );
}

/** Reports a failure on stderr: what happened, and what to do next where that is known. */
export function writeFailure(error: unknown, json: boolean): void {
  const failure = describeFailure(error);
  if (json) {
    writeNote(JSON.stringify({ error: failure }));
    return;
  }
  // A file that was read may be quoted in it.
  const message = printable(failure.message);
  writeNote(`error: ${message}${failure.code === undefined ? '' : ` [${failure.code}]`}`);
  for (const name of PLACES) {
    const place = failure.fields?.[name];
    if (place !== undefined) writeNote(`       ${name}: ${shortened(String(place))}`);
  }
  if (failure.remedy !== undefined) writeNote(`       ${failure.remedy}`);
}

/** Fields that say where in the data it is. Positions in the log and heights are in the messages. */
const PLACES = ['keyspace', 'key'] as const;

function shortened(place: string): string {
  const most = cliLimits.values.placeCharacters;
  return place.length <= most ? place : `${place.slice(0, most)}…`;
}

type Failure = {
  readonly code?: string;
  readonly message: string;
  readonly remedy?: string;
  /** Only those that there are; big integers as text. */
  readonly fields?: Readonly<Record<string, string | number | boolean | null>>;
};

function describeFailure(error: unknown): Failure {
  if (isLucernaError(error)) {
    const { code, message, remedy } = error;
    const fields = fieldsOf(error.fields);
    return Object.keys(fields).length === 0
      ? { code, message, remedy }
      : { code, message, remedy, fields };
  }
  if (error instanceof Error) return { message: error.stack ?? error.message };
  return { message: String(error) };
}

function fieldsOf(fields: Fields): NonNullable<Failure['fields']> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      if (value === undefined) return [];
      return [[name, typeof value === 'bigint' ? value.toString() : value]];
    }),
  );
}
