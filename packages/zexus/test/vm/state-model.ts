import type { CellType, StateShape } from '../../src/layout/schema.ts';
import {
  Address,
  Dictionary,
  isScalar,
  keyText,
  List,
  type Scalar,
  type Value,
} from '../../src/vm/value.ts';

// The state as a naive program would keep it: objects that hold objects. Failures are thrown as texts.

export type ModelNode = ModelCell | ModelList | ModelMap;
export type ModelCell = { readonly kind: 'cell'; readonly type: CellType; value: Value };
export type ModelList = { readonly kind: 'list'; readonly shape: StateShape; items: ModelNode[] };
export type ModelMap = {
  readonly kind: 'map';
  readonly shape: StateShape;
  readonly isPlain: boolean;
  entries: Map<string, { readonly key: Scalar; node: ModelNode }>;
};

/** A container of the model, and how its being there is made known to those around it. */
export type ModelPlace = {
  readonly container: ModelList | ModelMap | List | Dictionary;
  readonly ensure: () => void;
};

const KIND = 'panic 1';
const RANGE = 'panic 17';
const INDEX = 'panic 50';

export function freshNode(shape: StateShape): ModelNode {
  if (shape.kind === 'cell') return { kind: 'cell', type: shape.type, value: zeroOf(shape.type) };
  if (shape.kind === 'list') return { kind: 'list', shape: shape.element, items: [] };
  return { kind: 'map', shape: shape.value, isPlain: shape.kind === 'map', entries: new Map() };
}

function zeroOf(type: CellType): Value {
  if (type === 'untyped') return null;
  if (type === 'integer' || type === 'signed') return 0;
  if (type === 'bool') return false;
  if (type === 'address') return new Address(new Uint8Array(20));
  return new Uint8Array(Number(type.slice(5)));
}

export function cloneValue(value: Value): Value {
  if (value instanceof List) return new List(value.items.map(cloneValue));
  if (!(value instanceof Dictionary)) return value;
  const copy = new Dictionary();
  for (const [text, entry] of value.entries) {
    copy.entries.set(text, { key: entry.key, value: cloneValue(entry.value) });
  }
  return copy;
}

/** What a place of the shape holds when it is given a value in memory. */
export function nodeOf(shape: StateShape, value: Value): ModelNode {
  const node = freshNode(shape);
  if (shape.kind === 'map') throw KIND;
  if (value === null) return node;
  if (node.kind === 'cell') {
    node.value = cellValue(node.type, cloneValue(value));
  } else if (node.kind === 'list') {
    if (!(value instanceof List)) throw KIND;
    node.items = value.items.map((item) => nodeOf(node.shape, item));
  } else {
    if (!(value instanceof Dictionary)) throw KIND;
    for (const [text, { key, value: item }] of value.entries) {
      node.entries.set(text, { key: key as Scalar, node: nodeOf(node.shape, item) });
    }
  }
  return node;
}

function cellValue(type: CellType, value: Value): Value {
  if (type === 'untyped') return value;
  if (type === 'integer' || type === 'signed') {
    if (typeof value !== 'number' && typeof value !== 'bigint') throw KIND;
    const [min, end] = type === 'integer' ? [0n, 2n ** 256n] : [-(2n ** 255n), 2n ** 255n];
    if (value < min || value >= end) throw RANGE;
    return value;
  }
  const isKind =
    (type === 'bool' && typeof value === 'boolean') ||
    (type === 'address' && value instanceof Address) ||
    (type.startsWith('bytes') &&
      value instanceof Uint8Array &&
      value.length === Number(type.slice(5)));
  if (!isKind) throw KIND;
  return value;
}

/** The content in memory; of plain maps the entries that were written. */
export function nodeContent(node: ModelNode): Value {
  if (node.kind === 'cell') return cloneValue(node.value);
  if (node.kind === 'list') return new List(node.items.map(nodeContent));
  const result = new Dictionary();
  for (const [text, entry] of node.entries) {
    result.entries.set(text, { key: entry.key, value: nodeContent(entry.node) });
  }
  return result;
}

export function contentOf({ container }: ModelPlace): Value {
  if (container instanceof List || container instanceof Dictionary) return cloneValue(container);
  return nodeContent(container);
}

/** The container of a node: itself, or the list or map that its cell holds. */
export function placeOf(node: ModelNode, ensure: () => void): ModelPlace | undefined {
  if (node.kind !== 'cell') return { container: node, ensure };
  if (!(node.value instanceof List || node.value instanceof Dictionary)) return undefined;
  return { container: node.value, ensure: () => undefined };
}

