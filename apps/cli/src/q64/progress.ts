import type { Progress } from '@lucerna/base';
import type { ArchiveOutput } from '../db/archive-output.ts';
import type { Work } from '../db/work.ts';

/** Draws how far a command is, unless the terminal has the result itself. */
export function progressOf({ bar }: Work, title: string, { isStdout }: ArchiveOutput): Progress {
  return isStdout && process.stdout.isTTY ? () => undefined : bar.step(title, 'bytes');
}
