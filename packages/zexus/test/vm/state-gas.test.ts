import { describe, expect, it } from 'vitest';
import type { StateShape } from '../../src/layout/schema.ts';
import { variableSlot } from '../../src/layout/slots.ts';
import type { Machine } from '../../src/vm/machine.ts';
import {
  type Handle,
  materialise,
  stateClear,
  stateHas,
  stateIndex,
  stateInsertAt,
  stateLength,
  stateNext,
  stateNextKey,
  statePop,
  statePush,
  stateRemove,
  stateRemoveAt,
  stateStore,
  writePlace,
} from '../../src/vm/state-containers.ts';
import { readPlace } from '../../src/vm/state-places.ts';
import { type Value, ValueIterator } from '../../src/vm/value.ts';
import {
  cell,
  enumerable,
  list,
  listOf,
  map,
  plain,
  StateHost,
  stateMachine,
} from './state-support.ts';

// What the rules say, for each operation: first access and later ones (EIP-2929), writes (EIP-2200), hashes
// by their bytes. An entry's hash has 66 bytes for a key of one letter, 3 words; that of a list has 64.
const [COLD, WARM, SET, RESET, CLEAR] = [2_100, 100, 20_000, 2_900, 4_800];
const ENTRY = 30 + 3 * 6;
const ELEMENTS = 30 + 2 * 6;
const CONTINUATION = 30 + 6;
const ITEM = 3;

const SLOT = variableSlot('x');
const MAP = enumerable(cell('integer'));
const LIST = listOf(cell('integer'));
const CELL = cell('untyped');
const NESTED = enumerable(listOf(cell('integer')));

type Row = {
  readonly name: string;
  readonly shape: StateShape;
  readonly holds: Value;
  readonly run: (machine: Machine, handle: Handle) => unknown;
  readonly cold: number;
  /** When the transaction has accessed everything. */
  readonly warm: number;
  readonly refund?: number;
};

