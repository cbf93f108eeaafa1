import { isLucernaError } from '@lucerna/base';

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
 * left, a log collector that died): a node serves on, and still ends cleanly when it is asked to.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
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
  writeNote(`error: ${failure.message}${failure.code === undefined ? '' : ` [${failure.code}]`}`);
  if (failure.remedy !== undefined) writeNote(`       ${failure.remedy}`);
}

type Failure = { readonly code?: string; readonly message: string; readonly remedy?: string };

function describeFailure(error: unknown): Failure {
  if (isLucernaError(error)) {
    return { code: error.code, message: error.message, remedy: error.remedy };
  }
  if (error instanceof Error) return { message: error.stack ?? error.message };
  return { message: String(error) };
}
