import { toHexKey } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { listHeadWord, mapHeadWord } from '../../src/layout/heads.ts';
import type { StateShape } from '../../src/layout/schema.ts';
import {
  canonicalKey,
  elementSlot,
  entrySlot,
  LEDGER_SLOT,
  presenceSlot,
  STATE_SLOT,
  sequenceSlot,
  variableSlot,
} from '../../src/layout/slots.ts';
import { readUntypedCell, writeUntypedCell } from '../../src/layout/untyped-cell.ts';
import { Failure } from '../../src/vm/halt.ts';
import type { Machine } from '../../src/vm/machine.ts';
import {
  appendLedger,
  type Handle,
  ledgerGet,
  ledgerLength,
  materialise,
  readNamed,
  stateClear,
  stateHas,
  stateIndex,
  stateInsertAt,
  stateLength,
  stateNext,
  statePop,
  statePush,
  stateRemove,
  stateRemoveAt,
  stateStore,
  writeNamed,
  writePlace,
} from '../../src/vm/state-containers.ts';
import { readPlace } from '../../src/vm/state-places.ts';
import {
  CellHandle,
  Closure,
  Dictionary,
  StateHandle,
  type Value,
  ValueIterator,
} from '../../src/vm/value.ts';
import {
  cell,
  describeValue,
  enumerable,
  list,
  listOf,
  map,
  panicOf,
  plain,
  StateHost,
  stateMachine,
} from './state-support.ts';

const SLOT = variableSlot('x');
const INTEGERS = enumerable(cell('integer'));
const ANYTHING = cell('untyped');

type Fixture = { readonly host: StateHost; readonly machine: Machine; readonly handle: Handle };

/** A variable of the shape that holds the value. */
function variable(shape: StateShape, value: Value = null): Fixture {
  const host = new StateHost();
  const machine = stateMachine(host);
  if (value !== null) writePlace(machine, SLOT, shape, value);
  return { host, machine, handle: readPlace(machine, SLOT, shape) as Handle };
}

const content = (machine: Machine, value: Value): string =>
  describeValue(materialise(machine, value));
const text = (...items: Value[]): string => describeValue(list(...items));

describe('what was cleared or removed', () => {
  it('does not come back: not an entry of a map that is filled again', () => {
    const { machine, handle } = variable(INTEGERS, map(['a', 1], ['b', 2]));
    stateClear(machine, handle);
    expect(stateLength(machine, handle)).toBe(0);
    expect([stateIndex(machine, handle, 'a'), stateHas(machine, handle, 'b')]).toEqual([0, false]);
    stateStore(machine, handle, 'c', 3);
    expect(content(machine, handle)).toBe(describeValue(map(['c', 3])));
  });

  it('does not come back: not what was in the map of an entry', () => {
    const { machine, handle } = variable(enumerable(INTEGERS), map(['a', map(['x', 1])]));
    expect(stateRemove(machine, handle, 'a')).toBe(true);
    const inner = stateIndex(machine, handle, 'a') as Handle;
    expect(stateIndex(machine, inner, 'x')).toBe(0);
    stateStore(machine, inner, 'y', 2);
    expect(content(machine, handle)).toBe(describeValue(map(['a', map(['y', 2])])));
  });

  it('does not come back: not the elements of a list that was in a list', () => {
    const { machine, handle } = variable(listOf(listOf(ANYTHING)), list(list(1, 2, 3)));
    expect(describeValue(statePop(machine, handle))).toBe(text(1, 2, 3));
    statePush(machine, handle, list());
    const inner = stateIndex(machine, handle, 0) as Handle;
    statePush(machine, inner, 'new');
    expect(content(machine, handle)).toBe(text(list('new')));
  });

  it('leaves no word behind: a removed entry frees those of its key, its place and its value', () => {
    const long = 'x'.repeat(100);
    const { host, machine, handle } = variable(enumerable(ANYTHING), map([long, long]));
    expect(host.words.size).toBe(1 + 1 + 4 + 4);
    stateRemove(machine, handle, long);
    expect([...host.words.keys()]).toEqual([toHexKey(SLOT)]);
    expect(host.load(SLOT)).toEqual(mapHeadWord({ generation: 0n, sequence: 1, count: 0 }));
    stateClear(machine, handle);
    expect(host.load(SLOT)).toEqual(mapHeadWord({ generation: 1n, sequence: 0, count: 0 }));
  });

  it('takes one write to clear, however much there is, and none when there is nothing', () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const { host, machine, handle } = variable(listOf(cell('integer')), list(...items));
    stateClear(machine, handle);
    expect(host.load(SLOT)).toEqual(listHeadWord({ generation: 1n, length: 0 }));
    expect(host.words.size).toBe(50);
    stateClear(machine, handle);
    expect(host.load(SLOT)).toEqual(listHeadWord({ generation: 1n, length: 0 }));
    expect(host.words.has(toHexKey(elementSlot(SLOT, 0, 1n)))).toBe(false);
    statePush(machine, handle, 7);
    expect(host.words.has(toHexKey(elementSlot(SLOT, 0, 1n)))).toBe(true);
  });
});

