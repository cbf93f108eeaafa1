import { type Durability, isLucernaError, SerialQueue } from '@lucerna/base';
import { BackgroundWork } from './catalog/background.ts';
import { CATALOG_NAME, Catalog } from './catalog/catalog.ts';
import type { CatalogChange } from './catalog/catalog-change.ts';
import type { CatalogState } from './catalog/catalog-state.ts';
import {
  changedDefinition,
  checkName,
  checkText,
  newDefinition,
} from './catalog/check-definition.ts';
import { isUuid, NIL_UUID, randomUuid } from './catalog/uuid.ts';
import { openCollection } from './collection/collection.ts';
import type { CollectionDefinition, OwnedCollection } from './collection/parts.ts';
import {
  type Collection,
  type CreateCollection,
  type DatabaseEntry,
  type DatabaseName,
  DEFAULT_DATABASE,
  type ModifyCollection,
  type SalvageLoss,
  type VectorDatabase,
} from './collection-api.ts';
import { vectorErrors } from './errors.ts';
import { vectorLimits } from './limits.ts';
import { removeStore } from './log/generations.ts';
import { LogFiles } from './log/log-files.ts';
import type { VectorPorts } from './ports.ts';

/** How a database is opened. */
export type VectorDatabaseOptions = {
  /** How durable a write is when its promise resolves. Default `process`. */
  readonly durability?: Durability | undefined;
  /**
   * Of a damaged log read what lies before the damage, of a damaged snapshot what can be read, with an
   * error in the log for each; `losses` says what is left out. Only for a folder that is opened to be
   * read. Default false: damage is refused.
   */
  readonly salvage?: boolean | undefined;
};

/** What makes an empty catalog one to begin with. */
const BEGINNING: readonly CatalogChange[] = [
  { kind: 'cleared' },
  { kind: 'tenant', tenant: DEFAULT_DATABASE.tenant, attribute: undefined },
  { kind: 'database', entry: { ...DEFAULT_DATABASE, id: NIL_UUID } },
];

/**
 * Opens the database in a folder, which is closed with it: reads the catalog and all collections. What a
 * crash has left is set right, with a warning, and files that belong to no collection are removed. Where it
 * fails, the folder is closed.
 *
 * ```ts
 * const database = await openVectorDatabase({ folder, clock, random, log });
 * const notes = await database.createCollection(DEFAULT_DATABASE, { name: 'notes' });
 * await notes.add({ ids: ['a'], embeddings: Float32Array.of(1, 0), dimension: 2 });
 * await database.close();
 * ```
 *
 * @throws `VECTOR_LOG_CORRUPT` or `VECTOR_SNAPSHOT_CORRUPT` with the fields `file`, `offset` and `reason`;
 *   `VECTOR_FORMAT_UNKNOWN`; `VECTOR_ARGUMENT_INVALID`; `FILE_*` as the folder did
 */
export async function openVectorDatabase(
  ports: VectorPorts,
  options: VectorDatabaseOptions = {},
): Promise<VectorDatabase> {
  const { folder, log } = ports;
  const { durability = 'process', salvage = false } = options;
  const files = new LogFiles(folder);
  try {
    if (salvage && folder.access === 'write') {
      const detail = 'a damaged database can be read, not written to';
      throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', detail);
    }
    await files.list();
    const catalog = await Catalog.open({ files, log, salvage });
    const database = new FolderDatabase({ ports, files, catalog, durability, salvage });
    await database.open();
    return database;
  } catch (error) {
    await files.closeAll();
    await folder.close();
    throw error;
  }
}

/** What a database is made of. */
type DatabaseParts = {
  readonly ports: VectorPorts;
  readonly files: LogFiles;
  readonly catalog: Catalog;
  readonly durability: Durability;
  readonly salvage: boolean;
};

/**
 * The catalog and the collections of one folder. Changes of the catalog go through a queue; each is
 * checked, written to the log of the catalog, and then made.
 */
class FolderDatabase implements VectorDatabase {
  readonly access: 'write' | 'read';
  readonly #parts: DatabaseParts;
  readonly #changes = new SerialQueue(vectorLimits.values.databaseChanges);
  readonly #collections = new Map<string, OwnedCollection>();
  readonly #background: BackgroundWork;
  #isClosed = false;
  /** Whoever closes it again waits for the same end. */
  #closing: Promise<void> | undefined;

