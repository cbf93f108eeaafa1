import { assert } from '@lucerna/base';
import type { Segment } from '../kernel/segment.ts';
import { type Hits, mergeHits, NO_HITS } from './hits.ts';
import type { SearchMasks, SearchPlan, SegmentStep } from './search-plan.ts';

/** Where a query is searched: the segments, the thread's place in them, and what is looked for. */
export type SearchTarget = {
  readonly segments: readonly Segment[];
  readonly lane: number;
  readonly plan: SearchPlan;
  readonly masks: SearchMasks;
};

/**
 * The nearest rows to the query that begins at `offset`. What it finds depends on the contents of the
 * memories, the plan and the query alone: every thread gives the same.
 */
export function nearest(target: SearchTarget, queries: Float32Array, offset: number): Hits {
  const { segments, lane, plan } = target;
  const lists: Hits[] = [];
  for (const [number, step] of plan.steps.entries()) {
    if (step.way === 'none') continue;
    const segment = segments[number];
    assert(segment !== undefined, 'the plan is one for these segments');
    segment.setQuery(lane, queries, offset);
    lists.push(...new SegmentSearch(target, segment, number).run(step));
  }
  return mergeHits(lists, plan.limit);
}

/** The search of one segment for the query that was set. */
class SegmentSearch {
  readonly #target: SearchTarget;
  readonly #segment: Segment;
  readonly #firstRow: number;
  /** Where the segment's words begin in a mask. */
  readonly #wordOffset: number;

  constructor(target: SearchTarget, segment: Segment, number: number) {
    this.#target = target;
    this.#segment = segment;
    this.#firstRow = number * target.plan.segmentRows;
    this.#wordOffset = this.#firstRow / 32;
  }

  /** Lists of hits that have no row in common. */
  run(step: SegmentStep): readonly Hits[] {
    const limit = Math.min(this.#target.plan.limit, step.matches);
    if (step.way === 'scan') return [this.#scan(limit)];
    if (step.way === 'binary') return [this.#binary(limit)];
    const walked = this.#walk(limit, step.steps);
    const waiting = this.#waiting(Math.min(limit, step.waiting));
    // A graph may not lead to every row, least of all to few that are far away.
    const isShort = walked.rows.length + waiting.rows.length < limit;
    return isShort ? [this.#scan(limit)] : [walked, waiting];
  }

  #scan(limit: number): Hits {
    const { lane, masks } = this.#target;
    if (masks.allowed === undefined) {
      return this.#hits(this.#segment.scan(lane, limit, 0, this.#segment.rows));
    }
    return this.#hits(this.#segment.scanFiltered(lane, limit, masks.allowed, this.#wordOffset));
  }

  #binary(limit: number): Hits {
    const { lane, masks, plan } = this.#target;
    const rerank = Math.max(limit, plan.ef);
    return this.#hits(
      this.#segment.scanBinary(lane, limit, rerank, masks.allowed, this.#wordOffset),
    );
  }

  #walk(limit: number, steps: number): Hits {
    const { lane, masks, plan } = this.#target;
    const ef = Math.max(limit, plan.ef);
    return this.#hits(
      this.#segment.walk(lane, limit, ef, plan.traversal, masks.allowed, this.#wordOffset, steps),
    );
  }

  #waiting(limit: number): Hits {
    const { lane, masks } = this.#target;
    if (limit === 0) return NO_HITS;
    assert(masks.waiting !== undefined, 'rows that wait are known where there are some');
    return this.#hits(this.#segment.scanFiltered(lane, limit, masks.waiting, this.#wordOffset));
  }

  /** What the lane holds, as rows, in arrays of our own. */
  #hits(count: number): Hits {
    const { lane } = this.#target;
    const rows = this.#segment.slots(lane).slice(0, count);
    if (this.#firstRow > 0)
      for (let i = 0; i < count; i += 1) rows[i] = this.#firstRow + (rows[i] as number);
    return { rows, distances: this.#segment.distances(lane) };
  }
}
