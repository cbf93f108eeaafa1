import type { Cancel, Clock, Log } from '@lucerna/base';
import type { RecoveredBlock } from '@lucerna/protocol';
import { nodeLimits } from './limits.ts';

/** Tells the log about new blocks. */
export type BlockReporter = {
  readonly report: (block: RecoveredBlock) => void;
  /** Writes what is held back. */
  readonly flush: () => void;
};

type Held = { readonly from: number; to: number; transactions: number; gasUsed: bigint };

/**
 * A reporter that writes a line for a block at once, and for the blocks of the next quarter of a
 * second one line together: thousands of lines a second would cost more than the blocks.
 */
export function createBlockReporter(clock: Clock, log: Log): BlockReporter {
  let held: Held | undefined;
  let cancel: Cancel | undefined;

  const write = (): void => {
    cancel = undefined;
    if (held === undefined) return;
    const { from, to, transactions, gasUsed } = held;
    held = undefined;
    if (from === to) log.info('block', { height: to, transactions, gasUsed });
    else log.info('blocks', { from, to, transactions, gasUsed });
    cancel = clock.schedule(nodeLimits.values.blockReportMs, write);
  };

  return {
    report: ({ header, transactions }): void => {
      held ??= { from: header.height, to: header.height, transactions: 0, gasUsed: 0n };
      held.to = header.height;
      held.transactions += transactions.length;
      held.gasUsed += header.gasUsed;
      if (cancel === undefined) write();
    },
    flush: (): void => {
      cancel?.();
      write();
      cancel?.();
    },
  };
}