/** Once all is accessed, reading a word costs 2,000 less, and a write saves its access. */
const ROWS: readonly Row[] = [
  {
    name: 'reading an entry of a plain map',
    shape: plain(cell('integer')),
    holds: null,
    run: (machine, handle) => stateIndex(machine, handle, 'a'),
    cold: ENTRY + COLD,
    warm: ENTRY + WARM,
  },
  {
    name: 'writing an entry of a plain map',
    shape: plain(cell('integer')),
    holds: null,
    run: (machine, handle) => stateStore(machine, handle, 'a', 1),
    cold: ENTRY + COLD + SET,
    warm: ENTRY + SET,
  },
  {
    name: 'reading an entry of a map',
    shape: MAP,
    holds: map(['a', 1]),
    run: (machine, handle) => stateIndex(machine, handle, 'a'),
    cold: COLD + ENTRY + COLD,
    warm: WARM + ENTRY + WARM,
  },
  {
    name: 'a handle of what is in an entry',
    shape: NESTED,
    holds: map(['a', list(1)]),
    run: (machine, handle) => stateIndex(machine, handle, 'a'),
    cold: COLD + ENTRY,
    warm: WARM + ENTRY,
  },
  {
    name: 'asking for an entry',
    shape: MAP,
    holds: map(['a', 1]),
    run: (machine, handle) => stateHas(machine, handle, 'a'),
    cold: COLD + ENTRY + COLD,
    warm: WARM + ENTRY + WARM,
  },
  {
    name: 'counting entries',
    shape: MAP,
    holds: map(['a', 1]),
    run: stateLength,
    cold: COLD,
    warm: WARM,
  },
  {
    // Head; presence; key of the number; value.
    name: 'adding the first entry',
    shape: MAP,
    holds: null,
    run: (machine, handle) => stateStore(machine, handle, 'a', 1),
    cold: COLD + SET + (ENTRY + COLD + SET) + (ENTRY + COLD + SET) + (ENTRY + COLD + SET),
    warm: WARM + SET + (ENTRY + WARM + SET) + (ENTRY + SET) + (ENTRY + SET),
  },
  {
    name: 'adding another entry',
    shape: MAP,
    holds: map(['a', 1]),
    run: (machine, handle) => stateStore(machine, handle, 'b', 1),
    cold: COLD + RESET + (ENTRY + COLD + SET) + (ENTRY + COLD + SET) + (ENTRY + COLD + SET),
    warm: WARM + RESET + (ENTRY + WARM + SET) + (ENTRY + SET) + (ENTRY + SET),
  },
  {
    name: 'writing an entry that is there',
    shape: MAP,
    holds: map(['a', 1]),
    run: (machine, handle) => stateStore(machine, handle, 'a', 2),
    cold: COLD + (ENTRY + COLD) + (ENTRY + COLD + RESET),
    warm: WARM + (ENTRY + WARM) + (ENTRY + RESET),
  },
  {
    name: 'removing an entry',
    shape: MAP,
    holds: map(['a', 1]),
    run: (machine, handle) => stateRemove(machine, handle, 'a'),
    cold: COLD + RESET + (ENTRY + COLD + RESET) + (ENTRY + COLD + RESET) + (ENTRY + COLD + RESET),
    warm: WARM + RESET + (ENTRY + WARM + RESET) + (ENTRY + RESET) + (ENTRY + RESET),
    refund: 3 * CLEAR,
  },
  {
    name: 'removing an entry that is not there',
    shape: MAP,
    holds: map(['a', 1]),
    run: (machine, handle) => stateRemove(machine, handle, 'b'),
    cold: COLD + ENTRY + COLD,
    warm: WARM + ENTRY + WARM,
  },
  {
    name: 'clearing a map',
    shape: MAP,
    holds: map(['a', 1], ['b', 2], ['c', 3]),
    run: stateClear,
    cold: COLD + RESET,
    warm: WARM + RESET,
  },
  {
    name: 'clearing an empty map',
    shape: MAP,
    holds: null,
    run: stateClear,
    cold: COLD,
    warm: WARM,
  },
  {
    // The head each time; key and entry of two, and the end.
    name: 'a loop over a map',
    shape: MAP,
    holds: map(['a', 1], ['b', 2]),
    run: (machine, handle) => {
      const iterator = new ValueIterator(handle);
      while (stateNext(machine, iterator) !== undefined);
    },
    cold: COLD + 2 * WARM + 2 * (ENTRY + COLD + ENTRY + COLD),
    warm: 3 * WARM + 2 * (ENTRY + WARM + ENTRY + WARM),
  },
  {
    name: 'a loop over the keys of a map',
    shape: MAP,
    holds: map(['a', 1], ['b', 2]),
    run: (machine, handle) => {
      const iterator = new ValueIterator(handle);
      while (stateNextKey(machine, iterator) !== undefined);
    },
    cold: COLD + 2 * WARM + 2 * (ENTRY + COLD),
    warm: 3 * WARM + 2 * (ENTRY + WARM),
  },
  {
    name: 'copying a map',
    shape: MAP,
    holds: map(['a', 1], ['b', 2]),
    run: materialise,
    cold: COLD + 2 * (ITEM + ENTRY + COLD + ENTRY + COLD),
    warm: WARM + 2 * (ITEM + ENTRY + WARM + ENTRY + WARM),
  },
  {
    // The copy in memory, the head, and three words of each entry.
    name: 'assigning a map to an empty one',
    shape: MAP,
    holds: null,
    run: (machine) => writePlace(machine, SLOT, MAP, map(['a', 1], ['b', 2])),
    cold: COLD + SET + 2 * (ITEM + 3 * (ENTRY + COLD + SET)),
    warm: WARM + SET + 2 * (ITEM + 3 * (ENTRY + SET)),
  },
  {
    name: 'reading an element of a list',
    shape: LIST,
    holds: list(1, 2),
    run: (machine, handle) => stateIndex(machine, handle, 1),
    cold: COLD + ELEMENTS + COLD,
    warm: WARM + ELEMENTS + WARM,
  },
  {
    name: 'reading beyond the end of a list',
    shape: LIST,
    holds: list(1, 2),
    run: (machine, handle) => stateIndex(machine, handle, 2),
    cold: COLD,
    warm: WARM,
  },
  {
    name: 'writing an element of a list',
    shape: LIST,
    holds: list(1, 2),
    run: (machine, handle) => stateStore(machine, handle, 1, 3),
    cold: COLD + ELEMENTS + COLD + RESET,
    warm: WARM + ELEMENTS + RESET,
  },
  {
    name: 'pushing the first element',
    shape: LIST,
    holds: null,
    run: (machine, handle) => statePush(machine, handle, 1),
    cold: COLD + SET + ELEMENTS + COLD + SET,
    warm: WARM + SET + ELEMENTS + SET,
  },
  {
    name: 'pushing another element',
    shape: LIST,
    holds: list(1),
    run: (machine, handle) => statePush(machine, handle, 1),
    cold: COLD + RESET + ELEMENTS + COLD + SET,
    warm: WARM + RESET + ELEMENTS + SET,
  },
  {
    name: 'popping an element',
    shape: LIST,
    holds: list(1, 2),
    run: statePop,
    cold: COLD + RESET + ELEMENTS + COLD + RESET,
    warm: WARM + RESET + ELEMENTS + WARM + RESET,
    refund: CLEAR,
  },
  {
    // Two elements are read and written one place further, the last of them into a new word.
    name: 'inserting before two elements',
    shape: LIST,
    holds: list(1, 2),
    run: (machine, handle) => stateInsertAt(machine, handle, 0, 3),
    cold: COLD + RESET + ELEMENTS + (COLD + COLD + SET) + (COLD + RESET) + RESET,
    warm: WARM + RESET + ELEMENTS + (WARM + SET) + (WARM + RESET) + RESET,
  },
  {
    name: 'removing the first of two elements',
    shape: LIST,
    holds: list(1, 2),
    run: (machine, handle) => stateRemoveAt(machine, handle, 0),
    cold: COLD + RESET + ELEMENTS + COLD + (COLD + RESET) + RESET,
    warm: WARM + RESET + ELEMENTS + WARM + (WARM + RESET) + RESET,
    refund: CLEAR,
  },
  {
    name: 'clearing a list',
    shape: LIST,
    holds: list(1, 2, 3),
    run: stateClear,
    cold: COLD + RESET,
    warm: WARM + RESET,
  },
  {
    name: 'a loop over a list',
    shape: LIST,
    holds: list(1, 2),
    run: (machine, handle) => {
      const iterator = new ValueIterator(handle);
      while (stateNext(machine, iterator) !== undefined);
    },
    cold: COLD + 2 * WARM + 2 * (ELEMENTS + COLD),
    warm: 3 * WARM + 2 * (ELEMENTS + WARM),
  },
  {
    // Head of the inner list; head of the map, presence, key, head; element, head.
    name: 'pushing the first element into the list of a new entry',
    shape: NESTED,
    holds: null,
    run: (machine, handle) => statePush(machine, stateIndex(machine, handle, 'a') as Handle, 1),
    cold:
      COLD +
      ENTRY +
      COLD +
      (WARM + ENTRY + (ENTRY + COLD + SET) + (ENTRY + COLD + SET) + SET) +
      ELEMENTS +
      COLD +
      SET +
      SET,
    warm:
      WARM +
      ENTRY +
      WARM +
      (WARM + ENTRY + (ENTRY + WARM + SET) + (ENTRY + SET) + SET) +
      ELEMENTS +
      SET +
      SET,
  },
  {
    name: 'a handle of what is in a cell',
    shape: CELL,
    holds: list(1, 2),
    run: (machine) => readPlace(machine, SLOT, CELL),
    cold: COLD,
    warm: WARM,
  },
  {
    name: 'reading an item of a list in a cell',
    shape: CELL,
    holds: list(1, 2),
    run: (machine, handle) => stateIndex(machine, handle, 1),
    cold: COLD + 2 * ITEM,
    warm: WARM + 2 * ITEM,
  },
  {
    // A count, 2 + 100 bytes of the text, 3 of the number: the head has 26, the rest is in 3 words.
    name: 'reading an item of a longer list in a cell',
    shape: CELL,
    holds: list('x'.repeat(100), 1),
    run: (machine, handle) => stateIndex(machine, handle, 1),
    cold: COLD + CONTINUATION + 3 * COLD + 2 * ITEM,
    warm: WARM + CONTINUATION + 3 * WARM + 2 * ITEM,
  },
  {
    // Read; encoded with 4 words of text; the last word alone is another.
    name: 'writing an item of a longer list in a cell',
    shape: CELL,
    holds: list('x'.repeat(100), 1),
    run: (machine, handle) => stateStore(machine, handle, 1, 2),
    cold:
      COLD +
      CONTINUATION +
      3 * COLD +
      2 * ITEM +
      (2 * ITEM + 4 * ITEM) +
      CONTINUATION +
      3 * WARM +
      RESET,
    warm:
      WARM +
      CONTINUATION +
      3 * WARM +
      2 * ITEM +
      (2 * ITEM + 4 * ITEM) +
      CONTINUATION +
      3 * WARM +
      RESET,
  },
];

