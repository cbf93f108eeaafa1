import { toHex } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { variableSlot } from '../../src/layout/slots.ts';
import { tracedText } from '../../src/vm/traced-text.ts';
import {
  Address,
  CellHandle,
  Closure,
  Dictionary,
  keyText,
  List,
  StateHandle,
  type Value,
  ValueIterator,
} from '../../src/vm/value.ts';
import { account } from './support.ts';

const dictionary = (key: string, value: Value): Dictionary => {
  const made = new Dictionary();
  made.entries.set(keyText(key), { key, value });
  return made;
};
const slot = variableSlot('items');
const CUT = 256;

describe('the text of a value in a trace', () => {
  it.each([
    ['a number', 2n ** 255n, String(2n ** 255n)],
    ['an address', new Address(account(1)), toHex(account(1))],
    ['a list', new List([1, 'a', null, new List([])]), '[1, a, null, []]'],
    ['a map', dictionary('k', new List([true])), '{k: [true]}'],
    ['a function', new Closure(0, []), '<function>'],
    ['an iterator', new ValueIterator(''), '<iterator>'],
    [
      'a list of the state',
      new StateHandle(slot, { kind: 'list', element: { kind: 'cell', type: 'bool' } }),
      `<list ${toHex(slot)}>`,
    ],
    ['a container in a cell', new List([new CellHandle(slot, [])]), `[<cell ${toHex(slot)}>]`],
  ] as const)('of %s', (_what, value, text) => {
    expect(tracedText(value)).toBe(text);
  });

  it.each([
    ['a text', 'x'.repeat(1_000_000)],
    ['bytes', new Uint8Array(1_000_000)],
    ['a list', new List(Array.from({ length: 1_000_000 }, () => 1))],
    ['a map', dictionary('x'.repeat(500), 1)],
    ['a text in a list', new List(['x'.repeat(1_000_000), 'x'.repeat(1_000_000)])],
  ] as const)('of %s is cut', (_what, value) => {
    const text = tracedText(value);
    expect([...text].length).toBe(CUT + 1);
    expect(text.endsWith('…')).toBe(true);
  });

  it('of what contains itself has an end', () => {
    const list = new List([0]);
    list.items[0] = list;
    expect(tracedText(list)).toBe(`${'['.repeat(CUT)}…`);
    const map = dictionary('k', null);
    const entry = map.entries.get(keyText('k'))!;
    entry.value = map;
    expect(tracedText(map).startsWith('{k: {k: {k: ')).toBe(true);
  });
});
