import { type Cancel, type Clock, SerialQueue, toHex } from '@lucerna/base';
import { type JsonObject, type JsonValue, LogMatcher, type LogView } from '@lucerna/protocol';
import { apiErrors } from '../errors.ts';
import { apiLimits } from '../limits.ts';
import type { NodeApi } from '../node-api.ts';
import { headerAt } from './block-parameter.ts';
import { type FilterState, readFilterDump, writeFilterDump } from './filter-dump.ts';
import { formatLog } from './format.ts';
import { identifiers } from './identifiers.ts';
import { criteriaOf, filterRange, isWantedHeight, type LogQuery } from './log-filter.ts';
import { RevertedLogs } from './reverted-logs.ts';

/** The filters of a node: named places in the chain or in the pool from which changes are asked for. */
export type Filters = {
  /** A filter for logs; its name. @throws `FILTER_LIMIT` */
  readonly newLogFilter: (query: LogQuery) => string;
  /** A filter for new blocks; its name. @throws `FILTER_LIMIT` */
  readonly newBlockFilter: () => string;
  /** A filter for transactions that become pending; its name. @throws `FILTER_LIMIT` */
  readonly newPendingFilter: () => string;
  /**
   * What is new since the last time: logs (first those that are gone, marked as removed), or hashes.
   * A long list comes in parts, with whole blocks, the rest when it is asked for again.
   *
   * @throws `FILTER_UNKNOWN`, `BLOCKS_REORGANISED` when the chain does not stand still
   */
  readonly changes: (id: string) => Promise<JsonValue>;
  /** What a filter for logs asks for. @throws `FILTER_UNKNOWN`, also for other filters */
  readonly query: (id: string) => LogQuery;
  /** Whether there was such a filter. */
  readonly uninstall: (id: string) => boolean;
  /** All filters with their places, to be {@link Filters.restore}d. */
  readonly dump: () => JsonValue;
  /**
   * Puts the filters of a dump back to their places there, also those that are gone since. Filters
   * that the dump does not know stay as far as there is room, and go on from the head. Bad input
   * changes nothing.
   *
   * @throws `FILTER_DUMP_INVALID`
   */
  readonly restore: (dump: JsonValue) => void;
};

/** What filters are made of. */
export type FilterParts = {
  readonly node: NodeApi;
  /** Without it filters that nobody asks for are kept until their number is used up. */
  readonly clock?: Clock | undefined;
};

/** How often a read begins anew when blocks were reverted meanwhile. */
const READ_ATTEMPTS = 3;

/** A filter with what does not outlive the process. */
type Entry = FilterState & {
  /** Groups of reverted blocks from this one on have not been looked at. */
  revertedFrom: number;
  /** Of pending transactions: the first that has not been told. */
  pendingFrom: number;
  usedMs: number;
  readonly matcher: LogMatcher | undefined;
  /** A filter's changes are read once at a time: each is told once. */
  readonly turns: SerialQueue;
};

/** The filters of `node`. */
export function createFilters(parts: FilterParts): Filters {
  const filters = new FilterTable(parts);
  return {
    newLogFilter: (query) => filters.add({ kind: 'logs', query }),
    newBlockFilter: () => filters.add({ kind: 'blocks' }),
    newPendingFilter: () => filters.add({ kind: 'pending' }),
    changes: (id) => filters.changes(id),
    query: (id) => filters.query(id),
    uninstall: (id) => filters.uninstall(id),
    dump: () => filters.dump(),
    restore: (dump) => filters.restore(dump),
  };
}

/**
 * A filter remembers a height, not what has happened since: however long nobody asks, it needs no
 * more memory. Only what cannot be read later is kept, once for all filters and within bounds: the
 * logs of reverted blocks and the hashes of pending transactions.
 */
class FilterTable {
  readonly #node: NodeApi;
  readonly #clock: Clock | undefined;
  readonly #newId: () => string;
  readonly #entries = new Map<string, Entry>();
  readonly #reverted = new RevertedLogs();
  /** Hashes of the newest pending transactions; the first one has the number `#pendingStart`. */
  #pending: Uint8Array[] = [];
  #pendingStart = 0;
  #cancels: readonly Cancel[] = [];

