import { seededRandom } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { OrderedMap, type OrderedView } from '../src/ordered-map.ts';

type Model = Map<string, number>;

function rowsOf(model: Model, from?: string, to?: string, reverse = false): number[] {
  const keys = [...model.keys()].sort();
  const inside = keys.filter(
    (key) => (from === undefined || key >= from) && (to === undefined || key < to),
  );
  if (reverse) inside.reverse();
  return inside.map((key) => model.get(key) as number);
}

function valuesOf(
  view: OrderedView<number>,
  from?: string,
  to?: string,
  reverse = false,
): number[] {
  return [...view.values({ from, to, reverse })];
}

describe('an ordered map', () => {
  it('agrees with a sorted map, and its views stay as they were', () => {
    const keys = fc.string({ unit: fc.constantFrom('a', 'b', '\u0000', '\u00ff'), maxLength: 3 });
    const optional = fc.option(keys, { nil: undefined });
    const action = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('set' as const), key: keys }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), key: keys }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('view' as const) }) },
    );
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 80, size: 'max' }),
        optional,
        optional,
        (actions, from, to) => {
          const map = new OrderedMap<number>();
          const model: Model = new Map();
          const views: [OrderedView<number>, Model][] = [];
          actions.forEach((each, value) => {
            if (each.kind === 'view') views.push([map.view(), new Map(model)]);
            else if (each.kind === 'set') {
              expect(map.set(each.key, value)).toBe(model.get(each.key));
              model.set(each.key, value);
            } else {
              map.delete(each.key);
              model.delete(each.key);
            }
          });
          views.push([map.view(), model]);
          expect(map.size).toBe(model.size);
          for (const [view, then] of views) {
            for (const reverse of [false, true]) {
              expect(valuesOf(view, from, to, reverse)).toEqual(rowsOf(then, from, to, reverse));
            }
            for (const key of ['', 'a', 'ab', '\u0000']) expect(view.get(key)).toBe(then.get(key));
          }
        },
      ),
      runs(100),
    );
  });

  // Enough entries for many blocks, which the short runs above do not reach.
  it.each(['upward', 'downward', 'random'])('splits and joins blocks: keys %s', (order) => {
    const random = seededRandom(3);
    const map = new OrderedMap<number>();
    const model: Model = new Map();
    const views: [OrderedView<number>, number[]][] = [];
    const count = 6000;
    for (let step = 0; step < count; step += 1) {
      const upward = order === 'upward' ? step : count - step;
      const number = order === 'random' ? random.below(count) : upward;
      const key = `${number}`.padStart(5, '0');
      map.set(key, step);
      model.set(key, step);
      if (step % 1000 === 0) views.push([map.view(), rowsOf(model)]);
    }
    expect(valuesOf(map.view())).toEqual(rowsOf(model));
    expect(valuesOf(map.view(), '02000', '04000', true)).toEqual(
      rowsOf(model, '02000', '04000', true),
    );
    const keys = [...model.keys()];
    for (let left = keys.length; left > 0; left -= 1) {
      const [key] = keys.splice(random.below(left), 1) as [string];
      map.delete(key);
      model.delete(key);
      if (left % 500 === 0) {
        expect(map.size).toBe(left - 1);
        expect(valuesOf(map.view())).toEqual(rowsOf(model));
        views.push([map.view(), rowsOf(model)]);
      }
    }
    expect(valuesOf(map.view())).toEqual([]);
    for (const [view, values] of views) expect(valuesOf(view)).toEqual(values);
  });
});
