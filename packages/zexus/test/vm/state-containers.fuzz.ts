import { toHexKey } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import type { StateShape } from '../../src/layout/schema.ts';
import { variableSlot } from '../../src/layout/slots.ts';
import { Failure } from '../../src/vm/halt.ts';
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
import {
  Address,
  CellHandle,
  Dictionary,
  isContainer,
  List,
  type Scalar,
  StateHandle,
  type Value,
  ValueIterator,
} from '../../src/vm/value.ts';
import {
  contentOf,
  freshNode,
  type ModelNode,
  type ModelPlace,
  modelClear,
  modelHas,
  modelIndex,
  modelInsert,
  modelLength,
  modelRemove,
  modelStore,
  modelTake,
  nodeContent,
  nodeOf,
  placeOf,
  stepInto,
} from './state-model.ts';
import { NaiveReader } from './state-naive.ts';
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

const SHAPES: readonly StateShape[] = [
  cell('untyped'),
  enumerable(cell('integer')),
  enumerable(cell('untyped')),
  listOf(cell('untyped')),
  listOf(cell('signed')),
  enumerable(enumerable(cell('bool'))),
  enumerable(listOf(cell('address'))),
  listOf(enumerable(cell('untyped'))),
  listOf(listOf(cell('bytes4'))),
  plain(enumerable(cell('integer'))),
  plain(plain(listOf(cell('untyped')))),
  enumerable(listOf(enumerable(cell('integer')))),
];

/** Few keys, so that they meet again; kinds that look alike. */
const KEYS: readonly Scalar[] = [
  'a',
  1,
  '1',
  'a key of more than thirty bytes, or so',
  true,
  -1,
  0,
];

/** A key that nothing else has. */
const ODD_KEY = 2n ** 100n;

/** Numbers that follow from a seed: what fast-check shrinks is the seed alone. */
function source(seed: number): (end: number) => number {
  let state = seed >>> 0;
  return (end) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return (state >>> 8) % end;
  };
}

type Draw = (end: number) => number;

const pick = <T>(draw: Draw, items: readonly T[]): T => items[draw(items.length)] as T;

function anyValue(draw: Draw, levels: number): Value {
  switch (draw(levels > 0 ? 10 : 7)) {
    case 0:
      return null;
    case 1:
      return 'text '.repeat(draw(20));
    case 2:
      return new Uint8Array(draw(70)).fill(7);
    case 3:
      return pick<Value>(draw, [true, false, new Address(new Uint8Array(20).fill(draw(256)))]);
    case 4:
      return pick<Value>(draw, [2n ** 256n - 1n, -(2n ** 256n) + 1n, -1, 2n ** 200n]);
    case 7:
    case 8:
      return list(...Array.from({ length: draw(4) }, () => anyValue(draw, levels - 1)));
    case 9:
      return map(
        ...Array.from(
          { length: draw(4) },
          () => [pick(draw, KEYS), anyValue(draw, levels - 1)] as const,
        ),
      );
    default:
      return draw(300);
  }
}

/** A value that mostly fits the shape. */
function valueFor(draw: Draw, shape: StateShape): Value {
  if (draw(25) === 0) return anyValue(draw, 2);
  if (shape.kind === 'list') {
    return list(...Array.from({ length: draw(4) }, () => valueFor(draw, shape.element)));
  }
  if (shape.kind !== 'cell') {
    const entry = (): readonly [Scalar, Value] => [pick(draw, KEYS), valueFor(draw, shape.value)];
    return map(...Array.from({ length: draw(4) }, entry));
  }
  switch (shape.type) {
    case 'untyped':
      return anyValue(draw, 3);
    case 'integer':
    case 'signed':
      return draw(3);
    case 'bool':
      return draw(2) === 0;
    case 'address':
      return new Address(new Uint8Array(20).fill(draw(3)));
    default:
      return new Uint8Array(Number(shape.type.slice(5))).fill(draw(3));
  }
}

/** The same container in the state and in the model. */
type Cursor = { readonly handle: Handle; readonly place: ModelPlace };

