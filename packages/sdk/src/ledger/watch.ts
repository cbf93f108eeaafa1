import type { HeadNotice, MaybePromise, NodeApi } from '@lucerna/api';
import { type Cancel, present } from '@lucerna/base';
import { chainErrors } from '@lucerna/chain';
import type { BlockView } from '@lucerna/protocol';
import { sdkErrors } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import type { HeadFeed } from './head-feed.ts';
import { checkedHeight } from './heights.ts';

/** What is watched, and until when. */
export type WatchOptions = {
  /** Height of the first block; those that are there come first. Default: only what comes from now on. */
  readonly from?: number | undefined;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * What comes, in order, for one `for await`. It begins with the call that has made it, and ends when the
 * loop is left, with {@link LedgerWatch.stop}, with the signal, or with the ledger.
 */
export type LedgerWatch<T> = AsyncIterable<T> & {
  /** Ends it; a loop that waits goes on behind its end. */
  readonly stop: () => void;
};

/** Something that is watched. */
export type Watched<T> = T & {
  /** It was part of the chain, and is no more: the chain went back, or other blocks took its place. */
  readonly removed: boolean;
};

/** Makes what is watched of blocks. */
export type WatchSource<T> = {
  /** Of a block that has become part of the chain. */
  readonly added: (view: HeadNotice['view']) => MaybePromise<readonly T[]>;
  /** Of one that no longer is; in the order in which {@link added} gave it. */
  readonly removed: (view: HeadNotice['view']) => readonly T[];
};

type Parts = { readonly api: NodeApi; readonly feed: HeadFeed };

/**
 * Watches the chain from now on, or from an earlier block.
 *
 * The iteration throws `LEDGER_WATCH_BEHIND` when more blocks wait than the limit, behind those that do;
 * `CHAIN_REORGANISED` when the chain goes back while earlier blocks are read; and what `source` throws.
 *
 * @throws `LEDGER_HEIGHT_INVALID`; `BLOCKS_PRUNED` below the first block; `QUEUE_FULL` with too many watches
 */
export function watch<T extends object>(
  { api, feed }: Parts,
  { from, signal }: WatchOptions,
  source: WatchSource<T>,
): LedgerWatch<Watched<T>> {
  const firstHeight = api.firstHeight();
  if (from !== undefined && checkedHeight(from) < firstHeight) {
    throw chainErrors.create('BLOCKS_PRUNED', undefined, { height: from, firstHeight });
  }
  const queue = new NoticeQueue(feed);
  // Both at once: nothing comes between the blocks that are there and those that come.
  const head = api.head().header.height;
  const heights = { from: from ?? head + 1, first: from ?? 0, to: head };
  const stop = (): void => {
    queue.close();
    signal?.removeEventListener('abort', stop);
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  const items = walk(api, queue, heights, source);
  const end = async (): Promise<IteratorResult<Watched<T>>> => {
    stop();
    return items.return(undefined);
  };
  return { stop, [Symbol.asyncIterator]: () => ({ next: () => items.next(), return: end }) };
}

async function* walk<T extends object>(
  api: NodeApi,
  queue: NoticeQueue,
  heights: { readonly from: number; readonly first: number; readonly to: number },
  source: WatchSource<T>,
): AsyncGenerator<Watched<T>, void, undefined> {
  const isWanted = ({ block }: BlockView): boolean => block.header.height >= heights.first;
  try {
    for (let height = heights.from; height <= heights.to; height += 1) {
      const view = await api.block(height);
      if (queue.isClosed) return;
      if (queue.hasReverted) throw chainErrors.create('CHAIN_REORGANISED');
      const items = await source.added(present(view, 'every height has a block'));
      for (const item of items) yield { ...item, removed: false };
    }
    for (;;) {
      const notice = await queue.next();
      if (notice === undefined) return;
      for (const view of notice.reverted.filter(isWanted)) {
        for (const item of source.removed(view).toReversed()) yield { ...item, removed: true };
      }
      if (isOldHead(notice) || !isWanted(notice.view)) continue;
      for (const item of await source.added(notice.view)) yield { ...item, removed: false };
    }
  } finally {
    queue.close();
  }
}

/** The chain only went back: its head is a block that was there before. */
function isOldHead({ view, reverted }: HeadNotice): boolean {
  const lowest = reverted.at(-1);
  return lowest !== undefined && view.block.header.height < lowest.block.header.height;
}

/** Blocks that wait for whoever watches. */
class NoticeQueue {
  readonly #notices: HeadNotice[] = [];
  readonly #cancel: Cancel;
  #waiting: PromiseWithResolvers<HeadNotice | undefined> | undefined;
  #end: 'closed' | Error | undefined;

  constructor(feed: HeadFeed) {
    this.#cancel = feed.add({ head: (notice) => this.#add(notice), closed: () => this.#finish() });
  }

  get isClosed(): boolean {
    return this.#end === 'closed' && this.#notices.length === 0;
  }

  get hasReverted(): boolean {
    return this.#notices.some(({ reverted }) => reverted.length > 0);
  }

  /** The next block; undefined when there will be none. @throws `LEDGER_WATCH_BEHIND` */
  async next(): Promise<HeadNotice | undefined> {
    const notice = this.#notices.shift();
    if (notice !== undefined) return notice;
    if (this.#end === 'closed') return undefined;
    if (this.#end !== undefined) throw this.#end;
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** Drops what waits. */
  close(): void {
    this.#notices.length = 0;
    this.#end = 'closed';
    this.#cancel();
    this.#waiting?.resolve(undefined);
    this.#waiting = undefined;
  }

  /** The ledger is closed: what waits is still given. */
  #finish(): void {
    this.#end ??= 'closed';
    this.#waiting?.resolve(undefined);
    this.#waiting = undefined;
  }

  #add(notice: HeadNotice): void {
    if (this.#end !== undefined) return;
    if (this.#waiting !== undefined) {
      this.#waiting.resolve(notice);
      this.#waiting = undefined;
      return;
    }
    const blocks = sdkLimits.values.ledgerWatchBlocks;
    if (this.#notices.length < blocks) {
      this.#notices.push(notice);
      return;
    }
    const { height } = notice.view.block.header;
    const detail = `${blocks} blocks wait, and block ${height} found no room`;
    this.#end = sdkErrors.create('LEDGER_WATCH_BEHIND', detail, { height, blocks });
    this.#cancel();
  }
}
