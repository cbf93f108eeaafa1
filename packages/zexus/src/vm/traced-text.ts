import { toHex } from '@lucerna/base';
import { zexusLimits } from '../limits.ts';
import {
  CellHandle,
  Closure,
  canonicalText,
  Dictionary,
  isScalar,
  List,
  StateHandle,
  type Value,
} from './value.ts';

/**
 * The canonical text of a value, cut where it is long: a step must not cost as much as a run. What has
 * none is named in angle brackets: what is in the state is not read, which would be seen in its access.
 */
export function tracedText(value: Value): string {
  const { tracedValueChars } = zexusLimits.values;
  const text = new ShortText(tracedValueChars).of(value);
  if (text.length <= tracedValueChars) return text;
  // Put together anew: what is only cut off keeps all of the text in memory.
  return Array.from(text.slice(0, tracedValueChars)).concat('…').join('');
}

/** Makes texts as far as they are shown, and little more. */
class ShortText {
  readonly #limit: number;
  readonly #parts: string[] = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  of(value: Value): string {
    this.#add(value);
    return this.#parts.join('');
  }

  /** Ends what is nested too deep as well: each level adds a bracket. */
  #add(value: Value): void {
    if (this.#length > this.#limit) return;
    if (isScalar(value)) {
      // Two digits a byte: no more bytes than characters are ever looked at.
      const part = value instanceof Uint8Array ? value.subarray(0, this.#limit) : value;
      this.#text(canonicalText(part));
    } else if (value instanceof List) this.#list(value);
    else if (value instanceof Dictionary) this.#map(value);
    else this.#text(nameOf(value));
  }

  #list({ items }: List): void {
    this.#text('[');
    for (let index = 0; index < items.length && this.#length <= this.#limit; index += 1) {
      if (index > 0) this.#text(', ');
      this.#add(items[index] as Value);
    }
    this.#text(']');
  }

  #map({ entries }: Dictionary): void {
    let separator = '';
    this.#text('{');
    for (const { key, value } of entries.values()) {
      if (this.#length > this.#limit) break;
      this.#text(separator);
      this.#add(key);
      this.#text(': ');
      this.#add(value);
      separator = ', ';
    }
    this.#text('}');
  }

  #text(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
  }
}

/** What is no value of its own, by its place. */
function nameOf(value: Exclude<Value, string | number>): string {
  if (value instanceof StateHandle) return `<${value.shape.kind} ${toHex(value.slot)}>`;
  if (value instanceof CellHandle) return `<cell ${toHex(value.slot)}>`;
  return value instanceof Closure ? '<function>' : '<iterator>';
}
