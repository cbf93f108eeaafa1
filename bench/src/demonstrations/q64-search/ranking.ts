/** How many of the true nearest are to be found. */
export const NEAREST = 10;
/** Candidates that are ranked again by their true cosines. */
export const CANDIDATES: readonly number[] = [100, 1_000];

/** Parts of the ten truly nearest, averaged over all queries. */
export type Recall = {
  /** Among the ten best by the code alone. */
  readonly alone: number;
  /** Among as many best by the code as `CANDIDATES` says: ranked again, these come out first. */
  readonly among: readonly number[];
};

/** The rows with the highest scores, best first; of equal ones those that come first. */
export function bestRows(scores: Float32Array, count: number): readonly number[] {
  const place = Math.max(0, scores.length - count);
  const threshold = scores.toSorted()[place] as number;
  const above: number[] = [];
  const equal: number[] = [];
  for (const [row, score] of scores.entries()) {
    if (score > threshold) above.push(row);
    else if (score === threshold) equal.push(row);
  }
  above.sort((left, right) => (scores[right] as number) - (scores[left] as number) || left - right);
  return [...above, ...equal.slice(0, count - above.length)];
}

/**
 * The recall of scores.
 *
 * @param nearest the true nearest rows of each query
 * @param score writes the score of each row for a query
 */
export function recallOf(
  nearest: readonly ReadonlySet<number>[],
  rows: number,
  score: (query: number, scores: Float32Array) => void,
): Recall {
  const scores = new Float32Array(rows);
  const counts = [NEAREST, ...CANDIDATES];
  const sums = counts.map(() => 0);
  for (const [query, truth] of nearest.entries()) {
    score(query, scores);
    const best = bestRows(scores, Math.max(...counts));
    for (const [place, count] of counts.entries()) {
      sums[place] = (sums[place] as number) + shareOf(truth, best.slice(0, count));
    }
  }
  const [alone = 0, ...among] = sums.map((sum) => sum / nearest.length);
  return { alone, among };
}

/** The part of `truth` that is among `rows`. */
export function shareOf(truth: ReadonlySet<number>, rows: Iterable<number>): number {
  let found = 0;
  for (const row of rows) if (truth.has(row)) found += 1;
  return found / truth.size;
}
