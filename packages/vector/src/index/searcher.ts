import { type Clock, present, turnTaker } from '@lucerna/base';
import { vectorLimits } from '../limits.ts';
import { type Hits, NO_HITS } from './hits.ts';
import { nearest } from './nearest.ts';
import type { RowStore } from './row-store.ts';
import { type JobShape, jobBytes, queryBytes, SearchJob } from './search-job.ts';
import type { SharedIndex } from './search-messages.ts';
import type { PlannedSearch } from './search-plan.ts';
import type { ThreadSeat } from './search-threads.ts';

/** Lane of the caller's thread. */
const OWN_LANE = 0;
/** How long queries run before others on this thread go first. */
const TURN_MS = 10;
const SHARED_NS = 150_000;
const OFFLOADED_NS = 1_500_000;

/** How much work, in estimated nanoseconds, is given to others. */
export type SharingThresholds = {
  /** Less is done sooner than others are asked. */
  readonly sharedNs?: number | undefined;
  /** A single query that takes longer is another thread's, so that this one stays free. */
  readonly offloadedNs?: number | undefined;
};

/** Queries that wait for the end of this turn, to be spread over the threads together. */
type Single = {
  readonly queries: Float32Array;
  readonly planned: PlannedSearch;
  readonly done: PromiseWithResolvers<readonly Hits[]>;
};

/**
 * Answers queries, on this thread or together with others. Nobody may change the store from when a
 * search begins until its promise is settled.
 */
export class Searcher {
  readonly #store: RowStore;
  readonly #clock: Clock;
  readonly #seat: ThreadSeat | undefined;
  readonly #sharedNs: number;
  readonly #offloadedNs: number;
  #singles: Single[] = [];
  #shared: SharedIndex | undefined;

  constructor(
    store: RowStore,
    clock: Clock,
    seat: ThreadSeat | undefined,
    thresholds: SharingThresholds,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#seat = seat;
    this.#sharedNs = thresholds.sharedNs ?? SHARED_NS;
    this.#offloadedNs = thresholds.offloadedNs ?? OFFLOADED_NS;
  }

