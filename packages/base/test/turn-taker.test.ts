import { expect, it } from 'vitest';
import type { Clock } from '../src/ports.ts';
import { turnTaker } from '../src/turn-taker.ts';

/** A clock that a test sets, and how often somebody has waited on it. */
function handClock(): { readonly clock: Clock; set: (nowMs: number) => void; turns: () => number } {
  let nowMs = 0;
  let turns = 0;
  const schedule: Clock['schedule'] = (_delayMs, task) => {
    turns += 1;
    queueMicrotask(task);
    return () => undefined;
  };
  const set = (next: number): void => {
    nowMs = next;
  };
  return { clock: { nowMs: () => nowMs, schedule }, set, turns: () => turns };
}

it('lets others go first once the time is up, whichever way the clock went', async () => {
  const { clock, set, turns } = handClock();
  const takeTurn = turnTaker(clock, 20);
  for (const [nowMs, expected] of [
    [0, 0],
    [19, 0],
    [20, 1],
    [39, 1],
    [40, 2],
    [21, 2],
    [20, 3],
  ] as const) {
    set(nowMs);
    await takeTurn();
    expect(turns(), `at ${nowMs}`).toBe(expected);
  }
});

it('never waits without a clock', async () => {
  await expect(turnTaker(undefined, 0)()).resolves.toBeUndefined();
});
