import { vectorErrors } from '@lucerna/vector';
import { browser } from './browser.ts';
import { errorName } from './file-errors.ts';
import { TAKEOVER_MS } from './limits.ts';

/**
 * Makes this page or worker the only one of its origin that writes to the folder at `path`, and returns
 * what gives that up (Web Locks API, W3C). The browser gives it up where the page is closed or dies; one
 * that is going is waited for a moment, so that a page can be loaded again.
 *
 * @throws `VECTOR_FOLDER_IN_USE`
 */
export async function takeFolderLock(path: string): Promise<() => Promise<void>> {
  const { locks } = browser.navigator;
  if (locks === undefined) throw new Error('there are no locks here');
  const name = `lucerna-vector:${path
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
    const detail = `another page or worker writes to ${path}`;
    throw vectorErrors.create('VECTOR_FOLDER_IN_USE', detail, { path }, error);
  }
  return async (): Promise<void> => {
    release.resolve();
    await ended;
  };
}
