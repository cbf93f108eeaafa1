import { assert } from '@lucerna/base';
import { ByteReader, type DamageCode } from '../collection/byte-reader.ts';
import { ByteWriter } from '../collection/byte-writer.ts';
import { MetadataReader, MetadataWriter } from '../collection/metadata-codec.ts';
import type { CollectionDefinition } from '../collection/parts.ts';
import type { DatabaseEntry } from '../collection-api.ts';
import type { Metric, SearchMode } from '../metric.ts';

/** One step from a state of the catalog to the next. */
export type CatalogChange =
  /** A new tenant, or another attribute of one that is there. */
  | { readonly kind: 'tenant'; readonly tenant: string; readonly attribute: string | undefined }
  | { readonly kind: 'database'; readonly entry: DatabaseEntry }
  /** Its collections go with it. */
  | { readonly kind: 'databaseDeleted'; readonly tenant: string; readonly database: string }
  /** A new collection, or another definition of one that is there. */
  | { readonly kind: 'collection'; readonly definition: CollectionDefinition }
  | { readonly kind: 'collectionDeleted'; readonly id: string }
  /** Nothing is there any more. */
  | { readonly kind: 'cleared' };

/** What a change begins with. Part of the file format. */
const KINDS: Readonly<Record<CatalogChange['kind'], number>> = {
  tenant: 1,
  database: 2,
  databaseDeleted: 3,
  collection: 4,
  collectionDeleted: 5,
  cleared: 6,
};

/** Numbers of names, from 0. Part of the file format: new ones come last. */
const METRICS: readonly Metric[] = ['cosine', 'l2', 'ip'];
const MODES: readonly SearchMode[] = ['exact', 'hnsw', 'auto', 'binary'];

/** Changes that are made together, as an entry of the log or a chunk of a snapshot. */
export function encodeChanges(changes: readonly CatalogChange[]): Uint8Array {
  const writer = new ByteWriter();
  for (const change of changes) writeChange(writer, change);
  return writer.take();
}

/** @throws `code` for bytes that no version of this program has written */
export function decodeChanges(bytes: Uint8Array, code: DamageCode): readonly CatalogChange[] {
  const reader = new ByteReader(bytes, code);
  const changes: CatalogChange[] = [];
  while (reader.rest > 0) changes.push(readChange(reader));
  return changes;
}

function writeChange(writer: ByteWriter, change: CatalogChange): void {
  writer.byte(KINDS[change.kind]);
  switch (change.kind) {
    case 'tenant':
      writer.text(change.tenant);
      writeOptional(writer, change.attribute);
      return;
    case 'database':
      writer.text(change.entry.tenant);
      writer.text(change.entry.database);
      writer.text(change.entry.id);
      return;
    case 'databaseDeleted':
      writer.text(change.tenant);
      writer.text(change.database);
      return;
    case 'collection':
      writeDefinition(writer, change.definition);
      return;
    case 'collectionDeleted':
      writer.text(change.id);
      return;
    case 'cleared':
      return;
  }
}

function readChange(reader: ByteReader): CatalogChange {
  const kind = reader.byte();
  switch (kind) {
    case KINDS.tenant:
      return { kind: 'tenant', tenant: reader.text(), attribute: readOptional(reader) };
    case KINDS.database: {
      const entry = { tenant: reader.text(), database: reader.text(), id: reader.text() };
      return { kind: 'database', entry };
    }
    case KINDS.databaseDeleted:
      return { kind: 'databaseDeleted', tenant: reader.text(), database: reader.text() };
    case KINDS.collection:
      return { kind: 'collection', definition: readDefinition(reader) };
    case KINDS.collectionDeleted:
      return { kind: 'collectionDeleted', id: reader.text() };
    case KINDS.cleared:
      return { kind: 'cleared' };
    default:
      throw reader.damage('a change of the catalog is of a kind that is not known');
  }
}

function writeDefinition(writer: ByteWriter, definition: CollectionDefinition): void {
  const { id, tenant, database, name, metadata, attributes, index, identity } = definition;
  for (const text of [id, tenant, database, name]) writer.text(text);
  writer.byte(metadata === undefined ? 0 : 1);
  if (metadata !== undefined) new MetadataWriter(writer).write(metadata);
  writeOptional(writer, attributes);
  writer.byte(numberOf(METRICS, index.metric));
  writer.byte(numberOf(MODES, index.mode));
  writer.varint(index.maxNeighbors);
  writer.varint(index.efConstruction);
  writer.varint(index.efSearch);
  writeOptional(writer, identity.model);
  writer.varint(identity.dimension ?? 0);
  writer.byte(identity.isNormalised === undefined ? 0 : identity.isNormalised ? 2 : 1);
}

function readDefinition(reader: ByteReader): CollectionDefinition {
  const id = reader.text();
  const tenant = reader.text();
  const database = reader.text();
  const name = reader.text();
  const metadata = reader.byte() === 0 ? undefined : new MetadataReader(reader).read();
  const attributes = readOptional(reader);
  const index = {
    metric: nameOf(reader, METRICS),
    mode: nameOf(reader, MODES),
    maxNeighbors: reader.varint(),
    efConstruction: reader.varint(),
    efSearch: reader.varint(),
  };
  const model = readOptional(reader);
  const dimension = reader.varint();
  const normalised = reader.byte();
  const identity = {
    model,
    dimension: dimension === 0 ? undefined : dimension,
    isNormalised: normalised === 0 ? undefined : normalised === 2,
  };
  return { id, tenant, database, name, metadata, attributes, index, identity };
}

function writeOptional(writer: ByteWriter, text: string | undefined): void {
  writer.byte(text === undefined ? 0 : 1);
  if (text !== undefined) writer.text(text);
}

function readOptional(reader: ByteReader): string | undefined {
  return reader.byte() === 0 ? undefined : reader.text();
}

function numberOf<T>(names: readonly T[], name: T): number {
  const number = names.indexOf(name);
  assert(number >= 0, 'what is written was checked');
  return number;
}

function nameOf<T>(reader: ByteReader, names: readonly T[]): T {
  const name = names[reader.byte()];
  if (name === undefined) throw reader.damage('a setting is not known');
  return name;
}