/** Goes some levels into the variable, through containers only. */
function descend(
  machine: Machine,
  shape: StateShape,
  root: ModelNode,
  draw: Draw,
): Cursor | undefined {
  const handle = readPlace(machine, SLOT, shape);
  const place = placeOf(root, () => undefined);
  if (place === undefined || !isContainer(handle)) return undefined;
  let cursor: Cursor = { handle: handle as Handle, place };
  for (let level = draw(4); level > 0; level -= 1) {
    const { container } = cursor.place;
    const key = 'items' in container ? draw(container.items.length + 1) : pick(draw, KEYS);
    const inner = stepInto(cursor.place, key);
    const value = stateIndex(machine, cursor.handle, key);
    expect(isContainer(value)).toBe(inner !== undefined);
    if (inner === undefined) break;
    cursor = { handle: value as Handle, place: inner };
  }
  return cursor;
}

/** Plain maps are never written, counted or cleared as a whole. */
function isPlainPlace({ container }: ModelPlace): boolean {
  return 'isPlain' in container && container.isPlain;
}

function shapeWithin({ handle }: Cursor): StateShape {
  if (handle instanceof CellHandle) return cell('untyped');
  const { shape } = handle;
  if (shape.kind === 'cell') return shape;
  return shape.kind === 'list' ? shape.element : shape.value;
}

/** A value to write: of the shape, or another place of the variable, or one around it. */
function operand(
  machine: Machine,
  shape: StateShape,
  root: ModelNode,
  draw: Draw,
  wanted: StateShape,
): { given: Value; content: Value } {
  if (draw(4) === 0) {
    const other = descend(machine, shape, root, draw);
    if (other !== undefined && !isPlainPlace(other.place)) {
      const content = contentOf(other.place);
      const isNested = draw(3) === 0;
      const wrap = (value: Value): Value => (isNested ? list(value, 5) : value);
      return { given: wrap(other.handle), content: wrap(content) };
    }
  }
  const content = valueFor(draw, wanted);
  return { given: content, content };
}

const OPERATIONS = [
  ...['index', 'store', 'store', 'store', 'has', 'remove', 'push', 'push', 'pop', 'insertAt'],
  ...['removeAt', 'clear', 'length', 'iterate', 'root'],
] as const;

type Step = { readonly operation: string; readonly seed: number };
type Outcome = { readonly actual: unknown; readonly expected: unknown };

/** One operation on both sides; a failure on both leaves both as they were. */
function perform(
  machine: Machine,
  shape: StateShape,
  root: { node: ModelNode },
  step: Step,
): Outcome {
  const draw = source(step.seed);
  if (step.operation === 'root' && shape.kind !== 'map') {
    const { given, content } = operand(machine, shape, root.node, draw, shape);
    return both(
      () => writePlace(machine, SLOT, shape, given),
      () => {
        root.node = nodeOf(shape, content);
      },
    );
  }
  const cursor = descend(machine, shape, root.node, draw);
  if (cursor === undefined) return { actual: undefined, expected: undefined };
  const { handle, place } = cursor;
  const isList = 'items' in place.container;
  const key: Value =
    draw(30) === 0
      ? pick<Value>(draw, [null, list(), -1, ODD_KEY])
      : isList
        ? draw((place.container as List).items.length + 1)
        : pick(draw, KEYS);
  const { given, content } = operand(machine, shape, root.node, draw, shapeWithin(cursor));
  switch (step.operation) {
    case 'index':
      return both(
        () => seen(stateIndex(machine, handle, key)),
        () => seenInModel(modelIndex(place, key)),
      );
    case 'store':
      return both(
        () => stateStore(machine, handle, key, given),
        () => modelStore(place, key, content),
      );
    case 'has':
      return both(
        () => stateHas(machine, handle, key),
        () => modelHas(place, key),
      );
    case 'remove':
      return both(
        () => stateRemove(machine, handle, key),
        () => modelRemove(place, key),
      );
    case 'push':
      return both(
        () => statePush(machine, handle, given),
        () => modelInsert(place, undefined, content),
      );
    case 'pop':
      return both(
        () => describeValue(statePop(machine, handle)),
        () => describeValue(modelTake(place, undefined)),
      );
    case 'insertAt':
      return both(
        () => stateInsertAt(machine, handle, key, given),
        () => modelInsert(place, key, content),
      );
    case 'removeAt':
      return both(
        () => describeValue(stateRemoveAt(machine, handle, key)),
        () => describeValue(modelTake(place, key)),
      );
    case 'clear':
      return both(
        () => stateClear(machine, handle),
        () => modelClear(place),
      );
    case 'length':
      return both(
        () => stateLength(machine, handle),
        () => modelLength(place),
      );
    default:
      return both(
        () => (isPlainPlace(place) ? 'plain' : walked(machine, handle)),
        () => (isPlainPlace(place) ? 'plain' : walkedInModel(place)),
      );
  }
}

