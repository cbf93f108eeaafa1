import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/vm/machine.ts';
import { writePlace } from '../../src/vm/state-containers.ts';
import { Closure, List, StateHandle, type Value } from '../../src/vm/value.ts';
import {
  address,
  builtin,
  cellHandle,
  costs,
  endOf,
  failures,
  handle,
  list,
  machine,
  map,
  plain,
  results,
  SHAPES,
  type TestMachine,
} from './builtin-machine.ts';

const CELL = { kind: 'cell', type: 'untyped' } as const;

/** A list and a map, in memory, in variables of the state, and as values of an untyped cell. */
const PLACES = {
  memory: (_: Machine, value: Value): Value => value,
  state: (on: Machine, value: Value): Value => {
    const at = handle(value instanceof List ? 'list' : 'map');
    writePlace(on, at.slot, at.shape, value);
    return at;
  },
  cell: (on: Machine, value: Value): Value => {
    const at = cellHandle();
    writePlace(on, at.slot, CELL, value);
    return at;
  },
} as const;

/** What a container holds, wherever it is. */
const content = (on: Machine, container: Value): unknown => plain(builtin(on, 'copy', container));

describe.each(Object.entries(PLACES))('containers in %s', (_, put) => {
  const withList = (...items: readonly unknown[]): [TestMachine, Value] => {
    const on = machine();
    return [on, put(on, list(...items))];
  };
  const withMap = (...parts: readonly unknown[]): [TestMachine, Value] => {
    const on = machine();
    return [on, put(on, map(...parts))];
  };

  it('reads lists', () => {
    const [on, target] = withList(3, 'a', [1, 2], null);
    const call = (name: string, ...values: readonly Value[]): unknown =>
      plain(builtin(on, name, target, ...values));
    expect(call('len')).toBe(4);
    expect(call('is_empty')).toBe(false);
    expect(call('bool')).toBe(true);
    expect(call('type')).toBe('list');
    expect(call('first')).toBe(3);
    expect(call('last')).toBeNull();
    expect(call('get', 1)).toBe('a');
    expect(call('get', 9)).toBeNull();
    expect(call('get', 9, 'none')).toBe('none');
    expect(call('get', 3, 'none')).toBe('none');
    expect(call('contains', list(1, 2))).toBe(true);
    expect(call('contains', 4)).toBe(false);
    expect(call('index_of', 'a')).toBe(1);
    expect(call('join', '-')).toBe('3-a-[1, 2]-null');
    expect(call('string')).toBe('[3, a, [1, 2], null]');
    expect(content(on, target)).toEqual([3, 'a', [1, 2], null]);
    expect(call('reverse')).toEqual([null, [1, 2], 'a', 3]);
    expect(call('flatten')).toEqual([3, 'a', 1, 2, null]);
    expect(plain(builtin(on, 'concat', target, list(5)))).toEqual([3, 'a', [1, 2], null, 5]);
    expect(content(on, builtin(on, 'slice', target, 1, 3))).toEqual(['a', [1, 2]]);
    for (const name of ['keys', 'values', 'entries'] as const) {
      expect(endOf(() => builtin(on, name, target))).toBe('panic 0x1');
    }
    expect(endOf(() => builtin(on, 'has', target, 1))).toBe('panic 0x1');
    expect(endOf(() => builtin(on, 'remove', target, 1))).toBe('panic 0x1');
  });

  it('reads lists of numbers', () => {
    const [on, target] = withList(5, 1, 4, 1);
    expect(builtin(on, 'sum', target)).toBe(11);
    expect(builtin(on, 'min', target)).toBe(1);
    expect(builtin(on, 'max', target)).toBe(5);
    expect(plain(builtin(on, 'sort', target))).toEqual([1, 1, 4, 5]);
    expect(plain(builtin(on, 'unique', target))).toEqual([5, 1, 4]);
    expect(content(on, target)).toEqual([5, 1, 4, 1]);
  });

  it('changes lists', () => {
    const [on, target] = withList(1, 2);
    expect(builtin(on, 'push', target, list('x'))).toBe(target);
    expect(content(on, target)).toEqual([1, 2, ['x']]);
    expect(plain(builtin(on, 'pop', target))).toEqual(['x']);
    expect(builtin(on, 'insert', target, 0, 0)).toBe(target);
    builtin(on, 'insert', target, 3, 3);
    builtin(on, 'insert', target, 2, 'm');
    expect(content(on, target)).toEqual([0, 1, 'm', 2, 3]);
    expect(builtin(on, 'remove_at', target, 2)).toBe('m');
    expect(builtin(on, 'set', target, 0, 9)).toBe(target);
    expect(content(on, target)).toEqual([9, 1, 2, 3]);
    for (const index of [4, -1, 2n ** 70n]) {
      expect(endOf(() => builtin(on, 'set', target, index, 1))).toBe('panic 0x32');
      expect(endOf(() => builtin(on, 'remove_at', target, index))).toBe('panic 0x32');
      expect(endOf(() => builtin(on, 'insert', target, index === 4 ? 5 : index, 1))).toBe(
        'panic 0x32',
      );
    }
    expect(endOf(() => builtin(on, 'insert', target, 'a', 1))).toBe('panic 0x1');
    expect(endOf(() => builtin(on, 'remove_at', target, null))).toBe('panic 0x1');
    expect(builtin(on, 'clear', target)).toBe(target);
    expect(content(on, target)).toEqual([]);
    expect(builtin(on, 'first', target)).toBeNull();
    expect(builtin(on, 'last', target)).toBeNull();
    expect(builtin(on, 'is_empty', target)).toBe(true);
    expect(builtin(on, 'bool', target)).toBe(false);
    expect(builtin(on, 'pop', target)).toBeNull();
  });

  it('reads maps', () => {
    const [on, target] = withMap('b', 1, 2, [7], address(1), null);
    const call = (name: string, ...values: readonly Value[]): unknown =>
      plain(builtin(on, name, target, ...values));
    expect(call('len')).toBe(3);
    expect(call('type')).toBe('map');
    expect(call('keys')).toEqual(['b', 2, address(1)]);
    expect(content(on, builtin(on, 'values', target))).toEqual([1, [7], null]);
    expect(content(on, builtin(on, 'entries', target))).toEqual([
      ['b', 1],
      [2, [7]],
      [address(1), null],
    ]);
    expect(call('has', 'b')).toBe(true);
    expect(call('has', '2')).toBe(false);
    expect(call('has', address(1))).toBe(true);
    expect(call('contains', 2)).toBe(true);
    expect(call('get', 'b', 5)).toBe(1);
    expect(call('get', 'c', 5)).toBe(5);
    expect(call('get', 'c')).toBeNull();
    for (const name of ['first', 'last', 'pop', 'sort', 'unique', 'sum', 'flatten', 'join']) {
      expect(endOf(() => builtin(on, name, target))).toBe('panic 0x1');
    }
    expect(endOf(() => builtin(on, 'push', target, 1))).toBe('panic 0x1');
    expect(endOf(() => builtin(on, 'insert', target, 0, 1))).toBe('panic 0x1');
    expect(endOf(() => builtin(on, 'remove_at', target, 0))).toBe('panic 0x1');
    expect(endOf(() => builtin(on, 'has', target, null))).toBe('panic 0x1');
    expect(endOf(() => builtin(on, 'get', target, list()))).toBe('panic 0x1');
    expect(endOf(() => builtin(on, 'remove', target, list()))).toBe('panic 0x1');
  });

  it('changes maps', () => {
    const [on, target] = withMap('a', 1);
    expect(builtin(on, 'set', target, 'b', 2)).toBe(target);
    builtin(on, 'set', target, 'a', 3);
    expect(builtin(on, 'remove', target, 'a')).toBe(true);
    expect(builtin(on, 'remove', target, 'a')).toBe(false);
    builtin(on, 'set', target, 'a', 4);
    expect(content(on, target)).toEqual([
      ['b', 2],
      ['a', 4],
    ]);
    expect(builtin(on, 'clear', target)).toBe(target);
    expect(builtin(on, 'len', target)).toBe(0);
    expect(plain(builtin(on, 'keys', target))).toEqual([]);
  });

  it('changes what is within', () => {
    const [on, target] = withMap('inner', [1]);
    builtin(on, 'push', builtin(on, 'get', target, 'inner'), 2);
    const [values] = (builtin(on, 'values', target) as List).items;
    builtin(on, 'push', values as Value, 3);
    const [pair] = (builtin(on, 'entries', target) as List).items;
    const [, held] = (pair as List).items;
    builtin(on, 'push', held as Value, 4);
    expect(content(on, target)).toEqual([['inner', [1, 2, 3, 4]]]);
  });

  it('copies deeply', () => {
    const [on, target] = withList([1]);
    const copied = builtin(on, 'copy', target) as List;
    (copied.items[0] as List).items.push(2);
    expect(content(on, target)).toEqual([[1]]);
  });
});

