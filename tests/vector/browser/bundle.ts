import { fileURLToPath } from 'node:url';
import { THREAD_FILE } from '@lucerna/platform-web/threads';
import { rolldown } from 'rolldown';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The modules that the pages of these tests load, by path. */
export async function bundleSuites(): Promise<ReadonlyMap<string, string>> {
  const harness = here('./harness.ts');
  const vitest = fileURLToPath(import.meta.resolve('vitest'));
  const build = await rolldown({
    input: {
      page: here('./page.ts'),
      worker: here('./worker.ts'),
      thread: fileURLToPath(THREAD_FILE),
      'test-thread': here('./test-thread.ts'),
    },
    platform: 'browser',
    plugins: [
      {
        name: 'vitest-in-a-browser',
        resolveId: (source, importer): string | undefined => {
          if (source !== 'vitest') return undefined;
          return importer === harness ? vitest : harness;
        },
      },
    ],
  });
  try {
    const { output } = await build.generate({
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
    });
    return new Map(
      output.flatMap((part) => (part.type === 'chunk' ? [[`/${part.fileName}`, part.code]] : [])),
    );
  } finally {
    await build.close();
  }
}
