import { isLucernaError } from '@lucerna/base';
import { type Collection, type DatabaseEntry, DEFAULT_DATABASE } from '@lucerna/vector';
import { apiLimits } from '../limits.ts';
import { attributesWith, collectionAnswer, schemaOf } from './collection-answer.ts';
import { indexChoice, schemaShape } from './collection-schema.ts';
import {
  type Configuration,
  type ConfigurationUpdate,
  collectionConfiguration,
  configurationUpdate,
  newSchema,
  updatedSchema,
} from './configuration.ts';
import {
  type ChromaCall,
  collectionById,
  collectionOf,
  databaseName,
  isUuid,
  named,
} from './context.ts';
import { invalid, refusal } from './errors.ts';
import { indexOf } from './hnsw-settings.ts';
import {
  collectionMetadata,
  type MetadataInput,
  metadataChange,
  metadataInput,
} from './metadata-shape.ts';
import { checkName, checkTenantName } from './names.ts';
import { readCount } from './query-string.ts';
import { flag, object, optional, type Shape, text, withDefault } from './shape.ts';
import type { AnswerObject, AnswerValue } from './values.ts';

const DONE: AnswerObject = {};

/** `{name}`, of a new tenant or database. */
export const namePayload: Shape<{ readonly name: string }> = object(
  { name: text },
  { name: 'CreatePayload' },
);

export const tenantUpdate: Shape<{ readonly resource_name: string }> = object(
  { resource_name: text },
  { name: 'UpdateTenantPayload' },
);

export async function createTenant(call: ChromaCall): Promise<AnswerValue> {
  const { name } = namePayload.read(call.body, '');
  checkTenantName(name);
  if (call.database.hasTenant(name)) throw tenantExists(name);
  await call.database.createTenant(name).catch((error: unknown) => {
    throw isLucernaError(error, 'TENANT_EXISTS') ? tenantExists(name) : error;
  });
  return DONE;
}

export function getTenant(call: ChromaCall): AnswerValue {
  const name = existingTenant(call);
  return { name, resource_name: call.database.tenantAttribute(name) ?? null };
}

export async function updateTenant(call: ChromaCall): Promise<AnswerValue> {
  const { resource_name: attribute } = tenantUpdate.read(call.body, '');
  await call.database.setTenantAttribute(existingTenant(call), attribute);
  return DONE;
}

function existingTenant(call: ChromaCall): string {
  const name = named(call, 'tenant');
  if (call.database.hasTenant(name)) return name;
  throw refusal('CHROMA_NOT_FOUND', `Tenant [${shown(name)}] not found`);
}

function tenantExists(name: string): Error {
  return refusal('CHROMA_EXISTS', `Tenant [${name}] already exists`);
}

export function listDatabases(call: ChromaCall): AnswerValue {
  return page(call, call.database.databases(named(call, 'tenant'))).map(databaseAnswer);
}

/** The tenant need not exist, as in Chroma. */
export async function createDatabase(call: ChromaCall): Promise<AnswerValue> {
  const { name } = namePayload.read(call.body, '');
  checkName(name, '');
  const tenant = named(call, 'tenant');
  const exists = (): Error => refusal('CHROMA_EXISTS', `Database [${name}] already exists`);
  if (call.database.findDatabase({ tenant, database: name }) !== undefined) throw exists();
  await call.database.createDatabase({ tenant, database: name }).catch((error: unknown) => {
    throw isLucernaError(error, 'DATABASE_EXISTS') ? exists() : error;
  });
  return DONE;
}

export function getDatabase(call: ChromaCall): AnswerValue {
  const { database } = databaseName(call);
  const entry = call.database.findDatabase(databaseName(call));
  if (entry !== undefined) return databaseAnswer(entry);
  throw refusal(
    'CHROMA_NOT_FOUND',
    `Database [${shown(database)}] not found. Are you sure it exists?`,
  );
}

export async function deleteDatabase(call: ChromaCall): Promise<AnswerValue> {
  const name = databaseName(call);
  if (call.database.findDatabase(name) === undefined) {
    throw refusal('CHROMA_NOT_FOUND', `Database [${shown(name.database)}] not found`);
  }
  await call.database.deleteDatabase(name);
  return DONE;
}

function databaseAnswer({ id, tenant, database }: DatabaseEntry): AnswerObject {
  return { id, name: database, tenant };
}

/** A database that does not exist has no collections. */
function collectionsOf(call: ChromaCall): readonly Collection[] {
  const name = databaseName(call);
  return call.database.findDatabase(name) === undefined ? [] : call.database.collections(name);
}

export function listCollections(call: ChromaCall): AnswerValue {
  return page(call, collectionsOf(call)).map(collectionAnswer);
}

export function countCollections(call: ChromaCall): AnswerValue {
  return BigInt(collectionsOf(call).length);
}

/** What `limit` and `offset` in the query string leave of a list. */
function page<T>(call: ChromaCall, items: readonly T[]): readonly T[] {
  const offset = readCount(call.query, 'offset') ?? 0;
  const limit = readCount(call.query, 'limit') ?? items.length;
  return items.slice(offset, offset + limit);
}

type CollectionPayload = {
  readonly name: string;
  readonly metadata: MetadataInput | undefined;
  readonly configuration: Configuration | undefined;
  readonly schema: AnswerObject | undefined;
  readonly get_or_create: boolean;
};