const seen = (value: Value): unknown => (isContainer(value) ? 'handle' : describeValue(value));
const seenInModel = (value: unknown): unknown =>
  value === 'handle' ? value : describeValue(value as Value);

function both(actual: () => unknown, expected: () => unknown): Outcome {
  const real = panicOf(actual);
  try {
    return { actual: real, expected: expected() };
  } catch (failure) {
    if (typeof failure !== 'string') throw failure;
    return { actual: real, expected: failure };
  }
}

/** What a loop over pairs, and one over keys alone, comes to. */
function walked(machine: Machine, handle: Handle): string {
  const pairs: string[] = [];
  const iterator = new ValueIterator(handle);
  for (let item = stateNext(machine, iterator); item !== undefined; ) {
    pairs.push(`${describeValue(item.key)}: ${describeValue(materialise(machine, item.value))}`);
    item = stateNext(machine, iterator);
  }
  const keys: string[] = [];
  const again = new ValueIterator(handle);
  for (let key = stateNextKey(machine, again); key !== undefined; ) {
    keys.push(describeValue(key));
    key = stateNextKey(machine, again);
  }
  return `${pairs.join(', ')} / ${keys.join(', ')}`;
}

function walkedInModel(place: ModelPlace): string {
  const content = contentOf(place);
  const pairs: (readonly [Value, Value])[] =
    content instanceof List
      ? content.items.map((item, index) => [index, item] as const)
      : [...(content as Dictionary).entries.values()].map(
          ({ key, value }) => [key, value] as const,
        );
  const texts = pairs.map(([key, value]) => `${describeValue(key)}: ${describeValue(value)}`);
  return `${texts.join(', ')} / ${pairs.map(([key]) => describeValue(key)).join(', ')}`;
}

/** Everything of the variable, read from the words as the page of the layout says. */
function readNaively(host: StateHost, shape: StateShape, node: ModelNode): [Value, NaiveReader] {
  const reader = new NaiveReader(host.words);
  const value = reader.read(toHexKey(SLOT), shape, shape.kind === 'map' ? [...KEYS, ODD_KEY] : []);
  return [withoutEmpty(value, shape, node), reader];
}

/** Of plain maps the entries that the model has: the others have to be empty. */
function withoutEmpty(value: Value, shape: StateShape, node: ModelNode): Value {
  if (shape.kind !== 'map' || node.kind !== 'map') return value;
  const result = new Dictionary();
  for (const [text, { key, node: inner }] of node.entries) {
    const entry = (value as Dictionary).entries.get(text);
    result.entries.set(text, {
      key,
      value: withoutEmpty(entry?.value ?? null, shape.value, inner),
    });
  }
  for (const [text, entry] of (value as Dictionary).entries) {
    if (node.entries.has(text)) continue;
    const empty = nodeContent(freshNode(shape.value));
    const rest = withoutEmpty(entry.value, shape.value, freshNode(shape.value));
    expect(describeValue(rest)).toBe(describeValue(empty));
  }
  return result;
}

const steps = fc.array(
  fc.record({ operation: fc.constantFrom(...OPERATIONS), seed: fc.nat(2 ** 31) }),
  { minLength: 1, maxLength: 25 },
);