describe('assigning a container', () => {
  it.each<[string, StateShape, Value]>([
    ['list', listOf(ANYTHING), list(1, 'b', list(3))],
    ['map', enumerable(ANYTHING), map(['a', 1], ['b', map(['c', 2])])],
    ['list of lists', listOf(listOf(cell('integer'))), list(list(1), list(2, 3))],
    ['cell', ANYTHING, list(1, map(['a', list()]))],
  ])('to itself changes nothing: a %s', (_, shape, value) => {
    const { machine, handle } = variable(shape, value);
    writePlace(machine, SLOT, shape, handle);
    expect(content(machine, handle)).toBe(describeValue(value));
  });

  it('into itself copies what it was before', () => {
    const { machine, handle } = variable(enumerable(ANYTHING), map(['a', 1]));
    stateStore(machine, handle, 'm', handle);
    expect(content(machine, handle)).toBe(describeValue(map(['a', 1], ['m', map(['a', 1])])));
    stateStore(machine, handle, 'm', list(handle));
    const second = map(['a', 1], ['m', map(['a', 1])]);
    expect(content(machine, handle)).toBe(describeValue(map(['a', 1], ['m', list(second)])));
  });

  it('copies: what is written to the one is not in the other', () => {
    const memory = list(list(1));
    const { machine, handle } = variable(listOf(listOf(ANYTHING)), memory);
    (memory.items[0] as typeof memory).items.push(2);
    const copy = materialise(machine, handle);
    statePush(machine, stateIndex(machine, handle, 0) as Handle, 3);
    expect(describeValue(copy)).toBe(text(list(1)));
    expect(content(machine, handle)).toBe(text(list(1, 3)));
  });

  it('empties it when it is null', () => {
    const { machine, handle } = variable(INTEGERS, map(['a', 1]));
    writePlace(machine, SLOT, INTEGERS, null);
    expect(stateLength(machine, handle)).toBe(0);
  });

  it('fails for another kind, for functions and for what is nested too deep', () => {
    const { machine, handle } = variable(INTEGERS);
    const failing: readonly (readonly [StateShape, Value, string])[] = [
      [INTEGERS, list(), 'panic 1'],
      [INTEGERS, 5, 'panic 1'],
      [listOf(ANYTHING), map(), 'panic 1'],
      [cell('integer'), list(), 'panic 1'],
      [cell('bool'), handle, 'panic 1'],
      [ANYTHING, new Closure(0, []), 'panic 1'],
      [listOf(ANYTHING), list(new Closure(0, [])), 'panic 1'],
      [ANYTHING, list(map(['f', new ValueIterator('')])), 'panic 1'],
      [INTEGERS, map(['a', 'b']), 'panic 1'],
      [INTEGERS, map(['a', -1]), 'panic 17'],
      [plain(cell('integer')), map(), 'panic 1'],
      [listOf(plain(cell('integer'))), list(map()), 'panic 1'],
    ];
    for (const [shape, value, code] of failing) {
      expect(panicOf(() => writePlace(machine, SLOT, shape, value))).toBe(code);
    }
    let deep: Value = 1;
    for (let level = 0; level < 32; level += 1) deep = list(deep);
    writePlace(machine, SLOT, ANYTHING, deep);
    expect(content(machine, new CellHandle(SLOT, []))).toBe(describeValue(deep));
    expect(panicOf(() => writePlace(machine, SLOT, ANYTHING, list(deep)))).toBe('panic 65');
    expect(panicOf(() => materialise(machine, list(new CellHandle(SLOT, []))))).toBe('panic 65');
    expect(panicOf(() => writePlace(machine, SLOT, listOf(ANYTHING), list(deep)))).toBe('panic 65');
    const own = list();
    own.items.push(own);
    expect(panicOf(() => materialise(machine, own))).toBe('panic 65');
  });
});

