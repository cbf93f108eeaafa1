import { fileURLToPath } from 'node:url';
import { type RolldownPluginOption, rolldown } from 'rolldown';

/**
 * The modules that pages of a test load, by path: `/page.js` for an input with the name `page`. What asks
 * for Vitest gets what stands in for it in a browser.
 *
 * @param input paths of sources by name
 */
export async function bundleForBrowser(
  input: Readonly<Record<string, string>>,
  plugins: readonly RolldownPluginOption[] = [],
): Promise<ReadonlyMap<string, string>> {
  const harness = fileURLToPath(new URL('./harness.ts', import.meta.url));
  const vitest = fileURLToPath(import.meta.resolve('vitest'));
  const build = await rolldown({
    input: { ...input },
    platform: 'browser',
    plugins: [
      {
        name: 'vitest-in-a-browser',
        resolveId: (source, importer): string | undefined => {
          if (source !== 'vitest') return undefined;
          return importer === harness ? vitest : harness;
        },
      },
      ...plugins,
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