export const collectionPayload: Shape<CollectionPayload> = object(
  {
    name: text,
    metadata: optional(metadataInput),
    configuration: optional(collectionConfiguration),
    schema: optional(schemaShape),
    get_or_create: withDefault(flag, false),
  },
  { name: 'CreateCollectionPayload' },
);

export async function createCollection(call: ChromaCall): Promise<AnswerValue> {
  const payload = collectionPayload.read(call.body, '');
  const { name } = payload;
  checkName(name, 'Validation error: name: ');
  const metadata = collectionMetadata(payload.metadata, 'metadata', call.numbers);
  const schema = newSchema({ ...payload, metadata }, call.numbers);
  const database = databaseName(call);
  if (call.database.findDatabase(database) === undefined) {
    throw invalid(`Database [${shown(database.database)}] does not exist`);
  }
  const existing = (): AnswerValue | undefined => {
    const found = call.database.findCollection(database, name);
    if (found === undefined) return undefined;
    if (payload.get_or_create) return collectionAnswer(found);
    throw collectionExists(name);
  };
  const found = existing();
  if (found !== undefined) return found;
  try {
    const options = {
      name,
      metadata,
      attributes: attributesWith(schema, undefined),
      index: indexOf(indexChoice(schema).hnsw),
    };
    return collectionAnswer(await call.database.createCollection(database, options));
  } catch (error) {
    // Somebody else was faster.
    const faster = isLucernaError(error, 'COLLECTION_EXISTS') ? existing() : undefined;
    if (faster !== undefined) return faster;
    throw error;
  }
}

/** By its name. */
function collectionNamed(call: ChromaCall): Collection {
  const name = named(call, 'collection');
  const collection = call.database.findCollection(databaseName(call), name);
  if (collection !== undefined) return collection;
  throw collectionUnknown(name);
}

export function getCollection(call: ChromaCall): AnswerValue {
  return collectionAnswer(collectionNamed(call));
}

export function getCollectionById(call: ChromaCall): AnswerValue {
  const id = named(call, 'collection');
  if (!isUuid(id)) {
    throw invalid('Validation error: collection_id: Invalid collection ID format, expected UUID');
  }
  const collection = collectionById(call, id);
  const { tenant, database } = databaseName(call);
  if (collection?.tenant !== tenant || collection.database !== database) {
    throw collectionUnknown(id);
  }
  return collectionAnswer(collection);
}

/** By `tenant:database:collection`, where the tenant goes by its resource name, or else by its own. */
export function getCollectionByCrn(call: ChromaCall): AnswerValue {
  const crn = named(call, 'crn');
  const [resource, database, name, ...rest] = crn.split(':');
  if (!resource || !database || !name || rest.length > 0) {
    throw invalid(
      'Validation error: crn: CRN must be in the format <tenant_resource_name>:<database_name>:<collection_name> with non-empty parts',
    );
  }
  const tenants = call.database.tenants();
  const tenant =
    tenants.find((candidate) => call.database.tenantAttribute(candidate) === resource) ?? resource;
  const collection = call.database.findCollection({ tenant, database }, name);
  if (collection === undefined) throw collectionUnknown(crn);
  return collectionAnswer(collection);
}

export async function deleteCollection(call: ChromaCall): Promise<AnswerValue> {
  await call.database.deleteCollection(collectionNamed(call).id);
  return DONE;
}

type CollectionUpdate = {
  readonly new_name: string | undefined;
  readonly new_metadata: MetadataInput | undefined;
  readonly new_configuration: ConfigurationUpdate | undefined;
};

export const collectionUpdate: Shape<CollectionUpdate> = object(
  {
    new_name: optional(text),
    new_metadata: optional(metadataChange),
    new_configuration: optional(configurationUpdate),
  },
  { name: 'UpdateCollectionPayload' },
);

export async function updateCollection(call: ChromaCall): Promise<AnswerValue> {
  const update = collectionUpdate.read(call.body, '');
  const collection = collectionOf(call);
  const { new_name: name, new_configuration: configuration } = update;
  if (name !== undefined) checkName(name, 'Validation error: new_name: ');
  const metadata = collectionMetadata(update.new_metadata, 'new_metadata', call.numbers);
  const schema =
    configuration === undefined
      ? undefined
      : updatedSchema(schemaOf(collection), configuration, call.numbers);
  await call.database
    .modifyCollection(collection.id, {
      ...(name === undefined || name === collection.name ? {} : { name }),
      ...(update.new_metadata === undefined ? {} : { metadata: metadata ?? null }),
      ...(schema === undefined
        ? {}
        : {
            attributes: attributesWith(schema, collection.attributes),
            efSearch: indexOf(indexChoice(schema).hnsw).efSearch,
          }),
    })
    .catch((error: unknown) => {
      throw isLucernaError(error, 'COLLECTION_EXISTS') ? collectionExists(name ?? '') : error;
    });
  return DONE;
}

function collectionExists(name: string): Error {
  return refusal('CHROMA_EXISTS', `Collection [${name}] already exists`);
}

function collectionUnknown(name: string): Error {
  return refusal('CHROMA_NOT_FOUND', `Collection [${shown(name)}] does not exist`);
}

/** A name of the caller's, no longer than names are. */
function shown(name: string): string {
  return name.slice(0, apiLimits.values.chromaNameChars);
}

/** Who asks, which without accounts is always the same. */
export function getIdentity(): AnswerValue {
  const { tenant, database } = DEFAULT_DATABASE;
  return { user_id: '', tenant, databases: [database] };
}