describe('containers of the state', () => {
  it.each(SHAPES.map((shape) => [JSON.stringify(shape), shape] as const))(
    'are what a naive model of them is: %s',
    (_, shape) => {
      fc.assert(
        fc.property(steps, (sequence) => {
          const host = new StateHost();
          const root = { node: freshNode(shape) };
          let wasCleared = false;
          for (const step of sequence) {
            const before = new Map(host.words);
            const machine = stateMachine(host);
            const touched = host.touched;
            const { actual, expected } = perform(machine, shape, root, step);
            expect(actual).toEqual(expected);
            // A word that is looked at or written costs 100 gas at least, for at most four touches.
            expect((host.touched - touched) * 25).toBeLessThanOrEqual(1e12 - machine.meter.gas);
            if (typeof actual === 'string' && actual.startsWith('panic')) host.words = before;
            wasCleared ||= ['clear', 'root'].includes(step.operation);
            wasCleared ||= step.operation !== 'index' && leavesPlaces(shape);
          }
          const [content, reader] = readNaively(host, shape, root.node);
          expect(describeValue(content)).toBe(describeValue(nodeContent(root.node)));
          if (!wasCleared) {
            const lost = [...host.words.keys()].filter((slot) => !reader.seen.has(slot));
            expect(lost).toEqual([]);
          }
          if (shape.kind !== 'map') expectSameAsFresh(host, shape);
        }),
        runs(150),
      );
    },
  );

  it('cost what they cost: with less gas they run out of it, and with as much they do the same', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SHAPES), steps, fc.nat(), (shape, sequence, less) => {
        const host = new StateHost();
        const root = { node: freshNode(shape) };
        for (const step of sequence.slice(0, -1)) {
          const before = new Map(host.words);
          const { actual } = perform(stateMachine(host), shape, root, step);
          if (typeof actual === 'string' && actual.startsWith('panic')) host.words = before;
        }
        const last = sequence.at(-1) as Step;
        host.beginTransaction();
        const model = (): { node: ModelNode } => ({ node: nodeLike(shape, root.node) });
        const [first, second, third] = [host.clone(), host.clone(), host.clone()];
        const machine = stateMachine(first);
        const { actual } = perform(machine, shape, model(), last);
        const gas = 1e12 - machine.meter.gas;
        const exact = stateMachine(second, { gas });
        expect(perform(exact, shape, model(), last).actual).toEqual(actual);
        expect(exact.meter.gas).toBe(0);
        expect(second.words).toEqual(first.words);
        if (gas === 0) return;
        const poor = stateMachine(third, { gas: less % gas });
        let failure: unknown;
        try {
          perform(poor, shape, model(), last);
        } catch (halt) {
          failure = halt;
        }
        expect(failure).toEqual(new Failure('OUT_OF_GAS'));
      }),
      runs(200),
    );
  });
});

/** The same content in a model of its own. */
function nodeLike(shape: StateShape, node: ModelNode): ModelNode {
  if (node.kind === 'map' && shape.kind === 'map') {
    const entries = [...node.entries].map(
      ([text, { key, node: inner }]) =>
        [text, { key, node: nodeLike(shape.value, inner) }] as const,
    );
    return { ...node, entries: new Map(entries) };
  }
  return nodeOf(shape, nodeContent(node));
}

/** Whether taking something out of the shape clears a container, which leaves words that nothing finds. */
function leavesPlaces(shape: StateShape): boolean {
  if (shape.kind === 'cell') return false;
  const inner = shape.kind === 'list' ? shape.element : shape.value;
  return inner.kind !== 'cell';
}

/** A copy of the variable at another place, in a state of its own, reads back the same. */
function expectSameAsFresh(host: StateHost, shape: StateShape): void {
  const machine = stateMachine(host);
  const content = materialise(machine, readPlace(machine, SLOT, shape));
  const fresh = new StateHost();
  const other = stateMachine(fresh);
  const slot = variableSlot('y');
  writePlace(other, slot, shape, content);
  const again = new NaiveReader(fresh.words).read(toHexKey(slot), shape);
  expect(describeValue(again)).toBe(describeValue(content));
  expect(describeValue(materialise(other, readPlace(other, slot, shape)))).toBe(
    describeValue(content),
  );
  expect(new StateHandle(slot, shape).parent).toBeUndefined();
}
