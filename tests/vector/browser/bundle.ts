import { fileURLToPath } from 'node:url';
import { THREAD_FILE } from '@lucerna/platform-web/threads';
import { bundleForBrowser } from '../../support/browser/bundle.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The modules that the pages of these tests load, by path. */
export function bundleSuites(): Promise<ReadonlyMap<string, string>> {
  return bundleForBrowser({
    page: here('./page.ts'),
    worker: here('./worker.ts'),
    thread: fileURLToPath(THREAD_FILE),
    'test-thread': here('./test-thread.ts'),
  });
}
