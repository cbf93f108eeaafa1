import { browser } from './browser.ts';
import { errorName } from './file-errors.ts';
import { TAKEOVER_MS } from './limits.ts';

/** What is locked. */
export type FolderLock = {
  /** Of the locks of this kind of folder. */
  readonly prefix: string;
  readonly path: string;
  /** The error where somebody else has it. */
  readonly inUse: (cause: unknown) => Error;
};

/**
 * Makes this page or worker the only one of its origin that writes to a folder, and returns what gives
 * that up (Web Locks API, W3C). The browser gives it up where the page is closed or dies; one that is
 * going is waited for a moment, so that a page can be loaded again.
 *
 * @throws what `inUse` makes
 */
export async function takeFolderLock({
  prefix,
  path,
  inUse,
}: FolderLock): Promise<() => Promise<void>> {
  const { locks } = browser.navigator;
  if (locks === undefined) throw new Error('there are no locks here');
  const name = `${prefix}:${path
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;
  const release = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const options = { signal: AbortSignal.timeout(TAKEOVER_MS) };
  const ended = locks.request(name, options, () => {
    held.resolve();
    return release.promise;
  });
  ended.catch((error: unknown) => held.reject(error));
  try {
    await held.promise;
  } catch (error) {
    if (!['AbortError', 'TimeoutError'].includes(errorName(error))) throw error;
    throw inUse(error);
  }
  return async (): Promise<void> => {
    release.resolve();
    await ended;
  };
}
