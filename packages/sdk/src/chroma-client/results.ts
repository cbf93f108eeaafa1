import type { ChromaInclude, ChromaMetadata } from './types.ts';

/** Records of a collection, by column; columns that were not asked for are empty. */
export class ChromaGetResult {
  readonly ids: string[];
  readonly documents: (string | null)[];
  readonly embeddings: number[][];
  readonly metadatas: (ChromaMetadata | null)[];
  readonly uris: (string | null)[];
  readonly include: ChromaInclude[];

  constructor(answer: GetAnswer) {
    this.ids = answer.ids;
    this.documents = answer.documents ?? [];
    this.embeddings = answer.embeddings ?? [];
    this.metadatas = (answer.metadatas ?? []).map(withoutTypes);
    this.uris = answer.uris ?? [];
    this.include = answer.include;
  }

  /** The same by record. */
  rows(): ChromaRow[] {
    const has = (field: ChromaInclude): boolean => this.include.includes(field);
    return this.ids.map((id, index) => ({
      id,
      document: has('documents') ? this.documents[index] : undefined,
      embedding: has('embeddings') ? this.embeddings[index] : undefined,
      metadata: has('metadatas') ? this.metadatas[index] : undefined,
      uri: has('uris') ? this.uris[index] : undefined,
    }));
  }
}

/** One record of a result. */
export type ChromaRow = {
  readonly id: string;
  readonly document: string | null | undefined;
  readonly embedding: number[] | null | undefined;
  readonly metadata: ChromaMetadata | null | undefined;
  readonly uri: string | null | undefined;
};

/** The nearest records of each query, by column; columns that were not asked for are empty. */
export class ChromaQueryResult {
  readonly ids: string[][];
  readonly distances: (number | null)[][];
  readonly documents: (string | null)[][];
  readonly embeddings: (number[] | null)[][];
  readonly metadatas: (ChromaMetadata | null)[][];
  readonly uris: (string | null)[][];
  readonly include: ChromaInclude[];

  constructor(answer: QueryAnswer) {
    this.ids = answer.ids;
    this.distances = answer.distances ?? [];
    this.documents = answer.documents ?? [];
    this.embeddings = answer.embeddings ?? [];
    this.metadatas = (answer.metadatas ?? []).map((found) => found.map(withoutTypes));
    this.uris = answer.uris ?? [];
    this.include = answer.include;
  }

  /** The same by query and record. */
  rows(): (ChromaRow & { readonly distance: number | null | undefined })[][] {
    const has = (field: ChromaInclude): boolean => this.include.includes(field);
    return this.ids.map((found, query) =>
      found.map((id, index) => ({
        id,
        document: has('documents') ? this.documents[query]?.[index] : undefined,
        embedding: has('embeddings') ? this.embeddings[query]?.[index] : undefined,
        metadata: has('metadatas') ? this.metadatas[query]?.[index] : undefined,
        uri: has('uris') ? this.uris[query]?.[index] : undefined,
        distance: has('distances') ? this.distances[query]?.[index] : undefined,
      })),
    );
  }
}

/** What each search has found, by column; a column that it did not select is null. */
export class ChromaSearchResult {
  readonly ids: string[][];
  readonly documents: ((string | null)[] | null)[];
  readonly embeddings: ((number[] | null)[] | null)[];
  readonly metadatas: ((ChromaMetadata | null)[] | null)[];
  readonly scores: ((number | null)[] | null)[];
  readonly select: string[][];

  constructor(answer: SearchAnswer) {
    this.ids = answer.ids;
    this.documents = answer.documents;
    this.embeddings = answer.embeddings;
    this.metadatas = answer.metadatas.map((found) => found?.map(withoutTypes) ?? null);
    this.scores = answer.scores;
    this.select = answer.select;
  }

  /** The same by search and record; what a record does not have is left out. */
  rows(): ChromaSearchRow[][] {
    return this.ids.map((found, search) =>
      found.map((id, index) => {
        const row = {
          document: this.documents[search]?.[index],
          embedding: this.embeddings[search]?.[index],
          metadata: this.metadatas[search]?.[index],
          score: this.scores[search]?.[index],
        };
        const known = Object.entries(row).filter(
          ([, value]) => value !== undefined && value !== null,
        );
        return { id, ...Object.fromEntries(known) };
      }),
    );
  }
}

/** One record that a search has found. */
export type ChromaSearchRow = {
  readonly id: string;
  readonly document?: string;
  readonly embedding?: number[];
  readonly metadata?: ChromaMetadata;
  readonly score?: number;
};

/** An answer to `get`, as the protocol has it. */
export type GetAnswer = {
  readonly ids: string[];
  readonly documents: (string | null)[] | null;
  readonly embeddings: number[][] | null;
  readonly metadatas: (ChromaMetadata | null)[] | null;
  readonly uris: (string | null)[] | null;
  readonly include: ChromaInclude[];
};

/** An answer to `query`, as the protocol has it. */
export type QueryAnswer = {
  readonly ids: string[][];
  readonly distances: (number | null)[][] | null;
  readonly documents: (string | null)[][] | null;
  readonly embeddings: (number[] | null)[][] | null;
  readonly metadatas: (ChromaMetadata | null)[][] | null;
  readonly uris: (string | null)[][] | null;
  readonly include: ChromaInclude[];
};

/** An answer to `search`, as the protocol has it. */
export type SearchAnswer = {
  readonly ids: string[][];
  readonly documents: ((string | null)[] | null)[];
  readonly embeddings: ((number[] | null)[] | null)[];
  readonly metadatas: ((ChromaMetadata | null)[] | null)[];
  readonly scores: ((number | null)[] | null)[];
  readonly select: string[][];
};

/** Metadata as programs write them: a sparse embedding does not say that it is one. */
export function withoutTypes(metadata: ChromaMetadata | null): ChromaMetadata | null {
  if (metadata === null) return null;
  const entries = Object.entries(metadata).map(([key, value]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [key, value];
    const { '#type': _, ...vector } = value as { readonly '#type'?: string };
    return [key, vector];
  });
  return Object.fromEntries(entries);
}
