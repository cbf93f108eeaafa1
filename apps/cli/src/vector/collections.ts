import type { Collection, VectorDatabase } from '@lucerna/vector';

/** All collections of all name spaces, ordered by tenant, database and name. */
export function collectionsOf(database: VectorDatabase): readonly Collection[] {
  return database
    .tenants()
    .flatMap((tenant) => database.databases(tenant))
    .flatMap((space) => [...database.collections(space)].sort((a, b) => compare(a.name, b.name)));
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
