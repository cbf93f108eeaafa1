import { describe, expect, it } from 'vitest';
import { LruCache } from '../src/lru.ts';
import { seededRandom } from '../src/random.ts';
import { SerialQueue } from '../src/serial-queue.ts';

describe('LruCache', () => {
  it('forgets what was used longest ago', () => {
    const cache = new LruCache<string, number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
    expect(cache.size).toBe(2);
    cache.clear();
    expect(cache.size).toBe(0);
  });

  it('holds what weighs no more than its capacity together', () => {
    const cache = new LruCache<string, string>(6, (text) => text.length);
    const kept = (): string => ['a', 'b', 'c', 'd'].filter((key) => cache.get(key)).join('');
    cache.set('a', 'xxx');
    cache.set('b', 'xx');
    cache.set('b', 'xxx');
    expect(kept()).toBe('ab');
    cache.set('c', 'x');
    expect(kept()).toBe('bc');
    cache.set('c', 'xxx');
    cache.set('d', 'xxxxxx');
    expect(kept()).toBe('d');
    cache.set('a', 'xxxxxxx');
    expect(cache.size).toBe(0);
    cache.clear();
    cache.set('a', 'xxxxxx');
    expect(kept()).toBe('a');
  });
});

describe('SerialQueue', () => {
  it('runs tasks one at a time in order, also after a failure', async () => {
    const queue = new SerialQueue(8);
    const trace: string[] = [];
    const task = (name: string, fails: boolean) => async (): Promise<string> => {
      trace.push(`${name} begins`);
      await Promise.resolve();
      trace.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
    const outcomes = await Promise.allSettled([
      queue.run(task('a', false)),
      queue.run(task('b', true)),
      queue.run(task('c', false)),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(trace).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    await queue.idle();
  });

  it('refuses more tasks than it has room for, then takes new ones', async () => {
    const queue = new SerialQueue(1);
    const first = queue.run(() => 1);
    await expect(queue.run(() => 2)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(await first).toBe(1);
    expect(await queue.run(() => 3)).toBe(3);
  });
});

describe('seededRandom', () => {
  it('repeats itself for a seed, differs between seeds and fills its range evenly', () => {
    const draw = (seed: number): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 20_000 }, () => random.below(10));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    const counts = new Array<number>(10).fill(0);
    for (const digit of draw(7)) counts[digit] = (counts[digit] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });
});
