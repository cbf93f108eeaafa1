import type { SourceFile } from '../syntax/source.ts';
import { STANDARD_FILES } from './standard-files.ts';

/** What begins the names of the standard library's files, where files are named. */
export const STANDARD_PREFIX = 'zexus:';

/**
 * The files of the standard library by name: what `use "zexus:name"` finds. Their texts are part of the
 * compiler's version.
 */
export const STANDARD_LIBRARY: ReadonlyMap<string, string> = new Map(
  Object.entries(STANDARD_FILES),
);

/** The file of the standard library; undefined when there is none of the name. */
export function standardLibraryFile(name: string): SourceFile | undefined {
  const text = STANDARD_LIBRARY.get(name);
  return text === undefined ? undefined : { name: `${STANDARD_PREFIX}${name}`, text };
}
