import { type LucernaError, toHex } from '@lucerna/base';
import { zexusErrors } from '../errors.ts';
import { zexusLimits } from '../limits.ts';
import { decodeUtf8 } from '../utf8.ts';

/** A code of the container's rules. */
export type ZxcCode = Extract<Parameters<typeof zexusErrors.create>[0], `ZXC_${string}`>;

/** The name of a bound on the container's content. */
export type ZxcLimit = Extract<keyof typeof zexusLimits.values, `container${string}`>;

/** The error of a rule that the byte at `offset` breaks. */
export function malformed(code: ZxcCode, offset: number, detail?: string): LucernaError {
  const place = `at byte ${offset}`;
  const text = detail === undefined ? place : `${place}: ${detail}`;
  return zexusErrors.create(code, text, { offset });
}

/** Reads a container front to back; positions are offsets in the whole container. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position: number;
  /** Where the current section ends. */
  #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  get position(): number {
    return this.#position;
  }

  byte(): number {
    this.#require(1);
    const value = this.#bytes[this.#position] as number;
    this.#position += 1;
    return value;
  }

  /** A byte that is at most `max`. @throws `ZXC_FLAG` */
  flag(max: number): number {
    const offset = this.#position;
    const value = this.byte();
    if (value > max) throw malformed('ZXC_FLAG', offset, `${value} is more than ${max}`);
    return value;
  }

  /** A number of at most 32 bits in its shortest form (LEB128). @throws `ZXC_NUMBER` */
  number(): number {
    const offset = this.#position;
    let value = 0;
    for (let index = 0; index < 5; index += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte >= 0x80) continue;
      const isShortest = byte !== 0 || index === 0;
      if (!isShortest || value >= 2 ** 32) break;
      return value;
    }
    throw malformed('ZXC_NUMBER', offset);
  }

  /**
   * How many entries or bytes follow; each entry has a byte at least, so that nothing is allocated
   * for entries that are not there.
   *
   * @throws `ZXC_LIMIT`, `ZXC_TRUNCATED`
   */
  count(limit: ZxcLimit): number {
    const offset = this.#position;
    const count = this.number();
    const max = zexusLimits.values[limit];
    if (count > max) throw malformed('ZXC_LIMIT', offset, `${limit}: ${count} of ${max}`);
    if (count > this.#end - this.#position) throw malformed('ZXC_TRUNCATED', offset);
    return count;
  }

  /** A copy: a decoded container does not hold on to what it was read from. */
  raw(length: number): Uint8Array {
    this.#require(length);
    const bytes = this.#bytes.slice(this.#position, this.#position + length);
    this.#position += length;
    return bytes;
  }

  /** Text behind its number of bytes. @throws `ZXC_TEXT` */
  text(limit: ZxcLimit): string {
    const length = this.count(limit);
    const offset = this.#position;
    const text = decodeUtf8(this.raw(length));
    if (text === undefined) throw malformed('ZXC_TEXT', offset);
    return text;
  }

  /** An identifier behind its number of bytes. @throws `ZXC_NAME` */
  name(): string {
    const offset = this.#position;
    const name = this.text('containerNameBytes');
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
    throw malformed('ZXC_NAME', offset, JSON.stringify(name));
  }

  /**
   * Reads what `read` reads from the section that begins here: its number, the length of its content,
   * its content.
   *
   * @throws `ZXC_SECTION`, `ZXC_SECTION_LENGTH`
   */
  section<T>(id: number, read: () => T): T {
    const offset = this.#position;
    const found = this.byte();
    if (found !== id) throw malformed('ZXC_SECTION', offset, `${found} where ${id} belongs`);
    const length = this.count('containerBytes');
    const outerEnd = this.#end;
    this.#end = this.#position + length;
    const content = read();
    if (this.#position !== this.#end) throw malformed('ZXC_SECTION_LENGTH', this.#position);
    this.#end = outerEnd;
    return content;
  }

  /** Refuses a name or bytes that `seen` has already, and adds them. @throws `ZXC_DUPLICATE` */
  unique(seen: Set<string>, value: string | Uint8Array, offset: number): void {
    const key = typeof value === 'string' ? value : toHex(value);
    if (seen.has(key)) throw malformed('ZXC_DUPLICATE', offset, key);
    seen.add(key);
  }

  #require(count: number): void {
    if (count > this.#end - this.#position) throw malformed('ZXC_TRUNCATED', this.#position);
  }
}
