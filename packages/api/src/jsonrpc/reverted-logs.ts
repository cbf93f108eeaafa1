import { present } from '@lucerna/base';
import { type BlockView, type Log, LogMatcher, type LogView } from '@lucerna/protocol';
import { apiLimits } from '../limits.ts';

/** What blocks that left the chain together have had to say. */
export type Reverted = {
  /** Height of the block below them. */
  readonly ancestor: number;
  /** All of their logs: the highest block first, those of a block in order. */
  readonly logs: readonly LogView[];
  readonly dataBytes: number;
};

const ALL_LOGS = new LogMatcher({ addresses: [], topics: [] });

/** The logs of the newest blocks that left the chain, as far as there is room for them. */
export class RevertedLogs {
  #groups: Reverted[] = [];
  #start = 0;
  #logs = 0;
  #dataBytes = 0;

  /** Number of the group that will come next; groups are numbered from 0. */
  get end(): number {
    return this.#start + this.#groups.length;
  }

  /** Adds the blocks that made way for a head, the highest first. */
  add(reverted: readonly BlockView[]): void {
    if (reverted.length === 0) return;
    const lowest = present(reverted.at(-1), 'a group has a block').block.header.height;
    const logs = reverted.flatMap((view) => [...ALL_LOGS.matchesOf(view)].map(detached));
    const dataBytes = logs.reduce((sum, { log }) => sum + log.data.length, 0);
    this.#groups.push({ ancestor: lowest - 1, logs, dataBytes });
    this.#logs += logs.length;
    this.#dataBytes += dataBytes;
    this.#trim();
  }

  /** The groups from a number on; undefined when they are no longer all there. */
  from(number: number): readonly Reverted[] | undefined {
    return number < this.#start ? undefined : this.#groups.slice(number - this.#start);
  }

  /** Forgets all of them. */
  clear(): void {
    this.#start = this.end;
    this.#groups = [];
    this.#logs = 0;
    this.#dataBytes = 0;
  }

  #trim(): void {
    const { filterReverts, logResults, logAnswerBytes } = apiLimits.values;
    while (
      this.#groups.length > filterReverts ||
      this.#logs > logResults ||
      this.#dataBytes > logAnswerBytes
    ) {
      const { logs, dataBytes } = present(this.#groups.shift(), 'there is a group');
      this.#logs -= logs.length;
      this.#dataBytes -= dataBytes;
      this.#start += 1;
    }
  }
}

/** The same log without the memory of its block, of which it may be a part. */
function detached({ log, blockHash, transactionHash, ...place }: LogView): LogView {
  const copy: Log = {
    address: log.address.slice(),
    topics: log.topics.map((topic) => topic.slice()),
    data: log.data.slice(),
  };
  return {
    ...place,
    log: copy,
    blockHash: blockHash.slice(),
    transactionHash: transactionHash.slice(),
  };
}