describe('lists and maps of the state', () => {
  it('are not written in a static call', () => {
    const on = machine();
    const target = PLACES.state(on, list(1));
    on.isStatic = true;
    for (const run of [
      () => builtin(on, 'push', target, 1),
      () => builtin(on, 'pop', target),
      () => builtin(on, 'clear', target),
      () => builtin(on, 'set', target, 0, 2),
      () => builtin(on, 'insert', target, 0, 2),
      () => builtin(on, 'remove_at', target, 0),
      () => builtin(on, 'remove', PLACES.memory(on, handle('map')), 'a'),
    ]) {
      expect(endOf(run)).toBe('STATIC_WRITE');
    }
    expect(builtin(on, 'first', target)).toBe(1);
  });

  it('plain maps know their entries only', () => {
    const on = machine();
    const target = handle('plain');
    builtin(on, 'set', target, 'a', 5);
    expect(builtin(on, 'get', target, 'a')).toBe(5);
    expect(builtin(on, 'get', target, 'b', 7)).toBe(0);
    for (const name of [
      'len',
      'keys',
      'values',
      'entries',
      'clear',
      'copy',
      'is_empty',
      'encode',
    ]) {
      expect(endOf(() => builtin(on, name, target))).toBe('panic 0x1');
    }
    expect(endOf(() => builtin(on, 'has', target, 'a'))).toBe('panic 0x1');
    expect(endOf(() => builtin(on, 'remove', target, 'a'))).toBe('panic 0x1');
  });

  it('the default is that of a missing entry, not of a zero', () => {
    const on = machine();
    const [numbers, tree] = [handle('numbers'), handle('tree')];
    builtin(on, 'set', numbers, 'zero', 0);
    expect(builtin(on, 'get', numbers, 'zero', 7)).toBe(0);
    expect(builtin(on, 'get', numbers, 'none', 7)).toBe(7);
    expect(builtin(on, 'get', numbers, 'none')).toBe(0);
    builtin(on, 'set', tree, 'a', list());
    expect(builtin(on, 'len', builtin(on, 'get', tree, 'a', 'none'))).toBe(0);
    expect(builtin(on, 'get', tree, 'b', 'none')).toBe('none');
    expect(builtin(on, 'len', builtin(on, 'get', tree, 'b'))).toBe(0);
  });

  it('finding an item reads no more than there is up to it', () => {
    const on = machine();
    const target = PLACES.state(on, list(...Array.from({ length: 50 }, (_, index) => index)));
    const gasOf = (wanted: number): number => {
      const before = on.meter.gas;
      builtin(on, 'contains', target, wanted);
      return before - on.meter.gas;
    };
    expect(gasOf(0)).toBeLessThan(1_000);
    expect(gasOf(49)).toBeGreaterThan((40 * gasOf(0)) / 2);
  });

  it('keys are read without the values', () => {
    const on = machine();
    const target = PLACES.state(on, map('a', 1, 'b', 2, 'c', 3));
    const gasOf = (name: string): number => {
      const before = on.meter.gas;
      builtin(on, name, target);
      return before - on.meter.gas;
    };
    gasOf('values');
    expect(gasOf('keys')).toBeLessThan(gasOf('values'));
  });

  it('a list of lists flattens', () => {
    const on = machine();
    const target = new StateHandle(handle('nested').slot, SHAPES.nested);
    writePlace(on, target.slot, target.shape, list([1], [2, 3]));
    expect(plain(builtin(on, 'flatten', target))).toEqual([1, 2, 3]);
    const both = list();
    both.items.push(builtin(on, 'first', target), 9);
    expect(plain(builtin(on, 'flatten', both))).toEqual([1, 9]);
  });
});

