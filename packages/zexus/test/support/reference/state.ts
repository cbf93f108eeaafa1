import type { CellType, StateShape } from '../../../src/layout/schema.ts';
import { Address } from '../../../src/vm/value.ts';
import {
  CellHandle,
  type Container,
  Failed,
  isMemory,
  keyOf,
  type Memory,
  type Place,
  panic,
  RefFunction,
  RefList,
  RefMap,
  type RefValue,
  requireInteger,
  requireKey,
  type Scalar,
  StateContainer,
} from './values.ts';

// The state as nested objects. A place is a cell or a container; a container keeps the places that it
// ever had under their keys, so that who holds one of them sees what is there now.

const MAX_LEVELS = 32;

/** What changes the state, and can take it back. */
export class RefState {
  readonly #undo: (() => void)[] = [];
  /** Variables of each contract by address and name, and implicit places. */
  readonly #roots: Map<string, Place> = new Map();

  /** Whether a write ends everything. */
  isStatic = false;

  requireWritable(): void {
    if (this.isStatic) throw new Failed('STATIC_WRITE');
  }

  mark(): number {
    return this.#undo.length;
  }

  rollback(mark: number): void {
    while (this.#undo.length > mark) this.#undo.pop()?.();
  }

  /** Something outside of places that is taken back with them. */
  onRollback(undo: () => void): void {
    this.#undo.push(undo);
  }

  root(address: string, name: string, shape: StateShape): Place {
    const key = `${address} ${name}`;
    const known = this.#roots.get(key) ?? fresh(shape);
    this.#roots.set(key, known);
    return known;
  }

  /** What reading a place gives: the value of a cell, a handle of anything else. */
  read(place: Place): RefValue {
    if (place.kind !== 'cell') return place;
    return isMemory(place.value) ? new CellHandle(place, []) : place.value;
  }

  /** A copy in memory of everything in a value. */
  copy(value: RefValue, level = 0): RefValue {
    if (value instanceof RefFunction || !isContainerValue(value)) return value;
    if (level >= MAX_LEVELS) throw panic(0x41);
    if (value instanceof CellHandle) {
      const inner = cloned(followed(value));
      return level === 0 ? inner : this.copy(inner, level);
    }
    if (value instanceof StateContainer) {
      if (value.shape.kind === 'map') throw panic(0x01);
      const of = (key: Scalar): RefValue => this.copy(this.read(this.child(value, key)), level + 1);
      if (value.shape.kind === 'list') return new RefList(positions(value).map(of));
      return RefMap.of([...value.keys.values()].map((key) => [key, of(key)]));
    }
    if (value instanceof RefList) {
      return new RefList(value.items.map((item) => this.copy(item, level + 1)));
    }
    return RefMap.of(
      [...value.entries.values()].map(({ key, value: item }) => [key, this.copy(item, level + 1)]),
    );
  }

  /** The place of a key, which may be empty. */
  child(container: StateContainer, key: Scalar): Place {
    const text = keyOf(key);
    const known = container.places.get(text);
    if (known !== undefined) return known;
    const { shape } = container;
    const place = fresh(shape.kind === 'list' ? shape.element : shape.value, { container, key });
    container.places.set(text, place);
    container.keysOfPlaces.set(text, key);
    return place;
  }

  /** `object[key]` of the state. */
  index(handle: StateContainer | CellHandle, key: RefValue): RefValue {
    if (handle instanceof CellHandle) {
      const inner = followed(handle);
      const scalar = inner instanceof RefList ? requireInteger(key) : requireKey(key);
      const value =
        inner instanceof RefList
          ? inner.items[Number(scalar)]
          : inner.entries.get(keyOf(scalar))?.value;
      return isMemory(value ?? null)
        ? new CellHandle(handle.cell, [...handle.path, scalar])
        : (value ?? null);
    }
    if (handle.shape.kind !== 'list') return this.read(this.child(handle, requireKey(key)));
    const position = requireInteger(key);
    if (position < 0n || position >= BigInt(handle.length)) return null;
    return this.read(this.child(handle, position));
  }

  /** `object[key] = value` of the state. */
  store(handle: StateContainer | CellHandle, key: RefValue, given: RefValue): void {
    this.requireWritable();
    const value = this.copy(given);
    if (handle instanceof CellHandle) {
      this.#edit(handle, (inner) => storeInMemory(inner, key, value));
      return;
    }
    if (handle.shape.kind === 'list') {
      this.put(this.child(handle, placeWithin(key, handle.length)), value);
      return;
    }
    const scalar = requireKey(key);
    this.#ensure(handle, scalar);
    this.put(this.child(handle, scalar), value);
  }

  has(handle: StateContainer | CellHandle, key: RefValue): boolean {
    const scalar = requireKey(key);
    if (handle instanceof CellHandle) return mapOnly(followed(handle)).entries.has(keyOf(scalar));
    if (handle.shape.kind !== 'enumerable') throw panic(0x01);
    return handle.keys.has(keyOf(scalar));
  }

  remove(handle: StateContainer | CellHandle, key: RefValue): boolean {
    this.requireWritable();
    const scalar = requireKey(key);
    if (!this.has(handle, scalar)) return false;
    if (handle instanceof CellHandle) {
      this.#edit(handle, (inner) => mapOnly(inner).entries.delete(keyOf(scalar)));
      return true;
    }
    this.put(this.child(handle, scalar), null);
    this.#touch(handle);
    handle.keys.delete(keyOf(scalar));
    return true;
  }

  insert(handle: StateContainer | CellHandle, index: RefValue | undefined, given: RefValue): void {
    this.requireWritable();
    const value = this.copy(given);
    if (handle instanceof CellHandle) {
      this.#edit(handle, (inner) => insertInMemory(inner, index, value));
      return;
    }
    const { shape, length } = handle;
    if (shape.kind !== 'list') throw panic(0x01);
    const position = Number(index === undefined ? length : placeWithin(index, length + 1));
    if (length === 0) this.#requireParent(handle);
    for (let to = length; to > position; to -= 1) this.#move(handle, to - 1, to);
    this.put(this.child(handle, BigInt(position)), value);
    this.#touch(handle);
    handle.length = length + 1;
  }

  take(handle: StateContainer | CellHandle, index: RefValue | undefined): RefValue {
    this.requireWritable();
    if (handle instanceof CellHandle) {
      const { items } = listOnly(followed(handle));
      if (index === undefined && items.length === 0) return null;
      let taken: RefValue = null;
      this.#edit(handle, (inner) => {
        taken = takeInMemory(inner, index);
      });
      return taken;
    }
    const { shape, length } = handle;
    if (shape.kind !== 'list') throw panic(0x01);
    if (index === undefined && length === 0) return null;
    const position = Number(index === undefined ? length - 1 : placeWithin(index, length));
    const taken = this.copy(this.read(this.child(handle, BigInt(position))));
    for (let to = position; to < length - 1; to += 1) this.#move(handle, to + 1, to);
    this.put(this.child(handle, BigInt(length - 1)), null);
    this.#touch(handle);
    handle.length = length - 1;
    return taken;
  }

  clear(handle: StateContainer | CellHandle): void {
    this.requireWritable();
    if (handle instanceof CellHandle) this.#edit(handle, clearMemory);
    else this.put(handle, null);
  }

  length(handle: StateContainer | CellHandle): number {
    if (handle instanceof CellHandle) return sizeOf(followed(handle));
    if (handle.shape.kind === 'map') throw panic(0x01);
    return handle.shape.kind === 'list' ? handle.length : handle.keys.size;
  }

  /** Makes a place hold a value in memory; what was there is cleared first. */
  put(place: Place, value: RefValue): void {
    if (place.kind === 'cell') {
      const { value: old } = place;
      const stored = cellValue(place.type, value);
      this.#undo.push(() => {
        place.value = old;
      });
      place.value = cloned(stored);
      return;
    }
    const { shape } = place;
    if (shape.kind === 'map') throw panic(0x01);
    const items = value === null ? [] : itemsFor(shape.kind, value);
    const isEmpty = shape.kind === 'list' ? place.length === 0 : !place.isUsed;
    if (isEmpty && items.length === 0) return;
    this.#touch(place);
    if (!isEmpty) place.places = new Map();
    place.keys = new Map();
    place.length = 0;
    place.isUsed = items.length > 0;
    for (const [key, item] of items) {
      this.put(this.child(place, key), item);
      if (shape.kind === 'list') place.length += 1;
      else place.keys.set(keyOf(key), key);
    }
  }

  /** Keeps what the container is, to come back to it. */
  #touch(container: StateContainer): void {
    const { places, keys, length, isUsed } = container;
    const [oldPlaces, oldKeys] = [new Map(places), new Map(keys)];
    this.#undo.push(() => {
      Object.assign(container, { places: oldPlaces, keys: oldKeys, length, isUsed });
    });
  }

  #move(list: StateContainer, from: number, to: number): void {
    const value = this.copy(this.read(this.child(list, BigInt(from))));
    this.put(this.child(list, BigInt(to)), value);
  }

  /** A map has a key that is written to, and so do the containers around it. */
  #ensure(map: StateContainer, key: Scalar): void {
    if (map.shape.kind === 'map') {
      this.#requireParent(map);
      return;
    }
    if (map.keys.has(keyOf(key))) return;
    if (!map.isUsed) this.#requireParent(map);
    this.#touch(map);
    map.keys.set(keyOf(key), key);
    map.isUsed = true;
  }

  #requireParent(place: StateContainer): void {
    const { parent } = place;
    if (parent === undefined) return;
    const { container, key } = parent;
    // What was left behind when the container was cleared belongs to nothing.
    if (container.places.get(keyOf(key)) !== place) return;
    if (container.shape.kind === 'list') placeWithin(key, container.length);
    else this.#ensure(container, key);
  }

  /** Changes a copy of a cell's value and writes it. */
  #edit(handle: CellHandle, change: (inner: Memory) => void): void {
    const root = cloned(handle.cell.value);
    change(follow(root, handle.path));
    this.put(handle.cell, root);
  }
}

