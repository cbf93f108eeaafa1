import { zexusLimits } from '../limits.ts';
import { PANIC, panic } from './halt.ts';
import type { Machine } from './machine.ts';
import { materialise } from './state-containers.ts';
import { requireLength, utf8Bytes } from './text.ts';
import {
  Address,
  CellHandle,
  canonicalText,
  Dictionary,
  isScalar,
  List,
  type Scalar,
  StateHandle,
  type Value,
} from './value.ts';

const HEX_PREFIX_CHARS = 2;

/**
 * The canonical text of any value, charged by its bytes before it is put together: `[1, a, null]` of a
 * list, `{k: v}` of a map, each item of which is charged as visited.
 *
 * @throws `Revert` Panic 0x41 when it is too long or nested too deep, 0x01 for functions
 */
export function meteredText(machine: Machine, value: Value): string {
  const text = new MeteredText(machine);
  text.add(value, 0);
  return text.finish();
}

/** Canonical texts of both, one after the other. @throws as {@link meteredText} */
export function concatenate(machine: Machine, left: Value, right: Value): string {
  const text = new MeteredText(machine);
  text.add(left, 0);
  text.add(right, 0);
  return text.finish();
}

/**
 * A text in parts, each of which is charged before it is looked at, and again before it is made. No more of
 * them are made than a string may have bytes.
 */
class MeteredText {
  #text = '';
  /** In UTF-8: so many are charged. */
  #bytes = 0;
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** The text, whose bytes are then counted as made. */
  finish(): string {
    this.#machine.meter.chargeBytes(this.#bytes, this.#bytes);
    return this.#text;
  }

  /** @param level containers around the value */
  add(value: Value, level: number): void {
    if (isScalar(value)) {
      this.#addScalar(value);
      return;
    }
    if (level >= zexusLimits.values.nestingLevels) throw panic(PANIC.allocation);
    if (value instanceof List) this.#addList(value, level + 1);
    else if (value instanceof Dictionary) this.#addMap(value, level + 1);
    else if (value instanceof StateHandle || value instanceof CellHandle) {
      this.add(materialise(this.#machine, value), level);
    } else throw panic(PANIC.kind);
  }

  #addScalar(value: Scalar): void {
    if (typeof value === 'string') {
      const before = this.#bytes;
      // It has at least as many bytes as code units.
      this.#pay(before + value.length);
      this.#pay(before + utf8Bytes(value));
      this.#text += value;
    } else if (value instanceof Uint8Array || value instanceof Address) {
      const { length } = value instanceof Address ? value.bytes : value;
      this.#pay(this.#bytes + HEX_PREFIX_CHARS + 2 * length);
      this.#text += canonicalText(value);
    } else {
      this.#mark(canonicalText(value));
    }
  }

  #addList({ items }: List, level: number): void {
    this.#machine.meter.chargeVisits(items.length);
    this.#mark('[');
    items.forEach((item, index) => {
      if (index > 0) this.#mark(', ');
      this.add(item, level);
    });
    this.#mark(']');
  }

  #addMap({ entries }: Dictionary, level: number): void {
    this.#machine.meter.chargeVisits(entries.size);
    this.#mark('{');
    let separator = '';
    for (const { key, value } of entries.values()) {
      this.#mark(separator);
      this.add(key, level);
      this.#mark(': ');
      this.add(value, level);
      separator = ', ';
    }
    this.#mark('}');
  }

  /** Adds a short text of ASCII. */
  #mark(text: string): void {
    this.#pay(this.#bytes + text.length);
    this.#text += text;
  }

  /** Charges what brings the text to so many bytes. */
  #pay(bytes: number): void {
    requireLength(bytes);
    this.#machine.meter.chargeReading(bytes, this.#bytes);
    this.#bytes = bytes;
  }
}
