import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { BinaryHeap } from '../src/heap.ts';

/** The order of the tests: by value, equal values by the order in which they came. */
type Item = { readonly value: number; readonly arrival: number };

function before(left: Item, right: Item): boolean {
  return left.value === right.value ? left.arrival < right.arrival : left.value > right.value;
}

describe('BinaryHeap', () => {
  it('gives what a sorted array gives, whatever the mix of pushes and pops', () => {
    const initial = fc.array(fc.nat(8), { maxLength: 40 });
    const steps = fc.array(fc.option(fc.nat(8)), { maxLength: 120 });
    fc.assert(
      fc.property(initial, steps, (values, script) => {
        const items = values.map((value, arrival) => ({ value, arrival }));
        const model = [...items];
        const heap = new BinaryHeap([...items], before);
        let arrivals = items.length;
        for (const step of script) {
          if (step === null) {
            model.sort((left, right) => (before(left, right) ? -1 : 1));
            expect(heap.pop()).toEqual(model.shift());
          } else {
            const item = { value: step, arrival: arrivals };
            arrivals += 1;
            heap.push(item);
            model.push(item);
          }
        }
        model.sort((left, right) => (before(left, right) ? -1 : 1));
        for (const item of model) expect(heap.pop()).toEqual(item);
        expect(heap.pop()).toBeUndefined();
      }),
      runs(100),
    );
  });
});
