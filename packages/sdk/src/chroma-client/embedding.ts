import { ChromaValueError } from './errors.ts';
import type {
  ChromaConfiguration,
  ChromaEmbeddingFunction,
  ChromaEmbeddingFunctionClass,
} from './types.ts';

/** Classes of embedding functions by the name under which collections keep them. */
export type EmbeddingFunctions = ReadonlyMap<string, ChromaEmbeddingFunctionClass>;

/** The configuration of a new collection, as the protocol has it. */
export function configurationPayload(
  configuration: ChromaConfiguration | undefined,
  embeddingFunction: ChromaEmbeddingFunction | null | undefined,
): object {
  const { embeddingFunction: configured, ...rest } = configuration ?? {};
  if (embeddingFunction && configured) {
    throw new ChromaValueError(
      'Embedding function provided when already defined in the collection configuration',
    );
  }
  if (rest.hnsw && rest.spann) {
    throw new ChromaValueError('Cannot specify both HNSW and SPANN configurations');
  }
  const fn = embeddingFunction ?? configured;
  return {
    ...rest,
    ...(fn?.defaultSpace === undefined ? {} : defaultSpace(rest, fn.defaultSpace())),
    embedding_function: functionPayload(fn),
  };
}

/** The distance that a function is made for, where nothing else is said. */
function defaultSpace(configuration: ChromaConfiguration, space: string): object {
  const { hnsw, spann } = configuration;
  if (spann) return { spann: { space, ...spann } };
  return { hnsw: { space, ...hnsw } };
}

/** What a collection keeps of an embedding function: enough to make it again, or that there was one. */
export function functionPayload(
  fn: ChromaEmbeddingFunction | null | undefined,
): object | undefined {
  if (!fn) return undefined;
  const { buildFromConfig } = (fn as object).constructor as Partial<ChromaEmbeddingFunctionClass>;
  if (!fn.name || fn.getConfig === undefined || buildFromConfig === undefined) {
    return { type: 'legacy' };
  }
  return { type: 'known', name: fn.name, config: fn.getConfig() };
}

/** Makes the function of a stored collection; undefined where its class is not known, or fails. */
export function storedFunction(
  stored: unknown,
  known: EmbeddingFunctions,
): ChromaEmbeddingFunction | undefined {
  const { type, name, config } = (stored ?? {}) as {
    readonly type?: unknown;
    readonly name?: unknown;
    readonly config?: unknown;
  };
  const found = type === 'known' ? known.get(String(name)) : undefined;
  try {
    return found?.buildFromConfig((config ?? {}) as Record<string, unknown>);
  } catch {
    return undefined;
  }
}
