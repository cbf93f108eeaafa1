import { Document, type DocumentInterface } from '@langchain/core/documents';
import type { EmbeddingsInterface } from '@langchain/core/embeddings';
import { maximalMarginalRelevance } from '@langchain/core/utils/math';
import {
  VectorStore as LangChainStore,
  type MaxMarginalRelevanceSearchOptions,
} from '@langchain/core/vectorstores';
import {
  metadataObject,
  parseWhere,
  type SearchResult,
  type VectorStore as Store,
  type StoredRecord,
  vectorErrors,
} from '@lucerna/vector';
import type { VectorStoreOptions } from '../vector-store/options.ts';
import { VectorStore } from '../vector-store/vector-store.ts';

/** A condition on metadata in Chroma's syntax: `{ year: { $gte: 2020 } }`. */
export type LucernaFilter = Readonly<Record<string, unknown>>;

/** An open store; or a folder to open, or memory. */
export type LucernaStoreConfig =
  | { readonly store: Store }
  | (VectorStoreOptions & { readonly path: string })
  | (VectorStoreOptions & { readonly memory: true });

/** What `addDocuments` and `addVectors` take besides. */
export type AddOptions = {
  /** Ids of the documents. Default: those that they have, or new ones. */
  readonly ids?: readonly string[] | undefined;
};

/** Which documents are deleted. */
export type DeleteParameters = {
  readonly ids?: readonly string[] | undefined;
  readonly filter?: LucernaFilter | undefined;
};

/** How many candidates a search for diverse documents looks at unless it says so. */
const FETCH_K = 20;

/**
 * A vector store of LangChain.js in a folder or in memory. Documents that are added under an id that
 * there is take the other's place. Scores are those of `VectorStore`: larger is nearer.
 *
 * ```ts
 * const store = await LucernaVectorStore.fromTexts(texts, metadatas, embeddings, { path: './memory' });
 * await store.similaritySearch('a question', 4, { year: { $gte: 2020 } });
 * await store.close();
 * ```
 */
export class LucernaVectorStore extends LangChainStore {
  declare FilterType: LucernaFilter;
  /** What the documents are kept in; may be used beside LangChain. */
  readonly store: Store;

  constructor(embeddings: EmbeddingsInterface, { store }: { readonly store: Store }) {
    // What it is given here would be printed when a chain is serialised.
    super(embeddings, {});
    this.store = store;
  }

  /** Opens the store that `config` names. @throws as `VectorStore.open` */
  static async open(
    embeddings: EmbeddingsInterface,
    config: LucernaStoreConfig,
  ): Promise<LucernaVectorStore> {
    return new LucernaVectorStore(embeddings, { store: await openStore(config) });
  }

  /** @param metadatas of each text, or of all of them */
  static override async fromTexts(
    texts: string[],
    metadatas: object[] | object,
    embeddings: EmbeddingsInterface,
    config: LucernaStoreConfig,
  ): Promise<LucernaVectorStore> {
    const documents = texts.map((pageContent, index) => {
      const metadata: object = Array.isArray(metadatas) ? (metadatas[index] ?? {}) : metadatas;
      return new Document({ pageContent, metadata });
    });
    return LucernaVectorStore.fromDocuments(documents, embeddings, config);
  }

  static override async fromDocuments(
    documents: DocumentInterface[],
    embeddings: EmbeddingsInterface,
    config: LucernaStoreConfig,
  ): Promise<LucernaVectorStore> {
    const opened = await LucernaVectorStore.open(embeddings, config);
    try {
      await opened.addDocuments(documents);
      return opened;
    } catch (error) {
      if (!('store' in config)) await opened.close();
      throw error;
    }
  }

  override _vectorstoreType(): string {
    return 'lucerna';
  }

  /** @returns their ids */
  override async addDocuments(
    documents: DocumentInterface[],
    options: AddOptions = {},
  ): Promise<string[]> {
    const texts = documents.map(({ pageContent }) => pageContent);
    const vectors = await this.embeddings.embedDocuments(texts);
    return this.addVectors(vectors, documents, options);
  }

  /** @returns their ids */
  override async addVectors(
    vectors: number[][],
    documents: DocumentInterface[],
    { ids }: AddOptions = {},
  ): Promise<string[]> {
    const chosen = ids ?? documents.map(({ id }) => id ?? crypto.randomUUID());
    const metadatas = documents.map(({ metadata }) => metadata ?? {});
    await this.store.upsert(chosen, vectors, metadatas, {
      documents: documents.map(({ pageContent }) => pageContent),
    });
    return [...chosen];
  }

  /** Deletes what has one of the ids and, where both are given, fits the filter. */
  override async delete({ ids, filter }: DeleteParameters = {}): Promise<void> {
    if (ids === undefined && filter === undefined) {
      throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', 'delete takes ids or a filter');
    }
    if (ids?.length === 0) return;
    await this.store.collection.delete({ ids, where: parseWhere(filter) });
  }

  override async similaritySearchVectorWithScore(
    query: number[],
    k: number,
    filter?: LucernaFilter,
  ): Promise<[Document, number][]> {
    const results = await this.store.search(query, k, { where: filter });
    return this.#records(results).map(([record, score]) => [documentOf(record), score]);
  }

  /** The nearest documents that are also unlike one another (Carbonell & Goldstein 1998). */
  override async maxMarginalRelevanceSearch(
    query: string,
    options: MaxMarginalRelevanceSearchOptions<LucernaFilter>,
  ): Promise<Document[]> {
    const { k, fetchK = FETCH_K, lambda, filter } = options;
    const vector = await this.embeddings.embedQuery(query);
    const results = await this.store.search(vector, Math.max(k, fetchK), { where: filter });
    const records = this.#records(results).map(([record]) => record);
    const embeddings = records.map(({ id }) => [...(this.store.collection.embedding(id) ?? [])]);
    const chosen = maximalMarginalRelevance(vector, embeddings, lambda, k);
    return chosen.flatMap((index) => {
      const record = records[index];
      return record === undefined ? [] : [documentOf(record)];
    });
  }

  /** Ends the store, also one that was given open. */
  close(): Promise<void> {
    return this.store.close();
  }

  /** Without those that somebody has deleted meanwhile. */
  #records(results: readonly SearchResult[]): [StoredRecord, number][] {
    return results.flatMap(([id, score]) => {
      const record = this.store.collection.record(id);
      return record === undefined ? [] : [[record, score] satisfies [StoredRecord, number]];
    });
  }
}

async function openStore(config: LucernaStoreConfig): Promise<Store> {
  if ('store' in config) return config.store;
  if ('memory' in config) {
    const { memory, ...options } = config;
    return VectorStore.open({ memory }, options);
  }
  const { path, ...options } = config;
  return VectorStore.open(path, options);
}

function documentOf(record: StoredRecord): Document {
  const { id, document } = record;
  return new Document({ id, pageContent: document ?? '', metadata: metadataObject(record) });
}