describe('lists and maps in memory', () => {
  results([
    ['sort', [list(3, -1, 2n ** 100n, 0)], [-1, 0, 3, 2n ** 100n]],
    ['sort', [list('b', 'a', 'B', '')], ['', 'B', 'a', 'b']],
    // By code points: the surrogate pair of U+1F600 comes behind U+FFFD.
    ['sort', [list('😀', '\ufffd')], ['\ufffd', '😀']],
    ['sort', [list()], []],
    ['unique', [list(1, '1', true, 1, [1], [1], null, null)], [1, '1', true, [1], null]],
    ['flatten', [list([], [[1]], 2)], [[1], 2]],
    ['copy', [5], 5],
    ['has', [map('a', null), 'a'], true],
    ['set', [map(), 'a', 1], [['a', 1]]],
    ['push', [list(1), 2], [1, 2]],
  ]);

  failures([
    ['sort', [list(1, 'a')], 'panic 0x1'],
    ['sort', [list('a', 1)], 'panic 0x1'],
    ['sort', [list(true, false)], 'panic 0x1'],
    ['sort', [list(1, null)], 'panic 0x1'],
    ['sort', ['ba'], 'panic 0x1'],
    ['unique', ['aa'], 'panic 0x1'],
    ['encode', [list(new Closure(0, []))], 'panic 0x1'],
    ['set', ['abc', 0, 'x'], 'panic 0x1'],
    ['get', ['abc', 0], 'panic 0x1'],
    ['clear', ['abc'], 'panic 0x1'],
    ['push', [null, 1], 'panic 0x1'],
    ['keys', [null], 'panic 0x1'],
  ]);

  costs([
    ['push', [list(1), 2], 3],
    ['pop', [list(1)], 0],
    ['insert', [list(1, 2), 1, 5], 3 + 3],
    ['remove_at', [list(1, 2, 3), 1], 6],
    ['clear', [list(1, 2)], 0],
    ['keys', [map('a', 1, 'b', 2)], 6],
    ['values', [map('a', 1)], 3],
    ['entries', [map('a', 1)], 9],
    ['has', [map('a', 1), 'a'], 3],
    ['remove', [map('a', 1), 'a'], 3],
    ['get', [list(1), 0], 0],
    ['copy', [list(1, 2)], 6],
    ['flatten', [list([1, 2], 3)], 9],
    // Three items; two rounds of three comparisons.
    ['sort', [list(3, 1, 2)], 9 + 18],
    // Two items; one round of two texts of one word each.
    ['sort', [list('b', 'a')], 6 + 12],
    ['sort', [list(1)], 3],
  ]);

  it('a list that holds itself is not copied forever', () => {
    const loop = list();
    loop.items.push(loop);
    for (const name of ['copy', 'string', 'encode']) {
      expect(endOf(() => builtin(machine(), name, loop))).toBe('panic 0x41');
    }
  });
});
