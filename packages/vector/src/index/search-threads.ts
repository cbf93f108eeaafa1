import { assert, type Channel, type Log, type Threads } from '@lucerna/base';
import { vectorLimits } from '../limits.ts';
import type { SearchJob } from './search-job.ts';
import {
  SEARCH_TASK,
  type SearchInit,
  type SearchMessage,
  type SearchReply,
  type SharedIndex,
} from './search-messages.ts';
import type { SearchPlan } from './search-plan.ts';

/** What another thread is asked to take part in. */
type Assignment = { readonly job: SearchJob; readonly onEnd: () => void };

/** One of the threads. */
type Helper = {
  readonly lane: number;
  readonly channel: Channel;
  /** What it has not answered yet, in the order in which it will. */
  readonly pending: (Assignment | undefined)[];
  /** By index, which version of it the thread was told of. */
  readonly told: Map<number, number>;
  /** It has answered before: it does not have to start first. */
  isAwake: boolean;
  isGone: boolean;
};

/** Threads that an index searches on, and how it is known there. */
export type ThreadSeat = { readonly threads: SearchThreads; readonly index: number };

/**
 * The threads that help to search, shared by all indexes that were given the same port: however many
 * collections are open, there are as many threads as are worth having. They start with the first work
 * and end with the last index. One that dies is not replaced: the others go on, and the caller's.
 */
export class SearchThreads {
  static readonly #all = new WeakMap<Threads, SearchThreads>();

  /** How many threads there are beside the caller's, at most. */
  readonly size: number;
  readonly #port: Threads;
  readonly #log: Log;
  #helpers: Helper[] | undefined;
  #seats = 0;
  #nextIndex = 0;

  private constructor(port: Threads, log: Log) {
    this.#port = port;
    this.#log = log;
    // Browsers have shared memory only for pages that ask for isolation.
    const isShareable = typeof SharedArrayBuffer === 'function';
    this.size = isShareable ? Math.min(port.parallelism, vectorLimits.values.searchThreads) : 0;
  }

  /** A seat for an index on the threads of a port. To be left when the index is closed. */
  static join(port: Threads, log: Log): ThreadSeat {
    let threads = SearchThreads.#all.get(port);
    if (threads === undefined) {
      threads = new SearchThreads(port, log);
      SearchThreads.#all.set(port, threads);
    }
    threads.#seats += 1;
    threads.#nextIndex += 1;
    return { threads, index: threads.#nextIndex };
  }

  /** Gives a seat back. Nobody may be searching for it any more. */
  leave(index: number): void {
    this.#seats -= 1;
    assert(this.#seats >= 0, 'a seat is left once');
    const alive = this.#alive();
    if (this.#seats > 0) {
      for (const helper of alive) {
        if (helper.told.delete(index)) this.#send(helper, { kind: 'forget', index }, undefined);
      }
      return;
    }
    this.#helpers = undefined;
    SearchThreads.#all.delete(this.#port);
    for (const { channel } of alive) channel.close();
  }

  /**
   * Asks up to `count` threads to take part in a job, those first that have least to do.
   *
   * @param onEnd told whenever one of them has nothing more to do with the job, or is gone
   * @returns the lanes of those that were asked
   */
  ask(
    seat: ThreadSeat,
    count: number,
    work: { readonly shared: SharedIndex; readonly plan: SearchPlan } & Assignment,
  ): readonly number[] {
    this.#helpers ??= this.#start();
    const helpers = this.#alive().filter((helper) => hasRoom(helper));
    helpers.sort((one, other) => burden(one) - burden(other));
    const asked = helpers.slice(0, count);
    for (const helper of asked) {
      const isTold = helper.told.get(seat.index) === work.shared.version;
      helper.told.set(seat.index, work.shared.version);
      const { shape, buffer } = work.job;
      const shared = isTold ? undefined : work.shared;
      const { index } = seat;
      const message = { kind: 'search', index, shared, plan: work.plan, shape, buffer } as const;
      this.#send(helper, message, work);
    }
    return asked.map(({ lane }) => lane);
  }

  /** How many threads have started and are there; the first to ask has them started. */
  get awake(): number {
    this.#helpers ??= this.#start();
    return this.#alive().filter(({ isAwake }) => isAwake).length;
  }

  /** Whether one of these has nothing to do. */
  get isIdle(): boolean {
    return this.awake > 0 && this.#alive().some((helper) => burden(helper) === 0);
  }

  /** Whether the thread of that lane will not answer any more. */
  isGone(lane: number): boolean {
    return this.#helpers?.[lane - 1]?.isGone ?? true;
  }

  #alive(): readonly Helper[] {
    return (this.#helpers ?? []).filter(({ isGone }) => !isGone);
  }

  #start(): Helper[] {
    const helpers: Helper[] = [];
    try {
      while (helpers.length < this.size) helpers.push(this.#startOne(helpers.length + 1));
    } catch (error) {
      this.#log.warn('threads that search cannot be started', { reason: String(error) });
    }
    // So that it is known when they have started.
    for (const helper of helpers) this.#send(helper, { kind: 'forget', index: 0 }, undefined);
    return helpers;
  }

  #startOne(lane: number): Helper {
    const init: SearchInit = { lane };
    const channel = this.#port.spawn(SEARCH_TASK, init);
    const helper: Helper = {
      lane,
      channel,
      pending: [],
      told: new Map(),
      isAwake: false,
      isGone: false,
    };
    channel.receive((reply) => this.#received(helper, reply as SearchReply));
    channel.closed((reason) => this.#lost(helper, reason));
    return helper;
  }

  #send(helper: Helper, message: SearchMessage, assignment: Assignment | undefined): void {
    helper.pending.push(assignment);
    helper.channel.post(message);
  }

  #received(helper: Helper, reply: SearchReply): void {
    if (helper.isGone) return;
    helper.isAwake = true;
    if (reply === null) helper.pending.shift()?.onEnd();
    else this.#lost(helper, reply);
  }

  /** What it had taken and not answered, whoever asked it answers himself. */
  #lost(helper: Helper, reason: unknown): void {
    if (helper.isGone) return;
    helper.isGone = true;
    // It was closed together with its last index.
    if (this.#helpers === undefined) return;
    this.#log.warn('a thread that searches has ended; its queries run on the caller’s', {
      lane: helper.lane,
      reason: String(reason),
    });
    helper.channel.close();
    for (const assignment of helper.pending.splice(0)) assignment?.onEnd();
  }
}

/** How much a thread has to do before it can do more; to start takes longer than anything else. */
function burden({ isAwake, pending }: Helper): number {
  return isAwake ? pending.length : vectorLimits.values.threadQueue;
}

function hasRoom({ pending }: Helper): boolean {
  return pending.length < vectorLimits.values.threadQueue;
}
