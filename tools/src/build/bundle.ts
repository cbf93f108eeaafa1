import { join } from 'node:path';
import { type OutputChunk, rolldown } from 'rolldown';
import type { Artefact } from './artefacts.ts';

/** A module of the artefact. */
export type BuiltModule = { readonly fileName: string; readonly code: string };

/** Bundles the entries of an artefact; what several of them use becomes modules of its own. */
export async function bundle(root: string, artefact: Artefact): Promise<readonly BuiltModule[]> {
  const input = Object.fromEntries(
    Object.entries(artefact.entries).map(([name, path]) => [name, join(root, path)]),
  );
  const build = await rolldown({
    input,
    platform: 'neutral',
    external: /^node:/,
    resolve: { mainFields: ['module', 'main'] },
    // Node.js 22 and browsers from 2023 on: what is newer is written in older words.
    // Loading a module does nothing, apart from the entries: what nobody uses is left out.
    treeshake: { moduleSideEffects: false },
    transform: { target: 'es2023' },
    onLog: (_level, log) => {
      throw new Error(`bundling ${artefact.name}: ${log.message}`);
    },
  });
  try {
    const { output } = await build.generate({
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
      // Names stay as they are, so that a stack tells where an error comes from.
      minify: { compress: true, mangle: false, codegen: true },
    });
    const chunks = output.filter((part): part is OutputChunk => part.type === 'chunk');
    checkPlatforms(artefact, chunks);
    return chunks.map(({ fileName, code }) => ({ fileName, code }));
  } finally {
    await build.close();
  }
}

/** What a browser loads may not ask for a module of Node.js. */
function checkPlatforms(artefact: Artefact, chunks: readonly OutputChunk[]): void {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  for (const entry of Object.keys(artefact.entries).filter((name) => name.startsWith('browser'))) {
    const reached = new Set([`${entry}.js`]);
    // A set visits what is added while it is walked.
    for (const fileName of reached) {
      const chunk = byName.get(fileName);
      if (chunk === undefined)
        throw new Error(`${entry}.js loads ${fileName}, which a browser lacks`);
      for (const next of [...chunk.imports, ...chunk.dynamicImports]) reached.add(next);
    }
  }
}
