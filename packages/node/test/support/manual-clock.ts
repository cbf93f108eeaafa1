import type { Clock } from '@lucerna/base';

/** A clock that stands still until a test moves it. */
export type ManualClock = Clock & {
  /** Moves the time forward and runs what falls due on the way, in order. */
  readonly advance: (byMs: number) => void;
  /** How many tasks are scheduled. */
  readonly pending: () => number;
};

export function manualClock(startMs: number): ManualClock {
  let nowMs = startMs;
  let tasks: { readonly dueMs: number; readonly run: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    schedule: (delayMs, run) => {
      const task = { dueMs: nowMs + delayMs, run };
      tasks.push(task);
      return (): void => {
        tasks = tasks.filter((other) => other !== task);
      };
    },
    advance: (byMs): void => {
      const endMs = nowMs + byMs;
      for (;;) {
        const due = tasks.filter((task) => task.dueMs <= endMs);
        const next = due.sort((left, right) => left.dueMs - right.dueMs)[0];
        if (next === undefined) break;
        tasks = tasks.filter((task) => task !== next);
        nowMs = next.dueMs;
        next.run();
      }
      nowMs = endMs;
    },
    pending: () => tasks.length,
  };
}