function isContainerValue(value: RefValue): value is Container {
  return isMemory(value) || value instanceof CellHandle || value instanceof StateContainer;
}

export function fresh(shape: StateShape, parent?: StateContainer['parent']): Place {
  if (shape.kind !== 'cell') return new StateContainer(shape, parent);
  return { kind: 'cell', type: shape.type, value: zeroOf(shape.type) };
}

function zeroOf(type: CellType): Scalar {
  if (type === 'untyped') return null;
  if (type === 'integer' || type === 'signed') return 0n;
  if (type === 'bool') return false;
  if (type === 'address') return new Address(new Uint8Array(20));
  return new Uint8Array(Number(type.slice(5)));
}

/** What a cell of the type makes of a value. */
function cellValue(type: CellType, value: RefValue): RefValue {
  if (type === 'untyped') {
    requireStorable(value, 0);
    return value;
  }
  if (value === null) return zeroOf(type);
  if (type === 'integer' || type === 'signed') {
    const number = requireInteger(value);
    const [min, end] = type === 'integer' ? [0n, 2n ** 256n] : [-(2n ** 255n), 2n ** 255n];
    if (number < min || number >= end) throw panic(0x11);
    return number;
  }
  const isKind =
    (type === 'bool' && typeof value === 'boolean') ||
    (type === 'address' && value instanceof Address) ||
    (type.startsWith('bytes') &&
      value instanceof Uint8Array &&
      value.length === Number(type.slice(5)));
  if (!isKind) throw panic(0x01);
  return value;
}