/** The container behind a key; undefined when there is something else, or nothing. */
export function stepInto({ container, ensure }: ModelPlace, key: Scalar): ModelPlace | undefined {
  if (container instanceof List || container instanceof Dictionary) {
    const value =
      container instanceof List
        ? container.items[key as number]
        : container.entries.get(keyText(key))?.value;
    if (!(value instanceof List || value instanceof Dictionary)) return undefined;
    return { container: value, ensure: () => undefined };
  }
  if (container.kind === 'list') {
    const node = container.items[key as number];
    return node === undefined ? undefined : placeOf(node, () => undefined);
  }
  const node = container.entries.get(keyText(key))?.node ?? freshNode(container.shape);
  return placeOf(node, () => {
    ensure();
    if (!container.entries.has(keyText(key))) container.entries.set(keyText(key), { key, node });
  });
}

function requireScalarKey(key: Value): Scalar {
  if (key === null || !isScalar(key)) throw KIND;
  return key;
}

function positionOf(key: Value, length: number): number {
  if (typeof key !== 'number' && typeof key !== 'bigint') throw KIND;
  if (key < 0 || key >= length) throw INDEX;
  return Number(key);
}

/** What reading a key gives: `handle` where that is a list or a map. */
export function modelIndex({ container }: ModelPlace, key: Value): Value | 'handle' {
  if (container instanceof List) {
    return asRead(container.items[rangeOr(key, container.items.length)] ?? null);
  }
  if (container instanceof Dictionary) {
    return asRead(container.entries.get(keyText(requireScalarKey(key)))?.value ?? null);
  }
  if (container.kind === 'list') {
    const node = container.items[rangeOr(key, container.items.length)];
    return node === undefined ? null : nodeRead(node);
  }
  const text = keyText(requireScalarKey(key));
  return nodeRead(container.entries.get(text)?.node ?? freshNode(container.shape));
}

const asRead = (value: Value): Value | 'handle' => (isScalar(value) ? value : 'handle');
const nodeRead = (node: ModelNode): Value | 'handle' =>
  node.kind === 'cell' ? asRead(node.value) : 'handle';

function rangeOr(key: Value, length: number): number {
  if (typeof key !== 'number' && typeof key !== 'bigint') throw KIND;
  return key >= 0 && key < length ? Number(key) : -1;
}

export function modelStore(place: ModelPlace, key: Value, value: Value): void {
  const { container } = place;
  if (container instanceof List) {
    container.items[positionOf(key, container.items.length)] = cloneValue(value);
  } else if (container instanceof Dictionary) {
    setMemory(container, requireScalarKey(key), cloneValue(value));
  } else if (container.kind === 'list') {
    const position = positionOf(key, container.items.length);
    container.items[position] = nodeOf(container.shape, value);
  } else {
    const scalar = requireScalarKey(key);
    const node = nodeOf(container.shape, value);
    place.ensure();
    const entry = container.entries.get(keyText(scalar));
    if (entry === undefined) container.entries.set(keyText(scalar), { key: scalar, node });
    else entry.node = node;
  }
}

function setMemory(target: Dictionary, key: Scalar, value: Value): void {
  const entry = target.entries.get(keyText(key));
  if (entry === undefined) target.entries.set(keyText(key), { key, value });
  else entry.value = value;
}

export function modelHas({ container }: ModelPlace, key: Value): boolean {
  return entriesOf(container).has(keyText(requireScalarKey(key)));
}

export function modelRemove({ container }: ModelPlace, key: Value): boolean {
  return entriesOf(container).delete(keyText(requireScalarKey(key)));
}

function entriesOf(container: ModelPlace['container']): Map<string, unknown> {
  if (container instanceof List) throw KIND;
  if (container instanceof Dictionary) return container.entries;
  if (container.kind === 'list' || container.isPlain) throw KIND;
  return container.entries;
}

export function modelLength({ container }: ModelPlace): number {
  if (container instanceof List || ('items' in container && container.kind === 'list')) {
    return container.items.length;
  }
  return entriesOf(container).size;
}

export function modelInsert(place: ModelPlace, index: Value | undefined, value: Value): void {
  const { container } = place;
  if (!('items' in container)) throw KIND;
  const length = container.items.length;
  const position = index === undefined ? length : positionOf(index, length + 1);
  if (container instanceof List) {
    container.items.splice(position, 0, cloneValue(value));
    return;
  }
  const node = nodeOf(container.shape, value);
  place.ensure();
  container.items.splice(position, 0, node);
}

export function modelTake({ container }: ModelPlace, index: Value | undefined): Value {
  if (!('items' in container)) throw KIND;
  const length = container.items.length;
  if (index === undefined && length === 0) return null;
  const position = index === undefined ? length - 1 : positionOf(index, length);
  if (container instanceof List) return container.items.splice(position, 1)[0] as Value;
  return nodeContent(container.items.splice(position, 1)[0] as ModelNode);
}

export function modelClear({ container }: ModelPlace): void {
  if (container instanceof List) container.items.length = 0;
  else if (container instanceof Dictionary) container.entries.clear();
  else if (container.kind === 'list') container.items = [];
  else entriesOf(container).clear();
}
