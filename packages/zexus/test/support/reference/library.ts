import { concatBytes, fromHex } from '@lucerna/base';
import { blake3, keccak256, sha256 } from '@lucerna/crypto';
import { functionSelector } from '../../../src/bytecode/selector.ts';
import type { CallContext } from '../../../src/vm/host.ts';
import { Address } from '../../../src/vm/value.ts';
import { decoded, encoded } from './convert.ts';
import {
  clearMemory,
  followed,
  insertInMemory,
  listOnly,
  mapOnly,
  positions,
  type RefState,
  sizeOf,
  storeInMemory,
  takeInMemory,
} from './state.ts';
import {
  CellHandle,
  type Container,
  checked,
  equal,
  failedWith,
  isContainer,
  isMemory,
  isScalar,
  keyOf,
  kindOfScalar,
  type Memory,
  order,
  panic,
  power,
  type Reader,
  RefFunction,
  RefList,
  RefMap,
  type RefValue,
  repeated,
  requireInteger,
  requireKey,
  requireText,
  type Scalar,
  StateContainer,
  sized,
  textOf,
  truth,
  utf8,
} from './values.ts';

// What builtins and methods do, as their documentation says it.

/** Around a running action. */
export type Surroundings = {
  readonly state: RefState;
  readonly context: CallContext;
  readonly balance: (address: Uint8Array) => bigint;
  readonly transfer: (to: Uint8Array, wei: bigint) => boolean;
  readonly hasCode: (address: Uint8Array) => boolean;
  /** What `state_write` writes to, and the ledger. */
  readonly named: StateContainer;
  readonly ledger: StateContainer;
};