describe('a handle', () => {
  it('makes the entries around it with what is first put into it', () => {
    const shape = enumerable(enumerable(listOf(cell('integer'))));
    const { machine, handle } = variable(shape);
    const outer = stateIndex(machine, handle, 'a') as Handle;
    const inner = stateIndex(machine, outer, 'b') as Handle;
    expect([stateLength(machine, inner), statePop(machine, inner)]).toEqual([0, null]);
    stateClear(machine, inner);
    expect(stateRemove(machine, outer, 'b')).toBe(false);
    expect(stateHas(machine, handle, 'a')).toBe(false);
    statePush(machine, inner, 1);
    expect(content(machine, handle)).toBe(describeValue(map(['a', map(['b', list(1)])])));
  });

  it('says nothing to a map that was cleared since: its place is not in it any more', () => {
    const { machine, handle } = variable(enumerable(listOf(ANYTHING)), map(['a', list(1)]));
    const old = stateIndex(machine, handle, 'a') as Handle;
    stateClear(machine, handle);
    expect(content(machine, old)).toBe(text(1));
    statePop(machine, old);
    statePush(machine, old, 2);
    expect(stateLength(machine, handle)).toBe(0);
    expect(content(machine, stateIndex(machine, handle, 'a'))).toBe(text());
  });

  it('of an element that is not there any more cannot be filled', () => {
    const { machine, handle } = variable(listOf(listOf(ANYTHING)), list(list(1)));
    const old = stateIndex(machine, handle, 0) as Handle;
    statePop(machine, handle);
    expect(content(machine, old)).toBe(text());
    expect(panicOf(() => statePush(machine, old, 1))).toBe('panic 50');
  });

  it('reads what others have written since', () => {
    const { machine, handle } = variable(INTEGERS, map(['a', 1]));
    const other = new StateHandle(SLOT, INTEGERS);
    stateStore(machine, other, 'b', 2);
    stateClear(machine, other);
    stateStore(machine, other, 'c', 3);
    expect(content(machine, handle)).toBe(describeValue(map(['c', 3])));
  });

  it('cannot write in a static call', () => {
    const { host } = variable(INTEGERS, map(['a', 1]));
    const machine = stateMachine(host, { isStatic: true });
    const ofList = new StateHandle(variableSlot('y'), listOf(ANYTHING));
    const ofCell = new CellHandle(variableSlot('z'), []);
    for (const handle of [new StateHandle(SLOT, INTEGERS), ofList, ofCell]) {
      for (const write of [
        () => stateStore(machine, handle, 'a', 1),
        () => stateRemove(machine, handle, 'b'),
        () => stateClear(machine, handle),
        () => statePush(machine, handle, 1),
        () => statePop(machine, handle),
        () => stateInsertAt(machine, handle, 0, 1),
        () => stateRemoveAt(machine, handle, 0),
        () => writePlace(machine, SLOT, INTEGERS, null),
        () => appendLedger(machine, 1),
        () => writeNamed(machine, 'a', 1),
      ]) {
        expect(write).toThrow(new Failure('STATIC_WRITE') as unknown as Error);
      }
    }
  });

  it('has operations of its kind alone', () => {
    const { machine } = variable(INTEGERS);
    const ofPlain = new StateHandle(SLOT, plain(cell('integer')));
    const ofMap = new StateHandle(SLOT, INTEGERS);
    const ofList = new StateHandle(variableSlot('y'), listOf(ANYTHING));
    writePlace(machine, variableSlot('l'), ANYTHING, list(list()));
    writePlace(machine, variableSlot('m'), ANYTHING, map());
    const cellList = new CellHandle(variableSlot('l'), []);
    const cellMap = new CellHandle(variableSlot('m'), []);
    const failing = [
      () => stateHas(machine, ofPlain, 'a'),
      () => stateRemove(machine, ofPlain, 'a'),
      () => stateLength(machine, ofPlain),
      () => stateClear(machine, ofPlain),
      () => materialise(machine, ofPlain),
      () => stateNext(machine, new ValueIterator(ofPlain)),
      () => stateStore(machine, new StateHandle(SLOT, plain(plain(ANYTHING))), 'a', map()),
      ...[ofMap, cellMap].flatMap((handle) => [
        () => statePush(machine, handle, 1),
        () => statePop(machine, handle),
        () => stateInsertAt(machine, handle, 0, 1),
        () => stateRemoveAt(machine, handle, 0),
        () => stateIndex(machine, handle, null),
        () => stateStore(machine, handle, list(), 1),
        () => stateHas(machine, handle, null),
      ]),
      ...[ofList, cellList].flatMap((handle) => [
        () => stateHas(machine, handle, 0),
        () => stateRemove(machine, handle, 0),
        () => stateIndex(machine, handle, 'a'),
        () => stateIndex(machine, handle, null),
        () => stateStore(machine, handle, true, 1),
      ]),
    ];
    expect(failing.map(panicOf)).toEqual(failing.map(() => 'panic 1'));
  });

  it.each([
    ['in the state', listOf(ANYTHING)],
    ['in a cell', ANYTHING],
  ])('of a list %s reads null beyond its ends, and writes there fail', (_, shape) => {
    const { machine, handle } = variable(shape, list('a', 'b'));
    const outside = [-1, 2, 2n ** 64n, -(2n ** 64n)];
    expect(outside.map((key) => stateIndex(machine, handle, key))).toEqual(outside.map(() => null));
    for (const key of outside) {
      expect(panicOf(() => stateStore(machine, handle, key, 1))).toBe('panic 50');
      expect(panicOf(() => stateRemoveAt(machine, handle, key))).toBe('panic 50');
    }
    expect(panicOf(() => stateInsertAt(machine, handle, 3, 1))).toBe('panic 50');
    stateInsertAt(machine, handle, 2, 'c');
    stateInsertAt(machine, handle, 0, 'z');
    expect(stateRemoveAt(machine, handle, 1)).toBe('a');
    expect(content(machine, handle)).toBe(text('z', 'b', 'c'));
  });
});

