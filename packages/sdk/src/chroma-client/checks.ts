import { ChromaValueError } from './errors.ts';
import type { ChromaInclude, ChromaRecords, ChromaSelection } from './types.ts';

// What Chroma's client refuses before it asks its server. The server would say most of it, too, but
// programs know it by its class, and a duplicate id would be overlooked.

const COLUMNS = ['ids', 'embeddings', 'metadatas', 'documents', 'uris'] as const;

/** Columns that are given are lists, as long as each other and not empty; ids are given once. */
export function checkRecords(records: ChromaRecords, maxRecords: number): void {
  const given = COLUMNS.filter((name) => records[name] !== undefined && records[name] !== null);
  for (const name of given) {
    const column: unknown = records[name];
    if (!Array.isArray(column)) {
      throw refused(`Expected '${name}' to be an array, but got ${typeof column}`);
    }
    if (column.length === 0) throw refused(`Non-empty lists are required for ${name}`);
  }
  if (new Set(given.map((name) => records[name]?.length)).size > 1) {
    throw refused(`Unequal lengths for fields ${given.join(', ')}`);
  }
  checkIds(records.ids);
  if (records.ids.length > maxRecords) {
    throw refused(`Record set length ${records.ids.length} exceeds max batch size ${maxRecords}`);
  }
  checkEmbeddings(records.embeddings, 'embeddings');
  for (const metadata of records.metadatas ?? []) checkMetadata(metadata);
}

/** Embeddings, where they are given, are lists that are not empty. */
export function checkEmbeddings(embeddings: unknown, name: string): void {
  if (embeddings === undefined || embeddings === null) return;
  if (!Array.isArray(embeddings)) {
    throw refused(`Expected '${name}' to be an array, but got ${typeof embeddings}`);
  }
  if (embeddings.length === 0) {
    throw refused('Expected embeddings to be an array with at least one item');
  }
  const empty = embeddings.findIndex((embedding) => (embedding as ArrayLike<number>)?.length === 0);
  if (empty < 0) return;
  throw refused(
    `Expected each embedding to be a non-empty array of numbers, but got an empty array at index ${empty}`,
  );
}

/** Metadata, where there are any, have a key. */
export function checkMetadata(metadata: unknown): void {
  if (metadata === undefined || metadata === null) return;
  if (typeof metadata === 'object' && Object.keys(metadata).length > 0) return;
  throw refused('Expected metadata to be non-empty');
}

export function checkSelection({ ids, where, whereDocument }: ChromaSelection): void {
  if (ids !== undefined) checkIds(ids);
  if (where !== undefined) checkOneKey(where, 'where');
  if (whereDocument !== undefined) checkOneKey(whereDocument, 'whereDocument');
}

function checkOneKey(value: unknown, name: string): void {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : undefined;
  if (keys === undefined) throw refused(`Expected ${name} to be a non-empty object`);
  if (keys.length === 1) return;
  throw refused(`Expected '${name}' to have exactly one operator, but got ${keys.length}`);
}

function checkIds(ids: unknown): void {
  if (!Array.isArray(ids)) throw refused(`Expected 'ids' to be an array, but got ${typeof ids}`);
  if (ids.length === 0) throw refused("Expected 'ids' to be a non-empty list");
  const others = [...ids.keys()].filter((index) => typeof ids[index] !== 'string');
  if (others.length > 0) throw refused(`Found non-string IDs at ${others.join(', ')}`);
  const seen = new Set<unknown>();
  const repeated = ids.filter((id) => seen.size === seen.add(id).size);
  if (repeated.length === 0) return;
  const shown = [...repeated.slice(0, 5), ...(repeated.length > 5 ? ['...'] : [])].join(', ');
  throw refused(`Expected IDs to be unique, but found duplicates of ${shown}`);
}

const FIELDS: readonly ChromaInclude[] = [
  'distances',
  'documents',
  'embeddings',
  'metadatas',
  'uris',
];

export function checkInclude(include: unknown, excluded?: ChromaInclude): void {
  if (!Array.isArray(include)) throw refused("Expected 'include' to be a non-empty array");
  for (const item of include as readonly unknown[]) {
    if (!FIELDS.some((field) => field === item)) {
      throw refused(
        `Expected 'include' items to be one of ${FIELDS.join(', ')}, but got ${String(item)}`,
      );
    }
    if (item === excluded) throw refused(`${excluded} is not allowed for this operation`);
  }
}

export function checkResults(count: unknown): void {
  if (typeof count !== 'number') {
    throw refused(`Expected 'nResults' to be a number, but got ${typeof count}`);
  }
  if (count <= 0) throw refused('Number of requested results has to positive');
}

/** How many records a deletion takes away at most, where a filter says which. */
export function checkDeletion(selection: ChromaSelection, limit: number | undefined): void {
  checkSelection(selection);
  if (limit === undefined) return;
  if (!Number.isInteger(limit) || limit < 0) {
    throw new Error('limit must be a non-negative integer');
  }
  if (selection.where !== undefined || selection.whereDocument !== undefined) return;
  throw new Error('limit can only be specified when a where or whereDocument clause is provided');
}

function refused(reason: string): Error {
  return new ChromaValueError(reason);
}
