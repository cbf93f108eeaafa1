import type { CatalogChange } from './catalog-change.ts';
import type { CatalogState } from './catalog-state.ts';
import { NIL_UUID } from './uuid.ts';

/**
 * What a change comes to where changes before it are lost: itself, nothing where it is about something
 * lost, and for a collection whose database is lost that database before it, with the UUID of zeros.
 */
export function fittingChanges(
  state: CatalogState,
  change: CatalogChange,
): readonly CatalogChange[] {
  switch (change.kind) {
    case 'database':
      return state.database(change.entry) === undefined ? [change] : [];
    case 'databaseDeleted':
      return state.database(change) === undefined ? [] : [change];
    case 'collectionDeleted':
      return state.collection(change.id) === undefined ? [] : [change];
    case 'collection': {
      const { id, tenant, database, name } = change.definition;
      const named = state.collectionNamed({ tenant, database }, name);
      // The other one had got another name by a change that is lost.
      if (named !== undefined && named.id !== id) {
        const renamed = { ...named, name: named.id };
        return [{ kind: 'collection', definition: renamed }, change];
      }
      if (state.database({ tenant, database }) !== undefined) return [change];
      return [{ kind: 'database', entry: { tenant, database, id: NIL_UUID } }, change];
    }
    default:
      return [change];
  }
}
