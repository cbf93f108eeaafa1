import type { NodeVectorStore } from './node-vector-store.ts';
import type { VectorLocation } from './open-database.ts';
import type { VectorStoreOptions } from './options.ts';

/** A vector store in a folder of this machine, or in memory. */
export type VectorStore = NodeVectorStore;

/**
 * Opens vector stores.
 *
 * ```ts
 * const store = await VectorStore.open('./memory');
 * await store.add(['a'], [[0.1, 0.2]], ['{"title": "A"}']);
 * await store.search([0.1, 0.2], 10); // [['a', 1]]
 * await store.close();
 * ```
 */
export const VectorStore: {
  /**
   * Opens the store in the folder at `location`, or makes it.
   *
   * @throws the codes of `openVectorDatabase`; `COLLECTION_UNKNOWN` for a reader; `DIMENSION_MISMATCH`,
   *   `EMBEDDING_MODEL_MISMATCH` and `STORE_OPTION_DIFFERS` when there is another store than `options`
   *   say
   */
  readonly open: (location: VectorLocation, options?: VectorStoreOptions) => Promise<VectorStore>;
} = {
  open: async (location, options) => {
    // Loaded here because many a user of this package has no vectors.
    const { NodeVectorStore } = await import('./node-vector-store.ts');
    return NodeVectorStore.open(location, options);
  },
};
