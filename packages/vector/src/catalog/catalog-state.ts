import { assert } from '@lucerna/base';
import type { CollectionDefinition } from '../collection/parts.ts';
import type { DatabaseEntry, DatabaseName } from '../collection-api.ts';
import type { CatalogChange } from './catalog-change.ts';

/** A database, with its collections by name. */
type DatabaseNode = {
  readonly entry: DatabaseEntry;
  readonly collections: Map<string, CollectionDefinition>;
};

/**
 * Which tenants, databases and collections there are. Changed by entries of the catalog's log only,
 * whether they have just been written or are read again; whoever makes one has checked it against this
 * state.
 */
export class CatalogState {
  /** What a protocol keeps with each tenant. */
  readonly #tenants = new Map<string, string | undefined>();
  /** By tenant, then by name. */
  readonly #databases = new Map<string, Map<string, DatabaseNode>>();
  readonly #collections = new Map<string, CollectionDefinition>();

  /** How many collections there are. */
  get collectionCount(): number {
    return this.#collections.size;
  }

  get tenantCount(): number {
    return this.#tenants.size;
  }

  get databaseCount(): number {
    let count = 0;
    for (const databases of this.#databases.values()) count += databases.size;
    return count;
  }

  /** Whether there is nothing at all. */
  get isEmpty(): boolean {
    return this.#tenants.size + this.#databases.size === 0;
  }

  tenants(): readonly string[] {
    return [...this.#tenants.keys()];
  }

  hasTenant(tenant: string): boolean {
    return this.#tenants.has(tenant);
  }

  tenantAttribute(tenant: string): string | undefined {
    return this.#tenants.get(tenant);
  }

  /** Ordered by name. */
  databases(tenant: string): readonly DatabaseEntry[] {
    const nodes = [...(this.#databases.get(tenant)?.values() ?? [])];
    return nodes
      .map(({ entry }) => entry)
      .sort((left, right) => order(left.database, right.database));
  }

  database({ tenant, database }: DatabaseName): DatabaseEntry | undefined {
    return this.#databases.get(tenant)?.get(database)?.entry;
  }

  /** Ordered by id. */
  collections({ tenant, database }: DatabaseName): readonly CollectionDefinition[] {
    const node = this.#databases.get(tenant)?.get(database);
    return [...(node?.collections.values() ?? [])].sort((left, right) => order(left.id, right.id));
  }

  collectionNamed(
    { tenant, database }: DatabaseName,
    name: string,
  ): CollectionDefinition | undefined {
    return this.#databases.get(tenant)?.get(database)?.collections.get(name);
  }

  collection(id: string): CollectionDefinition | undefined {
    return this.#collections.get(id);
  }

  allCollections(): IterableIterator<CollectionDefinition> {
    return this.#collections.values();
  }

  apply(change: CatalogChange): void {
    switch (change.kind) {
      case 'tenant':
        this.#tenants.set(change.tenant, change.attribute);
        return;
      case 'database':
        this.#addDatabase(change.entry);
        return;
      case 'databaseDeleted':
        this.#deleteDatabase(change);
        return;
      case 'collection':
        this.#putCollection(change.definition);
        return;
      case 'collectionDeleted':
        this.#deleteCollection(change.id);
        return;
      case 'cleared':
        this.#tenants.clear();
        this.#databases.clear();
        this.#collections.clear();
    }
  }

  /** What brings an empty state here. */
  *changes(): Generator<CatalogChange> {
    for (const [tenant, attribute] of this.#tenants) yield { kind: 'tenant', tenant, attribute };
    for (const databases of this.#databases.values()) {
      for (const { entry } of databases.values()) yield { kind: 'database', entry };
    }
    for (const definition of this.#collections.values()) yield { kind: 'collection', definition };
  }

  #addDatabase(entry: DatabaseEntry): void {
    const databases = this.#databases.get(entry.tenant) ?? new Map<string, DatabaseNode>();
    assert(!databases.has(entry.database), 'a database is made once');
    databases.set(entry.database, { entry, collections: new Map() });
    this.#databases.set(entry.tenant, databases);
  }

  #deleteDatabase({ tenant, database }: DatabaseName): void {
    const databases = this.#databases.get(tenant);
    const node = databases?.get(database);
    assert(databases !== undefined && node !== undefined, 'a database is there to be deleted');
    for (const { id } of node.collections.values()) this.#collections.delete(id);
    databases.delete(database);
    if (databases.size === 0) this.#databases.delete(tenant);
  }

  /** A new one, or another definition of one that is there. */
  #putCollection(definition: CollectionDefinition): void {
    const { id, tenant, database, name } = definition;
    const node = this.#databases.get(tenant)?.get(database);
    assert(node !== undefined, 'a collection is in a database');
    const known = this.#collections.get(id);
    if (known !== undefined) node.collections.delete(known.name);
    assert(!node.collections.has(name), 'a name belongs to one collection');
    node.collections.set(name, definition);
    this.#collections.set(id, definition);
  }

  #deleteCollection(id: string): void {
    const known = this.#collections.get(id);
    assert(known !== undefined, 'a collection is there to be deleted');
    this.#databases.get(known.tenant)?.get(known.database)?.collections.delete(known.name);
    this.#collections.delete(id);
  }
}

/** By UTF-16 units, which is the same everywhere. */
function order(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