  constructor({ node, clock }: FilterParts) {
    this.#node = node;
    this.#clock = clock;
    this.#newId = identifiers(node, clock?.nowMs() ?? 0);
  }

  add(subject: FilterState['subject']): string {
    this.#expire();
    if (!hasRoom([{ subject }, ...this.#entries.values()])) throw apiErrors.create('FILTER_LIMIT');
    const id = this.#newId();
    const { height } = this.#node.head().header;
    const position = subject.kind === 'logs' ? this.#startOf(subject.query, height) : height;
    this.#put({ id, subject, position });
    return id;
  }

  /** A filter that names its first block begins there; any other one with the block after the head. */
  #startOf({ blocks }: LogQuery, head: number): number {
    if (blocks.kind === 'hash') return head;
    const { from } = blocks;
    if (from.kind === 'height') return Math.min(from.height - 1, head);
    const isEarliest = from.kind === 'tag' && from.tag === 'earliest';
    return isEarliest ? this.#node.firstHeight() - 1 : head;
  }

  #put(state: FilterState): void {
    const { subject } = state;
    this.#entries.set(state.id, {
      ...state,
      revertedFrom: this.#reverted.end,
      pendingFrom: this.#pendingStart + this.#pending.length,
      usedMs: this.#clock?.nowMs() ?? 0,
      matcher: subject.kind === 'logs' ? new LogMatcher(subject.query) : undefined,
      turns: new SerialQueue(apiLimits.values.requestsInFlight),
    });
    this.#listen();
  }

  query(id: string): LogQuery {
    const { subject } = this.#use(id);
    if (subject.kind !== 'logs') throw apiErrors.create('FILTER_UNKNOWN');
    return subject.query;
  }

  uninstall(id: string): boolean {
    this.#expire();
    const was = this.#entries.delete(id);
    this.#listen();
    return was;
  }

  async changes(id: string): Promise<JsonValue> {
    return this.#use(id).turns.run(() => this.#read(id));
  }

  async #read(id: string): Promise<JsonValue> {
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt += 1) {
      const entry = this.#use(id);
      const { subject } = entry;
      if (subject.kind === 'pending') return this.#takePending(entry);
      const { end } = this.#reverted;
      const isCurrent = (): boolean =>
        end === this.#reverted.end && this.#entries.get(id) === entry;
      try {
        const { position, answer } =
          subject.kind === 'logs'
            ? await this.#logChanges(entry, subject.query)
            : this.#blockChanges(entry);
        if (!isCurrent()) continue;
        entry.position = position;
        entry.revertedFrom = end;
        return answer;
      } catch (error) {
        if (isCurrent()) throw error;
      }
    }
    throw apiErrors.create('BLOCKS_REORGANISED');
  }

  #takePending(entry: Entry): JsonValue {
    const from = Math.max(0, entry.pendingFrom - this.#pendingStart);
    entry.pendingFrom = this.#pendingStart + this.#pending.length;
    return this.#pending.slice(from).map(toHex);
  }

  #blockChanges(entry: Entry): Changes {
    const { position } = this.#rewound(entry);
    const head = this.#node.head().header.height;
    const first = Math.max(position + 1, this.#node.firstHeight());
    const last = Math.min(head, first + apiLimits.values.logResults - 1);
    const hashes: string[] = [];
    for (let height = first; height <= last; height += 1) {
      hashes.push(toHex(headerAt(this.#node, height).hash));
    }
    return { position: Math.max(position, last), answer: hashes };
  }

  async #logChanges(entry: Entry, query: LogQuery): Promise<Changes> {
    const { position, removed } = this.#rewound(entry);
    const { first, last } = filterRange(this.#node, query, position + 1);
    const gone = removed
      .filter(({ height }) => isWantedHeight(query, height))
      .map((log) => formatLog(log, true));
    if (first > last) {
      const head = this.#node.head().header.height;
      return { position: Math.max(position, head), answer: gone };
    }
    const { fits, reached } = await this.#readLogs(query, first, last);
    return { position: reached, answer: [...gone, ...fits] };
  }

  /** Logs of whole blocks, until there are enough of them. */
  async #readLogs(
    { addresses, topics }: LogQuery,
    fromHeight: number,
    toHeight: number,
  ): Promise<{ readonly fits: readonly JsonObject[]; readonly reached: number }> {
    const { logResults, logAnswerBytes } = apiLimits.values;
    const fits: JsonObject[] = [];
    let dataBytes = 0;
    let height = fromHeight;
    for await (const log of this.#node.logs({ fromHeight, toHeight, addresses, topics })) {
      const isFull = fits.length >= logResults || dataBytes >= logAnswerBytes;
      if (isFull && log.height > height) return { fits, reached: log.height - 1 };
      fits.push(formatLog(log));
      dataBytes += log.log.data.length;
      height = log.height;
    }
    return { fits, reached: toHeight };
  }

  /** Where the filter stands after what has been reverted, and its logs among that. */
  #rewound(entry: Entry): { readonly position: number; readonly removed: readonly LogView[] } {
    const reverted = this.#reverted.from(entry.revertedFrom);
    if (reverted === undefined) {
      // It cannot be told what is gone: the client makes a new filter and reads anew.
      this.uninstall(entry.id);
      throw apiErrors.create('FILTER_UNKNOWN');
    }
    const removed: LogView[] = [];
    let { position } = entry;
    for (const { ancestor, logs } of reverted) {
      for (const view of logs) {
        if (view.height <= position && entry.matcher?.matches(view.log)) removed.push(view);
      }
      position = Math.min(position, ancestor);
    }
    return { position, removed };
  }

  dump(): JsonValue {
    this.#expire();
    return writeFilterDump([...this.#entries.values()]);
  }

  restore(dump: JsonValue): void {
    const states = readFilterDump(dump);
    const head = this.#node.head().header.height;
    const dumped = new Set(states.map(({ id }) => id));
    // What was asked for last stays longest.
    const others = [...this.#entries.values()]
      .filter(({ id }) => !dumped.has(id))
      .sort((left, right) => left.usedMs - right.usedMs);
    while (others.length > 0 && !hasRoom([...states, ...others])) others.shift();
    this.#entries.clear();
    for (const { id, subject } of others) this.#put({ id, subject, position: head });
    for (const state of states) this.#put({ ...state, position: Math.min(state.position, head) });
    this.#listen();
  }

  /** @throws `FILTER_UNKNOWN` */
  #use(id: string): Entry {
    this.#expire();
    const entry = this.#entries.get(id);
    if (entry === undefined) throw apiErrors.create('FILTER_UNKNOWN');
    entry.usedMs = this.#clock?.nowMs() ?? 0;
    return entry;
  }

  /** Forgets filters that nobody has asked for a long time. */
  #expire(): void {
    const nowMs = this.#clock?.nowMs() ?? 0;
    for (const { id, usedMs } of this.#entries.values()) {
      // A difference in either direction: the clock may have been set back.
      if (Math.abs(nowMs - usedMs) >= apiLimits.values.filterIdleMs) this.#entries.delete(id);
    }
    this.#listen();
  }

  /** Listens to the node while there are filters. */
  #listen(): void {
    const isListening = this.#cancels.length > 0;
    if (isListening === this.#entries.size > 0) return;
    if (isListening) {
      for (const cancel of this.#cancels) cancel();
      this.#cancels = [];
      this.#reverted.clear();
      return;
    }
    this.#cancels = [
      this.#node.onHead(({ reverted }) => this.#reverted.add(reverted)),
      this.#node.onPooled(({ hash }) => this.#keepPending(hash)),
    ];
  }

  #keepPending(hash: Uint8Array): void {
    const limit = apiLimits.values.filterPending;
    this.#pending.push(hash);
    // Cut in halves, so that it does not cost a move of all of them every time.
    if (this.#pending.length < 2 * limit) return;
    this.#pendingStart += this.#pending.length - limit;
    this.#pending = this.#pending.slice(-limit);
  }
}

/** Whether so many filters, looking for so much, may be there together. */
function hasRoom(states: readonly Pick<FilterState, 'subject'>[]): boolean {
  const { filters, filterCriteria } = apiLimits.values;
  let criteria = 0;
  for (const { subject } of states) {
    if (subject.kind === 'logs') criteria += criteriaOf(subject.query);
  }
  return states.length <= filters && criteria <= filterCriteria;
}

type Changes = { readonly position: number; readonly answer: JsonValue };
