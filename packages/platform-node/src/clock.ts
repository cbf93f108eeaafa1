import { assert, type Cancel, type Clock } from '@lucerna/base';
import { TIMER_DELAY_MS } from './limits.ts';

/** The system's time and timers. A scheduled task keeps the process alive until it has run. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  schedule: (delayMs, task): Cancel => {
    assert(delayMs >= 0 && Number.isFinite(delayMs), 'a delay is a number of milliseconds');
    // Measured on the clock that does not jump. Timers of Node.js may fire a little early, and those
    // that are too long fire at once: so look again whenever one fires.
    const dueMs = performance.now() + delayMs;
    let timer: NodeJS.Timeout | undefined;
    const wait = (): void => {
      const leftMs = dueMs - performance.now();
      if (leftMs <= 0 && timer !== undefined) {
        timer = undefined;
        task();
        return;
      }
      timer = setTimeout(wait, Math.min(Math.max(0, Math.ceil(leftMs)), TIMER_DELAY_MS));
    };
    wait();
    return (): void => clearTimeout(timer);
  },
};
