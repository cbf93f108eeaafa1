import type { VectorDatabase } from '@lucerna/vector';
import type { ChromaApi, ChromaOptions } from './chroma-api.ts';

/** As `createChromaApi`, which is loaded now: most nodes never meet a client of it. */
export async function openChromaApi(
  database: VectorDatabase,
  options: ChromaOptions,
): Promise<ChromaApi> {
  const { createChromaApi } = await import('./chroma-api.ts');
  return createChromaApi(database, options);
}