describe('operations on containers of the state', () => {
  it.each(ROWS)('$name: $cold, $warm', ({ shape, holds, run, cold, warm, refund = 0 }) => {
    const host = new StateHost();
    if (holds !== null) writePlace(stateMachine(host), SLOT, shape, holds);
    const handle = (): Handle => readPlace(stateMachine(host.clone()), SLOT, shape) as Handle;
    host.beginTransaction();

    const first = host.clone();
    const machine = stateMachine(first);
    run(machine, handle());
    expect([1e12 - machine.meter.gas, machine.meter.refund]).toEqual([cold, refund]);

    // The same once all that it accesses is accessed, and nothing of it written.
    first.words = new Map(host.words);
    const again = stateMachine(first);
    run(again, handle());
    expect([1e12 - again.meter.gas, again.meter.refund]).toEqual([warm, refund]);
  });

  it('are counted, read and written words', () => {
    const host = new StateHost();
    const machine = stateMachine(host);
    writePlace(machine, SLOT, MAP, map(['a', 1]));
    expect(machine.statistics).toMatchObject({ stateReads: 1, stateWrites: 4 });
    stateIndex(machine, readPlace(machine, SLOT, MAP) as Handle, 'a');
    expect(machine.statistics).toMatchObject({ stateReads: 3, stateWrites: 4 });
  });
});
