import type { MetadataPatch } from '@lucerna/vector';
import type { EmbeddingRows } from './embeddings.ts';

/** The columns of a request that writes records; those that are undefined were not given. */
export type RecordColumns = {
  readonly ids: readonly string[];
  readonly embeddings: EmbeddingRows | undefined;
  readonly documents: readonly (string | undefined)[] | undefined;
  readonly uris: readonly (string | undefined)[] | undefined;
  readonly metadatas: readonly (MetadataPatch | undefined)[] | undefined;
};

/**
 * The same records with each id once, because the engine takes a batch whole: of equal ids the first
 * counts (`first`, as when they are added one by one), or the later ones change it (`last`, as when they
 * are updated one by one).
 */
export function withUniqueIds(columns: RecordColumns, counts: 'first' | 'last'): RecordColumns {
  const places = new Map<string, number[]>();
  for (const [index, id] of columns.ids.entries()) {
    const found = places.get(id);
    if (found === undefined) places.set(id, [index]);
    else if (counts === 'last') found.push(index);
  }
  const groups = [...places.values()];
  if (groups.length === columns.ids.length) return columns;
  const newest = <T>(
    column: readonly (T | undefined)[] | undefined,
  ): (T | undefined)[] | undefined =>
    column && groups.map((group) => column[group.findLast((at) => column[at] !== undefined) ?? -1]);
  return {
    ids: [...places.keys()],
    embeddings: columns.embeddings && chosenRows(columns.embeddings, groups),
    documents: newest(columns.documents),
    uris: newest(columns.uris),
    metadatas: columns.metadatas && groups.map((group) => mergedPatch(columns.metadatas, group)),
  };
}

function chosenRows(
  { dimension, values, given }: EmbeddingRows,
  groups: readonly (readonly number[])[],
): EmbeddingRows {
  const chosen = new Float32Array(groups.length * dimension);
  const flags = new Uint8Array(groups.length);
  for (const [row, group] of groups.entries()) {
    const place = group.findLast((at) => given === undefined || given[at] === 1);
    if (place === undefined) continue;
    flags[row] = 1;
    chosen.set(values.subarray(place * dimension, (place + 1) * dimension), row * dimension);
  }
  return {
    count: groups.length,
    dimension,
    values: chosen,
    given: flags.includes(0) ? flags : undefined,
  };
}

function mergedPatch(
  metadatas: RecordColumns['metadatas'],
  group: readonly number[],
): MetadataPatch | undefined {
  const entries = group.flatMap((at) => [...(metadatas?.[at] ?? [])]);
  return entries.length === 0 ? undefined : new Map(entries);
}
