import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { MAX_INTEGER } from '../../src/vm/arithmetic.ts';
import { BUILTINS } from '../../src/vm/builtin-table.ts';
import { runBuiltin } from '../../src/vm/builtins.ts';
import { METHOD_ALIASES, METHODS, RECEIVERS } from '../../src/vm/method-table.ts';
import { writePlace } from '../../src/vm/state-containers.ts';
import { TextSearch } from '../../src/vm/text-search.ts';
import { Closure, Dictionary, integer, List, type Value } from '../../src/vm/value.ts';
import {
  account,
  address,
  builtin,
  cellHandle,
  endOf,
  handle,
  list,
  machine,
  map,
  method,
  plain,
  result,
  type TestMachine,
} from './builtin-machine.ts';

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '😀', 'é', ',', ' '), maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const anyInteger = fc
  .oneof(
    fc.bigInt({ min: -5n, max: 5n }),
    fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
    fc.bigInt({ min: -MAX_INTEGER, max: MAX_INTEGER }),
  )
  .map(integer);

describe('texts', () => {
  it('splitting and joining are inverse, and as JavaScript has them', () => {
    fc.assert(
      fc.property(text, text, (whole, separator) => {
        const parts = result('split', whole, separator) as readonly string[];
        expect(parts).toEqual(separator === '' ? [...whole] : whole.split(separator));
        expect(result('join', list(...parts), separator)).toBe(whole);
      }),
      runs(500),
    );
  });

  it('searching, replacing and cutting are as JavaScript has them', () => {
    fc.assert(
      fc.property(text, text, text, fc.integer({ min: -3, max: 15 }), fc.integer(), (...given) => {
        const [whole, part, other, start, end] = given;
        expect(result('contains', whole, part)).toBe(whole.includes(part));
        expect(result('starts_with', whole, part)).toBe(whole.startsWith(part));
        expect(result('ends_with', whole, part)).toBe(whole.endsWith(part));
        const at = whole.indexOf(part);
        expect(result('index_of', whole, part)).toBe(at < 0 ? -1 : [...whole.slice(0, at)].length);
        const replaced = part === '' ? whole : whole.split(part).join(other);
        expect(result('replace', whole, part, other)).toBe(replaced);
        const points = [...whole];
        const [from, to] = [Math.max(0, start), Math.max(0, end)];
        const cut = points.slice(from, to).join('');
        expect(result('substring', whole, start, end)).toBe(cut);
        expect(result('slice', whole, start, end)).toBe(cut);
        expect(result('slice', list(...points), start, end)).toEqual(points.slice(from, to));
        expect(result('char_at', whole, start)).toBe(points[start] ?? null);
        expect(result('reverse', whole)).toBe(points.toReversed().join(''));
        expect(result('chars', whole)).toEqual(points);
        expect(result('len', whole)).toBe(points.length);
      }),
      runs(500),
    );
  });

  it('long patterns are found where short ones are', () => {
    const periodic = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 300 });
    fc.assert(
      fc.property(periodic, periodic, fc.nat({ max: 50 }), (whole, pattern, from) => {
        const padded = pattern + whole.slice(0, 40) + pattern;
        for (const wanted of [pattern, whole.slice(5, 60)]) {
          if (wanted === '') continue;
          const search = new TextSearch(wanted);
          expect(search.find(padded, from)).toBe(padded.indexOf(wanted, from));
          expect(search.split(padded)).toEqual(padded.split(wanted));
          expect(search.count(padded)).toBe(padded.split(wanted).length - 1);
        }
      }),
      runs(500),
    );
  });
});

describe('numbers', () => {
  it('int reads what string writes, and hex', () => {
    fc.assert(
      fc.property(anyInteger, (number) => {
        expect(result('int', result('string', number) as string)).toBe(number);
        if (number >= 0) expect(result('int', result('hex', number) as string)).toBe(number);
      }),
      runs(300),
    );
  });

  it('roots are the largest whose square is not larger', () => {
    const natural = anyInteger.map((number) => (number < 0 ? -number : number));
    fc.assert(
      fc.property(natural, (number) => {
        const root = BigInt(result('sqrt', number) as number);
        expect(root * root <= BigInt(number) && (root + 1n) ** 2n > BigInt(number)).toBe(true);
      }),
      runs(500),
    );
  });

  it('ranges are those of a loop', () => {
    const small = fc.integer({ min: -30, max: 30 });
    fc.assert(
      fc.property(small, small, small, anyInteger, (start, end, step, offset) => {
        if (step === 0) return;
        const expected: Value[] = [];
        const shift = BigInt(offset) / 2n;
        for (let at = start; step > 0 ? at < end : at > end; at += step) {
          expected.push(integer(BigInt(at) + shift));
        }
        const [from, to] = [integer(BigInt(start) + shift), integer(BigInt(end) + shift)];
        expect(result('range', from, to, step)).toEqual(expected);
      }),
      runs(300),
    );
  });
});

