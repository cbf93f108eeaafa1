import { type Log, turnTaker } from '@lucerna/base';
import { systemClock } from '@lucerna/platform-node/clock';
import { createLog } from '@lucerna/platform-node/log';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { writeNote } from '../output.ts';
import { ProgressBar } from '../progress-bar.ts';
import { untilAskedToStop } from '../stop.ts';

/** What a command that may take long has at hand. */
export type Work = {
  /** Lines on stderr, in place of the bar. */
  readonly log: Log;
  /** Drawn on stderr for people. */
  readonly bar: ProgressBar;
  /** Lets signals through. @throws `INTERRUPTED` when one has come */
  readonly takeTurn: () => Promise<void>;
  /** Aborted by the first Ctrl-C, for what waits where no turn is taken. */
  readonly stopped: AbortSignal;
};

/** How a command is to do its work. */
export type WorkOptions = {
  readonly json: boolean;
  /**
   * The first Ctrl-C ends the work at its next turn, so that what it has begun is taken away. Without
   * it the process ends at once, which leaves nothing behind that the next start does not repair.
   */
  readonly endsAtTurn: boolean;
};

/** Runs `task` with its log, its bar and its turns; the bar is gone when it is done or has failed. */
export async function withWork<T>(
  { json, endsAtTurn }: WorkOptions,
  task: (work: Work) => Promise<T>,
): Promise<T> {
  const bar = new ProgressBar({
    // A reader of JSON lines gets nothing else on either stream.
    stream: json ? { write: () => undefined } : process.stderr,
    nowMs: () => performance.now(),
  });
  const write = (line: string): void => {
    bar.clear();
    process.stderr.write(line);
  };
  const giveWay = turnTaker(systemClock, cliLimits.values.turnMs);
  const stop = new AbortController();
  const stopped = stop.signal;
  const takeTurn = async (): Promise<void> => {
    await giveWay();
    if (stopped.aborted) throw cliErrors.create('INTERRUPTED');
  };
  if (endsAtTurn) {
    void untilAskedToStop(() => {
      bar.clear();
      if (!json) writeNote('Stopping. Ctrl-C again to stop at once.');
      stop.abort();
    });
  }
  try {
    const log = createLog({ format: json ? 'json' : 'text', write });
    return await task({ log, bar, takeTurn, stopped });
  } finally {
    bar.clear();
  }
}
