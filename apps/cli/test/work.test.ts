import { afterEach, describe, expect, test } from 'vitest';
import { type Work, withWork } from '../src/db/work.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const before = signals.map((signal) => process.listeners(signal));

afterEach(() => {
  for (const [index, signal] of signals.entries()) {
    for (const listener of process.listeners(signal)) {
      if (before[index]?.includes(listener) !== true) process.off(signal, listener);
    }
  }
});

describe('work that ends at a turn', () => {
  test.each(signals)('goes on until %s comes', async (signal) => {
    let turns = 0;
    const ended = withWork({ json: true, endsAtTurn: true }, async ({ takeTurn }: Work) => {
      for (; turns < 10; turns += 1) {
        await takeTurn();
        if (turns === 4) process.emit(signal);
      }
    });
    await expect(ended).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(turns).toBe(5);
  });

  test('gives what it comes to, and throws what it throws', async () => {
    const options = { json: true, endsAtTurn: true };
    expect(await withWork(options, async () => 7)).toBe(7);
    const failure = new RangeError('out');
    await expect(withWork(options, () => Promise.reject(failure))).rejects.toBe(failure);
  });
});

test('other work leaves signals to the system', async () => {
  await withWork({ json: true, endsAtTurn: false }, async () => {
    expect(signals.map((signal) => process.listeners(signal))).toEqual(before);
  });
});