describe('lists', () => {
  it('sorting orders all items, integers and texts', () => {
    fc.assert(
      fc.property(fc.array(anyInteger, { maxLength: 20 }), (numbers) => {
        const expected = numbers.map(BigInt).sort((x, y) => (x < y ? -1 : x > y ? 1 : 0));
        const sorted = result('sort', list(...numbers)) as readonly number[];
        expect(sorted.map(BigInt)).toEqual(expected);
      }),
      runs(200),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 20 }), (texts) => {
        const points = (of: string): number[] => [...of].map((char) => char.codePointAt(0)!);
        const sorted = result('sort', list(...texts)) as string[];
        expect([...sorted].sort()).toEqual([...texts].sort());
        for (let index = 1; index < sorted.length; index += 1) {
          const [left, right] = [points(sorted[index - 1]!), points(sorted[index]!)];
          const differs = left.findIndex((point, at) => point !== right[at]);
          expect(differs < 0 || left[differs]! < (right[differs] ?? -1)).toBe(true);
        }
      }),
      runs(200),
    );
  });

  it('changes in memory, in the state and in a cell come to the same', () => {
    const step = fc.record({
      name: fc.constantFrom(
        'push',
        'pop',
        'insert',
        'remove_at',
        'set',
        'clear',
        'reverse',
        'last',
      ),
      place: fc.integer({ min: -1, max: 6 }),
      value: fc.oneof(fc.integer(), text, fc.constant(null)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const on = machine(1_000_000_000);
        const cell = cellHandle();
        writePlace(on, cell.slot, { kind: 'cell', type: 'untyped' }, list());
        const places: readonly Value[] = [list(), handle('list'), cell];
        for (const { name, place, value } of steps) {
          const values: Record<string, readonly Value[]> = {
            push: [value],
            insert: [place, value],
            set: [place, value],
            remove_at: [place],
          };
          const [first, ...others] = places.map((at) =>
            endOf(() => {
              const made = builtin(on, name, at, ...(values[name] ?? []));
              return builtin(on, 'copy', made);
            }),
          );
          for (const other of others) expect(other).toEqual(first);
        }
        const [memory, ...stored] = places.map((at) => plain(builtin(on, 'copy', at)));
        for (const other of stored) expect(other).toEqual(memory);
      }),
      runs(100),
    );
  });
});

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(null, true, false, '', 'SHA256', 'uint256', '(bool,string)', '0xff', '-1'),
  anyInteger,
  fc.integer({ min: -3, max: 70 }),
  text,
  fc.uint8Array({ maxLength: 70 }),
  fc.constantFrom(address(1), account(2), new Uint8Array(32), new Uint8Array(65)),
);

const { value: anything } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 5 }).map((items) => new List(items)),
    fc
      .array(fc.tuple(text, tie('value')), { maxLength: 3 })
      .map((entries) => map(...entries.flat())),
    fc.constantFrom<Value>(new Closure(0, []), handle('list'), handle('map'), handle('plain')),
    fc.constant(cellHandle()),
  ),
}));

/** A machine whose variables hold something. */
function filled(gas: number): TestMachine {
  const on = machine();
  writePlace(on, handle('list').slot, handle('list').shape, list(1, [2], 'c'));
  writePlace(on, handle('map').slot, handle('map').shape, map('a', 1, 2, ['b']));
  writePlace(on, cellHandle().slot, { kind: 'cell', type: 'untyped' }, list('x', 2));
  on.meter.gas = gas;
  return on;
}

const values = fc.tuple(anything, anything, anything, anything);

describe('whatever builtins and methods are given', () => {
  it.each(BUILTINS.map(({ name }, position) => [name, position] as const))(
    '%s ends with a value or a halt, and the same each time',
    (_, position) => {
      fc.assert(
        fc.property(values, fc.nat({ max: 30_000 }), (given, gas) => {
          const ends = [1, 2].map(() => {
            const on = filled(gas);
            const copies = given.map((value) => copyInMemory(value)) as [
              Value,
              Value,
              Value,
              Value,
            ];
            return [endOf(() => runBuiltin(on, position, ...copies)), on.meter.gas];
          });
          expect(ends[1]).toEqual(ends[0]);
        }),
        runs(60),
      );
    },
  );

  it('methods too', () => {
    const names = [
      ...new Set(RECEIVERS.flatMap((kind) => METHODS[kind])),
      ...METHOD_ALIASES.keys(),
    ];
    fc.assert(
      fc.property(
        anything,
        fc.constantFrom(...names),
        fc.array(anything, { maxLength: 4 }),
        fc.nat({ max: 30_000 }),
        (object, name, given, gas) => {
          const ends = [1, 2].map(() => {
            const on = filled(gas);
            const own = copyInMemory(object);
            return [endOf(() => method(on, own, name, ...given.map(copyInMemory))), on.meter.gas];
          });
          expect(ends[1]).toEqual(ends[0]);
        },
      ),
      runs(1_500),
    );
  });
});

/** Lists and maps that a builtin may change, made anew; handles and the like as they are. */
function copyInMemory(value: Value): Value {
  if (value instanceof List) return new List(value.items.map(copyInMemory));
  if (value instanceof Dictionary) {
    return map(
      ...[...value.entries.values()].flatMap(({ key, value: held }) => [key, copyInMemory(held)]),
    );
  }
  return value;
}