  constructor(parts: DatabaseParts) {
    const { folder, clock, log } = parts.ports;
    this.access = folder.access;
    this.#parts = parts;
    this.#background = new BackgroundWork({ clock, log, compacts: this.access === 'write' });
  }

  /** Called once, by `openVectorDatabase`. */
  async open(): Promise<void> {
    const { catalog, files, durability } = this.#parts;
    try {
      if (this.access === 'write') {
        if (catalog.state.isEmpty) await this.#begin();
        // The first entry, which an earlier process may not have synced: see `#begin`.
        else await catalog.persist();
        await this.#removeOrphans();
      }
      await this.#openAll(catalog.state.allCollections());
      files.forget();
      // What was found may not have been acknowledged; once it is read it is to stay.
      if (durability === 'power') await this.persist();
    } catch (error) {
      // What stands in the way of closing comes from the same trouble.
      await this.#closeAll().catch(() => undefined);
      throw error;
    }
    for (const collection of this.#collections.values()) this.#background.notice(collection);
  }

  tenants(): readonly string[] {
    return this.#state().tenants();
  }

  hasTenant(tenant: string): boolean {
    return this.#state().hasTenant(tenant);
  }

  tenantAttribute(tenant: string): string | undefined {
    return this.#state().tenantAttribute(tenant);
  }

  databases(tenant: string): readonly DatabaseEntry[] {
    return this.#state().databases(tenant);
  }

  findDatabase(name: DatabaseName): DatabaseEntry | undefined {
    return this.#state().database(name);
  }

  collections(name: DatabaseName): readonly Collection[] {
    const definitions = this.#state().collections(name);
    return definitions.flatMap(({ id }) => this.#collections.get(id) ?? []);
  }

  findCollection(name: DatabaseName, collection: string): Collection | undefined {
    const definition = this.#state().collectionNamed(name, collection);
    return definition === undefined ? undefined : this.#collections.get(definition.id);
  }

  collectionById(id: string): Collection | undefined {
    this.#state();
    return this.#collections.get(id);
  }

  async createTenant(tenant: string): Promise<void> {
    checkName(tenant, 'tenant');
    await this.#change(async (state) => {
      if (state.hasTenant(tenant)) throw vectorErrors.create('TENANT_EXISTS', `"${tenant}"`);
      checkRoom(state.tenantCount, 'databases');
      await this.#write([{ kind: 'tenant', tenant, attribute: undefined }]);
    });
  }

