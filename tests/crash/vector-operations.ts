import { type SeededRandom, seededRandom } from '@lucerna/base';
import type { Collection, MetadataValue } from '@lucerna/vector';

// A stream of writes that a process makes, another one knows, and neither has to tell the other.

/** Values of an embedding. */
export const DIMENSION = 24;

/** Ids are of this many, so that most operations meet records that there are. */
const IDS = 400;
const MOST_RECORDS = 40;

/** What is known of a record. */
export type ModelRecord = {
  readonly embedding: Float32Array;
  readonly document: string | undefined;
  readonly metadata: ReadonlyMap<string, MetadataValue>;
};

/** What a collection holds, in the order of the additions. */
export type Model = Map<string, ModelRecord>;

type Kind = 'add' | 'upsert' | 'update' | 'delete' | 'deleteWhere';

/** One write, known from its number. */
export type Operation = {
  readonly index: number;
  readonly kind: Kind;
  readonly ids: readonly string[];
};

/** The write of that number, in the stream of that seed. */
export function operationOf(seed: number, index: number): Operation {
  const random = seededRandom(seed * 1_000_003 + index);
  const kinds: readonly Kind[] = [
    'add',
    'add',
    'upsert',
    'upsert',
    'update',
    'delete',
    'deleteWhere',
  ];
  const kind = kinds[random.below(kinds.length)] as Kind;
  return { index, kind, ids: idsOf(random) };
}

function idsOf(random: SeededRandom): readonly string[] {
  const ids = new Set<string>();
  const count = 1 + random.below(MOST_RECORDS);
  while (ids.size < count) ids.add(`record-${random.below(IDS)}`);
  return [...ids];
}

/** What operation `index` writes under `id`. */
function recordOf(index: number, id: string): ModelRecord {
  const random = seededRandom(index * 7919 + Number(id.slice('record-'.length)));
  const embedding = Float32Array.from(
    { length: DIMENSION },
    () => random.below(2 ** 16) / 2 ** 15 - 1,
  );
  const document =
    random.below(4) === 0 ? undefined : `written by ${index}: ${'x'.repeat(random.below(200))}`;
  return { embedding, document, metadata: metadataOf(index) };
}

function metadataOf(index: number): Map<string, MetadataValue> {
  return new Map<string, MetadataValue>([
    ['operation', BigInt(index)],
    ['part', BigInt(index % 10)],
  ]);
}

/** Carries the write out; resolves when it is acknowledged. */
export async function runOperation(collection: Collection, operation: Operation): Promise<void> {
  const { index, kind, ids } = operation;
  if (kind === 'delete') {
    await collection.delete({ ids });
    return;
  }
  if (kind === 'deleteWhere') {
    const where = { kind: 'equal', key: 'part', value: BigInt(index % 10) } as const;
    await collection.delete({ where, limit: MOST_RECORDS });
    return;
  }
  const records = ids.map((id) => recordOf(index, id));
  const metadatas = records.map(({ metadata }) => metadata);
  if (kind === 'update') {
    await collection.update({ ids, metadatas });
    return;
  }
  const embeddings = new Float32Array(ids.length * DIMENSION);
  for (const [place, { embedding }] of records.entries()) {
    embeddings.set(embedding, place * DIMENSION);
  }
  const documents = records.map(({ document }) => document);
  const batch = { ids, embeddings, dimension: DIMENSION, documents, metadatas };
  if (kind === 'add') await collection.add(batch, { onExisting: 'ignore' });
  else await collection.upsert(batch);
}

/** The same for what the collection is known to hold. */
export function applyToModel(model: Model, { index, kind, ids }: Operation): void {
  if (kind === 'delete') {
    for (const id of ids) model.delete(id);
    return;
  }
  if (kind === 'deleteWhere') {
    const matching = [...model].filter(
      ([, { metadata }]) => metadata.get('part') === BigInt(index % 10),
    );
    for (const [id] of matching.slice(0, MOST_RECORDS)) model.delete(id);
    return;
  }
  for (const id of ids) {
    const old = model.get(id);
    if (kind === 'add' && old !== undefined) continue;
    if (kind === 'update' && old === undefined) continue;
    const written = recordOf(index, id);
    const metadata = new Map([...(old?.metadata ?? []), ...written.metadata]);
    if (kind === 'update' && old !== undefined) model.set(id, { ...old, metadata });
    else model.set(id, { ...written, metadata, document: written.document ?? old?.document });
  }
}

/** How the collection differs from the model; undefined: not at all. */
export function difference(collection: Collection | undefined, model: Model): string | undefined {
  const ids = collection === undefined ? [] : [...collection.ids()];
  const wanted = [...model.keys()];
  if (ids.length !== wanted.length) return `${ids.length} records instead of ${wanted.length}`;
  for (const [place, id] of wanted.entries()) {
    if (ids[place] !== id) return `${ids[place]} in the place of ${id}`;
    const fault = recordDifference(collection as Collection, id, model.get(id) as ModelRecord);
    if (fault !== undefined) return `${id}: ${fault}`;
  }
  return undefined;
}

function recordDifference(
  collection: Collection,
  id: string,
  wanted: ModelRecord,
): string | undefined {
  const record = collection.record(id);
  if (record?.document !== wanted.document) return `document ${record?.document}`;
  const metadata = [...(record?.metadata ?? [])].map(String).sort().join();
  if (metadata !== [...wanted.metadata].map(String).sort().join()) return `metadata ${metadata}`;
  const embedding = collection.embedding(id);
  if (embedding?.join() !== wanted.embedding.join()) return `embedding ${embedding}`;
  return undefined;
}
