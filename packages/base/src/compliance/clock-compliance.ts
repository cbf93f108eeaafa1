// biome-ignore lint/correctness/noUndeclaredDependencies: test code, which only tests import
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../ports.ts';

/** What every implementation of {@link Clock} over the timers of JavaScript passes. */
export function clockCompliance(name: string, clock: Clock): void {
  describe(name, () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it('tells the milliseconds since 1970', () => {
      vi.setSystemTime(1_700_000_000_123);
      expect(clock.nowMs()).toBe(1_700_000_000_123);
    });

    it('runs a task once, when its time has come', () => {
      const task = vi.fn();
      clock.schedule(100, task);
      vi.advanceTimersByTime(99);
      expect(task).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(task).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(1000);
      expect(task).toHaveBeenCalledTimes(1);
    });

    it('does not run a task at once, even without a delay', () => {
      const task = vi.fn();
      clock.schedule(0, task);
      expect(task).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(task).toHaveBeenCalledTimes(1);
    });

    it('waits for delays that are longer than a timer takes', () => {
      const task = vi.fn();
      const days = 24 * 60 * 60 * 1000;
      clock.schedule(60 * days, task);
      vi.advanceTimersByTime(60 * days - 1);
      expect(task).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(task).toHaveBeenCalledTimes(1);
    });

    it('is not led astray by a clock that is set', () => {
      const task = vi.fn();
      clock.schedule(1000, task);
      vi.setSystemTime(clock.nowMs() + 1_000_000);
      vi.advanceTimersByTime(999);
      expect(task).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(task).toHaveBeenCalledTimes(1);
    });

    it('does not run a task that was cancelled, early or late or twice', () => {
      const task = vi.fn();
      const cancel = clock.schedule(3_000_000_000, task);
      vi.advanceTimersByTime(2_500_000_000);
      cancel();
      cancel();
      vi.advanceTimersByTime(2_000_000_000);
      expect(task).not.toHaveBeenCalled();
    });
  });
}
