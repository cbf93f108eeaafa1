import { systemClock } from '@lucerna/platform-web/clock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

describe('the clock of a browser', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells the milliseconds since 1970', () => {
    vi.setSystemTime(1_700_000_000_123);
    expect(systemClock.nowMs()).toBe(1_700_000_000_123);
  });

  it('runs a task once, when its time has come', () => {
    const task = vi.fn();
    systemClock.schedule(100, task);
    vi.advanceTimersByTime(99);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1000);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it('does not run a task at once, even without a delay', () => {
    const task = vi.fn();
    systemClock.schedule(0, task);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it('waits for delays that are longer than a timer takes', () => {
    const task = vi.fn();
    const days = 24 * 60 * 60 * 1000;
    systemClock.schedule(60 * days, task);
    vi.advanceTimersByTime(60 * days - 1);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it('is not led astray by a clock that is set', () => {
    const task = vi.fn();
    systemClock.schedule(1000, task);
    vi.setSystemTime(Date.now() + 1_000_000);
    vi.advanceTimersByTime(999);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it('does not run a task that was cancelled, early or late or twice', () => {
    const task = vi.fn();
    const cancel = systemClock.schedule(3_000_000_000, task);
    vi.advanceTimersByTime(2_500_000_000);
    cancel();
    cancel();
    vi.advanceTimersByTime(2_000_000_000);
    expect(task).not.toHaveBeenCalled();
  });
});

it('schedules on real time', async () => {
  const before = performance.now();
  await new Promise<void>((resolve) => {
    systemClock.schedule(20, resolve);
  });
  expect(performance.now() - before).toBeGreaterThanOrEqual(20);
});