describe('a container in an untyped cell', () => {
  it('is written through the handles of what is in it', () => {
    const user = map(['name', 'Ada'], ['roles', list('admin')]);
    const { machine, handle } = variable(ANYTHING, list(user));
    const ada = stateIndex(machine, handle, 0) as Handle;
    statePush(machine, stateIndex(machine, ada, 'roles') as Handle, 'owner');
    stateStore(machine, ada, 'name', 'Ada L.');
    expect(content(machine, handle)).toBe(
      text(map(['name', 'Ada L.'], ['roles', list('admin', 'owner')])),
    );
  });

  it('that is gone has no handle', () => {
    const { machine, handle } = variable(ANYTHING, map(['a', list(list(1))], ['b', 5]));
    const inner = stateIndex(machine, stateIndex(machine, handle, 'a') as Handle, 0) as Handle;
    expect(content(machine, inner)).toBe(text(1));
    for (const value of [7, null, list(), list(7), map()]) {
      stateStore(machine, handle, 'a', value);
      expect(panicOf(() => stateLength(machine, inner))).toBe('panic 1');
      expect(panicOf(() => statePush(machine, inner, 1))).toBe('panic 1');
    }
    writePlace(machine, SLOT, ANYTHING, 'text');
    expect(panicOf(() => stateLength(machine, handle))).toBe('panic 1');
  });

  it('cannot become longer or deeper than a value', () => {
    const { machine, handle } = variable(ANYTHING, list('x'.repeat(600_000)));
    expect(panicOf(() => statePush(machine, handle, 'x'.repeat(600_000)))).toBe('panic 65');
    let deep: Value = list();
    for (let level = 0; level < 31; level += 1) deep = list(deep);
    writePlace(machine, SLOT, ANYTHING, deep);
    let innermost = handle;
    for (let level = 0; level < 31; level += 1) {
      innermost = stateIndex(machine, innermost, 0) as Handle;
    }
    statePush(machine, innermost, 'a scalar');
    expect(panicOf(() => statePush(machine, innermost, list()))).toBe('panic 65');
  });

  it('leaves no words behind when it becomes shorter', () => {
    const { host, machine, handle } = variable(ANYTHING, list('x'.repeat(300), 1));
    stateRemoveAt(machine, handle, 0);
    expect(host.words.size).toBe(1);
    expect(describeValue(readUntypedCell(host, SLOT) as Value)).toBe(text(1));
    writePlace(machine, SLOT, ANYTHING, null);
    expect(host.words.size).toBe(0);
  });
});