function requireStorable(value: RefValue, level: number): void {
  if (value instanceof RefFunction) throw panic(0x01);
  if (!isMemory(value)) return;
  if (level >= MAX_LEVELS) throw panic(0x41);
  const items =
    value instanceof RefList ? value.items : [...value.entries.values()].map((e) => e.value);
  for (const item of items) requireStorable(item, level + 1);
}

function itemsFor(
  kind: 'enumerable' | 'list',
  value: RefValue,
): readonly (readonly [Scalar, RefValue])[] {
  if (kind === 'list') {
    if (!(value instanceof RefList)) throw panic(0x01);
    return value.items.map((item, index) => [BigInt(index), item]);
  }
  if (!(value instanceof RefMap)) throw panic(0x01);
  return [...value.entries.values()].map(({ key, value: item }) => [key, item]);
}

export function positions({ length }: StateContainer): bigint[] {
  return Array.from({ length }, (_, index) => BigInt(index));
}

/** A position below `length`. */
export function placeWithin(key: RefValue, length: number): bigint {
  const position = requireInteger(key);
  if (position < 0n || position >= BigInt(length)) throw panic(0x32);
  return position;
}

export function cloned(value: RefValue): RefValue {
  if (value instanceof RefList) return new RefList(value.items.map(cloned));
  if (!(value instanceof RefMap)) return value;
  return RefMap.of([...value.entries.values()].map(({ key, value: item }) => [key, cloned(item)]));
}

/** The container of a handle. */
export function followed({ cell, path }: CellHandle): Memory {
  return follow(cell.value, path);
}

function follow(root: RefValue, path: readonly Scalar[]): Memory {
  let at: RefValue = root;
  for (const key of path) {
    if (at instanceof RefList && typeof key === 'bigint') at = at.items[Number(key)] ?? null;
    else if (at instanceof RefMap) at = at.entries.get(keyOf(key))?.value ?? null;
    else throw panic(0x01);
  }
  if (!isMemory(at)) throw panic(0x01);
  return at;
}

export function sizeOf(memory: Memory): number {
  return memory instanceof RefList ? memory.items.length : memory.entries.size;
}

export function mapOnly(memory: Memory): RefMap {
  if (memory instanceof RefMap) return memory;
  throw panic(0x01);
}

export function listOnly(memory: Memory): RefList {
  if (memory instanceof RefList) return memory;
  throw panic(0x01);
}

export function storeInMemory(target: Memory, key: RefValue, value: RefValue): void {
  if (target instanceof RefMap) target.set(requireKey(key), value);
  else target.items[Number(placeWithin(key, target.items.length))] = value;
}

export function insertInMemory(target: Memory, index: RefValue | undefined, value: RefValue): void {
  const { items } = listOnly(target);
  const at = index === undefined ? items.length : Number(placeWithin(index, items.length + 1));
  items.splice(at, 0, value);
}

export function takeInMemory(target: Memory, index: RefValue | undefined): RefValue {
  const { items } = listOnly(target);
  if (index === undefined) return items.pop() ?? null;
  return items.splice(Number(placeWithin(index, items.length)), 1)[0] ?? null;
}

export function clearMemory(target: Memory): void {
  if (target instanceof RefList) target.items.length = 0;
  else target.entries.clear();
}