  async setTenantAttribute(tenant: string, attribute: string): Promise<void> {
    checkText(attribute, 'attribute of a tenant');
    await this.#change(async (state) => {
      if (!state.hasTenant(tenant)) throw vectorErrors.create('TENANT_UNKNOWN', `"${tenant}"`);
      await this.#write([{ kind: 'tenant', tenant, attribute }]);
    });
  }

  async createDatabase({ tenant, database }: DatabaseName): Promise<DatabaseEntry> {
    checkName(tenant, 'tenant');
    checkName(database, 'database');
    return this.#change(async (state) => {
      if (state.database({ tenant, database }) !== undefined) {
        throw vectorErrors.create('DATABASE_EXISTS', `"${database}" of tenant "${tenant}"`);
      }
      checkRoom(state.databaseCount, 'databases');
      const entry = { tenant, database, id: randomUuid(this.#parts.ports.random) };
      await this.#write([{ kind: 'database', entry }]);
      return entry;
    });
  }

  async deleteDatabase({ tenant, database }: DatabaseName): Promise<void> {
    await this.#change(async (state) => {
      if (state.database({ tenant, database }) === undefined) {
        throw unknownDatabase({ tenant, database });
      }
      const ids = state.collections({ tenant, database }).map(({ id }) => id);
      await this.#writeDeletion([{ kind: 'databaseDeleted', tenant, database }], ids);
    });
  }

  async createCollection(name: DatabaseName, options: CreateCollection): Promise<Collection> {
    const { random } = this.#parts.ports;
    const definition = newDefinition(randomUuid(random), name, options);
    return this.#change(async (state) => {
      if (state.database(name) === undefined) throw unknownDatabase(name);
      checkNameIsFree(state, definition);
      checkRoom(state.collectionCount, 'collections');
      // Nothing is in its files before its first write.
      const collection = await this.#openOne(definition);
      try {
        await this.#write([{ kind: 'collection', definition }]);
      } catch (error) {
        await collection.close();
        throw error;
      }
      this.#collections.set(definition.id, collection);
      return collection;
    });
  }

  async modifyCollection(id: string, change: ModifyCollection): Promise<void> {
    await this.#change(async (state) => {
      const definition = changedDefinition(knownDefinition(state, id), change);
      checkNameIsFree(state, definition);
      await this.#write([{ kind: 'collection', definition }]);
    });
  }

  async deleteCollection(id: string): Promise<void> {
    await this.#change(async (state) => {
      knownDefinition(state, id);
      await this.#writeDeletion([{ kind: 'collectionDeleted', id }], [id]);
    });
  }

  async reset(): Promise<void> {
    await this.#change(() => this.#writeDeletion(BEGINNING, [...this.#collections.keys()]));
  }

  losses(): readonly SalvageLoss[] {
    this.#state();
    const losses = [...this.#collections.values()].flatMap((each) => each.loss() ?? []);
    const { damages } = this.#parts.catalog;
    if (damages.length === 0) return losses;
    return [{ collection: undefined, damages, records: 0, incomplete: 0 }, ...losses];
  }

  async persist(): Promise<void> {
    this.#state();
    if (this.access === 'read') return;
    // The catalog first: a collection that is not in it would be taken for one that was deleted.
    await this.#changes.run(() => this.#parts.catalog.persist());
    for (const collection of [...this.#collections.values()]) {
      await ignoringDeleted(collection.persist());
    }
  }

  async refresh(): Promise<void> {
    this.#state();
    if (this.access === 'write') return;
    await this.#changes.run(async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await this.#refreshNow();
        } catch (error) {
          // The writer may have deleted a collection while it was read.
          if (attempt >= vectorLimits.values.readerAttempts) throw error;
        } finally {
          this.#parts.files.forget();
        }
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeNow();
    return this.#closing;
  }

  async #closeNow(): Promise<void> {
    this.#isClosed = true;
    this.#background.close();
    await this.#changes.idle();
    await this.#closeAll();
  }

  #state(): CatalogState {
    if (this.#isClosed) throw vectorErrors.create('DATABASE_CLOSED');
    return this.#parts.catalog.state;
  }

  /** Runs a change when the earlier ones are made. */
  async #change<T>(task: (state: CatalogState) => Promise<T>): Promise<T> {
    this.#state();
    if (this.access === 'read') throw vectorErrors.create('DATABASE_READ_ONLY');
    return this.#changes.run(async () => {
      const result = await task(this.#state());
      await this.#parts.catalog.compactWhenLong();
      return result;
    });
  }

  async #write(changes: readonly CatalogChange[]): Promise<void> {
    await this.#parts.catalog.change(changes, this.#parts.durability);
  }

  /**
   * Deletes collections. At level `power` in any case: files that are gone do not come back, and
   * neither may what belongs to them.
   */
  async #writeDeletion(changes: readonly CatalogChange[], ids: readonly string[]): Promise<void> {
    const { catalog, files } = this.#parts;
    try {
      await catalog.change(changes, 'power');
    } catch (error) {
      // It may be in the log nevertheless: nothing is acknowledged any more that it would take away.
      const { failure } = catalog;
      if (failure === undefined) throw error;
      for (const id of ids) await this.#stop(this.#collections.get(id), () => failure);
      throw error;
    }
    for (const id of ids) await this.#dropCollection(id);
    // Looked up once for all of them; where that fails, each is looked up by itself.
    await files.list().catch(() => undefined);
    for (const id of ids) await this.#removeFiles(id);
    files.forget();
  }

  async #dropCollection(id: string): Promise<void> {
    const collection = this.#collections.get(id);
    this.#collections.delete(id);
    await this.#stop(collection, () => vectorErrors.create('COLLECTION_UNKNOWN', id, { id }));
  }

  /** From now on each of its calls throws what `reason` makes. */
  async #stop(collection: OwnedCollection | undefined, reason: () => Error): Promise<void> {
    if (collection === undefined) return;
    this.#background.forget(collection);
    try {
      await collection.close(reason);
    } catch (error) {
      // The next one has to be stopped all the same.
      this.#parts.ports.log.warn('a collection could not be closed', {
        collection: collection.id,
        reason: String(error),
      });
    }
  }

  async #removeFiles(id: string): Promise<void> {
    await this.#cleanUp(`files of ${id}`, () => removeStore(this.#parts.files, id));
  }

  /** What cannot be removed now is removed by the next opening. */
  async #cleanUp(what: string, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      const fields = { what, reason: String(error) };
      this.#parts.ports.log.warn('what is not needed any more cannot be removed', fields);
    }
  }

  /** The first opening of a folder. */
  async #begin(): Promise<void> {
    const { files, catalog } = this.#parts;
    for (const [name, { logs, snapshots }] of await files.list()) {
      if (!isUuid(name) || logs.length + snapshots.length === 0) continue;
      // Its first entry is on the disk before any collection is made.
      const detail = `there is a collection ${name} and no catalog`;
      throw vectorErrors.create('VECTOR_LOG_CORRUPT', detail, { file: CATALOG_NAME, offset: 0 });
    }
    await catalog.change(BEGINNING, 'power');
  }

  async #removeOrphans(): Promise<void> {
    const { files, catalog, ports } = this.#parts;
    for (const name of (await files.list()).keys()) {
      if (!isUuid(name) || catalog.state.collection(name) !== undefined) continue;
      ports.log.info('files of a collection that is not there are removed', { collection: name });
      await this.#removeFiles(name);
    }
  }

  /** Opens those that are not open. */
  async #openAll(definitions: Iterable<CollectionDefinition>): Promise<void> {
    const waiting = [...definitions].filter(({ id }) => !this.#collections.has(id));
    const openSome = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        this.#collections.set(next.id, await this.#openOne(next));
      }
    };
    const { openingCollections } = vectorLimits.values;
    const results = await Promise.allSettled(Array.from({ length: openingCollections }, openSome));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #openOne(definition: CollectionDefinition): Promise<OwnedCollection> {
    const { ports, files, catalog, durability, salvage } = this.#parts;
    let known = definition;
    let collection: OwnedCollection | undefined;
    collection = await openCollection({
      definition: () => {
        // Of one that was deleted the last one stays.
        known = catalog.state.collection(definition.id) ?? known;
        return known;
      },
      ports,
      durability,
      logName: definition.id,
      files,
      salvage,
      onChange: () => {
        if (collection !== undefined) this.#background.notice(collection);
      },
    });
    return collection;
  }

  async #refreshNow(): Promise<void> {
    const { files, catalog } = this.#parts;
    await files.list();
    await catalog.refresh();
    for (const id of [...this.#collections.keys()]) {
      if (catalog.state.collection(id) === undefined) await this.#dropCollection(id);
    }
    for (const collection of this.#collections.values()) {
      await collection.refresh();
      this.#background.notice(collection);
    }
    await this.#openAll(catalog.state.allCollections());
  }

  /** Closes everything, whatever fails meanwhile: the first failure is thrown at the end. */
  async #closeAll(): Promise<void> {
    const { files, catalog, ports } = this.#parts;
    const collections = [...this.#collections.values()];
    this.#collections.clear();
    const parts = [...collections, catalog, { close: () => files.closeAll() }, ports.folder];
    const failures: unknown[] = [];
    for (const part of parts) {
      try {
        await part.close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** @throws `COLLECTION_UNKNOWN` */
function knownDefinition(state: CatalogState, id: string): CollectionDefinition {
  const definition = state.collection(id);
  if (definition === undefined) throw vectorErrors.create('COLLECTION_UNKNOWN', id, { id });
  return definition;
}

/** @throws `COLLECTION_EXISTS` when another collection has the name */
function checkNameIsFree(state: CatalogState, definition: CollectionDefinition): void {
  const { id, name } = definition;
  const other = state.collectionNamed(definition, name);
  if (other === undefined || other.id === id) return;
  throw vectorErrors.create('COLLECTION_EXISTS', `"${name}"`, { name });
}

/** @throws `VECTOR_ARGUMENT_INVALID` when so many are there that no more may be */
function checkRoom(count: number, name: 'collections' | 'databases'): void {
  const limit = vectorLimits.values[name];
  if (count < limit) return;
  const detail = `a folder has ${limit} ${vectorLimits.definitions[name].unit} at most`;
  throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', detail, { limit });
}

function unknownDatabase({ tenant, database }: DatabaseName): Error {
  return vectorErrors.create('DATABASE_UNKNOWN', `"${database}" of tenant "${tenant}"`);
}

/** A collection may be deleted while it is its turn. */
async function ignoringDeleted(task: Promise<void>): Promise<void> {
  try {
    await task;
  } catch (error) {
    if (!isLucernaError(error, 'COLLECTION_UNKNOWN')) throw error;
  }
}