describe('a loop', () => {
  const walk = (machine: Machine, handle: Handle, step: (key: Value) => void): string => {
    const seen: Value[] = [];
    const iterator = new ValueIterator(handle);
    for (let at = stateNext(machine, iterator); at !== undefined && seen.length < 20; ) {
      seen.push(at.key);
      step(at.key);
      at = stateNext(machine, iterator);
    }
    return describeValue(list(...seen));
  };

  it('over a map sees what is added on its way and not what is removed', () => {
    const { machine, handle } = variable(INTEGERS, map(['a', 1], ['b', 2], ['c', 3]));
    const seen = walk(machine, handle, (key) => {
      if (key === 'a') stateRemove(machine, handle, 'b');
      if (key === 'c') stateStore(machine, handle, 'd', 4);
      if (key === 'd') stateStore(machine, handle, 'a', 9);
    });
    expect(seen).toBe(text('a', 'c', 'd'));
  });

  it('over a map that is cleared on its way goes on with what is new', () => {
    const { machine, handle } = variable(INTEGERS, map(['a', 1], ['b', 2]));
    const seen = walk(machine, handle, (key) => {
      if (key !== 'b') return;
      stateClear(machine, handle);
      stateStore(machine, handle, 'z', 1);
    });
    expect(seen).toBe(text('a', 'b', 'z'));
  });

  it('over a list sees what is pushed on its way and ends where the list does', () => {
    const { machine, handle } = variable(listOf(ANYTHING), list('a', 'b', 'c'));
    const seen = walk(machine, handle, (key) => {
      if (key === 0) statePush(machine, handle, 'd');
      if (key === 2) statePop(machine, handle);
    });
    expect(seen).toBe(text(0, 1, 2));
  });

  it('over what is in a cell sees what was there when it began, and writes through', () => {
    const { machine, handle } = variable(ANYTHING, list(map(['n', 1]), map(['n', 2])));
    const iterator = new ValueIterator(handle);
    for (let at = stateNext(machine, iterator); at !== undefined; ) {
      stateStore(machine, at.value as Handle, 'seen', true);
      if (at.key === 0) statePush(machine, handle, 'new');
      at = stateNext(machine, iterator);
    }
    expect(content(machine, handle)).toBe(
      text(map(['n', 1], ['seen', true]), map(['n', 2], ['seen', true]), 'new'),
    );
  });

  it('gives handles that make their entries', () => {
    const shape = enumerable(listOf(ANYTHING));
    const { machine, handle } = variable(shape, map(['a', list()]));
    const { value } = stateNext(machine, new ValueIterator(handle)) as { value: Value };
    stateRemove(machine, handle, 'a');
    statePush(machine, value as Handle, 1);
    expect(content(machine, handle)).toBe(describeValue(map(['a', list(1)])));
  });
});

describe('state without a declaration', () => {
  it('is a map of any values and a list of entries', () => {
    const { host, machine } = variable(ANYTHING);
    expect(readNamed(machine, 'a')).toBeNull();
    writeNamed(machine, 'a', list(1));
    expect(content(machine, readNamed(machine, 'a'))).toBe(text(1));
    const slot = entrySlot(STATE_SLOT, canonicalKey('a'));
    expect(describeValue(readUntypedCell(host, slot) as Value)).toBe(text(1));
    expect(panicOf(() => writeNamed(machine, null, 1))).toBe('panic 1');

    appendLedger(machine, 'first');
    appendLedger(machine, map(['n', 2]));
    expect(ledgerLength(machine)).toBe(2);
    expect([ledgerGet(machine, 0), ledgerGet(machine, 2)]).toEqual(['first', null]);
    expect(content(machine, ledgerGet(machine, 1))).toBe(describeValue(map(['n', 2])));
    expect(readUntypedCell(host, elementSlot(LEDGER_SLOT, 0, 0n))).toBe('first');
    expect(host.load(LEDGER_SLOT)).toEqual(listHeadWord({ generation: 0n, length: 2 }));
  });
});

