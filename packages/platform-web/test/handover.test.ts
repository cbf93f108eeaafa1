import { describe, expect, it } from 'vitest';
import { Handover } from '../src/handover.ts';

async function taken(handover: Handover<number>): Promise<number[]> {
  const values: number[] = [];
  for await (const value of handover) values.push(value);
  return values;
}

describe('a handover', () => {
  it('passes values on one at a time, and the end', async () => {
    const handover = new Handover<number>();
    const values = taken(handover);
    for (const value of [1, 2, 3]) await handover.give(value);
    handover.end();
    expect(await values).toEqual([1, 2, 3]);
  });

  it('is empty when it ends at once', async () => {
    const handover = new Handover<number>();
    handover.end();
    expect(await taken(handover)).toEqual([]);
  });

  it('waits until the other side is done with a value', async () => {
    const handover = new Handover<number>();
    const steps: string[] = [];
    const walk = (async (): Promise<void> => {
      for await (const value of handover) {
        steps.push(`takes ${value}`);
        await new Promise((resolve) => setImmediate(resolve));
        steps.push(`has ${value}`);
      }
    })();
    for (const value of [1, 2]) {
      await handover.give(value);
      steps.push(`gave ${value}`);
    }
    handover.end();
    await walk;
    expect(steps).toEqual(['takes 1', 'has 1', 'gave 1', 'takes 2', 'has 2', 'gave 2']);
  });

  it('passes an error on, after the values', async () => {
    const handover = new Handover<number>();
    const values: number[] = [];
    const walk = (async (): Promise<void> => {
      for await (const value of handover) values.push(value);
    })();
    await handover.give(1);
    const problem = new Error('no more');
    handover.fail(problem);
    await expect(walk).rejects.toBe(problem);
    expect(values).toEqual([1]);
  });
});