  /** The hits of each query. */
  async run(queries: Float32Array, planned: PlannedSearch): Promise<readonly Hits[]> {
    const count = queries.length / this.#store.options.dimension;
    const { queryNs, limit } = planned.plan;
    if (limit === 0) return Array.from({ length: count }, () => NO_HITS);
    const isShared = this.#seat !== undefined && this.#seat.threads.size > 0;
    if (!isShared) return this.#alone(queries, planned);
    if (count === 1 && queryNs * 4 >= this.#sharedNs) return this.#inTurn(queries, planned);
    if (count * queryNs < this.#sharedNs) return this.#alone(queries, planned);
    return this.#inRounds(queries, planned);
  }

  async #alone(queries: Float32Array, { plan, masks }: PlannedSearch): Promise<readonly Hits[]> {
    const { dimension } = this.#store.options;
    const target = { segments: this.#store.segments, lane: OWN_LANE, plan, masks };
    const turn = turnTaker(this.#clock, TURN_MS);
    const results: Hits[] = [];
    for (let offset = 0; offset < queries.length; offset += dimension) {
      if (offset > 0) await turn();
      results.push(nearest(target, queries, offset));
    }
    return results;
  }

  /** A single query: those of the same turn are spread over the threads. */
  #inTurn(queries: Float32Array, planned: PlannedSearch): Promise<readonly Hits[]> {
    const done = Promise.withResolvers<readonly Hits[]>();
    this.#singles.push({ queries, planned, done });
    if (this.#singles.length === 1) void Promise.resolve().then(() => this.#spread());
    return done.promise;
  }

  async #spread(): Promise<void> {
    const singles = this.#singles;
    this.#singles = [];
    const { threads } = present(this.#seat, 'queries wait only where there are threads');
    const { queryNs } = (singles[0] as Single).planned.plan;
    const isOffloaded = singles.length === 1 && queryNs >= this.#offloadedNs && threads.isIdle;
    const parties = threads.awake + 1;
    const isOwn = (place: number): boolean => !isOffloaded && place % parties === 0;
    // Others first: they begin while this thread does its own share.
    for (const [place, single] of singles.entries()) {
      if (!isOwn(place)) settle(single, this.#share(single.queries, single.planned, false));
    }
    const turn = turnTaker(this.#clock, TURN_MS);
    for (const [place, single] of singles.entries()) {
      if (!isOwn(place)) continue;
      await turn();
      settle(single, this.#alone(single.queries, single.planned));
    }
  }

  /** Many queries, so many at a time that the memory for them is bounded. */
  async #inRounds(queries: Float32Array, planned: PlannedSearch): Promise<readonly Hits[]> {
    const { dimension } = this.#store.options;
    const each = queryBytes({ dimension, limit: planned.plan.limit });
    const length = Math.max(1, Math.floor(vectorLimits.values.searchJobBytes / each)) * dimension;
    const results: Hits[] = [];
    for (let start = 0; start < queries.length; start += length) {
      const round = queries.subarray(start, start + length);
      for (const hits of await this.#share(round, planned, true)) results.push(hits);
    }
    return results;
  }

  /** Together with other threads; `isOwn`: this one takes part, too. */
  async #share(
    queries: Float32Array,
    planned: PlannedSearch,
    isOwn: boolean,
  ): Promise<readonly Hits[]> {
    const seat = present(this.#seat, 'jobs are shared with threads');
    const job = this.#jobOf(queries, planned);
    const { count } = job.shape;
    let wake = (): void => undefined;
    const lanes = seat.threads.ask(seat, isOwn ? count - 1 : 1, {
      job,
      plan: planned.plan,
      shared: this.#sharedIndex(),
      onEnd: () => wake(),
    });
    if (isOwn) await this.#takePart(job, planned);
    while (!this.#isFinished(job, planned, lanes)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return Array.from({ length: count }, (_, query) => job.hits(query));
  }

  #jobOf(queries: Float32Array, { plan, masks }: PlannedSearch): SearchJob {
    const { dimension } = this.#store.options;
    const shape: JobShape = {
      count: queries.length / dimension,
      dimension,
      limit: plan.limit,
      allowedWords: masks.allowed?.length ?? 0,
      waitingWords: masks.waiting?.length ?? 0,
    };
    const job = new SearchJob(shape, new SharedArrayBuffer(jobBytes(shape)));
    job.queries.set(queries);
    if (masks.allowed !== undefined) job.allowed?.set(masks.allowed);
    if (masks.waiting !== undefined) job.waiting?.set(masks.waiting);
    return job;
  }

  async #takePart(job: SearchJob, planned: PlannedSearch): Promise<void> {
    const turn = turnTaker(this.#clock, TURN_MS);
    for (let query = job.take(OWN_LANE); query !== undefined; query = job.take(OWN_LANE)) {
      this.#answer(job, planned, query);
      await turn();
    }
  }

  /** Whether all is answered; what threads have left behind that are gone, this one answers. */
  #isFinished(job: SearchJob, planned: PlannedSearch, lanes: readonly number[]): boolean {
    const { threads } = present(this.#seat, 'jobs are shared with threads');
    const gone = lanes.filter((lane) => threads.isGone(lane));
    for (const lane of gone) {
      let query = job.takeOver(lane, OWN_LANE);
      for (; query !== undefined; query = job.takeOver(lane, OWN_LANE)) {
        this.#answer(job, planned, query);
      }
    }
    if (gone.length === lanes.length) {
      for (let query = job.take(OWN_LANE); query !== undefined; query = job.take(OWN_LANE)) {
        this.#answer(job, planned, query);
      }
    }
    return job.isDone;
  }

  #answer(job: SearchJob, { plan }: PlannedSearch, query: number): void {
    const target = { segments: this.#store.segments, lane: OWN_LANE, plan, masks: job };
    job.answer(query, nearest(target, job.queries, query * this.#store.options.dimension));
  }

  /** Where the index lies, as other threads are told. */
  #sharedIndex(): SharedIndex {
    const { version, segments } = this.#store;
    if (this.#shared?.version !== version) {
      this.#shared = { version, segments: segments.map(({ shared }) => shared) };
    }
    return this.#shared;
  }
}

function settle(single: Single, result: Promise<readonly Hits[]>): void {
  result.then(single.done.resolve, single.done.reject);
}
