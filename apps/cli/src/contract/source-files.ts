import { readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { SourceFile } from '@lucerna/zexus';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';

/**
 * The file that another one uses, beside which `path` is looked for; undefined when there is none. Its
 * name is its path from where the command runs, as is that of the first file.
 *
 * @throws `INPUT_UNREADABLE`, `INPUT_TOO_LARGE`
 */
export function findSourceFile(path: string, from: SourceFile): SourceFile | undefined {
  const name = normalize(join(dirname(from.name), path));
  const size = statSync(name, { throwIfNoEntry: false })?.size;
  if (size === undefined) return undefined;
  if (size > cliLimits.values.inputFileBytes) {
    const detail = `${name}, more than ${cliLimits.values.inputFileBytes} bytes`;
    throw cliErrors.create('INPUT_TOO_LARGE', detail, { path: name });
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(name));
    return { name, text };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw cliErrors.create('INPUT_UNREADABLE', `${name}: ${why}`, { path: name }, error);
  }
}