export class Library implements Reader {
  readonly #around: Surroundings;
  readonly #state: RefState;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#state = around.state;
  }

  memory = (value: RefValue): RefValue =>
    value instanceof StateContainer || value instanceof CellHandle
      ? this.#state.copy(value)
      : value;

  length = (value: Container): number =>
    isMemory(value) ? sizeOf(value) : this.#state.length(value);

  text(value: RefValue): string {
    return textOf(value, this);
  }

  kind(value: RefValue): string {
    if (isScalar(value)) return kindOfScalar(value);
    if (value instanceof RefFunction) return 'function';
    if (value instanceof StateContainer) return value.shape.kind === 'list' ? 'list' : 'map';
    const inner = value instanceof CellHandle ? followed(value) : value;
    return inner instanceof RefList ? 'list' : 'map';
  }

  index(object: RefValue, key: RefValue): RefValue {
    if (object instanceof StateContainer || object instanceof CellHandle) {
      return this.#state.index(object, key);
    }
    if (object instanceof RefMap) return object.entries.get(keyOf(requireKey(key)))?.value ?? null;
    const items = this.#sequence(object);
    const position = requireInteger(key);
    return position < 0n ? null : (items[Number(position)] ?? null);
  }

  store(object: RefValue, key: RefValue, value: RefValue): void {
    if (object instanceof StateContainer || object instanceof CellHandle) {
      this.#state.store(object, key, value);
    } else if (isMemory(object)) storeInMemory(object, key, value);
    else throw panic(0x01);
  }

  slice(object: RefValue, start: RefValue, end: RefValue): RefValue {
    let items: readonly RefValue[];
    if (object instanceof StateContainer) {
      if (object.shape.kind !== 'list') throw panic(0x01);
      items = positions(object).map((at) => this.#state.index(object, at));
    } else if (object instanceof CellHandle) {
      const inner = followed(object);
      if (!(inner instanceof RefList)) {
        // Its positions are looked for as keys, which are none.
        throw panic(0x01);
      }
      items = inner.items.map((_, at) => this.#state.index(object, BigInt(at)));
    } else items = this.#sequence(object);
    const place = (value: RefValue, absent: number): number => {
      if (value === null) return absent;
      const number = requireInteger(value);
      if (number < 0n) return 0;
      return number > BigInt(items.length) ? items.length : Number(number);
    };
    const [from, to] = [place(start, 0), place(end, items.length)];
    return this.#like(object, items.slice(from, Math.max(from, to)));
  }

  /** Items of a list in memory, code points of a text, bytes as integers. */
  #sequence(value: RefValue): readonly RefValue[] {
    if (typeof value === 'string') return [...value];
    if (value instanceof Uint8Array) return [...value].map(BigInt);
    if (value instanceof RefList) return value.items;
    throw panic(0x01);
  }

  /** The items as a value of the same kind. */
  #like(value: RefValue, items: readonly RefValue[]): RefValue {
    if (typeof value === 'string') return items.join('');
    if (value instanceof Uint8Array) return Uint8Array.from(items.map(Number));
    return new RefList(items);
  }

  /** Items of a list, wherever it is. */
  items(value: RefValue): readonly RefValue[] {
    if (!isContainer(value)) throw panic(0x01);
    return listOnly(this.memory(value) as Memory).items;
  }

  /** What a loop visits: keys or positions, and what is there; alive while it runs. */
  *walk(value: RefValue): Generator<readonly [RefValue, RefValue]> {
    if (value instanceof CellHandle) {
      const inner = followed(value);
      const keys =
        inner instanceof RefList
          ? inner.items.map((_, at) => BigInt(at))
          : [...inner.entries.values()].map(({ key }) => key);
      const entries = keys.map((key) => [key, this.#state.index(value, key)] as const);
      yield* entries;
    } else if (value instanceof StateContainer) {
      if (value.shape.kind === 'map') throw panic(0x01);
      if (value.shape.kind === 'list') {
        for (let at = 0n; at < BigInt(value.length); at += 1n)
          yield [at, this.#state.index(value, at)];
        return;
      }
      for (const key of [...value.keys.values()]) yield [key, this.#state.index(value, key)];
    } else if (value instanceof RefMap) {
      for (const { key, value: item } of value.entries.values()) yield [key, item];
    } else {
      const items = this.#sequence(value);
      for (let at = 0; at < items.length; at += 1) yield [BigInt(at), items[at] as RefValue];
    }
  }

  /** Whether one variable of a loop is given keys. */
  isWalkedByKey(value: RefValue): boolean {
    return isContainer(value) && this.kind(value) === 'map';
  }

  #pairs(map: RefValue): readonly (readonly [Scalar, RefValue])[] {
    if (!isContainer(map) || this.kind(map) !== 'map') throw panic(0x01);
    return [...this.walk(map)].map(([key, value]) => [key as Scalar, value]);
  }

  has(map: RefValue, key: RefValue): boolean {
    if (map instanceof StateContainer || map instanceof CellHandle)
      return this.#state.has(map, key);
    if (!(map instanceof RefMap)) throw panic(0x01);
    return map.entries.has(keyOf(requireKey(key)));
  }

  #insert(list: RefValue, index: RefValue | undefined, value: RefValue): RefValue {
    if (list instanceof StateContainer || list instanceof CellHandle) {
      this.#state.insert(list, index === undefined ? undefined : requireInteger(index), value);
    } else if (list instanceof RefList) insertInMemory(list, index, value);
    else throw panic(0x01);
    return list;
  }

  #take(list: RefValue, index: RefValue | undefined): RefValue {
    if (list instanceof StateContainer || list instanceof CellHandle) {
      return this.#state.take(list, index === undefined ? undefined : requireInteger(index));
    }
    if (!(list instanceof RefList)) throw panic(0x01);
    return takeInMemory(list, index);
  }

  /** The builtin of a name with all its arguments; what is left out is null. */
  builtin(name: string, [a = null, b = null, c = null, d = null]: readonly RefValue[]): RefValue {
    const { context } = this.#around;
    switch (name) {
      case 'string':
        return this.text(a);
      case 'len':
        return BigInt(this.#length(a));
      case 'is_empty':
        return this.#length(a) === 0;
      case 'upper':
        return requireText(a).replace(/[a-z]/g, (letter) => letter.toUpperCase());
      case 'lower':
        return requireText(a).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
      case 'trim':
        return requireText(a).replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
      case 'split': {
        const separator = b === null ? ' ' : requireText(b);
        const text = requireText(a);
        return new RefList(separator === '' ? [...text] : text.split(separator));
      }
      case 'join': {
        const between = b === null ? ',' : b;
        const texts = this.items(a);
        requireText(between);
        return sized(texts.map((item) => this.text(item)).join(between as string));
      }
      case 'replace': {
        const [text, from, to] = [requireText(a), requireText(b), requireText(c)];
        return from === '' ? text : sized(text.split(from).join(to));
      }
      case 'starts_with':
        return requireText(a).startsWith(requireText(b));
      case 'ends_with':
        return requireText(a).endsWith(requireText(b));
      case 'contains':
        if (isContainer(a) && this.kind(a) === 'map') return this.has(this.#mapLike(a), b);
        return this.#indexOf(a, b) >= 0;
      case 'index_of':
        return BigInt(this.#indexOf(a, b));
      case 'substring':
        return this.slice(requireText(a), requireInteger(b), c);
      case 'char_at':
        return this.index(requireText(a), b);
      case 'chars':
        return new RefList([...requireText(a)]);
      case 'repeat':
        return repeated(requireText(a), requireInteger(b));
      case 'concat':
        return this.#concat(a, b);
      case 'reverse':
        if (isContainer(a)) return new RefList([...this.items(a)].reverse());
        return this.#like(a, [...this.#sequence(a)].reverse());
      case 'slice':
        return this.slice(a, b, c);
      case 'int':
        return this.#integer(a);
      case 'bool':
        return truth(a, this);
      case 'bytes':
        if (a instanceof Uint8Array) return a;
        return a instanceof Address ? a.bytes : utf8(requireText(a));
      case 'hex':
        if (typeof a === 'bigint' && a < 0n) throw panic(0x11);
        if (typeof a === 'bigint') return `0x${a.toString(16)}`;
        if (!(a instanceof Uint8Array || a instanceof Address)) throw panic(0x01);
        return this.text(a);
      case 'address':
        return this.#address(a);
      case 'type':
        return this.kind(a);
      case 'abs':
        return requireInteger(a) < 0n ? -requireInteger(a) : a;
      case 'min':
      case 'max':
        return this.#extreme(name, [a, b, c, d]);
      case 'pow':
        return power(requireInteger(a), requireInteger(b));
      case 'sqrt':
        return squareRoot(requireInteger(a));
      case 'sum':
        return this.items(a).reduce<bigint>(
          (total, item) => checked(total + requireInteger(item ?? 0n)),
          0n,
        );
      case 'range':
        return range(b === null ? 0n : a, b === null ? a : b, c);
      case 'keys':
        return new RefList(this.#pairs(a).map(([key]) => key));
      case 'values':
        return new RefList(this.#pairs(a).map(([, value]) => value));
      case 'entries':
        return new RefList(this.#pairs(a).map((pair) => new RefList(pair)));
      case 'has':
        return this.has(a, b);
      case 'get':
        return this.#get(a, b, c);
      case 'set':
        if (!isContainer(a)) throw panic(0x01);
        this.store(a, b, c);
        return a;
      case 'remove':
        if (a instanceof RefMap) return a.entries.delete(keyOf(requireKey(b)));
        if (!(a instanceof StateContainer || a instanceof CellHandle)) throw panic(0x01);
        return this.#state.remove(a, b);
      case 'clear':
        if (isMemory(a)) clearMemory(a);
        else if (isContainer(a)) this.#state.clear(a);
        else throw panic(0x01);
        return a;
      case 'copy':
        return isContainer(a) ? this.#state.copy(a) : a;
      case 'first':
      case 'last': {
        if (!isContainer(a) || this.kind(a) !== 'list') {
          // The last item is looked for behind the length, which not everything has.
          throw panic(0x01);
        }
        return this.index(a, name === 'first' ? 0n : BigInt(this.length(a)) - 1n);
      }
      case 'push':
        return this.#insert(a, undefined, b);
      case 'pop':
        return this.#take(a, undefined);
      case 'insert':
        return this.#insert(a, b, c);
      case 'remove_at':
        return this.#take(a, b);
      case 'sort': {
        const items = [...this.items(a)];
        const isNumbers = items.every((item) => typeof item === 'bigint');
        if (!isNumbers && items.some((item) => typeof item !== 'string')) throw panic(0x01);
        return new RefList(items.sort(order));
      }
      case 'unique':
        return this.setOf(this.items(a));
      case 'flatten':
        return new RefList(
          this.items(a).flatMap((item) =>
            isContainer(item) && this.kind(item) === 'list' ? this.items(item) : [item],
          ),
        );
      case 'keccak256':
        return keccak256(this.#content(a));
      case 'sha256':
        return sha256(this.#content(a));
      case 'blake3':
        return blake3(this.#content(a));
      case 'hash':
        return sha256(this.#textContent(a));
      case 'merkle_root':
        return this.merkleRoot(this.items(a));
      case 'balance_of':
        if (!(a instanceof Address)) throw panic(0x01);
        return this.#around.balance(a.bytes);
      case 'transfer':
        if (!(a instanceof Address)) throw panic(0x01);
        if (requireInteger(b) < 0n || requireInteger(b) >= 2n ** 256n) throw panic(0x11);
        if (this.#around.transfer(a.bytes, requireInteger(b))) return true;
        throw failedWith('transfer: insufficient balance');
      case 'is_contract':
        if (!(a instanceof Address)) throw panic(0x01);
        return this.#around.hasCode(a.bytes);
      case 'state_read':
        return this.#state.index(this.#around.named, a);
      case 'state_write':
        this.#state.store(this.#around.named, a, b);
        return null;
      case 'ledger_get':
        return this.#state.index(this.#around.ledger, a);
      case 'ledger_length':
        return BigInt(this.#around.ledger.length);
      case 'time':
      case 'now':
        return BigInt(context.timestamp);
      case 'block_number':
        return BigInt(context.height);
      case 'block_hash':
        return context.parentHash;
      case 'coinbase':
        return new Address(context.coinbase);
      case 'gas_limit':
        return context.blockGasLimit;
      case 'gas_price':
        return context.gasPrice;
      case 'chain_id':
        return context.chainId;
      case 'caller':
        return new Address(context.caller);
      case 'origin':
        return new Address(context.origin);
      case 'self_address':
        return new Address(context.address);
      case 'encode':
        return encoded(this.memory(this.#state.copy(a)));
      case 'decode': {
        if (!(a instanceof Uint8Array)) throw panic(0x01);
        const value = decoded(a);
        if (value === undefined) throw failedWith('decode: not an encoded value');
        return value;
      }
      case 'selector': {
        const [, called = '', types = ''] = /^(\w+)\((.*)\)$/.exec(requireText(a)) ?? [];
        return functionSelector(
          called,
          types === '' ? [] : types.split(',').map((type) => ({ type })),
        );
      }
      default:
        throw new Error(`the reference has no builtin ${name}`);
    }
  }

  setOf(items: readonly RefValue[]): RefList {
    const kept: RefValue[] = [];
    for (const item of items) {
      if (!kept.some((other) => equal(other, item, this))) kept.push(item);
    }
    return new RefList(kept);
  }

  merkleRoot(items: readonly RefValue[]): Uint8Array {
    let level = items.map((item) => sha256(concatBytes(Uint8Array.of(0), this.#textContent(item))));
    if (level.length === 0) return sha256(new Uint8Array(0));
    while (level.length > 1) {
      const next: Uint8Array[] = [];
      for (let at = 0; at < level.length; at += 2) {
        const [left, right] = [level[at] as Uint8Array, level[at + 1] ?? new Uint8Array(32)];
        next.push(sha256(concatBytes(Uint8Array.of(1), left, right)));
      }
      level = next;
    }
    return level[0] as Uint8Array;
  }

  /** A container in a cell as what it is, so that a list is no map. */
  #mapLike(value: Container): Container {
    return value instanceof CellHandle ? mapOnly(followed(value)) : value;
  }

  #length(value: RefValue): number {
    return isContainer(value) ? this.length(value) : this.#sequence(value).length;
  }

  #indexOf(value: RefValue, part: RefValue): number {
    if (typeof value === 'string') {
      const at = value.indexOf(requireText(part));
      return at < 0 ? -1 : [...value.slice(0, at)].length;
    }
    return this.items(value).findIndex((item) => equal(item, part, this));
  }

  #concat(a: RefValue, b: RefValue): RefValue {
    if (typeof a === 'string' && typeof b === 'string') return sized(a + b);
    if (a instanceof Uint8Array && b instanceof Uint8Array) return concatBytes(a, b);
    return new RefList([...this.items(a), ...this.items(b)]);
  }

  #get(container: RefValue, key: RefValue, fallback: RefValue): RefValue {
    if (!isContainer(container)) throw panic(0x01);
    if (fallback !== null && container instanceof StateContainer) {
      const { shape } = container;
      const isTyped =
        shape.kind === 'enumerable' &&
        !(shape.value.kind === 'cell' && shape.value.type === 'untyped');
      if (isTyped && !this.has(container, key)) return fallback;
    }
    return this.index(container, key) ?? fallback;
  }

  #integer(value: RefValue): bigint {
    if (typeof value === 'bigint') return value;
    if (value === null) return 0n;
    if (typeof value === 'boolean') return value ? 1n : 0n;
    if (value instanceof Uint8Array) {
      if (value.length > 32) throw panic(0x11);
      return value.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    }
    const text = requireText(value);
    if (!/^(-?[0-9]+|0x[0-9a-fA-F]+)$/.test(text)) throw failedWith('int: not a number');
    return checked(text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text));
  }

  #address(value: RefValue): Address {
    if (value instanceof Address) return value;
    if (typeof value === 'bigint') {
      if (value < 0n || value >= 2n ** 160n) throw panic(0x11);
      return new Address(fromHex(`0x${value.toString(16).padStart(40, '0')}`));
    }
    if (value instanceof Uint8Array) {
      if (value.length !== 20) throw failedWith('address: not an address');
      return new Address(value);
    }
    const text = requireText(value);
    if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw failedWith('address: not an address');
    return new Address(fromHex(text));
  }

  #extreme(name: 'max' | 'min', values: readonly RefValue[]): RefValue {
    const [first = null, ...others] = values;
    const given = others.filter((value) => value !== null);
    if (typeof first !== 'bigint' && given.length > 0) throw panic(0x01);
    const numbers = typeof first === 'bigint' ? [first, ...given] : this.items(first);
    const sorted = numbers.map(requireInteger).sort(order);
    return (name === 'min' ? sorted[0] : sorted.at(-1)) ?? null;
  }

  #content(value: RefValue): Uint8Array {
    return value instanceof Uint8Array ? value : utf8(requireText(value));
  }

  #textContent(value: RefValue): Uint8Array {
    return value instanceof Uint8Array ? value : utf8(this.text(value));
  }
}

function squareRoot(value: bigint): bigint {
  if (value < 0n) throw panic(0x11);
  let [low, high] = [0n, value + 1n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle <= value) low = middle;
    else high = middle;
  }
  return low;
}

function range(start: RefValue, end: RefValue, step: RefValue): RefList {
  const [from, to, by] = [requireInteger(start), requireInteger(end), requireInteger(step ?? 1n)];
  if (by === 0n) throw panic(0x12);
  const items: bigint[] = [];
  for (let at = from; by > 0n ? at < to : at > to; at += by) items.push(at);
  return new RefList(items);
}
