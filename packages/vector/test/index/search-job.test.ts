import { describe, expect, it } from 'vitest';
import { jobBytes, SearchJob } from '../../src/index/search-job.ts';

const shape = { count: 3, dimension: 2, limit: 2, allowedWords: 1, waitingWords: 0 };

function job(): readonly [SearchJob, SearchJob] {
  const memory = new SharedArrayBuffer(jobBytes(shape));
  return [new SearchJob(shape, memory), new SearchJob(shape, memory)];
}

const hits = (...rows: readonly number[]) => ({
  rows: Uint32Array.from(rows),
  distances: Float64Array.from(rows, (row) => row / 2),
});

describe('search job', () => {
  it('gives every query to one thread', () => {
    const [one, other] = job();
    const taken = [one.take(0), other.take(1), one.take(0), other.take(1), one.take(0)];
    expect(taken).toEqual([0, 1, 2, undefined, undefined]);
  });

  it('is done when every query is answered, by whoever', () => {
    const [one, other] = job();
    one.queries.set([1, 2, 3, 4, 5, 6]);
    one.allowed?.set([0xffff_ffff]);
    expect([...other.queries]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...(other.allowed ?? [])]).toEqual([0xffff_ffff]);
    expect(other.waiting).toBeUndefined();
    one.answer(one.take(0)!, hits(4));
    other.answer(other.take(1)!, hits(5, 6));
    expect(one.isDone).toBe(false);
    other.answer(other.take(1)!, hits());
    expect(one.isDone).toBe(true);
    expect([0, 1, 2].map((query) => [...one.hits(query).rows])).toEqual([[4], [5, 6], []]);
    expect([...one.hits(1).distances]).toEqual([2.5, 3]);
  });

  it('hands over what a thread had taken, once', () => {
    const [one, other] = job();
    other.take(1);
    other.answer(other.take(1)!, hits(1));
    expect(one.take(0)).toBe(2);
    expect(one.takeOver(1, 0)).toBe(0);
    expect(one.takeOver(1, 0)).toBeUndefined();
  });
});
