import { stateLimits } from './limits.ts';

/**
 * What a loop over rows calls for each of them: every so many rows it gives what `takeTurn` gives,
 * to be awaited, and else nothing, as an `await` per row costs more than the row.
 */
export function everySoManyRows(takeTurn: () => Promise<void>): () => Promise<void> | undefined {
  let rows = 0;
  return () => {
    rows += 1;
    return rows % stateLimits.values.turnRows === 0 ? takeTurn() : undefined;
  };
}
