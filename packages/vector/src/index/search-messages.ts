import type { SharedSegment } from '../kernel/segment-memory.ts';
import type { JobShape } from './search-job.ts';
import type { SearchPlan } from './search-plan.ts';

/** Name of the task that searches. */
export const SEARCH_TASK = 'vector-search';

/** Where an index lies: the memories of its segments. */
export type SharedIndex = {
  /** Another one whenever the memories are others. */
  readonly version: number;
  readonly segments: readonly SharedSegment[];
};

/** The first message of a thread. */
export type SearchInit = {
  /** Its place in every segment; that of the caller's thread is 0. */
  readonly lane: number;
};

/**
 * What a thread is asked. It answers each message once, in order: with null, or with the text of what
 * went wrong, after which it is of no more use.
 */
export type SearchMessage =
  | {
      readonly kind: 'search';
      /** Number of the index among those of the pool. */
      readonly index: number;
      /** Where it lies, unless the thread was told before. */
      readonly shared: SharedIndex | undefined;
      readonly plan: SearchPlan;
      readonly shape: JobShape;
      readonly buffer: ArrayBufferLike;
    }
  | { readonly kind: 'forget'; readonly index: number };

export type SearchReply = string | null;
