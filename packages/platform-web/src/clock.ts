import { assert, type Cancel, type Clock } from '@lucerna/base';
import { TIMER_DELAY_MS } from './limits.ts';

/** The browser's time and timers. A page that is not shown may run its tasks a second later. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  schedule: (delayMs, task): Cancel => {
    assert(delayMs >= 0 && Number.isFinite(delayMs), 'a delay is a number of milliseconds');
    // Measured on the clock that does not jump: a timer may fire early, and a long one fires at once.
    const dueMs = performance.now() + delayMs;
    let timer: ReturnType<typeof setTimeout>;
    const wait = (leftMs: number): void => {
      timer = setTimeout(look, Math.min(Math.max(0, Math.ceil(leftMs)), TIMER_DELAY_MS));
    };
    const look = (): void => {
      const leftMs = dueMs - performance.now();
      if (leftMs <= 0) task();
      else wait(leftMs);
    };
    wait(delayMs);
    return (): void => clearTimeout(timer);
  },
};