describe('words that a tool has damaged', () => {
  const word = (digits: string): Uint8Array =>
    Uint8Array.from(Buffer.from(digits.padEnd(64, '0'), 'hex'));
  const last = 'f'.repeat(16);

  const anyUse = (machine: Machine, handle: Handle): unknown[] => [
    panicOf(() => materialise(machine, handle)),
    panicOf(() => stateNext(machine, new ValueIterator(handle))),
  ];

  it('are refused in the head of a map', () => {
    for (const digits of [
      `${'0'.repeat(48)}01`,
      // More entries than were ever added; more than can be counted.
      `${'0'.repeat(47)}1`,
      `${'0'.repeat(16)}${last}`,
    ]) {
      const { host, machine, handle } = variable(INTEGERS);
      host.store(SLOT, word(digits));
      expect(anyUse(machine, handle)).toEqual(['panic 34', 'panic 34']);
      expect(panicOf(() => stateIndex(machine, handle, 'a'))).toBe('panic 34');
      expect(panicOf(() => stateStore(machine, handle, 'a', 1))).toBe('panic 34');
      expect(panicOf(() => stateLength(machine, handle))).toBe('panic 34');
    }
  });

  it('are refused in the head of a list', () => {
    for (const digits of [
      `${'0'.repeat(32)}01`,
      `${'0'.repeat(62)}01`,
      `${'0'.repeat(16)}${last}`,
    ]) {
      const { host, machine, handle } = variable(listOf(ANYTHING));
      host.store(SLOT, word(digits));
      expect(anyUse(machine, handle)).toEqual(['panic 34', 'panic 34']);
      expect(panicOf(() => statePush(machine, handle, 'a'))).toBe('panic 34');
    }
  });

  it('are refused where the last generation would have a next', () => {
    const head = { generation: 2n ** 64n - 1n, sequence: 1, count: 0 };
    const { host, machine, handle } = variable(INTEGERS);
    host.store(SLOT, mapHeadWord(head));
    expect(panicOf(() => stateClear(machine, handle))).toBe('panic 34');
    host.store(SLOT, listHeadWord({ generation: head.generation, length: 1 }));
    const ofList = new StateHandle(SLOT, listOf(ANYTHING));
    expect(panicOf(() => writePlace(machine, SLOT, listOf(ANYTHING), ofList))).toBe('panic 34');
  });

  it('are refused as presence of an entry', () => {
    const { host, machine, handle } = variable(INTEGERS, map(['a', 1]));
    const presence = presenceSlot(SLOT, canonicalKey('b'), 0n);
    for (const digits of ['0'.repeat(63).concat('2'), '01']) {
      host.store(presence, word(digits));
      expect(panicOf(() => stateHas(machine, handle, 'b'))).toBe('panic 34');
      expect(panicOf(() => stateRemove(machine, handle, 'b'))).toBe('panic 34');
      expect(panicOf(() => stateStore(machine, handle, 'b', 1))).toBe('panic 34');
    }
    stateRemove(machine, handle, 'a');
    host.store(presence, word('0'.repeat(63).concat('1')));
    expect(panicOf(() => stateRemove(machine, handle, 'b'))).toBe('panic 34');
  });

  it('are refused as key of a number, and where keys are missing', () => {
    const { host, machine, handle } = variable(INTEGERS, map(['a', 1], ['b', 2]));
    const slot = sequenceSlot(SLOT, 0, 0n);
    writeUntypedCell(host, slot, list('a'));
    expect(anyUse(machine, handle)).toEqual(['panic 34', 'panic 34']);
    host.store(slot, word('ff'));
    expect(anyUse(machine, handle)).toEqual(['panic 34', 'panic 34']);
    for (const key of [null, 'b']) {
      writeUntypedCell(host, slot, key);
      expect(panicOf(() => materialise(machine, handle))).toBe('panic 34');
    }
  });

  it('are refused in a cell that should hold a container', () => {
    const { host, machine, handle } = variable(ANYTHING, list(1));
    for (const digits of ['0703011001', '070101', '0804011001', '07ff00000020']) {
      host.store(SLOT, word(digits));
      const [copied] = anyUse(machine, handle);
      expect(copied).toBe('panic 34');
      expect(panicOf(() => stateIndex(machine, handle, 0))).toBe('panic 34');
    }
    expect(new Dictionary().entries.size).toBe(0);
  });
});
