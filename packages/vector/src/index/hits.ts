import type { Metric } from '../metric.ts';

/** The nearest rows of one query, best first: by distance, equal ones by row. */
export type Hits = { readonly rows: Uint32Array; readonly distances: Float64Array };

/** No row at all. */
export const NO_HITS: Hits = { rows: new Uint32Array(0), distances: new Float64Array(0) };

/**
 * With the distances that callers know: for ip 1 − the dot product, by minus of which rows are ordered. Of
 * small products nothing would be left of their order.
 */
export function asReported(found: readonly Hits[], metric: Metric): readonly Hits[] {
  if (metric !== 'ip') return found;
  return found.map(({ rows, distances }) => ({
    rows,
    distances: distances.map((distance) => 1 + distance),
  }));
}

/** The `limit` best of several lists that are sorted and have no row in common. */
export function mergeHits(lists: readonly Hits[], limit: number): Hits {
  const filled = lists.filter(({ rows }) => rows.length > 0);
  const [first = NO_HITS] = filled;
  if (filled.length <= 1) return first;
  const total = filled.reduce((sum, { rows }) => sum + rows.length, 0);
  const rows = new Uint32Array(Math.min(limit, total));
  const distances = new Float64Array(rows.length);
  const places = new Uint32Array(filled.length);
  for (let index = 0; index < rows.length; index += 1) {
    let best = -1;
    for (let list = 0; list < filled.length; list += 1) {
      if (isExhausted(filled, places, list)) continue;
      if (best < 0 || isBefore(filled, places, list, best)) best = list;
    }
    const place = places[best] as number;
    rows[index] = (filled[best] as Hits).rows[place] as number;
    distances[index] = (filled[best] as Hits).distances[place] as number;
    places[best] = place + 1;
  }
  return { rows, distances };
}

function isExhausted(lists: readonly Hits[], places: Uint32Array, list: number): boolean {
  return (places[list] as number) >= (lists[list] as Hits).rows.length;
}

/** Whether the head of one list comes before the head of another. */
function isBefore(
  lists: readonly Hits[],
  places: Uint32Array,
  one: number,
  other: number,
): boolean {
  const [first, second] = [lists[one] as Hits, lists[other] as Hits];
  const [here, there] = [places[one] as number, places[other] as number];
  const difference = (first.distances[here] as number) - (second.distances[there] as number);
  // Not zero and not a number where both are infinite: then the rows decide, as for equal ones.
  if (difference < 0 || difference > 0) return difference < 0;
  return (first.rows[here] as number) < (second.rows[there] as number);
}
