import type { Selection } from '../collection-api.ts';
import type { StoredRecord } from '../record.ts';
import { RowSet } from '../row-set.ts';
import type { CollectionState } from './collection-state.ts';

/** The rows that a selection means, in a set of the caller's own; undefined: all. @throws `REGEX_INVALID` */
export function allowedRows(state: CollectionState, selection: Selection): RowSet | undefined {
  const { ids, where, whereDocument } = selection;
  const rows = ids === undefined ? undefined : rowsOf(state, ids);
  if (where === undefined && whereDocument === undefined) return rows;
  return state.filters.match(where, whereDocument, rows ?? state.live);
}

function rowsOf(state: CollectionState, ids: readonly string[]): RowSet {
  const rows = new RowSet();
  for (const id of ids) {
    const row = state.table.row(id);
    if (row !== undefined) rows.add(row);
  }
  return rows;
}

/** The records that a selection means, in their order, from the `offset`-th on, at most `limit`. */
export function selectRecords(
  state: CollectionState,
  selection: Selection,
  offset: number,
  limit: number,
): readonly StoredRecord[] {
  const rows = allowedRows(state, selection);
  if (rows === undefined) return state.table.slice(offset, limit);
  return state.table.ordered(rows.rows(), rows.size).slice(offset, offset + limit);
}
